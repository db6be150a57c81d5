// Commands are a table; what is no command is the language's.
#include "frontend/console/repl/prompt.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <span>
#include <sstream>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// The first word, and what follows it.
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  return {text.substr(0, end), trimmed(text.substr(end))};
}

void refuse_rest(std::string_view command, std::string_view rest) {
  if (!rest.empty()) throw FlagError(fmt::format(":{} takes nothing after it", command));
}

std::string file_text(std::string_view name) {
  std::ifstream file{std::string(name), std::ios::binary};
  std::stringstream text;
  if (file) text << file.rdbuf();
  if (!file) throw FlagError(fmt::format("{}: {}", in_quotes(name), std::strerror(errno)));
  return text.str();
}

std::string_view kind_text(Statement::Kind kind) {
  switch (kind) {
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

}  // namespace

struct Commands {
  using Do = void (*)(Prompt& prompt, std::string_view rest);
  struct Row {
    std::string_view name, arguments, help;
    Do run;
  };
  static const Row rows[];

  static void help(Prompt& prompt, std::string_view topic) {
    if (topic.empty()) return prompt.ways_.say(all());
    const std::string_view name = topic.starts_with(':') ? topic.substr(1) : topic;
    std::string text;
    for (const Row& row : console_rows())
      if (row.name == name) text += fmt::format(":{} {}\n  {}\n", row.name, row.arguments, row.help);
    for (const Word& word : vocabulary())
      if (word.name == topic || word.name.starts_with(std::string(topic) + "."))
        text += word.signature + "\n";
    if (text.empty())
      throw FlagError(
          fmt::format("there is no help about {}; :help alone lists the commands", in_quotes(topic)));
    prompt.ways_.say(text);
  }

  static std::string all() {
    std::string text =
        "Type a statement (x ~ normal(0, 1)^3), a question (E[max(x)], P[x_1 > 0]), or a command:\n";
    for (const Row& row : console_rows())
      text += fmt::format("  :{:<28} {}\n", fmt::format("{} {}", row.name, row.arguments), row.help);
    return text +
           "Commands may be cut short. Tab completes, Ctrl-R searches, Ctrl-C stops a run and keeps "
           "what it has.\n";
  }

  static void set(Prompt& prompt, std::string_view rest) {
    const auto [name, value] = split(rest);
    if (!value.empty()) return prompt.settings_.set(name, value);
    std::string text;
    for (const Setting& each : shown(prompt.settings_))
      if (name.empty() || name == each.name)
        text += fmt::format("{:<10} {:<14} {}\n", each.name, each.value, each.help);
    if (text.empty()) prompt.settings_.set(name, value);  // says which there are
    prompt.ways_.say(text);
  }

  static void time(Prompt& prompt, std::string_view rest) {
    prompt.settings_.set("time", rest.empty() ? "on" : rest);
  }

  static void vars(Prompt& prompt, std::string_view rest) {
    refuse_rest("vars", rest);
    std::string text;
    for (const Session::Definition& each : prompt.session_.definitions())
      text += fmt::format("{:<16} {}\n", kind_text(each.kind), each.text);
    prompt.ways_.say(text.empty() ? "nothing is defined yet\n" : text);
  }

  static void show(Prompt& prompt, std::string_view rest) {
    refuse_rest("show", rest);
    prompt.ways_.say(prompt.session_.text());
  }

  static void dump(Prompt& prompt, std::string_view rest) {
    const auto [stage, text] = split(rest);
    if (text.empty()) throw FlagError("write :dump ir E[x], with ir, llvm, assembly, cuda or ptx");
    const Stage which = choose<Stage>(":dump", stage, stages);
    Session asking = prompt.session_;
    for (const Question& question : asking.take(text)) {
      try {
        prompt.ways_.say(question.moment.inspect(which, prompt.settings_.options));
      } catch (const DeviceError&) {
        throw;
      } catch (const Error& error) {
        throw question.placed(error);
      }
    }
  }

  static void more(Prompt& prompt, std::string_view rest) {
    if (!prompt.last_) throw FlagError("nothing was asked yet");
    Options options = prompt.last_->options;
    const std::uint64_t done = prompt.last_->report.samples;
    const Range rest_of_all{1, std::numeric_limits<std::uint64_t>::max() - done};
    options.samples =
        done + (rest.empty() ? std::max<std::uint64_t>(done, 1) : parse_count(":more", rest, rest_of_all));
    options.target_error = options.target_relative = 0;
    prompt.ways_.ask(prompt.last_->question, options);
  }

  static void save(Prompt& prompt, std::string_view name) {
    if (name.empty()) throw FlagError("write :save FILE");
    std::ofstream file{std::string(name), std::ios::binary};
    file << "# moment repl; runs with: moment eval -f\n" << prompt.session_.text();
    file.close();
    if (!file) throw FlagError(fmt::format("{}: {}", in_quotes(name), std::strerror(errno)));
  }

  static void load(Prompt& prompt, std::string_view name) {
    if (name.empty()) throw FlagError("write :load FILE");
    if (prompt.loads_ == 8) throw FlagError("files load each other too deep");
    ++prompt.loads_;
    const auto leave = [&](void*) { --prompt.loads_; };
    const std::unique_ptr<void, decltype(leave)> guard(&prompt, leave);
    for (const Piece& piece : pieces(file_text(name))) {
      prompt.take(piece.text);
      if (prompt.ends_) return;
    }
  }

  static void undo(Prompt& prompt, std::string_view rest) {
    refuse_rest("undo", rest);
    if (!prompt.session_.undo()) throw FlagError("there is nothing to undo");
  }
  static void clear(Prompt& prompt, std::string_view rest) {
    refuse_rest("clear", rest);
    prompt.session_.clear();
  }
  static void quit(Prompt& prompt, std::string_view rest) {
    refuse_rest("quit", rest);
    prompt.ends_ = true;
  }

  static std::span<const Row> console_rows();
};

const Commands::Row Commands::rows[] = {
    {"help", "[TOPIC]", "commands, or how a function or distribution is written", help},
    {"set", "[NAME [VALUE]]", "samples, target, seed, threads, backend, precision, …", set},
    {"vars", "", "what is defined", vars},
    {"show", "", "the session as a program", show},
    {"more", "[SAMPLES]", "the last question again with as many samples more", more},
    {"time", "on|off", "whether answers say what they took", time},
    {"dump", "STAGE QUESTION", "ir, llvm, assembly, cuda or ptx of a question", dump},
    {"save", "FILE", "writes the session as a program", save},
    {"load", "FILE", "takes a file's lines as if they were typed", load},
    {"undo", "", "takes the last definition back", undo},
    {"clear", "", "forgets all definitions", clear},
    {"quit", "", "so does Ctrl-D", quit},
};

std::span<const Commands::Row> Commands::console_rows() { return rows; }

namespace {

const Commands::Row& command(std::string_view name) {
  std::vector<const Commands::Row*> meant;
  for (const Commands::Row& row : Commands::rows) {
    if (row.name == name) return row;
    if (!name.empty() && row.name.starts_with(name)) meant.push_back(&row);
  }
  if (meant.size() == 1) return *meant.front();
  std::string among;
  for (const Commands::Row* row : meant)
    among += fmt::format("{}:{}", among.empty() ? "" : " or ", row->name);
  throw FlagError(meant.empty() ? fmt::format("there is no command :{}; :help lists them", in_quotes(name))
                                : fmt::format(":{} may be {}", name, among));
}

/// The line begins with what only a statement's end can be: where, until.
bool goes_on_with(std::string_view line) {
  const std::string_view word = split(trimmed(line)).first;
  return word == "where" || word == "until";
}

}  // namespace

std::vector<CommandHelp> commands() {
  std::vector<CommandHelp> all;
  for (const Commands::Row& row : Commands::rows) all.push_back({row.name, row.arguments, row.help});
  return all;
}

void Prompt::take(std::string_view text) {
  const std::string_view line = trimmed(text);
  ways_.settle();
  if (line.empty() || (line.starts_with('#') && line.find('\n') == line.npos)) return;
  if (line.starts_with(':')) {
    const auto [name, rest] = split(line.substr(1));
    return command(name).run(*this, rest);
  }
  for (Question& question : session_.take(text)) {
    ways_.ask(std::move(question), settings_.options);
    if (ends_) return;
  }
}

void Prompt::answered(Answered answered) {
  if (!answered.report.results.empty() && answered.report.samples > 0)
    session_.answer(answered.report.results.front().estimate.value);
  last_ = std::move(answered);
}

std::vector<Piece> pieces(std::string_view text) {
  std::vector<Piece> all;
  std::size_t line = 0;
  bool open = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view next = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (!all.empty() && (open || goes_on_with(next)))
      all.back().text += "\n" + std::string(next);
    else
      all.push_back({std::string(next), line});
    open = !all.back().text.starts_with(':') && is_unfinished(all.back().text);
  }
  return all;
}

}  // namespace mc::console
