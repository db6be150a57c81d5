// MC_DEBUG=parse,ir,llvm: what is made of a program, stage by stage, on stderr as it goes. MC_LOG=debug: what
// went on.
#pragma once

#include <string>

#include <mc/mc.hpp>

#include "frontend/console/task.hpp"

namespace mc::console {

/// The statements, before anything is compiled. Throws SyntaxError, and FlagError for a name that is no
/// stage's.
void show_parsed(const std::string& program);

/// All the other stages that are named, in their order. Throws mc::Error.
void show_stages(const Moment& moment, const Task& task);

/// Where they are not to be had: warns, if any is named.
void show_no_stages();

/// Logs where machine code came from, which back end took over when, and the device.
void log_run(const Report& report);

}  // namespace mc::console
