#include "frontend/api/gpu.hpp"

namespace mc {
namespace {

constexpr cuda::Architecture kShown = 75;

}  // namespace

const cuda::Loaded& Gpu::loaded() {
  const std::lock_guard lock(loading_);
  if (!loaded_) loaded_ = or_device_error([this] { return cuda::load(kernel_, layout_, name_); });
  is_loaded_ = true;
  return *loaded_;
}

std::string Gpu::source() const {
  return or_device_error([this] { return cuda::translate(kernel_, layout_, name_).text; });
}

std::string Gpu::ptx() const {
  return or_device_error([this] { return cuda::Nvrtc::get().compile(source(), kShown).ptx; });
}

}  // namespace mc
