// Every piece of C++ and C that a page shows is compiled as it stands, in the oldest standard that is
// promised. What whole programs print examples_test.cpp looks at; what a page says of an installation,
// tests/consumer.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace {

struct Block {
  std::string place, language, text;
};

void append_blocks(const std::filesystem::path& page, std::vector<Block>& blocks) {
  std::ifstream in(page);
  bool is_inside = false;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("```")) {
      is_inside = !is_inside;
      if (is_inside) blocks.push_back({page.string() + ":" + std::to_string(number), line.substr(3), ""});
    } else if (is_inside) {
      blocks.back().text += line + "\n";
    }
  }
}

/// What lines out of a program may speak of.
constexpr const char* kPrelude =
    "#include <iostream>\n#include <stop_token>\n#include <vector>\n#include <mc/cxx.hpp>\n#include "
    "<mc/mc.hpp>\n"
    "mc::Options options;\nstd::vector<double> a, b, c, x, y, out;\n"
    "std::vector<mc::cxx::Function> functions;\nvoid shown() {\n";

std::string as_program(const Block& block) {
  if (block.text.find("int main") != std::string::npos) return block.text;
  return kPrelude + block.text + "}\n";
}

/// By what a fence says: the file's ending and the compiler's words; nothing where others look at it.
const std::map<std::string, std::pair<std::string, std::string>> kCompilers{
    {"cpp", {".cpp", MC_CXX " -std=c++20"}},
    {"c", {".c", MC_CC " -std=c11"}},
    {"", {}},        // what a program prints: examples_test.cpp
    {"python", {}},  // examples/embed.py: examples_test.cpp
    {"cmake", {}},   // tests/consumer: newcomer, run
};

TEST(Blocks, Compile) {
  std::vector<Block> blocks;
  for (const char* page : {"README.md", "CONTRIBUTING.md"}) append_blocks(page, blocks);
  for (const auto& entry : std::filesystem::directory_iterator("docs"))
    if (entry.path().extension() == ".md") append_blocks(entry.path(), blocks);
  const mc::testing::TemporaryFolder folder;
  int compiled = 0;
  for (const Block& block : blocks) {
    const auto compiler = kCompilers.find(block.language);
    ASSERT_NE(compiler, kCompilers.end()) << block.place << ": nothing is known of ```" << block.language;
    const auto& [ending, words] = compiler->second;
    if (words.empty()) continue;
    const std::string file = folder / ("block" + ending), log = folder / "log";
    mc::testing::write_file(file, as_program(block));
    const bool is_newer = block.text.find("mc::try_") != std::string::npos;  // as the page says of it
    const std::string command = words + (is_newer ? " -std=c++23" : "") +
                                " -fsyntax-only -Wall -Wextra -Werror -Wno-unused-variable "
                                "-Wno-unused-result -Ifrontend/api/include " +
                                file + " >" + log + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << block.place << '\n' << mc::testing::read_file(log);
    ++compiled;
  }
  EXPECT_GE(compiled, 9);
}

}  // namespace
