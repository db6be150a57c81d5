// `moment demo warmup`: its arguments, what it says meanwhile, and where table and picture go.
#include "frontend/console/demo_warmup.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/demo.hpp"
#include "frontend/console/gnuplot.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

using namespace warmup;

/// Drawn by gnuplot, and written by us: gnuplot never hears the file's name.
class Picture {
 public:
  /// Whether it can be written is tried before the measuring, which takes a while. Throws FlagError.
  explicit Picture(const std::string& name) : name_(name), was_there_(std::filesystem::exists(name)) {
    const std::string extension = std::filesystem::path(name).extension().string();
    if (!extension.empty() && extension != ".svg")
      throw FlagError(
          fmt::format("--plot {}: the picture is SVG; choose a name that ends with .svg", in_quotes(name)));
    if (!open("abe")) throw FlagError(fmt::format("--plot {}: {}", in_quotes(name), std::strerror(errno)));
  }
  /// What was there stays as it was, and nothing empty is left, where nothing was drawn.
  ~Picture() {
    if (!was_there_ && !is_drawn_) std::remove(name_.c_str());
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  void draw(const Result& result) {
    const std::string drawn = gnuplot(plot_script(result));
    const auto file = open("wbe");
    const auto write = [&] { return std::fwrite(drawn.data(), 1, drawn.size(), file.get()); };
    if (!file || write() != drawn.size() || std::fflush(file.get()) != 0)
      throw OutputError(errno, std::generic_category(), "cannot write the picture to " + name_);
    is_drawn_ = true;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> open(const char* mode) const {
    return {std::fopen(name_.c_str(), mode), std::fclose};
  }

  std::string name_;
  bool was_there_, is_drawn_ = false;
};

/// Makes it, or says why there will be none.
void prepare(std::optional<Picture>& picture, const WarmupArguments& arguments) {
  if (!arguments.plot) return;
  picture.emplace(*arguments.plot);
  if (has_gnuplot()) return;
  picture.reset();
  log_warning(fmt::format("note: {}", no_gnuplot(kNoPicture)));
}

/// One line on a terminal that redraws; for who reads a file, silence.
class Saying {
 public:
  void operator()(const std::string& what) {
    if (is_terminal_) fmt::print(stderr, "\r\033[K{}", what);
  }
  ~Saying() {
    if (is_terminal_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool is_terminal_ = isatty(STDERR_FILENO) != 0;
};

/// What the demo starts itself again for.
Ending one_column(const std::string& name, std::uint64_t samples) {
  const auto column = std::ranges::find(all_columns(), name, &Column::name);
  if (column == all_columns().end() || column->is_numba)
    throw FlagError(fmt::format("--column: {} is none of Moment's columns", in_quotes(name)));
  print(to_json(make_calls(*column, samples)));
  return done;
}

}  // namespace

Ending demo_warmup(const WarmupArguments& arguments) {
  Settings settings{.python = arguments.python};
  if (arguments.samples) settings.samples = parse_count("--samples", *arguments.samples, {1, 1'000'000'000});
  if (arguments.rounds) settings.rounds = parse_count("--rounds", *arguments.rounds, {1, 1000});
  if (arguments.column) return one_column(*arguments.column, settings.samples);
  std::optional<Picture> picture;
  prepare(picture, arguments);
  std::optional<Result> result;
  {
    const Interrupt interrupt;
    result = measure(settings, interrupt.token(), Saying());
    if (!result) return interrupt.signal() == SIGTERM ? terminated : interrupted;
  }
  if (!result->no_numba.empty())
    log_warning(fmt::format("note: Numba is left out: {}; on Debian: apt-get install python3-numba",
                            result->no_numba));
  print(arguments.json ? result_json(*result) : result_text(*result));
  if (picture) picture->draw(*result);
  if (picture && !arguments.json) print(fmt::format("The picture: {}\n", *arguments.plot));
  return done;
}

}  // namespace mc::console
