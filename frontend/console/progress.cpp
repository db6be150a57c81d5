// Composing is a table: ever shorter lines, the first that fits is taken.
#include "frontend/console/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

using namespace std::chrono_literals;

constexpr auto interval = 100ms;           // between two drawings
constexpr auto long_run = 1s;              // who has waited for that long wonders
constexpr double rate_memory_seconds = 2;  // a switch to machine code shows soon, a hiccup hardly

/// Two figures: 3.7e10, 950.
std::string rough(std::uint64_t count) {
  if (count < 1000) return std::to_string(count);
  std::string text = fmt::format("{:.1e}", static_cast<double>(count));  // 3.7e+10
  std::erase(text, '+');
  if (const std::size_t zero = text.find("e0"); zero != text.npos) text.erase(zero + 1, 1);
  if (const std::size_t round = text.find(".0e"); round != text.npos) text.erase(round, 2);
  return text;
}

/// The two largest units.
std::string duration_text(double seconds) {
  if (!(seconds < 1e9)) return "ages";
  const auto s = static_cast<long long>(std::ceil(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
  return fmt::format("{} d {} h", s / 86400, s / 3600 % 24);
}

struct Parts {
  std::string percent, samples, few_samples, target, estimate, rate, left;
};

std::string percent_text(const Sight& sight) {
  if (sight.expected == 0) return "?%";
  const double share = static_cast<double>(sight.done) / static_cast<double>(sight.expected);
  return fmt::format("{}%", static_cast<int>(100 * std::min(share, 1.0)));
}

std::string target_text(const Sight& sight) {
  if (!sight.estimate || !sight.has_target()) return "";
  const double error = sight.estimate->standard_error;
  if (sight.target_error > 0) return fmt::format("error {:.2g}, aimed at {}", error, sight.target_error);
  return fmt::format("relative error {:.2g}, aimed at {}", error / std::abs(sight.estimate->value),
                     sight.target_relative);
}

Parts parts(const Sight& sight) {
  Parts parts;
  parts.percent = percent_text(sight);
  const std::string end = sight.expected == 0 ? ""
                                              : fmt::format(" of {}{}", sight.has_target() ? "about " : "",
                                                            rough(sight.expected));
  parts.samples = fmt::format("{}{} {}", rough(sight.done), end, sight.what);
  parts.few_samples = fmt::format("{} {}", rough(sight.done), sight.what);
  parts.target = target_text(sight);
  if (sight.estimate && sight.estimate->samples > 1)
    parts.estimate =
        to_string(*sight.estimate) + (sight.more > 0 ? fmt::format(" and {} more", sight.more) : "");
  if (sight.rate > 0) parts.rate = rough(static_cast<std::uint64_t>(sight.rate)) + "/s";
  if (sight.rate > 0 && sight.expected > 0) {
    const auto left = static_cast<double>(sight.expected - std::min(sight.done, sight.expected));
    parts.left = duration_text(left / sight.rate) + " left";
  } else {
    parts.left = duration_text(std::floor(sight.seconds));
  }
  return parts;
}

/// Those that are there.
std::string line_of(std::vector<std::string> parts) {
  std::erase(parts, "");
  return joined(parts, " · ");
}

/// Columns of the terminal behind stderr, but for those that the terminal's own "^C" may take, and the last:
/// writing there makes some wrap.
std::size_t usable_width() {
  const std::size_t width = terminal_width(STDERR_FILENO);
  return width - std::min<std::size_t>(width, 3);
}

bool can_wipe() { return isatty(STDERR_FILENO) != 0 && can_redraw(); }

/// A job in the background leaves the terminal to who works there.
bool is_in_foreground() {
  const pid_t owner = tcgetpgrp(STDERR_FILENO);
  return owner < 0 || owner == getpgrp();
}

/// One write; what does not get out is drawn anew soon.
void put(std::string_view text) {
  [[maybe_unused]] const auto n = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

std::string progress_text(const Sight& sight, std::size_t width) {
  const Parts p = parts(sight);
  const std::array lines{
      line_of({p.percent, p.samples, p.target, p.estimate, p.rate, p.left}),
      line_of({p.percent, p.few_samples, p.target, p.estimate, p.rate, p.left}),
      line_of({p.percent, p.target, p.estimate, p.rate, p.left}),
      line_of({p.percent, p.target, p.estimate, p.left}),
      line_of({p.percent, p.target, p.left}),
      line_of({p.percent, p.estimate, p.left}),
      line_of({p.percent, p.left}),
      line_of({p.percent}),
  };
  const auto fits = std::ranges::find_if(lines, [&](const std::string& l) { return columns(l) <= width; });
  return fits == lines.end() ? "" : *fits;
}

ProgressLine::ProgressLine(When when, const Options& options) {
  sight_.target_error = options.target_error;
  sight_.target_relative = options.target_relative;
  sight_.expected = options.has_target() ? 0 : options.budget();
  begin(when);
}

ProgressLine::ProgressLine(When when, std::string_view what) {
  sight_.what = what;
  begin(when);
}

void ProgressLine::begin(When when) {
  if (when == When::never || !can_wipe()) return;
  first_ = when == When::if_long ? Clock::duration(long_run) : interval;
  try {
    drawing_ = std::thread([this] { draw_again_and_again(first_); });
  } catch (const std::system_error&) {
    // No thread is to be had: nothing is drawn.
  }
}

ProgressLine::~ProgressLine() { end(); }

void ProgressLine::end() {
  if (!is_shown()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  ending_.notify_one();
  drawing_.join();
  if (std::exchange(is_drawn_, false)) put("\r\033[K");
}

void ProgressLine::hear(const Progress& progress) {
  // Nobody looks yet.
  if (Clock::now() - start_ + interval < first_) return;
  std::vector<Estimate> estimates = progress.estimates();
  const std::lock_guard lock(mutex_);
  const double passed = progress.seconds - sight_.seconds;
  const auto came = static_cast<double>(progress.samples_done - sight_.done);
  if (passed > 0) {
    const double weight = sight_.rate > 0 ? -std::expm1(-passed / rate_memory_seconds) : 1;
    sight_.rate += weight * (came / passed - sight_.rate);
  }
  sight_.done = progress.samples_done;
  sight_.expected = progress.expected;
  sight_.seconds = progress.seconds;
  if (estimates.empty()) return;
  sight_.more = estimates.size() - 1;
  sight_.estimate = std::move(estimates[0]);
}

void ProgressLine::draw_again_and_again(Clock::duration first) {
  std::unique_lock lock(mutex_);
  Clock::time_point next = start_ + first;
  while (!ending_.wait_until(lock, next, [&] { return ends_; })) {
    draw();
    next = Clock::now() + interval;
  }
}

void ProgressLine::draw() {
  if (!is_in_foreground()) return;
  Sight now = sight_;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  if (now.rate == 0) now.seconds = seconds;
  put(fmt::format("\r{}\033[K", progress_text(now, usable_width())));
  is_drawn_ = true;
}

}  // namespace mc::console
