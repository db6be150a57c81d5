"""E[sum(x_i^2)] of uniform coordinates in Python: t1_py.py VARIANT N M prints lines NAME<TAB>metric<TAB>value<TAB>unit.

numpy-best           Generator (PCG64), filled in place in chunks that fit the cache, einsum, sums of squares in one pass
numba-mt-fast        a plain loop over np.random.random (Mersenne twister), fastmath
numba-xoshiro-fast   a plain loop over a hand-written xoshiro256++, fastmath

Rates are of CPU time: what the wall clock would say on a core of one's own. Medians of seven, the first call apart.
"""

import os
import statistics
import sys
import time

for variable in ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np

variant, N, M = sys.argv[1], int(sys.argv[2]), int(float(sys.argv[3]))
BOX = np.zeros(N), np.ones(N)  # known when it runs only, as GSL's


def statistics_of(s1, s2):
    mean = s1/M
    return mean, (s2 - M*mean*mean)/(M*(M - 1.0))


def numpy_best():
    generator, chunk = np.random.default_rng(1), max(64, 32768//N)
    buffer = np.empty((min(chunk, M), N))

    def run():
        s1 = s2 = 0.0
        for done in range(0, M, len(buffer)):
            b = buffer[:min(len(buffer), M - done)]
            generator.random(out=b)
            y = np.einsum("ij,ij->i", b, b)
            s1 += y.sum()
            s2 += y @ y
        return statistics_of(s1, s2)

    return run


def numba_mt_fast():
    import numba

    @numba.njit(fastmath=True)
    def sums(M, lo, hi):
        N = lo.shape[0]
        s1 = 0.0
        s2 = 0.0
        for i in range(M):
            s = 0.0
            for j in range(N):
                x = lo[j] + (hi[j] - lo[j])*np.random.random()
                s += x*x
            s1 += s
            s2 += s*s
        return s1, s2

    return lambda: statistics_of(*sums(M, *BOX))


def numba_xoshiro_fast():
    import numba
    U = np.uint64

    @numba.njit(inline="always")
    def rotl(x, k):
        return (x << U(k)) | (x >> U(64 - k))

    @numba.njit(fastmath=True)
    def sums(M, lo, hi, seed):
        N = lo.shape[0]
        state = np.empty(4, np.uint64)
        mixed = U(seed)
        for q in range(4):  # SplitMix64
            mixed += U(0x9E3779B97F4A7C15)
            z = mixed
            z = (z ^ (z >> U(30)))*U(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> U(27)))*U(0x94D049BB133111EB)
            state[q] = z ^ (z >> U(31))
        a, b, c, d = state[0], state[1], state[2], state[3]
        s1 = 0.0
        s2 = 0.0
        for i in range(M):
            s = 0.0
            for j in range(N):
                r = rotl(a + d, 23) + a
                t = b << U(17)
                c ^= a
                d ^= b
                b ^= c
                a ^= d
                c ^= t
                d = rotl(d, 45)
                x = lo[j] + (hi[j] - lo[j])*(np.int64(r >> U(11))*1.1102230246251565e-16)
                s += x*x
            s1 += s
            s2 += s*s
        return s1, s2

    seeds = iter(range(7919, 1 << 62, 7919))
    return lambda: statistics_of(*sums(M, *BOX, next(seeds)))


def median_cpu_seconds(run, at_least=0.05):
    begin = time.perf_counter()
    run()
    calls = max(1, int(at_least/max(time.perf_counter() - begin, 1e-9)))
    all_of_them = []
    for _ in range(7):
        begin = time.process_time()
        for _ in range(calls):
            run()
        all_of_them.append((time.process_time() - begin)/calls)
    return statistics.median(all_of_them)


def emit(metric, value, unit):
    print(f"T1/{variant}/N{N}/M{M:g}\t{metric}\t{value:.6g}\t{unit}", flush=True)


run = {"numpy-best": numpy_best, "numba-mt-fast": numba_mt_fast, "numba-xoshiro-fast": numba_xoshiro_fast}[variant]()
begin = time.perf_counter()
mean, variance = run()
emit("first", time.perf_counter() - begin, "s")
cpu = median_cpu_seconds(run)
emit("cpu", cpu, "s")
emit("coords", N*M/cpu, "1/s")
emit("relerr_vs_sigma", (mean - N/3)/variance**0.5, "sigma")
