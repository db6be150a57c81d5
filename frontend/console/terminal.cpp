// Results go out by write(2): the buffer is one string, and an error is known before the exit code is chosen.
#include "frontend/console/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cwchar>
#include <iterator>
#include <string>
#include <utility>

#include <fcntl.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mc::console {
namespace {

/// A descriptor that the parent closed would go to the next file we open, and results with it. This takes the
/// place with one that fails in use.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) == -1) open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
  }
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool OutputError::is_closed_pipe() const { return code() == std::errc::broken_pipe; }

void set_up_terminal() {
  std::signal(SIGPIPE, SIG_IGN);  // write() says EPIPE instead
  std::signal(SIGXFSZ, SIG_IGN);  // and EFBIG
  occupy_standard_descriptors();
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw OutputError(errno, std::generic_category(), "cannot write to stdout");
    }
  }
}

bool has_colour(int descriptor) {
  const char* term = std::getenv("TERM");
  return isatty(descriptor) != 0 && !is_set("NO_COLOR") && term != nullptr &&
         std::string_view(term) != "dumb";
}

bool can_redraw() {
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

bool shows_sixels() {
  constexpr std::string_view kTerminals[] = {"foot", "mlterm", "contour", "yaft", "WezTerm", "iTerm.app"};
  if (isatty(STDOUT_FILENO) == 0) return false;
  if (is_set("MC_SIXEL")) return std::string_view(std::getenv("MC_SIXEL")) == "1";
  constexpr const char* kVariables[] = {"TERM", "TERM_PROGRAM"};
  return std::ranges::any_of(kVariables, [&](const char* variable) {
    if (!is_set(variable)) return false;
    const std::string_view name = std::getenv(variable);
    return std::ranges::any_of(kTerminals, [&](std::string_view each) { return name.starts_with(each); });
  });
}

std::size_t terminal_width(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

std::size_t terminal_height(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

bool has_utf8_locale() {
  std::setlocale(LC_CTYPE, "");
  return std::string_view(nl_langinfo(CODESET)) == "UTF-8";
}

namespace {

/// The sign that the text begins with: its bytes, its number, and columns that it takes. The change of a
/// colour is one that takes none.
struct Sign {
  std::size_t size;
  char32_t code;
  std::size_t columns;
};

Sign sign(std::string_view text) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  if (text.starts_with("\033[")) return {std::min(text.find('m'), text.size() - 1) + 1, U'\033', 0};
  if (byte(0) < 0x80) return {1, byte(0), 1};
  char32_t code = byte(0) & (byte(0) >= 0xF0 ? 0x07 : byte(0) >= 0xE0 ? 0x0F : 0x1F);
  std::size_t size = 1;
  while (size < text.size() && (byte(size) & 0xC0) == 0x80) code = code << 6 | (byte(size++) & 0x3F);
  const int wide = wcwidth(static_cast<wchar_t>(code));  // -1: the locale does not know it
  return {size, code, wide < 0 ? 1 : static_cast<std::size_t>(wide)};
}

}  // namespace

std::string in_ascii(std::string_view text, bool in_place) {
  constexpr std::pair<char32_t, std::string_view> kSigns[] = {
      {U'·', "-"},  {U'∫', "integral"}, {U'±', "+-"},   {U'…', "..."},
      {U'²', "^2"}, {U'–', "-"},        {U'√', "sqrt "}};
  std::string ascii;
  while (!text.empty()) {
    const Sign next = sign(text);
    const auto* known = std::ranges::find(kSigns, next.code, &std::pair<char32_t, std::string_view>::first);
    if (static_cast<unsigned char>(text.front()) < 0x80)
      ascii += text.substr(0, next.size);
    else if (in_place)
      ascii.append(next.columns, next.code == U'…' ? '~' : '?');
    else
      ascii += known != std::end(kSigns) ? known->second : "?";
    text.remove_prefix(next.size);
  }
  return ascii;
}

std::string_view first_columns(std::string_view text, std::size_t width) {
  std::size_t at = 0, used = 0;
  while (at < text.size()) {
    const Sign next = sign(text.substr(at));
    if (used + next.columns > width) break;
    at += next.size;
    used += next.columns;
  }
  return text.substr(0, at);
}

std::size_t columns(std::string_view text) {
  std::size_t used = 0;
  while (!text.empty()) {
    const Sign next = sign(text);
    used += next.columns;
    text.remove_prefix(next.size);
  }
  return used;
}

Filled filled_rows(std::string_view line, std::size_t width) {
  std::size_t rows = 0;
  for (;;) {
    const std::string_view row = first_columns(line, width);
    if (row.size() == line.size() && columns(row) < width) return {rows, columns(row)};
    ++rows;
    line.remove_prefix(row.empty() ? line.size() : row.size());
  }
}

}  // namespace mc::console
