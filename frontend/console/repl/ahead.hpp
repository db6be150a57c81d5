// Machine code for a question that stands on the line, while its writer is about to press Enter: to make it
// takes longer than a million samples of most programs.
#pragma once

#include <string_view>

#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/repl/worker.hpp"

namespace mc::console {

class Ahead {
 public:
  /// Unless it is at work, or the settings want none. Equal kernels share it. What is wrong with the line is
  /// said once it is entered.
  void make(std::string_view line, View view);

 private:
  Worker worker_;
};

}  // namespace mc::console
