// <mc/mc.h>: runs and what they give, parts of them, samples, points.
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
  made.warnings = made.report.all_warnings();
  for (const auto& [query, estimate] : made.report.results) made.texts.push_back(to_string(estimate));
  return made;
}

const mc::Estimate* estimate_of(const mc_report* report, std::size_t result) {
  if (report == nullptr || result >= report->report.results.size()) return nullptr;
  return &report->report.results[result].estimate;
}

const mc::Report::Integral* integral_of(const mc_report* report, std::size_t integral) {
  if (report == nullptr || integral >= report->report.integrals.size()) return nullptr;
  return &report->report.integrals[integral];
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

size_t mc_report_integral_count(const mc_report* report) {
  return report == nullptr ? 0 : report->report.integrals.size();
}
const char* mc_report_integral_variable(const mc_report* report, size_t integral) {
  const mc::Report::Integral* of = integral_of(report, integral);
  return of == nullptr ? nullptr : of->variable.c_str();
}
int mc_report_integral_normalized(const mc_report* report, size_t integral) {
  const mc::Report::Integral* of = integral_of(report, integral);
  return of != nullptr && of->normalized;
}
double mc_report_integral_value(const mc_report* report, size_t integral) {
  const mc::Report::Integral* of = integral_of(report, integral);
  return of == nullptr ? kNaN : of->estimate.value;
}
double mc_report_integral_standard_error(const mc_report* report, size_t integral) {
  const mc::Report::Integral* of = integral_of(report, integral);
  return of == nullptr ? kNaN : of->estimate.standard_error;
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

mc_status mc_evaluate(const mc_moment* moment, const double* x, size_t dim, const mc_options* options,
                      double* value) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    need(value, "the place for the value") = program(need_all(x, dim, "x"), settings_of(options).parameters);
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

}  // extern "C"
