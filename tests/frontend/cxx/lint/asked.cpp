// Asks moments for things, by machine code but for one. After `moment lint --warm` that is there, and no LLVM
// is needed.
#include <iostream>
#include <vector>

#include <mc/mc.hpp>

namespace {

constexpr mc::Backend kBack = mc::Backend::llvm;

void by_a_box() {
  auto f = mc::compile("sum(x_i^2)");
  std::cout << f.estimate(mc::box(3, 0.0, 1.0), {.samples = 1000, .backend = kBack}) << '\n';
  const mc::Box box = mc::box({0, 1}, {1, 3});
  std::cout << f.estimate(box, {.samples = 1000, .backend = kBack}) << '\n';
  std::cout << f.estimate({.samples = 1000, .box = mc::box(4, 0, 1), .backend = kBack}) << '\n';
  auto g = mc::compile("sum(x_i)", "prod(1/(hi_i - lo_i))");
  std::cout << g.run(mc::box(2, 0, 1), {.samples = 1000, .backend = kBack}).results[0].estimate << '\n';
}

void with_parameters() {
  const mc::Moment call = mc::compile("z ~ normal(0, 1); E[max(S0*exp(s*z - s^2/2) - K, 0)]");
  for (int strike : {95, 105}) {
    const mc::Options options{
        .samples = 1000, .parameters = {{"S0", 100}, {"s", 0.2}, {"K", strike}}, .backend = kBack};
    std::cout << call.estimate(options) << '\n';
  }
  auto weighted = mc::compile("z ~ normal(0, 1)^3; E[sum(w_i*z_i)]");
  std::cout << weighted.estimate({.samples = 1000, .parameters = {{"w", {1, 2, 3}}}, .backend = kBack})
            << '\n';
}

void in_single_precision() {
  std::cout << mc::compile("u ~ uniform(0, 1); E[u^3]")
                   .estimate({.samples = 1000,
                              .backend = kBack,
                              .generator = mc::Generator::philox4x32,
                              .precision = mc::Precision::f32})
            << '\n';
}

/// For which there is nothing to compile.
void interpreted() {
  std::cout << mc::compile("u ~ uniform(0, 1); E[u^5]")
                   .estimate({.samples = 1000, .backend = mc::Backend::interpreter})
            << '\n';
}

mc::Estimate handed_on(const char* program) {
  return mc::compile(program).estimate({.samples = 1000, .backend = kBack});
}

class Member {
 public:
  mc::Estimate ask() const { return moment_.estimate({.samples = 1000, .backend = kBack}); }

 private:
  mc::Moment moment_ = mc::compile("x ~ exponential(2); E[x]");
};

void on_data() {
  const std::vector<double> x{1, 2, 3}, y{4, 5, 6};
  const std::vector<float> floats{1, 2, 3};
  std::vector<double> out(3);
  std::vector<float> float_out(3);
  auto line = mc::compile("a*x + y");
  line.map(out, {{"a", 10}, {"x", x}, {"y", y}}, {.backend = kBack});
  line.map({float_out}, {{"a", 10}, {"x", floats}, {"y", floats}}, {.backend = kBack});
  std::cout << out[2] << ' ' << float_out[2] << '\n';
  std::cout << mc::compile("sum(x_i*y_i)")({{"x", x}, {"y", y}}, {.backend = kBack}) << '\n';
  mc::Reduction norm = mc::compile("norm(x)").bind({{"x", mc::NumberType::f32}});
  std::cout << norm({floats}, {.backend = kBack}) << '\n';
}

}  // namespace

int main() try {
  by_a_box();
  with_parameters();
  in_single_precision();
  interpreted();
  std::cout << handed_on("x ~ gamma(2, 3); E[x]") << ' ' << handed_on("x ~ beta(2, 3); E[x]") << '\n';
  std::cout << Member().ask() << '\n';
  on_data();
} catch (const mc::Error& error) {
  std::cerr << error.what() << '\n';
  return 3;
}
