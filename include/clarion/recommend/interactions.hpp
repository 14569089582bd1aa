#pragma once

// Who did what with which item: users x items, by user and by item.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/ids.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"

struct ArrowArrayStream;

namespace clarion::recommend {

namespace detail {
struct interaction_store;
}

enum class time_unit : std::uint8_t { seconds, days };  ///< since 1970-01-01 (00:00 UTC)

/// Users x items with a positive weight an entry. A value: built once, then constant; copies share storage and are cheap, any
/// number of threads may read. Users and items have numbers 0..n-1 in the order of their ids (numeric or bytewise); ids that
/// append() brought in come after those that were there.
class CLARION_API interactions {
public:
  interactions();  ///< nobody and nothing
  explicit interactions(std::shared_ptr<const detail::interaction_store> store);

  std::size_t n_users() const;
  std::size_t n_items() const;
  std::uint64_t size() const;  ///< distinct (user, item) pairs

  /// Rows are users, columns items; a view lives as long as any copy of this object. No values where each weight is 1.
  core::sparse_view by_user() const;
  core::sparse_view by_item() const;  ///< the same entries, rows are items

  const core::id_map& users() const;
  const core::id_map& items() const;

  bool has_times() const;
  time_unit unit() const;
  /// When, in the order of the entries of by_user(); empty where no times were given.
  std::span<const std::int64_t> times() const;

  std::size_t memory_bytes() const;

  /// For the parts of this room.
  const std::shared_ptr<const detail::interaction_store>& store() const { return store_; }

private:
  std::shared_ptr<const detail::interaction_store> store_;
};

/// One row an event, columns of equal length.
struct interaction_columns {
  core::id_column user;
  core::id_column item;
  std::variant<std::monostate, std::span<const float>, std::span<const double>> weight{};  ///< nothing: each is 1
  std::span<const std::int64_t> time{};                                                    ///< empty: not known
  std::optional<core::id_column> event{};  ///< the type of event; its weight multiplies that of the row
};

struct interaction_options {
  /// Weight of each type of event, e.g. view 1, cart 3, purchase 5; one of 0 leaves its events out.
  std::map<std::string, double> event_weights{};
  bool allow_unknown_events = true;  ///< false: a type without a weight is an error instead of rows set aside
  double half_life = 0;              ///< days after which an event weighs half; 0: no decay
  std::optional<date> reference{};   ///< the day from whose end age counts; none: the time of the latest event
  /// What rows of the same user and item become: "sum" of weights, "max", "last" or "first" by time (by row where no times were
  /// given or they are equal), or "binary", one weight of 1. The time kept is the latest, with "first" the earliest.
  std::string duplicates = "sum";
  std::uint64_t min_user_count = 0;  ///< items that a user must have
  std::uint64_t min_item_count = 0;  ///< users that an item must have; both limits are applied until nothing changes (a core)
  std::string unit = "seconds";      ///< of times that are plain numbers: "seconds" or "days" since 1970-01-01
  std::size_t report_rows = 100;     ///< rows set aside that the report names

  static constexpr auto fields() {
    using o = interaction_options;
    return std::tuple{
        core::option("event_weights", &o::event_weights, "weight of each type of event, a mapping of names to numbers"),
        core::option("allow_unknown_events", &o::allow_unknown_events,
                     "whether events of a type without a weight are set aside; an error otherwise"),
        core::option("half_life", &o::half_life, "days after which an event weighs half; 0: no decay", {0, 1e9}),
        core::option("reference", &o::reference, "the day from whose end age counts; the latest event where there is none"),
        core::option("duplicates", &o::duplicates,
                     "what rows of one user and item become: sum, max, last, first (by time) or binary"),
        core::option("min_user_count", &o::min_user_count, "items that a user must have, applied until stable", {0, 1e18}),
        core::option("min_item_count", &o::min_item_count, "users that an item must have, applied until stable", {0, 1e18}),
        core::option("unit", &o::unit, "of times that are plain numbers: seconds or days since 1970-01-01"),
        core::option("report_rows", &o::report_rows, "rows set aside that the report names", {0, 1e9})};
  }
};

enum class interaction_reason : std::uint8_t {
  null_user,
  null_item,
  bad_user,  ///< a number with a fraction or beyond 64 bits
  bad_item,
  null_weight,  ///< or NaN
  bad_weight,   ///< a text that is not a number
  negative_weight,
  infinite_weight,  ///< or beyond a float once multiplied
  zero_weight,      ///< of the row or of its event
  null_time,
  bad_time,  ///< a number with a fraction or beyond 64 bits, or a text that is not ISO 8601
  null_event,
  unknown_event
};
CLARION_API const char* describe(interaction_reason reason);
inline constexpr std::size_t n_interaction_reasons = 13;

struct interaction_fault {
  std::uint64_t row = 0;  ///< from 0, in the order read
  interaction_reason reason{};
  std::string value{};  ///< what stood there, where it says more than the reason
};

/// What became of the rows: rows_read = interactions + merged + filtered + set_aside.
struct interaction_report {
  std::uint64_t rows_read = 0;
  std::uint64_t interactions = 0;  ///< entries of the result
  std::uint64_t merged = 0;        ///< rows that went into the entry of another row
  std::uint64_t filtered = 0;      ///< entries of users and items below the minimum counts
  std::uint64_t set_aside = 0;     ///< bad rows
  std::uint64_t users_filtered = 0, items_filtered = 0;
  std::vector<std::uint64_t> by_reason;   ///< rows set aside, n_interaction_reasons values
  std::vector<interaction_fault> faults;  ///< the first options.report_rows of them, by row
};

struct interaction_build {
  interactions data;
  interaction_report report;
};

/// Builds interactions from columns. Same result, bit for bit, for any number of threads, and for any order of rows but for sums
/// of weights and ties in time. Besides the input it holds 20 to 30 bytes a row until the result stands (weights: 8 more, times:
/// 16 more), and refuses what cannot fit. O(rows + distinct ids x log distinct ids).
///
/// Throws std::invalid_argument for columns that differ in length, events without event_weights, an unknown option, and 2^32 - 1
/// or more users or items; clarion::error for what does not fit into memory.
CLARION_API interaction_build build_interactions(const interaction_columns& columns, const interaction_options& options = {},
                                                 const run_options& run = {});

/// From a matrix users x items: ids are the given ones, or the numbers of rows and columns; users and items without an entry
/// stay. Columns of a row may come in any order and repeat. Entries that are zero, negative or not finite are set aside (row: the
/// place of the entry). Throws std::invalid_argument for offsets that fall, columns out of range, and ids of another number.
CLARION_API interaction_build build_interactions(const core::sparse_view& matrix, const interaction_options& options = {},
                                                 const core::id_map& users = {}, const core::id_map& items = {},
                                                 const run_options& run = {});

/// Names of the columns of a table; those that are empty are not read.
struct interaction_names {
  std::string user = "user";
  std::string item = "item";
  std::string weight{};
  std::string time{};
  std::string event{};
};

/// Reads a long table from an Arrow stream, which it takes over, batch by batch; a batch is released before the next one. Ids may
/// be integers, floating-point numbers with whole values, text, UUIDs or dates, plain or dictionary-encoded; weights any number
/// or the text of one; times timestamps and ISO 8601 texts (kept in seconds, UTC), dates (kept in days) or whole numbers of
/// options.unit. Throws clarion::error for columns of other types, std::invalid_argument for names that the table does not have.
CLARION_API interaction_build read_interactions(ArrowArrayStream* stream, const interaction_names& names = {},
                                                const interaction_options& options = {}, const run_options& run = {});

/// A new value that holds the rows too: numbers of users and items stay, new ids come after them (ascending among themselves),
/// and an entry that is there takes part in the rule for duplicates as one earlier row. With half_life, entries that are there
/// age to the new reference. The report counts the new rows alone: rows_read = what became new entries + merged + filtered +
/// set_aside, so that interactions is the number of entries gained. Minimum counts are not applied: numbers would change.
CLARION_API interaction_build append(const interactions& data, const interaction_columns& columns,
                                     const interaction_options& options = {}, const run_options& run = {});
CLARION_API interaction_build append(const interactions& data, ArrowArrayStream* stream, const interaction_names& names = {},
                                     const interaction_options& options = {}, const run_options& run = {});

/// The core in which each user has at least `min_user_count` items and each item `min_item_count` users: the largest part of the
/// data of which that is true. Users and items outside lose their numbers. O(entries).
CLARION_API interactions filter_counts(const interactions& data, std::uint64_t min_user_count, std::uint64_t min_item_count,
                                       const run_options& run = {});

}  // namespace clarion::recommend
