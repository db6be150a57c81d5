// Memory and control: what one instruction does other than computing column by column. Included by columns.inl.

MC_INLINE const Instruction* fill_f64(const Instruction* at, const Frame* frame, double value) {
  for (unsigned k = 0; k < kLine / kWidth; ++k) write(frame->base + offset(at->to) + k * kWidth, f64{} + value);
  return at + 1;
}

MC_INLINE void fill_u64(const Frame* frame, Place to, std::uint64_t value) {
  for (unsigned k = 0; k < kLine / kWidth; ++k) write(frame->base + offset(to) + k * kWidth, u64{} + value);
}

MC_INLINE void fill_u32(const Frame* frame, Place to, std::uint32_t value) {
  for (unsigned k = 0; k < kLine / kWidth; ++k) write(frame->base + offset(to) + k * kWidth, u32{} + value);
}

MC_INLINE std::uint32_t first_u32(const Frame* frame, Place from) {
  std::uint32_t value;
  __builtin_memcpy(&value, frame->base + offset(from), sizeof value);
  return value;
}

template <class T>
MC_INLINE T lane_of(const std::byte* column, unsigned lane) {
  T value;
  __builtin_memcpy(&value, column + lane * sizeof value, sizeof value);
  return value;
}

// ---- leaves
const Instruction* tile(const Instruction* at, const Frame* frame) {
  fill_u64(frame, at->to, frame->arguments->tile);
  return at + 1;
}

const Instruction* seed(const Instruction* at, const Frame* frame) {
  fill_u64(frame, at->to, frame->arguments->seed);
  return at + 1;
}

const Instruction* steps(const Instruction* at, const Frame* frame) {
  fill_u32(frame, at->to, frame->steps);
  return at + 1;
}

const Instruction* scalar(const Instruction* at, const Frame* frame) {
  return fill_f64(at, frame, frame->arguments->scalars[at->from[0]]);
}

const Instruction* lane(const Instruction* at, const Frame* frame) {
  std::byte* to = frame->base + offset(at->to);
  for (std::uint64_t k = 0; k < std::uint64_t{frame->units} * kUnit; ++k) {
    const std::uint64_t number = frame->first + k;
    __builtin_memcpy(to + k * sizeof number, &number, sizeof number);
  }
  return at + 1;
}

// ---- arrays: from = index, array
const Instruction* element(const Instruction* at, const Frame* frame) {
  return fill_f64(at, frame, frame->arguments->arrays[at->from[1]][first_u32(frame, at->from[0])]);
}

const Instruction* gather_element(const Instruction* at, const Frame* frame) {
  const double* array = frame->arguments->arrays[at->from[1]];
  const std::byte* index = frame->base + offset(at->from[0]);
  std::byte* to = frame->base + offset(at->to);
  for (unsigned k = 0; k < frame->units * kUnit; ++k)
    __builtin_memcpy(to + k * sizeof(double), &array[lane_of<std::uint32_t>(index, k)], sizeof(double));
  return at + 1;
}

// ---- scratch rows, each element a column: load's from = index, row; store's = index, value, row. A row is named by the
// lines before it.
MC_INLINE std::byte* row_element(const Frame* frame, std::uint32_t row, std::uint32_t index) {
  return frame->base + std::size_t{row} * kLine + std::size_t{index} * kColumn;
}

MC_INLINE void copy_lanes(std::byte* to, const std::byte* from, std::size_t step, unsigned units) {
  do {
    for (unsigned line = 0; line < 2; ++line)
      for (unsigned v = 0; v < kLine; v += kWidth) write(to + line * kLine + v, read<Bits>(from + line * step + v));
    from += 2 * step;
    to += 2 * kLine;
  } while (--units != 0);
}

const Instruction* load(const Instruction* at, const Frame* frame) {
  const std::byte* from = row_element(frame, at->from[1], first_u32(frame, at->from[0]));
  copy_lanes(frame->base + offset(at->to), from, kLine, frame->units);
  return at + 1;
}

const Instruction* gather_load(const Instruction* at, const Frame* frame) {
  const std::byte* index = frame->base + offset(at->from[0]);
  std::byte* to = frame->base + offset(at->to);
  for (unsigned k = 0; k < frame->units * kUnit; ++k) {
    const std::byte* from = row_element(frame, at->from[1], lane_of<std::uint32_t>(index, k));
    __builtin_memcpy(to + k * sizeof(double), from + k * sizeof(double), sizeof(double));
  }
  return at + 1;
}

const Instruction* store(const Instruction* at, const Frame* frame) {
  std::byte* to = row_element(frame, at->from[2], first_u32(frame, at->from[0]));
  copy_lanes(to, frame->base + offset(at->from[1]), step(at->from[1]), frame->units);
  return at + 1;
}

const Instruction* scatter_store(const Instruction* at, const Frame* frame) {
  const std::byte* index = frame->base + offset(at->from[0]);
  const std::byte* from = frame->base + offset(at->from[1]);
  const unsigned varies = step(at->from[1]) != 0;
  for (unsigned k = 0; k < frame->units * kUnit; ++k) {
    std::byte* to = row_element(frame, at->from[2], lane_of<std::uint32_t>(index, k));
    __builtin_memcpy(to + k * sizeof(double), from + varies * k * sizeof(double), sizeof(double));
  }
  return at + 1;
}

/// from = value, column.
const Instruction* output(const Instruction* at, const Frame* frame) {
  auto* to = reinterpret_cast<std::byte*>(frame->out + std::size_t{at->from[1]} * kernels::kLanes);
  copy_lanes(to, frame->base + offset(at->from[0]), step(at->from[0]), frame->units);
  return at + 1;
}

// ---- loops: to = index; from = count, instructions to jump over (back, for next_round)
const Instruction* enter_loop(const Instruction* at, const Frame* frame) {
  fill_u32(frame, at->to, 0);
  return first_u32(frame, at->from[0]) == 0 ? at + at->from[1] : at + 1;
}

const Instruction* next_round(const Instruction* at, const Frame* frame) {
  const std::uint32_t index = first_u32(frame, at->to) + 1;
  fill_u32(frame, at->to, index);
  return index < first_u32(frame, at->from[0]) ? at - at->from[1] : at + 1;
}

const Instruction* finish(const Instruction*, const Frame*) { return nullptr; }
