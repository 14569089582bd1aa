#include "recommend/interaction_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "clarion/core/arrow.hpp"
#include "clarion/core/detail/id_cells.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "recommend/interaction_layout.hpp"

namespace clarion::recommend::detail {

namespace {

using core::arrow_column;
using core::arrow_type;
using core::detail::id_form;
using reason = interaction_reason;

constexpr std::size_t piece_rows = std::size_t{1} << 17;

struct table_cells {
  id_cells user, item;
  weight_cells weight;
  time_cells time;
  std::optional<id_cells> event;
};

// Multiplies by the weight of the event; the distinct events of a piece are looked up once.
void read_events(const id_cells& cells, std::size_t begin, const std::map<std::string, double>& weight_of, row_reasons& reasons,
                 std::vector<double>& weights, row_piece& out) {
  std::vector<std::uint64_t> rows;
  std::vector<std::size_t> place;
  check_ids(cells, begin, reasons, reason::null_event, reason::unknown_event);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (reasons[i] != good) continue;
    rows.push_back(begin + i);
    place.push_back(i);
  }
  id_piece events;
  std::vector<std::int64_t> scratch;
  number_ids(cells, rows, scratch, events);
  const bool text = kind_of(cells) == core::id_kind::text;
  std::vector<double> weight(text ? events.texts.size() : events.integers.size());
  for (std::size_t e = 0; e < weight.size(); ++e) {
    const auto at = weight_of.find(text ? std::string(events.texts[e]) : std::to_string(events.integers[e]));
    weight[e] = at == weight_of.end() ? -1 : at->second;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double w = weight[events.codes[i]];
    if (w < 0) {
      mark(reasons[place[i]], reason::unknown_event);
      if (out.unknown_event.empty()) out.unknown_event = shown(cells, rows[i]);
    } else if (w == 0) {
      mark(reasons[place[i]], reason::zero_weight);
    } else {
      weights[place[i]] *= w;
    }
  }
}

std::string value_at(const table_cells& table, std::size_t row, reason why) {
  switch (why) {
    case reason::bad_user:
      return shown(table.user, row);
    case reason::bad_item:
      return shown(table.item, row);
    case reason::bad_weight:
    case reason::negative_weight:
    case reason::infinite_weight:
      return std::visit(
          [&](const auto& column) -> std::string {
            using type = std::decay_t<decltype(column)>;
            if constexpr (std::is_same_v<type, std::monostate>)
              return {};
            else if constexpr (std::is_same_v<type, const arrow_column*>)
              return column->to_text(row);
            else
              return shown(static_cast<double>(column[row]));
          },
          table.weight);
    case reason::bad_time:
      if (const auto* arrow = std::get_if<arrow_times>(&table.time)) return arrow->column->to_text(row);
      return {};
    case reason::unknown_event:
      return shown(*table.event, row);
    default:
      return {};
  }
}

// Rows [begin, begin + n) of the table; `first_row` is the number of the first one in the whole stream.
void read_piece(const table_cells& table, std::size_t begin, std::size_t n, std::uint64_t first_row,
                const interaction_options& options, row_piece& out) {
  row_reasons reasons(n, good);
  check_ids(table.user, begin, reasons, reason::null_user, reason::bad_user);
  check_ids(table.item, begin, reasons, reason::null_item, reason::bad_item);
  const bool weighted = !std::holds_alternative<std::monostate>(table.weight) || table.event;
  const bool timed = !std::holds_alternative<std::monostate>(table.time);
  std::vector<double> weights(weighted ? n : 0, 1.0);
  std::vector<std::int64_t> times(timed ? n : 0);
  if (!std::holds_alternative<std::monostate>(table.weight)) read_weights(table.weight, begin, reasons, weights);
  if (timed) read_times(table.time, begin, reasons, times);
  if (table.event) read_events(*table.event, begin, options.event_weights, reasons, weights, out);

  constexpr double most = std::numeric_limits<float>::max(), least = std::numeric_limits<float>::min();
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i] > most) mark(reasons[i], reason::infinite_weight);

  std::vector<std::uint64_t> rows;
  rows.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (reasons[i] == good) {
      rows.push_back(begin + i);
      continue;
    }
    const auto why = static_cast<reason>(reasons[i]);
    ++out.by_reason[reasons[i]];
    if (out.faults.size() < options.report_rows) out.faults.push_back({first_row + i, why, value_at(table, begin + i, why)});
  }
  if (weighted) {
    out.weight.reserve(rows.size());
    // What a float cannot tell from nothing stays something.
    for (const auto row : rows) out.weight.push_back(static_cast<float>(std::max(weights[row - begin], least)));
  }
  if (timed) {
    if (rows.size() != n)
      for (std::size_t i = 0; i < rows.size(); ++i) times[i] = times[rows[i] - begin];
    times.resize(rows.size());
    out.time = std::move(times);
  }
  std::vector<std::int64_t> scratch;
  number_ids(table.user, rows, scratch, out.user);
  number_ids(table.item, rows, scratch, out.item);
}

// What is held of a row until the matrix stands.
double bytes_of_rows(double rows, bool weighted, bool timed) { return rows * (24 + (weighted ? 8 : 0) + (timed ? 16 : 0)); }

void check_memory(double rows, bool weighted, bool timed) {
  core::require_memory("interactions of " + shown(rows) + " rows", bytes_of_rows(rows, weighted, timed),
                       "split the table by user, or count repeated rows beforehand");
}

time_unit unit_of(const std::string& name) {
  if (name == "seconds") return time_unit::seconds;
  if (name == "days") return time_unit::days;
  reject("unit", '"' + name + '"', "give \"seconds\" or \"days\"");
}

}  // namespace

void check(const interaction_options& options, bool with_event, bool with_time) {
  core::check_options(options);
  duplicate_rule_of(options.duplicates);
  unit_of(options.unit);
  for (const auto& [name, weight] : options.event_weights)
    if (!(weight >= 0) || std::isinf(weight))
      reject("event_weights", shown(weight) + " for \"" + name + '"', "give finite weights of 0 or more");
  if (with_event && options.event_weights.empty())
    reject("event_weights", "no weight", "give each type of event one, e.g. view 1, cart 3, purchase 5");
  if (!with_event && !options.event_weights.empty())
    reject("event", "no column", "name the column of event types that event_weights are for");
  if (options.half_life > 0 && !with_time) reject("half_life", shown(options.half_life), "give times, by which weights decay");
}

row_pieces read_rows(const interaction_columns& columns, const interaction_options& options, const run_options& run) {
  const auto length = [](const core::id_column& column) {
    return std::visit([](const auto& ids) { return ids.size(); }, column);
  };
  const std::size_t rows = length(columns.user);
  const auto same = [&](const char* field, std::size_t other) {
    if (other != rows) reject(field, std::to_string(other) + " rows", "give as many as users: " + std::to_string(rows));
  };
  same("item", length(columns.item));
  table_cells table{cells_of(columns.user), cells_of(columns.item), {}, {}, {}};
  std::visit(
      [&](const auto& weight) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(weight)>, std::monostate>) {
          same("weight", weight.size());
          table.weight = weight;
        }
      },
      columns.weight);
  if (!columns.time.empty()) {
    same("time", columns.time.size());
    table.time = columns.time;
  }
  if (columns.event) {
    same("event", length(*columns.event));
    table.event = cells_of(*columns.event);
  }
  const bool timed = !columns.time.empty();
  check(options, columns.event.has_value(), timed || rows == 0);
  check_memory(static_cast<double>(rows), columns.weight.index() != 0 || columns.event, timed);

  row_pieces out;
  out.users = kind_of(table.user);
  out.items = kind_of(table.item);
  out.has_times = timed;
  out.unit = unit_of(options.unit);
  out.rows_read = rows;
  out.pieces.resize((rows + piece_rows - 1) / piece_rows);
  core::parallel_blocks(out.pieces.size(), run, [&](std::size_t p) {
    const std::size_t begin = p * piece_rows;
    read_piece(table, begin, std::min(piece_rows, rows - begin), begin, options, out.pieces[p]);
  });
  return out;
}

row_pieces read_rows(ArrowArrayStream* stream, const interaction_names& names, const interaction_options& options,
                     const run_options& run) {
  core::arrow_reader reader(stream);
  const auto form = [&](const char* option, const std::string& name) {
    return core::detail::form_of(core::detail::field_of(reader, option, name));
  };
  const id_form user_form = form("user", names.user), item_form = form("item", names.item);
  id_form event_form = id_form::text;
  if (!names.event.empty()) event_form = form("event", names.event);
  if (!names.weight.empty()) {
    const auto& field = core::detail::field_of(reader, "weight", names.weight);
    if (!(field.type >= arrow_type::boolean && field.type <= arrow_type::decimal) && field.type != arrow_type::null &&
        field.type != arrow_type::text)
      throw error("column " + field.name + ": weights of Arrow type " + field.format + " cannot be read; cast them to numbers");
  }
  row_pieces out;
  out.users = user_form == id_form::text ? core::id_kind::text : core::id_kind::integer;
  out.items = item_form == id_form::text ? core::id_kind::text : core::id_kind::integer;
  out.unit = unit_of(options.unit);
  time_form time = time_form::none;
  if (!names.time.empty()) {
    time = time_form_of(core::detail::field_of(reader, "time", names.time));
    out.has_times = true;
    if (time == time_form::seconds || time == time_form::text) out.unit = time_unit::seconds;
    if (time == time_form::days) out.unit = time_unit::days;
  }
  check(options, !names.event.empty(), out.has_times);

  // Nobody knows how long the stream is; it can be stopped all the same.
  const run_options reading = part_of(run, 0, 0);
  while (auto batch = reader.next()) {
    table_cells table{arrow_ids{batch->find(names.user), user_form}, arrow_ids{batch->find(names.item), item_form}, {}, {}, {}};
    if (!names.weight.empty()) table.weight = batch->find(names.weight);
    if (out.has_times) table.time = arrow_times{batch->find(names.time), time};
    if (!names.event.empty()) table.event = arrow_ids{batch->find(names.event), event_form};
    const std::size_t rows = batch->rows(), pieces = (rows + piece_rows - 1) / piece_rows, first = out.pieces.size();
    check_memory(static_cast<double>(out.rows_read) + static_cast<double>(rows), !names.weight.empty() || !names.event.empty(),
                 out.has_times);
    out.pieces.resize(first + pieces);
    core::parallel_blocks(pieces, reading, [&](std::size_t p) {
      const std::size_t begin = p * piece_rows;
      read_piece(table, begin, std::min(piece_rows, rows - begin), out.rows_read + begin, options, out.pieces[first + p]);
    });
    out.rows_read += rows;
  }
  return out;
}

namespace {

// Rows of a matrix in ranges of about piece_rows entries.
std::vector<std::size_t> row_ranges(const core::sparse_view& matrix) {
  std::vector<std::size_t> out{0};
  for (std::size_t row = 0; row < matrix.rows; ++row)
    if (matrix.offsets[row + 1] - matrix.offsets[out.back()] >= piece_rows || row + 1 == matrix.rows) out.push_back(row + 1);
  return out;
}

}  // namespace

row_pieces read_rows(const core::sparse_view& matrix, const interaction_options& options, const run_options& run) {
  check(options, false, false);
  row_pieces out;
  out.users = out.items = core::id_kind::none;
  if (matrix.rows == 0) return out;
  for (std::size_t row = 0; row < matrix.rows; ++row)
    if (matrix.offsets[row + 1] < matrix.offsets[row])
      reject("matrix", "an offset that falls after row " + std::to_string(row), "give offsets that never fall");
  check_memory(static_cast<double>(matrix.size()), matrix.value != nullptr, false);
  out.rows_read = matrix.size();
  const std::vector<std::size_t> range = row_ranges(matrix);
  out.pieces.resize(range.size() - 1);
  core::parallel_blocks(out.pieces.size(), run, [&](std::size_t p) {
    row_piece& piece = out.pieces[p];
    const std::uint64_t first = matrix.offsets[range[p]], n = matrix.offsets[range[p + 1]] - first;
    row_reasons reasons(n, good);
    std::vector<double> weights(matrix.value == nullptr ? 0 : n);
    if (matrix.value != nullptr) read_weights(std::span<const float>(matrix.value, first + n), first, reasons, weights);
    piece.user.codes.reserve(n);
    piece.item.codes.reserve(n);
    for (std::size_t row = range[p]; row < range[p + 1]; ++row)
      for (std::uint64_t e = matrix.offsets[row]; e < matrix.offsets[row + 1]; ++e) {
        if (matrix.index[e] >= matrix.columns)
          reject("matrix", "column " + std::to_string(matrix.index[e]) + " in row " + std::to_string(row),
                 "give columns below " + std::to_string(matrix.columns));
        if (reasons[e - first] != good) {
          const auto why = static_cast<reason>(reasons[e - first]);
          ++piece.by_reason[reasons[e - first]];
          if (piece.faults.size() < options.report_rows)
            piece.faults.push_back({e - matrix.offsets[0], why,
                                    why == reason::zero_weight || why == reason::null_weight ? "" : shown(matrix.value[e])});
          continue;
        }
        piece.user.codes.push_back(static_cast<std::uint32_t>(row));
        piece.item.codes.push_back(matrix.index[e]);
        if (matrix.value != nullptr) piece.weight.push_back(matrix.value[e]);
      }
  });
  return out;
}

row_pieces read_rows(const interactions& data, const run_options& run) {
  const core::sparse_view matrix = data.by_user();
  row_pieces out;
  out.users = out.items = core::id_kind::none;
  out.has_times = data.has_times();
  out.unit = data.unit();
  out.rows_read = data.size();
  if (matrix.rows == 0) return out;
  const std::vector<std::size_t> range = row_ranges(matrix);
  out.pieces.resize(range.size() - 1);
  core::parallel_blocks(out.pieces.size(), run, [&](std::size_t p) {
    row_piece& piece = out.pieces[p];
    const std::uint64_t first = matrix.offsets[range[p]], end = matrix.offsets[range[p + 1]];
    piece.user.codes.reserve(end - first);
    for (std::size_t row = range[p]; row < range[p + 1]; ++row)
      piece.user.codes.insert(piece.user.codes.end(), matrix.length(row), static_cast<std::uint32_t>(row));
    piece.item.codes.assign(matrix.index + first, matrix.index + end);
    if (matrix.value != nullptr) piece.weight.assign(matrix.value + first, matrix.value + end);
    if (data.has_times())
      piece.time.assign(data.times().begin() + static_cast<std::ptrdiff_t>(first),
                        data.times().begin() + static_cast<std::ptrdiff_t>(end));
  });
  return out;
}

}  // namespace clarion::recommend::detail
