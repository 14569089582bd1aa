#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "clarion/schema/portfolio.hpp"

namespace clarion::schema::detail {

/// Calls f(i, member) for every field of fields(): its position and the member of portfolio that holds its column.
template <class F>
constexpr void for_each_column(F&& f) {
  std::size_t i = 0;
  f(i++, &portfolio::id);
  f(i++, &portfolio::name);
  f(i++, &portfolio::start);
  f(i++, &portfolio::end);
  f(i++, &portfolio::budget);
  f(i++, &portfolio::currency);
  f(i++, &portfolio::channel);
  f(i++, &portfolio::audience);
  f(i++, &portfolio::products);
  f(i++, &portfolio::owner);
  f(i++, &portfolio::group);
  f(i++, &portfolio::objective);
  f(i++, &portfolio::region);
  f(i++, &portfolio::status);
  f(i++, &portfolio::approver);
  f(i++, &portfolio::channel_manager);
  f(i++, &portfolio::touches_per_week);
  f(i++, &portfolio::frequency_cap);
  f(i++, &portfolio::tags);
  f(i++, &portfolio::earliest_start);
  f(i++, &portfolio::latest_end);
  f(i++, &portfolio::fixed_dates);
  f(i++, &portfolio::targets);
  f(i++, &portfolio::approved_on);
  f(i++, &portfolio::approved_hash);
  f(i++, &portfolio::spend);
  f(i++, &portfolio::impressions);
  f(i++, &portfolio::clicks);
  f(i++, &portfolio::conversions);
  f(i++, &portfolio::revenue);
  f(i++, &portfolio::new_customers);
  f(i++, &portfolio::returns);
}

/// The rows of a column at these positions, in this order.
template <class Column>
Column taken(const Column& column, std::span<const std::uint64_t> rows) {
  if constexpr (requires { column.take(rows); }) {
    return column.take(rows);
  } else {
    Column out;
    out.reserve(rows.size());
    for (const auto row : rows) out.push_back(column[row]);
    return out;
  }
}

}  // namespace clarion::schema::detail
