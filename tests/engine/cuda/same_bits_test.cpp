// CUDA sources, compiled as C++ for the CPU, give the interpreter's bits.
#include <bit>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/ir/text.hpp"
#include "tests/engine/cuda/cpu_module.hpp"
#include "tests/engine/cuda/programs.hpp"
#include "tests/engine/random/reference.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/random_kernel.hpp"

namespace mc::testing {
namespace {

using kernels::kTileSamples;

constexpr std::uint64_t kSeed = 11;

/// The interpreter's record of the tree, its tiles joined two by two.
std::vector<double> reference_of(const Program& program, const kernels::Tree& tree, std::uint64_t samples) {
  if (tree.level == 0)
    return program.record(kSeed, tree.first,
                          std::min<std::uint64_t>(kTileSamples, samples - tree.first * kTileSamples));
  const unsigned below = tree.level - 1;
  std::vector<double> record = reference_of(program, {tree.first, below}, samples);
  kernels::merge(program.layout(), record.data(),
                 reference_of(program, {tree.first + tree.tiles() / 2, below}, samples).data());
  return record;
}

void expect_record(const Program& program, std::span<const double> record, const kernels::Tree& tree,
                   std::uint64_t samples) {
  const std::vector<double> reference = reference_of(program, tree, samples);
  for (std::size_t k = 0; k < reference.size(); ++k)
    ASSERT_TRUE(same_number(record[k], reference[k]))
        << "number " << k << " is " << record[k] << " and not " << reference[k] << ", " << samples
        << " samples, tile " << tree.first << " of level " << tree.level;
}

/// Tiles that are whole, that end amid a step, and that have fewer samples than lanes; joined, as far as the
/// kernel does that, and before and after these; two blocks and one.
void expect_same(const Program& program, const CpuModule& module, std::size_t number) {
  SCOPED_TRACE(program.text());
  const std::vector<double> numbers = program.numbers();
  const std::size_t size = program.layout().size;
  const unsigned level = std::min(2u, program.source().most_level);
  const auto run = [&](unsigned blocks, std::uint64_t first, std::uint64_t tiles, std::uint64_t samples) {
    const kernels::Trees trees(first, tiles, samples / kTileSamples, level);
    const auto records = module.records(number, blocks, kSeed, trees, samples, numbers, size);
    for (std::uint64_t k = 0; k < trees.count(); ++k)
      expect_record(program, std::span(records).subspan(k * size, size), trees[k], samples);
  };
  run(2, 3, 6, 8 * kTileSamples + 300);
  run(1, 5, 1, 5 * kTileSamples + 77);
}

std::vector<Way> ways() {
  std::vector<Way> all{{.screened = true}};
  for (const random::Generator generator : kGenerators)
    for (const bool single : {false, true}) all.push_back({.single = single, .generator = generator});
  return all;
}

class Sources : public ::testing::TestWithParam<Way> {};

TEST_P(Sources, GiveTheInterpretersBits) {
  std::vector<Program> programs;
  std::vector<cuda::Source> sources;
  for (const std::string& text : program_table()) {
    programs.emplace_back(text, GetParam());
    sources.push_back(programs.back().source());
  }
  const CpuModule module(sources);
  for (std::size_t k = 0; k < programs.size(); ++k) expect_same(programs[k], module, k);
}

INSTANTIATE_TEST_SUITE_P(Ways, Sources, ::testing::ValuesIn(ways()), [](const auto& info) {
  return fmt::format("{}_generator_{}{}", info.param.single ? "f32" : "f64",
                     static_cast<unsigned>(info.param.generator), info.param.screened ? "_screened" : "");
});

/// Kernels whose tiles take long look, and give the tile up; others cannot be stopped. What looks has the
/// same bits.
TEST(Sources, OfLongSamplesLookWhetherTheyAreToStop) {
  const std::string programs[] = {
      "x ~ uniform(0, 1); E[sum(sum(x*k + j, k = 1..500), j = 1..200)]",
      "x ~ uniform(0, 1); E[sum(sum(sum(sin(x*k + j*m), k = 1..2), j = 1..300), m = 1..200)]"};
  for (const std::string& text : programs) {
    SCOPED_TRACE(text);
    const Program program(text, {});
    const std::vector<cuda::Source> sources{program.source()};
    ASSERT_TRUE(sources[0].looks);
    const CpuModule module(sources);
    const std::uint64_t samples = kTileSamples + 5;  // the second tile has few
    const kernels::Trees trees(1, 1, 1, 0);
    expect_record(program,
                  module.records(0, 1, kSeed, trees, samples, program.numbers(), program.layout().size),
                  {1, 0}, samples);
    EXPECT_LT(module.records(0, 1, kSeed, trees, samples, program.numbers(), program.layout().size, 1)[0], 0);
  }
  EXPECT_FALSE(Program("x ~ normal(0, 1)^252; E[max(cumsum(x))]", {}).source().looks);
}

/// The check itself: without any one of its barriers a source gives other numbers.
TEST(Sources, NeedEachBarrier) {
  const Program program("x ~ normal(0, 1)^3; Var[max(x)*exp(x_1)], Corr[x_1, x_2]", {});
  const std::string barrier = "__syncthreads();";
  std::vector<cuda::Source> sources{program.source()};
  const std::string text = sources[0].text;
  for (std::size_t at = text.find(barrier); at != text.npos; at = text.find(barrier, at + 1)) {
    sources.push_back(program.source());
    sources.back().text.erase(at, barrier.size());
  }
  ASSERT_GE(sources.size(), 5U);
  const CpuModule module(sources);
  const auto records = [&](std::size_t source) {
    return module.records(source, 1, kSeed, {0, 12, 12, 2}, 12 * kTileSamples, program.numbers(),
                          program.layout().size);
  };
  const auto is_missed = [&](std::size_t source) {  // the threads' turns are others each time
    for (int again = 0; again < 8; ++again)
      if (!same_numbers(records(0), records(source))) return true;
    return false;
  };
  EXPECT_TRUE(same_numbers(records(0), records(0)));
  for (std::size_t k = 1; k < sources.size(); ++k)
    EXPECT_TRUE(is_missed(k)) << "barrier " << k << " of " << sources.size() - 1;
}

/// One sample a lane, whose value shows every bit of what the kernel computes: its digest, as the mean.
ir::Kernel with_digest(ir::Kernel kernel) {
  const ir::Value one{static_cast<std::uint32_t>(kernel.nodes.size())}, zero{position(one) + 1};
  for (ir::Node& node : kernel.nodes) {
    if (node.op != ir::Op::output) continue;
    const bool is_digest = node.immediate == 4;
    if (!is_digest) node.operands[0] = node.immediate == 0 ? one : zero;
    if (node.immediate >= 3) node.immediate = is_digest ? 3 : 4;
  }
  for (const double value : {1.0, 0.0})
    kernel.nodes.push_back({.op = ir::Op::constant,
                            .type = ir::Type::f64,
                            .region = ir::kEntry,
                            .immediate = std::bit_cast<std::uint64_t>(value)});
  auto& body = kernel.regions[position(ir::kEntry)].body;
  body.insert(body.begin(), {one, zero});
  return kernel;
}

/// Kernels of all operations, with loops in loops, rows and arrays.
TEST(Sources, OfRandomKernelsGiveTheInterpretersBits) {
  constexpr unsigned kKernels = 100;
  const std::vector<kernels::Group> groups{{}};
  const kernels::Layout layout(groups);
  std::vector<double> array{0.5, -0.0, 3, 1e300, -2.5, 7, 1e-310, 0};
  const std::vector<double> scalars{1.5, -3e-5};
  const std::vector<const double*> arrays{array.data()};
  std::vector<ir::Kernel> kernels;
  std::vector<cuda::Source> sources;
  for (unsigned seed = 0; seed < kKernels; ++seed) {
    kernels.push_back(with_digest(random_kernel(seed, {.operations = 60, .outputs = 5})));
    sources.push_back(cuda::translate(kernels.back(), layout));
  }
  const CpuModule module(sources);
  const kernels::Arguments arguments{
      .seed = kSeed, .tile = 3, .scalars = scalars.data(), .arrays = arrays.data()};
  for (unsigned k = 0; k < kKernels; ++k) {
    const auto executable = interpreter::interpret(kernels[k]);
    kernels::TileWorkspace workspace;
    workspace.reserve(layout, *executable);
    for (const std::uint64_t samples : {std::uint64_t{1000}, kTileSamples}) {
      std::vector<double> reference(layout.size);
      kernels::compute_tile(layout, *executable, arguments, samples, workspace, reference.data());
      const auto record = module.records(k, 1, kSeed, {3, 1, 4, 0}, 3 * kTileSamples + samples,
                                         cuda::numbers(kernels[k], arguments), layout.size);
      ASSERT_TRUE(same_numbers(record, reference))
          << ir::print(kernels[k])
          << sources[k].text.substr(sources[k].text.find("MC_DEVICE void sample_lane"));
    }
  }
}

}  // namespace
}  // namespace mc::testing
