// Computes one tile with a kernel: which lanes take how many samples, and their merge into a record.
#include <algorithm>
#include <cstring>

#include "engine/kernels/sample_reduce.hpp"

namespace mc::kernels {

void Buffer::reserve(std::size_t bytes) {
  if (bytes <= size_) return;
  data_.reset(static_cast<std::byte*>(::operator new[](bytes, kAlignment)));
  std::memset(data_.get(), 0, bytes);
  size_ = bytes;
}

void TileWorkspace::reserve(const Layout& layout, const Executable& executable) {
  const std::size_t bytes = layout.kernel_size * kLanes * sizeof(double);
  columns_.reserve(bytes);
  second_.reserve(bytes);
  scratch_.reserve(executable.scratch_bytes());
}

namespace {

/// Lanes [0, more) take steps + 1 samples, the others `steps`: no lane computes what it does not count. A
/// kernel runs whole groups of lanes, so the group that `more` falls into is run both ways.
bool run_unevenly(const Layout& layout, const Executable& executable, const Arguments& arguments,
                  unsigned more, std::uint32_t steps, TileWorkspace& workspace) {
  const unsigned granule = executable.granule();
  const unsigned below = more / granule * granule;
  const unsigned above = below == more ? more : below + granule;
  const auto run = [&](unsigned first, unsigned last, std::uint32_t count, double* columns) {
    return first == last || executable.run(arguments, first, last, count, columns, workspace.scratch());
  };
  if (!run(0, above, steps + 1, workspace.columns())) return false;
  if (steps == 0) return true;
  if (!run(above, kLanes, steps, workspace.columns())) return false;
  if (!run(below, above, steps, workspace.second())) return false;
  if (below == above) return true;
  for (std::size_t k = 0; k < layout.kernel_size; ++k)
    std::copy(workspace.second() + k * kLanes + more, workspace.second() + k * kLanes + above,
              workspace.columns() + k * kLanes + more);
  return true;
}

}  // namespace

bool compute_tile(const Layout& layout, const Executable& executable, const Arguments& arguments,
                  std::uint64_t samples, TileWorkspace& workspace, double* record) {
  const auto steps = static_cast<std::uint32_t>(samples / kLanes);
  const auto more = static_cast<unsigned>(samples % kLanes);
  const bool is_whole =
      more == 0 ? executable.run(arguments, 0, kLanes, steps, workspace.columns(), workspace.scratch())
                : run_unevenly(layout, executable, arguments, more, steps, workspace);
  if (is_whole) merge_lanes(layout, workspace.columns(), steps > 0 ? kLanes : more, record);
  return is_whole;
}

}  // namespace mc::kernels
