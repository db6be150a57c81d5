// libFuzzer's entry: any bytes grow a program. With MC_FUZZ_SHOW in the environment each is printed first, so
// that one that ends the process can be read.
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/grower.hpp"
#include "tests/fuzz/inputs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool shows = std::getenv("MC_FUZZ_SHOW") != nullptr;
  if (shows) std::fprintf(stderr, "%s\n", mc::fuzz::grow({data, size}).text().c_str());
  const std::string finding = mc::fuzz::program_finding({data, size});
  if (finding.empty()) return 0;
  std::fprintf(stderr, "%s\n", finding.c_str());
  std::abort();
}

/// Debian's LLVM is not instrumented: see the preset asan.
extern "C" const char* __asan_default_options() { return "allow_user_poisoning=0"; }
