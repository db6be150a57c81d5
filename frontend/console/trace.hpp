// A run as a Chrome trace: which stage, and tiles by which back end, took which thread's time when. Perfetto
// (ui.perfetto.dev) and chrome://tracing open it.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <mc/mc.hpp>

namespace mc::console {

/// The Trace Event Format's JSON. Times count from the first event.
std::string trace_json(const Report& report, const std::string& program);

/// The file is opened at once, so that a wrong name is refused before the run and not after it. What it held
/// stays until there is something to write.
class TraceFile {
 public:
  explicit TraceFile(const std::string& name);  ///< throws FlagError
  void write(const std::string& text);          ///< all of it, once; throws std::system_error

 private:
  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace mc::console
