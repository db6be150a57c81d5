// A value with its error in brackets, as physicists write it: 3.33310(30).
#pragma once

#include <string>

namespace mc::runtime {

/// Digits of an error, at most; beyond those of a double it says nothing of the value.
inline constexpr int kMostDigits = 17;

/// The value with so many digits of its error in brackets, which count at the value's last
/// places: 3.33310(30) is 3.33310 ± 0.00030. Where the decimal point falls between those digits it is
/// written: 5.7(1.2). Exponents from 10^7 on and below 10^-4: 6.3838(12)e-10. An error of 0 or none at all
/// leaves the value with all its digits: 0.25(0), 0.25(inf), 0.25(nan); values that are no number stand
/// alone: nan, inf. Of an error of which a double shows fewer digits as many are written, and one at least:
/// 2.0000000000000000(1).
std::string concise(double value, double error, int digits = 2);

}  // namespace mc::runtime
