// Moment: E[f(X)] = ∫ f(x) g(x) dx by Monte Carlo, from strings, at the speed of compiled kernels.
//
//   auto f = mc::compile("sum(x_i^2)");
//   mc::Estimate e = f.estimate(mc::box(10, 0.0, 1.0), {.samples = 1'000'000});
//   std::cout << e;                                      // 3.33312(92)
//
// The library prints nothing and never ends the process. Everything here may be called from many threads at
// once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <version>
#if defined(__cpp_lib_expected)
#include <expected>
#endif

#include <mc/data.hpp>

namespace mc {

// ---------------------------------------------------------------- errors

/// What an error is about: each kind has an exception of its own.
enum class ErrorKind { syntax, name, shape, argument, device };

/// One thing wrong with a program or a call, and where.
struct Diagnostic {
  ErrorKind kind = ErrorKind::argument;
  std::string message;    ///< what is wrong
  std::string hint;       ///< what to do; may be empty
  std::size_t begin = 0;  ///< bytes of the text it is about
  std::size_t end = 0;
  std::string rendered;  ///< all of it with the line and a caret, several lines
};

/// What compile() and estimate() throw, as the class below that its kind names; what() is every diagnostic
/// rendered. try_compile() gives it as a value.
class MC_API Error : public std::runtime_error {
 public:
  explicit Error(std::vector<Diagnostic> diagnostics);
  const std::vector<Diagnostic>& diagnostics() const noexcept { return *diagnostics_; }
  ErrorKind kind() const noexcept { return diagnostics_->front().kind; }

 private:
  std::shared_ptr<const std::vector<Diagnostic>> diagnostics_;
};

class MC_API SyntaxError : public Error {
  using Error::Error;
};  ///< the text is not a program
class MC_API NameError : public Error {
  using Error::Error;
};  ///< a name means nothing here
class MC_API ShapeError : public Error {
  using Error::Error;
};  ///< sizes, indices or ranks do not fit
class MC_API ArgumentError : public Error {
  using Error::Error;
};  ///< a value or an option is out of its range
class MC_API DeviceError : public Error {
  using Error::Error;
};  ///< the asked-for back end or device is not there

// ---------------------------------------------------------------- what a call is given

/// The region a bare expression's variable is uniform on: dim() intervals (lo, hi).
class MC_API Box {
 public:
  /// Throws ArgumentError unless every lo < hi, both finite, and there is at least one coordinate.
  Box(std::vector<double> lo, std::vector<double> hi);
  /// The same interval for all of `dim` coordinates.
  Box(std::int64_t dim, double lo, double hi);

  std::size_t dim() const noexcept { return dim_; }
  bool is_cube() const noexcept { return lo_.size() == 1; }    ///< one interval for all coordinates
  std::span<const double> lo() const noexcept { return lo_; }  ///< dim() bounds, or one for a cube
  std::span<const double> hi() const noexcept { return hi_; }

 private:
  std::size_t dim_;
  std::vector<double> lo_, hi_;
};

MC_API Box box(std::int64_t dim, double lo, double hi);
MC_API Box box(std::vector<double> lo, std::vector<double> hi);

/// A parameter's value: a number, a vector or a matrix (row by row). Its shape is part of a call's signature,
/// its numbers are not: new numbers never recompile. Of what data(A) or rows(A) takes, the number of rows is
/// none either.
class Parameter {
 public:
  Parameter(double value) : values_{value} {}
  Parameter(int value) : Parameter(static_cast<double>(value)) {}
  Parameter(std::vector<double> values) : rank_(1), rows_(values.size()), values_(std::move(values)) {}
  Parameter(std::initializer_list<double> values) : Parameter(std::vector<double>(values)) {}
  Parameter(std::initializer_list<std::initializer_list<double>> rows);
  /// A matrix whose rows stand one after another; std::invalid_argument unless rows*columns values are given.
  Parameter(std::size_t rows, std::size_t columns, std::vector<double> values);

  /// A vector of numbers that lie elsewhere, of any type and stride: they are not copied, and have to be
  /// there, unchanged, while a call uses the parameter or a copy of it; `owner`, if given, is kept as long as
  /// they are. std::invalid_argument for what is a number. data(A) and rows(A) read them where they are; used
  /// otherwise, those that are not doubles side by side are copied in each call.
  static Parameter view(const Input& numbers, std::shared_ptr<const void> owner = {});
  /// A matrix with rows of `columns` numbers one after another. std::invalid_argument where a last row is not
  /// whole, or the numbers do not lie side by side.
  static Parameter view(const Input& numbers, std::size_t columns, std::shared_ptr<const void> owner = {});

  unsigned rank() const noexcept { return rank_; }
  std::size_t rows() const noexcept { return rows_; }
  std::size_t columns() const noexcept { return columns_; }
  /// Row by row; empty where they are not doubles that lie side by side, at addresses for doubles: see
  /// numbers().
  std::span<const double> values() const noexcept;
  /// Where its numbers lie, of what type; good while this is.
  Input numbers() const noexcept { return view_.is_array() ? view_ : Input(values_); }

 private:
  unsigned rank_ = 0;
  std::size_t rows_ = 1, columns_ = 1;
  std::vector<double> values_;
  Input view_ = 0.0;  ///< a number: there is none
  std::shared_ptr<const void> owner_;
};

inline Parameter Parameter::view(const Input& numbers, std::shared_ptr<const void> owner) {
  if (!numbers.is_array()) throw std::invalid_argument("mc::Parameter::view: a number is no array");
  Parameter viewed(0);
  viewed.rank_ = 1;
  viewed.rows_ = numbers.size();
  viewed.view_ = numbers;
  viewed.owner_ = std::move(owner);
  return viewed;
}

inline Parameter Parameter::view(const Input& numbers, std::size_t columns,
                                 std::shared_ptr<const void> owner) {
  Parameter viewed = view(numbers, std::move(owner));
  if (columns == 0 || numbers.size() % columns != 0)
    throw std::invalid_argument("mc::Parameter::view: a matrix needs whole rows");
  if (numbers.stride() != static_cast<std::ptrdiff_t>(bytes_of(numbers.type())))
    throw std::invalid_argument("mc::Parameter::view: a matrix needs numbers side by side");
  viewed.rank_ = 2;
  viewed.rows_ = numbers.size() / columns;
  viewed.columns_ = columns;
  return viewed;
}

inline std::span<const double> Parameter::values() const noexcept {
  if (!view_.is_array()) return values_;
  if (view_.type() != Number::f64 || view_.stride() != sizeof(double)) return {};
  // A file's header may have any length.
  if (reinterpret_cast<std::uintptr_t>(view_.data()) % alignof(double) != 0) return {};
  return {static_cast<const double*>(view_.data()), view_.size()};
}

inline Parameter::Parameter(std::initializer_list<std::initializer_list<double>> rows)
    : rank_(2), rows_(rows.size()) {
  columns_ = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns_)
      throw std::invalid_argument("mc::Parameter: the rows of a matrix differ in length");
    values_.insert(values_.end(), row.begin(), row.end());
  }
}

inline Parameter::Parameter(std::size_t rows, std::size_t columns, std::vector<double> values)
    : rank_(2), rows_(rows), columns_(columns), values_(std::move(values)) {
  const bool fits = rows == 0 || columns == 0
                        ? values_.empty()
                        : values_.size() / rows == columns && values_.size() % rows == 0;
  if (!fits) throw std::invalid_argument("mc::Parameter: a matrix needs rows times columns values");
}

/// The array of a file: a .npy, of which nothing is copied (its memory is a map of the file, which must not
/// be cut short meanwhile; files larger than memory will do), or numbers in columns of text (CSV), one row a
/// line. `columns` chooses some of them by number from 1, or by the names in a text's first line, with commas
/// between: "price,volume"; of a .npy one. One column makes a vector. Throws ArgumentError, and SyntaxError
/// for a place in a text. docs/data.md.
MC_API Parameter read_array(const std::string& path, std::string_view columns = {});

using Parameters = std::vector<std::pair<std::string, Parameter>>;

enum class Backend : int { automatic, interpreter, llvm, cuda };
enum class Precision { f64, f32 };
enum class Generator { xoshiro256pp, philox4x32 };
enum class Nonfinite {
  nan,
  drop
};  ///< a sample that is not finite makes the value NaN, or is left out; always counted

struct Estimate;

/// Where a run stands; see Options::progress. Good until the callback returns.
struct Progress {
  std::uint64_t samples_done = 0, samples = 0;
  /// Samples after which the run is likely to end: `samples`, or what the error so far says of the target
  /// that is set; 0 while that is not known.
  std::uint64_t expected = 0;
  double seconds = 0;  ///< since the run began
  /// An estimate for each query, of the samples done until shortly before; its warnings are left out. Costs a
  /// merge of records when it is called, some microseconds for most programs, and never changes the run's
  /// result.
  std::function<std::vector<Estimate>()> estimates = {};
};

struct Options {
  /// At least 1; the most, where a target is set. A program with x ~ rows(A) takes as many as A has rows.
  std::uint64_t samples = 1'000'000;
  /// The run ends once the standard error of every query is at most target_error, and at most
  /// target_relative times its value; 0: no such target. After how many samples does not depend on threads or
  /// timing. Where `samples` end first, a warning says so.
  double target_error = 0, target_relative = 0;
  std::uint64_t seed = 1;
  Parameters parameters = {};
  Backend backend = Backend::automatic;
  unsigned threads = 0;  ///< 0: all cores. The result does not depend on it
  Generator generator = Generator::xoshiro256pp;
  Precision precision = Precision::f64;
  Nonfinite nonfinite = Nonfinite::nan;
  /// Ends a run within milliseconds; it then returns the valid estimate of what was done. If that is not one
  /// sample, the value is NaN with an infinite error and a warning.
  std::stop_token stop = {};
  /// Called in the calling thread between two tiles, up to ten times a second, and at the end. It gets a
  /// fiftieth of that thread's time at most.
  std::function<void(const Progress&)> progress = {};
};

// ---------------------------------------------------------------- what a call gives

/// An interval that covers the value with the stated probability.
struct Interval {
  double lower = 0, upper = 0;
};

/// In what an interval is symmetric: the value, its logarithm (Var, Std), atanh (Corr).
enum class Scale { plain, logarithm, fisher };

/// An estimated value with its error.
struct MC_API Estimate {
  double value = 0;
  double standard_error = 0;    ///< of `value`; infinite for a single sample or none
  double variance = 0;          ///< of `value`: standard_error squared
  std::uint64_t samples = 0;    ///< samples that count: finite and, under a condition, fulfilling it
  std::uint64_t nonfinite = 0;  ///< samples whose value was not finite
  bool is_probability = false;  ///< P[…]: the interval is Wilson's, or the rule of three's
  Scale scale = Scale::plain;   ///< of the interval, of what is no probability
  std::vector<std::string> warnings = {};  ///< why the error bar is not to be trusted; empty when it is

  /// Confidence interval: normal quantile, Student's below 1000 samples, on the scale. `level` in (0, 1),
  /// else ArgumentError.
  Interval interval(double level = 0.95) const;
};

/// Value and error as physicists write them: 3.33312(92).
MC_API std::string to_string(const Estimate& estimate);
MC_API std::ostream& operator<<(std::ostream& out, const Estimate& estimate);

/// A stretch of time on a thread: a stage of a compile, or tiles of a run.
struct Stretch {
  std::string_view name;  ///< of a stage or a back end, e.g. "codegen"; lives as long as the process
  std::chrono::steady_clock::time_point begin = {};
  std::chrono::steady_clock::duration length = {};
  std::uint64_t thread = 0;  ///< the operating system's number of it
  std::uint64_t tiles = 0;   ///< that a run's stretch computed
};

/// What took how long. In a Report, what the signature took counts in each call; compile_ms does in those
/// only that found no machine code when they began.
struct Timing {
  double parse_ms = 0, lower_ms = 0, compile_ms = 0, run_ms = 0, total_ms = 0;
  std::string cache = "miss";  ///< miss, memory or disk: where the compiled kernel came from
  /// Each stage by itself, as far as it is over: parse, check, lower, simplify, contract, expand, bounds,
  /// assemble (the interpreter's), start, emit, codegen, link (LLVM's). In the order in which they began, but
  /// for those on other threads.
  std::vector<Stretch> stages = {};
};

/// Everything a run tells.
struct Report {
  struct Result {
    std::string query;  ///< as canonical text: E[sum(x_i^2)]
    Estimate estimate;
  };
  /// ∫ g of a density(g, …), which should be 1, or of an unnormalized(g, …).
  struct Integral {
    std::string variable;  ///< empty for a density that stands beside a moment
    bool normalized;       ///< it is claimed to be 1
    Estimate estimate;
  };
  std::vector<Result> results;
  std::vector<Integral> integrals;
  std::vector<std::string>
      warnings;  ///< about the run as a whole, e.g. a density that does not integrate to 1
  std::uint64_t samples = 0, seed = 0;
  std::uint64_t asked = 0;  ///< samples that the run would have taken, had nothing stopped it
  unsigned threads = 0;
  std::uint64_t tiles_interpreter = 0, tiles_llvm = 0, tiles_cuda = 0;
  std::string device;  ///< the GPU's name, where one was used
  std::vector<Stretch>
      tiles;  ///< which thread computed tiles by which back end when: "interpreter", "llvm", "cuda"
  bool stopped = false;    ///< ended early by Options::stop
  bool reached = false;    ///< the target that the options set
  bool compiling = false;  ///< machine code is still being made behind, for later calls
  Timing timing;
};

/// What has been compiled for which types.
struct Signature {
  std::string text;       ///< e.g. "f64 xoshiro256++ box 10"
  Timing timing;          ///< of its making; run_ms and total_ms are 0
  bool compiled = false;  ///< machine code exists; otherwise interpreted so far
};

enum class Stage { ir, llvm, assembly, cuda, ptx };

// ---------------------------------------------------------------- moments

/// A checked program. Cheap to copy; copies share what has been compiled. Each signature is made once,
/// however many calls ask for it at the same time, and no call waits for another one's.
class MC_API Moment {
 public:
  /// The estimate of a program that has one query; ArgumentError where it has several (use run).
  Estimate estimate(const Options& options = {}) const;
  /// The same for a bare expression, whose variable is uniform on the box.
  Estimate estimate(const Box& box, const Options& options = {}) const;

  /// All queries from the same samples, with what the run cost.
  Report run(const Options& options = {}) const;
  Report run(const Box& box, const Options& options = {}) const;

  /// The bare expression's value at one point x (dim = x.size()), as a sample would have it: sums are left
  /// folds. Made anew for each call, and interpreted; for data give a name: moment({{"x", x}}), or bind().
  double operator()(std::span<const double> x, const Parameters& parameters = {}) const;

  /// Every bare expression of the program for every datum: result k of expression e goes to outputs[e]. A
  /// name stands for one number of its array, or for the same number throughout. An output may be one of the
  /// inputs. Throws ArgumentError where arrays differ in length, a name has no input, or an output overlaps
  /// an input otherwise.
  void map(const Output& output, std::initializer_list<NamedInput> inputs,
           const DataOptions& options = {}) const {
    map(std::span(&output, 1), std::span(inputs.begin(), inputs.size()), options);
  }
  void map(std::initializer_list<Output> outputs, std::initializer_list<NamedInput> inputs,
           const DataOptions& options = {}) const {
    map(std::span(outputs.begin(), outputs.size()), std::span(inputs.begin(), inputs.size()), options);
  }
  void map(std::span<const Output> outputs, std::span<const NamedInput> inputs,
           const DataOptions& options = {}) const;

  /// The program's only expression over whole arrays: sum(a_i*b_i), max(abs(x)), norm(x - mean(x)). All
  /// arrays have one length. In which order is added depends on that length alone (docs/contract.md).
  double operator()(std::initializer_list<NamedInput> inputs, const DataOptions& options = {}) const;
  /// All of its expressions, in one pass over the data where they allow it.
  std::vector<double> reduce(std::span<const NamedInput> inputs, const DataOptions& options = {}) const;
  std::vector<double> reduce(std::initializer_list<NamedInput> inputs,
                             const DataOptions& options = {}) const {
    return reduce(std::span(inputs.begin(), inputs.size()), options);
  }
  /// The reductions for arrays of these types, compiled now: for calls that have to be quick. `parameters`
  /// are bound for good.
  Reduction bind(std::initializer_list<NamedType> types, const Parameters& parameters = {}) const;

  /// What the program asks for, as canonical text: E[max(x)]; a bare expression as it stands: sum(x_i^2).
  std::vector<std::string> queries() const;
  /// Whether it has random variables of its own, x ~ …: then it is sampled, and not applied to data.
  bool has_variables() const;

  /// What has been made for which signatures, of the latest of them: a moment keeps some thousand.
  std::vector<Signature> signatures() const;

  /// A stage's text for the signature these arguments give; DeviceError for a stage this build does not have.
  std::string inspect(Stage stage, const Options& options = {}) const;
  std::string inspect(Stage stage, const Box& box, const Options& options = {}) const;

  const std::string& text() const noexcept;

 private:
  friend class Compiler;
  struct State;
  explicit Moment(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// How large a program may be, so that text from strangers is safe to compile; 0 stands for the default. What
/// each one bounds, and the defaults: docs/limits.md. An error names the limit that it is about.
struct MC_API Limits {
  std::size_t text_bytes = 0, depth = 0, tokens = 0, nodes = 0, errors = 0, expansion = 0, calls = 0,
              index_levels = 0, computed_elements = 0, dimensions = 0, stored = 0, rounds = 0, operations = 0;

  /// Sets the limit of this name. ArgumentError where there is none, or the value is more than it can be.
  void set(std::string_view name, std::size_t value);
};

/// Parses and checks a program or a bare expression; kernels are made when first needed. Throws Error.
MC_API Moment compile(std::string_view program, const Limits& limits = {});

/// A moment and a density over a box given at the call; the density may use `lo` and `hi`, the box's bounds.
MC_API Moment compile(std::string_view moment, std::string_view density, const Limits& limits = {});

#if defined(__cpp_lib_expected)
/// compile() with the error as a value; its kind() tells what the exception's class would.
MC_API std::expected<Moment, Error> try_compile(std::string_view program, const Limits& limits = {});
MC_API std::expected<Moment, Error> try_compile(std::string_view moment, std::string_view density,
                                                const Limits& limits = {});
#endif

// ---------------------------------------------------------------- machine code on disk

/// Machine code is kept on disk, for this user's other processes: in $MC_CACHE_DIR, else in the folder moment
/// of the XDG cache folder, at most 256 MiB; no result depends on it (docs/cache.md). From this call on it is
/// another folder, or none at all, for the whole process. A folder that cannot be used is as good as none.
MC_API void use_cache(const std::string& folder, std::uint64_t most_bytes = std::uint64_t{256} << 20);
MC_API void use_no_cache();

struct CacheState {
  std::string folder;   ///< empty: there is none
  std::string trouble;  ///< why nothing can be kept there; empty where it can, which was tried
  std::uint64_t kernels = 0, bytes = 0, most_bytes = 0;
  std::uint64_t unfinished = 0;  ///< files of processes that were killed while they wrote
};
MC_API CacheState cache_state();

/// A kernel on disk.
struct CacheEntry {
  std::string file;  ///< in the folder
  std::uint64_t bytes = 0;
  std::chrono::system_clock::time_point used = {};  ///< last
  bool usable = false;                              ///< by this version on this machine
  std::size_t operations = 0;                       ///< of the kernel; 0 where the file cannot be read
  unsigned vector_bits = 0;                         ///< 0 where it is a GPU's
  std::string processor;                            ///< or a GPU's architecture, as sm_90
};
/// The latest used comes first.
MC_API std::vector<CacheEntry> cache_entries();

/// Removes them all and nothing else; how many there were.
MC_API std::size_t clear_cache();

// ---------------------------------------------------------------- tools

/// From now on profilers and debuggers are shown what is compiled, by names like mc::E[sum(x_i^2)]#1f6ab0c2:
/// perf by /tmp/perf-PID.map, gdb by its JIT interface. Such code stays until the process ends. The
/// environment variable MC_DEBUG_JIT=1 does the same. Throws DeviceError where perf's map cannot be written.
/// docs/profiling.md.
MC_API void debug_jit();

MC_API std::string_view version() noexcept;

/// The version of the reproducibility contract (docs/contract.md): results with equal versions are equal bit
/// for bit.
inline constexpr int kContract = 1;

}  // namespace mc
