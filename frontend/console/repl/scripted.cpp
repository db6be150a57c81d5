// A text taken line by line: each answer is waited for, an error is said with its place and the rest goes on.
#include "frontend/console/repl/scripted.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/interrupt.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/repl/prompt.hpp"
#include "frontend/console/report.hpp"
#include "frontend/console/terminal.hpp"

namespace mc::console {
namespace {

class Scripted {
 public:
  Scripted(std::string_view name, bool json) : name_(name), json_(json) {}

  Ending run(std::string_view text) {
    for (const Piece& piece : pieces(text)) {
      take(piece);
      if (prompt_.ends() || signal_ != 0) break;
    }
    if (signal_ != 0) return {signal_ == SIGTERM ? terminated : interrupted, true};
    return {code_, compiling_};
  }

 private:
  void take(const Piece& piece) {
    try {
      prompt_.take(piece.text);
    } catch (const DeviceError& error) {
      fail(piece, no_device, error.what());
    } catch (const Error& error) {
      fail(piece, bad_input, error.what());
    } catch (const FlagError& error) {
      fail(piece, bad_input, fmt::format("error: {}\n", error.what()));
    }
  }

  void fail(const Piece& piece, ExitCode code, std::string_view text) {
    code_ = code;
    spdlog::error("{}:{}: {}", name_, piece.line, text.substr(0, text.find_last_not_of('\n') + 1));
  }

  void ask(Question question, Options options) {
    Interrupt interrupt;
    options.stop = interrupt.token();
    Report report;
    try {
      report = question.moment.run(options);
    } catch (const DeviceError&) {
      throw;
    } catch (const Error& error) {
      throw question.placed(error);
    }
    if (report.stopped) {
      signal_ = interrupt.signal();
      prompt_.end();
    }
    compiling_ |= report.compiling;
    if (json_)
      print(report_json(report, {question.program,
                                 {},
                                 name_of<Generator>(options.generator, generators),
                                 name_of<Precision>(options.precision, precisions)}));
    else
      print(report_text(report, has_colour(), prompt_.settings().time));
    for (const std::string& warning : report_warnings(report)) spdlog::warn("warning: {}", warning);
    prompt_.answered({std::move(question), std::move(report), options});
  }

  std::string name_;
  bool json_;
  ExitCode code_ = done;
  int signal_ = 0;
  bool compiling_ = false;
  Prompt prompt_{{.ask = [this](Question question, Options options) { ask(std::move(question), options); },
                  .settle = [] {},
                  .say = [](std::string_view text) { print(text); }}};
};

}  // namespace

Ending run_script(std::string_view name, std::string_view text, bool json) {
  return Scripted(name, json).run(text);
}

}  // namespace mc::console
