// <mc/mc.h>: programs over arrays.
#include <algorithm>
#include <string>
#include <vector>

#include "frontend/api/c.hpp"
#include "runtime/data/few.hpp"

using namespace mc::c;

namespace {

/// Of a structure of zeros: side by side.
std::ptrdiff_t stride_of(const auto& array) { return array.stride == 0 ? 1 : array.stride; }

/// `name` is what errors call it.
mc::Input input_of(const mc_input& input, std::string_view name) {
  if (input.type == MC_TYPE_NUMBER) return input.number;
  if (input.data == nullptr && input.size > 0)
    mc::fail<mc::ArgumentError>(fmt::format("the data of {} is NULL", name),
                                "a number beside every datum is of the type MC_TYPE_NUMBER");
  return typed(input.type, input.data,
               [&](const auto* first) { return mc::Input(first, input.size, stride_of(input)); });
}

std::vector<mc::NamedInput> inputs_of(const mc_input* inputs, std::size_t count) {
  std::vector<mc::NamedInput> all;
  for (const mc_input& each : need_all(inputs, count, "inputs")) {
    const std::string_view name = need_text(each.name, "an input's name");
    all.push_back({std::string(name), input_of(each, name)});
  }
  return all;
}

mc::NumberType number_type(int type) {
  return typed(type, nullptr, [](const auto* first) { return mc::Input(first, 0).type(); });
}

mc::Output output_of(const mc_output& output) {
  if (output.size > 0) need(static_cast<char*>(output.data), "an output's data");
  if (output.type == MC_TYPE_F64) return {static_cast<double*>(output.data), output.size, stride_of(output)};
  if (output.type == MC_TYPE_F32) return {static_cast<float*>(output.data), output.size, stride_of(output)};
  mc::fail<mc::ArgumentError>("an output is of doubles or of floats (MC_TYPE_F64, MC_TYPE_F32)");
}

mc::DataOptions data_options(const mc_options* options) {
  const mc::Options& settings = settings_of(options);
  mc::DataOptions made{.backend = settings.backend, .threads = settings.threads, .stop = settings.stop};
  if (options != nullptr && options->progress != nullptr)
    made.progress = [options](std::uint64_t done, std::uint64_t all) {
      options->progress(options->context, done, all);
    };
  return made;
}

}  // namespace

extern "C" {

mc_status mc_map(const mc_moment* moment, const mc_output* outputs, size_t output_count,
                 const mc_input* inputs, size_t input_count, const mc_options* options) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    std::vector<mc::Output> to;
    for (const mc_output& each : need_all(outputs, output_count, "outputs")) to.push_back(output_of(each));
    program.map(to, inputs_of(inputs, input_count), data_options(options));
  });
}

mc_status mc_reduce(const mc_moment* moment, const mc_input* inputs, size_t input_count, double* results,
                    size_t result_count, const mc_options* options) {
  return guarded([&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    const auto to = need_all(results, result_count, "results");
    if (to.size() != need(moment, "the moment").queries.size())
      mc::fail<mc::ArgumentError>(
          fmt::format("there are {} results, and room for {}", moment->queries.size(), to.size()));
    std::ranges::copy(program.reduce(inputs_of(inputs, input_count), data_options(options)), to.begin());
  });
}

mc_status mc_bind(const mc_moment* moment, const char* const* names, const int* types, size_t count,
                  const mc_options* options, mc_reduction** reduction) {
  return give(reduction, [&] {
    const mc::Moment& program = need(moment, "the moment").moment;
    need_all(names, count, "the names");
    need_all(types, count, "the types");
    std::vector<mc::NamedType> all;
    for (std::size_t k = 0; k < count; ++k)
      all.push_back({std::string(need_text(names[k], "a name")), number_type(types[k])});
    return mc_reduction{program.bind(all, settings_of(options).parameters)};
  });
}
void mc_reduction_free(mc_reduction* reduction) { delete reduction; }

mc_status mc_reduction_run(const mc_reduction* reduction, const mc_input* inputs, size_t input_count,
                           double* results, size_t result_count, const mc_options* options) {
  return guarded([&] {
    const mc::Reduction& bound = need(reduction, "the reduction").reduction;
    const auto to = need_all(results, result_count, "results");
    const auto from = need_all(inputs, input_count, "inputs");
    mc::runtime::Few<mc::Input, 8> all(from.size());
    for (std::size_t k = 0; k < from.size(); ++k) all[k] = input_of(from[k], "an input");
    const std::span<const mc::Input> given(all.data(), all.size());
    bound.run(given, to, data_options(options));
  });
}

}  // extern "C"
