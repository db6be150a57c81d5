// What both kinds of REPL, at a terminal and of a text, do with a line.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "frontend/console/pictures/drawing.hpp"
#include "frontend/console/reduce.hpp"
#include "frontend/console/repl/session.hpp"
#include "frontend/console/repl/settings.hpp"

namespace mc::console {

/// What a question came to.
struct Answered {
  Question question;
  Report report;
  Options options;
  std::optional<Reduced> reduced = {};  ///< instead of a report
  int digits = 2;                       ///< of errors, as set when it was asked
};

/// Runs the question. Throws what mc::Moment's calls throw, mc::Stopped and FlagError.
Answered answer(Question question, Options options);

/// As it is shown, and as programs read it.
std::string text_of(const Answered& answered, const Settings& settings, bool colour);
std::string json_of(const Answered& answered);
std::vector<std::string> warnings_of(const Answered& answered);

/// Answers and pictures, as they came.
using Journal = std::vector<std::variant<Answered, Drawn>>;

/// Where a line comes from; without a name it was typed.
struct Place {
  std::string file;
  std::size_t line = 1;    ///< of the file; 0: it has none
  std::size_t column = 0;  ///< in characters from 1; 0: all of the line
};

/// What commands that only look see.
struct View {
  Session session;
  Settings settings;
};

class Prompt {
 public:
  using Hear = Studio::Hear;
  using Work = Studio::Work;
  struct Ways {
    /// Does what may take long, which is called by these names meanwhile.
    std::function<void(std::vector<std::string>, const Work&)> work;
    std::function<void(const Answered&)> show;
    std::function<void(std::string_view)> say;
    std::function<Studio()> studio;   ///< for pictures; work() is the prompt's
    std::function<Look()> look = {};  ///< of words; without it they stay as they are
    bool is_watched = false;          ///< another thread asks for view()
  };
  explicit Prompt(Ways ways, Settings settings = {})
      : ways_(std::move(ways)), view_{{}, settings}, published_(view_) {}

  /// A statement, a question, a command, or nothing. Throws mc::Error, Stopped and FlagError.
  void take(std::string_view text, Place place = {});

  /// From any thread: no more is taken.
  void end() { ends_ = true; }
  bool ends() const { return ends_; }
  /// From any thread: what there was when a line ended, or work began.
  View view() const;

  /// What take() threw, in words; of a file's line with its place: "FILE:LINE: ", once for each file that
  /// loads another.
  std::string message(const std::exception& error) const;
  /// The place of what is taken: "FILE:LINE: "; empty where it was typed.
  std::string place() const { return place_text(places_.empty() ? Place{} : places_.back()); }
  /// Where what take() threw is, as far as it says so; in the file that a line loaded, where it is there.
  Place place_of(const std::exception& error) const;

  const Settings& settings() const { return view_.settings; }

 private:
  friend struct Commands;
  void take_piece(std::string_view text);
  bool take_command(std::string_view line);
  void take_program(std::string_view text);
  void take_part(std::string_view text, std::size_t begin, std::size_t end);
  bool take_array(std::string_view text);
  void draw_picture(PictureRequest request);
  Studio studio();
  void ask(const Question& question, Options options);
  void answered(Answered answered);
  void work(std::vector<std::string> names, const Work& work);
  void tell(std::string_view words) const;  ///< says it in lines that fit
  std::string place_text(const Place& last) const;
  bool is_placed(const Diagnostic& diagnostic) const;  ///< in the piece
  void publish();
  const Answered* last() const;
  Journal journal() const;
  Look look() const { return ways_.look ? ways_.look() : Look{.width = 0}; }

  struct Entry {
    std::size_t line;  ///< of the session
    std::variant<Answered, Drawn> what;
  };

  Ways ways_;
  View view_;
  std::vector<Entry> journal_;
  bool stopped_ = false;       ///< while the line was taken
  std::vector<Place> places_;  ///< of the piece, and of the lines that loaded its files
  std::string piece_;          ///< what errors are about
  std::size_t indent_ = 0;     ///< blanks that stood before it
  std::atomic<bool> ends_ = false;
  mutable std::mutex mutex_;  ///< of what follows
  View published_;
};

}  // namespace mc::console
