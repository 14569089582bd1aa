#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/records.hpp"

namespace clarion::schema {

/// What a row of transactions did. A cancellation takes a sale back as if it had never been, a return brings goods back.
enum class transaction_kind : std::uint8_t { sale, return_, cancellation };

CLARION_API std::string_view to_string(transaction_kind kind);

/// The fields of a transaction; customer, date and amount are required (price and quantity stand for an amount).
CLARION_API std::span<const field> transaction_fields();

/// The columns of transactions by name, without a copy; they live as long as the records. Columns that the source does not have
/// are empty, but for kind, which is always there.
struct transaction_view {
  std::span<const std::uint32_t> id, customer;  ///< positions in the `values` of their columns, or record_column::none
  std::span<const std::int32_t> date;           ///< days since 1970-01-01
  std::span<const std::int32_t> second;         ///< of the day, -1 where it is not known
  std::span<const double> amount, quantity;     ///< of returns and cancellations zero or below
  std::span<const std::uint32_t> currency, product, branch, channel;
  std::span<const std::uint32_t> kind;  ///< as transaction_kind
};

/// Throws std::invalid_argument for records of another table.
CLARION_API transaction_view transactions_of(const records& table);

}  // namespace clarion::schema
