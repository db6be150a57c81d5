// A call's arrays have just the extents that the kernel was made for: what it reads is proven to lie within
// those.
#include "frontend/api/binding.hpp"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace mc {
namespace {

language::Model model_of(std::int64_t rows, std::int64_t columns) {
  language::Model model;
  model.scalars = {"K"};
  model.arrays.push_back({.name = {}, .shape = {1, 2, 1}, .values = {7, 8}});
  model.arrays.push_back({.name = "A", .shape = {2, rows, columns}, .values = {}});
  return model;
}

const Parameters kGiven = {{"K", 5.0}, {"A", {{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}}};

TEST(Binding, GivesScalarsAndArraysInTheKernelsOrder) {
  Binding binding;
  binding.bind(model_of(2, 3), kGiven, nullptr);
  const kernels::Arguments arguments = binding.arguments(1);
  EXPECT_EQ(arguments.scalars[0], 5);
  EXPECT_EQ(arguments.arrays[1][5], 6);
}

TEST(Binding, RefusesArraysThatAreShorterOrLongerThanTheKernelSays) {
  Binding binding;
  EXPECT_THROW(binding.bind(model_of(3, 3), kGiven, nullptr), std::logic_error);
  EXPECT_THROW(binding.bind(model_of(2, 2), kGiven, nullptr), std::logic_error);
  language::Model literal = model_of(2, 3);
  literal.arrays[0].shape.rows = 3;
  EXPECT_THROW(binding.bind(literal, kGiven, nullptr), std::logic_error);
  const Box box = mc::box({0, 0}, {1, 1});
  literal = model_of(2, 3);
  literal.arrays.push_back({.name = "box.lo", .shape = {1, 3, 1}, .values = {}});
  EXPECT_THROW(binding.bind(literal, kGiven, &box), std::logic_error);
}

}  // namespace
}  // namespace mc
