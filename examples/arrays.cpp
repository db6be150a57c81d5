// Expressions over arrays: what docs/arrays.md shows. Run by tests/docs.
#include <iostream>
#include <mc/mc.hpp>
#include <span>
#include <vector>

int main() {
  std::vector<double> x{1, 2, 3, 4}, y{2, 3, 5, 7}, out(4);

  // A map: a number of each array, or the same number throughout, gives a number of the output.
  auto line = mc::compile("a*x + y");
  line.map(out, {{"a", 10}, {"x", x}, {"y", y}});
  for (double each : out) std::cout << ' ' << each;
  std::cout << '\n';

  // A reduction: whole arrays give a number. Several go through the data together.
  std::cout << mc::compile("sum(x_i*y_i)")({{"x", x}, {"y", y}}) << '\n';
  auto moments = mc::compile("m = mean(x); m, mean((x - m)^2), max(abs(x))");
  for (double each : moments.reduce({{"x", x}})) std::cout << ' ' << each;
  std::cout << '\n';

  // For calls that have to be quick: types said, and machine code made, before.
  mc::Reduction norm = mc::compile("norm(x)").bind({{"x", mc::NumberType::f64}});
  std::cout << norm({y}) << '\n';

  try {
    line.map(out, {{"a", 10}, {"x", x}, {"y", std::span(y).first(3)}});
  } catch (const mc::ArgumentError& error) {
    std::cout << error.what() << '\n';
  }
}

/* prints
 12 23 35 47
51
 2.5 1.25 4
9.32738
error: x has 4 numbers and y has 3
  all arrays of a call have one length
*/
