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

#include "engine/cuda/driver.hpp"
#include "engine/cuda/library.hpp"

namespace mc::cuda {
namespace {

using Result = int;  // nvrtcResult
constexpr Result kSuccess = 0;
using Program = struct ProgramTag*;

constexpr std::array kNames{
    "libnvrtc.so.12", "/usr/local/cuda/lib64/libnvrtc.so.12", "/opt/cuda/lib64/libnvrtc.so.12",
    "libnvrtc.so.13", "/usr/local/cuda/lib64/libnvrtc.so.13", "/opt/cuda/lib64/libnvrtc.so.13",
    "libnvrtc.so.12", "/usr/local/cuda/lib64/libnvrtc.so.12", "/opt/cuda/lib64/libnvrtc.so.12"};

}  // namespace

std::span<const char* const> nvrtc_names(int driver_version) {
  constexpr std::size_t kAll = 2 * kNames.size() / 3;  // both versions, and in either order
  const bool is_old = driver_version != 0 && driver_version < 13000;
  return std::span(kNames).subspan(is_old ? 0 : kNames.size() - kAll, kAll);
}

// Each function that is needed: a name of ours, NVRTC's name after "nvrtc", what it takes and gives.
#define MC_NVRTC_FUNCTIONS(X)                                                                            \
  X(version, Version, Result(int*, int*))                                                                \
  X(architecture_count, GetNumSupportedArchs, Result(int*))                                              \
  X(architectures, GetSupportedArchs, Result(int*))                                                      \
  X(error_text, GetErrorString, const char*(Result))                                                     \
  X(create, CreateProgram,                                                                               \
    Result(Program*, const char* source, const char* name, int, const char* const*, const char* const*)) \
  X(destroy, DestroyProgram, Result(Program*))                                                           \
  X(compile, CompileProgram, Result(Program, int, const char* const*))                                   \
  X(log_size, GetProgramLogSize, Result(Program, std::size_t*))                                          \
  X(log, GetProgramLog, Result(Program, char*))                                                          \
  X(ptx_size, GetPTXSize, Result(Program, std::size_t*))                                                 \
  X(ptx, GetPTX, Result(Program, char*))                                                                 \
  X(cubin_size, GetCUBINSize, Result(Program, std::size_t*))                                             \
  X(cubin, GetCUBIN, Result(Program, char*))

struct Nvrtc::Functions {
  template <class F>
  using Pointer = F*;
#define MC_DECLARE(ours, theirs, ...) Pointer<__VA_ARGS__> ours;
  MC_NVRTC_FUNCTIONS(MC_DECLARE)
#undef MC_DECLARE

  Functions() {
    const Library library("NVRTC, CUDA's compiler,", "MC_NVRTC", nvrtc_names(Driver::open_version()));
#define MC_FIND(ours, theirs, ...) library.find(ours, "nvrtc" #theirs);
    MC_NVRTC_FUNCTIONS(MC_FIND)
#undef MC_FIND
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

/// The lines of a log but for the assembler's statistics.
std::string reasons(std::string_view log) {
  std::string lines;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find_first_of(std::string_view("\n\0", 2)));
    log.remove_prefix(std::min(line.size() + 1, log.size()));
    if (!line.empty() && !line.starts_with("ptxas info")) lines.append("\n").append(line);
  }
  return lines;
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
  if (result != kSuccess)
    throw Error(fmt::format("NVRTC does not compile the kernel: {}{}", f.error_text(result), reasons(log)));
  made.ptx = f.bytes(program, f.ptx_size, f.ptx, "give PTX");
  while (made.ptx.ends_with('\0')) made.ptx.pop_back();
  if (has_generation) made.cubin = f.bytes(program, f.cubin_size, f.cubin, "give machine code");
  read_log(log, made);
  made.compile_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return made;
}

}  // namespace mc::cuda
