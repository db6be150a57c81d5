// Something to be done when a scope is left, however that is.
#pragma once

#include <utility>

namespace mc::console {

template <class Do>
class Finally {
 public:
  explicit Finally(Do what) : do_(std::move(what)) {}
  ~Finally() { do_(); }
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;

 private:
  Do do_;
};

}  // namespace mc::console
