// What `:set` changes: how runs are made and shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

namespace mc::console {

struct Settings {
  Options options;
  bool has_samples = false;  ///< set by the user; else a target may take many more
  bool time = true;          ///< say what a run took

  /// Throws FlagError for what there is not, or a value it cannot have.
  void set(std::string_view name, std::string_view value);
};

struct Setting {
  std::string_view name, help;
  std::string value;
};
std::vector<Setting> shown(const Settings& settings);

}  // namespace mc::console
