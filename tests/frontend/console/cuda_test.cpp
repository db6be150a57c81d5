// `--backend cuda`: what is said where something is missing or fails. The faults are those of a fake
// (tests/engine/cuda/fake_cuda.cpp).
#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

Start on_gpu(std::vector<std::string> environment) {
  return {.arguments = {"eval", "x ~ normal(0, 1)^20; E[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]", "--backend",
                        "cuda", "--samples", "20000"},
          .environment = std::move(environment)};
}

const std::string kNvrtc = "MC_NVRTC=" MC_FAKE_CUDA_LIBRARY, kDriver = "MC_CUDA_DRIVER=" MC_FAKE_CUDA_LIBRARY;

Start with_fault(const std::string& fault) { return on_gpu({kNvrtc, kDriver, "MC_FAKE_CUDA=" + fault}); }

const Row kRows[] = {
    // The fake's threads of a block are contexts, of which the address sanitizer has a word to say.
    {"works", on_gpu({kNvrtc, kDriver}), 0, "^E\\[.* 2e4 samples .* cuda Fake GPU\n$", ""},
    {"no_driver", on_gpu({kNvrtc, "MC_CUDA_DRIVER=/nowhere/libcuda.so"}), 3, "",
     "^error: NVIDIA's driver is not there \\(/nowhere/libcuda.so: .*\n  choose llvm or the interpreter"},
    {"no_nvrtc", on_gpu({kDriver, "MC_NVRTC=/nowhere/libnvrtc.so"}), 3, "",
     "^error: NVRTC, CUDA's compiler, is not there \\(/nowhere"},
    {"not_a_driver", on_gpu({kNvrtc, "MC_CUDA_DRIVER=libm.so.6"}), 3, "", "too old: it has no cuInit"},
    {"no_device", with_fault("no_device"), 3, "", "^error: there is no CUDA device\n"},
    {"none", with_fault("none"), 3, "", "^error: there is no CUDA device\n"},
    {"no_start", with_fault("no_start"), 3, "", "cannot start: initialization error \\(error 3\\)"},
    {"old_driver", with_fault("old_driver"), 3, "", "too old: it is for CUDA 11.8, and 12.0 is needed"},
    {"old_device", with_fault("old_device"), 3, "",
     "NVRTC 13.0 compiles for compute capability 7.5 at least, and the device has 6.0"},
    {"driver_of_12", with_fault("driver_of_12"), 3, "",
     "a driver for CUDA 12.4 does not load what NVRTC 13.0 makes: install a newer driver, or libnvrtc.so.12"},
    {"no_image", with_fault("no_image"), 3, "", "cannot load the kernel on Fake GPU: no kernel image"},
    {"no_memory", with_fault("no_memory"), 3, "",
     "there is not enough memory on Fake GPU to hold its blocks' rows and records"},
    {"samples_of_data",
     {.arguments = {"eval", "x ~ data(A); E[x]", "-D", "A=[1, 2, 5]", "--backend", "cuda"},
      .environment = {kNvrtc, kDriver}},
     0,
     "^E\\[x\\] = .* cuda Fake GPU\n$",
     ""},
    {"data_too_large",
     {.arguments = {"eval", "x ~ data(A); E[x]", "-D", "A=[1, 2, 5]", "--backend", "cuda"},
      .environment = {kNvrtc, kDriver, "MC_FAKE_CUDA=little_memory"}},
     3,
     "",
     "^error: there is not enough memory on Fake GPU to hold the data that samples are drawn from"},
    {"kernel_fails", with_fault("kernel_fails"), 3, "",
     "cannot finish the kernel on Fake GPU: an illegal memory access"},
    {"fails_later",
     {.arguments = {"eval", "x ~ uniform(0, 1); E[x]", "--backend", "cuda", "--samples", "1e7"},
      .environment = {kNvrtc, kDriver, "MC_FAKE_CUDA=fails_later"}},
     3,
     "^E\\[x\\] = 0\\.[0-9]+\\([0-9]+\\) .* cuda Fake GPU\n$",
     "^warning: there was no device left after [0-9]+ of 10000000 samples: NVIDIA's driver cannot finish the "
     "kernel on Fake GPU: an illegal memory access"},
    {"one_of_three_fails",
     {.arguments = {"eval", "x ~ uniform(0, 1); E[x]", "--backend", "cuda", "--samples", "4e7"},
      .environment = {kNvrtc, kDriver, "MC_FAKE_CUDA=device_1_fails", "MC_FAKE_CUDA_DEVICES=3"}},
     0,
     "^E\\[x\\] = 0\\.[0-9]+\\([0-9]+\\) .* 4e7 samples .* cuda Fake GPU",
     "^warning: a device failed, and others did its part: NVIDIA's driver cannot finish the kernel"},
};

class CudaRows : public ::testing::TestWithParam<Row> {};
TEST_P(CudaRows, SaysWhatIsTheMatter) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, CudaRows, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Cuda, ReducesFiles) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "a.csv", "1\n2\n5\n");
  Start start{.arguments = {"eval", "sum(a_i*a_i)", "-D", "a=@" + (folder / "a.csv"), "--backend", "cuda"},
              .environment = {kNvrtc, kDriver}};
  const Ended there = moment(start);
  EXPECT_EQ(there.exit, 0) << there.err;
  EXPECT_TRUE(there.out.starts_with("sum(a_i*a_i) = 30 ")) << there.out;
  start.environment = {"MC_CUDA_DRIVER=/nowhere"};
  const Ended nowhere = moment(start);
  EXPECT_EQ(nowhere.exit, 3);
  EXPECT_TRUE(nowhere.err.starts_with("error: NVIDIA's driver is not there")) << nowhere.err;
}

TEST(Cuda, ShowsSourceWithoutAnyOfIt) {
  const Ended shown = moment({.arguments = {"eval", "x ~ uniform(0, 1)^10; E[sum(x_i^2)]", "--dump", "cuda"},
                              .environment = {"MC_NVRTC=/nowhere", "MC_CUDA_DRIVER=/nowhere"}});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_TRUE(shown.out.starts_with("// E[sum(x_i^2)]\n")) << shown.out.substr(0, 100);
  EXPECT_NE(shown.out.find("moment_tiles(u64 seed"), std::string::npos);
  EXPECT_NE(shown.out.find(" = fma("), std::string::npos);
  const Ended ptx = moment({.arguments = {"eval", "x ~ uniform(0, 1); E[x]", "--dump", "ptx"},
                            .environment = {"MC_NVRTC=/nowhere"}});
  EXPECT_EQ(ptx.exit, 3);
  EXPECT_NE(ptx.err.find("NVRTC, CUDA's compiler, is not there"), std::string::npos) << ptx.err;
}

}  // namespace
}  // namespace mc::console_test
