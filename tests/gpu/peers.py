#!/usr/bin/env python3
"""The benchmark of `gpu_check speed` by others, as far as they are on this machine: CuPy, JAX, PyTorch, Numba-CUDA.

Each draws its own numbers on the GPU, by what its documentation recommends. tests/gpu/run calls `peers.py NAME [SHARE]`, a
process for each: rows of a table go to stdout, or a line that says why the peer is absent, or where it failed. SHARE is of the
samples.
"""
import importlib
import math
import os
import sys
import time

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # JAX takes three quarters of the memory otherwise
JOBS = {  # what a sample is counted as, how many of that, samples at a time: a GB or less
    "sum(x_i^2), n = 10": ("coordinates", 10, 10_000_000),
    "European call": ("samples", 1, 50_000_000),
    "Asian call, 252 steps": ("steps", 252, 400_000),
}
TYPES = ("f64", "f32")


def best_of_three(work):
    """Seconds, and what the first call gave, which compiles and is not counted."""
    given = work()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times), given


def array_jobs(np, uniform, normal, wrap):
    """The three jobs over a NumPy-like module; `wrap` compiles a function of (key, m), uniform and normal draw."""

    def squares(key, m):
        x = uniform(key, (m, 10))
        return (x * x).sum(1).mean()

    def european(key, m):
        return np.maximum(100 * np.exp(0.2 * normal(key, (m,)) - 0.02) - 105, 0).mean()

    def asian(key, m):
        steps = (0.05 - 0.02) / 252 + 0.2 * math.sqrt(1 / 252) * normal(key, (m, 252))
        s = 100 * np.exp(np.cumsum(steps, 1))
        return math.exp(-0.05) * np.maximum(s.mean(1) - 100, 0).mean()

    return {name: wrap(f) for name, f in zip(JOBS, (squares, european, asian))}


def drawing(jobs):
    """Functions of how many samples are wanted, that draw them and say how many they drew."""

    def work(f):
        def draw(m):
            float(f(1, m))
            return m

        return draw

    return {name: work(f) for name, f in jobs.items()}


def cupy_peer(cupy):
    rng = cupy.random.Generator(cupy.random.Philox4x3210(1))

    def run(kind):
        dtype = cupy.float64 if kind == "f64" else cupy.float32
        jobs = array_jobs(cupy, lambda _, shape: rng.random(shape, dtype), lambda _, shape: rng.standard_normal(shape, dtype),
                          lambda f: f)
        return drawing(jobs)

    def arrays(n):
        a, b = cupy.ones(n, cupy.float32), cupy.ones(n, cupy.float32)
        out = cupy.empty_like(a)

        def work():
            cupy.multiply(a, b, out)
            cupy.cuda.Device().synchronize()

        return work

    cupy.cuda.Device(0).use()
    return run, arrays


def jax_peer(jax):
    jax.config.update("jax_enable_x64", True)
    np = importlib.import_module("jax.numpy")
    if jax.default_backend() not in ("gpu", "cuda"):
        raise RuntimeError("JAX sees no GPU")

    def run(kind):
        dtype = np.float64 if kind == "f64" else np.float32
        draw = lambda f: lambda key, shape: f(jax.random.PRNGKey(key), shape, dtype)
        jobs = array_jobs(np, draw(jax.random.uniform), draw(jax.random.normal), lambda f: jax.jit(f, static_argnums=1))
        return drawing(jobs)

    def arrays(n):
        a, b = np.ones(n, np.float32), np.ones(n, np.float32)
        multiply = jax.jit(lambda x, y: x * y)
        return lambda: multiply(a, b).block_until_ready()

    return run, arrays


def or_eager(f, compiled):
    """The compiled function, or f itself once that has failed."""
    chosen = [compiled]

    def call(*arguments):
        try:
            return chosen[0](*arguments)
        except Exception as error:
            if chosen[0] is f:
                raise
            print(f"note: {f.__name__} is not compiled but eager: {in_short(error)}", flush=True)
            chosen[0] = f
            return f(*arguments)

    return call


def torch_peer(torch):
    if not torch.cuda.is_available():
        raise RuntimeError("PyTorch sees no GPU")

    class Np:
        exp, cumsum = torch.exp, torch.cumsum
        maximum = staticmethod(lambda x, least: torch.clamp(x, min=least))

    def run(kind):
        how = {"device": "cuda", "dtype": torch.float64 if kind == "f64" else torch.float32}
        compiled = lambda f: or_eager(f, torch.compile(f))
        jobs = array_jobs(Np, lambda _, shape: torch.rand(shape, **how), lambda _, shape: torch.randn(shape, **how), compiled)
        return drawing(jobs)

    def arrays(n):
        a, b = torch.ones(n, device="cuda"), torch.ones(n, device="cuda")
        out = torch.empty_like(a)

        def work():
            torch.mul(a, b, out=out)
            torch.cuda.synchronize()

        return work

    return run, arrays


def numba_peer(numba):
    cuda = importlib.import_module("numba.cuda")
    random = importlib.import_module("numba.cuda.random")
    numpy = importlib.import_module("numpy")
    if not cuda.is_available():
        raise RuntimeError("Numba sees no GPU")
    threads, blocks = 256, 2048
    states = random.create_xoroshiro128p_states(threads * blocks, seed=1)

    def run(kind):
        f = numba.float64 if kind == "f64" else numba.float32
        uniform = random.xoroshiro128p_uniform_float64 if kind == "f64" else random.xoroshiro128p_uniform_float32
        normal = random.xoroshiro128p_normal_float64 if kind == "f64" else random.xoroshiro128p_normal_float32

        @cuda.jit
        def squares(states, m, out):
            t, total = cuda.grid(1), 0.0
            for _ in range(m):
                s = f(0)
                for _ in range(10):
                    x = uniform(states, t)
                    s += x * x
                total += s
            out[t] = total

        @cuda.jit
        def european(states, m, out):
            t, total = cuda.grid(1), 0.0
            for _ in range(m):
                total += max(f(100) * math.exp(f(0.2) * normal(states, t) - f(0.02)) - f(105), f(0))
            out[t] = total

        @cuda.jit
        def asian(states, m, out):
            t, total = cuda.grid(1), 0.0
            drift, scale = f((0.05 - 0.02) / 252), f(0.2 * math.sqrt(1 / 252))
            for _ in range(m):
                w, s = f(0), f(0)
                for _ in range(252):
                    w += drift + scale * normal(states, t)
                    s += f(100) * math.exp(w)
                total += max(s / f(252) - f(100), f(0))
            out[t] = total

        out = cuda.device_array(threads * blocks, numpy.float64)

        def go(kernel, m):
            each = -(-20 * m // (threads * blocks))  # nothing is stored, so that there may be many; how many there were
            kernel[blocks, threads](states, each, out)
            cuda.synchronize()
            return each * threads * blocks

        return {name: (lambda m, k=k: go(k, m)) for name, k in zip(JOBS, (squares, european, asian))}

    def arrays(n):
        ones = numpy.ones(n, numpy.float32)
        a, b, out = cuda.to_device(ones), cuda.to_device(ones), cuda.device_array(n, numpy.float32)

        @cuda.jit
        def multiply(x, y, z):
            k = cuda.grid(1)
            if k < z.size:
                z[k] = x[k] * y[k]

        def work():
            multiply[(n + 255) // 256, 256](a, b, out)
            cuda.synchronize()

        return work

    return run, arrays


PEERS = {"CuPy": ("cupy", cupy_peer), "JAX": ("jax", jax_peer), "PyTorch": ("torch", torch_peer), "Numba": ("numba", numba_peer)}


def in_short(error):
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def measure(title, run, arrays, share):
    for n in (512_000, 5_120_000, 51_200_000, 102_400_000):
        n = max(1, int(n * share))
        seconds, _ = best_of_three(arrays(n))
        print(f"| {title} | a*b, {n:.3g} floats there | f32 | {12 * n / seconds / 1e9:.4g} GB/s |", flush=True)
    for kind in TYPES:
        for job, work in run(kind).items():
            unit, units, m = JOBS[job]
            seconds, drawn = best_of_three(lambda: work(max(1, int(m * share))))
            print(f"| {title} | {job} | {kind} | {drawn * units / seconds:.3g} {unit}/s |", flush=True)


def main():
    name, share = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    module, make = PEERS[name]
    try:
        loaded = importlib.import_module(module)
        run, arrays = make(loaded)
    except Exception as error:
        print(f"absent: {name}: {in_short(error)}")
        return
    try:
        measure(f"{name} {getattr(loaded, '__version__', '')}", run, arrays, share)
    except Exception as error:
        print(f"failed: {name}: {in_short(error)}")


main()
