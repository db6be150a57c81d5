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
#include <ranges>
#include <string_view>
#include <system_error>
#include <tuple>

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
constexpr int kPause = 40;  // ms: longer than between the keys of a line that is pasted

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

/// Longer lines are not remembered: a search of editline's takes the square of a line's length, which no key
/// ends.
constexpr std::size_t kLongestRemembered = 4096;

/// Those that earlier versions wrote.
void forget_long_lines(History* lines) {
  HistEvent event = {};
  std::vector<int> numbers;
  for (int found = history(lines, &event, H_FIRST); found >= 0; found = history(lines, &event, H_NEXT))
    if (std::strlen(event.str) > kLongestRemembered) numbers.push_back(event.num);
  for (const int number : numbers) history(lines, &event, H_DEL, number);
}

}  // namespace

struct Editor::Library {
  EditLine* line = nullptr;
  History* history = nullptr;
  HistEvent event = {};
};

Editor::Editor(std::string history_file, bool colour, bool moves, EditorEvents events)
    : events_(std::move(events)),
      history_file_(std::move(history_file)),
      colour_(colour),
      moves_(moves),
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
  load_history();

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
  el_set(line, EL_PROMPT_ESC, +[](EditLine* e) { return self(e).coloured_prompt_.data(); }, '\1');
  el_set(line, EL_GETCFN, +[](EditLine* e, wchar_t* to) { return self(e).key(*to); });
  el_set(
      line, EL_ADDFN, "complete", "completes the word", +[](EditLine* e, int) { return self(e).complete(); });
  el_set(
      line, EL_ADDFN, "paste", "inserts what is pasted", +[](EditLine* e, int) { return self(e).paste(); });
  el_set(
      line, EL_ADDFN, "older", "a line that began so", +[](EditLine* e, int) { return self(e).recall(1); });
  el_set(
      line, EL_ADDFN, "newer", "a line that began so", +[](EditLine* e, int) { return self(e).recall(-1); });
  el_set(line, EL_BIND, "^I", "complete", nullptr);
  el_set(line, EL_BIND, "\\e[200~", "paste", nullptr);
  for (const char* up : {"\\e[A", "\\eOA"}) el_set(line, EL_BIND, up, "older", nullptr);
  for (const char* down : {"\\e[B", "\\eOB"}) el_set(line, EL_BIND, down, "newer", nullptr);
  el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(line, EL_BIND, "\\e[3~", "ed-delete-next-char", nullptr);
  el_set(line, EL_BIND, "\\e[H", "ed-move-to-beg", nullptr);
  el_set(line, EL_BIND, "\\e[F", "ed-move-to-end", nullptr);
  el_set(line, EL_BIND, "\\e[1;5C", "em-next-word", nullptr);
  el_set(line, EL_BIND, "\\e[1;5D", "ed-prev-word", nullptr);
  el_set(line, EL_SETTY, "-d", "+noflsh", nullptr);  // keys before a Ctrl-C are keys all the same
  el_source(line, nullptr);                          // ~/.editrc
  keep_raw();
  let_paste(true);
}

Editor::~Editor() {
  let_paste(false);
  el_end(library_->line);
  history_end(library_->history);
  for (std::size_t k = 0; k < kSignals.size(); ++k) sigaction(kSignals[k], &before_[k], nullptr);
  ::close(pipe_[0]);
  ::close(pipe_[1]);
}

Editor::Line Editor::read(std::string_view prompt) {
  prompt_ = prompt;
  coloured_prompt_ = colour_ ? fmt::format("\1\033[1m\1{}\1\033[0m\1", prompt) : prompt_;
  given_up_ = false;
  search_ = {};
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

/// In brackets: tabs and line ends of what is pasted are no keys.
void Editor::let_paste(bool on) const {
  if (!moves_) return;
  const std::string_view mode = on ? "\033[?2004h" : "\033[?2004l";
  [[maybe_unused]] const auto written = write(STDOUT_FILENO, mode.data(), mode.size());
}

void Editor::keep_raw() { el_set(library_->line, EL_PREP_TERM, 1); }

/// The file is added to, for other prompts do so too. Only this user may read what was written. Of how many
/// lines editline writes when it is asked for the last one, its versions differ: it gets a history of one.
void Editor::remember(std::string_view text) {
  if (text.empty() || text.size() > kLongestRemembered) return;
  history(library_->history, &library_->event, H_ENTER, std::string(text).c_str());
  if (library_->event.num < 1) return;  // the same as the line before
  if (history_file_.empty()) return;
  const mode_t before = umask(077);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(history_file_.c_str(), "ae"),
                                                             std::fclose);
  umask(before);
  if (!file) return;
  std::fseek(file.get(), 0, SEEK_END);  // at the beginning editline writes what its files begin with
  History* const last = history_init();
  HistEvent event = {};
  history(last, &event, H_SETSIZE, 1);
  history(last, &event, H_ENTER, std::string(text).c_str());
  history(last, &event, H_SAVE_FP, file.get());
  history_end(last);
}

/// What other prompts wrote is among it; a file that has grown long is cut to what is remembered.
void Editor::load_history() {
  if (history_file_.empty()) return;
  History* const lines = library_->history;
  history(lines, &library_->event, H_LOAD, history_file_.c_str());
  forget_long_lines(lines);
  struct stat file = {};
  constexpr off_t kMost = 1 << 20;
  if (stat(history_file_.c_str(), &file) == 0 && file.st_size > kMost)
    history(lines, &library_->event, H_SAVE, history_file_.c_str());
}

void Editor::wake() noexcept { [[maybe_unused]] const auto written = write(pipe_[1], &kNews, 1); }

bool Editor::listen(std::chrono::milliseconds time, bool for_keys) {
  std::array<pollfd, 2> both{{{pipe_[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  if (poll(both.data(), for_keys ? 2 : 1, static_cast<int>(time.count())) <= 0) return false;
  if (both[0].revents != 0) hear();
  return both[1].revents != 0;
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
  if (came(kResize)) resize();
  if (came(kContinue)) {  // another program had the terminal, which editline does not know
    if (events_.left) events_.left();
    el_set(library_->line, EL_PREP_TERM, 0);
    keep_raw();
    let_paste(true);
    if (reads_) el_set(library_->line, EL_REFRESH);
  }
  if ((came(kNews) || came(kResize)) && events_.news) events_.news();
}

/// editline makes a display of the new size, but keeps the cursor's place in the old one, and would write
/// there. What draws all of the line anew forgets that place.
void Editor::resize() {
  el_resize(library_->line);
  if (!reads_) return;
  if (!moves_) return void(el_set(library_->line, EL_REFRESH));
  // A row that the terminal itself has filled ends with the cursor in it: the last sign tells which one it
  // is.
  std::string_view before = before_cursor();
  if (!before.empty() && !before.ends_with('\n')) before.remove_suffix(1);
  draw_from(rows_before(before), {});
}

/// The next character: 1, or 0 at the end, or -1 where the line is given up.
int Editor::key(wchar_t& to) {
  std::mbstate_t state = {};
  for (;;) {
    std::array<pollfd, 2> both{{{STDIN_FILENO, POLLIN, 0}, {pipe_[0], POLLIN, 0}}};
    const int came = poll(both.data(), both.size(), paused_ ? -1 : kPause);
    if (came < 0 && errno != EINTR) return -1;
    if (came == 0) pause();
    if (both[1].revents != 0) hear();
    if (ended_) return 0;
    if (given_up_) return -1;
    if (both[0].revents == 0) continue;
    paused_ = false;
    char byte = 0;
    const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return 0;
    std::size_t used = std::mbrtowc(&to, &byte, 1, &state);
    // The C library takes what UTF-8 was long ago, of which editline ends the process.
    if (used != static_cast<std::size_t>(-2) && to > 0x10FFFF) used = static_cast<std::size_t>(-1);
    if (used == static_cast<std::size_t>(-2)) continue;  // more bytes of it come
    if (used == static_cast<std::size_t>(-1)) {          // a key amid a character is that key
      state = {};
      to = static_cast<unsigned char>(byte) < 0x80 ? static_cast<wchar_t>(byte) : L'?';
    }
    return 1;
  }
}

/// Told once, until the next key comes.
void Editor::pause() {
  paused_ = true;
  if (events_.pause) events_.pause(line());
}

std::string_view Editor::line() const {
  const LineInfo* info = el_line(library_->line);
  return {info->buffer, static_cast<std::size_t>(info->lastchar - info->buffer)};
}

std::string_view Editor::before_cursor() const {
  const LineInfo* info = el_line(library_->line);
  return {info->buffer, static_cast<std::size_t>(info->cursor - info->buffer)};
}

unsigned char Editor::complete() {
  const auto [length, candidates] = events_.complete(before_cursor());
  if (candidates.empty()) return CC_REFRESH_BEEP;
  const std::size_t common = common_prefix(candidates);
  if (common > length) {
    el_insertstr(library_->line, candidates.front().text.substr(length, common - length).c_str());
    return CC_REFRESH;
  }
  if (candidates.size() == 1) return CC_REFRESH;
  print(list(candidates, width()));
  return CC_REDISPLAY;
}

/// All up to the closing bracket; nothing in it is a key.
unsigned char Editor::paste() {
  constexpr std::wstring_view kEnd = L"\033[201~";
  std::wstring text;
  wchar_t next = 0;
  while (!text.ends_with(kEnd)) {
    if (key(next) != 1) return CC_REFRESH;
    text += next == L'\r' ? L'\n' : next == L'\t' ? L' ' : next;
  }
  text.resize(text.size() - kEnd.size());
  while (text.ends_with(L'\n')) text.pop_back();
  std::erase_if(text, [](wchar_t c) { return c < L' ' && c != L'\n'; });
  if (!text.empty()) el_winsertstr(library_->line, text.c_str());
  return CC_REFRESH;
}

/// The next entry in that direction that begins as searched for and is another line than the one shown.
std::optional<std::pair<std::size_t, std::string>> Editor::found(int step) {
  History* const lines = library_->history;
  HistEvent entry = {};
  std::optional<std::pair<std::size_t, std::string>> best;
  std::size_t at = 0;
  for (int some = history(lines, &entry, H_FIRST); some >= 0; some = history(lines, &entry, H_NEXT)) {
    std::string text = entry.str;
    while (text.ends_with('\n')) text.pop_back();
    ++at;
    if (step < 0 && at >= search_.at) return best;
    if (at <= search_.at && step > 0) continue;
    if (!text.starts_with(search_.begin) || text == search_.shown) continue;
    best.emplace(at, std::move(text));
    if (step > 0) return best;
  }
  return best;
}

unsigned char Editor::recall(int step) {
  const LineInfo* info = el_line(library_->line);
  const std::string now(line());
  if (search_.at == 0 || now != search_.shown)
    search_ = {.begin = now.substr(0, static_cast<std::size_t>(info->cursor - info->buffer)),
               .typed = now,
               .shown = now,
               .at = 0};
  if (step < 0 && search_.at == 0) return CC_REFRESH_BEEP;
  auto next = found(step);
  if (!next && step > 0) return CC_REFRESH_BEEP;
  if (!next) next.emplace(0, search_.typed);
  const int size = static_cast<int>(columns(now));
  el_cursor(library_->line, size);
  el_deletestr(library_->line, size);
  std::tie(search_.at, search_.shown) = std::move(*next);
  if (!search_.shown.empty()) el_insertstr(library_->line, search_.shown.c_str());
  return CC_REFRESH;
}

int Editor::signal() const { return last_signal; }

std::size_t Editor::width() const { return terminal_width(STDOUT_FILENO); }

std::size_t Editor::height() const { return terminal_height(STDOUT_FILENO); }

/// In which row of those of the edited line a part from its beginning ends, from 0.
std::size_t Editor::rows_before(std::string_view part) const {
  const std::string text = prompt_ + std::string(part);
  std::size_t rows = 0;
  for (const auto line : std::views::split(text, '\n'))
    rows += filled_rows(std::string_view(line), width()).rows + 1;
  return rows - 1;
}

std::size_t Editor::rows() const { return reads_ ? rows_before(line()) + 1 : 1; }

void Editor::replace_above(std::size_t lines, std::string_view text) {
  draw_from(lines + (reads_ ? rows_before(before_cursor()) : 0), text);
}

/// So many rows above the cursor; all that stands there and below is drawn anew.
void Editor::draw_from(std::size_t up, std::string_view text) {
  print(fmt::format("\r{}\033[J{}", up > 0 ? fmt::format("\033[{}A", up) : "", text));
  if (reads_) el_set(library_->line, EL_REFRESH);
}

}  // namespace mc::console
