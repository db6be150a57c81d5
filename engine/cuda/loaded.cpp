// Tiles go to the device in batches of its size; records are written straight into the host's memory, so that
// nothing is ever copied but the parameters, and tables that samples are drawn from.
#include "engine/cuda/loaded.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/cuda/idle.hpp"
#include "engine/cuda/resources.hpp"

namespace mc::cuda {
namespace {

constexpr std::size_t kRecordBytes = std::size_t{2} << 20;       ///< of a batch, unless a wave's are more
constexpr std::size_t kMostRecordBytes = std::size_t{32} << 20;  ///< unless one record is larger
constexpr std::uint64_t kWavesOfTrees = 8;  ///< in a batch, at least: the last ones leave few blocks idle
constexpr std::size_t kMemoryBytes = std::size_t{512}
                                     << 20;  ///< of all blocks' memory, unless one needs more

// What a channel keeps when a call is over.
constexpr std::size_t kKeptBytes = std::size_t{16} << 20;       ///< of each kind of memory there
constexpr std::size_t kKeptRecordBytes = std::size_t{4} << 20;  ///< of a batch's records

constexpr std::size_t kPackedBytes = std::size_t{4} << 20;  ///< of a table's rows that lie apart, at a time

/// What the launches of all queues share.
struct Shape {
  Function function = nullptr;
  std::size_t record_size = 0;   ///< numbers
  std::size_t numbers = 0;       ///< of the parameters
  std::size_t block_memory = 0;  ///< numbers
  unsigned blocks = 0;           ///< of a grid, at most: those that run side by side
  std::uint64_t batch = 0;       ///< records, at most
  unsigned most_level = 0;       ///< of trees
  bool looks = false;

  /// Of the blocks that a run of so many samples has.
  std::size_t memory_bytes(std::uint64_t samples) const {
    const std::uint64_t tiles = samples / kernels::kTileSamples + 1;
    return std::min<std::uint64_t>(blocks, tiles) * block_memory * sizeof(double);
  }

  /// Of a batch: with single tiles before and after its trees.
  std::uint64_t most_tiles() const {
    const std::uint64_t single = std::uint64_t{2} << most_level;
    return batch > single ? (batch - single) << most_level : batch;
  }

  kernels::Trees trees(std::uint64_t first, std::uint64_t tiles, std::uint64_t samples) const {
    const auto of_level = [&](unsigned level) {
      return kernels::Trees(first, tiles, samples / kernels::kTileSamples, level);
    };
    unsigned level = 0;
    while (level < most_level &&
           (tiles >> (level + 1) >= kWavesOfTrees * blocks || of_level(level).count() > batch))
      ++level;
    return of_level(level);
  }
};

/// A stream with its memory: one call's at a time.
class Channel {
 public:
  explicit Channel(const cuda::Device& device)
      : stop_(device),
        numbers_(device),
        memory_(device),
        tables_(device),
        batches_{Batch(device), Batch(device)},
        stream_(device) {
    static_assert(kernels::Queue::kDepth == 2);
  }

  const cuda::Device& device() const { return numbers_.device(); }

  void prepare(const Shape& shape, std::uint64_t samples) {
    stop_.reserve(sizeof(std::uint32_t), "say when to stop");
    numbers_.reserve(shape.numbers * sizeof(double), "hold the parameters");
    memory_.reserve(shape.memory_bytes(samples), "hold its blocks' rows and records");
    for (Batch& batch : batches_)
      batch.records.reserve(std::max(shape.batch * shape.record_size * sizeof(double), kRecordBytes),
                            "hold the records");  // of most kernels, so that one serves the other
  }

  /// Nothing is under way, before and after.
  void set_arguments(const ir::Kernel& kernel, const kernels::Arguments& arguments) {
    stop_word() = 0;
    asked_ = arguments.stop;
    const std::vector<double> all = numbers(kernel, arguments, copied_tables(kernel, arguments));
    stream_.copy_to_device(numbers_.address(), all.data(), all.size() * sizeof(double),
                           "copy the parameters");
    if (!all.empty()) stream_.finish("copy the parameters");
  }

  void begin(const Shape& shape, std::uint64_t seed, kernels::Trees trees, std::uint64_t samples) {
    const Batch& batch = batches_[next_ % batches_.size()];
    Address numbers = numbers_.address(), memory = memory_.address();
    std::byte *records = batch.records.data(), *stop = stop_.data();
    std::array<void*, 9> arguments{&seed,    &trees.first, &trees.tiles, &samples, &trees.level,
                                   &numbers, &memory,      &records,     &stop};
    const auto grid = static_cast<unsigned>(std::min<std::uint64_t>(trees.count(), shape.blocks));
    stream_.launch(shape.function, grid, kernels::kLanes, arguments.data());
    batch.done.set(stream_);
    ++next_;
  }

  const double* finish(bool looks) {
    const Batch& batch = batches_[oldest_++ % batches_.size()];
    if (looks)
      batch.done.wait([this] {
        if (asked_->load(std::memory_order_relaxed)) stop_word() = 1;
      });
    else
      batch.done.wait();
    return reinterpret_cast<const double*>(batch.records.data());
  }

  /// Waits for what a queue left behind.
  void drain(bool looks) {
    if (looks) stop_word() = 1;
    while (oldest_ < next_) finish(looks);
  }

  void trim() {
    for (DeviceMemory* memory : {&numbers_, &memory_, &tables_})
      if (memory->bytes() > kKeptBytes) memory->release();
    for (Batch& batch : batches_)
      if (batch.records.bytes() > kKeptRecordBytes) batch.records.release();
  }

 private:
  struct Batch {
    explicit Batch(const Device& device) : done(device), records(device) {}
    Milestone done;
    PinnedMemory records;  ///< the device writes here
  };

  /// Side by side, each at a multiple of 256 bytes.
  std::vector<TablePlace> copied_tables(const ir::Kernel& kernel, const kernels::Arguments& arguments) {
    std::vector<TablePlace> places;
    std::size_t bytes = 0;
    for (std::size_t k = 0; k < kernel.tables.size(); ++k) {
      places.push_back({bytes, arguments.tables[k].rows});
      bytes += (arguments.tables[k].rows * row_bytes(kernel.tables[k]) + 255) / 256 * 256;
    }
    tables_.reserve(bytes, "hold the data that samples are drawn from");
    for (std::size_t k = 0; k < places.size(); ++k) {
      places[k].address += tables_.address();
      copy(arguments.tables[k], row_bytes(kernel.tables[k]), places[k].address);
    }
    return places;
  }

  static std::size_t row_bytes(const ir::Table& table) { return table.columns * ir::bytes_of(table.type); }

  void copy(const kernels::Table& table, std::size_t row, Address to) const {
    constexpr std::string_view kWhat = "copy the data that samples are drawn from";
    if (table.stride == static_cast<std::int64_t>(row))
      return stream_.copy_to_device(to, table.data, table.rows * row, kWhat);
    const std::uint64_t together = std::max<std::uint64_t>(1, kPackedBytes / row);
    std::vector<std::byte> packed(std::min(together, table.rows) * row);
    for (std::uint64_t first = 0; first < table.rows; first += together) {
      const std::uint64_t rows = std::min(together, table.rows - first);
      for (std::uint64_t k = 0; k < rows; ++k)
        std::memcpy(packed.data() + k * row, table.data + static_cast<std::int64_t>(first + k) * table.stride,
                    row);
      stream_.copy_to_device(to + first * row, packed.data(), rows * row, kWhat);
      stream_.finish(kWhat);
    }
  }

  /// The device reads it while it is written: a word, which is written as a whole.
  volatile std::uint32_t& stop_word() const {
    return *reinterpret_cast<volatile std::uint32_t*>(stop_.data());
  }

  PinnedMemory stop_;
  const kernels::StopFlag* asked_ = &kernels::kNeverStopped;
  DeviceMemory numbers_, memory_, tables_;
  std::array<Batch, kernels::Queue::kDepth> batches_;
  std::uint64_t next_ = 0, oldest_ = 0;
  WorkStream stream_;  ///< goes first, and waits for what uses the memory
};

class LoadedKernel final : public Loaded {
 public:
  LoadedKernel(const cuda::Device& device, ir::Kernel kernel, const kernels::Layout& layout,
               const cache::Disk* disk, const Loaded* like)
      : kernel_(std::move(kernel)),
        source_(translate(kernel_, layout)),
        module_(device, source_.text, kernel_.nodes.size(), disk,
                like != nullptr ? &like->module() : nullptr) {
    shape_.function = module_.function(kEntryName);
    shape_.record_size = layout.size;
    shape_.numbers = source_.numbers;
    shape_.block_memory = source_.block_memory;
    shape_.most_level = source_.most_level;
    shape_.looks = source_.looks;
    shape_.blocks = blocks_of(shape_);
    shape_.batch = records_of(shape_);
  }

  std::unique_ptr<kernels::Queue> open(const kernels::Arguments& arguments,
                                       std::uint64_t samples) const override;

  const Module& module() const override { return module_; }

 private:
  class KernelQueue;

  unsigned blocks_of(const Shape& shape) const {
    const std::size_t bytes = shape.block_memory * sizeof(double);
    const unsigned blocks = module_.resident_blocks(shape.function, kernels::kLanes);
    return bytes == 0 ? blocks
                      : static_cast<unsigned>(std::clamp<std::size_t>(kMemoryBytes / bytes, 1, blocks));
  }

  /// Of a batch: so many for each block, as far as that may be.
  static std::uint64_t records_of(const Shape& shape) {
    const std::size_t bytes = shape.record_size * sizeof(double);
    const std::uint64_t each = std::max<std::uint64_t>(kRecordBytes / bytes / shape.blocks, 1);
    return std::clamp<std::uint64_t>(kMostRecordBytes / bytes, 1, each * shape.blocks);
  }

  const ir::Kernel kernel_;
  const Source source_;
  const Module module_;
  Shape shape_;
};

class LoadedKernel::KernelQueue final : public kernels::Queue {
 public:
  KernelQueue(const LoadedKernel& kernel, const kernels::Arguments& arguments, std::uint64_t samples)
      : kernel_(kernel),
        seed_(arguments.seed),
        samples_(samples),
        channel_(Idle<Channel>::shared().lease(kernel.module_.device())) {
    channel_->prepare(kernel.shape_, samples);
    channel_->set_arguments(kernel.kernel_, arguments);
  }

  ~KernelQueue() override {
    try {
      attempt_([&] { channel_->drain(kernel_.shape_.looks); });
      if (!attempt_.have_failed()) Idle<Channel>::shared().give_back(std::move(channel_));
    } catch (...) {
    }
  }

  std::uint64_t most_tiles() const override { return kernel_.shape_.most_tiles(); }
  std::uint64_t wave() const override { return kernel_.shape_.blocks; }
  kernels::Trees begin(std::uint64_t first, std::uint64_t tiles) override {
    const kernels::Trees trees = kernel_.shape_.trees(first, tiles, samples_);
    attempt_([&] { channel_->begin(kernel_.shape_, seed_, trees, samples_); });
    return trees;
  }
  const double* finish() override {
    return attempt_([&] { return channel_->finish(kernel_.shape_.looks); });
  }

 private:
  const LoadedKernel& kernel_;
  const std::uint64_t seed_, samples_;
  std::unique_ptr<Channel> channel_;
  Attempts attempt_;
};

std::unique_ptr<kernels::Queue> LoadedKernel::open(const kernels::Arguments& arguments,
                                                   std::uint64_t samples) const {
  return std::make_unique<KernelQueue>(*this, arguments, samples);
}

}  // namespace

std::unique_ptr<Loaded> load(const Device& device, const ir::Kernel& kernel, const kernels::Layout& layout,
                             const cache::Disk* disk, const Loaded* like) {
  return std::make_unique<LoadedKernel>(device, kernel, layout, disk, like);
}

}  // namespace mc::cuda
