// What is wrong, thrown and as values: what docs/embedding.md shows. Run by tests/docs.
#include <iostream>
#include <mc/mc.hpp>

int main() {
  // Thrown, as the class that says what it is about.
  try {
    const mc::Moment moment = mc::compile("x ~ normal(0, s); E[exq(x)]");
  } catch (const mc::NameError& error) {
    std::cout << error.what() << '\n';
  }

  // As values, with C++23.
  const auto moment = mc::try_compile("x ~ normal(0, s); E[exp(x)]");
  if (!moment) return 1;
  const auto estimate = moment->try_estimate({.parameters = {{"s", -1}}});  // and try_run
  if (!estimate) std::cout << estimate.error().what() << '\n';

  // So does any other call; and what came as a value can be thrown after all.
  const auto array = mc::try_call([] { return mc::read_array("no/such.csv"); });
  try {
    if (!array) array.error().raise();
  } catch (const mc::ArgumentError& error) {
    std::cout << error.what() << '\n';
  }
}

/* prints
error: unknown function exq
  1 | x ~ normal(0, s); E[exq(x)]
    |                     ^~~  did you mean exp?
error: sigma must be positive, is -1
  1 | x ~ normal(0, s); E[exp(x)]
    |     ^~~~~~~~~~~~
error: no/such.csv: No such file or directory
*/
