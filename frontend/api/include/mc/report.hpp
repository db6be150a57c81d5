/// \file
/// What a run gives: estimates with their errors, and all else that it tells. Part of <mc/mc.hpp>.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mc/options.hpp>

namespace mc {

/// An interval that covers the value with the stated probability.
struct Interval {
  double lower = 0;  ///< may be infinite
  double upper = 0;  ///< may be infinite
};

/// In what an interval is symmetric.
enum class Scale {
  plain,      ///< the value
  logarithm,  ///< its logarithm: Var, Std
  fisher      ///< its atanh: Corr
};

/// An estimated value with its error.
struct MC_API Estimate {
  double value = 0;             ///< NaN where nothing can be said
  double standard_error = 0;    ///< of `value`; infinite for a single sample or none
  double variance = 0;          ///< of `value`: standard_error squared
  std::uint64_t samples = 0;    ///< samples that count: finite and, under a condition, fulfilling it
  std::uint64_t nonfinite = 0;  ///< samples whose value was not finite
  bool is_probability = false;  ///< P[…]: the interval is Wilson's, or the rule of three's
  Scale scale = Scale::plain;   ///< of the interval, of what is no probability
  std::vector<std::string> warnings = {};  ///< why the error bar is not to be trusted; empty when it is

  /// Confidence interval: normal quantile, Student's below 1000 samples, on the scale. `level` in (0, 1),
  /// else ArgumentError.
  [[nodiscard]] Interval interval(double level = 0.95) const;
};

/// Value and error as physicists write them, with so many digits of the error, 1 to 17, else ArgumentError:
/// 3.33312(94).
[[nodiscard]] MC_API std::string to_string(const Estimate& estimate, int digits = 2);
/// to_string().
MC_API std::ostream& operator<<(std::ostream& out, const Estimate& estimate);

/// Where a run stands; see Options::progress. Good until the callback returns: it cannot be copied.
struct Progress {
  /// An estimate for each query, of the samples done until shortly before; its warnings are left out. Costs a
  /// merge of records when it is called, some microseconds for most programs, and never changes the run's
  /// result.
  class MC_API Estimates {
   public:
    Estimates() = default;  ///< of no query
    /// What `make` makes; for progress that does not come from a run.
    template <std::invocable Make>
    Estimates(Make make) : make_(std::move(make)) {}
    Estimates(const Estimates&) = delete;             ///< they are the run's
    Estimates& operator=(const Estimates&) = delete;  ///< they are the run's
    /// Makes them. In the thread of the callback.
    [[nodiscard]] std::vector<Estimate> operator()() const;

   private:
    std::function<std::vector<Estimate>()> make_;
  };

  std::uint64_t samples_done = 0;  ///< so far
  std::uint64_t samples = 0;       ///< that the run takes, at most
  /// Samples after which the run is likely to end: `samples`, or what the error so far says of the target
  /// that is set; 0 while that is not known.
  std::uint64_t expected = 0;
  double seconds = 0;        ///< since the run began
  Estimates estimates = {};  ///< estimates() makes them
};

/// A stretch of time on a thread: a stage of a compile, or tiles of a run.
struct Stretch {
  std::string_view name;  ///< of a stage or a back end, e.g. "codegen"; lives as long as the process
  std::chrono::steady_clock::time_point begin = {};  ///< when
  std::chrono::steady_clock::duration length = {};   ///< how long
  std::uint64_t thread = 0;                          ///< the operating system's number of it
  std::uint64_t tiles = 0;                           ///< that a run's stretch computed
};

/// What took how long. In a Report, what the signature took counts in each call; compile_ms does in those
/// only that found no machine code when they began.
struct Timing {
  double parse_ms = 0;         ///< text to checked program
  double lower_ms = 0;         ///< to a kernel
  double compile_ms = 0;       ///< the back end's own time, behind the interpreter or not
  double run_ms = 0;           ///< the samples
  double total_ms = 0;         ///< the call itself
  std::string cache = "miss";  ///< miss, memory or disk: where the compiled kernel came from
  /// Each stage by itself, as far as it is over: parse, check, lower, simplify, contract, expand, bounds,
  /// assemble (the interpreter's), requirements (what arguments have to be), load, start, emit, codegen, link
  /// (LLVM's; or disk, link). In the order in which they began, but for those on other threads.
  std::vector<Stretch> stages = {};
};

/// How many tiles each back end computed: tiles[Backend::llvm]. A tile is 8192 samples, a run's last one may
/// be less. Backend::automatic computes none: others do.
class Tiles {
 public:
  static constexpr std::size_t kBackEnds = 4;  ///< as many as backends() has
  /// `by` is an enumerator: others are out of range, and not looked at.
  std::uint64_t operator[](Backend by) const noexcept { return counts_[static_cast<std::size_t>(by)]; }
  std::uint64_t& operator[](Backend by) noexcept {
    return counts_[static_cast<std::size_t>(by)];
  }  ///< to count
  /// By all of them together.
  std::uint64_t total() const noexcept {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts_) all += count;
    return all;
  }

 private:
  std::array<std::uint64_t, kBackEnds> counts_{};
};

/// Everything a run tells.
struct Report {
  /// A query's.
  struct Result {
    std::string query;  ///< as canonical text: E[sum(x_i^2)]
    Estimate estimate;  ///< of it
  };
  /// ∫ g of a density(g, …), which should be 1, or of an unnormalized(g, …).
  struct Integral {
    std::string variable;    ///< empty for a density that stands beside a moment
    bool normalized = true;  ///< it is claimed to be 1
    Estimate estimate;       ///< of the integral

    /// Whether a reader is to see it beside the results: it is not claimed to be 1, or its error is not to be
    /// trusted. (What its samples lack that are not finite, the results say.)
    bool is_worth_a_line() const noexcept {
      return !normalized || (!estimate.warnings.empty() && estimate.nonfinite == 0);
    }
  };
  std::vector<Result> results;      ///< in the program's order
  std::vector<Integral> integrals;  ///< in the program's order
  /// About the run as a whole, e.g. a density that does not integrate to 1; those about one value are with
  /// its Estimate, and all_warnings() gives both.
  std::vector<std::string> warnings;
  std::uint64_t samples = 0;  ///< that were taken, by this run and those that it went on with
  std::uint64_t seed = 0;     ///< Options::seed
  std::uint64_t planned = 0;  ///< the most samples that the run, or its part, could take
  std::uint64_t reused = 0;   ///< samples that Options::from had
  Partial partial;       ///< all whole tiles of this run and of Options::from, for another run to go on with
  unsigned threads = 0;  ///< that the run could use
  Tiles tiles;           ///< that this run computed, or all parts that were merged
  std::string device;    ///< the GPU's name, where one was used
  /// When each thread computed how many tiles by which back end, whose name of backends() is a stretch's
  /// name.
  std::vector<Stretch> stretches;
  bool stopped = false;    ///< ended early by Options::stop
  bool reached = false;    ///< the target that the options set; never where a value is NaN
  bool compiling = false;  ///< machine code is still being made behind, for later calls
  Timing timing;           ///< what took how long

  /// Every reason why a value or an error is not to be trusted: about the run as a whole, and about each
  /// value, with its query before it where there are several: "Var[x]: 3 of 100 samples are not finite".
  [[nodiscard]] MC_API std::vector<std::string> all_warnings() const;
};

/// A line for each query, with so many digits of the error: "E[x] = 0.50012(29)", and no end behind the last.
/// Throws ArgumentError where digits are not 1 to 17.
[[nodiscard]] MC_API std::string to_string(const Report& report, int digits = 2);
/// to_string().
MC_API std::ostream& operator<<(std::ostream& out, const Report& report);

/// The report of one run of all samples, bit for bit, from the partials of all its parts, in any order;
/// neither the program nor its data is needed. Threads and tiles are those of all parts together, the timing
/// that of the part that took longest. Throws ArgumentError where a part is missing, given twice or was
/// stopped, and where parts are of different runs or parted differently.
[[nodiscard]] MC_API Report merge(std::span<const Partial> parts);

/// Where samples go. Borrowed.
struct Samples {
  std::span<double> values;  ///< of E[f], Var[f] or Std[f]: f; of P[c]: 1 or 0
  /// The same number of weights: how much each sample counts. Under a condition 1 or 0, by a density its
  /// weight, else 1.
  std::span<double> weights = {};
};

}  // namespace mc
