// A partial result as text: read again it is the same; and of what others wrote nothing is believed, and
// nothing does harm.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <mc/mc.hpp>
#include <nlohmann/json.hpp>

#include "tests/frontend/api/resumed.hpp"

namespace mc::testing {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of_a_part() {
  return compile("x ~ density(x/2, 0, 2); y ~ data(A); E[x*y]")
      .run({.samples = 3 * kTile + 1, .parameters = {{"A", {1.0, 2.0}}}, .part = {2, 2}})
      .partial.to_text();
}

/// With a checksum that fits.
std::string with_checksum(const std::string& text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  char digits[33];
  std::snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text + ",\"checksum\":\"" + digits + "\"}";
}

std::string sealed(const Json& json) {
  std::string text = json.dump();
  text.pop_back();
  return with_checksum(text);
}

Json unsealed(const std::string& text) {
  Json json = Json::parse(text);
  json.erase("checksum");
  return json;
}

TEST(PartialText, IsReadFromWhatIsSealedAsTheDocumentSays) {
  const std::string text = text_of_a_part();
  EXPECT_EQ(sealed(unsealed(text)), text);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(Partial::from_text(text + "\n").to_text(), text);
  EXPECT_EQ(Partial::from_text(text + "\r\n").to_text(), text);
}

/// No byte can be changed or lost.
TEST(PartialText, IsRefusedWhereItIsDamaged) {
  const std::string text = text_of_a_part();
  for (std::size_t length = 0; length < text.size(); length += 1 + length / 50) {
    SCOPED_TRACE(length);
    expect_refusal([&] { Partial::from_text(text.substr(0, length), "p.json"); },
                   length == 0   ? "p.json is empty"
                   : length < 18 ? "p.json is no partial result of Moment"
                                 : "p.json is cut short");
  }
  for (std::size_t at = 0; at < text.size(); at += 1 + at / 50) {
    SCOPED_TRACE(at);
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    expect_refusal([&] { Partial::from_text(changed, "p.json"); }, "p.json is ");
  }
  std::string changed = text;
  changed.insert(changed.find("\"rest\""), " ");
  expect_refusal([&] { Partial::from_text(changed); }, "the text is damaged: its checksum does not fit");
}

TEST(PartialText, IsRefusedWhereItIsNone) {
  for (const char* text :
       {"", " \n", "{}", "[]", "E[x] = 1", "{\"program\":\"x\"}", "\xff\xfe", "{\"moment_partial\":"})
    expect_refusal([&] { Partial::from_text(text); }, "the text is ");
  const std::string text = text_of_a_part();
  std::string later = text;
  later.replace(later.find(":1,"), 3, ":2,");
  expect_refusal([&] { Partial::from_text(later, "p\x1b.json"); },
                 "p\\x1b.json is of format 2, and this version of Moment reads format 1");
  expect_refusal([&] { Partial::from_text("\n", "p.json"); }, "p.json is empty\n");
  expect_refusal([&] { Partial::from_text("{ \"moment_partial\" : 2,", "p.json"); },
                 "p.json is of format 2,");
  for (const std::string& changed :
       {"\xef\xbb\xbf" + text, " " + text, Json::parse(text).dump(2), "{ " + text.substr(1)})
    expect_refusal([&] { Partial::from_text(changed, "p.json"); }, "p.json has been changed: ");
}

/// What is shown of it, at a terminal perhaps.
TEST(PartialText, GivesNoControlCharacters) {
  Json json = unsealed(text_of_a_part());
  json["part"] = json["of"] = 1;
  json["queries"][0]["text"] = "E[\x1b[31mx]";
  json["densities"][0]["variable"] = "x\x07";
  json["cost"]["device"] = "\x1b]0;a title\x07";
  json["parameters"][0]["name"] = "A\x1b[2J\n";
  const Partial partial = Partial::from_text(sealed(json));
  const Json again = Json::parse(partial.to_text());
  EXPECT_EQ(again["queries"][0]["text"], "E[\\x1b[31mx]");
  EXPECT_EQ(again["densities"][0]["variable"], "x\\x07");
  EXPECT_EQ(again["cost"]["device"], "\\x1b]0;a title\\x07");
  EXPECT_EQ(again["parameters"][0]["name"], "A\\x1b[2J\\x0a");
}

/// Under a checksum that fits: what is no part is refused before it takes the memory that it asks for.
TEST(PartialText, IsBounded) {
  const std::string begin =
      R"({"moment_partial":1,"version":")" + std::string(version()) + R"(","contract":1,)";
  const auto refused = [&](const std::string& rest, const char* says) {
    expect_refusal([&] { Partial::from_text(with_checksum(begin + rest)); }, says);
  };
  refused("\"queries\":" + std::string(1'000'000, '[') + std::string(1'000'000, ']'), "lie too deep");
  std::string many = "\"queries\":[", keys;
  for (int k = 0; k < 300'000; ++k) {
    many += "{},";
    keys += "\"" + std::to_string(k) + "\":0,";
  }
  refused(many + "{}]", "it has more than 262144 values");
  refused(keys + "\"x\":0", "it has more than 262144 values");
  refused(std::string(std::size_t{64} << 20, ' '), "has more than 64 MiB");
}

/// One place of a text, made something else under a checksum that fits.
struct Change {
  const char* place;
  Json to;
  const char* says;
};

TEST(PartialText, IsNotBelieved) {
  const std::string text = text_of_a_part();
  const Json json = unsealed(text);
  const std::string record = json["tiles"][0]["record"];
  std::string huge = record, endless = record, nowhere = record, odd = record;
  huge.replace(0, 16, "40c0008000000000");  // a sample more than there are
  endless.replace(0, 16, "7ff0000000000000");
  nowhere.replace(32, 16, "4000000000000000");  // the first of no samples that are not finite
  odd.replace(20, 1, "g");
  const Change changes[] = {
      {"/version", "0.0.1", "is of Moment 0.0.1, and this is "},
      {"/version", 1, "version is no text"},
      {"/contract", 2, "is of another contract than 1"},
      {"/part", 3, "part is no number from 1 to 2"},
      {"/part", 0, "part is no number"},
      {"/of", 0, "of is no number"},
      {"/of", 5000000000, "of is no number from 1 to 4294967295"},
      {"/samples", 0, "samples is no number"},
      {"/samples", -1, "samples is no number"},
      {"/samples", 1.5, "samples is no number"},
      {"/samples", 2 * kTile, "all tiles are whole, and there is a rest"},
      {"/seed", "1", "seed is no number"},
      {"/program", nullptr, "program is no text"},
      {"/generator", "mt19937", "generator is none of what it can be"},
      {"/box", 3, "bounds is missing"},
      {"/parameters", 3, "parameters is no list"},
      {"/parameters/0/rank", 3, "rank is no number from 0 to 2"},
      {"/arguments", "12", "arguments is no hash"},
      {"/kernel", std::string(32, 'x'), "kernel is no hash"},
      {"/nonfinite", "keep", "nonfinite is none"},
      {"/queries", Json::array(), "there are no queries"},
      {"/queries/0/estimator", "median", "estimator is none"},
      {"/queries/0/estimator", "weighted_mean", "there is no such query"},
      {"/queries/0/estimator", "covariance", "a record has not"},
      {"/queries/0/weighted", 1, "weighted is neither true nor false"},
      {"/densities", Json::array(), "a record has not"},
      {"/tiles/0", {{"first", 3}, {"level", 1}, {"record", record}}, "tiles are not aligned"},
      {"/tiles/0/level", 60, "level is no number"},
      {"/tiles/0/record", "", "a record has not"},
      {"/tiles/0/record", huge, "a record does not count its samples"},
      {"/tiles/0/record", odd, "a record is not made of hexadecimal digits"},
      {"/tiles/0/record", endless, "a record does not count its samples"},
      {"/tiles/0/record", nowhere, "a record does not count its samples"},
      {"/rest", json["tiles"][0]["record"], "a record does not count its samples"},
      {"/rest", 7, "rest is no text"},
      {"/looks", {{{"samples", 0}}}, "samples is no number"},
      {"/cost/total_ms", "1", "total_ms is no time"},
      {"/cost/total_ms", -1, "total_ms is no time"},
      {"/cost/run_ms", 1e308, "run_ms is no time"},
      {"/cost/threads", -2, "threads is no number"},
      {"/cost/tiles", 1, "tiles is no object"},
      {"/cost/tiles/llvm", -1, "llvm is no number"},
  };
  for (const Change& change : changes) {
    SCOPED_TRACE(change.place);
    Json changed = json;
    changed[Json::json_pointer(change.place)] = change.to;
    expect_refusal([&] { Partial::from_text(sealed(changed)); }, change.says);
  }
  for (const auto& [key, value] : json.items()) {
    if (key == "moment_partial" || key == "rest") continue;
    SCOPED_TRACE(key);
    Json lacking = json;
    lacking.erase(key);
    expect_refusal([&] { Partial::from_text(sealed(lacking)); }, key + " is missing");
  }
  Json twice = json;
  twice["tiles"].push_back(twice["tiles"][0]);
  expect_refusal([&] { Partial::from_text(sealed(twice)); }, "first is no number from");
}

/// Whatever stands in it under a checksum that fits: it is refused, or read as what can be written and
/// merged.
TEST(PartialText, OfAnythingDoesNoHarm) {
  const std::string text =
      compile("x ~ density(x/2, 0, 2); E[x], Corr[x, x^2]").run({.samples = 6 * kTile + 1}).partial.to_text();
  const std::string body = text.substr(0, text.find(",\"checksum\""));
  constexpr std::string_view kBytes = "0123456789abcdef-+.eE{}[]\":,ntf \\\x80";
  std::mt19937_64 random(1);
  int read = 0, merged = 0;
  for (int k = 0; k < 1000; ++k) {
    std::string changed = body;
    for (std::uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      // Half of them where the words are, not the records.
      const std::size_t at =
          random() % (random() % 2 == 0 ? changed.size() : std::min<std::size_t>(changed.size(), 900));
      if (at < 18) continue;  // which says what it is
      if (random() % 4 == 0)
        changed.erase(at, 1 + random() % 8);
      else
        changed[at] = kBytes[random() % kBytes.size()];
    }
    try {
      const Partial partial = Partial::from_text(with_checksum(changed));
      ++read;
      EXPECT_EQ(Partial::from_text(partial.to_text()).to_text(), partial.to_text());
      merge(std::span(&partial, 1));
      ++merged;
    } catch (const ArgumentError&) {
    }
  }
  EXPECT_GT(read, 30) << "else nothing was tested";
  EXPECT_GT(merged, 30);
}

/// A text in which parts' tiles are others' is not whole.
TEST(PartialText, HasThePartsTiles) {
  const Json json = unsealed(text_of_a_part());
  Json other = json;
  other["part"] = 1;
  other.erase("rest");
  const Partial parts[] = {Partial::from_text(sealed(other)), Partial::from_text(sealed(json))};
  expect_refusal([&] { merge(parts); }, "is not whole: it was stopped after 0 of 16384 samples");
}

}  // namespace
}  // namespace mc::testing
