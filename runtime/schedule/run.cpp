// Workers take aligned runs of tiles from a counter, join what they computed in a forest of their own, and
// hand that in; the shared forest ends up the same whoever did what.
#include "runtime/schedule/run.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <thread>
#include <utility>

#include "engine/host.hpp"
#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/pool.hpp"
#include "runtime/schedule/work.hpp"

namespace mc::runtime {
namespace {

constexpr unsigned kChunksPerThread = 16;                       // enough that the last ones even out
constexpr unsigned kMostChunkLevel = 6;                         // 64 tiles: by then handing in costs nothing
constexpr std::uint64_t kSurelyWorthSharing = 16;               // tiles: 80 µs and more
constexpr auto kWorthSharing = std::chrono::microseconds(100);  // waking a thread takes about half as long
constexpr auto kProgressInterval = std::chrono::milliseconds(100);
constexpr auto kFirstProgress =
    std::chrono::milliseconds(50);             // soon enough to be drawn within that interval
constexpr std::uint64_t kTilesADevice = 1024;  // some milliseconds: a further device is worth its start
constexpr int kProgressShare = 50;  // progress takes a fiftieth of the calling thread's time at most

void count(std::vector<Outcome::Tiles>& counts, const Executable* executable, std::uint64_t tiles) {
  const auto known = std::ranges::find(counts, executable, &Outcome::Tiles::executable);
  if (known == counts.end())
    counts.push_back({executable, tiles});
  else
    known->tiles += tiles;
}

}  // namespace

Run::Run(const Job& job, Outcome& outcome, Workspace& workspace)
    : job_(job),
      outcome_(outcome),
      shared_(outcome.done.tiles),
      missing_(workspace.missing),
      rest_(outcome.rest),
      wanted_(job.samples_of_part()),
      next_report_(start_ + kFirstProgress) {
  shared_.reset(*job.layout);
  outcome_.done.looks.clear();
  rest_.clear();
  outcome_.executables.clear();
  outcome_.stretches.clear();
  outcome_.devices = 0;
  outcome_.failed.clear();
  outcome_.has_slow_devices = false;
}

void Run::all(Workspace& workspace) {
  const std::stop_callback halting(job_.stop, [this]() noexcept { halted_ = true; });
  std::uint64_t next = job_.goal ? job_.goal(nullptr, 0) : job_.samples;
  while (next > goal_) {
    set_goal(next);
    if (known_ != nullptr)
      count_reused(goal_);
    else
      go_on(workspace);
    if (goal_ == job_.samples) break;
    if (known_ == nullptr && halted_) {
      cut_short_ = true;
      break;
    }
    next = job_.goal(look(), goal_);
  }
  finish(workspace);
}

/// The next stage.
void Run::set_goal(std::uint64_t samples) {
  goal_ = std::min((samples - 1) / kTileSamples * kTileSamples + kTileSamples, job_.samples);
  known_ = job_.done != nullptr && wanted_ == job_.samples ? job_.done->look(goal_) : nullptr;
}

/// The tiles of the stage that nobody has computed yet.
void Run::list_tiles() {
  const std::uint64_t whole = goal_ / kTileSamples, all = (goal_ - 1) / kTileSamples + 1;
  const Missing::Stretch part{job_.part.first, std::min(job_.part.end, whole)};
  if (job_.done != nullptr) shared_.adopt(job_.done->tiles, part);
  count_reused(shared_.tiles() * kTileSamples);
  missing_.clear();
  shared_.list_missing(part, missing_);
  missing_.add({std::max(job_.part.first, whole), std::min(job_.part.end, all)});
}

void Run::share_out() {
  const std::uint64_t most = std::min<std::uint64_t>(tiles(), Pool::kMostThreads);
  threads_ = static_cast<unsigned>(std::min<std::uint64_t>(wanted_threads(), most));
  chunk_level_ = has_cpu() ? chunk_level() : 0;
  // Beside a device a thread takes a tile at a time; of a chunk the others would come back, and be the
  // device's next batch.
  shares_.reset(missing_, job_.devices == nullptr ? chunk_level_ : 0);
}

/// So many samples are done, by this run or another one.
void Run::count_reused(std::uint64_t samples) {
  reused_ += samples - samples_;
  samples_ = samples;
}

void Run::go_on(Workspace& workspace) {
  list_tiles();
  if (tiles() == 0) return;
  share_out();
  begin(workspace);
  if (threads_ > 1 && has_cpu() && !is_worth_sharing(workspace)) threads_ = 1;
  auto work = [&, caller = std::this_thread::get_id()]() noexcept {
    if (std::this_thread::get_id() == caller)
      take_part(workspace, true);
    else
      help();
  };
  // What a device has left behind when all others had gone takes them all once more.
  do {
    if (threads_ > 1)
      Pool::shared().run(threads_ - 1, work);
    else
      work();
    if (failure_) std::rethrow_exception(failure_);
  } while (shares_.has_returned() && !halted_);
}

/// The forest itself goes on growing.
const double* Run::record_so_far() {
  if (known_ != nullptr) return known_->record.data();
  Forest grown;
  {
    const std::scoped_lock lock(mutex_);
    grown = shared_;
    if (!rest_.empty()) add_rest(grown);
  }
  outcome_.record.resize(job_.layout->size);
  grown.fold(outcome_.record.data());
  return outcome_.record.data();
}

/// Where only devices compute, one for each that has a wave of tiles to do.
unsigned Run::wanted_threads() const {
  if (has_cpu()) return job_.threads > 0 ? job_.threads : host_threads();
  return static_cast<unsigned>(std::min<std::uint64_t>(devices().size(), tiles() / kTilesADevice + 1));
}

const kernels::Devices& Run::devices() const {
  static const kernels::Devices none;
  const kernels::Devices* there =
      job_.devices != nullptr ? job_.devices->load(std::memory_order_acquire) : nullptr;
  return there != nullptr ? *there : none;
}

void Run::add_rest(Forest& forest) {
  std::ranges::copy(rest_, forest.fresh());
  forest.add(job_.samples / kTileSamples, 0);
}

/// What the goal is asked with at a stage's end.
const double* Run::look() {
  const double* record = record_so_far();
  outcome_.done.looks.push_back({goal_, {record, record + job_.layout->size}});
  return record;
}

unsigned Run::chunk_level() const {
  if (job_.chunk_level != Job::kChosen) return std::min(job_.chunk_level, 62u);
  const std::uint64_t chunks = std::uint64_t{threads_} * kChunksPerThread;
  const auto level = static_cast<unsigned>(std::bit_width(tiles() / chunks));
  return std::min(level > 0 ? level - 1 : 0, kMostChunkLevel);
}

void Run::begin(Workspace& workspace) const {
  workspace.own.reset(*job_.layout);
  workspace.counts.clear();
  workspace.stretch = {};
  workspace.heard = asked_;
}

/// Few tiles may be done before another thread has woken up: the first one tells how long they take. What
/// is gained is the time of those that this thread need not compute itself.
bool Run::is_worth_sharing(Workspace& workspace) {
  if (tiles() >= kSurelyWorthSharing) return true;
  const auto start = Clock::now();
  take_chunk(workspace, true);
  hand_in(workspace);
  const auto per_chunk = Clock::now() - start;
  const std::uint64_t left = shares_.untouched() >> chunk_level_;
  return per_chunk * (left - (left + threads_ - 1) / threads_) > kWorthSharing;
}

void Run::help() noexcept {
  try {
    const Lease lease;
    begin(*lease);
    take_part(*lease, false);
  } catch (...) {
    fail();
  }
}

void Run::take_part(Workspace& workspace, bool is_caller) noexcept {
  try {
    while (!halted_.load(std::memory_order_relaxed) &&
           (drive_device(workspace, is_caller) || (has_cpu() && take_chunk(workspace, is_caller))))
      hand_in(workspace);
    hand_in(workspace);
    end_stretch(workspace);
  } catch (...) {
    fail();
  }
}

void Run::fail() noexcept {
  halted_ = true;
  const std::scoped_lock lock(mutex_);
  if (!failure_) failure_ = std::current_exception();
}

/// Computes the next aligned run of tiles; false if there was none, or not all of it was done. Beside a
/// device, which takes all that is left in no time, one tile.
bool Run::take_chunk(Workspace& workspace, bool is_caller) {
  const Tiles chunk = shares_.take(devices().empty() ? std::uint64_t{1} << chunk_level_ : 1);
  for (std::uint64_t tile = chunk.first; tile < chunk.end; ++tile) {
    if (halted_.load(std::memory_order_relaxed) || !compute(workspace, tile)) return false;
    if (asked_.load(std::memory_order_relaxed) != workspace.heard) show(workspace);
    if (is_caller) tell(workspace);
    if (devices().empty()) continue;
    shares_.give_back({tile + 1, chunk.end});
    break;
  }
  return !chunk.empty();
}

/// False: halted amid the tile, of which nothing is kept.
bool Run::compute(Workspace& workspace, std::uint64_t tile) {
  const Executable* executable =
      job_.tier != nullptr ? job_.tier->load(std::memory_order_acquire) : job_.fast;
  if (job_.timed && executable != workspace.stretch.executable) begin_stretch(workspace, executable);
  double* record = workspace.own.fresh();
  return compute_with(*executable, workspace, tile, record) && add(workspace, tile, record, executable);
}

std::uint64_t Run::samples_of(std::uint64_t tile) const {
  return std::min(kTileSamples, job_.samples - tile * kTileSamples);
}

bool Run::compute_with(const Executable& with, Workspace& workspace, std::uint64_t tile, double* record) {
  kernels::Arguments arguments = job_.arguments;
  arguments.tile = tile;
  arguments.stop = &halted_;
  workspace.tile.reserve(*job_.layout, with);
  return kernels::compute_tile(*job_.layout, with, arguments, samples_of(tile), workspace.tile, record);
}

/// The record in Forest::fresh(), which `executable` computed; where it is not finite, the screened
/// kernel's.
bool Run::add(Workspace& workspace, std::uint64_t tile, double* record, const Executable* executable) {
  if (job_.screened && !kernels::is_finite(*job_.layout, record)) {
    executable = &screened();
    if (!compute_with(*executable, workspace, tile, record)) return false;
  }
  note(workspace, {tile, 0}, record, executable);
  return true;
}

/// The record in Forest::fresh() is the tree's.
void Run::note(Workspace& workspace, const Tree& tree, const double* record, const Executable* executable) {
  const std::uint64_t last = samples_of(tree.first + tree.tiles() - 1);  // the others are whole
  if (last == kTileSamples)
    workspace.own.add(tree.first, tree.level);
  else
    keep_rest(record);
  for (std::uint64_t k = 0; job_.passed && k < tree.tiles(); ++k) job_.passed(tree.first + k);
  workspace.stretch.tiles += tree.tiles();
  count(workspace.counts, executable, tree.tiles());
  samples_.fetch_add((tree.tiles() - 1) * kTileSamples + last, std::memory_order_relaxed);
}

/// A run with more samples computes it anew, so it stays out of the forest.
void Run::keep_rest(const double* record) {
  const std::scoped_lock lock(mutex_);
  rest_.assign(record, record + job_.layout->size);
}

/// Made by the first thread that needs it, while others that do wait.
const Executable& Run::screened() {
  const std::scoped_lock lock(screened_mutex_);
  if (screened_ == nullptr) screened_ = &job_.screened();
  return *screened_;
}

void Run::hand_in(Workspace& workspace) {
  const std::scoped_lock lock(mutex_);
  shared_.take(workspace.own);
  for (const Outcome::Tiles& each : workspace.counts)
    count(outcome_.executables, each.executable, each.tiles);
  workspace.counts.clear();
}

/// Somebody wants to see what is done so far: amid a run of tiles that may take seconds.
void Run::show(Workspace& workspace) {
  workspace.heard = asked_.load(std::memory_order_relaxed);
  hand_in(workspace);
}

void Run::begin_stretch(Workspace& workspace, const Executable* executable) {
  end_stretch(workspace);
  workspace.stretch = {
      .executable = executable, .tiles = 0, .begin = Clock::now(), .end = {}, .thread = thread_number()};
}

void Run::end_stretch(Workspace& workspace) {
  if (!job_.timed || workspace.stretch.tiles == 0) return;
  workspace.stretch.end = Clock::now();
  const std::scoped_lock lock(mutex_);
  outcome_.stretches.push_back(std::exchange(workspace.stretch, {}));
}

void Run::tell(Workspace& workspace) {
  if (is_watched_)
    is_watched_ = job_.watch(samples_.load(std::memory_order_relaxed) - reused_, Clock::now() - start_);
  if (job_.progress) report_progress(workspace);
}

void Run::report_progress(Workspace& workspace) {
  const auto now = Clock::now();
  if (now < next_report_) return;
  show(workspace);
  job_.progress(standing());
  const auto end = Clock::now();
  next_report_ = end + std::max<Clock::duration>(kProgressInterval, kProgressShare * (end - now));
  ++asked_;  // so that the next report finds what the others have done until shortly before it
}

Standing Run::standing() {
  return {.samples = samples_.load(std::memory_order_relaxed),
          .elapsed = Clock::now() - start_,
          .record = [this] { return record_so_far(); }};
}

void Run::finish(Workspace& workspace) {
  if (job_.progress) job_.progress(standing());
  outcome_.record.resize(job_.layout->size);
  if (known_ != nullptr)
    outcome_.record = known_->record;
  else
    fold(workspace.own);
  outcome_.samples = samples_;
  outcome_.reused = reused_;
  outcome_.stopped = cut_short_ || outcome_.samples < std::min(goal_, wanted_);
}

/// Of all tiles done; with another forest's memory.
void Run::fold(Forest& all) {
  all.reset(*job_.layout);
  all.adopt(shared_);
  if (!rest_.empty()) add_rest(all);
  all.fold(outcome_.record.data());
}

std::uint64_t Job::samples_of_part() const {
  const auto before = [this](std::uint64_t tile) {
    return tile <= samples / kTileSamples ? tile * kTileSamples : samples;
  };
  return before(part.end) - before(std::min(part.first, part.end));
}

void Done::adopt(const Done& other, Missing::Stretch within) {
  tiles.adopt(other.tiles, within);
  if (within != Missing::Stretch{}) return;
  for (const Look& each : other.looks)
    if (look(each.samples) == nullptr) looks.push_back(each);
}

const Done::Look* Done::look(std::uint64_t samples) const {
  const auto found = std::ranges::find(looks, samples, &Look::samples);
  return found == looks.end() ? nullptr : &*found;
}

void run(const Job& job, Outcome& outcome) {
  if (job.samples == 0) throw std::invalid_argument("a run needs at least one sample");
  if (job.layout == nullptr || (job.fast == nullptr && job.tier == nullptr && job.devices == nullptr))
    throw std::invalid_argument("a run needs a layout and an executable");
  const Lease lease;
  Run(job, outcome, *lease).all(*lease);
}

Outcome run(const Job& job) {
  Outcome outcome;
  run(job, outcome);
  return outcome;
}

}  // namespace mc::runtime
