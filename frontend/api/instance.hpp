// A program made for one signature: checked, lowered, with what runs it and what its results mean. Made once,
// then shared by all calls of the signature.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mc/mc.hpp>

#include "engine/passes/passes.hpp"
#include "engine/stages.hpp"
#include "frontend/api/binding.hpp"
#include "frontend/api/factors.hpp"
#include "frontend/api/gpu_offer.hpp"
#include "frontend/api/partial.hpp"
#include "frontend/api/reading.hpp"
#include "frontend/api/signature.hpp"
#include "frontend/api/target.hpp"
#include "frontend/api/tiers.hpp"
#include "frontend/language/checker.hpp"
#include "runtime/data/mapping.hpp"
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
  void sample(const Samples& to, const Options& options, const Box* box);
  void make_code() { static_cast<void>(tiers_->compiled()); }  ///< LLVM's
  std::string inspect(Stage stage);
  Explanation explain(const Options& options);
  Comparison compare(const Compared& one, const Compared& other, const Options& options, const Box* box);
  Signature signature() const;

 private:
  /// One execution's record and cost.
  struct Run {
    Binding binding;
    runtime::Outcome outcome;
    double run_ms = 0;
    bool on_gpu = false;
    bool was_compiled = false;
    std::uint64_t samples = 0;  ///< of all parts
    std::uint64_t planned = 0;  ///< samples, if nothing stops it
  };
  class Lease;
  double excess(const Target& target, const double* record, Nonfinite policy) const;
  bool is_spoiled(const double* record, Nonfinite policy) const;
  static void tell_of_devices(const Run& run, std::vector<std::string>& warnings);
  bool judge_target(const Run& run, const Options& options, std::vector<std::string>& warnings) const;
  const language::Query& sampled(const Samples& to) const;
  Tiers& sampler();
  kernels::Arguments bind(Binding& binding, const Options& options, const Box* box) const;
  /// What every back end gets of it (passes::lower), bounded by the limits as soon as it is known to be too
  /// much.
  ir::Kernel finished(const ir::Kernel& lowered, Stages& stages, const passes::Seen& seen = {}) const;
  ir::Kernel kernel(bool screened, Stages& stages, const passes::Seen& seen = {}) const;
  std::string on_its_way(Stage stage) const;
  const kernels::Executable& screened();
  const kernels::Device* screened_beside(const kernels::Device& device, bool waits);
  std::uint64_t table_bytes(const Binding& binding) const;
  std::string device_names(const runtime::Outcome& outcome) const;
  Hash128 kernel_hash() const;
  Origin origin(const Options& options, const Binding& binding) const;
  Partial partial(const Options& options, const Run& run) const;
  void execute(Run& run, const Options& options, const Box* box, bool timed);
  std::vector<runtime::Trail> trails_of(const Binding& binding) const;
  std::uint64_t samples_of(const Options& options, const Binding& binding) const;
  std::function<void(const runtime::Standing&)> telling(const Options& options, std::uint64_t samples,
                                                        const std::uint64_t& expected) const;
  Timing timing_of(const Run& run) const;
  Timing signature_timing() const;
  std::string kernel_name() const;
  void count_tiles(const runtime::Outcome& outcome, Report& report) const;
  void add_machine_code(Timing& timing) const;

  Stages stages_;  ///< of its making
  SignatureKey key_;
  std::string source_, density_;
  language::Limits limits_;
  language::Model model_;
  std::shared_ptr<const Reading> reading_;
  std::unique_ptr<Tiers> tiers_;
  std::unique_ptr<Gpu> gpu_;
  mutable std::once_flag kernel_hash_once_;
  mutable Hash128 kernel_hash_{};  ///< of its text, when needed
  std::once_flag screened_once_;
  std::unique_ptr<kernels::Executable> screened_;  ///< the kernel that looks at every value, when needed
  std::once_flag screened_gpu_once_;
  std::unique_ptr<Gpu> screened_gpu_;
  std::once_flag sampler_once_;
  std::unique_ptr<Tiers> sampler_;  ///< the kernel that gives the samples themselves, when needed
  std::unique_ptr<Factors> factors_;
  std::unique_ptr<kernels::Executable> requirements_;
};

}  // namespace mc
