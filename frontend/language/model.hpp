// A checked program: what the checker makes of the syntax for one signature, and what the lowering turns into
// a kernel.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/ir/kernel.hpp"
#include "frontend/language/external.hpp"
#include "frontend/language/syntax.hpp"
#include "frontend/language/terms.hpp"

namespace mc::language {

/// Rank 0, 1 or 2. An extent of kUnknown is settled only by the call.
struct Shape {
  unsigned rank = 0;
  std::int64_t rows = 1, columns = 1;

  static constexpr std::int64_t kUnknown = -1;
  std::int64_t size() const { return rows * columns; }
  bool operator==(const Shape&) const = default;
};

/// Stands for the length of data, which only the call tells: kernels serve any. An index that goes through
/// data runs to kDataExtent and a few more or less; nothing else comes near.
inline constexpr std::int64_t kDataExtent = std::int64_t{1} << 40;
constexpr bool is_data_extent(std::int64_t extent) {
  return extent > kDataExtent / 2 && extent < kDataExtent * 3 / 2;
}

/// An end of a range as users know it: "10", "the data's length - 1".
inline std::string end_text(std::int64_t end) {
  if (!is_data_extent(end)) return std::to_string(end);
  const std::int64_t more = end - kDataExtent;
  const std::string length = "the data's length";
  return more == 0 ? length : length + (more > 0 ? " + " : " - ") + std::to_string(std::abs(more));
}

/// What the caller says of a program's free names: their shapes are the program's signature.
struct Setting {
  struct Parameter {
    std::string name;
    Shape shape;           ///< a vector of kDataExtent where it is data
    bool is_data = false;  ///< its numbers are floats in single precision, unlike other parameters'
    /// What its numbers are in memory, where data(A) or rows(A) takes it and nothing else does: its rows are
    /// then kDataExtent, for a kernel serves any number of them.
    std::optional<ir::Number> table = {};
    bool operator==(const Parameter&) const = default;
  };
  enum class Bounds : std::uint8_t { none, cube, box };  ///< a box has one interval, or one a coordinate

  std::vector<Parameter> parameters;
  std::int64_t dimension = 0;  ///< of the box a bare expression's variable is uniform on
  Bounds bounds = Bounds::none;
  bool settled = true;  ///< false: shapes are not known yet; check what can be checked without them
  bool single = false;  ///< samples are computed in single precision

  bool operator==(const Setting&) const = default;
};

/// A random variable, drawn in the order of the model's list.
struct Variable {
  std::string name;
  std::int64_t extent = 0;  ///< coordinates; 0 for a scalar
  std::uint32_t draws = 1;  ///< uniform draws a coordinate takes
  TermId element{};         ///< its value, in terms of the draws, with the coordinate's index at level 0
  /// Where it is drawn by rejection: the truth value that accepts the draws it looks at. Those, the first
  /// `tried`, are drawn anew until it holds; the others once, after that.
  TermId accept = TermId::none;
  std::uint32_t tried = 0;
  Span span = {};          ///< of the text that names it
  bool refusable = false;  ///< samples may refuse its arguments: its value is then not a number
  std::optional<std::uint32_t> table = {};  ///< its value is the number of a row of this one
  bool in_order = false;                    ///< the row whose number is the sample's, not a drawn one

  bool rejects() const { return accept != TermId::none; }
};

/// An array in memory: a parameter's values, or a literal's.
struct Array {
  std::string name;  ///< of a parameter; empty for a literal
  Shape shape;
  std::vector<double> values;  ///< a literal's
};

/// Rows of numbers that variables are made of: a parameter's, or a literal's.
struct Table {
  std::string name;         ///< of a parameter; empty for a literal
  std::uint32_t array = 0;  ///< a literal's, among the model's arrays
  std::uint32_t columns = 1;
  bool is_matrix = false;
  ir::Number type = ir::Number::f64;
  bool operator==(const Table&) const = default;
};

/// L with covariance = L Lᵀ, lower triangular, or its inverse.
enum class FactorKind : std::uint8_t { lower, inverse };

/// A factor of a covariance matrix that no random variable is in. It is made when a call gives the parameters
/// their values, in plain C++: so not once a sample or a tile, and with the same bits on every back end.
struct Factor {
  FactorKind kind = FactorKind::lower;
  std::uint32_t array = 0;              ///< where it lies among the model's arrays
  std::optional<std::uint32_t> source;  ///< the array that is the covariance
  std::vector<TermId> elements;         ///< or its elements, row by row
  std::string name;                     ///< of the covariance, for messages
  Span span;
};

/// How a query's group of values becomes an estimate. With a weight before them (Query::weighted) all but the
/// first three are self-normalised: they divide by the weights' sum.
enum class Estimator : std::uint8_t {
  mean,                     ///< {h}
  probability,              ///< {0 or 1}: a proportion
  conditional_probability,  ///< {both, the condition}, each 0 or 1
  weighted_mean,            ///< {f}, with a weight
  weighted_probability,     ///< {0 or 1}, with a weight
  variance,                 ///< {f}, order 4, as are the rest
  deviation,
  covariance,  ///< {f, g}
  correlation,
};

struct Query {
  std::string text;  ///< canonical: E[sum(x_i^2)]
  Estimator estimator = Estimator::mean;
  bool weighted = false;  ///< the first of `values` is a weight
  std::vector<TermId> values;
  bool varies = false;  ///< what is asked for depends on a random variable
  /// What a sample of it is, where that is one value; and how much it counts, where not all count alike.
  TermId value = TermId::none, weight = TermId::none;
};

/// A density's weight as a function of the sample, with the slope of the change of variable. Its mean is the
/// density's integral, which should be 1 unless it says that it is `unnormalized`.
struct Density {
  std::string name;  ///< the variable's; empty for the density that stands beside a moment
  TermId weight{};
  TermId negative{};  ///< 1 where the weight is below 0, else 0
  bool normalized = true;
};

/// Something that has to hold for the parameters' values; checked at the call, before sampling.
struct Requirement {
  TermId holds{};
  std::string message;
  std::vector<std::pair<std::string, TermId>> shown;  ///< arguments whose values the message ends with
  Span span;
  bool in_density = false;  ///< the span is one of the text of the density beside the moment
};

/// The message of a requirement that does not hold, ending with the values of what it names: "sigma must be
/// positive, is -1".
std::string violation(const std::string& message, std::span<const std::pair<std::string, TermId>> shown,
                      std::span<const double> values);

/// Where a model's loops were written, for an error to point at: reductions and running sums by their numbers
/// in its terms, the first of equal ones. Those of the checker's own making stand nowhere.
struct Places {
  std::unordered_map<std::uint32_t, Span> reduces, scans;
};

struct Model {
  Terms terms;
  Places places;
  std::vector<std::string> scalars;  ///< scalar parameters, by number
  std::optional<std::uint32_t>
      data_count;  ///< the scalar that is the length of the data, where that is needed
  std::vector<Array> arrays;
  std::vector<Table> tables;
  std::vector<std::shared_ptr<const External>> externals;
  std::vector<Factor> factors;  ///< a later one may depend on those before it
  std::vector<Variable> variables;
  std::vector<Query> queries;
  std::vector<Requirement> requirements;
  std::vector<Density> densities;
  TermId weight =
      TermId::none;         ///< the densities' product; none where every variable is sampled from its own law
  bool may_refuse = false;  ///< samples may refuse the arguments of a variable or a function
  bool samples_box = false;  ///< a variable lies on the box of the setting, or a density does
};

/// The box's bounds are arrays or scalars of these names.
inline constexpr std::string_view kLow = "lo", kHigh = "hi";

}  // namespace mc::language
