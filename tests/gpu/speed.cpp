// The benchmark, of samples and of arrays, and what a first call takes.
#include <random>

#include <fmt/format.h>
#include <mc/mc.hpp>

#include "engine/cuda/library.hpp"
#include "engine/cuda/resources.hpp"
#include "tests/gpu/check.hpp"
#include "tests/gpu/speeds.hpp"

namespace mc::gpu {
namespace {

std::string name_of(const Speed& of, Precision precision) {
  return fmt::format("{} | {}", of.name, precision == Precision::f64 ? "f64" : "f32");
}

/// A row for each program and precision.
std::vector<Row> rows_of(auto cells) {
  std::vector<Row> rows;
  for (const Speed& of : kSpeeds)
    for (const Precision precision : {Precision::f64, Precision::f32})
      rows.push_back({name_of(of, precision), [=, &of] { return cells(of, precision); }});
  return rows;
}

/// So that no row waits for the driver.
Report device_started() { return compile("E[2]").run({.samples = 1, .backend = Backend::cuda}); }

std::string from(const Report& first) { return first.timing.cache == "disk" ? "disk" : "NVRTC"; }

Cells speed(const Speed& of, Precision precision, double share) {
  const std::string device = device_started().device;
  const Moment moment = compile(of.program);
  const bool is_rehearsal = share < 1;
  const Options options{.samples = static_cast<std::uint64_t>(std::max(1.0, of.samples * share)),
                        .backend = Backend::cuda,
                        .precision = precision};
  Options small = options;
  small.samples = is_rehearsal ? 100 : 1'000'000;
  (void)moment.run(small);
  const double ms = best_ms(3, [&] { (void)moment.run(options); });
  const double small_ms = best_ms(is_rehearsal ? 2 : 100, [&] { (void)moment.estimate(small); });
  return {fmt::format("{} | {:.3g} {}/s | {:.0f} µs", device,
                      static_cast<double>(options.budget()) * of.units / ms * 1e3, of.unit, small_ms * 1e3)};
}

Cells load(const Speed& of, Precision precision) {
  device_started();
  const Moment moment = compile(of.program);
  Report first;
  const double ms = milliseconds(
      [&] { first = moment.run({.samples = 1, .backend = Backend::cuda, .precision = precision}); });
  return {fmt::format("{} | {:.1f} ms | {:.1f} ms", from(first), first.timing.compile_ms, ms)};
}

// ---- arrays

/// The lecture's example, a product of floats, and its lengths.
constexpr double kLengths[] = {5.12e5, 5.12e6, 5.12e7, 1.024e8};

/// Copies on the device, for comparison: nothing that the library itself needs.
class CopyThere {
 public:
  CopyThere() {
    constexpr const char* kNames[] = {"libcuda.so.1"};
    cuda::Library("NVIDIA's driver", "MC_CUDA_DRIVER", kNames).find(copy_, "cuMemcpyDtoDAsync_v2");
  }
  void operator()(const DeviceArray<float>& from, DeviceArray<float>& to) const {
    const cuda::Device& device = cuda::Driver::get().device(0);
    const cuda::Device::Current current(device);
    device.check(copy_(to.address(), from.address(), from.size() * sizeof(float), stream_.handle()), "copy");
    stream_.finish("copy");
  }

 private:
  cuda::Result (*copy_)(cuda::Address, cuda::Address, std::size_t, cuda::Stream) = nullptr;
  cuda::WorkStream stream_{cuda::Driver::get().device(0)};
};

/// GB/s of so many bytes a datum.
double rate(std::size_t n, double bytes, double ms) { return static_cast<double>(n) * bytes / ms * 1e-6; }

std::vector<float> drawn(std::size_t n, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<float> all(n);
  for (float& each : all) each = static_cast<float>(random()) * 0x1p-30F;
  return all;
}

Cells product_of(std::size_t n, int times) {
  const Moment product = compile("a*b");
  const std::vector<float> a = drawn(n, 1), b = drawn(n, 2);
  std::vector<float> by_cpu(n), by_gpu(n), back(n);
  DeviceArray<float> there_a(a), there_b(b), there_out(n);
  const CopyThere copy;
  DeviceArray<float> there_copy(n);
  const auto copied_ms = [&] { return best_ms(times, [&] { copy(there_a, there_copy); }); };
  const double copied_before_ms = copied_ms();
  const double there_ms = best_ms(times, [&] { product.map(there_out, {{"a", there_a}, {"b", there_b}}); });
  const double copy_ms = std::min(copied_before_ms, copied_ms());
  const double in_ms = best_ms(3, [&] { there_a.copy_from(a), there_b.copy_from(b); });
  const double out_ms = best_ms(3, [&] { there_out.copy_to(back); });
  const double gpu_ms =
      best_ms(3, [&] { product.map(by_gpu, {{"a", a}, {"b", b}}, {.backend = Backend::cuda}); });
  const double cpu_ms =
      best_ms(3, [&] { product.map(by_cpu, {{"a", a}, {"b", b}}, {.backend = Backend::interpreter}); });
  const bool is_same = same_bits(by_cpu, by_gpu) && same_bits(by_cpu, back);
  return told(
      is_same,
      fmt::format(
          "{:.4f} ms | {:.0f} GB/s | {:.0f} GB/s | {:.0f}% | {:.2f} + {:.2f} ms | {:.2f} ms | {:.2f} ms",
          there_ms, rate(n, 12, there_ms), rate(n, 8, copy_ms),
          100 * rate(n, 12, there_ms) / rate(n, 8, copy_ms), in_ms, out_ms, gpu_ms, cpu_ms),
      [] { return ""; });
}

}  // namespace

int speeds(double share) {
  return print_rows(
      "program | precision | device | best of 3 | 10⁶ samples",
      rows_of([share](const Speed& of, Precision precision) { return speed(of, precision, share); }));
}

int loads() {
  return print_rows("program | precision | machine code from | that alone | first call", rows_of(load));
}

int products(double share) {
  std::vector<Row> rows;
  for (const double length : kLengths) {
    const auto n = static_cast<std::size_t>(std::max(1.0, length * share));
    rows.push_back(
        {fmt::format("{:.4g}", static_cast<double>(n)), [=] { return product_of(n, share < 1 ? 2 : 50); }});
  }
  fmt::print("a*b of floats, GB/s of 12 bytes each; a copy on the device moves 8.\n\n");
  return print_rows(
      "floats | on the device | that is | a copy there | of a copy | in + out | arrays of the host, all | "
      "CPU, "
      "interpreted | bits",
      rows);
}

}  // namespace mc::gpu
