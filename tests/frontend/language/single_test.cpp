// Programs in single precision: one sample of each written out in plain C++ on floats, two draws to a word of
// 64 bits, the low half first; and the same bits from the evaluator and from every back end at every width.
#include <cmath>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "tests/engine/kernels/back_ends.hpp"
#include "tests/engine/random/reference.hpp"
#include "tests/frontend/language/sampled_programs.hpp"

namespace mc::language {
namespace {

constexpr unsigned kMeanColumn = 3;  // count, nonfinite, first, mean: kernels::GroupLayout

/// Draws of floats: a word's halves, and what is left of a word, or a block, dropped before each variable.
class FloatDraws {
 public:
  FloatDraws(random::Generator generator, std::uint64_t lane)
      : words_(generator, Draws::kSeed, Draws::kTile, lane) {}

  std::vector<float> vector(std::size_t n) {
    has_half_ = false;
    words_.align();
    std::vector<float> x;
    for (std::size_t k = 0; k < n; ++k) x.push_back(draw());
    return x;
  }
  float scalar() { return vector(1)[0]; }

 private:
  float draw() {
    if (!has_half_) word_ = words_.next();
    const auto half = static_cast<std::uint32_t>(has_half_ ? word_ >> 32 : word_);
    has_half_ = !has_half_;
    return static_cast<float>((static_cast<double>(half >> 9) + 0.5) * 0x1p-23);
  }

  bool has_half_ = false;
  testing::LaneWords words_;
  std::uint64_t word_ = 0;
};

Checked checked_single(const char* program) {
  Setting setting;
  setting.single = true;
  Checked checked = check({parse(program).program, {}}, setting);
  EXPECT_TRUE(checked.ok()) << render(checked.diagnostics, program);
  return checked;
}

ir::Kernel single_kernel(const char* program, random::Generator generator, bool screened) {
  return passes::lower(lower(checked_single(program).model, generator, screened));
}

struct FloatCase {
  const char* program;
  std::function<double(FloatDraws&)> sample;
};

/// Exact to the last bit: no function whose rounding is its own, and each operation rounded as a float's.
const FloatCase kCases[] = {
    {"x ~ uniform(0, 1); E[x]", [](FloatDraws& d) { return d.scalar(); }},
    {"x ~ uniform(0, 1)^3; E[x_3]", [](FloatDraws& d) { return d.vector(3)[2]; }},
    {"x ~ uniform(0, 1); y ~ uniform(0, 1)^2; E[x - y_2]",
     [](FloatDraws& d) {
       const float x = d.scalar();
       return x - d.vector(2)[1];
     }},
    {"x ~ uniform(0, 1)^11; E[sum(x_i^2)]",
     [](FloatDraws& d) {
       float s = 0;
       for (float x : d.vector(11)) s = std::fma(x, x, s);
       return s;
     }},
    {"x ~ uniform(0, 1)^11; y ~ uniform(0, 1)^5; E[sum(x) + cumsum(y)_5]",
     [](FloatDraws& d) {
       float s = 0, t = 0;
       for (float x : d.vector(11)) s += x;
       for (float y : d.vector(5)) t += y;
       return s + t;
     }},
    // more than 128 are folded as doubles, and rounded in the end
    {"x ~ uniform(0, 1)^129; E[sum(x)]",
     [](FloatDraws& d) {
       double s = 0;
       for (float x : d.vector(129)) s += x;
       return static_cast<float>(s);
     }},
    // what no draw changes is a double until it meets a float
    {"a = 1/3; x ~ uniform(0, 1); E[x + (a + 1e-9 - 1/3)]",
     [](FloatDraws& d) { return d.scalar() + static_cast<float>(1.0 / 3 + 1e-9 - 1.0 / 3); }},
    {"x ~ uniform(0, 1); E[x - 0.1]", [](FloatDraws& d) { return d.scalar() - 0.1F; }},
    {"x ~ uniform(0, 1)^7; E[sum(i*x_i)]",
     [](FloatDraws& d) {
       float s = 0, i = 1;
       for (float x : d.vector(7)) s = std::fma(i++, x, s);
       return s;
     }},
    // doubles that were asked for, and numbers that are no floats
    {"x ~ uniform(0, 1); E[double(x - 0.1)]", [](FloatDraws& d) { return d.scalar() - 0.1; }},
    {"x ~ uniform(0, 1); E[1e-60*x]", [](FloatDraws& d) { return 1e-60 * d.scalar(); }},
    {"x ~ uniform(0, 1); E[iterate(y = x, y*0.5 + 0.1, 3)]",
     [](FloatDraws& d) {
       double y = d.scalar();
       for (int k = 0; k < 3; ++k) y = std::fma(y, 0.5, 0.1);
       return y;
     }},
    {"x ~ uniform(0, 1); E[x < 0.25]", [](FloatDraws& d) { return d.scalar() < 0.25F; }},
    {"h() ~ u*w until v < 0.5; x ~ h()^3; E[x_3]",
     [](FloatDraws& d) {
       float x = 0;
       for (int k = 0; k < 3; ++k) {
         std::vector<float> t;
         do t = d.vector(2);
         while (!(t[1] < 0.5F));
         x = t[0] * d.scalar();
       }
       return x;
     }},
};

TEST(Single, SamplesAreWhatTheSameIsInFloats) {
  for (const random::Generator generator : testing::kGenerators)
    for (const FloatCase& c : kCases)
      for (const bool screened : {false, true}) {
        const ir::Kernel kernel = single_kernel(c.program, generator, screened);
        EXPECT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{}) << c.program;
        for (const std::uint64_t lane : {0u, 9u, 255u}) {
          FloatDraws draws(generator, lane);
          const kernels::Arguments arguments{.seed = Draws::kSeed, .tile = Draws::kTile};
          EXPECT_EQ(testing::Evaluator(kernel, arguments, lane, 1).run()[kMeanColumn], c.sample(draws))
              << c.program << ", lane " << lane << ", " << random::name(generator);
        }
      }
}

/// Samplers of every kind, functions on floats and in doubles, what is stored, conditions and densities.
const char* const kPrograms[] = {
    "x ~ uniform(0, 1)^10; E[sum(x_i^2)], Var[max(x)]",
    "z ~ normal(0, 1)^6; E[max(mean(exp(cumsum(z))) - 1, 0)]",
    "z ~ normal(0, 1)^6; s = cumsum(z); E[s_6 - s_1], P[any(s > 2)]",
    "x ~ gamma(0.4, 2)^3; E[sum(log(x))], E[sin(x_1)*cos(x_2)]",
    "x ~ beta(0.5, 2); k ~ binomial(20, x); E[k], E[x | k == 3]",
    "k ~ poisson(40)^2; E[k_1*k_2]",
    "t ~ studentt(3); c ~ cauchy(0, 1); E[atan(t)], E[c/(1 + c^2)]",
    "x ~ density(exp(-x), 0, inf); E[x^2]",
    "x ~ mvnormal([1, 2], [[2, 1], [1, 3]]); Cov[x_1, x_2], E[mvnormal.pdf(x, 0, [[2, 1], [1, 3]])]",
    "x ~ dirichlet([2, 3, 0.5]); E[x_1*x_3]",
    "x ~ uniform(0, 1)^200; E[sum(x)], E[prod(1 + x/200)], E[sum(sum(x_i*x_j))]",
    "x ~ uniform(1, 5); E[x^2.5], E[double(log(x))]",
};

TEST(Single, EveryBackEndGivesTheBitsOfTheEvaluator) {
  std::size_t turn = 0;
  for (const char* program : kPrograms) {
    SCOPED_TRACE(program);
    const random::Generator generator = testing::kGenerators[turn++ % std::size(testing::kGenerators)];
    const ir::Kernel kernel = single_kernel(program, generator, true);
    const Checked checked = checked_single(program);
    std::vector<const double*> arrays;
    for (const Array& array : checked.model.arrays) arrays.push_back(array.values.data());
    const kernels::Arguments arguments{.seed = 5, .tile = 2, .scalars = nullptr, .arrays = arrays.data()};
    constexpr std::uint32_t kSteps = 3;
    const std::vector<testing::BackEnd> back_ends = testing::back_ends();
    std::vector<std::vector<double>> columns;
    for (const testing::BackEnd& each : back_ends)
      columns.push_back(testing::columns_of(*each.make(kernel), arguments, kSteps));
    const std::vector<std::uint64_t> all_lanes{5, 0, 2, 14, 131, 255};  // sanitized, the evaluator takes long
    for (const std::uint64_t lane :
         std::span(all_lanes).first(testing::kIsSanitized ? 1 : all_lanes.size())) {
      const auto expected = testing::Evaluator(kernel, arguments, lane, kSteps).run();
      for (std::size_t b = 0; b < back_ends.size(); ++b)
        for (std::size_t k = 0; k < expected.size(); ++k)
          EXPECT_EQ(std::bit_cast<std::uint64_t>(columns[b][k * kernels::kLanes + lane]),
                    std::bit_cast<std::uint64_t>(expected[k]))
              << back_ends[b].name << ", column " << k << ", lane " << lane;
    }
  }
}

}  // namespace
}  // namespace mc::language
