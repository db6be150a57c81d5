// Inside one of the demo's processes: the calls, and the JSON by which the demo hears of them.
#include <algorithm>
#include <bit>
#include <chrono>
#include <stdexcept>

#include <fmt/format.h>

#include "frontend/console/demo_warmup.hpp"
#include "frontend/console/json.hpp"

namespace mc::console::warmup {
namespace {

using Clock = std::chrono::steady_clock;

/// Of what was made for the moment's only signature; what ran twice is added up.
Stages stages_of(const Moment& moment) {
  Stages stages;
  const Signature only = moment.signatures().front();
  for (const Stretch& stretch : only.timing.stages) {
    const double ms = std::chrono::duration<double, std::milli>(stretch.length).count();
    const auto known = std::ranges::find(stages, stretch.name, &Stages::value_type::first);
    if (known == stages.end()) {
      stages.emplace_back(stretch.name, ms);
    } else {
      known->second += ms;
    }
  }
  return stages;
}

class Caller {
 public:
  Caller(const Column& column, std::uint64_t samples)
      : options_{.samples = samples, .backend = column.backend, .threads = 1} {
    calls_.microseconds.reserve(kCalls);
  }

  /// From the text on: the first call is what it takes to the first value.
  Calls make_all() {
    const auto begin = Clock::now();
    const Moment moment = compile(kProgram);
    call(moment, begin);
    return make_rest(moment);
  }

  Calls make_rest(const Moment& moment) {
    while (calls_.microseconds.size() < kCalls) call(moment, Clock::now());
    calls_.stages = stages_of(moment);
    return std::move(calls_);
  }

 private:
  void call(const Moment& moment, Clock::time_point begin) {
    const Report report = moment.run(options_);
    const auto end = Clock::now();
    calls_.microseconds.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
    if (report.tiles[Backend::llvm] > 0 && calls_.code_from == 0)
      calls_.code_from = calls_.microseconds.size();
    const double value = report.results.front().estimate.value;
    if (calls_.microseconds.size() == 1) calls_.value = value;
    calls_.is_one_value &= std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(calls_.value);
  }

  Options options_;
  Calls calls_;
};

}  // namespace

Calls make_calls(const Column& column, std::uint64_t samples) {
  if (column.code != Code::on_disk) use_no_cache();  // MC_CACHE_DIR is the demo's own folder otherwise
  Caller caller(column, samples);
  if (column.code != Code::in_memory) return caller.make_all();
  const Moment moment = compile(kProgram);
  (void)moment.run({.samples = samples, .backend = Backend::llvm, .threads = 1});
  return caller.make_rest(moment);
}

std::string to_json(const Calls& calls) {
  Json stages = Json::array();
  for (const auto& [name, ms] : calls.stages) stages.push_back({name, ms});
  std::vector<double> ns;
  for (const double us : calls.microseconds) ns.push_back(us * 1000);
  return Json{{"ns", ns},
              {"code_from", calls.code_from},
              {"value", calls.value},
              {"is_one_value", calls.is_one_value},
              {"stages", stages}}
             .dump() +
         "\n";
}

/// What Numba's script leaves out stays as it is.
Calls calls_from_json(const std::string& text) try {
  const Json json = Json::parse(text);
  Calls calls;
  for (const double ns : json.at("ns")) calls.microseconds.push_back(ns / 1000);
  calls.code_from = json.value("code_from", std::size_t{1});
  calls.value = json.at("value");
  calls.is_one_value = json.value("is_one_value", true);
  for (const Json& stage : json.value("stages", Json::array()))
    calls.stages.emplace_back(stage.at(0), stage.at(1));
  calls.imports_ms = json.value("imports_ms", 0.0);
  calls.version = json.value("numba", "");
  return calls;
} catch (const Json::exception&) {
  throw std::runtime_error("a process of the demo gave no times");
}

}  // namespace mc::console::warmup
