// Records of finished tiles, joined as soon as they are neighbours in the tree over all tiles of
// docs/contract.md: whatever order they come in, what is left at the end is the same, and it is never much.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/statistics.hpp"

namespace mc::runtime {

/// Tiles that are still to be computed, in order; the nth of them counts from 0.
class Missing {
 public:
  /// Tiles [first, end); all there could be.
  struct Stretch {
    std::uint64_t first = 0, end = ~std::uint64_t{0};
    bool operator==(const Stretch&) const = default;
  };

  void clear();
  void add(Stretch tiles);  ///< after all that were added before
  std::uint64_t count() const { return count_; }
  /// The longest stretch from the nth on, of at most `most` tiles.
  Stretch from(std::uint64_t n, std::uint64_t most) const;

 private:
  struct Part {
    std::uint64_t before;  ///< how many stand in the parts before it
    Stretch tiles;
  };
  std::vector<Part> parts_;
  std::uint64_t count_ = 0;
};

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

  /// Adds copies of another forest's trees that lie in these tiles, beside what is here. What both have is
  /// the same in both, so the larger tree stays. The other forest's layout may have gone, if this one's is
  /// equal.
  void adopt(const Forest& other, Missing::Stretch within = {});

  /// Adds to `missing` those of these tiles that are not here.
  void list_missing(Missing::Stretch within, Missing& missing) const;

  /// Hears of each tree, an aligned run of 2^level tiles, in order.
  template <class Hear>
  void each(Hear&& hear) const {
    for (const Tree& tree : trees_)
      hear(tree.first, tree.level, std::span(records_.data() + tree.slot * layout_->size, layout_->size));
  }

  /// Folds the trees from left to right into `record`; the forest is empty afterwards. Of no tiles: an empty
  /// record.
  void fold(double* record);

  std::size_t trees() const { return trees_.size(); }
  std::uint64_t tiles() const;

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
  void join_up(std::size_t at);
  bool join(std::size_t at);

  const kernels::Layout* layout_ = nullptr;
  std::vector<Tree> trees_;  ///< by first tile
  std::vector<double> records_;
  std::vector<std::uint32_t> free_;
  std::uint32_t slots_ = 0;
  std::uint32_t fresh_ = 0;
};

}  // namespace mc::runtime
