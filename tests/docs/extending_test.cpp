// docs/extending.md against the tree: its files are there, and no list of a kind of things is forgotten.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const std::string kPage = "docs/extending.md";

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What the pattern's first group matches, in order.
std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern, std::regex::ECMAScript | std::regex::multiline);
  std::vector<std::string> all;
  for (std::sregex_iterator each(text.begin(), text.end(), wanted), end; each != end; ++each)
    all.push_back((*each)[1]);
  return all;
}

TEST(Extending, NamesFilesThatAreThere) {
  const std::vector<std::string> paths = matches(text_of(kPage), "`([A-Za-z_.]+/[A-Za-z0-9_./]*)`");
  EXPECT_GT(paths.size(), 50u);
  for (const std::string& path : paths)
    if (path.find("NAME") == path.npos) {
      EXPECT_TRUE(fs::exists(path)) << kPage << " names " << path;
    }
}

/// The sources beside the CMakeLists.txt that makes this test program; empty where none does.
std::string sources_of_test(const std::string& program) {
  const std::regex made("mc_test\\(\\s*" + program + "\\s");
  std::string sources;
  for (const auto& entry : fs::recursive_directory_iterator("tests"))
    if (entry.path().filename() == "CMakeLists.txt" && std::regex_search(text_of(entry.path()), made))
      for (const auto& file : fs::directory_iterator(entry.path().parent_path()))
        if (file.path().extension() == ".cpp") sources += text_of(file.path());
  return sources;
}

TEST(Extending, NamesTestsThatAreThere) {
  const std::string page = text_of(kPage);
  const std::regex bracket(R"(\[(?:building |[^\]`]*; )?`([a-z_]+)`(?:, ([A-Z]\w*))?[^\]]*\](?!\())");
  unsigned seen = 0;
  for (std::sregex_iterator each(page.begin(), page.end(), bracket), end; each != end; ++each, ++seen) {
    const std::string program = (*each)[1], suite = (*each)[2], sources = sources_of_test(program);
    EXPECT_NE(sources, "") << kPage << " names the test program " << program;
    const auto begins = [&](const char* test) { return sources.contains(test + suite + ","); };
    EXPECT_TRUE(suite.empty() || begins("TEST(") || begins("TEST_F(") || begins("TEST_P("))
        << kPage << " names the suite " << suite << " of " << program;
  }
  EXPECT_GE(seen, 15u);
}

/// The text under a heading.
std::string recipe(const std::string& heading) {
  const std::string page = text_of(kPage);
  const std::size_t begin = page.find("\n## " + heading + "\n");
  if (begin == page.npos) return {};
  return page.substr(begin, page.find("\n## ", begin + 1) - begin);
}

bool is_of_a_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    for (end = begin; end < text.size() && is_of_a_word(text[end]);) ++end;
    if (end > begin) words.insert(text.substr(begin, end - begin));
  }
  return words;
}

std::string in_one_line(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }

/// What a page shows of the library has to be what the library has.
TEST(Extending, ShowsDefinitionsAsTheLibraryHasThem) {
  std::string library;
  for (const auto& entry : fs::directory_iterator("frontend/library"))
    if (entry.path().extension() == ".mc") library += in_one_line(text_of(entry.path()));
  const std::vector<std::string> shown =
      matches(text_of(kPage), R"(^ {4,}([a-z][a-z.]*\([^)]*\) [~=] .*(?:\n {6,}\S.*)*))");
  EXPECT_GE(shown.size(), 3u);
  for (const std::string& definition : shown)
    EXPECT_NE(library.find(in_one_line(definition)), library.npos) << kPage << " shows " << definition;
}

/// The words of each of the project's texts, this page aside.
const std::map<std::string, std::set<std::string>>& words_by_path() {
  static std::map<std::string, std::set<std::string>> all;
  if (!all.empty()) return all;
  for (const char* folder : {"docs", "engine", "runtime", "frontend", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file() && entry.path() != kPage)
        all.emplace(entry.path(), words_of(text_of(entry.path())));
  return all;
}

struct Kind {
  std::string heading, table, pattern;
};

/// Where all things of a kind are told in one place, by which pattern.
const std::vector<Kind> kKinds{
    {"A distribution", "frontend/library/distributions.mc", R"(^([a-z]+)\([^)]*\) ~)"},
    {"A mathematical function", "engine/ir/functions.def", R"(^MC_FUNCTION\((\w+),)"},
    {"An operation of the IR", "engine/ir/operations.def",
     R"(^MC_OPERATION\((\w+), [1-3], (?:floats|compare_\w+|integers|bits|select|to_\w+|from_bits|widen|narrow),)"},
};

/// A file that has nearly all of a kind is a list of them, and a new one is to be added.
TEST(Extending, RecipesHaveEveryListOfAKind) {
  for (const Kind& kind : kKinds) {
    const std::vector<std::string> names = matches(text_of(kind.table), kind.pattern);
    ASSERT_GT(names.size(), 15u) << kind.table;
    const std::string steps = recipe(kind.heading);
    unsigned lists = 0;
    for (const auto& [path, words] : words_by_path()) {
      const auto is_there = [&](const std::string& name) { return words.contains(name); };
      const auto there = static_cast<std::size_t>(std::ranges::count_if(names, is_there));
      if (5 * there < 4 * names.size()) continue;
      ++lists;
      EXPECT_NE(steps.find("`" + path + "`"), steps.npos)
          << path << " has a list of them, and " << kPage << ", \"" << kind.heading << "\", does not name it";
    }
    EXPECT_GE(lists, 8u) << kind.heading;
  }
}

/// The generators' ids stand where one is added, and in no other source.
TEST(Extending, GeneratorsStandWhereTheRecipeSays) {
  const std::string steps = recipe("A generator");
  unsigned places = 0;
  for (const auto& [path, words] : words_by_path()) {
    const bool is_code = path.starts_with("engine/") || path.starts_with("frontend/");
    if (!is_code || path == "engine/random/philox.cpp" || !words.contains("philox4x32")) continue;
    ++places;
    EXPECT_NE(steps.find("`" + path + "`"), steps.npos) << path << " knows generators by name";
  }
  EXPECT_GE(places, 4u);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// What only a person can write of a generator is there for each.
TEST(Extending, GeneratorsAreToldOfAndHaveKnownAnswers) {
  const std::string table = text_of("engine/random/generators.def");
  const std::vector<std::string> ids = matches(table, R"(^MC_GENERATOR\((\w+),)"),
                                 names = matches(table, R"re(^MC_GENERATOR\(\w+, "([^"]+)")re");
  ASSERT_EQ(ids.size(), names.size());
  ASSERT_GE(ids.size(), 2u);
  for (const char* page :
       {"docs/contract.md", "docs/command.md", "docs/architecture.md", "docs/statistics.md", "README.md"})
    for (const std::string& name : names)
      EXPECT_TRUE(lower_case(text_of(page)).contains(lower_case(name))) << page << " does not name " << name;
  // The bodies of the tests of that name.
  const std::vector<std::string> bodies = matches(text_of("tests/engine/random/generators_test.cpp"),
                                                  R"(^TEST\(\w+, KnownAnswers\) \{\n((?:[ \n].*\n?)*))");
  ASSERT_GE(bodies.size(), 2u);
  for (const std::string& id : ids)
    EXPECT_TRUE(
        std::ranges::any_of(bodies, [&](const std::string& body) { return words_of(body).contains(id); }))
        << "there are no known answers of " << id;
}

/// Sources that know back ends one by one. These choose between two of them for reasons of their own.
TEST(Extending, BackEndsStandWhereTheRecipeSays) {
  const std::set<std::string> choosing{"frontend/console/demo_rounds.cpp",
                                       "frontend/console/repl/explain.cpp", "frontend/console/trace.cpp"};
  const std::string steps = recipe("A back end");
  unsigned places = 0;
  for (const auto& [path, words] : words_by_path()) {
    if (!path.starts_with("frontend/") || !words.contains("Backend") || choosing.contains(path)) continue;
    const std::string text = text_of(path);
    if (!text.contains("Backend::interpreter") || !text.contains("Backend::llvm")) continue;
    ++places;
    EXPECT_NE(steps.find("`" + path + "`"), steps.npos) << path << " knows back ends by name";
  }
  EXPECT_EQ(places, 3u);
}

}  // namespace
