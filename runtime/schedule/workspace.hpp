// What a thread needs to take part in a run; kept from run to run.
#pragma once

#include <memory>
#include <vector>

#include "engine/kernels/sample_reduce.hpp"
#include "runtime/schedule/forest.hpp"
#include "runtime/schedule/run.hpp"

namespace mc::runtime {

struct Workspace {
  kernels::TileWorkspace tile;
  Forest own;       ///< of the run of tiles at hand
  Missing missing;  ///< of a stage, if this is its calling thread
  std::vector<Outcome::Tiles> counts;
  Outcome::Stretch stretch;  ///< at hand, of a timed job
  unsigned heard = 0;        ///< of Run::asked_

  /// A larger one is freed after its run.
  static constexpr std::size_t kMostKept = std::size_t{16} << 20;
};

/// A workspace of this thread's, or a new one while a run further up the stack uses that.
class Lease {
 public:
  Lease() {
    if (idle().empty()) {
      workspace_ = std::make_unique<Workspace>();
    } else {
      workspace_ = std::move(idle().back());
      idle().pop_back();
    }
  }
  ~Lease() {
    if (workspace_->tile.bytes() <= Workspace::kMostKept) idle().push_back(std::move(workspace_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Workspace& operator*() const { return *workspace_; }

 private:
  static std::vector<std::unique_ptr<Workspace>>& idle() {
    thread_local std::vector<std::unique_ptr<Workspace>> workspaces;
    return workspaces;
  }
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace mc::runtime
