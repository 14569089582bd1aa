#pragma once

// One part of the customers: their rows out of all pieces, by customer and day.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/segment/detail/purchase_store.hpp"
#include "segment/purchase_rows.hpp"

namespace clarion::segment::detail {

enum class purchase_unit : std::uint8_t { days, invoices, rows };

/// What is known of all rows before parts are made.
struct part_frame {
  const std::vector<purchase_piece>& pieces;
  purchase_unit unit = purchase_unit::days;
  bool dense = false;            ///< whether high bits of ids are places in a table
  std::uint64_t first_high = 0;  ///< of the lowest id
  std::size_t highs = 0;         ///< places
  std::int32_t first_day = 0, last_day = 0;
};

/// Customers of a part, ascending where the frame is dense.
struct purchase_part {
  std::vector<std::int64_t> id;
  std::vector<std::uint32_t> count, start;  ///< start: within the part
  std::vector<std::int32_t> first, last;
  std::vector<double> bought, returned;
  std::vector<purchase_return> came_back;  ///< by customer, a number within the part, and day
  std::uint64_t sales = 0, returns = 0, purchases = 0;
  std::vector<std::uint64_t> orphans;  ///< rows that are returns of customers without a purchase, not in `returns`
};

struct part_scratch {
  struct row {
    std::uint32_t code;
    std::int32_t day;
    double amount;
    std::uint32_t invoice;
  };
  struct plain_row {
    std::uint32_t code;
    std::int32_t day;
    double amount;
  };
  std::vector<std::uint32_t> code, by_code, by_day, by_late_day;
  std::vector<plain_row> plain, other_plain;
  std::vector<row> full, other_full;
  std::vector<std::int64_t> ids;
};

/// Writes the purchases of the part to `day` and `amount`, which have room for all of its rows, where they are not null; what
/// came back is told one by one then.
purchase_part make_part(const part_frame& frame, std::size_t part, part_scratch& scratch, std::int32_t* day, double* amount);

}  // namespace clarion::segment::detail
