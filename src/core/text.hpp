#pragma once

// Blanks around what people and spreadsheets write.

#include <string_view>

namespace clarion::core::detail {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }

/// Blanks of three bytes: the narrow no-break, figure, thin and ideographic spaces, and what has no width at all (a zero-width
/// space, marks of direction, a byte order mark).
constexpr bool is_wide_blank(std::string_view t) {
  if (static_cast<unsigned char>(t.front()) < 0xe2) return false;
  for (const std::string_view one : {"\xe2\x80\xaf", "\xe2\x80\x87", "\xe2\x80\x89", "\xe3\x80\x80", "\xe2\x80\x8b",
                                     "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x81\xa0", "\xef\xbb\xbf"})
    if (t == one) return true;
  return false;
}

/// Without blanks at both ends, no-break spaces (U+00A0, U+202F) among them.
constexpr std::string_view trim(std::string_view text) {
  const auto wide_blank = [](std::string_view t) { return t == "\xc2\xa0" ? 2u : is_wide_blank(t) ? 3u : 0u; };
  for (;;) {
    if (!text.empty() && is_blank(text.front()))
      text.remove_prefix(1);
    else if (text.size() >= 2 && wide_blank(text.substr(0, 2)))
      text.remove_prefix(2);
    else if (text.size() >= 3 && wide_blank(text.substr(0, 3)))
      text.remove_prefix(3);
    else
      break;
  }
  for (;;) {
    if (!text.empty() && is_blank(text.back()))
      text.remove_suffix(1);
    else if (text.size() >= 2 && wide_blank(text.substr(text.size() - 2)))
      text.remove_suffix(2);
    else if (text.size() >= 3 && wide_blank(text.substr(text.size() - 3)))
      text.remove_suffix(3);
    else
      break;
  }
  return text;
}

}  // namespace clarion::core::detail
