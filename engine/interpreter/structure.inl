// Memory and control: what one instruction does other than computing column by column. Included by columns.inl.

template <class T>
MC_INLINE T lane_of(const std::byte* column, unsigned lane) {
  T value;
  __builtin_memcpy(&value, column + lane * sizeof value, sizeof value);
  return value;
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, std::uint64_t word) {
  for (unsigned k = 0; k < kLine; k += kWidth) write(frame->base + offset(at->to) + k, u64{} + word);
  return at + 1;
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, const double& value) {
  return fill(at, frame, lane_of<std::uint64_t>(reinterpret_cast<const std::byte*>(&value), 0));
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, std::uint32_t word) {
  return fill(at, frame, std::uint64_t{word} << 32 | word);
}

/// A number that is the same in every lane.
MC_INLINE std::uint32_t number(const Frame* frame, Place from) {
  return lane_of<std::uint32_t>(frame->base + offset(from), 0);
}

// ---- leaves
const Instruction* tile(const Instruction* at, const Frame* frame) { return fill(at, frame, frame->arguments->tile); }

const Instruction* seed(const Instruction* at, const Frame* frame) { return fill(at, frame, frame->arguments->seed); }

const Instruction* steps(const Instruction* at, const Frame* frame) { return fill(at, frame, frame->steps); }

const Instruction* scalar(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->scalars[at->from[0]]);
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
  return fill(at, frame, frame->arguments->arrays[at->from[1]][number(frame, at->from[0])]);
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
  const std::byte* from = row_element(frame, at->from[1], number(frame, at->from[0]));
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
  std::byte* to = row_element(frame, at->from[2], number(frame, at->from[0]));
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
  fill(at, frame, std::uint32_t{0});
  return number(frame, at->from[0]) == 0 ? at + at->from[1] : at + 1;
}

const Instruction* next_round(const Instruction* at, const Frame* frame) {
  const std::uint32_t index = number(frame, at->to) + 1;
  fill(at, frame, index);
  return index < number(frame, at->from[0]) ? at - at->from[1] : at + 1;
}

const Instruction* finish(const Instruction*, const Frame*) { return nullptr; }
