// What the emitter has to know of every value of a kernel before it writes the first: scalar or vector, once
// or per group.
#pragma once

#include <vector>

#include "engine/ir/kernel.hpp"

namespace mc::jit {

class Placement {
 public:
  explicit Placement(const ir::Kernel& kernel);

  /// The same in all lanes: computed by scalar instructions.
  bool is_uniform(ir::Value v) const { return uniform_[position(v)]; }
  /// Uniform, but a value that is not uses it: also needed in every element of a vector.
  bool is_splat(ir::Value v) const { return splat_[position(v)]; }
  /// The same in all lanes and without side effects all the way up: computed once, before the first group of
  /// lanes.
  bool is_invariant(ir::Value v) const { return invariant_[position(v)]; }

 private:
  void visit(ir::RegionId region);
  void visit_loop(const ir::Loop& loop);
  bool is_free(const ir::Node& node) const;
  void note_splats(const ir::Node& node, bool is_uniform);
  void splat(ir::Value v) { splat_[position(v)] = uniform_[position(v)]; }

  const ir::Kernel& kernel_;
  std::vector<bool> uniform_, splat_, invariant_;
};

}  // namespace mc::jit
