#include "engine/cuda/kept.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstring>

#include "engine/kernels/executable.hpp"

namespace mc::cuda {
namespace {

constexpr std::string_view kTitle = "moment cubin\n";

std::string maker() { return fmt::format("contract {}{}", kernels::kContract, kOptionsText); }

/// Before the cubin itself.
struct Numbers {
  std::int32_t architecture;
  std::uint32_t registers, stack_bytes, spill_bytes, shared_bytes;
};

constexpr std::string_view kElf =
    "\x7f"
    "ELF";

}  // namespace

std::string key_of(const std::string& source, Architecture device, std::size_t operations) {
  return fmt::format("{}{} operations\nsm_{} {}\n{}", kTitle, operations, device, maker(), source);
}

std::optional<Description> described(std::string_view key) {
  if (!key.starts_with(kTitle)) return std::nullopt;
  key.remove_prefix(kTitle.size());
  Description found;
  const auto take_number = [&](std::string_view before, auto& to) {
    if (!key.starts_with(before)) return;
    const char* begin = key.data() + before.size();
    const char* end = std::from_chars(begin, key.data() + key.size(), to).ptr;
    key.remove_prefix(static_cast<std::size_t>(end - key.data()));
  };
  take_number("", found.operations);
  take_number(" operations\nsm_", found.device);
  found.is_usable = key.starts_with(" " + maker() + "\n");
  return found;
}

std::string packed(const Assembled& made) {
  const Numbers numbers{made.architecture, made.registers, made.stack_bytes, made.spill_bytes,
                        made.shared_bytes};
  std::string payload(sizeof numbers, '\0');
  std::memcpy(payload.data(), &numbers, sizeof numbers);
  return payload + made.cubin;
}

std::optional<Assembled> unpacked(std::string_view payload) {
  Numbers numbers{};
  if (payload.size() < sizeof numbers) return std::nullopt;
  std::memcpy(&numbers, payload.data(), sizeof numbers);
  payload.remove_prefix(sizeof numbers);
  if (!payload.starts_with(kElf)) return std::nullopt;
  Assembled made;
  made.architecture = numbers.architecture;
  made.cubin = payload;
  made.registers = numbers.registers;
  made.stack_bytes = numbers.stack_bytes;
  made.spill_bytes = numbers.spill_bytes;
  made.shared_bytes = numbers.shared_bytes;
  return made;
}

}  // namespace mc::cuda
