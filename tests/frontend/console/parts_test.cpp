// `moment eval --part` and `moment merge`: processes that share the samples print what one prints; what is
// missing, mixed up or cut off is refused by its file's name.
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

using Json = nlohmann::ordered_json;
using Arguments = std::vector<std::string>;

Arguments joined(Arguments first, const Arguments& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

/// Files of partial results, p1.json, p2.json, …
class Parts : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
  }

  std::string read(const std::string& name) const {
    std::ifstream in(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// All at once, as users would start them; their files' names.
  Arguments run(const Arguments& flags, int of) const {
    Arguments files;
    std::vector<std::unique_ptr<Process>> processes;
    for (int number = 1; number <= of; ++number)
      processes.push_back(std::make_unique<Process>(Start{
          joined(joined({"eval"}, flags), {"--part", std::to_string(number) + "/" + std::to_string(of)})}));
    for (int number = 1; number <= of; ++number) {
      const Ended ended = processes[static_cast<std::size_t>(number) - 1]->wait();
      EXPECT_EQ(ended.exit, 0) << ended.err;
      EXPECT_EQ(ended.err, "");
      const std::string name = "p" + std::to_string(number) + ".json";
      write(name, ended.out);
      files.push_back(file(name));
    }
    return files;
  }

 private:
  mc::testing::TemporaryFolder folder_;
};

/// Without who did it, and how fast.
Json results_of(const Ended& ended) {
  EXPECT_EQ(ended.exit, 0) << ended.err;
  Json json = Json::parse(ended.out, nullptr, false);
  for (const char* key : {"threads", "parts", "tiles", "timing"}) json.erase(key);
  return json;
}

TEST_F(Parts, PrintWhatOneProcessPrints) {
  const Arguments rows[] = {
      {"x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--limit", "depth=500"},
      {"x ~ normal(0,1)^2; E[x_1 | x_2 > 1], Var[x_1], Corr[x_1, x_1 + x_2]", "--samples", "123457"},
      {"sum(a_i*x_i^2)", "--dim", "3", "--box", "0,1;-1,1;2,4", "--density", "prod(1/(hi_i - lo_i))", "-D",
       "a=[1,2,3]", "--precision", "f32"},
      {"x ~ rows(A); E[x_1], Cov[x_1, x_2]", "-D", "A=@examples/returns.csv:north,south"},
      {"x ~ normal(0,1); E[if(x > 3, 1/0, x)]", "--nonfinite", "drop", "--seed", "18446744073709551615",
       "--generator", "philox4x32-10"},
  };
  for (const Arguments& row : rows) {
    SCOPED_TRACE(row[0]);
    const Ended one = moment(joined(joined({"eval"}, row), {"--json"}));
    const Json expected = results_of(one);
    for (const int of : {1, 8}) {
      const Arguments files = run(row, of);
      const Ended merged = moment(joined({"merge", "--json"}, files));
      EXPECT_EQ(results_of(merged), expected);
      EXPECT_EQ(merged.err, one.err);
      EXPECT_EQ(Json::parse(merged.out)["parts"], of);
    }
  }
}

/// As on the list: one of eight is killed amid its work, run again, and all are merged.
TEST_F(Parts, SurviveAKill) {
  const Arguments program = {"x ~ uniform(0,1)^10; E[sum(x_i^2)]"},
                  flags = joined(program, {"--samples", "1e6"});
  const Arguments files = run(flags, 8);
  {
    Process victim({joined(joined({"eval"}, program), {"--part", "5/8", "--samples", "1e13"})});
    victim.signal(SIGKILL);
    const Ended ended = victim.wait();
    EXPECT_EQ(ended.exit, -SIGKILL);
    EXPECT_EQ(ended.out, "");
    write("p5.json", ended.out);
  }
  const Ended refused = moment(joined({"merge"}, files));
  EXPECT_EQ(refused.exit, 2);
  EXPECT_NE(refused.err.find("p5.json is empty"), std::string::npos) << refused.err;
  write("p5.json", moment(joined(joined({"eval"}, flags), {"--part", "5/8"})).out);
  EXPECT_EQ(results_of(moment(joined({"merge", "--json"}, files))),
            results_of(moment(joined(joined({"eval"}, flags), {"--json"}))));
}

TEST_F(Parts, OfWhichOneIsInterruptedAreNotWhole) {
  const Arguments flags = {"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "1e13"};
  Process first({joined(flags, {"--part", "1/2"}), {}, {"MC_LOG=debug"}});
  ASSERT_TRUE(first.says("running"));
  first.signal(SIGINT);
  const Ended ended = first.wait();
  EXPECT_EQ(ended.exit, 130);
  EXPECT_NE(ended.err.find("interrupted after"), std::string::npos) << ended.err;
  write("p1.json", ended.out);
  write("p2.json", ended.out);
  Json second = Json::parse(ended.out, nullptr, false);
  EXPECT_EQ(second["part"], 1);
  const Ended refused = moment({"merge", file("p1.json")});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_NE(refused.err.find("of 2 parts one is missing: 2"), std::string::npos) << refused.err;
}

TEST_F(Parts, AreMergedAsText) {
  const Arguments files = run({"x ~ uniform(0,1)^10; E[sum(x_i^2)], P[x_1 > 2]", "--threads", "2"}, 3);
  const Row row{
      "text",
      {joined({"merge"}, files)},
      0,
      "^E\\[sum\\(x_i\\^2\\)\\] = 3.33312\\(94\\)\nP\\[x_1 > 2\\]    = .* {9}1e6 samples · 3 parts, the "
      "longest \\d.* ms · (llvm|interpreter) 6 threads in all\n$",
      "^warning: P\\[x_1 > 2\\]: .*\n$"};
  check(row);
  const std::string first = read("p1.json");
  check({"stdin",
         {{"merge", files[2], "-", files[1]}, first},
         0,
         "^E\\[sum\\(x_i\\^2\\)\\] = 3.33312\\(94\\)",
         "."});
  write("all.json", first + read("p2.json") + read("p3.json"));
  check({"one_file", {{"merge", file("all.json")}}, 0, "^E\\[sum\\(x_i\\^2\\)\\] = 3.33312\\(94\\)", "."});
  check({"one_stream",
         {{"merge", "-"}, read("all.json")},
         0,
         "^E\\[sum\\(x_i\\^2\\)\\] = 3.33312\\(94\\)",
         "."});
}

TEST_F(Parts, AreRefusedByTheirNames) {
  const Arguments files = run({"x ~ uniform(0,1); E[x]", "--samples", "5e4"}, 2);
  const std::string second = read("p2.json");
  write("short.json", second.substr(0, second.size() / 2));
  write("damaged.json", std::string(second).replace(second.find("\"seed\":1"), 8, "\"seed\":2"));
  write("both.json", read("p1.json") + read("damaged.json"));
  write("empty.json", "");
  write("pretty.json", Json::parse(second).dump(2));
  write("later.json", "{\"moment_partial\": 2, \"new\": 1}\n");
  write("report.json", moment({"eval", "x ~ uniform(0,1); E[x]", "--json"}).out);
  write("other.json",
        moment({"eval", "x ~ uniform(0,1); E[x]", "--samples", "5e4", "--seed", "3", "--part", "2/2"}).out);
  const Row rows[] = {
      {"nothing", {{"merge"}}, 2, "", "^error: there are no partial results; write moment merge FILE"},
      {"missing_part", {{"merge", files[0]}}, 2, "", "^error: of 2 parts one is missing: 2\n"},
      {"twice",
       {{"merge", files[0], files[0]}},
       2,
       "",
       "^error: part 1 of 2 is there twice: .*p1.json and .*p1.json"},
      {"other",
       {{"merge", files[0], file("other.json")}},
       2,
       "",
       "^error: .*other.json is of another run than .*p1.json: its seed is 3, not 1\n"},
      {"short", {{"merge", files[0], file("short.json")}}, 2, "", "^error: .*short.json is cut short"},
      {"damaged", {{"merge", files[0], file("damaged.json")}}, 2, "", "^error: .*damaged.json is damaged"},
      {"one_of_two", {{"merge", file("both.json")}}, 2, "", "^error: .*both.json, line 2, is damaged"},
      {"empty", {{"merge", file("empty.json")}}, 2, "", "^error: .*empty.json is empty\n"},
      {"no_input", {{"merge", "-"}, ""}, 2, "", "^error: standard input is empty\n"},
      {"pretty", {{"merge", file("pretty.json")}}, 2, "", "^error: .*pretty.json has been changed: "},
      {"later", {{"merge", file("later.json")}}, 2, "", "^error: .*later.json is of format 2, and this "},
      {"report",
       {{"merge", file("report.json")}},
       2,
       "",
       "^error: .*report.json is no partial result of Moment\n"},
      {"no_file", {{"merge", file("p9.json")}}, 2, "", "^error: '.*p9.json': No such file"},
      {"folder", {{"merge", "/"}}, 2, "", "^error: '/': "},
      {"endless",
       {{"merge", "/dev/zero"}},
       2,
       "",
       "^error: '/dev/zero': more than 64 MiB; that is no partial result"},
      {"flag", {{"merge", "--seed", "1", files[0]}}, 2, "", "error: [^]*moment merge --help"},
      {"help", {{"merge", "--help"}}, 0, "FILE[^]*--json"},
  };
  for (const Row& row : rows) check(row);
}

TEST_F(Parts, AreRefusedAsFlags) {
  const auto with = [](Arguments flags) { return Start{joined({"eval", "x ~ uniform(0,1); E[x]"}, flags)}; };
  const Row rows[] = {
      {"no_slash", with({"--part", "3"}), 2, "", "^error: --part: '3'; write NUMBER/OF, for example 3/8\n"},
      {"zero", with({"--part", "0/8"}), 2, "", "^error: --part: '0' "},
      {"of_none", with({"--part", "1/0"}), 2, "", "^error: --part: '0' "},
      {"beyond", with({"--part", "9/8"}), 2, "", "^error: --part: there is no part 9 of 8\n"},
      {"negative", with({"--part=-1/8"}), 2, "", "^error: --part: '-1' "},
      {"words", with({"--part", "a/b"}), 2, "", "^error: --part: 'b' "},
      {"target", with({"--part", "1/2", "--target-error", "1"}), 2, "",
       "^error: --part and a target exclude"},
      {"relative", with({"--part", "1/2", "--target-relative", "1"}), 2, "",
       "^error: --part and a target exclude"},
      {"reduction",
       {{"eval", "sum(a)", "-D", "a=@examples/returns.csv:south", "--part", "1/2"}},
       2,
       "",
       "^error: --part: nothing is sampled"},
      {"wrong_program", {{"eval", "x ~ unform(0,1); E[x]", "--part", "1/2"}}, 2, "", "error: "},
  };
  for (const Row& row : rows) check(row);
}

}  // namespace
}  // namespace mc::console_test
