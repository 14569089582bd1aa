#include "clarion/recommend/interactions.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/recommend/detail/interaction_store.hpp"
#include "recommend/interaction_layout.hpp"
#include "recommend/interaction_rows.hpp"

namespace clarion::recommend {

namespace detail {

namespace {

constexpr double seconds_of_day = 86400;
constexpr const char* too_many = "split the table: one object holds fewer than 2^32 - 1";

// Ids of all pieces in one ascending map, after those of `base`; codes of the pieces become numbers in it.
core::id_map number_ids(std::vector<row_piece>& pieces, id_piece row_piece::*side, core::id_kind kind, const core::id_map& base,
                        const char* field, const run_options& run) {
  std::vector<std::vector<std::uint32_t>> numbers;
  core::id_map out;
  const run_options ranking = part_of(run, 0, .8);
  if (kind == core::id_kind::text) {
    std::vector<std::vector<std::string_view>> ids;
    for (auto& piece : pieces) ids.push_back(std::move((piece.*side).texts));
    out = core::detail::map_of(core::detail::rank_pieces(std::move(ids), numbers, field, too_many, ranking), field);
  } else {
    std::vector<std::vector<std::int64_t>> ids;
    for (auto& piece : pieces) ids.push_back(std::move((piece.*side).integers));
    out = core::id_map::integers(core::detail::rank_pieces(std::move(ids), numbers, field, too_many, ranking), field);
  }
  std::vector<std::uint32_t> number_of;
  if (base.size() > 0) out = base.extended(out, number_of, field);
  core::parallel_blocks(pieces.size(), part_of(run, .8, 1), [&](std::size_t p) {
    id_piece& ids = pieces[p].*side;
    if (!number_of.empty())
      for (auto& n : numbers[p]) n = number_of[n];
    for (auto& code : ids.codes) code = numbers[p][code];
    ids.bytes = {};
    numbers[p] = {};
  });
  return out;
}

// By what the rows set aside were set aside for. Takes the faults out of the pieces.
interaction_report report_of(row_pieces& rows, const interaction_options& options) {
  interaction_report out;
  out.rows_read = rows.rows_read;
  out.by_reason.assign(n_interaction_reasons, 0);
  for (auto& piece : rows.pieces) {
    for (std::size_t r = 0; r < n_interaction_reasons; ++r) {
      out.by_reason[r] += piece.by_reason[r];
      out.set_aside += piece.by_reason[r];
    }
    for (auto& fault : piece.faults)
      if (out.faults.size() < options.report_rows) out.faults.push_back(std::move(fault));
    piece.faults = {};
    if (!options.allow_unknown_events && !piece.unknown_event.empty()) {
      std::string known;
      for (const auto& [name, weight] : options.event_weights) known += (known.empty() ? "" : ", ") + name;
      reject("event", '"' + piece.unknown_event + '"', "give it a weight in event_weights (known: " + known + ')');
    }
  }
  return out;
}

decay ages_of(const std::vector<row_piece>& pieces, time_unit unit, const interaction_options& options) {
  decay out;
  if (options.half_life <= 0) return out;
  out.half_life = options.half_life * (unit == time_unit::seconds ? seconds_of_day : 1);
  if (options.reference) {
    // The end of the day; of an event of which only the day is known, that is its time too.
    const std::int64_t day = core::day_number(*options.reference);
    out.reference = unit == time_unit::days ? day : (day + 1) * static_cast<std::int64_t>(seconds_of_day);
    return out;
  }
  bool any = false;
  for (const auto& piece : pieces)
    for (const std::int64_t t : piece.time) {
      out.reference = any ? std::max(out.reference, t) : t;
      any = true;
    }
  return out;
}

// Everything after the reading. `base`: the entries that are there already, or null.
interaction_build assemble(row_pieces rows, const interactions* base, const interaction_options& options,
                           std::shared_ptr<interaction_store> store, const run_options& run) {
  interaction_build out;
  out.report = report_of(rows, options);
  std::uint64_t accepted = 0;
  for (const auto& piece : rows.pieces) accepted += piece.rows();

  if (rows.users != core::id_kind::none) {
    const core::id_map nobody;
    store->users = number_ids(rows.pieces, &row_piece::user, rows.users, base == nullptr ? nobody : base->users(), "user",
                              part_of(run, 0, .2));
    store->items = number_ids(rows.pieces, &row_piece::item, rows.items, base == nullptr ? nobody : base->items(), "item",
                              part_of(run, .2, .4));
  }
  std::size_t already_aged = 0;  // pieces at the front
  if (base != nullptr) {
    row_pieces there = read_rows(*base, part_of(run, .4, .45));
    if (options.half_life > 0 && base->store()->half_life > 0) already_aged = there.pieces.size();
    rows.pieces.insert(rows.pieces.begin(), std::make_move_iterator(there.pieces.begin()),
                       std::make_move_iterator(there.pieces.end()));
  }
  store->has_times = rows.has_times;
  store->unit = rows.unit;
  store->by_user.rows = store->users.size();
  store->by_user.columns = store->items.size();
  decay ages = ages_of(rows.pieces, rows.unit, options);
  if (already_aged > 0) {
    const std::int64_t before = base->store()->reference;
    if (!options.reference) ages.reference = std::max(ages.reference, before);
    const double elapsed = std::max(0.0, static_cast<double>(ages.reference) - static_cast<double>(before));
    const double factor = std::max(std::exp2(-elapsed / ages.half_life), double{std::numeric_limits<float>::min()});
    for (std::size_t p = 0; p < already_aged; ++p) rows.pieces[p].scale = static_cast<float>(factor);
  }
  store->half_life = options.half_life;
  if (base != nullptr && options.half_life == 0) store->half_life = base->store()->half_life;
  store->reference = ages.half_life > 0 || base == nullptr ? ages.reference : base->store()->reference;
  lay_out(rows.pieces, duplicate_rule_of(options.duplicates), ages, *store, part_of(run, .45, .85));
  rows = {};
  out.data = finish(std::move(store), part_of(run, .85, 1));
  out.report.interactions = out.data.size() - (base == nullptr ? 0 : base->size());
  out.report.merged = accepted - out.report.interactions;
  if (base == nullptr && (options.min_user_count > 0 || options.min_item_count > 0)) {
    interactions core = filter_counts(out.data, options.min_user_count, options.min_item_count, part_of(run, 1, 1));
    out.report.filtered = out.data.size() - core.size();
    out.report.users_filtered = out.data.n_users() - core.n_users();
    out.report.items_filtered = out.data.n_items() - core.n_items();
    out.report.interactions = core.size();
    out.data = std::move(core);
  }
  return out;
}

interaction_build extend(const interactions& data, row_pieces rows, const interaction_options& options, const run_options& run) {
  if (rows.rows_read == 0) {
    rows.has_times = data.has_times();
    rows.unit = data.unit();
  }
  if (data.size() > 0 && rows.has_times != data.has_times())
    reject(
        "time", rows.has_times ? "a column" : "no column",
        data.has_times() ? "give times: the entries that are there have them" : "leave times out: the entries there have none");
  if (data.size() > 0 && data.has_times() && rows.unit != data.unit())
    reject("time", rows.unit == time_unit::days ? "days" : "seconds",
           data.unit() == time_unit::days ? "give dates: times are kept in days here"
                                          : "give timestamps: times are kept in seconds here");
  return assemble(std::move(rows), &data, options, std::make_shared<interaction_store>(), run);
}

}  // namespace

interactions finish(std::shared_ptr<interaction_store> store, const run_options& run) {
  core::sparse_rows& rows = store->by_user;
  if (std::ranges::all_of(rows.value, [](float v) { return v == 1; })) rows.value = {};
  store->by_item = core::transposed(rows, run);
  return interactions(std::move(store));
}

namespace {

constexpr std::size_t select_rows = 4096;

// Entries of `data` that stay, with users and items of these numbers; dropped ones have none of their entries kept.
std::shared_ptr<interaction_store> keep_entries(const interactions& data, const std::vector<std::uint8_t>& keep,
                                                const std::vector<std::uint32_t>* item_number, const run_options& run) {
  const core::sparse_view from = data.by_user();
  auto out = std::make_shared<interaction_store>();
  out->has_times = data.has_times();
  out->unit = data.unit();
  out->half_life = data.store()->half_life;
  out->reference = data.store()->reference;
  core::sparse_rows& to = out->by_user;
  to.rows = from.rows;
  to.columns = from.columns;
  to.offsets.assign(from.rows + 1, 0);
  const std::size_t blocks = (from.rows + select_rows - 1) / select_rows;
  const auto each_row = [&](std::size_t block, auto&& f) {
    for (std::size_t u = block * select_rows; u < std::min(from.rows, (block + 1) * select_rows); ++u) f(u);
  };
  core::parallel_blocks(blocks, part_of(run, 0, .3), [&](std::size_t block) {
    each_row(block, [&](std::size_t u) {
      for (std::uint64_t e = from.offsets[u]; e < from.offsets[u + 1]; ++e) to.offsets[u + 1] += keep[e] != 0;
    });
  });
  for (std::size_t u = 0; u < from.rows; ++u) to.offsets[u + 1] += to.offsets[u];
  to.index.resize(to.offsets.back());
  if (from.value != nullptr) to.value.resize(to.offsets.back());
  if (out->has_times) out->times.resize(to.offsets.back());
  core::parallel_blocks(blocks, part_of(run, .3, 1), [&](std::size_t block) {
    each_row(block, [&](std::size_t u) {
      std::uint64_t at = to.offsets[u];
      for (std::uint64_t e = from.offsets[u]; e < from.offsets[u + 1]; ++e) {
        if (keep[e] == 0) continue;
        to.index[at] = item_number == nullptr ? from.index[e] : (*item_number)[from.index[e]];
        if (from.value != nullptr) to.value[at] = from.value[e];
        if (out->has_times) out->times[at] = data.times()[e];
        ++at;
      }
    });
  });
  return out;
}

}  // namespace

interactions select(const interactions& data, const std::vector<std::uint8_t>& keep, const run_options& run) {
  auto out = keep_entries(data, keep, nullptr, part_of(run, 0, .6));
  out->users = data.users();
  out->items = data.items();
  return finish(std::move(out), part_of(run, .6, 1));
}

}  // namespace detail

namespace {

const std::shared_ptr<const detail::interaction_store>& empty_store() {
  static const auto store = std::make_shared<const detail::interaction_store>();
  return store;
}

}  // namespace

interactions::interactions() : store_(empty_store()) {}
interactions::interactions(std::shared_ptr<const detail::interaction_store> store) : store_(std::move(store)) {}

std::size_t interactions::n_users() const { return store_->by_user.rows; }
std::size_t interactions::n_items() const { return store_->by_user.columns; }
std::uint64_t interactions::size() const { return store_->by_user.offsets.back(); }
core::sparse_view interactions::by_user() const { return store_->by_user; }
core::sparse_view interactions::by_item() const { return store_->by_item; }
const core::id_map& interactions::users() const { return store_->users; }
const core::id_map& interactions::items() const { return store_->items; }
bool interactions::has_times() const { return store_->has_times; }
time_unit interactions::unit() const { return store_->unit; }
std::span<const std::int64_t> interactions::times() const { return store_->times; }

std::size_t interactions::memory_bytes() const {
  std::size_t bytes = sizeof *store_ + store_->users.memory_bytes() + store_->items.memory_bytes() +
                      store_->times.capacity() * sizeof(std::int64_t);
  for (const core::sparse_rows* m : {&store_->by_user, &store_->by_item})
    bytes += m->offsets.capacity() * sizeof(std::uint64_t) + m->index.capacity() * sizeof(std::uint32_t) +
             m->value.capacity() * sizeof(float);
  return bytes;
}

const char* describe(interaction_reason reason) {
  switch (reason) {
    case interaction_reason::null_user:
      return "the user is missing";
    case interaction_reason::null_item:
      return "the item is missing";
    case interaction_reason::bad_user:
      return "the user is not a whole number of 64 bits";
    case interaction_reason::bad_item:
      return "the item is not a whole number of 64 bits";
    case interaction_reason::null_weight:
      return "the weight is missing";
    case interaction_reason::bad_weight:
      return "the weight is not a number";
    case interaction_reason::negative_weight:
      return "the weight is negative";
    case interaction_reason::infinite_weight:
      return "the weight is not finite";
    case interaction_reason::zero_weight:
      return "the weight is 0";
    case interaction_reason::null_time:
      return "the time is missing";
    case interaction_reason::bad_time:
      return "the time cannot be read";
    case interaction_reason::null_event:
      return "the type of event is missing";
    case interaction_reason::unknown_event:
      return "the type of event has no weight";
  }
  return "unknown reason";
}

interaction_build build_interactions(const interaction_columns& columns, const interaction_options& options,
                                     const run_options& run) {
  return detail::assemble(detail::read_rows(columns, options, part_of(run, 0, .3)), nullptr, options,
                          std::make_shared<detail::interaction_store>(), part_of(run, .3, 1));
}

interaction_build build_interactions(const core::sparse_view& matrix, const interaction_options& options,
                                     const core::id_map& users, const core::id_map& items, const run_options& run) {
  auto store = std::make_shared<detail::interaction_store>();
  const auto ids = [](const core::id_map& given, std::size_t n, const char* field, const char* of) {
    if (given.size() == 0) return core::id_map::integers(0, n);
    if (given.size() != n)
      reject(field, std::to_string(given.size()) + " ids", "give one for each of the " + std::to_string(n) + ' ' + of);
    return given;
  };
  store->users = ids(users, matrix.rows, "users", "rows");
  store->items = ids(items, matrix.columns, "items", "columns");
  return detail::assemble(detail::read_rows(matrix, options, part_of(run, 0, .3)), nullptr, options, std::move(store),
                          part_of(run, .3, 1));
}

interaction_build read_interactions(ArrowArrayStream* stream, const interaction_names& names, const interaction_options& options,
                                    const run_options& run) {
  return detail::assemble(detail::read_rows(stream, names, options, run), nullptr, options,
                          std::make_shared<detail::interaction_store>(), run);
}

interaction_build append(const interactions& data, const interaction_columns& columns, const interaction_options& options,
                         const run_options& run) {
  return detail::extend(data, detail::read_rows(columns, options, part_of(run, 0, .3)), options, part_of(run, .3, 1));
}

interaction_build append(const interactions& data, ArrowArrayStream* stream, const interaction_names& names,
                         const interaction_options& options, const run_options& run) {
  return detail::extend(data, detail::read_rows(stream, names, options, run), options, run);
}

interactions filter_counts(const interactions& data, std::uint64_t min_user_count, std::uint64_t min_item_count,
                           const run_options& run) {
  const core::sparse_view by_user = data.by_user(), by_item = data.by_item();
  std::vector<std::uint64_t> user_count(by_user.rows), item_count(by_item.rows);
  for (std::size_t u = 0; u < by_user.rows; ++u) user_count[u] = by_user.length(u);
  for (std::size_t i = 0; i < by_item.rows; ++i) item_count[i] = by_item.length(i);

  // Who falls below a limit leaves once, and takes one from the counts of those on the other side.
  std::vector<std::uint8_t> user_out(by_user.rows, 0), item_out(by_item.rows, 0);
  std::vector<std::uint32_t> users, items;
  for (std::size_t u = 0; u < by_user.rows; ++u)
    if (user_count[u] < std::max<std::uint64_t>(min_user_count, 1)) users.push_back(static_cast<std::uint32_t>(u));
  for (std::size_t i = 0; i < by_item.rows; ++i)
    if (item_count[i] < std::max<std::uint64_t>(min_item_count, 1)) items.push_back(static_cast<std::uint32_t>(i));
  for (const auto u : users) user_out[u] = 1;
  for (const auto i : items) item_out[i] = 1;
  core::pulse pulse(run);
  while (!users.empty() || !items.empty()) {
    pulse.beat(0);
    const auto leave = [](std::vector<std::uint32_t>& leaving, const core::sparse_view& matrix,
                          std::vector<std::uint64_t>& other_count, std::vector<std::uint8_t>& other_out,
                          std::vector<std::uint32_t>& others, std::uint64_t limit) {
      const std::uint32_t one = leaving.back();
      leaving.pop_back();
      for (const std::uint32_t other : matrix.indices(one)) {
        if (other_out[other] != 0 || --other_count[other] >= std::max<std::uint64_t>(limit, 1)) continue;
        other_out[other] = 1;
        others.push_back(other);
      }
    };
    if (!users.empty())
      leave(users, by_user, item_count, item_out, items, min_item_count);
    else
      leave(items, by_item, user_count, user_out, users, min_user_count);
  }

  std::vector<std::uint32_t> kept_users, kept_items, item_number(by_item.rows, 0);
  for (std::size_t u = 0; u < by_user.rows; ++u)
    if (user_out[u] == 0) kept_users.push_back(static_cast<std::uint32_t>(u));
  for (std::size_t i = 0; i < by_item.rows; ++i) {
    if (item_out[i] != 0) continue;
    item_number[i] = static_cast<std::uint32_t>(kept_items.size());
    kept_items.push_back(static_cast<std::uint32_t>(i));
  }
  if (kept_users.size() == by_user.rows && kept_items.size() == by_item.rows) return data;
  std::vector<std::uint8_t> keep(data.size());
  for (std::size_t u = 0; u < by_user.rows; ++u)
    for (std::uint64_t e = by_user.offsets[u]; e < by_user.offsets[u + 1]; ++e)
      keep[e] = user_out[u] == 0 && item_out[by_user.index[e]] == 0;
  auto out = detail::keep_entries(data, keep, &item_number, part_of(run, 0, .6));
  keep = {};
  core::sparse_rows& rows = out->by_user;
  for (std::size_t k = 0; k < kept_users.size(); ++k) rows.offsets[k + 1] = rows.offsets[kept_users[k] + 1];
  rows.offsets.resize(kept_users.size() + 1);
  rows.rows = kept_users.size();
  rows.columns = kept_items.size();
  out->users = data.users().take(kept_users);
  out->items = data.items().take(kept_items);
  return detail::finish(std::move(out), part_of(run, .6, 1));
}

}  // namespace clarion::recommend
