// Tables on stdout; what is wrong with the folder is a warning on stderr and no failure, as for a run.
#include "frontend/console/cache.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

std::string size_text(std::uint64_t bytes) {
  const double kib = static_cast<double>(bytes) / 1024;
  return kib < 999.5 ? fmt::format("{:.0f} KiB", kib) : fmt::format("{:.1f} MiB", kib / 1024);
}

std::string time_text(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm local{};
  std::array<char, 32> text{};
  if (localtime_r(&seconds, &local) == nullptr) return "?";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local)};
}

std::string kernel_text(const CacheEntry& entry) {
  if (entry.operations == 0) return "of no use";
  const std::string bits = entry.vector_bits > 0 ? fmt::format("{} bits, ", entry.vector_bits) : "";
  return fmt::format("{} operations, {}{}{}", entry.operations, bits, entry.processor,
                     entry.usable ? "" : ", by another version or for another machine");
}

void list() {
  std::string text;
  for (const CacheEntry& entry : cache_entries())
    text += fmt::format("{}  {:>8}  {}  {}\n", time_text(entry.used), size_text(entry.bytes),
                        entry.file.substr(0, 12), kernel_text(entry));
  print(text);
}

void clear() {
  const std::size_t count = clear_cache();
  print(fmt::format("removed {} kernel{}\n", count, count == 1 ? "" : "s"));
}

void stats() {
  const CacheState state = cache_state();
  print(fmt::format("folder   {}\nkernels  {}\nsize     {} of {}\n", state.folder, state.kernels,
                    size_text(state.bytes), size_text(state.most_bytes)));
  if (state.unfinished > 0)
    print(fmt::format("killed   {} file{} of processes that were killed while they wrote\n", state.unfinished,
                      state.unfinished == 1 ? "" : "s"));
  if (!state.trouble.empty()) log_warning(fmt::format("warning: nothing is kept: {}", state.trouble));
}

constexpr std::array<std::pair<std::string_view, void (*)()>, 3> kActions{
    {{"list", list}, {"clear", clear}, {"stats", stats}}};

}  // namespace

Ending cache(const std::string& what) {
  for (const auto& [name, action] : kActions) {
    if (name != what) continue;
    action();
    return done;
  }
  if (what.empty()) throw FlagError("cache: say what to do: list, clear or stats");
  throw FlagError(fmt::format("cache: {} is none of list, clear and stats", in_quotes(what)));
}

}  // namespace mc::console
