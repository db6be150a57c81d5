// The disk cache as a host sees it: when kernels come from there, and that they get there behind everybody's
// back.
#include <cstring>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include <pthread.h>

#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include "engine/llvm/kept.hpp"
#include "frontend/api/machine_codes.hpp"
#include "tests/support/constant_kernel.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

namespace jit = mc::jit;
using mc::testing::constant, mc::testing::number_of, mc::testing::TemporaryFolder;

/// Each has its own memory, as processes have.
class Codes : public mc::MachineCodes {
 public:
  explicit Codes(const std::string& folder) { use(std::make_shared<const mc::cache::Disk>(folder)); }
};

TEST(DiskCache, IsFilledByTheTimeAProcessHasEnded) {
  const TemporaryFolder folder;
  {
    Codes first(folder.path());
    EXPECT_FALSE(first.is_on_disk({constant(1), 256}));
    EXPECT_FALSE(first.get({constant(1), 256}).value->is_from_disk());
    EXPECT_FALSE(first.get({constant(1), 256}).made) << "memory comes before the disk";
    first.make_behind({constant(2), 256}, [](const auto&) {}, [] {});
  }
  Codes second(folder.path());
  for (int k = 1; k <= 2; ++k) {
    EXPECT_TRUE(second.is_on_disk({constant(k), 256}));
    EXPECT_FALSE(second.is_on_disk({constant(k), 128}));
    const auto answer = second.get({constant(k), 256});
    EXPECT_TRUE(answer.made);
    EXPECT_TRUE(answer.value->is_from_disk());
    EXPECT_EQ(number_of(*answer.value), k);
  }
  EXPECT_FALSE(second.get({constant(3), 256}).value->is_from_disk());
}

/// A file that seems to be there and is of no use must not make a stopped caller wait for the compiler.
TEST(DiskCache, AStopIsHeededWhateverLiesThere) {
  const TemporaryFolder folder;
  jit::Options options;
  options.vector_bits = 256;
  std::stop_source source;
  {
    Codes codes(folder.path());
    codes.disk()->put(jit::key_of(constant(1), options), "no machine code");
    source.request_stop();
    EXPECT_TRUE(codes.is_on_disk({constant(1), 256}));
    EXPECT_FALSE(codes.get({constant(1), 256}, source.get_token()));
  }
  Codes codes(folder.path());  // what was made behind has taken its place
  for (const bool is_first : {true, false}) {
    const auto answer = codes.get({constant(1), 256}, source.get_token());
    ASSERT_TRUE(answer) << "it is at hand";
    EXPECT_EQ(answer->made, is_first);
    EXPECT_TRUE(answer->value->is_from_disk());
    EXPECT_EQ(number_of(*answer->value), 1);
  }
  EXPECT_EQ(codes.compiles(), 0u);
}

/// Makes every new thread fail while it lives: none has room for such a stack.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_t huge;
    pthread_getattr_default_np(&before_);
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 50);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_{};
};

TEST(DiskCache, NothingIsLostWhereNoThreadCanBeStarted) {
  const TemporaryFolder folder;
  Codes codes(folder.path());
  const NoThreads none;
  EXPECT_EQ(number_of(*codes.get({constant(1), 256}).value), 1);
  bool has_failed = false;
  codes.make_behind({constant(2), 256}, [](const auto&) {}, [&] { has_failed = true; });
  EXPECT_TRUE(has_failed);
}

TEST(DiskCache, ObjectsAreForgottenWithoutAFolderToo) {
  mc::MachineCodes codes;
  EXPECT_TRUE(codes.get({constant(1), 256}).value->object().empty());
}

TEST(DiskCache, WhatIsThereIsExpectedToCostLess) {
  const TemporaryFolder folder;
  for (int process = 0; process < 2; ++process) {
    Codes codes(folder.path());
    for (std::size_t operations : {1u, 100u, 10'000u})
      EXPECT_LT(codes.expected_load_ms(operations), codes.expected_ms(operations));
    codes.get({constant(1), 256});
  }
}

TEST(DiskCache, CanBeSwitchedOff) {
  const TemporaryFolder folder;
  Codes codes(folder.path());
  codes.use(nullptr);
  codes.get({constant(1), 256});
  codes.finish();
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_FALSE(codes.is_on_disk({constant(1), 256}));

  mc::use_no_cache();
  EXPECT_EQ(mc::cache_state().trouble, "it is switched off");
  EXPECT_TRUE(mc::cache_entries().empty());
  EXPECT_EQ(mc::clear_cache(), 0u);
}

TEST(DiskCache, CanBeMoved) {
  const TemporaryFolder folder;
  mc::use_cache(folder / "here");
  const mc::Report report =
      mc::compile("x ~ uniform(0, 1)^5; E[sum(x_i^5)]").run({.samples = 100, .backend = mc::Backend::llvm});
  EXPECT_EQ(report.timing.cache, "miss");
  while (mc::cache_state().kernels == 0) std::this_thread::yield();  // it is written behind
  const mc::CacheState state = mc::cache_state();
  EXPECT_EQ(state.folder, folder / "here");
  EXPECT_EQ(state.trouble, "");
  EXPECT_EQ(state.kernels, 1u);
  EXPECT_GT(state.bytes, 1000u);
  EXPECT_EQ(state.most_bytes, 256u << 20);
  const auto entries = mc::cache_entries();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_TRUE(entries[0].usable);
  EXPECT_GT(entries[0].operations, 50u);
  EXPECT_TRUE(std::filesystem::exists(folder / "here/" + entries[0].file));
  EXPECT_EQ(mc::clear_cache(), 1u);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "here"));
}

TEST(DiskCache, AFolderOfNoUseIsAsGoodAsNone) {
  for (const char* folder : {"", "/dev/null", "/proc/nothing/here"}) {
    mc::use_cache(folder);
    EXPECT_NE(mc::cache_state().trouble, "") << folder;
    const std::string text =
        "x ~ uniform(0, 1)^6; E[sum(x_i^6) + " + std::to_string(std::strlen(folder)) + "]";
    const mc::Report report = mc::compile(text).run({.samples = 100, .backend = mc::Backend::llvm});
    EXPECT_EQ(report.timing.cache, "miss");
    EXPECT_GT(report.tiles[mc::Backend::llvm], 0u);
    EXPECT_TRUE(report.warnings.empty());
  }
}

}  // namespace
