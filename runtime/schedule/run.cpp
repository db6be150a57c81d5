// Workers take aligned runs of tiles from a counter, join what they computed in a forest of their own, and
// hand that in; the shared forest ends up the same whoever did what.
#include "runtime/schedule/run.hpp"

#include "engine/host.hpp"

#include <algorithm>
#include <bit>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/batch_size.hpp"
#include "runtime/schedule/forest.hpp"
#include "runtime/schedule/pool.hpp"

namespace mc::runtime {

namespace {

using kernels::Executable;
using kernels::kTileSamples;
using Clock = std::chrono::steady_clock;

constexpr unsigned kChunksPerThread = 16;                       // enough that the last ones even out
constexpr unsigned kMostChunkLevel = 6;                         // 64 tiles: by then handing in costs nothing
constexpr std::uint64_t kSurelyWorthSharing = 16;               // tiles: 80 µs and more
constexpr auto kWorthSharing = std::chrono::microseconds(100);  // waking a thread takes about half as long
constexpr auto kProgressInterval = std::chrono::milliseconds(100);
constexpr int kProgressShare = 50;  // progress takes a fiftieth of the calling thread's time at most

constexpr std::size_t kMostKept = std::size_t{16}
                                  << 20;  // bytes of a workspace; a larger one is freed after its run

/// What a thread needs to take part in a run; kept from run to run.
struct Workspace {
  kernels::TileWorkspace tile;
  Forest own;     ///< of the run of tiles at hand
  Forest shared;  ///< of the whole job, if this is its calling thread
  std::vector<Outcome::Tiles> counts;
  Outcome::Stretch stretch;  ///< at hand, of a timed job
  unsigned heard = 0;        ///< of Run::asked_
};

/// A workspace of this thread's, or a new one while a run further up the stack uses that.
class Lease {
 public:
  Lease() {
    if (idle().empty()) {
      workspace_ = std::make_unique<Workspace>();
    } else {
      workspace_ = std::move(idle().back());
      idle().pop_back();
    }
  }
  ~Lease() {
    if (workspace_->tile.bytes() <= kMostKept) idle().push_back(std::move(workspace_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Workspace& operator*() const { return *workspace_; }

 private:
  static std::vector<std::unique_ptr<Workspace>>& idle() {
    thread_local std::vector<std::unique_ptr<Workspace>> workspaces;
    return workspaces;
  }
  std::unique_ptr<Workspace> workspace_;
};

void count(std::vector<Outcome::Tiles>& counts, const Executable* executable, std::uint64_t tiles) {
  const auto known = std::ranges::find(counts, executable, &Outcome::Tiles::executable);
  if (known == counts.end())
    counts.push_back({executable, tiles});
  else
    known->tiles += tiles;
}

/// A job at work, shared by its threads.
class Run {
 public:
  Run(const Job& job, Outcome& outcome, Forest& shared) : job_(job), outcome_(outcome), shared_(shared) {
    shared_.reset(*job.layout);
    outcome_.executables.clear();
    outcome_.stretches.clear();
  }

  void all(Workspace& workspace) {
    const std::stop_callback halting(job_.stop, [this]() noexcept { halted_ = true; });
    std::uint64_t next = job_.goal ? job_.goal(nullptr, 0) : job_.samples;
    while (next > goal_) {
      set_goal(next);
      go_on(workspace);
      if (halted_ || goal_ == job_.samples) break;
      next = job_.goal(record_so_far(), goal_);
    }
    finish();
  }

 private:
  /// The next stage: the tiles from where the last one ended.
  void set_goal(std::uint64_t samples) {
    goal_ = std::min((samples - 1) / kTileSamples * kTileSamples + kTileSamples, job_.samples);
    first_tile_ = end_tile_;
    end_tile_ = (goal_ - 1) / kTileSamples + 1;
    next_chunk_ = 0;
    const std::uint64_t most = std::min<std::uint64_t>(tiles(), Pool::kMostThreads);
    threads_ = static_cast<unsigned>(std::min<std::uint64_t>(wanted_threads(), most));
    chunk_level_ = chunk_level();
  }

  std::uint64_t tiles() const { return end_tile_ - first_tile_; }

  void go_on(Workspace& workspace) {
    begin(workspace);
    if (job_.device != nullptr) return by_device(workspace);
    if (threads_ > 1 && !is_worth_sharing(workspace)) threads_ = 1;
    auto work = [&, caller = std::this_thread::get_id()]() noexcept {
      if (std::this_thread::get_id() == caller)
        take_part(workspace, true);
      else
        help();
    };
    if (threads_ > 1)
      Pool::shared().run(threads_ - 1, work);
    else
      work();
    if (failure_) std::rethrow_exception(failure_);
  }

  /// The forest itself goes on growing.
  const double* record_so_far() {
    Forest grown;
    {
      const std::scoped_lock lock(mutex_);
      grown = shared_;
    }
    outcome_.record.resize(job_.layout->size);
    grown.fold(outcome_.record.data());
    return outcome_.record.data();
  }

  unsigned wanted_threads() const { return job_.threads > 0 ? job_.threads : host_threads(); }

  unsigned chunk_level() const {
    if (job_.chunk_level != Job::kChosen) return std::min(job_.chunk_level, 62u);
    const std::uint64_t chunks = std::uint64_t{threads_} * kChunksPerThread;
    const auto level = static_cast<unsigned>(std::bit_width(tiles() / chunks));
    return std::min(level > 0 ? level - 1 : 0, kMostChunkLevel);
  }

  void begin(Workspace& workspace) const {
    workspace.own.reset(*job_.layout);
    workspace.counts.clear();
    workspace.stretch = {};
    workspace.heard = asked_;
  }

  /// Few tiles may be done before another thread has woken up: the first one tells how long they take. What
  /// is gained is the time of those that this thread need not compute itself.
  bool is_worth_sharing(Workspace& workspace) {
    if (tiles() >= kSurelyWorthSharing) return true;
    const auto start = Clock::now();
    take_chunk(workspace, true);
    hand_in(workspace);
    const auto per_chunk = Clock::now() - start;
    const std::uint64_t left = (tiles() - std::min(tiles(), next_chunk_ << chunk_level_)) >> chunk_level_;
    return per_chunk * (left - (left + threads_ - 1) / threads_) > kWorthSharing;
  }

  void help() noexcept {
    try {
      const Lease lease;
      begin(*lease);
      take_part(*lease, false);
    } catch (...) {
      fail();
    }
  }

  void take_part(Workspace& workspace, bool is_caller) noexcept {
    try {
      while (!halted_.load(std::memory_order_relaxed) && take_chunk(workspace, is_caller)) hand_in(workspace);
      hand_in(workspace);
      end_stretch(workspace);
    } catch (...) {
      fail();
    }
  }

  void fail() noexcept {
    halted_ = true;
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }

  /// Computes the next aligned run of tiles; false if there was none, or not all of it was done.
  bool take_chunk(Workspace& workspace, bool is_caller) {
    const std::uint64_t chunk = next_chunk_.fetch_add(1, std::memory_order_relaxed);
    if (chunk > (tiles() - 1) >> chunk_level_) return false;
    const std::uint64_t first = first_tile_ + (chunk << chunk_level_);
    const std::uint64_t end = std::min(end_tile_, first + (std::uint64_t{1} << chunk_level_));
    for (std::uint64_t tile = first; tile < end; ++tile) {
      if (halted_.load(std::memory_order_relaxed) || !compute(workspace, tile)) return false;
      if (asked_.load(std::memory_order_relaxed) != workspace.heard) show(workspace);
      if (is_caller) tell(workspace);
    }
    return true;
  }

  /// False: halted amid the tile, of which nothing is kept.
  bool compute(Workspace& workspace, std::uint64_t tile) {
    const Executable* executable =
        job_.tier != nullptr ? job_.tier->load(std::memory_order_acquire) : job_.fast;
    if (job_.timed && executable != workspace.stretch.executable) begin_stretch(workspace, executable);
    double* record = workspace.own.fresh();
    return compute_with(*executable, workspace, tile, record) && add(workspace, tile, record, executable);
  }

  std::uint64_t samples_of(std::uint64_t tile) const {
    return std::min(kTileSamples, job_.samples - tile * kTileSamples);
  }

  bool compute_with(const Executable& with, Workspace& workspace, std::uint64_t tile, double* record) {
    kernels::Arguments arguments = job_.arguments;
    arguments.tile = tile;
    arguments.stop = &halted_;
    workspace.tile.reserve(*job_.layout, with);
    return kernels::compute_tile(*job_.layout, with, arguments, samples_of(tile), workspace.tile, record);
  }

  /// The record in Forest::fresh(), which `executable` computed; where it is not finite, the screened
  /// kernel's.
  bool add(Workspace& workspace, std::uint64_t tile, double* record, const Executable* executable) {
    if (job_.screened && !kernels::is_finite(*job_.layout, record)) {
      executable = &screened();
      if (!compute_with(*executable, workspace, tile, record)) return false;
    }
    workspace.own.add(tile, 0);
    if (job_.passed) job_.passed(tile);
    ++workspace.stretch.tiles;
    count(workspace.counts, executable, 1);
    samples_.fetch_add(samples_of(tile), std::memory_order_relaxed);
    return true;
  }

  /// The stage's tiles by the device: while one batch is computed, the last one's records are added up.
  void by_device(Workspace& workspace) {
    const auto queue = job_.device->open(job_.arguments, job_.samples);
    if (job_.timed) begin_stretch(workspace, nullptr);
    BatchSize size(queue->most_tiles(), queue->wave());
    std::uint64_t begun = first_tile_, done = first_tile_, sizes[kernels::Queue::kDepth]{};
    unsigned next = 0, oldest = 0;
    auto last = Clock::now();
    while (done < end_tile_ && !halted_) {
      while (next - oldest < kernels::Queue::kDepth && begun < end_tile_) {
        const std::uint64_t tiles = std::min(size.tiles(), end_tile_ - begun);
        queue->begin(begun, tiles);
        sizes[next++ % kernels::Queue::kDepth] = tiles;
        begun += tiles;
      }
      const std::uint64_t tiles = sizes[oldest++ % kernels::Queue::kDepth];
      take_batch(workspace, done, tiles, queue->finish());
      done += tiles;
      const auto now = Clock::now();
      size.adapt(tiles, now - std::exchange(last, now));
    }
    hand_in(workspace);
    end_stretch(workspace);
  }

  /// A stop does not lose what is computed already, but for what the screened kernel would still have to do.
  void take_batch(Workspace& workspace, std::uint64_t first, std::uint64_t tiles, const double* records) {
    const std::size_t size = job_.layout->size;
    for (std::uint64_t k = 0; k < tiles; ++k) {
      double* record = workspace.own.fresh();
      std::copy_n(records + k * size, size, record);
      if (!add(workspace, first + k, record, nullptr)) break;
    }
    hand_in(workspace);
    tell(workspace);
  }

  /// Made by the first thread that needs it, while others that do wait.
  const Executable& screened() {
    const std::scoped_lock lock(screened_mutex_);
    if (screened_ == nullptr) screened_ = &job_.screened();
    return *screened_;
  }

  void hand_in(Workspace& workspace) {
    const std::scoped_lock lock(mutex_);
    shared_.take(workspace.own);
    for (const Outcome::Tiles& each : workspace.counts)
      count(outcome_.executables, each.executable, each.tiles);
    workspace.counts.clear();
  }

  /// Somebody wants to see what is done so far: amid a run of tiles that may take seconds.
  void show(Workspace& workspace) {
    workspace.heard = asked_.load(std::memory_order_relaxed);
    hand_in(workspace);
  }

  void begin_stretch(Workspace& workspace, const Executable* executable) {
    end_stretch(workspace);
    workspace.stretch = {
        .executable = executable, .tiles = 0, .begin = Clock::now(), .end = {}, .thread = thread_number()};
  }

  void end_stretch(Workspace& workspace) {
    if (!job_.timed || workspace.stretch.tiles == 0) return;
    workspace.stretch.end = Clock::now();
    const std::scoped_lock lock(mutex_);
    outcome_.stretches.push_back(std::exchange(workspace.stretch, {}));
  }

  void tell(Workspace& workspace) {
    if (is_watched_)
      is_watched_ = job_.watch(samples_.load(std::memory_order_relaxed), Clock::now() - start_);
    if (job_.progress) report_progress(workspace);
  }

  void report_progress(Workspace& workspace) {
    const auto now = Clock::now();
    if (now < next_report_) return;
    show(workspace);
    job_.progress(standing());
    const auto end = Clock::now();
    next_report_ = end + std::max<Clock::duration>(kProgressInterval, kProgressShare * (end - now));
    ++asked_;  // so that the next report finds what the others have done until shortly before it
  }

  Standing standing() {
    return {.samples = samples_.load(std::memory_order_relaxed),
            .elapsed = Clock::now() - start_,
            .record = [this] { return record_so_far(); }};
  }

  void finish() {
    if (job_.progress) job_.progress(standing());
    outcome_.record.resize(job_.layout->size);
    shared_.fold(outcome_.record.data());
    outcome_.samples = samples_;
    outcome_.stopped = outcome_.samples < goal_;
  }

  const Job& job_;
  Outcome& outcome_;
  Forest& shared_;
  std::uint64_t goal_ = 0;                       ///< samples to be done at the end of this stage
  std::uint64_t first_tile_ = 0, end_tile_ = 0;  ///< of this stage
  unsigned threads_ = 1;
  unsigned chunk_level_ = 0;
  std::atomic<std::uint64_t> next_chunk_{0};
  std::atomic<std::uint64_t> samples_{0};
  kernels::StopFlag halted_{false};  ///< by a stop or a failure; kernels that take long look at it too
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_report_ = start_ + kProgressInterval;
  std::atomic<unsigned> asked_ = 0;  ///< how often progress was asked for
  bool is_watched_ = static_cast<bool>(job_.watch);
  std::mutex mutex_;  ///< of shared_, outcome_ and failure_
  std::exception_ptr failure_;
  std::mutex screened_mutex_;  ///< of screened_
  const Executable* screened_ = nullptr;
};

}  // namespace

void run(const Job& job, Outcome& outcome) {
  if (job.samples == 0) throw std::invalid_argument("a run needs at least one sample");
  if (job.layout == nullptr || (job.fast == nullptr && job.tier == nullptr && job.device == nullptr))
    throw std::invalid_argument("a run needs a layout and an executable");
  const Lease lease;
  Run(job, outcome, (*lease).shared).all(*lease);
}

Outcome run(const Job& job) {
  Outcome outcome;
  run(job, outcome);
  return outcome;
}

}  // namespace mc::runtime
