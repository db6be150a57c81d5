// Pages of HTML that need nothing beside themselves: they read on a telephone, on paper, and in the dark.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/console/pictures/figure.hpp"

namespace mc::console {

/// Text between tags or in an attribute.
std::string escaped(std::string_view text);

/// `body` is HTML.
std::string page(std::string_view title, std::string_view body);

/// Who draws a page's pictures: gnuplot as SVG, else they are text.
struct Draughtsman {
  bool is_gnuplot;
  std::stop_token stop = {};
};

/// A picture within a page; `number` tells it from the page's others.
std::string picture_html(const Picture& picture, std::size_t number, const Draughtsman& by);

/// A page of one picture, with the line that it came of.
std::string picture_page(const Picture& picture, std::string_view line, const Draughtsman& by);

}  // namespace mc::console
