#include "clarion/conflict/pairs.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/conflict/overlap.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
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

/// Codes of products on a channel: two campaigns meet here only when both are the same.
class shelf {
public:
  shelf(const calendar& days, const std::vector<std::uint32_t>& channel, const assortment& products) {
    named_ = codes(days, channel, products.named);
    above_ = codes(days, channel, products.above);
    sellers_ = invert(days.size(), code_of_.size(), [&](std::size_t p) -> const auto& { return named_[p]; });
    sellers_above_ = invert(days.size(), code_of_.size(), [&](std::size_t p) -> const auto& { return above_[p]; });
  }

  /// Lists of the positions that may compete with p.
  template <class Visit>
  void each_list(std::size_t p, Visit&& visit) const {
    for (const auto key : named_[p]) {
      visit(sellers_[key]);
      visit(sellers_above_[key]);
    }
    for (const auto key : above_[p]) visit(sellers_[key]);
  }

private:
  std::vector<std::vector<std::uint32_t>> codes(const calendar& days, const std::vector<std::uint32_t>& channel,
                                                const std::vector<std::vector<std::uint32_t>>& products) {
    std::vector<std::vector<std::uint32_t>> out(days.size());
    for (std::size_t p = 0; p < days.size(); ++p) {
      const auto through = channel[days.row[p]];
      if (through == core::category_column::none) continue;
      for (const auto product : products[p]) {
        const auto key = (std::uint64_t{through} << 32) | product;
        out[p].push_back(code_of_.emplace(key, static_cast<std::uint32_t>(code_of_.size())).first->second);
      }
    }
    return out;
  }

  std::unordered_map<std::uint64_t, std::uint32_t> code_of_;
  std::vector<std::vector<std::uint32_t>> named_, above_;
  inverted_index sellers_, sellers_above_;
};

std::vector<std::uint32_t> comparable_channels(const schema::portfolio& portfolio) {
  const auto first = schema::detail::comparable_codes(portfolio.channel.values);
  auto codes = portfolio.channel.codes;
  for (auto& code : codes)
    if (code != core::category_column::none) code = first[code];
  return codes;
}

class pair_search {
public:
  pair_search(const schema::portfolio& portfolio, const schema::audiences* audiences, const pair_options& options,
              const run_options& run)
      : options_(options),
        run_(run),
        days_(by_start(portfolio)),
        declared_(declare_audiences(portfolio)),
        exact_(count_overlap(portfolio, audiences, days_, options.within_days, part_of(run, 0, 0.3))),
        products_(find_products(portfolio, days_, options.catalog)),
        channel_(comparable_channels(portfolio)),
        shelf_(days_, channel_, products_),
        segments_(invert(days_.size(), declared_.segments.size(), [&](std::size_t p) { return declared_[days_.row[p]]; })),
        everyone_(invert(days_.size(), 1, [&](std::size_t p) {
          static constexpr std::uint32_t key[] = {0};
          return std::span<const std::uint32_t>(key, declared_.everyone[days_.row[p]] != 0 ? 1 : 0);
        })) {}

  /// The heaviest pairs, in any order.
  std::vector<pair_row> search() {
    cut_blocks();
    for (std::size_t from = 0; from < blocks_.size();) {
      std::size_t to = from;
      for (std::uint64_t most = 0; to < blocks_.size() && (to == from || most + blocks_[to].most <= batch_pairs); ++to)
        most += blocks_[to].most;
      std::vector<std::vector<pair_row>> parts(to - from);
      const auto share = [&](std::size_t done) {
        return 0.3 + 0.6 * static_cast<double>(done) / static_cast<double>(blocks_.size());
      };
      core::parallel_blocks(parts.size(), part_of(run_, share(from), share(to)),
                            [&](std::size_t i) { search(blocks_[from + i], parts[i]); });
      for (const auto& part : parts) found_.insert(found_.end(), part.begin(), part.end());
      if (found_.size() > options_.max_pairs + options_.max_pairs / 4) cut();
      from = to;
    }
    cut();
    return std::move(found_);
  }
  std::uint64_t left_out() const { return left_out_; }

private:
  static constexpr std::uint64_t block_pairs = std::uint64_t{1} << 17, batch_pairs = std::uint64_t{1} << 21;

  struct block {
    std::size_t from, to;  ///< positions
    std::uint64_t most;    ///< no more pairs than this come out of it
  };
  struct scratch {
    std::vector<std::uint32_t> shared_segments, touched;
    std::vector<std::uint8_t> seen;
    std::uint64_t left_out = 0;
  };

  /// One past the last position that starts no later than within_days after p ends.
  std::uint32_t past(std::size_t p) const {
    const auto limit = static_cast<std::int64_t>(days_.end[p]) + options_.within_days;
    return static_cast<std::uint32_t>(
        std::upper_bound(days_.start.begin() + static_cast<std::ptrdiff_t>(p), days_.start.end(), limit) - days_.start.begin());
  }

  /// By the calendar alone, so that neither the memory of a batch nor the time of a block grows with the square of the campaigns.
  void cut_blocks() {
    const std::size_t n = days_.size(), longest = std::max<std::size_t>(32, n / 512);
    for (std::size_t p = 0; p < n; ++p) {
      const std::uint64_t most = past(p) - p - 1;
      if (blocks_.empty() || p - blocks_.back().from == longest || blocks_.back().most + most > block_pairs)
        blocks_.push_back({p, p, 0});
      blocks_.back().to = p + 1;
      blocks_.back().most += most;
    }
  }

  void cut() {
    if (found_.size() <= options_.max_pairs) return;
    const auto keep = found_.begin() + static_cast<std::ptrdiff_t>(options_.max_pairs);
    std::nth_element(found_.begin(), keep - 1, found_.end(), heavier);
    left_out_ += static_cast<std::uint64_t>(found_.end() - keep);
    found_.erase(keep, found_.end());
    lightest_ = found_.back();
  }

  void search(const block& positions, std::vector<pair_row>& out) {
    scratch s{.shared_segments = std::vector<std::uint32_t>(days_.size(), 0),
              .touched = {},
              .seen = std::vector<std::uint8_t>(days_.size(), 0)};
    for (std::size_t p = positions.from; p < positions.to; ++p) {
      touch_partners(p, s);
      // Partners are few and touched is sorted: one pass over both.
      auto partners = exact_.partners[p];
      std::sort(partners.begin(), partners.end(), [](const auto& x, const auto& y) { return x.position < y.position; });
      auto partner = partners.begin();
      for (const auto q : s.touched) {
        while (partner != partners.end() && partner->position < q) ++partner;
        const std::uint64_t shared = partner != partners.end() && partner->position == q ? partner->shared : 0;
        if (pair_row pair{}; describe(p, q, s.shared_segments[q], shared, pair)) {
          if (lightest_ && heavier(*lightest_, pair))
            ++s.left_out;  // max_pairs heavier ones are found already
          else
            out.push_back(pair);
        }
        s.shared_segments[q] = 0;
        s.seen[q] = 0;
      }
      s.touched.clear();
    }
    left_out_ += s.left_out;
  }

  /// Later positions that may share customers or products with p, ascending, and the declared segments that each has in common.
  void touch_partners(std::size_t p, scratch& s) const {
    const auto row = days_.row[p];
    const auto end = past(p);
    const auto touch = [&](std::uint32_t q) {
      if (s.seen[q] != 0) return;
      s.seen[q] = 1;
      s.touched.push_back(q);
    };
    const auto walk = [&](std::span<const std::uint32_t> list, auto&& visit) {
      for (auto at = std::upper_bound(list.begin(), list.end(), static_cast<std::uint32_t>(p)); at != list.end() && *at < end;
           ++at)
        visit(*at);
    };
    if (declared_.everyone[row] != 0) {
      for (auto q = static_cast<std::uint32_t>(p) + 1; q < end; ++q)
        if (declared_.known(days_.row[q])) touch(q);
    } else {
      for (const auto segment : declared_[row])
        walk(segments_[segment], [&](std::uint32_t q) {
          touch(q);
          ++s.shared_segments[q];
        });
      if (declared_.known(row)) walk(everyone_[0], touch);
    }
    shelf_.each_list(p, [&](std::span<const std::uint32_t> list) { walk(list, touch); });
    for (const auto& partner : exact_.partners[p]) touch(partner.position);
    std::sort(s.touched.begin(), s.touched.end());
  }

  /// As declared_overlap, where the segments that both name are counted already.
  overlap_estimate estimate(std::uint32_t row, std::uint32_t other, std::uint32_t both) const {
    if (declared_.everyone[row] != 0 || declared_.everyone[other] != 0) return declared_overlap(declared_, row, other);
    const auto x = static_cast<double>(declared_[row].size()), y = static_cast<double>(declared_[other].size());
    return {both / (x + y - both), both / x, both / y};
  }

  /// False when the two share neither customers nor both channel and products.
  bool describe(std::size_t p, std::size_t q, std::uint32_t segments, std::uint64_t customers, pair_row& pair) const {
    const auto row = days_.row[p], other = days_.row[q];
    pair.a = std::min(row, other);
    pair.b = std::max(row, other);
    pair.shared_days = std::max(0, std::min(days_.end[p], days_.end[q]) - days_.start[q] + 1);
    pair.days_apart = std::max(0, days_.start[q] - days_.end[p]);
    pair.shared = pair.jaccard = pair.share_a = pair.share_b = schema::missing;
    bool in_audience = false;
    if (exact_.has[p] != 0 && exact_.has[q] != 0) {
      in_audience = customers > 0;
      const auto x = static_cast<double>(exact_.members[p]), y = static_cast<double>(exact_.members[q]);
      pair.shared = static_cast<double>(customers);
      pair.jaccard = in_audience ? pair.shared / (x + y - pair.shared) : 0;
      pair.share_a = in_audience ? pair.shared / x : 0;
      pair.share_b = in_audience ? pair.shared / y : 0;
    } else if (declared_.known(row) && declared_.known(other)) {
      pair.reasons |= estimated;
      const overlap_estimate guess = estimate(row, other, segments);
      in_audience = guess.jaccard > 0;
      pair.jaccard = guess.jaccard;
      pair.share_a = guess.share_a;
      pair.share_b = guess.share_b;
    }
    if (row > other) std::swap(pair.share_a, pair.share_b);

    if (in_audience) pair.reasons |= shares_audience;
    const bool same_channel = channel_[row] != core::category_column::none && channel_[row] == channel_[other];
    if (same_channel) pair.reasons |= shares_channel;
    const bool same_products = meet(products_.named[p], products_.named[q]) || meet(products_.named[p], products_.above[q]) ||
                               meet(products_.above[p], products_.named[q]);
    if (same_products) pair.reasons |= shares_products;
    if (in_audience)
      pair.rate =
          pair.containment() * (same_channel ? 1 : options_.cross_channel) * (same_products ? 1 + options_.product_weight : 1);
    return in_audience || (same_channel && same_products);
  }

  const pair_options& options_;
  const run_options& run_;
  calendar days_;
  declared_audiences declared_;
  exact_overlap exact_;
  assortment products_;
  std::vector<std::uint32_t> channel_;  // by row of the portfolio
  shelf shelf_;
  inverted_index segments_, everyone_;
  std::vector<block> blocks_;
  std::vector<pair_row> found_;
  std::optional<pair_row> lightest_;  // of those kept, once some were not
  std::atomic<std::uint64_t> left_out_ = 0;
};

/// Ascending by (a, b): a counting sort by a, then each run by b.
pair_table in_order(const std::vector<pair_row>& found, std::size_t campaigns, const run_options& run) {
  std::vector<std::uint64_t> offsets(campaigns + 1, 0);
  for (const auto& pair : found) ++offsets[pair.a + 1];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  std::vector<std::uint32_t> order(found.size());
  {
    auto next = offsets;
    for (std::size_t i = 0; i < found.size(); ++i) order[next[found[i].a]++] = static_cast<std::uint32_t>(i);
  }
  pair_table out;
  const std::size_t rows = found.size();
  out.a.resize(rows), out.b.resize(rows), out.shared_days.resize(rows), out.days_apart.resize(rows);
  out.shared.resize(rows), out.jaccard.resize(rows), out.share_a.resize(rows), out.share_b.resize(rows),
      out.containment.resize(rows), out.rate.resize(rows);
  out.weight.resize(rows), out.reasons.resize(rows);
  const std::size_t run_size = std::max<std::size_t>(64, campaigns / 256), runs = (campaigns + run_size - 1) / run_size;
  core::parallel_blocks(runs, run, [&](std::size_t block) {
    const std::size_t last = std::min(campaigns, (block + 1) * run_size);
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
  pair_search search(portfolio, audiences, options, run);
  const auto found = search.search();
  auto out = in_order(found, portfolio.size(), part_of(run, 0.9, 1));
  out.left_out = search.left_out();
  return out;
}

}  // namespace clarion::conflict
