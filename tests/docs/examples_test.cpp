// Runs every line `$ moment …` of README.md and docs/, and the C++ that README.md shows. Results are
// reproducible to the last digit, so what the texts print under a command is compared as it stands, but for
// timings.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
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
  for (Example& example : examples_of("CONTRIBUTING.md")) examples.push_back(std::move(example));
  for (const auto& entry : std::filesystem::directory_iterator("docs"))
    if (entry.path().extension() == ".md")
      for (Example& example : examples_of(entry.path())) examples.push_back(std::move(example));
  ASSERT_GE(examples.size(), 5u);
  for (const Example& example : examples) {
    if (!MC_READS_CXX && example.command.find("--cxx") != std::string::npos) continue;
    const Ended ended = run(std::string(MC_MOMENT) + " " + example.command + " 2>&1");
    EXPECT_NE(ended.exit, 1) << example.file << ": " << example.command << "\n" << ended.printed;
    if (example.printed.empty())
      EXPECT_EQ(ended.exit, 0) << example.file << ": " << example.command << "\n" << ended.printed;
    else
      EXPECT_EQ(without_timing(ended.printed), without_timing(example.printed))
          << example.file << ": " << example.command;
  }
}

/// With a fake GPU for the one that wants one.
Ended run_beside_a_fake_gpu(const std::string& command) {
  return run("MC_NVRTC=" MC_FAKE_CUDA_LIBRARY " MC_CUDA_DRIVER=" MC_FAKE_CUDA_LIBRARY " " + command);
}

struct Program {
  std::string page, source, command, language = "cpp";
};

/// Without the comment that it begins with, and the one at its end.
std::string body_of(const std::string& program) {
  const std::size_t begin = std::min(program.find("#include"), program.find("import"));
  const std::size_t end = std::min(program.find("\n/* prints\n"), program.find("\n# prints\n"));
  return program.substr(begin, std::min(end, program.size()) - begin);
}

/// What a program prints, as the comment that stands at its end.
std::string comment_of(const std::string& printed, const std::string& language) {
  if (language != "python") return "\n/* prints\n" + printed + "*/\n";
  return "\n# prints\n" + std::regex_replace(printed, std::regex("^(?=.)", std::regex::multiline), "# ");
}

/// A page shows a program of examples/, letter by letter, and what it prints.
TEST(Documents, ShowTheProgramsThatAreTested) {
  for (const auto& [page, source, command, language] :
       {Program{"README.md", "embed.cpp", MC_EXAMPLES "embed"},
        Program{"docs/arrays.md", "arrays.cpp", MC_EXAMPLES "arrays"},
        Program{"docs/data.md", "bootstrap.cpp", MC_EXAMPLES "bootstrap"},
        Program{"docs/parts.md", "parts.cpp", MC_EXAMPLES "parts"},
        Program{"docs/embedding.md", "errors.cpp", MC_EXAMPLES "errors"},
        Program{"docs/embedding.md", "embed.c", MC_EXAMPLES "embed_c", "c"},
#ifdef MC_EMBED_PYTHON
        Program{"docs/embedding.md", "embed.py", MC_EMBED_PYTHON, "python"},
#endif
        Program{"docs/gpu.md", "device_arrays.cpp", MC_EXAMPLES "device_arrays"}}) {
    SCOPED_TRACE(source);
    const std::string text = read(page), program = read("examples/" + source);
    EXPECT_NE(text.find("```" + language + "\n" + body_of(program) + "```"), std::string::npos);
    const Ended ended = run_beside_a_fake_gpu(command);
    EXPECT_EQ(ended.exit, 0);
    EXPECT_NE(text.find("```\n" + ended.printed + "```"), std::string::npos) << ended.printed;
    EXPECT_TRUE(program.ends_with(comment_of(ended.printed, language))) << ended.printed;
  }
}

/// What a program prints stands at its end.
TEST(Documents, AreProgramsThatPrintWhatTheySay) {
  for (const std::string name : {"option", "physics", "bayes", "server"}) {
    SCOPED_TRACE(name);
    const std::string program = read("examples/" + name + ".cpp");
    const Ended ended = run_beside_a_fake_gpu(MC_EXAMPLES + name);
    EXPECT_EQ(ended.exit, 0);
    EXPECT_TRUE(program.ends_with(comment_of(ended.printed, "cpp"))) << ended.printed;
  }
}

/// The lecture in small; a GPU there is none.
TEST(Documents, GoThroughTheLecture) {
  const Ended ended = run("MC_CUDA_DRIVER=/dev/null " MC_EXAMPLES "slides 1000 2>&1");
  EXPECT_EQ(ended.exit, 0);
  // From the second line on all methods but the plain loop have the contract's bits.
  std::set<std::string> estimates;
  for (const std::string method : {"interpreter", "LLVM", "LLVM, all cores", "auto", "2 processes"}) {
    std::smatch found;
    const std::regex line("\n" + method + " {2,}(0\\.6\\d+  1\\.\\d+e-05)\n");
    ASSERT_TRUE(std::regex_search(ended.printed, found, line)) << method << '\n' << ended.printed;
    estimates.insert(found[1]);
    const std::regex times("\n" + method + "( +\\d+\\.\\d){2}\n");
    EXPECT_TRUE(std::regex_search(ended.printed, times)) << method << '\n' << ended.printed;
  }
  EXPECT_EQ(estimates.size(), 1U) << ended.printed;
  EXPECT_NE(ended.printed.find("\nplain loop "), std::string::npos);
  EXPECT_NE(ended.printed.find("NVIDIA's driver is not there"), std::string::npos) << ended.printed;
}

/// Its numbers are timings; its words are not.
TEST(Documents, TimeCalls) {
  const Ended ended = run_beside_a_fake_gpu(MC_EXAMPLES "warmup");
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
