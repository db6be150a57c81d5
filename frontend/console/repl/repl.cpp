// At a terminal: the answer is refined above the line that is being typed.
#include "frontend/console/repl/repl.hpp"

#include <algorithm>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ranges>

#include <langinfo.h>
#include <unistd.h>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/numbers.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/repl/editor.hpp"
#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/repl/running.hpp"
#include "frontend/console/repl/scripted.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

constexpr std::string_view kPrompt = "mc> ", kMorePrompt = "  > ";

/// An answer that comes so soon is shown at once; for others the prompt comes back first.
constexpr std::chrono::milliseconds kSoon(150);

/// $XDG_STATE_HOME/moment/history, made for this user alone; empty where there is no such place.
std::string history_file() {
  const char *state = std::getenv("XDG_STATE_HOME"), *home = std::getenv("HOME");
  std::filesystem::path folder;
  if (state != nullptr && state[0] == '/')
    folder = state;
  else if (home != nullptr && home[0] == '/')
    folder = std::filesystem::path(home) / ".local" / "state";
  else
    return {};
  folder /= "moment";
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  return failed ? std::string() : (folder / "history").string();
}

/// Whether the terminal shows UTF-8. Programs are UTF-8 in any case, so from here on characters are.
bool settle_locale() {
  std::setlocale(LC_CTYPE, "");
  const bool is_utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  if (!is_utf8) std::setlocale(LC_CTYPE, "C.UTF-8");
  return is_utf8;
}

/// For a terminal that shows no UTF-8.
std::string in_ascii(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"·", "-"}, {"∫", "integral"}, {"±", "+-"}, {"…", "..."}, {"²", "^2"}};
  std::string ascii;
  while (!text.empty()) {
    const auto* sign =
        std::ranges::find_if(kSigns, [&](const auto& each) { return text.starts_with(each.first); });
    if (sign != std::end(kSigns)) {
      ascii += sign->second;
      text.remove_prefix(sign->first.size());
      continue;
    }
    const auto c = static_cast<unsigned char>(text.front());
    if (c < 0x80) ascii += text.front();
    if (c >= 0xC0) ascii += '?';
    text.remove_prefix(1);
  }
  return ascii;
}

/// The first `width` columns.
std::string cut(std::string_view text, std::size_t width) {
  std::size_t used = 0, at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (used++ == width) break;
  }
  return std::string(text.substr(0, at));
}

std::string words(const Error& error) { return error.what(); }

class Repl {
 public:
  Ending run() {
    say("moment " + std::string(version()) + ". :help lists what there is, :quit or Ctrl-D ends.\n");
    while (!prompt_.ends()) {
      const std::optional<std::string> text = read();
      if (!text) break;
      guarded([&] { prompt_.take(*text); });
    }
    if (running_) running_->stop();
    settle();
    if (const int signal = editor_.signal()) return {static_cast<ExitCode>(128 + signal), true};
    return {done, true};
  }

 private:
  /// A statement, over as many lines as it takes; nothing at the end of the input.
  std::optional<std::string> read() {
    std::string text;
    for (;;) {
      const Editor::Line line = editor_.read(text.empty() ? kPrompt : kMorePrompt);
      if (line.ending == Editor::Ending::interrupted) return "";
      if (line.ending == Editor::Ending::end_of_file) {
        say("\n");
        if (text.empty()) return {};
        prompt_.end();  // what was begun is still looked at, and says what it lacks
        return text;
      }
      editor_.remember(line.text);
      keep_below(text.empty() ? kPrompt : kMorePrompt, line.text);
      text += (text.empty() ? "" : "\n") + line.text;
      if (text.starts_with(':') || !is_unfinished(text)) return text;
    }
  }

  /// A line that was entered while a run goes on stands below its answer, which is written again and again:
  /// so the line is too.
  void keep_below(std::string_view prompt, std::string_view line) {
    if (lines_ == 0) return;
    below_ += std::string(prompt) + std::string(line) + "\n";
    lines_ += (columns(prompt) + columns(line)) / editor_.width() + 1;
  }

  void guarded(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      say(words(error));
    } catch (const FlagError& error) {
      say(fmt::format("error: {}\n", error.what()));
    }
  }

  // ---- runs

  void ask(Question question, Options options) {
    settle();
    asked_.emplace(std::move(question), Report{}, options);
    running_.emplace(asked_->question.moment, options, [this] { editor_.wake(); });
    const auto end = std::chrono::steady_clock::now() + kSoon;
    while (running_ && std::chrono::steady_clock::now() < end) editor_.listen(kSoon / 4);
    if (!moves_) return settle();
    if (running_) draw();
  }

  /// Waits for the run that is going on.
  void settle() {
    while (running_) editor_.listen(std::chrono::milliseconds(200));
  }

  void hear() {
    if (!running_) return;
    if (running_->has_ended()) return end();
    if (lines_ > 0) draw();
  }

  void end() {
    std::string text;
    try {
      Report report = running_->report();
      text = answer_text(report);
      asked_->report = std::move(report);
    } catch (const DeviceError& error) {
      text = error.what();
    } catch (const Error& error) {
      text = asked_->question.placed(error).what();
    } catch (const std::exception& error) {
      text = fmt::format("error: {}\n", error.what());
    }
    running_.reset();
    show(text, false);
    if (asked_->report.samples > 0) prompt_.answered(std::move(*asked_));
    asked_.reset();
  }

  std::string answer_text(const Report& report) {
    std::string text = report_text(report, colour_, prompt_.settings().time);
    for (const std::string& warning : report_warnings(report)) text += "warning: " + warning + "\n";
    if (report.stopped)
      text += fmt::format("stopped after {} of {} samples; :more goes on\n", count_text(report.samples),
                          count_text(asked_->options.samples));
    return text;
  }

  void draw() {
    const Running::Sight sight = running_->sight();
    const std::size_t width = editor_.width() - 1;
    std::string text;
    for (std::size_t k = 0; k < asked_->question.labels.size(); ++k) {
      const bool known = k < sight.estimates.size() && sight.estimates[k].samples > 1;
      text += cut(fmt::format("{} = {}", asked_->question.labels[k],
                              known ? to_string(sight.estimates[k]) : std::string("…")),
                  width) +
              "\n";
    }
    text += cut(fmt::format("  {}{:.0f} s; Ctrl-C stops", part(sight), sight.seconds), width) + "\n";
    show(text, true);
  }

  static std::string part(const Running::Sight& sight) {
    if (sight.expected == 0) return {};
    return fmt::format("{:.0f}% · ",
                       100.0 * static_cast<double>(sight.done) / static_cast<double>(sight.expected));
  }

  /// Instead of what stood above the line that is edited; it may be replaced again.
  void show(const std::string& text, bool again) {
    if (!moves_) return say(text);
    const std::string all = text + below_;
    editor_.replace_above(lines_, is_utf8_ ? all : in_ascii(all));
    lines_ = again ? rows(all) : 0;
    if (!again) below_.clear();
  }

  /// Of the terminal.
  std::size_t rows(std::string_view text) const {
    std::size_t rows = 0;
    for (const auto line : std::views::split(text, '\n'))
      rows += columns(std::string_view(line)) / editor_.width() + 1;
    return rows - 1;  // after the last line's end there is none
  }

  void say(std::string_view text) { print(is_utf8_ ? std::string(text) : in_ascii(text)); }

  bool interrupt() {
    if (running_) running_->stop();
    return running_.has_value();
  }

  void end_all() {
    prompt_.end();
    interrupt();
  }

  std::vector<Candidate> complete(std::string_view line, std::string_view word) const {
    std::vector<Candidate> all;
    const auto offer = [&](std::string text, std::string shown) {
      if (text.starts_with(word)) all.push_back({std::move(text), std::move(shown)});
    };
    if (line.empty() && word.starts_with(':')) {
      for (const CommandHelp& each : commands())
        offer(fmt::format(":{}{}", each.name, each.arguments.empty() ? "" : " "),
              fmt::format(":{} {}", each.name, each.arguments));
      return all;
    }
    if (line.starts_with(":set ") || line.starts_with(":time ")) {
      for (const Setting& each : shown(prompt_.settings()))
        offer(fmt::format("{} ", each.name), std::string(each.name));
      return all;
    }
    for (const Session::Definition& each : prompt_.session().definitions()) offer(each.name, each.name);
    for (const Word& each : vocabulary()) {
      const bool is_part = each.name.find('.') != std::string::npos;  // normal.pdf: once a dot is asked for
      if (is_part && word.find('.') == word.npos) continue;
      const std::size_t opened = each.signature.find_first_of("([");
      offer(each.signature.substr(0, opened == std::string::npos ? opened : opened + 1), each.signature);
    }
    return all;
  }

  bool is_utf8_ = settle_locale();
  bool colour_ = has_colour();
  bool moves_ = can_redraw();
  std::size_t lines_ = 0;          ///< above the one that is edited, which the next news replace
  std::string below_;              ///< what was entered since, the last of those lines
  std::optional<Answered> asked_;  ///< while it runs
  Prompt prompt_{{.ask = [this](Question question, Options options) { ask(std::move(question), options); },
                  .settle = [this] { settle(); },
                  .say = [this](std::string_view text) { say(text); }}};
  Editor editor_{
      history_file(),
      colour_,
      {.complete = [this](std::string_view line, std::string_view word) { return complete(line, word); },
       .news = [this] { hear(); },
       .interrupt = [this] { return interrupt(); },
       .end = [this] { end_all(); }}};
  std::optional<Running> running_;  ///< the last member: it wakes the editor until it has gone
};

}  // namespace

Ending repl(const ReplArguments& arguments) {
  if (arguments.file) return run_script(*arguments.file, read_program(*arguments.file), arguments.json);
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    return run_script("standard input", read_program("-"), arguments.json);
  if (arguments.json) throw FlagError("--json: at a terminal answers are for people; give -f FILE");
  return Repl().run();
}

}  // namespace mc::console
