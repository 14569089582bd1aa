#pragma once

#include <cstdint>
#include <span>

#include "clarion/core/export.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/records.hpp"

namespace clarion::schema {

/// The fields of a customer; the id is required. No name, address or number of a person is among them.
CLARION_API std::span<const field> customer_fields();

/// The columns of customers by name, without a copy; they live as long as the records. Columns that the source does not have are
/// empty.
struct customer_view {
  std::span<const std::uint32_t> id;     ///< positions in the `values` of its column; unique among accepted rows
  std::span<const std::int32_t> joined;  ///< days since 1970-01-01
  std::span<const double> birth_year;    ///< NaN where it is not known
  std::span<const std::uint32_t> age_band, region, branch;
  std::span<const std::int8_t> consent_email, consent_sms, consent_phone, consent_post, consent_push;  ///< 1, 0 or -1: not known
  std::span<const std::int8_t> has_email, has_phone;
};

/// Throws std::invalid_argument for records of another table.
CLARION_API customer_view customers_of(const records& table);

}  // namespace clarion::schema
