// One lane's way through a kernel as C++ statements.
//
//   kernel IR                   C++
//   f64 f32 u64 u32 i1          f64 f32 u64 u32 bool; values are named x12 y12 w12 n12 b12
//   %c = add f64 %a, %b         const f64 x3 = x1 + x2; or, where it is used once and short, part of that use
//   constant                    a literal: the shortest decimal that means the same; or c[…], where no
//                               instruction holds the number
//   scalar k                    numbers[k]
//   element k, i                numbers[start of the array + i]
//   load, store row, i          rows[256·(start of the row + i)]; rows[start + i] of few, which are the
//   lane's table_rows k, cell k, r, c  to_bits(numbers[…]), cell<type, columns>(numbers + …, r, c) datum k,
//   put k              d0[step], and the same assigned to; see DataNames output k columns[256·k] = … loop n
//   (…) { … }            for (u32 i = 0; i < n; ++i) { … } over variables, which are assigned at its end loop
//   n { … until s }        left by break where s holds
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cuda/notation.hpp"
#include "engine/ir/kernel.hpp"

namespace mc::cuda {

class Looks;

/// What a kernel that goes through data is to know of them.
struct DataNames {
  std::span<const ir::Number> types{};  ///< of the numbers in memory, which are converted when they are read
  std::string_view apart = "";          ///< what a lane's step counts, as "kLanes * "
  std::string_view unroll = "";         ///< a line before the loop over them
  std::optional<std::uint32_t> first_scalar{};  ///< the scalar that is `first`
};

class Writer {
 public:
  /// `columns` says in words what each column of the result is. Where it looks, the statements are those of a
  /// function that gives whether it was stopped.
  Writer(const ir::Kernel& kernel, std::vector<std::string> columns, const DataNames& data = {},
         const Looks* looks = nullptr);

  /// The statements, each on lines of its own.
  std::string run();

  /// What declares the constants that the statements call c[…]; empty where there are none.
  std::string constants() const;

 private:
  /// What stands for a value: a name or, where it has none, an expression.
  struct Written {
    std::string text;
    Binding binding = Binding::whole;
    std::vector<ir::Value> carried{};  ///< variables of loops that the text mentions
  };

  void count_uses();
  void write_region(ir::RegionId region);
  void write_node(ir::Value v);
  void write_loop(ir::LoopId id);
  void open_loop(const ir::Loop& loop, const std::string& index);
  void assign_carried(const ir::Loop& loop);
  void look(ir::LoopId loop, const std::string& index);
  void write_output(const ir::Node& node);
  void count_constants();
  Written expression(ir::Value v) const;
  Written constant(ir::Value v) const;
  std::optional<Written> shifted(const ir::Node& node) const;
  std::optional<std::array<ir::Value, 3>> exclusive_or(const ir::Node& node) const;
  bool is_short_shift(const ir::Node& node) const;
  std::optional<Written> choice(const ir::Node& select) const;
  Written call(std::string_view function, std::span<const ir::Value> operands) const;
  Written formed(ir::Value v, const Form& form) const;
  void place_operand(Written& to, ir::Value operand, Binding at_least) const;
  Written cell(const ir::Node& node) const;
  std::string datum(const ir::Node& node) const;
  Written element(std::string_view form, std::uint64_t start, const ir::Node& node) const;
  bool is_part_of_its_use(ir::Value v, const Written& written) const;
  void define(ir::Value v, const Written& written);
  std::string new_name(ir::Value v);
  const std::string& text(ir::Value v) const { return written_[position(v)].text; }
  void comment(std::string_view words);
  void line(std::string_view statement);

  const ir::Kernel& kernel_;
  const std::vector<std::string> columns_;
  const DataNames data_;
  const Looks* const looks_;  ///< null: nowhere
  std::vector<Written> written_;
  std::vector<std::uint32_t> uses_;  ///< of each value
  std::vector<bool> moves_;          ///< used in another region than its own
  std::vector<std::uint64_t> array_starts_, row_starts_;
  std::string_view row_form_;            ///< how an element of the rows is written
  std::vector<ir::Value> constants_;     ///< those that have a number
  std::vector<std::uint32_t> numbered_;  ///< of each value: its number among them, from 1; else 0
  std::uint64_t tables_start_ = 0;
  std::string out_;
  unsigned depth_ = 1;
  std::uint32_t next_number_ = 1;
};

}  // namespace mc::cuda
