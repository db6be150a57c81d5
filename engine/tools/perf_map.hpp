// Lets perf name machine code: a line for each function in /tmp/perf-PID.map, where perf looks for those of
// JITs. Lines are never taken back, so what is shown has to stay where it is.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace mc::tools {

class PerfMap {
 public:
  /// This process's, in `folder`. A file of ours that is there already is an earlier process's and replaced;
  /// what somebody else put there, a link above all, is not followed. Throws std::system_error.
  explicit PerfMap(std::string folder = "/tmp");
  ~PerfMap();
  PerfMap(const PerfMap&) = delete;
  PerfMap& operator=(const PerfMap&) = delete;

  /// One write: lines of several threads do not mix. A full disk is nobody's business here.
  void add(std::span<const std::byte> code, std::string_view name);

  const std::string& path() const { return path_; }
  bool is_mine() const;  ///< not a process's that this one was forked from

 private:
  std::string path_;
  pid_t process_;
  int file_;
};

/// A symbol that tells which kernel it is: "mc::E[sum(x_i^2)]#1f6ab0c2". What stands before # is the start of
/// `text`, in characters that perf, gdb and what reads their output take for a part of a name; what stands
/// behind it is a hash of `key`, for kernels whose texts begin alike.
std::string symbol_name(std::string_view text, std::string_view key);

}  // namespace mc::tools
