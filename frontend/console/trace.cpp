// The format: "Trace Event Format", Google,
// docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. Complete events (ph X, times in
// microseconds), instant ones (i) and names of threads (M).
#include "frontend/console/trace.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "frontend/console/choices.hpp"
#include "frontend/console/json.hpp"
#include "frontend/console/numbers.hpp"

namespace mc::console {
namespace {

using Time = std::chrono::steady_clock::time_point;

double microseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

class Trace {
 public:
  Trace(const Report& report, Time zero) : report_(report), zero_(zero) {}

  Json events(const std::string& program) {
    name_threads();
    for (const Stretch& stage : report_.timing.stages) add(stage, "compile", {{"program", program}});
    for (const Stretch& each : report_.stretches) add(each, "run", {{"tiles", each.tiles}});
    add_switch();
    return std::move(events_);
  }

 private:
  void add(const Stretch& each, std::string_view category, Json arguments) {
    events_.push_back({{"name", each.name},
                       {"cat", category},
                       {"ph", "X"},
                       {"ts", microseconds(each.begin - zero_)},
                       {"dur", microseconds(each.length)},
                       {"pid", getpid()},
                       {"tid", each.thread},
                       {"args", std::move(arguments)}});
  }

  void name_thread(std::uint64_t thread, const std::string& name) {
    if (!named_.insert(thread).second) return;
    events_.push_back({{"name", "thread_name"},
                       {"ph", "M"},
                       {"pid", getpid()},
                       {"tid", thread},
                       {"args", {{"name", name}}}});
  }

  /// The one that called, the one that compiled, and those that helped.
  void name_threads() {
    events_.push_back(
        {{"name", "process_name"}, {"ph", "M"}, {"pid", getpid()}, {"args", {{"name", "moment"}}}});
    for (const Stretch& stage : report_.timing.stages)
      name_thread(stage.thread, named_.empty() ? "caller" : "compiler");
    int helper = 0;
    for (const Stretch& each : report_.stretches)
      if (!named_.contains(each.thread)) name_thread(each.thread, fmt::format("helper {}", ++helper));
  }

  /// When the first tile was computed by machine code, in a run that began without.
  void add_switch() {
    const auto first_of = [&](Backend backend) {
      return std::ranges::find(report_.stretches, name_of(backend), &Stretch::name);
    };
    const auto code = first_of(Backend::llvm);
    if (code == report_.stretches.end() || first_of(Backend::interpreter) == report_.stretches.end()) return;
    events_.push_back({{"name", "machine code takes over"},
                       {"cat", "run"},
                       {"ph", "i"},
                       {"ts", microseconds(code->begin - zero_)},
                       {"pid", getpid()},
                       {"tid", code->thread},
                       {"s", "p"}});
  }

  const Report& report_;
  const Time zero_;
  Json events_ = Json::array();
  std::set<std::uint64_t> named_;
};

}  // namespace

std::string trace_json(const Report& report, const std::string& program) {
  Time zero = Time::max();
  for (const auto* all : {&report.timing.stages, &report.stretches})
    for (const Stretch& each : *all) zero = std::min(zero, each.begin);
  const Json trace = {{"traceEvents", Trace(report, zero).events(program)}, {"displayTimeUnit", "ms"}};
  return json_text(trace, 1);
}

TraceFile::TraceFile(const std::string& name)
    : name_(name), file_(std::fopen(name.c_str(), "abe"), std::fclose) {
  if (!file_) throw FlagError(fmt::format("--trace {}: {}", in_quotes(name), std::strerror(errno)));
}

void TraceFile::write(const std::string& text) {
  // What is no file, a pipe or /dev/stderr, has nothing to cut off (EINVAL).
  if (ftruncate(fileno(file_.get()), 0) != 0 && errno != EINVAL)
    throw std::system_error(errno, std::generic_category(), "cannot write the trace to " + name_);
  const bool all = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size();
  if (!all || std::fflush(file_.get()) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot write the trace to " + name_);
}

}  // namespace mc::console
