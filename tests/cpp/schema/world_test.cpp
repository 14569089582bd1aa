#include "clarion/schema/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clarion/schema/sample.hpp"

using namespace clarion;
using namespace clarion::schema;

namespace {

std::uint16_t segment_bit(const std::string& name) {
  const auto at = std::find(world_segments().begin(), world_segments().end(), name);
  REQUIRE(at != world_segments().end());
  return static_cast<std::uint16_t>(1u << (at - world_segments().begin()));
}

std::vector<std::set<std::uint32_t>> audience_sets(const world_memberships& long_form) {
  std::vector<std::set<std::uint32_t>> out(15);
  for (std::size_t i = 0; i < long_form.campaign.size(); ++i)
    out[long_form.campaign[i]].insert(out[long_form.campaign[i]].end(), long_form.customer[i]);
  return out;
}

std::size_t shared(const std::set<std::uint32_t>& a, const std::set<std::uint32_t>& b) {
  return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](auto customer) { return b.contains(customer); }));
}

}  // namespace

TEST_CASE("the world has the same bits for any number of threads") {
  const auto alone = simulate({.customers = 7000}, {.threads = 1}), team = simulate({.customers = 7000}, {.threads = 5});
  CHECK(alone.customers.segments == team.customers.segments);
  CHECK(alone.customers.orders_per_year == team.customers.orders_per_year);
  CHECK(alone.memberships.campaign == team.memberships.campaign);
  CHECK(alone.memberships.customer == team.memberships.customer);
  CHECK(alone.transactions.order == team.transactions.order);
  CHECK(alone.transactions.product == team.transactions.product);
  CHECK(alone.transactions.amount == team.transactions.amount);
  CHECK(alone.interactions.day == team.interactions.day);
  CHECK(alone.interactions.kind == team.interactions.kind);
  CHECK(alone.journeys.touch_offsets == team.journeys.touch_offsets);
  CHECK(alone.journeys.channel == team.journeys.channel);
  CHECK(alone.journeys.removal_effect == team.journeys.removal_effect);
  CHECK(alone.experiment.spend == team.experiment.spend);
  CHECK(alone.experiment.exposure_day == team.experiment.exposure_day);
}

TEST_CASE("a customer stays the same person in a larger world, and another seed makes another world") {
  const auto small = simulate_customers({.customers = 500}), large = simulate_customers({.customers = 5000});
  CHECK(std::equal(small.segments.begin(), small.segments.end(), large.segments.begin()));
  CHECK(std::equal(small.joined.begin(), small.joined.end(), large.joined.begin()));
  const auto lines = simulate_transactions({.customers = 500}), more = simulate_transactions({.customers = 5000});
  REQUIRE(lines.amount.size() < more.amount.size());
  CHECK(std::equal(lines.amount.begin(), lines.amount.end(), more.amount.begin()));
  CHECK(simulate_customers({.customers = 500, .seed = 8}).segments != small.segments);
}

TEST_CASE("a world without people is empty, and one beyond 32-bit ids is refused") {
  const auto nobody = simulate({.customers = 0});
  CHECK(nobody.memberships.customer.empty());
  CHECK(nobody.transactions.order.empty());
  CHECK(nobody.interactions.customer.empty());
  CHECK(nobody.journeys.touch_offsets == std::vector<std::uint64_t>{0});
  CHECK(nobody.journeys.removal_effect == std::vector<double>(8, 0.0));
  CHECK(nobody.experiment.customer.empty());
  CHECK(nobody.portfolio.size() == 15);
  CHECK_THROWS_WITH_AS(simulate_customers({.customers = 5000000000u}), doctest::Contains("customers"), std::invalid_argument);
}

TEST_CASE("everyone has one lifecycle, which follows from the orders") {
  const auto people = simulate_customers();
  const auto orders = simulate_transactions();
  std::vector<date> last(people.joined.size(), date{});
  for (std::size_t l = 0; l < orders.customer.size(); ++l) last[orders.customer[l]] = orders.day[l];
  std::array<int, 5> count{};
  for (std::size_t i = 0; i < people.joined.size(); ++i) {
    CHECK((people.segments[i] & 31) == 1 << people.lifecycle[i]);
    ++count[people.lifecycle[i]];
    const auto silence = (world_last_day() - last[i]).count();
    if (people.lifecycle[i] == 0) CHECK(last[i] == date{});
    if (people.lifecycle[i] == 2 || people.lifecycle[i] == 3) CHECK(silence <= 182);
    if (people.lifecycle[i] == 4) CHECK(silence > 182);
  }
  CHECK(count[0] == doctest::Approx(0.25 * 20000).epsilon(0.05));
  for (const int of : count) CHECK(of > 1000);
}

TEST_CASE("members of an audience belong to a segment that their campaign declares") {
  const auto people = simulate_customers();
  const auto members = simulate_memberships();
  const auto plan = sample_portfolio();
  CHECK(std::is_sorted(members.campaign.begin(), members.campaign.end()));
  std::vector<std::uint16_t> declared(15);
  for (std::size_t c = 0; c < 15; ++c)
    for (const auto& segment : plan.audience.texts(c)) declared[c] |= segment_bit(segment);
  std::vector<int> size(15);
  for (std::size_t i = 0; i < members.customer.size(); ++i) {
    if ((people.segments[members.customer[i]] & declared[members.campaign[i]]) == 0) FAIL("member outside the declared segments");
    ++size[members.campaign[i]];
  }
  for (const int of : size) CHECK(of > 200);
}

TEST_CASE("simulated audiences hold the memberships under the campaigns' ids") {
  const auto members = simulate_memberships({.customers = 3000});
  const auto built = simulate_audiences({.customers = 3000});
  const auto plan = sample_portfolio();
  REQUIRE(built.size() == 15);
  CHECK(built.n_memberships() == members.customer.size());
  for (std::size_t c = 0; c < 15; ++c) {
    CHECK(built.campaigns()[c] == plan.id[c]);
    CHECK(built.count(c) == static_cast<std::uint64_t>(std::count(members.campaign.begin(), members.campaign.end(), c)));
  }
  CHECK(built.customer_id(0) == *std::min_element(members.customer.begin(), members.customer.end()));
}

TEST_CASE("each social campaign adds the planted share of new people, the fifth about 3%") {
  const auto audience = audience_sets(simulate_memberships());
  std::set<std::uint32_t> reached;
  const auto& planted = planted_truth().memberships.social_new_reach;
  for (std::size_t k = 0; k < 5; ++k) {
    const auto& own = audience[2 + k];
    const std::size_t before = reached.size();
    reached.insert(own.begin(), own.end());
    const double fresh = static_cast<double>(reached.size() - before) / static_cast<double>(own.size());
    const double se = std::sqrt(planted[k] * (1 - planted[k]) / static_cast<double>(own.size()));
    CAPTURE(k);
    CHECK(std::abs(fresh - planted[k]) <= 4 * se);
  }
}

TEST_CASE("Black Friday Blitz and Holiday Gift Guide share most of their people; no other pair that meets in time does") {
  const auto audience = audience_sets(simulate_memberships());
  const auto plan = sample_portfolio();
  const auto jaccard = [&](std::size_t a, std::size_t b) {
    const auto both = static_cast<double>(shared(audience[a], audience[b]));
    return both / (static_cast<double>(audience[a].size() + audience[b].size()) - both);
  };
  const auto row = [&](const std::string& id) { return *plan.find(id); };
  const auto& named = planted_truth().portfolio;
  const auto black_friday = row(named.black_friday), gifts = row(named.gift_guide);
  CHECK(jaccard(black_friday, gifts) > 0.4);
  CHECK(static_cast<double>(shared(audience[black_friday], audience[gifts])) > 0.6 * static_cast<double>(audience[gifts].size()));
  const auto social = [&](std::size_t r) { return plan.channel[r] == "Social Media"; };
  for (std::size_t a = 0; a < 15; ++a)
    for (std::size_t b = a + 1; b < 15; ++b) {
      CAPTURE(plan.id[a]);
      CAPTURE(plan.id[b]);
      if (social(a) && social(b))
        CHECK(jaccard(a, b) > 0.4);
      else if ((a != black_friday || b != gifts) && core::shared_days(plan.start[a], plan.end[a], plan.start[b], plan.end[b]))
        CHECK(jaccard(a, b) < 0.15);
    }
  // The rate among those who could be in both: active buyers already in Black Friday Blitz.
  const auto people = simulate_customers();
  double could = 0, is = 0;
  for (const auto customer : audience[black_friday])
    if (people.lifecycle[customer] == 2) could += 1, is += audience[gifts].contains(customer);
  CHECK(is / could == doctest::Approx(planted_truth().memberships.gift_guide_in_black_friday).epsilon(0.02));
}

TEST_CASE("BG/NBD likelihood of the orders peaks at the planted parameters") {
  const auto orders = simulate_transactions({.customers = 12000});
  struct history {
    double repeats, last, horizon;
  };
  std::vector<history> buyers;
  for (std::size_t l = 0; l < orders.order.size();) {
    const auto customer = orders.customer[l];
    const date joined = orders.day[l];
    history h{-1, 0, static_cast<double>((world_last_day() - joined).count() + 1) / 7};
    std::uint64_t order = orders.order[l] - 1;
    for (; l < orders.order.size() && orders.customer[l] == customer; ++l)
      if (orders.order[l] != order) {
        order = orders.order[l];
        h.repeats += 1;
        // The middle of the day: the order happened some time within it.
        h.last = h.repeats > 0 ? (static_cast<double>((orders.day[l] - joined).count()) + 0.5) / 7 : 0;
      }
    h.last = std::min(h.last, h.horizon);
    buyers.push_back(h);
  }
  CHECK(static_cast<double>(buyers.size()) == doctest::Approx(0.75 * 12000).epsilon(0.03));
  const auto log_likelihood = [&](std::array<double, 4> log_p) {
    const double r = std::exp(log_p[0]), alpha = std::exp(log_p[1]), a = std::exp(log_p[2]), b = std::exp(log_p[3]);
    double sum = 0;
    for (const auto& h : buyers) {
      const double x = h.repeats;
      const double common = std::lgamma(r + x) - std::lgamma(r) + r * std::log(alpha);
      const double active = std::lgamma(b + x) + std::lgamma(a + b) - std::lgamma(b) - std::lgamma(a + b + x) -
                            (r + x) * std::log(alpha + h.horizon);
      double total = std::exp(active);
      if (x > 0)
        total += std::exp(std::lgamma(a + 1) + std::lgamma(b + x - 1) - std::lgamma(a + b + x) - std::lgamma(a) - std::lgamma(b) +
                          std::lgamma(a + b) - (r + x) * std::log(alpha + h.last));
      sum += common + std::log(total);
    }
    return sum;
  };
  const auto& truth = planted_truth().purchases;
  // Compass search from elsewhere.
  std::array<double, 4> at{std::log(1.5), std::log(5.0), std::log(1.5), std::log(1.5)};
  double best = log_likelihood(at);
  for (double step = 0.5; step > 0.02;) {
    bool moved = false;
    for (std::size_t p = 0; p < 4; ++p)
      for (const double way : {step, -step}) {
        auto trial = at;
        trial[p] += way;
        if (const double value = log_likelihood(trial); value > best) best = value, at = trial, moved = true;
      }
    if (!moved) step /= 2;
  }
  CHECK(std::exp(at[0]) == doctest::Approx(truth.r).epsilon(0.12));
  CHECK(std::exp(at[1]) == doctest::Approx(truth.alpha).epsilon(0.15));
  // a and b are known mostly through the mean chance to leave.
  const double leaves = std::exp(at[2]) / (std::exp(at[2]) + std::exp(at[3]));
  CHECK(leaves == doctest::Approx(truth.a / (truth.a + truth.b)).epsilon(0.15));
}

TEST_CASE("baskets hold the planted rules, prices and returns") {
  const auto lines = simulate_transactions();
  const auto shop = sample_catalog();
  std::map<std::uint64_t, std::set<std::string>> baskets;
  std::map<std::string, std::pair<double, double>> returned;
  for (std::size_t l = 0; l < lines.order.size(); ++l) {
    const auto& item = shop.products[lines.product[l]];
    baskets[lines.order[l]].insert(item.id);
    if (*item.launch > lines.day[l]) FAIL("sold before its launch");
    const double full = item.price * lines.quantity[l];
    if (std::abs(lines.amount[l] - full) > 0.006 && std::abs(lines.amount[l] - 0.8 * full) > 0.006) FAIL("unknown price");
    returned[item.category].first += lines.returned[l] > 0;
    returned[item.category].second += 1;
  }
  CHECK(baskets.rbegin()->first + 1 == baskets.size());
  for (const auto& season : planted_truth().history.seasons) {
    const auto [back, all] = returned[season.category];
    CHECK(std::abs(back / all - season.return_rate) < 4 * std::sqrt(season.return_rate / all));
  }
  for (const auto& rule : planted_truth().baskets) {
    double with = 0, both = 0, consequent = 0;
    for (const auto& [order, ids] : baskets) {
      consequent += ids.contains(rule.consequent);
      if (!ids.contains(rule.antecedent)) continue;
      with += 1;
      both += ids.contains(rule.consequent);
    }
    CAPTURE(rule.antecedent);
    const double lift = both / with / (consequent / static_cast<double>(baskets.size()));
    CHECK(lift > 2);
    const bool sold_all_along = *shop.find(rule.consequent)->launch < world_first_day();
    if (sold_all_along) CHECK(both / with > rule.chance - 4 * std::sqrt(rule.chance / with));
  }
}

TEST_CASE("interactions contain the purchases and carry the tastes of the segments") {
  const auto lines = simulate_transactions({.customers = 6000});
  const auto events = simulate_interactions({.customers = 6000});
  const auto people = simulate_customers({.customers = 6000});
  const auto shop = sample_catalog();
  std::multiset<std::tuple<std::uint32_t, std::uint32_t, date>> bought, purchases;
  for (std::size_t l = 0; l < lines.order.size(); ++l) bought.emplace(lines.customer[l], lines.product[l], lines.day[l]);
  std::array<double, 3> kinds{};
  std::array<double, 2> wellness{}, all{};
  const auto enthusiast = segment_bit("Wellness Enthusiasts");
  for (std::size_t e = 0; e < events.customer.size(); ++e) {
    ++kinds[static_cast<std::size_t>(events.kind[e])];
    if (events.kind[e] == event::purchase) purchases.emplace(events.customer[e], events.product[e], events.day[e]);
    if (e && events.customer[e] == events.customer[e - 1]) CHECK(events.day[e - 1] <= events.day[e]);
    CHECK(events.day[e] >= people.joined[events.customer[e]]);
    const bool is = people.segments[events.customer[e]] & enthusiast;
    all[is] += 1;
    wellness[is] += shop.products[events.product[e]].category == "Health & Wellness";
  }
  CHECK(purchases == bought);
  CHECK(kinds[0] > kinds[1]);
  CHECK(kinds[1] > kinds[2]);
  CHECK(wellness[1] / all[1] > 1.5 * wellness[0] / all[0]);
}

TEST_CASE("a logistic regression on touches recovers the direct and assisting effects of the channels") {
  const auto paths = simulate_journeys({.customers = 60000});
  const auto& truth = planted_truth();
  constexpr std::size_t p = 16;  // base + direct of each channel, then assists
  std::array<double, p> beta{};
  for (int round = 0; round < 25; ++round) {
    std::array<double, p> gradient{};
    std::array<std::array<double, p + 1>, p> system{};
    for (std::size_t j = 0; j < paths.customer.size(); ++j) {
      std::array<double, p> x{};
      for (auto t = paths.touch_offsets[j]; t < paths.touch_offsets[j + 1]; ++t) {
        const std::size_t channel = paths.channel[t];
        x[channel] = 1;
        double logit = 0;
        for (std::size_t f = 0; f < p; ++f) logit += beta[f] * x[f];
        const double chance = 1 / (1 + std::exp(-logit));
        const bool here = paths.converted[j] && t + 1 == paths.touch_offsets[j + 1];
        for (std::size_t f = 0; f < p; ++f) {
          if (x[f] == 0) continue;
          gradient[f] += (here - chance) * x[f];
          for (std::size_t g = 0; g < p; ++g) system[f][g] += chance * (1 - chance) * x[f] * x[g];
        }
        x[channel] = 0;
        x[8 + channel] += 1;
      }
    }
    for (std::size_t f = 0; f < p; ++f) system[f][p] = gradient[f];
    for (std::size_t f = 0; f < p; ++f)  // positive definite: elimination needs no pivoting
      for (std::size_t g = 0; g < p; ++g) {
        if (g == f) continue;
        const double factor = system[g][f] / system[f][f];
        for (std::size_t h = f; h <= p; ++h) system[g][h] -= factor * system[f][h];
      }
    for (std::size_t f = 0; f < p; ++f) beta[f] += system[f][p] / system[f][f];
  }
  for (std::size_t c = 0; c < 8; ++c) {
    CAPTURE(truth.journeys[c].channel);
    CHECK(beta[c] == doctest::Approx(truth.journey_base + truth.journeys[c].direct).epsilon(0.12));
    CHECK(std::abs(beta[8 + c] - truth.journeys[c].assist) < 0.2);
    CHECK(truth.journeys[c].channel == default_channels()[c].name);
  }
  double conversions = 0;
  for (std::size_t j = 0; j < paths.customer.size(); ++j) {
    conversions += paths.converted[j];
    CHECK((paths.value[j] > 0) == paths.converted[j]);
  }
  const double rate = conversions / static_cast<double>(paths.customer.size());
  CHECK(rate > 0.05);
  CHECK(rate < 0.4);
  // Social media opens paths: its removal costs more conversions than its direct effect suggests.
  CHECK(paths.removal_effect[1] > 0.1);
  for (const double effect : paths.removal_effect) {
    CHECK(effect > 0);
    CHECK(effect < 1);
  }
}

TEST_CASE("the experiment recovers the planted uplift of every segment, and the exposed alone overstate it") {
  const auto test = simulate_experiment({.customers = 100000});
  const auto& truth = planted_truth().experiment;
  struct group {
    double n = 0, spend = 0, squares = 0, bought = 0;
  };
  std::map<std::uint8_t, std::array<group, 2>> arms;
  double participants = 0, treated = 0, exposed = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, nc = 0;
  group seen, missed;
  for (std::size_t i = 0; i < test.customer.size(); ++i) {
    participants += 1;
    treated += test.treated[i];
    exposed += test.exposures[i] > 0;
    if (!test.treated[i]) CHECK(test.exposures[i] == 0);
    auto& of = arms[test.lifecycle[i]][test.treated[i]];
    of.n += 1, of.spend += test.spend[i], of.squares += test.spend[i] * test.spend[i], of.bought += test.converted[i];
    if (test.treated[i] && test.lifecycle[i] == 2) {
      auto& by = test.exposures[i] ? seen : missed;
      by.n += 1, by.spend += test.spend[i];
    }
    if (!test.treated[i]) {
      const double x = test.pre_spend[i], y = test.spend[i];
      nc += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
  }
  CHECK(treated / participants == doctest::Approx(truth.treated).epsilon(0.02));
  CHECK(exposed / treated == doctest::Approx(truth.exposed).epsilon(0.01));
  CHECK((nc * sxy - sx * sy) / (nc * sxx - sx * sx) == doctest::Approx(truth.pre_slope).epsilon(0.05));
  REQUIRE(arms.size() == 4);
  for (const auto& [lifecycle, arm] : arms) {
    const auto& planted = truth.uplifts[lifecycle - 1u];
    CHECK(planted.segment == world_segments()[lifecycle]);
    double variance = 0;
    for (const auto& g : arm) variance += (g.squares / g.n - g.spend / g.n * g.spend / g.n) / g.n;
    const double lift = arm[1].spend / arm[1].n - arm[0].spend / arm[0].n;
    CAPTURE(planted.segment);
    CHECK(std::abs(lift - truth.exposed * planted.spend) < 4 * std::sqrt(variance));
    const double bought = arm[1].bought / arm[1].n - arm[0].bought / arm[0].n;
    CHECK(std::abs(bought - truth.exposed * planted.conversion) < 4 * std::sqrt(0.12 * (1 / arm[0].n + 1 / arm[1].n)));
  }
  CHECK(seen.spend / seen.n - missed.spend / missed.n > truth.uplifts[1].spend);
  CHECK(simulate_history().find(truth.campaign));
  std::uint64_t contacts = 0;
  for (const auto e : test.exposures) contacts += e;
  CHECK(contacts == test.exposure_customer.size());
}

TEST_CASE("audiences of a simulated portfolio have the asked size, no repeats, and overlap more than by chance") {
  const portfolio_options plan{.campaigns = 60};
  const auto members = simulate_memberships(plan, 20000, 0.05, {.threads = 3});
  const auto again = simulate_memberships(plan, 20000, 0.05, {.threads = 1});
  CHECK(members.customer == again.customer);
  CHECK(static_cast<double>(members.customer.size()) == doctest::Approx(60 * 20000 * 0.05).epsilon(0.3));
  for (std::size_t i = 1; i < members.customer.size(); ++i)
    if (members.campaign[i] == members.campaign[i - 1])
      CHECK(members.customer[i - 1] < members.customer[i]);
    else
      CHECK(members.campaign[i - 1] < members.campaign[i]);
  CHECK_THROWS_WITH_AS(simulate_memberships(plan, 10, 0.0), doctest::Contains("mean_share"), std::invalid_argument);
  CHECK(simulate_memberships(plan, 0, 0.1).customer.empty());
}
