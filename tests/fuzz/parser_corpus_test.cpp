// Every text that fuzzing kept goes through the front end as it should.
#include <gtest/gtest.h>

#include "tests/fuzz/corpus.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

TEST(ParserCorpus, HasNoFinding) {
  const std::vector<Kept> kept = corpus("parser");
  ASSERT_GE(kept.size(), 50u);
  for (const Kept& input : kept) EXPECT_EQ(parser_finding(input.bytes), "") << input.name;
}

}  // namespace
}  // namespace mc::fuzz
