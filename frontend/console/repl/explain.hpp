// What is computed when a question is asked, how fast that is and how fast it could be: for people.
#pragma once

#include <string>

#include <mc/mc.hpp>

#include "frontend/console/repl/session.hpp"

namespace mc::console {

/// Several lines. Computes samples for a tenth of a second, longer where one takes long, and makes machine
/// code for that unless the options name another back end. Throws FlagError where it is stopped.
std::string explanation(const Question& question, const Options& options);

}  // namespace mc::console
