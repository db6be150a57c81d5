#include "frontend/console/gnuplot.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "frontend/console/subprocess.hpp"

namespace mc::console {

std::string no_gnuplot(std::string_view consequence) {
  return fmt::format("there is no gnuplot, so {}; on Debian: apt-get install gnuplot-nox", consequence);
}

bool has_gnuplot(const std::stop_token& stop) {
  return run({.words = {"gnuplot", "--version"}}, stop).is_good();
}

/// -d: without what stands in ~/.gnuplot.
std::string gnuplot(const std::string& script, const std::stop_token& stop) {
  Finished drawn = run({.words = {"gnuplot", "-d", "-"}, .input = script}, stop);
  if (!drawn.is_good() || drawn.out.empty())
    throw std::runtime_error("gnuplot cannot draw the picture: " + drawn.err);
  return std::move(drawn.out);
}

std::string gnuplot_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    out += c == '\'' ? "’" : std::string(1, is_control ? ' ' : c);
  }
  return out + "'";
}

}  // namespace mc::console
