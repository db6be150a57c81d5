// Mixes numbers and names one after another into a hash for a table in memory.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>

namespace mc {

class Hasher {
 public:
  template <class T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void add(T number) {
    value_ = (value_ ^ static_cast<std::size_t>(number)) * 0x9E3779B97F4A7C15 + (value_ >> 29);
  }
  void add(std::string_view name) { add(std::hash<std::string_view>()(name)); }
  std::size_t value() const { return value_; }

 private:
  std::size_t value_ = 0;
};

}  // namespace mc
