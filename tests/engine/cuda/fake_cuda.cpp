// NVRTC and the driver in one library, for machines without a GPU. The compiler that builds the tests
// compiles what NVRTC would, the kernel's "machine code" being the name of a shared library; the driver
// computes it on the CPU when somebody waits for it, and not before. MC_FAKE_CUDA in the environment says
// what is wrong with this GPU.
#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#define MC_EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

using Result = int;
constexpr Result kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kInitialisation = 3, kNoDevice = 100,
                 kNoImage = 209, kInvalidContext = 201, kIllegalAddress = 700;

bool has_fault(const char* name) {
  const char* fault = std::getenv("MC_FAKE_CUDA");
  return fault != nullptr && std::strcmp(fault, name) == 0;
}

// ---- the compiler

struct FakeProgram {
  std::string source, log, library;
};

/// A new name for a file.
std::string fresh_name() {
  static std::atomic<int> number = 0;
  return "/tmp/moment-fake-cuda-" + std::to_string(getpid()) + "-" + std::to_string(number++);
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool compile(FakeProgram& program) {
  const std::string base = fresh_name();
  std::ofstream(base + ".cpp")
      << "#include \"tests/engine/cuda/shim.hpp\"\n"
      << program.source
      << "\nextern \"C\" void launch(unsigned blocks, unsigned long seed, unsigned long first, unsigned long "
         "tiles,\n"
         "  unsigned long samples, const double* numbers, double* memory, double* records) {\n"
         "  shim::the_block.launch({moment_tiles, seed, first, tiles, samples, numbers, memory, records}, "
         "blocks);\n"
         "}\n";
  const std::string command = std::string(MC_CXX) + " -std=c++20 -O1 -w -fPIC -shared -ffp-contract=off -I" +
                              MC_SOURCE_FOLDER + " " + base + ".cpp -o " + base + ".so 2>" + base + ".log";
  const bool is_compiled = std::system(command.c_str()) == 0;
  program.log =
      read(base + ".log") + "\nptxas info    : Used 40 registers, used 1 barriers, 10240 bytes smem\n";
  program.library = read(base + ".so");
  for (const char* ending : {".cpp", ".log", ".so"}) std::remove((base + ending).c_str());
  return is_compiled;
}

Result give_size(const std::string& text, std::size_t* size) {
  *size = text.size() + 1;
  return kSuccess;
}

Result give(const std::string& text, char* to) {
  std::memcpy(to, text.c_str(), text.size() + 1);
  return kSuccess;
}

// ---- the driver

using Launch = void (*)(unsigned, unsigned long, unsigned long, unsigned long, unsigned long, const double*,
                        double*, double*);

/// Work waits in the order in which it was given, until somebody waits for it.
struct FakeStream {
  std::vector<std::function<void()>> work;
  std::size_t done = 0;
};

struct FakeEvent {
  FakeStream* stream = nullptr;
  std::size_t after = 0;
};

std::mutex running;             // of kernels: the shim has one block
thread_local int contexts = 0;  // pushed
std::atomic<bool> is_broken = false;

Result in_context(Result result = kSuccess) { return contexts > 0 ? result : kInvalidContext; }

std::atomic<int> live_allocations = 0;

void* allocated(std::size_t bytes) {
  ++live_allocations;
  return std::malloc(bytes);
}

/// As the real one, frees nothing without a context.
Result freed(void* address) {
  if (in_context() != kSuccess) return kInvalidContext;
  --live_allocations;
  std::free(address);
  return kSuccess;
}

Result run_until(FakeStream& stream, std::size_t end) {
  for (; stream.done < end; ++stream.done) stream.work[stream.done]();
  return is_broken ? kIllegalAddress : kSuccess;
}

template <class T>
T argument(void** arguments, int k) {
  T value;
  std::memcpy(&value, arguments[k], sizeof value);
  return value;
}

}  // namespace

MC_EXPORTED Result nvrtcVersion(int* major, int* minor) { return *major = 13, *minor = 0, kSuccess; }
MC_EXPORTED Result nvrtcGetNumSupportedArchs(int* count) { return *count = 2, kSuccess; }
MC_EXPORTED Result nvrtcGetSupportedArchs(int* all) { return all[0] = 75, all[1] = 90, kSuccess; }
MC_EXPORTED const char* nvrtcGetErrorString(Result) { return "an error of the fake compiler"; }
MC_EXPORTED Result nvrtcCreateProgram(FakeProgram** program, const char* source, const char*, int,
                                      const char* const*, const char* const*) {
  *program = new FakeProgram{source, "", ""};
  return kSuccess;
}
MC_EXPORTED Result nvrtcDestroyProgram(FakeProgram** program) {
  delete *program;
  return kSuccess;
}
MC_EXPORTED Result nvrtcCompileProgram(FakeProgram* program, int, const char* const*) {
  constexpr Result kCompilation = 6;
  return !has_fault("no_compiler") && compile(*program) ? kSuccess : kCompilation;
}
MC_EXPORTED Result nvrtcGetProgramLogSize(FakeProgram* program, std::size_t* size) {
  return give_size(program->log, size);
}
MC_EXPORTED Result nvrtcGetProgramLog(FakeProgram* program, char* log) { return give(program->log, log); }
MC_EXPORTED Result nvrtcGetPTXSize(FakeProgram*, std::size_t* size) { return give_size("// fake", size); }
MC_EXPORTED Result nvrtcGetPTX(FakeProgram*, char* ptx) { return give("// fake", ptx); }
MC_EXPORTED Result nvrtcGetCUBINSize(FakeProgram* program, std::size_t* size) {
  return *size = program->library.size(), kSuccess;
}
MC_EXPORTED Result nvrtcGetCUBIN(FakeProgram* program, char* cubin) {
  return std::memcpy(cubin, program->library.data(), program->library.size()), kSuccess;
}

MC_EXPORTED Result cuInit(unsigned) {
  return has_fault("no_device") ? kNoDevice : has_fault("no_start") ? kInitialisation : kSuccess;
}
MC_EXPORTED Result cuDriverGetVersion(int* version) {
  return *version = has_fault("old_driver") ? 11080 : 13000, kSuccess;
}
MC_EXPORTED Result cuGetErrorString(Result error, const char** text) {
  *text = error == kIllegalAddress   ? "an illegal memory access was encountered"
          : error == kInitialisation ? "initialization error"
          : error == kNoImage        ? "no kernel image is available for execution on the device"
                                     : nullptr;
  return *text != nullptr ? kSuccess : kInvalidValue;
}
MC_EXPORTED Result cuDeviceGetCount(int* count) { return *count = has_fault("none") ? 0 : 1, kSuccess; }
MC_EXPORTED Result cuDeviceGet(int* device, int number) { return *device = number, kSuccess; }
MC_EXPORTED Result cuDeviceGetName(char* name, int size, int) {
  std::snprintf(name, static_cast<std::size_t>(size), "Fake GPU");
  return kSuccess;
}
MC_EXPORTED Result cuDeviceGetAttribute(int* value, int attribute, int) {
  constexpr int kMultiprocessors = 16, kMajor = 75;
  *value = attribute == kMultiprocessors ? 3 : attribute == kMajor ? (has_fault("old_device") ? 6 : 9) : 0;
  return kSuccess;
}
MC_EXPORTED Result cuDevicePrimaryCtxRetain(void** context, int) {
  static int the_context;
  return *context = &the_context, kSuccess;
}
MC_EXPORTED Result cuCtxPushCurrent_v2(void*) { return ++contexts, kSuccess; }
MC_EXPORTED Result cuCtxPopCurrent_v2(void**) { return --contexts, kSuccess; }
/// An image's length stands nowhere but in itself: sections' headers come last.
MC_EXPORTED Result cuModuleLoadData(void** module, const void* image) {
  static std::atomic<int> refusals = 0;
  if (has_fault("no_image") || (has_fault("refuses_once") && refusals++ == 0)) return kNoImage;
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return kNoImage;
  const std::string name = fresh_name();
  std::ofstream(name, std::ios::binary)
      .write(static_cast<const char*>(image),
             static_cast<std::streamsize>(header.e_shoff + std::size_t{header.e_shnum} * header.e_shentsize));
  *module = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::remove(name.c_str());
  return in_context(*module != nullptr ? kSuccess : kNoImage);
}
MC_EXPORTED Result cuModuleUnload(void* module) { return dlclose(module), in_context(); }
MC_EXPORTED Result cuModuleGetFunction(void** function, void* module, const char* name) {
  if (dlsym(module, name) == nullptr) return kInvalidValue;
  return *function = dlsym(module, "launch"), in_context();
}
MC_EXPORTED Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, std::size_t) {
  return *blocks = 2, in_context();
}
MC_EXPORTED Result cuMemAlloc_v2(unsigned long long* address, std::size_t bytes) {
  if (has_fault("no_memory")) return kOutOfMemory;
  *address = reinterpret_cast<unsigned long long>(allocated(bytes));
  return in_context();
}
MC_EXPORTED Result cuMemFree_v2(unsigned long long address) {
  return freed(reinterpret_cast<void*>(address));
}
MC_EXPORTED Result cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
  return *address = allocated(bytes), in_context();
}
MC_EXPORTED Result cuMemFreeHost(void* address) { return freed(address); }
MC_EXPORTED int fake_live_allocations() { return live_allocations; }
MC_EXPORTED Result cuMemcpyHtoDAsync_v2(unsigned long long to, const void* from, std::size_t bytes,
                                        FakeStream*) {
  return std::memcpy(reinterpret_cast<void*>(to), from, bytes), in_context();
}
MC_EXPORTED Result cuStreamCreate(FakeStream** stream, unsigned) {
  return *stream = new FakeStream, in_context();
}
MC_EXPORTED Result cuStreamDestroy_v2(FakeStream* stream) { return delete stream, in_context(); }
MC_EXPORTED Result cuStreamSynchronize(FakeStream* stream) {
  return in_context(run_until(*stream, stream->work.size()));
}
MC_EXPORTED Result cuEventCreate(FakeEvent** event, unsigned) { return *event = new FakeEvent, in_context(); }
MC_EXPORTED Result cuEventDestroy_v2(FakeEvent* event) { return delete event, in_context(); }
MC_EXPORTED Result cuEventRecord(FakeEvent* event, FakeStream* stream) {
  return *event = {stream, stream->work.size()}, in_context();
}
MC_EXPORTED Result cuEventSynchronize(FakeEvent* event) {
  return in_context(event->stream != nullptr ? run_until(*event->stream, event->after) : kSuccess);
}
MC_EXPORTED Result cuLaunchKernel(void* function, unsigned blocks, unsigned, unsigned, unsigned threads,
                                  unsigned, unsigned, unsigned, FakeStream* stream, void** arguments,
                                  void**) {
  if (threads != 256 || blocks == 0) return kInvalidValue;
  stream->work.push_back(
      [=, launch = reinterpret_cast<Launch>(function), seed = argument<unsigned long>(arguments, 0),
       first = argument<unsigned long>(arguments, 1), tiles = argument<unsigned long>(arguments, 2),
       samples = argument<unsigned long>(arguments, 3), numbers = argument<const double*>(arguments, 4),
       memory = argument<double*>(arguments, 5), records = argument<double*>(arguments, 6)] {
        if (has_fault("kernel_fails")) is_broken = true;
        if (is_broken) return;
        const std::lock_guard lock(running);
        launch(blocks, seed, first, tiles, samples, numbers, memory, records);
      });
  return in_context();
}
