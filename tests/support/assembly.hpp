// Reading x86 assembly: the loop over coordinates, and what kinds of instruction stand in it.
#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace mc::testing {

/// Instructions of the loop that holds the first rotation by 23 after a backward label: from a label to the
/// jump back to it.
inline std::vector<std::string> coordinate_loop(const std::string& text) {
  std::vector<std::string> lines, loop;
  std::istringstream stream(text);
  std::string label;
  for (std::string line; std::getline(stream, line);) {
    line = line.substr(0, line.find('#'));
    if (line.starts_with(".LBB")) {
      label = line.substr(0, line.find(':'));
      loop.clear();
    } else if (line.starts_with("\t") && !line.starts_with("\t.")) {
      loop.push_back(line);
      const bool jumps_back = line.starts_with("\tj") && line.ends_with(label) && !label.empty();
      const bool draws =
          std::ranges::any_of(loop, [](const auto& l) { return l.find("$23") != std::string::npos; });
      if (jumps_back && draws) return loop;
    }
  }
  return {};
}

/// On registers of vectors and on constants: memory may only be the loop's literals.
inline bool is_vector_arithmetic(const std::string& line) {
  const auto has = [&](const char* what) { return line.find(what) != std::string::npos; };
  const bool has_memory = has("(") && !has("(%rip)");
  return line.starts_with("\tv") && (has("%xmm") || has("%ymm") || has("%zmm")) && !has_memory;
}

inline bool is_loop_control(const std::string& line) {
  const auto starts = [&](const char* with) { return line.starts_with(std::string("\t") + with); };
  return starts("inc") || starts("dec") || starts("add") || starts("sub") || starts("cmp") ||
         starts("test") || starts("j");
}

}  // namespace mc::testing
