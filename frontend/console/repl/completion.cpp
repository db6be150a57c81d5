// Names, the library's words with how they are written, commands and what may follow them, and files.
#include "frontend/console/repl/completion.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/repl/commands.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

class Candidates {
 public:
  explicit Candidates(std::string_view word) : word_(word) {}
  void offer(std::string text, std::string shown) {
    if (text.starts_with(word_)) all_.push_back({std::move(text), std::move(shown)});
  }
  void offer(const std::string& text) { offer(text, text); }
  std::string_view word() const { return word_; }
  bool is_empty() const { return all_.empty(); }
  Completion done() { return {word_.size(), std::move(all_)}; }

 private:
  std::string_view word_;
  std::vector<Candidate> all_;
};

/// Those of its folder that begin like it; hidden ones once a dot is typed.
Completion files(std::string_view word) {
  namespace fs = std::filesystem;
  Candidates all(word);
  const std::size_t slash = word.rfind('/');
  const std::string folder(slash == word.npos ? "" : word.substr(0, slash + 1));
  const std::string_view begun = word.substr(folder.size());
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder.empty() ? "." : at_home(folder), failed)) {
    const std::string name = entry.path().filename().string() + (entry.is_directory(failed) ? "/" : "");
    if (!name.starts_with('.') || begun.starts_with('.')) all.offer(folder + name, name);
  }
  Completion done = all.done();
  std::ranges::sort(done.candidates, {}, &Candidate::text);
  return done;
}

/// Where a file's name begins that the line is about to say, if it is.
std::optional<std::size_t> file_begin(std::string_view before, const std::optional<std::string>& command) {
  const std::size_t blank = before.find_last_of(" \t");
  if (command && takes_file(*command) && blank != before.npos) return blank + 1;
  const std::string_view word = first_word(trimmed(before)).first;
  const bool is_picture = std::ranges::count(picture_words(), word, &PictureHelp::word) > 0;
  const std::size_t sign = is_picture ? before.rfind("> ") : before.rfind("= @");
  if (sign == before.npos) return {};
  const std::size_t begin = is_picture ? before.find_first_not_of(' ', sign + 1) : sign + 3;
  return begin == before.npos ? before.size() : begin;
}

/// After ~ a distribution stands.
bool is_law(std::string_view before_word) { return trimmed(before_word).ends_with('~'); }

void offer_words(Candidates& all, const View& view, bool laws_alone) {
  for (const Session::Definition& each : view.session.definitions())
    if (!laws_alone || each.kind == Statement::Kind::distribution) all.offer(each.name);
  for (const Word& each : vocabulary()) {
    if (laws_alone && each.kind != Word::Kind::distribution) continue;
    const bool is_part = each.name.find('.') != std::string::npos;  // normal.pdf: once a dot is asked for
    if (is_part && all.word().find('.') == std::string_view::npos) continue;
    const std::size_t opened = each.signature.find_first_of("([");
    all.offer(each.signature.substr(0, opened == std::string::npos ? opened : opened + 1), each.signature);
  }
}

}  // namespace

Completion completion(std::string_view before, const View& view) {
  const std::optional<std::string> command = command_in(before, view.session);
  if (const auto begin = file_begin(before, command)) return files(before.substr(*begin));
  std::size_t first = before.size();
  while (first > 0 && (is_in_name(before[first - 1]) || before[first - 1] == '.' || before[first - 1] == ':'))
    --first;
  Candidates all(before.substr(first));
  const std::string_view line = before.substr(0, first);
  if (trimmed(line).empty() && all.word().starts_with(':')) {
    for (const CommandHelp& each : commands())
      all.offer(fmt::format(":{}{}", each.name, each.arguments.empty() ? "" : " "),
                fmt::format(":{} {}", each.name, each.arguments));
    return all.done();
  }
  if (command) {
    const std::string_view typed = trimmed(line);
    for (const std::string& each : words_after(typed.substr(typed.starts_with(':')), view.settings))
      all.offer(each);
    if (!all.is_empty() && first_word(*command).first != "help") return all.done();
  }
  if (trimmed(line).empty())
    for (const PictureHelp& each : picture_words())
      all.offer(fmt::format("{} ", each.word), fmt::format("{} {}", each.word, each.arguments));
  offer_words(all, view, is_law(line));
  return all.done();
}

}  // namespace mc::console
