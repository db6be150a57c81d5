// Numbers, vectors and truth values, as deep as `depth` and the program's budget of nodes allow. Past the
// fuzzer's bytes every choice is the first one here, so that comes to an end.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/fuzz/grower.hpp"

namespace mc::fuzz {
namespace {

constexpr const char* kUnary[] = {"abs",   "sqrt",    "floor",   "ceil",     "trunc", "round", "sign",
                                  "exp",   "log",     "sin",     "cos",      "tan",   "tanh",  "erf",
                                  "erfc",  "expm1",   "exp2",    "log1p",    "log2",  "log10", "cbrt",
                                  "asin",  "acos",    "atan",    "sinh",     "cosh",  "asinh", "acosh",
                                  "atanh", "normcdf", "normpdf", "normicdf", "gamma", "lgamma"};

/// Functions of more than one argument; {0}, {1} and {2} are numbers or vectors.
constexpr const char* kLibrary[] = {
    "hypot({0}, {1})",
    "atan2({0}, {1})",
    "pow({0}, {1})",
    "mod({0}, {1})",
    "fma({0}, {1}, {2})",
    "clamp({0}, -1, {1})",
    "normal.pdf({0}, 0, 1)",
    "normal.cdf({0}, {1}, 2)",
    "normal.icdf(clamp({0}, 0, 1), 0, 1)",
    "uniform.cdf({0}, 0, 1)",
    "exponential.icdf(clamp({0}, 0, 1), 2)",
    "gamma.pdf({0}, 2.5, 1)",
    "gamma.cdf({0}, 2.5, 1)",
    "betainc(2, 3, clamp({0}, 0, 1))",
    "beta.pdf({0}, 0.5, 2)",
    "poisson.pdf(floor(abs({0})), 3)",
    "binomial.pdf(floor(abs({0})), 10, 0.25)",
    "studentt.pdf({0}, 3)",
    "triangular.cdf({0}, -1, 2, 0.5)",
    "weibull.pdf({0}, 1.5, 1)",
    "pareto.icdf(clamp({0}, 0, 1), 1, 3)",
    "cauchy.cdf({0}, 0, 1)",
    "geometric.cdf({0}, 0.25)",
};

constexpr const char* kOperators[] = {"+", "*", "-", "/"};
constexpr const char* kComparisons[] = {"<", ">", "<=", ">=", "==", "!="};

}  // namespace

std::vector<std::string_view> grown_functions() {
  std::vector<std::string_view> names(std::begin(kUnary), std::end(kUnary));
  for (const std::string_view call : kLibrary) names.push_back(call.substr(0, call.find('(')));
  return names;
}

// ---- numbers

std::string Grower::number(int depth) {
  if (spent(depth)) return leaf();
  switch (decide_.below(14)) {
    case 0:
    case 1:
      return leaf();
    case 2:
    case 3:
    case 4:
      return arithmetic(depth - 1);
    case 5:
      return function_of_number(depth - 1);
    case 6:
      return library_function(depth - 1);
    case 7:
      return own_function(depth - 1);
    case 8:
      return Written{"if({}, {}, {})", truth(depth - 1), number(depth - 1), number(depth - 1)}.text;
    case 9:
      return Written{"{}({}, {})", decide_.chance(50) ? "max" : "min", number(depth - 1), number(depth - 1)}
          .text;
    default:
      return reduction(depth - 1);
  }
}

std::string Grower::leaf() {
  const unsigned kind = decide_.below(8);
  if (kind <= 2 && !scalars_.empty())  // the latest first: what was made is used
    return scalars_[scalars_.size() - 1 - decide_.below(static_cast<unsigned>(scalars_.size()))];
  if (kind == 3) return literal();
  if (kind == 4) return parameter();
  if (kind == 5 && !indices_.empty()) {
    Index& index = indices_[decide_.below(static_cast<unsigned>(indices_.size()))];
    return decide_.chance(30) ? index.name : indexed(index, 0);
  }
  return element();
}

std::string Grower::literal() {
  constexpr const char* kLiterals[] = {"1",   "2",      "0.5", "0",    "3",     "0.1",    "10",
                                       "1.5", "7",      "1e3", "1e-3", "1e300", "pi",     "e",
                                       "100", "1e-300", "inf", "1e16", "(-1)",  "(-0.5)", "4096"};
  return decide_.of(kLiterals);
}

std::string Grower::parameter() {
  constexpr const char* kNames[] = {"a", "b", "p", "q"};
  const char* name = decide_.of(kNames);
  return name;
}

/// Of a vector or a matrix, by plain subscripts.
std::string Grower::element() {
  if (decide_.chance(25)) {
    constexpr const char* kGiven[] = {"A_{1,2}", "A_{2,2}", "B_{2,3}"};
    if (matrices_.empty()) return decide_.of(kGiven);
    const Matrix& matrix = matrices_[decide_.below(static_cast<unsigned>(matrices_.size()))];
    return Written{"{}_{{{},{}}}", matrix.name, 1 + decide_.below(unsigned(matrix.rows)),
                   1 + decide_.below(unsigned(matrix.columns))}
        .text;
  }
  if (vectors_.empty()) return scalars_.empty() ? literal() : scalars_.back();
  const Vector& vector = vectors_[vectors_.size() - 1 - decide_.below(unsigned(vectors_.size()))];
  return Written{"{}_{}", vector.name, 1 + decide_.below(unsigned(vector.length))}.text;
}

std::string Grower::arithmetic(int depth) {
  switch (decide_.below(8)) {
    case 0:
    case 1:
    case 2:
      return Written{"({} {} {})", number(depth), decide_.of(kOperators), number(depth)}.text;
    case 3:
      return Written{"({} {} {} {} {})", number(depth),          decide_.of(kOperators),
                     number(depth),      decide_.of(kOperators), number(depth)}
          .text;
    case 4: {
      constexpr const char* kPowers[] = {"2", "3", "-1", "0.5", "-2", "5", "0", "17", "1.5", "-0.5"};
      return Written{"({})^{}", number(depth), decide_.of(kPowers)}.text;
    }
    case 5:
      return Written{"({})^({})", number(depth), number(depth)}.text;
    case 6:
      return Written{"(-{})", number(depth)}.text;
    default:
      return Written{"({} + {})", truth(depth), number(depth)}.text;
  }
}

std::string Grower::function_of_number(int depth) {
  const char* name = decide_.of(kUnary);
  return Written{"{}({})", name, number(depth)}.text;
}

std::string Grower::library_function(int depth) {
  if (decide_.chance(8)) return Written{"iterate(t = {}, (t + {})/3, 7)", number(depth), number(depth)}.text;
  const char* pattern = decide_.of(kLibrary);
  return Written{pattern, number(depth), number(depth), number(depth)}.text;
}

std::string Grower::own_function(int depth) {
  if (functions_.empty()) return arithmetic(depth);
  return call(functions_[functions_.size() - 1 - decide_.below(static_cast<unsigned>(functions_.size()))],
              depth);
}

std::string Grower::call(const Function& function, int depth) {
  std::vector<std::string> given;
  for (unsigned k = 0; k < function.arity; ++k)
    given.push_back(k == 0 && function.of_vector ? vector(some_length(), depth) : number(depth));
  return Written{"{}({})", function.name, fmt::join(given, ", ")}.text;
}

// ---- truth values

std::string Grower::truth(int depth) {
  if (spent(depth)) return comparison(0);
  switch (decide_.below(8)) {
    case 4:
      return Written{"({} and {})", truth(depth - 1), truth(depth - 1)}.text;
    case 5:
      return Written{"({} or {})", truth(depth - 1), truth(depth - 1)}.text;
    case 6:
      return Written{"(not {})", truth(depth - 1)}.text;
    case 7:
      return Written{"{}({} {} {})", decide_.chance(50) ? "any" : "all", vector(some_length(), depth - 1),
                     decide_.of(kComparisons), number(depth - 1)}
          .text;
    default:
      return comparison(depth - 1);
  }
}

std::string Grower::comparison(int depth) {
  const std::string first = number(depth);
  const char* sign = decide_.of(kComparisons);
  const std::string second = number(depth);
  if (!decide_.chance(20)) return Written{"({} {} {})", first, sign, second}.text;
  return Written{"({} {} {} < {})", first, sign, second, number(depth)}.text;
}

// ---- reductions

std::string Grower::reduction(int depth) {
  constexpr const char* kReductions[] = {"sum", "mean", "max", "min", "prod", "norm"};
  switch (decide_.below(8)) {
    case 0:
    case 1: {
      const char* name = decide_.of(kReductions);
      return Written{"{}({})", name, vector(some_length(), depth)}.text;
    }
    case 2: {
      const int length = some_length();
      return Written{"dot({}, {})", vector(length, depth), vector(length, depth)}.text;
    }
    case 3: {
      const int length = some_length();
      return Written{"{}({})_{}", decide_.chance(50) ? "cumsum" : "cumprod", vector(length, depth),
                     1 + decide_.below(unsigned(length))}
          .text;
    }
    case 4: {
      if (matrices_.empty()) return Written{"dim({})", vector(some_length(), 0)}.text;
      const Matrix& matrix = matrices_[decide_.below(unsigned(matrices_.size()))];
      return Written{"{}({}*{})", decide_.of(kReductions), matrix.name, number(depth)}.text;
    }
    case 5:
      return over_stated_range(depth);
    default:
      return over_indices(depth);
  }
}

constexpr const char* kIndexNames[] = {"i", "j", "k", "l", "m"};

/// The index stands as a subscript in the body itself, so it is bound here.
std::string Grower::over_indices(int depth) {
  constexpr const char* kReductions[] = {"sum", "sum", "max", "min", "prod", "mean", "norm"};
  const std::size_t open = indices_.size();
  if (open >= 3) return leaf();
  const char* name = decide_.of(kReductions);
  indices_.push_back({.name = kIndexNames[open]});
  std::string body = indexed(indices_.back(), depth);
  const bool two = open < 2 && decide_.chance(25);
  if (two) {
    indices_.push_back({.name = kIndexNames[open + 1]});
    body += "*" + indexed(indices_.back(), depth);
  }
  body += Written{"{}{}", decide_.of(kOperators), number(depth)}.text;
  indices_.resize(open);
  return Written{"{}({})", name, body}.text;
}

std::string Grower::over_stated_range(int depth) {
  constexpr const char* kReductions[] = {"sum", "max", "prod", "mean"};
  const std::size_t open = indices_.size();
  if (open >= 3) return leaf();
  const char* name = decide_.of(kReductions);
  const int first = 1 + static_cast<int>(decide_.below(3));
  const int last = first - 1 + static_cast<int>(decide_.below(6));
  indices_.push_back({.name = kIndexNames[open], .first = first, .last = last, .stated = true});
  const std::string body = number(depth);
  indices_.resize(open);
  return Written{"{}({}, {} = {}..{})", name, body, kIndexNames[open], first, last}.text;
}

/// An element at the index. What it cannot be an element of without leaving it no range is not taken.
std::string Grower::indexed(Index& index, int depth) {
  if (depth > 0 && decide_.chance(25)) {
    const int length = some_length();
    const std::string inside = vector(length, depth - 1);
    if (const auto at = subscript(index, length))
      return Written{"{}({}){}", decide_.chance(70) ? "cumsum" : "cumprod", inside, *at}.text;
  }
  if (!vectors_.empty()) {
    const Vector& vector = vectors_[vectors_.size() - 1 - decide_.below(unsigned(vectors_.size()))];
    if (const auto at = subscript(index, vector.length)) return vector.name + *at;
  }
  if (decide_.chance(50))
    if (const auto at = subscript(index, 7)) return "w" + *at;
  if (index.stated) return index.name;
  // A literal as long as it takes: every range that is left starts below this.
  const int length = std::max(index.first, 3);
  index.last = std::min(index.last, length);
  return Written{"{}_{}", array(length, 0), index.name}.text;
}

/// `_{2*i - 1}`, if it leaves the index a range; narrows that.
std::optional<std::string> Grower::subscript(Index& index, int length) {
  struct Form {
    int scale, offset;
    const char* text;
  };
  constexpr Form kForms[] = {{1, 0, "_{0}"},           {1, 0, "_{0}"},       {1, 1, "_{{{0}+1}}"},
                             {1, -1, "_{{{0} - 1}}"},  {2, 0, "_{{2*{0}}}"}, {2, -1, "_{{2*{0} - 1}}"},
                             {-1, 1, "_{{{1} - {0}}}"}};
  const Form& form = decide_.of(kForms);
  int first = 1, last = length;  // counted down it runs over all of them
  if (form.scale > 0) {
    first = std::max(1, (1 - form.offset + form.scale - 1) / form.scale);
    last = (length - form.offset) / form.scale;
  }
  if (index.stated && (index.first < first || index.last > last)) return {};
  first = std::max(index.first, first);
  last = std::min(index.last, last);
  if (last < first) return {};
  if (!index.stated) index.first = first, index.last = last;
  return Written{form.text, index.name, length + 1}.text;
}

// ---- vectors

int Grower::some_length() {
  if (!vectors_.empty() && decide_.chance(70))
    return vectors_[vectors_.size() - 1 - decide_.below(unsigned(vectors_.size()))].length;
  constexpr int kLengths[] = {3, 1, 2, 4, 5, 6, 9, 17, 40};
  return decide_.of(kLengths);
}

std::string Grower::vector(int length, int depth) {
  if (spent(depth)) return vector_leaf(length);
  return decide_.chance(65) ? vector_of(length, depth - 1) : vector_leaf(length);
}

std::string Grower::vector_leaf(int length) {
  std::vector<std::string> fitting;
  for (const Vector& known : vectors_)
    if (known.length == length) fitting.push_back(known.name);
  if (length == 3) fitting.emplace_back("c");
  if (length == 7) fitting.emplace_back("w");
  const unsigned chosen = decide_.below(static_cast<unsigned>(fitting.size()) + 1);
  if (chosen == fitting.size()) return array(length, 0);
  return fitting[chosen];
}

std::string Grower::vector_of(int length, int depth) {
  switch (decide_.below(10)) {
    case 0:
    case 1:
      return Written{"({} {} {})", vector(length, depth), decide_.of(kOperators), vector(length, depth)}.text;
    case 2:
      return Written{"({} {} {})", vector(length, depth), decide_.of(kOperators), number(depth)}.text;
    case 3:
      return Written{"({} {} {})", number(depth), decide_.of(kOperators), vector(length, depth)}.text;
    case 4: {
      const char* name = decide_.of(kUnary);
      return Written{"{}({})", name, vector(length, depth)}.text;
    }
    case 5:
      return Written{"if({} {} {}, {}, {})", vector(length, depth), decide_.of(kComparisons),
                     number(depth),          vector(length, depth), number(depth)}
          .text;
    case 6:
      return Written{"{}({})", decide_.chance(50) ? "cumsum" : "cumprod", vector(length, depth)}.text;
    case 7:
      return Written{"{}({}, {})", decide_.chance(50) ? "max" : "min", vector(length, depth),
                     vector(length, depth)}
          .text;
    case 8: {
      const char* pattern = decide_.of(kLibrary);
      return Written{pattern, vector(length, depth), number(depth), number(depth)}.text;
    }
    default:
      return array(length, depth);
  }
}

/// Numbers written out; computed ones where the array is short.
std::string Grower::array(int length, int depth) {
  std::vector<std::string> elements;
  for (int k = 0; k < length; ++k)
    elements.push_back(depth > 0 && length <= 4 ? number(depth - 1) : k < 3 ? literal() : std::to_string(k));
  return Written{"[{}]", fmt::join(elements, ", ")}.text;
}

}  // namespace mc::fuzz
