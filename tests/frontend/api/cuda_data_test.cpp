// Arrays on the GPU, of the host's and such that stay there: the interpreter's bits, and what is refused.
// tests/engine/cuda/fake_cuda.cpp stands for NVRTC and the driver, and has three devices here.
#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

namespace mc {
namespace {

class CudaData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("MC_NVRTC", MC_FAKE_CUDA_LIBRARY, 1);
    setenv("MC_CUDA_DRIVER", MC_FAKE_CUDA_LIBRARY, 1);
    setenv("MC_FAKE_CUDA_DEVICES", "3", 1);
  }
};

template <class T>
std::vector<T> numbers(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> in(-40, 100);
  std::vector<T> all(count);
  for (T& each : all) each = static_cast<T>(std::abs(in(random)) + in(random)*std::is_signed_v<T>);
  return all;
}

/// The arrays a program may name, of one length.
struct Arrays {
  explicit Arrays(std::size_t n)
      : d(numbers<double>(n, 1)),
        h(numbers<double>(n, 2)),
        f(numbers<float>(n, 3)),
        g(numbers<float>(n, 4)),
        v(numbers<std::int64_t>(n, 5)),
        t(numbers<std::int32_t>(n, 6)),
        u(numbers<std::uint8_t>(n, 7)) {
    if (n > 4) v[4] = (std::int64_t{1} << 60) + 1, d[3] = NAN, d[4] = -0.0;
  }
  std::vector<double> d, h;
  std::vector<float> f, g;
  std::vector<std::int64_t> v;
  std::vector<std::int32_t> t;
  std::vector<std::uint8_t> u;
};

/// Inputs by their names, one letter each; and c, a number.
std::vector<NamedInput> inputs_of(std::string_view names, const Arrays& a) {
  const std::pair<char, Input> all[] = {{'d', a.d}, {'h', a.h}, {'f', a.f}, {'g', a.g},
                                        {'v', a.v}, {'t', a.t}, {'u', a.u}, {'c', 1.25}};
  std::vector<NamedInput> inputs;
  for (const char& name : names)
    for (const auto& [letter, input] : all)
      if (letter == name) inputs.push_back({std::string(1, name), input});
  return inputs;
}

/// The same arrays on a device.
struct There {
  explicit There(const Arrays& a) : d(a.d), h(a.h), f(a.f), g(a.g), v(a.v), t(a.t), u(a.u) {}
  std::vector<NamedInput> inputs(std::string_view names) const {
    const std::pair<char, Input> all[] = {{'d', d}, {'h', h}, {'f', f}, {'g', g},
                                          {'v', v}, {'t', t}, {'u', u}, {'c', 1.25}};
    std::vector<NamedInput> inputs;
    for (const char& name : names)
      for (const auto& [letter, input] : all)
        if (letter == name) inputs.push_back({std::string(1, name), input});
    return inputs;
  }
  DeviceArray<double> d, h;
  DeviceArray<float> f, g;
  DeviceArray<std::int64_t> v;
  DeviceArray<std::int32_t> t;
  DeviceArray<std::uint8_t> u;
};

template <class T>
void expect_same(const std::vector<T>& a, const std::vector<T>& b) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    const bool is_same =
        std::bit_cast<Bits>(a[k]) == std::bit_cast<Bits>(b[k]) || (a[k] != a[k] && b[k] != b[k]);
    ASSERT_TRUE(is_same) << k << ": " << a[k] << ", " << b[k];
  }
}

struct Row {
  std::string_view program, names;
};

// A partial step, some stretches, and more than a stretch of four: 8 MB have 699,050 products of floats.
constexpr std::size_t kLengths[] = {0, 1, 5, 1000, 8192, 8193, 2'000'003};

const Row kMaps[] = {
    {"f*g", "fg"},
    {"d*h", "dh"},
    {"d*c + sin(h)/sqrt(d*d + 1)", "dhc"},
    {"f*0.1 + g*c", "fgc"},
    {"double(f)*g", "fg"},
    {"v + t*u + d", "vtud"},
    {"if(t < u, f, h)", "tufh"},
    {"w = [1, 10, 100]; sum(cumsum(w*d)_k*h)", "dh"},
};

template <class T>
void check_map(const Row& row, std::size_t n) {
  SCOPED_TRACE(std::string(row.program) + ", " + std::to_string(n));
  const Moment moment = compile(row.program);
  const Arrays arrays(n);
  const std::vector<NamedInput> inputs = inputs_of(row.names, arrays);
  std::vector<T> cpu(n), gpu(n + 1, -1);
  const Output to_cpu(cpu), to_gpu(gpu.data(), n);
  moment.map(std::span(&to_cpu, 1), inputs, {.backend = Backend::interpreter});
  moment.map(std::span(&to_gpu, 1), inputs, {.backend = Backend::cuda, .threads = 3});
  EXPECT_EQ(gpu.back(), -1);
  gpu.pop_back();
  expect_same(cpu, gpu);
  const There there(arrays);
  DeviceArray<T> result(n);
  const Output to_result(result);
  moment.map(std::span(&to_result, 1), there.inputs(row.names));
  expect_same(cpu, result.to_host());
}

TEST_F(CudaData, MapsGiveTheInterpretersBits) {
  for (const Row& row : kMaps)
    for (const std::size_t n : kLengths) {
      if (n > 100'000 && &row > &kMaps[1]) continue;
      check_map<double>(row, n);
      if (n < 100'000 || &row == &kMaps[0]) check_map<float>(row, n);
    }
}

TEST_F(CudaData, ManyOutputsGoThroughTheDataOnce) {
  const Arrays a(10'000);
  const Moment moment = compile("f*g, f < g, exp(f/100)");
  std::vector<float> product(a.f.size()), product2(a.f.size());
  std::vector<double> less(a.f.size()), exps(a.f.size()), less2(a.f.size()), exps2(a.f.size());
  moment.map({product, less, exps}, {{"f", a.f}, {"g", a.g}}, {.backend = Backend::interpreter});
  moment.map({product2, less2, exps2}, {{"f", a.f}, {"g", a.g}}, {.backend = Backend::cuda});
  expect_same(product, product2);
  expect_same(less, less2);
  expect_same(exps, exps2);
}

const Row kReductions[] = {
    {"sum(f_k*g_k)", "fg"},
    {"sum(d), max(h), min(h), prod(h/50)", "dh"},
    {"m = mean(h); m, Var(h), sum((h - m)^2)", "h"},
    {"sum((h_{k+1} - h_k)^2) + h_2", "h"},
    {"sum(k*t_k), sum(v_k), norm(u)", "tvu"},
    {"Corr(f, g) + sum(k, k = 1..dim(f)) + c", "fgc"},
};

TEST_F(CudaData, ReductionsGiveTheInterpretersBits) {
  for (const Row& row : kReductions)
    for (const std::size_t n : {0, 1, 5, 63, 8192, 8193, 100'003, 1'500'000}) {
      if (n < 2 && row.program.find("h_2") != std::string_view::npos) continue;
      if (n > 200'000 && &row != &kReductions[0]) continue;
      SCOPED_TRACE(std::string(row.program) + ", " + std::to_string(n));
      const Moment moment = compile(row.program);
      const Arrays arrays(n);
      const std::vector<NamedInput> inputs = inputs_of(row.names, arrays);
      const auto cpu = moment.reduce(inputs, {.backend = Backend::interpreter});
      expect_same(cpu, moment.reduce(inputs, {.backend = Backend::cuda, .threads = 4}));
      const There there(arrays);
      expect_same(cpu, moment.reduce(there.inputs(row.names)));
    }
}

TEST_F(CudaData, BoundReductionsTakeArraysOfTheDevice) {
  const Arrays a(20'000);
  const DeviceArray<double> there(a.h);
  const Reduction norm = compile("norm(x)").bind({{"x", NumberType::f64}});
  EXPECT_EQ(norm({there}), norm({a.h}));
}

TEST_F(CudaData, ReadsAndWritesStridesOfTheHost) {
  std::vector<double> table = numbers<double>(30'000, 8);
  const std::vector<double> before = table;
  compile("2*x + c").map(Output(table.data() + 1, 10'000, 3),
                         {{"x", Input(table.data(), 10'000, 3)}, {"c", 1}}, {.backend = Backend::cuda});
  for (std::size_t k = 0; k < table.size(); ++k)
    ASSERT_EQ(table[k], k % 3 == 1 ? 2 * before[k - 1] + 1 : before[k]);
  const std::vector<std::int32_t> backwards = numbers<std::int32_t>(9'000, 9);
  EXPECT_EQ(compile("sum(k*x_k)")({{"x", Input(&backwards.back(), 9'000, -1)}}, {.backend = Backend::cuda}),
            compile("sum(k*x_k)")({{"x", Input(&backwards.back(), 9'000, -1)}}));
}

TEST_F(CudaData, MayWriteWhereItReads) {
  Arrays a(1'000'000);
  const auto d = a.d, h = a.h;
  compile("h, d").map({a.d, a.h}, {{"d", a.d}, {"h", a.h}}, {.backend = Backend::cuda});
  expect_same(a.d, h);
  expect_same(a.h, d);
  DeviceArray<double> one(d), other(h);
  compile("h, d").map({one, other}, {{"d", one}, {"h", other}});
  expect_same(one.to_host(), h);
  expect_same(other.to_host(), d);
}

TEST_F(CudaData, ArraysOfNoSizeThatThereIsAreRefused) {
  EXPECT_THROW(DeviceArray<double>(std::size_t{1} << 61), DeviceError);
  EXPECT_THROW(DeviceArray<float>(std::size_t{1} << 60), DeviceError);
}

TEST_F(CudaData, ArraysAreMovedAndCopiedAsAWhole) {
  const Arrays a(1000);
  DeviceArray<float> one(a.f, 2);
  EXPECT_EQ(one.device(), 2u);
  DeviceArray<float> two = std::move(one);
  EXPECT_EQ(one.size(), 0u);  // NOLINT: what was moved from is of length 0
  expect_same(two.to_host(), a.f);
  two.copy_from(a.g);
  one = std::move(two);
  expect_same(one.to_host(), a.g);
  EXPECT_EQ(compile("sum(x)")({{"x", one}}), compile("sum(x)")({{"x", a.g}}));
  EXPECT_EQ(DeviceArray<double>(std::vector<double>()).to_host().size(), 0u);
}

TEST_F(CudaData, StopsWithinAStretchOfData) {
  const std::vector<float> f(20'000'000, 1);
  std::stop_source stop;
  std::uint64_t heard = 0;
  try {
    compile("sum(x)")({{"x", f}}, {.backend = Backend::cuda,
                                   .threads = 1,
                                   .stop = stop.get_token(),
                                   .progress = [&](std::uint64_t done, std::uint64_t) {
                                     heard = done;
                                     stop.request_stop();
                                   }});
    FAIL();
  } catch (const Stopped& stopped) {
    EXPECT_GT(heard, 0u);
    EXPECT_LT(stopped.done(), stopped.all());
    EXPECT_EQ(stopped.all(), f.size());
  }
}

// ---- what is refused

struct Wrong {
  std::function<void()> call;
  std::string_view message;
};

TEST_F(CudaData, SaysWhatIsWrong) {
  const std::vector<double> host(3);
  std::vector<double> out(3);
  DeviceArray<double> there(host), there_too(host), far(host, 1), longer(4);
  const Moment sum = compile("sum(a_i*b_i)"), product = compile("a*b");
  const Wrong all[] = {
      {[&] { sum({{"a", there}, {"b", host}}); },
       "error: a lies on a device, and b does not\n  copy one of them: mc::DeviceArray(numbers), or "
       "to_host()"},
      {[&] { product.map(out, {{"a", there}, {"b", there_too}}); },
       "error: a lies on a device, and the output does not\n"},
      {[&] { product.map(there, {{"a", host}, {"b", 2}}); },
       "error: the output lies on a device, and a does not\n"},
      {[&] { sum({{"a", there}, {"b", far}}); },
       "error: a lies on device 0, and b on device 1\n  all arrays of a call lie on one device, or all of "
       "them "
       "on the host"},
      {[&] { sum({{"a", there}, {"b", there_too}}, {.backend = Backend::llvm}); },
       "error: a lies on a device, where the back end llvm does not compute\n"},
      {[&] { product.map(there, {{"a", there}, {"b", 2}}, {.backend = Backend::interpreter}); },
       "error: a lies on a device, where the back end interpreter does not compute\n"},
      {[&] { sum({{"a", there}, {"b", longer}}); }, "error: a has 3 numbers and b has 4\n"},
      {[&] { compile("a, 2*a").map({there_too, there_too}, {{"a", there}}); },
       "error: outputs 1 and 2 overlap\n"},
      {[&] { there.copy_from(std::vector<double>(4)); },
       "error: the device's array has 3 numbers, and 4 are given\n  all of it is copied"},
      {[&] { there.copy_to(std::span(out).first(2)); },
       "error: the device's array has 3 numbers, and 2 are given\n"},
      {[&] { DeviceArray<double>(3, 7); },
       "error: there is no CUDA device number 7: the machine has 3, counted from 0\n  arrays of the host"},
  };
  for (const Wrong& wrong : all) try {
      wrong.call();
      ADD_FAILURE() << "not refused: " << wrong.message;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with(wrong.message)) << error.what();
    }
  EXPECT_THROW(Parameter::view(there), ArgumentError);
}

struct Failing {
  const char* fault;
  std::function<void()> call;
  std::string_view message;
};

TEST_F(CudaData, SaysWhatFails) {
  std::vector<double> host(3, 2), out(3);
  const Moment product = compile("a*b + 7");
  const auto map = [&] { product.map(out, {{"a", host}, {"b", host}}, {.backend = Backend::cuda}); };
  const Failing all[] = {
      {"no_compiler", map, "error: NVRTC does not compile the kernel"},
      {"no_memory", [&] { DeviceArray<double>(3); },
       "error: there is not enough memory on Fake GPU to hold an array\n"},
  };
  for (const Failing& failing : all) {
    setenv("MC_FAKE_CUDA", failing.fault, 1);
    try {
      failing.call();
      ADD_FAILURE() << "did not fail: " << failing.fault;
    } catch (const DeviceError& error) {
      EXPECT_TRUE(std::string_view(error.what()).starts_with(failing.message)) << error.what();
    }
    unsetenv("MC_FAKE_CUDA");
  }
  map();
  EXPECT_EQ(out[0], 11) << "and then all is well";
}

}  // namespace
}  // namespace mc
