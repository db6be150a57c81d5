// Programs that are none: each gets a clear error with its place, exit code 2, and never a crash. They come
// by -f, so that neither a shell nor a command line's length stands in between.
#include <string>

#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

Start program(std::string text) { return {{"eval", "-f", "-"}, std::move(text)}; }

Start on_box(std::string text) {
  return {{"eval", "-f", "-", "--dim", "10", "--box", "0,1"}, std::move(text)};
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t k = 0; k < times; ++k) all += text;
  return all;
}

/// Functions each of which calls the one before twice: short, and 2^levels operations when written out.
std::string doubling(int levels) {
  std::string text = "f0(x) = x + 1\n";
  for (int k = 1; k < levels; ++k) {
    const std::string before = "f" + std::to_string(k - 1);
    text += "f" + std::to_string(k) + "(x) = " + before + "(" + before + "(x))\n";
  }
  return text + "x ~ uniform(0, 1); E[f" + std::to_string(levels - 1) + "(x)]";
}

/// An error whose caret stands under a line of the program.
constexpr const char* placed = "error: .+\n +1 \\| .+\n +\\| *\\^";

const Row kRows[] = {
    {"empty", program(""), 2, "", "error: "},
    {"blank", program(" \n\t\n"), 2, "", "error: "},
    {"comment_only", program("# E[x]"), 2, "", "error: "},
    {"no_query", program("x ~ uniform(0, 1)"), 2, "", "error: "},
    {"half", program("x ~ uniform(0, 1); E["), 2, "", placed},
    {"open_bracket", program("x ~ uniform(0, 1; E[x]"), 2, "", placed},
    {"close_bracket", program("x ~ uniform(0, 1)); E[x]"), 2, "", placed},
    {"crossed_brackets", program("x ~ uniform(0, 1); E[(x])"), 2, "", placed},
    {"two_operators", program("x ~ uniform(0, 1); E[x */ 2]"), 2, "", placed},
    {"unknown_name", program("x ~ uniform(0, 1)^4; E[sum(y_i)]; E[z(x)]"), 2, "", placed},
    {"unknown_function", program("x ~ uniform(0, 1); E[sqroot(x)]"), 2, "", "error: .*sqroot[^]*sqrt"},
    {"unknown_distribution", program("x ~ uniforme(0, 1); E[x]"), 2, "", "error: .*uniforme[^]*uniform"},
    {"unknown_query", program("x ~ uniform(0, 1); Mean[x]"), 2, "", placed},
    {"wrong_shape", program("x ~ uniform(0, 1)^3; y ~ uniform(0, 1)^4; E[sum(x + y)]"), 2, "", placed},
    {"vector_query", program("x ~ uniform(0, 1)^3; E[x]"), 2, "", placed},
    {"scalar_subscript", program("x ~ uniform(0, 1); E[x_2]"), 2, "", placed},
    {"free_index", program("x ~ uniform(0, 1)^3; E[x_i^2]"), 2, "", "error: .*\\bi\\b[^]*\\^[^]*sum"},
    {"subscript_zero", program("x ~ uniform(0, 1)^3; E[x_0]"), 2, "", placed},
    {"subscript_too_large", program("x ~ uniform(0, 1)^3; E[x_4]"), 2, "", placed},
    {"zero_dimensions", program("x ~ uniform(0, 1)^0; E[sum(x)]"), 2, "", placed},
    {"negative_dimensions", program("x ~ uniform(0, 1)^-2; E[sum(x)]"), 2, "", placed},
    {"fractional_dimensions", program("x ~ uniform(0, 1)^2.5; E[sum(x)]"), 2, "", placed},
    {"endless_dimensions", program("x ~ uniform(0, 1)^1e18; E[sum(x)]"), 2, "", "error: "},
    {"wrong_argument_count", program("x ~ uniform(1); E[x]"), 2, "", placed},
    {"itself", program("x = x + 1; E[x]"), 2, "", placed},
    {"recursion", program("f(u) = f(u - 1) + 1; x ~ uniform(0, 1); E[f(x)]"), 2, "", placed},
    {"twice", program("x ~ uniform(0, 1); x ~ uniform(0, 2); E[x]"), 2, "", placed},
    {"python", program("import math\nprint(math.pi)\n"), 2, "", "error: "},
    {"second_line", program("x ~ uniform(0, 1)\nE[x"), 2, "", "error: .+\n +2 \\| "},
    {"several", program("x ~ uniform(0, 1)^3; E[sum(a_i*b)]; E[x_7]; E[(]"), 2, "", "error: "},
    {"bare_unbalanced", on_box("sum(x_i^2"), 2, "", placed},
    {"bare_free_index", on_box("x_i"), 2, "", placed},
    {"not_utf8", program("x ~ uniform(0, 1); E[\xff\xfe]"), 2, "", "error: .*UTF-8"},
    {"latin1", program("# caf\xe9\nx ~ uniform(0, 1); E[x]"), 2, "", "error: .*UTF-8"},
    {"truncated_utf8", program("x ~ uniform(0, 1); E[x] # \xe2\x82"), 2, "", "error: .*UTF-8"},
    {"zero_bytes", program(std::string("x ~ uniform\0(0, 1); E[x]", 24)), 2, "", "error: "},
    {"escape_sequence", program("x ~ uniform(0, 1); E[x\033[2J]"), 2, "", "^[^\033]*error: [^\033]*$"},
    {"deep_brackets", program("x ~ uniform(0, 1); E[" + std::string(5000, '(') + "x"), 2, "", "error: "},
    {"deep_brackets_closed",
     program("x ~ uniform(0, 1); E[" + std::string(5000, '(') + "x" + std::string(5000, ')') + "]"), 2, "",
     "error: "},
    {"deep_powers", program("x ~ uniform(0, 1); E[" + repeated("x^", 5000) + "x]"), 2, "", "error: "},
    {"deep_minus", program("x ~ uniform(0, 1); E[" + std::string(5000, '-') + "x]"), 2, "", "error: "},
    {"deep_calls", program("x ~ uniform(0, 1); E[" + repeated("exp(", 5000) + "x"), 2, "", "error: "},
    {"many_statements", program(repeated("a;", 30'000)), 2, "", "error: "},
    {"doubling_functions", program(doubling(30)), 2, "", "error: .*more than"},
    {"deep_functions", program(doubling(60)), 2, "", "error: .*more than"},
};

/// A megabyte each. Made when it is its turn: all tests of this binary would copy them at their start.
struct Large {
  const char* name;
  std::string (*text)();
  const char* says;
};

const Large kLarge[] = {
    {"brackets", [] { return std::string(1'000'000, '('); }, "error: .*(long|limit)"},
    {"mixed_brackets", [] { return repeated("([{", 333'333); }, "error: .*(long|limit)"},
    {"text", [] { return repeated("lorem ipsum dolor sit amet ", 39'000); }, "error: .*(long|limit)"},
    {"bytes", [] { return std::string(1 << 20, '\xff'); }, "error: "},
};

class LargeBadPrograms : public testing::TestWithParam<Large> {};

TEST_P(LargeBadPrograms, AreRefused) {
  const Large& row = GetParam();
  check({row.name, program(row.text()), 2, "", row.says});
}

INSTANTIATE_TEST_SUITE_P(All, LargeBadPrograms, testing::ValuesIn(kLarge),
                         [](const testing::TestParamInfo<Large>& info) {
                           return std::string(info.param.name);
                         });

class BadPrograms : public testing::TestWithParam<Row> {};

TEST_P(BadPrograms, AreRefused) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, BadPrograms, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace mc::console_test
