// What has been said at the prompt: definitions, which may be given anew, and the programs that questions
// about them are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mc/mc.hpp>
#include <mc/text.hpp>

namespace mc::console {

/// What is asked on one line, with what it needs: a program of its own.
struct Question {
  std::string text;                 ///< as it was typed: E[x], Var[x]
  std::vector<std::string> uses;    ///< names in it
  std::vector<std::string> labels;  ///< of its parts: E[x] and Var[x]
  std::string program;              ///< definitions, then the text
  Parameters parameters;            ///< files' arrays that it needs
  mc::Moment moment;
  bool is_bare = false;    ///< expressions alone: 1 + 2, no E[1 + 2]
  std::size_t number = 0;  ///< among those that the session was asked

  /// Whether nothing is sampled: it goes over the numbers of files, once, or is a number itself.
  bool reduces() const { return !moment.has_variables() && (!parameters.empty() || is_bare); }

  /// What a run of the program says of it, with the text's places.
  Error placed(const Error& error) const;
};

/// Whether it tells of the run and not of the text: that it was stopped, or has no device. Such errors are
/// handed on as they are.
bool is_of_run(const Error& error);

/// The error as one about that text: `move` changes a diagnostic's place, and says whether it is there. What
/// has no place stays as it reads.
Error moved(const Error& error, std::string_view text, const std::function<bool(Diagnostic&)>& move);

/// An error about a program that ends with a piece of `text` from `begin` on, as one about the text: `before`
/// bytes stand before the piece.
Error placed(const Error& error, std::size_t before, std::string_view text, std::size_t begin);

bool is_question(const Statement& statement);

/// A value, cheap to copy: a copy is the session as it was.
class Session {
 public:
  /// What follows belongs to this line, which undo() takes back.
  void begin(std::string_view line);

  /// Keeps the definitions of a text and returns its questions in order. A definition replaces the one of its
  /// name, and those that use it see the new one. `setting`: the commands that the answers depend on, for
  /// text(). Throws mc::Error, whose places are the text's; nothing has changed then.
  std::vector<Question> take(std::string_view text, const std::vector<std::string>& setting = {});

  /// `text` is NAME = @FILE, and the value its array.
  void take_file(std::string_view text, std::string name, Parameter value);

  /// The question was not answered by as many samples as were set, but by so many: a run was stopped, or went
  /// on. text() sets that.
  void came_to(const Question& question, std::uint64_t samples);

  /// The line drew a picture, under this setting: text() has it with what it needs, and undo() takes it back.
  /// One that was stopped is a comment there.
  void drew(std::string_view line, std::vector<std::string> setting, bool was_stopped);

  /// The name `ans`, which what is said from now on may use.
  void answer(double value);

  /// Takes the last line back, with what it made of `ans`; what it was.
  std::optional<std::string> undo();
  /// The last line; nothing where there is none to take back.
  std::optional<std::string> last_line() const;

  /// Forgets all, until undo(); how many definitions and questions that was.
  struct Cleared {
    std::size_t definitions, questions;
  };
  Cleared clear();

  /// The last line's number; and whether a line of that number was neither taken back nor cleared away.
  std::size_t line() const { return line_; }
  bool stands(std::size_t line) const;

  /// Without its definition the name is free in those that use it.
  void forget(std::string_view name);

  struct Definition {
    std::string name, text;
    std::vector<std::string> uses;
    Statement::Kind kind = Statement::Kind::definition;
    std::optional<Parameter> value = {};  ///< a file's array
  };
  /// In an order in which each stands after those that it uses.
  std::vector<Definition> definitions() const;

  /// All that was asked, in its order, each after what it needs: taken again it gives the same answers. What
  /// was replaced before anybody asked is left out; where nothing was replaced after that, and no setting
  /// differs from `initial`, `moment eval -f` takes it too.
  std::string text(const std::vector<std::string>& initial = {}) const;

 private:
  using Pointer = std::shared_ptr<const Definition>;
  using Definitions = std::vector<Pointer>;
  struct Parts;  ///< what is done with definitions
  struct Writer;

  struct Asked {
    std::string text;
    bool uses_answer;
    Definitions definitions;  ///< as they then were
    std::vector<std::string> setting;
  };
  struct Step {
    std::string line;
    std::size_t number;
    Definitions definitions;               ///< before it
    std::size_t asked, first_asked, from;  ///< and the other members
  };
  template <class T>
  using List = std::vector<std::shared_ptr<const T>>;

  Definitions definitions_;
  List<Asked> asked_;
  std::size_t first_asked_ = 0;      ///< those before it were cleared away
  List<Step> steps_;                 ///< the latest of them
  std::size_t line_ = 0, from_ = 0;  ///< the last line's number, and the first one that stands
  std::size_t lines_ = 0;            ///< numbers given so far
};

}  // namespace mc::console
