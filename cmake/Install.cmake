# What `cmake --install` puts where: two programs, the library with its header and .pc file, samples.
install(TARGETS remesa_program remesa-sandbox RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS remesa ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/remesa/remesa.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/remesa)
configure_file(cmake/remesa.pc.in ${PROJECT_BINARY_DIR}/remesa.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/remesa.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES README.md actions/README.md samples/payees.csv samples/pay.csv samples/pay-coin.csv
        samples/onboard.csv samples/remit.csv samples/onboard-and-remit.csv samples/agree.sql
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
