// A call's types: what decides which kernel runs. Its numbers are no part of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <mc/mc.hpp>

#include "engine/random/stream.hpp"
#include "frontend/language/model.hpp"

namespace mc {

struct SignatureKey;

/// A call with its arguments, which are borrowed: its signature can be looked up without building a key.
struct Call {
  const Options& options;
  const Box* box;
  unsigned vector_bits;
  std::span<const std::string> tables;  ///< names whose rows are data: language::table_names

  explicit operator SignatureKey() const;
};

struct SignatureKey {
  language::Setting setting;  ///< its parameters by name, in whichever order a call has them
  Generator generator = Generator::xoshiro256pp;
  unsigned vector_bits = 0;

  /// Whether a call has this signature; allocates nothing.
  bool matches(const Call& call) const;
  bool operator==(const SignatureKey&) const = default;
  std::string text() const;  ///< "f64 xoshiro256++ 512 bits, cube 10, K, a[4]"
};

SignatureKey signature_of(const Options& options, const Box* box, unsigned bits,
                          std::span<const std::string> tables = {});

/// For tables of signatures in which calls are looked up.
struct SignatureHash {
  using is_transparent = void;
  std::size_t operator()(const SignatureKey& key) const;
  std::size_t operator()(const Call& call) const;
};
struct SignatureEqual {
  using is_transparent = void;
  bool operator()(const SignatureKey& a, const SignatureKey& b) const { return a == b; }
  bool operator()(const SignatureKey& a, const Call& b) const { return a.matches(b); }
  bool operator()(const Call& a, const SignatureKey& b) const { return b.matches(a); }
};

/// As it stands in a signature's text: K, a[4], A[3, 2], rows of 2 f64 in A.
std::string text_of(const language::Setting::Parameter& parameter);

/// The engine's name for the generator.
random::Generator engine_generator(Generator generator);

}  // namespace mc
