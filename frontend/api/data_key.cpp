// Calls on data as keys: names and types; and whether the names are those that the program leaves free.
#include <algorithm>

#include <fmt/format.h>

#include "frontend/api/data.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/hasher.hpp"

namespace mc {
namespace {

runtime::Number engine_type(NumberType type) { return static_cast<runtime::Number>(type); }

}  // namespace

runtime::Array array_of(const Input& input) {
  // Only those that are written are ever written to.
  auto* data = static_cast<std::byte*>(const_cast<void*>(input.data()));
  return {data, input.stride(), engine_type(input.type())};
}

Given::Given(std::span<const NamedInput> inputs) : arrays_(inputs.size()), numbers_(inputs.size()) {
  for (const NamedInput& each : inputs) {
    if (each.input.is_array())
      arrays_[arrays_count_++] = &each.input;
    else
      numbers_[numbers_count_++] = each.input.number();
  }
}

namespace {

ir::Type type_of(const Input& input) { return runtime::read_as(engine_type(input.type())); }
ir::Type type_of(const Output& output) { return runtime::read_as(engine_type(output.type())); }

}  // namespace

std::size_t DataKeyHash::operator()(const DataKey& key) const {
  Hasher hasher;
  hasher.add(key.vector_bits);
  for (const language::DataName& each : key.data) {
    hasher.add(each.name);
    hasher.add(each.type);
  }
  for (const language::Setting::Parameter& each : key.parameters) hasher.add(each.name);
  for (ir::Type type : key.writes) hasher.add(type);
  return hasher.value();
}

std::size_t DataKeyHash::operator()(const DataCall& call) const {
  Hasher hasher;
  hasher.add(call.vector_bits);
  for (const auto& [name, input] : call.inputs) {
    if (!input.is_array()) continue;
    hasher.add(name);
    hasher.add(type_of(input));
  }
  for (const auto& [name, input] : call.inputs)
    if (!input.is_array()) hasher.add(name);
  for (const Output& output : call.outputs) hasher.add(type_of(output));
  return hasher.value();
}

bool DataKey::matches(const DataCall& call) const {
  if (call.vector_bits != vector_bits || call.inputs.size() != data.size() + parameters.size()) return false;
  std::size_t array = 0, number = 0;
  for (const auto& [name, input] : call.inputs) {
    if (!input.is_array()) {
      if (number == parameters.size() || parameters[number++].name != name) return false;
    } else if (array == data.size() || data[array].name != name || data[array++].type != type_of(input)) {
      return false;
    }
  }
  return std::ranges::equal(call.outputs, writes, {}, [](const Output& output) { return type_of(output); });
}

DataCall::operator DataKey() const {
  DataKey key{.data = {}, .parameters = {}, .writes = {}, .vector_bits = vector_bits};
  for (const auto& [name, input] : inputs) {
    if (input.is_array())
      key.data.push_back({std::string(name), type_of(input)});
    else
      key.parameters.push_back({std::string(name), {}});
  }
  for (const Output& output : outputs) key.writes.push_back(type_of(output));
  return key;
}

namespace {

std::vector<std::string> names_of(const DataKey& key) {
  std::vector<std::string> names;
  for (const language::DataName& each : key.data) names.push_back(each.name);
  for (const language::Setting::Parameter& each : key.parameters) names.push_back(each.name);
  return names;
}

std::vector<language::FreeName> free_names(const language::Source& source) {
  language::Setting unsettled;
  unsettled.settled = false;
  return language::check(source, unsettled).free_names;
}

}  // namespace

void check_names(const language::Source& source, const DataKey& key) {
  std::vector<std::string> names = names_of(key);
  for (const language::FreeName& free : free_names(source))
    if (std::ranges::find(names, free.name) == names.end())
      fail<NameError>(fmt::format("{} is free, and has no input", free.name),
                      fmt::format("give it an array or a number: {{\"{}\", …}}", free.name));
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
    fail<ArgumentError>(fmt::format("{} is given twice", language::printable(*twice)));
}

void refuse_other_names(const language::Source& source, const DataKey& key) {
  const auto free = free_names(source);
  for (const std::string& name : names_of(key))
    if (std::ranges::find(free, name, &language::FreeName::name) == free.end())
      fail<ArgumentError>(fmt::format("the program leaves no name {} free", language::printable(name)),
                          "an input is given for each name that it does not define, and for no other");
}

}  // namespace mc
