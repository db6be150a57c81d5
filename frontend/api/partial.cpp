// Hashes of arguments, for the same program with other numbers has other tiles.
#include "frontend/api/partial.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/ir/text.hpp"
#include "engine/random/stream.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/instance.hpp"
#include "runtime/data/mapping.hpp"

namespace mc {
namespace {

/// A table that takes more memory may be a file of many gigabytes, each look at which waits for the disk. It
/// is told by as much of it, and by how many rows there are.
constexpr std::uint64_t kWhole = std::uint64_t{16} << 20;
/// What such a look brings along from the disk in any case.
constexpr std::uint64_t kLook = std::uint64_t{64} << 10;

struct Hash {
  Hash() { XXH3_128bits_reset(&state); }
  void add(const void* bytes, std::size_t count) { XXH3_128bits_update(&state, bytes, count); }
  XXH3_state_t state;
};

/// Rows of a table, from the first on.
void add(Hash& hash, const kernels::Table& table, std::size_t row_bytes, std::uint64_t first,
         std::uint64_t count) {
  const std::byte* at = table.data + static_cast<std::int64_t>(first) * table.stride;
  if (table.stride == static_cast<std::int64_t>(row_bytes)) return hash.add(at, count * row_bytes);
  for (; count > 0; --count, at += table.stride) hash.add(at, row_bytes);
}

/// All rows, or stretches of them that lie as far from each other, from the first row to the last.
void add(Hash& hash, const kernels::Table& table, std::size_t row_bytes) {
  hash.add(&table.rows, sizeof table.rows);
  const std::uint64_t apart = std::max<std::uint64_t>(std::abs(table.stride), row_bytes);
  if (table.rows <= kWhole / apart) return add(hash, table, row_bytes, 0, table.rows);
  constexpr std::uint64_t kLooks = kWhole / kLook;
  const std::uint64_t rows = std::max<std::uint64_t>(kLook / apart, 1), last = table.rows - rows;
  for (std::uint64_t k = 0; k < kLooks; ++k) {
    const std::uint64_t first = last / (kLooks - 1) * k + last % (kLooks - 1) * k / (kLooks - 1);
    add(hash, table, row_bytes, first, rows);
    const std::byte* ends[] = {table.data + static_cast<std::int64_t>(first) * table.stride,
                               table.data + static_cast<std::int64_t>(first + rows - 1) * table.stride};
    std::ranges::sort(ends);
    runtime::give_back({ends[0], ends[1] + row_bytes});
  }
}

// ---- what differs

std::string shown(std::string_view text) {
  return text.empty() ? "empty" : language::shortened(language::printable(text));
}

std::string_view line_at(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find('\n', at), text.size()) - begin);
}

/// Of two texts: the first line that does.
std::string what_differs(std::string_view what, std::string_view from, std::string_view own) {
  if (from == own) return {};
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(from, own).in1 - from.begin());
  const auto number = 1 + std::ranges::count(from.substr(0, at), '\n');
  const std::string_view line = line_at(from, at), own_line = line_at(own, at);
  if (line == own_line)
    return fmt::format("its {} has {} lines", what, from.size() > own.size() ? "more" : "fewer");
  const bool is_one_line = from.find('\n') == from.npos && own.find('\n') == own.npos;
  return fmt::format("{}its {} is {}, not {}", is_one_line ? "" : fmt::format("line {} of ", number), what,
                     shown(line), shown(own_line));
}

std::string box_text(const language::Setting& setting) {
  using enum language::Setting::Bounds;
  if (setting.bounds == none) return "no box";
  return fmt::format("a box of {} {}", setting.dimension,
                     setting.bounds == cube ? "equal intervals" : "intervals");
}

std::string parameters_text(const language::Setting& setting) {
  std::string text;
  for (const auto& each : setting.parameters) text += (text.empty() ? "" : ", ") + text_of(each);
  return text.empty() ? "none" : text;
}

std::string what_differs(const SignatureKey& from, const SignatureKey& own) {
  const auto generator = [](const SignatureKey& key) {
    return random::name(engine_generator(key.generator));
  };
  const auto precision = [](const SignatureKey& key) { return key.setting.single ? "f32" : "f64"; };
  if (from.generator != own.generator)
    return fmt::format("its generator is {}, not {}", generator(from), generator(own));
  if (from.setting.single != own.setting.single)
    return fmt::format("its precision is {}, not {}", precision(from), precision(own));
  if (const auto box = box_text(from.setting), other = box_text(own.setting); box != other)
    return fmt::format("it has {}, not {}", box, other);
  if (from != own)
    return fmt::format("its parameters are {}, not {}", shown(parameters_text(from.setting)),
                       shown(parameters_text(own.setting)));
  return {};
}

}  // namespace

Hash128 hash_of(std::string_view bytes) {
  const XXH128_hash_t found = XXH3_128bits(bytes.data(), bytes.size());
  return {found.low64, found.high64};
}

Hash128 hash_of(const language::Model& model, const Binding& binding) {
  Hash hash;
  hash.add(binding.scalars().data(), binding.scalars().size_bytes());
  for (std::size_t k = 0; k < model.arrays.size(); ++k) {
    const auto array = binding.array(k, static_cast<std::size_t>(model.arrays[k].shape.size()));
    hash.add(array.data(), array.size_bytes());
  }
  for (std::size_t k = 0; k < model.tables.size(); ++k)
    add(hash, binding.table(k), model.tables[k].columns * ir::bytes_of(model.tables[k].type));
  const XXH128_hash_t found = XXH3_128bits_digest(&hash.state);
  return {found.low64, found.high64};
}

std::string what_differs(const Origin& from, const Origin& own) {
  if (from.density.empty() && !own.density.empty()) return "it has no density";
  if (own.density.empty() && !from.density.empty()) return "it has a density, " + shown(from.density);
  for (const std::string& what :
       {what_differs("program", from.program, own.program),
        what_differs("density", from.density, own.density), what_differs(from.key, own.key)})
    if (!what.empty()) return what;
  if (from.seed != own.seed) return fmt::format("its seed is {}, not {}", from.seed, own.seed);
  if (from.arguments != own.arguments) return "its parameters, its box or its data have other values";
  // The texts are the same, and yet not what they stand for.
  if (from.kernel != own.kernel) return "its C++ functions, or the Moment that computed it, are others";
  return {};
}

void check_origin(const Origin& from, const Origin& own) {
  if (const std::string what = what_differs(from, own); !what.empty())
    fail<ArgumentError>("Options::from is of another run: " + what,
                        "only the same program with the same arguments can be gone on with");
}

/// Part k of n begins where part k − 1 ends; no part has more than a tile more than another.
runtime::Missing::Stretch tiles_of(const Part& part, std::uint64_t samples) {
  if (part.of <= 1) return {};
  const std::uint64_t tiles = (samples - 1) / kernels::kTileSamples + 1;
  const auto before = [&](std::uint64_t parts) {
    return tiles / part.of * parts + tiles % part.of * parts / part.of;
  };
  return {before(part.number - 1), before(part.number)};
}

Hash128 Instance::kernel_hash() const {
  std::call_once(kernel_hash_once_, [this] { kernel_hash_ = hash_of(ir::print(tiers_->kernel())); });
  return kernel_hash_;
}

Origin Instance::origin(const Options& options, const Binding& binding) const {
  Origin origin{source_, density_, key_, options.seed, kernel_hash(), hash_of(model_, binding)};
  origin.key.vector_bits = 0;
  return origin;
}

/// What the run came with, and what it has done.
Partial Instance::partial(const Options& options, const Run& run) const {
  const auto& from = options.from.content_;
  auto content =
      std::make_shared<Partial::Content>(from ? from->origin : origin(options, run.binding), reading_);
  content->part = options.part;
  content->samples = run.samples;
  content->rest = run.outcome.rest;
  content->nonfinite = options.nonfinite;
  content->done.adopt(run.outcome.done);
  if (from) content->done.adopt(from->done, tiles_of(options.part, run.samples));
  Partial partial;
  partial.content_ = std::move(content);
  return partial;
}

std::uint64_t Partial::samples() const noexcept {
  return content_ == nullptr ? 0 : content_->done.tiles.tiles() * kernels::kTileSamples;
}

Part Partial::part() const noexcept { return content_ == nullptr ? Part{} : content_->part; }

const Origin& Partial::origin() const noexcept {
  static const Origin none;
  return content_ == nullptr ? none : content_->origin;
}

bool Partial::empty() const noexcept { return content_ == nullptr; }
std::uint64_t Partial::seed() const noexcept { return origin().seed; }
const std::string& Partial::program() const noexcept { return origin().program; }
const std::string& Partial::density() const noexcept { return origin().density; }
Generator Partial::generator() const noexcept { return origin().key.generator; }
Precision Partial::precision() const noexcept {
  return origin().key.setting.single ? Precision::f32 : Precision::f64;
}

}  // namespace mc
