// Machine code from the disk: it is the same code, it is found under a key that says all it depends on, and
// nothing that happens to a file makes anything else run.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "engine/cache/disk.hpp"
#include "engine/ir/text.hpp"
#include "engine/llvm/image.hpp"
#include "engine/llvm/kept.hpp"
#include "engine/llvm/loading.hpp"
#include "tests/engine/llvm/running.hpp"
#include "tests/support/kernel_text.hpp"
#include "tests/support/random_kernel.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::testing {
namespace {

class Kept : public ::testing::Test {
 protected:
  /// From the disk, else made.
  std::unique_ptr<jit::Compiled> obtain(const ir::Kernel& kernel, const jit::Options& options = {}) const {
    auto code = jit::from_disk(*disk_, jit::key_of(kernel, options), kernel, options);
    return code ? std::move(code) : jit::load_and_compile(kernel, options);
  }
  void keep(const ir::Kernel& kernel, const jit::Options& options = {}) const {
    disk_->put(jit::key_of(kernel, options), jit::packed(*jit::load_and_compile(kernel, options)));
  }
  /// The only file.
  std::string path() const { return disk_->folder() + "/" + disk_->entries().at(0).name; }

  const TemporaryFolder folder_;
  const std::shared_ptr<const cache::Disk> disk_ = std::make_shared<const cache::Disk>(folder_.path());
};

constexpr double kScalars[] = {1.0, 2.0};
constexpr double kNumbers[kRandomArrayLength] = {1, 2, 3};
constexpr const double* kArrays[] = {kNumbers};
const kernels::Arguments kArguments{.seed = 1, .tile = 1, .scalars = kScalars, .arrays = kArrays};

TEST_F(Kept, is_the_same_code_in_all_shapes) {
  std::uint64_t seed = 0;
  for (const jit::Options& options : all_shapes()) {
    SCOPED_TRACE(text(options));
    const ir::Kernel kernel = random_kernel(++seed);
    const std::string key = jit::key_of(kernel, options);
    EXPECT_FALSE(disk_->may_have(key));
    const auto made = obtain(kernel, options);
    EXPECT_FALSE(made->is_from_disk());
    disk_->put(key, jit::packed(*made));
    EXPECT_TRUE(disk_->may_have(key));
    const auto taken = obtain(kernel, options);
    ASSERT_TRUE(taken->is_from_disk());
    EXPECT_EQ(taken->timing().codegen_ms, 0);
    EXPECT_EQ(taken->granule(), made->granule());
    EXPECT_EQ(taken->scratch_bytes(), made->scratch_bytes());
    EXPECT_EQ(taken->outputs(), made->outputs());
    expect_same(run(*taken, kArguments), expected_columns(kernel, kArguments));
    EXPECT_EQ(taken->llvm_text(), made->llvm_text());
    EXPECT_EQ(taken->assembly_text(), made->assembly_text());
  }
}

/// Processors without FMA and SSE4.1 call functions, which lie farther away than a call reaches.
TEST_F(Kept, calls_what_it_needs) {
  jit::Options options;
  options.vector_bits = 128;
  options.processor = "x86-64";
  const ir::Kernel kernel = kernel_of(
      "kernel scalars 0 arrays 0 outputs 2\n%0 = lane u64\n%1 = to_f64 f64 %0\n%2 = constant f64 0.3\n"
      "%3 = fma f64 %1, %2, %2\n%4 = floor f64 %3\n%5 = rint f64 %3\noutput 0, %4\noutput 1, %5\n");
  keep(kernel, options);
  const auto taken = obtain(kernel, options);
  ASSERT_TRUE(taken->is_from_disk());
  expect_same(run(*taken), expected_columns(kernel, {}));
}

/// Every byte of an object but those of its code, changed: links or is refused, and reads nothing outside.
TEST_F(Kept, an_image_is_made_of_what_it_understands) {
  const auto made = jit::load_and_compile(random_kernel(1));
  const std::string whole(made->object());
  ASSERT_TRUE(jit::Image::link(whole, jit::kEntryName));
  EXPECT_FALSE(jit::Image::link(whole, "other"));
  EXPECT_FALSE(jit::Image::link("", jit::kEntryName));
  for (std::size_t size = 0; size < whole.size(); size += 7)
    jit::Image::link(std::string(whole.substr(0, size)), jit::kEntryName);
  for (const char extreme : {'\0', '\x7f', '\x80', '\xff'})  // sizes, offsets and addends at their ends
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = extreme;
      jit::Image::link(changed, jit::kEntryName);
    }
  std::mt19937_64 random(2);
  for (int k = 0; k < 20'000; ++k) {
    std::string changed = whole;
    changed[random() % changed.size()] = static_cast<char>(random());
    jit::Image::link(changed, jit::kEntryName);
  }
}

ir::Kernel constant(double value) {
  return kernel_of("kernel scalars 0 arrays 0 outputs 1\n%0 = constant f64 " + std::to_string(value) +
                   "\noutput 0, %0\n");
}

/// What stands in the file is what runs: another kernel's code under this one's key, and with that the proof
/// that nothing is compiled.
TEST_F(Kept, is_believed_when_it_is_whole) {
  keep(constant(2));
  const std::string other(disk_->find(jit::key_of(constant(2), {}))->payload());
  disk_->put(jit::key_of(constant(1), {}), other);
  const auto taken = obtain(constant(1));
  EXPECT_TRUE(taken->is_from_disk());
  EXPECT_EQ(run(*taken)[0], 2);
}

/// Whole files that hold no code of ours.
TEST_F(Kept, what_cannot_be_linked_is_made_anew) {
  const ir::Kernel kernel = constant(1);
  const std::string key = jit::key_of(kernel, {});
  keep(kernel);
  const std::string whole(disk_->find(key)->payload());
  const std::string object = whole.substr(0, whole.size() - 16), numbers = whole.substr(object.size());
  const std::string payloads[] = {"",
                                  "1234567",
                                  numbers,
                                  "no object" + numbers,
                                  object.substr(0, object.size() / 2) + numbers,
                                  object + std::string(16, '\0'),
                                  object + std::string(16, '\1'),
                                  object + std::string(16, '\377')};
  for (const std::string& payload : payloads) {
    disk_->put(key, payload);
    const auto made = obtain(kernel);
    EXPECT_FALSE(made->is_from_disk());
    EXPECT_EQ(run(*made)[0], 1);
    keep(kernel);
    EXPECT_TRUE(obtain(kernel)->is_from_disk());
  }
}

/// One random byte of the file becomes another one, a thousand times: no crash, no other bit, and the file is
/// whole again afterwards.
TEST_F(Kept, survives_1000_changed_bytes) {
  const ir::Kernel kernel = kernel_of(
      "kernel scalars 0 arrays 0 outputs 1\n"
      "%0 = lane u64\n%1 = to_f64 f64 %0\n%2 = constant f64 0.1\n%3 = mul f64 %1, %2\noutput 0, %3\n");
  const std::vector<double> expected = expected_columns(kernel, {});
  keep(kernel);
  const std::string file = path(), whole = read_file(file);
  std::mt19937_64 random(1);
  for (int k = 0; k < 1000; ++k) {
    std::string changed = whole;
    char& byte = changed[random() % changed.size()];
    byte = static_cast<char>(byte ^ static_cast<char>(1 + random() % 255));
    write_file(file, changed);
    const auto made = obtain(kernel);
    ASSERT_FALSE(made->is_from_disk()) << k;
    ASSERT_NO_FATAL_FAILURE(expect_same(run(*made), expected));
    keep(kernel);
    ASSERT_EQ(read_file(file), whole) << "the same file again: " << k;
  }
  const auto taken = obtain(kernel);
  EXPECT_TRUE(taken->is_from_disk());
  expect_same(run(*taken), expected);
}

TEST(Key, tells_apart_all_that_changes_the_code) {
  const ir::Kernel kernel = random_kernel(1);
  const auto with = [](auto change) {
    jit::Options options;
    options.vector_bits = 256;
    change(options);
    return options;
  };
  const jit::Options all[] = {with([](auto&) {}),
                              with([](auto& o) { o.vector_bits = 128; }),
                              with([](auto& o) { o.interleave = 1; }),
                              with([](auto& o) { o.interleave = 2; }),
                              with([](auto& o) { o.lane_bits = 32; }),
                              with([](auto& o) { o.processor = "x86-64-v3"; }),
                              with([](auto& o) { o.processor = "x86-64"; })};
  std::vector<std::string> keys{jit::key_of(random_kernel(2), all[0]), jit::key_of(constant(1), all[0]),
                                jit::key_of(constant(1.5), all[0])};
  for (const jit::Options& options : all) keys.push_back(jit::key_of(kernel, options));
  for (std::size_t k = 0; k < keys.size(); ++k)
    for (std::size_t j = 0; j < k; ++j) EXPECT_NE(keys[k], keys[j]);
  EXPECT_EQ(jit::key_of(kernel, all[0]), keys[3]);
}

TEST(Key, says_what_it_is) {
  jit::Options options;
  options.vector_bits = 256;
  const ir::Kernel kernel = random_kernel(1);
  const std::string key = jit::key_of(kernel, options);
  EXPECT_TRUE(key.ends_with(ir::print(kernel)));
  EXPECT_NE(key.find("contract 1 llvm 19."), std::string::npos) << key;
  const auto described = jit::described(key);
  ASSERT_TRUE(described);
  EXPECT_EQ(described->operations, kernel.nodes.size());
  EXPECT_EQ(described->vector_bits, 256u);
  EXPECT_TRUE(described->is_usable);
  EXPECT_NE(described->processor, "");
  const auto changed = [&](const std::string& what, const std::string& by) {
    std::string other = key;
    return jit::described(other.replace(other.find(what), what.size(), by));
  };
  EXPECT_FALSE(changed("llvm 19.", "llvm 18.")->is_usable);
  EXPECT_FALSE(changed("contract 1", "contract 2")->is_usable);
  EXPECT_FALSE(changed(described->processor, "pentium")->is_usable);
  EXPECT_FALSE(jit::described("something else"));
  EXPECT_FALSE(jit::described(""));
  EXPECT_FALSE(jit::described(key.substr(0, key.find('\n') + 1))->is_usable);
}

}  // namespace
}  // namespace mc::testing
