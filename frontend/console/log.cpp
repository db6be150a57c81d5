#include "frontend/console/log.hpp"

#include <cstdlib>

#include <spdlog/cfg/env.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mc::console {
namespace {

spdlog::level::level_enum of(Level level) {
  return level == Level::debug     ? spdlog::level::debug
         : level == Level::warning ? spdlog::level::warn
                                   : spdlog::level::err;
}

}  // namespace

/// No time, no thread: what a person reads.
void set_up_log() {
  const auto logger = spdlog::stderr_logger_mt("moment");
  logger->set_pattern("%v");
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::warn);
  spdlog::cfg::load_env_levels();
  if (const char* level = std::getenv("MC_LOG")) spdlog::cfg::helpers::load_levels(level);
}

bool is_logged(Level level) { return spdlog::should_log(of(level)); }

void log(Level level, std::string_view text) { spdlog::log(of(level), text); }

}  // namespace mc::console
