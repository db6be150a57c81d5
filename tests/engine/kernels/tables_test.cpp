// Cells of tables on every back end, bit for bit what the reference evaluator gives; and what the IR refuses.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <random>

#include "engine/ir/text.hpp"
#include "engine/ir/verify.hpp"
#include "engine/passes/passes.hpp"
#include "tests/engine/kernels/back_ends.hpp"
#include "tests/support/evaluate.hpp"

namespace mc::testing {
namespace {

using ir::Builder;
using ir::Number;
using ir::Op;
using ir::X;

constexpr std::uint32_t kColumns = 7;

/// A word of the lane's own, all of whose bits matter.
X word_of(Builder& b) {
  const X lane(b, b.leaf(Op::lane)), seed(b, b.leaf(Op::seed));
  return (lane + seed) * std::uint64_t{0x9E3779B97F4A7C15};
}

/// A cell of a drawn row in a column that is known, the sum over all columns of the row that has the lane's
/// number, and a drawn number itself.
ir::Kernel kernel_of(Number type) {
  Builder b;
  const std::uint32_t table = b.table({type, kColumns});
  const X rows(b, b.table_rows(table));
  const X drawn = random::below(word_of(b), rows);
  const auto number = [](X cell) { return cell.type() == ir::Type::f32 ? to_f64(cell) : cell; };
  b.output(0, number({b, b.cell(table, drawn, b.constant_u32(4))}));
  const X lane(b, b.leaf(Op::lane));
  const ir::Value start = b.constant(0.0);
  const auto sum = b.loop(b.constant_u32(kColumns), std::span(&start, 1),
                          [&](ir::Value column, std::span<const ir::Value> carried) {
                            const X cell = number({b, b.cell(table, lane, column)});
                            return std::vector<ir::Value>{X(b, carried[0]) + cell};
                          });
  b.output(1, sum[0]);
  b.output(2, to_f64(drawn));
  return passes::lower(b.finish(0));
}

template <class T>
std::vector<std::byte> bytes(std::size_t rows, std::size_t stride) {
  std::mt19937_64 random(rows);
  std::vector<std::byte> memory(rows * stride + sizeof(T));
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < kColumns; ++column) {
      const std::uint64_t word = random();
      T value;
      if constexpr (std::is_floating_point_v<T>)
        value = static_cast<T>(static_cast<double>(word) * 0x1p-40);
      else
        value = static_cast<T>(word);
      std::memcpy(memory.data() + row * stride + column * sizeof value, &value, sizeof value);
    }
  return memory;
}

std::vector<std::byte> bytes_of_type(Number type, std::size_t rows, std::size_t stride) {
  switch (type) {
    case Number::f64:
      return bytes<double>(rows, stride);
    case Number::f32:
      return bytes<float>(rows, stride);
    case Number::i64:
      return bytes<std::int64_t>(rows, stride);
    case Number::i32:
      return bytes<std::int32_t>(rows, stride);
    case Number::u8:
      break;
  }
  return bytes<std::uint8_t>(rows, stride);
}

class Tables : public ::testing::TestWithParam<Number> {};

/// Fewer rows than lanes: those past the last one read that. And rows at any address.
TEST_P(Tables, GiveTheReferencesBitsOnEveryBackEnd) {
  const ir::Kernel kernel = kernel_of(GetParam());
  ASSERT_EQ(ir::verify(kernel, ir::Level::primitives), std::vector<std::string>{});
  for (const std::uint64_t rows : {1, 2, 100, 300})
    for (const std::size_t padding : {0, 1, 64}) {
      SCOPED_TRACE(std::to_string(rows) + " rows, padding " + std::to_string(padding));
      const std::size_t stride = kColumns * ir::bytes_of(GetParam()) + padding;
      const auto memory = bytes_of_type(GetParam(), rows, stride);
      const kernels::Table table{memory.data(), rows, static_cast<std::int64_t>(stride)};
      const kernels::Arguments arguments{.seed = 12345, .tables = &table};
      std::vector<std::vector<double>> wanted;
      for (unsigned lane = 0; lane < kernels::kLanes; ++lane)
        wanted.push_back(evaluate(kernel, arguments, lane, 1));
      for (const BackEnd& back_end : back_ends()) {
        SCOPED_TRACE(back_end.name);
        const auto got = columns_of(*back_end.make(kernel), arguments);
        for (unsigned lane = 0; lane < kernels::kLanes; ++lane)
          for (unsigned k = 0; k < 3; ++k)
            ASSERT_EQ(got[k * kernels::kLanes + lane], wanted[lane][k]) << lane << ", column " << k;
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Types, Tables,
                         ::testing::Values(Number::f64, Number::f32, Number::i64, Number::i32, Number::u8),
                         [](const auto& info) { return std::string(ir::name(info.param)); });

/// From the last row on backwards.
TEST(Table, MayHaveANegativeStride) {
  const ir::Kernel kernel = kernel_of(Number::f64);
  const auto memory = bytes<double>(50, kColumns * 8);
  const kernels::Table forwards{memory.data(), 50, kColumns * 8};
  const kernels::Table backwards{memory.data() + 49 * kColumns * 8, 50, -std::int64_t{kColumns} * 8};
  for (const BackEnd& back_end : back_ends()) {
    const auto executable = back_end.make(kernel);
    const auto one = columns_of(*executable, {.seed = 1, .tables = &forwards}),
               other = columns_of(*executable, {.seed = 1, .tables = &backwards});
    for (unsigned lane = 0; lane < 50; ++lane)
      EXPECT_EQ(one[kernels::kLanes + lane], other[kernels::kLanes + 49 - lane]) << back_end.name;
  }
}

/// The high half of a product of 128 bits, for counts of all sizes.
TEST(Below, IsTheHighHalfOfTheProduct) {
  Builder b;
  const std::uint32_t table = b.table({Number::u8, 1});
  const X drawn = random::below(word_of(b), X(b, b.table_rows(table)));
  b.output(0, to_f64(drawn >> 32));
  b.output(1, to_f64(drawn & std::uint64_t{0xFFFFFFFF}));
  const ir::Kernel kernel = passes::lower(b.finish(0));
  for (const std::uint64_t rows :
       {std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{0xFFFFFFFF}, std::uint64_t{1} << 32,
        (std::uint64_t{1} << 53) - 1, std::uint64_t{1} << 53, ~std::uint64_t{0}})
    for (const BackEnd& back_end : back_ends()) {
      SCOPED_TRACE(back_end.name + ", " + std::to_string(rows));
      const kernels::Table all{nullptr, rows, 0};
      const auto got = columns_of(*back_end.make(kernel), {.seed = 99, .tables = &all});
      for (std::uint64_t lane = 0; lane < kernels::kLanes; ++lane) {
        const std::uint64_t word = (lane + 99) * 0x9E3779B97F4A7C15;
        __extension__ using Wide = unsigned __int128;
        const auto high = static_cast<std::uint64_t>(static_cast<Wide>(word) * rows >> 64);
        ASSERT_EQ(got[lane], static_cast<double>(high >> 32));
        ASSERT_EQ(got[kernels::kLanes + lane], static_cast<double>(high & 0xFFFFFFFF));
      }
    }
}

constexpr std::string_view kText = R"(kernel scalars 0 arrays 0 outputs 1 tables 2 (f64:3 f32:1)
%0 = table_rows u64 0
%1 = constant u32 2
%2 = cell_f64 f64 0, %0, %1
output 0, %2
)";

TEST(TableText, IsReadAsItIsPrinted) {
  const auto kernel = ir::parse(kText);
  ASSERT_TRUE(kernel) << kernel.error();
  EXPECT_EQ(kernel->tables, (std::vector<ir::Table>{{Number::f64, 3}, {Number::f32, 1}}));
  EXPECT_EQ(ir::print(*kernel), kText);
  EXPECT_EQ(ir::print(passes::lower(*kernel)), kText);
}

TEST(TableText, IsRefused) {
  struct Case {
    std::string_view from, to, why;
  };
  for (const auto& [from, to, why] : {
           Case{"u32 2", "u32 3",
                "line 4: cell_f64: an index is proven to lie within its row, array or table: "
                "3..3 of table 0 of 3 columns"},
           Case{"cell_f64 f64 0", "cell_f64 f64 1",
                "line 4: cell_f64: a cell is of its table's type, and of one column in all lanes: f64 in a "
                "table of f32"},
           Case{"cell_f64 f64 0", "cell_f64 f64 2",
                "line 4: cell_f64: the kernel has such a scalar, array, row, table or column: table 2 of 2"},
           Case{
               "table_rows u64 0", "table_rows u64 9",
               "line 2: table_rows: the kernel has such a scalar, array, row, table or column: table 9 of 2"},
           Case{"%1 = constant u32 2", "%3 = lane u64\n%1 = narrow u32 %3",
                "line 5: cell_f64: a cell is of its table's type, and of one column in all lanes: its column "
                "varies"},
           Case{"f64:3", "f16:3", "line 1: a table is of f64:1 or the like, not of f16:3"},
           Case{"f64:3", "f64", "line 1: a table is of f64:1 or the like, not of f64"},
           Case{"tables 2", "tables 3", "line 1: these are the types of 2 tables, not 3"},
       }) {
    std::string text(kText);
    text.replace(text.find(from), from.size(), to);
    const auto kernel = ir::parse(text);
    ASSERT_FALSE(kernel) << text;
    EXPECT_EQ(kernel.error(), why);
  }
}

}  // namespace
}  // namespace mc::testing
