// Arrays that stay on a GPU: what docs/gpu.md shows. Run by tests/docs, where there is no GPU with one that
// is none.
#include <iostream>
#include <mc/mc.hpp>
#include <vector>

int main() {
  const std::vector<float> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  auto product = mc::compile("a*b");

  // Arrays of the host go there and back in stretches.
  std::vector<float> out(4);
  product.map(out, {{"a", a}, {"b", b}}, {.backend = mc::Backend::cuda});

  // Arrays of the device stay: nothing is copied but what you copy.
  mc::DeviceArray there_a(a), there_b(b);
  mc::DeviceArray<float> there(4);
  product.map(there, {{"a", there_a}, {"b", there_b}});
  std::cout << (there.to_host() == out) << '\n';
  std::cout << mc::compile("sum(x), max(x)").reduce({{"x", there}})[1] << '\n';

  try {
    product.map(out, {{"a", there_a}, {"b", there_b}});
  } catch (const mc::ArgumentError& error) {
    std::cout << error.what() << '\n';
  }
}

/* prints
1
32
error: a lies on a device, and the output does not
  copy one of them: mc::DeviceArray(numbers), or to_host()
*/
