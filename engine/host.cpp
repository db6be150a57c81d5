// Asks the processor what it can do, and remembers the limit on it.
#include "engine/host.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace mc {
namespace {

constexpr unsigned kWidths[] = {128, 256, 512};  ///< of Isa's members, in bits

/// An instruction set extension by the name that LLVM has for it, as most have with compilers' builtins too.
struct Feature {
  std::string_view name;
  bool is_there;
};

#if defined(__x86_64__)
// The builtins want literals.
#define MC_HAS(name) (__builtin_cpu_supports(name) != 0)
#define MC_FEATURE(name) \
  Feature { name, MC_HAS(name) }

Isa widest_isa() {
  __builtin_cpu_init();
  const bool has_avx2 = MC_HAS("avx2") && MC_HAS("fma") && MC_HAS("bmi2");
  const bool has_avx512 = MC_HAS("avx512f") && MC_HAS("avx512dq") && MC_HAS("avx512vl") && MC_HAS("avx512bw");
  if (!has_avx2) return Isa::baseline;
  return has_avx512 ? Isa::avx512 : Isa::avx2;
}

std::string description() {
  __builtin_cpu_init();
  const Feature features[] = {
      MC_FEATURE("sse3"),         MC_FEATURE("ssse3"),
      MC_FEATURE("sse4.1"),       MC_FEATURE("sse4.2"),
      MC_FEATURE("popcnt"),       MC_FEATURE("avx"),
      MC_FEATURE("avx2"),         MC_FEATURE("fma"),
      MC_FEATURE("bmi"),          MC_FEATURE("bmi2"),
      MC_FEATURE("avx512f"),      MC_FEATURE("avx512cd"),
      MC_FEATURE("avx512dq"),     MC_FEATURE("avx512vl"),
      MC_FEATURE("avx512bw"),     MC_FEATURE("avx512ifma"),
      MC_FEATURE("avx512vbmi"),   MC_FEATURE("avx512vbmi2"),
      MC_FEATURE("avx512vnni"),   MC_FEATURE("gfni"),
      MC_FEATURE("avx512bitalg"), MC_FEATURE("avx512vpopcntdq"),
      MC_FEATURE("vpclmulqdq"),
  };
  constexpr std::string_view kLevels[] = {"x86-64", "x86-64-v3", "x86-64-v4"};
  std::string text(kLevels[static_cast<std::size_t>(widest_isa())]);
  for (const Feature& feature : features)
    if (feature.is_there) text.append(" +").append(feature.name);
  return text;
}
#else
Isa widest_isa() { return Isa::baseline; }
std::string description() { return "generic"; }
#endif

unsigned checked(unsigned bits) {
  if (bits != 0 && std::ranges::find(kWidths, bits) == std::end(kWidths))
    throw std::invalid_argument("vectors have 128, 256 or 512 bits, or 0 for no limit, not " +
                                std::to_string(bits));
  return bits;
}

unsigned limit_of_environment() {
  const char* bits = std::getenv("MC_VECTOR_BITS");
  if (bits == nullptr || *bits == '\0') return 0;
  char* end = nullptr;
  const unsigned long value = std::strtoul(bits, &end, 10);
  return checked(*end == '\0' && value <= 512 ? static_cast<unsigned>(value) : 1);
}

std::atomic<unsigned>& limit() {
  static std::atomic<unsigned> bits{limit_of_environment()};
  return bits;
}

}  // namespace

Isa host_isa() {
  static const Isa widest = widest_isa();
  switch (limit().load(std::memory_order_relaxed)) {
    case 128:
      return Isa::baseline;
    case 256:
      return std::min(widest, Isa::avx2);
    default:
      return widest;
  }
}

void limit_vector_bits(unsigned bits) { limit().store(checked(bits), std::memory_order_relaxed); }

unsigned vector_bits() { return kWidths[static_cast<std::size_t>(host_isa())]; }

std::string host_description() { return description(); }

unsigned host_threads() {
  static const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  return threads;
}

}  // namespace mc
