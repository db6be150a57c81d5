// What the checker leaves to the call, and what it lets pass. What it refuses, with all that is printed:
// tests/frontend/console/wrong.
#include <pthread.h>

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "frontend/language/checker.hpp"

namespace mc::language {
namespace {

std::string complaints(std::string_view program, const Setting& setting = {}) {
  const Parsed parsed = parse(std::string(program));
  if (!parsed.ok()) return render(parsed.diagnostics, program);
  return render(check({parsed.program, {}}, setting).diagnostics, program);
}

TEST(Checker, KnowsEveryFunctionOfTheIrWithItsArguments) {
#define MC_FUNCTION(name, arity)                                                                         \
  EXPECT_EQ(                                                                                             \
      complaints(arity == 1 ? "x ~ uniform(1, 2); " #name "(x)" : "x ~ uniform(1, 2); " #name "(x, 2)"), \
      "");                                                                                               \
  EXPECT_NE(complaints("x ~ uniform(1, 2); " #name "(x, 2, 3)").find(#name " takes"), std::string::npos);
#include "engine/ir/functions.def"
#undef MC_FUNCTION
}

TEST(Checker, GammaIsAFunctionButAfterATildeADistribution) {
  EXPECT_EQ(complaints("x ~ uniform(1, 2); E[gamma(x)]"), "");
  EXPECT_EQ(complaints("x ~ uniform(1, 2); E[gamma(x)]; y ~ gamma(2, 3)"), "");
}

TEST(Checker, OneFreeNameIsTheVariable) {
  const Setting box{.parameters = {}, .dimension = 3, .bounds = Setting::Bounds::cube};
  EXPECT_EQ(complaints("sum(x_i^2)", box), "");
  EXPECT_NE(complaints("sum(x_i*y_i)", box).find("both x and y are free"), std::string::npos);
  const Setting given{.parameters = {{"y", {1, 3, 1}}}, .dimension = 3, .bounds = Setting::Bounds::cube};
  EXPECT_EQ(complaints("sum(x_i*y_i)", given), "");
}

TEST(Checker, BeforeTheCallOnlyWhatNoCallCanMend) {
  Setting unsettled;
  unsettled.settled = false;
  EXPECT_EQ(complaints("sum(x_i*a_i) + K + max(b)", unsettled), "");
  EXPECT_EQ(complaints("sum(x_i*A_{i,j}*x_j)/dim(x)", unsettled), "");
  EXPECT_NE(complaints("x_i*K", unsettled).find("index i is free"), std::string::npos);
  EXPECT_NE(complaints("sum(x_0)", unsettled).find("count from 1"), std::string::npos);
  EXPECT_NE(complaints("exq(K)", unsettled).find("did you mean exp?"), std::string::npos);
}

TEST(Checker, EveryIndexStaysInsideItsArray) {
  // f's body subscripts with an index of its caller's: the caller's range has to know.
  EXPECT_EQ(complaints("a = [1, 2, 3]; f(k) = a_k; E[sum(f(i), i = 1..3)]"), "");
  EXPECT_NE(complaints("a = [1, 2, 3]; f(k) = a_k; E[sum(f(i), i = 1..9)]").find("may run over 1..3 only"),
            std::string::npos);
}

constexpr Setting::Bounds kCube = Setting::Bounds::cube;

TEST(Checker, TheNumberOfCoordinatesMayStandInRangesAndSubscripts) {
  const Setting box{.parameters = {{"a", {1, 3, 1}}}, .dimension = 4, .bounds = kCube};
  Setting unsettled;
  unsettled.settled = false;
  for (const char* program : {"sum(x_i, i = 1..dim(x) - 1)", "sum(x_i*a_i, i = 1..dim(a))", "x_{dim(x)}",
                              "sum(x_{dim(x) + 1 - i}*i)", "n = dim(x) - 1; sum(x_i, i = 1..n)",
                              "sum(x_{3 - i}*x_{i - 1}, i = dim(a) - 1..2)", "dot(x, x)",
                              "z ~ normal(0, 1)^dim(a); E[sum(a_i*z_i)]"})
    for (const Setting& setting : {box, unsettled}) EXPECT_EQ(complaints(program, setting), "") << program;
  EXPECT_NE(complaints("sum(x_i, i = 1..dim(x) + 1)", box).find("may run over 1..4 only"), std::string::npos);
  EXPECT_NE(complaints("sum(x_i, i = 1..n)", unsettled).find("a whole number known here, and n is not"),
            std::string::npos);
}

TEST(Checker, AnUnknownExtentLeavesAFallingSubscriptRoom) {
  Setting unsettled;
  unsettled.settled = false;
  EXPECT_EQ(complaints("sum(x_{6 - j}, j = 0..4)", unsettled), "");
  EXPECT_NE(complaints("sum(x_{6 - j}, j = 0..7)", unsettled)
                .find("index j runs over 0..7, but here it may run up to 5 only"),
            std::string::npos);
  EXPECT_NE(complaints("sum(x_{j - 1}, j = 1..7)", unsettled)
                .find("index j runs over 1..7, but here it may run from 2 on only"),
            std::string::npos);
}

TEST(Checker, ARangeMayBeEmptyByItsNaturalBorderOnly) {
  EXPECT_EQ(complaints("x ~ normal(0, 1)^1; E[sum((x_{i+1} - x_i)^2)]"), "");
  EXPECT_NE(complaints("x ~ normal(0, 1)^1; E[sum(x_{i+2})]").find("no i makes x_{i+2} a coordinate"),
            std::string::npos);
}

TEST(Checker, EndsThatTheCallGivesAreFiniteAndThatIsSaidOnce) {
  const auto said = [](std::string_view program) {
    const Setting setting{.parameters = {{"a", {}}, {"b", {}}}};
    std::string messages;
    const Checked checked = check({parse(std::string(program)).program, {}}, setting);
    for (const Requirement& r : checked.model.requirements)
      messages += r.message + (r.shown.size() == 2 ? " (two)" : "") + '\n';
    return messages;
  };
  const std::string below = "a density's lower end must be below its upper end",
                    finite =
                        "an infinite end of a density is written inf; one from a parameter must be finite";
  EXPECT_EQ(said("x ~ density(exp(-x), a, b); E[x]"), below + " (two)\n" + finite + " (two)\n");
  EXPECT_EQ(said("x ~ density(exp(-x), 0, b); E[x]"), below + " (two)\n" + finite + "\n");
  EXPECT_EQ(said("x ~ density(exp(-sum(x)), [0, a], inf); E[sum(x)]"), below + "\n" + finite + "\n");
  EXPECT_EQ(said("x ~ density(exp(-sum(x)), [0, 0], [inf, inf]); E[sum(x)]"), below + "\n");
  EXPECT_EQ(said("x ~ density(exp(-x), 0, inf); E[x]"), "");
}

TEST(Checker, LongNamesAreCutWhereTheyAreQuoted) {
  const std::string name(6000, 'a');
  for (const std::string& program : {"E[1]; " + name, "x ~ normal(0, 1); E[" + name + "]",
                                     "x ~ normal(0, 1); E[" + name + "(x)]", name + " = 1; " + name + " = 2",
                                     "x ~ " + name + "(1)", "x ~ normal(0, 1)^2; E[x_1 + x_" + name + "]"})
    EXPECT_LT(complaints(program).size(), 700u) << complaints(program);
  EXPECT_NE(complaints("x ~ normal(0, 1); E[" + name + "]").find(std::string(40, 'a') + "…\n"),
            std::string::npos);
}

/// Each vector made of the one before, by `link` with the name in place of {}.
std::string chain_of_vectors(std::size_t length, std::string_view link) {
  std::string program = "x ~ uniform(0, 1)^9; y0 = x";
  for (std::size_t k = 0; k < length; ++k)
    program += fmt::format("; y{} = {}", k + 1, fmt::format(fmt::runtime(link), fmt::format("y{}", k)));
  return program + fmt::format("; E[sum(y{})]", length);
}

/// In y + y both sides ask for one element: without remembering it, 2^n times.
TEST(Checker, AVectorIsAskedForAnElementOnce) {
  for (const char* link : {"{0} + {0}", "{0}*{0} < {0}", "if({0} > 0, {0}, -{0})", "max({0}, {0})", "f({0})"})
    EXPECT_EQ(complaints("f(v) = v^2 + v; " + chain_of_vectors(60, link)), "") << link;
  EXPECT_EQ(complaints("x ~ uniform(0, 1)^2; d0 = x; " +
                       [] {
                         std::string densities;
                         for (int k = 0; k < 40; ++k)
                           densities += fmt::format("d{1} ~ density(1, d{0}, d{0} + 1)^2; ", k, k + 1);
                         return densities;
                       }() +
                       "E[sum(d40)]"),
            "");
}

TEST(Checker, FunctionsAndVectorsNestAsDeepAsTheLimitSays) {
  const auto functions = [](unsigned deep, std::size_t calls) {  // each 3 levels: f(…), -(…), u
    std::string program = "f0(u) = u";
    for (std::size_t k = 1; k <= calls; ++k)
      program += fmt::format("; f{}(u) = {}f{}(u)", k, std::string(deep, '-'), k - 1);
    return program + fmt::format("; E[f{}(2)]", calls);
  };
  EXPECT_EQ(complaints(functions(30, 31)), "");
  EXPECT_NE(complaints(functions(200, 31)).find("this nests more than 1024 deep"), std::string::npos);
  EXPECT_EQ(complaints(chain_of_vectors(1023, "-{}")), "");
  const std::string refused = complaints(chain_of_vectors(1025, "-{}"));
  EXPECT_NE(refused.find("this nests more than 1024 deep"), std::string::npos) << refused;
  EXPECT_NE(refused.find("raise Limits::depth (--limit depth=N)"), std::string::npos) << refused;
  EXPECT_EQ(complaints(chain_of_vectors(2500, "-{}_1 + x")), "") << "an element is no vector";
}

/// A text from a stranger may be compiled on any thread.
TEST(Checker, TheDeepestProgramsFitTwoMegabytesOfStack) {
#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
  constexpr std::size_t kStack = 8 << 20;  // an instrumented frame is several times as large
#else
  constexpr std::size_t kStack = 2 << 20;
#endif
  const auto functions = [](std::string_view opening) {  // each of 32 nested ones
    std::string program = "f0(u) = exp(u)";
    for (int k = 1; k <= 31; ++k) {
      program += fmt::format("; f{}(u) = ", k);
      for (int deep = 0; deep < 32; ++deep) program += opening;
      program += fmt::format("f{}(u)", k - 1) + std::string(32, ')');
    }
    return program + "; x ~ normal(0, 1); E[f31(x)]";
  };
  std::vector<std::string> programs = {functions("exp("),
                                       functions("max(u, "),
                                       functions("if(u > 0, u, "),
                                       chain_of_vectors(1023, "-{}"),
                                       chain_of_vectors(1023, "{0} + {0}"),
                                       chain_of_vectors(1023, "if({0} > 0, {0}, 2)")};
  const auto check_all = [](void* given) -> void* {
    for (const std::string& program : *static_cast<std::vector<std::string>*>(given)) complaints(program);
    return nullptr;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kStack), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, check_all, &programs), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Checker, LongChainsDoNotRecurse) {
  std::string sum = "x ~ uniform(0, 1)^9; E[sum(x";
  for (int k = 0; k < 10'000; ++k) sum += "+x";
  EXPECT_EQ(complaints(sum + ")]"), "");
}

}  // namespace
}  // namespace mc::language
