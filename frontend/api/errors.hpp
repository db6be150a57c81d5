// Diagnostics of the language as the exceptions of the API.
#pragma once

#include <string_view>
#include <type_traits>

#include <mc/mc.hpp>

#include "frontend/language/diagnostics.hpp"
#include "frontend/language/lowering.hpp"

/// For what classes of the API keep to themselves: their members would be seen as the classes are.
#define MC_HIDDEN __attribute__((visibility("hidden")))

namespace mc {

/// Throws the class that the first error's category names, with all diagnostics; does nothing without errors.
/// `origin` names the text where a call has two.
void throw_if_wrong(const language::Diagnostics& diagnostics, std::string_view source,
                    std::string_view origin = {});

/// What is too large as an ArgumentError, with the place in the text that made it so and how to raise the
/// limit.
[[noreturn]] void refuse(const language::TooLarge& large, std::string_view source);

/// What `make` makes of the text.
template <class Make>
auto or_too_large(std::string_view source, Make&& make) {
  try {
    return make();
  } catch (const language::TooLarge& large) {
    refuse(large, source);
  }
}

/// An error about a call rather than a place in the text.
template <class E>
[[noreturn]] void fail(std::string message, std::string hint = {}) {
  message = language::shortened(message);
  hint = language::shortened(hint);
  std::string rendered = "error: " + message + "\n";
  if (!hint.empty()) rendered += "  " + hint + "\n";
  constexpr bool kDevice = std::is_same_v<E, DeviceError>;
  static_assert(kDevice || std::is_same_v<E, ArgumentError> || std::is_same_v<E, NameError>);
  constexpr ErrorKind kKind = kDevice                        ? ErrorKind::device
                              : std::is_same_v<E, NameError> ? ErrorKind::name
                                                             : ErrorKind::argument;
  throw E({Diagnostic{.kind = kKind,
                      .message = std::move(message),
                      .hint = std::move(hint),
                      .rendered = std::move(rendered)}});
}

}  // namespace mc
