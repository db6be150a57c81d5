// <mc/mc.h>: errors, moments, options.
#include "frontend/api/c.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace mc::c {
namespace {

static_assert(static_cast<int>(Precision::f64) == MC_PRECISION_F64 &&
                  static_cast<int>(Precision::f32) == MC_PRECISION_F32 &&
                  static_cast<int>(Nonfinite::nan) == MC_NONFINITE_NAN &&
                  static_cast<int>(Nonfinite::drop) == MC_NONFINITE_DROP,
              "mc/options.hpp and mc/mc.h number these alike");

struct Failure {
  mc_status status = MC_OK;
  std::string text;
  std::vector<Diagnostic> diagnostics;
  const char* unkept = nullptr;  ///< instead, where there was no memory for it
};
thread_local Failure failure;

mc_status status_of(ErrorKind kind) {
  constexpr mc_status kStatuses[] = {MC_SYNTAX_ERROR,   MC_NAME_ERROR,   MC_SHAPE_ERROR,
                                     MC_ARGUMENT_ERROR, MC_DEVICE_ERROR, MC_STOPPED};
  return kStatuses[static_cast<std::size_t>(kind)];
}

}  // namespace

mc_status failed(mc_status status, const char* text) noexcept {
  failure.status = status;
  failure.diagnostics.clear();
  failure.unkept = nullptr;
  try {
    failure.text = text;
  } catch (...) {
    failure.unkept = "error: out of memory";
  }
  return status;
}

mc_status failed(const Error& error) noexcept {
  failed(status_of(error.kind()), error.what());
  try {
    failure.diagnostics = error.diagnostics();
  } catch (...) {
    failure.diagnostics.clear();
  }
  return failure.status;
}

const Options& settings_of(const mc_options* options) {
  static const Options defaults;
  if (options == nullptr) return defaults;
  if (!options->refused.empty()) std::rethrow_exception(options->refused.begin()->second);
  return options->options;
}

}  // namespace mc::c

using namespace mc::c;

namespace {

template <class Set>
mc_status set(mc_options* options, Set&& set) noexcept {
  return guarded([&] { set(need(options, "options")); });
}

void replace(mc_options& options, std::string_view name, mc::Parameter value) {
  auto& all = options.options.parameters;
  const auto known =
      std::ranges::find(all, name, [](const auto& each) -> std::string_view { return each.first; });
  if (known == all.end())
    all.emplace_back(name, std::move(value));
  else
    known->second = std::move(value);
}

/// What may be refused: then calls are, until `what` is set well.
template <class Set>
void set_or_refuse(mc_options& to, std::string_view what, Set&& set) {
  const auto place = to.refused.try_emplace(std::string(what)).first;  // while nothing has been changed
  try {
    set();
  } catch (...) {
    place->second = std::current_exception();
    throw;
  }
  to.refused.erase(place);
}

constexpr std::string_view kBox = "box";
constexpr std::string_view kParameter = "parameter ";

mc_status set_box(mc_options* options, auto&& make) noexcept {
  return set(options, [&](mc_options& to) { set_or_refuse(to, kBox, [&] { to.options.box = make(); }); });
}

mc_status set_parameter(mc_options* options, const char* name, auto&& make) noexcept {
  return set(options, [&](mc_options& to) {
    const std::string_view called = need_text(name, "a parameter's name");
    set_or_refuse(to, std::string(kParameter).append(called), [&] { replace(to, called, make()); });
  });
}

/// Of the last failure; null beyond the last.
const mc::Diagnostic* diagnostic_of(std::size_t error) {
  return error < failure.diagnostics.size() ? &failure.diagnostics[error] : nullptr;
}

std::size_t product(std::size_t rows, std::size_t columns) {
  if (columns != 0 && rows > std::numeric_limits<std::size_t>::max() / columns)
    mc::fail<mc::ArgumentError>(fmt::format("no memory holds {} rows of {} numbers", rows, columns));
  return rows * columns;
}

}  // namespace

extern "C" {

mc_status mc_error_status(void) { return failure.status; }
const char* mc_error_text(void) { return failure.unkept != nullptr ? failure.unkept : failure.text.c_str(); }

size_t mc_error_count(void) { return failure.diagnostics.size(); }
const char* mc_error_message(size_t error) {
  const mc::Diagnostic* of = diagnostic_of(error);
  return of == nullptr ? nullptr : of->message.c_str();
}
const char* mc_error_hint(size_t error) {
  const mc::Diagnostic* of = diagnostic_of(error);
  return of == nullptr ? nullptr : of->hint.c_str();
}
size_t mc_error_begin(size_t error) {
  const mc::Diagnostic* of = diagnostic_of(error);
  return of == nullptr ? 0 : of->begin;
}
size_t mc_error_end(size_t error) {
  const mc::Diagnostic* of = diagnostic_of(error);
  return of == nullptr ? 0 : of->end;
}

const char* mc_version(void) { return mc::version().data(); }
int mc_contract_version(void) { return mc::contract_version(); }

mc_status mc_compile(const char* program, const char* density, mc_moment** moment) {
  return mc_compile_limited(program, density, nullptr, moment);
}
mc_status mc_compile_limited(const char* program, const char* density, const mc_limits* limits,
                             mc_moment** moment) {
  return give(moment, [&] {
    const std::string_view text = need_text(program, "the program");
    const mc::Limits most = limits == nullptr ? mc::Limits() : limits->limits;
    mc::Moment compiled = density != nullptr ? mc::compile(text, density, most) : mc::compile(text, most);
    std::vector<std::string> queries = compiled.queries();
    return mc_moment{std::move(compiled), std::move(queries)};
  });
}

void mc_moment_free(mc_moment* moment) { delete moment; }

size_t mc_moment_query_count(const mc_moment* moment) {
  return moment == nullptr ? 0 : moment->queries.size();
}
const char* mc_moment_query(const mc_moment* moment, size_t query) {
  return moment == nullptr ? nullptr : text_of(moment->queries, query);
}

mc_limits* mc_limits_new(void) { return made<mc_limits>(); }
void mc_limits_free(mc_limits* limits) { delete limits; }
mc_status mc_limits_set(mc_limits* limits, const char* name, size_t value) {
  return guarded([&] { need(limits, "limits").limits.set(need_text(name, "a limit's name"), value); });
}

mc_options* mc_options_new(void) { return made<mc_options>(); }
mc_options* mc_options_copy(const mc_options* options) {
  mc_options* copy = nullptr;
  give(&copy, [&] { return mc_options(need(options, "options")); });
  return copy;
}
void mc_options_free(mc_options* options) { delete options; }

mc_status mc_options_set_samples(mc_options* options, uint64_t samples) {
  return set(options, [&](mc_options& to) { to.options.samples = samples; });
}
mc_status mc_options_set_target(mc_options* options, double error, double relative) {
  return set(options, [&](mc_options& to) {
    to.options.target_error = error;
    to.options.target_relative = relative;
  });
}
mc_status mc_options_set_seed(mc_options* options, uint64_t seed) {
  return set(options, [&](mc_options& to) { to.options.seed = seed; });
}
mc_status mc_options_set_threads(mc_options* options, unsigned threads) {
  return set(options, [&](mc_options& to) { to.options.threads = threads; });
}
mc_status mc_options_set_backend(mc_options* options, int backend) {
  return set(options, [&](mc_options& to) { to.options.backend = static_cast<mc::Backend>(backend); });
}
mc_status mc_options_set_precision(mc_options* options, int precision) {
  return set(options, [&](mc_options& to) { to.options.precision = static_cast<mc::Precision>(precision); });
}
mc_status mc_options_set_generator(mc_options* options, int generator) {
  return set(options, [&](mc_options& to) { to.options.generator = static_cast<mc::Generator>(generator); });
}
mc_status mc_options_set_nonfinite(mc_options* options, int nonfinite) {
  return set(options, [&](mc_options& to) { to.options.nonfinite = static_cast<mc::Nonfinite>(nonfinite); });
}
mc_status mc_options_set_part(mc_options* options, uint32_t number, uint32_t of) {
  return set(options, [&](mc_options& to) { to.options.part = {number, of}; });
}
mc_status mc_options_set_from(mc_options* options, const mc_report* report) {
  return set(options, [&](mc_options& to) {
    to.options.from = report == nullptr ? mc::Partial() : report->report.partial;
    to.refused.erase("from");
  });
}
mc_status mc_options_set_from_text(mc_options* options, const char* text) {
  return set(options, [&](mc_options& to) {
    set_or_refuse(to, "from", [&] {
      to.options.from = text == nullptr ? mc::Partial() : mc::Partial::from_text(text, "the text");
    });
  });
}
mc_status mc_options_set_stop(mc_options* options, const mc_stop* stop) {
  return set(options, [&](mc_options& to) {
    to.options.stop = stop == nullptr ? std::stop_token() : stop->source.get_token();
  });
}

mc_status mc_options_set_progress(mc_options* options, mc_progress progress, void* context) {
  return set(options, [&](mc_options& to) {
    to.progress = progress;
    to.context = context;
    to.options.progress = {};
    if (progress != nullptr)
      to.options.progress = [progress, context](const mc::Progress& now) {
        progress(context, now.samples_done, now.expected);
      };
  });
}

mc_status mc_options_set_cube(mc_options* options, int64_t dim, double lo, double hi) {
  return set_box(options, [&] { return mc::box(dim, lo, hi); });
}
mc_status mc_options_set_box(mc_options* options, size_t dim, const double* lo, const double* hi) {
  return set_box(options, [&] {
    const auto low = need_all(lo, dim, "lo"), high = need_all(hi, dim, "hi");
    return mc::box({low.begin(), low.end()}, {high.begin(), high.end()});
  });
}

mc_status mc_options_clear_box(mc_options* options) {
  return set_box(options, [] { return std::optional<mc::Box>(); });
}

mc_status mc_options_set_number(mc_options* options, const char* name, double value) {
  return set_parameter(options, name, [&] { return mc::Parameter(value); });
}
mc_status mc_options_set_vector(mc_options* options, const char* name, const double* values, size_t size) {
  return set_parameter(options, name, [&] {
    const auto all = need_all(values, size, "the values");
    return mc::Parameter(std::vector<double>(all.begin(), all.end()));
  });
}
mc_status mc_options_set_matrix(mc_options* options, const char* name, const double* values, size_t rows,
                                size_t columns) {
  return set_parameter(options, name, [&] {
    const auto all = need_all(values, product(rows, columns), "the values");
    return mc::Parameter(rows, columns, std::vector<double>(all.begin(), all.end()));
  });
}
mc_status mc_options_set_view(mc_options* options, const char* name, int type, const void* values,
                              size_t rows, size_t columns) {
  return set_parameter(options, name, [&] {
    need(static_cast<const char*>(values), "the values");
    return typed(type, values, [&](const auto* first) {
      return columns == 0 ? mc::Parameter::view(mc::Input(first, rows))
                          : mc::Parameter::view(mc::Input(first, product(rows, columns)), columns);
    });
  });
}

mc_status mc_options_set_file(mc_options* options, const char* name, const char* path, const char* columns) {
  return set_parameter(options, name, [&] {
    return mc::read_array(std::string(need_text(path, "the path")), columns == nullptr ? "" : columns);
  });
}
mc_status mc_options_clear_parameters(mc_options* options) {
  return set(options, [&](mc_options& to) {
    to.options.parameters.clear();
    std::erase_if(to.refused, [](const auto& each) { return each.first.starts_with(kParameter); });
  });
}

mc_stop* mc_stop_new(void) { return made<mc_stop>(); }
void mc_stop_request(mc_stop* stop) {
  if (stop != nullptr) stop->source.request_stop();
}
void mc_stop_free(mc_stop* stop) { delete stop; }

mc_status mc_use_cache(const char* folder, uint64_t most_bytes) {
  return guarded([&] {
    if (folder == nullptr)
      mc::use_no_cache();
    else
      mc::use_cache(folder, most_bytes);
  });
}

}  // extern "C"
