# remesa_floor(NAME SOURCES a.c ... [BELOW floors ...] [LIBRARIES targets ...])
# One static library per floor. BELOW names the floors it may use (their headers too), LIBRARIES what
# it alone may name of the outside world.
function(remesa_floor name)
    cmake_parse_arguments(F "" "" "SOURCES;BELOW;LIBRARIES" ${ARGN})
    add_library(remesa_${name} STATIC ${F_SOURCES})
    target_include_directories(remesa_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    foreach(floor IN LISTS F_BELOW)
        target_link_libraries(remesa_${name} PUBLIC remesa_${floor})
    endforeach()
    target_link_libraries(remesa_${name} PRIVATE ${F_LIBRARIES})
endfunction()

# remesa_test(NAME SOURCES a.c ... FLOORS floors ... [LIBRARIES ...]): one cmocka program, one ctest.
function(remesa_test name)
    cmake_parse_arguments(T "" "" "SOURCES;FLOORS;LIBRARIES" ${ARGN})
    add_executable(test_${name} ${T_SOURCES})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests
                                                    ${PROJECT_SOURCE_DIR}/src)
    foreach(floor IN LISTS T_FLOORS)
        target_link_libraries(test_${name} PRIVATE remesa_${floor})
    endforeach()
    target_link_libraries(test_${name} PRIVATE ${T_LIBRARIES} PkgConfig::CMOCKA)
    add_test(NAME ${name} COMMAND test_${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()
