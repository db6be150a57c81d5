#include "frontend/console/repl/ahead.hpp"

#include <exception>
#include <string>
#include <utility>

#include <mc/text.hpp>

#include "frontend/console/repl/pieces.hpp"

namespace mc::console {

void Ahead::make(std::string_view line, View view) {
  Options& options = view.settings.options;
  const bool is_wanted = options.backend == Backend::automatic || options.backend == Backend::llvm;
  if (worker_.is_busy() || !is_wanted || is_command(line) || is_unfinished(line)) return;
  options.backend = Backend::llvm;
  options.samples = 1;
  worker_.begin(
      [session = view.session, options, text = std::string(line)](const std::stop_token& stop) mutable {
        options.stop = stop;
        try {
          for (const Question& question : session.take(text)) {
            if (question.reduces()) continue;
            options.parameters = question.parameters;
            (void)question.moment.run(options);
          }
        } catch (const std::exception&) {
        }
      });
}

}  // namespace mc::console
