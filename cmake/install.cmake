# What `cmake --install` leaves behind: library, headers, a CMake package and a pkg-config file.
# SPDX-License-Identifier: GPL-3.0-or-later
set_target_properties(crossover PROPERTIES VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(BUILD_SHARED_LIBS)
    file(RELATIVE_PATH XO_BIN_TO_LIB ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(crossover_cli PROPERTIES INSTALL_RPATH "$ORIGIN/${XO_BIN_TO_LIB}")
endif()

install(TARGETS crossover EXPORT crossover-targets)
install(DIRECTORY include/xo DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY scenarios examples DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/crossover)
install(EXPORT crossover-targets NAMESPACE crossover:: DESTINATION ${package_dir})
configure_package_config_file(cmake/crossover-config.cmake.in crossover-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(crossover-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/crossover-config.cmake
              ${PROJECT_BINARY_DIR}/crossover-config-version.cmake DESTINATION ${package_dir})

# Where the headers are, seen from the .pc file: it may be moved with its tree.
file(RELATIVE_PATH XO_PC_TO_INCLUDE ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
     ${CMAKE_INSTALL_FULL_INCLUDEDIR})
if(BUILD_SHARED_LIBS)
    set(XO_PC_PRIVATE ".private")
endif()
foreach(unpacker ${XO_UNPACKERS})
    string(APPEND XO_PC_UNPACKERS " ${${unpacker}_MODULE_NAME}")
endforeach()
configure_file(cmake/crossover.pc.in crossover.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/crossover.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
