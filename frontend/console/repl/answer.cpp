// A question's answer, of samples or of files' numbers: how it is come by and how it is said.
#include <utility>

#include "frontend/console/choices.hpp"
#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/report.hpp"

namespace mc::console {

namespace {

/// Nothing where the question is a number by its looks, and a run has to say what it lacks.
std::optional<Reduced> gone_over(const Question& question, const Options& how) {
  if (!question.reduces()) return {};
  try {
    return reduced(question.moment, how.parameters,
                   {.backend = how.backend, .threads = how.threads, .stop = how.stop});
  } catch (const Stopped&) {
    throw;
  } catch (const Error&) {
    if (!how.parameters.empty()) throw;
    return {};
  }
}

}  // namespace

Answered answer(Question question, Options options) {
  Answered answered{std::move(question), {}, std::move(options)};
  answered.reduced = gone_over(answered.question, answered.options);
  if (!answered.reduced) answered.report = answered.question.moment.run(answered.options);
  return answered;
}

std::string text_of(const Answered& answered, const Settings& settings, bool colour) {
  return answered.reduced
             ? reduced_text(*answered.reduced, colour, settings.time && answered.reduced->length > 0)
             : report_text(answered.report, colour, settings.time, settings.digits);
}

std::string json_of(const Answered& answered) {
  if (answered.reduced) return reduced_json(*answered.reduced, answered.question.program);
  return report_json(answered.report, {answered.question.program,
                                       {},
                                       name_of(answered.options.generator),
                                       name_of(answered.options.precision)});
}

std::vector<std::string> warnings_of(const Answered& answered) {
  return answered.reduced ? reduced_warnings(*answered.reduced) : answered.report.all_warnings();
}

}  // namespace mc::console
