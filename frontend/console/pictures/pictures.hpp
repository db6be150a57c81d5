// What the prompt's pictures show: numbers from runs and maps of <mc/mc.hpp>, as figures.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <mc/mc.hpp>

#include "frontend/console/pictures/canvas.hpp"
#include "frontend/console/pictures/figure.hpp"
#include "frontend/console/pictures/request.hpp"

namespace mc::console {

/// What all of them are made with.
struct Easel {
  const PictureRequest& request;
  const Session& session;
  Options options;                                 ///< the session's, with what stops the work
  std::function<void(const Progress&)> hear = {};  ///< how far the picture is; may be empty

  bool is_stopped() const { return options.stop.stop_requested(); }
  /// The question's run, with errors at the line's places. It is this part of the picture's work.
  Report run(const Question& question, const Part& part, const Options& how, double from = 0,
             double to = 1) const;
  void tell(double part) const;
};

/// Each throws Error and FlagError for what cannot be drawn, and Stopped where nothing was done yet.
Picture plot(const Easel& easel);
/// One for each number of bins that there may be at most, all of the same samples.
std::vector<Picture> hist(const Easel& easel, const std::vector<std::size_t>& most_bins);
Picture converge(const Easel& easel);
Picture compare(const Easel& easel);

/// The picture that is asked for: as a file shows it best, and a terminal of that width.
struct Pictures {
  Picture for_file, for_terminal;
};
Pictures pictures(const Easel& easel, const Look& look);

}  // namespace mc::console
