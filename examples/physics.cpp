// The phase space of a decay into n massless particles, by the method of RAMBO (Kleiss, Stirling and Ellis,
// Comput. Phys. Commun. 40, 359 (1986)): isotropic momenta, of which a boost and a scale make ones that add
// up to a mass at rest. What it prints stands at the end, and is checked by tests/docs.
#include <iostream>
#include <mc/mc.hpp>
#include <string>

namespace {

/// The momenta of `n` particles in units of the mass; n is a size, so it stands in the text.
std::string decay(int n) {
  return "c ~ uniform(-1, 1)^" + std::to_string(n) + "\nphi ~ uniform(0, 2*pi)^" + std::to_string(n) +
         "\nq ~ gamma(2, 1)^" + std::to_string(n) + R"(
    s = sqrt(1 - c^2)
    qx = q*s*cos(phi); qy = q*s*sin(phi); qz = q*c
    Q = sum(q); X = sum(qx); Y = sum(qy); Z = sum(qz)
    M = sqrt(Q^2 - X^2 - Y^2 - Z^2)
    bx = -X/M; by = -Y/M; bz = -Z/M; g = Q/M; a = 1/(1 + g)
    bq = bx*qx + by*qy + bz*qz
    px = (qx + bx*q + a*bq*bx)/M; py = (qy + by*q + a*bq*by)/M; pz = (qz + bz*q + a*bq*bz)/M
    p = (g*q + bq)/M
    )";
}

void print(const mc::Report& report) {
  for (const auto& [query, estimate] : report.results)
    std::cout << "  " << query << " = " << estimate << '\n';
  for (const std::string& warning : report.all_warnings()) std::cout << "  warning: " << warning << '\n';
}

}  // namespace

int main() {
  // Conserved by construction: what is left is rounding.
  std::cout << "Sums over four particles\n";
  print(mc::compile(decay(4) + "P[abs(sum(p) - 1) + abs(sum(px)) + abs(sum(py)) + abs(sum(pz)) < 1e-12]")
            .run({.samples = 1'000'000}));

  // Energies of three: uniform on the triangle of Dalitz, so each has the mean 1/3 and the variance 1/72.
  std::cout << "Three particles\n";
  print(mc::compile(decay(3) + "E[p_1], Var[p_1], P[max(p) > 0.45]").run({.samples = 4'000'000}));

  // A muon's decay: |A|^2 ~ (p_mu.p_2)(p_1.p_3) decides which of the events happen. The electron's spectrum
  // in x = 2E/M is then 2x^2(3 - 2x), whose mean is 7/10; of x > 0.9 there are 19%, 1 - 0.9^3(2 - 0.9).
  std::cout << "The electron of a muon's decay\n";
  print(mc::compile(decay(3) + R"(
    u ~ uniform(0, 1)
    happens = u < 16*p_2*(p_1*p_3 - px_1*px_3 - py_1*py_3 - pz_1*pz_3)
    E[2*p_1 | happens], P[2*p_1 > 0.9 | happens])")
            .run({.samples = 4'000'000}));
}

/* prints
Sums over four particles
  P[abs(sum(p) - 1) + abs(sum(px)) + abs(sum(py)) + abs(sum(pz)) < 1e-12] = 1.0000000(30)
  warning: only hits in 1000000 samples: the true value lies above 1 - 3e-06 with 95% confidence
Three particles
  E[p_1] = 0.333243(59)
  Var[p_1] = 0.0138950(82)
  P[max(p) > 0.45] = 0.51022(25)
The electron of a muon's decay
  E[2*p_1 | happens] = 0.69989(13)
  P[2*p_1 > 0.9 | happens] = 0.19752(24)
*/
