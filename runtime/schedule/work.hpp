// A job at work, shared by its threads, and by its files:
//   run.cpp      stages, threads, tiles on the CPU, progress, the record
//   devices.cpp  batches on devices
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/kernels/executable.hpp"
#include "runtime/schedule/driven.hpp"
#include "runtime/schedule/forest.hpp"
#include "runtime/schedule/run.hpp"
#include "runtime/schedule/shares.hpp"
#include "runtime/schedule/workspace.hpp"

namespace mc::runtime {

using kernels::Executable;
using kernels::kTileSamples;
using kernels::Tree;

class Run {
 public:
  Run(const Job& job, Outcome& outcome, Workspace& workspace);
  void all(Workspace& workspace);

 private:
  // ---- run.cpp
  void set_goal(std::uint64_t samples);
  void list_tiles();
  void share_out();
  bool has_cpu() const { return job_.fast != nullptr || job_.tier != nullptr; }
  void count_reused(std::uint64_t samples);
  std::uint64_t tiles() const { return missing_.count(); }
  void go_on(Workspace& workspace);
  const double* record_so_far();
  unsigned wanted_threads() const;
  const kernels::Devices& devices() const;
  void add_rest(Forest& forest);
  const double* look();
  unsigned chunk_level() const;
  void begin(Workspace& workspace) const;
  bool is_worth_sharing(Workspace& workspace);
  void help() noexcept;
  void take_part(Workspace& workspace, bool is_caller) noexcept;
  void fail() noexcept;
  bool take_chunk(Workspace& workspace, bool is_caller);
  bool compute(Workspace& workspace, std::uint64_t tile);
  std::uint64_t samples_of(std::uint64_t tile) const;
  bool compute_with(const Executable& with, Workspace& workspace, std::uint64_t tile, double* record);
  bool add(Workspace& workspace, std::uint64_t tile, double* record, const Executable* executable);
  void note(Workspace& workspace, const Tree& tree, const double* record, const Executable* executable);
  void keep_rest(const double* record);
  const Executable& screened();
  void hand_in(Workspace& workspace);
  void show(Workspace& workspace);
  void begin_stretch(Workspace& workspace, const Executable* executable);
  void end_stretch(Workspace& workspace);
  void tell(Workspace& workspace);
  void report_progress(Workspace& workspace);
  Standing standing();
  void finish(Workspace& workspace);
  void fold(Forest& all);

  // ---- devices.cpp
  bool drive_device(Workspace& workspace, bool is_caller);
  struct DeviceLeft {};
  /// What `work` gives. Where the device fails at it, it gets no more.
  template <class Work>
  auto ask_device(std::size_t number, Work work) {
    try {
      return work();
    } catch (...) {
      leave_device(number);
      throw DeviceLeft();
    }
  }
  std::uint64_t wanted_of(const Driven& driven) const;
  bool is_slow(const Driven& driven) const;
  bool by_device(const kernels::Device& device, std::size_t number, Workspace& workspace, bool is_caller);
  void begin_batch(Driven& driven, Tiles tiles);
  void take_batch(Driven& driven, Workspace& workspace, const Driven::Batch& batch);
  void take_tree(Workspace& workspace, const Driven::Batch& batch, std::uint64_t k);
  /// Tiles of a batch from the first to the last record that is not finite, and how many of these there are.
  struct Wrong {
    Tiles tiles;
    std::uint64_t count = 0;
    bool holds(const Tree& tree) const { return tiles.first <= tree.first && tree.first < tiles.end; }
  };
  Wrong not_finite(const Driven::Batch& batch) const;
  bool is_given_up(const Driven::Batch& batch, std::uint64_t k) const;
  bool is_finite(const Driven::Batch& batch, std::uint64_t k) const;
  Driven::Batch screen(Driven& driven, const Wrong& wrong);
  bool compute_screened(Workspace& workspace, const Tree& tree);
  Driven& driven(const kernels::Device& device, std::size_t number);
  void leave_device(std::size_t number);

  using Clock = std::chrono::steady_clock;

  const Job& job_;
  Outcome& outcome_;
  Forest& shared_;    ///< whole tiles
  Missing& missing_;  ///< of this stage
  std::vector<double>& rest_;
  const std::uint64_t wanted_;         ///< samples to be done in the end, where there is no goal
  std::uint64_t goal_ = 0;             ///< samples to be done at the end of this stage
  const Done::Look* known_ = nullptr;  ///< the record at its end, which another run looked at
  bool cut_short_ = false;             ///< nobody asked the goal any more
  std::uint64_t reused_ = 0;
  unsigned threads_ = 1;
  unsigned chunk_level_ = 0;
  Shares shares_;
  std::atomic<std::uint64_t> taken_devices_ = 0;  ///< bits of those that are driven, or have failed
  std::atomic<std::uint64_t> samples_{0};
  kernels::StopFlag halted_{false};  ///< by a stop or a failure; kernels that take long look at it too
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_report_;
  std::atomic<unsigned> asked_ = 0;  ///< how often progress was asked for
  bool is_watched_ = static_cast<bool>(job_.watch);
  std::mutex mutex_;  ///< of shared_, rest_, outcome_, failure_ and driven_
  std::exception_ptr failure_;
  std::vector<std::unique_ptr<Driven>> driven_;
  std::atomic<double> cpu_ns_ = 0;  ///< a tile by one thread, as of when a device joined; 0: not known
  std::mutex screened_mutex_;       ///< of screened_
  const Executable* screened_ = nullptr;
};

}  // namespace mc::runtime
