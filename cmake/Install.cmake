# What `cmake --install` puts where: two programs, the library with its header and .pc file, samples.
install(TARGETS remesa_program remesa-sandbox RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(NOT REMESA_PACKAGE) # a package of programs has no library and no pages that are not compressed
    install(TARGETS remesa ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(FILES include/remesa/remesa.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/remesa)
    configure_file(cmake/remesa.pc.in ${PROJECT_BINARY_DIR}/remesa.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/remesa.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
    install(FILES man/remesa.1 man/remesa-sandbox.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES man/remesa.conf.5 man/remesa-db.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
endif()
# In folders as in the tree, so that their links hold.
install(FILES README.md ARCHITECTURE.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(folder actions recipes)
    install(FILES ${folder}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()
install(FILES docs/judging.md docs/bitex-api.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES samples/payees.csv samples/pay.csv samples/pay-coin.csv samples/onboard.csv samples/remit.csv
        samples/onboard-and-remit.csv samples/agree.sql DESTINATION ${CMAKE_INSTALL_DOCDIR}/samples)
install(FILES samples/systemd/remesa.service samples/systemd/remesa.timer
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/samples/systemd)
install(FILES samples/datasette/metadata.json DESTINATION ${CMAKE_INSTALL_DOCDIR}/samples/datasette)
install(FILES docs/status-json.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES samples/cron/remesa DESTINATION ${CMAKE_INSTALL_DOCDIR}/samples/cron)
install(FILES completion/remesa.bash RENAME remesa
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES completion/_remesa DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
