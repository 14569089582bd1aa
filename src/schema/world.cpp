#include "clarion/schema/world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <span>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/schema/sample.hpp"
#include "schema/world_people.hpp"
#include "schema/world_shop.hpp"

namespace clarion::schema {

using namespace detail;

namespace {

using core::random_stream;

constexpr std::size_t block_rows = 2048;

// Generates a table in blocks of customers and joins the pieces in order: join(total, piece).
template <class Table, class Body, class Join>
Table by_block(std::uint64_t customers, const run_options& run, Body&& body, Join&& join) {
  const std::size_t blocks = (customers + block_rows - 1) / block_rows;
  std::vector<Table> pieces(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    const std::uint64_t last = std::min<std::uint64_t>(customers, (b + 1) * block_rows);
    for (std::uint64_t i = b * block_rows; i < last; ++i) body(pieces[b], i);
  });
  Table out;
  for (auto& piece : pieces) {
    join(out, piece);
    piece = Table{};
  }
  return out;
}

template <class Column>
void append(Column& to, const Column& from) {
  to.insert(to.end(), from.begin(), from.end());
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

struct path {
  std::array<std::uint8_t, 12> channel;
  std::array<double, 12> hazard;
  std::size_t length;
};

path plan_path(random_stream& draw) {
  constexpr std::array<double, 8> first{0.10, 0.44, 0.60, 0.65, 0.70, 0.75, 0.83, 1.0};
  constexpr std::array<double, 8> later{0.34, 0.52, 0.58, 0.66, 0.79, 0.94, 0.97, 1.0};
  path out{};
  out.length = 1 + std::min<std::uint64_t>(draw.poisson(2.4), 11);
  for (std::size_t t = 0; t < out.length; ++t)
    out.channel[t] = static_cast<std::uint8_t>(pick(draw, t ? later.data() : first.data(), 8));
  return out;
}

// Chance that the path converts when the touches of one channel (8: none) are taken out; fills the hazards of a whole path.
double conversion_chance(path& of, std::size_t without) {
  const auto& truth = planted_truth();
  double logit = truth.journey_base, survives = 1;
  for (std::size_t t = 0; t < of.length; ++t) {
    if (of.channel[t] == without) continue;
    const auto& effect = truth.journeys[of.channel[t]];
    const double hazard = logistic(logit + effect.direct);
    if (without == 8) of.hazard[t] = hazard;
    survives *= 1 - hazard;
    logit += effect.assist;
  }
  return 1 - survives;
}

}  // namespace

date world_first_day() { return first_day; }
date world_last_day() { return last_day; }

const std::vector<std::string>& world_segments() {
  static const std::vector<std::string> names{
      "Prospects",         "New Buyers",     "Active Buyers", "Loyalty Members",      "Lapsed Buyers",
      "Social Followers",  "Trend Shoppers", "Deal Seekers",  "Wellness Enthusiasts", "Students",
      "Podcast Listeners", "Outdoor Fans",   "App Users"};
  return names;
}

const std::vector<std::string>& world_regions() {
  static const std::vector<std::string> names{"Northeast", "Midwest", "South", "West"};
  return names;
}

std::string_view to_string(event kind) {
  switch (kind) {
    case event::view:
      return "view";
    case event::cart:
      return "cart";
    case event::purchase:
      return "purchase";
  }
  return "view";
}

const world_truth& planted_truth() {
  static const world_truth truth = [] {
    world_truth out;
    out.baskets = {{"EA-01", "EA-02", 0.35}, {"HW-06", "HW-08", 0.30}, {"HO-03", "HO-01", 0.25}};
    out.journeys = {{"Email", 1.6, 0.15}, {"Social Media", 0.3, 0.50},       {"Influencer", 0.2, 0.60}, {"Webinar", 1.0, 0.40},
                    {"SMS", 1.9, 0.00},   {"Push Notifications", 0.9, 0.05}, {"Events", 1.2, 0.30},     {"Podcast", 0.0, 0.35}};
    out.experiment.uplifts = {
        {"New Buyers", 4, 0.05}, {"Active Buyers", 2, 0.03}, {"Loyalty Members", -1, -0.02}, {"Lapsed Buyers", 7, 0.08}};
    out.history = planted_history();
    return out;
  }();
  return truth;
}

world_customers simulate_customers(const world_options& options, const run_options& run) {
  core::check_options(options);
  const std::uint64_t n = options.customers;
  world_customers out;
  out.segments.resize(n);
  out.lifecycle.resize(n);
  out.region.resize(n);
  out.joined.resize(n);
  out.consent.resize(n);
  out.orders_per_year.resize(n);
  core::parallel_blocks((n + block_rows - 1) / block_rows, run, [&](std::size_t b) {
    for (std::uint64_t i = b * block_rows; i < std::min<std::uint64_t>(n, (b + 1) * block_rows); ++i) {
      const auto of = make_person(options.seed, i);
      out.segments[i] = of.segments;
      out.lifecycle[i] = of.lifecycle;
      out.region[i] = of.region;
      out.joined[i] = of.joined;
      out.consent[i] = of.consent;
      out.orders_per_year[i] = static_cast<float>(of.rate * 365.25 / 7);
    }
  });
  return out;
}

world_memberships simulate_memberships(const world_options& options, const run_options& run) {
  core::check_options(options);
  constexpr unsigned campaigns = 15;
  const std::uint64_t n = options.customers;
  const std::size_t blocks = (n + block_rows - 1) / block_rows;
  std::vector<std::uint16_t> in(n);
  std::vector<std::array<std::uint64_t, campaigns>> count(blocks);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    for (std::uint64_t i = b * block_rows; i < std::min<std::uint64_t>(n, (b + 1) * block_rows); ++i) {
      in[i] = audiences_of(options.seed, i);
      for (unsigned c = 0; c < campaigns; ++c) count[b][c] += in[i] >> c & 1;
    }
  });
  std::uint64_t total = 0;
  for (unsigned c = 0; c < campaigns; ++c)
    for (auto& of_block : count) total += std::exchange(of_block[c], total);
  world_memberships out;
  out.campaign.resize(total);
  out.customer.resize(total);
  core::parallel_blocks(blocks, silent(run), [&](std::size_t b) {
    auto next = count[b];
    for (std::uint64_t i = b * block_rows; i < std::min<std::uint64_t>(n, (b + 1) * block_rows); ++i)
      for (unsigned c = 0; c < campaigns; ++c)
        if (in[i] >> c & 1) {
          out.campaign[next[c]] = c;
          out.customer[next[c]++] = static_cast<std::uint32_t>(i);
        }
  });
  return out;
}

audiences simulate_audiences(const world_options& options, const run_options& run) {
  const auto members = simulate_memberships(options, run);
  const auto plan = sample_portfolio();
  audience_options labelled;
  for (std::size_t c = 0; c < plan.size(); ++c) labelled.labels.emplace_back(plan.id[c]);
  return build_audiences(std::span(members.campaign), std::span(members.customer), labelled, run).members;
}

world_memberships simulate_memberships(const portfolio_options& options, std::uint64_t customers, double mean_share,
                                       const run_options& run) {
  core::check_options(options);
  if (!(mean_share > 0 && mean_share <= 0.3))
    reject("mean_share", std::to_string(mean_share), "give a share above 0, at most 0.3");
  if (customers > 4000000000u) reject("customers", std::to_string(customers), "give at most 4000000000");
  std::vector<std::vector<std::uint32_t>> members(options.campaigns);
  core::parallel_blocks(options.campaigns, run, [&](std::size_t c) {
    random_stream draw(options.seed, c, reach_room);
    const double share = draw.beta(2, 2 / mean_share - 2);
    // Half of an audience is everyone's, half comes from one fifth of the customers, so that neighbours overlap.
    const std::uint64_t width = customers / 5;
    const std::uint64_t from = customers > width ? draw.below(customers - width) : 0;
    const auto take = [&](std::uint64_t first, std::uint64_t last, double chance) {
      if (chance >= 1) {
        for (auto i = first; i < last; ++i) members[c].push_back(static_cast<std::uint32_t>(i));
        return;
      }
      const double log_miss = std::log1p(-chance);
      for (double at = static_cast<double>(first);; at += 1) {
        at += std::floor(std::log(1 - draw.uniform()) / log_miss);
        if (at >= static_cast<double>(last)) return;
        members[c].push_back(static_cast<std::uint32_t>(at));
      }
    };
    take(0, from, share / 2);
    take(from, from + width, share / 2 + share * 2.5);
    take(from + width, customers, share / 2);
  });
  world_memberships out;
  std::size_t total = 0;
  for (const auto& list : members) total += list.size();
  out.campaign.reserve(total);
  out.customer.reserve(total);
  for (std::size_t c = 0; c < members.size(); ++c) {
    out.campaign.insert(out.campaign.end(), members[c].size(), static_cast<std::uint32_t>(c));
    append(out.customer, members[c]);
    members[c] = {};
  }
  return out;
}

world_transactions simulate_transactions(const world_options& options, const run_options& run) {
  core::check_options(options);
  const shelf from(options.seed);
  return by_block<world_transactions>(
      options.customers, run,
      [&](world_transactions& piece, std::uint64_t i) {
        const auto of = make_person(options.seed, i);
        if (of.orders.empty()) return;
        std::vector<std::size_t> orders;
        const auto lines = fill_baskets(from, of, from.appeal(of), random_stream(options.seed, i, basket_room), orders);
        const std::uint64_t before = piece.order.empty() ? 0 : piece.order.back() + 1;
        std::size_t order = 0;
        for (std::size_t l = 0; l < lines.size(); ++l) {
          while (order + 1 < orders.size() && orders[order + 1] <= l) ++order;
          piece.order.push_back(before + order);
          piece.customer.push_back(static_cast<std::uint32_t>(i));
          piece.product.push_back(static_cast<std::uint32_t>(lines[l].product));
          piece.day.push_back(lines[l].day);
          piece.quantity.push_back(lines[l].quantity);
          piece.amount.push_back(lines[l].amount);
          piece.returned.push_back(lines[l].returned);
        }
      },
      [](world_transactions& out, const world_transactions& piece) {
        const std::uint64_t before = out.order.empty() ? 0 : out.order.back() + 1;
        for (const auto order : piece.order) out.order.push_back(before + order);
        append(out.customer, piece.customer);
        append(out.product, piece.product);
        append(out.day, piece.day);
        append(out.quantity, piece.quantity);
        append(out.amount, piece.amount);
        append(out.returned, piece.returned);
      });
}

world_interactions simulate_interactions(const world_options& options, const run_options& run) {
  core::check_options(options);
  const shelf from(options.seed);
  struct happening {
    date day;
    event kind;
    std::size_t product;
  };
  return by_block<world_interactions>(
      options.customers, run,
      [&](world_interactions& piece, std::uint64_t i) {
        const auto of = make_person(options.seed, i);
        const auto appeal = from.appeal(of);
        random_stream draw(options.seed, i, browse_room);
        std::vector<happening> seen;
        std::vector<std::size_t> orders;
        for (const auto& bought : fill_baskets(from, of, appeal, random_stream(options.seed, i, basket_room), orders)) {
          const date earliest = std::max(of.joined, from.launch[bought.product]);
          for (std::uint64_t views = 1 + draw.poisson(1.0); views > 0; --views)
            seen.push_back({std::max(earliest, bought.day - std::chrono::days{draw.poisson(2.0)}), event::view, bought.product});
          seen.push_back({bought.day, event::cart, bought.product});
          seen.push_back({bought.day, event::purchase, bought.product});
        }
        std::vector<double> scratch;
        const auto days = static_cast<std::uint64_t>((last_day - of.joined).count()) + 1;
        for (std::uint64_t browsed = draw.poisson(3 + 6 * of.engagement); browsed > 0; --browsed) {
          const date at = of.joined + std::chrono::days{draw.below(days)};
          const auto product = from.choose(draw, appeal, at, scratch);
          seen.push_back({at, event::view, product});
          if (draw.chance(0.12)) seen.push_back({at, event::cart, product});
        }
        std::stable_sort(seen.begin(), seen.end(), [](const happening& a, const happening& b) { return a.day < b.day; });
        for (const auto& [at, kind, product] : seen) {
          piece.customer.push_back(static_cast<std::uint32_t>(i));
          piece.product.push_back(static_cast<std::uint32_t>(product));
          piece.day.push_back(at);
          piece.kind.push_back(kind);
        }
      },
      [](world_interactions& out, const world_interactions& piece) {
        append(out.customer, piece.customer);
        append(out.product, piece.product);
        append(out.day, piece.day);
        append(out.kind, piece.kind);
      });
}

world_journeys simulate_journeys(const world_options& options, const run_options& run) {
  core::check_options(options);
  // A piece carries expected conversions in removal_effect: without each channel, and last with all of them.
  auto out = by_block<world_journeys>(
      options.customers, run,
      [&](world_journeys& piece, std::uint64_t i) {
        piece.removal_effect.resize(9);
        random_stream draw(options.seed, i, journey_room);
        for (std::uint64_t j = draw.poisson(0.8); j > 0; --j) {
          auto planned = plan_path(draw);
          for (std::size_t c = 0; c < 9; ++c) piece.removal_effect[c] += conversion_chance(planned, c);
          date at = first_day + std::chrono::days{draw.below(observed_days - 90)};
          bool converted = false;
          for (std::size_t t = 0; t < planned.length && !converted; ++t) {
            if (t) at = std::min(last_day, at + std::chrono::days{1 + draw.poisson(3.0)});
            piece.channel.push_back(planned.channel[t]);
            piece.day.push_back(at);
            converted = draw.chance(planned.hazard[t]);
          }
          piece.customer.push_back(static_cast<std::uint32_t>(i));
          piece.converted.push_back(converted);
          piece.value.push_back(converted ? std::round(5500 * std::exp(0.4 * draw.normal())) / 100 : 0.0);
          piece.touch_offsets.push_back(piece.channel.size());
        }
      },
      [](world_journeys& total, const world_journeys& piece) {
        const std::uint64_t before = total.channel.size();
        for (std::size_t j = 1; j < piece.touch_offsets.size(); ++j)
          total.touch_offsets.push_back(before + piece.touch_offsets[j]);
        append(total.customer, piece.customer);
        append(total.converted, piece.converted);
        append(total.value, piece.value);
        append(total.channel, piece.channel);
        append(total.day, piece.day);
        total.removal_effect.resize(9);
        for (std::size_t c = 0; c < piece.removal_effect.size(); ++c) total.removal_effect[c] += piece.removal_effect[c];
      });
  out.removal_effect.resize(9);
  const double all = out.removal_effect.back();
  out.removal_effect.pop_back();
  for (auto& effect : out.removal_effect) effect = all > 0 ? 1 - effect / all : 0;
  return out;
}

world_experiment simulate_experiment(const world_options& options, const run_options& run) {
  core::check_options(options);
  const auto& truth = planted_truth().experiment;
  constexpr date starts{std::chrono::year{2026} / 6 / 3};
  constexpr std::uint64_t length = 21;
  return by_block<world_experiment>(
      options.customers, run,
      [&](world_experiment& piece, std::uint64_t i) {
        random_stream draw(options.seed, i, experiment_room);
        const auto of = make_person(options.seed, i);
        if (!draw.chance(truth.participants) || of.lifecycle == prospects) return;
        const bool treated = draw.chance(truth.treated);
        // Engaged customers open more and spend more: comparing the exposed with the others overstates the effect.
        const bool exposed = draw.uniform() < truth.exposed + 0.25 * (of.engagement - 0.5) && treated;
        const auto contacts = static_cast<std::uint16_t>(exposed ? 1 + draw.poisson(2.0) : 0);
        const double pre = 10 * draw.gamma(2.0);
        const auto& effect = truth.uplifts[of.lifecycle - 1u];
        const double spend = 8 + truth.pre_slope * pre + 10 * (of.engagement - 0.5) + truth.noise * draw.normal();
        const bool converted = draw.chance(0.06 + 0.10 * of.engagement + (exposed ? effect.conversion : 0.0));
        piece.customer.push_back(static_cast<std::uint32_t>(i));
        piece.lifecycle.push_back(of.lifecycle);
        piece.treated.push_back(treated);
        piece.exposures.push_back(contacts);
        piece.pre_spend.push_back(std::round(pre * 100) / 100);
        piece.spend.push_back(std::round((spend + (exposed ? effect.spend : 0.0)) * 100) / 100);
        piece.converted.push_back(converted);
        std::vector<date> days;
        for (std::uint16_t e = 0; e < contacts; ++e) days.push_back(starts + std::chrono::days{draw.below(length)});
        std::sort(days.begin(), days.end());
        piece.exposure_customer.insert(piece.exposure_customer.end(), days.size(), static_cast<std::uint32_t>(i));
        append(piece.exposure_day, days);
      },
      [](world_experiment& out, const world_experiment& piece) {
        append(out.customer, piece.customer);
        append(out.lifecycle, piece.lifecycle);
        append(out.treated, piece.treated);
        append(out.exposures, piece.exposures);
        append(out.pre_spend, piece.pre_spend);
        append(out.spend, piece.spend);
        append(out.converted, piece.converted);
        append(out.exposure_customer, piece.exposure_customer);
        append(out.exposure_day, piece.exposure_day);
      });
}

world simulate(const world_options& options, const run_options& run) {
  world out;
  out.portfolio = sample_portfolio();
  out.catalog = sample_catalog();
  out.history = simulate_history({.campaigns = options.history_campaigns, .seed = options.seed});
  out.customers = simulate_customers(options, run);
  out.memberships = simulate_memberships(options, run);
  out.transactions = simulate_transactions(options, run);
  out.interactions = simulate_interactions(options, run);
  out.journeys = simulate_journeys(options, run);
  out.experiment = simulate_experiment(options, run);
  return out;
}

}  // namespace clarion::schema
