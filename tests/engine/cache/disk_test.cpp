// The store on disk: what it gives back, what it does not believe, whom it does not trust, what it forgets,
// and many at once.
#include "engine/cache/disk.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/cache/folder.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::testing {
namespace {

namespace fs = std::filesystem;
using cache::Disk;

constexpr char kKey[] = "key";
constexpr std::string_view kPayload = "what is kept\0under that key, with a zero in it";

std::string file_of(const Disk& disk, std::string_view key) {
  for (const Disk::Entry& entry : disk.entries())
    if (entry.key == key) return disk.folder() + "/" + entry.name;
  ADD_FAILURE() << "no file has the key " << key;
  return {};
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

TEST(Disk, gives_back_what_was_put_there) {
  const TemporaryFolder folder;
  const Disk disk(folder / "made/when/needed");
  EXPECT_FALSE(disk.find(kKey));
  EXPECT_FALSE(disk.may_have(kKey));
  EXPECT_FALSE(fs::exists(disk.folder())) << "looking makes nothing";
  EXPECT_TRUE(disk.put(kKey, kPayload));
  EXPECT_EQ(disk.find(kKey), kPayload);
  EXPECT_TRUE(disk.may_have(kKey));
  EXPECT_FALSE(disk.find("another key"));
  EXPECT_TRUE(disk.put(kKey, "newer"));
  EXPECT_EQ(disk.find(kKey), "newer");
  EXPECT_EQ(Disk(disk.folder()).find(kKey), "newer") << "for others too";
  EXPECT_TRUE(disk.put("", ""));
  EXPECT_EQ(disk.find(""), "");
}

TEST(Disk, is_private) {
  const TemporaryFolder folder;
  const Disk disk(folder / "a/b");
  disk.put(kKey, kPayload);
  const auto mode = [](const std::string& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
  };
  EXPECT_EQ(mode(folder / "a"), 0700u);
  EXPECT_EQ(mode(folder / "a/b"), 0700u);
  EXPECT_EQ(mode(file_of(disk, kKey)), 0600u);
}

/// Every byte counts: none can be changed or missing, and none can come on top.
TEST(Disk, believes_no_damaged_file) {
  const TemporaryFolder folder;
  const Disk disk(folder.path());
  disk.put(kKey, kPayload);
  const std::string path = file_of(disk, kKey), whole = read_file(path);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_file(path, whole.substr(0, length));
    EXPECT_FALSE(disk.find(kKey)) << "cut off after " << length;
  }
  for (std::size_t at = 0; at < 8 * whole.size(); ++at) {
    std::string changed = whole;
    changed[at / 8] = static_cast<char>(changed[at / 8] ^ (1 << at % 8));
    write_file(path, changed);
    EXPECT_FALSE(disk.find(kKey)) << "bit " << at;
  }
  write_file(path, whole + '\0');
  EXPECT_FALSE(disk.find(kKey));
  EXPECT_EQ(disk.entries().at(0).key, "");
  EXPECT_TRUE(disk.put(kKey, kPayload));
  EXPECT_EQ(disk.find(kKey), kPayload) << "it is replaced";
  write_file(path, whole);
  EXPECT_EQ(disk.find(kKey), kPayload) << "the test itself changes nothing else";
}

/// A file with a right checksum, whatever else is wrong.
struct Forgery {
  const char* name;
  std::uint64_t magic, version;
  std::string key, payload;
  int shift;  ///< bytes that the header counts to the key instead of the payload
  bool is_believed;
};
constexpr std::uint64_t kMagic = 0x0a656863'61636d00;
const Forgery kForgeries[] = {
    {"as it should be", kMagic, 1, kKey, "forged", 0, true},
    {"another version", kMagic, 2, kKey, "forged", 0, false},
    {"no version", kMagic, 0, kKey, "forged", 0, false},
    {"another kind of file", kMagic + 1, 1, kKey, "forged", 0, false},
    {"a machine with its bytes the other way", __builtin_bswap64(kMagic), 1, kKey, "forged", 0, false},
    {"another key of the same hash", kMagic, 1, "yek", "forged", 0, false},
    {"a longer key", kMagic, 1, kKey, "forged", 1, false},
    {"a shorter key", kMagic, 1, kKey, "forged", -1, false},
    {"a length beyond the end", kMagic, 1, kKey, "forged", 100, false},
};

std::string bytes_of(const Forgery& forgery) {
  std::uint64_t head[6] = {forgery.magic, forgery.version,
                           forgery.key.size() + static_cast<std::uint64_t>(forgery.shift),
                           forgery.payload.size() - static_cast<std::uint64_t>(forgery.shift)};
  const std::string body = forgery.payload + forgery.key;
  const std::string all(reinterpret_cast<const char*>(head), 32);
  const XXH128_hash_t hash = XXH3_128bits((all + body).data(), all.size() + body.size());
  head[4] = hash.low64, head[5] = hash.high64;
  return std::string(reinterpret_cast<const char*>(head), sizeof head) + body;
}

TEST(Disk, believes_no_foreign_file) {
  for (const Forgery& forgery : kForgeries) {
    const TemporaryFolder folder;
    const Disk disk(folder.path());
    disk.put(kKey, kPayload);
    write_file(file_of(disk, kKey), bytes_of(forgery));
    EXPECT_EQ(disk.find(kKey).has_value(), forgery.is_believed) << forgery.name;
    disk.put(kKey, kPayload);
    EXPECT_EQ(disk.find(kKey), kPayload) << forgery.name;
  }
}

bool is_root() { return geteuid() == 0; }
constexpr uid_t kSomebody = 12345;

/// What may stand where an entry should.
struct Impostor {
  const char* name;
  std::function<bool(const std::string& path, const std::string& valid)> make;  ///< false: it cannot
  bool can_be_replaced = true;
};
const Impostor kImpostors[] = {
    {"a link", [](const auto& path, const auto& valid) { return symlink(valid.c_str(), path.c_str()) == 0; }},
    {"a link to nothing",
     [](const auto& path, const auto&) { return symlink("/no/where", path.c_str()) == 0; }},
    {"a pipe", [](const auto& path, const auto&) { return mkfifo(path.c_str(), 0600) == 0; }},
    {"a folder", [](const auto& path, const auto&) { return mkdir(path.c_str(), 0700) == 0; }, false},
    {"somebody else's file",
     [](const auto& path, const auto& valid) {
       return fs::copy_file(valid, path) && chown(path.c_str(), kSomebody, kSomebody) == 0;
     }},
};

TEST(Disk, reads_only_files_of_ours) {
  for (const Impostor& impostor : kImpostors) {
    const TemporaryFolder folder;
    const Disk disk(folder / "cache");
    disk.put(kKey, kPayload);
    const std::string path = file_of(disk, kKey);
    fs::rename(path, folder / "valid");
    if (!impostor.make(path, folder / "valid")) continue;  // not everybody may give files away
    EXPECT_FALSE(disk.find(kKey)) << impostor.name;
    EXPECT_EQ(disk.put(kKey, "new"), impostor.can_be_replaced) << impostor.name;
    EXPECT_EQ(disk.find(kKey).has_value(), impostor.can_be_replaced) << impostor.name;
    EXPECT_NE(read_file(folder / "valid").find(kPayload), std::string::npos)
        << "nothing is written through it";
    EXPECT_EQ(disk.state().unfinished, 0u);
  }
}

/// What a folder may be, and what is said about it.
struct Place {
  const char* name;
  std::function<bool(const std::string& path, const std::string& ours)> make;
  const char* trouble;
};
const Place kPlaces[] = {
    {"ours", [](const auto& path, const auto&) { return mkdir(path.c_str(), 0700) == 0; }, ""},
    {"ours, others may read", [](const auto& path, const auto&) { return mkdir(path.c_str(), 0755) == 0; },
     ""},
    {"our link", [](const auto& path, const auto& ours) { return symlink(ours.c_str(), path.c_str()) == 0; },
     ""},
    {"its group may write",
     [](const auto& path, const auto&) {
       return mkdir(path.c_str(), 0700) == 0 && chmod(path.c_str(), 0770) == 0;
     },
     "open to other users' writing"},
    {"all may write",
     [](const auto& path, const auto&) {
       return mkdir(path.c_str(), 0700) == 0 && chmod(path.c_str(), 0702) == 0;
     },
     "open to other users' writing"},
    {"somebody else's",
     [](const auto& path, const auto&) {
       return mkdir(path.c_str(), 0700) == 0 && chown(path.c_str(), kSomebody, kSomebody) == 0;
     },
     "belongs to another user"},
    {"somebody else's link to ours",
     [](const auto& path, const auto& ours) {
       return symlink(ours.c_str(), path.c_str()) == 0 && lchown(path.c_str(), kSomebody, kSomebody) == 0;
     },
     "another user made"},
    {"our link to nothing",
     [](const auto& path, const auto&) { return symlink("/no/where", path.c_str()) == 0; }, "No such file"},
    {"a file", [](const auto& path, const auto&) { return write_file(path, ""), true; }, "Not a directory"},
};

/// With slashes at the end too, behind which the system sees a link's target.
class Trust : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Slashes, Trust, ::testing::Values("", "/", "//"));

TEST_P(Trust, only_a_folder_of_ours) {
  for (const Place& place : kPlaces) {
    const TemporaryFolder folder;
    const std::string path = folder / "cache";
    fs::create_directory(folder / "ours");
    fs::permissions(folder / "ours", fs::perms::owner_all);
    if (!place.make(path, folder / "ours")) continue;  // not everybody may give folders away
    const Disk disk(path + GetParam());
    const bool is_fine = *place.trouble == '\0';
    EXPECT_EQ(disk.put(kKey, kPayload), is_fine) << place.name;
    EXPECT_EQ(disk.find(kKey).has_value(), is_fine) << place.name;
    const std::string trouble = disk.state().trouble;
    EXPECT_EQ(trouble.empty(), is_fine) << place.name << ": " << trouble;
    EXPECT_NE(trouble.find(place.trouble), std::string::npos) << place.name << ": " << trouble;
    if (is_fine) continue;
    EXPECT_EQ(disk.clear(), 0u);
    EXPECT_TRUE(disk.entries().empty());
    EXPECT_TRUE(fs::is_empty(folder / "ours")) << place.name;
  }
}

TEST(Disk, without_a_folder_is_off) {
  const Disk disk("");
  EXPECT_FALSE(disk.put(kKey, kPayload));
  EXPECT_FALSE(disk.find(kKey));
  EXPECT_FALSE(disk.may_have(kKey));
  EXPECT_TRUE(disk.entries().empty());
  EXPECT_EQ(disk.clear(), 0u);
  EXPECT_NE(disk.state().trouble, "");
}

/// Root may write anywhere, so it becomes somebody for a while.
class Unprivileged {
 public:
  Unprivileged() {
    if (was_root_) is_fine_ = seteuid(kSomebody) == 0;
  }
  ~Unprivileged() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  bool is_fine() const { return is_fine_; }

 private:
  bool was_root_ = is_root(), is_fine_ = true;
};

TEST(Disk, a_folder_that_cannot_be_written_to_is_read_in_silence) {
  const Unprivileged somebody;
  ASSERT_TRUE(somebody.is_fine());
  const TemporaryFolder folder;
  const Disk disk(folder / "cache");
  disk.put(kKey, kPayload);
  chmod(disk.folder().c_str(), 0500);
  EXPECT_FALSE(disk.put("new", "new"));
  EXPECT_EQ(disk.find(kKey), kPayload);
  EXPECT_NE(disk.state().trouble.find("Permission denied"), std::string::npos) << disk.state().trouble;
  EXPECT_EQ(disk.clear(), 0u);
  chmod(disk.folder().c_str(), 0700);
  EXPECT_EQ(disk.state().trouble, "");
  const Disk beyond("/moment-test/cache");
  EXPECT_FALSE(beyond.put(kKey, kPayload));
  EXPECT_NE(beyond.state().trouble.find("Permission denied"), std::string::npos) << beyond.state().trouble;
}

TEST(Disk, a_folder_that_vanished_is_made_again) {
  const TemporaryFolder folder;
  const Disk disk(folder / "cache");
  disk.put(kKey, kPayload);
  fs::remove_all(disk.folder());
  EXPECT_FALSE(disk.find(kKey));
  EXPECT_TRUE(disk.put(kKey, kPayload));
  EXPECT_EQ(disk.find(kKey), kPayload);
}

/// The system would end the process with a signal.
TEST(Disk, a_limit_on_the_size_of_files_is_kept_in_silence) {
  const TemporaryFolder folder;
  const Disk disk(folder / "cache");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const bool is_large_kept = disk.put("large", std::string(2000, 'x')),
             is_small_kept = disk.put("small", "x");
  const std::string trouble = disk.state().trouble;
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_FALSE(is_large_kept);
  EXPECT_TRUE(is_small_kept);
  EXPECT_NE(trouble.find("File too large"), std::string::npos) << trouble;
  EXPECT_EQ(disk.state().unfinished, 0u);
}

constexpr std::uint64_t kBlock = 4096;

std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t total = 0;
  for (const auto& entry : fs::directory_iterator(folder)) total += cache::in_blocks(entry.file_size());
  return total;
}

TEST(Disk, is_bounded) {
  constexpr std::uint64_t kMost = 96 * kBlock;
  const TemporaryFolder folder;
  const Disk disk(folder.path(), kMost);
  std::mt19937_64 random(1);
  std::string last;
  for (int k = 0; k < 300; ++k) {
    last = "key " + std::to_string(k);
    ASSERT_TRUE(disk.put(last, std::string(random() % (8 * kBlock), 'x')));
    ASSERT_LE(bytes_in(folder.path()), kMost) << "after " << k;
    ASSERT_TRUE(disk.find(last));
  }
  EXPECT_GT(bytes_in(folder.path()), kMost / 2);
  EXPECT_FALSE(disk.put("huge", std::string(kMost / 8 + 1, 'x')));
  EXPECT_FALSE(disk.find("huge"));
  EXPECT_FALSE(Disk(folder.path(), 0).put("tiny", ""));
}

void set_used(const std::string& path, std::chrono::seconds ago) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - ago);
}

TEST(Disk, forgets_first_what_was_not_used_for_the_longest_time) {
  constexpr int kEntries = 60;
  const TemporaryFolder folder;
  const Disk disk(folder.path(), 96 * kBlock);
  const auto key = [](int k) { return "key " + std::to_string(k); };
  for (int k = 0; k < kEntries; ++k) {
    ASSERT_TRUE(disk.put(key(k), "x"));
    set_used(file_of(disk, key(k)), std::chrono::hours(1000 - k));
  }
  EXPECT_TRUE(disk.find(key(3))) << "which is a use";
  std::set<int> gone;
  for (int more = 0; gone.empty(); ++more) {
    ASSERT_LT(more, 60);
    disk.put("more " + std::to_string(more), "x");
    for (int k = 0; k < kEntries; ++k)
      if (!disk.may_have(key(k))) gone.insert(k);
  }
  std::set<int> oldest;
  for (int k = 0; oldest.size() < gone.size(); ++k)
    if (k != 3) oldest.insert(k);
  EXPECT_EQ(gone, oldest);
}

TEST(Disk, clears_away_what_killed_processes_left_and_nothing_else) {
  const TemporaryFolder folder;
  const Disk disk(folder.path());
  const std::string others[] = {"notes.txt", "x.entry",           std::string(32, 'g') + ".entry",
                                "tally",     "tmp-of-the-user's", ".moment-tmp-0123"};
  for (const std::string& name : others) write_file(folder / name, "mine");
  for (const std::string& name : others) set_used(folder / name, std::chrono::hours(100));
  const std::string dead = folder / ".moment-tmp-0123456789abcdef";
  write_file(dead, "half a fi");
  set_used(dead, std::chrono::minutes(11));
  write_file(folder / ".moment-tmp-fedcba9876543210", "half a fi");
  EXPECT_EQ(disk.state().unfinished, 2u);
  disk.put(kKey, kPayload);  // the first in a folder looks around
  EXPECT_EQ(disk.state().unfinished, 1u);
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_EQ(disk.clear(), 1u);
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>(std::begin(others), std::end(others)));
  for (const std::string& name : others) EXPECT_EQ(read_file(folder / name), "mine") << name;
}

TEST(Disk, lists_the_latest_used_first) {
  const TemporaryFolder folder;
  const Disk disk(folder.path());
  for (const char* key : {"a", "b", "c"}) disk.put(key, std::string(5000, 'x'));
  set_used(file_of(disk, "c"), std::chrono::hours(1));
  set_used(file_of(disk, "a"), std::chrono::hours(2));
  std::string order;
  for (const Disk::Entry& entry : disk.entries()) {
    order += entry.key;
    EXPECT_EQ(entry.bytes, 2 * kBlock);
  }
  EXPECT_EQ(order, "bca");
  EXPECT_EQ(disk.state().files, 3u);
}

/// Puts and finds at random; payloads that say whether they are whole. False: one was not.
bool use_at_random(const Disk& disk, std::uint64_t seed, int times) {
  std::mt19937_64 random(seed);
  for (int k = 0; k < times; ++k) {
    const std::string key = "key " + std::to_string(random() % 20);
    if (random() % 2 == 0) {
      disk.put(key, key + std::string(random() % 20'000, 'x'));
    } else if (const auto found = disk.find(key)) {
      const std::string_view payload = found->payload();
      if (!payload.starts_with(key) || payload.find_first_not_of('x', key.size()) != std::string::npos)
        return false;
    }
  }
  return true;
}

constexpr std::uint64_t kCrowded =
    60 * kBlock;  ///< less than the twenty keys want, so that all of them sweep

TEST(Disk, serves_many_threads) {
  const TemporaryFolder folder;
  const Disk disk(folder.path(), kCrowded);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] { wrong += !use_at_random(disk, t, 500); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(disk.state().unfinished, 0u);
  EXPECT_GT(disk.state().files, 0u);
}

pid_t fork_to(const std::function<bool()>& work) {
  const pid_t pid = fork();
  if (pid == 0) _exit(work() ? 0 : 1);
  return pid;
}

TEST(Disk, serves_many_processes) {
  const TemporaryFolder folder;
  const Disk disk(folder.path(), kCrowded);
  std::vector<pid_t> processes;
  for (std::uint64_t p = 0; p < 4; ++p)
    processes.push_back(fork_to([&] { return use_at_random(disk, p, 1000); }));
  for (pid_t process : processes) {
    int status = -1;
    waitpid(process, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  EXPECT_EQ(disk.state().unfinished, 0u);
}

/// A process that writes into the folder without a pause; returns once it has begun to.
pid_t fork_a_writer(const Disk& disk) {
  int began[2];
  if (pipe(began) != 0) return -1;
  const pid_t pid = fork_to([&] {
    for (int n = 0; n < 1'000'000; ++n) {
      disk.put("key " + std::to_string(n % 20), std::string(300'000, 'x'));
      if (n == 0 && write(began[1], "", 1) != 1) return false;
    }
    return true;
  });
  close(began[1]);
  char byte;
  EXPECT_EQ(read(began[0], &byte, 1), 1);
  close(began[0]);
  return pid;
}

/// kill -9 while it writes: half of a file is never taken for one.
TEST(Disk, survives_200_kills) {
  const TemporaryFolder folder;
  const Disk disk(folder.path());
  std::mt19937_64 random(1);
  const auto unfinished = [&] { return static_cast<int>(disk.state().unfinished); };
  constexpr int kKills = 200, kEnoughKills = 2000;  // as many more as it takes until some came amid a file
  int kills = 0;
  for (; kills < kKills || (unfinished() == 0 && kills < kEnoughKills); ++kills) {
    const pid_t writer = fork_a_writer(disk);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    for (const Disk::Entry& entry : disk.entries()) ASSERT_NE(entry.key, "") << "kill " << kills;
  }
  RecordProperty("unfinished", unfinished());
  std::printf("%d of %d kills came while a file was written\n", unfinished(), kills);
  EXPECT_GT(unfinished(), 0) << "else nothing was tested";
  disk.clear();
  EXPECT_EQ(unfinished(), 0);
}

TEST(Folder, comes_from_the_environment) {
  const auto folder_with = [](const char* own, const char* xdg, const char* home) {
    const auto set = [](const char* name, const char* value) {
      value == nullptr ? unsetenv(name) : setenv(name, value, 1);
    };
    set("MC_CACHE_DIR", own), set("XDG_CACHE_HOME", xdg), set("HOME", home);
    return cache::folder_of_environment();
  };
  const struct {
    const char *own, *xdg, *home;
    std::string folder;
  } rows[] = {
      {"/own", "/xdg", "/home/me", "/own"},
      {"own", "/xdg", "/home/me", fs::current_path() / "own"},
      {nullptr, "/xdg", "/home/me", "/xdg/moment"},
      {"", "/xdg", nullptr, "/xdg/moment"},
      {nullptr, nullptr, "/home/me", "/home/me/.cache/moment"},
      {nullptr, "relative", "/home/me", "/home/me/.cache/moment"},
      {nullptr, "", "", ""},
      {nullptr, nullptr, nullptr, ""},
  };
  for (const auto& row : rows) EXPECT_EQ(folder_with(row.own, row.xdg, row.home), row.folder);
}

}  // namespace
}  // namespace mc::testing
