// The source's parts in their order: what all kernels share, this kernel's lane, and the block around it.
#include "engine/cuda/translate.hpp"

#include <fmt/format.h>

#include <bit>
#include <string_view>

#include "engine/cuda/looks.hpp"
#include "engine/cuda/parts.hpp"
#include "engine/cuda/writer.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/merge.hpp"

namespace mc::cuda {
namespace {

using kernels::GroupLayout;
using kernels::kLanes;
using kernels::Layout;
using kernels::MergeGroup;

/// On a multiprocessor, at least: so a thread has 128 registers at most, of which few kernels need as many.
constexpr unsigned kBlocksSideBySide = 2;

/// Trees of so many tiles keep the host's share of a tile below a nanosecond or two. A block's own, of which
/// one of each level waits for its neighbour, are to stay in the caches.
constexpr unsigned kMostLevel = 5;
constexpr std::size_t kMostJoined = 1024;  ///< numbers

unsigned most_level_of(const Layout& layout) {
  unsigned level = 0;
  while (level < kMostLevel && (level + 2) * layout.size <= kMostJoined) ++level;
  return level;
}

bool has_shared_columns(const Layout& layout) {
  return layout.kernel_size * kLanes * sizeof(double) <= kSharedBytes;
}

void append_shared_part(std::string& out) {
  append_text(out, "prelude");
  append_text(out, "power_sums");
  append_text(out, "merge_group");
  out += "namespace mc::kernels {\n\n";
  append_text(out, "merge_sides");
  out += "}  // namespace mc::kernels\n\n";
  append_text(out, "trees");
  append_text(out, "block");
}

/// What each column of the kernel is, in words.
std::vector<std::string> column_names(const Layout& layout) {
  std::vector<std::string> names(layout.kernel_size);
  for (const GroupLayout& at : layout.kernel) {
    for (std::size_t k = at.moments(); k < at.start + at.kernel_size(); ++k)
      names[k] = fmt::format("moment {}", k - at.moments());
    names[at.count()] = "count";
    names[at.nonfinite()] = "not finite";
    names[at.first()] = "first of these";
    for (unsigned i = 0; i < at.group.values; ++i) names[at.mean(i)] = "mean";
  }
  return names;
}

std::string shape_text(const MergeGroup& group) {
  return fmt::format("{{{}, {}, {}, {}, {}, {}, {}, {{{{{}, {}}}, {{{}, {}}}}}}}", group.values, group.order,
                     group.mean, group.comoment, group.third, group.peak, group.blocks, group.block[0].start,
                     group.block[0].degree, group.block[1].start, group.block[1].degree);
}

/// Groups of one shape that stand side by side are merged by one loop.
struct Run {
  kernels::Group group;
  MergeGroup shape;
  std::size_t columns, record;  ///< where the first one's numbers stand
  std::size_t groups = 0;
  std::size_t columns_each, record_each;
};

std::vector<Run> runs(const Layout& layout) {
  std::vector<Run> all;
  for (std::size_t g = 0; g < layout.groups.size(); ++g) {
    const GroupLayout &in_columns = layout.kernel[g], &in_record = layout.groups[g];
    if (all.empty() || all.back().group != in_record.group)
      all.push_back({in_record.group, merge_group_of(in_record), in_columns.start, in_record.start, 0,
                     in_columns.kernel_size(), in_record.size()});
    ++all.back().groups;
  }
  return all;
}

void append_lane(std::string& out, const ir::Kernel& kernel, const Layout& layout, const Looks& looks) {
  Writer writer(kernel, column_names(layout), {}, looks.any() ? &looks : nullptr);
  out += writer.constants();
  put(out,
      "/// What one lane makes of its samples, in {0} columns.{3}\n"
      "MC_DEVICE {2} sample_lane(u64 seed, u64 tile, u64 lane, u32 steps, const f64* __restrict__ numbers,\n"
      "                           {1}, f64* __restrict__ columns{4}) {{\n",
      layout.kernel_size, rows_parameter(kernel), looks.any() ? "bool" : "void",
      looks.any() ? " Whether it was stopped, and made nothing." : "",
      looks.any() ? ", const volatile u32* stop" : "");
  out += own_rows(kernel) + writer.run();
  out += "}\n\n";
}

/// A tile's record, of its lanes' columns.
void append_merges(std::string& out, const Layout& layout) {
  const std::vector<Run> all = runs(layout);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Run& run = all[k];
    if (run.groups == 1)
      put(out, "      merge_lanes(kShape{}, columns + kLanes * {}, share.lanes, record + {});\n", k,
          run.columns, run.record);
    else
      put(out,
          "      for (u32 g = 0; g < {1}; ++g)\n"
          "        merge_lanes(kShape{0}, columns + kLanes * ({2} + g * {3}), share.lanes, record + {4} + g "
          "* "
          "{5});\n",
          k, run.groups, run.columns, run.columns_each, run.record, run.record_each);
  }
}

/// It is joined with the tree before it, if that has as many tiles, and so on.
void append_joins(std::string& out, const Layout& layout) {
  const std::vector<Run> all = runs(layout);
  put(out,
      "      for (u64 n = t; n & 1; n >>= 1, record -= {}) {{\n"
      "        __syncthreads();\n",
      layout.size);
  for (std::size_t k = 0; k < all.size(); ++k)
    put(out, "        join(kShape{}, {}, {}, record - {}, record + {});\n", k, all[k].groups,
        all[k].record_each, layout.size - all[k].record, all[k].record);
  out += "      }\n";
}

/// What a block has: its memory, columns, and records that wait to be joined.
void append_memory(std::string& out, const Layout& layout, const Source& source, std::uint64_t scratch) {
  put(out, "  f64* const own = memory + blockIdx.x * {}ull;\n", source.block_memory);
  if (has_shared_columns(layout))
    put(out, "  __shared__ f64 columns[kLanes * {}];\n", layout.kernel_size);
  else
    put(out, "  f64* const columns = own + kLanes * {}ull;\n", scratch);
  if (source.most_level > 0)
    put(out, "  f64* const joined = own + {}ull;\n",
        source.block_memory - (source.most_level + 1) * layout.size);
}

/// A tile's lanes, each of which may find that it is to stop; then all of them have.
void append_samples(std::string& out, bool looks) {
  constexpr std::string_view kCall =
      "sample_lane(seed, tile, lane, share.steps, numbers, own + lane, columns + lane";
  if (looks)
    put(out,
        "      if (share.steps > 0)\n"
        "        is_stopped = {}, stop);\n"
        "      is_stopped = __syncthreads_or(is_stopped);\n"
        "      if (is_stopped) break;\n",
        kCall);
  else
    put(out, "      if (share.steps > 0) {});\n", kCall);
}

/// The records of a tree's tiles, joined.
void append_tree(std::string& out, const Layout& layout, const Source& source, bool looks) {
  const bool joins = source.most_level > 0;
  put(out,
      "    const mc::kernels::Tree tree = trees[k];\n"
      "    f64* record = {};\n",
      joins ? "joined" : fmt::format("records + k * {}", layout.size));
  if (looks) out += "    bool is_stopped = false;\n";
  put(out,
      "    for (u64 t = 0; t < tree.tiles(); ++t, record += {}) {{\n"
      "      const u64 tile = tree.first + t;\n"
      "      const Share share(tile, samples, lane);\n",
      layout.size);
  append_samples(out, looks);
  append_merges(out, layout);
  if (joins) append_joins(out, layout);
  out += "      __syncthreads();\n    }\n";
  if (looks)
    put(out,
        "    if (is_stopped) {{\n"
        "      if (lane == 0) records[k * {}] = -1.0;\n"
        "      continue;\n"
        "    }}\n",
        layout.size);
  if (joins)
    put(out, "    for (u32 i = lane; i < {0}; i += kLanes) records[k * {0} + i] = joined[i];\n", layout.size);
}

void append_kernel(std::string& out, const Layout& layout, const Source& source, std::uint64_t scratch,
                   bool looks) {
  out += "// Groups of values: values, order, where mean, moments, third and peaks stand, power sums.\n";
  const std::vector<Run> all = runs(layout);
  for (std::size_t k = 0; k < all.size(); ++k)
    put(out, "__device__ constexpr mc::kernels::MergeGroup kShape{}{};\n", k, shape_text(all[k].shape));
  put(out,
      "\n/// Records of tiles [first, first + tiles) of a run of so many samples, a block for each tree at a "
      "time.\n"
      "extern \"C\" __global__ void __launch_bounds__({0}, {1})\n"
      "{2}(u64 seed, u64 first, u64 tiles, u64 samples, u32 level, const f64* __restrict__ numbers,\n"
      "{3}f64* memory, f64* records, const volatile u32* stop) {{\n",
      kLanes, kBlocksSideBySide, kEntryName, std::string(std::string_view(kEntryName).size() + 1, ' '));
  append_memory(out, layout, source, scratch);
  out +=
      "  const u32 lane = threadIdx.x;\n"
      "  const mc::kernels::Trees trees(first, tiles, samples / kTileSamples, level);\n"
      "  for (u64 k = blockIdx.x; k < trees.count(); k += gridDim.x) {\n";
  append_tree(out, layout, source, looks);
  out += "  }\n}\n";
}

}  // namespace

Source translate(const ir::Kernel& kernel, const Layout& layout) {
  if (!kernel.data.empty()) throw Error("a kernel that goes through data has no tiles of samples");
  if (kernel.outputs != layout.kernel_size) throw Error("the kernel's columns are not the layout's");
  const std::uint64_t scratch = far_rows_of(kernel);
  Source source;
  source.numbers = numbers_of(kernel);
  source.most_level = most_level_of(layout);
  source.block_memory = kLanes * (scratch + (has_shared_columns(layout) ? 0 : layout.kernel_size));
  if (source.most_level > 0) source.block_memory += (source.most_level + 1) * layout.size;
  put(source.text,
      "// A lane is a thread and a tile a block: docs/contract.md says which samples those take, and in "
      "which\n"
      "// order they are added up. What is this program's own begins with sample_lane().\n\n");
  append_shared_part(source.text);
  const Looks looks(kernel);
  source.looks = looks.any();
  append_lane(source.text, kernel, layout, looks);
  put(source.text, "using mc::kernels::merge_lanes, mc::kernels::join;\n\n");
  append_kernel(source.text, layout, source, scratch, source.looks);
  return source;
}

std::vector<double> numbers(const ir::Kernel& kernel, const kernels::Arguments& arguments,
                            std::span<const TablePlace> tables) {
  std::vector<double> all(arguments.scalars, arguments.scalars + kernel.scalars);
  for (std::size_t k = 0; k < kernel.arrays.size(); ++k)
    all.insert(all.end(), arguments.arrays[k], arguments.arrays[k] + kernel.arrays[k]);
  for (const TablePlace& table : tables)
    for (const std::uint64_t word : {table.address, table.rows}) all.push_back(std::bit_cast<double>(word));
  return all;
}

}  // namespace mc::cuda
