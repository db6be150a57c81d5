#include "tests/engine/passes/report.hpp"

#include <gtest/gtest.h>
#include <mpfr.h>

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#if __has_include(<gnu/libc-version.h>)
#include <gnu/libc-version.h>
#endif

namespace mc::testing {
namespace {

std::string c_library() {
#ifdef __GLIBC__
  return fmt::format("glibc {}", gnu_get_libc_version());
#else
  return "C's library";
#endif
}

constexpr std::string_view kDoubles = R"(# Accuracy of the functions

The largest error found, in units in the last place of the result, against MPFR {0} at 120 bits. Correct rounding would be
0.5. Special values are C's (Annex F), in both precisions. This page is written by

    MC_ACCURACY_SAMPLES={1} MC_ACCURACY_EXHAUSTIVE=1 MC_ACCURACY_TABLE=docs/accuracy.md build/release/tests/accuracy_test

## Double precision

{1} arguments drawn from each of up to 15 domains a function, which cover all doubles and dwell on the hard places
(tests/engine/passes/accuracy_table.cpp). A maximum over drawn arguments is no bound: others may be worse.
*Operations* are those of the kernel IR the function expands into, all branches included. The last column is {2},
measured on the same arguments in the same run. `lgamma_negative` is lgamma for x < 0, where an absolute error below 2.5e-16
counts as none. The last rows are the cheap cores that samplers use, on their domains.

What others publish, as maxima in double precision: glibc erfc 5, gamma 9, lgamma 4; CUDA erfc 4, gamma 8, normcdfinv 7, pow
2; SLEEF's u10 functions 1.0, erfc 1.5 to 2.5; Intel's vector library 0.5 to 0.8.

| function | goal | measured maximum | at | operations | arguments | {2} |
|---|---|---|---|---|---|---|
{3}
)";

constexpr std::string_view kSingles = R"(
## Single precision

Where *arguments* says "all", the maximum is one over all 2^32 floats (for the cores: over all in their domain), measured in
machine code against the function of doubles, whose own error is 2^-28 of a float's unit; MPFR confirms the worst. The others
are maxima over so many arguments, drawn as above (tests/engine/passes/single_table.cpp). The everyday tests, and the
command above without `MC_ACCURACY_EXHAUSTIVE`, try a million floats besides those drawn. To try all floats takes some 20
seconds of a core for each function.

*Operations*: on floats + on doubles; one on doubles counts twice, as half as many fit into a register. *Way*: a formula of
its own on floats (native) or on doubles (in_double), or the function of doubles, rounded (through_double): the table
engine/passes/functions/single/functions.def says why. {2} is measured on the arguments drawn, not on all floats.

What others publish: CUDA's maxima are those of the CUDA C Programming Guide, appendix "Mathematical Functions", as compiled
in intel/llvm's `sycl/doc/cuda/cuda-vs-opencl-math-builtin-precisions.md` (distances to the correctly rounded result, from
tests that were not exhaustive); SLEEF's are the bounds of its more exact versions, u10 and the like, of
`src/libm/funcproto.h` (sin, cos and tan up to 1e28 only, by its manual; its faster u35 versions of sin, cos, tan, asin, acos,
atan, atan2, log, log2, exp2, cbrt, sinh, cosh and tanh have 3.5).

| function | goal | measured maximum | at | arguments | operations | way | {2} | CUDA | SLEEF |
|---|---|---|---|---|---|---|---|---|---|
{3}
)";

class Writer : public ::testing::Environment {
 public:
  void TearDown() override {
    const char* path = std::getenv("MC_ACCURACY_TABLE");
    if (path == nullptr) return;
    std::ofstream file(path);
    write(file, kDoubles, report().doubles);
    write(file, kSingles, report().singles);
  }

 private:
  static void write(std::ofstream& file, std::string_view text, const std::vector<std::string>& rows) {
    file << fmt::format(fmt::runtime(text), mpfr_get_version(), samples_a_domain(), c_library(),
                        fmt::join(rows, "\n"));
  }
};

const auto* const kWriter = ::testing::AddGlobalTestEnvironment(new Writer);

}  // namespace

Report& report() {
  static Report report;
  return report;
}

long samples_a_domain() {
  const char* text = std::getenv("MC_ACCURACY_SAMPLES");
  return text != nullptr ? std::atol(text) : 3000;
}

}  // namespace mc::testing
