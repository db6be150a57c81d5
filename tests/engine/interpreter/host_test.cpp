// The limit on vector width.
#include "engine/host.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace mc {
namespace {

/// Lifts the limit again.
struct Lifted {
  ~Lifted() { limit_vector_bits(0); }
};

TEST(Host, KeepsToTheLimit) {
  const Lifted lifted;
  limit_vector_bits(128);
  EXPECT_EQ(host_isa(), Isa::baseline);
  EXPECT_EQ(vector_bits(), 128u);
  limit_vector_bits(256);
  EXPECT_LE(host_isa(), Isa::avx2);
  EXPECT_LE(vector_bits(), 256u);
}

TEST(Host, RefusesOtherWidths) {
  for (unsigned bits : {1u, 64u, 129u, 1024u})
    EXPECT_THROW(limit_vector_bits(bits), std::invalid_argument) << bits;
}

TEST(Host, HasADescription) {
  EXPECT_FALSE(processor_identity().empty());
  EXPECT_EQ(processor_identity(), processor_identity());
}

}  // namespace
}  // namespace mc
