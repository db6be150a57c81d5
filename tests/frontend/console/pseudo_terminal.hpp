// Runs the built `moment` on a terminal of a given width, and shows what a person would have seen there.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <sys/types.h>

namespace mc::console_test {

class PseudoTerminal {
 public:
  /// stdin, stdout and stderr are the terminal. `environment` is put on top of ours and TERM=xterm.
  PseudoTerminal(std::vector<std::string> arguments, unsigned short columns,
                 std::vector<std::string> environment = {}, unsigned short rows = 24);
  ~PseudoTerminal();  ///< kills it
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  void type(const std::string& keys) const;                             ///< "\x03" is Ctrl-C
  void signal(int number) const;                                        ///< to the process
  void resize(unsigned short columns, unsigned short rows = 24) const;  ///< and tells the process

  /// Reads until the text has been written after what the last call found, for a minute at most; whether it
  /// was.
  bool shows(const std::string& text);
  void watch(std::chrono::milliseconds time);  ///< reads for that long
  int wait();                                  ///< reads to the end; the exit code, or -signal

  const std::string& written() const { return written_; }  ///< every byte so far

  /// Each state of the line on which the cursor stood, between two writes of a carriage return.
  std::vector<std::string> drawings() const;
  /// The lines that were left on the screen.
  std::vector<std::string> screen() const;

 private:
  bool read_some(std::chrono::milliseconds most);

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string written_;
  std::size_t seen_ = 0;  ///< bytes of it, up to what was found last
};

/// Columns of UTF-8 text whose characters take one each.
std::size_t columns_of(const std::string& text);

}  // namespace mc::console_test
