// `--backend cuda`: what is said where something is missing or fails. The faults are those of a fake
// (tests/engine/cuda/fake_cuda.cpp).
#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

Start on_gpu(std::vector<std::string> environment) {
  return {.arguments = {"eval", "x ~ normal(0, 1)^7; E[sum(x_i*max(cumsum(x - x_i)_{j + 1}))]", "--backend",
                        "cuda", "--samples", "20000"},
          .environment = std::move(environment)};
}

const std::string kNvrtc = "MC_NVRTC=" MC_FAKE_CUDA_LIBRARY, kDriver = "MC_CUDA_DRIVER=" MC_FAKE_CUDA_LIBRARY;

Start with_fault(const std::string& fault) { return on_gpu({kNvrtc, kDriver, "MC_FAKE_CUDA=" + fault}); }

const Row kRows[] = {
    // The fake's threads of a block are contexts, of which the address sanitizer has a word to say.
    {"works", on_gpu({kNvrtc, kDriver}), 0, "^E\\[.* 2e4 samples .* cuda Fake GPU\n$",
     "^(==\\d+==WARNING: ASan doesn't fully support makecontext.*\n)?$"},
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
    {"no_image", with_fault("no_image"), 3, "", "cannot load the kernel on Fake GPU: no kernel image"},
    {"no_memory", with_fault("no_memory"), 3, "",
     "there is not enough memory on Fake GPU to hold the samples' rows"},
    {"samples_of_data",
     {.arguments = {"eval", "x ~ data(A); E[x]", "-D", "A=[1, 2, 5]", "--backend", "cuda"},
      .environment = {kNvrtc, kDriver}},
     3,
     "",
     "^error: programs that draw from data have no CUDA source yet"},
    {"kernel_fails", with_fault("kernel_fails"), 3, "",
     "cannot finish the kernel on Fake GPU: an illegal memory access"},
};

class CudaRows : public ::testing::TestWithParam<Row> {};
TEST_P(CudaRows, SaysWhatIsTheMatter) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, CudaRows, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return std::string(info.param.name); });

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
