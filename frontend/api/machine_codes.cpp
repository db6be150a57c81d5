// The key is the kernel's text: what is equal there is equal in every bit that it computes.
#include "frontend/api/machine_codes.hpp"

#include "engine/ir/text.hpp"

namespace mc {

MachineCodes& MachineCodes::shared() {
  static MachineCodes codes;
  return codes;
}

MachineCodes::MachineCodes(std::size_t most_operations)
    : cache_({.most = most_operations,
              .weight = [](const jit::Compiled& each) { return kPages + each.operations(); }}) {}

MachineCodes::Cache::Answer MachineCodes::get(const ir::Kernel& kernel, unsigned vector_bits) {
  const std::string key = std::to_string(vector_bits) + "\n" + ir::print(kernel);
  return cache_.get(key, [&]() -> std::shared_ptr<const jit::Compiled> {
    jit::Options options;
    options.vector_bits = vector_bits;
    return jit::compile(kernel, options);
  });
}

}  // namespace mc
