// A folder of wrong programs, wrong/NAME.mc, each with the command that runs it and what that prints beside
// it, wrong/NAME.expected, letter by letter. And whether every message of the sources is shown by one of
// them.
//
// MC_UPDATE=1 in the environment writes the .expected files anew from the commands they begin with; read what
// changed.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

const std::filesystem::path kFolder = "tests/frontend/console/wrong";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> files(const std::filesystem::path& folder, std::string_view extension) {
  std::vector<std::filesystem::path> found;
  std::error_code none;  // elsewhere than in the repository's root: the tests then say that nothing is there
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

/// What stands after `$ moment`, as a shell takes it apart: words, and texts in double quotes.
std::vector<std::string> arguments_of(const std::string& command) {
  static const std::regex word(R"re("([^"]*)"|([^ "]+))re");
  std::vector<std::string> arguments;
  for (std::sregex_iterator it(command.begin(), command.end(), word), end; it != end; ++it)
    arguments.push_back((*it)[2].matched ? (*it)[2].str() : (*it)[1].str());
  return arguments;
}

struct Wrong {
  std::filesystem::path expected;
  std::string command, printed;
};

Wrong wrong_at(const std::filesystem::path& expected) {
  constexpr std::string_view kPrompt = "$ moment ";
  const std::string text = read(expected);
  const std::size_t end = std::min(text.find('\n'), text.size());
  EXPECT_TRUE(text.starts_with(kPrompt)) << expected;
  return {expected, text.substr(kPrompt.size(), end - kPrompt.size()),
          text.substr(std::min(end + 1, text.size()))};
}

Ended run(const Wrong& wrong) {
  std::vector<std::string> arguments = arguments_of(wrong.command);
  for (std::string& argument : arguments)
    if (argument.ends_with(".mc")) argument = (kFolder / argument).string();
  return moment(std::move(arguments));
}

class WrongPrograms : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(WrongPrograms, PrintWhatStandsBeside) {
  const Wrong wrong = wrong_at(GetParam());
  const Ended ended = run(wrong);
  EXPECT_EQ(ended.exit, 2) << wrong.command;
  EXPECT_EQ(ended.out, "") << wrong.command;
  if (std::getenv("MC_UPDATE") != nullptr)
    std::ofstream(wrong.expected, std::ios::binary) << "$ moment " << wrong.command << '\n' << ended.err;
  else
    EXPECT_EQ(ended.err, wrong.printed) << wrong.command;
}

INSTANTIATE_TEST_SUITE_P(All, WrongPrograms, testing::ValuesIn(files(kFolder, ".expected")),
                         [](const testing::TestParamInfo<std::filesystem::path>& info) {
                           return info.param.stem().string();
                         });

TEST(WrongPrograms, EachHasWhatItPrintsBesideIt) {
  const auto programs = files(kFolder, ".mc");
  ASSERT_GE(programs.size(), 100u);
  for (std::filesystem::path program : programs)
    EXPECT_TRUE(std::filesystem::exists(program.replace_extension(".expected"))) << program;
}

// ---- the sources' messages

/// The calls that report, with all that stands in their brackets.
std::vector<std::string> reports_in(const std::string& source) {
  static const std::regex report(R"(\b(error|stop|note|fail<[A-Za-z]+>|FlagError|refuse|stray|TooLarge)\()");
  std::vector<std::string> reports;
  for (std::sregex_iterator it(source.begin(), source.end(), report), end; it != end; ++it) {
    const auto begin = static_cast<std::size_t>(it->position() + it->length());
    std::size_t at = begin;
    bool in_text = false;
    for (int depth = 1; at < source.size() && depth > 0; ++at) {
      if (source[at] == '"' && source[at - 1] != '\\' && source[at - 1] != '\'') in_text = !in_text;
      if (!in_text) depth += (source[at] == '(') - (source[at] == ')');
    }
    reports.push_back(source.substr(begin, at - begin));
  }
  return reports;
}

/// The texts of a call; those that only a line's end parts are one.
std::vector<std::string> texts_in(const std::string& call) {
  static const std::regex text(R"re("((?:[^"\\]|\\.)*)")re"), parted(R"re("\s*\n\s*")re");
  const std::string joined = std::regex_replace(call, parted, "");
  std::vector<std::string> texts;
  for (std::sregex_iterator it(joined.begin(), joined.end(), text), end; it != end; ++it)
    texts.push_back((*it)[1]);
  return texts;
}

/// Whether the text is shown, anything standing for what its {} are filled with.
bool is_shown(const std::string& text, const std::string& printed) {
  static const std::regex special(R"([.^$|()\[\]*+?\\])"), hole(R"(\{[^}]*\})");
  const std::string pattern = std::regex_replace(std::regex_replace(text, special, R"(\$&)"), hole, "[^\n]*");
  return std::regex_search(printed, std::regex(pattern));
}

/// What the command cannot show.
constexpr std::string_view kNotShown[] = {
    "positions have 32 bits",                       // a text of 4 GiB
    "{} has {} elements; an array has at most {}",  // an array of 32 GiB
    "a density needs the box it is over",           // the command has asked for --dim before
    "give one (--dim, --box; mc::box)",
};

TEST(WrongPrograms, ShowEveryMessageOfTheSources) {
  std::string printed;
  for (const auto& path : files(kFolder, ".expected")) printed += wrong_at(path).printed;
  printed += read("tests/frontend/api/data_refusals_test.cpp");  // calls on arrays, which the command has not
  printed += read("tests/frontend/cxx/refused_test.cpp");  // functions of C++, which not all builds read
  unsigned seen = 0;
  for (const auto& path : files("frontend/language", ".cpp"))
    for (const std::string& call : reports_in(read(path)))
      for (const std::string& text : texts_in(call)) {
        const bool is_excused = std::ranges::find(kNotShown, text) != std::end(kNotShown);
        const bool is_piece = text.size() < 12;  // an ending, a name
        if (!is_excused && !is_piece) {
          ++seen;
          EXPECT_TRUE(is_shown(text, printed))
              << path.string() << " says \"" << text << "\", and no wrong program shows it";
        }
      }
  EXPECT_GT(seen, 200u);
}

}  // namespace
}  // namespace mc::console_test
