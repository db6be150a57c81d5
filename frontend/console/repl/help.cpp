// :help TOPIC: a command, a picture, a setting, or a word of the language.
#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/repl/commands.hpp"

namespace mc::console {
namespace {

struct Sign {
  std::string_view name, meaning, example;
};
constexpr Sign kSigns[] = {
    {"~", "NAME ~ LAW: a random variable; ^n makes it a vector of n independent ones", "x ~ normal(0, 1)^10"},
    {"=", "NAME = EXPRESSION: a definition, which sees what its names mean now and later", "y = max(x)"},
    {"|", "inside a question: only where that holds", "E[x | x > 0]"},
    {"_", "a subscript, from 1 on: x_1, x_{i+1}", "E[sum(x_i*x_{i+1})]"},
    {"where", "after a function or a distribution: what its arguments have to be",
     "f(u) = sqrt(u) where u >= 0"},
    {"until", "after a distribution: draws again until that holds", "half(s) ~ s*normicdf(u) until u > 0.5"},
    {"ans", "the value of the last question's first answer", "E[x - ans]"},
    {"@", "NAME = @FILE or @FILE:COLUMN: a file's numbers", "A = @prices.csv:close"},
    {">", "after a picture: the file that it is drawn into", "hist x > x.svg"},
};

std::string part_meaning(std::string_view name) {
  if (name.ends_with(".pdf")) return "its density";
  if (name.ends_with(".icdf")) return "below what a share p lies";
  return "the probability to be below x";
}

}  // namespace

std::string help_about(std::string_view topic, const View& view) {
  const std::string_view name = topic.starts_with(':') ? topic.substr(1) : topic;
  std::string text;
  for (const CommandHelp& each : commands())
    if (each.name == name) text += fmt::format(":{} {}\n  {}\n", each.name, each.arguments, each.help);
  for (const PictureHelp& each : picture_words())
    if (each.word == topic)
      text += fmt::format("{} {}\n  {}; to a file with > FILE.svg, .png or .html\n", each.word,
                          each.arguments, each.help);
  for (const Setting& each : shown(view.settings))
    if (each.name == topic) text += fmt::format(":set {} {}\n  {}\n", each.name, each.value, each.help);
  for (const Sign& each : kSigns)
    if (each.name == topic) text += fmt::format("{}\n  {}\n", each.meaning, each.example);
  for (const Word& word : vocabulary()) {
    if (word.name == topic)
      text += fmt::format("{}\n  {}\n  {}\n", word.signature, word.meaning, word.example);
    if (word.name.starts_with(std::string(topic) + "."))
      text += fmt::format("{:<30} {}\n", word.signature, part_meaning(word.name));
  }
  for (const Session::Definition& each : view.session.definitions())
    if (each.name == topic) text += each.text + "\n";
  return text;
}

}  // namespace mc::console
