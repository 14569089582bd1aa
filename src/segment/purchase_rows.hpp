#pragma once

// Rows of a table of transactions, cleaned and dealt by customer.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clarion/segment/purchases.hpp"
#include "core/id_numbers.hpp"

namespace clarion::segment::detail {

inline constexpr unsigned part_bits = 9;
inline constexpr std::size_t n_parts = std::size_t{1} << part_bits;

// Parts are dealt by the low bits of an id, mixed with its high ones, so that high bits and part give the id back: where ids lie
// close together the high bits are a place in a table, and no id is hashed.
inline std::uint64_t high_of(std::int64_t id) { return static_cast<std::uint64_t>(id) >> part_bits; }
inline std::uint32_t mixed(std::uint64_t high) {
  return static_cast<std::uint32_t>((high * 0x9e3779b97f4a7c15u) >> (64 - part_bits));
}
inline std::uint32_t part_of_id(std::int64_t id) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) & (n_parts - 1)) ^ mixed(high_of(id));
}
inline std::int64_t id_of(std::uint64_t high, std::size_t part) {
  return static_cast<std::int64_t>((high << part_bits) | (static_cast<std::uint64_t>(part) ^ mixed(high)));
}

struct purchase_row {
  std::uint32_t customer = 0;  ///< see purchase_piece::id
  std::int32_t day = 0;
  double amount = 0;  ///< with the sign bit: a return, be it of zero
};

struct purchase_piece {
  std::vector<purchase_row> rows;      ///< in the order of parts, once dealt
  std::vector<std::uint32_t> begin;    ///< part p is rows [begin[p], begin[p + 1])
  std::vector<std::uint32_t> invoice;  ///< of each row, where there are invoices; codes until they are numbered
  core::detail::id_piece invoices;

  // The id of a row is base + customer, or ids[customer] where ids lie far apart or are numbers of texts.
  std::int64_t base = 0;
  std::vector<std::int64_t> ids;
  core::detail::id_piece customers;  ///< of texts, until they are numbered

  std::int64_t low = 0, high = 0;  ///< ids
  std::int32_t first_day = 0, last_day = 0;
  std::uint64_t first_row = 0;
  std::vector<std::uint32_t> source;  ///< of each row where rows were set aside, else they are rows 0, 1, 2, ... of the piece
  std::vector<std::pair<std::uint32_t, std::uint32_t>> returns;  ///< (place in rows, row of the piece), by place, once dealt

  std::vector<std::uint32_t> bad;  ///< rows of the piece
  std::vector<purchase_reason> bad_reason;
  std::vector<std::string> bad_value;   ///< of the first ones
  std::vector<std::string> currencies;  ///< a few of them

  std::int64_t id(std::uint32_t customer) const {
    return ids.empty() ? static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + customer) : ids[customer];
  }
};

struct purchase_pieces {
  std::vector<purchase_piece> pieces;
  core::id_kind customers = core::id_kind::integer;
  bool has_amounts = true, has_invoices = false;
  std::uint64_t rows_read = 0;
};

/// Pieces of integer ids are dealt; those of texts are not.
purchase_pieces read_rows(const purchase_columns& columns, const purchase_options& options, const run_options& run);
purchase_pieces read_rows(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& options,
                          const run_options& run);

/// Puts the rows of the piece into the order of parts; they keep their order within a part.
void deal(purchase_piece& piece);

}  // namespace clarion::segment::detail
