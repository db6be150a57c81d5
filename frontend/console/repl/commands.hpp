// The table of commands: what begins with a colon.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/console/repl/prompt.hpp"

namespace mc::console {

struct CommandHelp {
  std::string_view name, arguments, help;
};
std::vector<CommandHelp> commands();

/// A line as the command that it is, without the colon and without a comment: `:set seed 2`, `?sin`, and
/// `help` or `quit` where nothing else has that name. Nothing for other lines.
std::optional<std::string> command_in(std::string_view line, const Session& session);

/// What the command says, if it only looks, in lines that fit. Throws FlagError.
std::optional<std::string> looked(std::string_view command, const View& view, const Look& look);

/// What a command may be followed by, as far as it is one of a few words: settings, their values, stages.
std::vector<std::string> words_after(std::string_view command, const Settings& settings);

/// Whether a file's name follows the command.
bool takes_file(std::string_view command);

/// What `:help TOPIC` says; empty where there is none.
std::string help_about(std::string_view topic, const View& view);

}  // namespace mc::console
