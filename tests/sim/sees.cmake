# A world that breaks an assumption must be found guilty, in words that fit.
execute_process(COMMAND ${BINARY} --seed 1 --count 400 --lie ${LIE} OUTPUT_VARIABLE text RESULT_VARIABLE status)
if(NOT status EQUAL 1 OR NOT text MATCHES "${WORDS}")
    message(FATAL_ERROR "--lie ${LIE} ended ${status} and did not say '${WORDS}':\n${text}")
endif()
