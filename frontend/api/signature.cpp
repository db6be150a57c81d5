// Signatures: made from a call, compared with one.
#include "frontend/api/signature.hpp"

#include <fmt/format.h>

namespace mc {
namespace {

language::Shape shape_of(const Parameter& p) {
  return {p.rank(), static_cast<std::int64_t>(p.rows()), static_cast<std::int64_t>(p.columns())};
}

language::Setting::Bounds bounds_of(const Box* box) {
  if (box == nullptr) return language::Setting::Bounds::none;
  return box->is_cube() ? language::Setting::Bounds::cube : language::Setting::Bounds::box;
}

std::int64_t dimension_of(const Box* box) {
  return box == nullptr ? 0 : static_cast<std::int64_t>(box->dim());
}

}  // namespace

bool SignatureKey::matches(const Options& options, const Box* box, unsigned bits) const {
  if (options.generator != generator || bits != vector_bits || dimension_of(box) != setting.dimension ||
      bounds_of(box) != setting.bounds || options.parameters.size() != setting.parameters.size())
    return false;
  for (std::size_t k = 0; k < setting.parameters.size(); ++k)
    if (options.parameters[k].first != setting.parameters[k].name ||
        shape_of(options.parameters[k].second) != setting.parameters[k].shape)
      return false;
  return true;
}

SignatureKey signature_of(const Options& options, const Box* box, unsigned bits) {
  SignatureKey key{.setting = {}, .generator = options.generator, .vector_bits = bits};
  for (const auto& [name, value] : options.parameters)
    key.setting.parameters.push_back({name, shape_of(value)});
  key.setting.dimension = dimension_of(box);
  key.setting.bounds = bounds_of(box);
  return key;
}

random::Generator engine_generator(Generator generator) {
  return generator == Generator::xoshiro256pp ? random::Generator::xoshiro256pp
                                              : random::Generator::philox4x32;
}

std::string SignatureKey::text() const {
  std::string text = fmt::format("f64 {} {} bits", random::name(engine_generator(generator)), vector_bits);
  if (setting.bounds == language::Setting::Bounds::cube) text += fmt::format(", cube {}", setting.dimension);
  if (setting.bounds == language::Setting::Bounds::box) text += fmt::format(", box {}", setting.dimension);
  for (const auto& [name, shape] : setting.parameters) {
    if (shape.rank == 0) text += fmt::format(", {}", name);
    if (shape.rank == 1) text += fmt::format(", {}[{}]", name, shape.rows);
    if (shape.rank == 2) text += fmt::format(", {}[{}, {}]", name, shape.rows, shape.columns);
  }
  return text;
}

}  // namespace mc
