// compile() and Moment: parsing once, an instance for each signature, calls.
#include <algorithm>
#include <system_error>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "engine/cache/single_flight.hpp"
#include "engine/host.hpp"
#include "engine/interpreter/interpreter.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/passes/passes.hpp"
#include "engine/stages.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/compiling.hpp"
#include "frontend/api/data.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/factors.hpp"
#include "frontend/api/instance.hpp"
#include "frontend/api/limits.hpp"
#include "frontend/api/machine_codes.hpp"
#include "frontend/api/options.hpp"
#include "frontend/api/partial.hpp"
#include "frontend/api/stretch.hpp"
#include "frontend/language/lowering.hpp"
#include "frontend/language/parser.hpp"
#include "runtime/schedule/pool.hpp"

namespace mc {

namespace {

/// The environment may hold nonsense in MC_VECTOR_BITS, which is found out here, at the first call.
unsigned usable_vector_bits() {
  try {
    return vector_bits();
  } catch (const std::invalid_argument& wrong) {
    fail<ArgumentError>(language::printable(wrong.what()));
  }
}

using Instances = cache::SingleFlight<SignatureKey, Instance, SignatureHash, SignatureEqual>;

/// What one moment keeps of its signatures, and of its maps and reductions each, in operations of their
/// kernels: some thousand ordinary signatures, or the last few of the largest. A host that goes through the
/// dimensions 1, 2, 3, … must not fill its memory: an operation was measured to take 100 bytes, and 150 more
/// as machine code.
template <class Kept>
typename Kept::Bound bound() {
  constexpr std::size_t kMostOperations = 300'000;
  constexpr std::size_t kRest = 100;  // the text, the model, tables
  return {.most = kMostOperations, .weight = [](const auto& each) { return kRest + each.size(); }};
}

}  // namespace

struct MC_HIDDEN Moment::State {
  language::Source source;
  std::string text;
  std::vector<std::string> tables;  ///< names whose rows are data
  Stages stages;                    ///< of parsing and checking
  Instances instances{bound<Instances>()};

  /// The instance for a call's types, made by the first call that has them.
  std::shared_ptr<Instance> instance(const Options& options, const Box* box) {
    const Call call{options, box, usable_vector_bits(), tables};
    return instances.get(call, [&] { return std::make_shared<Instance>(source, SignatureKey(call)); }).value;
  }

  Report run(const Options& options, const Box* box);
  void add_parsing(Timing& timing) const;

  std::shared_ptr<ReduceInstance> reduction(std::span<const NamedInput> inputs);

  std::size_t data_results = 0;  ///< bare expressions
  Maps maps{bound<Maps>()};
  Reductions reductions{bound<Reductions>()};
};

namespace {

language::Program parsed(std::string_view text, std::string_view origin,
                         language::Parsed (*parse)(std::string, const language::Limits&),
                         const language::Limits& limits) {
  language::Parsed result = parse(std::string(text), limits);
  throw_if_wrong(result.diagnostics, text, origin);
  return std::move(result.program);
}

/// What is wrong whatever the call will say.
void check_unsettled(const language::Source& source) {
  language::Setting setting;
  setting.settled = false;
  const language::Checked checked = language::check(source, setting);
  throw_if_wrong(checked.diagnostics, source.program.text());
  if (source.density) throw_if_wrong(checked.density_diagnostics, source.density->text(), "density");
}

}  // namespace

/// Makes moments; the only one who may.
class Compiler {
 public:
  static Moment compile(std::string_view program, std::optional<std::string_view> density,
                        Externals externals, const Limits& given) {
    auto state = std::make_shared<Moment::State>();
    state->text = program;
    const language::Limits limits = language_limits(given);
    state->source.limits = limits;
    state->source.externals = std::move(externals);
    state->source.program = parsed(program, {}, language::parse, limits);
    if (density) state->source.density = parsed(*density, "density", language::parse_expression, limits);
    state->stages.mark("parse");
    check_unsettled(state->source);
    state->tables = language::table_names(state->source);
    state->data_results = language::data_results(state->source);
    state->stages.mark("check");
    return Moment(std::move(state));
  }

  static void make_code(const Moment& moment, const Options& options, const Box* box) {
    moment.state_->instance(options, box)->make_code();
  }
};

Moment compile(std::string_view program, const Limits& limits) {
  return Compiler::compile(program, {}, {}, limits);
}
Moment compile(std::string_view moment, std::string_view density, const Limits& limits) {
  return Compiler::compile(moment, density, {}, limits);
}
Moment compile_with(std::string_view program, std::optional<std::string_view> density, Externals externals,
                    const Limits& limits) {
  return Compiler::compile(program, density, std::move(externals), limits);
}
void make_code(const Moment& moment, const Options& options, const Box* box) {
  Compiler::make_code(moment, options, box);
}

#if defined(__cpp_lib_expected)
std::expected<Moment, Error> try_compile(std::string_view program, const Limits& limits) {
  return try_call([&] { return compile(program, limits); });
}
std::expected<Moment, Error> try_compile(std::string_view moment, std::string_view density,
                                         const Limits& limits) {
  return try_call([&] { return compile(moment, density, limits); });
}
std::expected<Estimate, Error> Moment::try_estimate(const Options& options) const {
  return try_call([&] { return estimate(options); });
}
std::expected<Estimate, Error> Moment::try_estimate(const Box& box, const Options& options) const {
  return try_call([&] { return estimate(box, options); });
}
std::expected<Report, Error> Moment::try_run(const Options& options) const {
  return try_call([&] { return run(options); });
}
std::expected<Report, Error> Moment::try_run(const Box& box, const Options& options) const {
  return try_call([&] { return run(box, options); });
}
#endif

/// What all signatures share comes first.
void Moment::State::add_parsing(Timing& timing) const {
  timing.parse_ms = whole_ms(stages.all());
  std::vector<Stretch> parsing;
  for (const StageTime& stage : stages.all()) parsing.push_back(stretch(stage));
  timing.stages.insert(timing.stages.begin(), parsing.begin(), parsing.end());
}

Report Moment::State::run(const Options& options, const Box* box) {
  const auto start = StageClock::now();
  Report report = instance(options, box)->run(options, box);
  const std::uint64_t tiles =
      std::max<std::uint64_t>((report.samples + kernels::kTileSamples - 1) / kernels::kTileSamples, 1);
  const unsigned threads = options.threads != 0 ? options.threads : host_threads();
  report.threads =
      static_cast<unsigned>(std::min<std::uint64_t>({threads, tiles, runtime::Pool::kMostThreads}));
  add_parsing(report.timing);
  report.timing.total_ms = milliseconds(StageClock::now() - start);
  report.partial.content_->cost = cost_of(report);
  return report;
}

Estimate Moment::estimate(const Options& options) const {
  check_options(options);
  return state_->instance(options, box_of(options))->estimate(options, box_of(options));
}

Estimate Moment::estimate(const Box& box, const Options& options) const {
  check_options(box, options);
  return state_->instance(options, &box)->estimate(options, &box);
}

Report Moment::run(const Options& options) const {
  check_options(options);
  return state_->run(options, box_of(options));
}

Report Moment::run(const Box& box, const Options& options) const {
  check_options(box, options);
  return state_->run(options, &box);
}

void Moment::sample(const Samples& to, const Options& options) const {
  check_options(options);
  state_->instance(options, box_of(options))->sample(to, options, box_of(options));
}

/// The free name that is no parameter takes the point's place.
double Moment::operator()(std::span<const double> x, const Parameters& parameters) const {
  language::Setting unsettled;
  unsettled.settled = false;
  std::string variable;
  for (const language::FreeName& free : language::check(state_->source, unsettled).free_names) {
    if (std::ranges::count(parameters, free.name,
                           [](const auto& p) -> const std::string& { return p.first; }) != 0)
      continue;
    if (!variable.empty())
      fail<NameError>(fmt::format("both {} and {} are free, and one point is given", variable, free.name),
                      "give the others as parameters");
    variable = free.name;
  }
  Options options{.parameters = parameters};
  if (!variable.empty()) {
    const bool number = x.size() == 1 && !language::is_subscripted(state_->source, variable);
    options.parameters.emplace_back(
        variable, number ? Parameter(x[0]) : Parameter(std::vector<double>(x.begin(), x.end())));
  }
  check_options(options);
  const language::Checked checked =
      language::check(state_->source, signature_of(options, nullptr, 0).setting);
  throw_if_wrong(checked.diagnostics, state_->text);
  if (!checked.model.variables.empty())
    fail<ArgumentError>("a program with random variables has no value at a point",
                        "it has to be a bare expression");
  const auto executable = interpreter::interpret(passes::lower(or_too_large(
      state_->text, [&] { return language::lower_point(checked.model, state_->source.limits); })));
  Binding binding;
  binding.bind(checked.model, options.parameters, nullptr);
  Factors(checked.model, state_->source.limits).make(checked.model, binding, state_->text, {});
  if (!checked.model.requirements.empty())
    check_requirements(
        checked.model,
        *interpreter::interpret(passes::lower(or_too_large(
            state_->text,
            [&] { return language::lower_requirements(checked.model, state_->source.limits); }))),
        binding.arguments(0), {}, state_->text);
  return evaluate(*executable, binding.arguments(0)).at(0);
}

std::vector<std::string> Moment::queries() const {
  const language::Program& program = state_->source.program;
  std::vector<std::string> texts;
  for (const language::Statement& s : program.statements) {
    if (s.kind == language::StatementKind::query) texts.push_back(language::to_text(program, s));
    if (s.kind == language::StatementKind::expression) texts.push_back(language::to_text(program, s.body));
  }
  return texts;
}

bool Moment::has_variables() const {
  return std::ranges::any_of(state_->source.program.statements, [](const language::Statement& s) {
    return s.kind == language::StatementKind::sample;
  });
}

// ---------------------------------------------------------------- data

void Moment::map(std::span<const Output> outputs, std::span<const NamedInput> inputs,
                 const DataOptions& options) const {
  check_options(options);
  const DataCall call{inputs, outputs, usable_vector_bits()};
  const auto instance =
      state_->maps.get(call, [&] { return std::make_shared<MapInstance>(state_->source, DataKey(call)); });
  Given given(inputs);
  instance.value->run(outputs, given.arrays(), given.numbers(), options);
}

std::shared_ptr<ReduceInstance> Moment::State::reduction(std::span<const NamedInput> inputs) {
  const DataCall call{inputs, {}, usable_vector_bits()};
  return reductions.get(call, [&] { return std::make_shared<ReduceInstance>(source, DataKey(call)); }).value;
}

std::vector<double> Moment::reduce(std::span<const NamedInput> inputs, const DataOptions& options) const {
  check_options(options);
  const auto instance = state_->reduction(inputs);
  Given given(inputs);
  std::vector<double> results(instance->results());
  instance->run(given.arrays(), given.numbers(), options, results.data());
  return results;
}

namespace {

std::string_view name_of(NumberType type) {
  constexpr std::string_view kNames[] = {"f64", "f32", "i64", "i32", "u8"};
  return kNames[static_cast<std::size_t>(type)];
}

Input nothing_of(NumberType type) {
  switch (type) {
    case NumberType::f64:
      return {static_cast<const double*>(nullptr), 0};
    case NumberType::f32:
      return {static_cast<const float*>(nullptr), 0};
    case NumberType::i64:
      return {static_cast<const std::int64_t*>(nullptr), 0};
    case NumberType::i32:
      return {static_cast<const std::int32_t*>(nullptr), 0};
    case NumberType::u8:
      return {static_cast<const std::uint8_t*>(nullptr), 0};
  }
  fail<ArgumentError>("there is no such type of numbers");
}

void check_is_one(std::size_t results) {
  if (results != 1)
    fail<ArgumentError>(fmt::format("the program has {} expressions, and one value is asked for", results),
                        "reduce() gives all of them");
}

}  // namespace

double Moment::operator()(std::span<const NamedInput> inputs, const DataOptions& options) const {
  check_is_one(state_->data_results);
  check_options(options);
  const auto instance = state_->reduction(inputs);
  Given given(inputs);
  double result = 0;
  instance->run(given.arrays(), given.numbers(), options, &result);
  return result;
}

class MC_HIDDEN Reduction::State {
 public:
  std::shared_ptr<ReduceInstance> instance;
  std::vector<NumberType> types;
  std::vector<std::string> names;
  std::vector<double> numbers;

  [[noreturn]] void refuse(std::span<const Input> inputs) const;
};

Reduction Moment::bind(std::span<const NamedType> types, const Parameters& parameters) const {
  auto state = std::make_shared<Reduction::State>();
  std::vector<NamedInput> inputs;
  for (const NamedType& each : types) {
    inputs.push_back({each.name, nothing_of(each.type)});
    state->types.push_back(each.type);
    state->names.emplace_back(each.name);
  }
  for (const auto& [name, value] : parameters) {
    if (value.rank() != 0)
      fail<ArgumentError>(fmt::format("the parameter {} of a reduction has to be a number", name));
    inputs.push_back({name, value.values()[0]});
    state->numbers.push_back(value.values()[0]);
  }
  state->instance = state_->reduction(inputs);
  state->instance->compile();
  return Reduction(std::move(state));
}

std::size_t Reduction::result_count() const noexcept { return state_->instance->results(); }

double Reduction::operator()(std::span<const Input> inputs, const DataOptions& options) const {
  check_is_one(result_count());
  double result = 0;
  run(inputs, std::span(&result, 1), options);
  return result;
}

/// What does not fit, in the order in which it is said.
void Reduction::State::refuse(std::span<const Input> inputs) const {
  if (inputs.size() != types.size())
    fail<ArgumentError>(fmt::format("{} arrays are bound, and {} given", types.size(), inputs.size()));
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (!inputs[k].is_array() || inputs[k].type() != types[k])
      fail<ArgumentError>(
          fmt::format(
              "{} is bound as an array of {}, and is {}", names[k], name_of(types[k]),
              inputs[k].is_array() ? fmt::format("one of {}", name_of(inputs[k].type())) : "a number"),
          "bind() says the types, in the order of the call");
  throw std::logic_error("the inputs fit");
}

void Reduction::run(std::span<const Input> inputs, std::span<double> results,
                    const DataOptions& options) const {
  check_options(options);
  if (results.size() != result_count())
    fail<ArgumentError>(fmt::format("there are {} results, and room for {}", result_count(), results.size()));
  const State& state = *state_;
  if (inputs.size() != state.types.size()) state.refuse(inputs);
  runtime::Few<const Input*, 8> arrays(inputs.size());
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (!inputs[k].is_array() || inputs[k].type() != state.types[k]) state.refuse(inputs);
    arrays[k] = &inputs[k];
  }
  state.instance->run({arrays.data(), arrays.size()}, state.numbers, options, results.data());
}

std::vector<Signature> Moment::signatures() const {
  std::vector<Signature> signatures;
  for (const auto& instance : state_->instances.values()) {
    signatures.push_back(instance->signature());
    state_->add_parsing(signatures.back().timing);
  }
  return signatures;
}

std::string Moment::inspect(Stage stage, const Options& options) const {
  check_enumeration("stage", stage, Stage::ptx);
  check_options(options);
  return state_->instance(options, box_of(options))->inspect(stage);
}

std::string Moment::inspect(Stage stage, const Signature& signature) const {
  check_enumeration("stage", stage, Stage::ptx);
  for (const auto& instance : state_->instances.values())
    if (instance->signature().text == signature.text) return instance->inspect(stage);
  fail<ArgumentError>(fmt::format("the moment has no signature '{}'", signature.text),
                      "take one of signatures() of the same moment");
}

Explanation Moment::explain(const Options& options) const {
  check_options(options);
  return state_->instance(options, box_of(options))->explain(options);
}

Comparison Moment::compare(const Compared& one, const Compared& other, const Options& options) const {
  check_options(options);
  return state_->instance(options, box_of(options))->compare(one, other, options, box_of(options));
}

const std::string& Moment::text() const noexcept { return state_->text; }

void debug_jit() {
  try {
    MachineCodes::shared().show_to_tools();
  } catch (const std::system_error& error) {
    fail<DeviceError>(fmt::format("perf's map cannot be written: {}", error.what()),
                      "perf looks for it there; gdb needs none: MC_DEBUG_JIT=1 goes on without it");
  }
}

#define MC_TEXT(number) #number
#define MC_VERSION_TEXT(major, minor, patch) MC_TEXT(major) "." MC_TEXT(minor) "." MC_TEXT(patch)
static_assert(std::string_view(MC_VERSION) ==
                  MC_VERSION_TEXT(MC_VERSION_MAJOR, MC_VERSION_MINOR, MC_VERSION_PATCH),
              "<mc/version.h> says what CMakeLists.txt says");

std::string_view version() noexcept { return MC_VERSION; }
int contract_version() noexcept { return kernels::kContract; }

}  // namespace mc
