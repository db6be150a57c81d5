// A run: all tiles of a job over threads, folded into one record. The record's bits depend on the job's
// kernel, arguments and number of samples only (docs/contract.md): not on threads, on how tiles are handed
// out, or on timing.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/kernels/device.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/statistics.hpp"
#include "engine/stages.hpp"
#include "runtime/schedule/forest.hpp"

namespace mc::runtime {

/// What runs of a job have done: for another run of the same kernel with the same arguments, of however many
/// samples, to go on with. It changes no bit of what that comes to.
struct Done {
  Forest tiles;  ///< whole ones; which these are may depend on timing, where a run was stopped

  /// What a goal was shown: the record of the first so many samples, which whole trees do not tell.
  struct Look {
    std::uint64_t samples;
    std::vector<double> record;
  };
  std::vector<Look> looks;

  /// Adds what `other` has of these tiles; the forests' layouts are equal.
  void adopt(const Done& other, Missing::Stretch within = {});
  const Look* look(std::uint64_t samples) const;  ///< null: there is none
};

/// What a job's progress callback hears; good until that returns.
struct Standing {
  std::uint64_t samples;  ///< done
  std::chrono::nanoseconds elapsed;
  /// The record of the tiles handed in so far. They are merged when this is called, and the run's own record
  /// is not touched.
  std::function<const double*()> record;
};

struct Job {
  const kernels::Layout* layout = nullptr;

  /// Computes the tiles. An Executable may be replaced by a faster one of the same kernel while the job runs:
  /// put it into `tier`, which is then looked at before every tile instead of `fast`. Both have to outlive
  /// the run.
  const kernels::Executable* fast = nullptr;
  const std::atomic<const kernels::Executable*>* tier = nullptr;

  /// Compute tiles too, batch by batch, from when they are there (null: not yet): each is driven by one of
  /// the threads, where there is enough left for it. Without `fast` and `tier` they do all of it, and have to
  /// be there. Where a device fails, the others do its tiles, and it gets no more: Outcome::failed; where it
  /// was the last, the run is stopped, or throws what that threw if nothing is done. One that is slower than
  /// a thread of the CPU is left to itself. To be changed once.
  const std::atomic<const kernels::Devices*>* devices = nullptr;

  /// Gives the screened kernel's Executable, for tiles with values that are not finite. Called when first
  /// needed, at most once a run. Without it such a tile makes the result NaN.
  std::function<const kernels::Executable&()> screened{};

  /// The same for many such tiles on the device of that number among `devices`; null: there is none (yet).
  std::function<const kernels::Device*(std::size_t device)> screened_there{};

  kernels::Arguments arguments{};  ///< `tile` is filled in
  std::uint64_t samples = 0;       ///< 1 .. 2^63
  const Done* done = nullptr;      ///< need not be computed

  /// Only these of the tiles are done, as far as there are that many: others do the rest. Without a goal.
  Missing::Stretch part{};
  std::uint64_t samples_of_part() const;

  /// For runs that end when they know enough. Asked in the calling thread how many samples to go on to, given
  /// the record of the first `done` samples, which are the only ones done: at first with no record and 0.
  /// Whole tiles of them are done, `samples` at most; an answer of no more than `done` ends the run. It must
  /// depend on nothing else, so that how many samples a run takes does not depend on threads or timing.
  std::function<std::uint64_t(const double* record, std::uint64_t done)> goal{};
  unsigned threads = 1;  ///< the calling one among them; 0: as many as the machine runs at once

  /// Hears in the calling thread, after each tile that this computed, how many samples this run has done and
  /// how long that took, until it answers false: what `tier` holds may be decided by it.
  std::function<bool(std::uint64_t done, std::chrono::nanoseconds elapsed)> watch{};

  /// Ends the run within milliseconds. Tiles under way are given up, unless they are as good as done; those
  /// done are kept.
  std::stop_token stop{};
  /// Hears in the calling thread where the run stands, some ten times a second (less often where the callback
  /// itself takes long: it gets a fiftieth of the time at most) and once at the end.
  std::function<void(const Standing&)> progress{};

  /// Hears in any thread that a tile is done: what it read may be given back.
  std::function<void(std::uint64_t tile)> passed{};

  bool timed = false;  ///< Outcome::stretches are wanted: two looks at a clock for each thread and tier

  unsigned chunk_level = kChosen;  ///< tiles are handed out 2^chunk_level at a time; to be set by tests only
  static constexpr unsigned kChosen = ~0u;
};

struct Outcome {
  struct Tiles {
    const kernels::Executable* executable;  ///< null: a device
    std::uint64_t tiles;
  };
  std::vector<double> record;  ///< of all tiles done; an empty one if there are none
  std::uint64_t samples = 0;   ///< done
  std::uint64_t reused = 0;    ///< of these, that Job::done had
  Done done;                   ///< all whole tiles, for the next run; Job::done's others are not among them
  std::vector<double> rest;  ///< the last tile's record, if that is not a whole one; empty if it is not done
  std::vector<Tiles> executables;   ///< how many tiles' records each computed
  std::uint64_t devices = 0;        ///< that computed some
  std::vector<std::size_t> failed;  ///< devices, by their numbers
  bool has_slow_devices = false;    ///< slower than a thread of the CPU, and left
  std::string failure;              ///< of the first of them, in its own words

  /// Tiles that a thread computed one after another by the same executable. (One that the screened kernel
  /// then computed again counts as the first one's.)
  struct Stretch {
    const kernels::Executable* executable = nullptr;
    std::uint64_t tiles = 0;
    StageClock::time_point begin{}, end{};
    std::uint64_t thread = 0;
  };
  std::vector<Stretch> stretches;  ///< of a timed job
  bool stopped = false;  ///< before its goal; `record` then holds the tiles done, whichever these were
};

/// Runs the job. A job of one tile, or on one thread, stays in the calling thread; a job of few, short tiles
/// too. Safe from any number of threads, and from within a job's callbacks. Throws std::invalid_argument for
/// a job without samples, layout or executable, and what `screened`, `progress` or a device threw.
Outcome run(const Job& job);

/// The same into an outcome used before, so that nothing is allocated once thread and outcome are warm.
void run(const Job& job, Outcome& outcome);

}  // namespace mc::runtime
