// What the rooms of `moment demo warmup` share: the columns, what is measured of them, and who does what.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mc/mc.hpp>

namespace mc::console::warmup {

/// The lecture's moment.
inline constexpr char kProgram[] = "x ~ uniform(0,1)^2; E[sum(x_i^2)]";
/// So many that machine code pays within the thousand calls: of ten times fewer the interpreter would do all.
inline constexpr std::uint64_t kSamples = 100'000;
inline constexpr std::size_t kCoordinates = 2, kCalls = 1000;
inline constexpr std::size_t kShown[] = {1, 2, 3, 10, 100, 1000};

/// Where machine code lies when a process begins to call.
enum class Code { nowhere, on_disk, in_memory };

/// One way to call a thousand times.
struct Column {
  std::string_view name;   ///< in JSON
  std::string_view label;  ///< in the table and the picture
  bool is_numba;
  Backend backend;
  Code code;
};
std::span<const Column> all_columns();

/// Stages of a compile with their milliseconds, in order.
using Stages = std::vector<std::pair<std::string, double>>;

/// What the calls of one process took.
struct Calls {
  std::vector<double> microseconds;
  std::size_t code_from = 0;  ///< the first call that machine code computed, or a part of it; 0: none
  double value = 0;           ///< what all of them gave
  bool is_one_value = true;   ///< to the last bit
  Stages stages;              ///< empty for Numba
  double imports_ms = 0;      ///< Numba's
  std::string version;        ///< Numba's
};

/// Makes the calls of one of Moment's columns in this process, which is new.
Calls make_calls(const Column& column, std::uint64_t samples);
std::string to_json(const Calls& calls);
Calls calls_from_json(const std::string& text);

/// A column's medians over all rounds.
struct Measured {
  const Column* column;
  Calls calls;
  double all_ms = 0;                    ///< of the thousand calls
  std::optional<double> whole_ms = {};  ///< of a process that makes one call, from its start to its end
  double slowest() const, fastest() const;
  double ratio() const { return slowest() / fastest(); }
};

/// What is asked for.
struct Settings {
  std::uint64_t samples = kSamples;  ///< a call
  std::size_t rounds = 5;
  std::optional<std::string> python;  ///< else the usual places are looked at
};

struct Result {
  Settings settings;
  std::vector<Measured> columns;
  std::string no_numba;  ///< why it is left out, if it is
  const Measured* find(std::string_view name) const;
};

/// All columns in turns, each round in new processes. `tell` hears what is being done. Nothing if `stop` came
/// first.
std::optional<Result> measure(const Settings& settings, const std::stop_token& stop,
                              const std::function<void(const std::string&)>& tell);

std::string result_text(const Result& result);
std::string result_json(const Result& result);
std::string rounds_text(const Result& result);
/// 12.3 µs, 4.56 ms, 1.2 s
std::string duration_text(double microseconds);
/// Stages that the interpreter needs too, and those only machine code does.
std::pair<Stages, Stages> split_stages(const Result& result, const Measured& of);
double sum(const Stages& stages);

/// gnuplot's script of the picture, which draws it on gnuplot's stdout.
std::string plot_script(const Result& result);

}  // namespace mc::console::warmup
