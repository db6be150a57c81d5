// Running sums inside the rounds of other loops: random programs against the plain meaning of their terms,
// how each is computed, and the limits on it.
#include "frontend/language/running.hpp"

#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/engine/random/reference.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/term_value.hpp"

namespace mc::language {
namespace {

Model model_of(const std::string& program) {
  const Parsed parsed = parse(program);
  EXPECT_TRUE(parsed.ok()) << render(parsed.diagnostics, program);
  Checked checked = check({parsed.program, {}, {.index_levels = 24}}, {});
  EXPECT_TRUE(checked.ok()) << render(checked.diagnostics, program);
  return std::move(checked.model);
}

ir::Kernel kernel_of(const Model& model, const Limits& limits = {}) {
  return passes::lower(lower(model, random::Generator::xoshiro256pp, false, limits));
}

// ---- random programs

/// Sums, running sums and functions of vectors, nested at random. Every name is a vector of 4 to 7.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    return fmt::format(
        "x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^7; w = [0.5, -0.25, 1, 0.75, -1, 0.5]; z = [1, -0.5, 2, "
        "0.25]; "
        "f(v) = sum(v_j*max(v_j*x_k - v_{{k + 1}})); g(v) = max(v - mean(v)); "
        "h(v) = v_2 + sum((v_{{j + 1}} - v_j)*cumsum(v)_j); r(v, s) = min(cumsum(v*s) + cumsum(v)); E[{}]",
        over_an_index(4));
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  std::string number(unsigned depth) {
    if (depth == 0) return leaf();
    switch (below(8)) {
      case 0:
        return fmt::format("({} + {})", number(depth - 1), number(depth - 1));
      case 1:
        return fmt::format("({} - 0.5*{})", number(depth - 1), number(depth - 1));
      case 2:
      case 3:
        return over_an_index(depth);
      case 4:
      case 5:
        return fmt::format("cumsum({})_{}", vector(base(), depth - 1), subscript());
      case 6:
        return fmt::format("{}({})", whole(), vector(base(), depth - 1));
      default:
        return fmt::format("r({}, {})", vector(base(), depth - 1), number(depth - 1));
    }
  }

  std::string leaf() {
    if (indices_.empty() || below(4) == 0) return fmt::format("{}_{}", base(), below(4) + 1);
    if (below(4) == 0) return "0.25*" + index();
    return fmt::format("{}_{}", base(), subscript());
  }

  /// Binds one index or two, each of which some vector is subscripted with.
  std::string over_an_index(unsigned depth) {
    const char* const reductions[] = {"sum", "max", "min", "mean"};
    std::string factors;
    const std::size_t outside = indices_.size();
    for (std::uint64_t k = below(3) == 0 ? 2 : 1; k > 0; --k) {
      indices_.push_back(fmt::format("i{}", ++last_index_));
      factors += fmt::format("{}_{}*", base(), indices_.back());
    }
    const std::string body = number(depth - 1);
    indices_.resize(outside);
    return fmt::format("{}({}{})", reductions[below(4)], factors, body);
  }

  std::string whole() {
    const char* const functions[] = {"f", "g", "h", "sum", "max", "mean"};
    return functions[below(6)];
  }

  std::string base() {
    const char* const vectors[] = {"x", "y", "w", "z"};
    return vectors[below(4)];
  }

  std::string vector(const std::string& name, unsigned depth) {
    if (depth == 0) return name;
    switch (below(4)) {
      case 0:
        return fmt::format("cumsum({})", vector(name, depth - 1));
      case 1:
        return fmt::format("({} + {})", vector(name, depth - 1), vector(name, depth - 1));
      case 2:
        return fmt::format("({}*{})", name, number(depth - 1));
      default:
        return fmt::format("({} - {})", vector(name, depth - 1), number(depth - 1));
    }
  }

  const std::string& index() { return indices_[below(indices_.size())]; }

  std::string subscript() {
    if (indices_.empty() || below(4) == 0) return fmt::format("{}", below(4) + 1);
    switch (below(5)) {
      case 0:
        return fmt::format("{{{} + 1}}", index());
      case 1:
        return fmt::format("{{5 - {}}}", index());
      default:
        return index();
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> indices_;
  unsigned last_index_ = 0;
};

bool has_outer_index(const Model& model) {
  return std::ranges::any_of(model.terms.scans(),
                             [&](const Scan& scan) { return model.terms.outer_levels(scan) != 0; });
}

constexpr unsigned kMeanColumn = 3;  // count, nonfinite, first, mean: kernels::GroupLayout

std::vector<const double*> arrays_of(const Model& model) {
  std::vector<const double*> arrays;
  for (const Array& array : model.arrays) arrays.push_back(array.values.data());
  return arrays;
}

/// The mean of one sample in a lane.
double reference(const Model& model, std::uint64_t lane) {
  auto stream = testing::Xoshiro256pp::of_lane(7, 3, lane);
  std::vector<std::vector<double>> variables;
  for (const Variable& variable : model.variables) {
    variables.emplace_back();
    for (std::int64_t k = 0; k < variable.extent; ++k)
      variables.back().push_back(testing::uniform(stream.next()));
  }
  return testing::TermValue(model, variables)(model.queries[0].values[0]);
}

TEST(Running, RandomProgramsMeanWhatTheirTermsSay) {
  unsigned with_outer_index = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const std::string program = RandomProgram(seed).text();
    const Model model = model_of(program);
    const ir::Kernel kernel = kernel_of(model);
    ASSERT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{}) << program;
    with_outer_index += has_outer_index(model);
    const auto arrays = arrays_of(model);
    const kernels::Arguments arguments{.seed = 7, .tile = 3, .scalars = nullptr, .arrays = arrays.data()};
    const double value = testing::Evaluator(kernel, arguments, 9, 1).run()[kMeanColumn];
    const double expected = reference(model, 9);
    if (std::isfinite(expected))
      ASSERT_NEAR(value, expected, 1e-9 * (1 + std::abs(expected))) << seed << ": " << program;
    else
      ASSERT_EQ(std::isfinite(value), false) << seed << ": " << program;  // an index without rounds
  }
  EXPECT_GT(with_outer_index, 500u) << "most of them should have what this is about";
}

TEST(Running, AllBackEndsAgree) {
  const auto back_ends = testing::back_ends();
  unsigned compared = 0;
  for (std::uint64_t seed = 0; compared < 12; ++seed) {
    const std::string program = RandomProgram(seed).text();
    const Model model = model_of(program);
    if (!has_outer_index(model)) continue;
    ++compared;
    const ir::Kernel kernel = kernel_of(model);
    const auto arrays = arrays_of(model);
    const kernels::Arguments arguments{.seed = 7, .tile = 3, .scalars = nullptr, .arrays = arrays.data()};
    for (const testing::BackEnd& each : back_ends) {
      const auto columns = testing::columns_of(*each.make(kernel), arguments, 2);
      for (const unsigned lane : {0u, 131u, 255u}) {
        const auto expected = testing::evaluate(kernel, arguments, lane, 2);
        for (unsigned k = 0; k < kernel.outputs; ++k)
          ASSERT_TRUE(testing::same_number(columns[k * kernels::kLanes + lane], expected[k]))
              << each.name << ": " << program;
      }
    }
  }
}

// ---- how they are computed

/// Rows, and loops inside the loop over samples.
struct Made {
  std::size_t rows, loops;
  bool operator==(const Made&) const = default;
};

Made made_of(const std::string& query) {
  const ir::Kernel kernel =
      kernel_of(model_of("a = [1, 2, 3, 4, 5, 6, 7]; x ~ uniform(0, 1)^9; y ~ uniform(0, 1); " + query));
  constexpr std::size_t kOthers = 2;  // that one itself, and one that fills the generator's state before it
  return {kernel.rows.size(), kernel.loops.size() - kOthers};
}

TEST(Running, WhatALoopNeedsInItsOwnOrderGoesAlongWithIt) {
  EXPECT_EQ(made_of("E[sum(x_i)]"), (Made{0, 1}));
  EXPECT_EQ(made_of("E[sum(cumsum(x_i*a)_j)]"), (Made{1, 3})) << "x is drawn and kept; then two loops";
  EXPECT_EQ(made_of("E[sum(cumsum(cumsum(x_i*a))_j*cumprod(a + x_i)_j)]"), (Made{1, 3}));
  EXPECT_EQ(made_of("E[sum(x_i*sum(cumsum(x_i*a)))]"), (Made{0, 2})) << "with x drawn in the outer one";
}

TEST(Running, OneElementIsAFold) {
  EXPECT_EQ(made_of("E[sum(cumsum(x_i*a)_3)]"), (Made{0, 1})) << "written out";
  EXPECT_EQ(made_of("E[sum(cumsum(x_i*a)_6)]"), (Made{0, 2}));
  EXPECT_EQ(made_of("E[sum(x_i*sum(a_j*cumsum(x_i*a)_6))]"), (Made{0, 3})) << "once for all j";
}

TEST(Running, WhatIsNeededOutOfOrderIsStoredAndTheRowUsedAgain) {
  EXPECT_EQ(made_of("E[sum(x_i*sum(cumsum(x_i*a)_{j + 1}))]"), (Made{1, 3}));
  EXPECT_EQ(made_of("E[sum(x_i*sum(cumsum(x_i*a)_{j + 1}*cumsum(x_i + a)_{8 - j}))]"), (Made{2, 4}));
  EXPECT_EQ(
      made_of("E[sum(x_i*sum(cumsum(x_i*a)_{j + 1})) + sum(i*x_{10 - i}*sum(cumsum(x_i/a)_{j + 1}))]").rows,
      2u)
      << "x, and one row for both";
}

TEST(Running, KernelsDoNotGrowWithTheDimension) {
  const auto size = [](int n) {
    return kernel_of(
               model_of(fmt::format("x ~ uniform(0, 1)^{}; E[sum(x_i*max(cumsum(x - x_i)_{{j + 1}}))]", n)))
        .nodes.size();
  };
  EXPECT_EQ(size(30), size(1000));
}

// ---- limits

std::string refusal(const std::string& program, const Limits& limits) {
  const Checked checked = check({parse(program).program, {}, limits}, {});
  if (!checked.ok()) return (*checked.diagnostics.begin()).message;
  try {
    kernel_of(checked.model, limits);
  } catch (const TooLarge& large) {
    return large.what();
  }
  return "accepted";
}

TEST(Running, TheLimitsHold) {
  const char* const stored = "x ~ uniform(0, 1)^10; E[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]";
  EXPECT_EQ(refusal(stored, {.stored = 19}),
            "a sample of this program has to store 20 numbers; at most 19 (Limits::stored)");
  EXPECT_EQ(refusal(stored, {.stored = 20}), "accepted");
  const char* const rounds = "x ~ uniform(0, 1)^100; E[sum(cumsum(x_i*x)_90)]";
  EXPECT_EQ(refusal(rounds, {.rounds = 9000}),
            "a sample of this program takes 9200 rounds of its loops or more; at most 9000 (Limits::rounds)");
  EXPECT_EQ(refusal(rounds, {.rounds = 9200}), "accepted");
  EXPECT_EQ(refusal("x ~ uniform(0, 1)^4; E[sum(cumsum(x_i*x)_4*cumsum(x_i - x)_4)]", {.operations = 20}),
            "the program needs a kernel of more than 20 operations (Limits::operations)");
}

/// Each round of one is a fold of the next: without limits that is 3^n evaluations.
TEST(Running, SumsInSumsEnd) {
  const auto nested = [](unsigned deep, const char* element) {
    std::string vector = "x_i*x";
    for (unsigned k = 0; k < deep; ++k) vector = "x + cumsum(" + vector + ")" + element;
    return "x ~ uniform(0, 1)^5; E[sum(cumsum(" + vector + ")_3)]";
  };
  for (const char* element : {"", "_1", "_3"}) {
    EXPECT_EQ(refusal(nested(5, element), {}), "accepted") << element;
    EXPECT_EQ(refusal(nested(6, element), {}), "accepted") << element;
    EXPECT_EQ(refusal(nested(7, element), {}), "reductions nest more than 8 indices deep") << element;
    EXPECT_EQ(refusal(nested(100, element), {}), "reductions nest more than 8 indices deep") << element;
  }
}

}  // namespace
}  // namespace mc::language
