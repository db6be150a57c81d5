# mc_link_llvm(TARGET): LLVM 19's headers and the static components that a JIT for this machine needs, both private.
# Static, because a program that loads the shared libLLVM spends 15 ms before main.

# 19.1, as LLVM accepts a request for its own major.minor only (every 19 is a 19.1).
# Debian's exported targets name zlib and zstd (libzstd-dev, zlib1g-dev) by imported targets that this call makes.
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19)

# LLVM's exports also name libz3, which only a solver uses that nothing of ours reaches: without this line it would be
# loaded with every program.
get_target_property(libraries LLVMSupport INTERFACE_LINK_LIBRARIES)
list(FILTER libraries EXCLUDE REGEX "libz3")
set_target_properties(LLVMSupport PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries}")

# What we call ourselves; the rest (code generation, JITLink, the passes that ORC drags in) follows from these.
# native = the code generator, assembly parser and descriptions of the machine we build on, x86 or not.
llvm_map_components_to_libnames(MC_LLVM_LIBRARIES core support orcjit native instcombine scalaropts)

function(mc_link_llvm target)
  separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(${target} PRIVATE ${definitions})
  target_include_directories(${target} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  target_link_libraries(${target} PRIVATE ${MC_LLVM_LIBRARIES})
endfunction()
