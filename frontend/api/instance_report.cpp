// What an instance tells of itself and of its runs: times, who computed what, its texts.
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "engine/ir/text.hpp"
#include "frontend/api/back_ends.hpp"
#include "frontend/api/instance.hpp"
#include "frontend/api/stretch.hpp"

namespace mc {

using Clock = std::chrono::steady_clock;

/// What the signature took, and what this run found: machine code, or that it had to be made.
Timing Instance::timing_of(const Run& run) const {
  Timing timing = signature_timing();
  timing.run_ms = run.run_ms;
  if (run.on_gpu) {
    if (!gpu_->is_loaded()) return timing;  // stopped before
    const cuda::Module& made = gpu_->first();
    timing.cache = run.was_compiled ? "memory" : made.is_from_disk() ? "disk" : "miss";
    if (!run.was_compiled) timing.compile_ms = made.assembled().compile_ms;
    return timing;
  }
  const bool was_there = run.was_compiled || (tiers_->is_compiled() && tiers_->shared());
  timing.cache = was_there ? "memory" : tiers_->is_from_disk() ? "disk" : "miss";
  if (!was_there) add_machine_code(timing);
  return timing;
}

Timing Instance::signature_timing() const {
  Timing timing;
  timing.lower_ms = whole_ms(stages_.all());
  timing.stages.reserve(16);
  for (const StageTime& stage : stages_.all()) timing.stages.push_back(stretch(stage));
  return timing;
}

/// The compile's stages followed one another without a pause.
void Instance::add_machine_code(Timing& timing) const {
  const jit::Timing* compile = tiers_->timing();
  if (compile == nullptr) return;
  timing.compile_ms = compile->total_ms();
  if (tiers_->is_from_disk()) timing.cache = "disk";
  auto begin = compile->begin;
  const auto add = [&](std::string_view name, double ms) {
    if (ms == 0) return;
    const auto length =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(ms));
    timing.stages.push_back({.name = name, .begin = begin, .length = length, .thread = compile->thread});
    begin += length;
  };
  add("disk", compile->disk_ms);
  add("load", compile->load_ms);
  add("start", compile->start_ms);
  add("emit", compile->emit_ms);
  add("codegen", compile->codegen_ms);
  add("link", compile->link_ms);
}

std::string Instance::device_names(const runtime::Outcome& outcome) const {
  const bool used_one = std::ranges::any_of(
      outcome.executables, [](const auto& each) { return each.executable == nullptr && each.tiles > 0; });
  if (!used_one) return "";
  const std::string& name = gpu_->first().device().name();
  return outcome.devices > 1 ? fmt::format("{} and {} more", name, outcome.devices - 1) : name;
}

void Instance::count_tiles(const runtime::Outcome& outcome, Report& report) const {
  for (const auto& [executable, tiles] : outcome.executables)
    report.tiles[tiers_->back_end(executable)] += tiles;
  for (const runtime::Outcome::Stretch& each : outcome.stretches)
    report.stretches.push_back({.name = name_of(tiers_->back_end(each.executable)),
                                .begin = each.begin,
                                .length = each.end - each.begin,
                                .thread = each.thread,
                                .tiles = each.tiles});
  std::ranges::sort(report.stretches, {}, &Stretch::begin);
}

/// Of a stage before ir. Made again: nobody keeps it, and it is seldom asked for.
std::string Instance::on_its_way(Stage stage) const {
  Stages unmarked;
  std::vector<std::string> texts;
  kernel(false, unmarked, [&](const ir::Kernel& made) { texts.push_back(ir::print(made)); });
  return texts.at(static_cast<std::size_t>(stage));
}

std::string Instance::inspect(Stage stage) {
  switch (stage) {
    case Stage::lowered:
    case Stage::simplified:
    case Stage::contracted:
    case Stage::expanded:
      return on_its_way(stage);
    case Stage::ir:
      return ir::print(tiers_->kernel());
    case Stage::llvm:
      return tiers_->text(&jit::Compiled::llvm_text);
    case Stage::assembly:
      return tiers_->text(&jit::Compiled::assembly_text);
    case Stage::cuda:
      return gpu_->source();
    case Stage::ptx:
      return gpu_->ptx();
  }
  std::unreachable();
}

Signature Instance::signature() const {
  Timing timing = signature_timing();
  add_machine_code(timing);
  return {.text = key_.text(), .timing = timing, .compiled = tiers_->is_compiled()};
}

}  // namespace mc
