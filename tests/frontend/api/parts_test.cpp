// A run in parts: put together, through texts, they give what one run gives, bit for bit; and whatever is not
// all parts of one run is refused, with words that say why.
#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "tests/frontend/api/resumed.hpp"

namespace mc::testing {
namespace {

/// By another thread count and back end for each part: no bit may tell.
Options of_part(Options options, std::uint32_t number, std::uint32_t of) {
  options.part = {number, of};
  options.threads = 1 + number % 3;
  options.backend = number % 2 == 0 ? Backend::interpreter : Backend::llvm;
  return options;
}

using Runner = std::function<Report(const Options&)>;

std::vector<Partial> parts_of(const Runner& run, const Options& options, std::uint32_t of) {
  std::vector<Partial> parts;
  for (std::uint32_t number = 1; number <= of; ++number) {
    const Report report = run(of_part(options, number, of));
    const std::string text = report.partial.to_text();
    parts.push_back(Partial::from_text(text));
    EXPECT_EQ(parts.back().to_text(), text);
    EXPECT_EQ(parts.back().part(), (Part{number, of}));
    EXPECT_EQ(report.planned, report.samples);
  }
  return parts;
}

/// In any order.
void expect_the_bits_of_one(const Runner& run, const Options& options, std::uint32_t of) {
  SCOPED_TRACE(std::to_string(options.budget()) + " samples in " + std::to_string(of));
  const Report one = run(options);
  std::vector<Partial> parts = parts_of(run, options, of);
  std::ranges::shuffle(parts, std::mt19937(of));
  const Report merged = merge(parts);
  EXPECT_EQ(found(merged), found(one));
  for (std::size_t k = 0; k < one.results.size(); ++k)
    EXPECT_EQ(merged.results[k].query, one.results[k].query);
  EXPECT_EQ(merged.seed, one.seed);
  EXPECT_EQ(merged.planned, one.samples);
  EXPECT_EQ(merged.tiles.total(), (one.samples + kTile - 1) / kTile);
  EXPECT_FALSE(merged.stopped);
}

class Parts : public ::testing::TestWithParam<Case> {
 protected:
  Moment moment = compile(GetParam().program);
  Runner run = [this](const Options& options) { return moment.run(options); };
  Options options(std::uint64_t samples) const {
    return {.samples = samples, .parameters = GetParam().parameters};
  }
};
INSTANTIATE_TEST_SUITE_P(Programs, Parts, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

/// More parts than tiles, too: some are empty then.
TEST_P(Parts, GiveTheBitsOfOneRun) {
  for (const std::uint64_t samples : {std::uint64_t{1}, kTile - 1, kTile, 5 * kTile + 3, 37 * kTile + 1})
    for (const std::uint32_t of : {1u, 2u, 3u, 8u, 50u}) expect_the_bits_of_one(run, options(samples), of);
}

TEST_P(Parts, OfOtherSettingsDoSo) {
  Options single = options(20 * kTile + 100);
  single.precision = Precision::f32;
  Options philox = options(20 * kTile + 100);
  philox.generator = Generator::philox4x32;
  philox.seed = ~std::uint64_t{0};
  Options dropping = options(20 * kTile + 100);
  dropping.nonfinite = Nonfinite::drop;
  for (const Options& each : {single, philox, dropping}) expect_the_bits_of_one(run, each, 7);
}

/// What is merged is one run's to go on with; and a part goes on where it was stopped.
TEST_P(Parts, CanBeGoneOnWith) {
  const Report merged = merge(parts_of(run, options(20 * kTile + 100), 3));
  Options more = options(33 * kTile);
  const std::string expected = found(run(more));
  more.from = Partial::from_text(merged.partial.to_text());
  const Report gone_on = run(more);
  EXPECT_EQ(found(gone_on), expected);
  EXPECT_EQ(gone_on.reused, 20 * kTile);
}

TEST(Parts, OfABoxAndADensity) {
  const Moment moment = compile("sum(a_i*x_i^2)", "prod(1/(hi_i - lo_i))");
  for (const Box& box : {mc::box(3, 0, 2), mc::box({0, -1, 2}, {1, 1, 5})})
    expect_the_bits_of_one([&](const Options& options) { return moment.run(box, options); },
                           {.samples = 9 * kTile + 5, .parameters = {{"a", {1.0, 2.0, 3.0}}}}, 4);
}

/// As many samples as there are rows.
TEST(Parts, OfRowsInOrder) {
  std::vector<double> rows(2 * (11 * kTile + 17));
  for (std::size_t k = 0; k < rows.size(); ++k) rows[k] = static_cast<double>(k * k % 1009);
  const Moment moment = compile("x ~ rows(A); E[x_1], Corr[x_1, x_2], Var[x_2 | x_1 > 100]");
  const Options options{.samples = 11 * kTile + 17,
                        .parameters = {{"A", Parameter(rows.size() / 2, 2, rows)}}};
  expect_the_bits_of_one([&](const Options& each) { return moment.run(each); }, options, 5);
}

/// Values of every kind of bits.
TEST(Parts, KeepNumbersThatAreNone) {
  const Moment moment =
      compile("x ~ uniform(0, 1); E[if(x > 0.5, 1e300*1e10, x)], Var[1e200*x], E[-1e-310*x]");
  expect_the_bits_of_one([&](const Options& each) { return moment.run(each); }, {.samples = 3 * kTile}, 2);
}

TEST(Parts, ShareTheTiles) {
  const Moment moment = compile("x ~ uniform(0, 1); E[x]");
  for (const std::uint32_t of : {1u, 3u, 10u, 30u}) {
    std::uint64_t all = 0, least = ~std::uint64_t{0}, most = 0;
    for (std::uint32_t number = 1; number <= of; ++number) {
      const Report report = moment.run({.samples = 20 * kTile, .part = {number, of}});
      all += report.samples;
      least = std::min(least, report.samples);
      most = std::max(most, report.samples);
      EXPECT_EQ(report.samples, report.partial.samples());
    }
    EXPECT_EQ(all, 20 * kTile);
    EXPECT_LE(most, least + kTile) << of;
  }
  const Report empty = moment.run({.samples = 100, .part = {1, 2}});
  EXPECT_EQ(empty.samples, 0u);
  EXPECT_FALSE(empty.stopped);
  EXPECT_EQ(empty.tiles.total(), 0u);
}

/// What a process took, and all of them.
TEST(Parts, TellWhatTheyTook) {
  const Moment moment = compile("x ~ uniform(0, 1); E[x]");
  std::vector<Partial> parts;
  double longest = 0;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const Report report = moment.run(
        {.samples = 30 * kTile, .backend = Backend::interpreter, .threads = 2, .part = {number, 3}});
    longest = std::max(longest, report.timing.total_ms);
    parts.push_back(Partial::from_text(report.partial.to_text()));
  }
  const Report merged = merge(parts);
  EXPECT_EQ(merged.threads, 6u);
  EXPECT_EQ(merged.tiles[mc::Backend::interpreter], 30u);
  EXPECT_EQ(merged.tiles[mc::Backend::llvm], 0u);
  EXPECT_EQ(merged.timing.total_ms, longest);
  EXPECT_EQ(merged.partial.program(), "x ~ uniform(0, 1); E[x]");
  EXPECT_EQ(merged.partial.density(), "");
  EXPECT_EQ(merged.partial.generator(), Generator::xoshiro256pp);
  EXPECT_EQ(merged.partial.precision(), Precision::f64);
}

TEST(Parts, GoOnAfterAStop) {
  const Moment moment = compile("x ~ normal(0, 1)^2; E[exp(x_1)], P[x_1 < x_2]");
  const std::uint64_t samples = 3000 * kTile + 7;
  std::vector<Partial> parts =
      parts_of([&](const Options& each) { return moment.run(each); }, {.samples = samples}, 2);
  Options second{.samples = samples, .part = {2, 2}};
  std::stop_source source;
  second.stop = source.get_token();
  second.progress = [&](const Progress&) { source.request_stop(); };
  second.threads = 1;
  second.backend = Backend::interpreter;
  const Report stopped = moment.run(second);
  ASSERT_TRUE(stopped.stopped);
  EXPECT_LE(stopped.samples, samples / 2 + kTile);
  parts[1] = Partial::from_text(stopped.partial.to_text(), "second.json");
  try {
    merge(parts);
    FAIL();
  } catch (const ArgumentError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("second.json is not whole: it was stopped after " + std::to_string(stopped.samples) +
                        " of "),
              std::string::npos)
        << error.what();
  }
  second.stop = {};
  second.progress = {};
  second.from = parts[1];
  parts[1] = moment.run(second).partial;
  EXPECT_EQ(found(merge(parts)), found(moment.run({.samples = samples})));
}

// ---- refusals

constexpr const char* kProgram = "x ~ normal(m, 1); E[x], P[x > 1]";
constexpr const char* kVector = "x ~ normal(0, 1); E[sum(m_i*x)]";

/// Part `number` of `of`; named so.
struct Given {
  std::uint32_t number, of;
  const char* program = kProgram;
  Options options = {};
};

Partial partial_of(const Given& given, std::size_t k) {
  Options options = given.options;
  if (!options.samples) options.samples = 10 * kTile + 1;
  if (options.parameters.empty()) options.parameters = {{"m", 1.0}};
  options.part = {given.number, given.of};
  return Partial::from_text(compile(given.program).run(options).partial.to_text(),
                            "p" + std::to_string(k + 1) + ".json");
}

TEST(Parts, AreRefusedWhereTheyAreNotOfOneRun) {
  struct Row {
    std::vector<Given> parts;
    const char* says;
  };
  const Row rows[] = {
      {{}, "there are no partial results"},
      {{{1, 2}}, "of 2 parts one is missing: 2\n"},
      {{{2, 3}}, "of 3 parts some are missing: 1, 3\n"},
      {{{40, 50}, {2, 50}}, "of 50 parts some are missing: 1, 3, 4, 5, 6, 7, 8, 9 and 40 more\n"},
      {{{4000000000, 4000000000}}, "are missing: 1, 2, 3, 4, 5, 6, 7, 8 and 3999999991 more\n"},
      {{{1, 3}, {2, 3}, {2, 3}, {3, 3}}, "part 2 of 3 is there twice: p2.json and p3.json"},
      {{{1, 1}, {1, 1}}, "part 1 of 1 is there twice: p1.json and p2.json"},
      {{{1, 2}, {2, 3}},
       "p2.json is of another run than p1.json: it is part 2 of 3, and the other part 1 of 2"},
      {{{1, 2}, {2, 2, "x ~ normal(m, 1); E[x], P[x > 2]"}},
       "p2.json is of another run than p1.json: its program is x ~ normal(m, 1); E[x], P[x > 2], not x ~ "
       "normal(m, 1); E[x], P[x > 1]\n"},
      {{{1, 2}, {2, 2, "x ~ normal(m, 1)\nE[x]\nP[x > 1]"}},
       "line 1 of its program is x ~ normal(m, 1), not x ~ normal(m, 1); E[x], P[x > 1]\n"},
      {{{1, 2, "x ~ normal(m, 1)\nE[x]"}, {2, 2, "x ~ normal(m, 1)\nE[x], E[2*x]"}},
       "line 2 of its program is E[x], E[2*x], not E[x]\n"},
      {{{1, 2, "x ~ normal(m, 1)\nE[x]"}, {2, 2, "x ~ normal(m, 1)\nE[x]\n"}},
       "its program has more lines\n"},
      {{{1, 2}, {2, 2, kProgram, {.seed = 2}}}, "its seed is 2, not 1"},
      {{{1, 2}, {2, 2, kProgram, {.parameters = {{"m", 2.0}}}}},
       "its parameters, its box or its data have other values"},
      {{{1, 2}, {2, 2, "x ~ normal(m, s); E[x]", {.parameters = {{"m", 1.0}, {"s", 1.0}}}}},
       "its program is x ~ normal(m, s); E[x], not"},
      {{{1, 2, kVector, {.parameters = {{"m", {1.0, 2.0}}}}},
        {2, 2, kVector, {.parameters = {{"m", {1.0, 2.0, 3.0}}}}}},
       "its parameters are m[3], not m[2]\n"},
      {{{1, 2}, {2, 2, kProgram, {.generator = Generator::philox4x32}}},
       "its generator is philox4x32-10, not xoshiro256++\n"},
      {{{1, 2}, {2, 2, kProgram, {.precision = Precision::f32}}}, "its precision is f32, not f64\n"},
      {{{1, 2}, {2, 2, kProgram, {.nonfinite = Nonfinite::drop}}}, "samples that are not finite otherwise"},
      {{{1, 2}, {2, 2, kProgram, {.samples = 10 * kTile}}}, "it has 81920 samples in all, not 81921"},
  };
  for (const Row& row : rows) {
    std::vector<Partial> parts;
    for (std::size_t k = 0; k < row.parts.size(); ++k) parts.push_back(partial_of(row.parts[k], k));
    expect_refusal([&] { merge(parts); }, row.says);
  }
  const Partial none;
  expect_refusal([&] { merge(std::span(&none, 1)); }, "is empty");
  expect_refusal([&] { static_cast<void>(none.to_text()); }, "is empty");
}

TEST(Parts, AreNamedByTheirNumbersWhereTheyHaveNoName) {
  const Moment moment = compile("x ~ uniform(0, 1); E[x]");
  const Partial first = moment.run({.part = {1, 2}}).partial;
  const Partial twice[] = {first, first};
  expect_refusal([&] { merge(twice); },
                 "part 1 of 2 is there twice: partial 1, part 1 of 2, and partial 2, part");
}

TEST(Parts, AreRefusedAsOptions) {
  const Moment moment = compile("x ~ uniform(0, 1); E[x]");
  expect_refusal([&] { moment.run({.part = {0, 2}}); }, "there is no part 0 of 2");
  expect_refusal([&] { moment.run({.part = {3, 2}}); }, "there is no part 3 of 2");
  expect_refusal([&] { moment.run({.part = {1, 0}}); }, "there is no part 1 of 0");
  expect_refusal([&] { moment.run({.target_error = 1, .part = {1, 2}}); },
                 "a target is set, and only a part");
  expect_refusal([&] { static_cast<void>(moment.estimate({.target_relative = 1, .part = {2, 2}})); },
                 "a target is set, and only a part");
}

TEST(Parts, OfAnotherBoxOrDensityAreRefused) {
  const Moment plain = compile("sum(x_i^2)"), dense = compile("sum(x_i^2)", "prod(1/(hi_i - lo_i))"),
               other = compile("sum(x_i^2)", "2*prod(1/(hi_i - lo_i))");
  const auto part = [](const Moment& moment, const Box& box, std::uint32_t number) {
    return moment.run(box, {.samples = kTile, .part = {number, 2}}).partial;
  };
  const Box cube = box(2, 0, 1);
  struct Row {
    Partial second;
    const char* says;
  };
  const Row rows[] = {
      {part(dense, box(3, 0, 1), 2), "it has a box of 3 equal intervals, not a box of 2 equal intervals"},
      {part(dense, box({0, 0}, {1, 1}), 2), "it has a box of 2 intervals, not a box of 2 equal intervals"},
      {part(dense, box(2, 0, 2), 2), "its parameters, its box or its data have other values"},
      {part(plain, cube, 2), "it has no density"},
      {part(other, cube, 2), "its density is 2*prod(1/(hi_i - lo_i)), not prod(1/(hi_i - lo_i))"},
  };
  for (const Row& row : rows) {
    const Partial parts[] = {part(dense, cube, 1), row.second};
    expect_refusal([&] { merge(parts); }, row.says);
  }
  const Partial parts[] = {part(plain, cube, 1), part(dense, cube, 2)};
  expect_refusal([&] { merge(parts); }, "it has a density, prod(1/(hi_i - lo_i))");
}

/// Of a table of up to 16 MiB every number is looked at; of a larger one as much, the first and the last of
/// it among them.
TEST(Parts, OfOtherDataAreRefused) {
  const Moment moment = compile("x ~ data(A); E[x_1 + x_2]");
  const auto part = [&](const std::vector<double>& numbers, std::uint32_t number) {
    const Options options{.samples = kTile,
                          .parameters = {{"A", Parameter(numbers.size() / 2, 2, numbers)}},
                          .backend = Backend::interpreter,
                          .part = {number, 2}};
    return moment.run(options).partial;
  };
  constexpr std::size_t kMany = std::size_t{1} << 20;  // rows of 16 bytes: 16 MiB
  struct Row {
    std::size_t rows;
    std::vector<std::size_t> seen, unseen;  ///< numbers
  };
  const Row rows[] = {{100'000, {0, 77'777, 123'456, 199'999}, {}},
                      {kMany, {0, kMany, 2 * kMany - 1}, {}},
                      {4 * kMany, {0, 8000, 8 * kMany - 8000, 8 * kMany - 1}, {3 * 8192}}};
  for (const Row& row : rows) {
    std::vector<double> numbers(2 * row.rows, 0.5);
    const Partial first = part(numbers, 1);
    const auto merged_with_changed = [&](std::size_t at) {
      numbers[at] = 0.25;
      const Partial parts[] = {first, part(numbers, 2)};
      numbers[at] = 0.5;
      merge(parts);
    };
    for (const std::size_t at : row.seen) {
      SCOPED_TRACE(at);
      expect_refusal([&] { merged_with_changed(at); }, "its data have other values");
    }
    for (const std::size_t at : row.unseen) EXPECT_NO_THROW(merged_with_changed(at)) << at;
  }
}

/// To go on with it is no less strict than to merge it.
TEST(Parts, OfAnotherRunAreNotGoneOnWith) {
  Options next{.seed = 2};
  next.from = Partial::from_text(compile("x ~ uniform(0, 1); E[x]").run().partial.to_text());
  expect_refusal([&] { compile("x ~ uniform(0, 1); E[x]").run(next); }, "its seed is 1, not 2");
}

}  // namespace
}  // namespace mc::testing
