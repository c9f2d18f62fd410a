# Fails when the simulation needs libuv, curl, or a clock, a file or chance of the real machine: then a seed would
# not be all that decides. What SQLite's library needs for itself is its own matter: its VFS is ours.
foreach(command "nm -u ${BINARY}" "readelf -d ${BINARY}")
    separate_arguments(command)
    execute_process(COMMAND ${command} OUTPUT_VARIABLE text RESULT_VARIABLE status)
    if(status)
        message(FATAL_ERROR "'${command}' failed: ${status}")
    endif()
    string(REGEX MATCH "(uv_[a-z_]+|libuv|curl|[ \n](clock_gettime|gettimeofday|clock|rand|random|getrandom|open|openat|fopen|lstat|chmod|access|fcntl|ftruncate|pwrite|pread|getpid|gethostname|getpwuid|nanosleep|usleep|poll|epoll_wait|socket|connect)(@|\n))" found "${text}")
    if(found)
        string(STRIP "${found}" found)
        message(FATAL_ERROR "the simulation is not alone: '${command}' names ${found}")
    endif()
endforeach()
