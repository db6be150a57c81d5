// What each thread does with its share, and how shares are handed out.
#include "runtime/data/passes.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/pool.hpp"

namespace mc::runtime {
namespace {

using kernels::Buffer;
using kernels::kReduceLanes;
using kernels::kReduceTile;

/// Data that one call goes through: what its arrays take stays in a near cache, where they have to be packed.
constexpr std::uint64_t kCall = kReduceTile;

/// Less than this is done before a second thread is awake.
constexpr std::uint64_t kWorthAThread = 8 * kCall;

/// One thread's memory, kept.
struct Workspace {
  Buffer packed, out, rest_out, scratch;
  std::vector<void*> data;
  std::vector<double> scalars;
  std::vector<double> records;

  static Workspace& own() {
    thread_local Workspace workspace;
    return workspace;
  }
};

/// Room for `count` numbers of each array.
std::byte* room(Workspace& own, std::size_t arrays, std::uint64_t count) {
  own.packed.reserve(arrays * count * sizeof(double));
  return own.packed.data();
}

/// A pass in the hands of one thread.
class Worker {
 public:
  explicit Worker(const Pass& pass) : pass_(pass), own_(Workspace::own()) {
    own_.data.resize(pass.reads.size() + pass.writes.size());
    if (pass.first_scalar) own_.scalars.assign(pass.scalars.begin(), pass.scalars.end());
  }

  /// Runs lanes [0, lanes) for `steps` steps over own data.
  void run(const kernels::Executable& code, std::uint64_t first, std::uint64_t lanes, std::uint32_t steps,
           double* out) {
    own_.scratch.reserve(code.scratch_bytes());
    const double* scalars = pass_.scalars.data();
    if (pass_.first_scalar) {
      own_.scalars[*pass_.first_scalar] = static_cast<double>(first);
      scalars = own_.scalars.data();
    }
    const auto last = static_cast<unsigned>(lanes);
    code.run({.scalars = scalars, .arrays = pass_.arrays, .data = own_.data.data(), .lanes = lanes}, 0, last,
             steps, out, own_.scratch.data());
  }

  /// Points the kernel at data first .. first + count of what is read: where they are, or packed.
  void point_at(std::uint64_t first, std::uint64_t count) {
    for (std::size_t k = 0; k < pass_.reads.size(); ++k)
      own_.data[k] = ready(pass_.reads[k], k, first, count);
  }

  /// The same copied out, with room for `lanes` of each.
  void copy(std::uint64_t first, std::uint64_t count, std::uint64_t lanes) {
    std::byte* to = room(own_, own_.data.size(), kCall);
    for (std::size_t k = 0; k < pass_.reads.size(); ++k, to += kCall * sizeof(double)) {
      const KernelArray& read = pass_.reads[k];
      pack(read.array, first, count, read.type, to);
      const std::size_t bytes = ir::bit_width(read.type) / 8;
      for (std::uint64_t l = count; l < lanes; ++l)
        std::memcpy(to + l * bytes, to + (count - 1) * bytes, bytes);
      own_.data[k] = to;
    }
  }

  Workspace& own() { return own_; }
  std::byte* packed(std::size_t k) {
    return room(own_, own_.data.size(), kCall) + k * kCall * sizeof(double);
  }

 private:
  void* ready(const KernelArray& wanted, std::size_t k, std::uint64_t first, std::uint64_t count) {
    if (lies_ready(wanted.array, wanted.type)) return wanted.array.at(first);
    std::byte* to = packed(k);
    pack(wanted.array, first, count, wanted.type, to);
    return to;
  }

  const Pass& pass_;
  Workspace& own_;
};

/// Calls `one` with every number below `count`, from as many threads as are worth it.
template <class One>
void in_parallel(std::uint64_t count, std::uint64_t data, unsigned threads, One one) {
  const std::uint64_t worth = std::max<std::uint64_t>(data / kWorthAThread, 1);
  const auto helpers = static_cast<unsigned>(std::min<std::uint64_t>(std::max(threads, 1U), worth)) - 1;
  std::atomic<std::uint64_t> next = 0;
  auto work = [&] {
    for (std::uint64_t k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count;) one(k);
  };
  if (helpers == 0)
    for (std::uint64_t k = 0; k < count; ++k) one(k);
  else
    Pool::shared().run(helpers, work);
}

// ---- reductions

/// The folds of data first .. first + count, at most a tile.
void reduce_tile(const Reduce& job, Worker& worker, std::uint64_t first, std::uint64_t count,
                 double* record) {
  const auto steps = static_cast<std::uint32_t>(count / kReduceLanes);
  const auto rest = static_cast<unsigned>(count % kReduceLanes);
  Workspace& own = worker.own();
  const kernels::Executable& code = *job.code->load(std::memory_order_acquire);
  const std::size_t bytes = job.folds.size() * kernels::kLanes * sizeof(double);
  own.out.reserve(bytes);
  auto* out = reinterpret_cast<double*>(own.out.data());
  worker.point_at(first, count - rest);
  worker.run(code, first, kReduceLanes, steps, out);
  if (rest > 0) {
    // Lanes below `rest` take one step more: its values alone, and then into the lanes.
    own.rest_out.reserve(bytes);
    auto* more = reinterpret_cast<double*>(own.rest_out.data());
    const std::uint64_t done = first + count - rest;
    worker.copy(done, rest, kReduceLanes);
    worker.run(code, done, kReduceLanes, 1, more);
    for (std::size_t k = 0; k < job.folds.size(); ++k)
      for (unsigned l = 0; l < rest; ++l) {
        double& lane = out[k * kernels::kLanes + l];
        lane = kernels::step(job.folds[k], lane, more[k * kernels::kLanes + l]);
      }
  }
  for (std::size_t k = 0; k < job.folds.size(); ++k)
    record[k] = kernels::fold_lanes(job.folds[k], out + k * kernels::kLanes);
}

}  // namespace

void reduce(const Reduce& job, double* results) {
  if (job.count == 0) {
    std::ranges::transform(job.folds, results, kernels::start);
    return;
  }
  if (job.count <= kReduceTile) {
    Worker worker(job);
    return reduce_tile(job, worker, 0, job.count, results);
  }
  const std::uint64_t tiles = (job.count + kReduceTile - 1) / kReduceTile;
  const std::size_t folds = job.folds.size();
  std::vector<double>& records = Workspace::own().records;
  records.resize(tiles * folds);
  double* const all = records.data();
  constexpr std::uint64_t kTogether = 4;  // tiles: memory in long stretches
  in_parallel((tiles + kTogether - 1) / kTogether, job.count, job.threads, [&](std::uint64_t run) {
    Worker worker(job);
    for (std::uint64_t t = run * kTogether; t < std::min(tiles, (run + 1) * kTogether); ++t)
      reduce_tile(job, worker, t * kReduceTile, std::min(kReduceTile, job.count - t * kReduceTile),
                  all + t * folds);
  });
  for (std::size_t k = 0; k < folds; ++k)
    results[k] = kernels::fold_tiles(job.folds[k], all + k, tiles, folds);
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
    if (past % size != 0) return {};
    const std::uint64_t wanted = (64 - past) % 64 / size;
    if (until && *until != wanted) return {};
    until = wanted;
  }
  return until;
}

/// Data first .. first + count, where code for whole granules may be used; the rest is copied out and back.
void map_stretch(const Map& job, const kernels::Executable& code, std::uint64_t first, std::uint64_t count) {
  Worker worker(job);
  Workspace& own = worker.own();
  const std::uint64_t granule = code.data_lanes();
  const auto written = [&](std::size_t k) -> const KernelArray& { return job.writes[k]; };
  for (std::uint64_t at = first, end = first + count; at < end;) {
    const std::uint64_t left = std::min(end - at, kCall);
    const bool is_rest = left < granule;
    const std::uint64_t now = is_rest ? left : left / granule * granule;
    is_rest ? worker.copy(at, now, granule) : worker.point_at(at, now);
    for (std::size_t k = 0; k < job.writes.size(); ++k)
      own.data[job.reads.size() + k] = !is_rest && lies_ready(written(k).array, written(k).type)
                                           ? written(k).array.at(at)
                                           : worker.packed(job.reads.size() + k);
    worker.run(code, at, granule, static_cast<std::uint32_t>(is_rest ? 1 : now / granule), nullptr);
    for (std::size_t k = 0; k < job.writes.size(); ++k) {
      const auto* from = static_cast<const std::byte*>(own.data[job.reads.size() + k]);
      if (from == worker.packed(job.reads.size() + k))
        unpack(from, written(k).type, written(k).array, at, now);
    }
    at += now;
  }
}

}  // namespace

void map(const Map& job) {
  const auto aligned = job.streaming != nullptr ? until_aligned(job) : std::nullopt;
  const std::uint64_t before = std::min(aligned.value_or(0), job.count);
  map_stretch(job, *job.code->load(), 0, before);
  constexpr std::uint64_t kTogether = 8 * kCall;
  const std::uint64_t left = job.count - before;
  in_parallel((left + kTogether - 1) / kTogether, left, job.threads, [&](std::uint64_t run) {
    const std::uint64_t first = before + run * kTogether;
    const std::uint64_t count = std::min(kTogether, job.count - first);
    std::uint64_t streamed = 0;  // whole vectors
    if (aligned) streamed = count / job.streaming->data_lanes() * job.streaming->data_lanes();
    if (streamed > 0) map_stretch(job, *job.streaming, first, streamed);
    map_stretch(job, *job.code->load(), first + streamed, count - streamed);
  });
}

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
  const std::uintptr_t shift = apart == 0 ? 0 : (to_begin - from_begin) % apart;
  return shift < bytes_of(from.type) || shift + bytes_of(to.type) > apart;
}

}  // namespace mc::runtime
