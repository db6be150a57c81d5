// plot: expressions by map, in one go over the whole range; moments by a run for each of fewer points, all of
// the same samples, so that their curve is smooth.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/numbers.hpp"
#include "frontend/console/pictures/pictures.hpp"
#include "frontend/console/pictures/ticks.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::size_t kPoints = 801, kMomentPoints = 65;

/// What went wrong where the question has no randomness. A name that nobody knows is all that is said of it
/// then: the language would take it for a vector.
[[noreturn]] void refuse(const Easel& easel, const Part& part, const Question& question, const Error& error) {
  const std::vector<Statement> all = statements(question.program);
  const auto is_known = [&](const std::string& name) {
    const auto is_named = [&](const auto& parameter) { return parameter.first == name; };
    return name == easel.request.variable.text || std::ranges::any_of(question.parameters, is_named) ||
           std::ranges::count(all, name, &Statement::name) > 0 ||
           std::ranges::count(vocabulary(), name, &Word::name) > 0;
  };
  for (const std::string& name : question.uses)
    if (!is_known(name))
      refuse(easel.request, part, fmt::format("{} is free: it has no value", name),
             fmt::format("define it first: {} = 1", name));
  throw placed(error, easel.request, part, question);
}

/// A range's end, which may be any expression without randomness.
double end_of_range(const Easel& easel, const Part& part) {
  const Question question = ask(easel.request, part, easel.session);
  double value = 0;
  try {
    value = question.moment(std::span<const double>{}, question.parameters);
  } catch (const Error& error) {
    refuse(easel, part, question, error);
  }
  if (!std::isfinite(value)) refuse(easel.request, part, "a range's end has to be finite");
  return value;
}

/// Equally far from each other on the axis.
std::vector<double> points_between(double from, double to, std::size_t count, bool is_logarithmic) {
  std::vector<double> all;
  for (std::size_t k = 0; k < count; ++k) {
    const double part = static_cast<double>(k) / static_cast<double>(count - 1);
    all.push_back(is_logarithmic ? std::pow(from, 1 - part) * std::pow(to, part)
                                 : from * (1 - part) + to * part);
  }
  all.back() = to;
  return all;
}

/// f alone, where f is a function: f(x).
Part applied(const Easel& easel, const Part& part) {
  const std::string& variable = easel.request.variable.text;
  const auto definitions = easel.session.definitions();
  const auto defined = std::ranges::find(definitions, part.text, &Session::Definition::name);
  const bool is_function = defined != definitions.end()
                               ? defined->kind == Statement::Kind::function
                               : std::ranges::any_of(vocabulary(), [&](const Word& word) {
                                   return word.name == part.text && word.kind == Word::Kind::function;
                                 });
  return is_function ? Part{part.text + "(" + variable + ")", part.begin, 0, variable.size() + 2} : part;
}

/// Whether the program's value depends on the variable, which nothing in it defines.
bool depends_on(const Question& question, const std::string& variable) {
  return std::ranges::any_of(statements(question.program), [&](const Statement& statement) {
    return std::ranges::count(statement.uses, variable) > 0;
  });
}

bool is_moment(const Question& question) {
  return question.moment.has_variables() || statements(question.text).front().kind == Statement::Kind::query;
}

/// Where a few points would flatten all others, as a pole's do, and what to show then: as far beyond the
/// middle eight tenths of the values as these reach. Nothing where the values go there in small steps.
std::optional<std::pair<double, double>> window(const std::vector<Curve>& curves) {
  std::vector<double> values;
  double step = 0;
  for (const Curve& curve : curves)
    for (std::size_t k = 0; k < curve.y.size(); ++k) {
      if (!std::isfinite(curve.y[k])) continue;
      values.push_back(curve.y[k]);
      if (k > 0 && std::isfinite(curve.y[k - 1]))
        step = std::max(step, std::abs(curve.y[k] - curve.y[k - 1]));
    }
  if (values.size() < 10) return {};
  std::ranges::sort(values);
  const double low = values[values.size() / 10], high = values[values.size() * 9 / 10], spread = high - low;
  const double all = values.back() - values.front();
  if (!(spread > 0) || !(all > 20 * spread) || !(step > all / 8)) return {};
  return std::pair(std::max(low - spread, values.front()), std::min(high + spread, values.back()));
}

/// A curve that grows on both sides of a change of its sign, up to a jump, has a pole there and is not drawn
/// across it.
void break_at_poles(Curve& curve, double jump) {
  const std::vector<double>& y = curve.y;
  const auto is_pole = [&](std::size_t k) {
    return y[k] * y[k + 1] < 0 && std::abs(y[k] - y[k + 1]) > jump && std::abs(y[k]) > std::abs(y[k - 1]) &&
           std::abs(y[k + 1]) > std::abs(y[k + 2]);
  };
  for (std::size_t k = 1; k + 2 < curve.y.size(); ++k) {
    if (!is_pole(k)) continue;
    const auto at = static_cast<std::ptrdiff_t>(k + 1);
    curve.x.insert(curve.x.begin() + at, (curve.x[k] + curve.x[k + 1]) / 2);
    curve.y.insert(curve.y.begin() + at, NAN);
    ++k;
  }
}

class Plot {
 public:
  explicit Plot(const Easel& easel)
      : easel_(easel),
        request_(easel.request),
        from_(end_of_range(easel, request_.from)),
        to_(end_of_range(easel, request_.to)) {
    if (!(from_ < to_))
      refuse(request_,
             {request_.line.substr(request_.from.begin, request_.to.end() - request_.from.begin),
              request_.from.begin},
             fmt::format("the range {}..{} is empty", number_text(from_), number_text(to_)));
    if (request_.log_x && !(from_ > 0))
      refuse(request_, request_.from, "a logarithmic axis begins above 0",
             fmt::format("leave logx out, or write {} = 0.1..", request_.variable.text));
  }

  Figure figure() {
    figure_.x = {.name = request_.variable.text, .is_logarithmic = request_.log_x, .low = from_, .high = to_};
    figure_.y.is_logarithmic = request_.log_y;
    for (std::size_t k = 0; k < request_.asked.size(); ++k) {
      const Part& part = request_.asked[k];
      const Part whole = applied(easel_, part);
      const Question question = ask(request_, whole, easel_.session, request_.variable.text);
      try {
        is_moment(question) ? add_moment(question, whole, k) : add_function(question, whole, k);
      } catch (const Stopped&) {
        if (k == 0) throw;
        figure_.notes.push_back(fmt::format("stopped before {}", whole.text));
        break;
      }
      figure_.title += (k > 0 ? ", " : "") + whole.text;
    }
    if (!moments_.empty()) figure_.notes.insert(figure_.notes.begin(), band_text());
    if (!request_.log_y) show_a_window();
    return std::move(figure_);
  }

 private:
  std::vector<double> points(std::size_t count) const {
    return points_between(from_, to_, count, request_.log_x);
  }

  void add_function(const Question& question, const Part& part, std::size_t hue) {
    Curve curve{.kind = Curve::Kind::line, .name = part.text, .hue = hue, .x = points(kPoints)};
    curve.y.resize(curve.x.size());
    try {
      fill(curve, question);
    } catch (const Stopped&) {
      throw;
    } catch (const Error& error) {
      refuse(easel_, part, question, error);
    }
    see_gaps(curve, part);
    figure_.curves.push_back(std::move(curve));
  }

  /// A map takes numbers alone: where a file's arrays are needed, each point is computed by itself.
  void fill(Curve& curve, const Question& question) const {
    const std::string& variable = request_.variable.text;
    Parameters parameters = question.parameters;
    if (!depends_on(question, variable)) {
      std::ranges::fill(curve.y, question.moment(std::span<const double>{}, parameters));
    } else if (parameters.empty()) {
      question.moment.map(Output(curve.y), {{variable, Input(curve.x)}},
                          {.threads = easel_.options.threads, .stop = easel_.options.stop});
    } else {
      parameters.emplace_back(variable, 0);
      for (std::size_t k = 0; k < curve.x.size(); ++k) {
        if (easel_.is_stopped()) throw Stopped(k, curve.x.size());
        parameters.back().second = curve.x[k];
        curve.y[k] = question.moment(std::span<const double>{}, parameters);
      }
    }
  }

  /// With a band of two errors, which covers the value at 19 of 20 points.
  void add_moment(const Question& question, const Part& part, std::size_t hue) {
    Curve line{.kind = Curve::Kind::line, .name = part.text, .hue = hue},
        band{.kind = Curve::Kind::band, .hue = hue};
    Options options = easel_.options;
    const bool depends = depends_on(question, request_.variable.text);
    const auto curves = static_cast<double>(request_.asked.size());
    for (const double x : points(kMomentPoints)) {
      const double done =
          (static_cast<double>(hue) + static_cast<double>(line.x.size()) / kMomentPoints) / curves;
      options.parameters = easel_.options.parameters;
      if (depends) options.parameters.emplace_back(request_.variable.text, x);
      const Report report = easel_.run(question, part, options, done, done + 1 / (kMomentPoints * curves));
      if (report.stopped) break;
      const Estimate& estimate = report.results.front().estimate;
      line.x.push_back(x);
      line.y.push_back(estimate.value);
      band.low.push_back(estimate.value - 2 * estimate.standard_error);
      band.high.push_back(estimate.value + 2 * estimate.standard_error);
    }
    if (line.x.empty()) throw Stopped(0, kMomentPoints);
    see_gaps(line, part);
    moments_.push_back(part.text);
    last_points_ = line.x.size();
    band.x = line.x;
    figure_.curves.insert(figure_.curves.begin(), std::move(band));
    figure_.curves.push_back(std::move(line));
  }

  /// Of all moments: what is the same for each is said once.
  std::string band_text() const {
    const Options& options = easel_.options;
    std::string names = moments_.size() > 3 ? fmt::format("the {} moments", moments_.size()) : "";
    for (const std::string& name : moments_)
      if (moments_.size() <= 3) names += (names.empty() ? "" : ", ") + name;
    const std::size_t points = moments_.size() > 1 ? kMomentPoints : last_points_;
    std::string text =
        fmt::format("{}: {} of {}{}, {} ±2 errors wide", names, counted(points, "point"),
                    options.has_target() ? "at most " : "", counted(options.budget(), "sample"),
                    moments_.size() > 1 ? "bands are" : "the band is");
    if (last_points_ < kMomentPoints)
      text +=
          fmt::format("; stopped after {} of {} points of {}", last_points_, kMomentPoints, moments_.back());
    return text;
  }

  void see_gaps(const Curve& curve, const Part& part) {
    const auto count = [&](const auto& is_one) { return std::ranges::count_if(curve.y, is_one); };
    const auto all = static_cast<std::ptrdiff_t>(curve.y.size());
    const auto gaps = count([](double y) { return !std::isfinite(y); });
    if (gaps == all)
      refuse(request_, part,
             fmt::format("it is not finite anywhere on {}..{}", number_text(from_), number_text(to_)));
    if (gaps > 0)
      figure_.notes.push_back(fmt::format("{}: {} of {} points are not finite", part.text, gaps, all));
    if (!request_.log_y) return;
    const auto below = count([](double y) { return std::isfinite(y) && y <= 0; });
    if (gaps + below == all)
      refuse(request_, part, "it is nowhere above 0, where a logarithmic axis begins", "leave logy out");
    if (below > 0)
      figure_.notes.push_back(
          fmt::format("{}: {} of {} points are not above 0, and have no place on a logarithmic axis",
                      part.text, below, all));
  }

  void show_a_window() {
    const auto shown = window(figure_.curves);
    if (!shown) return;
    const Ticks axis = linear_ticks(shown->first, shown->second, 8, true);
    const double low = figure_.y.low = axis.low, high = figure_.y.high = axis.high;
    std::ptrdiff_t outside = 0, all = 0;
    bool are_positive = true;
    for (Curve& curve : figure_.curves) {
      outside +=
          std::ranges::count_if(curve.y, [&](double y) { return std::isfinite(y) && (y < low || y > high); });
      all += static_cast<std::ptrdiff_t>(curve.y.size());
      are_positive = are_positive && std::ranges::none_of(curve.y, [](double y) { return y <= 0; });
      break_at_poles(curve, (high - low) / 4);
    }
    figure_.notes.push_back(fmt::format("{} of {} points lie outside of {}..{} and are not shown{}", outside,
                                        all, number_text(low, 3), number_text(high, 3),
                                        are_positive ? "; logy makes room for them" : ""));
  }

  const Easel& easel_;
  const PictureRequest& request_;
  double from_, to_;
  Figure figure_;
  std::vector<std::string> moments_;
  std::size_t last_points_ = 0;  ///< of the last moment: fewer than all where it was stopped
};

}  // namespace

Picture plot(const Easel& easel) { return Plot(easel).figure(); }

}  // namespace mc::console
