// Keys, news and signals meet in one poll(), inside the function that editline reads a character by.
#include "frontend/console/repl/editor.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT};
constexpr char kNews = 'n', kInterrupt = 'c', kResize = 'w', kContinue = 'f', kTerminate = 't';
constexpr int kHistory = 5000;

std::atomic<int> handler_end = -1, last_signal = 0;

char byte_of(int signal) {
  switch (signal) {
    case SIGINT:
      return kInterrupt;
    case SIGTERM:
    case SIGHUP:
    case SIGQUIT:
      return kTerminate;
    case SIGWINCH:
      return kResize;
    default:
      return kContinue;
  }
}

void on_signal(int number) {
  const int saved = errno;
  if (byte_of(number) == kTerminate) last_signal = number;
  const char byte = byte_of(number);
  [[maybe_unused]] const auto written = write(handler_end, &byte, 1);
  errno = saved;
}

bool is_in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80 ||
         c == '.' || c == ':';
}

std::size_t common_prefix(const std::vector<Candidate>& candidates) {
  std::size_t length = candidates.front().text.size();
  for (const Candidate& each : candidates) {
    const auto [a, b] = std::ranges::mismatch(each.text, candidates.front().text);
    length = std::min(length, static_cast<std::size_t>(a - each.text.begin()));
  }
  return length;
}

/// Below the line, in as many columns as fit.
std::string list(const std::vector<Candidate>& candidates, std::size_t width) {
  std::size_t widest = 0;
  for (const Candidate& each : candidates) widest = std::max(widest, columns(each.shown) + 2);
  const std::size_t across = std::max<std::size_t>(1, width / widest);
  std::string text = "\n";
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    text += candidates[k].shown;
    const bool last = k + 1 == candidates.size() || (k + 1) % across == 0;
    text += last ? "\n" : std::string(widest - columns(candidates[k].shown), ' ');
  }
  return text;
}

}  // namespace

struct Editor::Library {
  EditLine* line = nullptr;
  History* history = nullptr;
  HistEvent event = {};
};

Editor::Editor(std::string history_file, bool colour, EditorEvents events)
    : events_(std::move(events)),
      history_file_(std::move(history_file)),
      colour_(colour),
      library_(std::make_unique<Library>()) {
  if (pipe2(pipe_.data(), O_NONBLOCK | O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  handler_end = pipe_[1];
  last_signal = 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // poll() ends in any case
  for (std::size_t k = 0; k < kSignals.size(); ++k) sigaction(kSignals[k], &action, &before_[k]);

  EditLine*& line = library_->line;
  line = el_init("moment", stdin, stdout, stderr);
  library_->history = history_init();
  history(library_->history, &library_->event, H_SETSIZE, kHistory);
  history(library_->history, &library_->event, H_SETUNIQUE, 1);
  if (!history_file_.empty()) history(library_->history, &library_->event, H_LOAD, history_file_.c_str());

  el_set(line, EL_CLIENTDATA, this);
  el_set(line, EL_EDITOR, "emacs");
  el_set(line, EL_SIGNAL, 0);
  el_set(line, EL_HIST, history, library_->history);
  const auto of = [](EditLine* e) -> Editor& {
    void* editor = nullptr;
    el_get(e, EL_CLIENTDATA, &editor);
    return *static_cast<Editor*>(editor);
  };
  static const auto self = of;
  el_set(line, EL_PROMPT_ESC, +[](EditLine* e) { return self(e).prompt_.data(); }, '\1');
  el_set(line, EL_GETCFN, +[](EditLine* e, wchar_t* to) { return self(e).key(*to); });
  el_set(
      line, EL_ADDFN, "complete", "completes the word", +[](EditLine* e, int) { return self(e).complete(); });
  el_set(line, EL_BIND, "^I", "complete", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(line, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
  el_set(line, EL_BIND, "\\e[H", "ed-move-to-beg", nullptr);
  el_set(line, EL_BIND, "\\e[F", "ed-move-to-end", nullptr);
  el_set(line, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
  el_set(line, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
  el_source(line, nullptr);  // ~/.editrc
  keep_raw();
}

Editor::~Editor() {
  el_end(library_->line);
  history_end(library_->history);
  for (std::size_t k = 0; k < kSignals.size(); ++k) sigaction(kSignals[k], &before_[k], nullptr);
  close(pipe_[0]);
  close(pipe_[1]);
}

Editor::Line Editor::read(std::string_view prompt) {
  prompt_ = colour_ ? fmt::format("\1\033[1m\1{}\1\033[0m\1", prompt) : std::string(prompt);
  given_up_ = false;
  reads_ = true;
  int count = 0;
  const char* text = el_gets(library_->line, &count);
  reads_ = false;
  keep_raw();  // editline gives the terminal back: a Ctrl-D that comes between two lines would be lost
  if (given_up_) {
    print("^C\n");
    return {Ending::interrupted, {}};
  }
  if (text == nullptr || count <= 0) return {Ending::end_of_file, {}};
  std::string line(text, static_cast<std::size_t>(count));
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  return {Ending::line, std::move(line)};
}

void Editor::keep_raw() { el_set(library_->line, EL_PREP_TERM, 1); }

/// Only this user may read what was written.
void Editor::remember(std::string_view text) {
  if (text.empty()) return;
  history(library_->history, &library_->event, H_ENTER, std::string(text).c_str());
  if (history_file_.empty()) return;
  const mode_t before = umask(077);
  history(library_->history, &library_->event, H_SAVE, history_file_.c_str());
  umask(before);
}

void Editor::wake() noexcept { [[maybe_unused]] const auto written = write(pipe_[1], &kNews, 1); }

void Editor::listen(std::chrono::milliseconds time) {
  pollfd news{pipe_[0], POLLIN, 0};
  if (poll(&news, 1, static_cast<int>(time.count())) > 0) hear();
}

/// All that has come: news are told once however many there are.
void Editor::hear() {
  std::array<char, 256> bytes;
  const ssize_t count = ::read(pipe_[0], bytes.data(), bytes.size());
  if (count <= 0) return;
  const std::string_view all(bytes.data(), static_cast<std::size_t>(count));
  const auto came = [&](char what) { return all.find(what) != all.npos; };
  if (came(kTerminate)) {
    ended_ = true;
    if (events_.end) events_.end();
  }
  if (came(kInterrupt) && !(events_.interrupt && events_.interrupt())) given_up_ = true;
  if (came(kResize)) el_resize(library_->line);
  if (came(kContinue)) {  // another program had the terminal, which editline does not know
    el_set(library_->line, EL_PREP_TERM, 0);
    keep_raw();
    if (reads_) el_set(library_->line, EL_REFRESH);
  }
  if (came(kNews) && events_.news) events_.news();
}

/// The next character: 1, or 0 at the end, or -1 where the line is given up.
int Editor::key(wchar_t& to) {
  std::mbstate_t state = {};
  for (;;) {
    std::array<pollfd, 2> both{{{STDIN_FILENO, POLLIN, 0}, {pipe_[0], POLLIN, 0}}};
    if (poll(both.data(), both.size(), -1) < 0 && errno != EINTR) return -1;
    if (both[1].revents != 0) hear();
    if (ended_) return 0;
    if (given_up_) return -1;
    if (both[0].revents == 0) continue;
    char byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return 0;
    const std::size_t used = std::mbrtowc(&to, &byte, 1, &state);
    if (used == static_cast<std::size_t>(-2)) continue;  // more bytes of it come
    if (used == static_cast<std::size_t>(-1)) {          // a key amid a character is that key
      state = {};
      to = static_cast<unsigned char>(byte) < 0x80 ? static_cast<wchar_t>(byte) : L'?';
    }
    return 1;
  }
}

unsigned char Editor::complete() {
  const LineInfo* info = el_line(library_->line);
  const std::string_view before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
  std::size_t first = before.size();
  while (first > 0 && is_in_word(before[first - 1])) --first;
  const std::string_view word = before.substr(first);
  std::vector<Candidate> candidates = events_.complete(before.substr(0, first), word);
  if (candidates.empty()) return CC_REFRESH_BEEP;
  const std::size_t common = common_prefix(candidates);
  if (common > word.size()) {
    el_insertstr(library_->line, candidates.front().text.substr(word.size(), common - word.size()).c_str());
    return CC_REFRESH;
  }
  if (candidates.size() == 1) return CC_REFRESH;
  print(list(candidates, width()));
  return CC_REDISPLAY;
}

int Editor::signal() const { return last_signal; }

std::size_t Editor::width() const { return terminal_width(STDOUT_FILENO); }

/// In which of the lines that the edited text takes the cursor stands, from 0.
std::size_t Editor::row() const {
  if (!reads_) return 0;
  const LineInfo* info = el_line(library_->line);
  const std::string_view before(info->buffer, static_cast<std::size_t>(info->cursor - info->buffer));
  const std::size_t escapes = colour_ ? std::strlen("\1\033[1m\1\1\033[0m\1") : 0;
  return (columns(prompt_) - escapes + columns(before)) / width();
}

void Editor::replace_above(std::size_t lines, std::string_view text) {
  const std::size_t up = lines + row();
  print(fmt::format("\r{}\033[J{}", up > 0 ? fmt::format("\033[{}A", up) : "", text));
  if (reads_) el_set(library_->line, EL_REFRESH);
}

}  // namespace mc::console
