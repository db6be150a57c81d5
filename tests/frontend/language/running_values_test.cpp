// Running sums that depend on an index from outside them, against plain loops. How they are computed, and
// random ones: running_test.cpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/language/sampled_programs.hpp"

namespace mc::language {
namespace {

const Case kCases[] = {
    // an element known by number, the round's own, others; in sums, products, both ways round, in functions,
    // one in the other
    {"x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^7; E[sum(cumsum(x_i*y)_3)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(7);
       return sum(x) * (y[0] + y[1] + y[2]);
     }},
    {"x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^17; E[sum(x_i*cumsum(y - x_i)_16)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(17);
       double s = 0;
       for (double a : x) s += a * (sum(y) - y[16] - 16 * a);
       return s;
     }},
    {"x ~ uniform(0, 1)^6; E[sum(cumsum(x*i)_i)]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0, c = 0;
       for (int i = 0; i < 6; ++i) s += (c += x[i]) * (i + 1);
       return s;
     }},
    {"x ~ uniform(0, 1)^3; E[sum(cumsum(x*i)_i)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       return x[0] + 2 * (x[0] + x[1]) + 3 * (x[0] + x[1] + x[2]);
     }},
    {"x ~ uniform(0, 1)^8; f(k) = max(cumsum(x - 0.1*k)); E[sum(f(i)*x_i)]",
     [](Draws& u) {
       const auto x = u.vector(8);
       double s = 0;
       for (int i = 1; i <= 8; ++i) {
         double m = -INFINITY, c = 0;
         for (double v : x) m = std::max(m, c += v - 0.1 * i);
         s += m * x[i - 1];
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^3; f(k) = max(cumsum(x - 0.1*k)); E[sum(f(i)*x_i)]",
     [](Draws& u) {
       const auto x = u.vector(3);
       double s = 0;
       for (int i = 1; i <= 3; ++i) {
         double m = -INFINITY, c = 0;
         for (double v : x) m = std::max(m, c += v - 0.1 * i);
         s += m * x[i - 1];
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^9; E[sum(cumprod(x_i + y)_j)]",
     [](Draws& u) {
       const auto x = u.vector(5), y = u.vector(9);
       double s = 0;
       for (double a : x) {
         double p = 1;
         for (double b : y) s += p *= a + b;
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^9; E[sum(y_j*cumsum(x_i*y)_j)]",
     [](Draws& u) {
       const auto x = u.vector(5), y = u.vector(9);
       double s = 0, c = 0;
       for (double b : y) s += b * (c += b);
       return s * sum(x);
     }},
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^9; E[sum(cumsum(x_i*y)_{j + 1} - cumsum(x_i*y)_j*y_j)]",
     [](Draws& u) {
       const auto x = u.vector(5), y = u.vector(9);
       double s = 0;
       for (double a : x) {
         double c = 0;
         for (int j = 0; j < 8; ++j) {
           c += a * y[j];
           s += c + a * y[j + 1] - c * y[j];
         }
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^2; y ~ uniform(0, 1)^4; E[sum(cumsum(x_i*y)_{j + 1} - cumsum(x_i*y)_j*y_j)]",
     [](Draws& u) {
       const auto x = u.vector(2), y = u.vector(4);
       double s = 0;
       for (double a : x) {
         double c = 0;
         for (int j = 0; j < 3; ++j) {
           c += a * y[j];
           s += c + a * y[j + 1] - c * y[j];
         }
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^9; E[sum(sum(cumsum(x_i*x)_j, j = 3..7) + cumsum(x_i*x)_{10 - i})]",
     [](Draws& u) {
       const auto x = u.vector(9);
       double s = 0;
       for (int i = 0; i < 9; ++i) {
         double c = 0;
         for (int j = 0; j < 9; ++j) {
           c += x[i] * x[j];
           if (2 <= j && j < 7) s += c;
           if (j == 8 - i) s += c;
         }
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^6; spread(v) = mean((v - mean(v))^2); E[sum(x_i*spread(cumsum(x*i)))]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double total = 0;
       for (int i = 1; i <= 6; ++i) {
         std::vector<double> v;
         double c = 0;
         for (double b : x) v.push_back(c += b * i);
         const double m = sum(v) / 6;
         total += x[i - 1] * sum(v, [m](double b) { return square(b - m); }) / 6;
       }
       return total;
     }},
    // a row that one loop has left free, and two that the next needs at once
    {"a = [1, 2, 3, 4, 5, 6, 7]; x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^9; "
     "E[sum(x_i*sum(cumsum(x_i*a)_{j + 1})) + sum(y_i*sum(cumsum(y_i + a)_{j + 1}*cumsum(y_i - a)_{8 - j}))]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(9);
       double s = 0;
       for (double b : x)
         for (int j = 2; j <= 7; ++j) s += b * b * j * (j + 1) / 2;
       for (double b : y)
         for (int j = 1; j <= 6; ++j) {
           const int n = j + 1, m = 8 - j;
           s += b * (n * b + n * (n + 1) / 2) * (m * b - m * (m + 1) / 2);
         }
       return s;
     }},
    // one depends on an element of the other; sums of sums; both indices in it; three deep
    {"x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^7; E[sum(x_i*cumsum(cumsum(x_i + y))_j)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(7);
       double s = 0;
       for (double a : x) {
         double c = 0, d = 0;
         for (double b : y) s += a * (d += c += a + b);
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^6; y ~ uniform(0, 1)^7; E[sum(x_i*cumsum(y*cumsum(x_i + y)_5)_6)]",
     [](Draws& u) {
       const auto x = u.vector(6), y = u.vector(7);
       double s = 0;
       for (double a : x) {
         double c = 0, d = 0;
         for (int j = 0; j < 5; ++j) c += a + y[j];
         for (int j = 0; j < 6; ++j) d += y[j] * c;
         s += a * d;
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^7; E[sum(cumsum(x_i*x_j*y)_j)]",
     [](Draws& u) {
       const auto x = u.vector(5), y = u.vector(7);
       double s = 0;
       for (double a : x)
         for (int j = 0; j < 5; ++j) {
           double c = 0;
           for (int k = 0; k <= j; ++k) c += a * x[j] * y[k];
           s += c;
         }
       return s;
     }},
    {"x ~ uniform(0, 1)^5; y ~ uniform(0, 1)^7; E[sum(x_i*max(x_j*max(cumsum(y*(x_i - x_j))_k)))]",
     [](Draws& u) {
       const auto x = u.vector(5), y = u.vector(7);
       double s = 0;
       for (double a : x) {
         double outer = -INFINITY;
         for (double b : x) {
           double m = -INFINITY, c = 0;
           for (double v : y) m = std::max(m, c += v * (a - b));
           outer = std::max(outer, b * m);
         }
         s += a * outer;
       }
       return s;
     }},
    // the loop that counts the elements is not the one around it: the scan's index is the function's
    {"x ~ uniform(0, 1)^6; g(v) = sum(x_j*sum(v)*v_j); E[sum(x_i*g(cumsum(x - x_i)))]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (double a : x) {
         std::vector<double> v;
         double c = 0, g = 0;
         for (double b : x) v.push_back(c += b - a);
         for (int j = 0; j < 6; ++j) g += x[j] * sum(v) * v[j];
         s += a * g;
       }
       return s;
     }},
    {"x ~ uniform(0, 1)^6; g(v) = sum(v_j*max(v_j*x_k - v_{k + 1}, k = 1..5)); E[sum(x_i*g(cumsum(x - "
     "x_i)))]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (double a : x) {
         std::vector<double> v;
         double c = 0, g = 0;
         for (double b : x) v.push_back(c += b - a);
         for (int j = 0; j < 6; ++j) {
           double m = -INFINITY;
           for (int k = 0; k < 5; ++k) m = std::max(m, v[j] * x[k] - v[k + 1]);
           g += v[j] * m;
         }
         s += a * g;
       }
       return s;
     }},
    {"A = [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]; x ~ uniform(0, 1)^5; h(k) = cumsum(x*A_{2,3}*k); "
     "E[sum(A_{i,j}*h(i)_j*x_j)]",
     [](Draws& u) {
       const auto x = u.vector(5);
       double s = 0;
       for (int i = 0; i < 2; ++i) {
         double c = 0;
         for (int j = 0; j < 5; ++j) s += (5 * i + j + 1) * (c += x[j] * 8 * (i + 1)) * x[j];
       }
       return s;
     }},
    // a running sum of what depends on another running sum of its own index
    {"x ~ uniform(0, 1)^6; w = [1, 2, 3, 4, 5, 6, 7]; c(k) = sum(cumsum(w*k)_{j + 1}*x_j); "
     "E[sum(c(i)*x_i) + cumsum(x)_5]",
     [](Draws& u) {
       const auto x = u.vector(6);
       double s = 0;
       for (int i = 0; i < 6; ++i) {
         double c = i + 1, t = 0;
         for (int j = 0; j < 6; ++j) t += (c += (j + 2) * (i + 1)) * x[j];
         s += t * x[i];
       }
       return s + sum(x) - x[5];
     }},
};

TEST(RunningValues, AreWhatPlainCppComputes) {
  for (const random::Generator generator : testing::kGenerators) expect_values(kCases, generator);
}

}  // namespace
}  // namespace mc::language
