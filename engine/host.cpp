// Asks the processor what it can do, and remembers the limit on it.
#include "engine/host.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#else
#include <sys/auxv.h>
#include <sys/utsname.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace mc {
namespace {

constexpr unsigned kWidths[] = {128, 256, 512};  ///< of Isa's members, in bits

#if defined(__x86_64__)
// The builtins want literals.
#define MC_HAS(name) (__builtin_cpu_supports(name) != 0)

Isa widest_isa() {
  __builtin_cpu_init();
  const bool has_avx2 = MC_HAS("avx2") && MC_HAS("fma") && MC_HAS("bmi2");
  const bool has_avx512 = MC_HAS("avx512f") && MC_HAS("avx512dq") && MC_HAS("avx512vl") && MC_HAS("avx512bw");
  if (!has_avx2) return Isa::baseline;
  return has_avx512 ? Isa::avx512 : Isa::avx2;
}

/// Leaves that say what there is, with a mask for what differs from core to core.
struct Leaf {
  unsigned leaf, subleaf;
  unsigned mask[4] = {~0U, ~0U, ~0U, ~0U};  ///< eax, ebx, ecx, edx
};
constexpr Leaf kLeaves[] = {{0, 0},
                            {1, 0, {~0U, 0, ~0U, ~0U}},
                            {7, 0},
                            {7, 1},
                            {0xd, 1, {~0U, 0, 0, 0}},
                            {0x14, 0, {0, ~0U, 0, 0}},
                            {0x19, 0, {0, ~0U, 0, 0}},
                            {0x24, 0},
                            {0x80000001, 0, {0, 0, ~0U, ~0U}},
                            {0x80000008, 0, {0, ~0U, 0, 0}}};

/// The brand, as "AMD-EPYC-9555"; the vendor where it says none.
std::string name_of_processor() {
  unsigned words[12] = {};
  for (unsigned k = 0; k < 3; ++k)
    __cpuid(0x80000002 + k, words[4 * k], words[4 * k + 1], words[4 * k + 2], words[4 * k + 3]);
  char text[sizeof words + 1] = {};
  std::memcpy(text, words, sizeof words);
  std::string name;
  for (const char* c = text; *c != '\0'; ++c) {
    if (std::isgraph(static_cast<unsigned char>(*c)) != 0)
      name += *c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "x86-64" : name;
}

/// A look at a leaf takes 8 µs where a hypervisor answers.
std::string identity() {
  std::string text = name_of_processor() + " x86_64";
  const unsigned most[] = {__get_cpuid_max(0, nullptr), __get_cpuid_max(0x80000000, nullptr)};
  for (const Leaf& leaf : kLeaves) {
    if (leaf.leaf > most[leaf.leaf >> 31]) continue;
    unsigned words[4] = {};
    __cpuid_count(leaf.leaf, leaf.subleaf, words[0], words[1], words[2], words[3]);
    text += fmt::format(" {:x}.{}", leaf.leaf, leaf.subleaf);
    for (unsigned k = 0; k < 4; ++k) text += fmt::format(":{:x}", words[k] & leaf.mask[k]);
  }
  // What the system saves of the registers: without it wide ones may not be used.
  if (__builtin_cpu_supports("avx") != 0) {
    unsigned low = 0, high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    text += fmt::format(" xcr0:{:x}{:08x}", high, low);
  }
  return text;
}
#else
Isa widest_isa() { return Isa::baseline; }

/// What Linux says of the processor.
std::string identity() {
  utsname system{};
  uname(&system);
  return fmt::format("{} {:x}:{:x}", system.machine, getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
}
#endif

unsigned checked(unsigned bits) {
  if (bits != 0 && std::ranges::find(kWidths, bits) == std::end(kWidths))
    throw std::invalid_argument("vectors have 128, 256 or 512 bits, or 0 for no limit, not " +
                                std::to_string(bits));
  return bits;
}

unsigned limit_of_environment() {
  const char* bits = secure_getenv("MC_VECTOR_BITS");
  if (bits == nullptr || *bits == '\0') return 0;
  for (const unsigned width : kWidths)
    if (std::to_string(width) == bits) return width;
  if (std::string_view(bits) == "0") return 0;
  throw std::invalid_argument(
      fmt::format("MC_VECTOR_BITS: vectors have 128, 256 or 512 bits, or 0 for no limit, not {}", bits));
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

const std::string& processor_identity() {
  static const std::string text = identity();
  return text;
}

unsigned host_threads() {
  static const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  return threads;
}

}  // namespace mc
