// The back ends as users know them, which both public headers have to agree on.
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include <mc/mc.h>
#include <mc/mc.hpp>

#include "frontend/api/back_ends.hpp"
#include "frontend/api/options.hpp"

namespace mc {
namespace {

constexpr std::array kBackEnds{
    std::pair<std::string_view, Backend>{"auto", Backend::automatic},
    std::pair<std::string_view, Backend>{"interpreter", Backend::interpreter},
    std::pair<std::string_view, Backend>{"llvm", Backend::llvm},
    std::pair<std::string_view, Backend>{"cuda", Backend::cuda},
};

/// What mc.h calls it. No default: the compiler names an enumerator that is forgotten here.
constexpr mc_backend in_c(Backend backend) {
  switch (backend) {
    case Backend::automatic:
      return MC_BACKEND_AUTOMATIC;
    case Backend::interpreter:
      return MC_BACKEND_INTERPRETER;
    case Backend::llvm:
      return MC_BACKEND_LLVM;
    case Backend::cuda:
      return MC_BACKEND_CUDA;
  }
  return {};
}

static_assert(are_numbered_alike(kBackEnds, in_c),
              "mc/data.hpp and mc/mc.h number the back ends in the order of this table");
static_assert(kBackEnds.size() == Tiles::kBackEnds, "mc/report.hpp counts the tiles of each");

}  // namespace

std::span<const std::pair<std::string_view, Backend>> backends() noexcept { return kBackEnds; }

std::string_view name_of(Backend backend) { return kBackEnds[static_cast<std::size_t>(backend)].first; }

}  // namespace mc
