// The library's texts (frontend/library/*.mc), parsed once a process, and what they define.
#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "frontend/language/parser.hpp"

namespace mc::language {

class Prelude {
 public:
  /// A function or sampler with the text it stands in.
  struct Entry {
    std::string_view name;
    const Program* program;
    const Statement* statement;
  };

  Prelude();
  std::optional<Entry> function(std::string_view name) const { return find(functions_, name); }
  std::optional<Entry> sampler(std::string_view name) const { return find(samplers_, name); }
  /// Whether it makes loops of its own out of numbers, so that vectors are given to it element by element.
  bool takes_numbers(const Statement& function) const { return takes_numbers_.contains(&function); }
  std::vector<std::string_view> function_names() const { return names(functions_); }
  std::vector<std::string_view> sampler_names() const { return names(samplers_); }

 private:
  static std::optional<Entry> find(const std::vector<Entry>& entries, std::string_view name);
  static std::vector<std::string_view> names(const std::vector<Entry>& entries);

  std::deque<Program> programs_;
  std::vector<Entry> functions_, samplers_;
  std::unordered_set<const Statement*> takes_numbers_;
};

/// The process's prelude. Throws std::logic_error where a library text does not parse: a fault of the build,
/// which the tests catch.
const Prelude& prelude();

}  // namespace mc::language
