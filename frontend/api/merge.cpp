// The parts of a run, computed by whoever, made one.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "frontend/api/errors.hpp"
#include "frontend/api/partial.hpp"

namespace mc {

Cost cost_of(const Report& report) {
  Cost cost{report.threads, report.tiles, report.device, report.timing};
  cost.timing.stages.clear();
  return cost;
}

namespace {

using Content = Partial::Content;
using Contents = std::vector<const Content*>;

std::string part_text(const Part& part) { return fmt::format("part {} of {}", part.number, part.of); }

/// What errors call it.
std::string called(const Contents& all, std::size_t k) {
  if (!all[k]->name.empty()) return language::printable(all[k]->name);
  return fmt::format("partial {}, {},", k + 1, part_text(all[k]->part));
}

void check_same_run(const Contents& all) {
  const Content& first = *all[0];
  const auto refuse = [&](std::size_t k, const std::string& what) {
    fail<ArgumentError>(fmt::format("{} is of another run than {}: {}", called(all, k), called(all, 0), what),
                        "parts are of one program with the same arguments, seed and number of samples");
  };
  for (std::size_t k = 1; k < all.size(); ++k) {
    const Content& each = *all[k];
    if (const std::string what = what_differs(each.origin, first.origin); !what.empty()) refuse(k, what);
    if (each.samples != first.samples)
      refuse(k, fmt::format("it has {} samples in all, not {}", each.samples, first.samples));
    if (each.nonfinite != first.nonfinite)
      refuse(k, "it treats samples that are not finite otherwise (--nonfinite; Options::nonfinite)");
    if (each.part.of != first.part.of)
      refuse(k, fmt::format("it is {}, and the other {}", part_text(each.part), part_text(first.part)));
    if (*each.reading != *first.reading) refuse(k, "its queries are others");
  }
}

/// Each once. Many may be missing where one is given.
void check_all_there(const Contents& all) {
  constexpr std::size_t kMostNamed = 8;
  std::vector<std::pair<std::uint32_t, std::size_t>> numbers;
  for (std::size_t k = 0; k < all.size(); ++k) numbers.emplace_back(all[k]->part.number, k);
  std::ranges::sort(numbers);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (const auto twice = std::ranges::adjacent_find(numbers, same); twice != numbers.end())
    fail<ArgumentError>(fmt::format("{} is there twice: {} and {}", part_text(all[twice->second]->part),
                                    called(all, twice->second), called(all, std::next(twice)->second)));
  const std::uint32_t of = all[0]->part.of;
  const std::size_t lacking = of - all.size();
  if (lacking == 0) return;
  std::vector<std::uint32_t> missing;
  for (std::uint32_t number = 1; missing.size() < std::min(lacking, kMostNamed); ++number)
    if (!std::ranges::binary_search(numbers, number, {}, [](const auto& each) { return each.first; }))
      missing.push_back(number);
  const std::string more =
      lacking > missing.size() ? fmt::format(" and {} more", lacking - missing.size()) : "";
  fail<ArgumentError>(fmt::format("of {} parts {} missing: {}{}", of, lacking == 1 ? "one is" : "some are",
                                  fmt::join(missing, ", "), more),
                      "run them with --part NUMBER/OF (Options::part), and all other flags as they were");
}

runtime::Job job_of(const Content& part) {
  runtime::Job job;
  job.samples = part.samples;
  job.part = tiles_of(part.part, part.samples);
  return job;
}

/// Adds what is the part's of its tiles, which has to be all of them.
void take(const Contents& all, std::size_t k, Content& merged) {
  const Content& from = *all[k];
  const runtime::Job job = job_of(from);
  const std::uint64_t before = merged.done.tiles.tiles();
  merged.done.adopt(from.done, job.part);
  const std::uint64_t done = (merged.done.tiles.tiles() - before) * kernels::kTileSamples +
                             (from.rest.empty() ? 0 : from.samples % kernels::kTileSamples);
  if (done != job.samples_of_part())
    fail<ArgumentError>(fmt::format("{} is not whole: it was stopped after {} of {} samples", called(all, k),
                                    done, job.samples_of_part()),
                        "run that part once more");
  if (!from.rest.empty()) merged.rest = from.rest;
}

void add_cost(const Cost& from, Cost& to) {
  to.threads += from.threads;
  for (const auto& [name, backend] : backends()) to.tiles[backend] += from.tiles[backend];
  if (to.device.empty()) to.device = from.device;
  if (from.timing.total_ms > to.timing.total_ms) to.timing = from.timing;
}

/// Of all tiles that are there, which stay there.
std::vector<double> record_of(const Content& content) {
  runtime::Forest all = content.done.tiles;
  if (!content.rest.empty()) {
    std::ranges::copy(content.rest, all.fresh());
    all.add(content.samples / kernels::kTileSamples, 0);
  }
  std::vector<double> record(content.reading->layout().size);
  all.fold(record.data());
  return record;
}

}  // namespace

Report merge(std::span<const Partial> parts) {
  if (parts.empty()) fail<ArgumentError>("there are no partial results to be merged");
  Contents all;
  for (const Partial& each : parts) {
    if (each.content_ == nullptr) fail<ArgumentError>("a partial result is empty", "it is of no run");
    all.push_back(each.content_.get());
  }
  check_same_run(all);
  check_all_there(all);
  const Content& first = *all[0];
  auto merged = std::make_shared<Content>(first.origin, first.reading);
  merged->samples = first.samples;
  merged->nonfinite = first.nonfinite;
  for (std::size_t k = 0; k < all.size(); ++k) {
    take(all, k, *merged);
    add_cost(all[k]->cost, merged->cost);
  }
  const Cost& cost = merged->cost;
  Report report{.results = {},
                .integrals = {},
                .warnings = {},
                .samples = first.samples,
                .seed = first.origin.seed,
                .planned = first.samples,
                .partial = {},
                .threads = cost.threads,
                .tiles = cost.tiles,
                .device = cost.device,
                .stretches = {},
                .timing = cost.timing};
  first.reading->report(record_of(*merged).data(), first.samples, first.nonfinite, report);
  report.partial.content_ = std::move(merged);
  return report;
}

}  // namespace mc
