#include "clarion/conflict/contacts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"

using namespace clarion;
using conflict::contacts;
using conflict::pile_ups;
using conflict::run_days;
using schema::audiences;

namespace {

struct world {
  audiences sets;
  std::vector<std::vector<std::uint32_t>> of_customer;  // campaigns of each customer that has any
  std::vector<run_days> days;
};

world make(std::size_t customers, std::size_t campaigns, double share, int horizon, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  world out;
  schema::audience_options options;
  for (std::size_t c = 0; c < campaigns; ++c) {
    options.labels.push_back("c" + std::to_string(c));
    const int start = static_cast<int>(random() % static_cast<unsigned>(horizon)) - 20;
    out.days.push_back({start, start + static_cast<int>(random() % 30)});
  }
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < customers; ++i) {
    std::vector<std::uint32_t> mine;
    const double eager = uniform(random) * 2 * share;
    for (std::uint32_t c = 0; c < campaigns; ++c)
      if (uniform(random) < eager) mine.push_back(c);
    for (const auto c : mine) {
      codes.push_back(c);
      ids.push_back(static_cast<std::int64_t>(i));
    }
    if (!mine.empty()) out.of_customer.push_back(mine);
  }
  out.sets = schema::build_audiences(std::span<const std::uint32_t>(codes), std::span<const std::int64_t>(ids), options).members;
  return out;
}

bool same(const conflict::contact_table& x, const conflict::contact_table& y) {
  bool equal = x.weeks.size() == y.weeks.size() && x.contributions.size() == y.contributions.size() && x.excess == y.excess &&
               x.max == y.max && x.customers_over == y.customers_over;
  for (std::size_t w = 0; equal && w < x.weeks.size(); ++w)
    equal = x.weeks[w].histogram == y.weeks[w].histogram && x.weeks[w].contacts == y.weeks[w].contacts &&
            x.weeks[w].excess == y.weeks[w].excess;
  for (std::size_t i = 0; equal && i < x.contributions.size(); ++i)
    equal =
        x.contributions[i].campaign == y.contributions[i].campaign && x.contributions[i].contacts == y.contributions[i].contacts;
  return equal;
}

bool run_together(const world& w, const std::vector<std::uint32_t>& campaigns, run_days& window) {
  window = {-1000000, 1000000};
  for (const auto c : campaigns) window = {std::max(window.start, w.days[c].start), std::min(window.end, w.days[c].end)};
  return window.start <= window.end;
}

}  // namespace

TEST_CASE("two campaigns in one week, by hand") {
  // Customers 0 and 1 are in both, 2 in the second alone. Day 4 is Monday, 5 January 1970.
  const std::vector<std::uint32_t> codes{0, 0, 1, 1, 1};
  const std::vector<std::int64_t> ids{0, 1, 0, 1, 2};
  const auto sets = schema::build_audiences(std::span(codes), std::span(ids), {.labels = {"mail", "push"}}).members;
  const auto got = contacts(sets, {.days = {{4, 10}, {8, 17}}, .touches = {2, 3.5}, .cap = 3, .bins = 4});
  REQUIRE(got.weeks.size() == 2);
  CHECK(got.weeks[0].start == 4);
  CHECK(got.weeks[0].campaigns == 2);
  CHECK(got.weeks[0].reached == 3);
  // 3 of 7 days of the second: 1.5 contacts; together 3.5 for two customers.
  CHECK(got.weeks[0].contacts == doctest::Approx(3.5 + 3.5 + 1.5));
  CHECK(got.weeks[0].over_cap == 2);
  CHECK(got.weeks[0].excess == doctest::Approx(1.0));
  CHECK(got.weeks[0].max == doctest::Approx(3.5));
  CHECK(got.weeks[0].histogram == std::vector<std::uint64_t>{0, 1, 0, 2});
  CHECK(got.weeks[1].start == 11);
  CHECK(got.weeks[1].contacts == doctest::Approx(3 * 3.5));
  CHECK(got.weeks[1].over_cap == 3);
  CHECK(got.customers_over == 3);
  CHECK(got.excess == doctest::Approx(2.5));
  REQUIRE(got.contributions.size() == 3);
  CHECK(got.contributions[0].campaign == 0);
  CHECK(got.contributions[0].customers_over == 2);
  CHECK(got.contributions[0].contacts == doctest::Approx(4.0));
  CHECK(got.contributions[1].campaign == 1);
  CHECK(got.contributions[1].contacts == doctest::Approx(3.0));
  CHECK(got.contributions[2].week == 1);
}

TEST_CASE("contacts against a count customer by customer and day by day") {
  constexpr double none = std::numeric_limits<double>::infinity();
  for (const auto& [customers, own_caps] : {std::pair{50u, false}, {50u, true}, {70000u, false}, {70000u, true}}) {
    const auto w = make(customers, 14, .3, 120, customers);
    conflict::contact_options options{.days = w.days, .touches = {}, .cap = 2.25, .bins = 8};
    for (std::size_t c = 0; c < 14; ++c) options.touches.push_back(c % 5 == 4 ? 0 : .25 * static_cast<double>(c + 1));
    for (std::size_t c = 0; own_caps && c < 14; ++c)
      options.caps.push_back(c % 3 == 0 ? none : 1.5 + .5 * static_cast<double>(c % 4));
    const auto got = contacts(w.sets, options);
    REQUIRE_FALSE(got.weeks.empty());

    const int first = got.weeks.front().start;
    REQUIRE((first - 4) % 7 == 0);
    std::vector<std::uint64_t> over(got.weeks.size(), 0), reached(got.weeks.size(), 0), capped(got.weeks.size(), 0);
    std::vector<std::vector<std::uint64_t>> histogram(got.weeks.size(), std::vector<std::uint64_t>(8, 0));
    std::map<std::pair<std::size_t, std::uint32_t>, std::uint64_t> contributors;
    std::uint64_t ever = 0;
    double excess = 0;
    std::vector<double> max_over(got.weeks.size(), 0);
    for (const auto& mine : w.of_customer) {
      bool was_over = false;
      for (std::size_t week = 0; week < got.weeks.size(); ++week) {
        double sum = 0, cap = own_caps ? none : 2.25;
        for (const auto c : mine)
          for (int day = 0; day < 7; ++day) {
            const int today = first + static_cast<int>(week) * 7 + day;
            if (today < w.days[c].start || w.days[c].end < today) continue;
            sum += options.touches[c] / 7;
            if (own_caps && options.touches[c] > 0) cap = std::min(cap, options.caps[c]);
          }
        if (sum == 0) continue;
        ++reached[week];
        capped[week] += cap < none;
        ++histogram[week][std::min<std::size_t>(7, static_cast<std::size_t>(sum + 1e-9))];
        if (sum <= cap + 1e-9) continue;
        was_over = true;
        ++over[week];
        max_over[week] = std::max(max_over[week], sum);
        excess += sum - cap;
        for (const auto c : mine) {
          const int monday = first + static_cast<int>(week) * 7;
          if (options.touches[c] > 0 && w.days[c].start <= monday + 6 && monday <= w.days[c].end) ++contributors[{week, c}];
        }
      }
      ever += was_over;
    }
    for (std::size_t week = 0; week < got.weeks.size(); ++week) {
      CHECK(got.weeks[week].reached == reached[week]);
      CHECK(got.weeks[week].capped == capped[week]);
      CHECK(got.weeks[week].over_cap == over[week]);
      CHECK(got.weeks[week].max_over == doctest::Approx(max_over[week]));
      CHECK(got.weeks[week].histogram == histogram[week]);
    }
    CHECK(got.customers_over == ever);
    CHECK(got.excess == doctest::Approx(excess).epsilon(1e-9));
    REQUIRE(got.contributions.size() == contributors.size());
    for (const auto& c : got.contributions) CHECK(contributors.at({c.week, c.campaign}) == c.customers_over);
    for (const unsigned threads : {1u, 3u}) CHECK(same(got, contacts(w.sets, options, {.threads = threads})));
  }
}

TEST_CASE("contacts of nobody, and bad options") {
  CHECK(contacts(audiences(), {}).weeks.empty());
  const auto w = make(100, 3, .5, 20, 1);
  CHECK(contacts(w.sets, {.days = w.days, .touches = {0, 0, 0}}).weeks.empty());
  CHECK_THROWS_AS(contacts(w.sets, {.days = {{0, 1}}, .touches = {1, 1, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, -1, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, std::nan(""), 1}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1, 1}, .cap = -1}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1, 1}, .caps = {1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1, 1}, .caps = {1, 2, -1}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1, 1}, .caps = {1, 2, std::nan("")}}), std::invalid_argument);
  CHECK_THROWS_AS(contacts(w.sets, {.days = w.days, .touches = {1, 1, 1}, .bins = 0}), std::invalid_argument);
  auto far = w.days;
  far[1].end = 2932896;  // 9999-12-31
  CHECK_THROWS_AS(contacts(w.sets, {.days = far, .touches = {1, 1, 1}}), std::invalid_argument);
}

TEST_CASE("pile-ups against every subset of campaigns") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    const std::size_t n = 11;
    const auto w = make(seed % 2 ? 400 : 70000, n, .45, 60, seed);
    const std::uint64_t min_shared = seed % 2 ? 12 : 900;
    const std::uint32_t k = 2 + static_cast<std::uint32_t>(seed % 2);

    std::map<std::vector<std::uint32_t>, std::uint64_t> frequent;
    for (std::uint32_t mask = 1; mask < 1u << n; ++mask) {
      std::vector<std::uint32_t> campaigns;
      for (std::uint32_t c = 0; c < n; ++c)
        if (mask >> c & 1) campaigns.push_back(c);
      run_days window;
      if (!run_together(w, campaigns, window)) continue;
      std::uint64_t shared = 0;
      for (const auto& mine : w.of_customer) shared += std::ranges::includes(mine, campaigns);
      if (shared >= min_shared) frequent[campaigns] = shared;
    }
    std::vector<std::pair<std::vector<std::uint32_t>, std::uint64_t>> want;
    for (const auto& [campaigns, shared] : frequent) {
      const bool extended = std::ranges::any_of(frequent, [&](const auto& other) {
        return other.first.size() > campaigns.size() && std::ranges::includes(other.first, campaigns);
      });
      if (!extended && campaigns.size() >= k) want.emplace_back(campaigns, shared);
    }
    std::ranges::sort(want, [](const auto& x, const auto& y) {
      if (x.first.size() != y.first.size()) return x.first.size() > y.first.size();
      if (x.second != y.second) return x.second > y.second;
      return x.first < y.first;
    });
    REQUIRE_FALSE(want.empty());

    for (const std::uint32_t top : {1000u, 3u, 1u}) {
      const auto got = pile_ups(w.sets, {.days = w.days, .k = k, .min_shared = min_shared, .top = top}, {.threads = 2});
      CHECK(got.complete);
      REQUIRE(got.combinations.size() == std::min<std::size_t>(top, want.size()));
      for (std::size_t i = 0; i < got.combinations.size(); ++i) {
        CHECK(got.combinations[i].campaigns == want[i].first);
        CHECK(got.combinations[i].shared == want[i].second);
        run_days window;
        run_together(w, want[i].first, window);
        CHECK(got.combinations[i].days.start == window.start);
        CHECK(got.combinations[i].days.end == window.end);
      }
    }

    std::vector<std::uint64_t> depth(n + 1, 0);
    for (const auto& mine : w.of_customer) {
      std::size_t most = 0;
      for (int day = -20; day < 80; ++day)
        most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(
                                  mine, [&](auto c) { return w.days[c].start <= day && day <= w.days[c].end; })));
      ++depth[most];
    }
    const auto got = pile_ups(w.sets, {.days = w.days, .k = k, .min_shared = min_shared}, {.threads = 1});
    while (depth.back() == 0) depth.pop_back();
    CHECK(got.customers_by_depth == depth);
    std::uint64_t deep = 0;
    for (std::size_t d = k; d < depth.size(); ++d) deep += depth[d];
    CHECK(got.customers == deep);
  }
}

TEST_CASE("a search that is cut short says so") {
  const auto w = make(3000, 16, .6, 10, 8);
  const auto full = pile_ups(w.sets, {.days = w.days, .min_shared = 20, .top = 5});
  CHECK(full.complete);
  const auto cut = pile_ups(w.sets, {.days = w.days, .min_shared = 20, .top = 5, .max_steps = 40});
  CHECK_FALSE(cut.complete);
  CHECK(cut.customers == full.customers);
}

TEST_CASE("no pile-up, and bad options") {
  CHECK(pile_ups(audiences(), {}).customers == 0);
  const auto w = make(100, 3, .2, 20, 1);
  CHECK(pile_ups(w.sets, {.days = w.days, .min_shared = 1000}).combinations.empty());
  CHECK(pile_ups(w.sets, {.days = w.days, .min_shared = 1, .top = 0}).combinations.empty());
  CHECK_THROWS_AS(pile_ups(w.sets, {.days = w.days, .k = 1}), std::invalid_argument);
  CHECK_THROWS_AS(pile_ups(w.sets, {.days = w.days, .min_shared = 0}), std::invalid_argument);
  CHECK_THROWS_AS(pile_ups(w.sets, {.days = {}}), std::invalid_argument);
}
