// Fused pairs compute what their two parts compute one after the other, and the table of operations is sound.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "engine/interpreter/operations.hpp"
#include "tests/engine/interpreter/running.hpp"

namespace mc::interpreter {
namespace {

constexpr std::string_view kNames[] = {
#define MC_COLUMN(name) #name,
#include "engine/interpreter/columns.def"
};

std::string_view name(ColumnOp op) { return kNames[static_cast<std::size_t>(op)]; }

const Handler* handlers(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx512) return avx512_handlers();
  if (isa == Isa::avx2) return avx2_handlers();
#endif
  static_cast<void>(isa);
  return baseline_handlers();
}

/// Columns to compute in by hand: one for each operand, and two for results.
class Bench {
 public:
  static constexpr unsigned kInner = kMaxOperands, kResult = kMaxOperands + 1, kColumns = kMaxOperands + 2;

  Bench() : memory_(std::size_t{kColumns} * kColumn) {}

  void fill(unsigned fixed, bool small) {
    for (unsigned k = 0; k < kMaxOperands; ++k) {
      const std::uint64_t same = random_();
      for (unsigned lane = 0; lane < kernels::kLanes; ++lane) {
        const bool is_fixed = (fixed >> k & 1) != 0;
        // Those that are the same in every lane may be counts of shifts.
        const std::uint64_t bits = is_fixed ? same : random_();
        put(k, lane, is_fixed && small ? bits % 64 : (bits >> 12) | 0x3FF0000000000000u);
      }
    }
  }

  void run(const Handler* handlers, ColumnOp op, unsigned to, std::span<const unsigned> from) {
    Instruction instruction{handlers[static_cast<std::size_t>(op)], to * kColumn + kVaries, {}};
    for (std::size_t k = 0; k < from.size(); ++k) instruction.from[k] = from[k] * kColumn;
    const Frame frame{memory_.data(), nullptr, nullptr, kernels::kLanes, 0, 1, 1, kernels::kLanes};
    ASSERT_EQ(instruction.handler(&instruction, &frame), &instruction + 1);
  }

  std::vector<std::uint64_t> column(unsigned k) {
    std::vector<std::uint64_t> words(kernels::kLanes);
    std::memcpy(words.data(), memory_.data() + std::size_t{k} * kColumn, kColumn);
    return words;
  }

 private:
  void put(unsigned column, unsigned lane, std::uint64_t bits) {
    std::memcpy(memory_.data() + std::size_t{column} * kColumn + lane * sizeof bits, &bits, sizeof bits);
  }

  testing::Scratch memory_;
  std::mt19937_64 random_{7};
};

bool is_small(const Fusion& fusion) {
  const auto has = [&](std::string_view part) {
    return name(fusion.fused).find(part) != std::string_view::npos ||
           name(fusion.inner).find(part) != std::string_view::npos;
  };
  return has("sh") || has("rot") || has("uniform") || has("xoshiro");
}

void compare(Isa isa, const Fusion& fusion) {
  Bench bench;
  const Handler* const all = handlers(isa);
  bench.fill(describe(fusion.fused).fixed, is_small(fusion));
  std::vector<unsigned> inner, outer, fused;
  for (unsigned k = 0; k < describe(fusion.inner).arity; ++k) inner.push_back(k);
  unsigned next = describe(fusion.inner).arity;
  for (unsigned k = 0; k < describe(fusion.outer).arity; ++k) {
    const int wire = fusion.wires[k];
    outer.push_back(wire == Fusion::kResult ? Bench::kInner
                    : wire == Fusion::kNew  ? next++
                                            : static_cast<unsigned>(wire));
  }
  for (unsigned k = 0; k < describe(fusion.fused).arity; ++k) fused.push_back(k);
  ASSERT_EQ(next, fused.size());
  bench.run(all, fusion.inner, Bench::kInner, inner);
  bench.run(all, fusion.outer, Bench::kResult, outer);
  const auto expected = bench.column(Bench::kResult);
  bench.run(all, fusion.fused, Bench::kResult, fused);
  EXPECT_EQ(bench.column(Bench::kResult), expected) << name(fusion.fused) << ", " << testing::name(isa);
}

TEST(Fused, ComputeWhatTheirPartsDo) {
  for (Isa isa : testing::isas())
    for (const Fusion& fusion : fusions()) compare(isa, fusion);
}

TEST(Fused, AreWiredToWhatThereIs) {
  for (const Fusion& fusion : fusions()) {
    SCOPED_TRACE(name(fusion.fused));
    EXPECT_LE(describe(fusion.fused).arity, kMaxOperands);
    EXPECT_LE(describe(fusion.outer).arity, fusion.wires.size());
    EXPECT_NE(std::ranges::count(fusion.wires, Fusion::kResult), 0);
    for (unsigned k = 0; k < describe(fusion.outer).arity; ++k)
      EXPECT_LT(fusion.wires[k], describe(fusion.inner).arity);
  }
}

}  // namespace
}  // namespace mc::interpreter
