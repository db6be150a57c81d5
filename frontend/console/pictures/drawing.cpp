#include "frontend/console/pictures/drawing.hpp"

#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "frontend/console/gnuplot.hpp"
#include "frontend/console/new_file.hpp"
#include "frontend/console/numbers.hpp"
#include "frontend/console/pictures/gnuplot_picture.hpp"
#include "frontend/console/pictures/page.hpp"
#include "frontend/console/pictures/text_picture.hpp"

namespace mc::console {
namespace {

constexpr std::string_view kPage = ".html";

/// What stands in the file or, without one, goes to a terminal that shows sixels; nothing where gnuplot would
/// have to make it and is not there.
std::optional<std::string> image_of(const Picture& picture, const std::string& line, std::string_view name,
                                    const Draughtsman& by) {
  if (name.ends_with(kPage)) return picture_page(picture, line, by);
  if (!by.is_gnuplot) return {};
  const Format format = name.empty() ? Format::sixels : name.ends_with(".svg") ? Format::svg : Format::pixels;
  return gnuplot(gnuplot_script(picture, format), by.stop);
}

}  // namespace

Drawn draw(const PictureRequest& request, const Session& session, const Options& options,
           const Studio& studio) {
  if (!request.file && !studio.has_terminal)
    throw FlagError(fmt::format("{}: where answers are JSON a picture goes to a file: {} > picture.svg",
                                request.word.text, request.word.text));
  const std::string asked = request.line.substr(request.word.begin, request.asked_end - request.word.begin);
  std::optional<NewFile> file;
  if (request.file) file.emplace(request.file->text);
  std::optional<Pictures> made;
  std::optional<std::string> image;
  const bool is_image = file || studio.has_sixels;
  const std::string name = file ? request.file->text : "";
  bool was_stopped = false, is_gnuplot = true;
  studio.work([&](const std::stop_token& stop, const Studio::Hear& hear) {
    Easel easel{.request = request, .session = session, .options = options, .hear = hear};
    easel.options.stop = stop;
    is_gnuplot = !is_image || has_gnuplot(stop);
    made = pictures(easel, studio.look);
    was_stopped = stop.stop_requested();
    try {
      if (is_image) image = image_of(made->for_file, asked, name, {is_gnuplot, stop});
    } catch (const std::runtime_error& error) {
      if (stop.stop_requested()) throw Stopped(0, 1);
      throw FlagError(error.what());
    }
  });
  if (!is_gnuplot)
    studio.note(fmt::format("note: {}\n", no_gnuplot(image  ? std::string(kTextOnPages)
                                                     : file ? name + " is not written"
                                                            : std::string(kNoPicture))));
  if (file && image) {
    file->write(*image);
    studio.note(fmt::format("{} is drawn\n", name));
  } else if (image) {
    studio.say(*image + "\n");
  } else if (studio.has_terminal) {
    studio.say(drawn(made->for_terminal, studio.look));
  }
  return {asked, std::move(made->for_file), options, was_stopped};
}

}  // namespace mc::console
