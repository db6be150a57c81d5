// Element by element: each is a small program, and nobody reads many.
#include "frontend/console/repl/arrays.hpp"

#include <span>
#include <vector>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

constexpr std::size_t kMost = 12;  // numbers of a row, and rows

class Array {
 public:
  /// Under a name that nothing has yet.
  Array(std::string_view expression, const Session& session) : session_(session) {
    for (const auto& each : session.definitions())
      while (each.name == name_) name_ += 't';
    session_.take(name_ + " = " + std::string(expression));
  }

  std::optional<double> size() const { return value("dim(" + name_ + ")"); }
  /// subscripts: "2" or "1,2"
  std::optional<double> element(const std::string& subscripts) const {
    return value(name_ + "_{" + subscripts + "}");
  }

  /// Columns, `most` at most; 0 where it is no matrix. Each question is a program: so it is found by halves.
  std::size_t width(std::size_t most) const {
    std::size_t inside = 0, outside = most + 1;
    while (outside - inside > 1) {
      const std::size_t middle = inside + (outside - inside) / 2;
      (element("1," + std::to_string(middle)) ? inside : outside) = middle;
    }
    return inside;
  }

  /// [1, 2, …]: the elements whose subscripts begin with `first`.
  std::string row(const std::string& first, std::size_t length) const {
    std::vector<std::string> numbers;
    for (std::size_t k = 1; k <= length && k <= kMost; ++k)
      numbers.push_back(fmt::format("{}", element(first + std::to_string(k)).value_or(0)));
    if (length > kMost) numbers.emplace_back("…");
    return fmt::format("[{}]", joined(numbers));
  }

 private:
  /// Nothing where it makes no sense, or is random.
  std::optional<double> value(const std::string& expression) const {
    try {
      Session asking = session_;
      const Question question = asking.take(expression).front();
      if (question.moment.has_variables()) return {};
      return question.moment(std::span<const double>{}, question.parameters);
    } catch (const Error&) {
      return {};
    }
  }

  Session session_;
  std::string name_ = "it";
};

}  // namespace

std::optional<std::string> array_text(std::string_view expression, const Session& session) try {
  const std::vector<Statement> all = statements(expression);
  if (all.size() != 1 || all.front().kind != Statement::Kind::expression) return {};
  const Array array(expression, session);
  const std::optional<double> size = array.size();
  if (!size) return {};
  const auto count = static_cast<std::size_t>(*size);
  if (array.element("1")) return array.row("", count);
  const std::size_t width = array.width(count);
  if (width == 0) return {};
  std::vector<std::string> rows;
  const std::size_t height = count / width;
  for (std::size_t k = 1; k <= height && k <= kMost; ++k)
    rows.push_back(array.row(std::to_string(k) + ",", width));
  if (height > kMost) rows.emplace_back("…");
  return fmt::format("[{}]", joined(rows));
} catch (const Error&) {
  return {};
}

}  // namespace mc::console
