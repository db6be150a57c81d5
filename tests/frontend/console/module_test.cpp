// The module with LLVM in it: never opened for a small job, found beside the program wherever both lie, and
// missed politely.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

namespace fs = std::filesystem;

const std::string kProgram = "x ~ uniform(0,1)^2; E[sum(x_i^2)]";
const std::string kModule = "libmc_llvm.so";
constexpr const char* kLoads = "LD_DEBUG=files";  ///< the dynamic linker says on stderr what it opens

/// Without a disk cache, from which machine code would come without the module.
Start eval(const std::string& back_end, std::vector<std::string> environment) {
  environment.emplace_back("MC_CACHE_DIR=/dev/null");
  return {{"eval", kProgram, "--samples", "1e4", "--backend", back_end}, "", std::move(environment)};
}

/// What the linker says of a small job. On a busy machine a job may look large, as it takes long: one of a
/// few does not.
std::string loaded_by_a_small_job() {
  std::string loaded;
  for (int k = 0; k < 5; ++k) {
    const Ended ended = moment(eval("auto", {kLoads}));
    EXPECT_EQ(ended.exit, 0);
    loaded = ended.err;
    if (loaded.find(kModule) == std::string::npos) break;
  }
  return loaded;
}

TEST(Module, IsNotOpenedForASmallJob) {
  const std::string loaded = loaded_by_a_small_job();
  EXPECT_NE(loaded.find("libc.so"), std::string::npos) << "the linker says nothing";
  EXPECT_EQ(loaded.find(kModule), std::string::npos);
}

/// Each would cost as much as an empty process.
TEST(Module, NorAreOtherLibrariesThanTheSystems) {
  const std::string loaded = loaded_by_a_small_job();
  for (const char* library : {"libstdc++", "libgcc_s", "libfmt", "libspdlog", "libz.", "libzstd"})
    EXPECT_EQ(loaded.find(library), std::string::npos) << library;
}

TEST(Module, GivesTheInterpretersBits) {
  const Ended interpreter = moment(eval("interpreter", {})), llvm = moment(eval("llvm", {}));
  EXPECT_EQ(llvm.exit, 0) << llvm.err;
  EXPECT_EQ(llvm.out.substr(0, llvm.out.find("  ")), interpreter.out.substr(0, interpreter.out.find("  ")));
}

/// Two files side by side are all that another machine needs.
TEST(Module, IsFoundBesideTheProgram) {
  const fs::path folder = fs::temp_directory_path() / ("moment_carried_" + std::to_string(getpid()));
  const fs::path program = MC_MOMENT;
  fs::create_directories(folder);
  fs::copy_file(program, folder / "carried");
  fs::copy_file(program.parent_path() / kModule, folder / kModule);
  const std::string log = (folder / "log").string();
  const std::string command = "MC_CACHE_DIR=/dev/null " + std::string(kLoads) + " " +
                              (folder / "carried").string() + " eval '" + kProgram +
                              "' --samples 1e4 --backend llvm >/dev/null 2>" + log;
  EXPECT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(std::system(("grep -q 'file=" + (folder / kModule).string() + "' " + log).c_str()), 0);
  fs::remove_all(folder);
}

const Row kRows[] = {
    {"missing", eval("llvm", {"MC_LLVM_MODULE=/nonexistent/module.so"}), 3, "",
     "LLVM could not compile the kernel: its module is not there .*/nonexistent/module.so.*\n.*interpreter"},
    {"no module", eval("llvm", {"MC_LLVM_MODULE=libm.so.6"}), 3, "", "libm.so.6 is of another build"},
    {"another emitter", eval("llvm", {"MC_LLVM_MODULE=" MC_OTHER_MODULE}), 3, "", "is of another build"},
    {"not even asked for", eval("auto", {"MC_LLVM_MODULE=/nonexistent/module.so"}), 0, "interpreter"},
    {"large and missing",
     {{"eval", kProgram, "--samples", "3e7"},
      "",
      {"MC_LLVM_MODULE=/nonexistent/module.so", "MC_CACHE_DIR=/dev/null"}},
     0,
     "3e7 samples .* interpreter"},
    {"dumped",
     {{"eval", kProgram, "--dump", "assembly"},
      "",
      {"MC_LLVM_MODULE=/nonexistent/module.so", "MC_CACHE_DIR=/dev/null"}},
     3,
     "",
     "is not there"},
};

TEST(Module, IsMissedPolitely) {
  for (const Row& row : kRows) check(row);
}

}  // namespace
}  // namespace mc::console_test
