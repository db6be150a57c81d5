// How a block of 64 threads folds a column of its lanes: lane l with l + 32, 16, … 1.
template <class Fold>
MC_DEVICE void fold_lanes(f64* column, f64* record) {
  const u32 lane = threadIdx.x;
  for (u32 half = kLanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half) column[lane] = Fold::step(column[lane], column[lane + half]);
  }
  if (lane == 0) *record = column[0];
}
