// One table: each limit's name, its place on both sides, and how far it may be raised.
#include "frontend/api/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"

namespace mc {
namespace {

struct Row {
  std::string_view name;
  std::size_t Limits::* given;
  std::size_t language::Limits::* known;
  std::size_t most = SIZE_MAX;
};

// Recursion over a text takes stack by `depth` and `calls`, a term has 32 index levels, and a kernel's
// indices have 32 bits.
constexpr std::size_t kMostDepth = 1024, kMostCalls = 64, kMostLevels = 24, kMostElements = UINT32_MAX;

constexpr Row kLimits[] = {
    {"text_bytes", &Limits::text_bytes, &language::Limits::text_bytes, UINT32_MAX},
    {"depth", &Limits::depth, &language::Limits::depth, kMostDepth},
    {"tokens", &Limits::tokens, &language::Limits::tokens, UINT32_MAX},
    {"nodes", &Limits::nodes, &language::Limits::nodes, UINT32_MAX},
    {"errors", &Limits::errors, &language::Limits::errors},
    {"expansion", &Limits::expansion, &language::Limits::expansion},
    {"calls", &Limits::calls, &language::Limits::calls, kMostCalls},
    {"index_levels", &Limits::index_levels, &language::Limits::index_levels, kMostLevels},
    {"computed_elements", &Limits::computed_elements, &language::Limits::computed_elements},
    {"dimensions", &Limits::dimensions, &language::Limits::dimensions, kMostElements},
    {"stored", &Limits::stored, &language::Limits::stored, kMostElements},
    {"rounds", &Limits::rounds, &language::Limits::rounds},
    {"passes", &Limits::passes, &language::Limits::passes, UINT32_MAX},
    {"operations", &Limits::operations, &language::Limits::operations, UINT32_MAX},
};
static_assert(sizeof(Limits) == std::size(kLimits) * sizeof(std::size_t), "a row for each");
static_assert(sizeof(language::Limits) == sizeof(Limits));

std::string all_names() {
  std::string names;
  for (const Row& row : kLimits) names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  return names;
}

}  // namespace

void Limits::set(std::string_view name, std::size_t value) {
  const auto* row = std::ranges::find(kLimits, name, &Row::name);
  if (row == std::end(kLimits))
    fail<ArgumentError>(fmt::format("there is no limit {}", language::printable(name)),
                        "there are " + all_names());
  if (value == 0) fail<ArgumentError>(fmt::format("the limit {} has to be at least 1", name));
  this->*(row->given) = value;
  (void)language_limits(*this);
}

language::Limits language_limits(const Limits& limits) {
  language::Limits known;
  for (const Row& row : kLimits) {
    const std::size_t value = limits.*row.given;
    if (value > row.most)
      fail<ArgumentError>(
          fmt::format("the limit {} can be raised to {}, not to {}", row.name, row.most, value));
    if (value != 0) known.*row.known = value;
  }
  return known;
}

}  // namespace mc
