// What embedders and `moment cache` see of the machine code on disk.
#include <utility>

#include <mc/mc.hpp>

#include "engine/cache/disk.hpp"
#include "engine/cuda/kept.hpp"
#include "engine/kernels/executable.hpp"
#include "engine/llvm/kept.hpp"
#include "frontend/api/machine_codes.hpp"

namespace mc {

void use_cache(const std::string& folder, std::uint64_t most_bytes) {
  MachineCodes::shared().use(std::make_shared<const cache::Disk>(folder, most_bytes));
}

void use_no_cache() { MachineCodes::shared().use(nullptr); }

CacheState cache_state() {
  const auto disk = MachineCodes::shared().disk();
  if (!disk) return {.folder = {}, .trouble = "it is switched off"};
  cache::Disk::State state = disk->state();
  return {.folder = disk->folder(),
          .trouble = std::move(state.trouble),
          .kernels = state.files,
          .bytes = state.bytes,
          .most_bytes = disk->most_bytes(),
          .unfinished = state.unfinished};
}

std::vector<CacheEntry> cache_entries() {
  std::vector<CacheEntry> entries;
  const auto disk = MachineCodes::shared().disk();
  if (!disk) return entries;
  for (cache::Disk::Entry& on_disk : disk->entries()) {
    CacheEntry entry{
        .file = std::move(on_disk.name), .bytes = on_disk.bytes, .used = on_disk.used, .processor = {}};
    if (auto what = jit::described(on_disk.key)) {
      entry.usable = what->is_usable;
      entry.operations = what->operations;
      entry.vector_bits = what->vector_bits;
      entry.processor = std::move(what->processor);
    }
    if (const auto what = cuda::described(on_disk.key)) {
      entry.usable = what->is_usable;
      entry.operations = what->operations;
      entry.processor = "sm_" + std::to_string(what->device);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::size_t clear_cache() {
  const auto disk = MachineCodes::shared().disk();
  return disk ? disk->clear() : 0;
}

}  // namespace mc
