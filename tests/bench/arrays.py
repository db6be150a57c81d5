"""Reads data_bench's JSON, measures NumPy, numexpr and Numba at the same jobs, and prints the table.

Times are CPU times of one thread, medians: the machine may be shared. A library that is not there is left out with a line.
"""

import importlib
import json
import os
import statistics
import sys
import time

for variable in ("NUMBA_NUM_THREADS", "NUMEXPR_MAX_THREADS", "NUMEXPR_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

REPETITIONS = int(os.environ.get("REPETITIONS", 9))
SIZES = (512_000, 5_120_000, 51_200_000)


def imported(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not there and left out: apt-get install python3-{name}", file=sys.stderr)


numpy, numexpr, numba = imported("numpy"), imported("numexpr"), imported("numba")


def seconds(call, at_least=0.05):
    """CPU time of a call, the first of which is not counted."""
    call()
    start = time.process_time()
    call()
    rounds = max(1, int(at_least / max(time.process_time() - start, 1e-7)))
    times = []
    for _ in range(REPETITIONS):
        start = time.process_time()
        for _ in range(rounds):
            call()
        times.append((time.process_time() - start) / rounds)
    return statistics.median(times)


def sums():
    x = numpy.arange(1000.0)
    yield "NumPy", lambda: numpy.sum(x)
    if numba:
        total = numba.njit(lambda x: numpy.sum(x))
        yield "Numba", lambda: total(x)


def products(size):
    a, b = numpy.full(size, 3, numpy.float32), numpy.full(size, 2, numpy.float32)
    out = numpy.empty_like(a)
    yield "NumPy", lambda: numpy.multiply(a, b, out=out)
    if numexpr:
        yield "numexpr", lambda: numexpr.evaluate("a*b", out=out, local_dict={"a": a, "b": b})
    if numba:
        product = numba.njit(lambda a, b, out: numpy.multiply(a, b, out))
        yield "Numba", lambda: product(a, b, out)


def mixtures():
    random = numpy.random.default_rng(1)
    a, b, c, d = (random.uniform(-3, 3, 1_000_000) for _ in range(4))
    out = numpy.empty_like(a)
    yield "NumPy", lambda: a * b + numpy.sin(c) / numpy.sqrt(d * d + 1)
    if numexpr:
        names = {"a": a, "b": b, "c": c, "d": d}
        yield "numexpr", lambda: numexpr.evaluate("a*b + sin(c)/sqrt(d*d + 1)", out=out, local_dict=names)
    if numba:

        @numba.njit(fastmath=True)
        def mixture(a, b, c, d, out):
            for i in range(a.shape[0]):
                out[i] = a[i] * b[i] + numpy.sin(c[i]) / numpy.sqrt(d[i] * d[i] + 1)

        yield "Numba", lambda: mixture(a, b, c, d, out)


def measured(runs):
    """{benchmark: CPU seconds} of Google Benchmark's medians."""
    units = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}
    return {
        run["run_name"].replace("/real_time", ""): run["cpu_time"] * units[run["time_unit"]]
        for run in runs
        if run.get("aggregate_name") == "median"
    }


def row(job, ours, by_hand, theirs, show):
    times = {"NumPy": None, "numexpr": None, "Numba": None} | {name: seconds(call) for name, call in theirs}
    cells = [show(t) if t else "" for t in (ours, by_hand, *times.values())]
    print(f"| {job} | " + " | ".join(cells) + " |", flush=True)


def main():
    ours = measured(json.load(sys.stdin)["benchmarks"])
    nanoseconds = lambda t: f"{t * 1e9:.0f} ns"
    print("| job | Moment | C++ | NumPy | numexpr | Numba |\n| --- | --- | --- | --- | --- | --- |")
    theirs = list(sums()) if numpy else []
    row("sum(x), 1000 doubles, bound", ours["sum_bound/1000"], ours["sum_by_hand/1000"], theirs, nanoseconds)
    row("the same by name", ours["sum_by_name/1000"], ours["sum_by_hand/1000"], theirs, nanoseconds)
    for size in (size for size in SIZES if f"product/{size}/1" in ours):
        rate = lambda t: f"{12 * size / t / 1e9:.1f} GB/s"
        theirs = products(size) if numpy else []
        row(f"a*b, {size:.2e} floats", ours[f"product/{size}/1"], ours[f"product_by_hand/{size}/1"], theirs, rate)
    each = lambda t: f"{t * 1e3:.2f} ns"
    theirs = mixtures() if numpy else []
    row(
        "a*b + sin(c)/sqrt(d*d + 1), 10⁶ doubles, a value",
        ours["mixture/1000000"], ours["mixture_by_hand/1000000"], theirs, each,
    )


main()
