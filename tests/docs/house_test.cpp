// What docs/architecture.md and CONTRIBUTING.md say of the house: who may know whom, and how large a room is.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

/// The project's own sources, by their paths from its root.
std::vector<std::string> sources() {
  std::vector<std::string> all;
  for (const char* folder : {"engine", "runtime", "frontend", "tests", "examples"})
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const std::string ending = entry.path().extension();
      if (ending == ".cpp" || ending == ".hpp" || ending == ".h" || ending == ".inl" || ending == ".cuh")
        all.push_back(entry.path());
    }
  std::ranges::sort(all);
  return all;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// What a floor's files may include of the house, besides <mc/…>. The longest one that a path begins with
/// counts.
const std::map<std::string, std::vector<std::string>> kFloors{
    {"engine/", {"engine/"}},
    {"runtime/", {"engine/", "runtime/"}},
    {"frontend/language/",
     {"engine/ir/", "engine/kernels/", "engine/random/", "frontend/language/", "frontend/library/"}},
    {"frontend/cxx/", {"engine/", "frontend/"}},
    {"frontend/api/", {"engine/", "runtime/", "frontend/"}},
    {"frontend/console/", {"frontend/console/"}},
    {"examples/", {}},
};

bool begins_with_one(const std::string& path, const std::vector<std::string>& folders) {
  return std::ranges::any_of(folders, [&](const std::string& each) { return path.starts_with(each); });
}

TEST(House, NobodyKnowsWhoLivesAbove) {
  static const std::regex include(R"re(\s*#include "([^"]*/[^"]*)".*)re");
  std::size_t seen = 0;
  for (const std::string& path : sources())
    for (const auto& [floor, known] : kFloors) {
      if (!path.starts_with(floor)) continue;
      std::smatch found;
      for (const std::string& line : lines_of(path)) {
        if (!std::regex_match(line, found, include)) continue;
        ++seen;
        EXPECT_TRUE(begins_with_one(found[1], known)) << path << " includes " << found[1];
      }
    }
  EXPECT_GT(seen, 500U);
}

TEST(House, ClangIsSeenByOneRoomAndLlvmByTwo) {
  for (const std::string& path : sources())
    for (const std::string& line : lines_of(path)) {
      if (line.starts_with("#include <clang/") || line.starts_with("#include \"clang/")) {
        EXPECT_TRUE(path.starts_with("frontend/cxx/") || path.starts_with("tests/")) << path;
      }
      if (line.starts_with("#include <llvm/") || line.starts_with("#include \"llvm/")) {
        EXPECT_TRUE(path.starts_with("engine/llvm/") || path.starts_with("frontend/cxx/") ||
                    path.starts_with("tests/"))
            << path;
      }
    }
}

/// Larger ones, and why; none of them may grow much.
const std::map<std::string, std::size_t> kLargeRooms{
    {"tests/frontend/cxx/functions.cpp", 640},  // one list, which two compilers and Moment read
};

TEST(House, RoomsSayWhatTheyAreFor) {
  const auto begins_with_a_comment = [](const std::string& path) {
    const std::vector<std::string> lines = lines_of(path);
    return !lines.empty() && (lines[0].starts_with("//") || lines[0].starts_with("/*"));
  };
  for (const std::string& path : sources()) {
    if (path.starts_with("tests/")) continue;  // where some are what a user writes
    const std::string header = fs::path(path).replace_extension(".hpp");
    EXPECT_TRUE(begins_with_a_comment(path) || begins_with_a_comment(header)) << path;
  }
}

TEST(House, RoomsAreOf500LinesAtMost) {
  for (const std::string& path : sources()) {
    const auto known = kLargeRooms.find(path);
    EXPECT_LE(lines_of(path).size(), known == kLargeRooms.end() ? 510 : known->second) << path;
  }
}

}  // namespace
