// The `moment` command: its flags, and what each kind of failure is as an exit code.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <mc/mc.hpp>

#include "frontend/console/cache.hpp"
#include "frontend/console/choices.hpp"
#include "frontend/console/demo.hpp"
#include "frontend/console/diff.hpp"
#include "frontend/console/eval.hpp"
#include "frontend/console/lint.hpp"
#include "frontend/console/log.hpp"
#include "frontend/console/merge.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/repl/repl.hpp"
#include "frontend/console/terminal.hpp"
#include "frontend/console/words.hpp"

namespace mc::console {
namespace {

/// An option that keeps an empty argument apart from none at all (CLI11's own std::optional does not).
CLI::Option* add_text(CLI::App& app, const std::string& names, std::optional<std::string>& text,
                      const std::string& placeholder, const std::string& help) {
  return app
      .add_option_function<std::string>(
          names, [&text](const std::string& given) { text = given; }, help)
      ->type_name(placeholder);
}

void add_program_flags(CLI::App& app, EvalArguments& to) {
  add_text(app, "PROGRAM", to.program, "TEXT",
           "the program or a bare expression; -- before one that begins with a minus");
  add_text(app, "-f", to.file, "FILE", "read the program from a file; - is standard input");
  add_text(app, "--density", to.density, "TEXT",
           "the density of a bare expression's variable, lo and hi are the box's ends");
  app.add_option("--cxx", to.cxx, "a C++ function: the moment, or one that PROGRAM calls; may be repeated")
      ->type_name("FILE:NAME")
      ->allow_extra_args(false);
  add_text(app, "--density-cxx", to.density_cxx, "FILE:NAME",
           "a C++ function that is the density of --cxx's variable");
  app.add_option("--cxx-flag", to.cxx_flags, "for the compiler that reads C++: -I…, -D…; may be repeated")
      ->type_name("FLAG")
      ->allow_extra_args(false);
  add_text(app, "--dim", to.dim, "N", "a bare expression's number of coordinates");
  add_text(app, "--box", to.box, "LO,HI",
           "the interval of each coordinate of a bare expression [0,1]; LO,HI;LO,HI;... gives each its own");
  app.add_option(
         "-D", to.parameters,
         "a parameter's value: 1.5, [1,2,3], [[2,1],[1,3]], or an array in a file, @FILE.npy or @FILE.csv, "
         "@FILE:COLUMN; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--limit", to.limits,
                 "raises a limit on the program's size that an error named; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void add_generator(CLI::App& app, EvalArguments& to) {
  add_text(app, "--generator", to.generator, "NAME",
           fmt::format("{} [{}]", listed<Generator>(), name_of(Options{}.generator)));
}

void add_run_flags(CLI::App& app, EvalArguments& to) {
  add_text(app, "--samples", to.samples, "M", "how many samples, 1e7 or 10000000 [1e6]");
  add_text(app, "--target-error", to.target_error, "E",
           "go on until every standard error is E or less; --samples is the most then [1e10]");
  add_text(app, "--target-relative", to.target_relative, "R",
           "the same for every error divided by its value");
  add_text(app, "--seed", to.seed, "S", "which random numbers [1]");
  add_text(app, "--backend", to.backend, "NAME", listed<Backend>() + " [auto]");
  add_text(app, "--threads", to.threads, "T",
           "how many threads, 0 for all cores [0]; the result is the same");
  add_text(app, "--precision", to.precision, "NAME", listed<Precision>() + " [f64]");
  add_generator(app, to);
  add_text(app, "--part", to.part, "NUMBER/OF",
           "take this part of the samples, as 3/8, and print a partial result for moment merge");
  add_text(
      app, "--nonfinite", to.nonfinite, "WHAT",
      "samples that are not finite make the result nan, or are dropped: " + listed<Nonfinite>() + " [nan]");
}

void add_output_flags(CLI::App& app, EvalArguments& to) {
  CLI::Option* json = app.add_flag("--json", to.json, "one JSON object on stdout");
  CLI::Option* dump =
      add_text(app, "--dump", to.dump, "STAGE",
               "do not run; print ir, llvm, assembly, cuda or ptx; or what ir is made of: lowered, "
               "simplified, contracted or expanded");
  dump->excludes(json);
  app.add_flag("--no-cache", to.no_cache, "neither look for machine code on the disk nor keep it there");
  app.add_flag_function(
      "--progress,!--no-progress", [&to](std::int64_t given) { to.progress = given > 0; },
      "one line on stderr that says how far the run is, if that is a terminal; without this flag, from the "
      "first "
      "second on");
  add_text(app, "--trace", to.trace, "FILE",
           "when each stage and each thread's tiles ran, for Perfetto or chrome://tracing")
      ->excludes(dump);
  app.add_flag("--debug-jit", to.debug_jit,
               "let perf and gdb see compiled kernels (MC_DEBUG_JIT=1 does too)");
}

void add_merge(CLI::App& app, MergeArguments& to) {
  CLI::App& merge = *app.add_subcommand("merge", "put together what moment eval --part has computed");
  merge.add_option("FILE", to.files, "the partial results, all of them, in any order; - is standard input")
      ->type_name("...");
  merge.add_flag("--json", to.json, "one JSON object on stdout");
  merge.footer(
      "for k in 1 2 3 4; do moment eval 'x ~ uniform(0,1)^10; E[max(x)]' --part $k/4 > p$k.json & done; "
      "wait\n"
      "moment merge p?.json");
}

void add_diff(CLI::App& app, DiffArguments& to) {
  CLI::App& diff = *app.add_subcommand("diff", "find where two back ends part: for who works on them");
  add_program_flags(diff, to.eval);
  add_text(
      diff, "--between", to.between, "A,B",
      "the back ends, each with the width of its vectors or without: llvm:128,llvm:512 [interpreter,llvm]");
  add_text(diff, "--samples", to.eval.samples, "M", "how many samples are compared [1e6]");
  add_text(diff, "--seed", to.eval.seed, "S", "which random numbers [1]");
  add_text(diff, "--precision", to.eval.precision, "NAME", listed<Precision>() + " [f64]");
  add_generator(diff, to.eval);
  diff.footer(
      "Exit: 0 they agree, 1 they part, 2 bad program or flag, 3 no such back end, 130 interrupted, 143 "
      "terminated.\n"
      "MC_DEBUG=parse,ir,llvm shows these stages.");
}

void add_cache(CLI::App& app, std::string& what) {
  CLI::App& cache = *app.add_subcommand("cache", "show or clear the machine code kept on disk");
  cache.add_option("WHAT", what, "list, clear or stats")->type_name("");
  cache.footer(
      "Environment: MC_CACHE_DIR is its folder, else moment in $XDG_CACHE_HOME or ~/.cache;\n"
      "MC_CACHE_DIR=/dev/null keeps nothing. No result depends on it.");
}

void add_warmup(CLI::App& demo, WarmupArguments& to) {
  CLI::App& app = *demo.add_subcommand(
      "warmup", "how long calls 1, 2, 3, 10, 100 and 1000 of a moment take, and what they are made of");
  app.allow_extras(false);
  add_text(app, "--rounds", to.rounds, "R", "new processes for each column; medians are shown [5]");
  add_text(app, "--samples", to.samples, "M", "how many samples a call takes [1e5]");
  app.add_option_function<std::string>(
         "--plot", [&to](const std::string& file) { to.plot = file.empty() ? "warmup.svg" : file; },
         "a picture of it, SVG, by gnuplot [warmup.svg]")
      ->type_name("FILE")
      ->expected(0, 1);
  add_text(app, "--python", to.python, "FILE", "the Python that has Numba, which is compared with [python3]");
  app.add_flag("--json", to.json, "one JSON object on stdout");
  add_text(app, "--column", to.column, "NAME", "")->group("");
  app.footer(
      "auto       the interpreter begins, LLVM compiles behind it where that pays\n"
      "on disk    another process has left the machine code there, in a folder of the demo's own\n"
      "in memory  the moment was compiled before the first call that is timed\n"
      "Takes some seconds a round, three times as long with Numba (Debian: python3-numba).");
}

void add_demo(CLI::App& app, WarmupArguments& warmup) {
  CLI::App& demo =
      *app.add_subcommand("demo", "show what Moment can do; without a name, which demos there are");
  demo.require_subcommand(0, 1);
  demo.allow_extras();  // so that a wrong name is ours to refuse
  add_warmup(demo, warmup);
}

Ending demo(const CLI::App& demo, const WarmupArguments& warmup) {
  if (demo.got_subcommand("warmup")) return demo_warmup(warmup);
  if (demo.remaining_size() > 0) throw FlagError(no_demo(demo.remaining().front()));
  print(demo_list());
  return done;
}

void add_lint(CLI::App& app, LintArguments& to) {
  CLI::App& lint = *app.add_subcommand("lint", "check the programs that C++ sources give to mc::compile");
  lint.add_option("FILE", to.files, "C++ sources")->type_name("");
  add_text(lint, "-p", to.build, "FOLDER",
           "where compile_commands.json is; else it is looked for above each file");
  lint.add_option("--cxx-flag", to.flags, "for the compiler that reads C++: -I…, -D…; may be repeated")
      ->type_name("FLAG")
      ->allow_extra_args(false);
  lint.add_flag("--warm", to.warm,
                "keep machine code for what the sources ask of their programs on disk, for this machine");
  lint.footer("Exit: 0 nothing is wrong, 2 a program or a source is, 3 this build cannot read C++.");
}

void add_repl(CLI::App& app, ReplArguments& to) {
  CLI::App& repl = *app.add_subcommand("repl", "ask one question after the other");
  add_text(repl, "-f", to.file, "FILE", "take a file's lines instead of the terminal's; - is standard input");
  repl.add_flag("--json", to.json, "one JSON object on stdout for each answer; not at a terminal");
  static const Settings standard;
  for (const Setting& each : shown(standard)) {
    const bool is_target = each.name == "target" || each.name == "relative";  // eval's names for them
    const std::string flag =
        is_target ? each.name == "target" ? "target-error" : "target-relative" : std::string(each.name);
    repl.add_option_function<std::string>(
            "--" + flag, [&to, name = each.name](const std::string& value) { to.settings.set(name, value); },
            std::string(each.help))
        ->type_name("VALUE");
  }
  repl.add_option("-D", to.parameters, "a definition that is there from the beginning; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  repl.add_option_function<std::string>(
          "FILE",
          [](const std::string& text) {
            const bool is_file = std::filesystem::exists(text) || text.ends_with(".mc");
            throw FlagError(is_file ? fmt::format("write moment repl -f {}", text)
                                    : fmt::format("a program is no argument of repl; write moment eval {}",
                                                  shell_quoted(text)));
          })
      ->group("");
  repl.footer(
      "At its prompt, :help lists the commands. Where input or output is no terminal, lines are taken one "
      "after "
      "the other\nand the exit code is that of the last error.");
}

/// What the subcommands are told.
struct Arguments {
  EvalArguments eval;
  DiffArguments diff;
  MergeArguments merge;
  std::string cache;  ///< what to do with it
  WarmupArguments warmup;
  ReplArguments repl;
  LintArguments lint;
};

void describe(CLI::App& app, Arguments& to) {
  app.description("Moment: expectations of small programs by Monte Carlo, at the speed of compiled kernels.");
  app.set_version_flag("--version", fmt::format("moment {}, contract {}", version(), contract_version()));
  app.require_subcommand(0, 1);
  app.footer(
      "For example:\n  moment eval 'x ~ uniform(0,1)^10; E[sum(x_i^2)]' --samples 1e7\n"
      "moment eval --help lists the flags.");
  CLI::App& eval = *app.add_subcommand("eval", "estimate a program's expectations");
  eval.footer(
      "Exit: 0 done, 1 internal error, 2 bad program or flag, 3 no such device, 130 interrupted, 143 "
      "terminated.\n"
      "Environment: MC_VECTOR_BITS=128|256|512 limits vectors, MC_CACHE_DIR is where machine code is kept,\n"
      "MC_LOG=debug tells more, MC_DEBUG=parse,ir,llvm shows these stages, MC_DEBUG_JIT=1 shows kernels to "
      "perf and gdb; none changes a result.");
  add_program_flags(eval, to.eval);
  add_run_flags(eval, to.eval);
  add_output_flags(eval, to.eval);
  add_merge(app, to.merge);
  add_diff(app, to.diff);
  add_cache(app, to.cache);
  add_demo(app, to.warmup);
  add_repl(app, to.repl);
  add_lint(app, to.lint);
}

/// What helps who gave a wrong flag.
std::string flags_listed_by(const CLI::App& app) {
  std::string command;
  for (auto given = app.get_subcommands(); !given.empty(); given = given[0]->get_subcommands())
    command += " " + given[0]->get_name();
  if (!command.empty() && command != " eval") return fmt::format("moment{} --help lists the flags", command);
  return "moment eval --help lists the flags; put -- before a program that begins with a minus";
}

/// The arguments, last first. Of a script that begins with #!/usr/bin/moment repl -f the kernel hands over
/// the command and its flags as one.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool is_script = argc > 2 && (words[0].starts_with("repl ") || words[0].starts_with("eval "));
  if (is_script) {
    std::vector<std::string> parts;
    for (auto [word, rest] = first_word(words[0]); !word.empty(); std::tie(word, rest) = first_word(rest))
      parts.emplace_back(word);
    words.erase(words.begin());
    words.insert(words.begin(), parts.begin(), parts.end());
  }
  std::ranges::reverse(words);
  return words;
}

Ending run(int argc, char** argv) {
  CLI::App app("", "moment");
  Arguments arguments;
  describe(app, arguments);
  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::CallForVersion& version) {
    print(fmt::format("{}\n", version.what()));
    return done;
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return done;
  } catch (const CLI::ParseError& error) {
    throw FlagError(fmt::format("{}\n{}", error.what(), flags_listed_by(app)));
  }
  if (app.got_subcommand("eval")) return eval(arguments.eval);
  if (app.got_subcommand("merge")) return merge(arguments.merge);
  if (app.got_subcommand("diff")) return diff(arguments.diff);
  if (app.got_subcommand("cache")) return cache(arguments.cache);
  if (app.got_subcommand("repl")) return repl(arguments.repl);
  if (app.got_subcommand("lint")) return lint(arguments.lint);
  if (app.got_subcommand("demo")) return demo(*app.get_subcommand("demo"), arguments.warmup);
  fmt::print(stderr, "{}", app.help());
  return bad_input;
}

Ending fail(ExitCode code, std::string_view text) {
  log_error(text.substr(0, text.find_last_not_of('\n') + 1));
  return code;
}

/// Runs the command; whatever goes wrong ends here, as words on stderr and a number.
Ending guarded(const std::function<Ending()>& command) {
  try {
    return command();
  } catch (const FlagError& error) {
    return fail(bad_input, fmt::format("error: {}", error.what()));
  } catch (const DeviceError& error) {
    return fail(no_device, error.what());
  } catch (const Stopped& error) {
    return fail(interrupted, error.what());
  } catch (const Error& error) {
    return fail(bad_input, error.what());
  } catch (const OutputError& error) {
    return error.is_closed_pipe() ? Ending(done)
                                  : fail(internal_error, fmt::format("error: {}", error.what()));
  } catch (const std::bad_alloc&) {
    return fail(internal_error, "error: out of memory");
  } catch (const std::exception& error) {
    return fail(internal_error, fmt::format("internal error: {}", error.what()));
  }
}

}  // namespace
}  // namespace mc::console

int main(int argc, char** argv) {
  mc::console::set_up_terminal();
  mc::console::set_up_log();
  const auto [code, at_once] = mc::console::guarded([&] { return mc::console::run(argc, argv); });
  // Everything is said. A kernel that is still being compiled would be waited for, for seconds perhaps.
  if (at_once) std::_Exit(code);
  return code;
}
