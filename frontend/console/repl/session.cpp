// A question is compiled as a program of the definitions it needs and itself. Every definition is compiled
// with what it needs too, so that a mistake shows where it was made.
#include "frontend/console/repl/session.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "frontend/console/words.hpp"

namespace mc::console {

Error moved(const Error& error, std::string_view text, const std::function<bool(Diagnostic&)>& move) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& each : diagnostics) {
    const bool has_place = each.end > each.begin || each.begin > 0;
    if (has_place && move(each)) each.rendered = rendered(each, text);
  }
  return Error(std::move(diagnostics));
}

bool is_of_run(const Error& error) {
  return dynamic_cast<const Stopped*>(&error) != nullptr ||
         dynamic_cast<const DeviceError*>(&error) != nullptr;
}

/// What stands before the piece was compiled once already, so what is wrong there is that something has
/// another meaning now: it is shown where it stands, and is about no place of the text.
Error placed(const Error& error, std::size_t before, std::string_view text, std::size_t begin) {
  return moved(error, text, [&](Diagnostic& each) {
    const bool is_there = each.begin >= before;
    each.begin = is_there ? begin + each.begin - before : 0;
    each.end = is_there ? begin + each.end - before : 0;
    return is_there;
  });
}

bool is_question(const Statement& statement) {
  return statement.kind == Statement::Kind::query || statement.kind == Statement::Kind::expression;
}

namespace {

constexpr std::string_view kAnswer = "ans";

[[noreturn]] void refuse(std::string_view text, Diagnostic diagnostic) {
  diagnostic.rendered = rendered(diagnostic, text);
  throw NameError({std::move(diagnostic)});
}

/// Compiles `before` and text[begin, end). A definition alone asks for nothing, which is an error: `after`
/// does.
mc::Moment compiled(const std::string& before, std::string_view text, std::size_t begin, std::size_t end,
                    std::string_view after = {}) {
  try {
    return mc::compile(before + std::string(text.substr(begin, end - begin)) + std::string(after));
  } catch (const Error& error) {
    throw placed(error, before.size(), text, begin);
  }
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// As a program has it: the shortest text that is this number, and no other.
std::string number_text(double value) {
  if (std::isnan(value)) return "0/0";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{}", value);
}

/// With the number wherever the name stands: a definition is about the answer there was when it was made.
std::string with_answer(std::string_view text, std::string_view number) {
  std::string with;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_in_name(text[end])) ++end;
    if (text.substr(at, end - at) == kAnswer)
      with += std::string("(").append(number).append(")");
    else
      with += text.substr(at, std::max<std::size_t>(end - at, 1));
    at = std::max(end, at + 1);
  }
  return with;
}

std::string commented(std::string_view why, std::string_view lines) {
  std::string all = fmt::format("# {}: ", why);
  for (const char c : lines) all += c == '\n' ? std::string("\n# ") : std::string(1, c);
  return all;
}

}  // namespace

struct Session::Parts {
  static const Definition* find(const Definitions& all, std::string_view name) {
    const auto found = std::ranges::find(all, name, [](const Pointer& each) { return each->name; });
    return found == all.end() ? nullptr : found->get();
  }

  /// What `uses` asks for, each after what it uses itself. Depth first; what is met while it is looked at
  /// would be a circle, and those are refused when they are made.
  static Definitions needed(const Definitions& all, const std::vector<std::string>& uses) {
    Definitions ordered;
    std::set<std::string_view> seen;
    const auto add = [&](const auto& self, const std::vector<std::string>& names) -> void {
      for (const std::string& name : names)
        for (const Pointer& each : all) {
          if (each->name != name || !seen.insert(each->name).second) continue;
          self(self, each->uses);
          ordered.push_back(each);
        }
    };
    add(add, uses);
    return ordered;
  }

  static Definitions sorted(const Definitions& all) {
    std::vector<std::string> names;
    for (const Pointer& each : all) names.push_back(each->name);
    return needed(all, names);
  }

  /// Files' arrays are parameters, not text.
  static std::string program_of(const Definitions& definitions) {
    std::string text;
    for (const Pointer& each : definitions)
      if (!each->value) text += each->text + "\n";
    return text;
  }

  /// `name` is about to be defined with these uses: none of them may come back to it.
  static void refuse_circles(const Definitions& all, std::string_view text, const Statement& statement) {
    // A density is written in its variable's own name.
    if (statement.kind != Statement::Kind::sample && contains(statement.uses, statement.name))
      refuse(text, {.kind = ErrorKind::name,
                    .message = fmt::format("{} would depend on itself", statement.name),
                    .hint = "give what comes of it another name",
                    .begin = statement.begin,
                    .end = statement.begin + statement.name.size(),
                    .rendered = {}});
    for (const Pointer& each : needed(all, statement.uses)) {
      if (!contains(each->uses, statement.name)) continue;
      refuse(text,
             {.kind = ErrorKind::name,
              .message = fmt::format("{} would depend on itself: {} uses it", statement.name, each->name),
              .hint = fmt::format("define {} anew first, or take another name", each->name),
              .begin = statement.begin,
              .end = statement.begin + statement.name.size(),
              .rendered = {}});
    }
  }

  /// In the place of the one of its name.
  static void put(Definitions& all, Definition made) {
    const auto place = std::ranges::find(all, made.name, [](const Pointer& each) { return each->name; });
    const std::size_t at = static_cast<std::size_t>(place - all.begin());
    if (place == all.end()) all.emplace_back();
    all[at] = std::make_shared<const Definition>(std::move(made));
  }

  static void define(Definitions& all, std::string_view text, const Statement& statement) {
    Definitions others = all;
    std::erase_if(others, [&](const Pointer& each) { return each->name == statement.name; });
    refuse_circles(others, text, statement);
    compiled(program_of(needed(others, statement.uses)), text, statement.begin, statement.end, "\nE[0]");
    Definition made{statement.name,
                    std::string(text.substr(statement.begin, statement.end - statement.begin)),
                    statement.uses, statement.kind};
    const Definition* answer = find(others, kAnswer);
    if (answer != nullptr && contains(made.uses, kAnswer)) {
      constexpr std::string_view kBefore = "ans = ";
      made.text = with_answer(made.text, std::string_view(answer->text).substr(kBefore.size()));
      std::erase(made.uses, kAnswer);
    }
    put(all, std::move(made));
  }

  static Question question(const Definitions& all, std::string_view text, std::span<const Statement> parts) {
    const std::size_t begin = parts.front().begin, end = parts.back().end;
    std::vector<std::string> uses, labels;
    for (const Statement& part : parts) {
      uses.insert(uses.end(), part.uses.begin(), part.uses.end());
      labels.emplace_back(text.substr(part.begin, part.end - part.begin));
    }
    const Definitions before = needed(all, uses);
    Parameters parameters;
    for (const Pointer& each : before)
      if (each->value) parameters.emplace_back(each->name, *each->value);
    const std::string asked(text.substr(begin, end - begin));
    return {asked,
            std::move(uses),
            std::move(labels),
            program_of(before) + asked,
            std::move(parameters),
            compiled(program_of(before), text, begin, end),
            std::ranges::all_of(
                parts, [](const Statement& part) { return part.kind == Statement::Kind::expression; })};
  }
};

Error Question::placed(const Error& error) const {
  return console::placed(error, program.size() - text.size(), text, 0);
}

void Session::begin(std::string_view line) {
  constexpr std::size_t kMost = 1000;
  if (steps_.size() == kMost) steps_.erase(steps_.begin());
  line_ = ++lines_;
  steps_.push_back(std::make_shared<const Step>(
      Step{std::string(line), line_, definitions_, asked_.size(), first_asked_, from_}));
}

std::vector<Question> Session::take(std::string_view text, const std::vector<std::string>& setting) {
  const std::vector<Statement> all = statements(text);
  Definitions definitions = definitions_;
  List<Asked> asked;
  std::vector<Question> questions;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!is_question(all[k])) {
      Parts::define(definitions, text, all[k]);
      continue;
    }
    const std::size_t first = k;  // questions beside each other share their samples
    while (k + 1 < all.size() && is_question(all[k + 1])) ++k;
    questions.push_back(Parts::question(definitions, text, std::span(all).subspan(first, k + 1 - first)));
    questions.back().number = asked_.size() + asked.size();
    asked.push_back(std::make_shared<const Asked>(
        Asked{questions.back().text, contains(questions.back().uses, kAnswer), definitions, setting}));
  }
  definitions_ = std::move(definitions);
  asked_.insert(asked_.end(), asked.begin(), asked.end());
  return questions;
}

void Session::take_file(std::string_view text, std::string name, Parameter value) {
  Parts::put(definitions_, {.name = std::move(name),
                            .text = std::string(text),
                            .uses = {},
                            .kind = Statement::Kind::definition,
                            .value = std::move(value)});
}

void Session::drew(std::string_view line, std::vector<std::string> setting, bool was_stopped) {
  const bool uses_answer = with_answer(line, "") != line;
  begin(line);
  asked_.push_back(
      std::make_shared<const Asked>(Asked{was_stopped ? commented("was stopped", line) : std::string(line),
                                          uses_answer, definitions_, std::move(setting)}));
}

void Session::came_to(const Question& question, std::uint64_t samples) {
  if (question.number >= asked_.size() || asked_[question.number]->text != question.text)
    return;  // taken back
  Asked changed = *asked_[question.number];
  for (std::string& each : changed.setting) {
    if (each.starts_with(":set samples ")) each = fmt::format(":set samples {}", samples);
    for (const char* target : {":set target ", ":set relative "})
      if (each.starts_with(target)) each = fmt::format("{}off", target);
  }
  asked_[question.number] = std::make_shared<const Asked>(std::move(changed));
}

void Session::answer(double value) {
  Parts::put(definitions_, {.name = std::string(kAnswer),
                            .text = fmt::format("{} = {}", kAnswer, number_text(value)),
                            .uses = {}});
}

std::optional<std::string> Session::undo() {
  if (steps_.empty()) return {};
  const std::shared_ptr<const Step> step = std::move(steps_.back());
  steps_.pop_back();
  definitions_ = step->definitions;
  asked_.resize(std::min(asked_.size(), step->asked));
  first_asked_ = step->first_asked;
  from_ = step->from;
  line_ = steps_.empty() ? step->number - 1 : steps_.back()->number;
  return step->line;
}

std::optional<std::string> Session::last_line() const {
  if (steps_.empty()) return {};
  return steps_.back()->line;
}

Session::Cleared Session::clear() {
  const bool has_answer = Parts::find(definitions_, kAnswer) != nullptr;
  const Cleared cleared{definitions_.size() - (has_answer ? 1 : 0), asked_.size() - first_asked_};
  begin(":clear");
  definitions_.clear();
  first_asked_ = asked_.size();
  from_ = line_;
  return cleared;
}

bool Session::stands(std::size_t line) const {
  if (line < from_ || line > line_) return false;
  if (steps_.empty() || line < steps_.front()->number) return true;  // too long ago to be taken back
  return std::ranges::binary_search(steps_, line, {}, [](const auto& step) { return step->number; });
}

void Session::forget(std::string_view name) {
  std::erase_if(definitions_, [&](const Pointer& each) { return each->name == name; });
}

std::vector<Session::Definition> Session::definitions() const {
  std::vector<Definition> all;
  for (const Pointer& each : Parts::sorted(definitions_)) all.push_back(*each);
  return all;
}

/// Says what has to be said anew before each question.
struct Session::Writer {
  std::string text;
  std::vector<std::string> setting;
  Definitions said;

  void set(const std::vector<std::string>& wanted) {
    for (const std::string& each : wanted)
      if (!contains(setting, each)) text += each + "\n";
    setting = wanted;
  }

  void define(const Definitions& wanted, bool with_answer) {
    for (const Pointer& each : Parts::sorted(wanted)) {
      if ((each->name == kAnswer && !with_answer) || is_said(*each)) continue;
      text += fits(*each) ? each->text + "\n" : commented("fits no more", each->text) + "\n";
      Parts::put(said, *each);
    }
  }

  bool is_said(const Definition& definition) const {
    const Definition* before = Parts::find(said, definition.name);
    return before != nullptr && before->text == definition.text &&
           before->value.has_value() == definition.value.has_value();
  }

  /// What it was made with may have been replaced since by what it makes no sense with.
  bool fits(const Definition& definition) const {
    if (definition.value) return true;
    try {
      (void)mc::compile(Parts::program_of(Parts::needed(said, definition.uses)) + definition.text + "\nE[0]");
      return true;
    } catch (const Error&) {
      return false;
    }
  }
};

std::string Session::text(const std::vector<std::string>& initial) const {
  Writer writer{{}, initial, {}};
  for (const auto& each : std::span(asked_).subspan(first_asked_)) {
    writer.set(each->setting);
    writer.define(each->definitions, each->uses_answer);
    writer.text += each->text + "\n";
  }
  writer.define(definitions_, false);
  return std::move(writer.text);
}

}  // namespace mc::console
