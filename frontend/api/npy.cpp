// The header is a Python literal, {'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }, in that or any
// other order, padded with spaces (NEP 1).
#include "frontend/api/npy.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "frontend/api/errors.hpp"

namespace mc::npy {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Kind {
  std::string_view descr;
  NumberType type;
};
/// Truth values lie there as bytes of 0 and 1.
constexpr Kind kKinds[] = {{"<f8", NumberType::f64}, {"<f4", NumberType::f32}, {"<i8", NumberType::i64},
                           {"<i4", NumberType::i32}, {"|u1", NumberType::u8},  {"<u1", NumberType::u8},
                           {"|b1", NumberType::u8}};

/// What stands in the header.
struct Header {
  std::optional<std::string> descr;  ///< empty for one that is no string: fields of records
  std::optional<bool> is_fortran;
  std::optional<std::vector<std::uint64_t>> shape;
  bool is_whole() const { return descr && is_fortran && shape; }
};

/// Reads as much of a literal as headers have; `fine` is false once something else is met.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Header run() {
    Header header;
    expect('{');
    while (fine_ && !accept('}')) {
      const std::string key = string();
      expect(':');
      value_of(key, header);
      if (!accept(',') && !next_is('}')) fine_ = false;
    }
    return fine_ ? header : Header{};
  }

 private:
  void value_of(std::string_view key, Header& header) {
    if (key == "descr" && next_is('[')) {
      header.descr.emplace();
      skip_list();
    } else if (key == "descr") {
      header.descr = string();
    } else if (key == "fortran_order") {
      header.is_fortran = truth();
    } else if (key == "shape") {
      header.shape = numbers();
    } else {
      fine_ = false;
    }
  }

  void skip_spaces() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t'))
      text_.remove_prefix(1);
  }
  bool next_is(char c) {
    skip_spaces();
    return text_.starts_with(c);
  }
  bool accept(char c) {
    if (!next_is(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { fine_ &= accept(c); }

  std::string string() {
    const char quote = next_is('"') ? '"' : '\'';
    expect(quote);
    const std::size_t end = text_.find(quote);
    if (end == text_.npos) fine_ = false;
    std::string found(text_.substr(0, end));
    text_.remove_prefix(fine_ ? end + 1 : text_.size());
    return found;
  }

  bool truth() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair(std::string_view("True"), true), {"False", false}})
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return value;
      }
    return fine_ = false;
  }

  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('(');
    while (fine_ && !accept(')')) {
      skip_spaces();
      const auto [end, wrong] =
          std::from_chars(text_.data(), text_.data() + text_.size(), all.emplace_back());
      if (wrong != std::errc{}) fine_ = false;
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (text_.starts_with('L')) text_.remove_prefix(1);  // of Python 2
      if (!accept(',') && !next_is(')')) fine_ = false;
    }
    return all;
  }

  void skip_list() {
    int depth = 0;
    do {
      if (text_.empty()) return;
      depth += (text_[0] == '[') - (text_[0] == ']');
      text_.remove_prefix(1);
    } while (depth > 0);
  }

  std::string_view text_;
  bool fine_ = true;
};

[[noreturn]] void refuse(const std::string& name, std::string_view why, std::string hint = {}) {
  fail<ArgumentError>(fmt::format("{}: {}", language::printable(name), why), std::move(hint));
}

constexpr std::string_view kTypes = "f8, f4, i8, i4 and u1 are read: numpy.save(file, a.astype('f8'))";

NumberType type_of(const std::string& descr, const std::string& name) {
  for (const Kind& kind : kKinds)
    if (kind.descr == descr) return kind.type;
  const std::string shown = language::printable(descr);
  if (descr.empty()) refuse(name, "an array of records", "numpy.save one field of it: a['name']");
  if (descr.starts_with('>'))
    refuse(name, fmt::format("its numbers are big endian ({})", shown),
           "numpy.save(file, a.astype(a.dtype.newbyteorder('<')))");
  if (descr.starts_with("|O")) refuse(name, "an array of Python objects", std::string(kTypes));
  refuse(name, fmt::format("an array of {}", shown), std::string(kTypes));
}

std::uint32_t little_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = value << 8 | static_cast<std::uint32_t>(bytes[k]);
  return value;
}

/// The header's text, and where the numbers begin.
std::string_view header_of(std::span<const std::byte> file, const std::string& name, std::size_t& begin) {
  const auto cut_off = [&] { refuse(name, "cut off in its header", "copy it once more"); };
  if (file.size() < 10) cut_off();
  const auto version = static_cast<unsigned>(file[6]);
  if (version < 1 || version > 3)
    refuse(name, fmt::format("a .npy of version {}, and 1 to 3 are known", version));
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  begin = 8 + length_bytes;
  if (file.size() < begin) cut_off();
  const std::size_t length = little_endian(file.subspan(8, length_bytes));
  if (file.size() - begin < length) cut_off();
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + begin, length);
  begin += length;
  return text;
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (std::uint64_t each : shape) text += (text.empty() ? "" : ", ") + std::to_string(each);
  return fmt::format("({}{})", text, shape.size() == 1 ? "," : "");
}

}  // namespace

bool is_npy(std::span<const std::byte> file) {
  return file.size() >= kMagic.size() && std::memcmp(file.data(), kMagic.data(), kMagic.size()) == 0;
}

Array read(std::span<const std::byte> file, const std::string& name) {
  if (!is_npy(file)) refuse(name, "no .npy file: it does not begin with \\x93NUMPY", "numpy.save makes such");
  Array array;
  const Header header = Reader(header_of(file, name, array.begin)).run();
  if (!header.is_whole()) refuse(name, "its header is not one of a .npy file");
  array.type = type_of(*header.descr, name);
  const std::vector<std::uint64_t>& shape = *header.shape;
  if (shape.empty() || shape.size() > 2)
    refuse(name, fmt::format("its shape is {}", shape_text(shape)), "vectors and matrices are read");
  if (*header.is_fortran && shape.size() == 2)
    refuse(name, "its columns, not its rows, stand one after another (fortran_order)",
           "numpy.save(file, numpy.ascontiguousarray(a))");
  array.rows = shape[0];
  if (shape.size() == 2) array.columns = shape[1];
  const std::uint64_t columns = array.columns.value_or(1), left = file.size() - array.begin;
  const std::uint64_t most = left / detail::bytes_of(array.type);
  // Of no rows, they may be of any length.
  if (columns > std::uint64_t{PTRDIFF_MAX} / detail::bytes_of(array.type) && array.rows == 0)
    refuse(name, fmt::format("its shape is {}: rows longer than any memory", shape_text(shape)));
  if (columns != 0 && array.rows > most / columns)
    refuse(name,
           fmt::format("cut off: an array of shape {} is longer than the {} bytes that are there",
                       shape_text(shape), left),
           "copy it once more");
  return array;
}

}  // namespace mc::npy
