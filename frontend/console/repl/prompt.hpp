// What both kinds of REPL, at a terminal and of a text, do with a line.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/console/eval.hpp"
#include "frontend/console/repl/session.hpp"
#include "frontend/console/repl/settings.hpp"

namespace mc::console {

/// What a question came to.
struct Answered {
  Question question;
  Report report;
  Options options;
};

class Prompt {
 public:
  /// `ask` runs a question with the settings' options and calls answered() when there is an answer, which
  /// `settle` waits for; `say` prints.
  struct Ways {
    std::function<void(Question, Options)> ask;
    std::function<void()> settle;
    std::function<void(std::string_view)> say;
  };
  explicit Prompt(Ways ways) : ways_(std::move(ways)) {}

  /// A statement, a question, a command, or nothing. Throws mc::Error and FlagError.
  void take(std::string_view text);
  void answered(Answered answered);
  void end() { ends_ = true; }
  bool ends() const { return ends_; }

  const Settings& settings() const { return settings_; }
  const Session& session() const { return session_; }

 private:
  friend struct Commands;
  Ways ways_;
  Session session_;
  Settings settings_;
  std::optional<Answered> last_;
  bool ends_ = false;
  int loads_ = 0;  ///< files that load each other
};

/// Splits a text into what is taken at once: statements that go on over several lines belong together.
/// Each with the number of its first line, from 1.
struct Piece {
  std::string text;
  std::size_t line = 1;
};
std::vector<Piece> pieces(std::string_view text);

struct CommandHelp {
  std::string_view name, arguments, help;
};
std::vector<CommandHelp> commands();

}  // namespace mc::console
