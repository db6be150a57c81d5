// The three programs, whose speed on a device is counted here and measured there.
#pragma once

namespace mc::gpu {

struct Speed {
  const char *name, *program;
  const char* unit;  ///< what a sample is counted as
  double units;      ///< of them a sample
  double samples;    ///< of the run
};

inline constexpr Speed kSpeeds[] = {
    {"sum(x_i^2), n = 10", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "coordinates", 10, 2e10},
    {"European call", "z ~ normal(0, 1); E[max(100*exp(0.2*z - 0.02) - 105, 0)]", "samples", 1, 2e10},
    {"Asian call, 252 steps",
     "z ~ normal(0, 1)^252; S = 100*exp(cumsum((0.05 - 0.02)/252 + 0.2*sqrt(1/252)*z)); "
     "E[exp(-0.05)*max(mean(S) - 100, 0)]",
     "steps", 252, 1e8},
};

}  // namespace mc::gpu
