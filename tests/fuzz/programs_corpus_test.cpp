// Every program that fuzzing kept has the same bits on every back end; what grows them knows the language.
#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "frontend/language/prelude.hpp"
#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/grower.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

TEST(ProgramsCorpus, HasNoFinding) {
  const std::vector<Kept> kept = corpus("programs");
  ASSERT_GE(kept.size(), 15u);
  for (const Kept& input : kept) EXPECT_EQ(program_finding(input.bytes), "") << input.name;
}

/// A new distribution has to be grown too: a row in tests/fuzz/distributions.cpp.
TEST(Grower, KnowsEveryDistribution) {
  const auto grown = grown_distributions();
  for (const std::string_view name : language::prelude().sampler_names()) {
    const bool is_part_of_another = name.find('.') != name.npos;
    EXPECT_TRUE(is_part_of_another || std::ranges::find(grown, name) != grown.end())
        << "tests/fuzz/distributions.cpp does not have " << name;
  }
}

TEST(Grower, KnowsEveryMathematicalFunction) {
  const auto grown = grown_functions();
#define MC_FUNCTION(name, arity) \
  EXPECT_EQ(std::ranges::count(grown, #name), 1) << "tests/fuzz/expressions.cpp does not have " #name;
#include "engine/ir/functions.def"
#undef MC_FUNCTION
}

Grown grown_from(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint8_t> bytes(64 + seed % 400);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 56);
  return grow(bytes);
}

/// Of what grows from 500 random inputs nearly all is accepted, and what is not names a limit.
TEST(Grower, GrowsWellFormedPrograms) {
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Grown grown = grown_from(seed);
    try {
      (void)(grown.density ? compile(grown.program, *grown.density) : compile(grown.program));
      ++accepted;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("Limits::"), std::string::npos)
          << error.what() << grown.text();
    }
  }
  EXPECT_GE(accepted, 495);
}

/// What the language has, and how many of 500 grown programs use it.
TEST(Grower, UsesTheWholeLanguage) {
  constexpr std::string_view kParts[] = {
      " ~ ",   "^",     "cumsum(", "cumprod(", "dot(",   "any(",  "all(", " and ",    " or ",          "not ",
      "if(",   "max(",  "min(",    "norm(",    "mean(",  "prod(", "dim(", "_{i+1}",   "_{2*i}",        "E[",
      "Var[",  "Std[",  "P[",      "Cov[",     "Corr[",  " | ",   "= [",  "density(", "unnormalized(", "inf",
      ".pdf(", ".cdf(", ".icdf(",  "i = 1..",  "_{1,2}", "(u"};
  std::map<std::string_view, int> used;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const std::string program = grown_from(seed).program;
    for (const std::string_view part : kParts) used[part] += program.find(part) != program.npos;
    for (const std::string_view name : grown_distributions())
      used[name] += program.find("~ " + std::string(name) + "(") != program.npos;
  }
  for (const std::string_view part : kParts) EXPECT_GE(used[part], 4) << part;
  for (const std::string_view name : grown_distributions()) EXPECT_GE(used[name], 4) << name;
}

}  // namespace
}  // namespace mc::fuzz
