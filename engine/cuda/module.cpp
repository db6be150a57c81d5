#include "engine/cuda/module.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/cuda/kept.hpp"
#include "engine/stages.hpp"

namespace mc::cuda {

namespace {

/// Whether the driver refuses the machine code, rather than to do anything.
bool is_of_the_image(Result result) {
  constexpr Result kInvalidImage = 200, kNoImage = 209, kInvalidPtx = 218, kUnsupportedPtx = 222;
  return result == kInvalidImage || result == kNoImage || result == kInvalidPtx || result == kUnsupportedPtx;
}

}  // namespace

Module::Module(const Device& device, const std::string& source, std::size_t operations,
               const cache::Disk* disk, const Module* like)
    : Module(device) {
  {
    const Device::Current current(device);
  }  // nothing is compiled for a device that is lost
  const std::string key = key_of(source, device.architecture(), operations);
  if (like != nullptr && like->device().architecture() == device.architecture()) {
    assembled_ = like->assembled();
    is_from_disk_ = like->is_from_disk();
    device_.check(load(), "load the kernel");
  } else if (!load_from(disk, key)) {
    const Nvrtc& compiler = Nvrtc::get();
    assembled_ = compiler.compile(source, device.architecture());
    const Result loaded = load();
    if (is_of_the_image(loaded) && compiler.major() > device.driver().version() / 1000)
      throw Error(
          fmt::format("a driver for CUDA {}.{} does not load what NVRTC {}.{} makes: install a newer driver, "
                      "or libnvrtc.so.{}",
                      device.driver().version() / 1000, device.driver().version() % 1000 / 10,
                      compiler.major(), compiler.minor(), device.driver().version() / 1000));
    device_.check(loaded, "load the kernel");
    if (disk != nullptr && !assembled_.cubin.empty()) disk->put(key, packed(assembled_));
  }
}

Module::~Module() {
  const Device::Current current(device_, std::nothrow);
  if (module_ != nullptr && current.holds()) device_.call().unload_module(module_);
}

Result Module::load() {
  const Device::Current current(device_);
  const std::string& image = assembled_.cubin.empty() ? assembled_.ptx : assembled_.cubin;
  return device_.call().load_module(&module_, image.c_str());
}

/// What lies there and the driver takes.
bool Module::load_from(const cache::Disk* disk, const std::string& key) {
  if (disk == nullptr) return false;
  const auto start = StageClock::now();
  const auto found = disk->find(key);
  auto kept = found ? unpacked(found->payload()) : std::nullopt;
  if (!kept) return false;
  assembled_ = std::move(*kept);
  const Result loaded = load();
  if (!is_of_the_image(loaded)) device_.check(loaded, "load the kernel");
  is_from_disk_ = loaded == 0;
  assembled_.compile_ms = milliseconds(StageClock::now() - start);
  return is_from_disk_;
}

Function Module::function(const char* name) const {
  const Device::Current current(device_);
  Function found = nullptr;
  device_.check(device_.call().find_function(&found, module_, name), "find the kernel");
  return found;
}

unsigned Module::resident_blocks(Function function, unsigned threads) const {
  const Device::Current current(device_);
  int each = 0;
  device_.check(device_.call().occupancy(&each, function, static_cast<int>(threads), 0), "place the kernel");
  return static_cast<unsigned>(std::max(1, each)) * device_.multiprocessors();
}

}  // namespace mc::cuda
