// A device that is none: it computes when somebody waits, and keeps a log.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <vector>

#include "engine/kernels/device.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "tests/engine/kernels/lanes.hpp"

namespace mc::testing {

inline const Layout kLayout = layout_of({{1, 2}});

struct Batch {
  std::uint64_t first, tiles;
  std::vector<double> records{};
};

/// What the queue was asked for, and when it fails: at the batch of that number.
struct Log {
  std::vector<Batch> batches;
  std::size_t finished = 0, most_under_way = 0;
  std::size_t fails_at = ~std::size_t{0};
  unsigned level = 0;                ///< of the trees it gives
  std::uint64_t most = 4, wave = 3;  ///< tiles
  bool gives_up = false;
  std::function<void()> before_finish = [] {};
};

class PlainQueue : public kernels::Queue {
 public:
  PlainQueue(const kernels::Executable& kernel, const kernels::Arguments& arguments, std::uint64_t samples,
             Log& log)
      : kernel_(kernel), arguments_(arguments), samples_(samples), log_(log) {
    workspace_.reserve(kLayout, kernel_);
  }

  std::uint64_t most_tiles() const override { return log_.most; }
  std::uint64_t wave() const override { return log_.wave; }

  kernels::Trees begin(std::uint64_t first, std::uint64_t tiles) override {
    log_.batches.push_back({first, tiles});
    log_.most_under_way = std::max(log_.most_under_way, log_.batches.size() - log_.finished);
    return trees(log_.batches.back());
  }

  const double* finish() override {
    log_.before_finish();
    if (log_.finished == log_.fails_at) throw std::runtime_error("the device failed");
    Batch& batch = log_.batches[log_.finished++];
    const kernels::Trees all = trees(batch);
    batch.records.clear();
    for (std::uint64_t k = 0; k < all.count(); ++k) {
      const std::vector<double> record = joined(all[k].first, all[k].level);
      batch.records.insert(batch.records.end(), record.begin(), record.end());
      if (log_.gives_up) batch.records[k * kLayout.size] = -1;
    }
    return batch.records.data();
  }

 private:
  kernels::Trees trees(const Batch& batch) const {
    return {batch.first, batch.tiles, samples_ / kernels::kTileSamples, log_.level};
  }

  std::vector<double> joined(std::uint64_t first, unsigned level) {
    std::vector<double> record(kLayout.size);
    arguments_.tile = first;
    if (level == 0) {
      kernels::compute_tile(kLayout, kernel_, arguments_,
                            std::min(kernels::kTileSamples, samples_ - first * kernels::kTileSamples),
                            workspace_, record.data());
      return record;
    }
    record = joined(first, level - 1);
    kernels::merge(kLayout, record.data(), joined(first + (1ull << (level - 1)), level - 1).data());
    return record;
  }

  const kernels::Executable& kernel_;
  kernels::Arguments arguments_;
  const std::uint64_t samples_;
  Log& log_;
  kernels::TileWorkspace workspace_;
};

class PlainDevice : public kernels::Device {
 public:
  explicit PlainDevice(const kernels::Executable& kernel) : kernel_(kernel) {}
  std::unique_ptr<kernels::Queue> open(const kernels::Arguments& arguments,
                                       std::uint64_t samples) const override {
    return std::make_unique<PlainQueue>(kernel_, arguments, samples, log);
  }

  mutable Log log;

 private:
  const kernels::Executable& kernel_;
};

/// Devices as a job takes them.
class There {
 public:
  There(std::initializer_list<const PlainDevice*> devices) : devices_(devices.begin(), devices.end()) {}

  const std::atomic<const kernels::Devices*>* get() const { return &there_; }
  void arrive() { there_ = &devices_; }
  There& late() {
    there_ = nullptr;
    return *this;
  }

 private:
  kernels::Devices devices_;
  std::atomic<const kernels::Devices*> there_ = &devices_;
};

}  // namespace mc::testing
