#include "tests/engine/cuda/cpu_module.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "engine/host.hpp"

namespace mc::testing {
namespace {

constexpr unsigned kParts = 2;  // compilers at once

/// Each source in a namespace of its own, with a function to launch it.
std::string wrapped(const cuda::Source& source, std::size_t number) {
  const std::string n = std::to_string(number), entry = cuda::kEntryName;
  return "#define " + entry + " " + entry + n + "\nnamespace program" + n + " {\n" + source.text +
         "\n}\nextern \"C\" void launch" + n +
         "(unsigned blocks, unsigned long seed, unsigned long first, unsigned long tiles, unsigned long "
         "samples,\n"
         "  unsigned level, const double* numbers, double* memory, double* records,\n"
         "  const volatile unsigned* stop) {\n  "
         "shim::the_block.launch(blocks, 256, "
         "[=] { "
         "program" +
         n + "::" + entry +
         "(seed, first, tiles, samples, level, numbers, memory, records, stop); });\n}\n#undef " + entry +
         "\n";
}

/// Contraction off as everywhere; a machine with FMA has it as an instruction.
std::string command(const std::string& base) {
  const std::string fma = host_isa() >= Isa::avx2 ? " -mfma" : "";
  return std::string(MC_CXX) + " -std=c++20 -O0 -w -fPIC -shared -ffp-contract=off" + fma + " -I" +
         MC_SOURCE_FOLDER + " " + base + ".cpp -o " + base + ".so 2>" + base + ".log";
}

}  // namespace

CpuModule::CpuModule(std::span<const cuda::Source> sources) {
  std::vector<std::string> texts(kParts, "#include \"tests/engine/cuda/shim.hpp\"\n");
  for (std::size_t k = 0; k < sources.size(); ++k) texts[k % kParts] += wrapped(sources[k], k);
  std::vector<int> status(kParts);
  {
    std::vector<std::jthread> compilers;
    for (unsigned part = 0; part < kParts; ++part) {
      const std::string base = folder_ / ("part" + std::to_string(part));
      write_file(base + ".cpp", texts[part]);
      compilers.emplace_back([&, base, part] { status[part] = std::system(command(base).c_str()); });
    }
  }
  std::vector<void*> libraries;
  for (unsigned part = 0; part < kParts; ++part) {
    const std::string base = folder_ / ("part" + std::to_string(part));
    if (status[part] != 0) throw std::runtime_error(read_file(base + ".log").substr(0, 2000));
    libraries.push_back(dlopen((base + ".so").c_str(), RTLD_NOW | RTLD_LOCAL));
    if (libraries.back() == nullptr) throw std::runtime_error(dlerror());
  }
  for (std::size_t k = 0; k < sources.size(); ++k) {
    launches_.push_back(
        reinterpret_cast<Launch>(dlsym(libraries[k % kParts], ("launch" + std::to_string(k)).c_str())));
    block_memory_.push_back(sources[k].block_memory);
  }
}

/// What a kernel does not write stays NaN, and so do numbers it has no right to read.
std::vector<double> CpuModule::records(std::size_t source, unsigned blocks, std::uint64_t seed,
                                       const kernels::Trees& trees, std::uint64_t samples,
                                       std::span<const double> numbers, std::size_t record_size,
                                       unsigned stop) const {
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> memory(blocks * block_memory_[source], kNothing);
  std::vector<double> records(trees.count() * record_size, kNothing);
  launches_[source](blocks, seed, trees.first, trees.tiles, samples, trees.level, numbers.data(),
                    memory.data(), records.data(), &stop);
  return records;
}

}  // namespace mc::testing
