// A file that is larger than what a process may keep of it. Apart, as it takes seconds.
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace mc {
namespace {

/// What /proc/self/status says of the process, in MB.
double megabytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(what + ":")) return std::stod(line.substr(what.size() + 1)) / 1024;
  ADD_FAILURE() << "no " << what;
  return 0;
}

/// A .npy of 2 GB, all of which but its last number are zeros that take no room on the disk.
class LargeFile : public ::testing::Test {
 protected:
  static constexpr std::size_t kColumns = 2, kRows = (std::size_t{2} << 30) / 16;

  LargeFile() : path_(folder_ / "large.npy") {
    std::string header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + std::to_string(kRows) + ", 2), }";
    header.resize(117, ' ');
    header += '\n';
    std::ofstream file(path_, std::ios::binary);
    file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size()) << '\0' << header;
    const double last = 3;
    file.seekp(static_cast<std::streamoff>(128 + (kRows * kColumns - 1) * sizeof last));
    file.write(reinterpret_cast<const char*>(&last), sizeof last);
  }

  testing::TemporaryFolder folder_;
  std::string path_;
};

TEST_F(LargeFile, IsGoneThroughInLittleMemory) {
  const Parameter array = read_array(path_);
  ASSERT_EQ(array.rows(), kRows);
  const double before = megabytes("VmHWM");
  const Report report = compile("x ~ rows(A); E[x_2], E[x_1]").run({.parameters = {{"A", array}}});
  EXPECT_EQ(report.samples, kRows);
  EXPECT_NEAR(report.results[0].estimate.value, 3.0 / kRows, 1e-20);
  EXPECT_EQ(report.results[1].estimate.value, 0);
  const Parameter second = read_array(path_, "2");
  EXPECT_EQ(compile("max(x)")({{"x", second.numbers()}}), 3);
  EXPECT_LT(megabytes("VmHWM") - before, 150);
}

/// A column of a wide table: its numbers are pages apart, and each brings its page along.
TEST(WideFile, IsGoneThroughInLittleMemory) {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "wide.npy";
  const std::size_t rows = 300'000, columns = 1000;  // 2.4 GB
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (300000, 1000), }";
  header.resize(117, ' ');
  header += '\n';
  std::ofstream(path, std::ios::binary)
      << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size()) << '\0' << header;
  std::filesystem::resize_file(path, 128 + rows * columns * sizeof(double));
  std::ofstream("/proc/self/clear_refs") << '5';  // what was the most begins anew
  const double before = megabytes("VmHWM");
  const Parameter third = read_array(path, "3");
  EXPECT_EQ(compile("sum(x)")({{"x", third.numbers()}}, {.threads = 2}), 0);
  EXPECT_LT(megabytes("VmHWM") - before, 150);
}

}  // namespace
}  // namespace mc
