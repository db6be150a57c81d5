// What goes wrong in calls of <mc/mc.h> is a status with words, and no exception comes across.
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/frontend/api/c_handles.hpp"

namespace {

using mc::testing::compiled, mc::testing::expect_equal, mc::testing::Owned, mc::testing::run;

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
  EXPECT_EQ(mc_options_set_from_text(options.get(), "{}"), MC_ARGUMENT_ERROR);
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_ARGUMENT_ERROR);
  double x = 1, out = 0;
  const mc_input input{"x", &x, 1, 1, MC_TYPE_F64, 0};
  const mc_output output{&out, 1, 1, MC_TYPE_F64};
  EXPECT_EQ(mc_map(compiled("2*x").get(), &output, 1, &input, 1, options.get()), MC_ARGUMENT_ERROR);
  EXPECT_EQ(mc_reduce(compiled("sum(x)").get(), &input, 1, &out, 1, options.get()), MC_ARGUMENT_ERROR);
  mc_options_set_from(options.get(), nullptr);
  EXPECT_EQ(mc_reduce(compiled("sum(x)").get(), &input, 1, &out, 1, options.get()), MC_OK);
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
