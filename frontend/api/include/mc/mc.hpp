/// \file
/// Moment: E[f(X)] = ∫ f(x) g(x) dx by Monte Carlo, from strings, at the speed of compiled kernels.
///
///     auto f = mc::compile("sum(x_i^2)");
///     mc::Estimate e = f.estimate(mc::box(10, 0.0, 1.0), {.samples = 1'000'000});
///     std::cout << e;                                      // 3.33312(94)
///
/// compile() gives a Moment; Moment::estimate() and run() take Options and give an Estimate or a Report; what
/// goes wrong is an Error. <mc/mc.h> is the same for C and other languages.
///
/// The library prints nothing and never ends the process. Functions, and const calls of one object, may come
/// from many threads at once. An object that a thread changes (Options, Limits, a Parameter, a DeviceArray)
/// must not be used by another one meanwhile, as with a std::vector. Where nothing else is said, arguments
/// are copied, or used until the call returns; results own all that they hold; and what is thrown is an
/// Error, or std::bad_alloc. A child process made by fork() may go on using the library, unless at that
/// moment another thread was inside a call; fork() waits for machine code that is being made behind
/// (Report::compiling), and GPUs that the parent has used are of no use to the child.
#pragma once

#include <cstdint>
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
#include <mc/options.hpp>
#include <mc/parameters.hpp>
#include <mc/report.hpp>

namespace mc {

/// What has been compiled for which types.
struct Signature {
  std::string text;       ///< e.g. "f64 xoshiro256++ 512 bits, cube 10, a[4]"
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

  /// All queries from the same samples, with what the run cost, and what another run can go on with. Takes
  /// a little more than estimate(): arguments are hashed for the partial, of tables up to 16 MiB each.
  [[nodiscard]] Report run(const Options& options = {}) const;
  /// The same for a bare expression, whose variable is uniform on the box; Options::box is to be empty.
  [[nodiscard]] Report run(const Box& box, const Options& options = {}) const;

#if defined(__cpp_lib_expected)
  /// estimate() with the error as a value: for programs without exceptions. Elsewhere try_call() does it for
  /// all.
  [[nodiscard]] std::expected<Estimate, Error> try_estimate(const Options& options = {}) const;
  /// The same for a bare expression.
  [[nodiscard]] std::expected<Estimate, Error> try_estimate(const Box& box,
                                                            const Options& options = {}) const;
  /// run() with the error as a value: for programs without exceptions. Elsewhere try_call() does it for all.
  [[nodiscard]] std::expected<Report, Error> try_run(const Options& options = {}) const;
  /// The same for a bare expression.
  [[nodiscard]] std::expected<Report, Error> try_run(const Box& box, const Options& options = {}) const;
#endif

  /// The samples of the program's only query themselves, in order: those that an estimate with these options
  /// is made of, the same bits by every back end of the processor. There are as many as `to` has room for:
  /// samples, part, target and progress of the options change nothing. Takes as long as a run, and what
  /// writing takes. Throws ArgumentError for a program with several queries, for Cov and Corr, whose samples
  /// have two values, where samples have weights and `to` has no room for them, and for more than the rows of
  /// x ~ rows(A); DeviceError for Backend::cuda; Stopped where Options::stop came first: part of the samples
  /// are written then.
  void sample(const Samples& to, const Options& options = {}) const;

  /// The bare expression's value at one point x (dim = x.size()), as a sample would have it: sums are left
  /// folds, so the bits may differ from those of reductions over data. For a look at a value: each call
  /// checks and lowers the program anew, and interprets it, in some hundred microseconds. For data give a
  /// name, moment({{"x", x}}); for a loop over points, map().
  [[nodiscard]] double operator()(std::span<const double> x, const Parameters& parameters = {}) const;

  /// Every bare expression of the program for every datum: result k of expression e goes to outputs[e]. A
  /// name stands for one number of its array, or for the same number throughout. An output may be one of the
  /// inputs. Types and names that were not met before make a kernel. Throws ArgumentError where arrays differ
  /// in length, or an output overlaps an input otherwise; NameError where a name has no input; DeviceError
  /// where a device or a compiler that was asked for fails; Stopped.
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
  /// where arrays differ in length; NameError where a name has no input; DeviceError as map() does; Stopped.
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
  /// The same of types as they are written down: bind({{"x", mc::NumberType::f64}}).
  [[nodiscard]] Reduction bind(std::initializer_list<NamedType> types,
                               const Parameters& parameters = {}) const {
    return bind(std::span(types.begin(), types.size()), parameters);
  }

  /// What the program asks for, as canonical text: E[max(x)]; a bare expression as it stands: sum(x_i^2).
  [[nodiscard]] std::vector<std::string> queries() const;
  /// Whether it has random variables of its own, x ~ …: then it is sampled, and not applied to data.
  [[nodiscard]] bool has_variables() const;

  /// What has been made for runs' signatures, of the latest of them: a moment keeps some thousand. Those of
  /// maps and reductions are not among them.
  [[nodiscard]] std::vector<Signature> signatures() const;

  /// A stage's text for the signature these options give. llvm and assembly make machine code, where there is
  /// none yet. Throws DeviceError for a stage this build does not have.
  [[nodiscard]] std::string inspect(Stage stage, const Options& options = {}) const;
  /// The same for one of signatures(), of this moment or a copy of it. Throws ArgumentError where it is not
  /// kept any more.
  [[nodiscard]] std::string inspect(Stage stage, const Signature& signature) const;

  /// How it is computed for the signature these options give, and what that is expected to cost:
  /// <mc/text.hpp>. Takes as long as a signature's first call.
  [[nodiscard]] Explanation explain(const Options& options = {}) const;

  /// Whether two back ends agree in a run with these options, as they always should; and where they part, in
  /// which sample and operation. Both make the kernel anew, some hundred times where they part. DeviceError
  /// for CUDA, which gives no values of its samples. <mc/text.hpp>.
  [[nodiscard]] Comparison compare(const Compared& one, const Compared& other,
                                   const Options& options = {}) const;

  /// The program's text; lives as long as this or a copy of it.
  const std::string& text() const noexcept MC_LIFETIMEBOUND;

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

/// Parses and checks a program or a bare expression. Takes some tens of microseconds, and the first call of a
/// process some hundred; kernels are made when first needed. The text is kept. Throws the Error that its
/// first mistake is, with all of them, and ArgumentError for a text that goes past a limit, or limits that
/// cannot be.
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
MC_API int contract_version() noexcept;

}  // namespace mc
