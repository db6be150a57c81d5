// `moment repl` at a terminal of its own, with a home of its own.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/console/pseudo_terminal.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {

/// Its history is its own too.
class AtATerminal : public ::testing::Test {
 protected:
  /// A prompt that is ready for keys, in the place of the last one.
  PseudoTerminal& open(unsigned short columns = 100, std::vector<std::string> more = {"LC_ALL=C.UTF-8"},
                       unsigned short rows = 24) {
    terminal_ = start(columns, std::move(more), rows);
    return *terminal_;
  }
  std::unique_ptr<PseudoTerminal> start(unsigned short columns = 100,
                                        std::vector<std::string> more = {"LC_ALL=C.UTF-8"},
                                        unsigned short rows = 24) const {
    more.insert(more.begin(), {"HOME=" + home_.path(), "XDG_STATE_HOME=", "NO_COLOR=1"});
    auto terminal =
        std::make_unique<PseudoTerminal>(std::vector<std::string>{"repl"}, columns, std::move(more), rows);
    EXPECT_TRUE(terminal->shows("mc> ")) << terminal->written();
    return terminal;
  }

  testing::TemporaryFolder home_;
  std::unique_ptr<PseudoTerminal> terminal_;
};

}  // namespace mc::console_test
