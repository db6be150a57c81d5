// A picture as lines of characters, for any terminal from 20 columns on.
#pragma once

#include <string>

#include "frontend/console/pictures/canvas.hpp"
#include "frontend/console/pictures/figure.hpp"

namespace mc::console {

/// No line is wider than the look, if that has 20 columns.
std::string drawn(const Picture& picture, const Look& look);

/// At most `width` columns; what is cut off ends with … .
std::string shortened(std::string_view text, std::size_t width, bool is_ascii);

}  // namespace mc::console
