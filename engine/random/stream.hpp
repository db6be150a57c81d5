// A lane's stream of random words while a kernel is being built: what state a loop has to carry, and how the
// next word is made. Generators are IR builders, so every back end draws the same bits.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/ir/expression.hpp"

namespace mc::random {

/// xoshiro256pp: state word j = 0..3 of a lane is SplitMix64's word number 4·(256·tile + lane) + j from the
/// state mix(seed).
///
/// philox4x32: one block of four 32-bit words r0..r3 is made from
///   counter  c0 = number of the block within the sample, from 0     c1 = number of the sample within the
///   lane and tile
///            c2, c3 = low and high half of 256·tile + lane
///   key      k0, k1 = low and high half of the seed
/// and gives two words, r0 | r1 << 32 and then r2 | r3 << 32. No two (seed, tile, lane, sample, block) share
/// a block, and any of them can be had without the others.
enum class Generator {
#define MC_GENERATOR(id, name, carries) id,
#include "engine/random/generators.def"
#undef MC_GENERATOR
};

std::string_view name(Generator generator);  ///< "xoshiro256++", "philox4x32-10"

class Stream {
 public:
  virtual ~Stream() = default;

  /// Words one step of the generator yields. A rolled loop draws a multiple of these each time round, so that
  /// no word is left over between rounds.
  virtual unsigned words() const = 0;

  /// To be called before each random variable's first draw, and again after loops: leftover words are
  /// dropped, so that what a variable gets does not depend on how the loops around it were built.
  virtual void align() = 0;

  /// The next 64 random bits.
  virtual ir::X draw(ir::Builder& builder) = 0;

  /// Number of the sample within the lane (u32).
  ir::Value sample_step = ir::kNoValue;

  /// What a loop that draws has to carry; after `begin_loop` and after `end_loop` the new values are put in
  /// their place. Only after align().
  std::vector<ir::Value> state;
};

/// The stream of the lane being computed. `sample_step` is the number of the sample within the lane (u32),
/// which counter-based generators use; `state` holds what the loop over samples carries.
std::unique_ptr<Stream> make_stream(Generator generator, ir::Builder& builder, ir::Value sample_step,
                                    std::vector<ir::Value> state);

/// The values the loop over samples starts with, from seed, tile and lane: docs/contract.md, "Generators".
std::vector<ir::Value> initial_state(Generator generator, ir::Builder& builder);

/// What of the stream's state the loop over samples carries on: all for a sequential generator, nothing for a
/// counter.
std::vector<ir::Value> carried_state(Generator generator, const Stream& stream);

/// (m + ½)·2⁻⁵² with m the top 52 bits of the word, or (m + ½)·2⁻²³ with m the top 23 bits of one of 32:
/// exact, in (0, 1), mean exactly ½. An f64 of a u64, an f32 of a u32.
ir::X uniform(ir::X word);

/// ⌊word·count / 2⁶⁴⌋, all u64: one of 0 .. count − 1, each of which is given by 2⁶⁴/count words, or one more
/// or less. (Lemire's multiplication, without his rejection: at 2^40 it is by 6e-8 that one is likelier than
/// another.)
ir::X below(ir::X word, ir::X count);

/// A stream's words as uniform variates of one type. An f64 takes a word; f32s take its halves, the low one
/// first. Both halves of a vector of words are then had by one instruction each that also packs them.
class Uniforms {
 public:
  /// Without a stream nothing can be drawn.
  Uniforms(Stream* stream, ir::Type type) : stream_(stream), type_(type) {}

  unsigned a_step() const {
    return stream_->words() * (type_ == ir::Type::f32 ? 2 : 1);
  }  ///< of the generator
  ir::X draw(ir::Builder& builder);

  /// A whole word, whatever the type; only after align(). And how many of them a step of the generator has.
  ir::X word(ir::Builder& builder) { return stream_->draw(builder); }
  unsigned words_a_step() const { return stream_->words(); }
  ir::Value sample_step() const { return stream_->sample_step; }

  /// As Stream's: a half that is left over is dropped too.
  void align();
  std::vector<ir::Value>& state() { return stream_->state; }  ///< only after align()

 private:
  Stream* stream_;
  ir::Type type_;
  std::optional<ir::X> high_half_;
};

}  // namespace mc::random
