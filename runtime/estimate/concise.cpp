// Rounding is left to fmt, in decimal and once; what is decided here is where the digits end.
#include "runtime/estimate/concise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace mc::runtime {

namespace {

constexpr int kExponentFrom = 7;    // 10^7 and above are written with an exponent,
constexpr int kExponentBelow = -4;  // as is what lies below 10^-4

/// The power of ten of a positive number's first digit, rounded to `digits` digits: 0.0996 to two → 0.10 →
/// −1.
int exponent_of(double positive, int digits) {
  const std::string text = fmt::format("{:.{}e}", positive, digits - 1);
  int exponent = 0;
  const char* power = text.data() + text.find('e') + 1;
  std::from_chars(power + (*power == '+'), text.data() + text.size(), exponent);
  return exponent;
}

std::string with_all_digits(double value, double error) {
  const char* bracket = error == 0 ? "0" : std::isnan(error) ? "nan" : "inf";
  return fmt::format("{}({})", value, bracket);
}

/// Both in units of 10^shift, `decimals` of them after the point, where that stands before or amid the
/// error's digits.
std::string in_units(double value, double error, int digits, int shift, int decimals) {
  const long double unit = std::pow(10.0L, shift);  // 10^-324 is no double
  const auto scaled_value = static_cast<double>(value / unit);
  auto scaled_error = static_cast<double>(error / unit);
  const bool has_point = decimals > 0 && decimals < digits;
  if (!has_point) scaled_error *= std::pow(10.0, decimals);
  const std::string number =
      fmt::format("{:.{}f}({:.{}f})", scaled_value, decimals, scaled_error, has_point ? decimals : 0);
  return shift == 0 ? number : fmt::format("{}e{}", number, shift);
}

}  // namespace

std::string concise(double value, double error, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (!std::isfinite(error) || error <= 0) return with_all_digits(value, error);
  const int error_exponent = exponent_of(error, digits);
  const int value_exponent = value == 0 ? error_exponent : exponent_of(std::abs(value), kMostDigits);
  // Of an error below the value's last digits as many as there are, and one in any case: only what is exact
  // has none.
  const int room = kMostDigits - (value_exponent - error_exponent);
  if (room < 1) return concise(value, std::pow(10.0, value_exponent + 1 - kMostDigits), 1);
  if (room < digits) return concise(value, error, room);
  const int leading = std::max(value_exponent, error_exponent);
  const bool plain = leading < kExponentFrom && leading >= kExponentBelow;
  // Without a place after the point the error's last digit may lie above the units: 1230(120).
  const int shift = plain ? 0 : leading;
  const int decimals = digits - 1 - (error_exponent - shift);
  if (decimals >= 0) return in_units(value, error, digits, shift, decimals);
  const double place = std::pow(10.0, -decimals);
  return fmt::format("{:.0f}({:.0f})", std::round(value / place) * place, std::round(error / place) * place);
}

}  // namespace mc::runtime
