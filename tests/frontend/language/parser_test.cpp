// The parser: what each text means (shown with all its brackets), how it is written back, what is refused and
// with which words, and that no text, however large or deep, does any harm.
#include "frontend/language/parser.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mc::language {
namespace {

/// The expression with brackets round everything that has parts.
std::string shape(const Program& program, NodeId id) {
  const std::span<const NodeId> parts = program.children_of(id);
  std::string list;
  for (std::size_t k = 0; k < parts.size(); ++k) list += (k > 0 ? ", " : "") + shape(program, parts[k]);
  switch (program[id].kind) {
    case NodeKind::error:
      return "?";
    case NodeKind::number:
      return fmt::format("{}", program[id].number);
    case NodeKind::name:
      return std::string(program.name(id));
    case NodeKind::subscript:
      return "sub(" + list + ")";
    case NodeKind::negate:
      return "(-" + list + ")";
    case NodeKind::logical_not:
      return "(not " + list + ")";
    case NodeKind::power:
      return fmt::format("({} ^ {})", shape(program, parts[0]), shape(program, parts[1]));
    case NodeKind::call:
      return fmt::format("{}({})", program.name(id), list);
    case NodeKind::range_binding:
    case NodeKind::value_binding:
      return fmt::format("<{}: {}>", program.name(id), list);
    case NodeKind::array:
      return "[" + list + "]";
    default:
      break;
  }
  std::string chain = "(" + shape(program, parts[0]);
  for (std::size_t k = 1; k < parts.size(); ++k) {
    chain += fmt::format(" {} {}", to_text(program.links_of(id)[k - 1].op), shape(program, parts[k]));
  }
  return chain + ")";
}

std::string errors(const Parsed& parsed) { return render(parsed.diagnostics, parsed.program.text()); }

struct Row {
  std::string_view text;
  std::string_view expected;
};

constexpr Row shapes[] = {
    {"1", "1"},
    {"x*x + y*y", "((x * x) + (y * y))"},
    {"a + b - c + d", "(a + b - c + d)"},
    {"a*b/c", "(a * b / c)"},
    {"a - (b - c)", "(a - (b - c))"},
    {"a + b*c^d", "(a + (b * (c ^ d)))"},
    {"a^b^c", "(a ^ (b ^ c))"},
    {"-x^2", "(-(x ^ 2))"},
    {"(-x)^2", "((-x) ^ 2)"},
    {"x^-2", "(x ^ (-2))"},
    {"2^-3^2", "(2 ^ (-(3 ^ 2)))"},
    {"2^-3*4", "((2 ^ (-3)) * 4)"},
    {"-x*y", "((-x) * y)"},
    {"x*-y", "(x * (-y))"},
    {"a - -b", "(a - (-b))"},
    {"--x", "(-(-x))"},
    // subscripts bind tightest
    {"x_i^2", "(sub(x, i) ^ 2)"},
    {"-x_1", "(-sub(x, 1))"},
    {"x_{i+1}", "sub(x, (i + 1))"},
    {"A_{i,j}*x_j", "(sub(A, i, j) * sub(x, j))"},
    {"cumsum(x)_20", "sub(cumsum(x), 20)"},
    {"(x + y)_1", "sub((x + y), 1)"},
    {"[1, 2]_i", "sub([1, 2], i)"},
    {"a_i^-2", "(sub(a, i) ^ (-2))"},
    {"x _ i", "sub(x, i)"},
    // comparisons chain; and, or, not
    {"0 < x < 1", "(0 < x < 1)"},
    {"a <= b == c != d > e >= f", "(a <= b == c != d > e >= f)"},
    {"(a < b) < c", "((a < b) < c)"},
    {"a + 1 < b*2", "((a + 1) < (b * 2))"},
    {"a and b or c and d", "((a and b) or (c and d))"},
    {"a or b or c", "(a or b or c)"},
    {"not a < b and c", "((not (a < b)) and c)"},
    {"not not a", "(not (not a))"},
    {"a and not b", "(a and (not b))"},
    {"not -x^2 < 3", "(not ((-(x ^ 2)) < 3))"},
    // calls, ranges, arrays
    {"f()", "f()"},
    {"f (x)", "f(x)"},
    {"if(a < b, a, b)", "if((a < b), a, b)"},
    {"normal.pdf(x, 0, 1)", "normal.pdf(x, 0, 1)"},
    {"sum(x_i, i = 2..4)", "sum(sub(x, i), <i: 2, 4>)"},
    {"iterate(x = 1, (x + 2/x)/2, 20)", "iterate(<x: 1>, ((x + (2 / x)) / 2), 20)"},
    {"sum(x_i*y_j, i = 1..n - 1, j = i + 1..n)",
     "sum((sub(x, i) * sub(y, j)), <i: 1, (n - 1)>, <j: (i + 1), n>)"},
    {"f(a == b)", "f((a == b))"},
    {"[[2, 1], [1, 3]]", "[[2, 1], [1, 3]]"},
    {"((((x))))", "x"},
    // a line goes on inside brackets and after an operator or comma
    {"f(a,\n  b\n  + c)", "f(a, (b + c))"},
    {"a +\n b", "(a + b)"},
    {"a +  # comment\r\n\r\n b", "(a + b)"},
    {"not\na", "(not a)"},
    {"x_{\ni\n}", "sub(x, i)"},
    {"μ + σ_α", "(μ + sub(σ, α))"},
};

TEST(Parser, GivesTextItsMeaning) {
  for (const Row& row : shapes) {
    const Parsed parsed = parse(std::string(row.text));
    EXPECT_TRUE(parsed.ok()) << errors(parsed);
    ASSERT_EQ(parsed.program.statements.size(), 1u) << row.text;
    const Statement& statement = parsed.program.statements[0];
    ASSERT_EQ(statement.kind, StatementKind::expression) << row.text;
    EXPECT_EQ(shape(parsed.program, statement.body), row.expected) << row.text;
  }
}

/// Programs and their canonical text, empty if it is the same.
constexpr Row printed[] = {
    {"x~uniform(0,1)^10;E[sum(x_i^2)],Var[max(x)]", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]; Var[max(x)]"},
    {"((a + b)) + (c - d)*(e*f)", "a + b + (c - d)*(e*f)"},
    {"a - (b + c); (a - b) + c; (a*b)/c; a*(b/c)", "a - (b + c); a - b + c; a*b/c; a*(b/c)"},
    {"(a^b)^c; a^(b^c); (-a)^b; -(a^b); (-a)*b; -(a*b); a^(-b); a^(b*c)",
     "(a^b)^c; a^b^c; (-a)^b; -a^b; -a*b; -(a*b); a^-b; a^(b*c)"},
    {"(a and b) or c; a and (b or c); not (a and b); (not a) and b; (not a) < b; -(not a)",
     "a and b or c; a and (b or c); not (a and b); not a and b; (not a) < b; -(not a)"},
    {"(a < b) < c; a < (b < c); a < b < c; not (a < b); (a < b) + 1",
     "(a < b) < c; a < (b < c); a < b < c; not a < b; (a < b) + 1"},
    {"x_{i}; x_{3}; x_{i + 1}; x_{f(i, 2)}; A_{i + 1, j*2 - k}; (x_1)_2; (-x)_1; (a^b)_1; x_{y_1}; x_{1.5}",
     "x_i; x_3; x_{i+1}; x_{f(i, 2)}; A_{i+1,j*2-k}; (x_1)_2; (-x)_1; (a^b)_1; x_{y_1}; x_{1.5}"},
    {"1.50; .5; 1e6; 1e-7; 2.5e300; 0.1; 1e10; 1e15; 123456789012345; 0; 1e-5; 5e-324",
     "1.5; 0.5; 1000000; 1e-7; 2.5e300; 0.1; 1e10; 1e15; 123456789012345; 0; 0.00001; 5e-324"},
    {"f(u,v)=u*exp(-v)", "f(u, v) = u*exp(-v)"},
    {"normal(mu,sigma)~mu+sigma*normicdf(u) where sigma>0,mu==mu",
     "normal(mu, sigma) ~ mu + sigma*normicdf(u) where sigma > 0, mu == mu"},
    {"n(m)~m*u until v<u\n  where m>0", "n(m) ~ m*u until v < u where m > 0"},
    {"n(m) ~ m*u\n  until\n  v < u\nx = 1", "n(m) ~ m*u until v < u; x = 1"},
    {"f(x) = x^2\n  where x > 0,\n  x < 1\ng(x) = x", "f(x) = x^2 where x > 0, x < 1; g(x) = x"},
    {"sum(x_i,i=2 .. n-1)", "sum(x_i, i = 2..n - 1)"},
    {"iterate(x=y+1,x/2,3)", "iterate(x = y + 1, x/2, 3)"},
    {"E[x|x>1 and y<2]; P[x>1]; Cov[x,y|z>0]; Corr[x,y]; Std[x]",
     "E[x | x > 1 and y < 2]; P[x > 1]; Cov[x, y | z > 0]; Corr[x, y]; Std[x]"},
    {"a = 1\r\nb = 2\r\n\r\na*b\r\n", "a = 1; b = 2; a*b"},
    {"# first\na = 1; ; b = 2 # second\n;", "a = 1; b = 2"},
    {"E[x],\n  Var[x], x^2", "E[x]; Var[x]; x^2"},
    {"S =\n  3", "S = 3"},
    {"a\n- b\n(c)", "a; -b; c"},
    {"where = 3; f(x) = where\nwhere = 4", "where = 3; f(x) = where; where = 4"},
    {"until = 3; f(x) = until\nuntil = 4", "until = 3; f(x) = until; until = 4"},
};

TEST(Parser, WritesCanonicalText) {
  for (const Row& row : printed) {
    const Parsed parsed = parse(std::string(row.text));
    EXPECT_TRUE(parsed.ok()) << errors(parsed);
    EXPECT_EQ(to_text(parsed.program), row.expected);
    const Parsed again = parse(std::string(row.expected));
    EXPECT_TRUE(again.ok()) << errors(again);
    EXPECT_EQ(to_text(again.program), row.expected);
  }
}

/// All programs of the reference table of moments.
constexpr std::string_view moments[] = {
    "x ~ uniform(0, 1)^2; E[sum(x_i^2)]",
    "x ~ uniform(0, 1)^10; E[sum(x_i^2)]",
    "x ~ uniform(0, 1)^100; E[sum(x_i^2)]",
    "x ~ uniform(0, 1)^10; E[norm(x)^2]",
    "x ~ uniform(-1, 2)^3; E[sum(x_i^2)]",
    "x ~ density(prod(1/(2 - 0 + 0*x_i)), 0, 2)^3; E[sum(x_i^2)]",
    "x ~ uniform(0, 1)^7; E[mean(x)]",
    "x ~ uniform(0, 1)^10; Var[sum(x_i)]",
    "x ~ normal(1, 3); Std[2*x]",
    "x ~ uniform(0, 1)^2; Cov[x_1 + x_2, x_1 - 2*x_2]",
    "x ~ uniform(0, 1)^5; E[max(x)]",
    "x ~ uniform(0, 1)^9; E[min(x)]",
    "x ~ uniform(0, 1)^2; P[x_1^2 + x_2^2 < 1]",
    "x ~ uniform(-1, 1)^5; P[norm(x) < 1]",
    "x ~ uniform(0, 1)^2; E[norm(x)]",
    "x ~ uniform(0, 1)^2; y ~ uniform(0, 1)^2; E[norm(x - y)]",
    "x ~ uniform(0, 1)^8; E[prod(2*x_i)]",
    "x ~ uniform(-1, 1)^4; E[sum(100*(x_{i+1} - x_i^2)^2 + (1 - x_i)^2)]",
    "A = [[2, 1], [1, 3]]; x ~ normal(0, 1)^2; E[sum(x_i*A_{i,j}*x_j)]",
    "x ~ uniform(0, 1)^6; E[sum(x_i*x_j)]",
    "a = [1, 2, 3, 4]; x ~ uniform(0, 1)^4; E[sum(a_i*x_i)]",
    "x ~ uniform(0, 1)^4; E[sum(i*x_i)]",
    "x ~ uniform(0, 1)^9; E[sum(x_i, i = 2..4)]",
    "x ~ uniform(0, 1)^6; E[sum(cumsum(x))]",
    "x ~ normal(0, 1)^20; E[(cumsum(x)_20)^2]",
    "x ~ normal(0, 2); E[x^4]",
    "x ~ normal(0, 1); P[x > 3]",
    "x ~ normal(0.5, 0.8); E[exp(x)]",
    "x ~ lognormal(0, 0.5); E[x]",
    "x ~ exponential(3); E[x^2]",
    "x ~ gamma(2.5, 2); E[x^2]",
    "x ~ beta(2, 5); E[x*(1 - x)]",
    "x ~ laplace(1, 2); Var[x]",
    "x ~ logistic(0, 1); Var[x]",
    "x ~ weibull(2, 3); E[x]",
    "x ~ cauchy(0, 1); P[x < 1]",
    "x ~ studentt(5); Var[x]",
    "x ~ bernoulli(0.3)^10; P[sum(x) == 3]",
    "x ~ poisson(4.5); E[x*(x - 1)]",
    "m ~ normal(0, 1); x ~ normal(m, 2)^3; Var[mean(x)]",
    "x ~ normal(0, 1); E[x | x > 1]",
    "x ~ uniform(0, 1)^2; P[x_1 > 0.5 | x_1 + x_2 > 1]",
    "x ~ unnormalized(exp(-x^4), -4, 4); E[x^2]",
    "x ~ density(exp(-x^2/2)/sqrt(2*pi), -inf, inf); E[x^2]",
    "x ~ density(2*exp(-2*x), 0, inf); E[x]",
    "x ~ unnormalized(exp(-(norm(x) - 1)^2/0.02), -2, 2)^2; E[norm(x)]",
    "z ~ normal(0, 1); S = 100*exp((0.05 - 0.2^2/2) + 0.2*z); E[exp(-0.05)*max(S - 105, 0)]",
    "z ~ normal(0, 1); S = 100*exp((0.05 - 0.2^2/2) + 0.2*z); P[S > 105]",
    "z ~ normal(0, 1)^12; S = 100*exp(cumsum((0.05 - 0.2^2/2)/12 + 0.2*sqrt(1/12)*z)); "
    "E[exp(-0.05)*max(exp(mean(log(S))) - 105, 0)]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; x ~ uniform(0, 1)^6; E[cos(2*pi*0.3 + sum(a_i*x_i))]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; w = [0.3, 0.6, 0.45, 0.8, 0.25, 0.5]; x ~ uniform(0, 1)^6; "
    "E[prod(1/(a_i^-2 + (x_i - w_i)^2))]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; x ~ uniform(0, 1)^6; E[(1 + sum(a_i*x_i))^-7]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; w = [0.3, 0.6, 0.45, 0.8, 0.25, 0.5]; x ~ uniform(0, 1)^6; "
    "E[exp(-sum(a_i^2*(x_i - w_i)^2))]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; w = [0.3, 0.6, 0.45, 0.8, 0.25, 0.5]; x ~ uniform(0, 1)^6; "
    "E[exp(-sum(a_i*abs(x_i - w_i)))]",
    "a = [0.9, 1.2, 0.7, 1.5, 0.6, 1.1]; w = [0.3, 0.6, 0.45, 0.8, 0.25, 0.5]; x ~ uniform(0, 1)^6; "
    "E[if(x_1 < w_1 and x_2 < w_2, exp(sum(a_i*x_i)), 0)]",
    "x ~ uniform(0, 2); E[erf(x)]",
    "x ~ uniform(1, 3); E[lgamma(x)]",
    "x ~ uniform(0, 10); E[sin(x)^2*cos(x/3)]",
    "x ~ uniform(0, 1)^2; E[atan2(x_2, x_1)]",
    "f(u, v) = u*exp(-v); x ~ uniform(0, 1)^2; E[f(x_1, x_2)]",
};

TEST(Parser, ReadsAllMoments) {
  for (const std::string_view text : moments) {
    const Parsed parsed = parse(std::string(text));
    EXPECT_TRUE(parsed.ok()) << errors(parsed);
    const std::string canonical = to_text(parsed.program);
    const Parsed again = parse(canonical);
    EXPECT_TRUE(again.ok()) << errors(again);
    EXPECT_EQ(to_text(again.program), canonical);
    EXPECT_EQ(again.program.statements.size(), parsed.program.statements.size());
  }
}

TEST(Parser, TellsStatementsApart) {
  const Parsed parsed =
      parse("x ~ normal(0, 1)^3; S = x_1; f(u, v) = u where v > 0; n(m) ~ m + u; Cov[x_1, S | S > 0]; S");
  ASSERT_TRUE(parsed.ok()) << errors(parsed);
  const Program& program = parsed.program;
  const StatementKind kinds[] = {StatementKind::sample,   StatementKind::definition,
                                 StatementKind::function, StatementKind::sampler,
                                 StatementKind::query,    StatementKind::expression};
  const std::string_view names[] = {"x", "S", "f", "n", "Cov", ""};
  ASSERT_EQ(program.statements.size(), std::size(kinds));
  for (std::size_t k = 0; k < std::size(kinds); ++k) {
    EXPECT_EQ(program.statements[k].kind, kinds[k]);
    EXPECT_EQ(program.text(program.statements[k].name), names[k]);
  }
  EXPECT_EQ(program.list(program.statements[2].parameters).size(), 2u);
  EXPECT_EQ(program.list(program.statements[2].conditions).size(), 1u);
  EXPECT_EQ(program.statements[4].query, QueryKind::covariance);
  EXPECT_EQ(program.list(program.statements[4].arguments).size(), 2u);
  EXPECT_EQ(to_text(program, program.statements[4].condition), "S > 0");
  EXPECT_EQ(program.text(program.statements[4].span), "Cov[x_1, S | S > 0]");
  EXPECT_EQ(program.text(program.statements[2].span), "f(u, v) = u where v > 0");
}

TEST(Parser, KnowsWhereEverythingStands) {
  const Parsed parsed = parse("2*(a_{i+1} - sum(b, i = 1..3))");
  const Program& program = parsed.program;
  const NodeId product = program.statements[0].body;
  const NodeId difference = program.child(product, 1);
  const NodeId element = program.child(difference, 0);
  const NodeId call = program.child(difference, 1);
  EXPECT_EQ(program.text(program[product].span), "2*(a_{i+1} - sum(b, i = 1..3))");
  EXPECT_EQ(program.text(program[product].focus), "*");
  EXPECT_EQ(program.text(program[difference].span), "(a_{i+1} - sum(b, i = 1..3))");
  EXPECT_EQ(program.text(program.links_of(difference)[0].span), "-");
  EXPECT_EQ(program.text(program[element].span), "a_{i+1}");
  EXPECT_EQ(program.text(program[element].focus), "_{i+1}");
  EXPECT_EQ(program.name(call), "sum");
  EXPECT_EQ(program.text(program[call].span), "sum(b, i = 1..3)");
  EXPECT_EQ(program.text(program[program.child(call, 1)].span), "i = 1..3");
  EXPECT_EQ(program.name(program.child(call, 1)), "i");
}

TEST(Parser, KeepsItsTextThroughMovesAndCopies) {
  Parsed parsed = parse("x");
  const std::string_view name = parsed.program.name(parsed.program.statements[0].body);
  const Parsed moved = std::move(parsed);
  const Program copy = moved.program;
  EXPECT_EQ(name.data(), copy.name(copy.statements[0].body).data());
  EXPECT_EQ(name, "x");
  EXPECT_EQ(Program{}.text(), "");
}

TEST(Parser, WritesNumbersThatNoTextHas) {
  Program program = parse("2^x").program;
  program.nodes[0].number = -2.0;
  EXPECT_EQ(to_text(program), "(-2)^x");
  program.nodes[0].number = -1e-300;
  EXPECT_EQ(to_text(program), "(-1e-300)^x");
}

TEST(Parser, PutsChildrenBeforeParents) {
  const Program program = parse("f(x, y) = -x^y_{1,2} < [3, x] and not g(x, i = 1..2)").program;
  for (std::size_t k = 0; k < program.nodes.size(); ++k) {
    for (const NodeId child : program.list(program.nodes[k].children))
      EXPECT_LT(static_cast<std::size_t>(child), k);
  }
}

TEST(ParseExpression, ReadsOneExpressionOverAnyLines) {
  const Parsed parsed = parse_expression("\nprod(1/(hi_i - lo_i))\n  * 2\n");
  ASSERT_TRUE(parsed.ok()) << errors(parsed);
  EXPECT_EQ(to_text(parsed.program), "prod(1/(hi_i - lo_i))*2");
  const Row refused[] = {
      {"", "the expression is empty"},
      {"# none", "the expression is empty"},
      {"a; b", "expected the end of the expression, found ';'"},
      {"a b", "expected the end of the expression before 'b'"},
      {"x = 3", "expected the end of the expression, found '='"},
      {"E[x]", "a query cannot stand inside an expression"},
  };
  for (const Row& row : refused) {
    const Parsed bad = parse_expression(std::string(row.text));
    ASSERT_EQ(bad.diagnostics.size(), 1u) << errors(bad);
    EXPECT_EQ(bad.diagnostics[0].message, row.expected);
  }
}

}  // namespace
}  // namespace mc::language
