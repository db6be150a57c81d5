// Any bytes as a partial result, under a checksum that fits: read, or refused with an error that can be
// printed. What is read is written and read again, and merged.
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/api/partial.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

std::string wrong_with_merge(const Partial& partial) try {
  const Report report = merge(std::span(&partial, 1));
  return report.results.empty() ? "a merge of no results" : "";
} catch (const Error& error) {
  return wrong_with(error);
}

std::string wrong_with_text(const std::string& text) try {
  const Partial partial = Partial::from_text(text);
  const std::string again = partial.to_text();
  if (Partial::from_text(again).to_text() != again) return "'" + again + "' is read as something else";
  return wrong_with_merge(partial);
} catch (const Error& error) {
  return wrong_with(error);
}

}  // namespace

std::string partial_finding(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.begin(), bytes.end());
  if (std::string wrong = wrong_with_text(text); !wrong.empty()) return wrong;
  const auto sum = hash_of(text);
  text += fmt::format(R"(,"checksum":"{:016x}{:016x}"}})", sum[1], sum[0]);
  return wrong_with_text(text);
}

}  // namespace mc::fuzz
