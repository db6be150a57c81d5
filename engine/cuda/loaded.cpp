// Tiles go to the device in batches of its size; a record is written straight into the host's memory, so that
// nothing but the parameters is ever copied.
#include "engine/cuda/loaded.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/cuda/driver.hpp"
#include "engine/cuda/kept.hpp"

namespace mc::cuda {
namespace {

constexpr std::size_t kRecordBytes = std::size_t{2} << 20;  ///< of a batch, unless one record is larger
constexpr std::size_t kMemoryBytes = std::size_t{512}
                                     << 20;  ///< of all blocks' memory, unless one needs more

/// Device memory, to be freed with the context current.
class DeviceMemory {
 public:
  explicit DeviceMemory(const Driver& driver) : driver_(driver) {}
  ~DeviceMemory() { release(); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  void reserve(std::size_t bytes, std::string_view what) {
    if (bytes <= bytes_) return;
    release();
    driver_.check(driver_.call().allocate(&address_, bytes), what);
    bytes_ = bytes;
  }
  Address address() const { return address_; }

 private:
  void release() {
    const Driver::Current current(driver_, std::nothrow);
    if (bytes_ > 0 && current.holds()) driver_.call().free(address_);
    bytes_ = 0;
  }

  const Driver& driver_;
  Address address_ = 0;
  std::size_t bytes_ = 0;
};

/// What the launches of all queues share.
struct Shape {
  Function function = nullptr;
  std::size_t record_size = 0;   ///< numbers
  std::size_t numbers = 0;       ///< of the parameters
  std::size_t block_memory = 0;  ///< numbers
  unsigned blocks = 0;           ///< of a grid, at most: those that run side by side
  std::uint64_t batch = 0;       ///< tiles, at most

  std::size_t memory_bytes() const { return blocks * block_memory * sizeof(double); }
};

/// A stream with its memory: one call's at a time, kept for the next one.
class Channel {
 public:
  Channel(const Driver& driver, const Shape& shape) : Channel(driver) {
    const Driver::Current current(driver_);
    const DriverFunctions& f = driver_.call();
    driver_.check(f.create_stream(&stream_, kNonBlocking), "make a stream");
    numbers_.reserve(shape.numbers * sizeof(double), "hold the parameters");
    memory_.reserve(shape.memory_bytes(), "hold the samples' rows");
    for (Batch& batch : batches_) {
      driver_.check(f.create_event(&batch.done, kNoTiming), "make an event");
      void* records = nullptr;
      driver_.check(f.allocate_on_host(&records, shape.batch * shape.record_size * sizeof(double), kPortable),
                    "hold the records");
      batch.records = static_cast<double*>(records);
    }
  }

  ~Channel() {
    const Driver::Current current(driver_, std::nothrow);
    if (!current.holds()) return;
    const DriverFunctions& f = driver_.call();
    if (stream_ != nullptr) f.synchronize(stream_);
    for (const Batch& batch : batches_) {
      if (batch.records != nullptr) f.free_on_host(batch.records);
      if (batch.done != nullptr) f.destroy_event(batch.done);
    }
    if (stream_ != nullptr) f.destroy_stream(stream_);
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Nothing is under way then. The driver copies at once what is not pinned.
  void set_numbers(const std::vector<double>& numbers) {
    const Driver::Current current(driver_);
    if (!numbers.empty())
      driver_.check(driver_.call().copy_to_device(numbers_.address(), numbers.data(),
                                                  numbers.size() * sizeof(double), stream_),
                    "copy the parameters");
  }

  void begin(const Shape& shape, std::uint64_t seed, std::uint64_t first, std::uint64_t tiles,
             std::uint64_t samples) {
    const Driver::Current current(driver_);
    const Batch& batch = batches_[next_++ % batches_.size()];
    Address numbers = numbers_.address(), memory = memory_.address();
    double* records = batch.records;
    std::array<void*, 7> arguments{&seed, &first, &tiles, &samples, &numbers, &memory, &records};
    const auto grid = static_cast<unsigned>(std::min<std::uint64_t>(tiles, shape.blocks));
    driver_.check(driver_.call().launch(shape.function, grid, 1, 1, kernels::kLanes, 1, 1, 0, stream_,
                                        arguments.data(), nullptr),
                  "start the kernel");
    driver_.check(driver_.call().record(batch.done, stream_), "note the kernel's end");
  }

  const double* finish() {
    const Driver::Current current(driver_);
    const Batch& batch = batches_[oldest_++ % batches_.size()];
    driver_.check(driver_.call().wait_for(batch.done), "finish the kernel");
    return batch.records;
  }

  /// Waits for what a queue left behind.
  void drain() {
    while (oldest_ < next_) finish();
  }

 private:
  static constexpr unsigned kNonBlocking = 1, kNoTiming = 2, kPortable = 1;

  /// Once this is done the destructor runs, whatever fails.
  explicit Channel(const Driver& driver) : driver_(driver), numbers_(driver), memory_(driver) {}

  struct Batch {
    Event done = nullptr;
    double* records = nullptr;  ///< pinned: the device writes here
  };

  const Driver& driver_;
  Stream stream_ = nullptr;
  DeviceMemory numbers_, memory_;
  std::array<Batch, kernels::Queue::kDepth> batches_{};
  std::uint64_t next_ = 0, oldest_ = 0;
};

class LoadedKernel final : public Loaded {
 public:
  LoadedKernel(ir::Kernel kernel, const kernels::Layout& layout, const cache::Disk* disk)
      : LoadedKernel(std::move(kernel)) {
    const Source source = translate(kernel_, layout);
    if (!load_from(disk, source.text)) {
      assembled_ = Nvrtc::get().compile(source.text, driver_.architecture());
      driver_.check(load_module(), "load the kernel");
      if (disk != nullptr && !assembled_.cubin.empty()) disk->put(key(source.text), packed(assembled_));
    }
    const Driver::Current current(driver_);
    driver_.check(driver_.call().find_function(&shape_.function, module_, kEntryName), "find the kernel");
    shape_.record_size = layout.size;
    shape_.numbers = source.numbers;
    shape_.block_memory = source.block_memory;
    shape_.blocks = resident_blocks();
    shape_.batch = std::max<std::uint64_t>(1, kRecordBytes / (layout.size * sizeof(double)));
  }

  ~LoadedKernel() override {
    idle_.clear();
    const Driver::Current current(driver_, std::nothrow);
    if (module_ != nullptr && current.holds()) driver_.call().unload_module(module_);
  }

  std::unique_ptr<kernels::Queue> open(const kernels::Arguments& arguments,
                                       std::uint64_t samples) const override;

  const Assembled& assembled() const override { return assembled_; }
  bool is_from_disk() const override { return is_from_disk_; }
  std::string_view device_name() const override { return driver_.device_name(); }

 private:
  class KernelQueue;

  /// Once this is done the destructor runs, whatever fails.
  explicit LoadedKernel(ir::Kernel kernel) : driver_(Driver::get()), kernel_(std::move(kernel)) {}

  std::string key(const std::string& source) const {
    return key_of(source, driver_.architecture(), kernel_.nodes.size());
  }

  Result load_module() {
    const Driver::Current current(driver_);
    const std::string& image = assembled_.cubin.empty() ? assembled_.ptx : assembled_.cubin;
    return driver_.call().load_module(&module_, image.c_str());
  }

  /// What lies there and the driver takes.
  bool load_from(const cache::Disk* disk, const std::string& source) {
    if (disk == nullptr) return false;
    const auto found = disk->find(key(source));
    auto kept = found ? unpacked(found->payload()) : std::nullopt;
    if (!kept) return false;
    assembled_ = std::move(*kept);
    is_from_disk_ = load_module() == 0;
    return is_from_disk_;
  }

  unsigned resident_blocks() const {
    int each = 0;
    driver_.check(driver_.call().occupancy(&each, shape_.function, kernels::kLanes, 0), "place the kernel");
    std::size_t blocks = static_cast<std::size_t>(std::max(1, each)) * driver_.multiprocessors();
    const std::size_t bytes = shape_.block_memory * sizeof(double);
    if (bytes > 0) blocks = std::clamp<std::size_t>(kMemoryBytes / bytes, 1, blocks);
    return static_cast<unsigned>(blocks);
  }

  std::unique_ptr<Channel> lease() const {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<Channel> channel = std::move(idle_.back());
        idle_.pop_back();
        return channel;
      }
    }
    return std::make_unique<Channel>(driver_, shape_);
  }

  void give_back(std::unique_ptr<Channel> channel) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(channel));
  }

  const Driver& driver_;
  const ir::Kernel kernel_;
  Assembled assembled_;
  bool is_from_disk_ = false;
  ModuleHandle module_ = nullptr;
  Shape shape_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Channel>> idle_;
};

class LoadedKernel::KernelQueue final : public kernels::Queue {
 public:
  KernelQueue(const LoadedKernel& kernel, const kernels::Arguments& arguments, std::uint64_t samples)
      : kernel_(kernel), seed_(arguments.seed), samples_(samples), channel_(kernel.lease()) {
    channel_->set_numbers(numbers(kernel.kernel_, arguments));
  }

  /// A stream that failed is not used again.
  ~KernelQueue() override {
    try {
      channel_->drain();
      kernel_.give_back(std::move(channel_));
    } catch (...) {
    }
  }

  std::uint64_t most_tiles() const override { return kernel_.shape_.batch; }
  std::uint64_t wave() const override { return kernel_.shape_.blocks; }
  void begin(std::uint64_t first, std::uint64_t tiles) override {
    channel_->begin(kernel_.shape_, seed_, first, tiles, samples_);
  }
  const double* finish() override { return channel_->finish(); }

 private:
  const LoadedKernel& kernel_;
  const std::uint64_t seed_, samples_;
  std::unique_ptr<Channel> channel_;
};

std::unique_ptr<kernels::Queue> LoadedKernel::open(const kernels::Arguments& arguments,
                                                   std::uint64_t samples) const {
  return std::make_unique<KernelQueue>(*this, arguments, samples);
}

}  // namespace

std::unique_ptr<Loaded> load(const ir::Kernel& kernel, const kernels::Layout& layout,
                             const cache::Disk* disk) {
  return std::make_unique<LoadedKernel>(kernel, layout, disk);
}

}  // namespace mc::cuda
