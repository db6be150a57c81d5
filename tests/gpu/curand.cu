// The benchmark's three programs by hand: cuRAND's Philox4_32_10 in the kernel, nvcc. tests/gpu/run compiles
// and runs it where there is an nvcc.
#include <cstdio>
#include <cstdlib>

#include <curand_kernel.h>

namespace {

constexpr int kThreads = 256, kBlocks = 4096;
using State = curandStatePhilox4_32_10_t;

__device__ void draw(State* s, double (&u)[4]) {
  const double2 a = curand_uniform2_double(s), b = curand_uniform2_double(s);
  u[0] = a.x, u[1] = a.y, u[2] = b.x, u[3] = b.y;
}
__device__ void draw(State* s, float (&u)[4]) {
  const float4 a = curand_uniform4(s);
  u[0] = a.x, u[1] = a.y, u[2] = a.z, u[3] = a.w;
}
__device__ void draw_normal(State* s, double (&z)[4]) {
  const double2 a = curand_normal2_double(s), b = curand_normal2_double(s);
  z[0] = a.x, z[1] = a.y, z[2] = b.x, z[3] = b.y;
}
__device__ void draw_normal(State* s, float (&z)[4]) {
  const float4 a = curand_normal4(s);
  z[0] = a.x, z[1] = a.y, z[2] = a.z, z[3] = a.w;
}

template <class T>
struct Squares {
  static constexpr const char* name = "sum(x_i^2), n = 10";
  static constexpr const char* unit = "coordinates";
  static constexpr double units = 10;
  /// Two samples: 20 coordinates, five draws of four.
  static __device__ double pair(State* s) {
    T sum = 0, u[4];
    for (int k = 0; k < 5; ++k) {
      draw(s, u);
      for (T x : u) sum += x * x;
    }
    return sum;
  }
};

template <class T>
struct European {
  static constexpr const char* name = "European call";
  static constexpr const char* unit = "samples";
  static constexpr double units = 1;
  static __device__ double pair(State* s) {
    T z[4], sum = 0;
    draw_normal(s, z);
    for (T each : z) sum += max(T(100) * exp(T(0.2) * each - T(0.02)) - T(105), T(0));
    return sum / 2;  // four samples count as two
  }
};

template <class T>
struct Asian {
  static constexpr const char* name = "Asian call, 252 steps";
  static constexpr const char* unit = "steps";
  static constexpr double units = 252;
  static __device__ double pair(State* s) {
    double both = 0;
    for (int sample = 0; sample < 2; ++sample) {
      T w = 0, sum = 0, z[4];
      for (int k = 0; k < 63; ++k) {
        draw_normal(s, z);
        for (T each : z) {
          w += T((0.05 - 0.02) / 252) + T(0.2 * 0.062994078834871) * each;
          sum += T(100) * exp(w);
        }
      }
      both += max(sum / T(252) - T(100), T(0));
    }
    return both;
  }
};

template <class Job>
__global__ void run(unsigned long long pairs, double* out) {
  State state;
  const unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
  curand_init(1, thread, 0, &state);
  double sum = 0;
  for (unsigned long long k = 0; k < pairs; ++k) sum += Job::pair(&state);
  out[thread] = sum;
}

template <class Job>
void measure(const char* precision, double samples, double factor, double* out) {
  const auto pairs = static_cast<unsigned long long>(samples / 2 / (kThreads * kBlocks)) + 1;
  cudaEvent_t begin, end;
  cudaEventCreate(&begin), cudaEventCreate(&end);
  float best = 1e30F;
  for (int k = 0; k < 4; ++k) {
    cudaEventRecord(begin);
    run<Job><<<kBlocks, kThreads>>>(pairs, out);
    cudaEventRecord(end);
    cudaEventSynchronize(end);
    float ms = 0;
    cudaEventElapsedTime(&ms, begin, end);
    if (k > 0 && ms < best) best = ms;
  }
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) {
    std::printf("\nabsent: cuRAND: %s\n", cudaGetErrorString(error));
    std::exit(0);
  }
  const double all = 2.0 * static_cast<double>(pairs) * kThreads * kBlocks * Job::units * factor;
  std::printf("| cuRAND Philox, nvcc | %s | %s | %.3g %s/s |\n", Job::name, precision, all / best * 1e3,
              Job::unit);
}

template <class T>
void measure_all(const char* precision, double* out) {
  measure<Squares<T>>(precision, 2e9, 1, out);
  measure<European<T>>(precision, 4e9, 2, out);  // a pair is four samples there
  measure<Asian<T>>(precision, 1e8, 1, out);
}

}  // namespace

int main() {
  double* out = nullptr;
  cudaMalloc(&out, sizeof(double) * kThreads * kBlocks);
  measure_all<double>("f64", out);
  measure_all<float>("f32", out);
  return 0;
}
