// Any bytes as a program: read, checked, refused with a diagnostic that can be printed, or run.
#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/language/checker.hpp"
#include "frontend/language/parser.hpp"
#include "frontend/language/syntax.hpp"
#include "frontend/language/utf8.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

/// Low, so that bytes reach them, and a run ends soon.
constexpr language::Limits kTight{.text_bytes = 4096,
                                  .depth = 12,
                                  .tokens = 200,
                                  .nodes = 150,
                                  .errors = 3,
                                  .expansion = 400,
                                  .calls = 3,
                                  .index_levels = 3,
                                  .computed_elements = 3};
constexpr Limits kLimits{.text_bytes = 1 << 16,
                         .expansion = 20'000,
                         .dimensions = 200,
                         .stored = 500,
                         .rounds = 5000,
                         .operations = 2000};

// ---- diagnostics

bool is_clean(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const language::Character c = language::decode(text, at);
    if (!c.valid) return false;
    if (language::is_invisible(c.code) && c.code != '\n' && c.code != '\t') return false;
    at += c.size;
  }
  return true;
}

std::string wrong_with(const language::Diagnostic& d, std::string_view source) {
  if (d.span.begin > d.span.end || d.span.end > source.size())
    return fmt::format("'{}' is at {}..{} of {} bytes", d.message, d.span.begin, d.span.end, source.size());
  if (d.message.empty()) return "a diagnostic says nothing";
  const std::string printed = language::render(d, source, "origin");
  if (!is_clean(printed)) return fmt::format("printed raw: {}", language::printable(printed));
  if (printed.size() > 8000) return fmt::format("{} bytes are printed", printed.size());
  return "";
}

std::string wrong_with(const language::Diagnostics& all, const language::Limits& limits,
                       std::string_view source) {
  if (all.error_count() > limits.errors) return fmt::format("{} errors are reported", all.error_count());
  for (const language::Diagnostic& d : all)
    if (std::string wrong = wrong_with(d, source); !wrong.empty()) return wrong;
  return "";
}

// ---- the stages

language::Setting setting_for(const std::vector<language::FreeName>& names, bool box) {
  language::Setting setting;
  for (std::size_t k = box ? 1 : 0; k < names.size(); ++k) {
    const char first = names[k].name[0];
    const unsigned rank = first >= 'A' && first <= 'Z' ? 2 : first >= 't' ? 1 : 0;
    setting.parameters.push_back({names[k].name, {rank, rank > 0 ? 3 : 1, rank == 2 ? 3 : 1}});
  }
  if (box) setting.dimension = 3, setting.bounds = language::Setting::Bounds::cube;
  return setting;
}

/// Parsed, printed as text, parsed again: the same.
std::string wrong_with_text_of(const language::Program& program) {
  const std::string text = language::to_text(program);
  const language::Parsed again = language::parse(text);
  const bool is_long = text.size() > language::Limits{}.text_bytes;
  if (!again.ok() && !is_long && !again.diagnostics[0].hint.contains("Limits::"))
    return fmt::format("'{}' is refused: {}", text, render(again.diagnostics, text));
  if (again.ok() && language::to_text(again.program) != text)
    return fmt::format("'{}' becomes '{}'", text, language::to_text(again.program));
  return "";
}

std::string wrong_with_stages(const std::string& text, const language::Limits& limits) {
  const language::Parsed parsed = language::parse(text, limits);
  if (std::string wrong = wrong_with(parsed.diagnostics, limits, text); !wrong.empty()) return wrong;
  if (!parsed.ok()) return "";
  if (std::string wrong = wrong_with_text_of(parsed.program); !wrong.empty()) return wrong;
  language::Source source{parsed.program, {}, limits};
  language::Setting unsettled;
  unsettled.settled = false;
  const language::Checked open = language::check(source, unsettled);
  if (std::string wrong = wrong_with(open.diagnostics, limits, text); !wrong.empty()) return wrong;
  for (const bool box : {false, true}) {
    if (box && open.free_names.empty()) continue;
    const language::Checked checked = language::check(source, setting_for(open.free_names, box));
    if (std::string wrong = wrong_with(checked.diagnostics, limits, text); !wrong.empty()) return wrong;
    if (!open.ok() && checked.ok()) return "refused before the call, and fine at the call";
  }
  return "";
}

std::string wrong_with_density(const std::string& text) {
  const language::Parsed parsed = language::parse_expression(text, kTight);
  return wrong_with(parsed.diagnostics, kTight, text);
}

// ---- the library

Parameter value_of(const language::Shape& shape) {
  if (shape.rank == 0) return 1.5;
  if (shape.rank == 1) return {0.5, 1.0, 2.0};
  return {{1.0, 0.5, 0.0}, {0.5, 2.0, 1.0}, {0.0, 1.0, 3.0}};
}

void run(const Moment& moment, const std::string& text, bool box) {
  language::Source source{language::parse(text).program, {}, {}};
  language::Setting unsettled;
  unsettled.settled = false;
  Options options{.samples = 3, .backend = Backend::interpreter, .threads = 1};
  const auto setting = setting_for(language::check(source, unsettled).free_names, box);
  for (const auto& given : setting.parameters)
    options.parameters.emplace_back(given.name, value_of(given.shape));
  try {
    (void)(box ? moment.run(mc::box(3, 0.0, 1.0), options) : moment.run(options));
  } catch (const Error&) {  // anything else is a finding
  }
}

std::string wrong_with_library(const std::string& text) {
  if (const auto beside = try_compile("sum(x_i^2)", text, kLimits); !beside.has_value())
    if (std::string wrong = fuzz::wrong_with(beside.error()); !wrong.empty()) return wrong;
  const auto moment = try_compile(text, kLimits);
  if (!moment.has_value()) return fuzz::wrong_with(moment.error());
  for (const bool box : {false, true}) run(*moment, text, box);
  return "";
}

}  // namespace

std::string wrong_with(const Error& error) {
  if (error.diagnostics().empty()) return "an error without a diagnostic";
  return is_clean(error.what()) ? "" : "an error prints raw bytes";
}

std::string parser_finding(std::span<const std::uint8_t> bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const language::Limits& limits : {language::Limits{}, kTight})
    if (std::string wrong = wrong_with_stages(text, limits); !wrong.empty()) return wrong;
  if (std::string wrong = wrong_with_density(text); !wrong.empty()) return wrong;
  return wrong_with_library(text);
}

}  // namespace mc::fuzz
