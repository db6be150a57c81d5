// The lecture that Moment comes from, in one program: E|X|^2 for X uniform on the unit square, with the
// variance of the estimate, by every method that it went through. `slides 10000` goes no further than that
// many samples.
//
//   the lecture's, in Python         here
//   a loop                           a loop in C++, over std::mt19937_64
//   NumPy, whole arrays at once      the interpreter, 256 samples at once
//   Numba's @jit                     LLVM
//                                    LLVM on all cores, and auto, which chooses
//   multiprocessing                  processes: mc::Options::part, mc::merge
//   a PyCUDA kernel                  CUDA, where there is a GPU
//
// and its sum of 1000 numbers, by np.sum and by @jit. What it printed on two cores of a Xeon stands at the
// end; tests/docs run it and look at all but the times. Of the lecture's own figures, of 2015, we have three:
// 2200 and 590 ns for those sums, and the slowest call of a jitted function at 332.66 times the fastest (see
// `moment demo warmup`). Its listings were run anew on a machine like ours, in Python 3.11 with NumPy 1.24
// and Numba 0.56.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <mc/mc.hpp>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kShown = 10'000;  ///< samples of the estimates that are printed
constexpr unsigned kProcesses = 2;

/// Moment and density, as on the slides.
const mc::Moment& moment() {
  static const mc::Moment moment = mc::compile("sum(x_i^2)", "prod(1/(hi_i - lo_i))");
  return moment;
}

const mc::Box& square() {
  static const mc::Box square = mc::box(2, 0.0, 1.0);
  return square;
}

/// Value and variance by the slides' formulas, without keeping the points.
mc::Estimate plain_loop(std::uint64_t samples) {
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  double sum = 0, squares = 0;
  for (std::uint64_t k = 0; k < samples; ++k) {
    const double x = uniform(generator), y = uniform(generator), value = x * x + y * y;
    sum += value;
    squares += value * value;
  }
  const auto m = static_cast<double>(samples);
  mc::Estimate estimate{.value = sum / m, .samples = samples};
  estimate.variance = (squares / m - estimate.value * estimate.value) / (m - 1);
  return estimate;
}

mc::Estimate by(mc::Backend backend, unsigned threads, std::uint64_t samples) {
  return moment().estimate(square(), {.samples = samples, .backend = backend, .threads = threads});
}

/// What a process of its own does: its part, as a line of text.
void compute_part(const std::string& samples, const std::string& number) {
  const mc::Report report =
      moment().run(square(), {.samples = std::stoull(samples),
                              .threads = 1,
                              .part = {static_cast<std::uint32_t>(std::stoul(number)), kProcesses}});
  std::cout << report.partial.to_text();
}

/// Starts them all, then hears what each has to say. Their starts are in the time.
mc::Estimate by_processes(const std::string& self, std::uint64_t samples) {
  std::vector<FILE*> pipes;
  for (unsigned number = 1; number <= kProcesses; ++number) {
    std::ostringstream command;
    command << "exec '" << self << "' --part " << samples << ' ' << number;
    pipes.push_back(popen(command.str().c_str(), "r"));
  }
  std::vector<mc::Partial> parts;
  for (FILE* pipe : pipes) {
    std::string text;
    char buffer[4096];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
    pclose(pipe);
    parts.push_back(mc::Partial::from_text(text));
  }
  return mc::merge(parts).results[0].estimate;
}

struct Method {
  std::string name;
  std::function<mc::Estimate(std::uint64_t samples)> estimate;
  std::string absence = {};  ///< why it is not there
};

/// Each has made its first call, so what is timed later is not a compile.
std::vector<Method> methods(const std::string& self) {
  const auto backend = [](mc::Backend which, unsigned threads) {
    return [=](std::uint64_t samples) { return by(which, threads, samples); };
  };
  std::vector<Method> all{{"plain loop", plain_loop},
                          {"interpreter", backend(mc::Backend::interpreter, 1)},
                          {"LLVM", backend(mc::Backend::llvm, 1)},
                          {"LLVM, all cores", backend(mc::Backend::llvm, 0)},
                          {"auto", backend(mc::Backend::automatic, 0)},
                          {std::to_string(kProcesses) + " processes",
                           [self](std::uint64_t samples) { return by_processes(self, samples); }},
                          {"GPU", backend(mc::Backend::cuda, 0)}};
  for (Method& method : all) try {
      method.estimate(kShown);
    } catch (const mc::DeviceError& error) {
      method.absence = error.diagnostics().front().message;
    }
  return all;
}

/// The median of some calls, in microseconds.
double microseconds(const std::function<void()>& call) {
  std::vector<double> all;
  const auto begin = Clock::now();
  do {
    const auto start = Clock::now();
    call();
    all.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  } while (all.size() < 1000 && Clock::now() - begin < std::chrono::milliseconds(200));
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

void print_table(const std::vector<Method>& methods, std::uint64_t most) {
  std::vector<std::uint64_t> sizes{100, 1'000, 10'000, 1'000'000, 100'000'000};
  std::erase_if(sizes, [&](std::uint64_t size) { return size > most; });
  std::cout << "\nmicroseconds a call, M = ";
  for (const std::uint64_t size : sizes) std::cout << size << (size == sizes.back() ? "\n" : ", ");
  for (const Method& method : methods) {
    std::cout << std::left << std::setw(16) << method.name << std::right;
    for (const std::uint64_t size : sizes)
      if (method.absence.empty())
        std::cout << std::setw(12) << std::fixed << std::setprecision(1)
                  << microseconds([&] { method.estimate(size); });
    std::cout << method.absence << std::endl;
  }
}

/// The lecture's listings as they run today: medians, on two cores of a Zen 4.
void print_listings() {
  struct Listing {
    const char* name;
    double microseconds[3];
  };
  constexpr Listing kListings[] = {{"a loop", {1379, 12'620, 129'500}},
                                   {"NumPy", {156, 1285, 11'360}},
                                   {"@jit, f and g too", {27, 279, 3938}},
                                   {"multiprocessing", {16'300, 29'100, 131'900}}};
  std::cout << "\nthe lecture's listings in Python, M = 100, 1000, 10000\n";
  for (const Listing& listing : kListings) {
    std::cout << std::left << std::setw(18) << listing.name << std::right;
    for (const double each : listing.microseconds) std::cout << std::setw(11) << each;
    std::cout << '\n';
  }
}

/// A thousand calls at a time: one is too short for the clock.
void print_sums() {
  const std::vector<double> x(1000, 0.5);
  double kept = 0;
  const auto nanoseconds = [&](const std::function<double()>& sum) {
    return microseconds([&] {
      for (int k = 0; k < 1000; ++k) kept += sum();
    });
  };
  const mc::Reduction bound = mc::compile("sum(x)").bind({{"x", mc::NumberType::f64}});
  const double loop = nanoseconds([&] {
    double sum = 0;
    for (const double each : x) sum += each;
    return sum;
  });
  const double moment = nanoseconds([&] { return bound({x}); });
  std::cout << "\nnanoseconds a sum of 1000 numbers\nplain loop        " << std::setw(11) << loop
            << "\nMoment            " << std::setw(11) << moment << "\nnp.sum, in 2015          2200.0"
            << "\n@jit, in 2015             590.0\n";
  if (kept < 0) std::abort();  // so that the loop is not left out
}

}  // namespace

int main(int count, char** words) {
  if (count == 4) return compute_part(words[2], words[3]), 0;
  const std::uint64_t most = count == 2 ? std::stoull(words[1]) : 100'000'000;
  const std::vector<Method> all = methods(words[0]);
  std::cout << "E|X|^2 and the variance of its estimate, M = " << kShown
            << "; exactly 0.666667  1.7778e-05\n";
  for (const Method& method : all) {
    if (!method.absence.empty()) continue;
    const mc::Estimate e = method.estimate(kShown);
    std::cout << std::left << std::setw(16) << method.name << "  " << std::setprecision(6) << e.value << "  "
              << std::setprecision(5) << e.variance << '\n';
  }
  print_table(all, most);
  print_listings();
  print_sums();
}

/* prints
E|X|^2 and the variance of its estimate, M = 10000; exactly 0.666667  1.7778e-05
plain loop        0.668039  1.7669e-05
interpreter       0.671332  1.8005e-05
LLVM              0.671332  1.8005e-05
LLVM, all cores   0.671332  1.8005e-05
auto              0.671332  1.8005e-05
2 processes       0.671332  1.8005e-05

microseconds a call, M = 100, 1000, 10000, 1000000, 100000000
plain loop               1.8        10.5       261.4     29973.4   3101549.9
interpreter              3.3         8.9        35.5      1930.1    231003.7
LLVM                     2.1         3.9        13.9       917.1     88652.1
LLVM, all cores          1.3         2.7        11.0       513.7     50756.9
auto                     1.4         2.8        11.1       512.5     49738.1
2 processes           8064.4      7294.5      7869.3     10758.9     60252.4
GPU             NVIDIA's driver is not there (libcuda.so.1: cannot open shared object file: No such file or
directory)

the lecture's listings in Python, M = 100, 1000, 10000
a loop                 1379.0    12620.0   129500.0
NumPy                   156.0     1285.0    11360.0
@jit, f and g too        27.0      279.0     3938.0
multiprocessing       16300.0    29100.0   131900.0

nanoseconds a sum of 1000 numbers
plain loop              632.8
Moment                  107.6
np.sum, in 2015          2200.0
@jit, in 2015             590.0
*/
