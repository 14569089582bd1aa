#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/columns.hpp"
#include "core/text.hpp"

namespace clarion::schema::detail {

using core::detail::is_blank;
using core::detail::is_wide_blank;
using core::detail::trim;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// ASCII letters in lower case; other bytes as they are.
inline std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = lower(c);
  return out;
}

/// The first bytes of a text, cut between characters; dots tell that there is more.
inline std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "...";
}

/// The names of columns in a sentence: the first 30, and of each the first 60 bytes.
inline std::string listed(std::span<const std::string> names) {
  constexpr std::size_t most = 30, longest = 60;
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) out += (i > 0 ? ", " : "") + shortened(names[i], longest);
  return names.size() > most ? out + ", ..." : out;
}

/// Lower case without surrounding blanks: two names that a reader takes for the same.
inline std::string comparable(std::string_view text) { return lower(trim(text)); }

/// For each code of a dictionary the first code of a comparable text.
inline std::vector<std::uint32_t> comparable_codes(const core::dictionary& values) {
  core::dictionary seen;
  std::vector<std::uint32_t> first, out;
  for (std::uint32_t code = 0; code < values.size(); ++code) {
    const auto at = seen.intern(comparable(values[code]));
    if (at == first.size()) first.push_back(code);
    out.push_back(first[at]);
  }
  return out;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// The form in which names are compared: trimmed, lower case, each run of blanks, hyphens, dots, slashes and underscores as
/// one underscore.
inline std::string normal_key(std::string_view text) {
  std::string out;
  for (const char c : trim(text)) {
    const bool gap = is_blank(c) || c == '-' || c == '_' || c == '.' || c == '/';
    if (!gap)
      out += lower(c);
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

}  // namespace clarion::schema::detail
