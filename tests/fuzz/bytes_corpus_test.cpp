// Everything that fuzzing kept goes through the front end, and through the readers of files, as it should.
#include <gtest/gtest.h>

#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

struct Target {
  const char* name;
  std::string (*finding)(std::span<const std::uint8_t>);
  std::size_t least;  ///< inputs there are
};
constexpr Target kTargets[] = {
    {"parser", parser_finding, 50}, {"arrays", array_finding, 20}, {"partials", partial_finding, 10}};

TEST(BytesCorpus, HasNoFinding) {
  for (const Target& target : kTargets) {
    const std::vector<Kept> kept = corpus(target.name);
    EXPECT_GE(kept.size(), target.least);
    for (const Kept& input : kept) EXPECT_EQ(target.finding(input.bytes), "") << input.name;
  }
}

}  // namespace
}  // namespace mc::fuzz
