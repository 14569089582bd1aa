#include "clarion/segment/purchases.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/segment/detail/purchase_store.hpp"
#include "segment/purchase_findings.hpp"
#include "segment/purchase_parts.hpp"
#include "segment/purchase_rows.hpp"

namespace clarion::segment {

namespace detail {

namespace {

constexpr const char* too_many = "split the table: one object holds fewer than 2^32 - 1";

// Texts of all pieces get numbers, which are then the ids of the rows; returns the texts.
core::id_map number_customers(std::vector<purchase_piece>& pieces, const run_options& run) {
  std::vector<std::vector<std::string_view>> texts;
  for (auto& piece : pieces) texts.push_back(std::move(piece.customers.texts));
  std::vector<std::vector<std::uint32_t>> numbers;
  core::id_map out =
      core::detail::map_of(core::detail::rank_pieces(std::move(texts), numbers, "customer", too_many, run), "customer");
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    pieces[p].ids.assign(numbers[p].begin(), numbers[p].end());
    pieces[p].customers.bytes = {};
    if (pieces[p].ids.empty()) continue;
    const auto [low, high] = std::ranges::minmax(pieces[p].ids);
    pieces[p].low = low;
    pieces[p].high = high;
  }
  return out;
}

template <class Key>
void number_invoices(std::vector<purchase_piece>& pieces, std::vector<std::vector<Key>> keys, const run_options& run) {
  std::vector<std::vector<std::uint32_t>> numbers;
  core::detail::rank_pieces(std::move(keys), numbers, "invoice", too_many, run);
  core::parallel_blocks(pieces.size(), run, [&](std::size_t p) {
    for (auto& code : pieces[p].invoice) code = numbers[p][code];
    pieces[p].invoices = {};
  });
}

void number_invoices(std::vector<purchase_piece>& pieces, const run_options& run) {
  const bool text = std::ranges::any_of(pieces, [](const auto& piece) { return !piece.invoices.texts.empty(); });
  if (text) {
    std::vector<std::vector<std::string_view>> keys;
    for (auto& piece : pieces) keys.push_back(std::move(piece.invoices.texts));
    number_invoices(pieces, std::move(keys), run);
  } else {
    std::vector<std::vector<std::int64_t>> keys;
    for (auto& piece : pieces) keys.push_back(std::move(piece.invoices.integers));
    number_invoices(pieces, std::move(keys), run);
  }
}

// Ids of all parts, ascending, and in rank[p][k] the place of customer k of part p among them.
std::vector<std::int64_t> rank_ids(const part_frame& frame, std::vector<purchase_part>& parts,
                                   std::vector<std::vector<std::uint32_t>>& rank, const run_options& run) {
  if (!frame.dense) {
    std::vector<std::vector<std::int64_t>> ids;
    for (auto& part : parts) ids.push_back(std::move(part.id));
    return core::detail::rank_shards(std::move(ids), rank, "customer", too_many, run);
  }
  // Ids lie close together: a bit for each that could be.
  const std::uint64_t first = frame.first_high << part_bits;
  std::vector<std::uint64_t> present(frame.highs * n_parts / 64, 0);
  for (const auto& part : parts)
    for (const std::int64_t id : part.id) {
      const std::uint64_t at = static_cast<std::uint64_t>(id) - first;
      present[at / 64] |= std::uint64_t{1} << (at % 64);
    }
  std::vector<std::uint32_t> before(present.size());
  std::uint64_t count = 0;
  for (std::size_t w = 0; w < present.size(); ++w) {
    before[w] = static_cast<std::uint32_t>(count);
    count += static_cast<std::uint64_t>(std::popcount(present[w]));
  }
  if (count >= std::numeric_limits<std::uint32_t>::max()) reject("customer", std::to_string(count) + " distinct ids", too_many);
  std::vector<std::int64_t> ids;
  ids.reserve(count);
  for (std::size_t w = 0; w < present.size(); ++w)
    for (std::uint64_t bits = present[w]; bits != 0; bits &= bits - 1)
      ids.push_back(static_cast<std::int64_t>(first + w * 64 + static_cast<std::uint64_t>(std::countr_zero(bits))));
  rank.resize(parts.size());
  core::parallel_blocks(parts.size(), run, [&](std::size_t p) {
    rank[p].reserve(parts[p].id.size());
    for (const std::int64_t id : parts[p].id) {
      const std::uint64_t at = static_cast<std::uint64_t>(id) - first;
      const std::uint64_t below = (std::uint64_t{1} << (at % 64)) - 1;
      rank[p].push_back(before[at / 64] + static_cast<std::uint32_t>(std::popcount(present[at / 64] & below)));
    }
  });
  return ids;
}

part_frame frame_of(const purchase_pieces& rows, purchase_unit unit) {
  part_frame out{rows.pieces, unit};
  bool any = false;
  std::uint64_t used = 0;
  std::int64_t low = 0, high = 0;
  for (const auto& piece : rows.pieces) {
    if (piece.rows.empty()) continue;
    used += piece.rows.size();
    low = any ? std::min(low, piece.low) : piece.low;
    high = any ? std::max(high, piece.high) : piece.high;
    out.first_day = any ? std::min(out.first_day, piece.first_day) : piece.first_day;
    out.last_day = any ? std::max(out.last_day, piece.last_day) : piece.last_day;
    any = true;
  }
  // High bits of negative numbers are above those of others; what straddles zero has no places.
  out.first_high = high_of(low);
  const std::uint64_t places = high_of(high) - out.first_high;
  out.dense = any && (low < 0) == (high < 0) && places <= (used >> part_bits) * 4 + 64;
  out.highs = out.dense ? static_cast<std::size_t>(places) + 1 : 0;
  return out;
}

purchase_report report_of(purchase_pieces& rows, const std::vector<purchase_part>& parts, const purchase_options& options) {
  purchase_report out;
  out.rows_read = rows.rows_read;
  out.by_reason.assign(n_purchase_reasons, 0);
  std::vector<std::uint64_t> orphans;
  for (const auto& part : parts) {
    out.sales += part.sales;
    out.returns += part.returns;
    orphans.insert(orphans.end(), part.orphans.begin(), part.orphans.end());
  }
  std::ranges::sort(orphans);
  auto orphan = orphans.begin();
  const auto add = [&](std::uint64_t row, purchase_reason why, std::string value) {
    if (out.value.size() < options.report_rows) out.value.push_back(std::move(value));
    out.row.push_back(row);
    out.reason.push_back(why);
    ++out.by_reason[static_cast<std::size_t>(why)];
  };
  const auto add_orphans = [&](std::uint64_t before) {
    for (; orphan != orphans.end() && *orphan < before; ++orphan) add(*orphan, purchase_reason::return_without_purchase, {});
  };
  for (auto& piece : rows.pieces)
    for (std::size_t b = 0; b < piece.bad.size(); ++b) {
      const std::uint64_t row = piece.first_row + piece.bad[b];
      add_orphans(row);
      add(row, piece.bad_reason[b], b < piece.bad_value.size() ? std::move(piece.bad_value[b]) : std::string());
    }
  add_orphans(std::numeric_limits<std::uint64_t>::max());
  out.set_aside = out.row.size();
  return out;
}

// What came back in all parts, by customer: counted, then put in place.
std::vector<purchase_return> returns_of(std::vector<purchase_part>& parts, const std::vector<std::vector<std::uint32_t>>& rank,
                                        std::size_t customers) {
  std::size_t n = 0;
  for (const auto& part : parts) n += part.came_back.size();
  if (n == 0) return {};
  std::vector<std::uint64_t> at(customers + 1, 0);
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (const auto& one : parts[p].came_back) ++at[rank[p][one.customer] + 1];
  for (std::size_t c = 0; c < customers; ++c) at[c + 1] += at[c];
  std::vector<purchase_return> out(n);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    for (const auto& one : parts[p].came_back) {
      const std::uint32_t to = rank[p][one.customer];
      out[at[to]++] = {to, one.day, one.amount};
    }
    parts[p].came_back = {};
  }
  return out;
}

purchase_build assemble(purchase_pieces rows, const purchase_options& options, bool keep, const run_options& run) {
  auto store = std::make_shared<purchase_store>();
  core::id_map texts;
  if (rows.customers == core::id_kind::text) texts = number_customers(rows.pieces, part_of(run, 0, .2));
  if (rows.has_invoices) number_invoices(rows.pieces, part_of(run, .2, .4));
  if (rows.customers == core::id_kind::text || rows.has_invoices)
    core::parallel_blocks(rows.pieces.size(), part_of(run, .4, .5), [&](std::size_t p) { deal(rows.pieces[p]); });

  const purchase_unit unit = options.purchase == "days"       ? purchase_unit::days
                             : options.purchase == "invoices" ? purchase_unit::invoices
                                                              : purchase_unit::rows;
  const part_frame frame = frame_of(rows, unit);
  std::vector<std::uint64_t> room(n_parts + 1, 0);
  for (const auto& piece : rows.pieces)
    if (!piece.rows.empty())
      for (std::size_t p = 0; p < n_parts; ++p) {
        room[p + 1] += piece.begin[p + 1] - piece.begin[p];
        if (room[p + 1] > std::numeric_limits<std::uint32_t>::max())
          reject("customer", "2^32 rows or more of a few ids", too_many);
      }
  for (std::size_t p = 0; p < n_parts; ++p) room[p + 1] += room[p];
  std::unique_ptr<std::int32_t[]> day;
  std::unique_ptr<double[]> amount;
  if (keep) {
    store->room = room[n_parts];
    day = std::make_unique_for_overwrite<std::int32_t[]>(store->room);
    amount = std::make_unique_for_overwrite<double[]>(store->room);
  }
  std::vector<purchase_part> parts(n_parts);
  core::detail::scratch_pool<part_scratch> pool;
  core::parallel_blocks(n_parts, part_of(run, .5, .9), [&](std::size_t p) {
    auto scratch = pool.take();
    parts[p] = make_part(frame, p, *scratch, keep ? day.get() + room[p] : nullptr, keep ? amount.get() + room[p] : nullptr);
    pool.give(std::move(scratch));
  });
  store->day = std::move(day);
  store->amount = std::move(amount);
  purchase_build out;
  out.report = report_of(rows, parts, options);
  const std::int32_t last_day = frame.last_day;
  rows.pieces = {};

  std::vector<std::vector<std::uint32_t>> rank;
  std::vector<std::int64_t> ids = rank_ids(frame, parts, rank, part_of(run, .9, .95));
  const std::size_t n = ids.size();
  store->start.resize(n);
  store->count.resize(n);
  store->first.resize(n);
  store->last.resize(n);
  store->bought.resize(n);
  store->returned.resize(n);
  core::parallel_blocks(n_parts, part_of(run, .95, 1), [&](std::size_t p) {
    const purchase_part& part = parts[p];
    for (std::size_t k = 0; k < part.count.size(); ++k) {
      const std::uint32_t to = rank[p][k];
      store->start[to] = room[p] + part.start[k];
      store->count[to] = part.count[k];
      store->first[to] = part.first[k];
      store->last[to] = part.last[k];
      store->bought[to] = part.bought[k];
      store->returned[to] = part.returned[k];
    }
  });
  for (const auto& part : parts) store->n_purchases += part.purchases;
  store->returns = returns_of(parts, rank, n);
  if (rows.customers != core::id_kind::text) {
    store->customers = core::id_map::integers(std::move(ids), "customer");
  } else if (n == texts.size()) {
    store->customers = std::move(texts);
  } else {
    store->customers = texts.take(std::vector<std::uint32_t>(ids.begin(), ids.end()));
  }
  store->at = options.at ? *options.at : core::from_day_number(n > 0 ? last_day : 0);
  store->has_amounts = rows.has_amounts;
  store->kept = keep;
  out.report.findings = purchase_findings(*store, out.report);
  out.data = purchases(std::move(store));
  return out;
}

}  // namespace

purchase_build read_purchases(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& options, bool keep,
                              const run_options& run) {
  return assemble(read_rows(stream, names, options, run), options, keep, run);
}

purchase_build build_purchases(const purchase_columns& columns, const purchase_options& options, bool keep,
                               const run_options& run) {
  return assemble(read_rows(columns, options, part_of(run, 0, .4)), options, keep, part_of(run, .4, 1));
}

}  // namespace detail

const char* describe(purchase_reason reason) {
  switch (reason) {
    case purchase_reason::null_customer:
      return "no customer";
    case purchase_reason::bad_customer:
      return "customer is no id";
    case purchase_reason::null_date:
      return "no date";
    case purchase_reason::bad_date:
      return "date is no day";
    case purchase_reason::future_date:
      return "date after the reference date";
    case purchase_reason::null_amount:
      return "no amount";
    case purchase_reason::bad_amount:
      return "amount is not a number";
    case purchase_reason::huge_amount:
      return "amount beyond 1e15";
    case purchase_reason::null_invoice:
      return "no invoice";
    case purchase_reason::null_currency:
      return "no currency";
    case purchase_reason::other_currency:
      return "another currency";
    case purchase_reason::return_without_purchase:
      return "return of a customer without a purchase";
  }
  return "";
}

purchases::purchases() {
  static const auto nobody = std::make_shared<const detail::purchase_store>();
  store_ = nobody;
}
purchases::purchases(std::shared_ptr<const detail::purchase_store> store) : store_(std::move(store)) {}

std::size_t purchases::size() const { return store_->count.size(); }
std::uint64_t purchases::n_purchases() const { return store_->n_purchases; }
const core::id_map& purchases::customers() const { return store_->customers; }
date purchases::at() const { return store_->at; }
bool purchases::has_amounts() const { return store_->has_amounts; }
std::span<const std::int32_t> purchases::first_day() const { return store_->first; }
std::span<const std::int32_t> purchases::last_day() const { return store_->last; }
std::span<const std::uint32_t> purchases::count() const { return store_->count; }
std::span<const double> purchases::bought() const { return store_->bought; }
std::span<const double> purchases::returned() const { return store_->returned; }

history purchases::of(std::size_t customer) const {
  if (!store_->kept) return {};
  const std::uint64_t start = store_->start[customer];
  const std::uint32_t count = store_->count[customer];
  history out{{store_->day.get() + start, count}, {}};
  if (store_->has_amounts) out.amount = {store_->amount.get() + start, count};
  return out;
}

std::size_t purchases::memory_bytes() const {
  return store_->customers.memory_bytes() + size() * 40 + store_->room * (sizeof(std::int32_t) + sizeof(double)) +
         store_->returns.size() * sizeof(detail::purchase_return);
}

purchase_build build_purchases(const purchase_columns& columns, const purchase_options& options, const run_options& run) {
  return detail::build_purchases(columns, options, true, run);
}

purchase_build read_purchases(ArrowArrayStream* stream, const purchase_names& names, const purchase_options& options,
                              const run_options& run) {
  return detail::read_purchases(stream, names, options, true, run);
}

purchases purchases_until(const purchases& all, date at, const run_options& run) {
  const detail::purchase_store& from = *all.store();
  if (!from.kept && all.size() > 0) reject("data", "purchases that were not kept", "read them with read_purchases");
  const std::int32_t day = core::day_number(at);
  if (day > core::day_number(from.at))
    reject("at", core::to_string(at), "give no later day than they were read until, " + core::to_string(from.at));
  if (at == from.at) return all;
  constexpr std::size_t together = 8192;
  const std::size_t n = all.size(), blocks = (n + together - 1) / together;
  std::vector<std::uint32_t> count(n);  // purchases until then
  std::vector<std::uint32_t> before(blocks + 1, 0);
  core::parallel_blocks(blocks, part_of(run, 0, .3), [&](std::size_t b) {
    for (std::size_t c = b * together; c < std::min(n, (b + 1) * together); ++c) {
      const auto days = all.of(c).day;
      count[c] = static_cast<std::uint32_t>(std::ranges::upper_bound(days, day) - days.begin());
      before[b + 1] += count[c] > 0;
    }
  });
  for (std::size_t b = 0; b < blocks; ++b) before[b + 1] += before[b];
  const std::size_t kept = before[blocks];
  auto store = std::make_shared<detail::purchase_store>();
  store->at = at;
  store->has_amounts = from.has_amounts;
  store->day = from.day;
  store->amount = from.amount;
  store->room = from.room;
  store->start.resize(kept);
  store->count.resize(kept);
  store->first.resize(kept);
  store->last.resize(kept);
  store->bought.resize(kept);
  store->returned.resize(kept);
  std::vector<std::uint32_t> number(kept);
  std::vector<std::uint64_t> purchased(blocks, 0);
  std::vector<std::vector<detail::purchase_return>> returns(blocks);
  core::parallel_blocks(blocks, part_of(run, .3, .9), [&](std::size_t b) {
    std::uint32_t to = before[b];
    auto back = std::ranges::lower_bound(from.returns, b * together, {}, &detail::purchase_return::customer);
    for (std::size_t c = b * together; c < std::min(n, (b + 1) * together); ++c) {
      while (back != from.returns.end() && back->customer < c) ++back;
      if (count[c] == 0) continue;
      const std::int32_t* days = from.day.get() + from.start[c];
      const double* amounts = from.amount.get() + from.start[c];
      number[to] = static_cast<std::uint32_t>(c);
      store->start[to] = from.start[c];
      store->count[to] = count[c];
      store->first[to] = days[0];
      store->last[to] = days[count[c] - 1];
      double bought = 0, returned = 0;
      for (std::uint32_t i = 0; i < count[c]; ++i) bought += amounts[i];
      for (; back != from.returns.end() && back->customer == c; ++back) {
        if (back->day > day) continue;
        returned += back->amount;
        returns[b].push_back({to, back->day, back->amount});
      }
      store->bought[to] = bought;
      store->returned[to] = returned;
      purchased[b] += count[c];
      ++to;
    }
  });
  for (std::size_t b = 0; b < blocks; ++b) {
    store->n_purchases += purchased[b];
    store->returns.insert(store->returns.end(), returns[b].begin(), returns[b].end());
  }
  store->customers = from.customers.take(number);
  return purchases(std::move(store));
}

}  // namespace clarion::segment
