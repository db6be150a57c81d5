// Processes that are killed while they write the disk cache.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "tests/frontend/console/cached.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

/// Tells when a file is made in a folder.
class Watch {
 public:
  explicit Watch(const std::string& folder) : events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(inotify_add_watch(events_, folder.c_str(), IN_CREATE), 0);
  }
  ~Watch() { close(events_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Without sleeping, as a file is written in some tens of microseconds. False after that long.
  bool sees_a_new_file(std::chrono::milliseconds limit) const {
    alignas(inotify_event) char event[4096];
    const auto end = std::chrono::steady_clock::now() + limit;
    while (read(events_, event, sizeof event) <= 0)
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  }
  void forget() const {
    while (sees_a_new_file(std::chrono::milliseconds(0))) continue;
  }

 private:
  int events_;
};

std::size_t unfinished_in(const std::string& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    count += entry.path().filename().string().starts_with(".moment-tmp-");
  return count;
}

/// kill -9 while the cache is written: three of four at the moment in which a file appears or some
/// microseconds later, the others at any time of the process's life. What runs next gives the right bits.
TEST(Cache, Survives200KillsWhileItIsWritten) {
  const TemporaryFolder folder;
  const Watch watch(folder.path());
  std::mt19937_64 random(1);
  std::size_t from_disk = 0, killed = 0;
  int k = 0;
  for (; k < 200 || (k < 1000 && unfinished_in(folder.path()) == 0); ++k) {
    const std::string program = "x ~ uniform(0,1)^2; E[sum(x_i^2)], E[" + std::to_string(k + 2) + "*x_1]";
    watch.forget();
    {
      Process victim(compiled(folder.path(), program));
      if (k % 4 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
      else if (watch.sees_a_new_file(std::chrono::seconds(60)))
        for (std::uint64_t spin = random() % 20'000; spin > 0; --spin) asm volatile("");
      victim.signal(SIGKILL);
      killed += victim.wait().exit == -SIGKILL;
    }
    const Answer clean = answer_of(moment(compiled(folder.path(), program)));
    ASSERT_EQ(clean.values, values_without_a_compiler(program)) << "after kill " << k;
    from_disk += clean.cache == "disk";
  }
  const std::size_t unfinished = unfinished_in(folder.path());
  std::printf("%zu of %d were killed before their end, %zu while they wrote; %zu had written it\n", killed, k,
              unfinished, from_disk);
  EXPECT_GT(unfinished, 0u) << "else nothing was tested";
  const Ended list = moment(with_folder(folder.path(), {"cache", "list"}));
  EXPECT_EQ(list.out.find("of no use"), std::string::npos) << list.out;
  EXPECT_EQ(moment(with_folder(folder.path(), {"cache", "clear"})).exit, 0);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace mc::console_test
