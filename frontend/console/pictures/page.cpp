#include "frontend/console/pictures/page.hpp"

#include <fmt/format.h>

#include "frontend/console/gnuplot.hpp"
#include "frontend/console/pictures/gnuplot_picture.hpp"
#include "frontend/console/pictures/text_picture.hpp"

namespace mc::console {
namespace {

constexpr std::string_view kStyle = R"css(
:root { --ink: #1b1f24; --soft: #5d6670; --line: #d9dee3; --paper: #ffffff; --code: #f4f6f8; --warn: #9a4d00; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ec; --soft: #9aa5b1; --line: #38414b; --paper: #15191e; --code: #1f252c; --warn: #f0a85c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 52rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .8rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .9rem; }
code, pre { font: .88rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { margin: .6rem 0; padding: .8rem 1rem; background: var(--code); border-radius: 6px; overflow-x: auto; }
.answer { margin: 1.4rem 0; break-inside: avoid; }
.answer table { border-collapse: collapse; margin: .3rem 0; }
.answer td { padding: .1rem 1.4rem .1rem 0; vertical-align: baseline; }
.answer td code { overflow-wrap: anywhere; }
.value { font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.warning { color: var(--warn); }
pre.drawn { line-height: 1.1; }
figure { margin: 1.8rem 0; break-inside: avoid; overflow-x: auto; }
figure svg { display: block; width: 100%; min-width: 27rem; max-width: 46rem; height: auto; }
figcaption { margin-bottom: .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: .6rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 36rem) { .answer td { display: block; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print {
  :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --code: #f6f6f6; color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  figure svg { min-width: 0; }
  pre:not(.drawn) { white-space: pre-wrap; overflow-wrap: anywhere; }
}
)css";

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += is_control ? ' ' : c;
    }
  }
  return out;
}

std::string page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"/>\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      escaped(title), kStyle, body);
}

std::string picture_html(const Picture& picture, std::size_t number, const Draughtsman& by) {
  if (!by.is_gnuplot) return "<pre class=\"drawn\">" + escaped(drawn(picture, {.width = 72})) + "</pre>\n";
  std::string html = inline_svg(gnuplot(gnuplot_script(picture, Format::page), by.stop), number);
  for (const std::string& note : std::visit([](const auto& each) { return each.notes; }, picture))
    html += fmt::format("<p class=\"soft\">{}</p>\n", escaped(note));
  return html;
}

std::string picture_page(const Picture& picture, std::string_view line, const Draughtsman& by) {
  return page(line, fmt::format("<figure>\n<figcaption><code>{}</code></figcaption>\n{}</figure>\n",
                                escaped(line), picture_html(picture, 1, by)));
}

}  // namespace mc::console
