// At a terminal the line is always there to be edited: what was entered waits for its turn, and answers
// appear above.
#include "frontend/console/repl/repl.hpp"

#include <atomic>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <ranges>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/finally.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/repl/ahead.hpp"
#include "frontend/console/repl/commands.hpp"
#include "frontend/console/repl/completion.hpp"
#include "frontend/console/repl/editor.hpp"
#include "frontend/console/repl/pieces.hpp"
#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/repl/refining.hpp"
#include "frontend/console/repl/screen.hpp"
#include "frontend/console/repl/scripted.hpp"
#include "frontend/console/repl/worker.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kPrompt = "mc> ", kMorePrompt = "  > ";

/// An answer that comes so soon is shown before the prompt is; for others the prompt comes back first, below
/// what is known so far.
constexpr std::chrono::milliseconds kSoon(80);
static_assert(kSoon < std::chrono::milliseconds(100), "a first figure within a tenth of a second");

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
  const bool is_utf8 = has_utf8_locale();
  if (!is_utf8) std::setlocale(LC_CTYPE, "C.UTF-8");
  return is_utf8;
}

class Repl {
 public:
  explicit Repl(const Settings& settings) : settings_(settings) {}

  Ending run(const std::vector<std::string>& before) {
    screen_.say("moment " + std::string(version()) + ". :help lists what there is, :quit or Ctrl-D ends.\n");
    for (const std::string& line : before) waiting_.push_back({line, {}});
    go_on();
    while (!prompt_.ends()) {
      settle_briefly(true);
      const std::optional<std::string> text = read();
      if (!text) break;
      enter(*text);
    }
    waiting_.clear();
    worker_.stop();
    settle();
    if (const int signal = editor_.signal()) return {static_cast<ExitCode>(128 + signal), true};
    return {done, true};
  }

 private:
  // ---- reading

  /// A statement, over as many lines as it takes; nothing at the end of the input.
  std::optional<std::string> read() {
    std::string text;
    Unfinished open;
    for (;;) {
      const std::string_view prompt = text.empty() ? kPrompt : kMorePrompt;
      const Editor::Line line = editor_.read(prompt);
      if (line.ending == Editor::Ending::end_of_file) {
        echo(std::string(prompt));
        if (!text.empty() && !prompt_.ends()) {  // what was begun is still looked at, and says what it lacks
          enter(text);
          settle();
        }
        return {};
      }
      if (line.ending == Editor::Ending::interrupted) {
        editor_.remember(text);
        echoed_.clear();
        screen_.keep();
        return "";
      }
      echo(fmt::format("{}{}\n", prompt, line.text));
      // A command ends a statement that is open, which then says what it lacks.
      const bool is_new = is_command(line.text);
      if (is_new) editor_.remember(text);
      text += (text.empty() ? "" : "\n") + line.text;
      for (const auto each : std::views::split(line.text, '\n')) {
        const std::string_view one(each);
        is_command(one) ? void(open = {}) : open.add(one);
      }
      if (is_new || !open) {
        editor_.remember(is_new ? line.text : text);
        return text;
      }
    }
  }

  /// What the editor wrote: it stays where it stands, but below lines that are written over.
  void echo(const std::string& lines) {
    if (!is_busy() && !screen_.is_live()) return lines.ends_with('\n') ? void() : print("\n");
    screen_.entered(lines);
    if (!lines.ends_with('\n')) return print("\n");
    echoed_ += lines;
  }

  /// Commands that only look do not wait for a run that takes long. What ends the session does, so that all
  /// lines of a pasted text are taken; Ctrl-D ends it now.
  void enter(const std::string& text) {
    std::vector<std::string> pieces;
    Pieces all{Lines(text)};
    while (auto piece = all.next()) pieces.push_back(std::move(piece->text));
    if (pieces.size() == 1) {
      settle_briefly(false);
      const View view = prompt_.view();
      if (const auto command = command_in(pieces.front(), view.session); command && is_busy()) {
        if (answer_at_once(*command, view)) return;
      }
    }
    std::string above = std::exchange(echoed_, {});
    if (!is_busy()) {
      above.clear();
      screen_.keep();
    }
    for (std::string& piece : pieces) waiting_.push_back({std::move(piece), std::exchange(above, {})});
    go_on();
  }

  bool answer_at_once(const std::string& command, const View& view) {
    std::optional<std::string> text;
    try {
      text = looked(command, view, look());
    } catch (const FlagError& error) {
      text = fmt::format("error: {}\n", error.what());
    }
    if (text) screen_.say(std::exchange(echoed_, {}) + *text);
    return text.has_value();
  }

  // ---- what waits, and what is being worked at

  struct Waiting {
    std::string text, echo;  ///< the echo as long as it stands below what is written over
  };

  bool is_busy() const { return worker_.is_busy() || !waiting_.empty(); }

  void go_on() {
    if (worker_.is_busy() || waiting_.empty()) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    screen_.say(next.echo);
    since_ = Clock::now();
    is_over_ = false;
    worker_.begin([this, text = std::move(next.text)](const std::stop_token& stop) {
      stop_ = stop;
      try {
        prompt_.take(text);
      } catch (const std::exception& error) {
        say(prompt_.message(error));
      }
      is_over_ = true;
      release();
    });
  }

  /// The worker's words, which nobody reads before what they tell of is in view().
  void say(std::string_view text) { held_ += text; }
  void release() { screen_.say(std::exchange(held_, {})); }

  /// Waits until all is done, or for as long as one waits for an answer, or, if it is to, until a key comes.
  void settle_briefly(bool for_keys) {
    while (is_busy()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(since_ + kSoon - Clock::now());
      if (moves_ && left.count() <= 0) break;
      if (editor_.listen(moves_ ? left : kSoon, for_keys && moves_)) break;
    }
    draw();
  }

  void settle() {
    while (is_busy()) editor_.listen(std::chrono::milliseconds(200), false);
    draw();
  }

  void hear() {
    go_on();
    draw();
    if (prompt_.ends()) editor_.close();
  }

  void draw() {
    std::string run, lines;
    for (const Waiting& each : waiting_) lines += each.echo;
    lines += echoed_;
    const std::size_t room = screen_.room(), others = std::min(screen_.rows(lines), room / 2);
    if (worker_.is_busy() && Clock::now() - since_ >= kSoon) run = refining_.text(look(), room - others);
    screen_.draw(run + screen_.last_rows(lines, room - screen_.rows(run)));
  }

  /// Of words: a line that is as wide as the terminal may take another row.
  Look look() const {
    return {.width = moves_ ? editor_.width() - 1 : 0, .is_ascii = !is_utf8_, .colour = colour_};
  }

  /// The worker's thread does it; how a run goes on is seen on the screen.
  void work(std::vector<std::string> names, const Prompt::Work& work) {
    release();
    refining_.begin(std::move(names), prompt_.settings().digits);
    const Finally end([this] { refining_.end(); });
    work(stop_, [this](const Progress& now) {
      refining_.hear(now);
      editor_.wake();
    });
  }

  void show(const Answered& answered) {
    std::string text = text_of(answered, prompt_.settings(), colour_);
    for (const std::string& warning : warnings_of(answered)) text += "warning: " + warning + "\n";
    if (answered.report.stopped)
      text += fmt::format("stopped after {} of {} samples; :more goes on\n",
                          count_text(answered.report.samples), count_text(answered.options.budget()));
    say(wrapped(text, look()));
  }

  Studio studio() {
    const auto saying = [this](std::string_view text) { say(text); };
    Look look = this->look();
    look.width = editor_.width();
    return {.work = {}, .say = saying, .note = saying, .has_sixels = shows_sixels(), .look = look};
  }

  /// Who has seen the answer means the line that he types, though the worker may not have gone yet.
  bool interrupt() {
    const bool is_running = worker_.is_busy() && !is_over_;
    if (is_running) worker_.stop();
    return is_running;
  }

  void end_all() {
    prompt_.end();
    interrupt();
  }

  const Settings settings_;  ///< that it begins with
  bool is_utf8_ = settle_locale();
  bool colour_ = has_colour();
  bool moves_ = can_redraw();
  Editor editor_{history_file(),
                 colour_,
                 moves_,
                 {.complete = [this](std::string_view before) { return completion(before, prompt_.view()); },
                  .news = [this] { hear(); },
                  .left = [this] { screen_.keep(); },
                  .interrupt = [this] { return interrupt(); },
                  .pause =
                      [this](std::string_view line) {
                        if (!is_busy()) ahead_.make(line, prompt_.view());
                      },
                  .end = [this] { end_all(); }}};
  Screen screen_{editor_, moves_, is_utf8_, colour_};
  Refining refining_;
  Prompt prompt_{{.work = [this](std::vector<std::string> names,
                                 const Prompt::Work& doing) { work(std::move(names), doing); },
                  .show = [this](const Answered& answered) { show(answered); },
                  .say = [this](std::string_view text) { say(text); },
                  .studio = [this] { return studio(); },
                  .look = [this] { return look(); },
                  .is_watched = true},
                 settings_};
  std::deque<Waiting> waiting_;
  std::string echoed_;                ///< of a statement that is not whole yet, or is about to wait
  Clock::time_point since_ = {};      ///< the worker has had its line
  std::stop_token stop_;              ///< the worker's, for that line
  std::atomic<bool> is_over_ = true;  ///< what the worker was given
  std::string held_;                  ///< said by the worker, which alone has it
  Ahead ahead_;
  Worker worker_{[this] { editor_.wake(); }};  ///< the last members: they use all others
};

}  // namespace

Ending repl(const ReplArguments& arguments) {
  if (arguments.file) return run_script(*arguments.file, Lines(read_program(*arguments.file)), arguments);
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
    return run_script("standard input", Lines(STDIN_FILENO), arguments);
  if (arguments.json) throw FlagError("--json: at a terminal answers are for people; give -f FILE");
  return Repl(arguments.settings).run(arguments.parameters);
}

}  // namespace mc::console
