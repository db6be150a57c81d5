// The processor this runs on: which vector widths it has, and the limit a user or a test puts on them.
#pragma once

#include <string>

namespace mc {

/// Vector instruction sets that code is made for, narrowest first.
enum class Isa { baseline, avx2, avx512 };

/// The widest the processor has, but no wider than the limit.
Isa host_isa();

/// Limits vector width to 128, 256 or 512 bits for what is compiled or interpreted from now on; 0 lifts the
/// limit. Its first value is the environment's MC_VECTOR_BITS. Results do not depend on it. Throws
/// std::invalid_argument otherwise.
void limit_vector_bits(unsigned bits);

/// Bits of the widest vectors in use: 128, 256 or 512.
unsigned vector_bits();

/// Threads the machine runs at once, at least 1. Asked of the system once: it answers by reading files, which
/// takes longer than a small estimate.
unsigned host_threads();

/// The processor's name without blanks and, after a blank, all that it says of itself that a compiler may
/// choose instructions by: equal texts, equal processors. Part of the key of machine code that is kept.
const std::string& processor_identity();

}  // namespace mc
