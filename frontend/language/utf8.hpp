// UTF-8 as the lexer and the diagnostics need it: decoding that survives any bytes, and the classes of
// characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mc::language {

/// One decoded character. Bytes that are not UTF-8 come out one by one with `valid` false.
struct Character {
  char32_t code = 0;
  std::uint32_t size = 1;
  bool valid = false;
};

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The character at `at`, which must lie inside the text. Overlong forms and surrogates are not valid.
constexpr Character decode(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {lead, 1, true};
  const std::uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < size) return {};
  char32_t code = lead & (0x7Fu >> size);
  for (std::uint32_t k = 1; k < size; ++k) {
    if (!is_continuation(text[at + k])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[at + k]) & 0x3F);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {code, size, true};
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Letters of the Greek block; not its punctuation, whose question mark looks like a semicolon.
constexpr bool is_greek_letter(char32_t c) {
  if (c < 0x370 || c > 0x3FF) return false;
  const bool sign = c == 0x375 || c == 0x37E || c == 0x384 || c == 0x385 || c == 0x387 || c == 0x3F6;
  const bool unassigned =
      c == 0x378 || c == 0x379 || (c >= 0x380 && c <= 0x383) || c == 0x38B || c == 0x38D || c == 0x3A2;
  return !sign && !unassigned && c != 0x374 && c != 0x37A;
}

/// Roughly the letters of other scripts, accents included: enough to show a refused name as a whole.
constexpr bool is_foreign_letter(char32_t c) {
  if (is_greek_letter(c) || c == 0xD7 || c == 0xF7 || c == 0x37E || c == 0x387) return false;
  return c == 0xB5 || (c >= 0xC0 && c < 0x2000) || (c >= 0x2C00 && c < 0x2E00) ||
         (c >= 0x3040 && c < 0xE000) || (c >= 0xF900 && c < 0xFB50) || c >= 0x1D400;
}

/// Controls, and the invisible characters that reorder, join or hide text: a terminal must not see them raw.
constexpr bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD || c == 0x61C || c == 0x115F || c == 0x1160 ||
         c == 0x180E || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/// Columns a terminal gives to a visible character: none to a combining mark, two to East Asian wide ones.
constexpr std::size_t column_width(char32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || (c >= 0x20D0 && c <= 0x20FF)) return 0;
  const bool wide =
      (c >= 0x1100 && c <= 0x115E) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
      (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF01 && c <= 0xFF60) ||
      (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace mc::language
