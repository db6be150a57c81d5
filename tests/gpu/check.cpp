// What a machine with a GPU is asked, in one program that needs neither a compiler nor LLVM nor a network
// there:
//
//   gpu_check moments [SAMPLES [EVERY]]   programs on the GPU and on the CPU: the same bits?
//   gpu_check data [LENGTH [EVERY]]       maps and reductions of all operations, in the corners too: likewise
//   gpu_check runs [SHARE]                runs that are stopped, have a goal, choose their back end: likewise
//   gpu_check kinds [EVERY]               small ones of each kind, in one process: for NVIDIA's checkers
//   gpu_check speed [SHARE]               the benchmark; below 1 a rehearsal, with a share of the samples
//   gpu_check products [SHARE]            the same of arrays, there and with transfers
//   gpu_check loads                       what a kernel's first call takes
//   gpu_check made_by ARCHITECTURE...     what `device` is to be asked with: what NVRTC makes code for here
//   gpu_check device CUDA ARCHITECTURE... whether this machine's driver and devices can run such code
//
// Tables go to stdout. Machine code is taken from MC_CACHE_DIR, or made by NVRTC. tests/gpu/run does it all.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/cuda/driver.hpp"
#include "engine/cuda/nvrtc.hpp"
#include "tests/gpu/check.hpp"

namespace {

using namespace mc::gpu;

constexpr const char *kMoments = "program | how | value | CPU | GPU | bits",
                     *kData = "expression | numbers | length | bits", *kRuns = "a run | what it did | bits";

int made_by(std::span<char*> architectures) {
  fmt::print("{} {}\n", mc::cuda::Nvrtc::get().major(), fmt::join(architectures, " "));
  return 0;
}

/// A driver loads what compilers of its own major version and of older ones made.
int device(int major, std::span<char*> architectures) {
  const mc::cuda::Driver& driver = mc::cuda::Driver::get();
  const mc::cuda::Device& first = driver.device(0);
  fmt::print("| device | compute capability | driver for CUDA |\n| --- | --- | --- |\n| {} | {} | {}.{} |\n",
             first.name(), first.architecture(), driver.version() / 1000, driver.version() % 1000 / 10);
  if (driver.version() / 1000 < major)
    throw std::runtime_error(fmt::format("what was prepared needs a driver for CUDA {}", major));
  if (std::ranges::none_of(architectures,
                           [&](const char* each) { return std::atoi(each) == first.architecture(); }))
    throw std::runtime_error(fmt::format("what was prepared is for {}", fmt::join(architectures, ", ")));
  return 0;
}

int kinds(std::size_t every) {
  const int of_moments = print_rows(kMoments, moments(200'000, every, true), false);
  return std::max(of_moments, print_rows(kData, data(10'000, every, true), false));
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // who is killed has said what he did
  const std::string what = argc > 1 ? argv[1] : "";
  const auto number = [&](int k, double otherwise) {
    return argc > k ? std::strtod(argv[k], nullptr) : otherwise;
  };
  const auto count = [&](int k, double otherwise) { return static_cast<std::size_t>(number(k, otherwise)); };
  try {
    if (what == "moments") return print_rows(kMoments, moments(count(2, 1e6), count(3, 1)));
    if (what == "data") return print_rows(kData, data(count(2, 1e5), count(3, 1)));
    if (what == "runs") return print_rows(kRuns, runs(number(2, 1)));
    if (what == "kinds") return kinds(count(2, 1));
    if (what == "speed") return speeds(number(2, 1));
    if (what == "products") return products(number(2, 1));
    if (what == "loads") return loads();
    if (what == "made_by") return made_by(std::span(argv + 2, argv + argc));
    if (what == "device" && argc > 2) return device(std::atoi(argv[2]), std::span(argv + 3, argv + argc));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(stderr,
             "gpu_check moments [SAMPLES [EVERY]] | data [LENGTH [EVERY]] | runs [SHARE] | kinds [EVERY] | "
             "speed [SHARE] | "
             "products [SHARE] | loads | made_by ARCHITECTURE... | device CUDA ARCHITECTURE...\n");
  return 2;
}
