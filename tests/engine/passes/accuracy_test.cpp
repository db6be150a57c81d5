// How far every mathematical function is from the truth, in ulps, against MPFR, in both precisions; and those
// of one float against the one of doubles on very many floats.
//   MC_ACCURACY_SAMPLES=n            draws n arguments a domain instead of 3000
//   MC_ACCURACY_EXHAUSTIVE=1         tries all 2^32 floats instead of a million
//   MC_ACCURACY_TABLE=docs/accuracy.md   writes what was measured, with the operations each function expands
//   into
//                                    and what C's library does on the same arguments
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/ir/builder.hpp"
#include "engine/passes/functions/functions.hpp"
#include "engine/passes/functions/ir_number.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/passes/accuracy.hpp"
#include "tests/engine/passes/report.hpp"
#include "tests/engine/passes/sweep.hpp"

namespace mc {
namespace {

using testing::all_cores;
using testing::all_functions;
using testing::Domain;
using testing::Exact;
using testing::Function;
using testing::samples_a_domain;
using testing::SingleFunction;

// ---- measuring

struct Worst {
  double ulps = 0, x = 0, y = 0;
  double libm = 0;  ///< of C's library, on the same arguments
  long samples = 0;
};

bool is_exhaustive() { return std::getenv("MC_ACCURACY_EXHAUSTIVE") != nullptr; }

/// The error in ulps, or 0 where it is small enough in itself.
template <class Float>
double error_of(Float got, mpfr_srcptr exact, double forgiven) {
  static Exact difference;
  mpfr_d_sub(difference, got, exact, MPFR_RNDN);
  if (mpfr_cmpabs(difference, Exact(forgiven)) < 0) return 0;
  return testing::ulps_off(got, exact);
}

template <class Float, class Of>
Worst measure(const Of& f, double forgiven = 0) {
  Worst worst;
  testing::Arguments<Float> arguments;
  Exact exact;
  for (const Domain& domain : f.domains) {
    for (long i = 0; i < samples_a_domain(); ++i, ++worst.samples) {
      const Float x = arguments.draw(domain.x), y = f.arity == 2 ? arguments.draw(domain.y, x) : 0;
      f.exact(exact, x, y);
      const double ulps = error_of(f.plain(x, y), exact, forgiven);
      if (!(ulps <= worst.ulps)) worst.ulps = ulps, worst.x = x, worst.y = y;
      if (f.libm != nullptr) worst.libm = std::max(worst.libm, error_of(f.libm(x, y), exact, forgiven));
    }
  }
  return worst;
}

struct Count {
  long singles = 0, doubles = 0;  ///< operations that give a float or word of 32 bits, or one of 64
};

/// Operations in the kernel IR, after sharing and without constants.
Count operations(testing::Recorded recorded, ir::Type type) {
  ir::Builder builder;
  const auto argument = [&](std::uint32_t k) {
    const ir::X x{builder, builder.scalar(k)};
    return type == ir::Type::f32 ? to_f32(x) : x;
  };
  const ir::X result = recorded(argument(0), argument(1));
  builder.output(0, type == ir::Type::f32 ? to_f64(result) : result);
  const ir::Kernel kernel = passes::simplify(builder.finish(2));
  Count count;
  for (ir::Value v : kernel[ir::kEntry].body) {
    const ir::Op op = kernel[v].op;
    if (op == ir::Op::output || op == ir::Op::to_bits || op == ir::Op::from_bits || ir::info(op).arity == 0)
      continue;
    // A comparison or a choice between truths costs what its operands are.
    const ir::Type of = kernel[v].type == ir::Type::i1 ? kernel[kernel[v].operands[0]].type : kernel[v].type;
    (ir::bit_width(of) == 64 ? count.doubles : count.singles) += 1;
  }
  return count;
}

std::string shown(const Function& f, const Worst& worst) {
  const std::string argument =
      f.arity == 2 ? fmt::format("{:a}, {:a}", worst.x, worst.y) : fmt::format("{:a}", worst.x);
  const std::string goal =
      f.absolute > 0 ? fmt::format("{} or {}", f.goal, f.absolute) : fmt::format("{}", f.goal);
  const std::string libm = f.libm != nullptr ? fmt::format("{:.3g}", worst.libm) : "";
  return fmt::format("| {} | {} | {:.3f} | {} | {} | {} | {} |", f.name, goal, worst.ulps, argument,
                     operations(f.recorded, ir::Type::f64).doubles, worst.samples, libm);
}

std::string shown(const SingleFunction& f, const Worst& worst) {
  const std::string argument =
      f.arity == 2 ? fmt::format("{:a}, {:a}", worst.x, worst.y) : fmt::format("{:a}", worst.x);
  const Count count = operations(f.recorded, ir::Type::f32);
  const std::string arguments =
      worst.samples >= static_cast<long>(testing::kAllFloats) ? "all" : fmt::format("{}", worst.samples);
  const std::string libm = f.libm != nullptr ? fmt::format("{:.3g}", worst.libm) : "";
  return fmt::format("| {} | {} | {:.3f} | {} | {} | {} + {} | {} | {} | {} | {} |", f.name, f.goal,
                     worst.ulps, argument, arguments, count.singles, count.doubles, f.way, libm, f.cuda,
                     f.sleef);
}

class Accuracy : public ::testing::TestWithParam<Function> {};

TEST_P(Accuracy, meets_its_goal) {
  const Worst worst = measure<double>(GetParam(), GetParam().absolute);
  EXPECT_LE(worst.ulps, GetParam().goal) << shown(GetParam(), worst);
  testing::report().doubles.push_back(shown(GetParam(), worst));
}

const auto name_of = [](const auto& info) { return std::string(info.param.name); };

INSTANTIATE_TEST_SUITE_P(functions, Accuracy, ::testing::ValuesIn(all_functions()), name_of);
INSTANTIATE_TEST_SUITE_P(cores, Accuracy, ::testing::ValuesIn(all_cores()), name_of);

class SingleAccuracy : public ::testing::TestWithParam<SingleFunction> {};

/// The worst of a sweep over floats, exactly.
Worst swept(const SingleFunction& f, std::uint64_t arguments) {
  const testing::Swept swept = testing::sweep(f, arguments);
  Exact exact;
  f.exact(exact, swept.at, 0);
  Worst worst{.ulps = swept.ulps, .x = swept.at, .samples = static_cast<long>(swept.arguments)};
  // Machine code and plain C++ give the same float; a sweep that says more than MPFR has found a wrong zero.
  EXPECT_NEAR(testing::ulps_off(f.plain(swept.at, 0), exact), swept.ulps, 1e-6) << f.name << ' ' << swept.at;
  return worst;
}

TEST_P(SingleAccuracy, meets_its_goal) {
  const SingleFunction& f = GetParam();
  Worst worst = measure<float>(f);
  if (f.trusted != nullptr) {
    const Worst of_sweep = swept(f, is_exhaustive() ? testing::kAllFloats : 1'000'000);
    worst.samples = is_exhaustive() ? of_sweep.samples : worst.samples + of_sweep.samples;
    if (of_sweep.ulps > worst.ulps) worst.ulps = of_sweep.ulps, worst.x = of_sweep.x;
  }
  EXPECT_LE(worst.ulps, f.goal) << shown(f, worst);
  testing::report().singles.push_back(shown(f, worst));
}

INSTANTIATE_TEST_SUITE_P(functions, SingleAccuracy, ::testing::ValuesIn(testing::all_single_functions()),
                         name_of);
INSTANTIATE_TEST_SUITE_P(cores, SingleAccuracy, ::testing::ValuesIn(testing::all_single_cores()), name_of);

/// Where a sweep looks it finds: here +0, argument number 0.
TEST(Sweep, finds_the_one_float_that_is_wrong) {
  SingleFunction f = testing::all_single_functions().front();
  f.recorded = [](ir::X x, ir::X) {
    return select(to_bits(x) == std::uint64_t{0}, x + 5.0, functions::f32::exp(x));
  };
  EXPECT_GT(testing::sweep(f, 1).ulps, 1e6);
}

/// Every function of a kernel has its row.
TEST(AccuracyTable, is_complete) {
  std::vector<std::string> rows;
  for (const Function& f : all_functions()) rows.emplace_back(f.name);
#define MC_FUNCTION(name, arity) EXPECT_EQ(std::count(rows.begin(), rows.end(), #name), 1) << #name;
#include "engine/ir/functions.def"
#undef MC_FUNCTION
}

}  // namespace
}  // namespace mc
