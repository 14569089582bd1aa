#include "clarion/schema/world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <span>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/schema/sample.hpp"

namespace clarion::schema {

namespace {

using core::random_stream;

// A stream for each kind of draw, so that one part never shifts the numbers of another.
enum room : std::uint32_t {
  person_room = 0x5D01,
  order_room,
  basket_room,
  browse_room,
  journey_room,
  experiment_room,
  audience_room,
  shelf_room,
  reach_room
};

enum segment_code : std::uint8_t {
  prospects,
  new_buyers,
  active_buyers,
  loyalty_members,
  lapsed_buyers,
  social_followers,
  trend_shoppers,
  deal_seekers,
  wellness_enthusiasts,
  students,
  podcast_listeners,
  outdoor_fans,
  app_users
};
constexpr std::size_t lifecycles = 5, traits = 8;
constexpr std::uint16_t bit(segment_code of) { return static_cast<std::uint16_t>(1u << of); }
constexpr std::uint8_t email_consent = 1, sms_consent = 2, push_consent = 4;
constexpr std::uint8_t west = 3;

// Chance of each trait by lifecycle: those who follow on social media are mostly not buyers yet.
constexpr std::array<std::array<double, lifecycles>, traits> trait_chance{{{0.70, 0.50, 0.12, 0.08, 0.25},
                                                                           {0.25, 0.30, 0.10, 0.08, 0.12},
                                                                           {0.08, 0.20, 0.28, 0.15, 0.30},
                                                                           {0.22, 0.20, 0.20, 0.28, 0.15},
                                                                           {0.18, 0.20, 0.08, 0.04, 0.08},
                                                                           {0.14, 0.14, 0.12, 0.12, 0.10},
                                                                           {0.15, 0.18, 0.18, 0.20, 0.15},
                                                                           {0.05, 0.35, 0.40, 0.70, 0.20}}};

constexpr date first_day{std::chrono::year{2024} / 8 / 1}, last_day{std::chrono::year{2026} / 7 / 31};
constexpr int observed_days = static_cast<int>((last_day - first_day).count()) + 1;

unsigned month_of(date at) { return unsigned{std::chrono::year_month_day{at}.month()} - 1; }

std::size_t pick(random_stream& draw, const double* cumulative, std::size_t n) {
  const double at = draw.uniform() * cumulative[n - 1];
  const auto found = static_cast<std::size_t>(std::upper_bound(cumulative, cumulative + n, at) - cumulative);
  return std::min(found, n - 1);
}

struct person {
  date joined;
  double rate = 0;     // orders a week while active
  double dropout = 0;  // chance to leave after a repeat order
  std::uint16_t segments = 0;
  std::uint8_t lifecycle = prospects, region = 0, consent = 0;
  std::array<double, 4> taste{};
  double engagement = 0;
  std::vector<date> orders;  // days
};

// Fader, Hardie and Lee (2005), "Counting your customers the easy way": the BG/NBD model. Leaving is possible after each repeat
// order.
void place_orders(random_stream draw, person& of) {
  of.orders.push_back(of.joined);
  const double horizon = static_cast<double>((last_day - of.joined).count() + 1) / 7;
  for (double at = draw.exponential() / of.rate; at < horizon; at += draw.exponential() / of.rate) {
    of.orders.push_back(of.joined + std::chrono::days{static_cast<int>(at * 7)});
    if (draw.chance(of.dropout)) break;
  }
}

std::uint8_t lifecycle_of(const person& of) {
  if (of.orders.empty()) return prospects;
  if ((last_day - of.joined).count() < 120) return new_buyers;
  if ((last_day - of.orders.back()).count() > 182) return lapsed_buyers;
  return of.orders.size() >= 6 ? loyalty_members : active_buyers;
}

person make_person(std::uint64_t seed, std::uint64_t customer) {
  const auto& truth = planted_truth().purchases;
  random_stream draw(seed, customer, person_room);
  person out;
  out.joined = first_day + std::chrono::days{draw.below(observed_days)};
  const bool buys = !draw.chance(truth.prospects);
  constexpr std::array<double, 4> regions{0.30, 0.52, 0.76, 1.0};
  out.region = static_cast<std::uint8_t>(pick(draw, regions.data(), regions.size()));
  for (auto& taste : out.taste) taste = draw.normal();
  out.engagement = draw.uniform();
  std::array<double, traits> trait_draw{};
  for (auto& u : trait_draw) u = draw.uniform();
  const double email = draw.uniform(), sms = draw.uniform(), push = draw.uniform();
  if (buys) {
    out.rate = std::max(draw.gamma(truth.r) / truth.alpha, 1e-9);
    out.dropout = draw.beta(truth.a, truth.b);
    place_orders(random_stream(seed, customer, order_room), out);
  }
  out.lifecycle = lifecycle_of(out);
  out.segments = static_cast<std::uint16_t>(1u << out.lifecycle);
  for (std::size_t t = 0; t < traits; ++t)
    if (trait_draw[t] < trait_chance[t][out.lifecycle])
      out.segments = static_cast<std::uint16_t>(out.segments | 1u << (lifecycles + t));
  const bool deals = out.segments & bit(deal_seekers), app = out.segments & bit(app_users);
  out.consent = static_cast<std::uint8_t>((email < 0.85 ? email_consent : 0) | (sms < (deals ? 0.65 : 0.30) ? sms_consent : 0) |
                                          (app && push < 0.80 ? push_consent : 0));
  return out;
}

// The catalogue as customers meet it.
struct shelf {
  catalog goods = sample_catalog();
  std::vector<std::uint8_t> category;
  std::vector<date> launch;
  std::array<std::vector<double>, 12> season;  // of each product, by month
  std::vector<double> popularity;
  std::vector<std::array<double, 4>> factors;
  std::vector<std::array<std::size_t, 2>> rules;  // antecedent, consequent
  std::vector<double> rule_chance;

  explicit shelf(std::uint64_t seed) {
    const auto& truth = planted_truth();
    for (std::size_t j = 0; j < goods.products.size(); ++j) {
      random_stream draw(seed, j, shelf_room);
      const auto& seasons = truth.history.seasons;
      std::uint8_t code = 0;
      while (seasons[code].category != goods.products[j].category) ++code;
      category.push_back(code);
      launch.push_back(*goods.products[j].launch);
      for (unsigned m = 0; m < 12; ++m) season[m].push_back(seasons[code].index[m]);
      popularity.push_back(0.6 * draw.normal());
      factors.emplace_back();
      for (auto& f : factors.back()) f = 0.5 * draw.normal();
    }
    for (const auto& rule : truth.baskets) {
      const auto row = [&](const std::string& id) { return static_cast<std::size_t>(goods.find(id) - goods.products.data()); };
      rules.push_back({row(rule.antecedent), row(rule.consequent)});
      rule_chance.push_back(rule.chance);
    }
  }
  std::size_t size() const { return popularity.size(); }

  // How much a person likes each product, before season.
  std::vector<double> appeal(const person& of) const {
    const auto has = [&](segment_code s) { return (of.segments & bit(s)) != 0; };
    const std::array<double, 6> bonus{
        has(wellness_enthusiasts) ? 1.0 : 0.0, has(trend_shoppers) ? 0.7 : 0.0, 0.0,
        has(trend_shoppers) ? 0.7 : 0.0,       has(students) ? 0.6 : 0.0,       has(outdoor_fans) ? 1.0 : 0.0};
    std::vector<double> out(size());
    for (std::size_t j = 0; j < size(); ++j) {
      double log_weight = popularity[j] + bonus[category[j]];
      for (std::size_t f = 0; f < 4; ++f) log_weight += of.taste[f] * factors[j][f];
      if (has(deal_seekers)) log_weight -= 0.01 * goods.products[j].price;
      out[j] = std::exp(log_weight);
    }
    return out;
  }

  // A product on sale that day, by appeal and the season of its category.
  std::size_t choose(random_stream& draw, const std::vector<double>& appeal, date at, std::vector<double>& scratch) const {
    const auto& index = season[month_of(at)];
    scratch.resize(size());
    double sum = 0;
    for (std::size_t j = 0; j < size(); ++j) {
      if (launch[j] <= at) sum += appeal[j] * index[j];
      scratch[j] = sum;
    }
    return pick(draw, scratch.data(), size());
  }
};

struct line {
  std::size_t product;
  date day;
  std::uint16_t quantity;
  double amount;
  std::uint16_t returned;
};

// The order lines of a person; `orders` gives the position of the first line of each order.
std::vector<line> fill_baskets(const shelf& from, const person& of, const std::vector<double>& appeal, random_stream draw,
                               std::vector<std::size_t>& orders) {
  std::vector<line> out;
  std::vector<double> scratch;
  orders.clear();
  for (const date at : of.orders) {
    const std::size_t begin = out.size();
    orders.push_back(begin);
    const auto holds = [&](std::size_t product) {
      return std::any_of(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
                         [&](const line& l) { return l.product == product; });
    };
    const auto add = [&](std::size_t product) { out.push_back({product, at, 0, 0, 0}); };
    const std::size_t wanted = 1 + std::min<std::uint64_t>(draw.poisson(0.6), 4);
    for (std::size_t l = 0; l < wanted; ++l)
      if (const auto product = from.choose(draw, appeal, at, scratch); !holds(product)) add(product);
    for (std::size_t r = 0; r < from.rules.size(); ++r) {
      const auto [antecedent, consequent] = from.rules[r];
      if (holds(antecedent) && !holds(consequent) && from.launch[consequent] <= at && draw.chance(from.rule_chance[r]))
        add(consequent);
    }
    const std::chrono::year_month_day ymd{at};
    const bool cyber_week = ymd.month() == std::chrono::November && unsigned{ymd.day()} >= 20;
    for (std::size_t l = begin; l < out.size(); ++l) {
      auto& item = out[l];
      item.quantity = static_cast<std::uint16_t>(1 + draw.poisson(0.15));
      const double paid = from.goods.products[item.product].price * item.quantity * (cyber_week ? 0.8 : 1.0);
      item.amount = std::round(paid * 100) / 100;
      const double back = planted_truth().history.seasons[from.category[item.product]].return_rate;
      item.returned = draw.chance(back) ? item.quantity : std::uint16_t{0};
    }
  }
  return out;
}

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

// Bit c: the customer is in the audience of row c of the sample.
std::uint16_t audiences_of(std::uint64_t seed, std::uint64_t customer) {
  const auto of = make_person(seed, customer);
  const auto& truth = planted_truth().memberships;
  random_stream draw(seed, customer, audience_room);
  const auto any = [&](std::initializer_list<segment_code> segments) {
    return std::any_of(segments.begin(), segments.end(), [&](segment_code s) { return (of.segments & bit(s)) != 0; });
  };
  const auto consents = [&](std::uint8_t to) { return (of.consent & to) != 0; };
  std::uint16_t out = 0;
  const auto join = [&](unsigned number, bool eligible, double chance) {
    const bool in = draw.uniform() < chance && eligible;
    if (in) out = static_cast<std::uint16_t>(out | 1u << (number - 1));
    return in;
  };

  // A campaign of the series takes social_repeat of those reached before and as many others as give its planted new reach.
  const bool follows = any({social_followers, trend_shoppers});
  bool reached = false;
  double reach = 0;
  for (unsigned k = 0; k < truth.social_new_reach.size(); ++k) {
    const double fresh = truth.social_new_reach[k];
    const double added = k == 0 ? 0.45 : fresh / (1 - fresh) * reach * truth.social_repeat;
    const bool in = join(3 + k, follows, reached ? truth.social_repeat : added / (1 - reach));
    reached = reached || in;
    reach += added;
  }
  const bool in_black_friday = join(8, any({active_buyers, deal_seekers}) && consents(email_consent), truth.black_friday_share);
  join(9, any({active_buyers, loyalty_members}) && consents(email_consent),
       in_black_friday ? truth.gift_guide_in_black_friday : truth.gift_guide_else);
  join(1, any({students}), 0.60);
  join(2, any({wellness_enthusiasts}), 0.50);
  join(10, any({loyalty_members}) && consents(push_consent), 0.90);
  join(11, any({deal_seekers}) && consents(sms_consent), 0.75);
  join(12, any({podcast_listeners}), 0.60);
  join(13, any({outdoor_fans}) && of.region == west, 0.70);
  join(14, any({loyalty_members, wellness_enthusiasts}) && consents(email_consent), 0.50);
  join(15, any({app_users}) && consents(push_consent), 0.60);
  return out;
}

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
  run_options quietly = run;
  quietly.progress = nullptr;
  core::parallel_blocks(blocks, quietly, [&](std::size_t b) {
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
