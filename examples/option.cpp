// Options: a call with its Greeks, an average-price call and a basket, with their closed forms where there
// are any. What it prints stands at the end, and is checked by tests/docs.
#include <cmath>
#include <iomanip>
#include <iostream>
#include <mc/mc.hpp>

namespace {

constexpr double kSpot = 100, kStrike = 105, kRate = 0.05, kVolatility = 0.2, kYears = 1;

double phi(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * M_PI); }
double Phi(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

void row(const std::string& name, const mc::Estimate& estimate, double exact) {
  std::cout << "  " << std::left << std::setw(11) << name << std::setw(14) << to_string(estimate) << exact
            << '\n';
}

/// Bumped prices in one program are computed from the same draws, so their difference has a small error, and
/// an honest one.
void european() {
  const auto call = mc::compile(R"(
    z ~ normal(0, 1)
    price(s, v) = exp(-r*T)*max(s*exp((r - v^2/2)*T + v*sqrt(T)*z) - K, 0)
    ds = 1; dv = 0.01
    E[price(S, vol)]
    E[(price(S + ds, vol) - price(S - ds, vol))/(2*ds)]
    E[(price(S + ds, vol) - 2*price(S, vol) + price(S - ds, vol))/ds^2]
    E[(price(S, vol + dv) - price(S, vol - dv))/(2*dv)])");
  const mc::Report report = call.run(
      {.samples = 10'000'000,
       .parameters = {{"S", kSpot}, {"K", kStrike}, {"r", kRate}, {"vol", kVolatility}, {"T", kYears}}});
  const double spread = kVolatility * std::sqrt(kYears);
  const double d1 = (std::log(kSpot / kStrike) + kRate * kYears) / spread + spread / 2, d2 = d1 - spread;
  const double exact[] = {kSpot * Phi(d1) - kStrike * std::exp(-kRate * kYears) * Phi(d2), Phi(d1),
                          phi(d1) / (kSpot * spread), kSpot * phi(d1) * std::sqrt(kYears)};
  const char* names[] = {"value", "delta", "gamma", "vega"};
  std::cout << "European call, and by Black and Scholes\n";
  for (int k = 0; k < 4; ++k) row(names[k], report.results[k].estimate, exact[k]);
}

/// The geometric mean has a closed form, so it tells most of the arithmetic one's error: a control variate.
/// Its coefficient comes from a first, short run.
void asian() {
  const std::string paths = R"(
    z ~ normal(0, 1)^52
    S = 100*exp(cumsum((r - vol^2/2)/52 + vol*sqrt(1/52)*z))
    arithmetic = exp(-r)*max(mean(S) - K, 0)
    geometric = exp(-r)*max(exp(mean(log(S))) - K, 0)
    )";
  mc::Options options{.parameters = {{"K", kStrike}, {"r", kRate}, {"vol", kVolatility}}};
  options.samples = 10'000;
  const auto pilot = mc::compile(paths + "Cov[arithmetic, geometric], Var[geometric]").run(options);
  const double c = pilot.results[0].estimate.value / pilot.results[1].estimate.value;

  const double steps = 52, dt = 1 / steps;
  const double mean = std::log(kSpot) + (kRate - kVolatility * kVolatility / 2) * dt * (steps + 1) / 2;
  const double spread = kVolatility * std::sqrt(dt * (steps + 1) * (2 * steps + 1) / (6 * steps));
  const double d2 = (mean - std::log(kStrike)) / spread, d1 = d2 + spread;
  const double exact =
      std::exp(-kRate) * (std::exp(mean + spread * spread / 2) * Phi(d1) - kStrike * Phi(d2));

  options.samples = 1'000'000;
  options.seed = 2;  // so that c is independent of the samples
  options.parameters.emplace_back("c", c);
  options.parameters.emplace_back("known", exact);
  const auto report =
      mc::compile(paths + "E[geometric], E[arithmetic], E[arithmetic - c*(geometric - known)]").run(options);
  std::cout << "Asian call, 52 weeks\n";
  row("geometric", report.results[0].estimate, exact);
  std::cout << "  arithmetic " << to_string(report.results[1].estimate) << ", by control variate "
            << to_string(report.results[2].estimate) << '\n';
}

/// mvnormal makes the factor of its matrix once a call.
void basket() {
  const auto option = mc::compile(R"(
    x ~ mvnormal(0, C)
    price(k) = exp(-r)*max(sum(w_i*S_i*exp(r - vol_i^2/2 + vol_i*x_i)) - k, 0)
    E[price(95)], E[price(105)], P[price(105) > 0])");
  const auto report = option.run({.samples = 4'000'000,
                                  .parameters = {{"C", {{1.0, 0.5, 0.2}, {0.5, 1.0, 0.4}, {0.2, 0.4, 1.0}}},
                                                 {"S", {100, 110, 90}},
                                                 {"vol", {0.2, 0.3, 0.25}},
                                                 {"w", {0.4, 0.3, 0.3}},
                                                 {"r", kRate}}});
  std::cout << "Basket of three\n";
  for (const auto& [query, estimate] : report.results)
    std::cout << "  " << query << " = " << estimate << '\n';
}

}  // namespace

int main() {
  european();
  asian();
  basket();
}

/* prints
European call, and by Black and Scholes
  value      8.0215(42)    8.02135
  delta      0.54213(19)   0.542228
  gamma      0.019813(36)  0.0198353
  vega       39.672(23)    39.6705
Asian call, 52 weeks
  geometric  3.4080(63)    3.40886
  arithmetic 3.5905(65), by control variate 3.59141(21)
Basket of three
  E[price(95)] = 13.0034(78)
  E[price(105)] = 7.6354(63)
  P[price(105) > 0] = 0.46185(25)
*/
