// Every flag of `moment`, what it accepts and how it refuses: a refusal names the flag, ends with 2 and
// prints nothing on stdout.
#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

/// `moment eval` of a cheap program.
Start with(std::vector<std::string> flags, std::string program = "x ~ uniform(0, 1)^3; E[sum(x_i^2)]") {
  flags.insert(flags.begin(), {"eval", std::move(program), "--samples", "20000"});
  return {std::move(flags)};
}

/// `moment eval` of a bare expression.
Start bare(std::vector<std::string> flags) { return with(std::move(flags), "sum(x_i^2)"); }

/// Neither driver nor NVRTC, whatever the machine has.
Start without_cuda(std::vector<std::string> flags) {
  Start start = with(std::move(flags));
  start.environment = {"MC_CUDA_DRIVER=/nowhere", "MC_NVRTC=/nowhere"};
  return start;
}

/// Not preset: --samples itself.
Start samples(std::string count) {
  return {{"eval", "x ~ uniform(0, 1); E[x]", "--samples", std::move(count)}};
}

constexpr const char* one = "^E\\[sum\\(x_i\\^2\\)\\] = (1\\.0|0\\.99)\\d*\\(\\d+\\) {9}2e4 samples";
constexpr const char* kernel = "^.+\n";

const Row kRows[] = {
    // moment itself
    {"nothing", {{}}, 2, "", "Usage: moment"},
    {"help", {{"--help"}}, 0, "Usage: moment[^]*eval"},
    {"version", {{"--version"}}, 0, "^moment \\d+\\.\\d+\\S*, contract 1\n$"},
    {"unknown_command", {{"evaluate"}}, 2, "", "error: .*evaluate[^]*--help"},
    {"unknown_flag", {{"--verbose"}}, 2, "", "error: .*--verbose"},

    // the program
    {"eval_help", {{"eval", "--help"}}, 0, "--samples[^]*--no-cache[^]*Exit:[^]*MC_VECTOR_BITS"},
    {"eval_nothing", {{"eval"}}, 2, "", "error: there is no program.*-f FILE"},
    {"eval_two", {{"eval", "1", "2"}}, 2, "", "error: .*not expected: 2"},
    {"eval_unknown_flag", with({"--sample", "3"}), 2, "", "error: .*--sample"},
    {"eval_missing_value", {{"eval", "1", "--samples"}}, 2, "", "error: .*--samples"},
    {"eval_flag_twice", with({"--seed", "1", "--seed", "2"}), 2, "", "error: .*--seed"},
    {"leading_minus", {{"eval", "--dim", "1", "--", "-x"}}, 0, "= -0\\.(49|5)"},
    {"leading_minus_bare",
     {{"eval", "-x", "--dim", "1"}},
     2,
     "",
     "put -- before a program that begins with a minus"},
    {"stdin", {{"eval", "-f", "-", "--samples", "2e4"}, "x ~ uniform(0, 1)^3\n\nE[sum(x_i^2)]\n"}, 0, one},
    {"stdin_empty", {{"eval", "-f", "-"}, ""}, 2, "", "error: "},
    {"file_and_program", with({"-f", "-"}), 2, "", "error: PROGRAM and -f FILE exclude each other"},
    {"file_missing",
     {{"eval", "-f", "/nowhere/program.mc"}},
     2,
     "",
     "error: -f '/nowhere/program.mc': No such file"},
    {"file_folder", {{"eval", "-f", "/"}}, 2, "", "error: -f '/': "},
    {"file_endless", {{"eval", "-f", "/dev/zero"}}, 2, "", "error: -f '/dev/zero': more than"},

    // --dim, --box, --density
    {"dim", bare({"--dim", "3"}), 0, one},
    {"dim_scientific", bare({"--dim", "1e1"}), 0, "= 3\\.3"},
    {"dim_box", bare({"--dim", "3", "--box", "0,1"}), 0, one},
    {"dim_box_equals", bare({"--dim=3", "--box=0,1"}), 0, one},
    {"box_negative", bare({"--dim", "3", "--box", "-1,1"}), 0, one},
    {"box_spaces", bare({"--dim", "3", "--box", " -1e0 , +1.0 "}), 0, one},
    {"box_list", bare({"--box", "0,1;-1,1;-1,0"}), 0, one},
    {"box_list_dim", bare({"--box", "0,1;-1,1;-1,0", "--dim", "3"}), 0, one},
    {"box_list_short", bare({"--box", "0,1;-1,1", "--dim", "3"}), 2, "",
     "error: --box: .*2 intervals for 3 coord"},
    {"dim_missing", bare({}), 2, "", "error: [^]*--dim"},
    {"dim_missing_box", bare({"--box", "0,1"}), 2, "", "error: --dim: it is missing"},
    {"dim_missing_density", bare({"--density", "1"}), 2, "", "error: --dim: it is missing"},
    {"dim_zero", bare({"--dim", "0"}), 2, "", "error: --dim: '0' is not a whole number"},
    {"dim_negative", bare({"--dim", "-3"}), 2, "", "error: --dim: '-3'"},
    {"dim_fraction", bare({"--dim", "2.5"}), 2, "", "error: --dim: '2.5'"},
    {"dim_word", bare({"--dim", "ten"}), 2, "", "error: --dim: 'ten'"},
    {"dim_nan", bare({"--dim", "nan"}), 2, "", "error: --dim: 'nan'"},
    {"dim_empty", bare({"--dim", ""}), 2, "", "error: --dim: ''"},
    {"dim_endless", bare({"--dim", "1e15"}), 2, "", "error: "},
    {"dim_too_large", bare({"--dim", "1e30"}), 2, "", "error: --dim: '1e30'"},
    {"box_reversed", bare({"--dim", "3", "--box", "1,0"}), 2, "", "error: --box: .*1 is not below.*0"},
    {"box_point", bare({"--dim", "3", "--box", "1,1"}), 2, "", "error: --box: .*1 is not below.*1"},
    {"box_nan", bare({"--dim", "3", "--box", "0,nan"}), 2, "", "error: --box: NaN"},
    {"box_infinite", bare({"--dim", "3", "--box", "-inf,inf"}), 2, "", "error: --box: .*finite"},
    {"box_one_number", bare({"--dim", "3", "--box", "1"}), 2, "",
     "error: --box: '1' is not two numbers LO,HI"},
    {"box_three_numbers", bare({"--dim", "3", "--box", "0,1,2"}), 2, "", "error: --box: '0,1,2' is not two"},
    {"box_no_high", bare({"--dim", "3", "--box", "0,"}), 2, "", "error: --box: '0,' is not two"},
    {"box_empty", bare({"--dim", "3", "--box", ""}), 2, "", "error: --box: '' is not two"},
    {"box_empty_interval", bare({"--dim", "3", "--box", "0,1;;0,1"}), 2, "", "error: --box: '' is not two"},
    {"box_word", bare({"--dim", "3", "--box", "zero,one"}), 2, "", "error: --box: 'zero' is not a number"},
    {"box_trailing", bare({"--dim", "3", "--box", "0,1x"}), 2, "", "error: --box: '1x' is not a number"},
    {"box_overflow", bare({"--dim", "3", "--box", "0,1e999"}), 2, "", "error: --box: '1e999'"},
    {"box_for_a_program", with({"--dim", "3"}), 2, "", "error: "},
    {"density", bare({"--dim", "3", "--density", "prod(1/(hi_i - lo_i))"}), 0, one},
    {"density_empty", bare({"--dim", "3", "--density", ""}), 2, "", "error: "},
    {"density_bad", bare({"--dim", "3", "--density", "prod(1/(hi_i - lo_i)"}), 2, "", "error: [^]*\\^"},

    // -D
    {"D_number", with({"-D", "a=2.5"}, "x ~ uniform(0, 1); E[a*x]"), 0, "= 1\\.2[45]"},
    {"D_attached", with({"-Da=-2.5e0"}, "x ~ uniform(0, 1); E[a*x]"), 0, "= -1\\.2[45]"},
    {"D_two", with({"-D", "a=2", "-D", "b=1"}, "x ~ uniform(0, 1); E[a*x + b]"), 0, "= (2\\.0|1\\.99)"},
    {"D_vector", with({"-D", "a=[1, 2,3]"}, "x ~ uniform(0, 1)^3; E[sum(a_i*x_i)]"), 0, "= (3\\.0|2\\.9)"},
    {"D_matrix", with({"-D", "A=[[2,1], [1,3]]"}, "x ~ normal(0, 1)^2; E[sum(x_i*A_{i,j}*x_j)]"), 0,
     "= (4\\.9|5\\.)"},
    {"D_before_program", {{"eval", "-D", "a=1", "x ~ uniform(0, 1); E[a*x]"}}, 0, "= (0\\.5|0\\.49)"},
    {"D_none", with({}, "x ~ uniform(0, 1); E[a*x]"), 2, "", "error: [^]*\\ba\\b"},
    {"D_unused", with({"-D", "q=1"}), 2, "", "error: [^]*\\bq\\b"},
    {"D_twice", with({"-D", "a=1", "-D", "a=2"}), 2, "", "error: -D 'a': it is given twice"},
    {"D_no_equals", with({"-D", "a"}), 2, "", "error: -D: 'a' is not NAME=VALUE"},
    {"D_no_name", with({"-D", "=1"}), 2, "", "error: -D: '=1' is not NAME=VALUE"},
    {"D_no_value", with({"-D", "a="}), 2, "", "error: -D 'a': there is no value"},
    {"D_word", with({"-D", "a=two"}), 2, "", "error: -D 'a': 'two' is not a number"},
    {"D_nan", with({"-D", "a=nan"}), 2, "", "error: -D 'a': NaN"},
    {"D_comma", with({"-D", "a=1,5"}), 2, "", "error: -D 'a': '1,5' is not a number"},
    {"D_open", with({"-D", "a=[1,2"}), 2, "", "error: -D 'a': '\\[1,2' lacks its last bracket"},
    {"D_hollow", with({"-D", "a=[]"}), 2, "", "error: -D 'a': there is nothing between"},
    {"D_hollow_row", with({"-D", "a=[[],[]]"}), 2, "", "error: -D 'a': there is nothing between"},
    {"D_ragged", with({"-D", "a=[[1,2],[3]]"}), 2, "", "error: -D 'a': row 2 has 1 numbers, row 1 has 2"},
    {"D_mixed", with({"-D", "a=[[1,2],3]"}), 2, "", "error: -D 'a': '3' is not a row"},
    {"D_deep", with({"-D", "a=[[[1]]]"}), 2, "", "error: -D 'a': '\\[1\\]' is not a number"},
    {"D_wrong_rank", with({"-D", "a=[1,2]"}, "x ~ uniform(0, 1); E[a*x]"), 2, "", "error: "},
    {"D_wrong_size", with({"-D", "a=[1,2]"}, "x ~ uniform(0, 1)^3; E[a_3*x_1]"), 2, "", "error: "},

    // numbers of a run
    {"samples_plain", samples("20000"), 0, "2e4 samples"},
    {"samples_scientific", samples("2e4"), 0, "2e4 samples"},
    {"samples_fraction", samples("1.5e4"), 0, "15000 samples"},
    {"samples_one", samples("1"), 0, "^E\\[x\\] = .* 1 samples?"},
    {"samples_zero", samples("0"), 2, "", "error: --samples: '0' is not a whole number, 1 or more"},
    {"samples_negative", samples("-5"), 2, "", "error: --samples: '-5'"},
    {"samples_half", samples("0.5"), 2, "", "error: --samples: '0.5'"},
    {"samples_nan", samples("nan"), 2, "", "error: --samples: 'nan'"},
    {"samples_infinite", samples("inf"), 2, "", "error: --samples: 'inf'"},
    {"samples_word", samples("many"), 2, "", "error: --samples: 'many'"},
    {"samples_trailing", samples("1e4x"), 2, "", "error: --samples: '1e4x'"},
    {"samples_grouped", samples("1,000"), 2, "", "error: --samples: '1,000'"},
    {"samples_too_many", samples("1e40"), 2, "", "error: --samples: '1e40'"},
    {"samples_escape", samples("\033[31m"), 2, "", "error: --samples: '\\\\x1b\\[31m'"},
    {"seed", with({"--seed", "7"}), 0, one},
    {"seed_zero", with({"--seed", "0"}), 0, one},
    {"seed_largest", with({"--seed", "18446744073709551615"}), 0, one},
    {"seed_too_large", with({"--seed", "18446744073709551616"}), 2, "",
     "error: --seed: '18446744073709551616'"},
    {"seed_negative", with({"--seed", "-1"}), 2, "", "error: --seed: '-1'"},
    {"threads_one", with({"--threads", "1"}), 0, " 1 thread\n$"},
    {"threads_two", with({"--threads", "2"}), 0, one},
    {"threads_all", with({"--threads", "0"}), 0, one},
    {"threads_negative", with({"--threads", "-1"}), 2, "", "error: --threads: '-1'"},
    {"too_much_for_the_cache", {{"cache", "list", "extra"}}, 2, "", "moment cache --help lists the flags\n$"},
    {"threads_too_many", with({"--threads", "1e9"}), 2, "", "error: --threads: '1e9'.* 1024"},
    {"target_error", with({"--target-error", "1e-2"}), 0, one},
    {"target_relative", with({"--target-relative", "1e-2"}), 0, one},
    {"target_not_reached", with({"--target-error", "1e-9"}), 0, one,
     "warning: after 20000 samples, the most allowed, an error of 1e-09 is not reached"},
    {"target_error_zero", with({"--target-error", "0"}), 2, "",
     "error: --target-error: '0' has to be positive"},
    {"target_error_infinite", with({"--target-error", "inf"}), 2, "",
     "error: --target-error: 'inf' has to be"},
    {"target_relative_negative", with({"--target-relative", "-1"}), 2, "", "error: --target-relative: '-1'"},

    // names of a run
    {"backend_auto", with({"--backend", "auto"}), 0, one},
    {"backend_interpreter", with({"--backend", "interpreter"}), 0, "interpreter \\d+ threads?\n$"},
    {"backend_llvm", with({"--backend", "llvm"}), 0, "llvm \\d+ threads?\n$"},
    {"backend_cuda", without_cuda({"--backend", "cuda"}), 3, "", "error: NVIDIA's driver is not there"},
    {"backend_unknown", with({"--backend", "gpu"}), 2, "",
     "error: --backend: 'gpu' is none of auto, interpreter, llvm"},
    {"precision_f64", with({"--precision", "f64"}), 0, one},
    {"precision_f32", with({"--precision", "f32"}), 0, one},
    {"precision_unknown", with({"--precision", "f16"}), 2, "",
     "error: --precision: 'f16' is none of f64, f32"},
    {"generator_default", with({"--generator", "xoshiro256++"}), 0, one},
    {"generator_philox", with({"--generator", "philox4x32-10"}), 0, one},
    {"generator_unknown", with({"--generator", "rand"}), 2, "",
     "error: --generator: 'rand' is none of xoshiro256\\+\\+"},
    {"nonfinite_unknown", with({"--nonfinite", "keep"}), 2, "",
     "error: --nonfinite: 'keep' is none of nan, drop"},

    // output
    {"json", with({"--json"}), 0, "^\\{\"program\":.*\\}\n$"},
    {"no_cache", with({"--no-cache"}), 0, one},
    {"progress_without_terminal", with({"--progress"}), 0, one},
    {"no_progress", with({"--no-progress"}), 0, one},
    {"trace_nowhere", with({"--trace", "/nowhere/t.json"}), 2, "",
     "error: --trace '/nowhere/t.json': No such file"},
    {"trace_folder", with({"--trace", "/"}), 2, "", "error: --trace '/': Is a directory"},
    {"trace_full_disk", with({"--trace", "/dev/full"}), 1, one,
     "^error: cannot write the trace to /dev/full: No space left on device\n$"},
    {"trace_full_disk_and_a_warning", with({"--trace", "/dev/full", "--target-error", "1e-9"}), 1, one,
     "^warning: [^]*is not reached\nerror: cannot write the trace to /dev/full"},
    {"trace_of_a_dump", with({"--trace", "/dev/null", "--dump", "ir"}), 2, "", "error: .*--dump"},
    {"debug_jit", with({"--debug-jit"}), 0, one},
    {"dump_ir", with({"--dump", "ir"}), 0, kernel},
    {"dump_llvm", with({"--dump", "llvm"}), 0, "define "},
    {"dump_assembly", with({"--dump", "assembly"}), 0, kernel},
    {"dump_bare", bare({"--dim", "3", "--dump", "ir"}), 0, kernel},
    {"dump_cuda", without_cuda({"--dump", "cuda"}), 0, "^// E\\[sum\\(x_i\\^2\\)\\]\n//"},
    {"dump_ptx", without_cuda({"--dump", "ptx"}), 3, "", "error: NVRTC, CUDA's compiler, is not there"},
    {"dump_unknown", with({"--dump", "bytecode"}), 2, "",
     "error: --dump: 'bytecode' is none of lowered, simplified, contracted, expanded, ir, llvm"},
    {"dump_json", with({"--dump", "ir", "--json"}), 2, "",
     "error: .*--json excludes --dump|--dump excludes --json"},
    {"dump_missing_dim", bare({"--dump", "ir"}), 2, "", "error: [^]*--dim"},
};

class Flags : public testing::TestWithParam<Row> {};

TEST_P(Flags, DoAsTheRowSays) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, Flags, testing::ValuesIn(kRows), [](const testing::TestParamInfo<Row>& info) {
  return std::string(info.param.name);
});

}  // namespace
}  // namespace mc::console_test
