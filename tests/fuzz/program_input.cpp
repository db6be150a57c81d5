// A grown program on every back end, at every width, by one thread and two: all bits agree.
#include <bit>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "engine/host.hpp"
#include "tests/fuzz/grower.hpp"
#include "tests/fuzz/inputs.hpp"

namespace mc::fuzz {
namespace {

/// Small enough for LLVM to compile in some milliseconds; what is larger is refused by name.
constexpr Limits kLimits{.stored = 4096, .rounds = 100'000, .operations = 2500};

struct Way {
  Backend backend;
  unsigned bits, threads;
};

/// The first is what the others are compared with.
constexpr Way kWays[] = {
    {Backend::interpreter, 128, 1}, {Backend::interpreter, 512, 2}, {Backend::llvm, 128, 1},
    {Backend::llvm, 256, 2},        {Backend::llvm, 512, 1},
};

std::string bits_of(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{:016x}", std::bit_cast<std::uint64_t>(value));
}

std::string described(const Estimate& e) {
  std::string text = fmt::format("{} ± {} ({} counted, {} not finite)", bits_of(e.value),
                                 bits_of(e.standard_error), e.samples, e.nonfinite);
  for (const std::string& warning : e.warnings) text += "; " + warning;
  return text + "\n";
}

std::string described(const Report& report) {
  std::string text;
  for (const auto& result : report.results) text += result.query + ": " + described(result.estimate);
  for (const auto& integral : report.integrals) text += "integral: " + described(integral.estimate);
  for (const std::string& warning : report.warnings) text += warning + "\n";
  return text;
}

/// Everything a run tells, or why it is refused.
std::string told(const Moment& moment, const Grown& grown, const Way& way) {
  Options options = grown.options;
  options.backend = way.backend;
  options.threads = way.threads;
  limit_vector_bits(way.bits);
  try {
    return described(grown.box ? moment.run(*grown.box, options) : moment.run(options));
  } catch (const Error& error) {
    return error.what();
  }
}

bool names_a_limit(std::string_view refusal) { return refusal.contains("Limits::"); }

std::string finding_of(const Grown& grown) {
  const auto moment = grown.density ? try_compile(grown.program, *grown.density, kLimits)
                                    : try_compile(grown.program, kLimits);
  if (!moment.has_value())
    return names_a_limit(moment.error().what()) ? "" : fmt::format("refused: {}", moment.error().what());
  std::string expected;
  for (const Way& way : kWays) {
    const std::string found = told(*moment, grown, way);
    if (found.starts_with("error")) {
      if (names_a_limit(found)) return "";
      return fmt::format("refused at the call: {}", found);
    }
    if (&way == &kWays[0]) expected = found;
    if (found != expected)
      return fmt::format("{} of {} bits, {} threads:\n{}the interpreter:\n{}",
                         way.backend == Backend::llvm ? "machine code" : "the interpreter", way.bits,
                         way.threads, found, expected);
  }
  return "";
}

}  // namespace

std::string program_finding(std::span<const std::uint8_t> bytes) {
  const Grown grown = grow(bytes);
  std::string finding = finding_of(grown);
  limit_vector_bits(0);
  if (!finding.empty()) finding += "\n" + grown.text();
  return finding;
}

}  // namespace mc::fuzz
