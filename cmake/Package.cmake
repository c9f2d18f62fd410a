# A Debian package: cmake -DREMESA_PACKAGE=ON -DREMESA_TESTS=OFF, build, cpack -G DEB. What it has beside the
# programs: pages, completion, documents, configuration, the service and its timer (not enabled).
set(debian ${PROJECT_SOURCE_DIR}/packaging/debian)
find_program(GZIP gzip REQUIRED)

# remesa_gzip(FILE NAME FOLDER): compressed as the policy wants it, the same bytes at each build.
set(packed "")
function(remesa_gzip file name folder)
    set(out ${PROJECT_BINARY_DIR}/packed/${name}.gz)
    add_custom_command(OUTPUT ${out} DEPENDS ${file} VERBATIM
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/packed
        COMMAND sh -c "\"$1\" -9nc \"$2\" >\"$3\"" sh ${GZIP} ${file} ${out})
    set(packed ${packed} ${out} PARENT_SCOPE)
    install(FILES ${out} DESTINATION ${folder})
endfunction()
foreach(section 1 5)
    file(GLOB pages ${PROJECT_SOURCE_DIR}/man/*.${section})
    foreach(page IN LISTS pages)
        get_filename_component(name ${page} NAME)
        remesa_gzip(${page} ${name} share/man/man${section})
    endforeach()
endforeach()
remesa_gzip(${debian}/changelog changelog share/doc/remesa)
add_custom_target(packed ALL DEPENDS ${packed})

install(FILES ${debian}/copyright DESTINATION share/doc/remesa)
install(FILES packaging/remesa.conf DESTINATION /etc/remesa)
install(FILES samples/systemd/remesa.service samples/systemd/remesa.timer DESTINATION /lib/systemd/system)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME remesa)
set(CPACK_PACKAGE_VENDOR remesa)
set(CPACK_PACKAGE_CONTACT "the authors of remesa <maintainers@remesa.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sqlite3")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "carries out batches of payments against a money API
remesa reads a CSV, or a table of a SQLite file, of users to create and of
payments to make, carries each out once at the pace that the API allows, and
keeps what became of each in a SQLite database, which is the report.

With it come a sandbox to rehearse against, and a service and timer for every
night, which are not enabled.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    "${debian}/postinst;${debian}/prerm;${debian}/postrm;${debian}/conffiles")
include(CPack)
