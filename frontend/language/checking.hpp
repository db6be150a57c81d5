// The checker's inside, shared by its rooms: values, scopes, and the class whose members they define.
//   checker.cpp        statements, what the setting says of free names
//   queries.cpp        what is asked for, under which condition
//   expressions.cpp    operators, names, arrays
//   subscripts.cpp     subscripts, and what they leave of an index's range
//   reductions.cpp     what binds indices: sum, max, mean, cumsum, …; and iterate
//   calls.cpp          built-in functions, the program's and the library's
//   distributions.cpp  random variables
//   samplers.cpp       distributions of the program's own
//   multivariate.cpp   those whose value is a vector
//   tables.cpp         data as the distribution
//   densities.cpp      densities written out
//   soundness.cpp      what a refused draw spoils
//   conditions.cpp     what `where` demands of arguments
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "frontend/language/checker.hpp"

namespace mc::language {

/// What an expression is: a scalar term, or a shape with a rule that gives its elements.
struct Value {
  Shape shape = {};
  TermId scalar = TermId::none;
  std::function<TermId(std::span<const Subscript>)> at = {};
  bool open = false;         ///< its shape is not known before the call, or it is wrong and has been reported
  std::uint32_t height = 0;  ///< rules that `at` asks one inside the other

  bool is_scalar() const { return shape.rank == 0; }
};

/// An index that a reduction binds, with the range that its subscripts leave it.
struct IndexVariable {
  std::string_view name;
  std::uint32_t level = 0;
  std::int64_t first = 1, last = kUnbounded;
  bool stated = false;   ///< its range is written, `i = 2..4`
  bool settled = true;   ///< every extent it runs over is known
  bool awaited = false;  ///< its written range is known at the call only, or wrong
  Span span = {};

  static constexpr std::int64_t kUnbounded = INT64_MAX;
};

struct Binding {
  enum class Kind : std::uint8_t { value, function, sampler };
  std::string_view name;
  Kind kind = Kind::value;
  Value value = {};
  const Statement* function = nullptr;  ///< or sampler
};

/// Where names are looked up while a text or a function's body is being checked.
struct Frame {
  const Program* program = nullptr;
  std::vector<Binding> locals = {};
  std::vector<IndexVariable*> indices = {};
  std::size_t visible = SIZE_MAX;       ///< how many of the program's bindings it sees
  bool library = false;                 ///< the library's own text: it sees no binding of the program
  std::optional<Span> call_site = {};   ///< where errors are reported, if not in this text
  std::optional<Span> called_at = {};   ///< in a function of the program: where the statement calls it
  const Statement* function = nullptr;  ///< whose body it is, its arguments being the last locals
  const Frame* blamed = nullptr;        ///< in the library: the function that the program called
};

/// Thrown where a limit is passed far from any place in the text: the statement that is being looked at is
/// refused, and no other looked at.
struct PastLimit {
  std::string message, hint;
};

/// "a vector of 3".
std::string describe(const Shape& shape);

/// What a sampler's text calls its uniform draws, in their order.
inline constexpr std::string_view kDraws[] = {"u", "v", "w", "u2", "v2", "w2"};
bool is_library_distribution(std::string_view name);
bool is_of_library_distribution(std::string_view name);  ///< such as normal.pdf
bool takes_table(std::string_view distribution);         ///< data(A), rows(A)
std::vector<std::string_view> builtin_names();
void names_in(const Program& program, NodeId id, std::vector<std::string_view>& names);
/// Whether a name is written for an index by custom: others are parameters meant as subscripts, perhaps.
bool is_customary_index(std::string_view name);

class Checker {
 public:
  Checker(const Source& source, const Setting& setting);
  Checked check();

 private:
  // ---- checker.cpp
  bool within_limits(Span span, const std::function<void()>& look);
  void statement(const Statement& statement);
  void define(const Statement& statement);
  void apply_density_text();
  void remember(std::unordered_map<std::uint32_t, Span>& places, TermId loop, Span span);
  std::optional<Value> free_name(std::string_view name, Span span);
  Value not_yet_defined(std::string_view name, Span span);
  Value parameter(const Setting::Parameter& parameter);
  Value sample_on_box(std::string_view name, Span span);
  Value box_bound(std::string_view name);
  bool bind(std::string_view name, Span span, Binding binding);
  const Binding* binding(std::string_view name) const;
  std::vector<std::string_view> known_names() const;
  bool has_statement(StatementKind kind) const;

  // ---- queries.cpp
  struct Question;
  void query(const Statement& statement);
  void bare(const Statement& statement);
  std::optional<TermId> moment(NodeId id, std::string_view what);
  std::optional<TermId> condition(NodeId id, std::string_view what, std::string_view hint);
  void ask(Question question);

  // ---- expressions.cpp
  Value expression(NodeId id);
  Value expression_of(const Node& node, NodeId id);
  void check_nesting(std::size_t nesting) const;
  Value name(NodeId id);
  Value named(NodeId id);
  Value fold(NodeId id);
  Value comparison(NodeId id);
  Value array(NodeId id);
  Value literal(const Shape& shape, std::vector<TermId> elements, Span span);
  std::uint32_t literal_number(Array array);
  TermId scalar(NodeId id, std::string_view what, std::string hint = "reduce it: sum, mean, max, norm, …");
  std::optional<Value> lookup(std::string_view name);

  Value made(const Shape& shape, std::uint32_t height, std::function<TermId(std::span<const Subscript>)> at);
  using Unary = std::function<TermId(TermId)>;
  using Binary = std::function<TermId(TermId, TermId)>;
  using Three = std::array<TermId, 3>;
  using Ternary = std::function<TermId(const Three&)>;
  Value joined(const Value& a, const Value& b, Span span);
  Value map(const Value& a, const Unary& f);
  Value map(const Value& a, const Value& b, Span span, const Binary& f);
  Value map(const std::vector<Value>& three, Span span, const Ternary& f);
  Value map(const Value& a, ir::Op op);
  Value map(ir::Op op, const Value& a, const Value& b, Span span);
  Value as_truth(const Value& a);

  // ---- subscripts.cpp
  Value subscript(NodeId id);
  std::optional<Subscript> subscript_of(NodeId id, Span access);
  std::optional<Subscript> affine(TermId term, unsigned depth = 32);
  bool tighten(const Subscript& subscript, std::int64_t extent, Span span, NodeId access);
  bool tighten_plain(const Subscript& subscript, std::int64_t extent, Span span);
  bool names_parameter(NodeId id);
  std::optional<std::int64_t> whole(NodeId id, std::string_view what);

  // ---- reductions.cpp
  struct Binder;
  static const Binder* binder(std::string_view name);
  Value reduce(const Binder& binder, NodeId call);
  Value reduce_whole(const Binder& binder, const Value& value, Span span);
  Value too_many_levels(Span span);
  Value reduce_indices(const Binder& binder, NodeId body, std::vector<IndexVariable> indices);
  std::optional<std::int64_t> data_extent(TermId id) const;
  bool counts_data(TermId id) const;
  TermId count_of(std::int64_t size);
  Value finish(const Binder& binder, TermId folded, TermId count);
  Value scan(Reduction reduction, NodeId call);
  Value iterate(NodeId call);
  std::optional<Range> range_of(const IndexVariable& index);
  std::vector<IndexVariable> stated_indices(NodeId call);
  IndexVariable stated_index(NodeId binding);
  void direct_indices(NodeId id, std::vector<IndexVariable>& found);
  void left_indices(NodeId call, std::vector<IndexVariable>& found);
  void subscript_names(NodeId id, std::vector<IndexVariable>& found);
  bool is_index_name(std::string_view name) const;
  bool is_reduction(NodeId call) const;
  bool is_dim(NodeId id) const;

  // ---- calls.cpp
  Value call(NodeId id);
  std::optional<Value> builtin(std::string_view name, NodeId call);
  Value choose(NodeId call);
  Value in_double(NodeId expression);
  Value extreme(ir::Op op, NodeId call);
  static std::string form_of(const Program& program, const Statement& function);
  Value apply_function(std::string_view name, NodeId call);
  Value one_by_one(const Statement& function, Frame frame, std::vector<Value> arguments, Span call_site);
  Value inline_function(const Statement& function, Frame frame, std::vector<Value> arguments, Span call_site);
  Value guard(Value value, std::size_t first);
  Value apply_external(std::uint32_t function, NodeId call);
  Value dimension(NodeId call);
  bool arity(NodeId call, std::size_t expected, std::string_view form);
  std::vector<Value> arguments(NodeId call);
  Value unknown_function(NodeId call);

  // ---- distributions.cpp
  /// The right-hand side of `x ~ …` taken apart.
  struct Law {
    std::string_view name;
    NodeId call;
    std::optional<std::int64_t> count;  ///< ^n
  };
  void sample(const Statement& statement);
  std::optional<Law> law(NodeId body);
  void unknown_distribution(std::string_view name, Span span);
  /// A sampler's text, with the frame that its body is checked in.
  struct Sampler {
    const Statement* statement;
    Frame frame;
  };
  Sampler sampler(std::string_view name);
  Value draw_from(std::string_view name, const Law& law);
  bool fits_coordinates(const Value& joint, const Value& value, NodeId argument);
  std::optional<Shape> shape_of(const Law& law, const std::vector<Value>& arguments);
  Value draw_coordinates(std::string_view name, Sampler sampler, std::vector<Value> arguments,
                         const Shape& shape, Span span);
  Value new_variable(std::string_view name, Span span, const Shape& shape, TermId element,
                     TermId accept = TermId::none, bool binary = false);
  std::uint32_t draws_in(TermId term) const;

  // ---- samplers.cpp
  void own_distribution(const Statement& statement);
  void check_own_name(std::string_view name, Span span);
  void check_draws(const Statement& statement);
  std::optional<NodeId> distribution_in(NodeId body) const;
  void check_names_of_draws(const Statement& statement);
  void check_parameters(const Statement& statement);
  TermId accepted_by(NodeId accept);
  bool is_one_number(const Statement& sampler, const Value& element);

  // ---- multivariate.cpp
  Value draw_mvnormal(std::string_view name, const Law& law);
  Value draw_dirichlet(std::string_view name, const Law& law);
  Value mvnormal_density(NodeId call);
  /// A triangular factor: an array, or terms where random variables are in it.
  struct Triangle {
    std::int64_t rows = 0;
    std::uint32_t array = 0;
    std::vector<TermId> elements = {};  ///< row by row, those above the diagonal unused
    TermId sound = TermId::none;        ///< where it has elements: whether the covariance is symmetric
  };
  bool is_one_vector(const Law& law);
  bool goes_with(std::string_view what, const Value& vector, std::int64_t rows, Span span);
  std::optional<Triangle> triangle(FactorKind kind, const Value& covariance, NodeId text);
  std::optional<std::uint32_t> source_of(const Value& matrix);
  std::optional<Triangle> factor(Factor wanted, std::int64_t rows);
  std::optional<Triangle> factor_now(const Factor& wanted, std::span<const double> values, std::int64_t rows);
  std::optional<Triangle> unrolled(FactorKind kind, const std::vector<TermId>& elements, std::int64_t rows,
                                   Span span);
  TermId alike(TermId a, TermId b, TermId a_ii, TermId a_jj);
  void invert(Triangle& lower);
  Value product(const Triangle& triangle, const Value& vector);
  TermId log_determinant(const Triangle& triangle);
  Value with_variable(std::string_view name, Span span, std::int64_t rows,
                      const std::function<TermId(std::span<const Subscript>)>& element);

  // ---- tables.cpp
  Value draw_rows(std::string_view name, const Law& law);
  std::optional<std::uint32_t> table_of(NodeId argument, std::string_view distribution);
  std::optional<std::uint32_t> table_of(const Setting::Parameter& given, std::string_view distribution,
                                        Span span);
  std::uint32_t add_table(Table table);

  // ---- densities.cpp
  Value draw_density(std::string_view name, const Law& law);
  const Array* written_array(const Value& vector);
  bool has_infinite(const Value& end);
  TermId density_of(NodeId id);
  void require_ends(const Value& lo, const Value& hi, const Shape& shape, Span span);
  void add_density(std::string name, TermId weight, bool normalized = true);
  TermId product_over(const Shape& shape, const std::function<TermId(std::span<const Subscript>)>& factor);

  // ---- conditions.cpp
  TermId holds_everywhere(const Value& condition);
  void require(const Program& program, const Statement& statement, Span call_site);
  void require(TermId holds, std::string message, std::vector<std::pair<std::string, TermId>> shown,
               Span span);
  struct Demand {
    Requirement what;
    bool is_inner = false;  ///< of a function of the library, by another one
  };
  void demand(Demand demand);
  void leave_to_samples(TermId holds);
  void leave_to_indices(Demand demand);
  void demand_over(std::span<const Range> ranges, std::vector<Demand> waiting);
  bool is_known(const Requirement& wanted) const;
  void settle(const Requirement& wanted);

  // ---- reporting
  Span place(Span span) const { return frame_->call_site.value_or(span); }
  Value error(Category category, Span span, std::string message, std::string hint = {},
              std::string_view meant = {});
  std::string refusal_of_library() const;
  Value opened() const {
    return {.scalar = open_, .at = [open = open_](auto) { return open; }, .open = true};
  }
  Value of(TermId term) const { return {.scalar = term}; }
  TermId number(double value) { return model_.terms.number(value); }
  std::string text(NodeId id) const { return to_text(*frame_->program, id); }
  bool spend(Span span);
  std::string past_expansion() const;

  const Source& source_;
  const Setting& setting_;
  const Limits& limits_;
  Model model_;
  Diagnostics diagnostics_;
  std::vector<FreeName> free_names_;
  std::vector<Binding> bindings_;
  // Programs may have thousands of names, each used as often: none is searched for in a list.
  std::unordered_map<std::string_view, std::size_t> bound_at_;             ///< in bindings_
  std::unordered_map<std::string_view, const Setting::Parameter*> given_;  ///< by the setting
  std::unordered_set<std::string> free_seen_;                              ///< in free_names_
  std::unordered_set<std::string_view> defined_;  ///< what the program's statements name, before or after
  std::unordered_map<std::string, std::uint32_t> scalar_numbers_;  ///< in the model
  std::unordered_map<std::string, std::uint32_t> literals_;        ///< arrays of numbers, in the model
  Frame main_;
  Frame* frame_ = &main_;
  NodeId query_argument_ = NodeId::none;  ///< for hints
  TermId open_ = TermId::none;
  std::uint32_t depth_ = 0;  ///< index levels in use
  std::vector<IndexVariable*>
      levels_;  ///< by level: the index a text names, or none for a level of the checker's own
  std::int64_t coordinates_ =
      0;                      ///< while a sampler is inlined for a vector: its length, with level 0 its index
  bool is_sampling_ = false;  ///< while a sampler is inlined
  bool in_double_ = false;    ///< names stand for doubles, in single precision too
  std::vector<TermId> guards_;             ///< of the functions being inlined: what only the samples can tell
  std::vector<Demand> awaiting_;           ///< the ranges of indices
  std::vector<TermId> random_conditions_;  ///< of the sampler being inlined: what only its samples can tell
  TermId accept_ = TermId::none;           ///< of the sampler being inlined: what accepts its draws
  bool in_density_text_ = false;           ///< a text of its own: places in it are not the program's
  std::size_t calls_ = 0;                  ///< functions being inlined, one in the other
  std::size_t nesting_ = 0;                ///< expressions being looked at, one in the other
  std::size_t spent_ = 0;                  ///< nodes looked at so far, bodies of functions each time anew
  std::map<std::pair<FactorKind, std::uint32_t>, std::uint32_t> factors_;  ///< arrays made of arrays
  std::optional<std::pair<std::string, Value>> sampled_;                   ///< a bare expression's variable
};

}  // namespace mc::language
