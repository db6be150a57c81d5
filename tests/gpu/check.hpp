// What gpu_check's steps share: rows of a table, each computed though others fail; clocks; bits.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <mc/mc.hpp>

namespace mc::gpu {

struct Cells {
  std::string text;      ///< with | between
  bool is_right = true;  ///< the bits are those that they have to be
};

struct Row {
  std::string name;  ///< the first cell
  std::function<Cells()> compute;
};

/// Prints the rows as a table, and a line that counts them; 0 if each was computed and right. Where `apart`,
/// what a row throws, crashes with or takes too long for ends that row's process alone: a device's error
/// stays with its process. The calling one must not have used a device before.
int print_rows(const std::string& head, std::span<const Row> rows, bool apart = true);

/// Every so many-th of all there are; or of one for each kind of kernel.
std::vector<Row> moments(std::uint64_t samples, std::size_t every, bool kinds = false);
std::vector<Row> data(std::size_t length, std::size_t every, bool kinds = false);

/// What a run is asked for beside its samples: to stop, a goal, a part far out, back ends of its choice.
std::vector<Row> runs(double share);  ///< of samples

int speeds(double share);    ///< of samples
int products(double share);  ///< of arrays
int loads();                 ///< of machine code

inline double milliseconds(auto work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

inline double best_ms(int times, auto work) {
  double best = 1e300;
  for (int k = 0; k < times; ++k) best = std::min(best, milliseconds(work));
  return best;
}

/// One NaN is as good as another.
template <class T>
bool same_bits(T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  return std::bit_cast<Bits>(a) == std::bit_cast<Bits>(b) || (a != a && b != b);
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](T x, T y) { return same_bits(x, y); });
}

/// Results, samples and warnings; not who computed what, and when.
bool same(const Report& a, const Report& b);
bool same(const Estimate& a, const Estimate& b);

/// As it may stand in a table.
std::string in_cell(std::string_view text);

/// Cells that end with whether the bits are the same; where they are not, with how they differ.
Cells told(bool is_same, std::string cells, auto difference) {
  return {cells + (is_same ? " | the same" : " | **others**: " + std::string(difference())), is_same};
}

}  // namespace mc::gpu
