# The same seeds in one process and in two, so in another order, must be the same nights to the last event.
foreach(jobs 1 2)
    execute_process(COMMAND ${BINARY} --seed 1 --count ${COUNT} --jobs ${jobs} --digest
                    OUTPUT_VARIABLE text RESULT_VARIABLE status)
    if(status)
        message(FATAL_ERROR "remesa-sim ended ${status}:\n${text}")
    endif()
    string(REGEX MATCH "digest [0-9a-f]+" digest_${jobs} "${text}")
endforeach()
if(NOT digest_1 OR NOT digest_1 STREQUAL digest_2)
    message(FATAL_ERROR "in one process '${digest_1}', in two '${digest_2}'")
endif()
