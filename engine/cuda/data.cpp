// A map's threads take four data at a time where that is not too much text; a reduction's are a tile's 64
// lanes.
#include "engine/cuda/data.hpp"

#include <algorithm>
#include <string>

#include "engine/cuda/parts.hpp"
#include "engine/cuda/writer.hpp"

namespace mc::cuda {
namespace {

using ir::Number;

/// Operations a datum of what is written out four times, at most.
constexpr std::size_t kFourTimes = 200;

bool is_map(const DataShape& shape) { return shape.folds.empty(); }

std::string_view name_of(kernels::Fold fold) {
  constexpr std::string_view kNames[] = {"Sum", "Product", "Minimum", "Maximum"};
  return kNames[static_cast<std::size_t>(fold)];
}

std::string pointer(const ir::Kernel& kernel, const DataShape& shape, std::size_t k) {
  return fmt::format("{}{}*", kernel.data[k].is_written ? "" : "const ", cpp_name(shape.types[k]));
}

/// One text for each array, one after another.
std::string for_each(const ir::Kernel& kernel, auto text_of) {
  std::string all;
  for (std::size_t k = 0; k < kernel.data.size(); ++k) all += text_of(k);
  return all;
}

void append_data(std::string& out, const ir::Kernel& kernel, const DataShape& shape) {
  out += "/// Where the data are.\nstruct Data {\n";
  for (std::size_t k = 0; k < kernel.data.size(); ++k) put(out, "  {} d{};\n", pointer(kernel, shape, k), k);
  out += "};\n\n";
}

void append_lane(std::string& out, const ir::Kernel& kernel, const DataShape& shape,
                 std::string_view unroll) {
  std::vector<std::string> columns;
  for (kernels::Fold fold : shape.folds) columns.emplace_back(name_of(fold));
  Writer writer(kernel, std::move(columns),
                {.types = shape.types,
                 .apart = is_map(shape) ? "" : "kLanes * ",
                 .unroll = unroll,
                 .first_scalar = shape.first_scalar});
  out += writer.constants();
  out += is_map(shape) ? "/// What becomes of so many data.\n" : "/// What one lane makes of its data.\n";
  put(out,
      "MC_DEVICE void go_through(u32 steps, u64 lane, f64 first, const f64* __restrict__ numbers,\n"
      "                          {}, f64* __restrict__ columns{}) {{\n",
      rows_parameter(kernel), for_each(kernel, [&](std::size_t k) {
        return fmt::format("{} {} d{}", k == 0 ? ",\n                         " : ",",
                           pointer(kernel, shape, k), k);
      }));
  out += own_rows(kernel) + writer.run();
  out += "}\n\n";
}

bool has_shared_columns(const DataShape& shape) {
  return shape.threads() * shape.folds.size() * sizeof(double) <= kSharedBytes;
}

void append_head(std::string& out, const DataShape& shape, std::size_t block_memory) {
  put(out,
      "extern \"C\" __global__ void __launch_bounds__({})\n"
      "{}(u64 first, u64 count, const f64* __restrict__ numbers, f64* memory, f64* records, const Data data) "
      "{{\n",
      shape.threads(), kDataEntryName);
  put(out, "  f64* const rows = memory + blockIdx.x * {}ull + threadIdx.x;\n", block_memory);
}

std::string arguments(const ir::Kernel& kernel, auto text_of) {
  return for_each(kernel, [&](std::size_t k) { return ", " + text_of(k); });
}

void append_map(std::string& out, const ir::Kernel& kernel, const DataShape& shape, bool by_fours) {
  const auto& data = kernel.data;
  out += "  const u64 thread = blockIdx.x * u64{kLanes} + threadIdx.x, threads = gridDim.x * u64{kLanes};\n";
  if (by_fours) {
    out += "  for (u64 k = thread; k < count / 4; k += threads) {\n";
    for (std::size_t k = 0; k < data.size(); ++k)
      if (data[k].is_written)
        put(out, "    Four<{}> d{};\n", cpp_name(shape.types[k]), k);
      else
        put(out, "    const Four<{}> d{} = four(data.d{} + 4 * k);\n", cpp_name(shape.types[k]), k, k);
    put(out, "    go_through(4, 0, 0, numbers, rows, nullptr{});\n",
        arguments(kernel, [](std::size_t k) { return fmt::format("d{}.at", k); }));
    for (std::size_t k = 0; k < data.size(); ++k)
      if (data[k].is_written) put(out, "    put_four(data.d{} + 4 * k, d{});\n", k, k);
    out += "  }\n";
  }
  put(out,
      "  for (u64 k = {}thread; k < count; k += threads)\n"
      "    go_through(1, 0, 0, numbers, rows, nullptr{});\n"
      "}}\n",
      by_fours ? "count / 4 * 4 + " : "",
      arguments(kernel, [](std::size_t k) { return fmt::format("data.d{} + k", k); }));
}

void append_reduction(std::string& out, const ir::Kernel& kernel, const DataShape& shape) {
  put(out,
      "  {2};\n"
      "  const u32 lane = threadIdx.x;\n"
      "  for (u64 tile = blockIdx.x; tile * kTileData < count; tile += gridDim.x) {{\n"
      "    const u64 begin = tile * kTileData, left = count - begin;\n"
      "    const u32 own = left < kTileData ? left : kTileData;\n"
      "    go_through(own / kLanes + (lane < own % kLanes), lane, first + begin, numbers, rows, columns + "
      "lane{1});\n",
      shape.folds.size(),
      arguments(kernel, [](std::size_t k) { return fmt::format("data.d{} + begin + lane", k); }),
      has_shared_columns(shape) ? fmt::format("__shared__ f64 columns[kLanes * {}]", shape.folds.size())
                                : fmt::format("f64* const columns = rows - threadIdx.x + {}ull",
                                              shape.threads() * far_rows_of(kernel)));
  for (std::size_t k = 0; k < shape.folds.size(); ++k)
    put(out, "    fold_lanes<{0}>(columns + kLanes * {1}, records + tile * {2} + {1});\n",
        name_of(shape.folds[k]), k, shape.folds.size());
  out += "    __syncthreads();\n  }\n}\n";
}

}  // namespace

Source translate(const ir::Kernel& kernel, const DataShape& shape) {
  if (kernel.data.size() != shape.types.size() || kernel.outputs != shape.folds.size())
    throw Error("the kernel's data are not the shape's");
  const bool by_fours = is_map(shape) && kernel.nodes.size() <= kFourTimes;
  Source source;
  source.numbers = numbers_of(kernel);
  source.block_memory = shape.threads() * far_rows_of(kernel);
  if (!has_shared_columns(shape)) source.block_memory += shape.threads() * shape.folds.size();
  put(source.text, "// {} What is this program's own begins with go_through().\n\n",
      is_map(shape) ? "Each datum gives a datum."
                    : "A tile of data is a block's: docs/contract.md says in which order it is folded.");
  append_text(source.text, "prelude");
  put(source.text, "constexpr u32 kLanes = {};\n", shape.threads());
  if (is_map(shape)) {
    append_text(source.text, "four");
  } else {
    put(source.text, "constexpr u64 kTileData = {};\n\n", kernels::kReduceTile);
    append_text(source.text, "fold_steps");
    append_text(source.text, "fold");
  }
  append_data(source.text, kernel, shape);
  append_lane(source.text, kernel, shape,
              !is_map(shape) ? "#pragma unroll 8"
              : by_fours     ? "#pragma unroll"
                             : "");
  append_head(source.text, shape, source.block_memory);
  if (is_map(shape))
    append_map(source.text, kernel, shape, by_fours);
  else
    append_reduction(source.text, kernel, shape);
  return source;
}

}  // namespace mc::cuda
