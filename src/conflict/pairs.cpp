#include "clarion/conflict/pairs.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/conflict/overlap.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "conflict/progress.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using core::day_number;

struct pair_row {
  std::uint32_t a, b;
  std::int32_t shared_days, days_apart;
  double shared, jaccard, share_a, share_b, rate;
  std::uint8_t reasons;

  double containment() const { return std::max(share_a, share_b); }
  double weight() const { return rate * shared_days; }
};

/// A total order, so that the pairs kept do not depend on how the work was cut.
bool heavier(const pair_row& x, const pair_row& y) {
  const double wx = x.weight(), wy = y.weight();
  return wx != wy ? wx > wy : std::pair(x.a, x.b) < std::pair(y.a, y.b);
}

/// Lists of positions by key, ascending; keys are dense.
struct inverted_index {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> positions;

  std::span<const std::uint32_t> operator[](std::size_t key) const {
    return std::span(positions).subspan(offsets[key], offsets[key + 1] - offsets[key]);
  }
};

/// keys(position) gives the keys of one position.
template <class Keys>
inverted_index invert(std::size_t n_positions, std::size_t n_keys, const Keys& keys) {
  inverted_index out;
  out.offsets.assign(n_keys + 1, 0);
  for (std::size_t p = 0; p < n_positions; ++p)
    for (const auto key : keys(p)) ++out.offsets[key + 1];
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.positions.resize(out.offsets.back());
  auto next = out.offsets;
  for (std::size_t p = 0; p < n_positions; ++p)
    for (const auto key : keys(p)) out.positions[next[key]++] = static_cast<std::uint32_t>(p);
  return out;
}

/// The campaigns that count, in start order: position p is row[p].
struct calendar {
  std::vector<std::uint32_t> row;
  std::vector<std::int32_t> start, end;

  std::size_t size() const { return row.size(); }
};

calendar by_start(const schema::portfolio& portfolio) {
  calendar out;
  for (std::size_t c = 0; c < portfolio.size(); ++c)
    if (counts(portfolio, c)) out.row.push_back(static_cast<std::uint32_t>(c));
  std::stable_sort(out.row.begin(), out.row.end(),
                   [&](std::uint32_t x, std::uint32_t y) { return portfolio.start[x] < portfolio.start[y]; });
  for (const auto c : out.row) {
    out.start.push_back(day_number(portfolio.start[c]));
    out.end.push_back(day_number(portfolio.end[c]));
  }
  return out;
}

void make_set(std::vector<std::uint32_t>& codes) {
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
}

/// What each position sells: the entries that it names, and the categories of those that are products, as far as other
/// campaigns name them. Each ascending, without repetition.
struct assortment {
  std::vector<std::vector<std::uint32_t>> named, above;
};

assortment find_products(const schema::portfolio& portfolio, const calendar& days, const schema::catalog* catalog) {
  const auto& values = portfolio.products.values;
  const auto first = schema::detail::comparable_codes(values);
  constexpr auto none = core::category_column::none;
  std::vector<std::uint32_t> category_of(values.size(), none);
  if (catalog != nullptr) {
    std::unordered_map<std::string, std::uint32_t> code_of;
    for (std::uint32_t code = 0; code < values.size(); ++code)
      code_of.emplace(schema::detail::comparable(values[code]), first[code]);
    std::unordered_map<std::string, const schema::product*> sold;
    for (const auto& product : catalog->products) sold.emplace(schema::detail::comparable(product.id), &product);
    for (const auto& product : catalog->products) sold.emplace(schema::detail::comparable(product.name), &product);
    for (std::uint32_t code = 0; code < values.size(); ++code) {
      const auto product = sold.find(schema::detail::comparable(values[code]));
      if (product == sold.end()) continue;
      const auto category = code_of.find(schema::detail::comparable(product->second->category));
      if (category != code_of.end() && category->second != first[code]) category_of[code] = category->second;
    }
  }
  assortment out;
  out.named.resize(days.size());
  out.above.resize(days.size());
  for (std::size_t p = 0; p < days.size(); ++p) {
    for (const auto code : portfolio.products[days.row[p]]) {
      out.named[p].push_back(first[code]);
      if (category_of[code] != none) out.above[p].push_back(category_of[code]);
    }
    make_set(out.named[p]);
    make_set(out.above[p]);
  }
  return out;
}

bool meet(const std::vector<std::uint32_t>& x, const std::vector<std::uint32_t>& y) {
  for (std::size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    if (x[i] == y[j]) return true;
    if (x[i] < y[j])
      ++i;
    else
      ++j;
  }
  return false;
}

/// What memberships say: for each position its later partners that share customers.
struct exact_overlap {
  struct partner {
    std::uint32_t position;
    std::uint64_t shared;
  };
  std::vector<std::uint8_t> has;       ///< by position: has memberships
  std::vector<std::uint64_t> members;  ///< by position
  std::vector<std::vector<partner>> partners;
};

exact_overlap count_overlap(const schema::portfolio& portfolio, const schema::audiences* audiences, const calendar& days,
                            std::int32_t within_days, const run_options& run) {
  exact_overlap out;
  out.has.assign(days.size(), 0);
  out.members.assign(days.size(), 0);
  out.partners.resize(days.size());
  if (audiences == nullptr || audiences->size() == 0) return out;

  const auto rows = audience_rows(portfolio, *audiences);
  std::vector<std::uint32_t> position_of(audiences->size(), no_audience);
  for (std::size_t p = 0; p < days.size(); ++p) {
    const auto member_row = rows[days.row[p]];
    if (member_row == no_audience) continue;
    out.has[p] = 1;
    out.members[p] = audiences->count(member_row);
    position_of[member_row] = static_cast<std::uint32_t>(p);
  }
  overlap_options options;
  options.min_shared = 1;
  // Audiences without a campaign here run on days of their own, long before any other, and so meet nothing.
  std::int32_t far = std::numeric_limits<std::int32_t>::min();
  for (const auto p : position_of) {
    if (p == no_audience)
      options.concurrent_only.push_back({far, far});
    else
      options.concurrent_only.push_back({days.start[p], days.end[p] + within_days});
    ++far;
  }
  const auto table = overlap(*audiences, options, run);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto p = position_of[table.a[i]], q = position_of[table.b[i]];
    out.partners[std::min(p, q)].push_back({std::max(p, q), table.shared[i]});
  }
  return out;
}

}  // namespace

std::vector<std::uint32_t> audience_rows(const schema::portfolio& portfolio, const schema::audiences& audiences) {
  std::unordered_map<std::string_view, std::uint32_t> row_of;
  const auto& labels = audiences.campaigns();
  row_of.reserve(labels.size());
  for (std::uint32_t i = 0; i < labels.size(); ++i) row_of.emplace(labels[i], i);
  std::vector<std::uint32_t> out(portfolio.size(), no_audience);
  for (std::size_t c = 0; c < portfolio.size(); ++c) {
    const auto at = row_of.find(portfolio.id[c]);
    if (at == row_of.end()) continue;
    out[c] = at->second;
    row_of.erase(at);
  }
  return out;
}

pair_table pairs(const schema::portfolio& portfolio, const schema::audiences* audiences, const pair_options& options,
                 const run_options& run) {
  core::check_options(options);
  const calendar days = by_start(portfolio);
  const std::size_t n = days.size();
  const declared_audiences declared = declare_audiences(portfolio);
  const exact_overlap exact = count_overlap(portfolio, audiences, days, options.within_days, part_of(run, 0, 0));
  const assortment products = find_products(portfolio, days, options.catalog);
  const auto channel = [&] {
    const auto first = schema::detail::comparable_codes(portfolio.channel.values);
    auto codes = portfolio.channel.codes;
    for (auto& code : codes)
      if (code != core::category_column::none) code = first[code];
    return codes;
  }();

  const auto segments = invert(n, declared.segments.size(), [&](std::size_t p) { return declared[days.row[p]]; });
  const auto everyone = invert(n, 1, [&](std::size_t p) {
    static constexpr std::uint32_t key[] = {0};
    return std::span<const std::uint32_t>(key, declared.everyone[days.row[p]] != 0 ? 1 : 0);
  });
  // Products of one channel: two campaigns meet here only when both are the same.
  std::unordered_map<std::uint64_t, std::uint32_t> sold_codes;
  const auto on_channel = [&](const std::vector<std::vector<std::uint32_t>>& codes) {
    std::vector<std::vector<std::uint32_t>> out(n);
    for (std::size_t p = 0; p < n; ++p) {
      const auto through = channel[days.row[p]];
      if (through == core::category_column::none) continue;
      for (const auto product : codes[p]) {
        const auto key = (std::uint64_t{through} << 32) | product;
        out[p].push_back(sold_codes.emplace(key, static_cast<std::uint32_t>(sold_codes.size())).first->second);
      }
    }
    return out;
  };
  const auto sold = on_channel(products.named), sold_above = on_channel(products.above);
  const auto sellers = invert(n, sold_codes.size(), [&](std::size_t p) -> const auto& { return sold[p]; });
  const auto sellers_above = invert(n, sold_codes.size(), [&](std::size_t p) -> const auto& { return sold_above[p]; });

  // Blocks of positions by the size alone; after each batch of blocks the pairs are cut back to the heaviest.
  const std::size_t block_size = std::max<std::size_t>(32, n / 512), blocks = (n + block_size - 1) / block_size;
  constexpr std::size_t batch = 64;
  std::vector<pair_row> found;
  std::uint64_t left_out = 0;
  const auto cut = [&] {
    if (found.size() <= options.max_pairs) return;
    const auto keep = found.begin() + static_cast<std::ptrdiff_t>(options.max_pairs);
    std::nth_element(found.begin(), keep, found.end(), heavier);
    left_out += static_cast<std::uint64_t>(found.end() - keep);
    found.erase(keep, found.end());
  };

  // As declared_overlap, where the segments that both name are counted already.
  const auto estimate = [&](std::uint32_t row, std::uint32_t other, std::uint32_t both) -> overlap_estimate {
    if (declared.everyone[row] != 0 || declared.everyone[other] != 0) return declared_overlap(declared, row, other);
    const auto x = static_cast<double>(declared[row].size()), y = static_cast<double>(declared[other].size());
    return {both / (x + y - both), both / x, both / y};
  };

  const auto search = [&](std::size_t block, std::vector<pair_row>& out) {
    std::vector<std::uint32_t> shared_segments(n, 0);
    std::vector<std::uint8_t> seen(n, 0);
    std::vector<std::uint32_t> touched;
    for (std::size_t p = block * block_size; p < std::min(n, (block + 1) * block_size); ++p) {
      const auto row = days.row[p];
      const auto limit = static_cast<std::int64_t>(days.end[p]) + options.within_days;
      const auto past = static_cast<std::uint32_t>(
          std::upper_bound(days.start.begin() + static_cast<std::ptrdiff_t>(p), days.start.end(), limit) - days.start.begin());
      const auto touch = [&](std::uint32_t q) {
        if (seen[q] == 0) {
          seen[q] = 1;
          touched.push_back(q);
        }
      };
      const auto walk = [&](std::span<const std::uint32_t> list, auto&& visit) {
        for (auto at = std::upper_bound(list.begin(), list.end(), static_cast<std::uint32_t>(p)); at != list.end() && *at < past;
             ++at)
          visit(*at);
      };
      const bool known = declared.known(row);
      if (declared.everyone[row] != 0) {
        for (auto q = static_cast<std::uint32_t>(p) + 1; q < past; ++q)
          if (declared.known(days.row[q])) touch(q);
      } else {
        for (const auto segment : declared[row])
          walk(segments[segment], [&](std::uint32_t q) {
            touch(q);
            ++shared_segments[q];
          });
        if (known) walk(everyone[0], touch);
      }
      for (const auto key : sold[p]) {
        walk(sellers[key], touch);
        walk(sellers_above[key], touch);
      }
      for (const auto key : sold_above[p]) walk(sellers[key], touch);
      for (const auto& partner : exact.partners[p]) touch(partner.position);
      std::sort(touched.begin(), touched.end());

      // Partners are few and touched is sorted: one pass over both.
      auto partners = exact.partners[p];
      std::sort(partners.begin(), partners.end(), [](const auto& x, const auto& y) { return x.position < y.position; });
      auto partner = partners.begin();

      for (const auto q : touched) {
        const auto other = days.row[q];
        pair_row pair{};
        pair.a = std::min(row, other);
        pair.b = std::max(row, other);
        pair.shared_days = std::max(0, std::min(days.end[p], days.end[q]) - days.start[q] + 1);
        pair.days_apart = std::max(0, days.start[q] - days.end[p]);
        pair.shared = pair.jaccard = pair.share_a = pair.share_b = schema::missing;
        bool in_audience = false;
        if (exact.has[p] != 0 && exact.has[q] != 0) {
          while (partner != partners.end() && partner->position < q) ++partner;
          in_audience = partner != partners.end() && partner->position == q;
          const double shared = in_audience ? static_cast<double>(partner->shared) : 0;
          const auto x = static_cast<double>(exact.members[p]), y = static_cast<double>(exact.members[q]);
          pair.shared = shared;
          pair.jaccard = in_audience ? shared / (x + y - shared) : 0;
          pair.share_a = in_audience ? shared / x : 0;
          pair.share_b = in_audience ? shared / y : 0;
        } else if (known && declared.known(other)) {
          pair.reasons |= estimated;
          const overlap_estimate guess = estimate(row, other, shared_segments[q]);
          in_audience = guess.jaccard > 0;
          pair.jaccard = guess.jaccard;
          pair.share_a = guess.share_a;
          pair.share_b = guess.share_b;
        }
        if (row > other) std::swap(pair.share_a, pair.share_b);
        shared_segments[q] = 0;
        seen[q] = 0;

        if (in_audience) pair.reasons |= shares_audience;
        const bool same_channel = channel[row] != core::category_column::none && channel[row] == channel[other];
        if (same_channel) pair.reasons |= shares_channel;
        if (meet(products.named[p], products.named[q]) || meet(products.named[p], products.above[q]) ||
            meet(products.above[p], products.named[q]))
          pair.reasons |= shares_products;
        const bool competes = same_channel && (pair.reasons & shares_products) != 0;
        if (!in_audience && !competes) continue;
        if (in_audience)
          pair.rate = pair.containment() * (same_channel ? 1 : options.cross_channel) *
                      ((pair.reasons & shares_products) != 0 ? 1 + options.product_weight : 1);
        out.push_back(pair);
      }
      touched.clear();
    }
  };

  for (std::size_t from = 0; from < blocks; from += batch) {
    const std::size_t here = std::min(batch, blocks - from);
    std::vector<std::vector<pair_row>> parts(here);
    const auto share = [&](std::size_t block) { return static_cast<double>(block) / static_cast<double>(blocks); };
    core::parallel_blocks(here, part_of(run, share(from), share(from + here)),
                          [&](std::size_t i) { search(from + i, parts[i]); });
    for (const auto& part : parts) {
      found.insert(found.end(), part.begin(), part.end());
      if (found.size() > 2 * options.max_pairs) cut();
    }
  }
  cut();

  // Ascending by (a, b): a counting sort by a, then each run by b.
  std::vector<std::uint64_t> offsets(portfolio.size() + 1, 0);
  for (const auto& pair : found) ++offsets[pair.a + 1];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  std::vector<std::uint32_t> order(found.size());
  {
    auto next = offsets;
    for (std::size_t i = 0; i < found.size(); ++i) order[next[found[i].a]++] = static_cast<std::uint32_t>(i);
  }
  pair_table out;
  out.left_out = left_out;
  const std::size_t rows = found.size();
  out.a.resize(rows), out.b.resize(rows), out.shared_days.resize(rows), out.days_apart.resize(rows);
  out.shared.resize(rows), out.jaccard.resize(rows), out.share_a.resize(rows), out.share_b.resize(rows),
      out.containment.resize(rows), out.rate.resize(rows);
  out.weight.resize(rows), out.reasons.resize(rows);
  const std::size_t run_size = std::max<std::size_t>(64, portfolio.size() / 256),
                    runs = (portfolio.size() + run_size - 1) / run_size;
  core::parallel_blocks(runs, part_of(run, 1, 1), [&](std::size_t block) {
    const std::size_t last = std::min(portfolio.size(), (block + 1) * run_size);
    for (std::size_t a = block * run_size; a < last; ++a)
      std::sort(order.begin() + static_cast<std::ptrdiff_t>(offsets[a]),
                order.begin() + static_cast<std::ptrdiff_t>(offsets[a + 1]),
                [&](std::uint32_t x, std::uint32_t y) { return found[x].b < found[y].b; });
    for (std::size_t i = offsets[block * run_size]; i < offsets[last]; ++i) {
      const pair_row& pair = found[order[i]];
      out.a[i] = pair.a;
      out.b[i] = pair.b;
      out.shared_days[i] = pair.shared_days;
      out.days_apart[i] = pair.days_apart;
      out.shared[i] = pair.shared;
      out.jaccard[i] = pair.jaccard;
      out.share_a[i] = pair.share_a;
      out.share_b[i] = pair.share_b;
      out.containment[i] = pair.containment();
      out.rate[i] = pair.rate;
      out.weight[i] = pair.weight();
      out.reasons[i] = pair.reasons;
    }
  });
  return out;
}

}  // namespace clarion::conflict
