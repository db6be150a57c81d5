// What is refused, and in which words: refused.txt holds sources and what is said of them.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <mc/cxx.hpp>

namespace {

struct Refused {
  std::string name, source, message;
};

/// "=== name", the source, "---", the message.
std::vector<Refused> refused() {
  std::ifstream file("tests/frontend/cxx/refused.txt");
  std::vector<Refused> all;
  bool is_message = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("=== ")) {
      all.push_back({line.substr(4), "", ""});
      is_message = false;
    } else if (line == "---") {
      is_message = true;
    } else if (!all.empty()) {
      (is_message ? all.back().message : all.back().source) += line + "\n";
    }
  }
  return all;
}

/// Compiled, and run on three coordinates where that is needed to see it.
std::string said_of(const std::string& source) {
  try {
    mc::cxx::compile(source, "f").estimate(mc::box(3, 0, 1), {.samples = 10});
    return "";
  } catch (const mc::Error& error) {
    return std::string(error.what()) + '\n';
  }
}

TEST(CxxRefused, SaysWhatAndWhereAndWhatToWriteInstead) {
  const std::vector<Refused> all = refused();
  ASSERT_GE(all.size(), 30u);
  for (const Refused& each : all) EXPECT_EQ(said_of(each.source), each.message) << each.name;
}

std::string said_of_program(const char* program) {
  const mc::cxx::Function f{.source = "double f(const double* x, int n, double a) { return a * x[n - 1]; }",
                            .name = "f"};
  try {
    mc::cxx::compile_program(program, std::span(&f, 1)).estimate({.samples = 10});
    return "";
  } catch (const mc::Error& error) {
    const mc::Diagnostic& said = error.diagnostics()[0];
    return said.message + (said.hint.empty() ? "" : "; ") + said.hint;
  }
}

TEST(CxxRefused, CallsThatDoNotFit) {
  EXPECT_EQ(said_of_program("x ~ normal(0, 1)^2; E[f(x)]"), "f takes 2 arguments, not 1; write f(x, a)");
  EXPECT_EQ(said_of_program("x ~ normal(0, 1)^2; E[f(x_1, 2)]"), "f's x is a vector, and this is a number");
  EXPECT_EQ(said_of_program("x ~ normal(0, 1)^2; E[f(x, x)]"),
            "f's a is a number, and this is a vector of 2; apply it to each element: sum(f(x_i))");
  EXPECT_EQ(said_of_program("f(u) = u; x ~ normal(0, 1)^2; E[f(x, 1)]"),
            "f is a function of C++ here; give yours another name");
}

TEST(CxxRefused, FilesThatAreNotThere) {
  EXPECT_THROW(mc::cxx::compile("no/such/file.cpp", "f"), mc::ArgumentError);
}

}  // namespace
