// Traces: the format's rules for every event, and that they tell what the report tells. And what tools see of
// a kernel, from outside.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"

namespace mc::console_test {
namespace {

using Json = nlohmann::json;

/// A file that goes with the test.
class Scratch {
 public:
  explicit Scratch(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / (name + "." + std::to_string(getpid()))) {}
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string name() const { return path_.string(); }
  std::string text() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

/// What the Trace Event Format asks of each kind of event that we write.
void expect_valid(const Json& event) {
  ASSERT_TRUE(event.is_object());
  EXPECT_TRUE(event["name"].is_string()) << event;
  EXPECT_TRUE(event["pid"].is_number_integer()) << event;
  const std::string phase = event["ph"];
  if (phase == "M") {
    EXPECT_TRUE(event["args"]["name"].is_string()) << event;
    return;
  }
  EXPECT_TRUE(phase == "X" || phase == "i") << event;
  EXPECT_TRUE(event["ts"].is_number()) << event;
  EXPECT_GE(event["ts"], 0) << event;
  EXPECT_TRUE(event["tid"].is_number_integer()) << event;
  EXPECT_TRUE(event["cat"].is_string()) << event;
  if (phase == "X") {
    EXPECT_GE(event["dur"], 0) << event;
  } else {
    EXPECT_EQ(event["s"], "p") << event;
  }
}

TEST(Trace, IsAsTheFormatSaysAndAsTheReportDoes) {
  const Scratch file("moment-trace");
  const auto begin = std::chrono::steady_clock::now();
  const Ended ended = moment({"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "3e8", "--threads",
                              "2", "--json", "--trace", file.name()});
  const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const Json report = Json::parse(ended.out), trace = Json::parse(file.text());
  EXPECT_EQ(trace["displayTimeUnit"], "ms");
  std::map<std::string, std::uint64_t> tiles;
  std::map<std::string, double> lengths;
  std::set<std::uint64_t> threads, named;
  double first = 1e300, run_end = 0;
  for (const Json& event : trace["traceEvents"]) {
    expect_valid(event);
    const std::string name = event["name"];
    if (event["ph"] == "M" && name == "thread_name") named.insert(event["tid"].get<std::uint64_t>());
    if (event["ph"] != "X") continue;
    threads.insert(event["tid"].get<std::uint64_t>());
    lengths[name] += event["dur"].get<double>() / 1000;
    first = std::min(first, event["ts"].get<double>());
    if (event["cat"] != "run") continue;
    tiles[name] += event["args"]["tiles"].get<std::uint64_t>();
    run_end = std::max(run_end, event["ts"].get<double>() + event["dur"].get<double>());
  }
  EXPECT_EQ(first, 0);
  EXPECT_EQ(named, threads) << "every thread has a name";
  EXPECT_EQ(tiles["interpreter"], report["tiles"]["interpreter"]);
  EXPECT_EQ(tiles["llvm"], report["tiles"]["llvm"]);
  EXPECT_LT(run_end / 1000, whole.count());
  for (const auto& [key, ms] : report["timing"]["stages"].items()) {
    const std::string name = key.substr(0, key.size() - 3);
    EXPECT_EQ(key, name + "_ms");
    EXPECT_NEAR(lengths[name], ms.get<double>(), 1e-3) << key;
  }
}

TEST(Trace, IsWrittenOfAStoppedRunToo) {
  const Scratch file("moment-trace");
  Process process(
      {{"eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--samples", "1e15", "--trace", file.name()},
       {},
       {"MC_LOG=debug"}});
  EXPECT_TRUE(process.says("running"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait().exit, 130);
  EXPECT_FALSE(Json::parse(file.text())["traceEvents"].empty());
}

TEST(Trace, TakesAnOldOnesPlaceOnlyWhenThereIsANewOne) {
  const Scratch trace("moment-trace-old");
  std::ofstream(trace.name()) << "old " << std::string(100'000, 'x');
  EXPECT_EQ(moment(Start{{"eval", "E[", "--trace", trace.name()}, "", {}}).exit, 2);
  EXPECT_EQ(trace.text().substr(0, 4), "old ");
  EXPECT_EQ(moment(Start{{"eval", "x ~ uniform(0,1); E[x]", "--trace", trace.name()}, "", {}}).exit, 0);
  EXPECT_TRUE(Json::parse(trace.text()).contains("traceEvents"));
}

/// The share of the lowering that its named stages make up.
double share_of_named_stages() {
  const Ended ended = moment(
      {"eval", "x ~ uniform(0,1)^9; E[sum(x_i^2)]", "--samples", "1e5", "--backend", "llvm", "--json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json report = Json::parse(ended.out), timing = report["timing"], stages = timing["stages"];
  const auto sum = [&](std::initializer_list<const char*> names) {
    double all = 0;
    for (const char* name : names) {
      EXPECT_TRUE(stages.contains(name)) << name << " is not in " << stages;
      if (stages.contains(name)) all += stages[name].get<double>();
    }
    return all;
  };
  sum({"parse_ms", "check_ms"});
  double compile = sum({"start_ms", "emit_ms", "codegen_ms", "link_ms"});
  if (stages.contains("load_ms")) compile += stages["load_ms"].get<double>();  // where LLVM is a module
  EXPECT_NEAR(compile, timing["compile_ms"].get<double>(), 1e-3);
  const double making =
      sum({"lower_ms", "simplify_ms", "contract_ms", "expand_ms", "bounds_ms", "assemble_ms"});
  EXPECT_LE(making, timing["lower_ms"].get<double>());
  return making / timing["lower_ms"].get<double>();
}

/// In one of some runs: the rest of the lowering is short, but for who has to wait for the processor in it.
TEST(Stages, AreAllThereAndAddUp) {
  double most = 0;
  for (int k = 0; k < 20 && most <= 0.2; ++k) most = std::max(most, share_of_named_stages());
  EXPECT_GT(most, 0.2);
}

// ---- what tools see

const std::vector<std::string> kShown = {
    "eval", "x ~ uniform(0,1)^10; E[sum(x_i^2)]", "--backend", "llvm", "--samples", "1e6"};

std::vector<std::string> with(std::vector<std::string> flags) {
  flags.insert(flags.begin(), kShown.begin(), kShown.end());
  return flags;
}

/// The kernel's symbol, as --dump llvm --debug-jit writes it.
std::string symbol() {
  const Ended ended = moment(with({"--debug-jit", "--dump", "llvm"}));
  std::smatch found;
  const bool is_there = std::regex_search(ended.out, found, std::regex("@\"(mc::[^\"]*)\""));
  return is_there ? found[1].str() : "";
}

TEST(DebugJit, NamesTheKernel) {
  EXPECT_TRUE(std::regex_match(symbol(), std::regex(R"(mc::E\[sum\(x_i\^2\)\]#[0-9a-f]{8})"))) << symbol();
  EXPECT_EQ(moment(with({"--dump", "llvm"})).out.find("mc::"), std::string::npos)
      << "without the flag there is none";
}

TEST(DebugJit, ChangesNoBit) {
  const auto value = [](const Ended& ended) { return Json::parse(ended.out)["results"][0]["value_hex"]; };
  EXPECT_EQ(value(moment(with({"--json", "--debug-jit"}))), value(moment(with({"--json"}))));
}

TEST(DebugJit, LetsGdbBreakInTheKernelAndFindItsCaller) {
  if (std::system("gdb --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no gdb";
  const Scratch script("moment-gdb"), output("moment-gdb-output");
  std::ofstream(script.name()) << "set breakpoint pending on\nset pagination off\n"
                               << "break " << symbol() << "\nrun\nbacktrace 3\nkill\n";
  const std::string command = "timeout 120 gdb -nx -batch -x " + script.name() + " --args " + MC_MOMENT +
                              " eval 'x ~ uniform(0,1)^10; E[sum(x_i^2)]' --backend llvm --debug-jit > " +
                              output.name() + " 2>&1 < /dev/null";
  [[maybe_unused]] const int status = std::system(command.c_str());
  const std::string text = output.text();
  if (text.find("ptrace") != std::string::npos || text.find("Could not trace") != std::string::npos)
    GTEST_SKIP() << "gdb may not trace here: " << text;
  EXPECT_TRUE(std::regex_search(text, std::regex(R"(#0 .*mc::E\[sum\(x_i\^2\)\]#)"))) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("#1 .*compute_tile"))) << text;
}

}  // namespace
}  // namespace mc::console_test
