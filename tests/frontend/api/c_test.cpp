// <mc/mc.h> gives what <mc/mc.hpp> gives, bit for bit.
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <mc/mc.hpp>

#include "tests/frontend/api/c_handles.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using mc::testing::compiled, mc::testing::expect_equal, mc::testing::Owned, mc::testing::run;

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

TEST(C, MovesTheCacheAndGivesItUp) {
  const mc::testing::TemporaryFolder folder;
  ASSERT_EQ(mc_use_cache(folder.path().c_str(), std::uint64_t{1} << 30), MC_OK) << mc_error_text();
  const Owned<mc_options> options(mc_options_new());
  mc_options_set_backend(options.get(), MC_BACKEND_LLVM);
  run(compiled("x ~ uniform(0, 1); E[x^2 + 3.25]"), options);
  while (mc::cache_state().kernels == 0) std::this_thread::yield();  // it is written behind
  EXPECT_EQ(mc::cache_state().folder, folder.path());
  EXPECT_EQ(mc::cache_state().most_bytes, std::uint64_t{1} << 30);
  ASSERT_EQ(mc_use_cache(nullptr, 0), MC_OK) << mc_error_text();
  EXPECT_EQ(mc::cache_state().trouble, "it is switched off");
}

}  // namespace
