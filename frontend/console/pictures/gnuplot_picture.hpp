// A picture as gnuplot's script.
#pragma once

#include <string>

#include "frontend/console/pictures/figure.hpp"

namespace mc::console {

enum class Format {
  svg,     ///< on white
  page,    ///< SVG for a page, on nothing and in the page's own colour
  pixels,  ///< PNG
  sixels   ///< for a terminal that shows them
};

/// Which draws it on gnuplot's stdout.
std::string gnuplot_script(const Picture& picture, Format format);

/// An SVG of Format::page as it may stand in HTML beside others: `number` tells its names from theirs.
std::string inline_svg(std::string svg, std::size_t number);

}  // namespace mc::console
