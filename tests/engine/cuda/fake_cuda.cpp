// NVRTC and the driver in one library, for machines without a GPU. The compiler that builds the tests
// compiles what NVRTC would, the kernel's "machine code" being a shared library; the driver computes it on
// the CPU when somebody waits for it, and not before: copies wait in their stream too. In the environment,
// MC_FAKE_CUDA says what is wrong with this GPU, MC_FAKE_CUDA_DEVICES how many there are,
// MC_FAKE_CUDA_CAPABILITY of what compute capability (90). One that "computes_nothing" takes the real NVRTC's
// machine code.
#include <dlfcn.h>
#include <elf.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/temporary_folder.hpp"

#define MC_EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

using Result = int;
using Address = unsigned long long;
constexpr Result kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kInitialisation = 3, kNoDevice = 100,
                 kInvalidImage = 200, kNoImage = 209, kInvalidContext = 201, kNotReady = 600,
                 kIllegalAddress = 700;

bool has_fault(const std::string& name) {
  const char* fault = std::getenv("MC_FAKE_CUDA");
  return fault != nullptr && name == fault;
}

/// A new name for a file.
std::string fresh_name() {
  static const mc::testing::TemporaryFolder folder;
  static std::atomic<int> number = 0;
  return folder / std::to_string(number++);
}

// ---- the compiler

struct FakeProgram {
  std::string source, log, library, ptx;
};

std::atomic<int> compiles = 0;

/// What the driver calls: a launch takes copies of its arguments, and is computed later, or never: then
/// free() is all that they need.
constexpr char kLaunch[] = R"(
template <class... T> std::tuple<T...>* taken(void (*)(T...), void* const* arguments) {
  int k = 0;
  static_assert(std::is_trivially_destructible_v<std::tuple<T...>>);
  return new (std::malloc(sizeof(std::tuple<T...>))) std::tuple<T...>{*static_cast<T*>(arguments[k++])...};
}
using Arguments = std::remove_pointer_t<decltype(taken(entry, nullptr))>;
extern "C" void* take(void* const* arguments) { return taken(entry, arguments); }
extern "C" void launch(unsigned blocks, unsigned threads, const void* arguments) {
  shim::the_block.launch(blocks, threads, [=] { std::apply(entry, *static_cast<const Arguments*>(arguments)); });
}
)";

/// What was compiled once is known: tests ask for the same again and again.
bool compile(FakeProgram& program) {
  static std::mutex compiling;
  static std::map<std::string, FakeProgram> known;
  const std::lock_guard lock(compiling);
  if (const auto found = known.find(program.source); found != known.end()) {
    program = found->second;
    return true;
  }
  const std::string base = fresh_name();
  const bool is_of_tiles = program.source.find("moment_tiles(") != std::string::npos;
  mc::testing::write_file(base + ".cpp",
                          "#include <cstdlib>\n#include <new>\n#include <tuple>\n#include "
                          "<type_traits>\n#include \"tests/engine/cuda/shim.hpp\"\n" +
                              program.source + "\nconstexpr auto entry = " +
                              (is_of_tiles ? "moment_tiles" : "moment_data") + ";\n" + kLaunch);
  const std::string command = std::string(MC_CXX) + " -std=c++20 -O1 -w -fPIC -shared -ffp-contract=off -I" +
                              MC_SOURCE_FOLDER + " " + base + ".cpp -o " + base + ".so 2>" + base + ".log";
  const bool is_compiled = std::system(command.c_str()) == 0;
  program.log = mc::testing::read_file(base + ".log") +
                "\nptxas info    : Used 40 registers, used 1 barriers, 10240 bytes smem\n";
  program.library = is_compiled ? mc::testing::read_file(base + ".so") : "";
  for (const char* ending : {".cpp", ".log", ".so"}) std::remove((base + ending).c_str());
  if (is_compiled) known.emplace(program.source, program);
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

constexpr int kMostDevices = 8;
int context_of_device[kMostDevices];             // an address for each
thread_local std::vector<const void*> contexts;  // pushed

std::atomic<bool> is_broken[kMostDevices];

int current_device() {
  return static_cast<int>(static_cast<const int*>(contexts.back()) - context_of_device);
}
/// A context in which a kernel has failed does nothing any more.
Result in_context(Result result = kSuccess) {
  if (contexts.empty()) return kInvalidContext;
  return is_broken[current_device()] ? kIllegalAddress : result;
}

struct FakeFunction {
  void* (*take)(void* const* arguments) = nullptr;
  void (*launch)(unsigned blocks, unsigned threads, const void* arguments) = nullptr;
  int device = 0;
};

struct FakeModule {
  void* library;
  FakeFunction function;
};

/// Work waits in the order in which it was given, until somebody waits for it.
struct FakeStream {
  int device = 0;
  std::mutex mutex;
  std::vector<std::function<void()>> work;
  std::size_t done = 0;
};

struct FakeEvent {
  FakeStream* stream = nullptr;
  std::size_t after = 0;
  int asked = 0;
};

std::mutex running;             // of kernels: the shim has one block
std::atomic<int> launches = 0;  // while one is to fail
std::atomic<int> all_launches = 0;
std::atomic<int> live_allocations = 0;

void* allocated(std::size_t bytes) {
  ++live_allocations;
  void* memory = std::malloc(bytes);
  std::memset(memory, 0xff, bytes);  // NaN
  return memory;
}

/// As the real one, frees nothing without a context.
Result freed(void* address) {
  if (contexts.empty()) return kInvalidContext;
  --live_allocations;
  std::free(address);
  return kSuccess;
}

Result run_until(FakeStream& stream, std::size_t end) {
  const std::lock_guard lock(stream.mutex);
  for (; stream.done < end; ++stream.done) {
    stream.work[stream.done]();
    stream.work[stream.done] = nullptr;
  }
  return is_broken[stream.device] ? kIllegalAddress : kSuccess;
}

void add(FakeStream& stream, std::function<void()> work) {
  const std::lock_guard lock(stream.mutex);
  stream.work.push_back(std::move(work));
}

/// In its turn, as the real one may do it, whether the host's side is pinned or not.
Result copy(FakeStream& stream, void* to, const void* from, std::size_t bytes) {
  if (in_context() != kSuccess || stream.device != current_device()) return kInvalidContext;
  add(stream, [=] { std::memcpy(to, from, bytes); });
  return kSuccess;
}

/// A kernel that is to fail: any, or those of the named device, or the third and later.
bool fails(int device) {
  return has_fault("kernel_fails") || has_fault("device_" + std::to_string(device) + "_fails") ||
         (has_fault("fails_later") && ++launches > 2);
}

}  // namespace

MC_EXPORTED Result nvrtcVersion(int* major, int* minor) { return *major = 13, *minor = 0, kSuccess; }
MC_EXPORTED Result nvrtcGetNumSupportedArchs(int* count) { return *count = 2, kSuccess; }
MC_EXPORTED Result nvrtcGetSupportedArchs(int* all) { return all[0] = 75, all[1] = 90, kSuccess; }
MC_EXPORTED const char* nvrtcGetErrorString(Result) { return "an error of the fake compiler"; }
MC_EXPORTED Result nvrtcCreateProgram(FakeProgram** program, const char* source, const char*, int,
                                      const char* const*, const char* const*) {
  *program = new FakeProgram{source, {}, {}, {}};
  return kSuccess;
}
MC_EXPORTED Result nvrtcDestroyProgram(FakeProgram** program) {
  delete *program;
  return kSuccess;
}
MC_EXPORTED Result nvrtcCompileProgram(FakeProgram* program, int count, const char* const* options) {
  constexpr Result kCompilation = 6;
  ++compiles;
  program->ptx = "// fake";
  for (int k = 0; k < count; ++k) program->ptx.append(" ").append(options[k]);
  return !has_fault("no_compiler") && compile(*program) ? kSuccess : kCompilation;
}
MC_EXPORTED Result nvrtcGetProgramLogSize(FakeProgram* program, std::size_t* size) {
  return give_size(program->log, size);
}
MC_EXPORTED Result nvrtcGetProgramLog(FakeProgram* program, char* log) { return give(program->log, log); }
MC_EXPORTED Result nvrtcGetPTXSize(FakeProgram* program, std::size_t* size) {
  return give_size(program->ptx, size);
}
MC_EXPORTED Result nvrtcGetPTX(FakeProgram* program, char* ptx) { return give(program->ptx, ptx); }
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
  return *version = has_fault("old_driver") ? 11080 : has_fault("driver_of_12") ? 12040 : 13000, kSuccess;
}
MC_EXPORTED Result cuGetErrorString(Result error, const char** text) {
  *text = error == kIllegalAddress   ? "an illegal memory access was encountered"
          : error == kInitialisation ? "initialization error"
          : error == kNoImage        ? "no kernel image is available for execution on the device"
          : error == kInvalidContext ? "invalid device context"
                                     : nullptr;
  return *text != nullptr ? kSuccess : kInvalidValue;
}
MC_EXPORTED Result cuDeviceGetCount(int* count) {
  const char* devices = std::getenv("MC_FAKE_CUDA_DEVICES");
  *count = has_fault("none") ? 0 : devices != nullptr ? std::min(std::atoi(devices), kMostDevices) : 1;
  return kSuccess;
}
MC_EXPORTED Result cuDeviceGet(int* device, int number) { return *device = number, kSuccess; }
MC_EXPORTED Result cuDeviceGetName(char* name, int size, int device) {
  const std::string number = device == 0 ? "" : " " + std::to_string(device);
  std::snprintf(name, static_cast<std::size_t>(size), "Fake GPU%s", number.c_str());
  return kSuccess;
}
MC_EXPORTED Result cuDeviceGetAttribute(int* value, int attribute, int) {
  constexpr int kMultiprocessors = 16, kMajor = 75, kMinor = 76;
  const char* given = std::getenv("MC_FAKE_CUDA_CAPABILITY");
  const int capability = has_fault("old_device") ? 60 : given != nullptr ? std::atoi(given) : 90;
  *value = attribute == kMultiprocessors ? 3
           : attribute == kMajor         ? capability / 10
           : attribute == kMinor         ? capability % 10
                                         : 0;
  return kSuccess;
}
MC_EXPORTED Result cuDevicePrimaryCtxRetain(void** context, int device) {
  return *context = &context_of_device[device], kSuccess;
}
MC_EXPORTED Result cuCtxPushCurrent_v2(void* context) { return contexts.push_back(context), kSuccess; }
MC_EXPORTED Result cuCtxPopCurrent_v2(void**) { return contexts.pop_back(), kSuccess; }
/// An image's length stands nowhere but in itself: sections' headers come last.
MC_EXPORTED Result cuModuleLoadData(FakeModule** module, const void* image) {
  static std::atomic<int> refusals = 0;
  if (in_context() != kSuccess) return in_context();
  if (has_fault("driver_of_12")) return kInvalidImage;
  if (has_fault("no_image") || (has_fault("refuses_once") && refusals++ == 0)) return kNoImage;
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return kNoImage;
  if (has_fault("computes_nothing")) return *module = new FakeModule{nullptr, {}}, kSuccess;
  const std::string name = fresh_name();
  mc::testing::write_file(name,
                          std::string(static_cast<const char*>(image),
                                      header.e_shoff + std::size_t{header.e_shnum} * header.e_shentsize));
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  std::remove(name.c_str());
  if (library == nullptr) return kNoImage;
  *module = new FakeModule{library, {}};
  return kSuccess;
}
MC_EXPORTED Result cuModuleUnload(FakeModule* module) {
  if (module->library != nullptr) dlclose(module->library);
  delete module;
  return in_context();
}
MC_EXPORTED Result cuModuleGetFunction(FakeFunction** function, FakeModule* module, const char* name) {
  if (in_context() != kSuccess) return in_context();
  module->function.device = current_device();
  *function = &module->function;
  if (module->library == nullptr) return kSuccess;
  if (dlsym(module->library, name) == nullptr) return kInvalidValue;
  module->function = {reinterpret_cast<decltype(FakeFunction::take)>(dlsym(module->library, "take")),
                      reinterpret_cast<decltype(FakeFunction::launch)>(dlsym(module->library, "launch")),
                      current_device()};
  return kSuccess;
}
MC_EXPORTED Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int, std::size_t) {
  return *blocks = 2, in_context();
}
MC_EXPORTED Result cuMemAlloc_v2(Address* address, std::size_t bytes) {
  if (bytes == 0) return kInvalidValue;
  static std::atomic<int> allocations = 0;  // the parameters' and the blocks' come before data's
  const bool is_too_much = bytes > std::size_t{1} << 40 || (has_fault("little_memory") && ++allocations > 2);
  const bool is_crowded = has_fault("crowded") && live_allocations > 1;
  if (has_fault("no_memory") || is_too_much || is_crowded) return kOutOfMemory;
  *address = reinterpret_cast<Address>(allocated(bytes));
  return in_context();
}
MC_EXPORTED Result cuMemFree_v2(Address address) { return freed(reinterpret_cast<void*>(address)); }
MC_EXPORTED Result cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
  *address = allocated(bytes);
  return in_context();
}
MC_EXPORTED Result cuMemFreeHost(void* address) { return freed(address); }
MC_EXPORTED int fake_live_allocations() { return live_allocations; }
MC_EXPORTED int fake_launches() { return all_launches; }
MC_EXPORTED int fake_compiles() { return compiles; }
MC_EXPORTED Result cuMemcpyHtoDAsync_v2(Address to, const void* from, std::size_t bytes, FakeStream* stream) {
  return copy(*stream, reinterpret_cast<void*>(to), from, bytes);
}
MC_EXPORTED Result cuMemcpyDtoHAsync_v2(void* to, Address from, std::size_t bytes, FakeStream* stream) {
  return copy(*stream, to, reinterpret_cast<const void*>(from), bytes);
}
MC_EXPORTED Result cuMemcpyDtoDAsync_v2(Address to, Address from, std::size_t bytes, FakeStream* stream) {
  return copy(*stream, reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
}
MC_EXPORTED Result cuStreamCreate(FakeStream** stream, unsigned) {
  if (in_context() != kSuccess) return in_context();
  *stream = new FakeStream;
  return (*stream)->device = current_device(), kSuccess;
}
MC_EXPORTED Result cuStreamDestroy_v2(FakeStream* stream) { return delete stream, in_context(); }
MC_EXPORTED Result cuStreamSynchronize(FakeStream* stream) {
  return in_context(run_until(*stream, stream->work.size()));
}
MC_EXPORTED Result cuEventCreate(FakeEvent** event, unsigned) { return *event = new FakeEvent, in_context(); }
MC_EXPORTED Result cuEventDestroy_v2(FakeEvent* event) { return delete event, in_context(); }
MC_EXPORTED Result cuEventRecord(FakeEvent* event, FakeStream* stream) {
  return *event = {stream, stream->work.size(), 0}, in_context();
}
/// It is over when it was asked about for the third time.
MC_EXPORTED Result cuEventQuery(FakeEvent* event) {
  if (event->stream != nullptr && event->asked++ < 2) return in_context(kNotReady);
  return in_context(event->stream != nullptr ? run_until(*event->stream, event->after) : kSuccess);
}
MC_EXPORTED Result cuEventSynchronize(FakeEvent* event) {
  return in_context(event->stream != nullptr ? run_until(*event->stream, event->after) : kSuccess);
}
MC_EXPORTED Result cuLaunchKernel(FakeFunction* function, unsigned blocks, unsigned, unsigned,
                                  unsigned threads, unsigned, unsigned, unsigned, FakeStream* stream,
                                  void** arguments, void**) {
  if ((threads != 256 && threads != 64) || blocks == 0) return kInvalidValue;
  if (in_context() != kSuccess || function->device != current_device() || stream->device != function->device)
    return kInvalidContext;
  ++all_launches;
  if (function->take == nullptr) return kSuccess;
  const std::shared_ptr<void> taken(function->take(arguments), std::free);
  add(*stream, [=, function = *function] {
    if (fails(function.device)) is_broken[function.device] = true;
    if (is_broken[function.device]) return;
    const std::lock_guard lock(running);
    function.launch(blocks, threads, taken.get());
  });
  return kSuccess;
}
