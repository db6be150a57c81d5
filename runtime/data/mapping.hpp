// Files as memory. What a pass over a large one leaves behind is given back to the system, which would else
// count all of it as the process's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace mc::runtime {

/// A file's bytes, read only. They must not get fewer while it lives: reading what is gone ends the process
/// (SIGBUS).
class Mapping {
 public:
  /// Throws std::system_error, also for what is no regular file.
  explicit Mapping(const std::string& path);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// What has been looked at, to the system, where it lies in a large file's mapping.
void give_back(std::span<const std::byte> bytes);

/// Numbers that a pass goes through run by run, from any number of threads, in about that order. Where they
/// lie in a large file's mapping, those that it has passed are given back.
class Trail {
 public:
  /// `size` numbers, `stride` bytes apart, `a_run` of them in a run.
  Trail(const std::byte* data, std::int64_t stride, std::uint64_t size, std::uint64_t a_run);

  bool is_kept() const { return every_ == 0; }  ///< there is nothing to give back
  void passed(std::uint64_t run) const;

 private:
  void give_back(std::uint64_t first, std::uint64_t last) const;
  void ask_for(std::uint64_t run) const;

  const std::byte* data_;
  std::int64_t bytes_a_run_;
  std::unique_ptr<std::atomic<std::uint64_t>> given_back_;  ///< the runs before
  std::uint64_t every_ = 0;                                 ///< so many runs are given back together
};

}  // namespace mc::runtime
