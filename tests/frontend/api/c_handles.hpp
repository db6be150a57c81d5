// Handles of <mc/mc.h> that free themselves, for its tests.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>
#include <mc/mc.h>

namespace mc::testing {

struct Free {
  void operator()(mc_moment* moment) const { mc_moment_free(moment); }
  void operator()(mc_options* options) const { mc_options_free(options); }
  void operator()(mc_report* report) const { mc_report_free(report); }
  void operator()(mc_stop* stop) const { mc_stop_free(stop); }
  void operator()(mc_limits* limits) const { mc_limits_free(limits); }
  void operator()(mc_reduction* reduction) const { mc_reduction_free(reduction); }
  void operator()(char* text) const { mc_text_free(text); }
};
template <class Handle>
using Owned = std::unique_ptr<Handle, Free>;

inline Owned<mc_moment> compiled(const char* program, const char* density = nullptr) {
  mc_moment* moment = nullptr;
  EXPECT_EQ(mc_compile(program, density, &moment), MC_OK) << mc_error_text();
  return Owned<mc_moment>(moment);
}

inline Owned<mc_report> run(const Owned<mc_moment>& moment, const Owned<mc_options>& options = nullptr) {
  mc_report* report = nullptr;
  EXPECT_EQ(mc_run(moment.get(), options.get(), &report), MC_OK) << mc_error_text();
  return Owned<mc_report>(report);
}

inline void expect_equal(double a, double b) {
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b)) << a << " " << b;
}

}  // namespace mc::testing
