// A service that estimates what strangers send: many threads, programs of their own, a budget of time each,
// and kernels that are made once. What it prints stands at the end, and is checked by tests/docs.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mc/mc.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Request {
  std::string program;
  mc::Parameters parameters;
  std::uint64_t samples;
};

/// Threads share what one of them has compiled. A service that runs for long would drop those not used for
/// long.
class Programs {
 public:
  /// Throws mc::Error for what is no program.
  mc::Moment find(const std::string& text) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = known_.find(text); known != known_.end()) return known->second;
    }
    // Text from strangers is safe to compile; tighter limits than the library's keep it cheap, too.
    mc::Limits limits;
    limits.text_bytes = 10'000;
    limits.operations = 10'000;
    const mc::Moment moment = mc::compile(text, limits);
    const std::lock_guard lock(mutex_);
    return known_.emplace(text, moment).first->second;
  }

  std::size_t size() const { return known_.size(); }

 private:
  std::mutex mutex_;
  std::map<std::string, mc::Moment> known_;
};

/// What goes back to the client. An error is text for who wrote the program, with a caret into it.
std::string answer(Programs& programs, const Request& request, std::stop_token stop) {
  try {
    // One thread a request: the service's own threads are the parallel ones.
    const mc::Report report =
        programs.find(request.program)
            .run({.samples = request.samples, .parameters = request.parameters, .threads = 1, .stop = stop});
    if (report.stopped) return "out of time: what was done would be a valid estimate\n";
    std::string text = to_string(report) + '\n';
    for (const std::string& warning : report.all_warnings()) text += "warning: " + warning + '\n';
    return text;
  } catch (const mc::Error& error) {
    return error.diagnostics().front().rendered;
  }
}

/// Asks to stop when the time is over, unless the request was done before.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds budget)
      : thread_([this, budget](std::stop_token done) {
          std::unique_lock lock(mutex_);
          if (!changed_.wait_for(lock, done, budget, [] { return false; }) && !done.stop_requested())
            source_.request_stop();
        }) {}

  std::stop_token token() const { return source_.get_token(); }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::stop_source source_;
  std::jthread thread_;  // ends first
};

}  // namespace

int main() {
  using namespace std::chrono_literals;
  std::vector<Request> requests;
  for (int k = 0; k < 200; ++k) {
    const double strike = 90 + k % 20;
    requests.push_back({"z ~ normal(0, 1); E[max(100*exp(0.2*z - 0.02) - K, 0)]", {{"K", strike}}, 50'000});
    requests.push_back(
        {"x ~ uniform(0, 1)^" + std::to_string(1 + k % 8) + "; E[norm(x)], P[max(x) < 0.5]", {}, 20'000});
  }
  requests.push_back({"x ~ normal(0, 1); E[sinn(x)]", {}, 1000});
  requests.push_back({"x ~ uniform(0, 1)^40; E[sum(x_i*x_j*exp(-x_i*x_j))]", {}, 1'000'000'000'000});

  Programs programs;
  std::vector<std::string> answers(requests.size());
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < 8; ++t)
      workers.emplace_back([&] {
        for (std::size_t k; (k = next++) < requests.size();) {
          const Deadline deadline(2000ms);
          answers[k] = answer(programs, requests[k], deadline.token());
        }
      });
  }
  for (const std::size_t k : {0, 1, 400, 401}) std::cout << answers[k];

  // The same question has the same answer, whichever thread it came to: 20 strikes repeat ten times each.
  int same = 0;
  for (std::size_t k = 0; k < 400; k += 2) same += answers[k] == answers[k % 40];
  std::cout << same << " of 200 calls agree; " << programs.size() << " programs were compiled\n";
}

/* prints
E[max(100*exp(0.2*z - 0.02) - K, 0)] = 13.754(73)
E[norm(x)] = 0.5024(20)
P[max(x) < 0.5] = 0.4966(35)
error: unknown function sinn
  1 | x ~ normal(0, 1); E[sinn(x)]
    |                     ^~~~  did you mean sin?
out of time: what was done would be a valid estimate
200 of 200 calls agree; 10 programs were compiled
*/
