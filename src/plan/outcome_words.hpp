#pragma once

// How strategies write outcomes and outcomes per money.

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <string_view>

#include "clarion/plan/outcome.hpp"
#include "plan/text.hpp"

namespace clarion::plan {

/// "$1,200 of revenue", "312 new customers".
inline std::string amount_of(outcome of, double value, std::string_view currency) {
  if (of == outcome::revenue) return text::money(value, currency) + " of revenue";
  std::string name{to_string(of)};
  for (auto& c : name)
    if (c == '_') c = ' ';
  const std::string number = value < 10 ? fmt::format("{:.1f}", value) : text::grouped(value);
  return number + " " + name;
}

/// A price that may be small: "$0.042", "$38.20", "$1,240".
inline std::string price(double value, std::string_view currency) {
  if (!(std::abs(value) < 1000)) return text::money(value, currency);
  const std::string number = std::abs(value) < 1 ? fmt::format("{:.2g}", value) : fmt::format("{:.2f}", value);
  if (currency == "USD") return "$" + number;
  return currency.empty() ? number : number + " " + std::string(currency);
}

/// "ROAS 3.20", "a CAC of $38.20", "a cost per conversion of $12.00", "a CPM of $4.10".
inline std::string ratio_of(outcome of, double per_money, std::string_view currency) {
  switch (of) {
    case outcome::revenue:
      return fmt::format("ROAS {:.2f}", per_money);
    case outcome::new_customers:
      return "a CAC of " + price(1 / per_money, currency);
    case outcome::impressions:
      return "a CPM of " + price(1000 / per_money, currency);
    default:
      return "a cost per conversion of " + price(1 / per_money, currency);
  }
}

inline std::string unit_of(outcome of, std::string_view currency) {
  return of == outcome::revenue ? std::string(currency) : std::string(to_string(of));
}

}  // namespace clarion::plan
