// Functions that are compiled twice: by the compiler that builds the tests, without optimisation or
// contraction, and by frontend/cxx. functions_test.cpp compares what they give.
#include "tests/frontend/cxx/functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

// ---- arithmetic, whose bits are the same

double sum_of_squares(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) s += x[i] * x[i];
  return s;
}

double rosenbrock(const double* x, int n) {
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) {
    const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
    s += 100 * a * a + b * b;
  }
  return s;
}

double horner(double x) {
  constexpr std::array<double, 2> coefficients = {1.5, -2.0};
  double p = 0.25;
  for (double c : coefficients) p = p * x + c;
  return ((p * x + 3.0) * x - 0.5) * x + 7.0;
}

constexpr double kWeights[] = {0.1, -0.7, 0.3, 1.25, -2.0, 0.6, 0.05, 9.0};
double weighted(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) s += kWeights[i] * x[i];
  return s;
}

double product_peak(std::span<const double> u) {  // Genz
  double p = 1;
  for (double x : u) p *= 1 / (1 / 25.0 + (x - 0.3) * (x - 0.3));
  return p;
}

double variance(std::span<const double> x) {  // in two passes
  double mean = 0, s = 0;
  for (double v : x) mean += v;
  mean /= static_cast<double>(x.size());
  for (double v : x) s += (v - mean) * (v - mean);
  return s / (x.size() - 1);
}

double spread(const double* x, int n) {
  double low = x[0], high = x[0];
  for (int i = 1; i < n; ++i) {
    low = std::min(low, x[i]);
    high = std::max(x[i], high);
  }
  return high - low;
}

double piecewise(double x) {
  if (x < -1) return -2 * x - 1;
  if (x > 1) return 2 * x - 1;
  return x == 0 ? 0.5 : x * x / 3;
}

double pairs(const double* x, int n) {  // a loop whose end depends on the one around it
  double s = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) s += x[i] * x[j] / (i + j + 1);
  return s;
}

double neighbours(const double* x, int n) {  // an index that a condition keeps inside
  double s = 0;
  for (int i = 0; i < n; ++i) {
    double around = x[i];
    if (i > 0) around += 0.5 * x[i - 1];
    if (i < n - 1 && x[i + 1] > 0) around -= 0.25 * x[i + 1];
    s += around * around;
  }
  return s;
}

double until_negative(const double* x, int n) {
  double s = 0;
  for (int i = 0; i < n; ++i) {
    if (x[i] < -1.5) break;
    s += x[i];
  }
  return s;
}

double of_positive(const double* x, int n) {
  double s = 1;
  for (int i = n - 1; i >= 0; --i) {
    if (x[i] <= 0) continue;
    s = s * 0.75 + x[i];
  }
  return s;
}

double first_large(const double* x, int n) {
  for (int i = 0; i < n; ++i)
    if (x[i] > 1) return i + x[i];
  return -1;
}

double bisection(double c) {  // the root of t^3 + t = c
  double low = -4, high = 4;
  while (high - low > 1e-12) {
    const double middle = 0.5 * (low + high);
    if (middle * middle * middle + middle < c)
      low = middle;
    else
      high = middle;
  }
  return low;
}

double newton(double a) {  // the square root of 1 + a^2
  const double square = 1 + a * a;
  double x = square, before;
  do {
    before = x;
    x = 0.5 * (x + square / x);
  } while (x < before);
  return x;
}

double collatz(double x) {
  int k = static_cast<int>(x * 10) + 31, steps = 0;
  while (k > 1 && steps < 200) {
    k = k % 2 == 0 ? k / 2 : 3 * k + 1;
    ++steps;
  }
  return steps;
}

double quotients(double x, double y) {
  const int a = static_cast<int>(x * 1000), b = static_cast<int>(y * 100) * 2 + 1;
  return a / b + 0.001 * (a % b) - (a / 7) * (b % 5);
}

double scrambled(double x) {
  std::uint32_t h = static_cast<std::uint32_t>(static_cast<int>(x * 100000));
  h ^= h >> 16;
  h *= 0x85ebca6bu;
  h ^= h >> 13;
  h *= 0xc2b2ae35u;
  return h ^ (h >> 16);
}

double wide(double x, double y) {
  const std::int64_t a = static_cast<std::int64_t>(x * 1e12), b = static_cast<std::int64_t>(y * 3e6);
  const std::int64_t c = a - b * 1000 + (a >> 7) - (b << 3);
  return static_cast<double>(c) + static_cast<double>(a < b) * 0.5;
}

double in_floats(double x, double y) {
  const float a = static_cast<float>(x), b = static_cast<float>(y);
  float s = 0;
  for (int i = 1; i <= 9; ++i) s += a * b / static_cast<float>(i) - a;
  return s + 0.1f * static_cast<double>(a);
}

template <class T>
T scaled(T x) {
  T s = 1;
  for (int k = 0; k < 6; ++k) s = s * x + T(0.3);
  return s;
}
double scaled_double(double x) { return scaled(x) + scaled(static_cast<float>(x)); }

double triple(const std::array<double, 3>& x) { return x[0] * x[1] - x[1] * x[2] + x.back() * x.front(); }

constexpr auto squared_distance = [](double x, double y) { return x * x + y * y; };

double largest_partial_sum(const double* x, int n) {
  double sums[8] = {};
  sums[0] = x[0];
  for (int i = 1; i < n; ++i) sums[i] = sums[i - 1] + x[i];
  double most = sums[0];
  for (double s : sums)
    if (s > most) most = s;
  return most;
}

double median(const double* x, int n) {
  double a[8];
  for (int i = 0; i < n; ++i) a[i] = x[i];
  for (int i = 1; i < n; ++i) {  // sorted by insertion
    const double v = a[i];
    int j = i - 1;
    while (j >= 0 && a[j] > v) {
      a[j + 1] = a[j];
      --j;
    }
    a[j + 1] = v;
  }
  return 0.5 * (a[n / 2 - 1] + a[n / 2]);
}

double determinant(const double* x, int n) {
  double a[3][3] = {{2, 0.5}, {0, 3}, {0, 0, 1}};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) a[i][j] += x[(3 * i + j) % n];
  double d = 1;
  for (int k = 0; k < 3; ++k) {
    d *= a[k][k];
    for (int i = k + 1; i < 3; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (int j = k; j < 3; ++j) a[i][j] -= factor * a[k][j];
    }
  }
  return d;
}

namespace {
void rotate(double& a, double& b, double c, double s) {
  const double before = a;
  a = c * a - s * b;
  b = s * before + c * b;
}
double norm2(const double* v, int n) {
  double s = 0;
  for (int k = 0; k < n; ++k) s += v[k] * v[k];
  return s;
}
void halve(double* v, int n) {
  for (int k = 0; k < n; ++k) v[k] /= 2;
}
double squared(double x) { return x * x; }
double fourth(double x) { return squared(squared(x)); }
}  // namespace

double rotated(double x, double y) {
  double a = x, b = y;
  for (int k = 0; k < 5; ++k) rotate(a, b, 0.8, 0.6);
  return a - 2 * b;
}

double through_helpers(const double* x, int n) {
  double copy[8] = {};
  for (int i = 0; i < n; ++i) copy[i] = x[i] + fourth(x[i]);
  halve(copy, 8);
  return norm2(copy, n) - norm2(x, n);
}

double kahan(std::span<const double> x) {
  double s = 0, lost = 0;
  for (double v : x) {
    const double y = v - lost, t = s + y;
    lost = (t - s) - y;
    s = t;
  }
  return s;
}

bool inside(double x, double y) { return x * x + y * y < 1 && !(x > y || x == -y); }

double special(double x) {
  if (std::isnan(x)) return 1;
  if (std::isinf(x)) return std::signbit(x) ? 2 : 3;
  return std::copysign(std::floor(x) + std::ceil(x) * 10 + std::trunc(x) * 100 + std::round(x) * 1000, x) +
         std::fabs(x) + std::fmin(x, 0.5) - std::fmax(-x, 0.25) + std::abs(static_cast<int>(x));
}

double fused(double x, double y) { return std::fma(x, y, -x * y); }

double iterated_map(double x) {
  double v = 0.4;
  for (int k = 0; k < 50; ++k) v = v * (1 - v) * (3.5 + 0.1 * x);
  return v;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
double with_offsets(std::span<const double> x) {  // what counts may stand in a sum
  const int n = static_cast<int>(x.size());
  double s = 0;
  for (int i = 0; i + 1 < n; ++i) s = s * 0.5 + x[i] * x[i + 1];
  for (std::size_t i = 0; i + 2 < x.size(); i += 2) s = s * 0.5 - x[i + 2];
  for (int i = n; i - 1 >= 0; --i) s = s * 0.5 + x[i - 1];
  for (std::size_t i = 0; i + 9 < x.size(); ++i) s += 100;  // none
  for (int i = -2; i + 1 < x.size(); ++i) s += 1000;        // none: it has no sign
  for (unsigned i = 3; i + 1 > 0; --i) s += 0.25;
  return s;
}

#pragma GCC diagnostic pop

double by_case(double x) {  // falls through, leaves, goes on; the default stands amid the cases
  double s = 0;
  for (int i = 0; i < 6; ++i) {
    switch (const double y = x * i; static_cast<int>(y) % 5) {
      case 3:
        if (y > 8) break;
        s += 0.25;
        [[fallthrough]];
      case 1:
      case -1:
        s += y;
        break;
      default:
        s -= 0.5;
        [[fallthrough]];
      case 2: {
        const double square = y * y;
        s += square;
        if (square > 30) return -s;
        continue;
      }
      case -4:
        for (int k = 0; k < 9; ++k) {
          if (k > i) break;
          s += k;
        }
    }
    s *= 1.5;
  }
  return s;
}

namespace {
enum class Side : std::uint64_t { left = 7, middle, right };
Side side(double x) { return x < -0.5 ? Side::left : x > 0.5 ? Side::right : Side::middle; }
}  // namespace

double by_name(double x, double y) {
  enum Weight { kSmall = -1, kLarge = 1000000 };
  const Weight chosen = x < y ? kSmall : kLarge;
  const int weight = chosen;
  switch (side(x)) {
    case Side::left:
      return weight * y;
    case Side::right:
      return y - weight;
    case Side::middle:
      break;
  }
  return side(y) == Side::middle ? weight : static_cast<int>(side(y)) + x;
}

double endless(double x) {
  double y = std::abs(x) + 3;
  for (int k = 0;; ++k) {
    y *= 0.75;
    if (y < 1) return k + y;
  }
}

double rests(double x, double y) {
  const float a = static_cast<float>(x) * 100, b = static_cast<float>(y);
  return std::fmod(x * 1000, y) + std::fmod(a, b) + std::fdim(x, y) - std::fmod(-x, 0.1) * 16;
}

// ---- names of one thing, copies, and the order in which things are done

#pragma GCC diagnostic ignored "-Wsign-compare"  // as users write it
#pragma GCC diagnostic ignored "-Wdiv-by-zero"
#pragma GCC diagnostic ignored "-Wunused-value"

double copied(double x) {
  std::array<double, 3> a = {x, 2 * x, 3};
  const auto b = a;
  std::array<double, 3> c(b), d;
  a[0] = 9;
  d = a;
  d[1] += c[2];
  return b[0] + b[1] * c[2] + a[0] - d[1];
}

double copied_row(std::span<const double> x) {  // of so many elements that they lie in a row
  std::array<double, 20> a{}, b{};
  for (int i = 0; i < 20; ++i) a[i] = x[i % x.size()] + i;
  b = a;
  for (double& v : a) v = -v;
  double s = 0;
  for (std::size_t i = 0; i < 20; ++i) s = s * 0.5 + a[i] * b[(i * 7) % 20];
  return s;
}

double renamed(double x) {
  const double& before = x;
  double list[3] = {x, 2, 3};
  const double& first = list[0];
  x = x + 5;
  list[0] = 7 * x;
  return before + 100 * first;
}

double of_records(const double* x, int n) {
  double best = x[0], count = 0;
  const double& record = best;
  for (int i = 1; i < n; ++i)
    if (x[i] > record) {
      best = x[i];
      count += 1;
    }
  return count + record;
}

namespace {
double taken(const double& a, double& b) {
  b = 1;
  return a;
}
double taken_first(std::array<double, 2> a, std::array<double, 2>& b) {
  b[0] = 1;
  a[1] += 5;
  return a[0] + a[1];
}
double raised(double& s) {
  s += 1;
  return 10;
}
int following(int& k) { return ++k; }
void order(double& a, double& b) {
  if (b < a) std::swap(a, b);
}
template <int N>
double inverse(double x) {
  return N == 0 ? 0.25 : x + 1.0 / N;
}
template <class F>
double twice(F&& f, double x) {
  return f(f(x));
}
}  // namespace

double one_thing_twice(double x) {
  double t = x;
  std::array<double, 2> v = {x, 2};
  double s = taken(t, t);
  s = s * 3 + taken(x, t);
  s = s * 3 + taken_first(v, v);
  return s + v[0] + 7 * t;
}

double signs(std::span<const double> x) {  // -2 is more than any size
  double s = x[0];
  const unsigned n = 3;
  for (int i = -2; i < x.size(); ++i) s += 1;
  for (int k = static_cast<int>(std::trunc(std::fmin(std::fabs(x[1]), 2.0))) - 1; k < n; ++k) s += 0.125;
  for (unsigned i = 7; i < 10; --i) s = s * 0.5 + i;
  for (std::size_t i = x.size(); i-- > 0;) s = s * 0.75 - x[i];
  return s;
}

bool far_enough(double x) {
  double t = std::fabs(x);
  int rounds = 0;
  while (t < 90) t = t * 1.5 + 1, ++rounds;
  return rounds % 2 == 0;
}

double right_side_first(double x) {
  double s = x;
  s += raised(s);
  double a[4] = {};
  int k = 0;
  a[k] = following(k) + x;
  a[k] *= following(k);
  a[k++] -= 0.5;
  return s + 3 * a[0] + 5 * a[1] + 7 * a[2] + k;
}

double steps_inside(const double* x, int n) {
  double a[8], b, c;
  int i = 0, left = n;
  while (left--) a[i++] = x[left];
  b = c = a[--i];
  double s = (c += 2) * b;
  for (int k = 0; k++ < 5;) s += x[k % n] > 0 ? ++b : b--;
  return (i > 2 && b++ > 0) ? s + b : s - (s, b);
}

double first_to_last(const double* x, int n) {
  double s = 0;
  for (int i = 0, j = n - 1; i < j; ++i, --j) s += x[i] * x[j];
  double weight = 1;
  for (int i = 0, k = 3; i < n; ++i, weight *= 0.5, k += 2) {
    if (x[i] < 0) continue;
    s += weight * x[i] * k;
  }
  return s;
}

double sorted(std::span<const double> x) {
  double a[6];
  for (int i = 0; i < 6; ++i) a[i] = x[i];
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j + 1 < 6 - i; ++j) order(a[j], a[j + 1]);
  double& middle = a[3];
  middle += 1;
  return a[0] + 2 * a[1] + 3 * middle + 5 * a[5];
}

double closures(double x, double y) {
  double total = 0, scale = 2;
  const auto add = [&](double v) { return total += v * scale; };
  const auto kept = [=](double v) { return v * scale + y; };
  scale = 3;
  add(x);
  for (int i = 0; i < 3; ++i) add(y + i);
  double calls[2] = {0, x};
  const double z = twice(
      [&calls, k = scale](double v) {
        calls[0] += 1;
        return v * 0.5 + k;
      },
      x);
  return total + 5 * kept(x) + z + calls[0] * calls[1];
}

double limits_of_numbers(double x) {
  constexpr double kMost = std::numeric_limits<double>::max();
  double least = std::numeric_limits<double>::infinity();
  const double values[] = {x, -x, 2 * x};
  for (double v : values) least = std::min(least, v);
  return least > kMost ? 0 : least + std::numeric_limits<float>::epsilon();
}

static const double kTable[3] = {0.5, -1.5, 4};
double tables(double x, double y) {
  static const std::array<int, 3> order = {2, 0, 1};
  const double local[3] = {1, 10, 100};
  const int k = static_cast<int>(std::fmin(std::fabs(x), 2.0));
  return kTable[order[k]] * y + local[(k + 1) % 3];
}

double not_computed(double x) {
  constexpr int kNone = 0;
  double s = kNone == 0 ? x : x / kNone;
  if (kNone != 0) s += 1 % kNone;
  return s + inverse<0>(x) + inverse<3>(x);
}

double of_arrays(std::span<const double> x) {
  std::array<double, 5> a, b;
  a.fill(x[0]);
  std::fill(b.begin(), b.end(), x[1]);
  std::swap(a[1], b[2]);
  std::swap(a, b);
  return std::accumulate(a.begin(), a.end(), 0.5) - b[1] + std::accumulate(x.begin(), x.end(), 1);
}

// ---- functions, whose last places may differ

double black_scholes(double s, double k) {
  const double sigma = 0.2, r = 0.03, t = 1.5;
  const double spot = 100 * std::exp(0.1 * s), strike = 100 + 5 * k;
  const double d1 = (std::log(spot / strike) + (r + sigma * sigma / 2) * t) / (sigma * std::sqrt(t));
  const auto cdf = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  return spot * cdf(d1) - strike * std::exp(-r * t) * cdf(d1 - sigma * std::sqrt(t));
}

double asian(const double* z, int n) {
  double price = 100, sum = 0;
  for (int i = 0; i < n; ++i) {
    price *= std::exp(-0.0002 + 0.02 * z[i]);
    sum += price;
  }
  return std::max(sum / n, 95.0);
}

double oscillatory(std::span<const double> x) {  // Genz
  double s = 2 * std::numbers::pi * 0.3;
  for (double v : x) s += 0.7 * v;
  return std::cos(s);
}

double gaussian(std::span<const double> x) {
  double s = 0;
  for (double v : x) s += 4 * (v - 0.5) * (v - 0.5);
  return std::exp(-s);
}

double corner(std::span<const double> x) {
  double s = 1;
  for (double v : x) s += std::fabs(v);
  return std::pow(s, -2.5);
}

double polar(double x, double y) { return std::hypot(x, y) * std::atan2(y, x) + std::sin(x) * std::tanh(y); }

double ackley(const double* x, int n) {
  double squares = 0, waves = 0;
  for (int i = 0; i < n; ++i) {
    squares += x[i] * x[i];
    waves += std::cos(2 * std::numbers::pi * x[i]);
  }
  return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(waves / n) + 20 + std::numbers::e;
}

// ---- the table of what the compiler of the tests made of them

const std::vector<Native>* native_functions() {
  using Point = const double*;
#define MC_NUMBER1(name, dim, ulps) \
  {#name, dim, ulps, [](Point x) { return static_cast<double>(name(x[0])); }},
#define MC_NUMBER2(name, dim, ulps) \
  {#name, dim, ulps, [](Point x) { return static_cast<double>(name(x[0], x[1])); }},
#define MC_POINTER(name, dim, ulps) {#name, dim, ulps, [](Point x) { return name(x, dim); }, true},
#define MC_SPAN(name, dim, ulps) \
  {#name, dim, ulps, [](Point x) { return name(std::span<const double>(x, dim)); }, true},
#define MC_ARRAY3(name, dim, ulps) {#name, dim, ulps, [](Point x) { return name({x[0], x[1], x[2]}); }, true},
  static const std::vector<Native> all = {
      MC_CXX_FUNCTIONS(MC_NUMBER1, MC_NUMBER2, MC_POINTER, MC_SPAN, MC_ARRAY3)};
  return &all;
}
