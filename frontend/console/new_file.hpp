// A file that is there whole or not at all: written under another name beside its own, then renamed.
#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace mc::console {

class NewFile {
 public:
  /// Whether it can be written is known at once. A link leads to the file that it names; what is there and no
  /// regular file is refused. Throws FlagError.
  explicit NewFile(std::string name);
  ~NewFile();  ///< nothing is left where write() was not reached
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  bool replaces() const { return replaces_; }  ///< a file of that name
  void write(std::string_view text);           ///< all of it; throws FlagError

 private:
  [[noreturn]] void fail() const;
  void look_at_what_is_there();
  std::string name_, place_, meanwhile_;  ///< as it was given, where links lead, and until it is whole
  bool replaces_ = false;
  mode_t mode_ = 0;  ///< of the file that is replaced
  int descriptor_ = -1;
};

}  // namespace mc::console
