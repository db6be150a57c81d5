// A text taken line by line: each answer is waited for, an error is said with its place and the rest goes on.
#include "frontend/console/repl/scripted.hpp"

#include <unistd.h>

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "frontend/console/finally.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/json.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/repl/pieces.hpp"
#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

class Scripted {
 public:
  Scripted(std::string_view name, const ReplArguments& arguments)
      : name_(name), json_(arguments.json), settings_(arguments.settings) {}

  Ending run(const std::vector<std::string>& parameters, Lines lines) {
    for (const std::string& parameter : parameters) take({parameter, 0}, "-D");
    Pieces pieces(std::move(lines));
    while (!prompt_.ends() && signal_ == 0) {
      const std::optional<Piece> piece = pieces.next();
      if (!piece) break;
      take(*piece, name_);
    }
    if (signal_ != 0) return {signal_ == SIGTERM ? terminated : interrupted, true};
    return {code_, compiling_};
  }

 private:
  void take(const Piece& piece, const std::string& from) {
    try {
      prompt_.take(piece.text, {from, piece.line});
    } catch (const OutputError&) {
      throw;
    } catch (const Stopped&) {  // the signal says it
    } catch (const DeviceError& error) {
      fail(no_device, error);
    } catch (const Error& error) {
      fail(bad_input, error);
    } catch (const FlagError& error) {
      fail(bad_input, error);
    } catch (const std::exception& error) {
      fail(internal_error, error);
    }
  }

  void fail(ExitCode code, const std::exception& error) {
    code_ = code;
    std::string text = prompt_.message(error);
    text.erase(text.find_last_not_of('\n') + 1);
    log_error(in_colours(text));
    if (!json_) return;
    const Place place = prompt_.place_of(error);
    Json object = {{"error", text}, {"file", place.file}, {"line", place.line}};
    if (place.column > 0) object["column"] = place.column;
    print(json_text(object));
  }

  void show(const Answered& answered) {
    compiling_ |= answered.report.compiling;
    print(json_ ? json_of(answered) : text_of(answered, prompt_.settings(), has_colour()));
    for (const std::string& warning : warnings_of(answered))
      log_warning(in_colours(fmt::format("{}warning: {}", prompt_.place(), warning)));
  }

  /// With JSON all that is no answer goes beside the results.
  void say(std::string_view text) const {
    if (json_)
      log_warning(text.substr(0, text.find_last_not_of('\n') + 1));
    else
      print(text);
  }

  static std::string in_colours(const std::string& text) {
    return has_colour(STDERR_FILENO) ? coloured(text) : text;
  }

  Studio studio() {
    return {.work = {},
            .say = [](std::string_view text) { print(text); },
            .note = [](std::string_view text) { log_warning(text.substr(0, text.find('\n'))); },
            .has_terminal = !json_,
            .has_sixels = !json_ && shows_sixels(),
            .look = {.width = terminal_width(STDOUT_FILENO),
                     .is_ascii = isatty(STDOUT_FILENO) != 0 && !has_utf8_locale(),
                     .colour = has_colour()}};
  }

  /// A signal stops it, and ends the script.
  void work(const Prompt::Work& work) {
    Interrupt interrupt;
    const Finally end([&] {
      signal_ = interrupt.signal();
      if (signal_ != 0) prompt_.end();
    });
    work(interrupt.token(), {});
  }

  std::string name_;
  bool json_;
  Settings settings_;
  ExitCode code_ = done;
  int signal_ = 0;
  bool compiling_ = false;
  Prompt prompt_{{.work = [this](const auto&, const Prompt::Work& doing) { work(doing); },
                  .show = [this](const Answered& answered) { show(answered); },
                  .say = [this](std::string_view text) { say(text); },
                  .studio = [this] { return studio(); }},
                 settings_};
};

}  // namespace

Ending run_script(std::string_view name, Lines lines, const ReplArguments& arguments) {
  return Scripted(name, arguments).run(arguments.parameters, std::move(lines));
}

}  // namespace mc::console
