// libFuzzer's entry: any bytes are a partial result.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/inputs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string finding = mc::fuzz::partial_finding({data, size});
  if (finding.empty()) return 0;
  std::fprintf(stderr, "%s\n", finding.c_str());
  std::abort();
}

/// Debian's LLVM is not instrumented: see the preset asan.
extern "C" const char* __asan_default_options() { return "allow_user_poisoning=0"; }
