// How far every mathematical function is from the truth, in ulps, against MPFR. MC_ACCURACY_SAMPLES=n draws n
// arguments a domain instead of 3000; MC_ACCURACY_TABLE=docs/accuracy.md writes what was measured, with the
// operations each function expands into and what C's library does on the same arguments.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#if __has_include(<gnu/libc-version.h>)
#include <gnu/libc-version.h>
#endif

#include "engine/ir/builder.hpp"
#include "engine/passes/functions/functions.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/passes/accuracy.hpp"

namespace mc {
namespace {

using testing::all_cores;
using testing::all_functions;
using testing::Domain;
using testing::Exact;
using testing::Function;

// ---- measuring

struct Worst {
  double ulps = 0, x = 0, y = 0;
  double libm = 0;  ///< of C's library, on the same arguments
  long samples = 0;
};

long samples_a_domain() {
  const char* text = std::getenv("MC_ACCURACY_SAMPLES");
  return text != nullptr ? std::atol(text) : 3000;
}

/// The error in ulps, or 0 where it is small enough in itself.
double error_of(double got, mpfr_srcptr exact, double forgiven) {
  static Exact difference;
  mpfr_d_sub(difference, got, exact, MPFR_RNDN);
  if (mpfr_cmpabs(difference, Exact(forgiven)) < 0) return 0;
  return testing::ulps_off(got, exact);
}

Worst measure(const Function& f) {
  Worst worst;
  testing::Arguments arguments;
  Exact exact;
  for (const Domain& domain : f.domains) {
    for (long i = 0; i < samples_a_domain(); ++i, ++worst.samples) {
      const double x = arguments.draw(domain.x), y = f.arity == 2 ? arguments.draw(domain.y, x) : 0;
      f.exact(exact, x, y);
      const double ulps = error_of(f.plain(x, y), exact, f.absolute);
      if (!(ulps <= worst.ulps)) worst.ulps = ulps, worst.x = x, worst.y = y;
      if (f.libm != nullptr) worst.libm = std::max(worst.libm, error_of(f.libm(x, y), exact, f.absolute));
    }
  }
  return worst;
}

/// Operations in the kernel IR, after sharing and without constants.
long operations(const Function& f) {
  ir::Builder builder;
  const ir::X x{builder, builder.scalar(0)}, y{builder, builder.scalar(1)};
  builder.output(0, f.recorded(x, y));
  const ir::Kernel kernel = passes::simplify(builder.finish(2));
  long count = 0;
  for (ir::Value v : kernel[ir::kEntry].body) {
    const ir::Op op = kernel[v].op;
    if (op != ir::Op::output && op != ir::Op::to_bits && op != ir::Op::from_bits)
      count += ir::info(op).arity > 0;
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
                     operations(f), worst.samples, libm);
}

std::string c_library() {
#ifdef __GLIBC__
  return fmt::format("glibc {}", gnu_get_libc_version());
#else
  return "C's library";
#endif
}

std::string preamble() {
  return fmt::format(
      R"(# Accuracy of the functions

The largest error found, in units in the last place of the result, in double precision, against MPFR {0} at 120 bits:
{1} arguments drawn from each of up to 15 domains a function, which cover all doubles and dwell on the hard places
(tests/engine/passes/accuracy_table.cpp). A maximum over arguments drawn is no bound. Correct rounding would be 0.5.
*Operations* are those of the kernel IR the function expands into, all branches included. The last column is {2},
measured on the same arguments in the same run. `lgamma_negative` is lgamma for x < 0, where an absolute error below 2.5e-16
counts as none. The last rows are the cheap cores that samplers use, on their domains. Special values are C's (Annex F).
Single precision computes in double and rounds. This page is written by

    MC_ACCURACY_SAMPLES={1} MC_ACCURACY_TABLE=docs/accuracy.md build/release/tests/accuracy_test

What others publish, as maxima in double precision: glibc erfc 5, gamma 9, lgamma 4; CUDA erfc 4, gamma 8, normcdfinv 7, pow
2; SLEEF's u10 functions 1.0, erfc 1.5 to 2.5; Intel's vector library 0.5 to 0.8.

| function | goal | measured maximum | at | operations | arguments | {2} |
|---|---|---|---|---|---|---|
)",
      mpfr_get_version(), samples_a_domain(), c_library());
}

void report(const std::string& row) {
  const char* path = std::getenv("MC_ACCURACY_TABLE");
  if (path == nullptr) return;
  static std::ofstream table = [path] {
    std::ofstream file(path);
    file << preamble();
    return file;
  }();
  table << row << std::endl;
}

class Accuracy : public ::testing::TestWithParam<Function> {};

TEST_P(Accuracy, meets_its_goal) {
  const Worst worst = measure(GetParam());
  EXPECT_LE(worst.ulps, GetParam().goal) << shown(GetParam(), worst);
  report(shown(GetParam(), worst));
}

std::string name_of(const ::testing::TestParamInfo<Function>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(functions, Accuracy, ::testing::ValuesIn(all_functions()), name_of);
INSTANTIATE_TEST_SUITE_P(cores, Accuracy, ::testing::ValuesIn(all_cores()), name_of);

/// Every function of a kernel has its row.
TEST(AccuracyTable, is_complete) {
  std::vector<std::string> rows;
  for (const Function& f : all_functions()) rows.emplace_back(f.name);
#define MC_NAMED(name) EXPECT_EQ(std::count(rows.begin(), rows.end(), #name), 1) << #name;
  MC_FUNCTIONS(MC_NAMED, MC_NAMED)
#undef MC_NAMED
}

}  // namespace
}  // namespace mc
