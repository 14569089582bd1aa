#include "clarion/schema/channel.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "schema/text.hpp"

namespace clarion::schema {

namespace {

// Edit distance with adjacent transpositions (optimal string alignment), abandoned once it must exceed `most`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t n = a.size(), m = b.size();
  if ((n > m ? n - m : m - n) > most) return most + 1;
  std::vector<std::size_t> before(m + 1), last(m + 1), row(m + 1);
  for (std::size_t j = 0; j <= m; ++j) last[j] = j;
  for (std::size_t i = 1; i <= n; ++i) {
    row[0] = i;
    std::size_t best = i;
    for (std::size_t j = 1; j <= m; ++j) {
      const std::size_t same = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + same});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > most) return most + 1;
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[m];
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto counts = [](char c) {
    return (detail::lower(c) >= 'a' && detail::lower(c) <= 'z') || detail::is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  };
  std::size_t i = 0, j = 0;
  bool any = false;
  for (;; ++i, ++j) {
    while (i < a.size() && !counts(a[i])) ++i;
    while (j < b.size() && !counts(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size() && any;
    if (detail::lower(a[i]) != detail::lower(b[j])) return false;
    any = true;
  }
}

}  // namespace

std::vector<channel> default_channels() {
  return {
      {.name = "Email", .capacity = 3, .touches_per_week = 1, .cost_per_contact = 0.002, .effort_days = 4},
      {.name = "Social Media", .capacity = 7, .touches_per_week = 3, .cost_per_contact = 0.008, .effort_days = 6},
      {.name = "Influencer", .capacity = 2, .touches_per_week = 1, .cost_per_contact = 0.02, .effort_days = 12},
      {.name = "Webinar", .capacity = 1, .touches_per_week = 0.5, .cost_per_contact = 2, .effort_days = 15},
      {.name = "SMS", .capacity = 1, .touches_per_week = 1, .cost_per_contact = 0.04, .effort_days = 2},
      {.name = "Push Notifications", .capacity = 4, .touches_per_week = 2, .cost_per_contact = 0.0005, .effort_days = 2},
      {.name = "Events", .capacity = 0.5, .touches_per_week = 0.25, .cost_per_contact = 25, .effort_days = 30},
      {.name = "Podcast", .capacity = 2, .touches_per_week = 1, .cost_per_contact = 0.025, .effort_days = 8},
  };
}

const channel* find_channel(const std::vector<channel>& channels, std::string_view name) {
  for (const auto& candidate : channels)
    if (same_letters(candidate.name, name)) return &candidate;
  return nullptr;
}

std::optional<std::string> nearest_name(const std::vector<std::string>& names, std::string_view name) {
  const auto wanted = detail::normal_key(name);
  if (wanted.empty()) return std::nullopt;
  // A third of the letters may be wrong: "Emial" is a slip of Email, "TV" is none of SMS.
  std::size_t most = std::max<std::size_t>(1, wanted.size() / 3);
  const std::string* best = nullptr;
  for (const auto& candidate : names) {
    const auto key = detail::normal_key(candidate);
    const auto distance = edit_distance(wanted, key, most);
    if (distance <= most && distance < wanted.size() && distance < key.size()) {
      best = &candidate;
      if (distance == 0) break;
      most = distance - 1;
    }
  }
  if (best != nullptr) return *best;
  // A plural, or a word more or less, is a longer way by letters but no less clear ("Push", "Influencer Marketing").
  for (const auto& candidate : names) {
    const auto key = detail::normal_key(candidate);
    const auto& longer = key.size() > wanted.size() ? key : wanted;
    const auto& shorter = key.size() > wanted.size() ? wanted : key;
    if (shorter.size() >= 3 && longer.starts_with(shorter) &&
        (longer[shorter.size()] == '_' || longer.size() - shorter.size() <= 2)) {
      if (best != nullptr) return std::nullopt;
      best = &candidate;
    }
  }
  return best != nullptr ? std::optional(*best) : std::nullopt;
}

}  // namespace clarion::schema
