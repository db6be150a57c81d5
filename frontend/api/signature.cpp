// Signatures: made from a call, compared with one.
#include "frontend/api/signature.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "frontend/api/hasher.hpp"

namespace mc {
namespace {

/// What of a parameter is part of the signature.
struct Kind {
  language::Shape shape;
  std::optional<ir::Number> table;
  bool operator==(const Kind&) const = default;
};

Kind kind_of(std::string_view name, const Parameter& p, std::span<const std::string> tables) {
  Kind kind{{p.rank(), static_cast<std::int64_t>(p.rows()), static_cast<std::int64_t>(p.columns())}, {}};
  if (p.rank() == 0 || std::ranges::find(tables, name) == tables.end()) return kind;
  kind.shape.rows = language::kDataExtent;
  kind.table = static_cast<ir::Number>(p.numbers().type());
  return kind;
}
static_assert(static_cast<int>(NumberType::u8) == static_cast<int>(ir::Number::u8));

language::Setting::Bounds bounds_of(const Box* box) {
  if (box == nullptr) return language::Setting::Bounds::none;
  return box->is_cube() ? language::Setting::Bounds::cube : language::Setting::Bounds::box;
}

bool is_single(const Options& options) { return options.precision == Precision::f32; }

std::int64_t dimension_of(const Box* box) {
  return box == nullptr ? 0 : static_cast<std::int64_t>(box->dim());
}

/// Of what every signature has.
Hasher hasher_of(Generator generator, bool single, unsigned bits, std::int64_t dimension,
                 language::Setting::Bounds bounds) {
  Hasher hasher;
  hasher.add(static_cast<unsigned>(generator) << 1 | static_cast<unsigned>(single));
  hasher.add(bits);
  hasher.add(dimension);
  hasher.add(bounds);
  return hasher;
}

std::size_t hash_of(std::string_view name, const Kind& kind) {
  const auto& [shape, table] = kind;
  Hasher hasher;
  hasher.add(name);
  hasher.add(shape.rank);
  if (table) hasher.add(*table);
  hasher.add(shape.rows);
  hasher.add(shape.columns);
  return hasher.value();
}

/// The parameter of that name; looked for in the key's place first, where callers find it who go by names.
const Parameter* found(const Parameters& parameters, std::string_view name, std::size_t place) {
  if (parameters[place].first == name) return &parameters[place].second;
  const auto at =
      std::ranges::find(parameters, name, [](const auto& p) -> std::string_view { return p.first; });
  return at == parameters.end() ? nullptr : &at->second;
}

}  // namespace

bool SignatureKey::matches(const Call& call) const {
  const auto& [options, box, bits, tables] = call;
  if (options.generator != generator || is_single(options) != setting.single || bits != vector_bits ||
      dimension_of(box) != setting.dimension || bounds_of(box) != setting.bounds ||
      options.parameters.size() != setting.parameters.size())
    return false;
  for (std::size_t k = 0; k < setting.parameters.size(); ++k) {
    const language::Setting::Parameter& own = setting.parameters[k];
    const Parameter* value = found(options.parameters, own.name, k);
    if (value == nullptr || kind_of(own.name, *value, tables) != Kind{own.shape, own.table}) return false;
  }
  return true;
}

SignatureKey signature_of(const Options& options, const Box* box, unsigned bits,
                          std::span<const std::string> tables) {
  SignatureKey key{.setting = {}, .generator = options.generator, .vector_bits = bits};
  for (const auto& [name, value] : options.parameters) {
    const Kind kind = kind_of(name, value, tables);
    key.setting.parameters.push_back({.name = name, .shape = kind.shape, .table = kind.table});
  }
  std::ranges::sort(key.setting.parameters, {}, &language::Setting::Parameter::name);
  key.setting.dimension = dimension_of(box);
  key.setting.bounds = bounds_of(box);
  key.setting.single = is_single(options);
  return key;
}

Call::operator SignatureKey() const { return signature_of(options, box, vector_bits, tables); }

std::size_t SignatureHash::operator()(const SignatureKey& key) const {
  Hasher hasher = hasher_of(key.generator, key.setting.single, key.vector_bits, key.setting.dimension,
                            key.setting.bounds);
  std::size_t parameters = 0;  // whose order is the caller's
  for (const auto& each : key.setting.parameters) parameters += hash_of(each.name, {each.shape, each.table});
  hasher.add(parameters);
  return hasher.value();
}

std::size_t SignatureHash::operator()(const Call& call) const {
  Hasher hasher = hasher_of(call.options.generator, is_single(call.options), call.vector_bits,
                            dimension_of(call.box), bounds_of(call.box));
  std::size_t parameters = 0;
  for (const auto& [name, value] : call.options.parameters)
    parameters += hash_of(name, kind_of(name, value, call.tables));
  hasher.add(parameters);
  return hasher.value();
}

std::string text_of(const language::Setting::Parameter& parameter) {
  const auto& [rank, rows, columns] = parameter.shape;
  if (parameter.table)
    return fmt::format("rows of {} {} in {}", columns, ir::name(*parameter.table), parameter.name);
  if (rank == 0) return parameter.name;
  return rank == 1 ? fmt::format("{}[{}]", parameter.name, rows)
                   : fmt::format("{}[{}, {}]", parameter.name, rows, columns);
}

std::string SignatureKey::text() const {
  std::string text =
      fmt::format("{} {}", setting.single ? "f32" : "f64", random::name(engine_generator(generator)));
  if (vector_bits > 0) text += fmt::format(" {} bits", vector_bits);
  if (setting.bounds == language::Setting::Bounds::cube) text += fmt::format(", cube {}", setting.dimension);
  if (setting.bounds == language::Setting::Bounds::box) text += fmt::format(", box {}", setting.dimension);
  for (const language::Setting::Parameter& each : setting.parameters) text += ", " + text_of(each);
  return text;
}

}  // namespace mc
