// A stage as the API shows it.
#pragma once

#include <mc/mc.hpp>

#include "engine/stages.hpp"

namespace mc {

inline Stretch stretch(const StageTime& stage) {
  return {
      .name = stage.name, .begin = stage.begin, .length = stage.end - stage.begin, .thread = stage.thread};
}

}  // namespace mc
