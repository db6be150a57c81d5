// Pieces are cut where a comma, an equals sign, two dots or > stand outside of brackets; what they mean is
// the language's.
#include "frontend/console/pictures/request.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// text[begin, end) of the line without blanks at its ends.
Part part(std::string_view line, std::size_t begin, std::size_t end) {
  constexpr std::string_view kBlanks = " \t\r\n";
  while (begin < end && kBlanks.find(line[begin]) != kBlanks.npos) ++begin;
  while (begin < end && kBlanks.find(line[end - 1]) != kBlanks.npos) --end;
  return {std::string(line.substr(begin, end - begin)), begin};
}

/// Where `what` stands outside of brackets, from `begin` on.
std::vector<std::size_t> outside(std::string_view line, std::size_t begin, std::size_t end,
                                 std::string_view what) {
  std::vector<std::size_t> places;
  int depth = 0;
  for (std::size_t at = begin; at < end; ++at) {
    depth += std::string_view("([{").find(line[at]) != std::string_view::npos;
    depth -= std::string_view(")]}").find(line[at]) != std::string_view::npos;
    if (depth == 0 && line.substr(at, what.size()) == what) places.push_back(at);
  }
  return places;
}

[[noreturn]] void refuse_at(std::string_view line, std::size_t begin, std::size_t end, std::string message,
                            std::string hint) {
  Diagnostic diagnostic{.kind = ErrorKind::syntax,
                        .message = std::move(message),
                        .hint = std::move(hint),
                        .begin = begin,
                        .end = std::max(end, begin + 1),
                        .rendered = {}};
  diagnostic.rendered = rendered(diagnostic, line);
  throw SyntaxError({std::move(diagnostic)});
}

constexpr std::string_view kEndings[] = {".svg", ".png", ".html"},
                           kFile = "a picture's name ends with .svg, .png or .html";

/// What follows a > may be compared with, or be a file's name: that ends with a point and letters, and one
/// with a picture's ending may have blanks in it.
bool is_file_name(std::string_view text) {
  const std::size_t point = text.rfind('.');
  if (point == text.npos || point + 1 == text.size()) return false;
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const std::string_view ending = text.substr(point + 1);
  const bool is_picture = std::ranges::find(kEndings, text.substr(point)) != std::end(kEndings);
  return std::ranges::all_of(ending, is_letter) && std::isalpha(static_cast<unsigned char>(ending[0])) != 0 &&
         text.find_first_of(is_picture ? "<>" : "()[]{}<>=,*+^ ") == text.npos;
}

/// Takes `> FILE` off the end; where the rest ends.
std::size_t take_file_name(PictureRequest& request, std::size_t begin, std::size_t end) {
  const std::vector<std::size_t> places = outside(request.line, begin, end, ">");
  if (places.empty()) return end;
  const Part file = part(request.line, places.back() + 1, end);
  const std::vector<std::size_t> dots = outside(request.line, begin, end, "..");
  const bool is_behind_range = request.word.text == "plot" && !dots.empty() && dots[0] < places.back();
  if (!is_behind_range && !is_file_name(file.text)) return end;
  if (std::ranges::none_of(kEndings, [&](std::string_view ending) { return file.text.ends_with(ending); }))
    refuse(request, file, std::string(kFile));
  request.file = file;
  return places.back();
}

/// Takes logx, logy and loglog off the end, which stand behind commas; where the rest ends.
std::size_t take_axes(PictureRequest& request, std::size_t begin, std::size_t end) {
  for (;;) {
    const std::vector<std::size_t> commas = outside(request.line, begin, end, ",");
    if (commas.empty()) return end;
    const Part word = part(request.line, commas.back() + 1, end);
    const bool is_range = word.text.find('=') != word.text.npos;
    if (!is_range && (word.text == "log" || word.text.starts_with("log ")))
      refuse(request, word, "logarithmic axes are written logx, logy or loglog");
    if (word.text != "logx" && word.text != "logy" && word.text != "loglog") return end;
    if (request.word.text != "plot" && request.word.text != "hist")
      refuse(request, word, fmt::format("{} has its own axes", request.word.text));
    request.log_x |= word.text != "logy";
    request.log_y |= word.text != "logx";
    end = commas.back();
  }
}

/// x = 0..3, the last piece of a plot.
void take_range(PictureRequest& request, std::size_t begin, std::size_t end) {
  constexpr std::string_view kWrite = "write plot sin(x), x = 0..3";
  const std::string_view line = request.line;
  const Part whole = part(line, begin, end);
  const std::vector<std::size_t> equals = outside(line, begin, end, "="),
                                 dots = outside(line, begin, end, "..");
  if (equals.empty() || dots.empty() || dots[0] < equals[0])
    refuse(request, whole, "a plot ends with the range of its variable", std::string(kWrite));
  request.variable = part(line, begin, equals[0]);
  request.from = part(line, equals[0] + 1, dots[0]);
  request.to = part(line, dots[0] + 2, end);
  const std::string& name = request.variable.text;
  if (name.empty() || !std::ranges::all_of(name, is_in_name) ||
      std::isdigit(static_cast<unsigned char>(name[0])) != 0)
    refuse(request, name.empty() ? whole : request.variable,
           "a variable's name stands before =", std::string(kWrite));
  if (request.from.text.empty() || request.to.text.empty())
    refuse(request, whole, "a range has two ends", std::string(kWrite));
}

}  // namespace

const std::vector<PictureHelp>& picture_words() {
  static const std::vector<PictureHelp> words{
      {"plot", "F, G, x = A..B",
       "functions of x, or moments with x as a parameter: plot E[max(z, a)], a = 0..3; logx, logy or "
       "loglog may follow: plot exp(x), x = 0..9, logy"},
      {"hist", "EXPR",
       "how an expression's samples are spread, and how heavy their tail is; logx, logy or loglog may "
       "follow"},
      {"converge", "QUESTION", "the estimate with its error against the number of samples"},
      {"compare", "QUESTION", "how many samples a second each back end takes, and whether their bits agree"},
  };
  return words;
}

std::optional<PictureRequest> picture_request(std::string_view line) {
  const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  const std::size_t after = std::min(line.find_first_of(" \t", first), line.size());
  const std::string_view word = line.substr(first, after - first);
  if (std::ranges::count(picture_words(), word, &PictureHelp::word) == 0) return {};
  const std::size_t end_of_all = std::min(line.find('#'), line.size());
  const std::size_t next = std::min(line.find_first_not_of(" \t", after), end_of_all);
  // plot = 3, hist ~ normal(0, 1): a name like any other
  if (next < end_of_all && (line[next] == '=' || line[next] == '~')) return {};
  PictureRequest request{.line = std::string(line),
                         .word = {std::string(word), first},
                         .asked = {},
                         .asked_end = 0,
                         .file = {},
                         .variable = {},
                         .from = {},
                         .to = {}};
  std::size_t end = take_file_name(request, after, end_of_all);
  request.asked_end = part(line, first, end).end();
  end = take_axes(request, after, end);
  std::size_t begin = after;
  if (word == "plot") {
    std::vector<std::size_t> commas = outside(line, after, end, ",");
    if (commas.empty()) take_range(request, after, end);  // says what is missing
    if (commas.empty())
      refuse(request, request.variable, "there is nothing to plot", "write plot sin(x), x = 0..3");
    take_range(request, commas.back() + 1, end);
    for (const std::size_t comma : commas) {
      request.asked.push_back(part(line, begin, comma));
      begin = comma + 1;
    }
  } else {
    const std::vector<std::size_t> commas = outside(line, after, end, ",");
    if (!commas.empty()) {
      const bool is_hist = word == "hist";
      refuse(request, part(line, commas[0], end),
             fmt::format("{} takes one {}", word, is_hist ? "expression" : "question"),
             fmt::format("write a line for each: {} {}", word, part(line, commas[0] + 1, end).text));
    }
    request.asked.push_back(part(line, begin, end));
  }
  for (const Part& asked : request.asked)
    if (asked.text.empty()) {
      const auto help = std::ranges::find(picture_words(), word, &PictureHelp::word);
      refuse(request, request.word, "there is nothing to draw",
             fmt::format("write {} {}", word, help->arguments));
    }
  return request;
}

void refuse(const PictureRequest& request, const Part& part, std::string message, std::string hint) {
  refuse_at(request.line, part.begin, part.end(), std::move(message), std::move(hint));
}

namespace {

/// An error about the part's text as one about the line. What is compared with an unknown name may have been
/// meant to be drawn into a file.
Error in_line(const Error& error, const PictureRequest& request, const Part& part) {
  const auto place_of = [&](std::size_t place) {
    return std::min(part.begin + std::max(place, part.before) - part.before, part.end());
  };
  return moved(error, request.line, [&](Diagnostic& each) {
    each.begin = std::min(place_of(each.begin), part.end() - 1);
    each.end = std::clamp(place_of(each.end), each.begin + 1, std::max(request.line.size(), each.begin + 1));
    const auto before = trimmed(std::string_view(request.line).substr(0, each.begin));
    if (each.kind == ErrorKind::name && each.end == request.asked_end && before.ends_with('>'))
      each.hint = kFile;
    return true;
  });
}

}  // namespace

Question ask(const PictureRequest& request, const Part& part, const Session& session, std::string_view free) {
  Session asking = session;
  if (!free.empty()) asking.forget(free);
  std::vector<Question> questions;
  try {
    questions = asking.take(part.text);
  } catch (const Error& error) {
    throw in_line(error, request, part);
  }
  if (questions.size() != 1 || questions.front().labels.size() != 1)
    refuse(request, part, fmt::format("{} takes an expression or a question here", request.word.text));
  return std::move(questions.front());
}

Error placed(const Error& error, const PictureRequest& request, const Part& part, const Question& question) {
  return in_line(question.placed(error), request, part);
}

}  // namespace mc::console
