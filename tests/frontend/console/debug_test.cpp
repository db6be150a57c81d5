// What helps who works on Moment: `moment diff`, and MC_DEBUG.
#include <gtest/gtest.h>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

const Row kRows[] = {
    {"back_ends_agree",
     {{"diff", "x ~ gamma(2, 1)^3; E[max(x)], Var[x_1]", "--samples", "5e4"}},
     0,
     "^interpreter and llvm agree in all of 5e4 samples, 7 tiles\n$"},
    {"expressions_too",
     {{"diff", "sum(exp(x_i))", "--dim", "3", "--precision", "f32", "--between", "llvm,llvm", "--samples",
       "8192"}},
     0,
     "^llvm and llvm agree in all of 8192 samples, 1 tile\n$"},
    {"less_than_a_tile",
     {{"diff", "x ~ uniform(0, 1); E[x]", "--samples", "100"}},
     0,
     "^interpreter and llvm agree in all of 100 samples, 1 tile\n$"},
    {"one_sample",
     {{"diff", "x ~ uniform(0, 1); E[x]", "--samples", "1"}},
     0,
     "^interpreter and llvm agree in all of 1 sample, 1 tile\n$"},
    {"rows_are_as_many_as_there_are",
     {{"diff", "x ~ rows(A); E[x]", "-D", "A=@examples/returns.csv:north"}},
     0,
     "^interpreter and llvm agree in all of 12 samples, 1 tile\n$"},
    {"no_samples", {{"diff", "x ~ uniform(0, 1); E[x]", "--samples", "0"}}, 2, "", "--samples: '0'"},
    {"reductions_are_not_compared",
     {{"diff", "sum(a)", "-D", "a=@examples/returns.csv:south"}},
     2,
     "",
     "^error: diff: the program goes over all numbers of its arrays, and only samples are compared"},
    {"widths",
     {{"diff", "x ~ normal(0, 1)^3; E[max(x)]", "--between", "interpreter:128,llvm:128", "--samples", "1e4"}},
     0,
     "^interpreter:128 and llvm:128 agree in all of 1e4 samples, 2 tiles\n$"},
    {"no_such_width", {{"diff", "E[2]", "--between", "llvm:200,llvm"}}, 2, "", "512 bits, not 200"},
    {"no_width", {{"diff", "E[2]", "--between", "llvm:,llvm"}}, 2, "", "--between: '' is not"},
    {"wider_than_there_are",
     {{"diff", "E[2]", "--between", "llvm:256,llvm"}, "", {"MC_VECTOR_BITS=128"}},
     2,
     "",
     "vectors of 256 bits are asked for, and there are 128 here"},
    {"one_name",
     {{"diff", "E[2]", "--between", "llvm"}},
     2,
     "",
     "--between 'llvm': write two, as in interpreter,llvm or llvm:128,llvm:512"},
    {"no_such_back_end",
     {{"diff", "E[2]", "--between", "llvm,gpu"}},
     2,
     "",
     "'gpu' is none of auto, interpreter"},
    {"auto_is_none", {{"diff", "E[2]", "--between", "auto,llvm"}}, 2, "", "two back ends have to be named"},
    {"cuda_is_not_compared",
     {{"diff", "E[2]", "--between", "llvm,cuda"}},
     3,
     "",
     "cannot be compared value by value\n *compare value_hex of moment eval --json --backend cuda with"},
    {"wrong_program", {{"diff", "E[sinn(2)]"}}, 2, "", "did you mean sin"},
    {"no_program", {{"diff"}}, 2, "", "there is no program"},
    {"wrong_flag", {{"diff", "E[2]", "--json"}}, 2, "", "moment diff --help lists the flags"},
    {"debug_shows_stages",
     {{"eval", "x ~ uniform(0, 1); E[x^2]", "--samples", "100"}, "", {"MC_DEBUG=ir,parse"}},
     0,
     "^E\\[x\\^2\\] = ",
     "^---- parse\nsample: x ~ uniform\\(0, 1\\)  # of uniform\nquery: E\\[x\\^2\\]  # of x\n---- ir\nkernel "
     "scalars"},
    {"debug_shows_what_was_parsed_of_wrong_programs",
     {{"eval", "y = 2; E[x]"}, "", {"MC_DEBUG=parse"}},
     2,
     "",
     "^---- parse\ndefinition: y = 2\nquery: E\\[x\\]  # of x\nerror: "},
    {"debug_of_no_stage",
     {{"eval", "E[2]"}, "", {"MC_DEBUG=passes"}},
     2,
     "",
     "MC_DEBUG: 'passes' is none of parse, lowered, simplified, contracted, expanded, ir, llvm, assembly, "
     "cuda, ptx\n"},
    {"debug_shows_passes",
     {{"eval", "x ~ uniform(0, 1); E[3*x + 1]", "--samples", "100"}, "", {"MC_DEBUG=contracted,parse"}},
     0,
     "^E\\[3\\*x \\+ 1\\] = ",
     "^---- parse\n[^]*\n---- contracted\nkernel scalars"},
    {"diff_shows_stages",
     {{"diff", "x ~ uniform(0, 1); E[x^2]", "--samples", "100"}, "", {"MC_DEBUG=ir,parse"}},
     0,
     "^interpreter and llvm agree",
     "^---- parse\nsample: [^]*---- ir\nkernel scalars"},
    {"debug_of_reductions",
     {{"eval", "sum(a)", "-D", "a=@examples/returns.csv:south"}, "", {"MC_DEBUG=parse,ir"}},
     0,
     "^sum\\(a\\) = ",
     "^---- parse\nexpression: sum\\(a\\)[^]*MC_DEBUG: of a program that goes over arrays only parse is "
     "shown"},
    {"log_of_a_run",
     {{"eval", "x ~ uniform(0, 1); E[x^2]", "--samples", "5e4", "--backend", "llvm"},
      "",
      {"MC_LOG=debug", "MC_CACHE_DIR=/dev/null"}},
     0,
     "^E\\[x\\^2\\] = ",
     "\nmachine code: compiled in .* ms\nllvm: 7 tiles, the first after 0.0 ms\ndevice: none\n$"},
    {"log_of_an_interpreted_run",
     {{"eval", "x ~ uniform(0, 1); E[x^2]", "--samples", "100", "--backend", "interpreter"},
      "",
      {"MC_LOG=debug"}},
     0,
     "^E\\[x\\^2\\] = ",
     "\nmachine code: none\ninterpreter: 1 tile, the first after 0.0 ms\ndevice: none\n$"},
    {"width_of_the_environment",
     {{"eval", "E[2]"}, "", {"MC_VECTOR_BITS=wide"}},
     2,
     "",
     "MC_VECTOR_BITS: vectors have 128, 256 or 512 bits, or 0 for no limit, not wide\n"},
    {"debug_of_nothing", {{"eval", "E[2]", "--samples", "10"}, "", {"MC_DEBUG="}}, 0, "^E\\[2\\] = 2"},
};

class Debug : public ::testing::TestWithParam<Row> {};
TEST_P(Debug, ShowsWhatIsAsked) { check(GetParam()); }
#ifdef MC_MISTAKEN_MODULE
/// LLVM's place is taken by what computes a minimum where a maximum is asked for.
TEST(Debug, FindsABackEndsMistake) {
  const Start start{{"diff", "x ~ uniform(0, 1)^2; E[max(x_1, x_2)]", "--samples", "5e4"},
                    "",
                    {"MC_LLVM_MODULE=" MC_MISTAKEN_MODULE}};
  check({"mistake", start, 1,
         "^interpreter and llvm part in sample 0: tile 0, lane 0, step 0\nin this line of --dump ir, whose "
         "operands agree:\n  %\\d+ = max f64 %\\d+, %\\d+\ninterpreter  0x1\\.\\w+p-\\d+\nllvm         "
         "0x1\\.\\w+p-\\d+\n$"});
}
#endif

INSTANTIATE_TEST_SUITE_P(Table, Debug, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace mc::console_test
