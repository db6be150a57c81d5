// The source's parts in their order: what all kernels share, this kernel's lane, and the block around it.
#include "engine/cuda/translate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>

#include "engine/cuda/texts.hpp"
#include "engine/cuda/writer.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/kernels/merge.hpp"

namespace mc::cuda {
namespace {

using kernels::GroupLayout;
using kernels::kLanes;
using kernels::Layout;
using kernels::MergeGroup;

/// A block has that much shared memory without asking; columns that need more lie in device memory.
constexpr std::size_t kSharedBytes = 48 << 10;

/// On a multiprocessor, at least: so a thread has 128 registers at most, of which few kernels need as many.
constexpr unsigned kBlocksSideBySide = 2;

bool has_shared_columns(const Layout& layout) {
  return layout.kernel_size * kLanes * sizeof(double) <= kSharedBytes;
}

/// An embedded file without the lines that are the host compiler's.
void append_text(std::string& out, std::string_view name) {
  const auto found = std::ranges::find(texts(), name, &Text::name);
  if (found == texts().end()) throw Error(fmt::format("the text {} is not embedded", name));
  for (std::string_view rest = found->content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n') + 1);
    if (!line.starts_with("#include") && !line.starts_with("#pragma once")) out += line;
    rest.remove_prefix(line.size());
  }
  out += '\n';
}

void append_shared_part(std::string& out) {
  append_text(out, "prelude");
  append_text(out, "power_sums");
  append_text(out, "merge_group");
  out += "namespace mc::kernels {\n\n";
  append_text(out, "merge_sides");
  out += "}  // namespace mc::kernels\n\n";
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

template <class... T>
void put(std::string& out, fmt::format_string<T...> form, T&&... values) {
  fmt::format_to(std::back_inserter(out), form, std::forward<T>(values)...);
}

void append_lane(std::string& out, const ir::Kernel& kernel, const Layout& layout) {
  put(out,
      "/// What one lane makes of its samples, in {} columns.\n"
      "MC_DEVICE void sample_lane(u64 seed, u64 tile, u64 lane, u32 steps, const f64* __restrict__ numbers,\n"
      "                           f64* __restrict__ rows, f64* __restrict__ columns) {{\n",
      layout.kernel_size);
  out += Writer(kernel, column_names(layout)).run();
  out += "}\n\n";
}

void append_merges(std::string& out, const Layout& layout) {
  const std::vector<Run> all = runs(layout);
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Run& run = all[k];
    if (run.groups == 1)
      put(out, "    merge_lanes(kShape{}, columns + kLanes * {}, share.lanes, record + {});\n", k,
          run.columns, run.record);
    else
      put(out,
          "    for (u32 g = 0; g < {1}; ++g)\n"
          "      merge_lanes(kShape{0}, columns + kLanes * ({2} + g * {3}), share.lanes, record + {4} + g * "
          "{5});\n",
          k, run.groups, run.columns, run.columns_each, run.record, run.record_each);
  }
}

void append_kernel(std::string& out, const Layout& layout, const Source& source, std::uint64_t scratch) {
  out += "// Groups of values: values, order, where mean, moments, third and peaks stand, power sums.\n";
  const std::vector<Run> all = runs(layout);
  for (std::size_t k = 0; k < all.size(); ++k)
    put(out, "__device__ constexpr mc::kernels::MergeGroup kShape{}{};\n", k, shape_text(all[k].shape));
  put(out,
      "\n/// Records of tiles [first, first + tiles) of a run of so many samples, a block for each tile at a "
      "time.\n"
      "extern \"C\" __global__ void __launch_bounds__({0}, {1})\n"
      "{2}(u64 seed, u64 first, u64 tiles, u64 samples, const f64* __restrict__ numbers, f64* memory,\n"
      "{3}f64* records) {{\n",
      kLanes, kBlocksSideBySide, kEntryName, std::string(std::string_view(kEntryName).size() + 1, ' '));
  put(out, "  f64* const own = memory + blockIdx.x * {}ull;\n", source.block_memory);
  if (has_shared_columns(layout))
    put(out, "  __shared__ f64 columns[kLanes * {}];\n", layout.kernel_size);
  else
    put(out, "  f64* const columns = own + kLanes * {}ull;\n", scratch);
  put(out,
      "  const u32 lane = threadIdx.x;\n"
      "  for (u64 k = blockIdx.x; k < tiles; k += gridDim.x) {{\n"
      "    const u64 tile = first + k;\n"
      "    const Share share(tile, samples, lane);\n"
      "    f64* const record = records + k * {};\n"
      "    if (share.steps > 0) sample_lane(seed, tile, lane, share.steps, numbers, own + lane, columns + "
      "lane);\n",
      layout.size);
  append_merges(out, layout);
  out += "    __syncthreads();\n  }\n}\n";
}

}  // namespace

Source translate(const ir::Kernel& kernel, const Layout& layout) {
  if (!kernel.data.empty()) throw Error("kernels that go through data have no CUDA source yet");
  if (!kernel.tables.empty()) throw Error("programs that draw from data have no CUDA source yet");
  if (kernel.outputs != layout.kernel_size) throw Error("the kernel's columns are not the layout's");
  const std::uint64_t scratch = ir::scratch_elements(kernel);
  Source source;
  source.numbers = std::accumulate(kernel.arrays.begin(), kernel.arrays.end(), std::size_t{kernel.scalars});
  source.block_memory = kLanes * (scratch + (has_shared_columns(layout) ? 0 : layout.kernel_size));
  put(source.text,
      "// A lane is a thread and a tile a block: docs/contract.md says which samples those take, and in "
      "which\n"
      "// order they are added up. What is this program's own begins with sample_lane().\n\n");
  append_shared_part(source.text);
  append_lane(source.text, kernel, layout);
  put(source.text, "using mc::kernels::merge_lanes;\n\n");
  append_kernel(source.text, layout, source, scratch);
  return source;
}

std::vector<double> numbers(const ir::Kernel& kernel, const kernels::Arguments& arguments) {
  std::vector<double> all(arguments.scalars, arguments.scalars + kernel.scalars);
  for (std::size_t k = 0; k < kernel.arrays.size(); ++k)
    all.insert(all.end(), arguments.arrays[k], arguments.arrays[k] + kernel.arrays[k]);
  return all;
}

}  // namespace mc::cuda
