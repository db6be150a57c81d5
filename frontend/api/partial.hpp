// What runs have computed of a program with certain arguments, and how it is told that it is of those.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/api/binding.hpp"
#include "frontend/api/errors.hpp"
#include "frontend/api/reading.hpp"
#include "frontend/api/signature.hpp"
#include "frontend/language/model.hpp"
#include "runtime/schedule/run.hpp"

namespace mc {

using Hash128 = std::array<std::uint64_t, 2>;

/// All that the records of tiles depend on. How samples that are not finite are treated, and by what the
/// tiles were computed, is none of it.
struct Origin {
  std::string program, density;  ///< the texts
  SignatureKey key;              ///< for no vectors
  std::uint64_t seed = 0;
  Hash128 kernel{};     ///< a hash of its text: other C++ functions may have the same names
  Hash128 arguments{};  ///< a hash of the values; of large tables, of parts of them

  bool operator==(const Origin&) const = default;
};

/// Of scalars, arrays and tables as a kernel gets them.
Hash128 hash_of(const language::Model& model, const Binding& binding);
Hash128 hash_of(std::string_view bytes);

/// In what `from` differs from `own`, as words; empty where it does not.
std::string what_differs(const Origin& from, const Origin& own);

/// Throws ArgumentError, which says what differs.
void check_origin(const Origin& from, const Origin& own);

/// Which of the run's tiles are the part's.
runtime::Missing::Stretch tiles_of(const Part& part, std::uint64_t samples);

/// What a run took and who computed it, as far as a report of several runs tells it.
struct Cost {
  unsigned threads = 0;
  Tiles tiles;
  std::string device;
  Timing timing;  ///< without stages
};
Cost cost_of(const Report& report);

struct MC_HIDDEN Partial::Content {
  Origin origin;
  std::shared_ptr<const Reading> reading;
  runtime::Done done;
  Part part;
  std::uint64_t samples = 0;  ///< of the run, all parts of it
  std::vector<double> rest;   ///< of the run's last tile, if that is not whole, is the part's, and is done
  Nonfinite nonfinite = Nonfinite::nan;
  Cost cost;
  std::string name;  ///< what errors call it; may be empty

  Content(Origin origin, std::shared_ptr<const Reading> reading)
      : origin(std::move(origin)), reading(std::move(reading)) {
    done.tiles.reset(this->reading->layout());
  }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
};

}  // namespace mc
