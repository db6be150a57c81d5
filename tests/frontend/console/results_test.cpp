// What `moment eval` reports: JSON with its keys, values within five standard errors, the same bits whatever
// computed them.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

using Json = nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

const std::string kMainJob = "x ~ uniform(0,1)^10; E[sum(x_i^2)]";

/// The object that --json prints; an empty one where that failed.
Json json(Arguments arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), "eval");
  arguments.emplace_back("--json");
  const Ended ended = moment(Start{std::move(arguments), {}, std::move(environment)});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(std::ranges::count(ended.out, '\n'), 1) << ended.out;
  return Json::parse(ended.out, nullptr, false);
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> all;
  for (const auto& [key, value] : object.items()) all.push_back(key);
  return all;
}

/// Those of `all` that are asked for, in the order of `all`.
std::vector<std::string> among(const std::vector<std::string>& all, const std::vector<std::string>& asked) {
  std::vector<std::string> found;
  for (const std::string& key : all) {
    if (std::find(asked.begin(), asked.end(), key) != asked.end()) found.push_back(key);
  }
  return found;
}

TEST(Json, HasTheKeysOfTheInterfaceInTheirOrder) {
  const Json report = json({kMainJob, "--samples", "1e5"});
  const std::vector<std::string> top = {"program",  "results", "samples",   "seed",  "generator", "precision",
                                        "contract", "threads", "nonfinite", "tiles", "timing"};
  const std::vector<std::string> result = {"query", "value", "value_hex", "standard_error", "variance"};
  EXPECT_EQ(among(keys(report), top), top);
  EXPECT_EQ(among(keys(report["results"][0]), result), result);
  EXPECT_EQ(keys(report["tiles"]), (std::vector<std::string>{"interpreter", "llvm", "cuda"}));
  const std::vector<std::string> timing = {"parse_ms", "lower_ms", "compile_ms",
                                           "cache",    "run_ms",   "total_ms"};
  EXPECT_EQ(among(keys(report["timing"]), timing), timing);
}

/// Of a file's numbers: nothing was sampled, and nothing of samples is told.
TEST(Json, OfAReductionHasItsValues) {
  const Json report =
      json({"m = mean(a); sum(a), max(a) - m, sum(a)/0*0", "-D", "a=@examples/returns.csv:south"});
  EXPECT_EQ(keys(report), (std::vector<std::string>{"program", "results", "numbers", "contract", "timing"}));
  EXPECT_EQ(report["numbers"], 12);
  ASSERT_EQ(report["results"].size(), 3u);
  EXPECT_EQ(report["results"][0]["query"], "sum(a)");
  EXPECT_NEAR(report["results"][0]["value"], 5.1, 1e-12);
  EXPECT_NEAR(report["results"][1]["value"], 3.4 - 5.1 / 12, 1e-12);
  EXPECT_TRUE(report["results"][2]["value"].is_null());
  EXPECT_EQ(report["results"][2]["value_hex"], "nan");
}

TEST(Reductions, WarnOfWhatIsNotFinite) {
  const Ended odd = moment({"eval", "sum(a), -1/(0*sum(a))", "-D", "a=@examples/returns.csv:south"});
  EXPECT_EQ(odd.exit, 0);
  EXPECT_EQ(
      odd.err,
      "warning: -1/(0*sum(a)) is -inf: a NaN or an infinity is among the numbers, or comes of them in the "
      "program\n");
}

TEST(Json, RepeatsWhatWasAskedFor) {
  const Json report =
      json({kMainJob, "--samples", "1e5", "--seed", "42", "--generator", "philox4x32-10", "--threads", "1"});
  EXPECT_EQ(report["program"], kMainJob);
  EXPECT_EQ(report["samples"], 100'000);
  EXPECT_EQ(report["seed"], 42);
  EXPECT_EQ(report["generator"], "philox4x32-10");
  EXPECT_EQ(report["precision"], "f64");
  EXPECT_EQ(report["contract"], 1);
  EXPECT_EQ(report["threads"], 1);
  EXPECT_EQ(report["nonfinite"], 0);
  EXPECT_EQ(report["results"][0]["query"], "E[sum(x_i^2)]");
}

TEST(Json, CountsEveryTileOnce) {
  const Json tiles = json({kMainJob, "--samples", "1e5"})["tiles"];
  EXPECT_EQ(tiles["interpreter"].get<int>() + tiles["llvm"].get<int>(), (100'000 + 8191) / 8192);
  EXPECT_EQ(tiles["cuda"], 0);
}

TEST(Json, GivesTheValueTwiceWithTheSameBits) {
  const Json result = json({kMainJob, "--samples", "1e5"})["results"][0];
  EXPECT_EQ(std::strtod(result["value_hex"].get<std::string>().c_str(), nullptr),
            result["value"].get<double>());
  const double error = result["standard_error"];
  EXPECT_DOUBLE_EQ(error * error, result["variance"].get<double>());
}

TEST(Json, HasOneResultAQuery) {
  const Json results =
      json({"x ~ uniform(0,1)^2; E[x_1], Var[x_2]; P[x_1 < x_2]", "--samples", "1e5"})["results"];
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0]["query"], "E[x_1]");
  EXPECT_EQ(results[2]["query"], "P[x_1 < x_2]");
}

TEST(Json, SaysNullWhereThereIsNoNumber) {
  const Json single = json({kMainJob, "--samples", "1"})["results"][0];
  EXPECT_TRUE(single["value"].is_number());
  EXPECT_TRUE(single["standard_error"].is_null()) << "a single sample has no error";
  const Json bad = json({"x ~ uniform(0, 1); E[log(x - 0.5)]", "--samples", "1e5"});
  EXPECT_TRUE(bad["results"][0]["value"].is_null());
  EXPECT_EQ(bad["results"][0]["value_hex"], "nan");
  EXPECT_NEAR(bad["nonfinite"].get<double>(), 50'000, 5 * 160);
}

TEST(Nonfinite, IsSaidOnStderr) {
  const Ended ended = moment({"eval", "x ~ uniform(0, 1); E[log(x - 0.5)]", "--samples", "1e5"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_NE(ended.out.find("nan"), std::string::npos) << ended.out;
  EXPECT_NE(ended.err.find("warning: "), std::string::npos) << ended.err;
}

TEST(Nonfinite, CanBeDropped) {
  const Json report = json({"x ~ uniform(0, 1); E[log(x - 0.5)]", "--samples", "1e5", "--nonfinite", "drop"});
  const Json& result = report["results"][0];
  EXPECT_NEAR(result["value"].get<double>(), std::log(0.5) - 1, 5 * result["standard_error"].get<double>());
  EXPECT_GT(report["nonfinite"], 0);
}

TEST(Text, AlignsSeveralQueriesAndEndsWithTheCost) {
  const Ended ended =
      moment({"eval", "x ~ uniform(0,1)^2; E[x_1], Var[x_2 + 1]", "--samples", "1e5", "--threads", "1"});
  const std::size_t second = ended.out.find('\n') + 1;
  EXPECT_EQ(ended.out.find(" = "), ended.out.find(" = ", second) - second) << ended.out;
  EXPECT_TRUE(ended.out.ends_with(" 1 thread\n")) << ended.out;
  EXPECT_EQ(ended.out.find('\033'), std::string::npos) << "no colour where there is no terminal";
}

TEST(Warnings, NameTheQueryAndLeaveStdoutAlone) {
  const Ended ended = moment({"eval", "x ~ uniform(0,1); E[log(x)/sqrt(x)], E[x]", "--samples", "1e6"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_NE(ended.err.find("warning: E[log(x)/sqrt(x)]: "), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out.find("warning"), std::string::npos);
}

TEST(Warnings, CanBeSilenced) {
  const Ended ended =
      moment(Start{{"eval", "x ~ uniform(0,1); E[log(x)/sqrt(x)]", "--samples", "1e6"}, {}, {"MC_LOG=off"}});
  EXPECT_EQ(ended.err, "");
}

/// A call and the value it has to come close to.
struct Known {
  const char* name;
  Arguments arguments;
  double exact;
};

std::ostream& operator<<(std::ostream& out, const Known& known) { return out << known.name; }

const Known kKnownValues[] = {
    {"main_job", {kMainJob}, 10. / 3},
    {"box", {"sum(x_i^2)", "--dim", "10", "--box", "0,1"}, 10. / 3},
    {"scalar", {"x^2", "--dim", "1"}, 1. / 3},
    {"boxes", {"x_1*x_2", "--box", "0,2;-1,3"}, 1},
    {"lecture", {"sum(x_i^2)", "--density", "prod(1/(hi_i - lo_i))", "--box", "0,1", "--dim", "2"}, 2. / 3},
    {"tilted", {"x_1", "--density", "2*x_1", "--dim", "1"}, 2. / 3},
    {"parameter", {"x ~ normal(m, s); E[x^2]", "-D", "m=1", "-D", "s=2"}, 5},
    {"vector", {"x ~ uniform(0, 1)^3; E[sum(a_i*x_i)]", "-D", "a=[1,2,3]"}, 3},
    {"matrix", {"x ~ normal(0, 1)^2; E[sum(x_i*A_{i,j}*x_j)]", "-D", "A=[[2,1],[1,3]]"}, 5},
    {"probability", {"x ~ uniform(0, 1)^2; P[x_1^2 + x_2^2 < 1]"}, 0.78539816339744831},
    {"deviation", {"x ~ normal(1, 3); Std[x]"}, 3},
    {"exponential", {"x ~ exponential(3); E[x^2]"}, 2. / 9},
    {"bernoulli", {"x ~ bernoulli(0.3)^10; E[sum(x)]"}, 3},
    {"infinite_density", {"x ~ density(2*exp(-2*x), 0, inf); E[x]"}, 0.5},
};

class Values : public testing::TestWithParam<Known> {};

TEST_P(Values, AreWithinFiveStandardErrors) {
  Arguments arguments = GetParam().arguments;
  arguments.insert(arguments.end(), {"--samples", "2e5"});
  const Json result = json(arguments)["results"][0];
  const double error = result["standard_error"];
  EXPECT_GT(error, 0);
  EXPECT_LT(error, 0.05 * (1 + GetParam().exact));
  EXPECT_LT(std::fabs(result["value"].get<double>() - GetParam().exact), 5 * error);
}

INSTANTIATE_TEST_SUITE_P(All, Values, testing::ValuesIn(kKnownValues),
                         [](const testing::TestParamInfo<Known>& info) {
                           return std::string(info.param.name);
                         });

TEST(Lecture, HasTheVarianceOfItsFormula) {
  const Json result = json({"sum(x_i^2)", "--density", "prod(1/(hi_i - lo_i))", "--box", "0,1", "--dim", "2",
                            "--samples", "1e4"})["results"][0];
  // Var[x1² + x2²] = 2 (1/5 − 1/9) = 8/45, over 10⁴ samples
  EXPECT_NEAR(result["variance"].get<double>(), 8. / 45 / 1e4, 0.05e-5);
}

/// Everything about the results that has to be the same.
std::string bits(const Json& report) {
  std::string all;
  for (const Json& result : report["results"]) {
    all +=
        result["value_hex"].get<std::string>() + " " + result["standard_error_hex"].get<std::string>() + "\n";
  }
  return all;
}

/// A whole number of tiles and a part of one; draws of each kind; several queries.
const Arguments kBitsJob = {
    "x ~ normal(0, 1)^3; y ~ exponential(2); E[max(x) + sin(y)], Var[norm(x)], P[y > x_1]", "--samples",
    "100003"};

struct Variant {
  const char* name;
  Arguments flags;
  std::vector<std::string> environment;
};

std::ostream& operator<<(std::ostream& out, const Variant& variant) { return out << variant.name; }

const Variant kVariants[] = {
    {"threads_1", {"--threads", "1"}, {}},
    {"threads_2", {"--threads", "2"}, {}},
    {"threads_7", {"--threads", "7"}, {}},
    {"interpreter", {"--backend", "interpreter"}, {}},
    {"interpreter_128", {"--backend", "interpreter"}, {"MC_VECTOR_BITS=128"}},
    {"interpreter_256", {"--backend", "interpreter"}, {"MC_VECTOR_BITS=256"}},
    {"interpreter_512", {"--backend", "interpreter"}, {"MC_VECTOR_BITS=512"}},
    {"llvm", {"--backend", "llvm"}, {}},
    {"llvm_128", {"--backend", "llvm"}, {"MC_VECTOR_BITS=128"}},
    {"llvm_256", {"--backend", "llvm"}, {"MC_VECTOR_BITS=256"}},
    {"llvm_512", {"--backend", "llvm"}, {"MC_VECTOR_BITS=512"}},
    {"automatic", {"--backend", "auto"}, {}},
};

class SameBits : public testing::TestWithParam<Variant> {};

TEST_P(SameBits, WhateverComputesThem) {
  Arguments arguments = kBitsJob;
  arguments.insert(arguments.end(), GetParam().flags.begin(), GetParam().flags.end());
  Arguments plain = kBitsJob;
  plain.insert(plain.end(), {"--threads", "1", "--backend", "interpreter"});
  EXPECT_EQ(bits(json(arguments, GetParam().environment)), bits(json(plain)));
}

INSTANTIATE_TEST_SUITE_P(All, SameBits, testing::ValuesIn(kVariants),
                         [](const testing::TestParamInfo<Variant>& info) {
                           return std::string(info.param.name);
                         });

TEST(OtherBits, ForAnotherSeedOrGenerator) {
  const std::string first = bits(json({kMainJob, "--samples", "1e4"}));
  EXPECT_EQ(first, bits(json({kMainJob, "--samples", "1e4", "--seed", "1"})));
  EXPECT_NE(first, bits(json({kMainJob, "--samples", "1e4", "--seed", "2"})));
  EXPECT_NE(first, bits(json({kMainJob, "--samples", "1e4", "--generator", "philox4x32-10"})));
}

TEST(SameBits, InAnotherLocale) {
  const std::string first = bits(json({"x ~ uniform(0, a); E[x]", "-D", "a=1.5", "--samples", "1e4"}));
  EXPECT_EQ(first, bits(json({"x ~ uniform(0, a); E[x]", "-D", "a=1.5", "--samples", "1e4"},
                             {"LC_ALL=de_DE.UTF-8"})));
}

}  // namespace
}  // namespace mc::console_test
