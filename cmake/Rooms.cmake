# Helpers for the tree of folders ("rooms").

# mc_add_rooms(ROOM...): add_subdirectory for each, in order.
function(mc_add_rooms)
  foreach(room IN LISTS ARGN)
    add_subdirectory(${room})
  endforeach()
endfunction()

# mc_library(NAME): a static library whose rooms add their sources with target_sources(NAME PRIVATE …).
# Includes are written from the repository's root: #include "engine/ir/kernel.hpp".
function(mc_library name)
  add_library(${name} STATIC)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# mc_source_options(TARGET OPTIONS -O3 … FILES a.cpp …): extra compiler options for single files. CMake's own
# set_source_files_properties is silently without effect from a room, as the target lives in the folder above.
function(mc_source_options target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "OPTIONS;FILES")
  set_property(SOURCE ${arg_FILES} TARGET_DIRECTORY ${target} APPEND PROPERTY COMPILE_OPTIONS ${arg_OPTIONS})
endfunction()
