// The few declarations of NVRTC that are needed are ours: they are the same in CUDA 12 and 13, and no header
// of CUDA has to be there.
#include "engine/cuda/nvrtc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <mutex>
#include <string_view>

#include "engine/cuda/library.hpp"

namespace mc::cuda {
namespace {

using Result = int;  // nvrtcResult
constexpr Result kSuccess = 0, kCompilation = 6;
using Program = struct ProgramTag*;

constexpr std::array kNames{"libnvrtc.so.13",
                            "libnvrtc.so.12",
                            "/usr/local/cuda/lib64/libnvrtc.so.13",
                            "/usr/local/cuda/lib64/libnvrtc.so.12",
                            "/opt/cuda/lib64/libnvrtc.so.13",
                            "/opt/cuda/lib64/libnvrtc.so.12"};

}  // namespace

struct Nvrtc::Functions {
  Result (*version)(int*, int*);
  Result (*architecture_count)(int*);
  Result (*architectures)(int*);
  const char* (*error_text)(Result);
  Result (*create)(Program*, const char* source, const char* name, int, const char* const*,
                   const char* const*);
  Result (*destroy)(Program*);
  Result (*compile)(Program, int, const char* const*);
  Result (*log_size)(Program, std::size_t*);
  Result (*log)(Program, char*);
  Result (*ptx_size)(Program, std::size_t*);
  Result (*ptx)(Program, char*);
  Result (*cubin_size)(Program, std::size_t*);
  Result (*cubin)(Program, char*);

  Functions() {
    const Library library("NVRTC, CUDA's compiler,", "MC_NVRTC", kNames);
    library.find(version, "nvrtcVersion");
    library.find(architecture_count, "nvrtcGetNumSupportedArchs");
    library.find(architectures, "nvrtcGetSupportedArchs");
    library.find(error_text, "nvrtcGetErrorString");
    library.find(create, "nvrtcCreateProgram");
    library.find(destroy, "nvrtcDestroyProgram");
    library.find(compile, "nvrtcCompileProgram");
    library.find(log_size, "nvrtcGetProgramLogSize");
    library.find(log, "nvrtcGetProgramLog");
    library.find(ptx_size, "nvrtcGetPTXSize");
    library.find(ptx, "nvrtcGetPTX");
    library.find(cubin_size, "nvrtcGetCUBINSize");
    library.find(cubin, "nvrtcGetCUBIN");
  }

  void check(Result result, std::string_view what) const {
    if (result != kSuccess) throw Error(fmt::format("NVRTC cannot {}: {}", what, error_text(result)));
  }

  using Size = Result (*)(Program, std::size_t*);
  using Bytes = Result (*)(Program, char*);
  std::string bytes(Program program, Size size_of, Bytes bytes_of, std::string_view what) const {
    std::size_t size = 0;
    check(size_of(program, &size), what);
    std::string all(size, '\0');
    if (size > 0) check(bytes_of(program, all.data()), what);
    return all;
  }
};

namespace {

/// The number that stands before these words; 0 where they are not there.
unsigned number_before(std::string_view log, std::string_view words) {
  const std::size_t end = log.find(words);
  if (end == log.npos) return 0;
  std::size_t begin = end;
  while (begin > 0 && log[begin - 1] >= '0' && log[begin - 1] <= '9') --begin;
  unsigned number = 0;
  std::from_chars(log.data() + begin, log.data() + end, number);
  return number;
}

void read_log(std::string_view log, Assembled& to) {
  to.registers = number_before(log, " registers");
  to.stack_bytes = number_before(log, " bytes stack frame");
  to.spill_bytes = number_before(log, " bytes spill stores") + number_before(log, " bytes spill loads");
  to.shared_bytes = number_before(log, " bytes smem");
}

}  // namespace

const Nvrtc& Nvrtc::get() {
  static std::mutex opening;
  static const Nvrtc* opened = nullptr;
  const std::lock_guard lock(opening);
  if (opened == nullptr) opened = new Nvrtc();  // never closed: compiles may outlive statics
  return *opened;
}

Nvrtc::Nvrtc() : functions_(new Functions()) {
  const Functions& f = *functions_;
  f.check(f.version(&major_, &minor_), "tell its version");
  int count = 0;
  f.check(f.architecture_count(&count), "tell its architectures");
  architectures_.resize(static_cast<std::size_t>(count));
  f.check(f.architectures(architectures_.data()), "tell its architectures");
  std::ranges::sort(architectures_);
}

/// The latest that the device can run.
Architecture Nvrtc::best_for(Architecture wanted) const {
  const auto after = std::ranges::upper_bound(architectures_, wanted);
  if (after == architectures_.begin())
    throw Error(fmt::format(
        "NVRTC {}.{} compiles for compute capability {}.{} at least, and the device has {}.{}", major_,
        minor_, architectures_.front() / 10, architectures_.front() % 10, wanted / 10, wanted % 10));
  return *std::prev(after);
}

Assembled Nvrtc::compile(const std::string& source, Architecture wanted) const {
  const Functions& f = *functions_;
  const auto start = std::chrono::steady_clock::now();
  Assembled made;
  made.architecture = best_for(wanted);
  const bool has_generation = made.architecture / 10 == wanted / 10;
  const std::string architecture =
      fmt::format("-arch={}_{}", has_generation ? "sm" : "compute", made.architecture);
  std::vector<std::string> words{architecture, "-w", "--ptxas-options=-v"};
  for (std::string_view rest = kOptionsText; !rest.empty();) {
    rest.remove_prefix(1);
    words.emplace_back(rest.substr(0, rest.find(' ')));
    rest.remove_prefix(words.back().size());
  }
  std::vector<const char*> options;
  for (const std::string& word : words) options.push_back(word.c_str());
  Program program = nullptr;
  f.check(f.create(&program, source.c_str(), "moment.cu", 0, nullptr, nullptr), "take the source");
  struct Owner {
    const Functions& f;
    Program program;
    ~Owner() { f.destroy(&program); }
  } owner{f, program};
  const Result result = f.compile(program, static_cast<int>(options.size()), options.data());
  const std::string log = f.bytes(program, f.log_size, f.log, "show its log");
  if (result == kCompilation) throw Error("NVRTC does not compile the kernel: " + log);
  f.check(result, "compile the kernel");
  made.ptx = f.bytes(program, f.ptx_size, f.ptx, "give PTX");
  while (made.ptx.ends_with('\0')) made.ptx.pop_back();
  if (has_generation) made.cubin = f.bytes(program, f.cubin_size, f.cubin, "give machine code");
  read_log(log, made);
  made.compile_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return made;
}

}  // namespace mc::cuda
