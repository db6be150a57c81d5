// Records of finished tiles, joined as soon as they are neighbours in the tree over all tiles (NUMERICS,
// "Tiles and sums"): whatever order they come in, what is left at the end is the same, and it is never much.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/statistics.hpp"

namespace mc::runtime {

class Forest {
 public:
  /// Empties it, for records of this layout, which has to outlive its use. Memory is kept.
  void reset(const kernels::Layout& layout);

  /// Room for a record, to be filled and then handed in by add(); one at a time.
  double* fresh();

  /// The record in fresh() is of tiles [first, first + 2^level), first a multiple of 2^level. Merges it with
  /// its sibling if that is here, the result with its own, and so on.
  void add(std::uint64_t first, unsigned level);

  /// Adds copies of all of another forest's trees, which is empty afterwards.
  void take(Forest& other);

  /// Folds the trees from left to right into `record`; the forest is empty afterwards. Of no tiles: an empty
  /// record.
  void fold(double* record);

  std::size_t trees() const { return trees_.size(); }

 private:
  /// An aligned run of 2^level tiles.
  struct Tree {
    std::uint64_t first;
    unsigned level;
    std::uint32_t slot;
    std::uint64_t end() const { return first + (std::uint64_t{1} << level); }
  };

  double* record(std::uint32_t slot) { return records_.data() + slot * layout_->size; }
  std::uint32_t take_slot();
  bool join(std::size_t at);

  const kernels::Layout* layout_ = nullptr;
  std::vector<Tree> trees_;  ///< by first tile
  std::vector<double> records_;
  std::vector<std::uint32_t> free_;
  std::uint32_t slots_ = 0;
  std::uint32_t fresh_ = 0;
};

}  // namespace mc::runtime
