# mc_test and mc_benchmark: one executable from its sources and libraries, known to ctest by its labels.
#
#   mc_test(ir_test SOURCES printer_test.cpp verifier_test.cpp LIBRARIES mc_engine LABELS unit)
#   mc_test(tiles_test SOURCES tiles_test.cpp LIBRARIES mc_runtime LABELS unit threads)
#   mc_benchmark(draws_bench SOURCES draws_bench.cpp LIBRARIES mc_jit)
#
# Labels: unit (every push, also under asan) · conformance (tables of programs through every back end) ·
# slow (statistics, accuracy) · threads (also run under tsan).
# SERIAL: it measures times, so nothing else runs beside it.
# Tests run in the repository's root, without the disk cache: what they test is compiled. Those of the cache itself have
# folders of their own.

if(MC_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# `cmake --build … --target tests-threads` builds just the tests of one label.
foreach(label unit conformance slow threads)
  add_custom_target(tests-${label})
endforeach()
add_custom_target(benchmarks)

function(mc_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "" "SOURCES;LIBRARIES;LABELS")
  if(NOT MC_TESTS)
    return()
  endif()
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES OR NOT arg_LABELS)
    message(FATAL_ERROR "mc_test(${name}): SOURCES and LABELS are needed, '${arg_UNPARSED_ARGUMENTS}' is not known")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  # What tests a room from within computes much itself; what tests the API or the command is compiled for longer than it
  # runs. Sanitized, half of that is optimisation.
  if(CMAKE_BUILD_TYPE STREQUAL Release)
    target_compile_options(${name} PRIVATE -O1)
  elseif(MC_SANITIZE AND ("mc::mc" IN_LIST arg_LIBRARIES OR NOT arg_LIBRARIES MATCHES "mc_"))
    target_compile_options(${name} PRIVATE -O0)
  endif()
  if("mc::mc" IN_LIST arg_LIBRARIES) # where a call is to be refused, nobody looks at what it would return
    target_compile_options(${name} PRIVATE -Wno-unused-result)
  endif()
  if(MC_SANITIZE MATCHES fuzzer) # what a fuzz target goes through is the library, not its tests
    target_compile_options(${name} PRIVATE -fno-sanitize=fuzzer-no-link)
  endif()
  foreach(label IN LISTS arg_LABELS)
    add_dependencies(tests-${label} ${name})
  endforeach()
  # Several labels are joined into one: `ctest -L unit` searches for a pattern, so it finds "unit,threads" too. A true
  # list would need eight backslashes to live through gtest_discover_tests, and another number in another CMake.
  list(JOIN arg_LABELS "," labels)
  set(timeout 600)
  if(MC_SANITIZE)
    set(timeout 1800)
  endif()
  gtest_discover_tests(
    ${name}
    TEST_PREFIX ${name}.
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    DISCOVERY_TIMEOUT 120 # a sanitized binary on a busy two-core machine
    PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} RUN_SERIAL ${arg_SERIAL} ENVIRONMENT "MC_CACHE_DIR=/dev/null")
endfunction()

function(mc_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(NOT MC_BENCHMARKS)
    return()
  endif()
  find_package(benchmark REQUIRED)
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} benchmark::benchmark benchmark::benchmark_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
  add_dependencies(benchmarks ${name})
endfunction()
