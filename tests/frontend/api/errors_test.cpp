// What is refused, by which exception, with what message; and that nothing is left broken behind it.
#include <cmath>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace {

template <class E, class F>
std::string thrown(F&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& other) {
    return std::string("another exception: ") + other.what();
  }
  return "nothing thrown";
}

TEST(Errors, HaveTheirClass) {
  EXPECT_THROW(mc::compile("sum(x_i^2"), mc::SyntaxError);
  EXPECT_THROW(mc::compile(""), mc::SyntaxError);
  EXPECT_THROW(mc::compile("exq(x)"), mc::NameError);
  EXPECT_THROW(mc::compile("x_i"), mc::ShapeError);
  EXPECT_THROW(mc::compile("x ~ normal(0, -1); E[x]"), mc::ArgumentError);
  EXPECT_THROW(mc::compile("sum(x_i)", "prod(1/(hi_i - low_i)"), mc::SyntaxError);
}

TEST(Errors, CarryPlaceMessageAndHint) {
  try {
    mc::compile("E[sin(2) + ];\nE[exq(2)]; x ~ uniform(0, 1)^3; E[x_i]");
    FAIL();
  } catch (const mc::SyntaxError& error) {
    ASSERT_FALSE(error.diagnostics().empty());
    EXPECT_EQ(error.diagnostics()[0].begin, 11u);
    EXPECT_NE(std::string(error.what()).find("  1 | E[sin(2) + ];"), std::string::npos);
  }
  const std::string text = thrown<mc::NameError>([] { mc::compile("exq(x)"); });
  EXPECT_NE(text.find("did you mean exp?"), std::string::npos) << text;
}

TEST(Errors, LimitsAreRaisedByName) {
  std::string deep(300, '(');
  deep += "1" + std::string(300, ')');
  EXPECT_THROW(mc::compile(deep), mc::SyntaxError);
  EXPECT_NO_THROW(mc::compile(deep, mc::Limits{.depth = 500}));
  mc::Limits limits;
  limits.set("rounds", 100);
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1)^200; E[sum(x_i)]", limits);
  EXPECT_NE(thrown<mc::ArgumentError>([&] { moment.estimate(); }).find("Limits::rounds"), std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] { limits.set("width", 1); }).find("no limit width"),
            std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] { limits.set("depth", 2000); }).find("1024"), std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] { mc::compile("x", mc::Limits{.calls = 1000}); }).find("64"),
            std::string::npos);
}

TEST(Errors, AsValuesTellTheirKind) {
#if defined(__cpp_lib_expected)
  const std::pair<const char*, mc::ErrorKind> kinds[] = {
      {"sum(x_i^2", mc::ErrorKind::syntax},
      {"exq(x)", mc::ErrorKind::name},
      {"x_i", mc::ErrorKind::shape},
      {"x ~ normal(0, -1); E[x]", mc::ErrorKind::argument}};
  for (const auto& [program, kind] : kinds) {
    const auto tried = mc::try_compile(program);
    ASSERT_FALSE(tried.has_value()) << program;
    EXPECT_EQ(tried.error().kind(), kind) << program;
  }
  EXPECT_TRUE(mc::try_compile("sum(x_i^2)").has_value());
#endif
  setenv("MC_CUDA_DRIVER", "/nowhere", 1);
  try {
    mc::compile("sum(x_i^2)").estimate(mc::box(3, 0, 1), {.backend = mc::Backend::cuda});
    FAIL();
  } catch (const mc::Error& error) {
    EXPECT_EQ(error.kind(), mc::ErrorKind::device);
  }
}

TEST(Errors, ValuesOutsideAnEnumerationAndEmptyParametersAreRefused) {
  const mc::Moment moment = mc::compile("x ~ uniform(0, 1); E[x*sum(a)]");
  const mc::Parameters a = {{"a", std::vector<double>{1, 2}}};
  EXPECT_THROW(moment.run({.parameters = a, .backend = static_cast<mc::Backend>(77)}), mc::ArgumentError);
  EXPECT_THROW(moment.run({.parameters = a, .generator = static_cast<mc::Generator>(-1)}), mc::ArgumentError);
  EXPECT_THROW(moment.run({.parameters = {{"a", std::vector<double>{}}}}), mc::ArgumentError);
  const std::size_t huge = (std::size_t{1} << 62) + 1;
  EXPECT_THROW(mc::Parameter(huge, 4, {1, 2, 3, 4}), mc::ArgumentError);
}

TEST(Errors, OfCalls) {
  const mc::Moment bare = mc::compile("sum(x_i^2)");
  EXPECT_NE(thrown<mc::ArgumentError>([&] { bare.estimate(); }).find("x is free"), std::string::npos);
  EXPECT_NE(
      thrown<mc::ArgumentError>([&] { bare.estimate(mc::box(3, 0, 1), {.samples = 0}); }).find("at least 1"),
      std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] {
              bare.estimate(mc::box(3, 0, 1), {.parameters = {{"K", 1}}});
            }).find("no parameter K"),
            std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] {
              bare.estimate(mc::box(3, 0, 1), {.parameters = {{"x", 1}, {"x", 2}}});
            }).find("twice"),
            std::string::npos);
  setenv("MC_CUDA_DRIVER", "/nowhere", 1);
  EXPECT_NE(thrown<mc::DeviceError>([&] {
              bare.estimate(mc::box(3, 0, 1), {.backend = mc::Backend::cuda});
            }).find("NVIDIA's driver is not there"),
            std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] { mc::compile("1; 2").estimate(); }).find("2 queries"),
            std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] {
              mc::compile("x ~ uniform(0, 1); E[x]").estimate(mc::box(3, 0, 1));
            }).find("no variable on it"),
            std::string::npos);
  EXPECT_NEAR(bare.estimate(mc::box(3, 0, 1)).value, 1, 0.01) << "and works after all that";
}

TEST(Errors, OfBoxes) {
  EXPECT_THROW(mc::box(0, 0, 1), mc::ArgumentError);
  EXPECT_THROW(mc::box(-3, 0, 1), mc::ArgumentError);
  EXPECT_THROW(mc::box(3, 1, 1), mc::ArgumentError);
  EXPECT_THROW(mc::box(3, 2, 1), mc::ArgumentError);
  EXPECT_THROW(mc::box(3, NAN, 1), mc::ArgumentError);
  EXPECT_THROW(mc::box(3, 0, INFINITY), mc::ArgumentError);
  EXPECT_THROW(mc::box({0, 0}, {1}), mc::ArgumentError);
  EXPECT_THROW(mc::box(std::vector<double>{}, {}), mc::ArgumentError);
}

TEST(Errors, OfParameterValuesAreFoundAtTheCall) {
  const mc::Moment moment = mc::compile("x ~ normal(0, s); E[x]");
  EXPECT_NO_THROW(moment.estimate({.parameters = {{"s", 2}}}));
  const std::string text = thrown<mc::ArgumentError>([&] { moment.estimate({.parameters = {{"s", -1}}}); });
  EXPECT_NE(text.find("sigma must be positive, is -1"), std::string::npos) << text;
  EXPECT_NE(text.find("  1 | x ~ normal(0, s); E[x]\n    |     ^~~~~~~~~~~~"), std::string::npos) << text;
  EXPECT_THROW(mc::compile("x ~ normal(0, s); E[sum(x)]").estimate({.parameters = {{"s", {1.0, -1.0}}}}),
               mc::ArgumentError);
  EXPECT_THROW(mc::compile("x ~ uniform(0, 1)^3; E[sum(x_i*a_i)]").estimate({.parameters = {{"a", 1}}}),
               mc::ShapeError);
  EXPECT_THROW(mc::compile("x ~ uniform(0, 1)^3; E[sum(x*a)]").estimate({.parameters = {{"a", {1.0, 2.0}}}}),
               mc::ShapeError);
}

TEST(Errors, OfRandomParametersAreCounted) {
  const mc::Estimate e =
      mc::compile("s ~ normal(0, 1); x ~ normal(0, s); E[x]").estimate({.samples = 10'000});
  EXPECT_TRUE(std::isnan(e.value));
  EXPECT_NEAR(static_cast<double>(e.nonfinite), 5000, 5 * 50);
}

TEST(Errors, OfDensitiesEnds) {
  const mc::Moment moment = mc::compile("x ~ density(exp(-x), 0, b); E[x]");
  EXPECT_NE(thrown<mc::ArgumentError>([&] {
              moment.estimate({.parameters = {{"b", INFINITY}}});
            }).find("must be finite"),
            std::string::npos);
  EXPECT_NE(thrown<mc::ArgumentError>([&] {
              moment.estimate({.parameters = {{"b", -1}}});
            }).find("below its upper end"),
            std::string::npos);
  EXPECT_THROW(mc::compile("x ~ density(exp(-sum(x)), [0, 1], [1, 0]); E[x_1]").estimate(),
               mc::ArgumentError);
}

TEST(Errors, OfNamesNoProgramCouldHave) {
  EXPECT_THROW(mc::compile("sum(x)").estimate(mc::box(2, 0, 1), {.parameters = {{"box.lo", 0.9}}}),
               mc::ArgumentError);
  EXPECT_THROW(mc::compile("sum(x)").estimate(mc::box(2, 0, 1), {.parameters = {{"", 0.9}}}),
               mc::ArgumentError);
}

#if defined(__cpp_lib_expected)
TEST(Errors, AsValues) {
  EXPECT_TRUE(mc::try_compile("sum(x_i^2)").has_value());
  const auto failed = mc::try_compile("sum(x_i^2");
  ASSERT_FALSE(failed.has_value());
  EXPECT_FALSE(failed.error().diagnostics().empty());
}
#endif

}  // namespace
