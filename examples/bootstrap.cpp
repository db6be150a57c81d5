// How sure are a mean and a correlation of a dozen rows? What docs/data.md shows. Run by tests/docs.
#include <iostream>
#include <mc/mc.hpp>

int main() {
  // Rows of two numbers. They could as well lie in memory: Parameter::view(numbers, 2) copies nothing.
  const mc::Parameter returns = mc::read_array("examples/returns.csv", "north,south");
  const mc::Options options{.samples = 100'000, .parameters = {{"A", returns}}};

  // The moments of the rows themselves, each row once.
  const mc::Report rows = mc::compile("x ~ rows(A); E[x_1], Corr[x_1, x_2]").run(options);
  std::cout << rows << '\n';

  // As many rows drawn with replacement, again and again: how much do the mean and the correlation vary?
  const mc::Report bootstrap = mc::compile(R"(
    x ~ data(A)^12
    a = mean(x_{i,1}); b = mean(x_{i,2})
    cov = sum((x_{i,1} - a)*(x_{i,2} - b))
    r = cov/sqrt(sum((x_{i,1} - a)^2)*sum((x_{i,2} - b)^2))
    Std[a], Std[r], P[r < 0.8])")
                                   .run(options);
  std::cout << bootstrap << '\n';
}

/* prints
E[x_1] = 0.59(50)
Corr[x_1, x_2] = 0.908(28)
Std[a] = 0.4825(11)
Std[r] = 0.04388(30)
P[r < 0.8] = 0.02558(50)
*/
