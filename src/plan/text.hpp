#pragma once

// How the layers write numbers, dates and names in their sentences.

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan::text {

/// 30000 -> "30,000".
inline std::string grouped(double value) {
  const auto rounded = static_cast<long long>(std::llround(std::abs(value)));
  std::string digits = std::to_string(rounded);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return (value < 0 && rounded != 0 ? "-" : "") + digits;
}

/// "$30,000", "30,000 EUR".
inline std::string money(double amount, std::string_view currency) {
  if (currency.empty()) return grouped(amount);
  if (currency == "USD") return amount < 0 ? "-$" + grouped(-amount) : "$" + grouped(amount);
  return grouped(amount) + " " + std::string(currency);
}

inline std::string percent(double share) { return fmt::format("{:.{}f}%", 100 * share, share < 0.0995 && share > 0 ? 1 : 0); }

/// "1 campaign", "3 campaigns".
inline std::string count(std::size_t n, std::string_view singular) {
  return fmt::format("{} {}{}", n, singular, n == 1 ? "" : "s");
}

/// "a", "a and b", "a, b and c"; beyond `most` names the rest is counted.
inline std::string join(std::span<const std::string> names, std::size_t most = 6) {
  std::string out;
  const std::size_t shown = names.size() > most ? most : names.size();
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == names.size();
    if (i > 0) out += last ? " and " : ", ";
    out += names[i];
  }
  if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

inline std::string_view month_name(unsigned month) {
  static constexpr std::string_view names[] = {"January", "February", "March",     "April",   "May",      "June",
                                               "July",    "August",   "September", "October", "November", "December"};
  return names[month % 12];
}

/// The name people know a campaign by: its name, or its id where it has none.
inline std::string name_of(const schema::portfolio& portfolio, std::size_t row) {
  return std::string(portfolio.name[row].empty() ? portfolio.id[row] : portfolio.name[row]);
}

/// "lead_generation" -> "lead generation".
inline std::string spoken(schema::objective value) {
  std::string out{schema::to_string(value)};
  for (auto& c : out)
    if (c == '_') c = ' ';
  return out;
}

/// The currency that most campaigns are planned in; empty where none is given.
inline std::string currency_of(const schema::portfolio& portfolio) {
  std::vector<std::size_t> uses(portfolio.currency.values.size());
  for (const auto code : portfolio.currency.codes)
    if (code != core::category_column::none) ++uses[code];
  std::size_t best = uses.size();
  for (std::size_t code = 0; code < uses.size(); ++code)
    if (uses[code] > 0 && (best == uses.size() || uses[code] > uses[best])) best = code;
  return best == uses.size() ? std::string{} : portfolio.currency.values[static_cast<std::uint32_t>(best)];
}

}  // namespace clarion::plan::text
