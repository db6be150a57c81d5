// A line at a time from a terminal: editline with history and completion, which between two keys also hears
// of news from other threads and of Ctrl-C.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <signal.h>

namespace mc::console {

/// What a word may become.
struct Candidate {
  std::string text;   ///< to stand instead of the word
  std::string shown;  ///< where several are listed
};

struct EditorEvents {
  std::function<std::vector<Candidate>(std::string_view line, std::string_view word)> complete;
  std::function<void()> news = {};       ///< after wake()
  std::function<bool()> interrupt = {};  ///< Ctrl-C; false: nobody wanted it, so the line is given up
  std::function<void()> end = {};        ///< a signal: read() gives the end of the file from now on
};

/// One at a time: signals are the process's.
class Editor {
 public:
  Editor(std::string history_file, bool colour, EditorEvents events);
  ~Editor();
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  enum class Ending { line, interrupted, end_of_file };
  struct Line {
    Ending ending;
    std::string text;  ///< without the line's end
  };
  Line read(std::string_view prompt);
  void remember(std::string_view text);  ///< in the history

  void wake() noexcept;  ///< from any thread
  /// Hears what comes within that time, keys left alone.
  void listen(std::chrono::milliseconds time);

  int signal() const;         ///< that ended it: SIGTERM, SIGHUP or SIGQUIT; 0: none
  std::size_t width() const;  ///< of the terminal, in columns
  /// Replaces the screen's `lines` lines above the one that is edited, or above the cursor where none is.
  void replace_above(std::size_t lines, std::string_view text);

 private:
  struct Library;  ///< editline's own
  void keep_raw();
  void hear();
  int key(wchar_t& to);
  unsigned char complete();
  std::size_t row() const;

  EditorEvents events_;
  std::string history_file_, prompt_;
  bool colour_, reads_ = false, given_up_ = false, ended_ = false;
  std::array<int, 2> pipe_{};
  std::array<struct sigaction, 6> before_{};
  std::unique_ptr<Library> library_;
};

}  // namespace mc::console
