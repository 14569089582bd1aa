#pragma once

// How the findings of this room put names and numbers into sentences.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/core/date.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict::wording {

/// The campaign's name, or its id when it has none.
inline std::string label(const schema::portfolio& portfolio, std::size_t row) {
  return std::string(portfolio.name[row].empty() ? portfolio.id[row] : portfolio.name[row]);
}

inline std::string id(const schema::portfolio& portfolio, std::size_t row) { return std::string(portfolio.id[row]); }

/// Lower case without surrounding blanks: two names that a reader takes for the same.
inline std::string comparable(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const auto from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  std::string out(text.substr(from, text.find_last_not_of(blanks) - from + 1));
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

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

/// "12,345 USD"
inline std::string money(double amount, std::string_view currency) {
  return currency.empty() ? count(amount) : count(amount) + " " + std::string(currency);
}

/// "1 day", "3 days"
inline std::string plural(double n, std::string_view one) { return count(n) + " " + std::string(one) + (n == 1 ? "" : "s"); }

/// "1 contact", "2.5 contacts"
inline std::string plural_number(double n, std::string_view one) {
  return number(n) + " " + std::string(one) + (n == 1 ? "" : "s");
}

/// "12.50 USD"
inline std::string price(double amount, std::string_view currency) {
  return fmt::format("{:.2f}{}{}", amount, currency.empty() ? "" : " ", currency);
}

/// "A", "A and B", "A, B and 3 more"
inline std::string list(const std::vector<std::string>& names, std::size_t most = 3) {
  std::string out;
  const std::size_t shown = names.size() <= most ? names.size() : most - 1;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += names[i];
  }
  if (shown < names.size()) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

/// "2026-Q4" of core::quarter_number.
inline std::string quarter(std::int32_t number) {
  const std::int32_t year = number >= 0 ? number / 4 : -((3 - number) / 4);
  return fmt::format("{:04}-Q{}", year, number - year * 4 + 1);
}

/// Budget of a campaign, 0 when it is not known.
inline double budget(const schema::portfolio& portfolio, std::size_t row) {
  const double amount = portfolio.budget[row];
  return std::isfinite(amount) && amount > 0 ? amount : 0;
}

inline double days(const schema::portfolio& portfolio, std::size_t row) {
  return static_cast<double>((portfolio.end[row] - portfolio.start[row]).count() + 1);
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

/// Errors first, then by expected loss; equal ones keep their order.
inline void worst_first(std::vector<schema::finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const schema::finding& x, const schema::finding& y) {
    return x.severity != y.severity ? x.severity > y.severity : x.expected_loss > y.expected_loss;
  });
}

}  // namespace clarion::conflict::wording
