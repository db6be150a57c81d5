#include "frontend/console/repl/running.hpp"

#include <utility>

namespace mc::console {

Running::Running(mc::Moment moment, Options options, std::function<void()> news) : news_(std::move(news)) {
  options.stop = stop_.get_token();
  options.progress = [this](const Progress& now) {
    const std::vector<Estimate> estimates = now.estimates();
    {
      const std::lock_guard lock(mutex_);
      sight_ = {estimates, now.samples_done, now.expected, now.seconds};
    }
    news_();
  };
  thread_ =
      std::thread([this, moment = std::move(moment), options = std::move(options)] { run(moment, options); });
}

Running::~Running() {
  stop();
  thread_.join();
}

void Running::run(const mc::Moment& moment, const Options& options) {
  std::optional<Report> report;
  std::exception_ptr failure;
  try {
    report = moment.run(options);
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    report_ = std::move(report);
    failure_ = failure;
    has_ended_ = true;
  }
  news_();
}

bool Running::has_ended() const {
  const std::lock_guard lock(mutex_);
  return has_ended_;
}

Running::Sight Running::sight() const {
  const std::lock_guard lock(mutex_);
  return sight_;
}

Report Running::report() {
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
  return *report_;
}

}  // namespace mc::console
