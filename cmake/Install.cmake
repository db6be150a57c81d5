# What `cmake --install` puts where: the command; the library, shared with a version and, as mc::mc_static, one archive; the
# module with LLVM beside the shared one; headers; and what find_package(mc) and pkg-config ask for. docs/embedding.md.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The shared library holds what the API needs of all the static ones. What is visible of it says MC_API.
set(parts mc_language mc_runtime mc_tier1 mc_image mc_cuda mc_engine)
add_library(mc_shared SHARED $<TARGET_OBJECTS:mc>)
target_link_libraries(mc_shared PRIVATE ${parts})
target_link_options(mc_shared PRIVATE LINKER:-z,defs,--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map)
target_include_directories(mc_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(mc_shared INTERFACE cxx_std_20)
# A version below 1 promises nothing to the next: 0.1 and 0.2 are two libraries to the linker.
set_target_properties(
  mc_shared
  PROPERTIES OUTPUT_NAME mc EXPORT_NAME mc VERSION ${PROJECT_VERSION}
             SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
             LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin LINKER_LANGUAGE CXX
             LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)

# One archive of them all, made by an archiver's script.
set(archive ${PROJECT_BINARY_DIR}/bin/libmc.a)
set(script "create ${archive}\n")
foreach(part mc ${parts})
  string(APPEND script "addlib $<TARGET_FILE:${part}>\n")
endforeach()
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/archive.mri CONTENT "${script}save\nend\n")
add_custom_command(
  OUTPUT ${archive}
  COMMAND ${CMAKE_AR} -M < ${PROJECT_BINARY_DIR}/archive.mri
  DEPENDS mc ${parts} ${PROJECT_BINARY_DIR}/archive.mri
  COMMENT "Putting the static libraries into one"
  VERBATIM)
add_custom_target(mc_archive ALL DEPENDS ${archive})

# All that is put there: what scripts/install builds.
add_custom_target(installable DEPENDS mc_shared mc_llvm mc_archive)
if(MC_COMMAND)
  add_dependencies(installable moment)
  install(TARGETS moment RUNTIME COMPONENT command)
endif()
install(TARGETS mc_shared EXPORT mcTargets LIBRARY COMPONENT library NAMELINK_COMPONENT development)
install(TARGETS mc_llvm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
if(TARGET mc_cxx)
  add_dependencies(installable mc_cxx)
  install(TARGETS mc_cxx LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
endif()
install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/frontend/api/include/mc DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/mc)
install(EXPORT mcTargets NAMESPACE mc:: DESTINATION ${package} COMPONENT development)
configure_package_config_file(
  cmake/mcConfig.cmake.in ${PROJECT_BINARY_DIR}/mcConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mcConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mcConfig.cmake ${PROJECT_BINARY_DIR}/mcConfigVersion.cmake cmake/mcLint.cmake
        DESTINATION ${package} COMPONENT development)

# Paths from the file's own place, so that what is installed may be moved.
file(RELATIVE_PATH prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(folder LIBDIR INCLUDEDIR)
  string(TOLOWER pc_${folder} name)
  set(${name} ${CMAKE_INSTALL_${folder}})
  if(NOT IS_ABSOLUTE ${${name}})
    set(${name} \${prefix}/${${name}})
  endif()
endforeach()
configure_file(cmake/mc.pc.in ${PROJECT_BINARY_DIR}/mc.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/mc.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# `cmake --preset package && ninja -C build/package package` makes a Debian package of all.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME moment)
set(CPACK_PACKAGE_CONTACT "The authors of Moment <moment@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION math)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libfmt-dev, g++")
include(CPack)
