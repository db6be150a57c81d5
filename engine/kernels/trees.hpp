// Tiles that are joined before anybody sees them: how a device's batch becomes records. Plain, for CUDA
// sources too (engine/cuda).
#pragma once

namespace mc::kernels {

/// Tiles first .. first + 2^level, first a multiple of 2^level, joined in the order of the tree over all
/// tiles.
struct Tree {
  unsigned long long first = 0;
  unsigned level = 0;

  constexpr unsigned long long tiles() const { return 1ull << level; }
};

/// A batch's records in their order: trees of one level, and before and after these single tiles.
struct Trees {
  unsigned long long first = 0, tiles = 0;  ///< of the batch
  unsigned level = 0;
  unsigned long long before = 0, joined = 0;  ///< single tiles before the joined trees, and how many of these

  constexpr Trees() = default;
  /// Of the first `whole` tiles: a last one that is not whole stays out of every tree.
  constexpr Trees(unsigned long long first, unsigned long long tiles, unsigned long long whole,
                  unsigned level)
      : first(first), tiles(tiles), level(level) {
    const unsigned long long end = first + tiles < whole ? first + tiles : whole;
    const unsigned long long own = first < end ? end - first : 0, to_align = -first & ((1ull << level) - 1);
    before = to_align < own ? to_align : own;
    joined = (own - before) >> level;
  }

  constexpr unsigned long long count() const { return tiles - (joined << level) + joined; }
  constexpr Tree operator[](unsigned long long k) const {
    if (k < before) return {first + k, 0};
    if (k < before + joined) return {first + before + ((k - before) << level), level};
    return {first + (joined << level) + (k - joined), 0};
  }
};

}  // namespace mc::kernels
