// Words for people, on stderr, through spdlog, which log.cpp alone sees: its headers take longer to compile
// than any room of ours.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace mc::console {

enum class Level { debug, warning, error };

/// Its level is MC_LOG's, or SPDLOG_LEVEL's (default: warn).
void set_up_log();

/// Whether it would be seen.
bool is_logged(Level level);
/// One line, or several; the end of the last is added.
void log(Level level, std::string_view text);

template <class... Values>
void log_debug(fmt::format_string<Values...> text, Values&&... values) {
  if (is_logged(Level::debug)) log(Level::debug, fmt::format(text, std::forward<Values>(values)...));
}
inline void log_warning(std::string_view text) { log(Level::warning, text); }
inline void log_error(std::string_view text) { log(Level::error, text); }

}  // namespace mc::console
