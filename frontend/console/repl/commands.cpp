// One row a command. What only looks is answered at once, by whoever asks, while a run goes on.
#include "frontend/console/repl/commands.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <tuple>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/new_file.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/program_file.hpp"
#include "frontend/console/repl/explain.hpp"
#include "frontend/console/repl/pieces.hpp"
#include "frontend/console/repl/session_report.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::size_t kDeepest = 8;  // files that load each other

void refuse_rest(std::string_view command, std::string_view rest) {
  if (!rest.empty()) throw FlagError(fmt::format(":{} takes nothing after it", command));
}

std::string_view kind_text(const Session::Definition& definition) {
  if (definition.value) return "data";
  switch (definition.kind) {
    case Statement::Kind::sample:
      return "random variable";
    case Statement::Kind::function:
      return "function";
    case Statement::Kind::distribution:
      return "distribution";
    default:
      return "definition";
  }
}

/// NAME VALUE, or NAME = VALUE.
std::pair<std::string_view, std::string_view> name_and_value(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(" \t="), text.size());
  std::string_view value = trimmed(text.substr(end));
  if (value.starts_with('=')) value = trimmed(value.substr(1));
  return {text.substr(0, end), value};
}

}  // namespace

struct Commands {
  /// What it says; nothing where it would do more than look.
  using Look = std::optional<std::string> (*)(const View& view, std::string_view rest);
  using Do = void (*)(Prompt& prompt, std::string_view rest);
  struct Row {
    std::string_view name, arguments, help;
    Look look;
    Do run;
  };
  static const Row rows[];

  // ---- looking

  static std::optional<std::string> help(const View& view, std::string_view topic) {
    if (topic.empty()) return all();
    std::string text = help_about(topic, view);
    if (text.empty())
      throw FlagError(
          fmt::format("there is no help about {}; :help alone lists the commands", in_quotes(topic)));
    return text;
  }

  static std::string all() {
    std::string text =
        "Type a statement (x ~ normal(0, 1)^3), a question (E[max(x)], P[x_1 > 0]), a picture or a "
        "command:\n";
    for (const PictureHelp& each : picture_words())
      text += fmt::format("  {:<29} {}\n", fmt::format("{} {}", each.word, each.arguments), each.help);
    for (const CommandHelp& each : commands())
      text += fmt::format("  :{:<28} {}\n", fmt::format("{} {}", each.name, each.arguments), each.help);
    return text +
           "Commands may be cut short. Tab completes, Ctrl-R searches, Ctrl-C stops a run and keeps "
           "what it has.\n";
  }

  static std::optional<std::string> shown_settings(const View& view, std::string_view rest) {
    const auto [name, value] = name_and_value(rest);
    if (!value.empty()) return {};
    const std::string_view whole = name.empty() ? name : setting_named(name);
    std::string text;
    for (const Setting& each : shown(view.settings))
      if (name.empty() || whole == each.name)
        text += fmt::format("{:<10} {:<14} {}\n", each.name, each.value, each.help);
    return text;
  }

  static std::optional<std::string> vars(const View& view, std::string_view rest) {
    refuse_rest("vars", rest);
    std::string text;
    for (const Session::Definition& each : view.session.definitions())
      text += fmt::format("{:<16} {}\n", kind_text(each), each.text);
    return text.empty() ? "nothing is defined yet\n" : text;
  }

  static std::optional<std::string> show(const View& view, std::string_view rest) {
    refuse_rest("show", rest);
    return program(view.session);
  }

  static std::string program(const Session& session) { return session.text(Settings().decisive()); }

  // ---- questions

  static void dump(Prompt& prompt, std::string_view rest) {
    const auto [stage, text] = first_word(rest);
    if (text.empty()) throw FlagError(fmt::format("write :dump ir E[x], with {}", listed<Stage>()));
    const Stage which = choose<Stage>(":dump", stage);
    for_each_question(prompt, text, [&](const Question& question, const Options& options) {
      return question.moment.inspect(which, options);
    });
  }

  static void explain(Prompt& prompt, std::string_view text) {
    if (text.empty()) throw FlagError("write :explain E[x]");
    for_each_question(prompt, text, [&](const Question& question, const Options& options) {
      return wrapped(explanation(question, options), prompt.look());
    });
  }

  /// Says what `tell` tells of the questions in a text, of which the session keeps nothing.
  template <class Tell>
  static void for_each_question(Prompt& prompt, std::string_view text, Tell tell) {
    const std::size_t begin = prompt.piece_.find(text, first_word(prompt.piece_).first.size());
    Session asking = prompt.view_.session;
    std::optional<Question> current;
    try {
      for (const Question& question : asking.take(text)) {
        current = question;  // so what is wrong now only its run can tell
        prompt.work({prompt.piece_}, [&](const std::stop_token& stop, const Prompt::Hear&) {
          Options options = prompt.view_.settings.options;
          options.parameters = question.parameters;
          options.stop = stop;
          prompt.ways_.say(tell(question, options));
        });
      }
    } catch (const Error& error) {
      if (is_of_run(error)) throw;
      if (!current) throw placed(error, 0, prompt.piece_, begin);
      throw placed(current->placed(error), 0, prompt.piece_, begin + text.find(current->text));
    }
  }

  static void more(Prompt& prompt, std::string_view rest) {
    const Answered* last = prompt.last();
    if (last == nullptr) throw FlagError("nothing was asked yet");
    if (last->reduced) throw FlagError("there is no more: nothing was sampled");
    Options options = last->options;
    const std::uint64_t done = last->report.samples;
    const Range rest_of_all{1, std::numeric_limits<std::uint64_t>::max() - done};
    options.samples =
        done + (rest.empty() ? std::max<std::uint64_t>(done, 1) : parse_count(":more", rest, rest_of_all));
    options.target_error = options.target_relative = 0;
    options.from = last->report.partial;
    try {
      prompt.ask(Question(last->question), options);
    } catch (const Error& error) {
      if (is_of_run(error)) throw;
      throw placed(error, std::string::npos, {}, 0);  // about no place of this line
    }
  }

  // ---- settings

  static void set(Prompt& prompt, std::string_view rest) {
    const auto [name, value] = name_and_value(rest);
    prompt.view_.settings.set(name, value);
  }
  static void time(Prompt& prompt, std::string_view rest) {
    prompt.view_.settings.set("time", rest.empty() ? "on" : rest);
  }
  static void digits(Prompt& prompt, std::string_view rest) {
    if (rest.empty()) throw FlagError("write :digits N, with N from 1 to 17");
    prompt.view_.settings.set("digits", rest);
  }

  // ---- files

  static void save(Prompt& prompt, std::string_view name) {
    if (name.empty()) throw FlagError("write :save FILE");
    NewFile file(at_home(name));
    file.write("#!/usr/bin/env -S moment repl -f\n" + program(prompt.view_.session));
    prompt.ways_.studio().note(
        fmt::format("{} {}\n", name, file.replaces() ? "was there, and is replaced" : "is written"));
  }

  static void report(Prompt& prompt, std::string_view name) {
    if (name.empty()) throw FlagError("write :report FILE.html");
    write_report(at_home(name), program(prompt.view_.session), prompt.journal(), prompt.studio());
  }

  /// Ends at the first line that is wrong, or while which it was stopped; what stands before stays.
  static void load(Prompt& prompt, std::string_view name) {
    if (name.empty()) throw FlagError("write :load FILE");
    if (prompt.places_.size() > kDeepest) throw FlagError("files load each other too deep");
    Pieces pieces{Lines(read_file(at_home(name), {}))};
    prompt.places_.push_back({std::string(name)});
    while (const auto piece = pieces.next()) {
      prompt.places_.back().line = piece->line;
      prompt.take_piece(piece->text);  // where that fails the place stays, to be said
      if (prompt.ends_) break;
      if (prompt.stopped_) throw FlagError("stopped: what follows in the file is not taken");
    }
    prompt.places_.pop_back();
  }

  // ---- the session

  static void undo(Prompt& prompt, std::string_view rest) {
    refuse_rest("undo", rest);
    const std::optional<std::string> line = prompt.view_.session.undo();
    if (!line) throw FlagError("there is nothing to undo");
    prompt.ways_.say(fmt::format("took back: {}\n", *line));
  }
  static void clear(Prompt& prompt, std::string_view rest) {
    refuse_rest("clear", rest);
    const auto [definitions, questions] = prompt.view_.session.clear();
    prompt.tell(fmt::format("forgot {} and {}; :undo brings them back\n", counted(definitions, "definition"),
                            counted(questions, "question")));
  }
  static void quit(Prompt& prompt, std::string_view rest) {
    refuse_rest("quit", rest);
    prompt.ends_ = true;
  }

  // ---- finding one

  /// Those that a word, which may be cut short, can be.
  static std::vector<const Row*> meant_by(std::string_view name);
  static const Row& named(std::string_view name) {
    const std::vector<const Row*> meant = meant_by(name);
    if (meant.size() == 1) return *meant.front();
    std::vector<std::string> among;
    for (const Row* row : meant) among.push_back(fmt::format(":{}", row->name));
    throw FlagError(meant.empty() ? fmt::format("there is no command {}; :help lists them",
                                                in_quotes(fmt::format(":{}", name)))
                                  : fmt::format(":{} may be {}", name, joined(among, " or ")));
  }
};

const std::string dump_help = listed<Stage>() + " of a question";

const Commands::Row Commands::rows[] = {
    {"help", "[TOPIC]", "commands, or what a word of the language or a setting is", help, nullptr},
    {"set", "[NAME [VALUE]]", "samples, target, seed, threads, backend, precision, …", shown_settings, set},
    {"vars", "", "what is defined", vars, nullptr},
    {"show", "", "the session as a program", show, nullptr},
    {"more", "[SAMPLES]", "the last question goes on for as many samples more", nullptr, more},
    {"time", "on|off", "whether answers say what they took", nullptr, time},
    {"digits", "N", "how many digits of an error are shown", nullptr, digits},
    {"explain", "QUESTION", "what is fused, what a sample costs, who computes it and why", nullptr, explain},
    {"dump", "STAGE QUESTION", dump_help, nullptr, dump},
    {"save", "FILE", "writes the session as a program", nullptr, save},
    {"report", "FILE.html", "writes the session as a page: program, answers, pictures", nullptr, report},
    {"load", "FILE", "takes a file's lines as if they were typed", nullptr, load},
    {"undo", "", "takes the last statement, question or picture back, and its ans", nullptr, undo},
    {"clear", "", "forgets all lines, until :undo", nullptr, clear},
    {"quit", "", "so does Ctrl-D", nullptr, quit},
};

std::vector<const Commands::Row*> Commands::meant_by(std::string_view name) {
  std::vector<const Row*> meant;
  for (const Row& row : rows) {
    if (row.name == name) return {&row};
    if (!name.empty() && row.name.starts_with(name)) meant.push_back(&row);
  }
  return meant;
}

namespace {

/// A comment begins with a blank before it: a file's name may have a # in it.
std::string_view without_comment(std::string_view text) {
  for (std::size_t at = text.find('#'); at != text.npos; at = text.find('#', at + 1))
    if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t') return trimmed(text.substr(0, at));
  return trimmed(text);
}

/// The one command that a word can be, if there is one.
std::string_view whole_name(std::string_view command) {
  const auto meant = Commands::meant_by(first_word(command).first);
  return meant.size() == 1 ? meant.front()->name : "";
}

}  // namespace

std::vector<CommandHelp> commands() {
  std::vector<CommandHelp> all;
  for (const Commands::Row& row : Commands::rows) all.push_back({row.name, row.arguments, row.help});
  return all;
}

std::optional<std::string> command_in(std::string_view line, const Session& session) {
  line = trimmed(line);
  if (is_command(line))
    return fmt::format("{}{}", line[0] == '?' ? "help " : "", without_comment(line.substr(1)));
  const std::string_view word = without_comment(line);
  if (word != "help" && word != "quit" && word != "exit") return {};
  const auto definitions = session.definitions();
  if (std::ranges::find(definitions, word, &Session::Definition::name) != definitions.end()) return {};
  return std::string(word == "help" ? "help" : "quit");
}

std::optional<std::string> looked(std::string_view command, const View& view, const Look& look) {
  const auto [name, rest] = first_word(command);
  const Commands::Row& row = Commands::named(name);
  if (row.look == nullptr) return {};
  std::optional<std::string> text = row.look(view, rest);
  if (text && row.look != Commands::show) text = wrapped(*text, look);  // a program is copied
  return text;
}

bool takes_file(std::string_view command) {
  const std::string_view name = whole_name(command);
  return name == "load" || name == "save" || name == "report";
}

bool Prompt::take_command(std::string_view line) {
  const std::optional<std::string> command = command_in(line, view_.session);
  if (!command) return false;
  const auto [name, rest] = first_word(*command);
  if (const auto text = looked(*command, view_, look()))
    ways_.say(*text);
  else
    Commands::named(name).run(*this, rest);
  return true;
}

std::vector<std::string> words_after(std::string_view command, const Settings& settings) {
  const std::string_view name = whole_name(command), rest = first_word(command).second;
  std::vector<std::string> words;
  if (name == "dump" && rest.empty())
    for (const auto& [stage, value] : names<Stage>()) words.push_back(fmt::format("{} ", stage));
  if (name == "help" && rest.empty())
    for (const CommandHelp& each : commands()) words.emplace_back(each.name);
  const std::string_view setting = name == "time" ? name : name == "set" ? name_and_value(rest).first : "";
  for (const Setting& each : shown(settings)) {
    if ((name == "set" || name == "help") && rest.empty()) words.push_back(fmt::format("{} ", each.name));
    if (each.name != setting) continue;
    for (auto [value, others] = first_word(each.values); !value.empty();
         std::tie(value, others) = first_word(others))
      words.emplace_back(value);
  }
  return words;
}

}  // namespace mc::console
