// A partial result as a line of JSON and back; docs/parts.md says what stands in it. What is read may be
// anybody's: nothing of it is believed before it is looked at.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/random/stream.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/partial.hpp"

namespace mc {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;  ///< keys stay as they are written, and are found slowly

/// To be raised with any change of what follows.
constexpr std::uint64_t kFormat = 1;

/// A text of more than that is refused before it takes time or memory: a query takes five values and some ten
/// kilobytes, and no value lies deeper than a tile's.
constexpr std::size_t kMostBytes = std::size_t{64} << 20, kMostValues = std::size_t{1} << 18;
constexpr int kMostDepth = 3;

/// Of a run.
constexpr unsigned kMostLevel = 50;
constexpr std::uint64_t kMostSamples = kernels::kTileSamples << kMostLevel;

constexpr std::string_view kBegin = R"({"moment_partial":)";
constexpr std::string_view kBlanks = " \t\r\n", kMark = "\xef\xbb\xbf";  ///< of UTF-8
constexpr std::string_view kChecksum = R"(,"checksum":")", kEnd = R"("})";

constexpr std::string_view kEstimators[] = {
    "mean",          "probability",          "conditional_probability",
    "weighted_mean", "weighted_probability", "variance",
    "deviation",     "covariance",           "correlation"};
constexpr std::string_view kNonfinite[] = {"nan", "drop"};
constexpr std::string_view kPrecisions[] = {"f64", "f32"};
constexpr std::string_view kNumbers[] = {"f64", "f32", "i64", "i32", "u8"};
constexpr std::string_view kBounds[] = {"none", "cube", "box"};
constexpr std::string_view kGenerators[] = {
#define MC_GENERATOR(id, name, carries) name,
#include "engine/random/generators.def"
#undef MC_GENERATOR
};

template <class E>
std::string_view name_of(std::span<const std::string_view> names, E value) {
  return names[static_cast<std::size_t>(value)];
}

std::string hex(std::uint64_t bits) { return fmt::format("{:016x}", bits); }
std::string hex(const Hash128& hash) { return hex(hash[1]) + hex(hash[0]); }

// ---- writing

std::string hex(std::span<const double> record) {
  std::string text;
  text.reserve(16 * record.size());
  for (const double number : record) text += hex(std::bit_cast<std::uint64_t>(number));
  return text;
}

OrderedJson parameters_json(const language::Setting& setting) {
  OrderedJson all = OrderedJson::array();
  for (const language::Setting::Parameter& each : setting.parameters) {
    OrderedJson json = {{"name", each.name},
                        {"rank", each.shape.rank},
                        {"rows", each.shape.rows},
                        {"columns", each.shape.columns}};
    if (each.table) json["table"] = name_of(kNumbers, *each.table);
    all.push_back(std::move(json));
  }
  return all;
}

void add_origin(const Origin& origin, OrderedJson& json) {
  const language::Setting& setting = origin.key.setting;
  json["program"] = origin.program;
  json["density"] = origin.density;
  json["seed"] = origin.seed;
  json["generator"] = name_of(kGenerators, origin.key.generator);
  json["precision"] = name_of(kPrecisions, setting.single);
  json["box"] = {{"bounds", name_of(kBounds, setting.bounds)}, {"dim", setting.dimension}};
  json["parameters"] = parameters_json(setting);
  json["arguments"] = hex(origin.arguments);
  json["kernel"] = hex(origin.kernel);
}

OrderedJson queries_json(const Reading& reading) {
  OrderedJson all = OrderedJson::array();
  for (const Reading::Query& each : reading.queries())
    all.push_back({{"text", each.text},
                   {"estimator", name_of(kEstimators, each.estimator)},
                   {"weighted", each.weighted},
                   {"varies", each.varies},
                   {"single", each.is_single}});
  return all;
}

OrderedJson densities_json(const Reading& reading) {
  OrderedJson all = OrderedJson::array();
  for (const Reading::Density& each : reading.densities())
    all.push_back({{"variable", each.name}, {"normalized", each.normalized}});
  return all;
}

OrderedJson tiles_json(const runtime::Forest& tiles) {
  OrderedJson all = OrderedJson::array();
  tiles.each([&](std::uint64_t first, unsigned level, std::span<const double> record) {
    all.push_back({{"first", first}, {"level", level}, {"record", hex(record)}});
  });
  return all;
}

OrderedJson looks_json(const runtime::Done& done) {
  OrderedJson all = OrderedJson::array();
  for (const runtime::Done::Look& each : done.looks)
    all.push_back({{"samples", each.samples}, {"record", hex(each.record)}});
  return all;
}

OrderedJson counts_json(const Tiles& tiles) {
  OrderedJson all = OrderedJson::object();
  for (const auto& [name, backend] : backends())
    if (backend != Backend::automatic) all[std::string(name)] = tiles[backend];
  return all;
}

OrderedJson cost_json(const Cost& cost) {
  const Timing& timing = cost.timing;
  return {
      {"threads", cost.threads},         {"tiles", counts_json(cost.tiles)}, {"device", cost.device},
      {"cache", timing.cache},           {"parse_ms", timing.parse_ms},      {"lower_ms", timing.lower_ms},
      {"compile_ms", timing.compile_ms}, {"run_ms", timing.run_ms},          {"total_ms", timing.total_ms}};
}

// ---- reading

/// Something that to_text() would not have written.
struct Wrong {
  std::string what;
};

const Json& at(const Json& json, std::string_view key) {
  if (!json.is_object() || !json.contains(key)) throw Wrong{fmt::format("{} is missing", key)};
  return json[key];
}

std::string text_at(const Json& json, std::string_view key) {
  const Json& found = at(json, key);
  if (!found.is_string()) throw Wrong{fmt::format("{} is no text", key)};
  return found.get<std::string>();
}

/// What is shown to people, who must not be told more than words.
std::string words_at(const Json& json, std::string_view key) {
  return language::printable(text_at(json, key));
}

bool truth_at(const Json& json, std::string_view key) {
  const Json& found = at(json, key);
  if (!found.is_boolean()) throw Wrong{fmt::format("{} is neither true nor false", key)};
  return found.get<bool>();
}

/// From `least` to `most`.
template <class T = std::uint64_t>
T count_at(const Json& json, std::string_view key, std::uint64_t least = 0,
           std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
  const Json& found = at(json, key);
  const auto count = found.is_number_unsigned() ? std::optional(found.get<std::uint64_t>()) : std::nullopt;
  if (!count || *count < least || *count > most)
    throw Wrong{fmt::format("{} is no number from {} to {}", key, least, most)};
  return static_cast<T>(*count);
}

double time_at(const Json& json, std::string_view key) {
  constexpr double kMost = 1e12;  // some thirty years
  const Json& found = at(json, key);
  const double ms = found.is_number() ? found.get<double>() : -1;
  if (!(ms >= 0 && ms <= kMost)) throw Wrong{fmt::format("{} is no time", key)};
  return ms;
}

template <class E>
E choice_at(const Json& json, std::string_view key, std::span<const std::string_view> names) {
  const std::string text = text_at(json, key);
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) throw Wrong{fmt::format("{} is none of what it can be", key)};
  return static_cast<E>(found - names.begin());
}

const Json& list_at(const Json& json, std::string_view key) {
  const Json& found = at(json, key);
  if (!found.is_array()) throw Wrong{fmt::format("{} is no list", key)};
  return found;
}

std::optional<std::uint64_t> bits_of(std::string_view digits) {
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  if (digits.size() != 16 || error != std::errc() || end != digits.data() + digits.size()) return {};
  return bits;
}

std::optional<Hash128> hash_in(std::string_view digits) {
  if (digits.size() != 32) return {};
  const auto high = bits_of(digits.substr(0, 16)), low = bits_of(digits.substr(16));
  if (!high || !low) return {};
  return Hash128{*low, *high};
}

Hash128 hash_at(const Json& json, std::string_view key) {
  const auto hash = hash_in(text_at(json, key));
  if (!hash) throw Wrong{fmt::format("{} is no hash", key)};
  return *hash;
}

/// The samples of a group: those that count, those that are not finite, and where the first of these is.
bool counts(const kernels::GroupLayout& group, const std::vector<double>& record, std::uint64_t samples) {
  const auto is_whole = [](double number) { return number >= 0 && number == std::floor(number); };
  const double count = record[group.count()], nonfinite = record[group.nonfinite()],
               first = record[group.first()];
  if (!is_whole(count) || !is_whole(nonfinite) || !(count + nonfinite <= static_cast<double>(samples)))
    return false;
  return nonfinite == 0 ? std::isinf(first) : is_whole(first) && first < 0x1p63;
}

/// Any bits, but for the counts, of so many samples at most.
std::vector<double> record_at(const Json& json, std::string_view key, const kernels::Layout& layout,
                              std::uint64_t samples) {
  const std::string digits = text_at(json, key);
  if (digits.size() != 16 * layout.size) throw Wrong{fmt::format("a record has not {} numbers", layout.size)};
  std::vector<double> record;
  record.reserve(layout.size);
  for (std::size_t k = 0; k < layout.size; ++k) {
    const auto bits = bits_of(std::string_view(digits).substr(16 * k, 16));
    if (!bits) throw Wrong{"a record is not made of hexadecimal digits"};
    record.push_back(std::bit_cast<double>(*bits));
  }
  for (const kernels::GroupLayout& group : layout.groups)
    if (!counts(group, record, samples)) throw Wrong{"a record does not count its samples"};
  return record;
}

language::Setting::Parameter parameter_in(const Json& json) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  language::Setting::Parameter parameter{
      .name = words_at(json, "name"),
      .shape = {count_at<unsigned>(json, "rank", 0, 2),
                static_cast<std::int64_t>(count_at(json, "rows", 0, kMost)),
                static_cast<std::int64_t>(count_at(json, "columns", 0, kMost))}};
  if (json.contains("table")) parameter.table = choice_at<ir::Number>(json, "table", kNumbers);
  return parameter;
}

Origin origin_in(const Json& json) {
  Origin origin;
  origin.program = text_at(json, "program");
  origin.density = text_at(json, "density");
  origin.seed = count_at(json, "seed");
  origin.key.generator = choice_at<Generator>(json, "generator", kGenerators);
  language::Setting& setting = origin.key.setting;
  setting.single = choice_at<bool>(json, "precision", kPrecisions);
  const Json& box = at(json, "box");
  setting.bounds = choice_at<language::Setting::Bounds>(box, "bounds", kBounds);
  setting.dimension = count_at<std::int64_t>(box, "dim");
  for (const Json& each : list_at(json, "parameters")) setting.parameters.push_back(parameter_in(each));
  origin.arguments = hash_at(json, "arguments");
  origin.kernel = hash_at(json, "kernel");
  return origin;
}

std::shared_ptr<const Reading> reading_in(const Json& json) {
  std::vector<Reading::Query> queries;
  for (const Json& each : list_at(json, "queries"))
    queries.push_back({.text = words_at(each, "text"),
                       .estimator = choice_at<language::Estimator>(each, "estimator", kEstimators),
                       .weighted = truth_at(each, "weighted"),
                       .varies = truth_at(each, "varies"),
                       .is_single = truth_at(each, "single")});
  if (queries.empty()) throw Wrong{"there are no queries"};
  std::vector<Reading::Density> densities;
  for (const Json& each : list_at(json, "densities"))
    densities.push_back({words_at(each, "variable"), truth_at(each, "normalized")});
  try {
    return std::make_shared<Reading>(std::move(queries), std::move(densities));
  } catch (const std::invalid_argument&) {
    throw Wrong{"there is no such query"};
  }
}

/// Aligned runs of tiles, in order.
void read_tiles(const Json& json, const kernels::Layout& layout, runtime::Forest& tiles) {
  std::uint64_t next = 0;
  for (const Json& each : list_at(json, "tiles")) {
    const auto level = count_at<unsigned>(each, "level", 0, kMostLevel);
    const std::uint64_t length = std::uint64_t{1} << level;
    const std::uint64_t first = count_at(each, "first", next, (std::uint64_t{1} << kMostLevel) - length);
    if (first % length != 0) throw Wrong{"tiles are not aligned"};
    std::ranges::copy(record_at(each, "record", layout, length * kernels::kTileSamples), tiles.fresh());
    tiles.add(first, level);
    next = first + length;
  }
}

void read_looks(const Json& json, const kernels::Layout& layout, runtime::Done& done) {
  for (const Json& each : list_at(json, "looks")) {
    const std::uint64_t samples = count_at(each, "samples", 1, kMostSamples);
    done.looks.push_back({samples, record_at(each, "record", layout, samples)});
  }
}

Cost cost_in(const Json& json) {
  Cost cost;
  const Json& tiles = at(json, "tiles");
  if (!tiles.is_object()) throw Wrong{"tiles is no object"};
  cost.threads = count_at<unsigned>(json, "threads");
  for (const auto& [name, backend] : backends())  // those that a later version has added were not there
    if (backend != Backend::automatic && tiles.contains(name)) cost.tiles[backend] = count_at(tiles, name);
  cost.device = words_at(json, "device");
  Timing& timing = cost.timing;
  timing.cache = words_at(json, "cache");
  timing.parse_ms = time_at(json, "parse_ms");
  timing.lower_ms = time_at(json, "lower_ms");
  timing.compile_ms = time_at(json, "compile_ms");
  timing.run_ms = time_at(json, "run_ms");
  timing.total_ms = time_at(json, "total_ms");
  return cost;
}

/// Every part's part is checked: its tiles may lie anywhere, as those of any run.
std::shared_ptr<Partial::Content> content_in(const Json& json) {
  auto content = std::make_shared<Partial::Content>(origin_in(json), reading_in(json));
  const kernels::Layout& layout = content->reading->layout();
  content->part.of = count_at<std::uint32_t>(json, "of", 1);
  content->part.number = count_at<std::uint32_t>(json, "part", 1, content->part.of);
  content->samples = count_at(json, "samples", 1, kMostSamples);
  content->nonfinite = choice_at<Nonfinite>(json, "nonfinite", kNonfinite);
  read_tiles(json, layout, content->done.tiles);
  if (json.contains("rest")) {
    const std::uint64_t samples = content->samples % kernels::kTileSamples;
    if (samples == 0) throw Wrong{"all tiles are whole, and there is a rest"};
    content->rest = record_at(json, "rest", layout, samples);
  }
  read_looks(json, layout, content->done);
  content->cost = cost_in(at(json, "cost"));
  return content;
}

/// Wherever blanks stand: what another program has laid out anew is not taken for something else.
std::optional<std::uint64_t> format_of(std::string_view text) {
  const auto skip = [&](std::string_view token) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
  };
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  if (!skip("{") || !skip(R"("moment_partial")") || !skip(":") || !skip("")) return {};
  std::uint64_t format = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format);
  return error == std::errc() ? std::optional(format) : std::nullopt;
}

/// The format's number stands first, so that one to come can change all that follows.
void check_format(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes)
    fail<ArgumentError>(
        fmt::format("{} has more than {} MiB: that is no partial result", name, kMostBytes >> 20));
  if (text.find_first_not_of(kBlanks) == text.npos)
    fail<ArgumentError>(fmt::format("{} is empty", name),
                        "a part that is killed writes nothing: run it once more");
  const auto format = format_of(text);
  const bool is_as_written = text.starts_with(kBegin);
  if (!format && !is_as_written)
    fail<ArgumentError>(fmt::format("{} is no partial result of Moment", name),
                        "moment eval --part NUMBER/OF writes one; mc::Partial::to_text");
  if (format && *format != kFormat)
    fail<ArgumentError>(
        fmt::format("{} is of format {}, and this version of Moment reads format {}", name, *format, kFormat),
        "let one version compute all parts and merge them");
  if (!is_as_written)
    fail<ArgumentError>(fmt::format("{} has been changed: Moment writes a partial result as one line, "
                                    "without blanks or a mark before it",
                                    name),
                        "give parts as they were printed");
}

/// What stands before the checksum.
std::string_view checked(std::string_view text, const std::string& name) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t tail = kChecksum.size() + 32 + kEnd.size();
  const std::size_t at = text.size() - std::min(tail, text.size());
  const auto sum = text.substr(at).starts_with(kChecksum) && text.ends_with(kEnd)
                       ? hash_in(text.substr(at + kChecksum.size(), 32))
                       : std::nullopt;
  if (!sum)
    fail<ArgumentError>(fmt::format("{} is cut short: it does not end with its checksum", name),
                        "run that part once more");
  if (*sum != hash_of(text.substr(0, at)))
    fail<ArgumentError>(fmt::format("{} is damaged: its checksum does not fit", name),
                        "run that part once more");
  return text;
}

/// Before anything is made of it. (The parser's own callback is no help: it looks through a list at each end
/// of one of its objects.)
void check_bounds(std::string_view text) {
  std::size_t commas = 0;
  int depth = 0;
  bool in_words = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"')
      in_words = !in_words;
    else if (in_words)
      at += c == '\\' ? 1 : 0;
    else if ((c == '[' || c == '{') && ++depth > kMostDepth)
      throw Wrong{"its values lie too deep"};
    else if (c == ']' || c == '}')
      --depth;
    else if (c == ',' && ++commas >= kMostValues)
      throw Wrong{fmt::format("it has more than {} values", kMostValues)};
  }
}

void check_version(const Json& json, const std::string& name) {
  const std::string version = text_at(json, "version");
  if (version != mc::version())
    fail<ArgumentError>(
        fmt::format("{} is of Moment {}, and this is {}", name, language::printable(version), mc::version()),
        "let one version compute all parts and merge them");
  if (std::cmp_not_equal(count_at(json, "contract"), contract_version()))
    fail<ArgumentError>(fmt::format("{} is of another contract than {}", name, contract_version()),
                        "let one version compute all parts and merge them");
}

}  // namespace

std::string Partial::to_text() const {
  if (content_ == nullptr) fail<ArgumentError>("a partial result is empty", "it is of no run");
  const Content& content = *content_;
  OrderedJson json;
  json["moment_partial"] = kFormat;
  json["version"] = version();
  json["contract"] = contract_version();
  json["part"] = content.part.number;
  json["of"] = content.part.of;
  json["samples"] = content.samples;
  add_origin(content.origin, json);
  json["nonfinite"] = name_of(kNonfinite, content.nonfinite);
  json["queries"] = queries_json(*content.reading);
  json["densities"] = densities_json(*content.reading);
  json["tiles"] = tiles_json(content.done.tiles);
  if (!content.rest.empty()) json["rest"] = hex(content.rest);
  json["looks"] = looks_json(content.done);
  json["cost"] = cost_json(content.cost);
  std::string text = json.dump();
  text.pop_back();
  const std::string sum = hex(hash_of(text));
  return text.append(kChecksum).append(sum).append(kEnd);
}

Partial Partial::from_text(std::string_view text, std::string_view name) {
  const std::string called = name.empty() ? "the text" : language::printable(name);
  check_format(text, called);
  text = checked(text, called);
  try {
    check_bounds(text);
    const Json json = Json::parse(text);
    check_version(json, called);
    Partial partial;
    partial.content_ = content_in(json);
    partial.content_->name = name;
    return partial;
  } catch (const Json::exception&) {
    fail<ArgumentError>(fmt::format("{} is no JSON", called));
  } catch (const Wrong& wrong) {
    fail<ArgumentError>(fmt::format("{} is none that Moment has written: {}", called, wrong.what));
  }
}

}  // namespace mc
