// Which word asks for what, and the two pictures that need samples or runs of one question.
#include "frontend/console/pictures/pictures.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/numbers.hpp"
#include "frontend/console/pictures/histogram.hpp"
#include "frontend/console/pictures/ticks.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {

Report Easel::run(const Question& question, const Part& part, const Options& how, double from,
                  double to) const {
  Options options = how;
  options.parameters.insert(options.parameters.end(), question.parameters.begin(), question.parameters.end());
  options.progress = [&](const Progress& now) {
    if (now.expected > 0)
      tell(from + (to - from) * static_cast<double>(now.samples_done) / static_cast<double>(now.expected));
  };
  try {
    return question.moment.run(options);
  } catch (const Error& error) {
    if (is_of_run(error)) throw;
    throw placed(error, request, part, question);
  }
}

void Easel::tell(double part) const {
  constexpr double kAll = 1e6;
  if (hear)
    hear({.samples_done = static_cast<std::uint64_t>(std::clamp(part, 0.0, 1.0) * kAll),
          .samples = static_cast<std::uint64_t>(kAll),
          .expected = static_cast<std::uint64_t>(kAll),
          .estimates = [] { return std::vector<Estimate>(); }});
}

Pictures pictures(const Easel& easel, const Look& look) {
  const std::string_view word = easel.request.word.text;
  if (word == "hist") {
    // On a terminal a bin is a column at least, beside some for the axis.
    std::vector<Picture> both = hist(easel, {120, std::clamp<std::size_t>(look.width, 20, 100) - 10});
    return {std::move(both[0]), std::move(both[1])};
  }
  Picture one = word == "plot" ? plot(easel) : word == "converge" ? converge(easel) : compare(easel);
  return {one, one};
}

namespace {

// ---- hist

/// More would be slow to look through, and no picture shows the difference.
constexpr std::uint64_t kMostSamples = 10'000'000;

/// The expression as E[…], unless it is a question already; and where its text begins in that.
Part as_question(const Part& part) {
  try {
    const std::vector<Statement> all = statements(part.text);
    if (all.size() == 1 && all[0].kind == Statement::Kind::query) return part;
  } catch (const Error&) {
    // x | x > 0: no statement, but what a question takes
  }
  return {"E[" + part.text + "]", part.begin, 2, 1};
}

/// What a question asks about: x of Var[x].
std::string inside(const Part& asked) {
  const std::size_t open = asked.text.find('[') + 1;
  return asked.text.substr(open, asked.text.size() - open - 1);
}

/// The samples, into both; how many there are when it is stopped. Samples are drawn without a word in
/// between, so that of many, which may take long, a part is drawn first, and is there if not all are.
std::size_t sampled(const Easel& easel, const Question& question, std::vector<double>& values,
                    std::vector<double>& weights) {
  constexpr std::size_t kFirst = 50'000, kTimes = 4;
  Options options = easel.options;
  options.parameters = question.parameters;
  std::size_t done = 0;
  for (std::size_t count = std::min(kFirst, values.size()); done < values.size();) {
    try {
      question.moment.sample(
          {.values = std::span(values).first(count), .weights = std::span(weights).first(count)}, options);
    } catch (const Stopped&) {
      if (done == 0) throw;
      break;
    }
    done = count;
    easel.tell(0.5 * static_cast<double>(done) / static_cast<double>(values.size()));
    count = count > values.size() / kTimes ? values.size() : count * kTimes;
  }
  return done;
}

/// Mean and standard deviation of the samples that are drawn, as the engine estimates them: those that are
/// not finite are left out. Nothing where it is stopped.
std::vector<Estimate> moments_of(const Easel& easel, const Part& asked, std::uint64_t samples) {
  Session asking = easel.session;
  const std::vector<Question> questions = asking.take(fmt::format("E[{0}]\nStd[{0}]", inside(asked)));
  Options options = easel.options;
  options.samples = samples;
  options.target_error = options.target_relative = 0;
  options.nonfinite = Nonfinite::drop;
  const Report report = easel.run(questions.front(), asked, options, 0.5, 1);
  if (report.stopped) return {};
  return {report.results.at(0).estimate, report.results.at(1).estimate};
}

/// An error that is not known is no number to write behind a value.
std::string estimate_text(const Estimate& estimate) {
  if (estimate.samples < 2) return number_text(estimate.value);
  if (!std::isfinite(estimate.standard_error))
    return number_text(estimate.value) + " (its error is not known)";
  return to_string(estimate);
}

std::string deviation_text(const Estimate& deviation) {
  if (deviation.samples < 2) return "not known";
  return std::isfinite(deviation.standard_error) ? to_string(deviation) : "not known";
}

std::string tail_text(const TailIndex& tail) {
  const std::string index =
      fmt::format("tail index {:.2g} (Hill, of the {} largest)", tail.alpha, tail.largest);
  if (tail.alpha > 10)
    return fmt::format("tail index above 10 (Hill, of the {} largest): light", tail.largest);
  if (tail.alpha < 1) return index + "; warning: below 1 there is no mean";
  if (tail.alpha < 2) return index + "; warning: below 2 there is no variance, and errors mean nothing";
  if (tail.alpha < 4) return index + "; heavy: below 4 the error of a variance means nothing";
  return index;
}

std::string bins_text(const Histogram& h) {
  const std::string width = h.is_logarithmic
                                ? fmt::format("a factor of {}", number_text(std::pow(10, h.width), 3))
                                : number_text(h.width, 3);
  std::string text =
      fmt::format("{} bin{} of {} ({})", h.weights.size(), h.weights.size() == 1 ? "" : "s", width, h.rule);
  const auto outside = [&](std::uint64_t count, const char* where, double edge) {
    const double step = h.is_logarithmic ? edge * h.width : h.width;
    if (count > 0) text += fmt::format("; {} {} {}", count_text(count), where, number_text_near(edge, step));
  };
  outside(h.below, "below", h.edge(0));
  outside(h.above, "above", h.end());
  // Whoever leaves a hundredth out should know how to see it.
  if (!h.is_logarithmic && h.below == 0 && h.above * 100 > h.samples) text += "; logx makes room for them";
  return text;
}

std::vector<std::string> notes_of(const Histogram& h, const std::vector<Estimate>& moments,
                                  const TailIndex& tail) {
  std::vector<std::string> notes{
      counted(h.samples, "sample") +
          (moments.empty() ? "; stopped before the last"
                           : fmt::format(", mean {}, standard deviation {}", estimate_text(moments[0]),
                                         deviation_text(moments[1]))),
      bins_text(h)};
  if (h.nonfinite > 0)
    notes.push_back(fmt::format("{} {} not finite, and left out", counted(h.nonfinite, "sample"),
                                h.nonfinite == 1 ? "is" : "are"));
  if (std::isfinite(tail.alpha)) notes.push_back(tail_text(tail));
  return notes;
}

Axis height_axis(const Histogram& h, bool is_logarithmic) {
  const bool is_density = !h.is_whole && !h.is_logarithmic;
  const bool is_of_each = h.is_whole && h.width == 1;
  return {.name = is_density   ? "density"
                  : is_of_each ? "probability"
                               : "probability of a bin",
          .is_logarithmic = is_logarithmic};
}

Curve bars_of(const Histogram& h) {
  Curve bars{.kind = Curve::Kind::bars, .is_parted = h.is_whole};
  for (std::size_t k = 0; k < h.weights.size(); ++k) {
    bars.x.push_back(h.edge(k));
    bars.x_end.push_back(h.edge(k + 1));
    bars.y.push_back(h.weights[k] / h.total / (h.is_whole || h.is_logarithmic ? 1 : h.width));
  }
  return bars;
}

}  // namespace

std::vector<Picture> hist(const Easel& easel, const std::vector<std::size_t>& most_bins) {
  const Part& part = easel.request.asked.front();
  const Part asked = as_question(part);
  const Question question = ask(easel.request, asked, easel.session);
  if (asked.text.starts_with("Cov[") || asked.text.starts_with("Corr["))
    refuse(easel.request, part, "its samples have two values", "write a line for each of them");
  std::vector<double> values(std::min(easel.options.budget(), kMostSamples)), weights(values.size());
  std::size_t count = 0;
  try {
    count = sampled(easel, question, values, weights);
  } catch (const Error& error) {
    if (is_of_run(error)) throw;
    throw placed(error, easel.request, asked, question);
  }
  const bool are_all = count == values.size();
  values.resize(count);
  weights.resize(count);
  const bool is_weighted = std::ranges::any_of(weights, [](double w) { return w != 0 && w != 1; });
  std::vector<Histogram> all;
  for (const std::size_t most : most_bins)
    all.push_back(histogram(values, weights, most, easel.request.log_x));
  if (all[0].samples == 0)
    refuse(easel.request, part,
           all[0].nonfinite > 0 ? "none of its samples is finite" : "no sample fulfils the condition");
  if (all[0].weights.empty())
    refuse(easel.request, part, "no sample is above 0, where a logarithmic axis begins", "leave logx out");
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!(weights[k] > 0)) values[k] = NAN;  // no part of the tail
  const std::vector<Estimate> moments =
      are_all ? moments_of(easel, asked, values.size()) : std::vector<Estimate>();
  const TailIndex tail = is_weighted ? TailIndex{NAN, 0} : tail_index(values);
  std::vector<Picture> pictures;
  for (const Histogram& h : all)
    pictures.push_back(Figure{
        .title = inside(asked),
        .x = {.is_logarithmic = h.is_logarithmic, .is_whole = h.is_whole, .low = h.edge(0), .high = h.end()},
        .y = height_axis(h, easel.request.log_y),
        .curves = {bars_of(h)},
        .notes = notes_of(h, moments, tail)});
  return pictures;
}

// ---- converge

namespace {

constexpr std::uint64_t kFirst = 100;  // of fewer samples an error is a guess
constexpr double kApart = 6;           // numbers of samples a decade

/// 100, 147, …, all: six a decade.
std::vector<std::uint64_t> numbers_of_samples(std::uint64_t all) {
  std::vector<std::uint64_t> numbers;
  for (double k = 0;; ++k) {
    const double next = std::round(kFirst * std::pow(10, k / kApart));
    if (!(next < static_cast<double>(all))) break;
    numbers.push_back(static_cast<std::uint64_t>(next));
  }
  numbers.push_back(all);
  return numbers;
}

bool has_reached(const Options& options, const Estimate& estimate) {
  const double error = estimate.standard_error;
  if (!options.has_target()) return false;
  return (options.target_error <= 0 || error <= options.target_error) &&
         (options.target_relative <= 0 || error <= options.target_relative * std::abs(estimate.value));
}

/// The power of M that the error goes with, by least squares of the logarithms.
double power_of(const std::vector<Estimate>& estimates) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const Estimate& each : estimates) {
    if (!(each.standard_error > 0) || !std::isfinite(each.standard_error)) continue;
    const double log_m = std::log(static_cast<double>(each.samples)),
                 log_error = std::log(each.standard_error);
    n += 1, x += log_m, y += log_error, xx += log_m * log_m, xy += log_m * log_error;
  }
  return n < 3 ? NAN : (n * xy - x * y) / (n * xx - x * x);
}

}  // namespace

namespace {

/// Runs of more and more samples, each of the same ones from the first on.
std::vector<Estimate> converging(const Easel& easel, const Question& question, std::vector<double>& samples) {
  const Part& part = easel.request.asked.front();
  Options options = easel.options;
  options.target_error = options.target_relative = 0;
  std::vector<Estimate> estimates;
  const std::vector<std::uint64_t> numbers = numbers_of_samples(easel.options.budget());
  double all = 0, done = 0;
  for (const std::uint64_t count : numbers) all += static_cast<double>(count);
  for (const std::uint64_t count : numbers) {
    options.samples = count;
    const auto work = static_cast<double>(count);
    const Report report = easel.run(question, part, options, done / all, (done + work) / all);
    if (report.stopped) break;
    done += work;
    samples.push_back(static_cast<double>(report.samples));
    estimates.push_back(report.results.front().estimate);
    if (has_reached(easel.options, estimates.back()) || report.samples < count) break;
  }
  if (estimates.empty()) throw Stopped(0, easel.options.budget());
  return estimates;
}

/// Error against samples, on axes on which powers are straight lines.
Figure errors_of(const std::vector<double>& samples, const std::vector<Estimate>& estimates) {
  const Estimate& last = estimates.back();
  Curve line{.kind = Curve::Kind::line, .hue = 0, .is_reference = true},
      points{.kind = Curve::Kind::points, .hue = 0, .x = samples};
  for (std::size_t k = 0; k < samples.size(); ++k) {
    line.x.push_back(samples[k]);
    line.y.push_back(last.standard_error * std::sqrt(samples.back() / samples[k]));
    points.y.push_back(estimates[k].standard_error > 0 ? estimates[k].standard_error : NAN);
  }
  return {.title = {},
          .x = {.name = "samples M", .is_logarithmic = true},
          .y = {.name = "standard error, and the line 1/√M through the last", .is_logarithmic = true},
          .curves = {std::move(line), std::move(points)}};
}

/// Estimates with their errors about the last one. A probability's do not leave 0..1.
std::vector<Curve> estimates_of(const std::vector<double>& samples, const std::vector<Estimate>& estimates) {
  Curve band{
      .kind = Curve::Kind::band, .name = "1/√M about the last estimate", .hue = 0, .is_reference = true},
      points{.kind = Curve::Kind::points, .name = "estimate ± one standard error", .hue = 0};
  const Estimate& last = estimates.back();
  const auto add = [&](Curve& curve, double middle, double error) {
    const bool is_bounded = last.is_probability;
    curve.low.push_back(is_bounded ? std::max(middle - error, 0.0) : middle - error);
    curve.high.push_back(is_bounded ? std::min(middle + error, 1.0) : middle + error);
  };
  for (std::size_t k = 0; k < samples.size(); ++k) {
    points.x.push_back(samples[k]);
    points.y.push_back(estimates[k].value);
    add(points, estimates[k].value, estimates[k].standard_error);
    band.x.push_back(samples[k]);
    add(band, last.value, last.standard_error * std::sqrt(samples.back() / samples[k]));
  }
  Curve middle{.kind = Curve::Kind::line,
               .name = "",
               .hue = 0,
               .x = {samples.front(), samples.back()},
               .y = {last.value, last.value},
               .is_reference = true};
  return {std::move(band), std::move(middle), std::move(points)};
}

}  // namespace

/// Three times the work of the last run, and the same bits whenever it is drawn.
Picture converge(const Easel& easel) {
  const Part& part = easel.request.asked.front();
  const Question question = ask(easel.request, part, easel.session);
  std::vector<double> samples;
  const std::vector<Estimate> estimates = converging(easel, question, samples);
  const Estimate& last = estimates.back();
  if (std::ranges::none_of(estimates, [](const Estimate& each) { return std::isfinite(each.value); }))
    refuse(easel.request, part, "no estimate of it is finite");
  Figure figure{.title = question.labels.front(),
                .x = {.name = "samples M", .is_logarithmic = true},
                .y = {},
                .curves = estimates_of(samples, estimates),
                .notes = {fmt::format("{} after {}", to_string(last),
                                      counted(static_cast<std::uint64_t>(samples.back()), "sample"))}};
  const bool has_errors = last.standard_error > 0 && std::isfinite(last.standard_error);
  if (has_errors) {
    figure.x.name.clear();
    figure.below.push_back(errors_of(samples, estimates));
  }
  if (const double power = power_of(estimates); std::isfinite(power))
    figure.notes.back() += fmt::format("; the error goes with M^{:.2f}", power);
  if (easel.is_stopped()) figure.notes.push_back("stopped before the last");
  for (const std::string& warning : last.warnings) figure.notes.push_back("warning: " + warning);
  return figure;
}

}  // namespace mc::console
