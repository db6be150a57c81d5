// Where data is loaded: as late as may be. All arrays' data come first in the body they are given to, and a
// loop that follows (of a far angle's reduction, say) would find its registers full of what is used after it.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/passes/passes.hpp"

namespace mc::passes {
namespace {

class Delay {
 public:
  explicit Delay(ir::Kernel& kernel) : kernel_(kernel), is_waiting_(kernel.nodes.size()) {}

  void region(ir::RegionId id) {
    std::vector<ir::Value>& body = kernel_.regions[position(id)].body;
    const auto is_datum = [&](ir::Value v) { return ir::is_datum(kernel_[v].op); };
    if (std::ranges::none_of(body, is_datum)) return;
    const std::vector<ir::Value> before = std::exchange(body, {});
    const auto place_all = [&] { std::ranges::for_each(before, [&](ir::Value v) { place(v, body); }); };
    for (ir::Value v : before)
      if (is_datum(v)) {
        is_waiting_[position(v)] = true;
      } else {
        kernel_[v].op == ir::Op::put ? place_all()
                                     : place_what_is_used_by(v, body);  // a put may be where data was
        body.push_back(v);
      }
    place_all();  // what the next round carries, or nothing uses
  }

 private:
  void place(ir::Value v, std::vector<ir::Value>& body) {
    if (is_waiting_[position(v)]) body.push_back(v);
    is_waiting_[position(v)] = false;
  }

  void place_what_is_used_by(ir::Value v, std::vector<ir::Value>& body) {
    for (ir::Value input : kernel_[v].inputs()) place(input, body);
    if (kernel_[v].op != ir::Op::loop) return;
    const ir::Loop& loop = kernel_[static_cast<ir::LoopId>(kernel_[v].immediate)];
    for (ir::Value each : loop.initial) place(each, body);
    for (ir::Value each : loop.next) place(each, body);
    for (ir::Value inner : kernel_[loop.body].body) place_what_is_used_by(inner, body);
  }

  ir::Kernel& kernel_;
  std::vector<bool> is_waiting_;  ///< data that has not been placed
};

}  // namespace

ir::Kernel delay_loads(ir::Kernel kernel) {
  Delay delay(kernel);
  for (std::uint32_t at = 0; at < kernel.regions.size(); ++at) delay.region(ir::RegionId{at});
  return kernel;
}

}  // namespace mc::passes
