// What each thread does with its share, and how shares are handed out.
#include "runtime/data/passes.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/data/few.hpp"
#include "runtime/data/mapping.hpp"
#include "runtime/schedule/pool.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mc::runtime {
namespace {

using kernels::Buffer;
using kernels::kReduceLanes;
using kernels::kReduceTile;

/// Data that one call goes through: what its arrays take stays in a near cache, where they have to be packed.
constexpr std::uint64_t kCall = kReduceTile;

/// The flag that kernels look at, where the pass can be stopped at all.
class Halt {
 public:
  explicit Halt(const std::stop_token& stop) {
    if (stop.stop_possible()) callback_.emplace(stop, Set{&flag_});
  }
  const kernels::StopFlag& flag() const { return callback_ ? flag_ : kernels::kNeverStopped; }

 private:
  struct Set {
    kernels::StopFlag* flag;
    void operator()() const noexcept { *flag = true; }
  };
  kernels::StopFlag flag_{false};
  std::optional<std::stop_callback<Set>> callback_;
};

/// One thread's memory, kept.
struct Workspace {
  Buffer packed, scratch;
  std::vector<double> records;

  static Workspace& own() {
    thread_local Workspace workspace;
    return workspace;
  }
};

/// This thread's records, taken out of its memory for a pass: progress may begin another one amid it.
class Records {
 public:
  explicit Records(std::size_t size) : records_(std::move(Workspace::own().records)) {
    records_.resize(size);
  }
  ~Records() { Workspace::own().records = std::move(records_); }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  double* data() { return records_.data(); }

 private:
  std::vector<double> records_;
};

/// A pass in the hands of one thread.
class Worker {
 public:
  /// `common` is what all calls are given alike: seed and tables, where there are any.
  Worker(const Pass& pass, const Halt& halt, const kernels::Arguments& common = {})
      : pass_(pass),
        common_(common),
        stop_(halt.flag()),
        data_(pass.reads.size() + pass.writes.size()),
        scalars_(pass.first_scalar ? pass.scalars.size() : 0) {
    std::copy_n(pass.scalars.begin(), scalars_.size(), scalars_.begin());
  }

  /// Goes through data first .. first + count, at most kCall, `lanes` of them a step. False where the kernel
  /// was stopped amid them.
  bool run(const kernels::Executable& code, std::uint64_t first, std::uint64_t count, std::uint64_t lanes,
           double* out) {
    for (std::size_t k = 0; k < pass_.reads.size(); ++k) data_[k] = ready(pass_.reads[k], k, first, count);
    for (std::size_t k = 0; k < pass_.writes.size(); ++k) {
      const KernelArray& written = pass_.writes[k];
      const std::size_t at = pass_.reads.size() + k;
      data_[at] = lies_ready(written.array, written.type) ? written.array.at(first) : packed(at);
    }
    if (!call(code, first, count, lanes, out)) return false;
    for (std::size_t k = 0; k < pass_.writes.size(); ++k)
      if (const KernelArray& written = pass_.writes[k]; !lies_ready(written.array, written.type))
        unpack(packed(pass_.reads.size() + k), written.type, written.array, first, count);
    return true;
  }

 private:
  bool call(const kernels::Executable& code, std::uint64_t first, std::uint64_t count, std::uint64_t lanes,
            double* out) {
    const double* scalars = pass_.scalars.data();
    if (pass_.first_scalar) {
      scalars_[*pass_.first_scalar] = static_cast<double>(first);
      scalars = scalars_.data();
    }
    std::byte* scratch = nullptr;
    if (const std::size_t bytes = code.scratch_bytes(); bytes > 0) {
      Workspace::own().scratch.reserve(bytes);
      scratch = Workspace::own().scratch.data();
    }
    return code.run({.seed = common_.seed,
                     .tile = first / kernels::kTileSamples,
                     .scalars = scalars,
                     .arrays = pass_.arrays,
                     .data = data_.data(),
                     .tables = common_.tables,
                     .lanes = lanes,
                     .rest = count % lanes,
                     .stop = &stop_},
                    0, static_cast<unsigned>(lanes), static_cast<std::uint32_t>(count / lanes), out, scratch);
  }

  /// Where the kernel can read the data: where they are, or packed.
  void* ready(const KernelArray& wanted, std::size_t k, std::uint64_t first, std::uint64_t count) {
    if (lies_ready(wanted.array, wanted.type)) return wanted.array.at(first);
    std::byte* to = packed(k);
    pack(wanted.array, first, count, wanted.type, to);
    return to;
  }

  std::byte* packed(std::size_t k) {
    Buffer& packed = Workspace::own().packed;
    packed.reserve(data_.size() * kCall * sizeof(double));
    return packed.data() + k * kCall * sizeof(double);
  }

  const Pass& pass_;
  const kernels::Arguments common_;
  const kernels::StopFlag& stop_;
  Few<void*, 8> data_;
  Few<double, 16> scalars_;  ///< where the kernel wants to know the first datum's number
};

/// Calls `each` with the number of every run of that many data, from as many threads as are worth it, until
/// it says false or the stop comes. What one of them throws, memory that cannot be had, ends them all and
/// goes to the caller. False: it was stopped.
template <class One>
bool in_parallel(const Pass& pass, std::uint64_t data, std::uint64_t a_run, One each) {
  const std::uint64_t count = (data + a_run - 1) / a_run;
  const std::uint64_t worth = std::max<std::uint64_t>(data / pass.a_thread, 1);
  const auto helpers = static_cast<unsigned>(std::min<std::uint64_t>(std::max(pass.threads, 1U), worth)) - 1;
  const bool may_stop = pass.stop.stop_possible();
  std::atomic<bool> stopped = false;
  const auto one = [&](std::uint64_t k) {
    if (may_stop && pass.stop.stop_requested()) stopped = true;
    if (!stopped.load(std::memory_order_relaxed) && !each(k)) stopped = true;
    return !stopped.load(std::memory_order_relaxed);
  };
  if (helpers == 0) {
    for (std::uint64_t k = 0; k < count && one(k); ++k)
      if (pass.progress) pass.progress(std::min(data, a_run * (k + 1)));
    return !stopped;
  }
  std::atomic<std::uint64_t> next = 0;
  std::mutex failing;
  std::exception_ptr failure;
  auto work = [&, caller = std::this_thread::get_id()] {
    const bool tells = pass.progress && std::this_thread::get_id() == caller;
    try {
      for (std::uint64_t k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count && one(k);)
        if (tells) pass.progress(a_run * k);
    } catch (...) {
      next = count;
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  Pool::shared().run(helpers, work);
  if (failure) std::rethrow_exception(failure);
  return !stopped;
}

/// So many calls' data are a run, which is given back as one: at most `most`, fewer where they lie far apart.
std::uint64_t calls_a_run(const Pass& pass, std::uint64_t most) {
  constexpr std::uint64_t kBytes = std::uint64_t{8} << 20;
  most = std::clamp<std::uint64_t>(pass.a_thread / kCall, 1, most);
  for (const KernelArray& read : pass.reads) {
    const auto apart = static_cast<std::uint64_t>(std::abs(read.array.stride));
    most = std::clamp<std::uint64_t>(kBytes / kCall / std::max<std::uint64_t>(apart, 1), 1, most);
  }
  return most;
}

// ---- reductions

/// The folds of data first .. first + count, at most a tile.
bool reduce_tile(const Reduce& job, Worker& worker, std::uint64_t first, std::uint64_t count,
                 double* record) {
  Few<double, 4 * kernels::kLanes> out(job.folds.size() * kernels::kLanes);
  const kernels::Executable& code = *job.code->load(std::memory_order_acquire);
  if (!worker.run(code, first, count, kReduceLanes, out.data())) return false;
  for (std::size_t k = 0; k < job.folds.size(); ++k)
    record[k] = kernels::fold_lanes(job.folds[k], out.data() + k * kernels::kLanes);
  return true;
}

}  // namespace

std::vector<Trail> trails_of(const Pass& pass, std::uint64_t first, std::uint64_t a_run) {
  std::vector<Trail> trails;
  for (const KernelArray& read : pass.reads) {
    Trail trail(read.array.at(first), read.array.stride, pass.count, a_run);
    if (!trail.is_kept()) trails.push_back(std::move(trail));
  }
  return trails;
}

bool reduce(const Reduce& job, double* results) {
  if (job.count == 0) {
    std::ranges::transform(job.folds, results, kernels::start);
    return true;
  }
  const Halt halt(job.stop);
  if (job.count <= kReduceTile) {
    Worker worker(job, halt);
    return reduce_tile(job, worker, 0, job.count, results);
  }
  const std::uint64_t tiles = (job.count + kReduceTile - 1) / kReduceTile;
  const std::size_t folds = job.folds.size();
  Records records(tiles * folds);
  double* const all = records.data();
  const std::uint64_t together = calls_a_run(job, 4);  // memory in long stretches
  const std::vector<Trail> trails = trails_of(job, 0, together * kReduceTile);
  const bool is_whole = in_parallel(job, job.count, together * kReduceTile, [&](std::uint64_t run) {
    Worker worker(job, halt);
    for (std::uint64_t t = run * together; t < std::min(tiles, (run + 1) * together); ++t)
      if (!reduce_tile(job, worker, t * kReduceTile, std::min(kReduceTile, job.count - t * kReduceTile),
                       all + t * folds))
        return false;
    for (const Trail& trail : trails) trail.passed(run);
    return true;
  });
  if (!is_whole) return false;
  for (std::size_t k = 0; k < folds; ++k)
    results[k] = kernels::fold_tiles(job.folds[k], all + k, tiles, folds);
  return true;
}

// ---- maps

namespace {

/// Data before which every array written is at a multiple of 64 bytes; nothing where they never are together.
std::optional<std::uint64_t> until_aligned(const Map& job) {
  std::optional<std::uint64_t> until;
  for (const KernelArray& written : job.writes) {
    if (!lies_ready(written.array, written.type)) return {};
    const auto size = static_cast<std::uintptr_t>(ir::bit_width(written.type) / 8);
    const auto past = reinterpret_cast<std::uintptr_t>(written.array.data) % 64;
    const std::uint64_t wanted = (64 - past) % 64 / size;
    if (until && *until != wanted) return {};
    until = wanted;
  }
  return until;
}

/// What goes past the caches is in no order with other writes, such as the one that says that it is done.
void finish_streaming() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

/// Data first .. first + count, the end of which may be part of a step. False where the kernel was stopped.
bool map_stretch(const Map& job, const Halt& halt, const kernels::Executable& code, std::uint64_t first,
                 std::uint64_t count) {
  Worker worker(job, halt);
  for (std::uint64_t done = 0; done < count; done += kCall)
    if (!worker.run(code, first + done, std::min(count - done, kCall), code.data_lanes(), nullptr))
      return false;
  return true;
}

}  // namespace

bool map(const Map& job) {
  const auto aligned = job.streaming != nullptr ? until_aligned(job) : std::nullopt;
  const std::uint64_t before = std::min(aligned.value_or(0), job.count);
  const Halt halt(job.stop);
  if (!map_stretch(job, halt, *job.code->load(), 0, before)) return false;
  const std::uint64_t together = calls_a_run(job, 8) * kCall;
  const std::uint64_t left = job.count - before;
  const std::vector<Trail> trails = trails_of(job, before, together);
  return in_parallel(job, left, together, [&](std::uint64_t run) {
    const std::uint64_t first = before + run * together;
    const std::uint64_t count = std::min(together, job.count - first);
    const kernels::Executable& code = aligned ? *job.streaming : *job.code->load(std::memory_order_acquire);
    const bool is_whole = map_stretch(job, halt, code, first, count);
    if (aligned) finish_streaming();
    for (const Trail& trail : trails) trail.passed(run);
    return is_whole;
  });
}

// ---- samples

/// A tile may take long, so any second one is worth a thread.
bool draw(const Draw& job) {
  const Halt halt(job.stop);
  const std::uint64_t tiles = (job.count + kernels::kTileSamples - 1) / kernels::kTileSamples;
  return in_parallel(job, tiles * job.a_thread, job.a_thread, [&](std::uint64_t tile) {
    Worker worker(job, halt, {.seed = job.seed, .tables = job.tables});
    const std::uint64_t first = tile * kernels::kTileSamples;
    return worker.run(*job.code->load(std::memory_order_acquire), first,
                      std::min(kernels::kTileSamples, job.count - first), kernels::kLanes, nullptr);
  });
}

// ---- overlaps

bool overlaps(const Array& from, const Array& to, std::uint64_t count) {
  if (count == 0) return false;
  const auto ends = [count](const Array& array) {
    const auto a = reinterpret_cast<std::uintptr_t>(array.at(0)),
               b = reinterpret_cast<std::uintptr_t>(array.at(count - 1));
    return std::pair(std::min(a, b), std::max(a, b) + bytes_of(array.type));
  };
  const auto [from_begin, from_end] = ends(from);
  const auto [to_begin, to_end] = ends(to);
  if (from_end <= to_begin || to_end <= from_begin) return false;
  if (from.stride != to.stride) return true;
  if (from.data == to.data) return from.type != to.type;
  // Columns of one table, which lie between each other.
  const auto apart = static_cast<std::uintptr_t>(std::abs(from.stride));
  if (apart == 0) return true;
  const bool is_after = to_begin >= from_begin;
  const std::uintptr_t between = (is_after ? to_begin - from_begin : from_begin - to_begin) % apart;
  const std::uintptr_t shift = is_after || between == 0 ? between : apart - between;
  return shift < bytes_of(from.type) || shift + bytes_of(to.type) > apart;
}

}  // namespace mc::runtime
