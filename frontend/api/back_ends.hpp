// What a back end is called.
#pragma once

#include <string_view>

#include <mc/mc.hpp>

namespace mc {

/// As backends() has it; lives as long as the process.
std::string_view name_of(Backend backend);

}  // namespace mc
