// What C++ a kernel becomes, to the letter; and what is refused.
#include "engine/cuda/writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/cuda/kept.hpp"
#include "engine/cuda/nvrtc.hpp"
#include "engine/cuda/translate.hpp"
#include "engine/kernels/statistics.hpp"
#include "tests/support/kernel_text.hpp"

namespace mc::testing {
namespace {

std::string written(std::string_view text) {
  const ir::Kernel kernel = kernel_of(text);
  cuda::Writer writer(kernel, {"first", "second"});
  return writer.constants() + writer.run();
}

struct Case {
  const char *name, *kernel, *statements;
};

const Case kCases[] = {
    {"precedence", R"(kernel scalars 3 arrays 0 outputs 2
%0 = scalar f64 0
%1 = scalar f64 1
%2 = scalar f64 2
%3 = sub f64 %1, %2
%4 = sub f64 %0, %3
%5 = sub f64 %4, %1
%6 = neg f64 %5
%7 = neg f64 %6
%8 = mul f64 %7, %3
output 0, %8
%9 = add f64 %0, %1
%10 = div f64 %2, %9
output 1, %10
)",
     R"(  // the lane's stream, and what no sample changes
  const f64 x1 = numbers[1] - numbers[2];
  const f64 x2 = -(-(numbers[0] - x1 - numbers[1])) * x1;
  columns[kLanes * 0] = x2;  // first
  const f64 x3 = numbers[2] / (numbers[0] + numbers[1]);
  columns[kLanes * 1] = x3;  // second
)"},
    {"literals", R"(kernel scalars 0 arrays 0 outputs 2
%0 = constant f64 3
%1 = constant f64 -0x1.999999999999ap-4
%2 = constant f64 inf
%3 = sub f64 %0, %1
%4 = min f64 %3, %2
output 0, %4
%5 = constant f32 0.1
%6 = to_f64 f64 %5
output 1, %6
)",
     R"(/// What no instruction holds.
__constant__ f64 c[] = {
    -0.1,
};

  // the lane's stream, and what no sample changes
  const f64 x1 = smaller(3.0 - c[0], from_bits(0x7ff0000000000000ull));
  columns[kLanes * 0] = x1;  // first
  columns[kLanes * 1] = (f64)0.1f;  // second
)"},
    {"a swap goes by names of its own", R"(kernel scalars 2 arrays 0 outputs 2
%0 = scalar f64 0
%1 = scalar f64 1
%2 = steps u32
%3, %4 = loop %2 (%0, %1) { %5, %6, %7 ->
  next %7, %6
}
output 0, %3
output 1, %4
)",
     R"(  // the lane's stream, and what no sample changes

  // the lane's samples
  f64 x1 = numbers[0];
  f64 x2 = numbers[1];
  for (u32 step = 0; step < steps; ++step) {
    const f64 x3 = x2;
    const f64 x4 = x1;
    x1 = x3;
    x2 = x4;
  }

  // the lane's statistics
  columns[kLanes * 0] = x1;  // first
  columns[kLanes * 1] = x2;  // second
)"},
    {"rows and arrays begin where the last ends", R"(kernel scalars 1 arrays 2 (4 2) outputs 2 rows 30 5
%0 = constant u32 1
%1 = steps u32
%2 = bit_and u32 %1, %0
%3 = element f64 1, %2
store 1, %2, %3
%4 = load f64 1, %2
%5 = element f64 0, %0
output 0, %4
output 1, %5
)",
     R"(  // the lane's stream, and what no sample changes
  const u32 n1 = steps & 1u;
  rows[kLanes * (30 + n1)] = numbers[5 + n1];
  const f64 x2 = rows[kLanes * (30 + n1)];
  columns[kLanes * 0] = x2;  // first
  columns[kLanes * 1] = numbers[2];  // second
)"},
    {"a load stays before a later store, and few rows are the lane's own",
     R"(kernel scalars 2 arrays 0 outputs 2 rows 1
%0 = constant u32 0
%1 = scalar f64 0
store 0, %0, %1
%2 = load f64 0, %0
%3 = scalar f64 1
store 0, %0, %3
output 0, %2
output 1, %1
)",
     R"(  // the lane's stream, and what no sample changes
  rows[0] = numbers[0];
  const f64 x1 = rows[0];
  rows[0] = numbers[1];
  columns[kLanes * 0] = x1;  // first
  columns[kLanes * 1] = numbers[0];  // second
)"},
    {"a shift with bits coming in", R"(kernel scalars 0 arrays 0 outputs 2
%0 = seed u64
%1 = constant u64 12
%2 = shr u64 %0, %1
%3 = constant u64 0x3ff0000000000000
%4 = bit_or u64 %2, %3
%5 = from_bits f64 %4
output 0, %5
%6 = constant u64 0x0018000000000000
%7 = bit_or u64 %2, %6
%8 = from_bits f64 %7
output 1, %8
)",
     R"(  // the lane's stream, and what no sample changes
  const u64 w1 = seed >> 12;
  columns[kLanes * 0] = from_bits(shifted(seed, 0x3ffu, 12));  // first
  columns[kLanes * 1] = from_bits(w1 | 0x18000000000000ull);  // second
)"},
    {"exclusive or of three, and what is shifted left by less than a half",
     R"(kernel scalars 0 arrays 0 outputs 2
%0 = seed u64
%1 = tile u64
%2 = lane u64
%3 = bit_xor u64 %0, %1
%4 = constant u64 17
%5 = shl u64 %2, %4
%6 = bit_xor u64 %3, %5
%7 = bit_xor u64 %2, %3
%8 = iadd u64 %6, %7
%9 = bit_xor u64 %1, %2
%10 = bit_xor u64 %9, %0
%11 = constant u64 52
%12 = shl u64 %9, %11
%13 = iadd u64 %10, %12
%14 = from_bits f64 %8
output 0, %14
%15 = from_bits f64 %13
output 1, %15
)",
     R"(  // the lane's stream, and what no sample changes
  const u64 w1 = xor3(seed, tile, shl(lane, 17)) + xor3(seed, tile, lane);
  const u64 w2 = xor3(tile, lane, seed) + ((tile ^ lane) << 52);
  columns[kLanes * 0] = from_bits(w1);  // first
  columns[kLanes * 1] = from_bits(w2);  // second
)"},
    {"choices that are no minimum or maximum", R"(kernel scalars 2 arrays 0 outputs 2
%0 = scalar f64 0
%1 = scalar f64 1
%2 = constant f64 0
%3 = lt i1 %0, %2
%4 = select f64 %3, %2, %0
%5 = eq i1 %0, %1
%6 = select f64 %5, %4, %1
output 0, %6
%7 = to_f32 f32 %0
%8 = constant f32 0
%9 = le i1 %7, %8
%10 = select f32 %9, %7, %8
%11 = to_f64 f64 %10
output 1, %11
)",
     R"(  // the lane's stream, and what no sample changes
  const f64 x1 = if_less(numbers[0], 0.0, 0.0, numbers[0]);
  const f64 x2 = (numbers[0] == numbers[1]) ? x1 : numbers[1];
  columns[kLanes * 0] = x2;  // first
  const f32 y3 = (f32)numbers[0];
  columns[kLanes * 1] = (f64)if_at_most(y3, 0.0f, y3, 0.0f);  // second
)"},
    {"settling", R"(kernel scalars 0 arrays 0 outputs 2
%0 = constant u32 1000
%1 = constant i1 false
%2 = constant f64 0
%3, %4 = loop %0 (%2, %1) { %5, %6, %7 until %7 ->
  %8 = to_f64 f64 %5
  %9 = constant i1 true
  next %8, %9
}
output 0, %3
output 1, %2
)",
     R"(  // the lane's stream, and what no sample changes

  // until settled, 1000u rounds at most
  f64 x1 = 0.0;
  bool b2 = false;
  for (u32 h = 0; h < 1000u; ++h) {
    x1 = (f64)h;
    b2 = true;
    if (b2) break;
  }
  columns[kLanes * 0] = x1;  // first
  columns[kLanes * 1] = 0.0;  // second
)"},
};

TEST(Writer, WritesCppThatPeopleRead) {
  for (const Case& c : kCases) EXPECT_EQ(written(c.kernel), c.statements) << c.name;
}

std::string refusal(std::string_view text) {
  const std::vector<kernels::Group> groups{{}};
  try {
    cuda::translate(kernel_of(text), kernels::Layout(groups));
    return "";
  } catch (const cuda::Error& error) {
    return error.what();
  }
}

TEST(Translate, RefusesWhatItCannotSay) {
  EXPECT_EQ(refusal("kernel scalars 0 arrays 0 outputs 1\n%0 = constant f64 1\noutput 0, %0\n"),
            "the kernel's columns are not the layout's");
  EXPECT_EQ(refusal("kernel scalars 0 arrays 0 outputs 5\n%0 = constant f64 1\n%1 = exp f64 %0\noutput 0, "
                    "%1\noutput 1, "
                    "%0\noutput 2, %0\noutput 3, %0\noutput 4, %0\n"),
            "no CUDA source has the operation exp");
  EXPECT_EQ(refusal("kernel scalars 0 arrays 0 outputs 1 data 1 (f64)\n%0 = steps u32\n%1 = constant f64 "
                    "0\n%2 = loop %0 "
                    "(%1) { %3, %4 ->\n  %5 = datum_f64 f64 0, %3\n  next %5\n}\noutput 0, %2\n"),
            "a kernel that goes through data has no tiles of samples");
}

/// A driver may not take what a later compiler made.
TEST(Nvrtc, IsLookedForBesideTheDriver) {
  for (const auto& [driver, first] : {std::pair(0, "libnvrtc.so.13"), std::pair(13000, "libnvrtc.so.13"),
                                      std::pair(12080, "libnvrtc.so.12")}) {
    const auto names = cuda::nvrtc_names(driver);
    EXPECT_EQ(names.size(), 6U);
    EXPECT_STREQ(names.front(), first) << driver;
    EXPECT_EQ(std::ranges::count(names, std::string_view("libnvrtc.so.12")), 1) << driver;
    EXPECT_EQ(std::ranges::count(names, std::string_view("libnvrtc.so.13")), 1) << driver;
  }
}

TEST(Kept, ComesBackAsItWas) {
  cuda::Assembled made;
  made.architecture = 90;
  made.cubin = std::string(
      "\x7f"
      "ELF and \0 more",
      15);
  made.registers = 40;
  made.stack_bytes = 8;
  const auto back = cuda::unpacked(cuda::packed(made));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->cubin, made.cubin);
  EXPECT_EQ(back->architecture, 90);
  EXPECT_EQ(back->registers, 40u);
  EXPECT_EQ(back->stack_bytes, 8u);
  EXPECT_FALSE(cuda::unpacked("").has_value());
  EXPECT_FALSE(cuda::unpacked(cuda::packed({})).has_value()) << "no machine code";
  made.cubin = "something else";
  EXPECT_FALSE(cuda::unpacked(cuda::packed(made)).has_value());
}

TEST(Kept, IsFoundByDeviceAndSource) {
  const std::string key = cuda::key_of("source", 90, 133);
  EXPECT_EQ(key, cuda::key_of("source", 90, 133));
  EXPECT_NE(key, cuda::key_of("source", 80, 133));
  EXPECT_NE(key, cuda::key_of("source2", 90, 133));
  const auto what = cuda::described(key);
  ASSERT_TRUE(what.has_value());
  EXPECT_EQ(what->operations, 133u);
  EXPECT_EQ(what->device, 90);
  EXPECT_TRUE(what->is_usable);
  EXPECT_FALSE(cuda::described("moment machine code\n").has_value());
  EXPECT_FALSE(cuda::described("moment cubin\n133 operations\nsm_90 contract 0\n")->is_usable);
}

}  // namespace
}  // namespace mc::testing
