// When each vector variable, reduction and running sum of a model is computed: stages of fused loops.
//
// Loops of one stage and one range become one loop, so that a coordinate is drawn, used by every reduction
// over the same range, and forgotten. What a later stage or another index needs again is stored in a row of
// the lane's scratch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "frontend/language/model.hpp"

namespace mc::language {

/// Loops of up to this many rounds are written out: the loop's own cost would be as large as its body's.
inline constexpr std::int64_t kUnrolled = 4;

/// The same for a reduction over several indices: all its rounds together.
inline constexpr std::int64_t kWrittenOut = 16;
bool is_written_out(const Reduce& reduce);

/// One loop over first..last that computes all its members.
struct FusedLoop {
  std::int64_t first = 1, last = 0;
  bool random = false;  ///< loops that depend on no variable stay apart: they move out of the sample
  std::optional<std::uint32_t> variable;  ///< the vector variable it draws
  std::vector<std::uint32_t> scans;       ///< in order of dependence
  std::vector<std::uint32_t> reduces;

  std::int64_t size() const { return last < first ? 0 : last - first + 1; }
};

struct ScheduleStage {
  std::vector<std::uint32_t> scalars;  ///< variables drawn before the stage's loops, in order
  std::vector<TermId> folds;  ///< reductions over several indices, and external calls: each on its own
  std::vector<FusedLoop> loops;
};

struct Schedule {
  std::vector<ScheduleStage> stages;
  std::vector<bool> stored_variables, stored_scans;  ///< which need a row

  /// Numbers a lane has to store.
  std::int64_t stored(const Model& model) const;
};

/// `roots`: the terms the kernel's results are made of. With `samples` every variable is drawn, used or not,
/// so that asking for less does not change what the rest of the program draws; without, the roots depend on
/// none.
Schedule schedule(const Model& model, const std::vector<TermId>& roots, bool samples);

}  // namespace mc::language
