#include "tests/engine/cuda/loops.hpp"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace mc::testing {
namespace {

/// 16 bytes of machine code.
struct Instruction {
  std::uint64_t low, high;

  unsigned opcode() const { return low & 0x1ff; }
  unsigned form() const { return low >> 9 & 7; }  ///< what its operands are: registers, constants, numbers
  unsigned shift() const { return low >> 32 & 0xff; }
  /// Of a branch, in bytes from the next instruction; 48 bits and 8 more below them, in words.
  std::int64_t distance() const {
    const std::uint64_t words = low >> 34 << 8 | high << 38 | (low >> 16 & 0xff);
    return static_cast<std::int64_t>(words << 8) / 64;
  }
};

/// From its first instruction to the branch back.
struct Range {
  std::size_t first, last;

  bool holds(const Range& other) const { return first <= other.first && other.last <= last; }
  std::size_t size() const { return last - first + 1; }
};

/// An instruction and what it keeps busy; others are counted, and no more.
struct Known {
  unsigned opcode;
  const char* name;  ///< NVIDIA's
  unsigned Loop::* unit;
};

constexpr Known kKnown[] = {
    {0x029, "DADD", &Loop::doubles},       {0x028, "DMUL", &Loop::doubles},
    {0x02b, "DFMA", &Loop::doubles},       {0x02a, "DSETP", &Loop::doubles},
    {0x021, "FADD", &Loop::floats},        {0x020, "FMUL", &Loop::floats},
    {0x023, "FFMA", &Loop::floats},        {0x00b, "FSETP", &Loop::integers},
    {0x008, "FSEL", &Loop::integers},      {0x009, "FMNMX", &Loop::integers},
    {0x010, "IADD3", &Loop::integers},     {0x036, "VIADD", &Loop::integers},
    {0x011, "LEA", &Loop::integers},       {0x012, "LOP3", &Loop::integers},
    {0x019, "SHF", &Loop::integers},       {0x00c, "ISETP", &Loop::integers},
    {0x007, "SEL", &Loop::integers},       {0x01c, "PLOP3", &Loop::integers},
    {0x016, "PRMT", &Loop::integers},      {0x024, "IMAD", &Loop::products},
    {0x025, "IMAD.WIDE", &Loop::products}, {0x027, "IMAD.HI", &Loop::products},
    {0x108, "MUFU", &Loop::specials},
};
constexpr unsigned kShift = 0x019, kBranch = 0x147;

void count(const Instruction& one, Loop& loop) {
  ++loop.instructions;
  const auto* known = std::ranges::find(kKnown, one.opcode(), &Known::opcode);
  if (known != std::end(kKnown)) ++(loop.*known->unit);
  // Rotated left by 45 is rotated right by 19: each half of the result is a shift of both, by 13 to the left.
  loop.rotations += one.opcode() == kShift && one.form() == 4 && one.shift() == 13 ? 1 : 0;
}

template <class T>
T read(std::string_view bytes, std::size_t at) {
  T value;
  if (at > bytes.size() || bytes.size() - at < sizeof value) throw std::invalid_argument("it ends too early");
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The instructions of the kernel whose name has this in it.
std::vector<Instruction> code_of(std::string_view cubin, std::string_view kernel) {
  const auto header = read<Elf64_Ehdr>(cubin, 0);
  const auto section = [&](std::size_t k) {
    return read<Elf64_Shdr>(cubin, header.e_shoff + k * sizeof(Elf64_Shdr));
  };
  const Elf64_Shdr names = section(header.e_shstrndx);
  for (std::size_t k = 0; k < header.e_shnum; ++k) {
    const Elf64_Shdr each = section(k);
    const std::size_t at = std::min<std::size_t>(names.sh_offset + each.sh_name, cubin.size());
    const std::string_view name = cubin.substr(at, cubin.find('\0', at) - at);
    if (!name.starts_with(".text.") || name.find(kernel) == name.npos) continue;
    std::vector<Instruction> code(each.sh_size / sizeof(Instruction));
    for (std::size_t i = 0; i < code.size(); ++i)
      code[i] = read<Instruction>(cubin, each.sh_offset + i * sizeof(Instruction));
    return code;
  }
  throw std::invalid_argument("no such kernel");
}

std::vector<Range> loops_of(const std::vector<Instruction>& code) {
  std::vector<Range> loops;
  for (std::size_t k = 0; k < code.size(); ++k) {
    if (code[k].opcode() != kBranch) continue;
    const std::int64_t to = static_cast<std::int64_t>(k) + 1 + code[k].distance() / 16;
    if (0 <= to && to < static_cast<std::int64_t>(k)) loops.push_back({static_cast<std::size_t>(to), k});
  }
  return loops;
}

}  // namespace

Loop largest_inner_loop(std::string_view cubin, std::string_view kernel) {
  const std::vector<Instruction> code = code_of(cubin, kernel);
  const std::vector<Range> loops = loops_of(code);
  std::vector<Range> inner;
  std::ranges::copy_if(loops, std::back_inserter(inner), [&](const Range& loop) {
    return std::ranges::count_if(loops, [&](const Range& other) { return loop.holds(other); }) == 1;
  });
  if (inner.empty()) throw std::invalid_argument("no loop");
  const Range found = std::ranges::max(inner, {}, &Range::size);
  Loop loop;
  for (std::size_t k = found.first; k <= found.last; ++k) count(code[k], loop);
  loop.rotations /= 2;
  return loop;
}

double Loop::cycles() const {
  return std::max({instructions / 128.0, doubles / 64.0, integers / 64.0, products / 64.0,
                   (products + floats) / 128.0, specials / 16.0});
}

}  // namespace mc::testing
