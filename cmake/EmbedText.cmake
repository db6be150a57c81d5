# mc_embed_texts(TARGET HEADER frontend/library/library.hpp NAMESPACE mc::library FILES a.mc …): compiles text files into
# TARGET as what the header declares: a struct Text, and texts().
# The generated source lies in the build tree and is made anew when a text changes; this file is also the script
# (cmake -P) that makes it.
#
# Bytes are written as numbers, one by one: no quote, backslash, semicolon or non-ASCII letter can then mean anything to
# CMake or to the compiler, and there is no limit on length (a string literal has one: 65536 in -Wpedantic's eyes).

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(MC_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(mc_embed_texts target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;NAMESPACE" "FILES")
    set(output ${CMAKE_CURRENT_BINARY_DIR}/texts.cpp)
    list(JOIN arg_FILES "\n" files)
    # The list goes by file: a command line has a length limit. It is a dependency too, so a removed text disappears.
    file(CONFIGURE OUTPUT ${output}.list CONTENT "${files}\n" @ONLY)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DLIST=${output}.list -DOUTPUT=${output} -DHEADER=${arg_HEADER}
              -DNAMESPACE=${arg_NAMESPACE} -P ${MC_EMBED_SCRIPT}
      DEPENDS ${arg_FILES} ${output}.list ${MC_EMBED_SCRIPT}
      COMMENT "Embedding the texts of ${arg_NAMESPACE}"
      VERBATIM)
    # An object library of its own: CMake knows how to make a generated file only in the folder that says so, and
    # TARGET lives in the one above.
    add_library(${target}_texts OBJECT ${output})
    target_include_directories(${target}_texts PRIVATE ${PROJECT_SOURCE_DIR})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_texts>)
  endfunction()
  return()
endif()

file(STRINGS ${LIST} files)
set(arrays "")
set(entries "")
set(count 0)
foreach(file IN LISTS files)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  cmake_path(GET file STEM LAST_ONLY name)
  # The closing 0 is not part of the content: it only lets an empty text be an array.
  string(APPEND arrays "constexpr unsigned char text${count}[] = {\n${bytes}0};\n")
  string(APPEND entries "      Text{\"${name}\", view(text${count})},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE ${OUTPUT} "// Made by cmake/EmbedText.cmake from the files it is told; edit those.
#include \"${HEADER}\"

#include <array>
#include <cstddef>

namespace ${NAMESPACE} {
namespace {

${arrays}
template <std::size_t N>
[[maybe_unused]] std::string_view view(const unsigned char (&bytes)[N]) {
  return {reinterpret_cast<const char*>(bytes), N - 1};
}

}  // namespace

std::span<const Text> texts() {
  static const std::array<Text, ${count}> all{{
${entries}  }};
  return all;
}

}  // namespace ${NAMESPACE}
")
