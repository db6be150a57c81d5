// Streams a generator's words to stdout without end, for batteries of tests that read them from a pipe:
//   random_words GENERATOR COORDINATES SEED both|low|high
// Words go out as the machine keeps them; on a little-endian one a reader of 32 bits at a time gets the low
// half first.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/engine/random/reference.hpp"
#include "tests/statistics/words.hpp"

namespace mc::testing {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

template <class Number>
bool write(const std::vector<Number>& numbers) {
  return std::fwrite(numbers.data(), sizeof(Number), numbers.size(), stdout) == numbers.size();
}

/// Until the reader closes the pipe.
void stream_words(Words& words) {
  while (write(words.next_tile())) {
  }
}

void stream_halves(Words& words, unsigned shift) {
  std::vector<std::uint32_t> halves;
  do {
    halves.clear();
    for (std::uint64_t word : words.next_tile()) halves.push_back(static_cast<std::uint32_t>(word >> shift));
  } while (write(halves));
}

int complain() {
  std::vector<std::string_view> names;
  for (const random::Generator each : kGenerators) names.push_back(random::name(each));
  fmt::print(stderr, "usage: random_words {} COORDINATES SEED both|low|high\n", fmt::join(names, "|"));
  return 2;
}

int stream(std::string_view generator_name, std::string_view coordinates_text, std::string_view seed_text,
           std::string_view half) {
  constexpr std::uint64_t kMostCoordinates = 64;  // all of a tile's draws are written out in one kernel
  const auto* generator = std::ranges::find(kGenerators, generator_name, &random::name);
  const auto coordinates = number(coordinates_text), seed = number(seed_text);
  if (generator == std::end(kGenerators) || !seed || coordinates.value_or(0) < 1 ||
      *coordinates > kMostCoordinates)
    return complain();
  Words words(*generator, static_cast<unsigned>(*coordinates), *seed);
  if (half == "both")
    stream_words(words);
  else if (half == "low" || half == "high")
    stream_halves(words, half == "low" ? 0 : 32);
  else
    return complain();
  return 0;
}

}  // namespace
}  // namespace mc::testing

int main(int count, char** arguments) {
  if (count != 5) return mc::testing::complain();
  return mc::testing::stream(arguments[1], arguments[2], arguments[3], arguments[4]);
}
