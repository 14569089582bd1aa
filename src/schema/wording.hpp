#pragma once

// How findings put names and numbers into sentences, and numbers into evidence: one way in every room.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::wording {

inline std::string id(const schema::portfolio& portfolio, std::size_t row) { return std::string(portfolio.id[row]); }

/// The name people know a campaign by: its name, or its id where it has none.
inline std::string label(const schema::portfolio& portfolio, std::size_t row) {
  return std::string(portfolio.name[row].empty() ? portfolio.id[row] : portfolio.name[row]);
}

/// The ids of these rows, at most `most` of them: a finding about everything need not name everything.
template <class Rows>
std::vector<std::string> ids(const schema::portfolio& portfolio, const Rows& rows, std::size_t most = 100) {
  std::vector<std::string> out;
  for (const auto row : rows) {
    if (out.size() == most) break;
    out.push_back(id(portfolio, row));
  }
  return out;
}

/// "12,345"
inline std::string count(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return value <= -0.5 ? "-" + digits : digits;
}

/// "3", "2.5", "2.57"
inline std::string number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// "42%", "3.1%": a decimal below ten per cent.
inline std::string percent(double share) {
  const double value = share * 100;
  return value != 0 && std::abs(value) < 9.95 ? fmt::format("{:.1f}%", value) : fmt::format("{:.0f}%", value);
}

/// "$12,345", "12,345 EUR": what `digits` says of an amount, in its currency.
inline std::string in_currency(bool negative, const std::string& digits, std::string_view currency) {
  const std::string sign = negative ? "-" : "";
  if (currency == "USD") return sign + "$" + digits;
  return sign + digits + (currency.empty() ? "" : " ") + std::string(currency);
}

/// "$12,345", "12,345 EUR"
inline std::string money(double amount, std::string_view currency) {
  return in_currency(amount <= -0.5, count(std::abs(amount)), currency);
}

/// A price that may be small: "$0.042", "$38.20", "1,240 EUR".
inline std::string price(double amount, std::string_view currency) {
  const double size = std::abs(amount);
  if (!(size < 1000)) return money(amount, currency);
  return in_currency(amount<0, size> 0 && size < 1 ? fmt::format("{:.2g}", size) : fmt::format("{:.2f}", size), currency);
}

/// "1 day", "3 days"
template <class Number>
std::string plural(Number n, std::string_view one) {
  return count(static_cast<double>(n)) + " " + std::string(one) + (n == 1 ? "" : "s");
}

/// "1 contact", "2.5 contacts"
inline std::string plural_number(double n, std::string_view one) {
  return number(n) + " " + std::string(one) + (n == 1 ? "" : "s");
}

/// "A", "A and B", "A, B and C"; more than `most` names end in "and 3 more".
inline std::string list(std::span<const std::string> names, std::size_t most = 6) {
  std::string out;
  const std::size_t shown = names.size() <= most ? names.size() : most - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

/// "lead_generation" -> "lead generation"
inline std::string spoken(std::string_view name) {
  std::string out{name};
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}
inline std::string spoken(schema::objective value) { return spoken(schema::to_string(value)); }

/// "January" for 0 and for 12.
inline std::string_view month_name(unsigned month) {
  static constexpr std::string_view names[] = {"January", "February", "March",     "April",   "May",      "June",
                                               "July",    "August",   "September", "October", "November", "December"};
  return names[month % 12];
}

/// "2026-Q4" of core::quarter_number.
inline std::string quarter(std::int32_t number) {
  const std::int32_t year = number >= 0 ? number / 4 : -((3 - number) / 4);
  return fmt::format("{:04}-Q{}", year, number - year * 4 + 1);
}

/// Collects evidence: text, whole numbers and measures each keep their kind.
class evidence_list {
public:
  evidence_list& add(std::string name, double value, std::string unit = {}) {
    if (std::isfinite(value)) items_.push_back({std::move(name), value, std::move(unit)});
    return *this;
  }
  evidence_list& add_count(std::string name, double value, std::string unit) {
    items_.push_back({std::move(name), static_cast<std::int64_t>(value), std::move(unit)});
    return *this;
  }
  evidence_list& add(std::string name, std::string value) {
    items_.push_back({std::move(name), std::move(value), {}});
    return *this;
  }
  evidence_list& add(std::string name, date value) { return add(std::move(name), core::to_string(value)); }
  evidence_list& add(std::string name, std::vector<std::string> value, std::string unit = {}) {
    items_.push_back({std::move(name), std::move(value), std::move(unit)});
    return *this;
  }
  evidence_list& add(std::string name, std::vector<double> value, std::string unit) {
    items_.push_back({std::move(name), std::move(value), std::move(unit)});
    return *this;
  }
  std::vector<schema::evidence> done() { return std::move(items_); }

private:
  std::vector<schema::evidence> items_;
};

/// Errors first, then by expected loss; equal ones keep their order.
inline void worst_first(std::vector<schema::finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const schema::finding& x, const schema::finding& y) {
    return x.severity != y.severity ? x.severity > y.severity : x.expected_loss > y.expected_loss;
  });
}

}  // namespace clarion::wording
