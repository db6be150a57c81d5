#include "frontend/api/gpu.hpp"

#include "frontend/api/machine_codes.hpp"

namespace mc {
namespace {

constexpr cuda::Architecture kShown = 75;

}  // namespace

const cuda::Loaded& Gpu::loaded() {
  const std::lock_guard lock(loading_);
  if (!loaded_) {
    const auto disk = MachineCodes::shared().disk();
    loaded_ = or_device_error([&] { return cuda::load(kernel_, layout_, disk.get()); });
  }
  is_loaded_ = true;
  return *loaded_;
}

std::string Gpu::source() const {
  return or_device_error(
      [this] { return "// " + name_ + "\n//\n" + cuda::translate(kernel_, layout_).text; });
}

std::string Gpu::ptx() const {
  return or_device_error([this] { return cuda::Nvrtc::get().compile(source(), kShown).ptx; });
}

}  // namespace mc
