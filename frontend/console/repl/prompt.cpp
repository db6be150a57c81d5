// What a line is: a command, a file's array, a picture, or the language's.
#include "frontend/console/repl/prompt.hpp"

#include <algorithm>
#include <new>
#include <ranges>
#include <utility>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/finally.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/repl/arrays.hpp"
#include "frontend/console/repl/commands.hpp"
#include "frontend/console/repl/pieces.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// NAME = @FILE or @FILE:COLUMNS, as -D has it; a comment may stand behind it.
struct FileLine {
  std::string name, value;
};
std::optional<FileLine> file_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return {};
  const std::string_view name = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
  if (!value.starts_with('@')) return {};
  return FileLine{std::string(name), "@" + at_home(trimmed(value.substr(1, value.find(" #") - 1)))};
}

Parameter array_of(const FileLine& file) {
  const std::vector<Statement> named = statements(file.name);
  if (named.size() != 1 || named[0].uses != std::vector{file.name})
    throw FlagError(fmt::format("{} is no name for a file's array", in_quotes(file.name)));
  return parse_value(file.name, file.value);
}

/// Definitions and then questions that share their samples: bytes of a text.
struct Stretch {
  std::size_t begin, end;
};

/// After a question a definition begins another part, and so does what uses that question's answer.
struct Parts {
  std::vector<Stretch> parts;
  bool use_answers = false;  ///< of parts before them

  explicit Parts(const std::vector<Statement>& all) {
    bool asks = false;
    for (const Statement& each : all) {
      const bool uses_answer = std::ranges::find(each.uses, "ans") != each.uses.end();
      use_answers |= uses_answer && (asks || parts.size() > 1);
      if (parts.empty() || (asks && (uses_answer || !is_question(each)))) {
        parts.push_back({each.begin, each.end});
        asks = false;
      }
      parts.back().end = each.end;
      asks |= is_question(each);
    }
  }
};

/// A library's hint, to whoever calls it or types a command, in words of the prompt.
std::string at_the_prompt(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"sample it on a box (--dim, --box; mc::box), give it a law", "give it a law"},
      {" (-D; Options::parameters)", ", as in K = 1"},
      {"leave the choice to Moment", "leave the choice to Moment: :set backend auto"},
      {"raise Limits::", "take moment eval, and raise Limits::"},
  };
  for (const auto& [theirs, ours] : kWords)
    if (const std::size_t at = text.find(theirs); at != text.npos) text.replace(at, theirs.size(), ours);
  return text;
}

bool is_comment(std::string_view text) {
  for (const auto line : std::views::split(text, '\n'))
    if (const std::string_view words = trimmed(std::string_view(line));
        !words.empty() && !words.starts_with('#'))
      return false;
  return true;
}

bool has_place(const Diagnostic& diagnostic) {
  return diagnostic.end > diagnostic.begin || diagnostic.begin > 0;
}

}  // namespace

void Prompt::take(std::string_view text, Place place) {
  places_ = {std::move(place)};
  stopped_ = false;
  const Finally end([this] { publish(); });
  take_piece(text);
}

void Prompt::take_piece(std::string_view text) {
  Session& session = view_.session;
  const std::string line(trimmed(text));
  piece_ = line;
  indent_ = std::min(text.find_first_not_of(" \t"), text.size());
  if (is_comment(line) || take_command(line)) return;
  if (const auto file = file_line(line)) {
    Parameter array = array_of(*file);
    session.begin(line);
    return session.take_file(line, file->name, std::move(array));
  }
  if (auto picture = picture_request(line)) return draw_picture(std::move(*picture));
  const std::optional<std::string> before = session.last_line();
  if (!goes_on_with(line) || !before || !may_go_on(*before)) return take_program(line);
  // At a terminal the definition that this goes on with was taken already.
  const Session kept = session;
  session.undo();
  piece_ = *before + "\n" + line;
  try {
    take_program(piece_);
  } catch (...) {
    session = kept;
    throw;
  }
}

/// What fails leaves nothing behind; parts of the line before it were answered, and stay.
void Prompt::take_program(std::string_view text) {
  Session& session = view_.session;
  const auto [parts, use_answers] = Parts(statements(text));
  if (parts.empty()) return;
  if (parts.size() > 1 && !use_answers) Session(session).take(text);  // what is wrong is said before any run
  session.begin(text);
  for (const Stretch& part : parts) {
    const std::optional<Session> good = &part == &parts.front() ? std::nullopt : std::optional(session);
    try {
      take_part(text, part.begin, part.end);
    } catch (...) {
      if (good)
        session = *good;
      else
        session.undo();
      throw;
    }
    if (stopped_ || ends_) return;
  }
}

void Prompt::take_part(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view part = text.substr(begin, end - begin);
  std::vector<Question> questions;
  try {
    questions = view_.session.take(part, view_.settings.decisive());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::shape && take_array(part)) return;
    throw placed(error, 0, text, begin);
  }
  for (const Question& question : questions) {
    Options options = view_.settings.options;
    options.parameters = question.parameters;
    try {
      ask(question, std::move(options));
    } catch (const FlagError&) {  // a table is none of an expression
      if (!take_array(part)) throw;
    } catch (const Error& error) {
      if (is_of_run(error)) throw;
      const std::size_t size = question.text.size();  // it stands at the part's end
      throw placed(error, question.program.size() - size, text, end - size);
    }
  }
}

/// A vector or a matrix is no moment, but may be looked at.
bool Prompt::take_array(std::string_view text) {
  const std::optional<std::string> shown = array_text(text, view_.session);
  if (shown) tell(fmt::format("{} = {}\n", trimmed(text), *shown));
  return shown.has_value();
}

void Prompt::draw_picture(PictureRequest request) {
  if (request.file) request.file->text = at_home(request.file->text);
  Drawn drawn = draw(request, view_.session, view_.settings.options, studio());
  view_.session.drew(request.line, view_.settings.decisive(), drawn.was_stopped);
  journal_.push_back({view_.session.line(), std::move(drawn)});
}

/// Whose work is the prompt's, under the name of the line.
Studio Prompt::studio() {
  Studio studio = ways_.studio();
  studio.work = [this](const Studio::Work& making) {
    try {
      work({piece_}, making);
    } catch (const Stopped&) {
      throw FlagError("stopped before there was anything to draw");
    }
  };
  return studio;
}

void Prompt::ask(const Question& question, Options options) {
  std::optional<Answered> came;
  work(question.moment.queries(), [&](const std::stop_token& stop, const Hear& hear) {
    options.stop = stop;
    options.progress = hear;
    came = answer(question, options);
  });
  if (!came->reduced && came->report.samples == 0) throw Stopped(0, options.budget());
  came->options.stop = {};
  came->options.progress = {};
  came->digits = settings().digits;
  ways_.show(*came);
  answered(std::move(*came));
}

void Prompt::answered(Answered answered) {
  Session& session = view_.session;
  const Report& report = answered.report;
  if (report.stopped || report.reused > 0) session.came_to(answered.question, report.samples);
  if (answered.reduced)
    session.answer(answered.reduced->values.front());
  else if (!report.results.empty())
    session.answer(report.results.front().estimate.value);
  journal_.push_back({session.line(), std::move(answered)});
}

void Prompt::work(std::vector<std::string> names, const Work& work) {
  publish();
  ways_.work(std::move(names), [&](const std::stop_token& stop, const Hear& hear) {
    const Finally end([&] { stopped_ |= stop.stop_requested(); });
    work(stop, hear);
  });
}

void Prompt::tell(std::string_view words) const { ways_.say(wrapped(words, look())); }

void Prompt::publish() {
  if (!ways_.is_watched) return;
  View now = view_;
  const std::lock_guard lock(mutex_);
  published_ = std::move(now);
}

View Prompt::view() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

const Answered* Prompt::last() const {
  for (const Entry& entry : journal_ | std::views::reverse)
    if (const auto* answered = std::get_if<Answered>(&entry.what);
        answered != nullptr && view_.session.stands(entry.line))
      return answered;
  return nullptr;
}

Journal Prompt::journal() const {
  Journal journal;
  for (const Entry& entry : journal_)
    if (view_.session.stands(entry.line)) journal.push_back(entry.what);
  return journal;
}

/// With those of the lines that loaded its file.
std::string Prompt::place_text(const Place& last) const {
  std::string text;
  for (const Place& each : places_) {
    const std::size_t line = &each == &places_.back() ? last.line : each.line;
    if (each.line == 0)
      text += each.file + ": ";
    else if (!each.file.empty())
      text += fmt::format("{}:{}: ", each.file, line);
  }
  return text;
}

Place Prompt::place_of(const std::exception& error) const {
  Place place = places_.empty() ? Place{} : places_.back();
  const auto* ours = dynamic_cast<const Error*>(&error);
  if (ours == nullptr || place.line == 0) return place;
  const Diagnostic& first = ours->diagnostics().front();
  if (!is_placed(first)) return place;
  const auto before = std::string_view(piece_).substr(0, first.begin);
  place.line += static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const std::size_t begin = before.rfind('\n') + 1;
  place.column = 1 + (begin == 0 ? indent_ : 0) +
                 static_cast<std::size_t>(std::ranges::count_if(before.substr(begin), is_character));
  return place;
}

bool Prompt::is_placed(const Diagnostic& diagnostic) const {
  return has_place(diagnostic) && diagnostic.begin <= piece_.size();
}

std::string Prompt::message(const std::exception& error) const {
  if (const auto* stopped = dynamic_cast<const Stopped*>(&error))
    return wrapped(
        fmt::format("{}stopped after {} of {}: of so little there is no answer, and nothing is kept\n",
                    place(), count_text(stopped->done()), count_text(stopped->all())),
        look());
  const auto* ours = dynamic_cast<const Error*>(&error);
  if (ours == nullptr) {
    const bool is_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
    return wrapped(
        fmt::format("{}error: {}\n", place(), is_memory ? "there is not enough memory" : error.what()),
        look());
  }
  const std::size_t first_line = places_.empty() ? 1 : std::max<std::size_t>(places_.back().line, 1);
  std::string text = place_text(place_of(error));
  for (Diagnostic each : ours->diagnostics()) {
    each.hint = at_the_prompt(std::move(each.hint));
    text += is_placed(each) ? rendered(each, piece_, {.first_line = first_line, .columns = look().width})
                            : at_the_prompt(each.rendered);
  }
  return wrapped(text, look());
}

}  // namespace mc::console
