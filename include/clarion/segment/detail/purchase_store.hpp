#pragma once

// What stands behind a value of purchases.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/purchases.hpp"

namespace clarion::segment::detail {

/// What came back: one row.
struct purchase_return {
  std::uint32_t customer;
  std::int32_t day;
  double amount;  ///< 0 or less
};

struct purchase_store {
  core::id_map customers;
  date at{};
  bool has_amounts = true;
  bool kept = true;  ///< whether the purchases themselves are there
  std::uint64_t n_purchases = 0;
  // By customer.
  std::vector<std::uint64_t> start;  ///< place of the first purchase
  std::vector<std::uint32_t> count;
  std::vector<std::int32_t> first, last;
  std::vector<double> bought, returned;
  // Purchases, those of a customer next to each other by day; customers lie as they were dealt, with gaps.
  std::shared_ptr<const std::int32_t[]> day;
  std::shared_ptr<const double[]> amount;
  std::size_t room = 0;                  ///< places, gaps too
  std::vector<purchase_return> returns;  ///< by customer and day, where the purchases are there
};

/// read_purchases without the purchases where `keep` is false: what they come to by customer is there.
purchase_build read_purchases(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& options, bool keep,
                              const run_options& run);
purchase_build build_purchases(const purchase_columns& columns, const purchase_options& options, bool keep,
                               const run_options& run);

}  // namespace clarion::segment::detail
