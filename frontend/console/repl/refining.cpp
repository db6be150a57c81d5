#include "frontend/console/repl/refining.hpp"

#include <utility>

#include <fmt/format.h>

#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

/// The number is what people look at; of what is asked its beginning does.
std::string fitted(const std::string& name, const std::string& number, const Look& look) {
  const std::string cut = look.is_ascii ? "..." : "…", rest = number.empty() ? " " + cut : " = " + number;
  if (columns(name) + columns(rest) <= look.width) return name + rest;
  if (columns(rest) + columns(cut) + 1 > look.width) return number.empty() ? cut : number;
  return fmt::format("{}{}{}", first_columns(name, look.width - columns(rest) - columns(cut)), cut, rest);
}

}  // namespace

void Refining::begin(std::vector<std::string> names, int digits) {
  const std::lock_guard lock(mutex_);
  names_ = std::move(names);
  digits_ = digits;
  estimates_.clear();
  done_ = expected_ = 0;
  seconds_ = 0;
}

void Refining::hear(const Progress& progress) {
  std::vector<Estimate> estimates = progress.estimates();
  const std::lock_guard lock(mutex_);
  estimates_ = std::move(estimates);
  done_ = progress.samples_done;
  expected_ = progress.expected;
  seconds_ = progress.seconds;
}

void Refining::end() {
  const std::lock_guard lock(mutex_);
  names_.clear();
}

std::string Refining::text(const Look& look, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  if (names_.empty() || most == 0) return {};
  const bool are_all = names_.size() < most;
  const std::size_t shown = are_all ? names_.size() : most - std::min<std::size_t>(most - 1, 2);
  std::string text;
  for (std::size_t k = 0; k < shown; ++k) {
    const bool is_known = k < estimates_.size() && estimates_[k].samples > 1;
    text += fitted(names_[k], is_known ? to_string(estimates_[k], digits_) : "", look) + "\n";
  }
  if (most == 1) return text;
  if (!are_all && most > 2) text += fmt::format("… {} more\n", names_.size() - shown);
  std::string far;
  if (expected_ > 0)
    far = fmt::format("{:.0f}% · ", 100.0 * static_cast<double>(done_) / static_cast<double>(expected_));
  if (done_ > 0) far += fmt::format("{:.0f} s; ", seconds_);
  return text.append(first_columns(fmt::format("  {}Ctrl-C stops", far), look.width)) + "\n";
}

}  // namespace mc::console
