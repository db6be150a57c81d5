// An instance's kernel on the machine's GPUs, made when a call first asks for it, or behind the callers'
// backs; and its texts, which need no GPU.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/cuda/loaded.hpp"
#include "frontend/api/errors.hpp"

namespace mc {

/// What CUDA refuses is the caller's DeviceError.
template <class Make>
auto or_device_error(
    Make make, std::string_view hint = "choose llvm or the interpreter, or leave the choice to Moment") {
  try {
    return make();
  } catch (const cuda::Error& error) {
    fail<DeviceError>(error.what(), std::string(hint));
  }
}

/// The machine's device of that number. Throws cuda::Error.
const cuda::Device& device_of(unsigned number);

class Gpu {
 public:
  /// What a run takes: null as long as there is none.
  using There = std::atomic<const kernels::Devices*>;

  Gpu(const ir::Kernel& kernel, const kernels::Layout& layout, std::string name);

  /// All devices that can have it, the first among them. Who asks first makes it, and others wait, though not
  /// for longer than until the stop comes: then there may be none. Throws DeviceError.
  const There& serve(const std::stop_token& stop = {});

  const There& there() const { return made_->there; }
  bool is_loaded() const { return there().load() != nullptr; }
  bool is_undecided() const { return made_->state == State::unasked; }  ///< nobody asked, nothing has failed

  /// Has it made behind the callers' backs, unless somebody did. Nobody waits for it but the process's end.
  void ask();

  bool is_being_made() const { return made_->state == State::asked; }  ///< behind the callers' backs

  /// What that is expected to take, from what the process has seen.
  double expected_ms() const;

  /// The time of runs that it might have had a part in.
  void account(double ms) { spent_ms_ = spent_ms_ + ms; }
  double spent_ms() const { return spent_ms_; }

  /// Not offered any more: a device has failed.
  void give_up() { made_->state = State::failed; }
  bool has_failed() const { return made_->state == State::failed; }

  /// What was made for the first device; there has to be one.
  const cuda::Module& first() const { return made_->loaded.front()->module(); }
  /// On the device that another kernel is on; null where it is not.
  const kernels::Device* beside(const kernels::Device& other) const;

  std::string source() const;
  /// For the first device, or where there is none for the oldest architecture that CUDA 13 knows; throws
  /// DeviceError without NVRTC.
  std::string ptx() const;

 private:
  enum class State { unasked, asked, made, failed };

  /// Shared with the thread that makes it, which may outlive this.
  struct Made {
    Made(const ir::Kernel& k, const kernels::Layout& l) : kernel(k), layout(l) {}
    const ir::Kernel kernel;
    const kernels::Layout layout;
    std::mutex making;
    std::vector<std::unique_ptr<cuda::Loaded>> loaded;
    kernels::Devices devices;
    There there = nullptr;
    std::atomic<State> state = State::unasked;

    void make();  ///< throws cuda::Error
    static void make_until(std::shared_ptr<Made> made, const std::stop_token& stop);
  };

  const std::string name_;
  std::shared_ptr<Made> made_;
  std::atomic<double> spent_ms_ = 0;
};

}  // namespace mc
