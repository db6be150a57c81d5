# mc_fingerprint(TARGET NAME FILES a.cpp …): compiles into TARGET the constant mc::NAME, a text of 32 hexadecimal digits
# that changes when one of the files does. This file is also the script (cmake -P) that makes it.
#
# Contents are hashed and nothing else: the same sources give the same text on any machine, in any folder and at any
# time, so builds stay reproducible, and whoever changes a file gets another one with the next build.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(MC_FINGERPRINT_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

  function(mc_fingerprint target name)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "FILES")
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    list(JOIN arg_FILES "\n" files)
    # The list goes by file, as in EmbedText.cmake, and what is made is an object library's for the same reason.
    file(CONFIGURE OUTPUT ${output}.list CONTENT "${files}\n" @ONLY)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DLIST=${output}.list -DOUTPUT=${output} -DNAME=${name} -P ${MC_FINGERPRINT_SCRIPT}
      DEPENDS ${arg_FILES} ${output}.list ${MC_FINGERPRINT_SCRIPT}
      COMMENT "Taking the fingerprint ${name}"
      VERBATIM)
    add_library(${target}_${name} OBJECT ${output})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${name}>)
  endfunction()
  return()
endif()

file(STRINGS ${LIST} files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${file} hash)
  cmake_path(GET file FILENAME base)
  string(APPEND hashes "${base} ${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 32 hash)
file(WRITE ${OUTPUT} "// Made by cmake/Fingerprint.cmake.
namespace mc {
extern const char* const ${NAME};
const char* const ${NAME} = \"${hash}\";
}  // namespace mc
")
