// Keys spell everything out, so that whoever looks into a file sees what it is, and equal hashes are no
// danger.
#include "engine/llvm/kept.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/host.hpp"
#include "engine/ir/text.hpp"
#include "engine/llvm/image.hpp"
#include "engine/llvm/loading.hpp"
#include "engine/stages.hpp"

namespace mc {
extern const char* const kEmitterFingerprint;  ///< CMakeLists.txt
}

namespace mc::jit {
namespace {

constexpr std::string_view kTitle = "moment machine code\n";

std::string maker() {
  return fmt::format("contract {} llvm {} emitter {}", kernels::kContract, MC_LLVM_VERSION,
                     kEmitterFingerprint);
}

std::string processor(const Options& options) {
  return options.processor.empty() ? processor_identity() : options.processor;
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

}  // namespace

std::string key_of(const ir::Kernel& kernel, const Options& options, std::string_view text) {
  return fmt::format("{}{}\n{}\nvectors {} interleave {} lanes {} operations {}{}\n{}", kTitle, maker(),
                     processor(options), options.vector_bits, options.interleave, options.lane_bits,
                     kernel.nodes.size(), options.streams ? " streams" : "",
                     text.empty() ? ir::print(kernel) : text);
}

std::optional<Description> described(std::string_view key) {
  if (!key.starts_with(kTitle)) return std::nullopt;
  key.remove_prefix(kTitle.size());
  const std::string_view made_by = line_of(key), processor = line_of(key), options = line_of(key);
  Description description{.processor = std::string(word_of(processor, 0)), .is_usable = false};
  const auto number = [](std::string_view word, auto& to) {
    std::from_chars(word.data(), word.data() + word.size(), to);
  };
  number(word_of(options, 1), description.vector_bits);
  number(word_of(options, 7), description.operations);
  description.is_usable = made_by == maker() && processor == processor_identity();
  return description;
}

namespace {

/// What the object alone does not tell, at the payload's end.
struct Numbers {
  std::uint32_t granule, outputs;
  std::uint64_t scratch_bytes;
};

using Entry = bool (*)(const kernels::Arguments*, std::uint32_t, std::uint32_t, std::uint32_t, double*,
                       std::byte*);

class FromDisk final : public Compiled {
 public:
  FromDisk(std::unique_ptr<Image> image, Numbers numbers, ir::Kernel kernel, Options options, Timing timing)
      : image_(std::move(image)),
        entry_(reinterpret_cast<Entry>(image_->address())),
        numbers_(numbers),
        kernel_(std::move(kernel)),
        options_(std::move(options)),
        timing_(std::move(timing)) {}

  bool run(const kernels::Arguments& arguments, unsigned first, unsigned last, std::uint32_t steps,
           double* out, std::byte* scratch) const override {
    return entry_(&arguments, first, last, steps, out, scratch);
  }
  unsigned granule() const override { return numbers_.granule; }
  std::size_t scratch_bytes() const override { return numbers_.scratch_bytes; }
  unsigned outputs() const override { return numbers_.outputs; }
  const Timing& timing() const override { return timing_; }
  std::size_t operations() const override { return kernel_.nodes.size(); }
  bool is_from_disk() const override { return true; }
  std::span<const std::byte> code() const override {
    return {static_cast<const std::byte*>(image_->address()), 0};
  }
  std::string_view object() const override { return {}; }
  void forget_object() const override {}
  // Asked for seldom, so made anew.
  std::string llvm_text() const override { return load_and_compile(kernel_, options_)->llvm_text(); }
  std::string assembly_text() const override { return load_and_compile(kernel_, options_)->assembly_text(); }

 private:
  const std::unique_ptr<Image> image_;
  const Entry entry_;
  const Numbers numbers_;
  const ir::Kernel kernel_;
  const Options options_;
  const Timing timing_;
};

bool fits(const Numbers& numbers, const ir::Kernel& kernel) {
  const bool divides = numbers.granule >= 1 && kernels::kLanes % numbers.granule == 0;
  return divides && numbers.outputs == kernel.outputs &&
         numbers.scratch_bytes == ir::scratch_elements(kernel) * numbers.granule * sizeof(double);
}

}  // namespace

std::string packed(const Compiled& code) {
  const Numbers numbers{code.granule(), code.outputs(), code.scratch_bytes()};
  std::string payload(code.object());
  return payload.append(reinterpret_cast<const char*>(&numbers), sizeof numbers);
}

std::unique_ptr<Compiled> from_disk(const cache::Disk& disk, std::string_view key, const ir::Kernel& kernel,
                                    const Options& options) {
  auto start = StageClock::now();
  const auto found = disk.find(key);
  if (!found || found->payload().size() < sizeof(Numbers)) return nullptr;
  const std::string_view object = found->payload().substr(0, found->payload().size() - sizeof(Numbers));
  Numbers numbers{};
  std::memcpy(&numbers, object.data() + object.size(), sizeof numbers);
  if (!fits(numbers, kernel)) return nullptr;
  Timing timing{
      .disk_ms = milliseconds(StageClock::now() - start), .begin = start, .thread = thread_number()};
  start = StageClock::now();
  auto image = Image::link(object, kEntryName);
  if (!image) return nullptr;
  timing.link_ms = milliseconds(StageClock::now() - start);
  return std::make_unique<FromDisk>(std::move(image), numbers, kernel, options, timing);
}

}  // namespace mc::jit
