// What the store on disk does not believe, whom it does not trust, and folders of no use.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "engine/cache/disk.hpp"
#include "tests/engine/cache/kept_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::testing {
namespace {

namespace fs = std::filesystem;
using cache::Disk;

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

}  // namespace
}  // namespace mc::testing
