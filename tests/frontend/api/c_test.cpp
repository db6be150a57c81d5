// <mc/mc.h> gives what <mc/mc.hpp> gives, bit for bit; whatever goes wrong is a status with words, and no
// exception comes across.
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.h>
#include <mc/mc.hpp>

namespace {

struct Free {
  void operator()(mc_moment* moment) const { mc_moment_free(moment); }
  void operator()(mc_options* options) const { mc_options_free(options); }
  void operator()(mc_report* report) const { mc_report_free(report); }
  void operator()(mc_stop* stop) const { mc_stop_free(stop); }
  void operator()(mc_limits* limits) const { mc_limits_free(limits); }
  void operator()(mc_reduction* reduction) const { mc_reduction_free(reduction); }
  void operator()(char* text) const { mc_text_free(text); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Free>;

Owned<mc_moment> compiled(const char* program, const char* density = nullptr) {
  mc_moment* moment = nullptr;
  EXPECT_EQ(mc_compile(program, density, &moment), MC_OK) << mc_error_text();
  return Owned<mc_moment>(moment);
}

Owned<mc_report> run(const Owned<mc_moment>& moment, const Owned<mc_options>& options = nullptr) {
  mc_report* report = nullptr;
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_OK) << mc_error_text();
  return Owned<mc_report>(report);
}

void expect_equal(double a, double b) {
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b)) << a << " " << b;
}

void expect_same(const Owned<mc_report>& report, const mc::Report& expected) {
  ASSERT_EQ(mc_report_result_count(report.get()), expected.results.size());
  for (std::size_t k = 0; k < expected.results.size(); ++k) {
    const auto& [query, estimate] = expected.results[k];
    EXPECT_EQ(mc_report_query(report.get(), k), query);
    expect_equal(mc_report_value(report.get(), k), estimate.value);
    expect_equal(mc_report_standard_error(report.get(), k), estimate.standard_error);
    EXPECT_EQ(mc_report_result_samples(report.get(), k), estimate.samples);
    EXPECT_EQ(mc_report_nonfinite(report.get(), k), estimate.nonfinite);
    EXPECT_EQ(mc_report_text(report.get(), k), to_string(estimate));
    double lower = 0, upper = 0;
    EXPECT_EQ(mc_report_interval(report.get(), k, 0.9, &lower, &upper), MC_OK);
    expect_equal(lower, estimate.interval(0.9).lower);
    expect_equal(upper, estimate.interval(0.9).upper);
  }
  ASSERT_EQ(mc_report_integral_count(report.get()), expected.integrals.size());
  for (std::size_t k = 0; k < expected.integrals.size(); ++k) {
    EXPECT_EQ(mc_report_integral_variable(report.get(), k), expected.integrals[k].variable);
    EXPECT_EQ(mc_report_integral_normalized(report.get(), k), expected.integrals[k].normalized);
    expect_equal(mc_report_integral_value(report.get(), k), expected.integrals[k].estimate.value);
    expect_equal(mc_report_integral_standard_error(report.get(), k),
                 expected.integrals[k].estimate.standard_error);
  }
  const std::vector<std::string> warnings = expected.all_warnings();
  ASSERT_EQ(mc_report_warning_count(report.get()), warnings.size());
  for (std::size_t k = 0; k < warnings.size(); ++k)
    EXPECT_EQ(mc_report_warning(report.get(), k), warnings[k]);
  EXPECT_EQ(mc_report_samples(report.get()), expected.samples);
  EXPECT_EQ(mc_report_stopped(report.get()), expected.stopped);
  EXPECT_EQ(mc_report_reached(report.get()), expected.reached);
  EXPECT_GT(mc_report_seconds(report.get()), 0);
}

TEST(C, GivesWhatCxxGives) {
  using Set = std::function<mc_status(mc_options*)>;
  struct Row {
    const char* program;
    std::vector<Set> sets;
    mc::Options options;
  };
  const double numbers[] = {1, 2, 3, 4};
  const float floats[] = {1, 2, 3, 4};
  const Row rows[] = {
      {"x ~ uniform(0, 1)^10; E[sum(x_i^2)], P[x_1 > 2], Var[x_2]", {}, {}},
      {"x ~ normal(0, 1); E[exp(x)]",
       {[](auto* o) { return mc_options_set_samples(o, 12345); },
        [](auto* o) { return mc_options_set_seed(o, ~std::uint64_t{0}); },
        [](auto* o) { return mc_options_set_threads(o, 3); },
        [](auto* o) { return mc_options_set_backend(o, MC_BACKEND_INTERPRETER); },
        [](auto* o) { return mc_options_set_precision(o, MC_PRECISION_F32); },
        [](auto* o) { return mc_options_set_generator(o, MC_GENERATOR_PHILOX4X32); }},
       {.samples = 12345,
        .seed = ~std::uint64_t{0},
        .generator = mc::Generator::philox4x32,
        .precision = mc::Precision::f32}},
      {"x ~ normal(0, 1); E[exp(x)]",
       {[](auto* o) { return mc_options_set_target(o, 0, 1e-2); }},
       {.target_relative = 1e-2}},
      {"x ~ normal(0, 1); E[if(x > 3, 1/0, x)]",
       {[](auto* o) { return mc_options_set_nonfinite(o, MC_NONFINITE_DROP); }},
       {.nonfinite = mc::Nonfinite::drop}},
      {"x ~ normal(0, 1); E[x]", {[](auto* o) { return mc_options_set_part(o, 2, 7); }}, {.part = {2, 7}}},
      {"x ~ normal(m, 1)^2; y ~ data(D); E[sum(a_i*x_i) + A_{2,1}*y]",
       {[](auto* o) { return mc_options_set_number(o, "m", 9); },
        [](auto* o) { return mc_options_set_number(o, "m", 3); },  // replaces
        [&](auto* o) { return mc_options_set_vector(o, "a", numbers, 2); },
        [&](auto* o) { return mc_options_set_matrix(o, "A", numbers, 2, 2); },
        [&](auto* o) { return mc_options_set_view(o, "D", MC_TYPE_F32, floats, 4, 0); }},
       {.parameters = {{"m", 3},
                       {"a", {1.0, 2.0}},
                       {"A", {{1, 2}, {3, 4}}},
                       {"D", mc::Parameter::view(mc::Input(floats, 4))}}}},
      {"t ~ unnormalized(exp(-t), 0, 2); x ~ density(2*x, 0, 1); E[t + x], E[1/x^3]", {}, {}},
      {"r ~ rows(D); E[r_1*r_2]",
       {[&](auto* o) { return mc_options_set_view(o, "D", MC_TYPE_F64, numbers, 2, 2); }},
       {.parameters = {{"D", mc::Parameter::view(mc::Input(numbers, 4), 2)}}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.program);
    const Owned<mc_options> options(mc_options_new());
    for (const Set& each : row.sets) EXPECT_EQ(each(options.get()), MC_OK) << mc_error_text();
    expect_same(run(compiled(row.program), options), mc::compile(row.program).run(row.options));
  }
  expect_same(run(compiled(rows[0].program)), mc::compile(rows[0].program).run());
}

TEST(C, TakesBoxesAndDensities) {
  const char *moment = "sum(x_i^2)", *density = "prod(1/(hi_i - lo_i))";
  const Owned<mc_options> options(mc_options_new());
  const double lo[] = {0, -1}, hi[] = {1, 1};
  mc_options_set_cube(options.get(), 3, 0, 2);
  expect_same(run(compiled(moment, density), options), mc::compile(moment, density).run(mc::box(3, 0, 2)));
  mc_options_set_box(options.get(), 2, lo, hi);
  expect_same(run(compiled(moment), options), mc::compile(moment).run(mc::box({0, -1}, {1, 1})));
}

TEST(C, TellsWhatAProgramAsksFor) {
  const Owned<mc_moment> moment = compiled("x ~ uniform(0,1)^2;E[ x_1 ],P[x_1<x_2]");
  ASSERT_EQ(mc_moment_query_count(moment.get()), 2u);
  EXPECT_STREQ(mc_moment_query(moment.get(), 0), "E[x_1]");
  EXPECT_STREQ(mc_moment_query(moment.get(), 1), "P[x_1 < x_2]");
  EXPECT_EQ(mc_moment_query(moment.get(), 2), nullptr);
  EXPECT_EQ(mc_version(), std::string(mc::version()));
  EXPECT_EQ(mc_contract_version(), mc::contract_version());
}

TEST(C, StopsRuns) {
  const Owned<mc_moment> moment = compiled("x ~ uniform(0, 1)^10; E[sum(x_i^2)]");
  const Owned<mc_options> options(mc_options_new());
  Owned<mc_stop> stop(mc_stop_new());
  mc_options_set_samples(options.get(), std::uint64_t{1} << 50);
  mc_options_set_stop(options.get(), stop.get());
  Owned<mc_report> report;
  std::thread running([&] { report = run(moment, options); });
  mc_stop_request(stop.get());
  running.join();
  EXPECT_EQ(mc_report_stopped(report.get()), 1);
  EXPECT_LT(mc_report_samples(report.get()), std::uint64_t{1} << 50);
  const std::vector<double> x(std::size_t{1} << 22, 1.0);  // fewer are done before anybody looks
  const mc_input input{"x", x.data(), x.size(), 1, MC_TYPE_F64, 0};
  double sum = 7;
  EXPECT_EQ(mc_reduce(compiled("sum(x)").get(), &input, 1, &sum, 1, options.get()), MC_STOPPED);
  EXPECT_EQ(sum, 7) << "as it was";
  stop.reset();
  mc_options_set_stop(options.get(), nullptr);
  EXPECT_EQ(mc_reduce(compiled("sum(x)").get(), &input, 1, &sum, 1, options.get()), MC_OK);
  EXPECT_EQ(sum, 1 << 22);
}

TEST(C, MergesAndGoesOn) {
  const Owned<mc_moment> moment = compiled("x ~ normal(0, 1)^2; E[max(x)], Corr[x_1, x_1 + x_2]");
  const mc::Moment same = mc::compile("x ~ normal(0, 1)^2; E[max(x)], Corr[x_1, x_1 + x_2]");
  const Owned<mc_options> options(mc_options_new());
  std::vector<Owned<char>> texts;
  std::vector<const char*> all;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    mc_options_set_part(options.get(), number, 3);
    char* text = nullptr;
    ASSERT_EQ(mc_report_partial(run(moment, options).get(), &text), MC_OK);
    texts.emplace_back(text);
    all.push_back(text);
  }
  mc_report* merged = nullptr;
  ASSERT_EQ(mc_merge(all.data(), all.size(), &merged), MC_OK) << mc_error_text();
  const Owned<mc_report> whole(merged);
  expect_same(whole, same.run());
  mc_options_set_part(options.get(), 1, 1);
  mc_options_set_samples(options.get(), 1'500'000);
  mc_options_set_from(options.get(), whole.get());
  expect_same(run(moment, options), same.run({.samples = 1'500'000}));
  char* text = nullptr;
  ASSERT_EQ(mc_report_partial(whole.get(), &text), MC_OK);
  const Owned<char> kept(text);
  EXPECT_EQ(mc_options_set_from_text(options.get(), "{}"), MC_ARGUMENT_ERROR);
  ASSERT_EQ(mc_options_set_from_text(options.get(), text), MC_OK) << mc_error_text();
  expect_same(run(moment, options), same.run({.samples = 1'500'000}));
  EXPECT_EQ(mc_merge(all.data(), 2, &merged), MC_ARGUMENT_ERROR);
  EXPECT_EQ(merged, nullptr);
  EXPECT_NE(std::string(mc_error_text()).find("of 3 parts one is missing: 3"), std::string::npos);
}

TEST(C, GoesOverArrays) {
  const std::vector<double> a = {1, 2, 3};
  const std::vector<std::int32_t> b = {4, 0, 5, 0, 6, 0};
  std::vector<double> sum(3);
  std::vector<float> product(3);
  const mc_input inputs[] = {{"a", a.data(), 3, 1, MC_TYPE_F64, 0},
                             {"b", b.data(), 3, 2, MC_TYPE_I32, 0},
                             {"k", nullptr, 0, 0, MC_TYPE_NUMBER, 10}};
  const mc_output outputs[] = {{sum.data(), 3, 1, MC_TYPE_F64}, {product.data() + 2, 3, -1, MC_TYPE_F32}};
  ASSERT_EQ(mc_map(compiled("a + b, k*a*b").get(), outputs, 2, inputs, 3, nullptr), MC_OK) << mc_error_text();
  EXPECT_EQ(sum, (std::vector<double>{5, 7, 9}));
  EXPECT_EQ(product, (std::vector<float>{180, 100, 40}));
  double results[2] = {};
  ASSERT_EQ(mc_reduce(compiled("sum(a*b), max(k*a)").get(), inputs, 3, results, 2, nullptr), MC_OK);
  EXPECT_EQ(results[0], 32);
  EXPECT_EQ(results[1], 30);
}

TEST(C, BindsReductions) {
  const std::vector<double> a = {1, 2, 3};
  const std::vector<float> b = {4, 5, 6};
  const char* names[] = {"a", "b"};
  const int types[] = {MC_TYPE_F64, MC_TYPE_F32}, odd[] = {MC_TYPE_F64, MC_TYPE_NUMBER};
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_number(options.get(), "k", 10);
  Owned<mc_moment> moment = compiled("sum(k*a*b), max(a)");
  mc_reduction* made = nullptr;
  ASSERT_EQ(mc_bind(moment.get(), names, types, 2, options.get(), &made), MC_OK) << mc_error_text();
  const Owned<mc_reduction> reduction(made);
  EXPECT_EQ(mc_bind(moment.get(), names, odd, 2, options.get(), &made), MC_ARGUMENT_ERROR);
  EXPECT_EQ(made, nullptr);
  moment.reset();
  double results[2] = {};
  mc_input inputs[] = {{nullptr, a.data(), 3, 0, MC_TYPE_F64, 0}, {nullptr, b.data(), 3, 0, MC_TYPE_F32, 0}};
  ASSERT_EQ(mc_reduction_run(reduction.get(), inputs, 2, results, 2, nullptr), MC_OK) << mc_error_text();
  EXPECT_EQ(results[0], 320);
  EXPECT_EQ(results[1], 3);
  inputs[0] = inputs[1];
  EXPECT_EQ(mc_reduction_run(reduction.get(), inputs, 2, results, 2, options.get()), MC_ARGUMENT_ERROR);
  EXPECT_EQ(mc_reduction_run(nullptr, inputs, 2, results, 2, nullptr), MC_ARGUMENT_ERROR);
}

TEST(C, EvaluatesAPoint) {
  const double x[] = {3, 4};
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_number(options.get(), "k", 2);
  double value = 7;
  ASSERT_EQ(mc_evaluate(compiled("k*norm(x)").get(), x, 2, options.get(), &value), MC_OK) << mc_error_text();
  EXPECT_EQ(value, 10);
  EXPECT_EQ(mc_evaluate(compiled("k*norm(x)").get(), x, 2, nullptr, &value), MC_NAME_ERROR);
  EXPECT_EQ(value, 10) << "as it was";
}

/// No array is an array of length 0, and no number.
TEST(C, SumsNothing) {
  mc_input nothing = {};
  nothing.name = "x";
  double sum = 7;
  ASSERT_EQ(mc_reduce(compiled("sum(x)").get(), &nothing, 1, &sum, 1, nullptr), MC_OK) << mc_error_text();
  EXPECT_EQ(sum, 0);
}

/// A program that looks at the last status alone is told, and not given another result than it asked for.
TEST(C, CallsRefuseWhatSettersRefused) {
  const Owned<mc_moment> moment = compiled("k*sum(x_i)");
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_number(options.get(), "k", 1);
  mc_options_set_cube(options.get(), 2, 0, 1);
  mc_options_set_cube(options.get(), 2, 1, 0);
  mc_report* report = nullptr;
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_ARGUMENT_ERROR);
  EXPECT_EQ(report, nullptr);
  const Owned<mc_options> copy(mc_options_copy(options.get()));
  EXPECT_EQ(mc_run(moment.get(), copy.get(), &report), MC_ARGUMENT_ERROR) << "a copy says the same";
  mc_options_set_cube(options.get(), 2, 0, 2);
  run(moment, options);
  mc_options_set_file(options.get(), "k", "no/such.csv", nullptr);
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_ARGUMENT_ERROR);
  EXPECT_NE(std::string(mc_error_text()).find("no/such.csv"), std::string::npos) << mc_error_text();
  mc_options_set_number(options.get(), "k", 3);
  run(moment, options);
  mc_options_set_view(options.get(), "k", 9, "", 1, 0);
  mc_options_clear_parameters(options.get());
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_NAME_ERROR) << "k is free, and that is all";
}

/// As an editor shows it.
TEST(C, TellsWhereItIsWrong) {
  mc_moment* moment = nullptr;
  ASSERT_EQ(mc_compile("x ~ normal(0, 1); E[exq(x)], E[sinn(x)]", nullptr, &moment), MC_NAME_ERROR);
  ASSERT_EQ(mc_error_count(), 2u);
  EXPECT_STREQ(mc_error_message(0), "unknown function exq");
  EXPECT_STREQ(mc_error_hint(0), "did you mean exp?");
  EXPECT_EQ(mc_error_begin(0), 20u);
  EXPECT_EQ(mc_error_end(0), 23u);
  EXPECT_EQ(mc_error_begin(1), 31u);
  EXPECT_EQ(mc_error_message(2), nullptr);
  EXPECT_EQ(mc_error_end(2), 0u);
}

/// Zeros are good defaults.
TEST(C, TakesStructuresOfZeros) {
  const std::vector<double> a = {1, 2, 3, 4};
  std::vector<double> out(4);
  mc_input input = {};
  input.name = "a";
  input.data = a.data();
  input.size = a.size();
  mc_output output = {};
  output.data = out.data();
  output.size = out.size();
  ASSERT_EQ(mc_map(compiled("2*a").get(), &output, 1, &input, 1, nullptr), MC_OK) << mc_error_text();
  EXPECT_EQ(out, (std::vector<double>{2, 4, 6, 8}));
  double sum = 0;
  ASSERT_EQ(mc_reduce(compiled("sum(a)").get(), &input, 1, &sum, 1, nullptr), MC_OK) << mc_error_text();
  EXPECT_EQ(sum, 10);
}

TEST(C, LimitsTextOfStrangers) {
  const Owned<mc_limits> limits(mc_limits_new());
  ASSERT_EQ(mc_limits_set(limits.get(), "text_bytes", 10), MC_OK);
  mc_moment* moment = nullptr;
  EXPECT_EQ(mc_compile_limited("E[exp(2)]", nullptr, limits.get(), &moment), MC_OK) << mc_error_text();
  mc_moment_free(moment);
  EXPECT_EQ(mc_compile_limited("E[exp(2) + 1]", nullptr, limits.get(), &moment), MC_SYNTAX_ERROR);
  EXPECT_NE(std::string(mc_error_text()).find("text_bytes"), std::string::npos) << mc_error_text();
  EXPECT_EQ(moment, nullptr);
}

struct Heard {
  std::uint64_t calls = 0, done = 0, expected = 0;
};
void hear(void* context, std::uint64_t done, std::uint64_t expected) {
  auto& heard = *static_cast<Heard*>(context);
  ++heard.calls;
  heard.done = done;
  heard.expected = expected;
}

TEST(C, TellsHowFarItIs) {
  Heard heard;
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_samples(options.get(), 100'000);
  mc_options_set_progress(options.get(), hear, &heard);
  run(compiled("x ~ uniform(0, 1); E[x]"), options);
  EXPECT_GE(heard.calls, 1u);
  EXPECT_EQ(heard.done, 100'000u);
  EXPECT_EQ(heard.expected, 100'000u);
  const std::vector<double> x(std::size_t{1} << 22, 1.0);  // of fewer nobody is told
  const mc_input input{"x", x.data(), x.size(), 1, MC_TYPE_F64, 0};
  double sum = 0;
  heard = {};
  mc_options_set_threads(options.get(), 1);  // the calling one, which takes milliseconds
  mc_options_set_backend(options.get(), MC_BACKEND_INTERPRETER);
  EXPECT_EQ(mc_reduce(compiled("sum(x)").get(), &input, 1, &sum, 1, options.get()), MC_OK);
  EXPECT_GE(heard.calls, 1u);
  EXPECT_GT(heard.done, 0u);
  EXPECT_EQ(heard.expected, x.size());
  heard = {};
  mc_options_set_progress(options.get(), nullptr, nullptr);
  run(compiled("x ~ uniform(0, 1); E[x]"), options);
  EXPECT_EQ(heard.calls, 0u);
}

TEST(C, OptionsAreCopiedAndUnset) {
  const Owned<mc_moment> bare = compiled("sum(x_i)"), program = compiled("x ~ normal(m, 1); E[x]");
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_samples(options.get(), 1000);
  mc_options_set_number(options.get(), "m", 3);
  const Owned<mc_options> copy(mc_options_copy(options.get()));
  mc_options_set_number(options.get(), "m", 4);
  expect_same(run(program, copy),
              mc::compile("x ~ normal(m, 1); E[x]").run({.samples = 1000, .parameters = {{"m", 3}}}));
  mc_report* report = nullptr;
  mc_options_set_cube(copy.get(), 2, 0, 1);
  EXPECT_EQ(mc_run(bare.get(), copy.get(), &report), MC_ARGUMENT_ERROR) << "it has no parameter m";
  mc_options_clear_parameters(copy.get());
  expect_same(run(bare, copy), mc::compile("sum(x_i)").run(mc::box(2, 0, 1), {.samples = 1000}));
  mc_options_clear_box(copy.get());
  EXPECT_EQ(mc_run(bare.get(), copy.get(), &report), MC_ARGUMENT_ERROR) << "there is no box";
  EXPECT_EQ(mc_options_copy(nullptr), nullptr);
}

TEST(C, SamplesAndReadsFiles) {
  std::vector<double> values(100), weights(100), same(100), same_weights(100);
  const char* program = "x ~ data(A); E[x | x > 1]";
  const Owned<mc_options> options(mc_options_new());
  ASSERT_EQ(mc_options_set_file(options.get(), "A", "examples/returns.csv", "north"), MC_OK)
      << mc_error_text();
  const mc::Options same_options{.parameters = {{"A", mc::read_array("examples/returns.csv", "north")}}};
  expect_same(run(compiled(program), options), mc::compile(program).run(same_options));
  ASSERT_EQ(mc_sample(compiled(program).get(), options.get(), values.data(), weights.data(), 100), MC_OK)
      << mc_error_text();
  mc::compile(program).sample({same, same_weights}, same_options);
  EXPECT_EQ(values, same);
  EXPECT_EQ(weights, same_weights);
  EXPECT_EQ(mc_sample(compiled(program).get(), options.get(), values.data(), nullptr, 100),
            MC_ARGUMENT_ERROR);
  EXPECT_EQ(mc_sample(compiled("x ~ uniform(0, 1); E[x]").get(), nullptr, values.data(), nullptr, 100),
            MC_OK);
}

// ---- what goes wrong

TEST(C, SaysWhatIsWrong) {
  const Owned<mc_moment> box = compiled("sum(x_i^2)"), program = compiled("x ~ normal(m, 1); E[x]"),
                         data = compiled("sum(a)");
  const Owned<mc_options> options(mc_options_new());
  const Owned<mc_report> report = run(compiled("x ~ uniform(0, 1); E[x]"));
  mc_moment* moment = nullptr;
  mc_report* to = nullptr;
  double a[] = {1, 2}, result = 0;
  const mc_input good{"a", a, 2, 1, MC_TYPE_F64, 0}, unnamed{nullptr, a, 2, 1, MC_TYPE_F64, 0},
      odd{"a", a, 2, 1, 9, 0};
  const mc_input lost{"a", nullptr, 2, 1, MC_TYPE_F64, 0};
  const Owned<mc_limits> limits(mc_limits_new());
  const mc_output ints{a, 2, 1, MC_TYPE_I32}, nowhere{nullptr, 2, 1, MC_TYPE_F64}, fine{a, 2, 1, MC_TYPE_F64};
  const auto with = [](auto&& set) {
    Owned<mc_options> changed(mc_options_new());
    EXPECT_EQ(set(changed.get()), MC_OK) << mc_error_text();
    return changed;
  };
  const double huge = std::numeric_limits<double>::infinity();
  struct Row {
    std::function<mc_status()> call;
    mc_status status;
    const char* says;
  };
  const Row rows[] = {
      {[&] { return mc_compile("E[exp(x]", nullptr, &moment); }, MC_SYNTAX_ERROR, "1 | E[exp(x]"},
      {[&] { return mc_compile("x ~ unform(0, 1); E[x]", nullptr, &moment); }, MC_NAME_ERROR,
       "did you mean uniform"},
      {[&] { return mc_compile("x_1", "1 +", &moment); }, MC_SYNTAX_ERROR, "density"},
      {[&] { return mc_compile(nullptr, nullptr, &moment); }, MC_ARGUMENT_ERROR, "the program is NULL"},
      {[&] { return mc_compile("1", nullptr, nullptr); }, MC_ARGUMENT_ERROR,
       "the place for the result is NULL"},
      {[&] { return mc_run(nullptr, nullptr, &to); }, MC_ARGUMENT_ERROR, "the moment is NULL"},
      {[&] { return mc_run(box.get(), nullptr, &to); }, MC_ARGUMENT_ERROR, "x is free"},
      {[&] { return mc_compile("x ~ uniform(0, 1)^3; E[x_4]", nullptr, &moment); }, MC_SHAPE_ERROR,
       "subscript 4 is outside 1..3"},
      {[&] { return mc_run(program.get(), nullptr, &to); }, MC_NAME_ERROR, "m"},
      {[&] {
         return mc_run(program.get(), with([](auto* o) { return mc_options_set_samples(o, 0); }).get(), &to);
       },
       MC_ARGUMENT_ERROR, "the number of samples"},
      {[&] {
         return mc_run(program.get(), with([](auto* o) { return mc_options_set_backend(o, 9); }).get(), &to);
       },
       MC_ARGUMENT_ERROR, "there is no back end number 9"},
      {[&] {
         return mc_run(program.get(), with([](auto* o) { return mc_options_set_part(o, 3, 2); }).get(), &to);
       },
       MC_ARGUMENT_ERROR, "there is no part 3 of 2"},
      {[&] { return mc_options_set_seed(nullptr, 1); }, MC_ARGUMENT_ERROR, "options is NULL"},
      {[&] { return mc_options_set_cube(options.get(), 2, 1, 0); }, MC_ARGUMENT_ERROR, "error: "},
      {[&] { return mc_options_set_cube(options.get(), 2, 0, huge); }, MC_ARGUMENT_ERROR, "error: "},
      {[&] { return mc_options_set_box(options.get(), 2, a, nullptr); }, MC_ARGUMENT_ERROR, "hi is NULL"},
      {[&] { return mc_options_set_number(options.get(), nullptr, 1); }, MC_ARGUMENT_ERROR,
       "a parameter's name is NULL"},
      {[&] { return mc_options_set_vector(options.get(), "a", nullptr, 2); }, MC_ARGUMENT_ERROR,
       "the values is NULL"},
      {[&] { return mc_options_set_matrix(options.get(), "a", a, SIZE_MAX / 2, 3); }, MC_ARGUMENT_ERROR,
       "no memory holds"},
      {[&] { return mc_options_set_view(options.get(), "a", 9, a, 2, 0); }, MC_ARGUMENT_ERROR,
       "there is no type of numbers 9"},
      {[&] { return mc_report_interval(report.get(), 1, 0.9, &result, &result); }, MC_ARGUMENT_ERROR,
       "there is no result number 1"},
      {[&] { return mc_report_interval(report.get(), 0, 1, &result, &result); }, MC_ARGUMENT_ERROR,
       "error: "},
      {[&] { return mc_report_interval(report.get(), 0, 0.9, nullptr, &result); }, MC_ARGUMENT_ERROR,
       "is NULL"},
      {[&] { return mc_report_partial(report.get(), nullptr); }, MC_ARGUMENT_ERROR,
       "the place for the text is NULL"},
      {[&] { return mc_merge(nullptr, 2, &to); }, MC_ARGUMENT_ERROR, "the texts is NULL"},
      {[&] { return mc_merge(nullptr, 0, &to); }, MC_ARGUMENT_ERROR, "there are no partial results"},
      {[&] {
         const char* text = "{}";
         return mc_merge(&text, 1, &to);
       },
       MC_ARGUMENT_ERROR, "text 0 is no partial result"},
      {[&] { return mc_reduce(data.get(), &good, 1, &result, 2, nullptr); }, MC_ARGUMENT_ERROR,
       "there are 1 results, and room for 2"},
      {[&] { return mc_reduce(data.get(), &unnamed, 1, &result, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "an input's name is NULL"},
      {[&] { return mc_reduce(data.get(), &odd, 1, &result, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "there is no type of numbers 9"},
      {[&] { return mc_reduce(data.get(), nullptr, 1, &result, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "inputs is NULL"},
      {[&] { return mc_reduce(data.get(), &lost, 1, &result, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "the data of a is NULL"},
      {[&] { return mc_limits_set(limits.get(), "width", 1); }, MC_ARGUMENT_ERROR, "there is no limit width"},
      {[&] { return mc_limits_set(limits.get(), nullptr, 1); }, MC_ARGUMENT_ERROR, "a limit's name is NULL"},
      {[&] { return mc_limits_set(nullptr, "depth", 1); }, MC_ARGUMENT_ERROR, "limits is NULL"},
      {[&] { return mc_options_set_file(options.get(), "a", nullptr, nullptr); }, MC_ARGUMENT_ERROR,
       "the path is NULL"},
      {[&] { return mc_options_set_file(options.get(), "a", "no/such.csv", nullptr); }, MC_ARGUMENT_ERROR,
       "no/such.csv"},
      {[&] { return mc_sample(program.get(), nullptr, nullptr, nullptr, 1); }, MC_ARGUMENT_ERROR,
       "the place for the samples is NULL"},
      {[&] { return mc_map(compiled("a + 1").get(), &ints, 1, &good, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "of doubles or of floats"},
      {[&] { return mc_map(compiled("a + 1").get(), &nowhere, 1, &good, 1, nullptr); }, MC_ARGUMENT_ERROR,
       "an output's data is NULL"},
      {[&] { return mc_map(compiled("a + b").get(), &fine, 1, &good, 1, nullptr); }, MC_NAME_ERROR, "b"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    EXPECT_EQ(row.call(), row.status) << mc_error_text();
    EXPECT_EQ(mc_error_status(), row.status);
    EXPECT_NE(std::string(mc_error_text()).find(row.says), std::string::npos) << mc_error_text();
    EXPECT_EQ(moment, nullptr);
    EXPECT_EQ(to, nullptr);
  }
}

TEST(C, ForgivesNothingThere) {
  mc_moment_free(nullptr);
  mc_options_free(nullptr);
  mc_report_free(nullptr);
  mc_stop_free(nullptr);
  mc_text_free(nullptr);
  mc_limits_free(nullptr);
  mc_stop_request(nullptr);
  EXPECT_EQ(mc_moment_query_count(nullptr), 0u);
  EXPECT_EQ(mc_moment_query(nullptr, 0), nullptr);
  EXPECT_EQ(mc_report_result_count(nullptr), 0u);
  EXPECT_EQ(mc_report_warning_count(nullptr), 0u);
  EXPECT_EQ(mc_report_samples(nullptr), 0u);
  const Owned<mc_report> report = run(compiled("x ~ uniform(0, 1); E[x]"));
  for (const mc_report* each :
       {static_cast<const mc_report*>(nullptr), static_cast<const mc_report*>(report.get())}) {
    EXPECT_TRUE(std::isnan(mc_report_value(each, 1)));
    EXPECT_TRUE(std::isnan(mc_report_standard_error(each, 1)));
    EXPECT_EQ(mc_report_query(each, 1), nullptr);
    EXPECT_EQ(mc_report_text(each, 1), nullptr);
    EXPECT_EQ(mc_report_result_samples(each, 1), 0u);
    EXPECT_EQ(mc_report_warning(each, 0), nullptr);
  }
}

/// What one thread did wrong is not another one's.
TEST(C, KeepsErrorsByThread) {
  mc_moment* moment = nullptr;
  EXPECT_EQ(mc_compile("x ~", nullptr, &moment), MC_SYNTAX_ERROR);
  std::thread([&] {
    EXPECT_EQ(mc_error_status(), MC_OK);
    EXPECT_STREQ(mc_error_text(), "");
  }).join();
  EXPECT_EQ(mc_error_status(), MC_SYNTAX_ERROR);
}

TEST(C, ServesManyThreads) {
  const Owned<mc_moment> moment = compiled("x ~ uniform(0, 1)^3; E[sum(x_i^2)]");
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_samples(options.get(), 20'000);
  const double expected = mc_report_value(run(moment, options).get(), 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) expect_equal(mc_report_value(run(moment, options).get(), 0), expected);
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
