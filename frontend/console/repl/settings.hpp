// What `:set` changes: how runs are made and shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc::console {

struct Settings {
  Options options;
  bool time = true;  ///< say what a run took
  int digits = 2;    ///< of errors

  /// The name may be cut short. Throws FlagError for what there is not, or a value it cannot have.
  void set(std::string_view name, std::string_view value);

  /// The commands that set all that answers depend on.
  std::vector<std::string> decisive() const;
};

struct Setting {
  std::string_view name, help;
  std::string value;
  std::string_view values;  ///< that it may have, parted by spaces; empty where they are numbers
};
std::vector<Setting> shown(const Settings& settings);

/// The name that one, which may be cut short, stands for. Throws FlagError.
std::string_view setting_named(std::string_view name);

}  // namespace mc::console
