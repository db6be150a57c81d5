// Random variables whose arguments are allowed: each distribution with what its arguments have to be.
#include <algorithm>

#include <fmt/format.h>

#include "tests/fuzz/grower.hpp"

namespace mc::fuzz {
namespace {

/// A letter for each argument. l: any number. s: a small one. p: positive. q: in (0, 1]. n: a whole number.
/// ^: above the first argument. /: between the first two.
struct Law {
  std::string_view name;
  std::string_view kinds;
};

constexpr Law kDistributions[] = {
    {"uniform", "s^"},  {"normal", "lp"},   {"lognormal", "sp"}, {"exponential", "p"},  {"gamma", "pp"},
    {"beta", "pp"},     {"laplace", "lp"},  {"logistic", "lp"},  {"weibull", "pp"},     {"cauchy", "lp"},
    {"studentt", "p"},  {"chisquare", "p"}, {"pareto", "pp"},    {"triangular", "s^/"}, {"bernoulli", "q"},
    {"binomial", "nq"}, {"poisson", "p"},   {"geometric", "q"},  {"gumbel", "lp"},
};

}  // namespace

std::vector<std::string_view> grown_distributions() {
  std::vector<std::string_view> names;
  for (const Law& distribution : kDistributions) names.push_back(distribution.name);
  return names;
}

void Grower::sample() {
  const bool is_vector = decide_.chance(60);
  if (!is_vector) {
    std::string text = law(0);
    scalars_.push_back(fresh("z"));
    grown_.program += Written{"{} ~ {}\n", scalars_.back(), text}.text;
    return;
  }
  const int length = some_length();
  std::string text = law(length);
  vectors_.push_back({fresh("x"), length});
  grown_.program += Written{"{} ~ {}^{}\n", vectors_.back().name, text, length}.text;
}

/// Vectors whose coordinates are not independent.
void Grower::sample_joint() {
  constexpr const char* kLaws[] = {"mvnormal(0, [[2, 1], [1, 3]])", "mvnormal([1, b], [[4, -1], [-1, 1]])",
                                   "dirichlet([2, 0.5])", "dirichlet([q, 3])"};
  const std::string law = decide_.of(kLaws);
  vectors_.push_back({fresh("j"), 2});
  grown_.program += Written{"{} ~ {}\n", vectors_.back().name, law}.text;
}

/// A distribution of the program's own and a variable of it.
void Grower::sample_own() {
  constexpr const char* kTexts[] = {"m + (2 - m)*u*v",
                                    "if(u < 0.3, -m, v^2)",
                                    "sqrt(-2*log(u))*cos(2*pi*v) + m",
                                    "m*u until u + v < 1",
                                    "sum(u > [0.2, 0.7]) + m where m > 0",
                                    "iterate(y = u, (y + m/y)/2, 5) + v",
                                    "iterate(y = m, y*u + v, 4) until u < 0.9",
                                    "sum(i*iterate(y = u, y/2, 2), i = 1..3) - m until v < 0.5",
                                    "poisson.icdf(u, m)",
                                    "binomial.icdf(u, 9, 0.3)*m until u + v < 1"};
  const std::string own = fresh("own"), text = decide_.of(kTexts);
  const int length = decide_.chance(50) ? some_length() : 0;
  const std::string name = fresh("o");
  grown_.program += Written{"{}(m) ~ {}\n{} ~ {}({}){}\n",
                            own,
                            text,
                            name,
                            own,
                            positive(length),
                            length > 0 ? Written{"^{}", length}.text : ""}
                        .text;
  if (length > 0)
    vectors_.push_back({name, length});
  else
    scalars_.push_back(name);
}

/// Arguments of a vector's law may be vectors of its length.
std::string Grower::law(int length) {
  const Law& chosen = decide_.of(kDistributions);
  std::vector<std::string> arguments;
  for (const char kind : chosen.kinds) {
    if (kind == '^')
      arguments.push_back(Written{"{} + 2", arguments[0]}.text);
    else if (kind == '/')
      arguments.push_back(Written{"{} + 0.5", arguments[0]}.text);
    else
      arguments.push_back(argument(kind, length));
  }
  return Written{"{}({})", chosen.name, fmt::join(arguments, ", ")}.text;
}

std::string Grower::argument(char kind, int length) {
  constexpr const char* kSmall[] = {"0", "-1", "0.5", "b", "a"};
  constexpr const char* kProportions[] = {"0.5", "0.25", "1", "0.999", "1e-3", "p"};
  constexpr const char* kWhole[] = {"3", "0", "1", "10", "50", "1000"};
  switch (kind) {
    case 's':
      return decide_.of(kSmall);
    case 'q':
      if (decide_.chance(20)) return Written{"if({} > 0, 0.5, 0.25)", location(length)}.text;
      return decide_.of(kProportions);
    case 'n':
      return decide_.of(kWhole);
    case 'p':
      return positive(length);
    default:
      return location(length);
  }
}

std::string Grower::location(int length) {
  if (length > 0 && decide_.chance(20)) return vector(length, 1);
  return decide_.chance(50) ? number(2) : literal();
}

/// Far from where a limit of a distribution (a shape up to 1e15) could be met by anything but the samples.
std::string Grower::positive(int length) {
  constexpr const char* kPositive[] = {"1", "2", "0.5", "0.3", "7", "20", "1.5", "1e-3"};
  switch (decide_.below(8)) {
    case 5:
      return "q";
    case 6:
      if (!scalars_.empty())  // may be anything, not a number too
        return Written{"max(1, min({}, 5))", scalars_[decide_.below(unsigned(scalars_.size()))]}.text;
      return "1";
    case 7:
      if (length > 0) return Written{"if({} > 0, 2, 0.5)", vector(length, 1)}.text;
      return "3";
    default:
      return decide_.of(kPositive);
  }
}

/// On a box or to infinity; whatever the density is, the sums are what the back ends have to agree on.
void Grower::sample_density() {
  if (densities_++ >= 2) return definition();
  constexpr const char* kEnds[] = {"0, 1", "-1, 2", "-inf, inf", "0, inf", "-inf, 1", "b, a"};
  const std::string ends = decide_.of(kEnds);
  const char* word = decide_.chance(50) ? "unnormalized" : "density";
  const int length = decide_.chance(40) ? some_length() : 0;
  const std::string name = fresh("d");
  const std::string square = length > 0 ? Written{"sum({}_i^2)", name}.text : Written{"{}^2", name}.text;
  std::string factor;
  if (decide_.chance(50)) factor = Written{"*abs({})", number(2)}.text;
  grown_.program += Written{"{} ~ {}(exp(-{}){}, {}){}\n",
                            name,
                            word,
                            square,
                            factor,
                            ends,
                            length > 0 ? Written{"^{}", length}.text : ""}
                        .text;
  if (length > 0)
    vectors_.push_back({name, length});
  else
    scalars_.push_back(name);
}

}  // namespace mc::fuzz
