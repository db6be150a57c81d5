"""Reads distributions_bench's JSON, measures NumPy's Generator (PCG64) on the same distributions, and prints the table.

A NumPy row draws two million samples in chunks that fit the cache and sums them and their squares, as Moment does.
"""

import json
import statistics
import sys
import time

import numpy

SAMPLES, CHUNK, REPETITIONS = 2_000_000, 8192, 5
generator = numpy.random.default_rng(1)

NUMPY = {
    "uniform": lambda n: generator.random(n),
    "normal": lambda n: generator.standard_normal(n),
    "lognormal": lambda n: generator.lognormal(0, 0.5, n),
    "exponential": lambda n: generator.standard_exponential(n),
    "laplace": lambda n: generator.laplace(0, 1, n),
    "logistic": lambda n: generator.logistic(0, 1, n),
    "gumbel": lambda n: generator.gumbel(0, 1, n),
    "weibull": lambda n: generator.weibull(1.5, n),
    "cauchy": lambda n: generator.standard_cauchy(n),
    "pareto": lambda n: generator.pareto(5, n),
    "triangular": lambda n: generator.triangular(0, 0.3, 1, n),
    "gamma": lambda n: generator.standard_gamma(2.5, n),
    "gamma_small": lambda n: generator.standard_gamma(0.5, n),
    "chisquare": lambda n: generator.chisquare(3, n),
    "beta": lambda n: generator.beta(2, 3, n),
    "studentt": lambda n: generator.standard_t(5, n),
    "bernoulli": lambda n: generator.random(n) < 0.3,
    "geometric": lambda n: generator.geometric(0.3, n),
    "poisson_small": lambda n: generator.poisson(4, n),
    "poisson_large": lambda n: generator.poisson(100, n),
    "binomial_small": lambda n: generator.binomial(20, 0.3, n),
    "binomial_large": lambda n: generator.binomial(1000, 0.3, n),
    "dirichlet": lambda n: generator.dirichlet([2, 3, 4], n)[:, 0],
    "mvnormal": lambda n: generator.multivariate_normal(
        [0, 0, 0], [[2, 1, 0], [1, 2, 1], [0, 1, 2]], n, method="cholesky"
    ).prod(axis=1),
}


def numpy_rate(draw):
    """Samples a second of this process's CPU time."""
    start = time.process_time()
    total = squares = 0.0
    for _ in range(SAMPLES // CHUNK):
        x = draw(CHUNK).astype(float)
        total += x.sum()
        squares += x @ x
    return SAMPLES // CHUNK * CHUNK / (time.process_time() - start)


def measured(runs):
    """{(library, distribution): samples a second} of Google Benchmark's medians."""
    return {
        tuple(run["run_name"].split("/")[:2]): run["samples/s"]
        for run in runs
        if run.get("aggregate_name") == "median"
    }


def main():
    rates = measured(json.load(sys.stdin)["benchmarks"])
    print("| distribution | Moment | NumPy | C++ standard library |\n| --- | --- | --- | --- |")
    for name, draw in NUMPY.items():
        theirs = statistics.median(numpy_rate(draw) for _ in range(REPETITIONS))
        standard = rates.get(("standard", name))
        last = f"{standard / 1e6:.1f}" if standard else ""
        print(f"| {name} | {rates['moment', name] / 1e6:.0f} | {theirs / 1e6:.1f} | {last} |", flush=True)


main()
