// Arrays: a map for each operation and function and reductions of each kind, over the corners of floating
// point, on arrays of the host and of the device; and what is not numbers of one type, side by side, of a
// few.
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "tests/gpu/check.hpp"

namespace mc::gpu {
namespace {

/// What may be named.
template <class T>
struct Numbers {
  std::vector<T> a, b, c;

  std::vector<NamedInput> inputs(std::string_view names) const {
    std::vector<NamedInput> all;
    for (const auto& [name, numbers] : {std::pair{"a", &a}, {"b", &b}, {"c", &c}})
      if (names.find(name) != names.npos) all.push_back({name, *numbers});
    return all;
  }
};

/// The same, there.
template <class A, class B = A, class C = A>
struct There {
  DeviceArray<A> a;
  DeviceArray<B> b;
  DeviceArray<C> c;

  There(const std::vector<A>& x, const std::vector<B>& y, const std::vector<C>& z) : a(x), b(y), c(z) {}
  std::vector<NamedInput> inputs(std::string_view names) const {
    std::vector<NamedInput> all;
    for (const auto& [name, input] : {std::pair{"a", Input(a)}, {"b", Input(b)}, {"c", Input(c)}})
      if (names.find(name) != names.npos) all.push_back({name, input});
    return all;
  }
};

template <class T>
std::vector<T> corners() {
  using Limits = std::numeric_limits<T>;
  const T tiny = Limits::denorm_min(), least = Limits::min(), most = Limits::max(), unit = Limits::epsilon();
  std::vector<T> all{0,
                     tiny,
                     7 * tiny,
                     least - tiny,
                     least,
                     least + tiny,
                     1,
                     1 - unit,
                     1 + unit,
                     T(0.5),
                     T(1.5),
                     2,
                     3,
                     T(1e-5),
                     T(0.7853981634),
                     T(1.5707963),
                     T(3.14159265),
                     20,
                     T(88.5),
                     170,
                     T(709.5),
                     T(16777217),
                     T(4503599627370497.5),
                     T(1e10),
                     T(1e30),
                     most / 2,
                     most,
                     Limits::infinity(),
                     Limits::quiet_NaN()};
  for (std::size_t k = all.size(); k-- > 0;) all.push_back(-all[k]);
  return all;
}

/// All pairs of corners first; then words that are any number, and such as people have.
template <class T>
Numbers<T> everything(std::size_t n) {
  const std::vector<T> v = corners<T>();
  std::mt19937_64 random(7);
  std::uniform_real_distribution<T> moderate(-10, 10);
  const auto other = [&] {
    if (random() % 2 != 0) return moderate(random);
    if constexpr (sizeof(T) == 8) return std::bit_cast<T>(random());
    if constexpr (sizeof(T) == 4) return std::bit_cast<T>(static_cast<std::uint32_t>(random()));
  };
  Numbers<T> all;
  for (std::size_t k = 0; k < n; ++k) {
    const bool is_pair = k < v.size() * v.size();
    all.a.push_back(is_pair ? v[k / v.size()] : other());
    all.b.push_back(is_pair ? v[k % v.size()] : other());
    all.c.push_back(is_pair ? v[(5 * k + k / v.size()) % v.size()] : other());
  }
  return all;
}

/// Numbers of one kind: of all together each sum is NaN.
template <class T>
std::vector<Numbers<T>> kinds_of_numbers(std::size_t n) {
  using Limits = std::numeric_limits<T>;
  std::mt19937_64 random(8);
  std::uniform_real_distribution<T> moderate(-2, 2);
  const auto sign = [&] { return random() % 2 != 0 ? T(1) : T(-1); };
  const std::function<T()> of[] = {
      [&] { return moderate(random); },
      [&] { return sign() * 0; },
      [&] { return sign() * static_cast<T>(random() % 1000) * Limits::denorm_min(); },
      [&] { return random() % 100 != 0 ? std::abs(moderate(random)) : Limits::infinity(); },
      [&] { return sign() * Limits::max() / static_cast<T>(1 + random() % 9); },
  };
  std::vector<Numbers<T>> all;
  for (const auto& one : of) {
    all.emplace_back();
    for (std::size_t k = 0; k < n; ++k)
      for (std::vector<T>* array : {&all.back().a, &all.back().b, &all.back().c}) array->push_back(one());
  }
  all.push_back(everything<T>(n));
  return all;
}

// ---- maps

/// Operations, each with what compilers like to make one of; names are a, b and c.
constexpr const char* kOperations[] = {
    "a + b",
    "a - b",
    "a*b",
    "a/b",
    "-a",
    "a*b + c",
    "a*b - c",
    "a + b + c",
    "min(a, b)",
    "max(a, b)",
    "min(a, b, c)",
    "max(a, b, c)",
    "max(-a, b)",
    "min(abs(a), b)",
    "max(0, a)",
    "max(a, 0)",
    "min(a, 0)",
    "clamp(a, b, c)",
    "min(if(a < b, a, b), c)",
    "max(if(a < b, b, a), c)",
    "max(if(a < b, b, a), -0*c)",
    "if(a < b, a, c)",
    "if(a <= b, a, c)",
    "if(a == b, a, c)",
    "if(a < b and b < c or not (a >= c), a, b)",
    "(a < b) + 2*(a <= b) + 4*(a == b) + 8*(a != b)",
    "mod(a, b)",
    "atan2(a, b)",
    "hypot(a, b)",
    "a^b",
    "a^2",
    "a^3",
    "a^-2",
    "a^0.5",
    "1/a",
    "a*0.1 + 0.3",
    "sum([a, b, c]^2)",
};
/// Of one number.
std::vector<std::string_view> unary_functions() {
  std::vector<std::string_view> names = {"sqrt", "floor", "ceil", "round", "trunc", "abs", "sign"};
#define MC_FUNCTION(name, arity) \
  if (arity == 1) names.push_back(#name);
#include "engine/ir/functions.def"
#undef MC_FUNCTION
  return names;
}

/// Which of a, b and c a text names, letters of other names aside.
std::string names_in(std::string_view text) {
  std::string names;
  const auto is_letter = [&](std::size_t k) { return k < text.size() && std::isalpha(text[k]) != 0; };
  for (const char name : {'a', 'b', 'c'})
    for (std::size_t k = 0; k < text.size(); ++k)
      if (text[k] == name && !is_letter(k - 1) && !is_letter(k + 1)) {
        names += name;
        break;
      }
  return names;
}

const DataOptions kByCpu{.backend = Backend::interpreter}, kByGpu{.backend = Backend::cuda};

template <class T>
std::vector<T> mapped(const Moment& moment, std::span<const NamedInput> inputs, std::size_t n,
                      const DataOptions& options) {
  std::vector<T> out(n, -1);
  const Output to(out);
  moment.map(std::span(&to, 1), inputs, options);
  return out;
}

template <class T>
std::vector<T> mapped_there(const Moment& moment, std::span<const NamedInput> inputs, std::size_t n) {
  DeviceArray<T> out(std::vector<T>(n, -1));
  const Output to(out);
  moment.map(std::span(&to, 1), inputs);
  return out.to_host();
}

/// The first number that differs, as a cell; `of` says what it was made of.
template <class T>
Cells compared(std::size_t n, const std::vector<T>& cpu, const std::vector<T>& host,
               const std::vector<T>& there, const std::function<std::string(std::size_t)>& of = {}) {
  for (const auto& [where, gpu] : {std::pair{"arrays of the host", &host}, {"of the device", &there}})
    for (std::size_t k = 0; k < cpu.size(); ++k)
      if (!same_bits(cpu[k], (*gpu)[k]))
        return {fmt::format("{} | **others**: {} number {} is {:a} and not {:a}{}", n, where, k, (*gpu)[k],
                            cpu[k], of ? of(k) : ""),
                false};
  return {fmt::format("{} | the same", n)};
}

template <class T>
Cells map_cells(const std::string& text, const Numbers<T>& numbers) {
  const Moment moment = compile(text);
  const std::string names = names_in(text);
  const std::vector<NamedInput> inputs = numbers.inputs(names);
  const There<T> there(numbers.a, numbers.b, numbers.c);
  const std::size_t n = numbers.a.size();
  return compared(n, mapped<T>(moment, inputs, n, kByCpu), mapped<T>(moment, inputs, n, kByGpu),
                  mapped_there<T>(moment, there.inputs(names), n), [&](std::size_t k) {
                    return fmt::format(", of {:a}, {:a}, {:a}", numbers.a[k], numbers.b[k], numbers.c[k]);
                  });
}

// ---- reductions

constexpr const char* kReductions[] = {
    "sum(a)",
    "prod(a), max(a), min(a)",
    "sum(a_k*b_k)",
    "norm(a - mean(a)), Var(b)",
    "sum((a_{k+1} - a_k)^2) + c_2",
    "sum(k*a_k), any(a > b), all(a <= b)",
    "max(abs(a - b)), min(exp(a)*c)",
};

template <class T>
Cells reduction_cells(const std::string& text, std::size_t n) {
  const Moment moment = compile(text);
  const std::string names = names_in(text);
  for (const std::size_t length : {n, std::size_t{8192}, std::size_t{63}, std::size_t{3}}) {
    const auto kinds = kinds_of_numbers<T>(length);
    for (const Numbers<T>& numbers : kinds) {
      const auto inputs = numbers.inputs(names);
      const There<T> there(numbers.a, numbers.b, numbers.c);
      const Cells cells = compared(length, moment.reduce(inputs, kByCpu), moment.reduce(inputs, kByGpu),
                                   moment.reduce(there.inputs(names)));
      if (!cells.is_right)
        return {fmt::format("{}, numbers of kind {}", cells.text, &numbers - kinds.data()), false};
    }
  }
  return {fmt::format("{} | the same", n)};
}

// ---- what is not of one type, side by side, or little

struct Integers {
  std::vector<std::int64_t> a;
  std::vector<std::int32_t> b;
  std::vector<std::uint8_t> c;

  explicit Integers(std::size_t n) {
    std::mt19937_64 random(9);
    for (std::size_t k = 0; k < n; ++k) {
      a.push_back(static_cast<std::int64_t>(random()));  // beyond 2^53 too
      b.push_back(static_cast<std::int32_t>(random()));
      c.push_back(static_cast<std::uint8_t>(random()));
    }
  }
  std::vector<NamedInput> inputs() const { return {{"a", a}, {"b", b}, {"c", c}}; }
};

Cells integers(std::size_t n) {
  const Integers here(n);
  const There there(here.a, here.b, here.c);
  const Moment map = compile("a + b*c"), reduction = compile("sum(k*a_k), max(b), norm(c)");
  const Cells of_map = compared(n, mapped<double>(map, here.inputs(), n, kByCpu),
                                mapped<double>(map, here.inputs(), n, kByGpu),
                                mapped_there<double>(map, there.inputs("abc"), n));
  const Cells of_reduction =
      compared(n, reduction.reduce(here.inputs(), kByCpu), reduction.reduce(here.inputs(), kByGpu),
               reduction.reduce(there.inputs("abc")));
  return of_map.is_right ? of_reduction : of_map;
}

/// Every third number, backwards.
Cells strides(std::size_t n) {
  const Numbers<double> all = everything<double>(3 * n);
  const Moment map = compile("a + b"), reduction = compile("sum(a_k*b_k)");
  const std::vector<NamedInput> inputs{{"a", Input(&all.a.back(), n, -3)}, {"b", Input(all.b.data(), n, 2)}};
  const auto cpu = mapped<double>(map, inputs, n, kByCpu), gpu = mapped<double>(map, inputs, n, kByGpu);
  const auto sum = reduction.reduce(inputs, kByCpu);
  const Cells of_map = compared(n, cpu, gpu, cpu),
              of_reduction = compared(n, sum, reduction.reduce(inputs, kByGpu), sum);
  return of_map.is_right ? of_reduction : of_map;
}

void add_mixed(std::vector<Row>& rows, std::size_t n) {
  rows.push_back({"`a + b*c` and reductions | i64, i32, u8", [n] { return integers(n); }});
  rows.push_back({"`a + b` and `sum(a_k*b_k)` | f64, strides", [n] { return strides(n); }});
  rows.push_back(
      {"`a*b` | f32, many stretches", [n] { return map_cells("a*b", everything<float>(30 * n)); }});
  rows.push_back({"`sum(a_k*b_k)` | f64, many stretches",
                  [n] { return reduction_cells<double>("sum(a_k*b_k)", 30 * n); }});
}

void add(std::vector<Row>& rows, const std::string& text, std::size_t n, bool is_map) {
  const std::string name = fmt::format("`{}`", in_cell(text));
  rows.push_back({name + " | f64", [=] {
                    return is_map ? map_cells(text, everything<double>(n)) : reduction_cells<double>(text, n);
                  }});
  rows.push_back({name + " | f32", [=] {
                    return is_map ? map_cells(text, everything<float>(n)) : reduction_cells<float>(text, n);
                  }});
}

}  // namespace

std::vector<Row> data(std::size_t length, std::size_t every, bool kinds) {
  const std::size_t n = length | 3;  // no multiple of four
  std::vector<Row> all;
  add_mixed(all, n);
  if (kinds) {
    for (const char* text : {"a*b + c", "lgamma(a)"}) add(all, text, n, true);
    for (const char* text : {"prod(a), max(a), min(a)", "sum((a_{k+1} - a_k)^2) + c_2"})
      add(all, text, n, false);
  } else {
    for (const char* text : kOperations) add(all, text, n, true);
    for (const std::string_view function : unary_functions())
      add(all, fmt::format("{}(a)", function), n, true);
    for (const char* text : kReductions) add(all, text, n, false);
  }
  std::vector<Row> rows;
  for (std::size_t k = 0; k < all.size(); k += every) rows.push_back(std::move(all[k]));
  return rows;
}

}  // namespace mc::gpu
