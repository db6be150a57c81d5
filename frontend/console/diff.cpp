// Two back ends' names → whether they agree, and if not, what made the difference.
#include "frontend/console/diff.hpp"

#include <algorithm>
#include <csignal>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <mc/text.hpp>

#include "frontend/console/choices.hpp"
#include "frontend/console/debug.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/reduce.hpp"
#include "frontend/console/task.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// NAME or NAME:BITS.
Compared side(std::string_view text) {
  const std::size_t colon = text.find(':');
  Compared side{.backend = choose<Backend>("--between", text.substr(0, colon))};
  if (colon != std::string_view::npos)
    side.vector_bits = static_cast<unsigned>(parse_count("--between", text.substr(colon + 1), {128, 512}));
  return side;
}

/// The two as they were written.
std::pair<std::string, std::string> names_of(const std::string& text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos)
    throw FlagError(
        fmt::format("--between {}: write two, as in interpreter,llvm or llvm:128,llvm:512", in_quotes(text)));
  return {text.substr(0, comma), text.substr(comma + 1)};
}

std::string text_of(const Difference& found, const std::string& one, const std::string& other) {
  std::string text = fmt::format("{} and {} part in sample {}: tile {}, lane {}, step {}\n", one, other,
                                 found.sample(), found.tile, found.lane, found.step);
  text += found.operation.empty()
              ? "all values agree while they are watched, which changes the code that is "
                "made; of the numbers that are added up one is\n"
              : fmt::format("in this line of --dump ir, whose operands agree:\n  {}\n", found.operation);
  const std::size_t width = std::max(one.size(), other.size());
  return text + fmt::format("{:{}}  {}\n{:{}}  {}\n", one, width, found.one, other, width, found.other);
}

/// What is not compared must not seem to agree.
void check_is_sampled(const Moment& moment, const EvalArguments& arguments) {
  if (reduces_files(moment, arguments))
    throw FlagError(
        "diff: the program goes over all numbers of its arrays, and only samples are compared; compare "
        "value_hex of moment eval --json by one back end and by the other");
}

}  // namespace

Ending diff(const DiffArguments& arguments) {
  Task task = task_of(arguments.eval);
  const auto names = names_of(arguments.between.value_or("interpreter,llvm"));
  const auto& [one, other] = names;
  const Compared sides[] = {side(one), side(other)};
  show_parsed(task.program);
  const Moment moment = compiled(arguments.eval, task);
  check_is_sampled(moment, arguments.eval);
  show_stages(moment, task);
  const Interrupt interrupt;
  task.options.stop = interrupt.token();
  const Comparison found = moment.compare(sides[0], sides[1], task.options);
  if (found.difference) {
    print(text_of(*found.difference, one, other));
    return internal_error;
  }
  if (interrupt.signal() != 0) {
    log_warning(fmt::format("interrupted: {} and {} agree in the first {}", one, other,
                            counted(found.samples, "sample")));
    return interrupt.signal() == SIGTERM ? terminated : interrupted;
  }
  print(fmt::format("{} and {} agree in all of {}, {}\n", one, other, counted(found.samples, "sample"),
                    counted(found.tiles(), "tile")));
  return done;
}

}  // namespace mc::console
