# remesa_embed(TARGET out.c SYMBOL files...): the files' bytes as a C table, so that the program needs
# no file beside it. The table is described in src/base/embed.h.
function(remesa_embed target out symbol)
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/${out})
    add_custom_command(
        OUTPUT ${generated}
        COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DSYMBOL=${symbol} "-DFILES=${ARGN}"
                -P ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
        DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake
        VERBATIM)
    target_sources(${target} PRIVATE ${generated})
endfunction()
