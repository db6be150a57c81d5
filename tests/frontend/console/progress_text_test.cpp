// The line's words: what stands there, and what goes first where there is no room.
#include <string>

#include <gtest/gtest.h>

#include "frontend/console/progress.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

struct Row {
  const char* name;
  Sight sight;
  std::size_t width;
  const char* text;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

const Estimate kThird{.value = 3.333331, .standard_error = 0.000012, .variance = 1.44e-10, .samples = 1000};
const Sight kHalf{.done = 37'000'000'000,
                  .expected = 100'000'000'000,
                  .seconds = 60,
                  .rate = 610'000'000,
                  .estimate = kThird};
const Sight kAimed{.done = 410'000'000,
                   .expected = 1'000'000'000,
                   .seconds = 3,
                   .rate = 61'000'000,
                   .estimate = kThird,
                   .target_error = 1e-5};
const Sight kRelative{.done = 410'000'000,
                      .expected = 1'000'000'000,
                      .seconds = 3,
                      .rate = 61'000'000,
                      .estimate = kThird,
                      .target_relative = 1e-6};
const Sight kSeveral{
    .done = 1000, .expected = 2'000'000, .seconds = 0.1, .rate = 1'999'000, .estimate = kThird, .more = 2};

const Row kRows[] = {
    {"all", kHalf, 99, "37% · 3.7e10 of 1e11 samples · 3.333331(12) · 6.1e8/s · 1 min 44 s left"},
    {"just_fits", kHalf, 71, "37% · 3.7e10 of 1e11 samples · 3.333331(12) · 6.1e8/s · 1 min 44 s left"},
    {"one_too_many", kHalf, 70, "37% · 3.7e10 samples · 3.333331(12) · 6.1e8/s · 1 min 44 s left"},
    {"no_samples", kHalf, 60, "37% · 3.333331(12) · 6.1e8/s · 1 min 44 s left"},
    {"no_rate", kHalf, 40, "37% · 3.333331(12) · 1 min 44 s left"},
    {"no_estimate", kHalf, 30, "37% · 1 min 44 s left"},
    {"percent", kHalf, 19, "37%"},
    {"nothing", kHalf, 2, ""},
    {"no_width", kHalf, 0, ""},
    {"aimed", kAimed, 119,
     "41% · 4.1e8 of about 1e9 samples · error 1.2e-05, aimed at 1e-05 · 3.333331(12) · 6.1e7/s · 10 s left"},
    {"aimed_narrow", kAimed, 64, "41% · error 1.2e-05, aimed at 1e-05 · 3.333331(12) · 10 s left"},
    {"aimed_narrower", kAimed, 50, "41% · error 1.2e-05, aimed at 1e-05 · 10 s left"},
    {"aimed_narrowest", kAimed, 40, "41% · 3.333331(12) · 10 s left"},
    {"relative", kRelative, 119,
     "41% · 4.1e8 of about 1e9 samples · relative error 3.6e-06, aimed at 1e-06 · 3.333331(12) · 6.1e7/s · "
     "10 s "
     "left"},
    {"several", kSeveral, 99, "0% · 1e3 of 2e6 samples · 3.333331(12) and 2 more · 2e6/s · 1 s left"},
    {"nothing_yet", {.expected = 1'000'000, .seconds = 2.7}, 79, "0% · 0 of 1e6 samples · 2 s"},
    {"no_goal_yet", {.seconds = 61, .target_error = 1}, 79, "?% · 0 samples · 1 min 1 s"},
    {"beyond", {.done = 12, .expected = 10, .rate = 5}, 79, "100% · 12 of 10 samples · 5/s · 0 s left"},
    {"hours", {.done = 1, .expected = 7201, .rate = 1}, 79, "0% · 1 of 7.2e3 samples · 1/s · 2 h 0 min left"},
    {"days", {.done = 0, .expected = 90'000, .rate = 1}, 79, "0% · 0 of 9e4 samples · 1/s · 1 d 1 h left"},
    {"ages",
     {.done = 0, .expected = 1'000'000'000'000'000, .rate = 1},
     79,
     "0% · 0 of 1e15 samples · 1/s · ages left"},
};

class ProgressText : public testing::TestWithParam<Row> {};

TEST_P(ProgressText, IsAsItSays) {
  const Row& row = GetParam();
  EXPECT_EQ(progress_text(row.sight, row.width), row.text);
}

INSTANTIATE_TEST_SUITE_P(All, ProgressText, testing::ValuesIn(kRows),
                         [](const testing::TestParamInfo<Row>& info) {
                           return std::string(info.param.name);
                         });

TEST(ProgressText, NeverIsWiderThanItMayBe) {
  for (const Sight* sight : {&kHalf, &kAimed, &kRelative, &kSeveral})
    for (std::size_t width = 0; width < 130; ++width)
      EXPECT_LE(columns(progress_text(*sight, width)), width) << progress_text(*sight, width);
}

}  // namespace
}  // namespace mc::console
