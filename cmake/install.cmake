# Headers, library, CMake package and pkg-config file.

include(CMakePackageConfigHelpers)
install(DIRECTORY include/clarion DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(TARGETS clarion EXPORT clarion-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT clarion-targets NAMESPACE clarion:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clarion)
configure_package_config_file(cmake/clarion-config.cmake.in clarion-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clarion)
write_basic_package_version_file(clarion-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clarion-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/clarion-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clarion)

if(BUILD_SHARED_LIBS)
  set(clarion_pc_cflags "")
  set(clarion_pc_libs "")
else()
  list(TRANSFORM clarion_alignment PREPEND -D OUTPUT_VARIABLE clarion_pc_cflags)
  list(PREPEND clarion_pc_cflags -DCLARION_STATIC)
  list(JOIN clarion_pc_cflags " " clarion_pc_cflags)
  set(clarion_pc_libs "-lhwy -lcrypto")
endif()
# Relative, so that an installed tree may be moved.
file(RELATIVE_PATH clarion_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
configure_file(cmake/clarion.pc.in clarion.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clarion.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
