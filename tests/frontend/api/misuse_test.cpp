// What the compiler refuses of calls, so that nothing dangles and nothing is cut; what it takes; and what is
// left of objects that were moved from.
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>
#include <mc/text.hpp>

namespace mc {
namespace {

using Doubles = std::vector<double>;

// ---- arrays are borrowed, so what is gone before the call is refused

static_assert(std::is_constructible_v<Input, Doubles&>);
static_assert(std::is_constructible_v<Input, const Doubles&>);
static_assert(std::is_constructible_v<Input, std::span<const float>>);
static_assert(std::is_constructible_v<Input, const std::array<std::int64_t, 3>&>);
static_assert(!std::is_constructible_v<Input, Doubles>);
static_assert(!std::is_constructible_v<Input, const Doubles>);
static_assert(!std::is_constructible_v<Input, std::array<float, 2>>);
static_assert(std::is_constructible_v<Input, const DeviceArray<float>&>);
static_assert(!std::is_constructible_v<Input, DeviceArray<float>>);
static_assert(std::is_constructible_v<Output, Doubles&>);
static_assert(std::is_constructible_v<Output, std::span<double>>);
static_assert(!std::is_constructible_v<Output, Doubles>);
static_assert(!std::is_constructible_v<Output, const Doubles&>);
static_assert(!std::is_constructible_v<Output, DeviceArray<float>>);

template <class T>
concept Viewed = requires(T&& numbers) { Parameter::view(std::forward<T>(numbers)); };
static_assert(Viewed<Doubles&> && Viewed<std::span<const double>> && !Viewed<Doubles>);

/// A name lives as long as what it names.
static_assert(std::is_same_v<decltype(NamedInput::name), std::string>);
static_assert(std::is_same_v<decltype(NamedType::name), std::string>);

/// A run's progress cannot be kept.
static_assert(!std::is_copy_constructible_v<Progress> && !std::is_copy_assignable_v<Progress>);
static_assert(!std::is_move_constructible_v<Progress>);

// ---- bounds are no dimensions, texts no numbers

template <class... Given>
concept Boxed = requires(Given... given) { box(given...); };
static_assert(Boxed<int, double, double> && Boxed<std::size_t, int, int> && !Boxed<double, double, int>);
static_assert(!std::is_constructible_v<Box, int, double, double>);
static_assert(!std::is_constructible_v<Parameter, const char*>);
static_assert(!std::is_constructible_v<Parameter, const char (&)[2]>);
static_assert(!std::is_constructible_v<Parameter, std::string>);
static_assert(!std::is_constructible_v<Parameter, char>);
static_assert(!std::is_constructible_v<Input, std::string&>);
static_assert(!std::is_constructible_v<Input, char>);

// ---- what is taken

TEST(Parameters, AreNumbersAndRangesOfAnyType) {
  const std::vector<float> floats{1, 2};
  const std::array<int, 2> whole{1, 2};
  const double raw[] = {1, 2};
  const std::vector<bool> truths{true, false};
  const Moment numbers = compile("a + b + c + d + f");
  EXPECT_EQ(numbers(std::span<const double>{},
                    {{"a", floats.size()}, {"b", 3L}, {"c", 1.5F}, {"d", true}, {"f", std::uint8_t{7}}}),
            14.5);
  const Moment sum = compile("sum(i*a_i)");
  const auto at = [&](Parameter a) { return sum(std::span<const double>{}, {{"a", std::move(a)}}); };
  EXPECT_EQ(at(floats), 5);
  EXPECT_EQ(at(whole), 5);
  EXPECT_EQ(at(raw), 5);
  EXPECT_EQ(at(std::span(raw)), 5);
  EXPECT_EQ(at(truths), 1);
  EXPECT_EQ(at({1.0, 2.0}), 5);
  EXPECT_EQ(at(Doubles{1, 2}), 5);
  const Parameter matrix{{1, 2, 3}, {4, 5, 6}}, same{2, 3, {1, 2, 3, 4, 5, 6}};
  for (const Parameter& each : {matrix, same}) {
    EXPECT_EQ(each.rank(), 2u);
    EXPECT_EQ(each.rows(), 2u);
    EXPECT_EQ(each.columns(), 3u);
    EXPECT_EQ(each.values()[4], 5);
  }
  const Doubles x{1, 2};
  EXPECT_EQ(compile("sum(x*n)")({{"x", x}, {"n", x.size()}}), 6);
  EXPECT_EQ(compile("sum(x*n)")({{"x", x}, {"n", 2L}}), 6);
}

TEST(Inputs, ArePutTogetherByPrograms) {
  const Doubles a{1, 2, 3}, b{4, 5, 6};
  Doubles out(3), other(3);
  std::vector<NamedInput> inputs;
  std::vector<NamedType> types;
  const std::vector<std::pair<std::string_view, const Doubles*>> columns{{"a column", &a}, {"b column", &b}};
  for (const auto& [name, numbers] : columns) {
    inputs.push_back({std::string(name.substr(0, 1)), *numbers});  // a temporary's name
    types.push_back({std::string(name.substr(0, 1))});
  }
  compile("a*b").map(out, inputs);
  EXPECT_EQ(out, (Doubles{4, 10, 18}));
  const std::vector<Output> outputs{out, other};
  compile("a + b, a - b").map(outputs, inputs);
  EXPECT_EQ(out, (Doubles{5, 7, 9}));
  EXPECT_EQ(other, (Doubles{-3, -3, -3}));
  EXPECT_EQ(compile("sum(a*b)")(inputs), 32);
  EXPECT_EQ(compile("sum(a), sum(b)").reduce(inputs), (Doubles{6, 15}));
  const Reduction bound = compile("sum(a*b), max(b)").bind(types);
  EXPECT_EQ(bound.result_count(), 2u);
  Doubles results(2);
  bound.run(std::vector<Input>{a, b}, results);
  EXPECT_EQ(results, (Doubles{32, 6}));
}

TEST(Boxes, MayStandInOptions) {
  const Moment moment = compile("sum(x_i^2)");
  const Options options{.samples = 1000, .box = box(3, -1.0, 2.0)};
  const double value = moment.estimate(box(3, -1, 2), {.samples = 1000}).value;
  EXPECT_EQ(moment.estimate(options).value, value);
  EXPECT_EQ(moment.run(options).results[0].estimate.value, value);
  EXPECT_EQ(moment.explain(options).draws, 3u);
  EXPECT_FALSE(moment.inspect(Stage::ir, options).empty());
  EXPECT_FALSE(moment.compare({Backend::interpreter}, {Backend::llvm}, options).difference);
  Doubles values(10);
  moment.sample({values}, options);
  EXPECT_GT(values[0], 0);
  EXPECT_THROW(moment.estimate(box(3, 0, 1), options), ArgumentError) << "which of the two?";
  EXPECT_THROW(compile("x ~ uniform(0, 1); E[x]").run(options), ArgumentError);
}

// ---- moved from

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "";
}

TEST(MovedFrom, ParametersAreNumbersOrNothing) {
  const Moment number = compile("x ~ uniform(0, 1); E[x + v]"),
               vector = compile("x ~ uniform(0, 1); E[x + sum(v)]"),
               table = compile("x ~ data(v); E[sum(x)]");
  const auto with = [](const Moment& moment, const Parameter& v) {
    return moment.estimate({.samples = 100, .parameters = {{"v", v}}}).value;
  };
  Parameter two(2.0), list{1.0, 2.0}, matrix{{1, 2}, {3, 4}};
  const Doubles numbers{5, 6};
  Parameter viewed = Parameter::view(numbers);
  const double before = with(number, two);
  const Parameter taken = std::move(two);
  EXPECT_EQ(with(number, taken), before);
  EXPECT_EQ(with(number, two), before) << "a number stays what it was";
  EXPECT_EQ(two.values()[0], 2);
  Parameter other = std::move(list);
  other = std::move(matrix);
  other = std::move(viewed);
  EXPECT_EQ(other.numbers().data(), numbers.data());
  other = *&other;
  EXPECT_EQ(other.rows(), 2u);
  for (const Parameter* each : {&list, &matrix, &viewed}) {
    EXPECT_EQ(each->rows(), 0u);
    EXPECT_TRUE(each->values().empty());
    EXPECT_EQ(each->numbers().size(), 0u);
    EXPECT_NE(refusal([&] { with(vector, *each); }).find("the parameter v has no elements"),
              std::string::npos);
    EXPECT_NE(refusal([&] { with(table, *each); }).find("the parameter v has no elements"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                (void)compile("sum(v)")(std::span<const double>{}, {{"v", *each}});
              }).find("no elements"),
              std::string::npos);
  }
}

TEST(MovedFrom, BoxesHaveNoCoordinate) {
  Box cube = box(2, 0, 1), intervals = box({0, 0}, {1, 2});
  const Box taken = std::move(cube);
  Box other = std::move(intervals);
  EXPECT_EQ(other.dim(), 2u);
  other = taken;
  EXPECT_TRUE(other.is_cube());
  for (const Box* each : {&cube, &intervals}) {
    EXPECT_EQ(each->dim(), 0u);
    EXPECT_TRUE(each->lo().empty());
    EXPECT_NE(refusal([&] { (void)compile("sum(x)").run(*each); }).find("at least one coordinate"),
              std::string::npos);
    EXPECT_NE(refusal([&] { (void)compile("sum(x)").run({.box = *each}); }).find("at least one coordinate"),
              std::string::npos);
  }
}

/// They are handles: what moves is a copy.
TEST(MovedFrom, MomentsAndReductionsAreAsGoodAsBefore) {
  Moment moment = compile("sum(x)");
  Reduction bound = moment.bind({{"x", NumberType::f64}});
  const Moment taken = std::move(moment);
  const Reduction bound_taken = std::move(bound);
  const Doubles x{1, 2, 3};
  EXPECT_EQ(moment.text(), taken.text());
  EXPECT_EQ(moment({{"x", x}}), 6);
  EXPECT_EQ(bound({x}), bound_taken({x}));
  EXPECT_EQ(bound.result_count(), 1u);
}

// ---- errors both ways

TEST(Errors, AreRaisedAsTheClassThatTheyWere) {
  const auto raised = [](const char* program) {
    try {
      (void)compile(program);
    } catch (const Error& error) {
      const Error kept = error;  // its class is lost
      kept.raise();
    }
  };
  EXPECT_THROW(raised("E[exp(x"), SyntaxError);
  EXPECT_THROW(raised("E[exq(2)]"), NameError);
  EXPECT_THROW(raised("x_i"), ShapeError);
  EXPECT_THROW(raised("x ~ normal(0, -1); E[x]"), ArgumentError);
  Diagnostic missing;
  missing.kind = ErrorKind::device;
  EXPECT_THROW(Error({missing}).raise(), DeviceError);
  EXPECT_THROW(Error({}).raise(), ArgumentError) << "of nothing";
}

TEST(Errors, EndWithoutALinesEnd) {
  for (const char* program : {"E[exp(x", "x ~ normal(0, -1); E[x]; y_i"}) try {
      (void)compile(program);
      FAIL() << program;
    } catch (const Error& error) {
      EXPECT_FALSE(std::string_view(error.what()).ends_with('\n')) << error.what();
    }
}

#if defined(__cpp_lib_expected)
TEST(Errors, OfAnyCallAreValues) {
  const Moment moment = compile("x ~ normal(0, s); E[x]");
  const Moment bare = compile("sum(x_i)");
  EXPECT_EQ(bare.try_estimate(box(3, 0, 2), {.samples = 1000}).value().samples, 1000u);
  EXPECT_EQ(bare.try_run(box(3, 0, 2), {.box = box(2, 0, 1)}).error().kind(), ErrorKind::argument);
  const auto stopped = try_call([]() -> double { throw Stopped(3, 7); });
  EXPECT_EQ(stopped.error().kind(), ErrorKind::stopped);
  try {
    stopped.error().raise();
  } catch (const Stopped& again) {
    EXPECT_EQ(again.done(), 3u);
    EXPECT_EQ(again.all(), 7u);
  }
  const auto report = try_call([&] { return moment.run({.parameters = {{"s", -1}}}); });
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind(), ErrorKind::argument);
  EXPECT_THROW(report.error().raise(), ArgumentError);
  const Doubles numbers{1, 2};
  Doubles out(3);
  const auto mapped = try_call([&] { compile("2*x").map(out, {{"x", numbers}}); });
  static_assert(std::is_void_v<decltype(mapped)::value_type>);
  ASSERT_FALSE(mapped.has_value());
  EXPECT_EQ(try_call([&] { return compile("sum(x)")({{"x", numbers}}); }).value(), 3);
  EXPECT_EQ(try_call([] { return read_array("no/such.csv"); }).error().kind(), ErrorKind::argument);
  EXPECT_THROW((void)try_call([]() -> int { throw std::runtime_error("another"); }), std::runtime_error);
}

TEST(Errors, OfRunsAreValues) {
  const Moment moment = compile("x ~ normal(0, s); E[x]");
  const Options good{.samples = 100, .parameters = {{"s", 1}}}, bad{.parameters = {{"s", -1}}};
  EXPECT_EQ(moment.try_estimate(good).value().value, moment.estimate(good).value);
  EXPECT_EQ(moment.try_run(good).value().samples, 100u);
  EXPECT_EQ(moment.try_estimate(bad).error().kind(), ErrorKind::argument);
  EXPECT_EQ(moment.try_run(bad).error().kind(), ErrorKind::argument);
}
#endif

TEST(Reports, AreALineAQuery) {
  const Report report = compile("x ~ uniform(0, 1); E[x], P[x < 0.5]").run({.samples = 1000});
  const std::string first = "E[x] = " + to_string(report.results[0].estimate);
  EXPECT_EQ(to_string(report), first + "\nP[x < 0.5] = " + to_string(report.results[1].estimate));
  EXPECT_EQ(to_string(Report()), "");
}

TEST(Versions, AreTheHeadersAndTheLibrarys) {
  EXPECT_EQ(version(), std::to_string(MC_VERSION_MAJOR) + "." + std::to_string(MC_VERSION_MINOR) + "." +
                           std::to_string(MC_VERSION_PATCH));
  EXPECT_EQ(contract_version(), 1);
}

}  // namespace
}  // namespace mc
