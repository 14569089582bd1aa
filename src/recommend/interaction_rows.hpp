#pragma once

// Rows of a table of interactions, cleaned and made compact: pieces of it, each with numbers of its own for the ids in it.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "clarion/recommend/interactions.hpp"
#include "recommend/interaction_cells.hpp"

namespace clarion::recommend::detail {

struct row_piece {
  id_piece user, item;
  std::vector<float> weight;       ///< empty: each is 1
  std::vector<std::int64_t> time;  ///< empty: not known
  float scale = 0;                 ///< above 0: what ages these weights, whatever their times

  std::array<std::uint64_t, n_interaction_reasons> by_reason{};
  std::vector<interaction_fault> faults;  ///< the first ones
  std::string unknown_event;              ///< the first one

  std::size_t rows() const { return user.codes.size(); }
};

struct row_pieces {
  std::vector<row_piece> pieces;
  core::id_kind users = core::id_kind::integer, items = core::id_kind::integer;  ///< none: codes are numbers already
  bool has_times = false;
  time_unit unit = time_unit::seconds;
  std::uint64_t rows_read = 0;
};

/// Throws std::invalid_argument unless the options can be followed; `with_event` and `with_time`: the table has such a column.
void check(const interaction_options& options, bool with_event, bool with_time);

row_pieces read_rows(const interaction_columns& columns, const interaction_options& options, const run_options& run);
row_pieces read_rows(ArrowArrayStream* stream, const interaction_names& names, const interaction_options& options,
                     const run_options& run);
row_pieces read_rows(const core::sparse_view& matrix, const interaction_options& options, const run_options& run);
/// The entries that are there.
row_pieces read_rows(const interactions& data, const run_options& run);

}  // namespace clarion::recommend::detail
