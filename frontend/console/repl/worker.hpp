// One thing at a time on a thread of its own.
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

namespace mc::console {

class Worker {
 public:
  /// `news` is told from that thread whenever it is done; it must be quick.
  explicit Worker(std::function<void()> news = [] {}) : news_(std::move(news)) {}

  bool is_busy() const { return is_busy_; }

  /// Only while it is not busy. What `work` throws ends the process. Throws std::system_error where there is
  /// no thread for it.
  void begin(std::function<void(std::stop_token)> work) {
    thread_ = std::jthread();  // what is done has ended
    is_busy_ = true;
    try {
      thread_ = std::jthread([this, work = std::move(work)](const std::stop_token& stop) {
        work(stop);
        is_busy_ = false;
        news_();
      });
    } catch (const std::system_error&) {
      is_busy_ = false;
      throw;
    }
  }
  void stop() { thread_.request_stop(); }

 private:
  std::function<void()> news_;
  std::atomic<bool> is_busy_ = false;
  std::jthread thread_;  ///< asked to stop and waited for at the end
};

}  // namespace mc::console
