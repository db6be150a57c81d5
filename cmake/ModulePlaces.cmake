# MC_MODULE_PLACES: where programs look for the modules that they open when they need them (libmc_llvm.so, libmc_cxx.so), with
# colons between: beside the program or the shared library, in the library folder beside the command's, and in
# MC_MODULE_FOLDERS. A packager leaves the first of those out.
set(MC_MODULE_FOLDERS "${PROJECT_BINARY_DIR}/bin;${CMAKE_INSTALL_FULL_LIBDIR}"
    CACHE STRING "folders in which programs look for Moment's modules")
file(RELATIVE_PATH libraries ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(places "$ORIGIN" "$ORIGIN/${libraries}" ${MC_MODULE_FOLDERS})
list(JOIN places ":" MC_MODULE_PLACES)
