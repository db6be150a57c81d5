// A line at a time from a terminal: editline with history and completion, which between two keys also hears
// of news from other threads and of Ctrl-C.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <signal.h>

namespace mc::console {

/// What a word may become.
struct Candidate {
  std::string text;   ///< to stand instead of the word
  std::string shown;  ///< where several are listed
};

/// The last `length` bytes of the line up to the cursor may become one of these, of which they are the
/// beginning.
struct Completion {
  std::size_t length = 0;
  std::vector<Candidate> candidates;
};

struct EditorEvents {
  std::function<Completion(std::string_view before)> complete;
  std::function<void()> news = {};       ///< after wake(), and where the terminal has another size
  std::function<void()> left = {};       ///< another program had the terminal: what stands there is its
  std::function<bool()> interrupt = {};  ///< Ctrl-C; false: nobody wanted it, so the line is given up
  std::function<void(std::string_view line)> pause = {};  ///< no key has come for a moment
  std::function<void()> end = {};  ///< a signal: read() gives the end of the file from now on
};

/// One at a time: signals are the process's.
class Editor {
 public:
  /// `moves`: the terminal knows more than to print.
  Editor(std::string history_file, bool colour, bool moves, EditorEvents events);
  ~Editor();
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  enum class Ending { line, interrupted, end_of_file };
  struct Line {
    Ending ending;
    std::string
        text;  ///< without the line's end; of several lines where they were pasted, or are a statement's
  };
  Line read(std::string_view prompt);
  void remember(std::string_view text);  ///< in the history

  void wake() noexcept;  ///< from any thread
  /// Hears what comes within that time. Keys are left alone; `for_keys`: one ends it, and gives true.
  bool listen(std::chrono::milliseconds time, bool for_keys);
  /// read() gives the end of the file from now on.
  void close() { ended_ = true; }

  int signal() const;          ///< that ended it: SIGTERM, SIGHUP or SIGQUIT; 0: none
  std::size_t width() const;   ///< of the terminal, in columns
  std::size_t height() const;  ///< and in rows
  std::size_t rows() const;    ///< of it, that the edited line takes, or the cursor alone
  /// Replaces the screen's `lines` lines above the one that is edited, or above the cursor where none is.
  void replace_above(std::size_t lines, std::string_view text);

 private:
  struct Library;  ///< editline's own
  void load_history();
  void keep_raw();
  void let_paste(bool on) const;
  void hear();
  void resize();
  int key(wchar_t& to);
  void pause();
  unsigned char complete();
  unsigned char paste();
  unsigned char recall(int step);
  std::optional<std::pair<std::size_t, std::string>> found(int step);
  std::string_view line() const, before_cursor() const;
  void draw_from(std::size_t up, std::string_view text);
  std::size_t rows_before(std::string_view part) const;

  EditorEvents events_;
  std::string history_file_;
  std::string prompt_, coloured_prompt_;
  /// A walk through those lines of the history that begin alike.
  struct Search {
    std::string begin, typed;  ///< what they begin with, and the line before the walk
    std::string shown;         ///< that it last came to
    std::size_t at = 0;        ///< from the newest, 1; 0: what was typed
  };
  Search search_;
  bool colour_, moves_, reads_ = false, given_up_ = false, ended_ = false, paused_ = false;
  std::array<int, 2> pipe_{};
  std::array<struct sigaction, 6> before_{};
  std::unique_ptr<Library> library_;
};

}  // namespace mc::console
