// Memory and control: what instructions do other than compute. Included by columns.inl.

template <class T>
MC_INLINE T lane_of(const std::byte* column, std::size_t lane) {
  T value;
  __builtin_memcpy(&value, column + lane * sizeof value, sizeof value);
  return value;
}

/// A number that is the same in every lane.
MC_INLINE std::uint32_t number(const Frame* frame, std::uint32_t from) {
  return lane_of<std::uint32_t>(frame->base + from, 0);
}

MC_INLINE void copy_lane(std::byte* to, const std::byte* from) { __builtin_memcpy(to, from, sizeof(double)); }

MC_INLINE void copy_lanes(std::byte* to, const std::byte* from, const Frame* frame) {
  for (std::size_t i = 0; i < frame->lanes * sizeof(double); i += kWidth) write(to + i, read<Bits>(from + i));
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, std::uint64_t word) {
  for (unsigned i = 0; i < kLine; i += kWidth) write(target(at, frame) + i, u64{} + word);
  return at + 1;
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, const double& value) {
  return fill(at, frame, lane_of<std::uint64_t>(reinterpret_cast<const std::byte*>(&value), 0));
}

MC_INLINE const Instruction* fill(const Instruction* at, const Frame* frame, std::uint32_t word) {
  return fill(at, frame, std::uint64_t{word} << 32 | word);
}

// ---- leaves
const Instruction* tile(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->tile);
}

const Instruction* seed(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->seed);
}

const Instruction* steps(const Instruction* at, const Frame* frame) { return fill(at, frame, frame->steps); }

const Instruction* scalar(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->scalars[at->from[0]]);
}

const Instruction* lane(const Instruction* at, const Frame* frame) {
  u64 numbers;
  for (unsigned k = 0; k < kWidth / 8; ++k) numbers[k] = frame->first + k;
  for (std::size_t i = 0; i < frame->lanes * sizeof(std::uint64_t); i += kWidth) {
    write(target(at, frame) + i, numbers);
    numbers += kWidth / 8;
  }
  return at + 1;
}

// ---- arrays: from = index, array
const Instruction* element(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->arrays[at->from[1]][number(frame, at->from[0])]);
}

const Instruction* gather_element(const Instruction* at, const Frame* frame) {
  const double* array = frame->arguments->arrays[at->from[1]];
  const std::byte* index = frame->base + at->from[0];
  for (std::size_t k = 0; k < frame->lanes; ++k)
    __builtin_memcpy(target(at, frame) + k * sizeof(double), &array[lane_of<std::uint32_t>(index, k)],
                     sizeof(double));
  return at + 1;
}

// ---- scratch rows, each element a column: from = index, (what is stored,) lines before the row
MC_INLINE std::byte* row_element(const Frame* frame, std::uint32_t row, std::uint32_t index) {
  return frame->base + std::size_t{row} * kLine + std::size_t{index} * kColumn;
}

const Instruction* load(const Instruction* at, const Frame* frame) {
  copy_lanes(target(at, frame), row_element(frame, at->from[1], number(frame, at->from[0])), frame);
  return at + 1;
}

const Instruction* gather_load(const Instruction* at, const Frame* frame) {
  const std::byte* index = frame->base + at->from[0];
  for (std::size_t i = 0, k = 0; k < frame->lanes; ++k, i += sizeof(double))
    copy_lane(target(at, frame) + i, row_element(frame, at->from[1], lane_of<std::uint32_t>(index, k)) + i);
  return at + 1;
}

const Instruction* store(const Instruction* at, const Frame* frame) {
  copy_lanes(row_element(frame, at->from[2], number(frame, at->from[0])), frame->base + at->from[1], frame);
  return at + 1;
}

const Instruction* scatter_store(const Instruction* at, const Frame* frame) {
  const std::byte* index = frame->base + at->from[0];
  const std::byte* from = frame->base + at->from[1];
  for (std::size_t i = 0, k = 0; k < frame->lanes; ++k, i += sizeof(double))
    copy_lane(row_element(frame, at->from[2], lane_of<std::uint32_t>(index, k)) + i, from + i);
  return at + 1;
}

// ---- data: from = step, (what is put,) array. Nothing is known of its alignment.
template <class T>
MC_INLINE std::byte* data_of(const Frame* frame, std::uint32_t array, std::uint32_t step) {
  const std::size_t datum = std::size_t{number(frame, step)} * frame->arguments->lanes + frame->first;
  return static_cast<std::byte*>(frame->arguments->data[array]) + datum * sizeof(T);
}

/// Lanes that take the step.
MC_INLINE std::size_t in_step(const Frame* frame, std::uint32_t step) {
  return number(frame, step) < frame->whole ? frame->lanes : frame->part;
}

template <class T>
MC_INLINE const Instruction* datum(const Instruction* at, const Frame* frame) {
  __builtin_memcpy(target(at, frame), data_of<T>(frame, at->from[1], at->from[0]),
                   in_step(frame, at->from[0]) * sizeof(T));
  return at + 1;
}

template <class T>
MC_INLINE const Instruction* put(const Instruction* at, const Frame* frame) {
  __builtin_memcpy(data_of<T>(frame, at->from[2], at->from[0]), frame->base + at->from[1],
                   in_step(frame, at->from[0]) * sizeof(T));
  return at + 1;
}

const Instruction* datum_f64(const Instruction* at, const Frame* frame) { return datum<double>(at, frame); }
const Instruction* datum_f32(const Instruction* at, const Frame* frame) { return datum<float>(at, frame); }
const Instruction* put_f64(const Instruction* at, const Frame* frame) { return put<double>(at, frame); }
const Instruction* put_f32(const Instruction* at, const Frame* frame) { return put<float>(at, frame); }

// ---- tables: from = row, column, table; a row past the last one is the last one
const Instruction* table_rows(const Instruction* at, const Frame* frame) {
  return fill(at, frame, frame->arguments->tables[at->from[0]].rows);
}

template <class T, class To>
MC_INLINE const Instruction* cell(const Instruction* at, const Frame* frame) {
  const kernels::Table* table = &frame->arguments->tables[at->from[2]];
  const std::byte* column = table->data + std::size_t{number(frame, at->from[1])} * sizeof(T);
  const std::byte* rows = frame->base + at->from[0];
  for (std::size_t k = 0; k < frame->lanes; ++k) {
    const std::uint64_t wanted = lane_of<std::uint64_t>(rows, k);
    const std::uint64_t row = wanted < table->rows ? wanted : table->rows - 1;
    const auto value =
        static_cast<To>(lane_of<T>(column + static_cast<std::int64_t>(row) * table->stride, 0));
    __builtin_memcpy(target(at, frame) + k * sizeof value, &value, sizeof value);
  }
  return at + 1;
}

const Instruction* cell_f64(const Instruction* at, const Frame* frame) {
  return cell<double, double>(at, frame);
}
const Instruction* cell_f32(const Instruction* at, const Frame* frame) {
  return cell<float, float>(at, frame);
}
const Instruction* cell_i64(const Instruction* at, const Frame* frame) {
  return cell<std::int64_t, double>(at, frame);
}
const Instruction* cell_i32(const Instruction* at, const Frame* frame) {
  return cell<std::int32_t, double>(at, frame);
}
const Instruction* cell_u8(const Instruction* at, const Frame* frame) {
  return cell<std::uint8_t, double>(at, frame);
}

/// from = value, column.
const Instruction* output(const Instruction* at, const Frame* frame) {
  auto* to = reinterpret_cast<std::byte*>(frame->out + std::size_t{at->from[1]} * kernels::kLanes);
  if (frame->part == frame->lanes)
    copy_lanes(to, frame->base + at->from[0], frame);
  else
    __builtin_memcpy(to, frame->base + at->from[0], frame->part * sizeof(double));
  return at + 1;
}

/// A look costs nothing beside a round's columns, and a round is never long: so every loop looks.
MC_INLINE bool is_stopped(const Frame* frame) {
  const auto* flag = reinterpret_cast<const unsigned char*>(frame->arguments->stop);
  return __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

// ---- loops: to = index; from = count, instructions to jump over (back, at a round's end), and for
// settle_round the place of the mask
const Instruction* enter_loop(const Instruction* at, const Frame* frame) {
  fill(at, frame, std::uint32_t{0});
  return number(frame, at->from[0]) == 0 ? at + at->from[1] : at + 1;
}

const Instruction* next_round(const Instruction* at, const Frame* frame) {
  const std::uint32_t index = lane_of<std::uint32_t>(target(at, frame), 0) + 1;
  fill(at, frame, index);
  if (index >= number(frame, at->from[0])) return at + 1;
  return is_stopped(frame) ? nullptr : at - at->from[1];
}

/// Whether a mask of 64-bit lanes holds in all of them.
MC_INLINE bool holds_everywhere(const Frame* frame, Place mask) {
  const std::byte* from = frame->base + (mask & ~kVaries);
  const std::size_t end = (mask & kVaries) != 0 ? frame->lanes * sizeof(std::uint64_t) : kLine;
  u64 all = read<u64>(from);
  for (std::size_t i = kWidth; i < end; i += kWidth) all &= read<u64>(from + i);
  for (unsigned k = 0; k < kWidth / 8; ++k)
    if (all[k] == 0) return false;
  return true;
}

const Instruction* settle_round(const Instruction* at, const Frame* frame) {
  return holds_everywhere(frame, at->from[2]) ? at + 1 : next_round(at, frame);
}

const Instruction* finish(const Instruction*, const Frame*) { return nullptr; }
