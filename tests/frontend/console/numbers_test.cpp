// Numbers as the command line writes them.
#include "frontend/console/numbers.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "runtime/schedule/pool.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console {
namespace {

using Limits = std::numeric_limits<double>;

static_assert(kThreads.most == runtime::Pool::kMostThreads);

TEST(Count, ReadsPlainAndScientific) {
  EXPECT_EQ(parse_count("-n", "10000000"), 10'000'000U);
  EXPECT_EQ(parse_count("-n", "1e7"), 10'000'000U);
  EXPECT_EQ(parse_count("-n", "1E+7"), 10'000'000U);
  EXPECT_EQ(parse_count("-n", "2.5e6"), 2'500'000U);
  EXPECT_EQ(parse_count("-n", "+3"), 3U);
  EXPECT_EQ(parse_count("-n", " 3 "), 3U);
  EXPECT_EQ(parse_count("-n", "9007199254740993"), 9'007'199'254'740'993U);
  EXPECT_EQ(parse_count("-n", "18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

TEST(Count, RefusesWhatIsNone) {
  for (const char* text : {"", " ", "0", "-1", "1.5", "1e-3", "nan", "inf", "1e17", "1e400", "0x10", "1 000",
                           "1e7 ,", "++1", "+-1", "18446744073709551616", "१"}) {
    EXPECT_THROW(parse_count("-n", text), FlagError) << text;
  }
}

TEST(Count, KeepsToItsRange) {
  EXPECT_EQ(parse_count("-n", "0", {0, 5}), 0U);
  EXPECT_EQ(parse_count("-n", "5", {0, 5}), 5U);
  EXPECT_THROW(parse_count("-n", "6", {0, 5}), FlagError);
}

TEST(Count, IsWrittenAsItIsRead) {
  EXPECT_EQ(count_text(1), "1");
  EXPECT_EQ(count_text(1000), "1000");
  EXPECT_EQ(count_text(8192), "8192");
  EXPECT_EQ(count_text(10'000), "1e4");
  EXPECT_EQ(count_text(25'000'000), "2.5e7");
  EXPECT_EQ(count_text(12'340'000), "1.234e7");
  EXPECT_EQ(count_text(12'345'678), "12345678");
  EXPECT_EQ(count_text(0), "0");
  for (const std::uint64_t n : {1ULL, 20'000ULL, 1'000'000'000'000ULL, 123'000'000ULL}) {
    EXPECT_EQ(parse_count("-n", count_text(n)), n);
  }
}

TEST(Number, KeepsEveryBit) {
  EXPECT_EQ(parse_number("-x", "0.1"), 0.1);
  EXPECT_EQ(parse_number("-x", "-1.7976931348623157e308"), -Limits::max());
  EXPECT_EQ(parse_number("-x", "5e-324"), Limits::denorm_min());
  EXPECT_EQ(parse_number("-x", "inf"), Limits::infinity());
  EXPECT_TRUE(std::signbit(parse_number("-x", "-0")));
}

TEST(Number, RefusesWhatIsNone) {
  for (const char* text : {"", "nan", "-nan", "1,5", "1.5.2", "1e", "0x1p3", "pi", "1e999", "--1"}) {
    EXPECT_THROW(parse_number("-x", text), FlagError) << text;
  }
}

TEST(Hex, IsWhatPrintfWrites) {
  for (const double value : {0.0, -0.0, 1.0, -1.5, 0.1, 10.0 / 3, 1e300, 1e-300, Limits::max(), Limits::min(),
                             Limits::denorm_min(), Limits::infinity(), -Limits::infinity()}) {
    char expected[64];
    std::snprintf(expected, sizeof expected, "%a", value);
    EXPECT_EQ(hex_text(value), expected);
  }
  EXPECT_EQ(hex_text(Limits::quiet_NaN()), "nan");
  EXPECT_EQ(hex_text(-Limits::quiet_NaN()), "nan");
}

TEST(BoxFlag, IsOneIntervalOrOneACoordinate) {
  EXPECT_FALSE(parse_box({}, {}));
  const auto unit = parse_box("3", {});
  EXPECT_TRUE(unit->is_cube());
  EXPECT_EQ(unit->dim(), 3U);
  EXPECT_EQ(unit->lo()[0], 0.0);
  EXPECT_EQ(unit->hi()[0], 1.0);
  const auto list = parse_box({}, "0,1; -2, 2.5");
  EXPECT_EQ(list->dim(), 2U);
  EXPECT_EQ(list->lo()[1], -2.0);
  EXPECT_EQ(list->hi()[1], 2.5);
}

TEST(ParameterFlag, IsANumberAVectorOrAMatrix) {
  const auto [name, number] = parse_parameter(" S0 = 1e2 ");
  EXPECT_EQ(name, "S0");
  EXPECT_EQ(number.rank(), 0U);
  EXPECT_EQ(number.values()[0], 100.0);
  const auto vector = parse_parameter("a=[1, -2,3e0]").second;
  EXPECT_EQ(vector.rank(), 1U);
  EXPECT_EQ(vector.rows(), 3U);
  EXPECT_EQ(vector.values()[1], -2.0);
  const auto matrix = parse_parameter("A=[[1, 2, 3], [4,5,6]]").second;
  EXPECT_EQ(matrix.rank(), 2U);
  EXPECT_EQ(matrix.rows(), 2U);
  EXPECT_EQ(matrix.columns(), 3U);
  EXPECT_EQ(matrix.values()[3], 4.0);
}

/// A file of all of that name comes before a column.
TEST(ParameterFlag, ReadsFiles) {
  EXPECT_TRUE(names_file("a = @b.npy"));
  EXPECT_FALSE(names_file("a=1"));
  EXPECT_FALSE(names_file("@a"));
  const auto column = parse_parameter("a = @examples/returns.csv:2").second;
  EXPECT_EQ(column.rank(), 1U);
  EXPECT_EQ(column.values()[0], 1.3);
  const auto matrix = parse_parameter("a=@examples/returns.csv:south,north").second;
  EXPECT_EQ(matrix.columns(), 2U);
  EXPECT_EQ(matrix.values()[1], 1.3);
  const mc::testing::TemporaryFolder folder;
  mc::testing::write_file(folder / "x:1", "7\n8\n");
  EXPECT_EQ(parse_parameter("a=@" + folder / "x:1").second.values()[1], 8);
}

TEST(ParameterFlag, RefusesOtherLiterals) {
  for (const char* text :
       {"",          "=",         "a",        "a=",     "=1",       "a=[",      "a=]",        "a=[]",
        "a=[1,]",    "a=[,1]",    "a=[1][2]", "a=[[1]", "a=[[1]]]", "a=[[1],]", "a=[[1][2]]", "a=[[1,2],[3]]",
        "a=[[[1]]]", "a=[1,[2]]", "a=1 2",    "a=[nan]"}) {
    EXPECT_THROW(parse_parameter(text), FlagError) << text;
  }
}

TEST(Quoted, IsFitForATerminal) {
  EXPECT_EQ(in_quotes("a b"), "'a b'");
  EXPECT_EQ(in_quotes("\033[2J"), "'\\x1b[2J'");
  EXPECT_EQ(in_quotes("é"), "'\\xc3\\xa9'");
  EXPECT_LT(in_quotes(std::string(1'000'000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace mc::console
