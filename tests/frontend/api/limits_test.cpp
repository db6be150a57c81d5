// Every limit: a program that is fine at the limit, refused one below, with its name and how to raise it.
#include <cctype>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

struct Row {
  std::string_view limit;
  const char* program;
  std::size_t needs;  ///< what the limit has to be for the program to run; 0: what the refusal says it needs
};

constexpr Row kRows[] = {
    {"text_bytes", "x ~ normal(0, 1); E[x]", 22},
    {"depth", "x ~ normal(0, 1); E[exp(exp(exp(x)))]", 4},
    {"depth", "E[((((1))))]", 5},
    {"depth",
     "x ~ normal(0, 1)^2; a = -x; b = -a; c = -b; d = -c; f = -d; g = -f; h = -g; k = -h; l = -k; E[sum(l)]",
     3},
    {"tokens", "1 + 2*3", 5},
    {"nodes", "1 + 2*3", 5},
    {"expansion", "f(u) = u*u; g(u) = f(u) + f(u + 1); E[g(2)]", 15},
    {"expansion", "x ~ normal(0, 1)^2; y = x + x; z = y*y; E[sum(z)]", 22},
    {"calls", "f(u) = u + 1; g(u) = f(u); h(u) = g(u); E[h(2)]", 3},
    {"index_levels", "x ~ uniform(0, 1)^3; E[sum(x_i*x_j)]", 2},
    {"index_levels", "x ~ uniform(0, 1)^3; E[sum(cumsum(x_i*x)_j*x_j)]", 3},
    {"computed_elements", "x ~ normal(0, 1); v = [x, 2*x, 3]; E[sum(v)]", 3},
    {"dimensions", "x ~ uniform(0, 1)^101; E[sum(x)]", 101},
    {"stored", "x ~ uniform(0, 1)^100; E[sum(x_i*x_{i + 1})]", 100},
    {"stored", "x ~ uniform(0, 1)^10; E[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]", 20},
    {"rounds", "x ~ uniform(0, 1)^100; E[sum(x)]", 100},
    {"rounds", "x ~ uniform(0, 1)^100; E[sum(x_i*x_j)]", 10'200},
    {"operations", "x ~ normal(0, 1); E[x]", 0},
};

std::string refusal(const char* program, std::string_view limit, std::size_t value) {
  try {
    mc::Limits limits;
    limits.set(limit, value);
    mc::compile(program, limits).estimate({.samples = 1, .backend = mc::Backend::interpreter, .threads = 1});
    return "";
  } catch (const mc::Error& error) {
    return error.what();
  }
}

TEST(Limits, HoldAtTheLimitAndNotOneBeyond) {
  for (auto [limit, program, needs] : kRows) {
    if (needs == 0) {  // operations: how many a function takes may change
      const std::string refused = refusal(program, limit, 50);
      const std::size_t number = refused.find("a kernel of ");
      ASSERT_NE(number, std::string::npos) << refused;
      needs = std::stoul(refused.substr(number + 12));
    }
    EXPECT_EQ(refusal(program, limit, needs), "") << limit << ": " << program;
    const std::string refused = refusal(program, limit, needs - 1);
    EXPECT_NE(refused.find(fmt::format("Limits::{}", limit)), std::string::npos) << limit << ": " << refused;
    EXPECT_NE(refused.find(fmt::format("--limit {}=N", limit)), std::string::npos)
        << limit << ": " << refused;
  }
}

/// Functions of functions double what they write out; not all of it is built before it is too much.
TEST(Limits, OfOperationsHoldsWhileFunctionsAreWrittenOut) {
  std::string program = "f0(x) = lgamma(x)";
  for (int k = 1; k <= 14; ++k) program += fmt::format("; f{0}(x) = f{1}(x) + f{1}(x + {0})", k, k - 1);
  program += "; x ~ uniform(1, 2); E[f14(x)]";
  const auto start = std::chrono::steady_clock::now();
  const std::string refused = refusal(program.c_str(), "operations", 50'000);
  EXPECT_NE(refused.find("a kernel of more than 50000 operations (Limits::operations)"), std::string::npos)
      << refused;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20))
      << "millions take minutes under asan";
}

TEST(Limits, OfErrorsLeavesTheRestOutAndSaysSo) {
  const char* const program = "x y\nx y\nx y\n";
  EXPECT_EQ(refusal(program, "errors", 3).find("Limits::errors"), std::string::npos);
  EXPECT_NE(refusal(program, "errors", 2).find("raise Limits::errors (--limit errors=N)"), std::string::npos);
}

TEST(Limits, OfTheBoxIsThatOfAVariable) {
  const mc::Moment moment = mc::compile("sum(x)", mc::Limits{.dimensions = 100});
  EXPECT_NO_THROW(moment.estimate(mc::box(100, 0, 1), {.samples = 1}));
  EXPECT_THROW(moment.estimate(mc::box(101, 0, 1), {.samples = 1}), mc::ArgumentError);
}

TEST(Limits, HoldAtAPointToo) {
  EXPECT_THROW(mc::compile("sum(x_i*i, i = 1..3)*sum(j, j = 1..1000)",
                           mc::Limits{.rounds = 500})(std::vector<double>{1, 2, 3}),
               mc::ArgumentError);
}

/// The docs have a row for each, and this table too.
TEST(Limits, EachIsInTheDocumentsAndHere) {
  std::ifstream file("docs/limits.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::string known = refusal("1", "no_such_limit", 1);
  std::string names = known.substr(known.find("there are ") + 10);
  std::size_t counted = 0;
  for (std::size_t at = 0; at < names.size(); ++counted) {
    std::size_t end = at;
    while (end < names.size() &&
           (std::islower(static_cast<unsigned char>(names[end])) != 0 || names[end] == '_'))
      ++end;
    const std::string name = names.substr(at, end - at);
    EXPECT_NE(document.find("`" + name + "`"), std::string::npos) << name;
    bool is_tested = name == "errors" || name == "passes";  // tests/frontend/cxx
    for (const Row& row : kRows) is_tested |= row.limit == name;
    EXPECT_TRUE(is_tested) << name;
    at = end;
    while (at < names.size() && std::islower(static_cast<unsigned char>(names[at])) == 0) ++at;
  }
  EXPECT_EQ(counted, sizeof(mc::Limits) / sizeof(std::size_t)) << names;
}

}  // namespace
