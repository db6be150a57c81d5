// Data of the host go by way of pinned memory, in stretches of a few MB, each on one of two streams: one
// stretch's numbers are on their way while another's are computed and a third's are gathered by the CPU. Data
// of the device stay where they are.
#include "engine/cuda/data_kernel.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "engine/cuda/idle.hpp"
#include "engine/cuda/resources.hpp"

namespace mc::cuda {
namespace {

using kernels::DataQueue;
using kernels::kReduceTile;

constexpr std::size_t kStagedBytes = std::size_t{8} << 20;     ///< of a stretch, unless a tile is more
constexpr std::uint64_t kDeviceData = std::uint64_t{1} << 25;  ///< of a stretch: a millisecond or less
constexpr std::size_t kRecordBytes = std::size_t{256} << 10;   ///< of a stretch, unless a tile is more
constexpr std::size_t kMemoryBytes = std::size_t{256} << 20;   ///< of all blocks' rows, unless one needs more
constexpr std::size_t kKeptMemoryBytes = std::size_t{16} << 20;  ///< of that, when a call is over

/// What a stretch needs for itself.
struct Slot {
  explicit Slot(const Device& device)
      : done(device), staged(device), records(device), there(device), memory(device), stream(device) {}
  Milestone done;
  PinnedMemory staged, records;
  DeviceMemory there, memory;
  WorkStream stream;  ///< goes first, and waits for what uses the memory
};

/// One call's at a time.
struct Channel {
  explicit Channel(const Device& device) : numbers(device), slots{Slot(device), Slot(device)} {}

  const Device& device() const { return numbers.device(); }
  void trim() {
    if (numbers.bytes() > kKeptMemoryBytes) numbers.release();
    for (Slot& slot : slots)
      if (slot.memory.bytes() > kKeptMemoryBytes) slot.memory.release();
  }

  DeviceMemory numbers;
  std::array<Slot, DataQueue::kDepth> slots;
};

class LoadedData final : public DataKernel {
 public:
  LoadedData(const Device& device, ir::Kernel kernel, DataShape shape, const cache::Disk* disk,
             const DataKernel* like)
      : kernel_(std::move(kernel)),
        shape_(std::move(shape)),
        source_(translate(kernel_, shape_)),
        module_(device, source_.text, kernel_.nodes.size(), disk,
                like != nullptr ? &like->module() : nullptr),
        function_(module_.function(kDataEntryName)),
        blocks_(blocks()) {}

  const Module& module() const override { return module_; }
  std::unique_ptr<DataQueue> open(const kernels::Arguments& arguments,
                                  std::span<const std::uint64_t> addresses) const override;

 private:
  class Queue;

  unsigned blocks() const {
    const unsigned resident = module_.resident_blocks(function_, shape_.threads());
    const std::size_t bytes = source_.block_memory * sizeof(double);
    return bytes == 0 ? resident
                      : static_cast<unsigned>(std::clamp<std::size_t>(kMemoryBytes / bytes, 1, resident));
  }

  const ir::Kernel kernel_;
  const DataShape shape_;
  const Source source_;
  const Module module_;
  Function function_;
  unsigned blocks_;
};

class LoadedData::Queue final : public DataQueue {
 public:
  Queue(const LoadedData& kernel, const kernels::Arguments& arguments,
        std::span<const std::uint64_t> addresses)
      : kernel_(kernel),
        addresses_(addresses.begin(), addresses.end()),
        channel_(Idle<Channel>::shared().lease(kernel.module_.device())) {
    place_arrays();
    channel_->numbers.reserve(kernel.source_.numbers * sizeof(double), "hold the parameters");
    for (Slot& slot : channel_->slots) {
      slot.staged.reserve(staged_bytes_, "hold data on their way");
      slot.there.reserve(staged_bytes_, "hold data");
      slot.records.reserve(most_ / kReduceTile * kernel.shape_.folds.size() * sizeof(double),
                           "hold the records");
      slot.memory.reserve(kernel.blocks_ * kernel.source_.block_memory * sizeof(double),
                          "hold the data's rows");
    }
    const std::vector<double> all = numbers(kernel.kernel_, arguments);
    if (all.empty()) return;
    const WorkStream& stream = channel_->slots[0].stream;
    stream.copy_to_device(channel_->numbers.address(), all.data(), all.size() * sizeof(double),
                          "copy the parameters");
    stream.finish("copy the parameters");  // the other stream needs them too
  }

  ~Queue() override {
    try {
      while (oldest_ < next_) finish();
      if (!attempt_.have_failed()) Idle<Channel>::shared().give_back(std::move(channel_));
    } catch (...) {
    }
  }

  std::uint64_t most_data() const override { return most_; }
  std::byte* input(std::size_t k) override { return slot(next_).staged.data() + starts_[k]; }

  void begin(std::uint64_t first, std::uint64_t count) override {
    attempt_([&] { begin_now(first, count); });
  }

  void finish() override {
    finished_ = &slot(oldest_++);
    attempt_([&] { finished_->done.wait(); });
  }

  const std::byte* output(std::size_t k) const override { return finished_->staged.data() + starts_[k]; }
  const double* records() const override {
    return reinterpret_cast<const double*>(finished_->records.data());
  }

 private:
  void begin_now(std::uint64_t first, std::uint64_t count) {
    const Slot& slot = this->slot(next_);
    std::vector<Address> data(size());
    for (std::size_t k = 0; k < size(); ++k)
      data[k] = is_staged() ? slot.there.address() + starts_[k] : addresses_[k] + first * bytes(k);
    copy(slot, count, false);
    Address numbers = channel_->numbers.address(), memory = slot.memory.address();
    std::byte* records = slot.records.data();
    std::array<void*, 6> arguments{&first, &count, &numbers, &memory, &records, data.data()};
    slot.stream.launch(kernel_.function_, grid(count), kernel_.shape_.threads(), arguments.data());
    copy(slot, count, true);
    slot.done.set(slot.stream);
    ++next_;
  }

  bool is_staged() const { return addresses_.empty(); }
  std::size_t size() const { return kernel_.shape_.types.size(); }
  std::size_t bytes(std::size_t k) const { return ir::bytes_of(kernel_.shape_.types[k]); }
  Slot& slot(std::uint64_t number) const { return channel_->slots[number % DataQueue::kDepth]; }

  /// How many data a stretch has, and where each array begins in a slot's memory.
  void place_arrays() {
    std::size_t datum = 0;
    for (std::size_t k = 0; k < size(); ++k) datum += bytes(k);
    most_ = is_staged() ? kStagedBytes / std::max<std::size_t>(datum, 1) : kDeviceData;
    if (const std::size_t folds = kernel_.shape_.folds.size(); folds > 0)
      most_ = std::min<std::uint64_t>(most_, kRecordBytes / sizeof(double) / folds * kReduceTile);
    most_ = std::max(most_ / kReduceTile * kReduceTile, kReduceTile);
    for (std::size_t k = 0; k < size(); ++k) {
      starts_.push_back(staged_bytes_);
      if (is_staged()) staged_bytes_ += most_ * bytes(k);  // a multiple of 8192
    }
  }

  /// What is read, there; or what is written, back.
  void copy(const Slot& slot, std::uint64_t count, bool back) const {
    if (!is_staged()) return;
    for (std::size_t k = 0; k < size(); ++k) {
      if (kernel_.kernel_.data[k].is_written != back) continue;
      std::byte* here = slot.staged.data() + starts_[k];
      const Address there = slot.there.address() + starts_[k];
      if (back)
        slot.stream.copy_to_host(here, there, count * bytes(k), "copy the results");
      else
        slot.stream.copy_to_device(there, here, count * bytes(k), "copy the data");
    }
  }

  unsigned grid(std::uint64_t count) const {
    const std::uint64_t a_block = kernel_.shape_.folds.empty() ? kernel_.shape_.threads() : kReduceTile;
    return static_cast<unsigned>(std::min<std::uint64_t>((count + a_block - 1) / a_block, kernel_.blocks_));
  }

  const LoadedData& kernel_;
  const std::vector<Address> addresses_;
  std::unique_ptr<Channel> channel_;
  std::vector<std::size_t> starts_;
  std::size_t staged_bytes_ = 0;
  std::uint64_t most_ = 0, next_ = 0, oldest_ = 0;
  const Slot* finished_ = nullptr;
  Attempts attempt_;
};

std::unique_ptr<DataQueue> LoadedData::open(const kernels::Arguments& arguments,
                                            std::span<const std::uint64_t> addresses) const {
  return std::make_unique<Queue>(*this, arguments, addresses);
}

}  // namespace

std::unique_ptr<DataKernel> load(const Device& device, const ir::Kernel& kernel, DataShape shape,
                                 const cache::Disk* disk, const DataKernel* like) {
  return std::make_unique<LoadedData>(device, kernel, std::move(shape), disk, like);
}

}  // namespace mc::cuda
