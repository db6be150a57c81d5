// The whole way from text to machine code, stage by stage as the API goes it: ten times the program may take
// no more than fifteen times the time. Shapes of programs are a table; each has its own way to be long.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/interpreter/interpreter.hpp"
#include "engine/llvm/compiler.hpp"
#include "engine/passes/passes.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"
#include "tests/support/cpu_time.hpp"

namespace mc::testing {
namespace {

using Piece = std::string (*)(int k);

/// Pieces 1 to n, with something between them.
std::string joined(int n, const char* between, Piece piece) {
  std::string text;
  for (int k = 1; k <= n; ++k) text += (k > 1 ? between : "") + piece(k);
  return text;
}

std::string sum_of(int n, Piece piece) { return "x ~ uniform(0, 1); E[" + joined(n, " + ", piece) + "]"; }

std::string variables(int n, const char* between_sums, Piece statement, Piece term) {
  return joined(n, "; ", statement) + "; E[" + joined(n, between_sums, term) + "]";
}

std::string z(int k) { return fmt::format("z{}", k); }

struct Growing {
  const char* name;
  int length;  ///< of the short program; the long one has ten times as many
  std::string (*text)(int n);
};

const Growing kGrowing[] = {
    {"terms", 80, [](int n) { return sum_of(n, [](int k) { return fmt::format("sqrt(x + {})", k); }); }},
    {"powers", 80,
     [](int n) { return sum_of(n, [](int k) { return fmt::format("{}*x^{}", k, k % 7 + 2); }); }},
    {"parameters", 80, [](int n) { return sum_of(n, [](int k) { return fmt::format("a{}*x", k); }); }},
    {"factors", 80,
     [](int n) {
       return "x ~ uniform(0, 1); E[" + joined(n, "*", [](int k) { return fmt::format("(1 + x/{})", k); }) +
              "]";
     }},
    {"maximum", 80,
     [](int n) {
       return "x ~ uniform(0, 1); E[max(" +
              joined(n, ", ", [](int k) { return fmt::format("{}*x - {}", k, k * k); }) + ")]";
     }},
    {"nested_calls", 12,
     [](int n) {
       std::string text = "x";
       for (int k = 0; k < n; ++k) text = "sin(" + text + ")";
       return "x ~ uniform(0, 1); E[" + text + "]";
     }},
    {"definitions", 50,
     [](int n) {
       return "x ~ uniform(0, 1); y0 = x; " +
              joined(n, "; ",
                     [](int k) { return fmt::format("y{} = y{}*exp(-y{}) + 0.25", k, k - 1, k - 1); }) +
              fmt::format("; E[y{}]", n);
     }},
    {"functions", 80,
     [](int n) {
       return "f(u) = u*u + sqrt(u); " + sum_of(n, [](int k) { return fmt::format("f(x + {})", k); });
     }},
    {"uniform_variables", 60,
     [](int n) {
       return variables(
           n, " + ", [](int k) { return z(k) + " ~ uniform(0, 1)"; }, [](int k) { return z(k) + "^2"; });
     }},
    {"normal_variables", 20,
     [](int n) { return variables(n, " + ", [](int k) { return z(k) + " ~ normal(0, 1)"; }, z); }},
    {"vectors", 20,
     [](int n) {
       return variables(
           n, " + ", [](int k) { return z(k) + " ~ uniform(0, 1)^10"; },
           [](int k) { return fmt::format("sum(z{}_i^2)", k); });
     }},
    {"means", 40,
     [](int n) {
       return "x ~ uniform(0, 1); " + joined(n, ", ", [](int k) { return fmt::format("E[(x + {})^2]", k); });
     }},
    {"variances", 20,
     [](int n) {
       return "x ~ uniform(0, 1); " +
              joined(n, ", ", [](int k) { return fmt::format("Var[(x + {})^2]", k); });
     }},
    {"literal", 100,
     [](int n) {
       return fmt::format("x ~ uniform(0, 1)^{}; a = [{}]; E[sum(a_i*x_i)]", n,
                          joined(n, ", ", [](int k) { return fmt::format("{}.5", k); }));
     }},
    {"dimension", 1000, [](int n) { return fmt::format("x ~ uniform(0, 1)^{}; E[sum(x_i^2)]", n); }},
};

void PrintTo(const Growing& growing, std::ostream* os) { *os << growing.name; }

language::Setting setting_of(const std::string& name, int length) {
  language::Setting setting;
  if (name == "parameters")
    for (int k = 1; k <= length; ++k) setting.parameters.push_back({fmt::format("a{}", k), {}});
  return setting;
}

constexpr std::array kStages{"parse",  "first check", "check",       "lower",
                             "passes", "interpreter", "machine code"};
using Times = std::array<double, kStages.size()>;

/// Milliseconds of each stage, once.
Times compile(const std::string& text, const language::Setting& setting) {
  Times times{};
  std::size_t stage = 0;
  const auto timed = [&](auto&& work) {
    const double start = thread_cpu_ms();
    auto made = work();
    times.at(stage++) = thread_cpu_ms() - start;
    return made;
  };
  auto parsed = timed([&] { return language::parse(text); });
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << text.substr(0, 200);
  const language::Source source{std::move(parsed.program), std::nullopt};
  language::Setting unsettled;
  unsettled.settled = false;
  timed([&] { return language::check(source, unsettled); });
  const auto checked = timed([&] { return language::check(source, setting); });
  EXPECT_TRUE(checked.ok()) << text.substr(0, 200);
  const auto functions =
      timed([&] { return language::lower(checked.model, random::Generator::xoshiro256pp, false); });
  const auto kernel = timed([&] { return passes::lower(functions); });
  timed([&] { return interpreter::interpret(kernel); });
  timed([&] { return jit::compile(kernel); });
  return times;
}

void keep_least(Times& least, const Growing& growing, int length) {
  const Times times = compile(growing.text(length), setting_of(growing.name, length));
  for (std::size_t at = 0; at < times.size(); ++at) least[at] = std::min(least[at], times[at]);
}

/// What takes no time at all may take some: a tenth of a millisecond is the noise of clocks and caches.
bool is_linear(double small, double large) { return large < 15 * std::max(small, 0.02); }

class ProgramGrowth : public ::testing::TestWithParam<Growing> {};

TEST_P(ProgramGrowth, of_no_stage_is_worse_than_linear) {
  const Growing& growing = GetParam();
  Times small, large;
  small.fill(1e9), large.fill(1e9);
  for (int k = 0; k < 7; ++k) keep_least(small, growing, growing.length);
  // A busy machine adds to times, so one that is short enough once is.
  for (int k = 0; k < 20 && !std::ranges::equal(small, large, is_linear); ++k)
    keep_least(large, growing, 10 * growing.length);
  for (std::size_t at = 0; at < kStages.size(); ++at)
    EXPECT_TRUE(is_linear(small[at], large[at])) << kStages[at] << ": " << growing.length << " in "
                                                 << small[at] << " ms, ten times as many in " << large[at];
}

INSTANTIATE_TEST_SUITE_P(All, ProgramGrowth, ::testing::ValuesIn(kGrowing),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace mc::testing
