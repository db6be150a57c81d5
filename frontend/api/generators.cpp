// The generators as users know them: the engine's table, which both public headers have to agree with.
#include <span>
#include <string_view>
#include <utility>

#include <mc/mc.h>
#include <mc/mc.hpp>

#include "frontend/api/options.hpp"
#include "frontend/api/signature.hpp"

namespace mc {
namespace {

constexpr std::pair<std::string_view, Generator> kGenerators[] = {
#define MC_GENERATOR(id, name, carries) {name, Generator::id},
#include "engine/random/generators.def"
#undef MC_GENERATOR
};

/// What mc.h calls it. No default: the compiler names an enumerator that is forgotten here.
constexpr mc_generator in_c(Generator generator) {
  switch (generator) {
    case Generator::xoshiro256pp:
      return MC_GENERATOR_XOSHIRO256PP;
    case Generator::philox4x32:
      return MC_GENERATOR_PHILOX4X32;
  }
  return {};
}

static_assert(are_numbered_alike(kGenerators, in_c),
              "mc/mc.hpp and mc/mc.h number the generators in the order of engine/random/generators.def");

}  // namespace

std::span<const std::pair<std::string_view, Generator>> generators() noexcept { return kGenerators; }

random::Generator engine_generator(Generator generator) { return static_cast<random::Generator>(generator); }

}  // namespace mc
