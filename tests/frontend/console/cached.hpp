// Running the command with a disk cache of its own, and the bits that it should give.
#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mc/mc.hpp>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {

inline constexpr char kProgram[] = "x ~ uniform(0,1)^2; E[sum(x_i^2)]";

inline Start with_folder(const std::string& folder, std::vector<std::string> arguments) {
  return {.arguments = std::move(arguments), .environment = {"MC_CACHE_DIR=" + folder}};
}

inline Start compiled(const std::string& folder, const std::string& program = kProgram) {
  return with_folder(folder,
                     {"eval", program, "--samples", "1000", "--threads", "1", "--backend", "llvm", "--json"});
}

struct Answer {
  std::string cache;
  std::vector<std::string> values;
};

inline Answer answer_of(const Ended& ended) {
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const auto json = nlohmann::json::parse(ended.out, nullptr, false);
  if (json.is_discarded()) return {};
  Answer answer{json["timing"]["cache"], {}};
  for (const auto& result : json["results"]) answer.values.push_back(result["value_hex"]);
  return answer;
}

inline std::vector<std::string> values_without_a_compiler(const std::string& program) {
  std::vector<std::string> values;
  const Report report =
      compile(program).run({.samples = 1000, .backend = Backend::interpreter, .threads = 1});
  for (const Report::Result& result : report.results) {
    char text[40];
    std::snprintf(text, sizeof text, "%a", result.estimate.value);
    values.emplace_back(text);
  }
  return values;
}

}  // namespace mc::console_test
