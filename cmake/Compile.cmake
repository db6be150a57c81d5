# How everything of ours is compiled and linked. Directory-wide settings: they reach every target below this project,
# and neither an embedding project nor what it builds.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # the static libraries also go into shared ones (a Python module, a plug-in)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)    # for clang-tidy, clangd and frontend/cxx

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# -ffp-contract=off is part of the reproducibility contract (docs/contract.md): g++ contracts a*b + c by default.
# -fno-math-errno lets sqrt become one instruction; it changes no result.
add_compile_options(-Wall -Wextra -Wpedantic -ffp-contract=off -fno-math-errno -fvisibility=hidden)
# The mathematical functions say & and | of truth values: what records itself into IR has no && that could skip.
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options(-Wno-bitwise-instead-of-logical)
endif()
if(MC_WERROR)
  add_compile_options(-Werror)
endif()

# Sections that nothing refers to are dropped, which takes a fifth off a program with LLVM in it.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(LINKER:--gc-sections,--as-needed)

if(MC_SANITIZE)
  add_compile_options(-fsanitize=${MC_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${MC_SANITIZE})
  # GCC's analysis does not see through the instrumentation: it warns of std::function's and std::regex's own members.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MC_CCACHE ccache)
  if(MC_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MC_CCACHE})
  endif()
endif()

# lld links a program with static LLVM several times as fast as GNU ld. Debian's lld-19 puts a plain `ld.lld` only in
# LLVM's own folder, so the compiler is told where: g++ looks for ld.lld under -B, clang takes the path.
if(PROJECT_IS_TOP_LEVEL)
  find_program(MC_LLD ld.lld PATHS /usr/lib/llvm-19/bin NO_DEFAULT_PATH)
  find_program(MC_LLD ld.lld)
  if(MC_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    cmake_path(GET MC_LLD PARENT_PATH lld_folder)
    add_link_options(-B${lld_folder} -fuse-ld=lld)
  elseif(MC_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(--ld-path=${MC_LLD})
  endif()
endif()
