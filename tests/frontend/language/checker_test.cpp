// What the checker refuses: the place, the message, the advice; and what it leaves to the call.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "frontend/language/checker.hpp"

namespace mc::language {
namespace {

std::string complaints(std::string_view program, const Setting& setting = {}) {
  const Parsed parsed = parse(std::string(program));
  if (!parsed.ok()) return render(parsed.diagnostics, program);
  return render(check({parsed.program, {}}, setting).diagnostics, program);
}

/// A program and all that is printed about it.
struct Refusal {
  const char* program;
  const char* printed;
};

constexpr Refusal kRefusals[] = {
    {"x ~ uniform(0, 1)^20; E[x_i^2]",
     "error: index i is free: nothing sums over it\n"
     "  1 | x ~ uniform(0, 1)^20; E[x_i^2]\n"
     "    |                         ^~~  did you mean sum(x_i^2)?\n"},
    {"xy ~ uniform(0, 1)^20; E[2*xy_{i + 1}]",
     "error: index i is free: nothing sums over it\n"
     "  1 | xy ~ uniform(0, 1)^20; E[2*xy_{i + 1}]\n"
     "    |                            ^~~~~~~~~~  did you mean sum(2*xy_{i+1})?\n"},
    {"x ~ uniform(0, 1)^6; E[sum(x_{1048576*(4096*i) + 1}, i = 1..3)]",
     "error: 1048576*(4096*i) + 1 is not a subscript\n"
     "  1 | x ~ uniform(0, 1)^6; E[sum(x_{1048576*(4096*i) + 1}, i = 1..3)]\n"
     "    |                               ^~~~~~~~~~~~~~~~~~~~  a subscript is a whole number, an index, or "
     "an index times and plus whole numbers\n"},
    {"x ~ data(a); E[tanhh(2)]",
     "error: data is not in this version yet\n"
     "  1 | x ~ data(a); E[tanhh(2)]\n"
     "    |     ^~~~\n"
     "error: unknown function tanhh\n"
     "  1 | x ~ data(a); E[tanhh(2)]\n"
     "    |                ^~~~~  did you mean tanh?\n"},
    {"x ~ uniform(0, 1)^3; E[sum(x_0)]",
     "error: subscripts count from 1\n"
     "  1 | x ~ uniform(0, 1)^3; E[sum(x_0)]\n"
     "    |                              ^  the first coordinate is x_1\n"},
    {"x ~ uniform(0, 1)^3; E[x_4]",
     "error: subscript 4 is outside 1..3\n"
     "  1 | x ~ uniform(0, 1)^3; E[x_4]\n"
     "    |                          ^\n"},
    {"x ~ uniform(0, 1)^3; E[sum(x_i, i = 2..4)]",
     "error: index i runs over 2..4, but here it may run over 1..3 only\n"
     "  1 | x ~ uniform(0, 1)^3; E[sum(x_i, i = 2..4)]\n"
     "    |                              ^\n"},
    {"x ~ uniform(0, 1)^3; y ~ uniform(0, 1)^4; E[sum(x*y)]",
     "error: a vector of 3 and a vector of 4 do not go together\n"
     "  1 | x ~ uniform(0, 1)^3; y ~ uniform(0, 1)^4; E[sum(x*y)]\n"
     "    |                                                 ^~~  elementwise operations take equal shapes, "
     "or a number on one side\n"},
    {"x ~ uniform(0, 1)^2; E[x]",
     "error: what E[…] takes has to be a number, and x is a vector of 2\n"
     "  1 | x ~ uniform(0, 1)^2; E[x]\n"
     "    |                        ^  reduce it: sum, mean, max, norm, …\n"},
    {"x ~ uniform(0, 1); E[x_1]",
     "error: x is a number and takes no subscripts, not 1\n"
     "  1 | x ~ uniform(0, 1); E[x_1]\n"
     "    |                      ^~~\n"},
    {"x ~ uniform(0, 1)^3; E[sum(x_i + x)]",
     "error: this mixes the index i with whole vectors\n"
     "  1 | x ~ uniform(0, 1)^3; E[sum(x_i + x)]\n"
     "    |                            ^~~~~~~  give every vector a subscript here, or none\n"},
    {"x ~ uniform(0, 1)^3; E[sum(x_{i/2})]",
     "error: i/2 is not a subscript\n"
     "  1 | x ~ uniform(0, 1)^3; E[sum(x_{i/2})]\n"
     "    |                               ^~~  a subscript is a whole number, an index, or an index times "
     "and plus whole numbers\n"},
    {"x ~ uniform(0, 1)^2; P[x_1]",
     "error: P takes a condition, and this is a number\n"
     "  1 | x ~ uniform(0, 1)^2; P[x_1]\n"
     "    |                        ^~~  compare it with something: P[x_1 > 0]\n"},
    {"x ~ unifrom(0, 1); E[x]",
     "error: unknown distribution unifrom\n"
     "  1 | x ~ unifrom(0, 1); E[x]\n"
     "    |     ^~~~~~~  did you mean uniform?\n"},
    {"x ~ uniform(0, 1); E[six(x)], E[y], E[exp(x, 2)]",
     "error: unknown function six\n"
     "  1 | x ~ uniform(0, 1); E[six(x)], E[y], E[exp(x, 2)]\n"
     "    |                      ^~~  did you mean sin?\n"
     "error: unknown name y\n"
     "  1 | x ~ uniform(0, 1); E[six(x)], E[y], E[exp(x, 2)]\n"
     "    |                                 ^  define it, or give it a value (-D; Options::parameters)\n"
     "error: exp takes 1 argument, not 2\n"
     "  1 | x ~ uniform(0, 1); E[six(x)], E[y], E[exp(x, 2)]\n"
     "    |                                       ^~~~~~~~~\n"},
    {"x ~ normal(0, -1); E[x]",
     "error: sigma must be positive, is -1\n"
     "  1 | x ~ normal(0, -1); E[x]\n"
     "    |     ^~~~~~~~~~~~~\n"},
    {"x ~ uniform(3, 1); E[x]",
     "error: a must be less than b: a is 3, b is 1\n"
     "  1 | x ~ uniform(3, 1); E[x]\n"
     "    |     ^~~~~~~~~~~~~\n"},
    {"x ~ bernoulli(1.5); E[x]",
     "error: bernoulli needs 0 <= p <= 1, is 1.5\n"
     "  1 | x ~ bernoulli(1.5); E[x]\n"
     "    |     ^~~~~~~~~~~~~~\n"},
    {"x ~ uniform(0, 1)^0; E[sum(x)]",
     "error: the number of coordinates has to be between 1 and 1000000, and is 0\n"
     "  1 | x ~ uniform(0, 1)^0; E[sum(x)]\n"
     "    |                   ^\n"},
    {"x ~ uniform(0, 1)^2.5; E[sum(x)]",
     "error: the number of coordinates has to be a whole number known here, and 2.5 is not\n"
     "  1 | x ~ uniform(0, 1)^2.5; E[sum(x)]\n"
     "    |                   ^~~\n"},
    {"x ~ 3; E[x]",
     "error: a distribution stands after ~\n"
     "  1 | x ~ 3; E[x]\n"
     "    |     ^  for example x ~ uniform(0, 1)^10\n"},
    {"x ~ normal(0, 1)",
     "error: the program asks for nothing\n"
     "  1 | x ~ normal(0, 1)\n"
     "    |                 ^  end it with a query, for example E[sum(x)]\n"},
    {"x ~ normal(0, 1); x = 3; E[x]",
     "error: x is defined twice\n"
     "  1 | x ~ normal(0, 1); x = 3; E[x]\n"
     "    |                   ^  give the second one another name\n"},
    {"f(x) = f(x - 1); E[f(3)]",
     "error: f is not defined yet here\n"
     "  1 | f(x) = f(x - 1); E[f(3)]\n"
     "    |                    ^~~~  a function sees what stands before it, and never itself: there is no "
     "recursion\n"},
    {"x ~ normal(0, 1); E[normal(0, 1)]",
     "error: normal is a distribution: it has no value of its own\n"
     "  1 | x ~ normal(0, 1); E[normal(0, 1)]\n"
     "    |                     ^~~~~~  draw from it first: x ~ normal(…)\n"},
    {"x ~ normal(0, 1); E[x(2)]",
     "error: x is not a function\n"
     "  1 | x ~ normal(0, 1); E[x(2)]\n"
     "    |                     ^  to multiply, write x*(…)\n"},
    {"x ~ normal(0, 1); E[x | x]",
     "error: a condition stands after |, and this is a number\n"
     "  1 | x ~ normal(0, 1); E[x | x]\n"
     "    |                         ^  compare it with something: x > 0\n"},
    {"x ~ normal(0, 1)^2; E[x_1 | x > 0]",
     "error: a condition has to be a number, and x > 0 is a vector of 2\n"
     "  1 | x ~ normal(0, 1)^2; E[x_1 | x > 0]\n"
     "    |                             ^~~~~  reduce it: sum, mean, max, norm, …\n"},
    {"x ~ normal(0, 1)^2; Cov[x, x_1]",
     "error: what Cov[…] takes has to be a number, and x is a vector of 2\n"
     "  1 | x ~ normal(0, 1)^2; Cov[x, x_1]\n"
     "    |                         ^  reduce it: sum, mean, max, norm, …\n"},
    {"[1, 2, [3]]",
     "error: an array holds numbers, or rows of one length\n"
     "  1 | [1, 2, [3]]\n"
     "    |        ^~~\n"},
    {"x ~ density(x/2, 2, 0); E[x]",
     "error: a density's lower end must be below its upper end: the lower end is 2, the upper end is 0\n"
     "  1 | x ~ density(x/2, 2, 0); E[x]\n"
     "    |     ^~~~~~~~~~~~~~~~~~\n"},
    {"E[sum(y_i)]",
     "error: y is free: it has no value and no distribution\n"
     "  1 | E[sum(y_i)]\n"
     "    |       ^  sample it on a box (--dim, --box; mc::box), give it a law (y ~ uniform(0, 1)^10), "
     "or a value (-D; Options::parameters)\n"},
    {"sum(i)",
     "error: i is free: it has no value and no distribution\n"
     "  1 | sum(i)\n"
     "    |     ^  sample it on a box (--dim, --box; mc::box), give it a law (i ~ uniform(0, 1)^10), "
     "or a value (-D; Options::parameters)\n"},
    // a library's function is named, what is inside it is not
    {"E[dot([1, 2], [1, 2, 3])]",
     "error: dot cannot take a vector of 2 and a vector of 3\n"
     "  1 | E[dot([1, 2], [1, 2, 3])]\n"
     "    |   ^~~~~~~~~~~~~~~~~~~~~~\n"},
    {"x ~ normal(0, 1)^3; E[dot(x, 3)]",
     "error: dot cannot take a vector of 3 and a number\n"
     "  1 | x ~ normal(0, 1)^3; E[dot(x, 3)]\n"
     "    |                       ^~~~~~~~~\n"},
    // ranges and indices
    {"x ~ normal(0, 1)^3; E[sum(x_i, i = 1..2, i = 1..2)]",
     "error: index i has two ranges\n"
     "  1 | x ~ normal(0, 1)^3; E[sum(x_i, i = 1..2, i = 1..2)]\n"
     "    |                                          ^  leave one out\n"},
    {"x ~ normal(0, 1)^3; E[sum(x_{i + 5})]",
     "error: no i makes x_{i+5} a coordinate: there are 3\n"
     "  1 | x ~ normal(0, 1)^3; E[sum(x_{i + 5})]\n"
     "    |                              ^~~~~\n"},
    {"x ~ normal(0, 1); E[x + sum([1, 2, 3, 4, 5]_{i - 3}*[1, 2, 3, 4]_{i + 3})]",
     "error: no i makes every subscript a coordinate: it would run over 4..1\n"
     "  1 | x ~ normal(0, 1); E[x + sum([1, 2, 3, 4, 5]_{i - 3}*[1, 2, 3, 4]_{i + 3})]\n"
     "    |                                              ^\n"},
    {"x ~ normal(0, 1)^2; E[sum(x_i, i = 1..1e18)]",
     "error: a range's last number has to lie within 2^53, and 1e18 does not\n"
     "  1 | x ~ normal(0, 1)^2; E[sum(x_i, i = 1..1e18)]\n"
     "    |                                       ^~~~\n"},
    {"x ~ normal(0, 1)^2; E[sum(x_i, i = 1..inf)]",
     "error: a range's last number has to be a whole number known here, and inf is not\n"
     "  1 | x ~ normal(0, 1)^2; E[sum(x_i, i = 1..inf)]\n"
     "    |                                       ^~~\n"},
    {"x ~ normal(0, 1)^3; E[x_{n + 1}]",
     "error: index n is free: nothing sums over it\n"
     "  1 | x ~ normal(0, 1)^3; E[x_{n + 1}]\n"
     "    |                       ^~~~~~~~~  did you mean sum(x_{n+1})? a parameter cannot be a subscript: "
     "that has to be known when the program is compiled\n"},
    // iterations
    {"E[iterate(1, 2, 3)]",
     "error: iterate begins with a name and where it starts\n"
     "  1 | E[iterate(1, 2, 3)]\n"
     "    |           ^  for example iterate(x = 1, (x + 2/x)/2, 20)\n"},
    {"E[iterate(x = 1, x/2)]",
     "error: iterate takes 3 arguments, not 2\n"
     "  1 | E[iterate(x = 1, x/2)]\n"
     "    |   ^~~~~~~~~~~~~~~~~~~\n"},
    {"y ~ normal(0, 1)^3; E[iterate(x = 1, x + y, 2)]",
     "error: the next value of an iteration has to be a number, and x + y is a vector of 3\n"
     "  1 | y ~ normal(0, 1)^3; E[iterate(x = 1, x + y, 2)]\n"
     "    |                                      ^~~~~  an iteration is of one number: give every vector a "
     "subscript here\n"},
    {"n ~ poisson(3); E[iterate(x = 1, x + 1, n)]",
     "error: the number of rounds has to be a whole number known here, and n is not\n"
     "  1 | n ~ poisson(3); E[iterate(x = 1, x + 1, n)]\n"
     "    |                                         ^\n"},
    {"E[iterate(x = 1, x/2, -1)]",
     "error: the number of rounds has to be between 0 and 1000000000, and is -1\n"
     "  1 | E[iterate(x = 1, x/2, -1)]\n"
     "    |                       ^~\n"},
    {"E[iterate(x = 1, x, 3) + x]",
     "error: x is free: it has no value and no distribution\n"
     "  1 | E[iterate(x = 1, x, 3) + x]\n"
     "    |                          ^  sample it on a box (--dim, --box; mc::box), give it a law "
     "(x ~ uniform(0, 1)^10), or a value (-D; Options::parameters)\n"},
    // what stands later
    {"a = b; b = 1; E[a]",
     "error: b is not defined yet here\n"
     "  1 | a = b; b = 1; E[a]\n"
     "    |     ^  a statement sees what stands before it\n"},
    {"a = a + 1; E[a]",
     "error: a is not defined yet here\n"
     "  1 | a = a + 1; E[a]\n"
     "    |     ^  a statement sees what stands before it\n"},
    {"f(x) = x + b; b = 1; E[f(2)]",
     "error: b is not defined yet here\n"
     "  1 | f(x) = x + b; b = 1; E[f(2)]\n"
     "    |                        ^~~~  a function sees what stands before it\n"},
    {"x ~ normal(0, 1)^3; E[sum(clamp(x, [0, 1], 2))]",
     "error: clamp cannot take a vector of 3, a vector of 2, a number\n"
     "  1 | x ~ normal(0, 1)^3; E[sum(clamp(x, [0, 1], 2))]\n"
     "    |                           ^~~~~~~~~~~~~~~~~~~\n"},
    // densities
    {"x ~ density(2*x, 0, 1)^3; E[sum(x)]",
     "error: a density has to be a number, and 2*x is a vector of 3\n"
     "  1 | x ~ density(2*x, 0, 1)^3; E[sum(x)]\n"
     "    |             ^~~  it is one density of all coordinates together: did you mean prod(2*x)?\n"},
};

TEST(Checker, RefusesWithPlaceMessageAndAdvice) {
  for (const Refusal& refusal : kRefusals) EXPECT_EQ(complaints(refusal.program), refusal.printed);
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

TEST(Checker, LongChainsDoNotRecurse) {
  std::string sum = "x ~ uniform(0, 1)^9; E[sum(x";
  for (int k = 0; k < 10'000; ++k) sum += "+x";
  EXPECT_EQ(complaints(sum + ")]"), "");
}

}  // namespace
}  // namespace mc::language
