/// \file
/// Moment: E[f(X)] = ∫ f(x) g(x) dx by Monte Carlo, from strings, at the speed of compiled kernels.
///
///     auto f = mc::compile("sum(x_i^2)");
///     mc::Estimate e = f.estimate(mc::box(10, 0.0, 1.0), {.samples = 1'000'000});
///     std::cout << e;                                      // 3.33312(92)
///
/// The library prints nothing and never ends the process. Functions, and const calls of one object, may come
/// from many threads at once; what somebody changes he has to have alone, as with a std::vector: Options,
/// Limits, a Parameter, a DeviceArray. Where nothing else is said, what is given is copied or used until the
/// call returns, what is returned owns all that it holds, and what is thrown is an Error, or std::bad_alloc.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <mc/version.h>
#include <mc/cache.hpp>
#include <mc/data.hpp>
#include <mc/errors.hpp>
#include <mc/parameters.hpp>

namespace mc {

// ---------------------------------------------------------------- what a call is given

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

/// One of `of` parts of a run's samples: whole tiles, side by side, as many as in any other part or one more.
/// Which ones depends on these two numbers and on the number of samples alone.
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
  std::uint64_t samples() const noexcept;  ///< in its whole tiles, with which another run can go on
  Part part() const noexcept;              ///< of the run that it is of

  /// The text of the program that it is of; lives as long as this or a copy of it.
  const std::string& program() const noexcept;
  /// As program(); empty where there is none beside a moment.
  const std::string& density() const noexcept;
  Generator generator() const noexcept;  ///< of the run that it is of
  Precision precision() const noexcept;  ///< of the run that it is of

  /// All of it as one line of JSON, every bit of every number: for another process or another day. Some
  /// kilobytes a query, however many samples. Throws ArgumentError for an empty one. docs/parts.md.
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
  /// At least 1; the most, where a target is set. A program with x ~ rows(A) takes as many as A has rows.
  std::uint64_t samples = 1'000'000;
  /// The run ends once the standard error of every query is at most target_error, and at most
  /// target_relative times its value; 0: no such target. After how many samples does not depend on threads or
  /// timing. Where `samples` end first, a warning says so.
  double target_error = 0;
  double target_relative = 0;            ///< see target_error
  std::uint64_t seed = 1;                ///< any number; another one gives other samples
  Parameters parameters = {};            ///< values of the program's free names
  std::optional<Box> box = {};           ///< of a bare expression; calls that are given one want none here
  Backend backend = Backend::automatic;  ///< who computes; the result does not depend on it
  unsigned threads = 0;                  ///< 0: all cores; the result does not depend on it
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
  /// Called in the calling thread between two tiles, up to ten times a second, and at the end. It gets a
  /// fiftieth of that thread's time at most. What it throws ends the run, and goes through to the caller.
  std::function<void(const Progress&)> progress = {};
};

// ---------------------------------------------------------------- what a call gives

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
/// 3.33312(92).
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
  double total_ms = 0;         ///< the whole call
  std::string cache = "miss";  ///< miss, memory or disk: where the compiled kernel came from
  /// Each stage by itself, as far as it is over: parse, check, lower, simplify, contract, expand, bounds,
  /// assemble (the interpreter's), load, start, emit, codegen, link (LLVM's; or disk, link). In the order in
  /// which they began, but for those on other threads.
  std::vector<Stretch> stages = {};
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
    std::string variable;  ///< empty for a density that stands beside a moment
    bool normalized;       ///< it is claimed to be 1
    Estimate estimate;     ///< of the integral
  };
  std::vector<Result> results;      ///< in the program's order
  std::vector<Integral> integrals;  ///< in the program's order
  std::vector<std::string>
      warnings;               ///< about the run as a whole, e.g. a density that does not integrate to 1
  std::uint64_t samples = 0;  ///< that were taken, by this run and those that it went on with
  std::uint64_t seed = 0;     ///< Options::seed
  std::uint64_t asked = 0;    ///< samples that the run, or its part, would have taken, had nothing stopped it
  std::uint64_t reused = 0;   ///< samples that Options::from had
  Partial partial;       ///< all whole tiles of this run and of Options::from, for another run to go on with
  unsigned threads = 0;  ///< that could have had a tile each
  std::uint64_t tiles_interpreter = 0;  ///< computed by this run, so
  std::uint64_t tiles_llvm = 0;         ///< by machine code
  std::uint64_t tiles_cuda = 0;         ///< by GPUs
  std::string device;                   ///< the GPU's name, where one was used
  std::vector<Stretch>
      tiles;  ///< which thread computed tiles by which back end when: "interpreter", "llvm", "cuda"
  bool stopped = false;    ///< ended early by Options::stop
  bool reached = false;    ///< the target that the options set
  bool compiling = false;  ///< machine code is still being made behind, for later calls
  Timing timing;           ///< what took how long
};

/// A line for each query, with so many digits of the error: "E[x] = 0.50012(29)", and no end behind the last.
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
  /// As many: how much each counts. Under a condition 1 or 0, by a density its weight, else 1.
  std::span<double> weights = {};
};

/// What has been compiled for which types.
struct Signature {
  std::string text;       ///< e.g. "f64 xoshiro256++ box 10"
  Timing timing;          ///< of its making; run_ms and total_ms are 0
  bool compiled = false;  ///< machine code exists; otherwise interpreted so far
};

/// A stage of a compile, of which Moment::inspect() gives the text, in this order.
enum class Stage {
  lowered,     ///< the kernel as the program is lowered
  simplified,  ///< by identities
  contracted,  ///< products into sums
  expanded,    ///< mathematical functions written out
  ir,          ///< Moment's own kernel, in primitives: what every back end gets
  llvm,        ///< LLVM's, optimised
  assembly,    ///< the processor's
  cuda,        ///< CUDA C++
  ptx          ///< what NVRTC makes of it
};

struct Explanation;  // <mc/text.hpp>
struct Compared;     // <mc/text.hpp>
struct Comparison;   // <mc/text.hpp>

// ---------------------------------------------------------------- moments

/// A checked program, made by compile(). Cheap to copy; copies share what has been compiled, and moving one
/// copies it. Each signature is made once, however many calls ask for it at the same time, and no call waits
/// for another one's. All calls may come from many threads at once, and throw the Errors of the program
/// (which show only once values and shapes are known) and of what they are given.
class MC_API Moment {
 public:
  /// The same as another one.
  Moment(const Moment&) = default;
  /// From now on the same as another one.
  Moment& operator=(const Moment&) = default;

  /// The estimate of a program that has one query; ArgumentError where it has several (use run). A
  /// signature's first call makes its kernel, in a fraction of a millisecond for most programs; from then on
  /// a call takes a microsecond beside its samples (docs/startup.md).
  [[nodiscard]] Estimate estimate(const Options& options = {}) const;
  /// The same for a bare expression, whose variable is uniform on the box; Options::box is to be empty.
  [[nodiscard]] Estimate estimate(const Box& box, const Options& options = {}) const;

  /// All queries from the same samples, with what the run cost, and what another run can go on with: a little
  /// more than estimate() takes.
  [[nodiscard]] Report run(const Options& options = {}) const;
  /// The same for a bare expression, whose variable is uniform on the box; Options::box is to be empty.
  [[nodiscard]] Report run(const Box& box, const Options& options = {}) const;

#if defined(__cpp_lib_expected)
  /// estimate() with the error as a value: for programs without exceptions. Elsewhere tried() does it for
  /// all.
  [[nodiscard]] std::expected<Estimate, Error> try_estimate(const Options& options = {}) const;
  /// run() with the error as a value: for programs without exceptions. Elsewhere tried() does it for all.
  [[nodiscard]] std::expected<Report, Error> try_run(const Options& options = {}) const;
#endif

  /// The samples of the program's only query themselves, in order: those that an estimate with these options
  /// is made of, the same bits by every back end. There are as many as `to` has room for, so samples, part,
  /// target and progress of the options are not looked at. Throws ArgumentError for Cov and Corr, whose
  /// samples have two values, and where samples have weights and `to` has no room for them; Stopped where
  /// Options::stop came first: part of the samples are written then.
  void sample(const Samples& to, const Options& options = {}) const;

  /// The bare expression's value at one point x (dim = x.size()), as a sample would have it: sums are left
  /// folds. For a look at a value: each call checks and lowers the program anew, and interprets it. For data
  /// give a name, moment({{"x", x}}); for a loop over points, map().
  [[nodiscard]] double operator()(std::span<const double> x, const Parameters& parameters = {}) const;

  /// Every bare expression of the program for every datum: result k of expression e goes to outputs[e]. A
  /// name stands for one number of its array, or for the same number throughout. An output may be one of the
  /// inputs. Types and names that were not met before make a kernel. Throws ArgumentError where arrays differ
  /// in length, a name has no input, or an output overlaps an input otherwise; Stopped.
  void map(std::span<const Output> outputs, std::span<const NamedInput> inputs,
           const DataOptions& options = {}) const;
  /// The only expression: map(out, {{"a", a}, {"b", 2}}).
  void map(const Output& output, std::initializer_list<NamedInput> inputs,
           const DataOptions& options = {}) const {
    map(std::span(&output, 1), std::span(inputs.begin(), inputs.size()), options);
  }
  /// The only expression, of inputs that a program puts together.
  void map(const Output& output, std::span<const NamedInput> inputs, const DataOptions& options = {}) const {
    map(std::span(&output, 1), inputs, options);
  }
  /// Several: map({sum, product}, {{"a", a}, {"b", b}}).
  void map(std::initializer_list<Output> outputs, std::initializer_list<NamedInput> inputs,
           const DataOptions& options = {}) const {
    map(std::span(outputs.begin(), outputs.size()), std::span(inputs.begin(), inputs.size()), options);
  }

  /// The program's only expression over whole arrays: sum(a_i*b_i), max(abs(x)), norm(x - mean(x)). All
  /// arrays have one length. In which order is added depends on that length alone (docs/contract.md). Types
  /// and names that were not met before make a kernel; bind() spares each call the look. Throws ArgumentError
  /// where arrays differ in length or a name has no input; Stopped.
  [[nodiscard]] double operator()(std::initializer_list<NamedInput> inputs,
                                  const DataOptions& options = {}) const {
    return (*this)(std::span(inputs.begin(), inputs.size()), options);
  }
  /// The same for inputs that a program puts together.
  [[nodiscard]] double operator()(std::span<const NamedInput> inputs, const DataOptions& options = {}) const;
  /// All of its expressions, in one pass over the data where they allow it. Otherwise as operator().
  [[nodiscard]] std::vector<double> reduce(std::span<const NamedInput> inputs,
                                           const DataOptions& options = {}) const;
  /// The same of inputs as they are written down.
  [[nodiscard]] std::vector<double> reduce(std::initializer_list<NamedInput> inputs,
                                           const DataOptions& options = {}) const {
    return reduce(std::span(inputs.begin(), inputs.size()), options);
  }
  /// The reductions for arrays of these types, for calls that have to be quick: machine code is made now,
  /// which takes milliseconds, or is loaded from disk. `parameters`, numbers, are bound for good. Throws
  /// DeviceError where machine code cannot be made.
  [[nodiscard]] Reduction bind(std::span<const NamedType> types, const Parameters& parameters = {}) const;
  /// The same of types as they are written down: bind({{"x", mc::Number::f64}}).
  [[nodiscard]] Reduction bind(std::initializer_list<NamedType> types,
                               const Parameters& parameters = {}) const {
    return bind(std::span(types.begin(), types.size()), parameters);
  }

  /// What the program asks for, as canonical text: E[max(x)]; a bare expression as it stands: sum(x_i^2).
  [[nodiscard]] std::vector<std::string> queries() const;
  /// Whether it has random variables of its own, x ~ …: then it is sampled, and not applied to data.
  [[nodiscard]] bool has_variables() const;

  /// What has been made for which signatures, of the latest of them: a moment keeps some thousand.
  [[nodiscard]] std::vector<Signature> signatures() const;

  /// A stage's text for the signature these options give. Beyond the first stage it makes machine code, if
  /// there is none yet. Throws DeviceError for a stage this build does not have.
  [[nodiscard]] std::string inspect(Stage stage, const Options& options = {}) const;

  /// How it is computed for the signature these options give, and what that is expected to cost:
  /// <mc/text.hpp>. Takes as long as a signature's first call.
  [[nodiscard]] Explanation explain(const Options& options = {}) const;

  /// Whether two back ends agree in a run with these options, as they always should; and where they part, in
  /// which sample and operation. Both make the kernel anew, some hundred times where they part. DeviceError
  /// for CUDA, which gives no values of its samples. <mc/text.hpp>.
  [[nodiscard]] Comparison compare(const Compared& one, const Compared& other,
                                   const Options& options = {}) const;

  /// The program's text; lives as long as this or a copy of it.
  const std::string& text() const noexcept;

 private:
  friend class Compiler;
  struct State;
  explicit Moment(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// How large a program may be, so that text from strangers is safe to compile; 0, as all are, stands for the
/// default, which docs/limits.md says. An error names the limit that it is about.
struct MC_API Limits {
  std::size_t text_bytes = 0;         ///< of the text
  std::size_t depth = 0;              ///< of brackets, and of the tree
  std::size_t tokens = 0;             ///< of the text
  std::size_t nodes = 0;              ///< of the tree
  std::size_t errors = 0;             ///< that are reported
  std::size_t expansion = 0;          ///< nodes with functions written out
  std::size_t calls = 0;              ///< functions inlined one inside the other
  std::size_t index_levels = 0;       ///< reductions one inside the other
  std::size_t computed_elements = 0;  ///< of an array literal that are not plain numbers
  std::size_t dimensions = 0;         ///< of one random variable
  std::size_t stored = 0;             ///< numbers that a sample keeps because they are needed again
  std::size_t rounds = 0;             ///< of nested loops in one sample
  std::size_t passes = 0;             ///< of a C++ loop whose end only the samples tell
  std::size_t operations = 0;         ///< of a kernel

  /// Sets the limit of this name, for limits that come as text. ArgumentError where there is none, and where
  /// the value is 0 or more than it can be.
  void set(std::string_view name, std::size_t value);
};

/// Parses and checks a program or a bare expression, which takes microseconds, a process's first some hundred
/// of them; kernels are made when first needed. The text is kept. Throws the Error that its first mistake is,
/// with all of them, and ArgumentError for a text that goes past a limit, or limits that cannot be.
[[nodiscard]] MC_API Moment compile(std::string_view program, const Limits& limits = {});

/// A moment and a density over a box given at the call; the density may use `lo` and `hi`, the box's bounds.
/// Throws as the other one, for both texts.
[[nodiscard]] MC_API Moment compile(std::string_view moment, std::string_view density,
                                    const Limits& limits = {});

#if defined(__cpp_lib_expected)
/// compile() with the error as a value; its kind() tells what the exception's class would be, and raise()
/// throws that.
[[nodiscard]] MC_API std::expected<Moment, Error> try_compile(std::string_view program,
                                                              const Limits& limits = {});
/// compile() with the error as a value, of a moment and a density.
[[nodiscard]] MC_API std::expected<Moment, Error> try_compile(std::string_view moment,
                                                              std::string_view density,
                                                              const Limits& limits = {});
#endif

// ---------------------------------------------------------------- tools

/// From now on profilers and debuggers are shown what is compiled, by names like mc::E[sum(x_i^2)]#1f6ab0c2:
/// perf by /tmp/perf-PID.map, gdb by its JIT interface. Such code stays until the process ends. The
/// environment variable MC_DEBUG_JIT=1 does the same. Throws DeviceError where perf's map cannot be written.
/// docs/profiling.md.
MC_API void debug_jit();

/// The library's version: "0.1.0". MC_VERSION_MAJOR and its like are the headers'.
MC_API std::string_view version() noexcept;

/// The version of the reproducibility contract (docs/contract.md): results with equal versions are equal bit
/// for bit.
MC_API int contract() noexcept;

}  // namespace mc
