// Functions of C++ against themselves as the compiler of the tests makes them, by the interpreter and by
// LLVM.
#include "tests/frontend/cxx/functions.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>

#include <dlfcn.h>

#include <gtest/gtest.h>
#include <mc/cxx.hpp>

namespace {

constexpr const char* kSource = "tests/frontend/cxx/functions.cpp";
constexpr std::size_t kPoints = 10'000;

std::string name_of(int coordinate) { return "x" + std::to_string(coordinate + 1); }

/// f([x1, x2, x3]) or f(x1, x2): each coordinate is an array that a map goes through.
std::string call_of(const Native& function) {
  std::string call;
  for (int k = 0; k < function.dimension; ++k) call += (k == 0 ? "" : ", ") + name_of(k);
  std::string name = function.name;
  std::erase(name, '_');
  return name + (function.takes_vector ? "([" + call + "])" : "(" + call + ")");
}

/// By coordinate: normal numbers, and some that are none.
std::vector<std::vector<double>> points(const Native& function) {
  const double kOdd[] = {0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -2.5, 3e-310};
  std::mt19937_64 words(1);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> all(static_cast<std::size_t>(function.dimension),
                                       std::vector<double>(kPoints));
  for (std::size_t at = 0; at < kPoints; ++at)
    for (std::vector<double>& coordinate : all)
      coordinate[at] = at < 64 && words() % 2 == 0 ? kOdd[words() % std::size(kOdd)] : normal(words);
  return all;
}

std::vector<double> computed(const mc::Moment& moment, const std::vector<std::vector<double>>& points,
                             mc::Backend backend) {
  std::vector<double> results(kPoints);
  std::vector<std::string> names;
  for (std::size_t k = 0; k < points.size(); ++k) names.push_back(name_of(static_cast<int>(k)));
  std::vector<mc::NamedInput> inputs;
  for (std::size_t k = 0; k < points.size(); ++k) inputs.push_back({names[k], points[k]});
  const mc::Output output(results);
  moment.map(std::span(&output, 1), inputs, {.backend = backend});
  return results;
}

bool same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

/// In units of the last place of the larger, or of 1e-3 where both are less.
double ulps_between(double a, double b) {
  const double size = std::max({std::abs(a), std::abs(b), 1e-3});
  return same(a, b) ? 0 : std::abs(a - b) / (std::nextafter(size, INFINITY) - size);
}

class Functions : public ::testing::TestWithParam<Native> {};

TEST_P(Functions, GiveWhatNativeCodeGives) {
  const Native& function = GetParam();
  const mc::cxx::Function asked{.source = kSource, .name = function.name, .flags = {"-I."}};
  const mc::Moment moment =
      mc::cxx::compile_program(call_of(function), std::span(&asked, 1), {.computed_elements = 64});
  const auto at = points(function);
  const std::vector<double> interpreted = computed(moment, at, mc::Backend::interpreter);
  const std::vector<double> compiled = computed(moment, at, mc::Backend::llvm);
  double most = 0;
  std::vector<double> point(at.size());
  for (std::size_t k = 0; k < kPoints; ++k) {
    for (std::size_t j = 0; j < at.size(); ++j) point[j] = at[j][k];
    const double native = function.at(point.data());
    ASSERT_TRUE(same(interpreted[k], compiled[k]))
        << "point " << k << ": " << interpreted[k] << ", " << compiled[k];
    most = std::max(most, ulps_between(native, interpreted[k]));
    ASSERT_LE(most, function.ulps) << "point " << k << ": " << native << ", and not " << interpreted[k]
                                   << " at " << point[0];
  }
  RecordProperty("ulps", std::to_string(most));
}

const auto kName = [](const auto& row) { return std::string(row.param.name); };
INSTANTIATE_TEST_SUITE_P(Table, Functions, ::testing::ValuesIn(*native_functions()), kName);

#if defined(MC_OTHER_FUNCTIONS)
/// What the other compiler made of the same source: clang where the tests are g++'s.
std::vector<Native> functions_of_the_other() {
  void* const library = dlopen(MC_OTHER_FUNCTIONS, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {};
  using Table = const std::vector<Native>* (*)();
  return *reinterpret_cast<Table>(dlsym(library, "native_functions"))();
}
INSTANTIATE_TEST_SUITE_P(OtherCompiler, Functions, ::testing::ValuesIn(functions_of_the_other()), kName);
#endif

}  // namespace
