// A program made for one signature: checked, lowered, with what runs it and what its results mean. Made once,
// then shared by all calls of the signature.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "engine/kernels/statistics.hpp"
#include "engine/stages.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/factors.hpp"
#include "frontend/api/gpu.hpp"
#include "frontend/api/signature.hpp"
#include "frontend/api/target.hpp"
#include "frontend/api/tiers.hpp"
#include "frontend/language/checker.hpp"
#include "runtime/data/mapping.hpp"
#include "runtime/estimate/estimate.hpp"
#include "runtime/schedule/run.hpp"

namespace mc {

class Instance {
 public:
  /// Throws Error where the program does not fit the signature.
  Instance(const language::Source& source, SignatureKey key);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const SignatureKey& key() const { return key_; }
  std::size_t queries() const { return model_.queries.size(); }
  std::size_t size() const { return tiers_->kernel().nodes.size(); }  ///< operations

  Report run(const Options& options, const Box* box);
  Estimate estimate(const Options& options, const Box* box);  ///< of the only query
  std::string inspect(Stage stage);
  Signature signature() const;

 private:
  /// One execution's record and cost.
  struct Run {
    Binding binding;
    runtime::Outcome outcome;
    double run_ms = 0;
    bool on_gpu = false;
    bool was_compiled = false;
    std::uint64_t asked = 0;  ///< samples, if nothing stops it
  };
  class Lease;
  double excess(const Target& target, const double* record, Nonfinite policy) const;
  bool judge_target(const Run& run, const Options& options, std::vector<std::string>& warnings) const;
  ir::Kernel kernel(bool screened, Stages& stages) const;
  const kernels::Executable& screened();
  void execute(Run& run, const Options& options, const Box* box, bool timed);
  std::vector<runtime::Trail> trails_of(const Binding& binding) const;
  std::uint64_t samples_of(const Options& options, const Binding& binding) const;
  std::function<void(const runtime::Standing&)> telling(const Options& options, std::uint64_t samples,
                                                        const std::uint64_t& expected) const;
  Timing timing_of(const Run& run) const;
  Timing signature_timing() const;
  std::string kernel_name() const;
  runtime::Seen seen_of(std::size_t group, const double* record) const;
  Estimate estimate_of(std::size_t query, const double* record, Nonfinite policy) const;
  Estimate integral_of(std::size_t density, const runtime::Outcome& outcome, Nonfinite policy) const;
  void judge_density(const runtime::Outcome& outcome, std::vector<std::string>& warnings) const;
  void count_tiles(const runtime::Outcome& outcome, Report& report) const;
  void add_machine_code(Timing& timing) const;

  Stages stages_;  ///< of its making
  SignatureKey key_;
  std::string source_, density_;
  language::Limits limits_;
  language::Model model_;
  kernels::Layout layout_;
  std::unique_ptr<Tiers> tiers_;
  std::unique_ptr<Gpu> gpu_;
  std::once_flag screened_once_;
  std::unique_ptr<kernels::Executable> screened_;  ///< the kernel that looks at every value, when needed
  std::unique_ptr<Factors> factors_;
  std::unique_ptr<kernels::Executable> requirements_;
};

}  // namespace mc
