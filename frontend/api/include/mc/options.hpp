/// \file
/// What a run is given: how many samples, from where, computed how. Part of <mc/mc.hpp>.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <mc/data.hpp>
#include <mc/errors.hpp>
#include <mc/parameters.hpp>

namespace mc {

/// In what a run computes: its draws and what depends on them. Sums are always of doubles.
enum class Precision {
  f64,  ///< double
  f32   ///< float: up to twice as fast (docs/precision.md)
};

/// Where random numbers come from.
enum class Generator {
  xoshiro256pp,  ///< xoshiro256++, the faster one
  philox4x32     ///< Philox4x32-10, a counter's
};

/// The generators there are, in their enumeration's order, by the names that flags and reports have for them:
/// "xoshiro256++". What it gives lives for ever.
MC_API std::span<const std::pair<std::string_view, Generator>> generators() noexcept;

/// What a sample does that is not finite; it is always counted.
enum class Nonfinite {
  nan,  ///< it makes the value NaN
  drop  ///< it is left out
};

struct Progress;

/// Part `number` of `of` parts of a run's samples: a contiguous range of tiles. Sizes differ by one tile at
/// most, and depend only on these two numbers and on the number of samples.
struct Part {
  std::uint32_t number = 1;  ///< which, counted from 1
  std::uint32_t of = 1;      ///< how many there are
  /// Whether they are the same one.
  bool operator==(const Part&) const = default;
};

/// \cond
struct Report;
struct Origin;
/// \endcond

/// What runs of a program have computed: whole tiles of 8192 samples, with what was seen of them. A run that
/// was stopped may have left some out among them. Cheap to copy, and never changed; one of no run is empty.
class MC_API Partial {
 public:
  bool empty() const noexcept;             ///< it is of no run: its other functions then tell defaults
  std::uint64_t samples() const noexcept;  ///< in its whole tiles, with which another run can go on
  Part part() const noexcept;              ///< of the run that it is of
  std::uint64_t seed() const noexcept;     ///< of the run that it is of

  /// The text of the program that it is of; lives as long as this or a copy of it.
  const std::string& program() const noexcept MC_LIFETIMEBOUND;
  /// As program(); empty where there is none beside a moment.
  const std::string& density() const noexcept MC_LIFETIMEBOUND;
  Generator generator() const noexcept;  ///< of the run that it is of
  Precision precision() const noexcept;  ///< of the run that it is of

  /// All of it as one line of JSON, every bit of every number: for another process or another day. Takes
  /// microseconds, and some kilobytes a query, however many samples. Throws ArgumentError for an empty one.
  /// docs/parts.md.
  [[nodiscard]] std::string to_text() const;
  /// What to_text() gave, on any machine. Throws ArgumentError for what it did not: cut short, changed, of
  /// another version of Moment. `name` is what errors call it, here and in merge(): a file's perhaps.
  [[nodiscard]] static Partial from_text(std::string_view text, std::string_view name = {});

  /// \cond
  struct Content;
  /// \endcond

 private:
  friend class Instance;
  friend class Moment;
  friend Report merge(std::span<const Partial> parts);
  const Origin& origin() const noexcept;
  std::shared_ptr<Content> content_;
};

/// How a run is done. A call reads it until it returns and keeps nothing of it; a program may keep one and
/// use it again and again, from many threads, while nobody changes it.
struct Options {
  /// How many samples, from 1 to 2^63 - 1; the most, where a target is set. Where it is left out: 1 000 000,
  /// or with a target 10 000 000 000 at most; see budget(). A program with x ~ rows(A) takes as many as A has
  /// rows.
  std::optional<std::uint64_t> samples = {};
  /// The run ends once the standard error of every query is at most target_error, and at most
  /// target_relative times its value; 0: no such target. After how many samples does not depend on threads or
  /// timing. Where `samples` end first, a warning says so.
  double target_error = 0;
  double target_relative = 0;  ///< see target_error
  /// Any number. Runs with the same seed draw the same numbers, so their errors are not independent: give
  /// each independent run another seed. To divide one run among processes use `part`.
  std::uint64_t seed = 1;
  Parameters parameters = {};            ///< values of the program's free names
  std::optional<Box> box = {};           ///< of a bare expression; calls that are given one want none here
  Backend backend = Backend::automatic;  ///< who computes; the result does not depend on it
  unsigned threads = 0;                  ///< 0: all cores; at most 1024 are used; the result is the same
  Generator generator = Generator::xoshiro256pp;  ///< where random numbers come from
  Precision precision = Precision::f64;           ///< in what is computed
  Nonfinite nonfinite = Nonfinite::nan;           ///< what a sample does that is not finite
  /// What earlier runs of this program have done with the same parameters, seed, generator and precision: a
  /// Report::partial. It is not computed again, and changes no bit of the result, whether that is of more
  /// samples or of fewer. ArgumentError where it is of something else.
  Partial from = {};
  /// Only this part of the samples is taken, and the report is of it: for a process of its own, or a machine.
  /// merge() makes the report of one run of all the parts. ArgumentError where there is no such part, and
  /// where a target is set.
  Part part = {};
  /// Ends a run within milliseconds; it then returns the valid estimate of what was done. If that is not one
  /// sample, the value is NaN with an infinite error and a warning.
  std::stop_token stop = {};
  /// Called in the calling thread between two tiles, up to ten times a second, and at the end. A slow one is
  /// called less often, so that it takes at most 2 % of that thread's time. What it throws ends the run, and
  /// goes through to the caller.
  std::function<void(const Progress&)> progress = {};

  /// Whether target_error or target_relative is set.
  bool has_target() const noexcept { return target_error > 0 || target_relative > 0; }
  /// `samples`, or the number that stands for it where it is left out.
  MC_API std::uint64_t budget() const noexcept;
};

}  // namespace mc
