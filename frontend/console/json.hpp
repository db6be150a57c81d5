// JSON as the command writes it: keys in their order.
#pragma once

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

namespace mc::console {

using Json = nlohmann::ordered_json;

/// JSON has no NaN and no infinity: they are null here, and value_hex tells which.
inline Json json_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// On one line, unless there is an indent. What is no UTF-8 is replaced: a program may hold anything.
inline std::string json_text(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mc::console
