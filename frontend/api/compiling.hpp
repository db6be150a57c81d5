// compile() with functions that are written elsewhere, and machine code before anybody asks for it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/language/external.hpp"

namespace mc {

using Externals = std::vector<std::shared_ptr<const language::External>>;

/// A program, or a moment with a density, that may call these functions.
Moment compile_with(std::string_view program, std::optional<std::string_view> density, Externals externals,
                    const Limits& limits);

/// Makes machine code for the signature that these arguments give, now, and keeps it on disk. Throws Error.
void make_code(const Moment& moment, const Options& options, const Box* box);

}  // namespace mc
