#include "clarion/conflict/contacts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/kernels.hpp"
#include "clarion/schema/detail/audiences_rows.hpp"

namespace clarion::conflict {

namespace {

using schema::audiences;
using rows_of_chunk = schema::detail::customer_rows<std::uint32_t>;
using core::detail::scratch_pool;

constexpr std::uint32_t left_out = 0xffffffffu;

void check_days(const std::vector<run_days>& days, std::size_t n) {
  if (days.size() != n) reject("days", std::to_string(days.size()) + " entries", "give one a campaign: " + std::to_string(n));
  for (std::size_t i = 0; i < n; ++i)
    if (days[i].end < days[i].start)
      reject("days",
             "campaign " + std::to_string(i) + " ends on day " + std::to_string(days[i].end) + " and starts on " +
                 std::to_string(days[i].start),
             "let end be start or later");
}

// 1970-01-01 was a Thursday: week 0 begins on day -3.
std::int64_t week_of(std::int64_t day) {
  const std::int64_t shifted = day + 3;
  return shifted >= 0 ? shifted / 7 : -((6 - shifted) / 7);
}

// Contacts are counted in whole units, so that no order of summation matters.
constexpr std::uint64_t units = 7000;  // thousandths of a touch x days of a week
constexpr std::uint64_t no_cap = std::numeric_limits<std::uint64_t>::max();
double in_contacts(std::uint64_t u) { return static_cast<double>(u) / static_cast<double>(units); }

class contact_counter {
public:
  contact_counter(const audiences& sets, const contact_options& options) : sets_(sets), bins_(options.bins) {
    const std::size_t n = sets.size();
    check_days(options.days, n);
    if (options.touches.size() != n)
      reject("touches", std::to_string(options.touches.size()) + " entries", "give one a campaign: " + std::to_string(n));
    for (const double t : options.touches)
      if (!(t >= 0 && t <= 10000)) reject("touches", std::to_string(t), "give contacts a week from 0 to 10000");
    if (options.bins < 1 || options.bins > 4096) reject("bins", std::to_string(options.bins), "give 1 to 4096");
    cap_ = cap_units("cap", options.cap);
    if (!options.caps.empty() && options.caps.size() != n)
      reject("caps", std::to_string(options.caps.size()) + " entries", "give none, or one a campaign: " + std::to_string(n));
    for (const double cap : options.caps)
      caps_.push_back(cap == std::numeric_limits<double>::infinity() ? no_cap : cap_units("caps", cap));

    number_of_.assign(n, left_out);
    std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = std::numeric_limits<std::int64_t>::min();
    for (std::size_t c = 0; c < n; ++c) {
      if (std::llround(options.touches[c] * 1000) == 0) continue;
      first = std::min(first, week_of(options.days[c].start));
      last = std::max(last, week_of(options.days[c].end));
      number_of_[c] = static_cast<std::uint32_t>(c);
    }
    if (first > last) {
      begin_.assign(n + 1, 0);
      return;
    }
    if (last - first >= 10000)
      reject("days", std::to_string(last - first + 1) + " weeks from the first start to the last end",
             "correct the years, or leave campaigns out by touches of 0: 10000 weeks at most");
    first_week_ = first;
    weeks_ = static_cast<std::size_t>(last - first + 1);
    from_.resize(n);
    begin_.push_back(0);
    for (std::size_t c = 0; c < n; ++c) {
      if (number_of_[c] != left_out) {
        const auto touches = static_cast<std::uint64_t>(std::llround(options.touches[c] * 1000));
        from_[c] = static_cast<std::uint32_t>(week_of(options.days[c].start) - first);
        for (std::int64_t w = week_of(options.days[c].start); w <= week_of(options.days[c].end); ++w) {
          const std::int64_t monday = 7 * w - 3;
          const std::int64_t days =
              std::min<std::int64_t>(options.days[c].end, monday + 6) - std::max<std::int64_t>(options.days[c].start, monday) + 1;
          weight_.push_back(touches * static_cast<std::uint64_t>(days));
        }
      }
      begin_.push_back(weight_.size());
    }
  }

  contact_table count(const run_options& run) {
    core::parallel_blocks(weeks_ == 0 ? 0 : sets_.n_chunks(), run, [&](std::size_t chunk) {
      auto s = pool_.take();
      if (s->sum.empty()) {
        s->sum.assign(weeks_, 0);
        s->cap.assign(caps_.empty() ? 0 : weeks_, no_cap);
        s->week.resize(weeks_);
        for (auto& w : s->week) w.histogram.assign(bins_, 0);
        s->customers_over.assign(weight_.size(), 0);
        s->units_over.assign(weight_.size(), 0);
      }
      s->rows.open(sets_, chunk, number_of_, left_out);
      while (s->rows.next())
        for (std::size_t k = 0; k < s->rows.size(); ++k)
          caps_.empty() ? add_customer<false>(s->rows.row(k), *s) : add_customer<true>(s->rows.row(k), *s);
      pool_.give(std::move(s));
    });
    return table();
  }

private:
  struct week_units {
    std::uint64_t reached = 0, capped = 0, over = 0, total = 0, excess = 0, max = 0, max_over = 0;
    std::vector<std::uint64_t> histogram;
  };
  struct scratch {
    rows_of_chunk rows;
    std::vector<std::uint64_t> sum, cap;  // of one customer, by week; zero and no_cap between customers
    std::vector<week_units> week;
    std::vector<std::uint64_t> customers_over, units_over;  // by campaign and week, as weight_
    std::uint64_t customers = 0;
  };

  static std::uint64_t cap_units(const char* field, double cap) {
    if (!(cap >= 0 && cap <= 1e9)) reject(field, std::to_string(cap), "give contacts a week from 0 to 1e9");
    return static_cast<std::uint64_t>(std::llround(cap * static_cast<double>(units)));
  }

  template <bool own_caps>
  void add_customer(std::span<const std::uint32_t> row, scratch& s) const {
    if (row.empty()) return;
    const auto cap_in = [&](std::size_t w) { return own_caps ? s.cap[w] : cap_; };
    std::size_t low = weeks_, high = 0;
    for (const std::uint32_t c : row) {
      const std::size_t n = begin_[c + 1] - begin_[c];
      const std::uint64_t* weight = weight_.data() + begin_[c];
      std::uint64_t* sum = s.sum.data() + from_[c];
      for (std::size_t w = 0; w < n; ++w) sum[w] += weight[w];
      if constexpr (own_caps)
        for (std::size_t w = from_[c]; w < from_[c] + n; ++w) s.cap[w] = std::min(s.cap[w], caps_[c]);
      low = std::min<std::size_t>(low, from_[c]);
      high = std::max(high, from_[c] + n);
    }
    bool over = false;
    for (std::size_t w = low; w < high; ++w) {
      const std::uint64_t sum = s.sum[w];
      if (sum == 0) continue;
      week_units& week = s.week[w];
      ++week.reached;
      week.total += sum;
      week.max = std::max(week.max, sum);
      ++week.histogram[std::min<std::uint64_t>(sum / units, bins_ - 1)];
      const std::uint64_t cap = cap_in(w);
      week.capped += cap != no_cap;
      if (sum <= cap) continue;
      over = true;
      ++week.over;
      week.excess += sum - cap;
      week.max_over = std::max(week.max_over, sum);
    }
    if (over) {
      ++s.customers;
      for (const std::uint32_t c : row)
        for (std::size_t at = begin_[c]; at < begin_[c + 1]; ++at) {
          const std::size_t w = from_[c] + at - begin_[c];
          if (s.sum[w] <= cap_in(w)) continue;
          ++s.customers_over[at];
          s.units_over[at] += weight_[at];
        }
    }
    std::fill(s.sum.begin() + static_cast<std::ptrdiff_t>(low), s.sum.begin() + static_cast<std::ptrdiff_t>(high), 0);
    if constexpr (own_caps)
      std::fill(s.cap.begin() + static_cast<std::ptrdiff_t>(low), s.cap.begin() + static_cast<std::ptrdiff_t>(high), no_cap);
  }

  contact_table table() const {
    contact_table out;
    std::uint64_t excess = 0, max = 0;
    for (std::size_t w = 0; w < weeks_; ++w) {
      week_units all;
      all.histogram.assign(bins_, 0);
      for (const auto& s : pool_.all()) {
        const week_units& part = s->week[w];
        all.reached += part.reached;
        all.capped += part.capped;
        all.over += part.over;
        all.total += part.total;
        all.excess += part.excess;
        all.max = std::max(all.max, part.max);
        all.max_over = std::max(all.max_over, part.max_over);
        for (std::size_t b = 0; b < bins_; ++b) all.histogram[b] += part.histogram[b];
      }
      excess += all.excess;
      max = std::max(max, all.max);
      out.weeks.push_back({.start = static_cast<std::int32_t>(7 * (first_week_ + static_cast<std::int64_t>(w)) - 3),
                           .campaigns = 0,
                           .reached = all.reached,
                           .capped = all.capped,
                           .over_cap = all.over,
                           .contacts = in_contacts(all.total),
                           .excess = in_contacts(all.excess),
                           .max = in_contacts(all.max),
                           .max_over = in_contacts(all.max_over),
                           .histogram = std::move(all.histogram)});
    }
    for (std::uint32_t c = 0; c < sets_.size(); ++c)
      for (std::size_t at = begin_[c]; at < begin_[c + 1]; ++at) {
        const auto week = static_cast<std::uint32_t>(from_[c] + at - begin_[c]);
        ++out.weeks[week].campaigns;
        std::uint64_t customers = 0, given = 0;
        for (const auto& s : pool_.all()) {
          customers += s->customers_over[at];
          given += s->units_over[at];
        }
        if (customers != 0) out.contributions.push_back({week, c, customers, in_contacts(given)});
      }
    std::ranges::sort(out.contributions, [](const contact_contribution& x, const contact_contribution& y) {
      if (x.week != y.week) return x.week < y.week;
      if (x.contacts != y.contacts) return x.contacts > y.contacts;
      return x.campaign < y.campaign;
    });
    for (const auto& s : pool_.all()) out.customers_over += s->customers;
    out.excess = in_contacts(excess);
    out.max = in_contacts(max);
    return out;
  }

  const audiences& sets_;
  std::size_t bins_, weeks_ = 0;
  std::uint64_t cap_ = 0;            // of everyone
  std::vector<std::uint64_t> caps_;  // or of each campaign
  std::int64_t first_week_ = 0;
  std::vector<std::uint32_t> number_of_;  // the campaign itself, or left_out when nobody is contacted
  std::vector<std::uint32_t> from_;       // first week of a campaign
  std::vector<std::size_t> begin_;        // of a campaign in weight_
  std::vector<std::uint64_t> weight_;     // units a member gets, by campaign and week
  scratch_pool<scratch> pool_;
};

// Customers with k or more campaigns at a time: how many campaigns run at once for each, and the bitmaps of those customers.
class pile_up_search {
public:
  pile_up_search(const audiences& sets, const pile_up_options& options, const run_options& run)
      : sets_(sets), options_(options), run_(run), pulse_(run_) {
    check_days(options.days, sets.size());
    if (options.k < 2) reject("k", std::to_string(options.k), "give 2 or more");
    if (options.min_shared < 1) reject("min_shared", std::to_string(options.min_shared), "give 1 or more");
    // Numbers by first day, so that the campaigns of a row come in the order in which they start.
    by_start_.resize(sets.size());
    std::iota(by_start_.begin(), by_start_.end(), 0u);
    std::ranges::stable_sort(by_start_, {}, [&](std::uint32_t c) { return options.days[c].start; });
    number_of_.resize(sets.size());
    for (std::uint32_t i = 0; i < by_start_.size(); ++i) number_of_[by_start_[i]] = i;
  }

  pile_up_table search() {
    count_depths();
    if (out_.customers >= options_.min_shared && options_.top > 0) {
      make_bitmaps();
      find_combinations();
    }
    return std::move(out_);
  }

private:
  struct candidate {
    std::uint32_t set;  // index into bitmaps_
    std::uint64_t shared;
  };
  struct deep_rows {  // customers of one chunk with k or more at a time
    std::vector<std::uint32_t> numbers;
    std::vector<std::size_t> ends;
  };
  struct scratch {
    rows_of_chunk rows;
    std::vector<std::int32_t> running;  // a heap of the last days of campaigns, earliest on top
    std::vector<std::uint64_t> by_depth;
  };

  const run_days& days(std::uint32_t number) const { return options_.days[by_start_[number]]; }

  std::size_t depth(std::span<const std::uint32_t> row, std::vector<std::int32_t>& running) const {
    running.clear();
    std::size_t most = 0;
    for (const std::uint32_t number : row) {
      const run_days& d = days(number);
      while (!running.empty() && running.front() < d.start) {
        std::ranges::pop_heap(running, std::greater<>{});
        running.pop_back();
      }
      running.push_back(d.end);
      std::ranges::push_heap(running, std::greater<>{});
      most = std::max(most, running.size());
    }
    return most;
  }

  void count_depths() {
    deep_.resize(sets_.n_chunks());
    scratch_pool<scratch> pool;
    core::parallel_blocks(sets_.n_chunks(), part_of(run_, 0, .5), [&](std::size_t chunk) {
      auto s = pool.take();
      s->rows.open(sets_, chunk, number_of_, number_of_.size());
      while (s->rows.next())
        for (std::size_t k = 0; k < s->rows.size(); ++k) {
          const auto row = s->rows.row(k);
          const std::size_t d = depth(row, s->running);
          if (s->by_depth.size() <= d) s->by_depth.resize(d + 1);
          ++s->by_depth[d];
          if (d < options_.k) continue;
          deep_[chunk].numbers.insert(deep_[chunk].numbers.end(), row.begin(), row.end());
          deep_[chunk].ends.push_back(deep_[chunk].numbers.size());
        }
      pool.give(std::move(s));
    });
    for (const auto& s : pool.all()) {
      if (out_.customers_by_depth.size() < s->by_depth.size()) out_.customers_by_depth.resize(s->by_depth.size());
      for (std::size_t d = 0; d < s->by_depth.size(); ++d) out_.customers_by_depth[d] += s->by_depth[d];
    }
    for (std::size_t d = options_.k; d < out_.customers_by_depth.size(); ++d) out_.customers += out_.customers_by_depth[d];
  }

  void make_bitmaps() {
    std::vector<std::uint64_t> members(sets_.size(), 0);
    for (const deep_rows& chunk : deep_)
      for (const std::uint32_t number : chunk.numbers) ++members[number];
    std::vector<std::uint32_t> set_of(sets_.size(), left_out);
    for (std::uint32_t number = 0; number < members.size(); ++number)
      if (members[number] >= options_.min_shared) {
        set_of[number] = static_cast<std::uint32_t>(numbers_.size());
        numbers_.push_back(number);
      }
    words_ = (static_cast<std::size_t>(out_.customers) + 511) / 512 * 8;
    const double bytes = static_cast<double>(words_) * 8.0 * static_cast<double>(numbers_.size());
    if (bytes > 2147483648.0)
      throw error("pile_ups: bitmaps of " + std::to_string(numbers_.size()) + " campaigns by " + std::to_string(out_.customers) +
                  " customers take " + std::to_string(static_cast<std::uint64_t>(bytes / 1048576)) +
                  " MiB, more than 2048; raise k or min_shared");
    bitmaps_.assign(numbers_.size() * words_, 0);
    std::size_t customer = 0;
    for (deep_rows& chunk : deep_) {
      pulse_.beat(.5);
      std::size_t at = 0;
      for (const std::size_t end : chunk.ends) {
        for (; at < end; ++at)
          if (const std::uint32_t set = set_of[chunk.numbers[at]]; set != left_out)
            bitmaps_[set * words_ + customer / 64] |= std::uint64_t{1} << (customer % 64);
        ++customer;
      }
      chunk = {};
    }
  }

  const std::uint64_t* bitmap(std::uint32_t set) const { return bitmaps_.data() + set * words_; }

  void find_combinations() {
    both_ = kernels::choose_and_popcount(core::permitted_simd());
    std::vector<candidate> roots;
    for (std::uint32_t set = 0; set < numbers_.size(); ++set) {
      roots.push_back({set, both_(bitmap(set), bitmap(set), words_)});
      worked();
    }
    // Small audiences first: their branches end early.
    std::ranges::stable_sort(roots, {}, &candidate::shared);
    std::vector<std::uint64_t> everyone(words_, ~std::uint64_t{0});
    std::vector<std::uint32_t> chosen, before;
    branch(everyone.data(), {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}, 0, chosen,
           roots, before);
    for (pile_up& found : out_.combinations) {
      found.days = {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
      for (const std::uint32_t c : found.campaigns) found.days = common(found.days, options_.days[c]);
    }
  }

  static run_days common(const run_days& x, const run_days& y) { return {std::max(x.start, y.start), std::min(x.end, y.end)}; }
  bool concurrent(std::uint32_t set, const run_days& window) const {
    const run_days& d = days(numbers_[set]);
    return d.start <= window.end && window.start <= d.end;
  }

  std::uint64_t intersect(const std::uint64_t* customers, std::uint32_t set) {
    if (++steps_ > options_.max_steps) out_.complete = false;
    worked();
    return both_(customers, bitmap(set), words_);
  }

  // One pass over a bitmap was made.
  void worked() {
    if ((since_beat_ += words_) < std::size_t{1} << 18) return;
    since_beat_ = 0;
    pulse_.beat(.5 + .5 * std::min(1.0, static_cast<double>(steps_) / static_cast<double>(options_.max_steps)));
  }

  // `chosen` share `customers` and all run in `window`; `usable` extend them, each with its shared customers; `before` are the
  // sets whose combinations were searched already, and only tell whether a combination is maximal.
  void branch(const std::uint64_t* customers, run_days window, std::uint64_t shared, std::vector<std::uint32_t>& chosen,
              const std::vector<candidate>& usable, std::vector<std::uint32_t>& before) {
    if (!out_.complete) return;
    if (usable.empty()) {
      if (chosen.size() < options_.k || !enters(chosen.size(), shared)) return;
      for (const std::uint32_t set : before)
        if (concurrent(set, window) && intersect(customers, set) >= options_.min_shared) return;
      if (out_.complete) keep(chosen, shared);
      return;
    }
    std::vector<std::uint64_t> narrowed(words_);
    const std::size_t searched = before.size();
    for (std::size_t i = 0; i < usable.size() && out_.complete; ++i) {
      const candidate& next = usable[i];
      const run_days inside = common(window, days(numbers_[next.set]));
      const std::uint64_t* set = bitmap(next.set);
      for (std::size_t w = 0; w < words_; ++w) narrowed[w] = customers[w] & set[w];
      worked();
      std::vector<candidate> further;
      std::uint64_t most = 0;
      for (std::size_t j = i + 1; j < usable.size(); ++j) {
        if (!concurrent(usable[j].set, inside)) continue;
        const std::uint64_t n = intersect(narrowed.data(), usable[j].set);
        if (n < options_.min_shared) continue;
        further.push_back({usable[j].set, n});
        most = std::max(most, n);
      }
      chosen.push_back(next.set);
      const std::size_t reach = chosen.size() + deepest(further, inside);
      if (reach >= options_.k && enters(reach, further.empty() ? next.shared : most))
        branch(narrowed.data(), inside, next.shared, chosen, further, before);
      chosen.pop_back();
      before.push_back(next.set);
    }
    before.resize(searched);
  }

  // Most of these that run on one day of the window: no combination can take more of them.
  std::size_t deepest(const std::vector<candidate>& sets, const run_days& window) const {
    std::vector<std::pair<std::int64_t, int>> changes;
    for (const candidate& c : sets) {
      const run_days d = common(days(numbers_[c.set]), window);
      changes.emplace_back(d.start, 1);
      changes.emplace_back(std::int64_t{d.end} + 1, -1);
    }
    std::ranges::sort(changes);
    int now = 0, most = 0;
    for (const auto& [day, change] : changes) most = std::max(most, now += change);
    return static_cast<std::size_t>(most);
  }

  // Whether a combination of this size and at most this many customers could be among the best.
  bool enters(std::size_t size, std::uint64_t shared) const {
    if (out_.combinations.size() < options_.top) return true;
    const pile_up& last = out_.combinations.back();
    return size != last.campaigns.size() ? size > last.campaigns.size() : shared >= last.shared;
  }

  void keep(const std::vector<std::uint32_t>& chosen, std::uint64_t shared) {
    pile_up found{.campaigns = {}, .days = {}, .shared = shared};
    for (const std::uint32_t set : chosen) found.campaigns.push_back(by_start_[numbers_[set]]);
    std::ranges::sort(found.campaigns);
    const auto better = [](const pile_up& x, const pile_up& y) {
      if (x.campaigns.size() != y.campaigns.size()) return x.campaigns.size() > y.campaigns.size();
      if (x.shared != y.shared) return x.shared > y.shared;
      return x.campaigns < y.campaigns;
    };
    auto& best = out_.combinations;
    best.insert(std::ranges::upper_bound(best, found, better), std::move(found));
    if (best.size() > options_.top) best.pop_back();
  }

  const audiences& sets_;
  const pile_up_options& options_;
  const run_options& run_;
  core::pulse pulse_;
  std::size_t since_beat_ = 0;  // words looked at since the last one
  std::vector<std::uint32_t> by_start_, number_of_;
  std::vector<deep_rows> deep_;
  std::vector<std::uint32_t> numbers_;  // of the sets that have a bitmap
  std::vector<std::uint64_t> bitmaps_;
  std::size_t words_ = 0;
  kernels::and_popcount both_ = nullptr;
  std::uint64_t steps_ = 0;
  pile_up_table out_;
};

}  // namespace

contact_table contacts(const audiences& sets, const contact_options& options, const run_options& run) {
  return contact_counter(sets, options).count(run);
}

pile_up_table pile_ups(const audiences& sets, const pile_up_options& options, const run_options& run) {
  return pile_up_search(sets, options, run).search();
}

}  // namespace clarion::conflict
