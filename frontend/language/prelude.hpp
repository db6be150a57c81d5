// The library's texts (frontend/library/*.mc): what they define is known at once, each definition is parsed
// when a program first uses it.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
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
    bool takes_numbers;  ///< makes loops of its own out of numbers: so vectors are given to it element by
                         ///< element
  };

  Prelude();

  /// Throw std::logic_error where the text does not parse: a fault of the build, which the tests catch.
  std::optional<Entry> function(std::string_view name) const { return find(functions_, name); }
  std::optional<Entry> sampler(std::string_view name) const { return find(samplers_, name); }

  std::vector<std::string_view> function_names() const { return names(functions_); }
  std::vector<std::string_view> sampler_names() const { return names(samplers_); }
  /// Names with their definitions as they stand in the library.
  std::vector<std::pair<std::string_view, std::string_view>> function_texts() const {
    return texts(functions_);
  }
  std::vector<std::pair<std::string_view, std::string_view>> sampler_texts() const {
    return texts(samplers_);
  }

 private:
  struct Definition {
    std::string_view name, text;
    mutable std::once_flag once;
    mutable std::unique_ptr<const Program> program;  ///< of this one statement
    mutable bool takes_numbers = false;

    Definition(std::string_view name, std::string_view text) : name(name), text(text) {}
    Entry entry() const;
    void parse() const;
  };
  using Definitions = std::deque<Definition>;

  void add(std::string_view text);
  static std::optional<Entry> find(const Definitions& definitions, std::string_view name);
  static std::vector<std::string_view> names(const Definitions& definitions);
  static std::vector<std::pair<std::string_view, std::string_view>> texts(const Definitions& definitions);

  Definitions functions_, samplers_;
};

/// The process's prelude.
const Prelude& prelude();

}  // namespace mc::language
