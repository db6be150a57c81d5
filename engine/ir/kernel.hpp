// A kernel: SSA values in a tree of regions, where a region is a straight line of operations and a `loop`
// owns another region. Plain data; build one with Builder, check it with verify(), print and parse it with
// text.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/ir/types.hpp"

namespace mc::ir {

/// Names a node of a kernel: its position in Kernel::nodes.
enum class Value : std::uint32_t {};
enum class RegionId : std::uint32_t {};
enum class LoopId : std::uint32_t {};

template <class Id>
  requires std::is_enum_v<Id>
constexpr std::uint32_t position(Id id) {
  return static_cast<std::uint32_t>(id);
}

inline constexpr Value kNoValue{0xffffffff};
inline constexpr RegionId kEntry{0};
inline constexpr LoopId kNoLoop{0xffffffff};

struct Node {
  Op op;
  Type type;
  RegionId region;
  std::array<Value, 3> operands{kNoValue, kNoValue, kNoValue};
  std::uint64_t immediate = 0;

  std::span<const Value> inputs() const { return {operands.data(), info(op).arity}; }
};

/// Loops around an operation, at most: walks over regions recurse, and a builder keeps one bit a depth.
inline constexpr std::uint32_t kMaxLoopDepth = 60;

/// A straight line of operations in the order they run.
struct Region {
  RegionId parent{};        ///< the region whose loop owns this one; the entry region is its own parent
  LoopId loop = kNoLoop;    ///< the loop that owns it; none for the entry region
  std::uint32_t depth = 0;  ///< loops around it
  std::vector<Value> body{};
};

/// Names no carried value of a loop.
inline constexpr std::uint32_t kNoSlot = 0xffffffff;

/// `loop count (initial…) { index, carried… → next… } → results…`
///
/// A loop may settle: one of its carried truth values then says of a lane that further rounds change nothing
/// it carries, that value included. Where it is true in all lanes that are computed together, a back end may
/// leave the loop before the count is reached. Results do not show whether it does: whoever builds the loop
/// has to keep that promise. So a rejection sampler takes as many rounds as its lanes need.
struct Loop {
  Value node = kNoValue;  ///< its `loop` operation, whose operand is the count
  RegionId body{};
  Value index = kNoValue;
  std::vector<Value> initial{}, carried{}, next{}, results{};  ///< all of one length
  std::uint32_t settled = kNoSlot;  ///< position of the carried value that says so, where the loop settles

  bool settles() const { return settled != kNoSlot; }
};

/// The count of a rejection sampler's loop. A lane that has accepted nothing by then gives up, and its sample
/// is not a number. The library's samplers accept a fourth of their draws or more, so that happens once in
/// 10^100 samples: it is there because every loop has an end.
inline constexpr std::uint32_t kMostTrials = 1000;

/// Rounds that such a sampler's loop takes to settle in all lanes that are computed together, about.
inline constexpr double kSettledRounds = 8;

/// An array that a kernel goes through, a datum a lane and step: f64 or f32, read or written.
struct DataArray {
  Type type = Type::f64;
  bool is_written = false;
  bool operator==(const DataArray&) const = default;
};

/// What the numbers of a table are in memory.
enum class Number : std::uint8_t { f64, f32, i64, i32, u8 };
inline constexpr std::string_view kNumberNames[] = {"f64", "f32", "i64", "i32", "u8"};
constexpr std::string_view name(Number type) { return kNumberNames[static_cast<std::size_t>(type)]; }

constexpr std::size_t bytes_of(Number type) {
  constexpr std::size_t kBytes[] = {8, 4, 8, 4, 1};
  return kBytes[static_cast<std::size_t>(type)];
}

/// Rows of numbers that a kernel reads anywhere; how many rows there are the call tells.
struct Table {
  Number type = Number::f64;
  std::uint32_t columns = 1;
  bool operator==(const Table&) const = default;
};

/// How a kernel reads numbers of that type: floats as they are, all others as doubles.
constexpr Type read_as(Number type) { return type == Number::f32 ? Type::f32 : Type::f64; }

struct Kernel {
  std::vector<Node> nodes;
  std::vector<Region> regions{Region{}};
  std::vector<Loop> loops;
  std::vector<std::uint32_t> rows;    ///< lengths of the scratch rows, f64 elements a lane
  std::vector<std::uint32_t> arrays;  ///< lengths of the array parameters, f64 elements
  std::vector<DataArray> data;
  std::vector<Table> tables;
  std::uint32_t scalars = 0;  ///< scalar parameters
  std::uint32_t outputs = 0;  ///< columns of the result

  const Node& operator[](Value v) const { return nodes[position(v)]; }
  const Region& operator[](RegionId r) const { return regions[position(r)]; }
  const Loop& operator[](LoopId l) const { return loops[position(l)]; }
};

/// Immediates of `index`, `carried` and `result`.
constexpr std::uint64_t slot(LoopId loop, std::uint32_t at) {
  return std::uint64_t{position(loop)} << 32 | at;
}
constexpr LoopId slot_loop(std::uint64_t immediate) { return static_cast<LoopId>(immediate >> 32); }
constexpr std::uint32_t slot_position(std::uint64_t immediate) {
  return static_cast<std::uint32_t>(immediate);
}

/// Total scratch a lane needs, in f64 elements.
std::uint64_t scratch_elements(const Kernel& kernel);

/// For each value whether it is the same in every lane: it depends on no lane number, draw, scratch
/// row or cell.
std::vector<bool> uniform_values(const Kernel& kernel);

/// Rounds that the loop will take, for whoever has to guess: its count, or `steps` where only the run tells
/// that. One for what has settled in most lanes before it begins, as the reduction of far angles.
double expected_rounds(const Kernel& kernel, const Loop& loop, double steps);

/// As many as a loop may take, for who has to end it: a count that only the run tells is `unknown`. A
/// rejection sampler settles long before its count; of what else may settle nobody knows whether it does, so
/// that it counts in full.
double most_rounds(const Kernel& kernel, const Loop& loop, double steps, double unknown);

/// Whether the loop's rounds are the steps through the kernel's data.
bool goes_through_data(const Kernel& kernel, const Loop& loop);

}  // namespace mc::ir
