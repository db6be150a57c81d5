// Programs and what one sample of each is, written out in plain C++: the same draws in the same order.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "tests/engine/random/reference.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/sanitized.hpp"

namespace mc::language {

/// Uniform draws of one lane, as a program's variables take them.
class Draws {
 public:
  Draws(random::Generator generator, std::uint64_t lane) : words_(generator, kSeed, kTile, lane) {}

  static constexpr std::uint64_t kSeed = 7, kTile = 3;

  void next_sample() { words_.next_sample(); }

  std::vector<double> vector(std::size_t n) {
    words_.align();
    std::vector<double> x;
    for (std::size_t k = 0; k < n; ++k) x.push_back(draw());
    return x;
  }
  double scalar() { return vector(1)[0]; }

 private:
  double draw() { return testing::uniform(words_.next()); }

  testing::LaneWords words_;
};

using Sample = std::function<double(Draws&)>;

inline double sum(
    const std::vector<double>& x, const std::function<double(double)>& f = [](double v) { return v; }) {
  double s = 0;
  for (double v : x) s += f(v);
  return s;
}

inline std::vector<double> mapped(std::vector<double> x, const std::function<double(double)>& f) {
  for (double& v : x) v = f(v);
  return x;
}

inline double square(double v) { return v * v; }

struct Case {
  const char* program;
  Sample sample;
};

inline ir::Kernel kernel_of(const char* program, random::Generator generator, bool screened) {
  const Parsed parsed = parse(program);
  EXPECT_TRUE(parsed.ok()) << render(parsed.diagnostics, program);
  const Checked checked = check({parsed.program, {}}, {});
  EXPECT_TRUE(checked.ok()) << render(checked.diagnostics, program);
  return passes::lower(lower(checked.model, generator, screened));
}

/// One sample of a lane, and the mean of two, by both kernels.
inline void expect_values(std::span<const Case> cases, random::Generator generator) {
  constexpr unsigned kMeanColumn = 3;  // count, nonfinite, first, mean: kernels::GroupLayout
  // Sanitizers look at code, and not at numbers: the evaluator, which never leaves a loop early, takes
  // minutes.
  const std::vector<std::uint64_t> lanes =
      testing::kIsSanitized ? std::vector<std::uint64_t>{255} : std::vector<std::uint64_t>{0, 255};
  const std::vector<bool> modes =
      testing::kIsSanitized ? std::vector<bool>{true} : std::vector<bool>{false, true};
  for (const Case& c : cases) {
    for (const bool screened : modes) {
      const ir::Kernel kernel = kernel_of(c.program, generator, screened);
      EXPECT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{}) << c.program;
      std::vector<const double*> arrays;
      const Checked checked = check({parse(c.program).program, {}}, {});
      for (const Array& array : checked.model.arrays) arrays.push_back(array.values.data());
      for (const std::uint64_t lane : lanes) {
        const kernels::Arguments arguments{
            .seed = Draws::kSeed, .tile = Draws::kTile, .scalars = nullptr, .arrays = arrays.data()};
        Draws draws(generator, lane);
        const double first = c.sample(draws);
        draws.next_sample();
        const double second = c.sample(draws);
        const double one = testing::Evaluator(kernel, arguments, lane, 1).run()[kMeanColumn];
        const double two = testing::Evaluator(kernel, arguments, lane, 2).run()[kMeanColumn];
        EXPECT_NEAR(one, first, 1e-12 * (1 + std::abs(first))) << c.program << ", lane " << lane;
        EXPECT_NEAR(two, (first + second) / 2, 1e-12 * (1 + std::abs(first) + std::abs(second)))
            << c.program << ", lane " << lane;
      }
    }
  }
}

}  // namespace mc::language
