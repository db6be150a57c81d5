// Prints libFuzzer's dictionary: the names and signs of the language as it is, so that none has to be guessed
// byte by byte.
#include <cstdio>
#include <string_view>

#include "frontend/language/checker.hpp"
#include "frontend/language/prelude.hpp"

int main() {
  constexpr std::string_view kSigns[] = {" ~ ",
                                         "x ~ ",
                                         "^2",
                                         "_i",
                                         "_{i+1}",
                                         "_{i,j}",
                                         "..",
                                         "i = 1..3",
                                         ";",
                                         "\\x0a",
                                         "E[",
                                         "Var[",
                                         "Std[",
                                         "P[",
                                         "Cov[",
                                         "Corr[",
                                         " | ",
                                         "and ",
                                         "or ",
                                         "not ",
                                         "pi",
                                         "inf",
                                         "if(",
                                         "density",
                                         "<=",
                                         "where ",
                                         "until ",
                                         "[[1, 2]",
                                         "1e300",
                                         "\\xcf\\x83",
                                         "\\xe2\\x89\\xa4",
                                         "unnormalized"};
  const auto print = [](std::string_view word) {
    std::printf("\"%.*s\"\n", static_cast<int>(word.size()), word.data());
  };
  for (const std::string_view sign : kSigns) print(sign);
  for (const std::string_view name : mc::language::builtin_names()) print(name);
  for (const std::string_view name : mc::language::prelude().function_names()) print(name);
  for (const std::string_view name : mc::language::prelude().sampler_names()) print(name);
}
