// The demos' names. Each demo is a file of its own, demo_NAME.cpp.
#include "frontend/console/demo.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

struct Demo {
  std::string_view name, about;
};

constexpr std::array<Demo, 1> kDemos{{
    {"warmup", "how long the first calls of a moment take, and what they are made of"},
}};

/// How many letters have to be changed, added or left out to make one of the other (Levenshtein's distance).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace

std::string demo_list() {
  std::string text = "moment demo NAME runs one of these:\n";
  for (const Demo& demo : kDemos) text += fmt::format("  {:<10}{}\n", demo.name, demo.about);
  return text;
}

std::string no_demo(const std::string& name) {
  const auto nearest =
      std::ranges::min_element(kDemos, {}, [&](const Demo& demo) { return distance(name, demo.name); });
  const bool is_near = name.size() < 100 && distance(name, nearest->name) <= 3;
  return fmt::format(
      "there is no demo {}; {}", in_quotes(name),
      is_near ? fmt::format("did you mean moment demo {}?", nearest->name) : "moment demo lists them");
}

}  // namespace mc::console
