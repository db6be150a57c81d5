// Keys spell everything out, so that whoever looks into a file sees what it is, and equal hashes are no
// danger.
#include "engine/llvm/kept.hpp"

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/TargetParser/Host.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "engine/ir/text.hpp"

namespace mc {
extern const char* const kEmitterFingerprint;  ///< CMakeLists.txt
}

namespace mc::jit {
namespace {

constexpr std::string_view kTitle = "moment machine code\n";

std::string maker() {
  return fmt::format("contract {} llvm {} emitter {}", kernels::kContract, LLVM_VERSION_STRING,
                     kEmitterFingerprint);
}

/// This machine's, as LLVM sees it: what it chooses instructions by.
std::string host_processor() {
  std::vector<std::string> features;
  for (const auto& feature : llvm::sys::getHostCPUFeatures())
    if (feature.second) features.push_back(feature.first().str());
  std::ranges::sort(features);
  return fmt::format("{} {} +{}", llvm::sys::getProcessTriple(), llvm::sys::getHostCPUName().str(),
                     fmt::join(features, ",+"));
}

/// Asking the processor takes a while where a hypervisor answers for it.
const std::string& known_host_processor() {
  static const std::string text = host_processor();
  return text;
}

std::string processor(const Options& options) {
  return options.processor.empty() ? known_host_processor()
                                   : fmt::format("{} {}", llvm::sys::getProcessTriple(), options.processor);
}

/// Takes the next line off the text.
std::string_view line_of(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

std::string_view word_of(std::string_view line, int number) {
  for (; number > 0; --number) line.remove_prefix(std::min(line.size(), line.find(' ') + 1));
  return line.substr(0, line.find(' '));
}

bool is_shape(const Shape& shape) {
  const auto is_power_to = [](unsigned x, unsigned most) {
    return x >= 1 && x <= most && (x & (x - 1)) == 0;
  };
  return is_power_to(shape.lanes, 512 / 32) && is_power_to(shape.interleave, kMaxInterleave);
}

}  // namespace

std::string key_of(const ir::Kernel& kernel, const Options& options, std::string_view text) {
  return fmt::format("{}{}\n{}\nvectors {} interleave {} lanes {} operations {}\n{}", kTitle, maker(),
                     processor(options), options.vector_bits, options.interleave, options.lane_bits,
                     kernel.nodes.size(), text.empty() ? ir::print(kernel) : text);
}

std::optional<Description> described(std::string_view key) {
  if (!key.starts_with(kTitle)) return std::nullopt;
  key.remove_prefix(kTitle.size());
  const std::string_view made_by = line_of(key), processor = line_of(key), options = line_of(key);
  Description description{.processor = std::string(word_of(processor, 1)), .is_usable = false};
  const auto number = [](std::string_view word, auto& to) {
    std::from_chars(word.data(), word.data() + word.size(), to);
  };
  number(word_of(options, 1), description.vector_bits);
  number(word_of(options, 7), description.operations);
  description.is_usable = made_by == maker() && processor == known_host_processor();
  return description;
}

std::string packed(Shape shape, std::string_view object) {
  const std::array<std::uint32_t, 2> numbers{shape.lanes, shape.interleave};
  std::string payload(object);
  return payload.append(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
}

std::optional<Kept> unpacked(std::string_view payload) {
  std::array<std::uint32_t, 2> numbers{};
  if (payload.size() < sizeof numbers) return std::nullopt;
  const std::string_view object = payload.substr(0, payload.size() - sizeof numbers);
  std::memcpy(numbers.data(), object.data() + object.size(), sizeof numbers);
  const Shape shape{.lanes = numbers[0], .interleave = numbers[1]};
  if (!is_shape(shape)) return std::nullopt;
  return Kept{shape, object};
}

}  // namespace mc::jit
