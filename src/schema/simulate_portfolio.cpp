#include "clarion/schema/simulate_portfolio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>

#include "clarion/core/random.hpp"

namespace clarion::schema {

namespace {

constexpr std::uint32_t history_room = 0x5C01, portfolio_room = 0x5C02;

constexpr std::array<std::string_view, 8> channels{"Email", "Social Media",       "Influencer", "Webinar",
                                                   "SMS",   "Push Notifications", "Events",     "Podcast"};
enum channel_code : std::uint8_t { email, social, influencer, webinar, sms, push, events, podcast };
enum category_code : std::uint8_t { wellness, beauty, home, apparel, gadgets, outdoor, no_category };

constexpr date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

unsigned month_of(date at) { return unsigned{std::chrono::year_month_day{at}.month()} - 1; }

// What a click becomes on its way, by channel: clicks for an impression, conversions for a click.
struct funnel {
  double click_rate, conversion_rate;
};
constexpr std::array<funnel, 8> funnels{{{0.030, 0.060},
                                         {0.012, 0.030},
                                         {0.016, 0.028},
                                         {0.050, 0.220},
                                         {0.080, 0.065},
                                         {0.040, 0.050},
                                         {0.120, 0.150},
                                         {0.008, 0.035}}};

// Of those who convert, the share that had never bought.
double new_share(objective aim) {
  switch (aim) {
    case objective::acquisition:
      return 0.65;
    case objective::lead_generation:
      return 0.50;
    case objective::awareness:
      return 0.40;
    case objective::activation:
      return 0.30;
    case objective::revenue:
      return 0.15;
    case objective::clearance:
      return 0.12;
    case objective::reactivation:
      return 0.05;
    case objective::retention:
      return 0.03;
    case objective::unspecified:
      return 0.20;
  }
  return 0.20;
}

// What a dollar meets: the mean of the categories that a campaign sells, season averaged over its days.
struct market {
  double season = 0, order_value = 0, return_rate = 0;
};

market market_of(std::span<const category_code> categories, date start, date end) {
  market out;
  const double parts = static_cast<double>(categories.size()), days = static_cast<double>((end - start).count() + 1);
  for (const auto category : categories) {
    const auto& of = planted_history().seasons[category];
    for (date at = start; at <= end; at += std::chrono::days{1}) out.season += of.index[month_of(at)] / (days * parts);
    out.order_value += of.order_value / parts;
    out.return_rate += of.return_rate / parts;
  }
  return out;
}

actuals outcome(core::random_stream& draw, channel_code channel, const market& at, objective aim, double spend,
                double performance) {
  const auto& truth = planted_history();
  const auto& response = truth.responses[channel];
  const double expected = response.scale * std::pow(spend / 1000, response.elasticity) * at.season * performance;

  actuals out;
  out.spend = spend;
  out.conversions = std::round(expected * std::exp(truth.noise * draw.normal()));
  out.clicks = std::round(out.conversions / funnels[channel].conversion_rate * std::exp(0.05 * draw.normal()));
  out.impressions = std::round(out.clicks / funnels[channel].click_rate * std::exp(0.05 * draw.normal()));
  // A lead is worth a quarter of an order within the campaign's own accounts.
  const double worth = at.order_value * (aim == objective::lead_generation ? 0.25 : 1.0);
  out.revenue = std::round(out.conversions * worth * std::exp(0.04 * draw.normal()) * 100) / 100;
  out.new_customers = std::round(out.conversions * new_share(aim) * std::exp(0.03 * draw.normal()));
  out.new_customers = std::min(out.new_customers, out.conversions);
  out.returns = std::min(out.conversions, static_cast<double>(draw.poisson(out.conversions * at.return_rate)));
  return out;
}

struct recurring {
  const char* name;
  channel_code channel;
  std::array<category_code, 2> categories;
  unsigned month, day;
  int length;
  objective aim;
  double budget;
  std::array<const char*, 2> audience;
  const char* owner;
  const char* theme;
};

constexpr auto none = no_category;
using enum objective;
// A campaign a line.
// clang-format off
constexpr std::array<recurring, 40> yearly{{
    {"Cyber Week Deals", email, {gadgets, apparel}, 11, 20, 11, revenue, 24000, {"Active Buyers", "Deal Seekers"}, "Maya Chen", "black-friday"},
    {"Gift Finder", email, {beauty, home}, 12, 1, 18, revenue, 20000, {"Active Buyers", "Loyalty Members"}, "Maya Chen", "gifting"},
    {"Welcome Series Refresh", email, {beauty, none}, 9, 7, 21, activation, 7000, {"New Buyers", nullptr}, "Priya Nair", "onboarding"},
    {"Spring Wardrobe Edit", email, {apparel, none}, 3, 9, 21, revenue, 11000, {"Active Buyers", nullptr}, "Maya Chen", "lookbook"},
    {"Wellness Refill Reminder", email, {wellness, none}, 5, 6, 24, retention, 6500, {"Loyalty Members", "Wellness Enthusiasts"}, "Priya Nair", "replenishment"},
    {"We Miss You", email, {home, none}, 6, 3, 21, reactivation, 8000, {"Lapsed Buyers", nullptr}, "Priya Nair", "win-back"},
    {"Mother's Day Picks", email, {beauty, home}, 4, 22, 18, revenue, 13000, {"Active Buyers", nullptr}, "Maya Chen", "gifting"},
    {"Healthy Start Letters", email, {wellness, none}, 1, 5, 21, revenue, 9000, {"Active Buyers", "Wellness Enthusiasts"}, "Priya Nair", "new-year"},
    {"New Year Wellness Reset", social, {wellness, none}, 1, 4, 24, acquisition, 13000, {"Social Followers", "Wellness Enthusiasts"}, "Diego Alvarez", "new-year"},
    {"Valentine Glow", social, {beauty, none}, 2, 1, 13, acquisition, 9000, {"Social Followers", "Trend Shoppers"}, "Diego Alvarez", "gifting"},
    {"Small Space Living", social, {home, none}, 1, 18, 20, acquisition, 10000, {"Social Followers", nullptr}, "Diego Alvarez", "lookbook"},
    {"Festival Looks", social, {apparel, none}, 6, 1, 20, acquisition, 12000, {"Social Followers", "Students"}, "Diego Alvarez", "lookbook"},
    {"Trail Season Stories", social, {outdoor, none}, 4, 13, 24, acquisition, 11000, {"Social Followers", "Outdoor Fans"}, "Diego Alvarez", "storytelling"},
    {"Autumn Layers", social, {apparel, none}, 10, 5, 20, acquisition, 14000, {"Social Followers", "Trend Shoppers"}, "Diego Alvarez", "product-launch"},
    {"Skin Reset", social, {beauty, none}, 9, 14, 20, acquisition, 10000, {"Social Followers", "Trend Shoppers"}, "Diego Alvarez", "product-launch"},
    {"Gadget Unboxing Week", social, {gadgets, none}, 11, 3, 14, acquisition, 9000, {"Social Followers", "Trend Shoppers"}, "Maya Chen", "countdown"},
    {"Sleep Better Month", social, {wellness, none}, 3, 2, 24, acquisition, 8000, {"Social Followers", "Wellness Enthusiasts"}, "Diego Alvarez", "education"},
    {"Resolution Fitness Creators", influencer, {wellness, none}, 1, 12, 24, acquisition, 18000, {"Wellness Enthusiasts", nullptr}, "Tom Becker", "new-year"},
    {"Campus Haul", influencer, {apparel, none}, 8, 20, 24, acquisition, 16000, {"Students", nullptr}, "Tom Becker", "back-to-school"},
    {"Beauty Shelfies", influencer, {beauty, none}, 5, 11, 20, acquisition, 12000, {"Trend Shoppers", nullptr}, "Tom Becker", "storytelling"},
    {"Summer Hike Creators", influencer, {outdoor, none}, 6, 15, 24, acquisition, 15000, {"Outdoor Fans", nullptr}, "Tom Becker", "storytelling"},
    {"Holiday Hosts", influencer, {home, none}, 11, 16, 20, awareness, 14000, {"Social Followers", nullptr}, "Tom Becker", "gifting"},
    {"Winter Immunity Webinar", webinar, {wellness, none}, 2, 3, 9, lead_generation, 7000, {"Wellness Enthusiasts", nullptr}, "Priya Nair", "education"},
    {"Skin Science Live", webinar, {beauty, none}, 10, 12, 9, lead_generation, 6000, {"Trend Shoppers", nullptr}, "Priya Nair", "education"},
    {"Home Office Ergonomics", webinar, {gadgets, none}, 9, 21, 9, lead_generation, 5000, {"Prospects", nullptr}, "Priya Nair", "education"},
    {"Trail Safety Class", webinar, {outdoor, none}, 5, 18, 9, lead_generation, 5500, {"Outdoor Fans", nullptr}, "Tom Becker", "education"},
    {"Winter Clearance Texts", sms, {apparel, none}, 2, 12, 4, clearance, 5000, {"Deal Seekers", nullptr}, "Aisha Khan", "flash-sale"},
    {"Summer Flash", sms, {outdoor, none}, 7, 17, 3, clearance, 4000, {"Deal Seekers", nullptr}, "Aisha Khan", "flash-sale"},
    {"Last Order Day", sms, {gadgets, beauty}, 12, 14, 4, revenue, 6000, {"Active Buyers", nullptr}, "Aisha Khan", "countdown"},
    {"Weekend Code", sms, {home, none}, 4, 3, 3, revenue, 3000, {"Deal Seekers", nullptr}, "Aisha Khan", "flash-sale"},
    {"App Back-to-Routine", push, {wellness, none}, 9, 1, 14, retention, 5000, {"App Users", nullptr}, "Aisha Khan", "loyalty"},
    {"Points Week", push, {apparel, none}, 6, 22, 14, retention, 7000, {"App Users", "Loyalty Members"}, "Aisha Khan", "loyalty"},
    {"Holiday Drops", push, {gadgets, none}, 11, 24, 14, revenue, 9000, {"App Users", nullptr}, "Aisha Khan", "countdown"},
    {"Cart Nudge", push, {beauty, none}, 3, 16, 28, revenue, 4000, {"App Users", nullptr}, "Aisha Khan", "reminder"},
    {"Backyard Festival", events, {outdoor, none}, 7, 3, 9, retention, 17000, {"Outdoor Fans", nullptr}, "Tom Becker", "community"},
    {"Holiday Pop-Up", events, {home, none}, 12, 4, 14, acquisition, 20000, {"Prospects", nullptr}, "Tom Becker", "gifting"},
    {"Run Club Spring", events, {wellness, none}, 4, 6, 20, acquisition, 9000, {"Wellness Enthusiasts", nullptr}, "Tom Becker", "community"},
    {"Mindful February", podcast, {wellness, none}, 2, 2, 24, acquisition, 9000, {"Podcast Listeners", nullptr}, "Priya Nair", "education"},
    {"Autumn Home Hour", podcast, {home, none}, 10, 1, 28, awareness, 11000, {"Podcast Listeners", nullptr}, "Priya Nair", "storytelling"},
    {"Design Stories", podcast, {home, none}, 5, 4, 21, awareness, 7000, {"Podcast Listeners", nullptr}, "Priya Nair", "storytelling"},
}};
// clang-format on

const char* season_tag(unsigned month) {
  constexpr std::array<const char*, 12> of{"winter", "winter", "spring", "spring", "spring",  "summer",
                                           "summer", "summer", "autumn", "autumn", "holiday", "holiday"};
  return of[month];
}

constexpr std::array<std::string_view, 24> personas{
    "Runners",     "New Parents",    "Students",      "Gardeners",       "Commuters",       "Home Cooks",
    "Cyclists",    "Gamers",         "Pet Owners",    "Frequent Flyers", "Bargain Hunters", "Early Adopters",
    "Book Lovers", "Campers",        "Yoga Fans",     "DIY Builders",    "Coffee Lovers",   "Skiers",
    "Music Fans",  "Weekend Hikers", "Skincare Fans", "Remote Workers",  "Collectors",      "Gift Givers"};
constexpr std::array<std::string_view, 40> cities{
    "Amsterdam", "Athens", "Austin",  "Barcelona", "Berlin",  "Boston",  "Brussels", "Chicago",  "Cologne", "Copenhagen",
    "Dallas",    "Denver", "Detroit", "Dublin",    "Geneva",  "Hamburg", "Helsinki", "Houston",  "Lisbon",  "London",
    "Lyon",      "Madrid", "Malmo",   "Miami",     "Milan",   "Munich",  "Naples",   "New York", "Oslo",    "Paris",
    "Phoenix",   "Porto",  "Prague",  "Rome",      "Seattle", "Seville", "Toronto",  "Turin",    "Vienna",  "Warsaw"};
constexpr std::array<std::string_view, 16> themes{"launch",  "clearance", "loyalty",   "education", "gifting",  "lookbook",
                                                  "preview", "community", "win-back",  "referral",  "giveaway", "countdown",
                                                  "bundle",  "reminder",  "spotlight", "partner"};

}  // namespace

const history_truth& planted_history() {
  static const history_truth truth{
      .responses = {{"Email", 150, 0.80},
                    {"Social Media", 95, 0.72},
                    {"Influencer", 80, 0.68},
                    {"Webinar", 140, 0.55},
                    {"SMS", 130, 0.62},
                    {"Push Notifications", 120, 0.60},
                    {"Events", 75, 0.50},
                    {"Podcast", 45, 0.58}},
      .seasons = {{"Health & Wellness", {1.70, 1.50, 1.05, 0.95, 0.90, 0.90, 0.85, 0.95, 1.10, 0.95, 0.85, 0.80}, 38, 0.04},
                  {"Beauty", {0.80, 0.95, 0.95, 1.05, 1.05, 0.95, 0.90, 0.90, 1.00, 1.00, 1.40, 1.50}, 34, 0.05},
                  {"Home", {0.85, 0.85, 0.95, 1.00, 1.00, 0.90, 0.85, 0.95, 1.05, 1.10, 1.40, 1.45}, 58, 0.06},
                  {"Apparel", {0.75, 0.80, 1.15, 1.10, 1.00, 0.95, 0.85, 1.10, 1.20, 1.15, 1.30, 1.10}, 62, 0.15},
                  {"Electronics Accessories", {0.80, 0.80, 0.85, 0.90, 0.90, 0.90, 0.90, 1.15, 1.05, 0.95, 1.60, 1.55}, 41, 0.08},
                  {"Outdoor", {0.65, 0.70, 0.95, 1.25, 1.35, 1.30, 1.15, 1.00, 0.95, 0.85, 0.95, 1.00}, 64, 0.07}},
      .performers = {{"H25-03", 1.9}, {"H25-20", 1.9}, {"H26-34", 1.9}, {"H25-16", 0.45}, {"H24-22", 0.45}, {"H26-28", 0.45}}};
  return truth;
}

portfolio simulate_history(const history_options& options) {
  core::check_options(options);
  const auto& truth = planted_history();
  std::vector<campaign> rows;
  rows.reserve(options.campaigns);
  for (std::uint64_t k = 0; k < options.campaigns; ++k) {
    const auto& plan = yearly[k % yearly.size()];
    const int years_back = static_cast<int>(k / yearly.size());
    const int year = (plan.month >= 8 ? 2025 : 2026) - years_back;
    core::random_stream draw(options.seed, k, history_room);

    campaign row;
    row.id = fmt::format("H{:02}-{:02}", year % 100, k % yearly.size() + 1);
    row.name = fmt::format("{} {}", plan.name, year);
    row.start = day(year, plan.month, plan.day);
    row.end = row.start + std::chrono::days{plan.length - 1};
    row.budget.amount = std::round(plan.budget * std::exp(0.35 * draw.normal()) / 100) * 100;
    row.channel = channels[plan.channel];
    std::vector<category_code> categories;
    for (const auto category : plan.categories)
      if (category != no_category) {
        categories.push_back(category);
        row.products.push_back(truth.seasons[category].category);
      }
    for (const auto* segment : plan.audience)
      if (segment) row.audience.emplace_back(segment);
    row.owner = plan.owner;
    row.group = draw.chance(0.5) ? "A" : "B";
    row.objective = plan.aim;
    row.region = "National";
    row.status = status::finished;
    row.approver = row.budget.amount >= 15000 ? "Elena Rossi" : "Sam Osei";
    row.channel_manager = plan.channel == email || plan.channel == sms || plan.channel == push ? "Hannah Lind"
                          : plan.channel == social || plan.channel == influencer               ? "Luca Moretti"
                                                                                               : "Grace Obi";
    constexpr std::array<double, 8> touches{2, 3, 1, 0.5, 1, 2, 0.25, 1};
    row.touches_per_week = touches[plan.channel];
    row.frequency_cap = 5;
    row.tags = {fmt::format("season:{}", season_tag(plan.month - 1)), fmt::format("theme:{}", plan.theme)};

    double performance = 1;
    for (const auto& planted : truth.performers)
      if (planted.campaign == row.id) performance = planted.factor;
    const double spend = std::round(row.budget.amount * (0.92 + 0.08 * draw.uniform()));
    row.actuals = outcome(draw, plan.channel, market_of(categories, row.start, row.end), plan.aim, spend, performance);
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const campaign& a, const campaign& b) { return std::tie(a.start, a.id) < std::tie(b.start, b.id); });
  return make_portfolio(rows);
}

namespace {

// A row of simulate_portfolio() before it has texts.
struct drawn {
  int first, length, slack;
  std::uint32_t channel, category, theme, owner, group, region, approver;
  std::array<std::uint32_t, 3> segments;
  std::size_t segment_count;
  objective aim;
  double budget, touches;
  bool fixed;
  schema::actuals actuals;
};

}  // namespace

portfolio simulate_portfolio(const portfolio_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n = options.campaigns;
  const auto& truth = planted_history();
  const std::size_t segments = std::clamp<std::size_t>(n / 20, 20, personas.size() * cities.size());
  const std::size_t owners = std::max<std::size_t>(6, n / 40);
  const date first = day(options.first_year, 1, 1);
  const auto span = static_cast<std::size_t>((day(options.first_year + options.years, 1, 1) - first).count());

  // Seasons summed from the first day, so that the mean of a run costs two look-ups.
  std::vector<std::vector<double>> season(truth.seasons.size(), std::vector<double>(span + 1));
  for (std::size_t c = 0; c < season.size(); ++c)
    for (std::size_t d = 0; d < span; ++d)
      season[c][d + 1] = season[c][d] + truth.seasons[c].index[month_of(first + std::chrono::days{d})];

  constexpr std::array<objective, 8> aims{acquisition, acquisition, revenue,         revenue,
                                          retention,   awareness,   lead_generation, reactivation};
  const auto draw_row = [&](std::uint64_t i) {
    core::random_stream draw(options.seed, i, portfolio_room);
    const auto code = [&](std::size_t of) { return static_cast<std::uint32_t>(draw.below(of)); };
    drawn out{};
    out.length = 3 + static_cast<int>(draw.below(40));
    out.first = static_cast<int>(draw.below(span - static_cast<std::size_t>(out.length) + 1));
    out.channel = code(channels.size());
    out.category = code(truth.seasons.size());
    out.theme = code(themes.size());
    out.aim = aims[draw.below(aims.size())];
    out.budget = std::round(9000 * std::exp(0.7 * draw.normal()) / 50) * 50 + 50;
    // A few segments are everyone's favourite: the square of a uniform draw leans towards the first.
    for (std::size_t wanted = 1 + draw.below(3); wanted > 0; --wanted) {
      const double u = draw.uniform();
      const auto segment = static_cast<std::uint32_t>(u * u * static_cast<double>(segments));
      const auto held = std::span(out.segments).first(out.segment_count);
      if (std::find(held.begin(), held.end(), segment) == held.end()) out.segments[out.segment_count++] = segment;
    }
    out.owner = code(owners);
    out.group = code(2);
    out.region = code(5);
    out.approver = code(3);
    out.touches = static_cast<double>(1 + draw.below(4));
    out.fixed = draw.chance(0.1);
    out.slack = static_cast<int>(draw.below(15));
    if (options.actuals) {
      const auto& sums = season[out.category];
      const auto from = static_cast<std::size_t>(out.first), to = from + static_cast<std::size_t>(out.length);
      const market at{(sums[to] - sums[from]) / out.length, truth.seasons[out.category].order_value,
                      truth.seasons[out.category].return_rate};
      const double spend = std::round(out.budget * (0.92 + 0.08 * draw.uniform()) * 100) / 100;
      out.actuals = outcome(draw, static_cast<channel_code>(out.channel), at, out.aim, spend, 1);
    }
    return out;
  };
  constexpr std::size_t block_rows = 4096;
  std::vector<drawn> rows(n);
  core::parallel_blocks((n + block_rows - 1) / block_rows, run, [&](std::size_t b) {
    for (std::size_t i = b * block_rows; i < std::min(n, (b + 1) * block_rows); ++i) rows[i] = draw_row(i);
  });

  // Every text that can occur is interned once; rows then hold codes.
  portfolio out;
  const auto intern = [](auto& column, const auto& names) {
    for (const auto& name : names) column.values.intern(name);
  };
  intern(out.channel, channels);
  for (const auto& of : truth.seasons) out.products.values.intern(of.category);
  for (std::size_t s = 0; s < segments; ++s)
    out.audience.values.intern(fmt::format("{} {}", personas[s % personas.size()], cities[s / personas.size()]));
  for (std::size_t o = 0; o < owners; ++o) out.owner.values.intern(fmt::format("Owner {:04}", o + 1));
  intern(out.approver, std::array{"Approver North", "Approver South", "Approver West"});
  for (const auto channel : channels) out.channel_manager.values.intern(fmt::format("{} Desk", channel));
  intern(out.region, std::array{"National", "North", "South", "East", "West"});
  intern(out.group, std::array{"A", "B"});
  intern(out.currency, std::array{"USD"});
  std::array<std::uint32_t, 12> season_code{};
  for (unsigned m = 0; m < 12; ++m) season_code[m] = out.tags.values.intern(fmt::format("season:{}", season_tag(m)));
  const auto first_theme = static_cast<std::uint32_t>(out.tags.values.size());
  for (const auto theme : themes) out.tags.values.intern(fmt::format("theme:{}", theme));

  out.id.reserve(n, n * 9);
  out.name.reserve(n, n * 34);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& row = rows[i];
    const date start = first + std::chrono::days{row.first}, end = start + std::chrono::days{row.length - 1};
    out.id.push_back(fmt::format("P{:07}", i + 1));
    out.name.push_back(fmt::format("{} {} N{:07}", truth.seasons[row.category].category, themes[row.theme], i + 1));
    out.start.push_back(start);
    out.end.push_back(end);
    out.budget.push_back(row.budget);
    out.channel.codes.push_back(row.channel);
    out.audience.codes.insert(out.audience.codes.end(), row.segments.begin(),
                              row.segments.begin() + static_cast<std::ptrdiff_t>(row.segment_count));
    out.audience.offsets.push_back(out.audience.codes.size());
    out.products.codes.push_back(row.category);
    out.products.offsets.push_back(i + 1);
    out.owner.codes.push_back(row.owner);
    out.group.codes.push_back(row.group);
    out.objective.push_back(row.aim);
    out.region.codes.push_back(row.region);
    out.approver.codes.push_back(row.approver);
    out.channel_manager.codes.push_back(row.channel);
    out.touches_per_week.push_back(row.touches);
    out.tags.codes.push_back(season_code[month_of(start)]);
    out.tags.codes.push_back(first_theme + row.theme);
    out.tags.offsets.push_back(out.tags.codes.size());
    const auto slack = std::chrono::days{row.slack};
    out.earliest_start.push_back(row.fixed ? std::nullopt : std::optional(start - slack));
    out.latest_end.push_back(row.fixed ? std::nullopt : std::optional(end + slack));
    out.fixed_dates.push_back(row.fixed);
    out.approved_hash.push_back({});
    out.spend.push_back(row.actuals.spend);
    out.impressions.push_back(row.actuals.impressions);
    out.clicks.push_back(row.actuals.clicks);
    out.conversions.push_back(row.actuals.conversions);
    out.revenue.push_back(row.actuals.revenue);
    out.new_customers.push_back(row.actuals.new_customers);
    out.returns.push_back(row.actuals.returns);
  }
  out.currency.codes.assign(n, 0);
  out.status.assign(n, options.actuals ? status::finished : status::planned);
  out.frequency_cap.assign(n, 6);
  out.targets.offsets.assign(n + 1, 0);
  out.approved_on.assign(n, std::nullopt);
  return out;
}

}  // namespace clarion::schema
