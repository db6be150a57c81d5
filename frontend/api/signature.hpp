// A call's types: what decides which kernel runs. Its numbers are no part of it.
#pragma once

#include <string>

#include <mc/mc.hpp>

#include "engine/random/stream.hpp"
#include "frontend/language/model.hpp"

namespace mc {

struct SignatureKey {
  language::Setting setting;
  Generator generator = Generator::xoshiro256pp;
  unsigned vector_bits = 0;

  /// Whether a call with these arguments has this signature; allocates nothing.
  bool matches(const Options& options, const Box* box, unsigned bits) const;
  std::string text() const;  ///< "f64 xoshiro256++ box 10 K: number, a: 4"
};

SignatureKey signature_of(const Options& options, const Box* box, unsigned bits);

/// The engine's name for the generator.
random::Generator engine_generator(Generator generator);

}  // namespace mc
