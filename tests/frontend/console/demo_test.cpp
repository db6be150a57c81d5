// `moment demo`: its names and refusals, the table and its JSON with one round, what is left out where a
// program is missing, and that the picture is an SVG document.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "tests/frontend/console/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mc::console_test {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// Without Numba, whose imports take longer than all else.
std::vector<std::string> warmup(std::vector<std::string> flags) {
  const std::vector<std::string> common = {"demo", "warmup", "--rounds", "1", "--python", "/nowhere/python"};
  flags.insert(flags.begin(), common.begin(), common.end());
  return flags;
}

const Row kRows[] = {
    {"names", {{"demo"}}, 0, "moment demo NAME[^]*warmup +how long"},
    {"near",
     {{"demo", "warm-up"}},
     2,
     "",
     "error: there is no demo 'warm-up'; did you mean moment demo warmup\\?"},
    {"far", {{"demo", "everything"}}, 2, "", "error: there is no demo 'everything'; moment demo lists them"},
    {"far_with_flags", {{"demo", "everything", "--fast"}}, 2, "", "error: there is no demo 'everything'"},
    {"empty", {{"demo", ""}}, 2, "", "error: there is no demo ''"},
    {"endless",
     {{"demo", std::string(5000, 'w')}},
     2,
     "",
     "error: there is no demo 'w+…'; moment demo lists"},
    {"help", {{"demo", "--help"}}, 0, "warmup"},
    {"warmup_help", {{"demo", "warmup", "--help"}}, 0, "--rounds[^]*--plot[^]*--json[^]*in memory"},
    {"unknown_flag", {{"demo", "warmup", "--fast"}}, 2, "", "error: .*--fast[^]*moment demo warmup --help"},
    {"two", {{"demo", "warmup", "warmup"}}, 2, "", "error: .*not expected: warmup"},
    {"no_rounds", {{"demo", "warmup", "--rounds", "0"}}, 2, "", "error: --rounds: '0' is not a whole number"},
    {"no_samples", {{"demo", "warmup", "--samples", "x"}}, 2, "", "error: --samples: 'x' is not"},
    {"no_column", {{"demo", "warmup", "--column", "x"}}, 2, "", "error: --column: 'x' is none"},
    {"not_its_column", {{"demo", "warmup", "--column", "numba"}}, 2, "", "error: --column: 'numba' is none"},
    {"plot_unwritable",
     {{"demo", "warmup", "--plot", "/nowhere/w.svg"}},
     2,
     "",
     "error: --plot '/nowhere/w.svg': No such file"},
    {"plot_folder", {{"demo", "warmup", "--plot", "/"}}, 2, "", "error: --plot '/': "},
    {"plot_png", {{"demo", "warmup", "--plot", "w.png"}}, 2, "", "error: --plot 'w.png': the picture is SVG"},
};

class Demo : public ::testing::TestWithParam<Row> {};
TEST_P(Demo, DoesAsItsRowSays) { check(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Rows, Demo, ::testing::ValuesIn(kRows),
                         [](const auto& info) { return std::string(info.param.name); });

// ---- the table

const std::vector<std::string> kCalls = {"1", "2", "3", "10", "100", "1000"};

/// Of the calls after the first: any one of them may have had to wait for the processor.
double least_later(const Json& column) {
  double least = column["latency_us"]["1000"];
  for (const std::string& call : kCalls)
    if (call != "1") least = std::min(least, column["latency_us"][call].get<double>());
  return least;
}

TEST(Warmup, MeasuresEveryColumn) {
  const Ended ended = moment(warmup({"--json"}));
  ASSERT_EQ(ended.exit, 0) << ended.err;
  EXPECT_TRUE(
      std::regex_search(ended.err, std::regex("Numba is left out: there is no '/nowhere/python'.*apt-get")))
      << ended.err;
  const Json json = Json::parse(ended.out);
  EXPECT_EQ(json["samples"], 100'000);
  EXPECT_EQ(json["rounds"], 1);
  std::map<std::string, Json> columns;
  for (const Json& column : json["columns"]) {
    columns[column["column"]] = column;
    double all_us = 0, slowest = 0;
    for (const std::string& call : kCalls) {
      const double us = column["latency_us"][call];
      EXPECT_GT(us, 0) << column;
      all_us += us;
      slowest = std::max(slowest, us);
    }
    EXPECT_EQ(column["latency_us"].size(), kCalls.size());
    EXPECT_GT(column["all_ms"].get<double>(), all_us / 1000)
        << "a thousand calls take longer than six of them";
    EXPECT_GE(column["slowest_over_fastest"].get<double>(), 1);
    EXPECT_EQ(column["value"], json["columns"][0]["value"]);
    for (const char* stage : {"parse_ms", "check_ms", "lower_ms", "assemble_ms"})
      EXPECT_GT(column["stages"][stage].get<double>(), 0) << column;
  }
  ASSERT_EQ(columns.size(), 5U) << ended.out;
  const auto latency = [&](const char* column, const char* call) {
    return columns.at(column)["latency_us"][call].get<double>();
  };
  // Where the difference is tenfold at least; nothing is said of what lies near on a busy machine.
  double warm = latency("auto_memory", "1");
  for (const std::string& call : kCalls) warm = std::min(warm, latency("auto_memory", call.c_str()));
  for (const char* column : {"auto", "auto_disk", "interpreter", "llvm"})
    EXPECT_GT(latency(column, "1"), warm) << column;
  EXPECT_GT(latency("llvm", "1"), least_later(columns.at("llvm")));
  for (const char* stage : {"start_ms", "emit_ms", "codegen_ms", "link_ms"})
    EXPECT_GT(columns["llvm"]["stages"][stage].get<double>(), 0) << stage;
  EXPECT_FALSE(columns["interpreter"]["stages"].contains("codegen_ms"));
  EXPECT_EQ(columns["interpreter"]["machine_code_from"], 0);
  EXPECT_EQ(columns["llvm"]["machine_code_from"], 1);
  EXPECT_EQ(columns["auto_memory"]["machine_code_from"], 1);
  EXPECT_GE(columns["auto_disk"]["machine_code_from"], 1)
      << "how soon depends on how fast the interpreter is";
  EXPECT_FALSE(columns["auto_disk"]["stages"].contains("codegen_ms")) << "it was on the disk";
  EXPECT_TRUE(columns["auto_memory"]["whole_process_ms"].is_null());
  EXPECT_GT(columns["llvm"]["whole_process_ms"].get<double>(), 0);
}

TEST(Warmup, PrintsATable) {
  const Ended ended = moment(warmup({"--samples", "1e3"}));
  ASSERT_EQ(ended.exit, 0) << ended.err;
  const std::string time = R"( +(\d+\.)?\d+ (µs|ms|s))";
  for (const char* label : {"auto", "auto, on disk", "auto, in memory", "interpreter", "llvm"}) {
    const std::string row = std::string("\n") + label + "(" + time + "){7}\n";
    EXPECT_TRUE(std::regex_search(ended.out, std::regex(row))) << row << ended.out;
    const std::string second =
        std::string("\n") + label + R"( +(\d+\.)?\d+ +(–|call \d+) +(–|\S+ (µs|ms|s))\n)";
    EXPECT_TRUE(std::regex_search(ended.out, std::regex(second))) << second << ended.out;
  }
  EXPECT_TRUE(std::regex_search(
      ended.out, std::regex(R"(auto: The slowest run took \d+\.\d\d times longer than the fastest\.)")))
      << ended.out;
  for (const char* word : {"Before the first sample: ", "Machine code", "codegen ", "Every call gave 0."})
    EXPECT_NE(ended.out.find(word), std::string::npos) << word;
}

TEST(Warmup, ComparesWithNumbaWhereThatIs) {
  if (std::system("python3 -c 'import numba' > /dev/null 2>&1") != 0 &&
      std::system("/usr/bin/python3 -c 'import numba' > /dev/null 2>&1") != 0)
    GTEST_SKIP() << "there is no Python with Numba";
  const Ended ended = moment({"demo", "warmup", "--rounds", "1", "--samples", "1e4", "--json"});
  ASSERT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  const Json json = Json::parse(ended.out);
  ASSERT_EQ(json["columns"].size(), 7U);
  for (const std::size_t k : {5U, 6U}) {
    const Json& column = json["columns"][k];
    EXPECT_NEAR(column["value"].get<double>(), 2.0 / 3, 6 * 0.42 / 100) << "six standard errors";
    EXPECT_GT(column["imports_ms"].get<double>(), 0);
    EXPECT_GT(column["latency_us"]["1"].get<double>(), least_later(column));
    EXPECT_GT(column["whole_process_ms"].get<double>(), column["imports_ms"].get<double>());
  }
}

/// What the shell says of a Python without Numba is passed on, and is no failure.
TEST(Warmup, SaysWhatIsWrongWithAPython) {
  const Ended ended =
      moment({"demo", "warmup", "--rounds", "1", "--samples", "10", "--json", "--python", "false"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_NE(ended.err.find("note: Numba is left out: 'false'"), std::string::npos) << ended.err;
}

/// One that says nothing: what it was asked for is missed by name.
TEST(Warmup, SaysThatAPythonGivesNoTimes) {
  const Ended ended = moment({"demo", "warmup", "--rounds", "1", "--samples", "10", "--python", "/bin/true"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_NE(ended.err.find("a process of the demo gave no times"), std::string::npos) << ended.err;
  EXPECT_EQ(ended.err.find("json"), std::string::npos) << ended.err;
}

TEST(Warmup, LeavesNothingBehind) {
  const testing::TemporaryFolder folder;
  const Ended ended = moment(Start{warmup({"--samples", "10", "--json"}), {}, {"TMPDIR=" + folder.path()}});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Warmup, EndsWithASignal) {
  const testing::TemporaryFolder folder;
  Process process({{"demo", "warmup", "--rounds", "1000", "--python", "/nowhere/python"},
                   {},
                   {"TMPDIR=" + folder.path()}});
  for (int k = 0; k < 6000 && fs::is_empty(folder.path()); ++k)  // until it measures
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  process.signal(SIGINT);
  const Ended ended = process.wait();
  EXPECT_EQ(ended.exit, 130) << ended.err;
  EXPECT_EQ(ended.out, "");
}

// ---- the picture

/// A file that goes with the test.
class Picture {
 public:
  Picture()
      : path_(fs::temp_directory_path() / ("moment 'demo' $(test)." + std::to_string(getpid()) + ".svg")) {}
  ~Picture() { fs::remove(path_); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  const fs::path& path() const { return path_; }
  std::string text() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

 private:
  fs::path path_;
};

/// What makes text well-formed XML, as far as it concerns drawings: elements nest, attributes are quoted, &
/// and < are escaped. (No CDATA is expected.) What is wrong, or nothing.
std::string malformed(const std::string& xml) {
  static const std::regex tag(
      R"re(<(\?[^>]*\?|!--[^]*?--|!DOCTYPE[^>]*|/([\w:]+)\s*|([\w:]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?))>)re");
  static const std::regex reference("&(?!(\\w+|#\\d+|#x[0-9a-fA-F]+);)");
  std::vector<std::string> open;
  std::size_t at = 0, elements = 0;
  for (auto m = std::sregex_iterator(xml.begin(), xml.end(), tag); m != std::sregex_iterator(); ++m) {
    const auto begin = static_cast<std::size_t>(m->position());
    const std::string between = xml.substr(at, begin - at);
    if (between.find('<') != between.npos) return "no tag: " + between.substr(between.find('<'), 80);
    if (std::regex_search(between, reference) || std::regex_search((*m)[4].str(), reference))
      return "a bare &: " + between + m->str();
    at = begin + static_cast<std::size_t>(m->length());
    if ((*m)[3].matched) {
      if (open.empty() && elements++ > 0) return "a second root";
      if ((*m)[5].length() == 0) open.push_back((*m)[3]);
    } else if ((*m)[2].matched) {
      if (open.empty() || open.back() != (*m)[2].str()) return "closes what is not open: " + m->str();
      open.pop_back();
    }
  }
  if (!open.empty()) return "never closed: " + open.back();
  if (xml.find('<', at) != xml.npos) return "the end is no tag";
  return elements == 1 ? "" : "no element";
}

TEST(Warmup, TheTestKnowsMalformedXml) {
  EXPECT_EQ(malformed("<?xml version='1.0'?><!-- a --><svg a=\"1\"><g/>&lt;</svg>\n"), "");
  for (const char* wrong : {"", "<svg>", "<svg><g></svg></g>", "<svg a=1/>", "<svg>&</svg>",
                            "<svg>1 < 2</svg>", "<a/><b/>", "</a>", "<svg a='<'/>", "<svg/><"})
    EXPECT_NE(malformed(wrong), "") << wrong;
}

TEST(Warmup, DrawsAPicture) {
  if (std::system("gnuplot --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "there is no gnuplot";
  const Picture picture;
  const Ended ended = moment(warmup({"--plot", picture.path().string()}));
  ASSERT_EQ(ended.exit, 0) << ended.err;
  EXPECT_NE(ended.out.find("The picture: " + picture.path().string()), std::string::npos) << ended.out;
  const std::string svg = picture.text();
  EXPECT_EQ(malformed(svg), "");
  for (const char* text : {"<svg", "auto, on disk", "auto, in memory", "interpreter", "llvm", "1 ms",
                           "machine code from call", "Before the first sample", "codegen"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
}

TEST(Warmup, GoesOnWithoutGnuplot) {
  const Picture picture;
  const Start start{warmup({"--samples", "10", "--plot", picture.path().string()}), {}, {"PATH=/nowhere"}};
  const Ended ended = moment(start);
  EXPECT_EQ(ended.exit, 0);
  EXPECT_NE(
      ended.err.find("note: there is no gnuplot, so no picture; on Debian: apt-get install gnuplot-nox"),
      std::string::npos)
      << ended.err;
  EXPECT_NE(ended.out.find("interpreter"), std::string::npos);
  EXPECT_EQ(ended.out.find("The picture"), std::string::npos);
  EXPECT_FALSE(fs::exists(picture.path())) << "nothing empty is left";
  std::ofstream(picture.path()) << "an older picture";
  EXPECT_EQ(moment(start).exit, 0);
  EXPECT_EQ(picture.text(), "an older picture");
}

}  // namespace
}  // namespace mc::console_test
