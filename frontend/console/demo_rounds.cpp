// The rounds of `moment demo warmup`: every column in a process of its own, in turns, so that what else the
// machine does falls on all alike; then medians.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <stdlib.h>

#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/demo_warmup.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/subprocess.hpp"
#include "warmup_py.hpp"

namespace mc::console::warmup {
namespace {

namespace fs = std::filesystem;

constexpr std::array<Column, 7> kColumns{{
    {"auto", "auto", false, Backend::automatic, Code::nowhere},
    {"auto_disk", "auto, on disk", false, Backend::automatic, Code::on_disk},
    {"auto_memory", "auto, in memory", false, Backend::automatic, Code::in_memory},
    {"interpreter", "interpreter", false, Backend::interpreter, Code::nowhere},
    {"llvm", "llvm", false, Backend::llvm, Code::nowhere},
    {"numba", "Numba", true, {}, Code::nowhere},
    {"numba_disk", "Numba, on disk", true, {}, Code::on_disk},
}};

/// A folder for the demo's caches, private and gone with it: the user's cache is neither read nor written.
class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "moment-warmup-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), "cannot make the folder " + path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

template <class T>
double median(const std::vector<Calls>& all, T of) {
  std::vector<double> values;
  for (const Calls& calls : all) values.push_back(of(calls));
  return median(std::move(values));
}

double sum(const std::vector<double>& values) {
  double all = 0;
  for (const double value : values) all += value;
  return all;
}

/// All rounds have the stages of the first, but for one that a round had not come to.
Stages median_stages(const std::vector<Calls>& all) {
  Stages stages;
  for (const auto& [name, ms] : all.front().stages) {
    std::vector<double> values;
    for (const Calls& calls : all)
      for (const auto& [other, value] : calls.stages)
        if (other == name) values.push_back(value);
    stages.emplace_back(name, median(std::move(values)));
  }
  return stages;
}

Calls median_calls(const std::vector<Calls>& all) {
  Calls calls = all.front();
  for (std::size_t k = 0; k < calls.microseconds.size(); ++k)
    calls.microseconds[k] = median(all, [k](const Calls& each) { return each.microseconds.at(k); });
  calls.code_from = static_cast<std::size_t>(
      median(all, [](const Calls& each) { return static_cast<double>(each.code_from); }));
  calls.imports_ms = median(all, [](const Calls& each) { return each.imports_ms; });
  calls.is_one_value = std::ranges::all_of(
      all, [&](const Calls& each) { return each.is_one_value && each.value == calls.value; });
  calls.stages = median_stages(all);
  return calls;
}

/// What was measured of a column.
struct Rounds {
  const Column* column;
  std::vector<Calls> calls;
  std::vector<double> whole_ms;
};

Measured medians(const Rounds& rounds) {
  Measured measured{rounds.column, median_calls(rounds.calls)};
  measured.all_ms = median(rounds.calls, [](const Calls& each) { return sum(each.microseconds) / 1000; });
  if (!rounds.whole_ms.empty()) measured.whole_ms = median(rounds.whole_ms);
  return measured;
}

// ---- the processes

/// Ctrl-C goes to all processes of a terminal, and may end those before it ends the demo.
struct Interrupted {};

Finished good(const Command& command) {
  Finished finished = run(command);
  if (finished.exit == -SIGINT || finished.exit == 128 + SIGINT) throw Interrupted();
  if (!finished.is_good())
    throw std::runtime_error(
        fmt::format("{} ended with {}: {}", command.words.front(), finished.exit, finished.err));
  return finished;
}

std::string_view last_line(std::string_view text) {
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  return text.substr(text.find_last_of('\n') + 1);
}

/// Where to find Python: also where Debian's python3-numba is, though another Python comes first in PATH.
std::vector<std::string> pythons(const std::optional<std::string>& asked) {
  if (asked) return {*asked};
  return {"python3", "/usr/bin/python3"};
}

/// How each column's processes are started.
class Processes {
 public:
  explicit Processes(const Settings& settings)
      : samples_(std::to_string(settings.samples)), self_(fs::read_symlink("/proc/self/exe")) {
    std::ofstream(folder_ / "warmup.py") << kNumbaScript;
    for (const std::string& candidate : pythons(settings.python))
      if (python_.empty() && has_numba(candidate)) python_ = candidate;
    const Column writer{"", "", false, Backend::llvm, Code::on_disk};
    good(eval(writer));
  }

  bool can_make(const Column& column) const { return !column.is_numba || !python_.empty(); }
  std::string no_numba() const { return python_.empty() ? no_numba_ : ""; }

  Calls calls(const Column& column) const {
    return calls_from_json(good(column.is_numba ? numba(python_, kCalls, column.code)
                                                : moment({"demo", "warmup", "--samples", samples_, "--column",
                                                          std::string(column.name)},
                                                         column.code))
                               .out);
  }

  /// For one estimate, as a user starts it.
  std::optional<double> whole_ms(const Column& column) const {
    if (column.code == Code::in_memory) return std::nullopt;  // no process begins like that
    return good(column.is_numba ? numba(python_, 1, column.code) : eval(column)).wall_ms;
  }

 private:
  /// Numba's machine code is on disk then, too.
  bool has_numba(const std::string& python) {
    const Finished finished = run(numba(python, 1, Code::on_disk));
    no_numba_ = !finished.started ? fmt::format("there is no {}", in_quotes(python))
                                  : fmt::format("{} says {}", in_quotes(python), last_line(finished.err));
    return finished.is_good();
  }

  Command numba(const std::string& python, std::size_t calls, Code code) const {
    return {.words = {python, folder_ / "warmup.py", std::to_string(calls), samples_,
                      std::to_string(kCoordinates), code == Code::on_disk ? "cached" : "cold"},
            .environment = {"NUMBA_CACHE_DIR=" + (folder_ / "numba")}};
  }

  Command moment(std::vector<std::string> words, Code code) const {
    words.insert(words.begin(), self_);
    const std::string cache = code == Code::on_disk ? folder_ / "moment" : "/dev/null";
    return {.words = std::move(words), .environment = {"MC_CACHE_DIR=" + cache}};
  }

  Command eval(const Column& column) const {
    const std::string backend(name_of(column.backend));
    return moment({"eval", kProgram, "--samples", samples_, "--threads", "1", "--backend", backend},
                  column.code);
  }

  Folder folder_;
  std::string samples_, self_, python_, no_numba_;
};

}  // namespace

std::span<const Column> all_columns() { return kColumns; }

double Measured::slowest() const { return std::ranges::max(calls.microseconds); }
double Measured::fastest() const { return std::ranges::min(calls.microseconds); }

const Measured* Result::find(std::string_view name) const {
  const auto found = std::ranges::find(columns, name, [](const Measured& each) { return each.column->name; });
  return found == columns.end() ? nullptr : &*found;
}

std::optional<Result> measure(const Settings& settings, const std::stop_token& stop,
                              const std::function<void(const std::string&)>& tell) try {
  const Processes processes(settings);
  std::vector<Rounds> all;
  for (const Column& column : kColumns)
    if (processes.can_make(column)) all.push_back({&column, {}, {}});
  for (std::size_t round = 1; round <= settings.rounds; ++round) {
    for (Rounds& each : all) {
      if (stop.stop_requested()) return std::nullopt;
      tell(fmt::format("round {} of {}: {}", round, settings.rounds, each.column->label));
      each.calls.push_back(processes.calls(*each.column));
      if (const auto ms = processes.whole_ms(*each.column)) each.whole_ms.push_back(*ms);
    }
  }
  Result result{settings, {}, processes.no_numba()};
  for (const Rounds& each : all) result.columns.push_back(medians(each));
  return result;
} catch (const Interrupted&) {
  return std::nullopt;
}

}  // namespace mc::console::warmup
