// <mc/mc.h>: runs and what they give, parts of them, samples, arrays.
#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "frontend/api/c.hpp"

using namespace mc::c;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

mc_report report_of(mc::Report report) {
  mc_report made{std::move(report), {}, {}};
  made.warnings = made.report.warnings;
  for (const auto& [query, estimate] : made.report.results) {
    made.texts.push_back(to_string(estimate));
    const std::string about = made.report.results.size() > 1 ? query + ": " : "";
    for (const std::string& warning : estimate.warnings) made.warnings.push_back(about + warning);
  }
  return made;
}

const mc::Estimate* estimate_of(const mc_report* report, std::size_t result) {
  if (report == nullptr || result >= report->report.results.size()) return nullptr;
  return &report->report.results[result].estimate;
}

/// Of a structure of zeros: side by side.
std::ptrdiff_t stride_of(const auto& array) { return array.stride == 0 ? 1 : array.stride; }

mc::NamedInput input_of(const mc_input& input) {
  const std::string_view name = need_text(input.name, "an input's name");
  if (input.data == nullptr && input.size > 0)
    mc::fail<mc::ArgumentError>(fmt::format("the data of {} is NULL", name));
  if (input.data == nullptr) return {std::string(name), input.number};
  return typed(input.type, input.data, [&](const auto* first) {
    return mc::NamedInput{std::string(name), mc::Input(first, input.size, stride_of(input))};
  });
}

std::vector<mc::NamedInput> inputs_of(const mc_input* inputs, std::size_t count) {
  std::vector<mc::NamedInput> all;
  for (const mc_input& each : need_all(inputs, count, "inputs")) all.push_back(input_of(each));
  return all;
}

mc::Output output_of(const mc_output& output) {
  if (output.size > 0) need(static_cast<char*>(output.data), "an output's data");
  if (output.type == MC_TYPE_F64) return {static_cast<double*>(output.data), output.size, stride_of(output)};
  if (output.type == MC_TYPE_F32) return {static_cast<float*>(output.data), output.size, stride_of(output)};
  mc::fail<mc::ArgumentError>("an output is of doubles or of floats (MC_TYPE_F64, MC_TYPE_F32)");
}

const mc::Options& settings_of(const mc_options* options) {
  static const mc::Options defaults;
  return options == nullptr ? defaults : options->options;
}

mc::DataOptions data_options(const mc_options* options) {
  if (options == nullptr) return {};
  mc::DataOptions made{.backend = options->options.backend,
                       .threads = options->options.threads,
                       .stop = options->options.stop};
  if (options->progress != nullptr)
    made.progress = [options](std::uint64_t done, std::uint64_t all) {
      options->progress(options->context, done, all);
    };
  return made;
}

}  // namespace

extern "C" {

mc_status mc_run(const mc_moment* moment, const mc_options* options, mc_report** report) {
  return give(report, [&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    return report_of(program.run(settings_of(options)));
  });
}
void mc_report_free(mc_report* report) { delete report; }

size_t mc_report_result_count(const mc_report* report) {
  return report == nullptr ? 0 : report->report.results.size();
}
const char* mc_report_query(const mc_report* report, size_t result) {
  return estimate_of(report, result) == nullptr ? nullptr : report->report.results[result].query.c_str();
}
double mc_report_value(const mc_report* report, size_t result) {
  const mc::Estimate* estimate = estimate_of(report, result);
  return estimate == nullptr ? kNaN : estimate->value;
}
double mc_report_standard_error(const mc_report* report, size_t result) {
  const mc::Estimate* estimate = estimate_of(report, result);
  return estimate == nullptr ? kNaN : estimate->standard_error;
}
uint64_t mc_report_result_samples(const mc_report* report, size_t result) {
  const mc::Estimate* estimate = estimate_of(report, result);
  return estimate == nullptr ? 0 : estimate->samples;
}
uint64_t mc_report_nonfinite(const mc_report* report, size_t result) {
  const mc::Estimate* estimate = estimate_of(report, result);
  return estimate == nullptr ? 0 : estimate->nonfinite;
}
const char* mc_report_text(const mc_report* report, size_t result) {
  return report == nullptr ? nullptr : text_of(report->texts, result);
}
mc_status mc_report_interval(const mc_report* report, size_t result, double level, double* lower,
                             double* upper) {
  return guarded([&] {
    const mc::Report& of = need(report, "the report").report;
    if (result >= of.results.size())
      mc::fail<mc::ArgumentError>(fmt::format("there is no result number {}", result), "they count from 0");
    need(lower, "the place for the lower end");
    need(upper, "the place for the upper end");
    const mc::Interval interval = of.results[result].estimate.interval(level);
    *lower = interval.lower;
    *upper = interval.upper;
  });
}

uint64_t mc_report_samples(const mc_report* report) { return report == nullptr ? 0 : report->report.samples; }
int mc_report_stopped(const mc_report* report) { return report != nullptr && report->report.stopped; }
int mc_report_reached(const mc_report* report) { return report != nullptr && report->report.reached; }
double mc_report_seconds(const mc_report* report) {
  return report == nullptr ? kNaN : report->report.timing.total_ms / 1000;
}
size_t mc_report_warning_count(const mc_report* report) {
  return report == nullptr ? 0 : report->warnings.size();
}
const char* mc_report_warning(const mc_report* report, size_t warning) {
  return report == nullptr ? nullptr : text_of(report->warnings, warning);
}

mc_status mc_sample(const mc_moment* moment, const mc_options* options, double* values, double* weights,
                    size_t count) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    const auto to = need_all(values, count, "the place for the samples");
    const std::span<double> beside = weights == nullptr ? std::span<double>() : std::span(weights, count);
    program.sample({.values = to, .weights = beside}, settings_of(options));
  });
}

mc_status mc_report_partial(const mc_report* report, char** text) {
  if (text != nullptr) *text = nullptr;
  return guarded([&] {
    need(text, "the place for the text");
    const std::string made = need(report, "the report").report.partial.to_text();
    *text = new char[made.size() + 1];
    std::memcpy(*text, made.c_str(), made.size() + 1);
  });
}
void mc_text_free(char* text) { delete[] text; }

mc_status mc_merge(const char* const* texts, size_t count, mc_report** report) {
  return give(report, [&] {
    std::vector<mc::Partial> parts;
    for (const char* text : need_all(texts, count, "the texts"))
      parts.push_back(
          mc::Partial::from_text(need_text(text, "a text"), fmt::format("text {}", parts.size())));
    return report_of(mc::merge(parts));
  });
}

mc_status mc_map(const mc_moment* moment, const mc_output* outputs, size_t output_count,
                 const mc_input* inputs, size_t input_count, const mc_options* options) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    std::vector<mc::Output> to;
    for (const mc_output& each : need_all(outputs, output_count, "outputs")) to.push_back(output_of(each));
    program.map(to, inputs_of(inputs, input_count), data_options(options));
  });
}

mc_status mc_reduce(const mc_moment* moment, const mc_input* inputs, size_t input_count, double* results,
                    size_t result_count, const mc_options* options) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    const auto to = need_all(results, result_count, "results");
    if (to.size() != need(moment, "the moment").queries.size())
      mc::fail<mc::ArgumentError>(
          fmt::format("there are {} results, and room for {}", moment->queries.size(), to.size()));
    std::ranges::copy(program.reduce(inputs_of(inputs, input_count), data_options(options)), to.begin());
  });
}

}  // extern "C"
