// fmt's functions, once for the whole command: Debian has them in a shared library only, and to load one
// takes as long as to start an empty program. By its header-only way each file would compile them again.
#include <fmt/format-inl.h>

/// What fmt/format.h declares and leaves to the library, and what that instantiates of locales.
namespace fmt::detail {
template auto thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto decimal_point_impl(locale_ref) -> char;
template auto locale_ref::get<std::locale>() const -> std::locale;
}  // namespace fmt::detail
