#pragma once

// How strategies write outcomes and outcomes per money.

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "clarion/plan/outcome.hpp"
#include "schema/wording.hpp"

namespace clarion::plan {

/// "$1,200", "312".
inline std::string figure_of(outcome of, double value, std::string_view currency) {
  if (of == outcome::revenue) return wording::money(value, currency);
  return value < 10 ? fmt::format("{:.1f}", value) : wording::count(value);
}

/// "$1,200 of revenue", "312 new customers".
inline std::string amount_of(outcome of, double value, std::string_view currency) {
  return figure_of(of, value, currency) + (of == outcome::revenue ? " of revenue" : " " + wording::spoken(to_string(of)));
}

/// "ROAS 3.20", "a CAC of $38.20", "a cost per conversion of $12.00", "a CPM of $4.10".
inline std::string ratio_of(outcome of, double per_money, std::string_view currency) {
  switch (of) {
    case outcome::revenue:
      return fmt::format("ROAS {:.2f}", per_money);
    case outcome::new_customers:
      return "a CAC of " + wording::price(1 / per_money, currency);
    case outcome::impressions:
      return "a CPM of " + wording::price(1000 / per_money, currency);
    default:
      return "a cost per conversion of " + wording::price(1 / per_money, currency);
  }
}

inline std::string unit_of(outcome of, std::string_view currency) {
  return of == outcome::revenue ? std::string(currency) : std::string(to_string(of));
}

}  // namespace clarion::plan
