// Calls over arrays that are refused: what the error says, and what it says to do.
#include <gtest/gtest.h>
#include <mc/mc.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mc {
namespace {

struct Wrong {
  std::string_view program;
  std::function<void(const Moment&)> call;
  std::string_view message;
  std::string_view hint = {};
};

std::vector<double> three{1, 2, 3}, four{1, 2, 3, 4};

const Wrong kWrong[] = {
    {"sum(x_i*y_i)", [](auto& m) { m({{"x", three}, {"y", four}}); }, "x has 3 numbers and y has 4"},
    {"sum(x_i*y_i)", [](auto& m) { m({{"x", three}}); }, "y is free, and has no input"},
    {"sum(x)", [](auto& m) { m({{"x", three}, {"x", three}}); }, "x is given twice"},
    {"sum(x)", [](auto& m) { m({{"x", three}, {"z", three}}); }, "the program leaves no name z free"},
    {"c = 2; sum(c*x)", [](auto& m) { m({{"x", three}, {"c", 3}}); }, "the program leaves no name c free"},
    {"a, 2*a", [](auto& m) { m.map({three, three}, {{"a", three}}); }, "outputs 1 and 2 overlap"},
    {"a, 2*a", [](auto& m) { m.map({four, three}, {{"a", three}}); }, "a has 3 numbers and output 1 has 4"},
    {"x ~ normal(0, 1); E[x]", [](auto& m) { m({{"y", three}}); },
     "a program with random variables is sampled, not applied to data",
     "it has to be of bare expressions: sum(x_i^2)"},
    {"sum(x), max(x)", [](auto& m) { m({{"x", three}}); },
     "the program has 2 expressions, and one value is asked for"},
    {"sum(x_i*x_j)", [](auto& m) { m({{"x", three}}); }, "a reduction over data has one index",
     "the product of two sums is sum(x_i)*sum(y_j), for example"},
    {"sum(sum(x_i*y_j, i = 1..dim(x)), j = 1..dim(y))", [](auto& m) { m({{"x", three}, {"y", three}}); },
     "a reduction over data stands in another one and depends on its index",
     "compute it for each of the outer ones in a call of its own"},
    {"sum(cumsum(x)_i)", [](auto& m) { m({{"x", three}}); },
     "running sums over data are not in this version yet",
     "sum, prod, min, max, mean, norm, any and all are"},
    {"x_7", [](auto& m) { m({{"x", three}}); }, "x has 3 numbers, and the program asks for number 7"},
    {"sum(x_{2*i})", [](auto& m) { m({{"x", four}}); },
     "an element of x is 2 times an index on, and data is read in its order",
     "every element x_i, or one a fixed number on: x_{i+1}"},
    {"sum(x_i, i = dim(x)-2..dim(x))", [](auto& m) { m({{"x", three}}); },
     "a range begins at a known number, and dim(x) - 2 counts from the end of the data\n"
     "  1 | sum(x_i, i = dim(x)-2..dim(x))\n"
     "    |              ^~~~~~~~",
     "go through all of it, and take what is wanted: sum(if(i > dim(x) - 3, x_i, 0))"},
    {"max(x_i, i = dim(x)..dim(x))", [](auto& m) { m({{"x", three}}); }, "dim(x) counts from the end"},
    {"sum(i + 0*x_1, i = dim(x)..9)", [](auto& m) { m({{"x", three}}); }, "dim(x) counts from the end"},
    {"sum(x_i, i = 1..max(dim(x), 10))", [](auto& m) { m({{"x", three}}); },
     "a range's last number has to be a whole number known here, and max(dim(x), 10) is not",
     "of the length of data there is that, and a fixed number more or less: dim(x) - 1"},
    {"sum(i + 0*x_1, i = 1..min(10, dim(x) - 1))", [](auto& m) { m({{"x", three}}); },
     "a range's last number has to be a whole number known here, and min(10, dim(x) - 1) is not"},
    {"sum(x) + sum(1, i = 1..1000000000000)", [](auto& m) { m({{"x", three}}); },
     "a range's last number has to lie within 2^38, and 1e12 does not"},
    {"sum(x) + sum(1, i = 1..100000000000)", [](auto& m) { m({{"x", three}}); }, "Limits::rounds"},
    {"sum(x) + mean(1, i = -200000000000..200000000000)", [](auto& m) { m({{"x", three}}); },
     "Limits::rounds"},
    {"sum(x_i, i = 1..dim(x) + 1)", [](auto& m) { m({{"x", three}}); },
     "index i runs over 1..the data's length + 1, but here it may run over 1..the data's length only"},
    {"sum(x_{2*i})", [](auto& m) { m({{"x", three}}); },
     "error: an element of x is 2 times an index on, and data is read in its order"},
    {"sum(x_i, i = 1..3)", [](auto& m) { m({{"x", three}}); },
     "an index over 1..3 subscripts x, and data is gone through to its end\n"
     "  1 | sum(x_i, i = 1..3)\n"
     "    |     ^~~",
     "write single numbers, as x_1 + x_2, or take them from all: sum(if(i <= 2, x_i, 0))"},
    {"any(x_i > 2, i = 1..3)", [](auto& m) { m({{"x", three}}); }, "an index over 1..3 subscripts x"},
    {"w = [1, 10, 100]; sum(w_i*x_i)", [](auto& m) { m({{"x", three}}); }, "an index over 1..3 subscripts x"},
    {"sum(sum(x_j, j = 1..2), i = 1..dim(x))", [](auto& m) { m({{"x", three}}); },
     "an index over 1..2 subscripts x"},
    {"sum(sum(x_{j+1}, i = 1..2), j = 1..500)", [](auto& m) { m({{"x", three}}); },
     "an index over 1..500 subscripts x"},
    {"dot(x, [1, 2, 3])", [](auto& m) { m({{"x", three}}); },
     "dot cannot take an array of data and a vector of 3"},
    {"Var[x]", [](auto& m) { m({{"x", three}}); },
     "what Var[…] takes has to be a number, and x is an array of data"},
    {"Var[sum(x)]", [](auto& m) { m({{"x", three}}); },
     "Var[sum(x)] is a question about samples, and data has none",
     "write an expression, such as mean(x), or take samples from the data: x ~ data(A)"},
    {"a*b", [](auto& m) { m.map(three, {{"a", four}, {"b", 2}}); }, "a has 4 numbers and the output has 3"},
    {"a*b", [](auto& m) { m.map(three, {{"a", three}}); }, "b is free, and has no input"},
    {"a, b", [](auto& m) { m.map(three, {{"a", three}, {"b", 1}}); },
     "2 expressions, and 1 array to write is given"},
    {"a + 1", [](auto& m) { m.map(Output(four.data() + 1, 3), {{"a", Input(four.data(), 3)}}); },
     "an output overlaps a without being it"},
    {"sum(a_i)", [](auto& m) { m.map(three, {{"a", three}}); }, "a is a number and takes no subscript"},
    {"a", [](auto& m) { m.map(three, {{"a", three}}, {.backend = Backend(9)}); },
     "there is no back end number 9"},
    {"sum(a)", [](auto& m) { m({{"a", three}}, {.backend = Backend(-1)}); },
     "there is no back end number -1"},
    {"a", [](auto& m) { m.map(Output(four.data(), 3, 0), {{"a", three}}); },
     "the output has one place for 3 numbers: its stride is 0", "each number needs a place of its own"},
};

TEST(Data, RefusesWhatDoesNotFit) {
  for (const Wrong& wrong : kWrong) {
    SCOPED_TRACE(wrong.program);
    try {
      wrong.call(compile(wrong.program));
      ADD_FAILURE() << "nothing was refused";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(wrong.message), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(wrong.hint), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace mc
