// Each use is made with arguments of its types, and values that do not matter.
#include "frontend/cxx/lint/warm.hpp"

#include <algorithm>
#include <optional>

#include <mc/mc.hpp>

#include "frontend/api/compiling.hpp"
#include "frontend/language/checker.hpp"
#include "frontend/language/parser.hpp"

namespace mc::cxx {
namespace {

Moment compiled(const Site& site) {
  return site.has_density ? compile(site.program, site.density) : compile(site.program);
}

/// The free names, as numbers; nothing where one of them is a vector, of which nobody knows how long.
std::optional<std::vector<Named>> free_numbers(const Site& site) {
  language::Source source{.program = language::parse(site.program).program, .density = {}};
  if (!language::table_names(source).empty()) return {};
  language::Setting unsettled;
  unsettled.settled = false;
  std::vector<Named> names;
  for (const language::FreeName& free : language::check(source, unsettled).free_names) {
    if (language::is_subscripted(source, free.name)) return {};
    names.push_back({.name = free.name});
  }
  return names;
}

Parameter value_of(const Named& name) {
  if (name.rank == 0) return 1.0;
  std::vector<double> values(name.rows * name.columns, 1.0);
  if (name.rank == 1) return values;
  return {name.rows, name.columns, std::move(values)};
}

Options options_of(const Use& use, const std::vector<Named>& names) {
  Options options{.backend = Backend::llvm, .generator = static_cast<Generator>(use.generator)};
  if (use.is_single) options.precision = Precision::f32;
  for (const Named& name : names) options.parameters.emplace_back(name.name, value_of(name));
  return options;
}

/// What stands in for a call's arrays: one number of each.
struct Data {
  std::vector<double> doubles;
  std::vector<float> floats;
  std::vector<NamedInput> inputs;
  std::vector<Output> outputs;

  explicit Data(const Use& use) : doubles(1 + use.outputs.size(), 1.0), floats(1 + use.outputs.size(), 1.0F) {
    for (const Named& name : use.names) {
      if (name.rank == 0)
        inputs.push_back({name.name, 1.0});
      else if (name.type == "float")
        inputs.push_back({name.name, {floats.data(), 1}});
      else
        inputs.push_back({name.name, {doubles.data(), 1}});
    }
    for (std::size_t k = 0; k < use.outputs.size(); ++k)
      outputs.push_back(use.outputs[k] == "float" ? Output(&floats[k + 1], 1) : Output(&doubles[k + 1], 1));
  }
};

void make(const Moment& moment, const Use& use, const std::vector<Named>& names) {
  if (use.kind == Use::Kind::estimate) {
    const auto bounds = [&](double each) { return std::vector<double>(use.dim, each); };
    std::optional<Box> box;
    if (use.dim > 0) box = use.is_cube ? mc::box(use.dim, 0, 1) : mc::box(bounds(0), bounds(1));
    return make_code(moment, options_of(use, names), box ? &*box : nullptr);
  }
  if (use.kind == Use::Kind::sample) {
    std::vector<double> value(1), weight(1);
    return moment.sample({value, weight}, options_of(use, names));
  }
  const Data data(use);
  const DataOptions options{.backend = Backend::llvm};
  if (use.kind == Use::Kind::map)
    moment.map(data.outputs, data.inputs, options);
  else
    static_cast<void>(moment.reduce(data.inputs, options));
}

/// The names that the use gives, or is expected to.
std::optional<std::vector<Named>> names_of(const Site& site, const Use& use) {
  if (!use.is_known) return {};
  return use.has_options ? use.names : free_numbers(site);
}

}  // namespace

Warmed warm(const Site& site) {
  Warmed warmed;
  const Moment moment = compiled(site);
  const auto warm_one = [&](const Use& use) {
    const auto names = names_of(site, use);
    if (!names) return warmed.cold.push_back("the types of a call's arguments are not known here");
    try {
      make(moment, use, *names);
      ++warmed.kernels;
    } catch (const Error& error) {
      warmed.cold.push_back(error.diagnostics().front().message);
    }
  };
  for (const Use& use : site.uses)
    if (!use.is_interpreted) warm_one(use);
  if (!site.uses.empty()) return warmed;
  if (moment.has_variables())
    warm_one({.has_options = false});
  else
    warmed.cold.push_back("what it is used for is not known here");
  return warmed;
}

}  // namespace mc::cxx
