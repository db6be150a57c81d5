// Values as they are printed, with their errors.
#include "runtime/estimate/concise.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace mc::runtime {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Row {
  double value, error;
  const char* text;
  int digits = 2;
};

constexpr Row kTable[] = {
    // two digits of the error, at the value's last places
    {3.3331, 3e-4, "3.33310(30)"},
    {3.33312, 9.2e-4, "3.33312(92)"},
    {10.0 / 3, 9.96e-4, "3.3333(10)"},
    {-49.165, 0.0123, "-49.165(12)"},
    {99.96, 0.95, "99.96(95)"},
    {9.9996, 0.0995, "10.00(10)"},
    {0.0001234, 1e-6, "0.0001234(10)"},
    // the point falls between them, or after them
    {5.7, 1.234, "5.7(1.2)"},
    {1234.5, 12.34, "1234(12)"},
    {1234.5, 123.4, "1230(120)"},
    {123456, 789, "123460(790)"},
    // far from 1
    {6.3838e-10, 1.234e-13, "6.3838(12)e-10"},
    {12345678, 9.96, "1.2345678(10)e7"},
    {9999999, 1, "9999999.0(1.0)"},
    {1e300, 1e290, "1.00000000000(10)e300"},
    {-2.5e-300, 1e-302, "-2.500(10)e-300"},
    {5e-324, 5e-324, "4.9(4.9)e-324"},
    // an error larger than the value
    {0.001, 5, "0.0(5.0)"},
    {1e-12, 5e-10, "0.0(5.0)e-10"},
    {1e6, 2e6, "1000000(2000000)"},
    {1e6, 2e7, "0.1(2.0)e7"},
    {0, 3e-6, "0.0(3.0)e-6"},
    // another number of digits
    {3.33312, 9.2e-4, "3.3331(9)", 1},
    {3.33312, 9.6e-4, "3.333(1)", 1},
    {3.33312, 9.2345e-4, "3.333120(923)", 3},
    {5.7, 1.234, "6(1)", 1},
    {5.7, 1.234, "5.70(1.23)", 3},
    {1234.5, 123.4, "1200(100)", 1},
    {1234.5, 123.4, "1234.5(123.4)", 4},
    {6.3838e-10, 1.234e-13, "6.384(1)e-10", 1},
    {1.0 / 3, 1e-3, "0.33333333333333331(100000000000000)", 17},
    // an error that says nothing, or none
    {0, 0, "0(0)"},
    {0.25, 0, "0.25(0)"},
    {1.0 / 3, 1e-20, "0.33333333333333331(1)"},
    {1000000000000.799, 8.5e-4, "1.0000000000007989(8)e12"},
    {0.5, 1e-20, "0.50000000000000000(1)"},
    {2, 3e-17, "2.0000000000000000(1)"},
    {1500, 1e-14, "1500.0000000000000(1)"},
    {1e16, 0.1, "1.0000000000000000(1)e16"},
    {-1.2345678901234567e+100, 3e83, "-1.2345678901234567(1)e100"},
    {0.25, kInfinity, "0.25(inf)"},
    {0.25, kNaN, "0.25(nan)"},
    {kNaN, 1, "nan"},
    {kInfinity, 1, "inf"},
    {-kInfinity, kNaN, "-inf"},
};

TEST(Concise, Table) {
  for (const Row& row : kTable)
    EXPECT_EQ(concise(row.value, row.error, row.digits), row.text) << row.value << ' ' << row.error;
}

}  // namespace
}  // namespace mc::runtime
