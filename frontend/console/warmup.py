# What `moment demo warmup` compares with: the same moment in Numba, its calls timed one by one. Prints JSON.
# Arguments: number of calls, samples a call, coordinates, "cached" to keep machine code on disk.
import json
import sys
import time

begin = time.perf_counter_ns()
import numba
import numpy

imported = time.perf_counter_ns()
calls, samples, coordinates = (int(word) for word in sys.argv[1:4])


def second_moment(samples, lo, hi):
    mean_sum = 0.0
    square_sum = 0.0
    for _ in range(samples):
        f = 0.0
        for i in range(lo.shape[0]):
            x = lo[i] + (hi[i] - lo[i]) * numpy.random.random()
            f += x * x
        mean_sum += f
        square_sum += f * f
    mean = mean_sum / samples
    return mean, ((square_sum - samples * mean * mean) / (samples * (samples - 1.0))) ** 0.5


lo, hi = numpy.zeros(coordinates), numpy.ones(coordinates)
latencies = []
last = time.perf_counter_ns()
compiled = numba.njit(second_moment, cache=sys.argv[4] == "cached")
for _ in range(calls):
    value = compiled(samples, lo, hi)
    now = time.perf_counter_ns()
    latencies.append(now - last)
    last = now
print(json.dumps({"ns": latencies, "value": value[0], "imports_ms": (imported - begin) / 1e6, "numba": numba.__version__}))
