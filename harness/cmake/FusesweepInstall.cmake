# What `cmake --install` puts where: the command, its man page, and the library (every room but the command's own) with
# its headers and a CMake package: find_package(fusesweep), target fusesweep::fusesweep.
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY FUSESWEEP_ROOMS)
list(REMOVE_ITEM rooms fusesweep_cli)
add_library(fusesweep_rooms INTERFACE)
set_target_properties(fusesweep_rooms PROPERTIES EXPORT_NAME fusesweep)
target_link_libraries(fusesweep_rooms INTERFACE ${rooms})

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/fusesweep")
install(TARGETS fusesweep RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(
  TARGETS ${rooms} fusesweep_rooms
  EXPORT fusesweep-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/fusesweep")
install(FILES runners/toolchain/phi4-mini-ane.json runners/toolchain/phi4-mini-ane-limits.json
        DESTINATION "${CMAKE_INSTALL_DATADIR}/fusesweep/toolchains")
install(EXPORT fusesweep-targets NAMESPACE fusesweep:: DESTINATION "${package_dir}")
configure_package_config_file(harness/cmake/fusesweep-config.cmake.in fusesweep-config.cmake INSTALL_DESTINATION
                              "${package_dir}")
write_basic_package_version_file(fusesweep-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/fusesweep-config.cmake" "${PROJECT_BINARY_DIR}/fusesweep-config-version.cmake"
        DESTINATION "${package_dir}")

find_program(HELP2MAN help2man)
if(HELP2MAN AND NOT CMAKE_CROSSCOMPILING)
  add_custom_command(
    OUTPUT fusesweep.1
    COMMAND ${HELP2MAN} --no-info --help-option=--help-all --manual=fusesweep --name=${PROJECT_DESCRIPTION}
            --output=fusesweep.1 ./fusesweep
    DEPENDS fusesweep
    # A relative name, because help2man hands it to a shell and the path of a checkout may hold spaces.
    WORKING_DIRECTORY "${PROJECT_BINARY_DIR}"
    VERBATIM)
  add_custom_target(man ALL DEPENDS fusesweep.1)
  install(FILES "${PROJECT_BINARY_DIR}/fusesweep.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
else()
  message(STATUS "no help2man, or cross-compiling: the man page is left out")
endif()
