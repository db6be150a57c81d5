// Runs every line `$ moment …` of README.md and docs/, and the C++ that README.md shows. Results are
// reproducible to the last digit, so what the texts print under a command is compared as it stands, but for
// timings.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace {

struct Example {
  std::string file, command, printed;
};

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Commands after `$ ` in indented blocks, each with the lines up to the next blank line or command.
std::vector<Example> examples_of(const std::filesystem::path& path) {
  static const std::regex command(R"( +\$ (?:moment|scripts/run) (.*))"), output(R"( {4}(.*))");
  std::vector<Example> examples;
  std::istringstream lines(read(path));
  bool in_example = false;
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, command)) {
      examples.push_back({path.string(), match[1], ""});
      in_example = true;
    } else if (in_example && std::regex_match(line, match, output)) {
      examples.back().printed += match[1].str() + "\n";
    } else {
      in_example = false;
    }
  }
  return examples;
}

std::string without_timing(const std::string& text) {
  return std::regex_replace(text, std::regex(R"( +\S+ (?:samples|numbers) · .*)"), "");
}

struct Ended {
  int exit;
  std::string printed;
};

Ended run(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string printed;
  std::array<char, 4096> buffer;
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) printed.append(buffer.data(), n);
  return {WEXITSTATUS(pclose(pipe)), printed};
}

TEST(Documents, PrintWhatTheySay) {
  std::vector<Example> examples = examples_of("README.md");
  for (const auto& entry : std::filesystem::directory_iterator("docs"))
    if (entry.path().extension() == ".md")
      for (Example& example : examples_of(entry.path())) examples.push_back(std::move(example));
  ASSERT_GE(examples.size(), 5u);
  for (const Example& example : examples) {
    const Ended ended = run(std::string(MC_MOMENT) + " " + example.command + " 2>&1");
    EXPECT_NE(ended.exit, 1) << example.file << ": " << example.command << "\n" << ended.printed;
    if (example.printed.empty())
      EXPECT_EQ(ended.exit, 0) << example.file << ": " << example.command << "\n" << ended.printed;
    else
      EXPECT_EQ(without_timing(ended.printed), without_timing(example.printed))
          << example.file << ": " << example.command;
  }
}

struct Program {
  std::string page, source, binary;
};

/// A page shows a program of examples/, letter by letter, and what it prints.
TEST(Documents, ShowTheProgramsThatAreTested) {
  for (const auto& [page, source, binary] :
       {Program{"README.md", "examples/embed.cpp", MC_EMBED},
        Program{"docs/arrays.md", "examples/arrays.cpp", MC_ARRAYS},
        Program{"docs/data.md", "examples/bootstrap.cpp", MC_BOOTSTRAP}}) {
    SCOPED_TRACE(source);
    const std::string text = read(page), program = read(source);
    const std::string body = program.substr(program.find("#include"));
    EXPECT_NE(text.find("```cpp\n" + body + "```"), std::string::npos);
    const Ended ended = run(binary);
    EXPECT_EQ(ended.exit, 0);
    EXPECT_NE(text.find("```\n" + ended.printed + "```"), std::string::npos) << ended.printed;
  }
}

/// Its numbers are timings; its words are not.
TEST(Documents, TimeCalls) {
  const Ended ended = run(MC_WARMUP);
  EXPECT_EQ(ended.exit, 0);
  const std::string words = " The slowest run took \\d+\\.\\d\\d times longer than the fastest";
  for (const std::string row : {"interpreter", "auto", "llvm"}) {
    const std::string line = "\n" + row + "( +\\d+\\.\\d){6}  " + words;
    EXPECT_TRUE(std::regex_search(ended.printed, std::regex(line))) << line << ended.printed;
  }
  EXPECT_NE(ended.printed.find("machine code from call 1.\n"), std::string::npos) << "by llvm";
  for (const char* stage : {"parse", "check", "assemble", "codegen", "link"})
    EXPECT_NE(ended.printed.find("\n    " + std::string(stage)), std::string::npos) << stage;
}

}  // namespace
