// A run on a thread of its own, so that keys are heard while it goes on.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <mc/mc.hpp>

namespace mc::console {

class Running {
 public:
  /// `news` is told from the run's thread that there is something to see, or that it has ended; it must be
  /// quick.
  Running(mc::Moment moment, Options options, std::function<void()> news);
  ~Running();  ///< stops it, and waits for that
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  bool has_ended() const;
  void stop() { stop_.request_stop(); }

  /// What is known so far; nothing before the first tiles are done.
  struct Sight {
    std::vector<Estimate> estimates;
    std::uint64_t done = 0, expected = 0;
    double seconds = 0;
  };
  Sight sight() const;

  /// Of a run that has ended. Throws what it threw.
  Report report();

 private:
  void run(const mc::Moment& moment, const Options& options);

  std::stop_source stop_;
  std::function<void()> news_;
  mutable std::mutex mutex_;  ///< of what follows
  bool has_ended_ = false;
  Sight sight_;
  std::optional<Report> report_;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace mc::console
