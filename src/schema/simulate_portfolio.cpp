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

actuals outcome(core::random_stream& draw, channel_code channel, std::span<const category_code> categories, objective aim,
                date start, date end, double spend, double performance) {
  const auto& truth = planted_history();
  double season = 0, order_value = 0, return_rate = 0;
  const auto length = static_cast<double>((end - start).count() + 1);
  for (const auto category : categories) {
    const auto& of = truth.seasons[category];
    for (date at = start; at <= end; at += std::chrono::days{1}) season += of.index[month_of(at)] / length;
    order_value += of.order_value;
    return_rate += of.return_rate;
  }
  const auto parts = static_cast<double>(categories.size());
  const auto& response = truth.responses[channel];
  const double expected = response.scale * std::pow(spend / 1000, response.elasticity) * (season / parts) * performance;

  actuals out;
  out.spend = spend;
  out.conversions = std::round(expected * std::exp(truth.noise * draw.normal()));
  out.clicks = std::round(out.conversions / funnels[channel].conversion_rate * std::exp(0.05 * draw.normal()));
  out.impressions = std::round(out.clicks / funnels[channel].click_rate * std::exp(0.05 * draw.normal()));
  // A lead is worth a quarter of an order within the campaign's own accounts.
  const double worth = order_value / parts * (aim == objective::lead_generation ? 0.25 : 1.0);
  out.revenue = std::round(out.conversions * worth * std::exp(0.04 * draw.normal()) * 100) / 100;
  out.new_customers = std::round(out.conversions * new_share(aim) * std::exp(0.03 * draw.normal()));
  out.new_customers = std::min(out.new_customers, out.conversions);
  out.returns = std::min(out.conversions, static_cast<double>(draw.poisson(out.conversions * return_rate / parts)));
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
constexpr std::array<recurring, 40> yearly{{
    {"Cyber Week Deals",
     email,
     {gadgets, apparel},
     11,
     20,
     11,
     revenue,
     24000,
     {"Active Buyers", "Deal Seekers"},
     "Maya Chen",
     "black-friday"},
    {"Gift Finder",
     email,
     {beauty, home},
     12,
     1,
     18,
     revenue,
     20000,
     {"Active Buyers", "Loyalty Members"},
     "Maya Chen",
     "gifting"},
    {"Welcome Series Refresh",
     email,
     {beauty, none},
     9,
     7,
     21,
     activation,
     7000,
     {"New Buyers", nullptr},
     "Priya Nair",
     "onboarding"},
    {"Spring Wardrobe Edit",
     email,
     {apparel, none},
     3,
     9,
     21,
     revenue,
     11000,
     {"Active Buyers", nullptr},
     "Maya Chen",
     "lookbook"},
    {"Wellness Refill Reminder",
     email,
     {wellness, none},
     5,
     6,
     24,
     retention,
     6500,
     {"Loyalty Members", "Wellness Enthusiasts"},
     "Priya Nair",
     "replenishment"},
    {"We Miss You", email, {home, none}, 6, 3, 21, reactivation, 8000, {"Lapsed Buyers", nullptr}, "Priya Nair", "win-back"},
    {"Mother's Day Picks", email, {beauty, home}, 4, 22, 18, revenue, 13000, {"Active Buyers", nullptr}, "Maya Chen", "gifting"},
    {"Healthy Start Letters",
     email,
     {wellness, none},
     1,
     5,
     21,
     revenue,
     9000,
     {"Active Buyers", "Wellness Enthusiasts"},
     "Priya Nair",
     "new-year"},
    {"New Year Wellness Reset",
     social,
     {wellness, none},
     1,
     4,
     24,
     acquisition,
     13000,
     {"Social Followers", "Wellness Enthusiasts"},
     "Diego Alvarez",
     "new-year"},
    {"Valentine Glow",
     social,
     {beauty, none},
     2,
     1,
     13,
     acquisition,
     9000,
     {"Social Followers", "Trend Shoppers"},
     "Diego Alvarez",
     "gifting"},
    {"Small Space Living",
     social,
     {home, none},
     1,
     18,
     20,
     acquisition,
     10000,
     {"Social Followers", nullptr},
     "Diego Alvarez",
     "lookbook"},
    {"Festival Looks",
     social,
     {apparel, none},
     6,
     1,
     20,
     acquisition,
     12000,
     {"Social Followers", "Students"},
     "Diego Alvarez",
     "lookbook"},
    {"Trail Season Stories",
     social,
     {outdoor, none},
     4,
     13,
     24,
     acquisition,
     11000,
     {"Social Followers", "Outdoor Fans"},
     "Diego Alvarez",
     "storytelling"},
    {"Autumn Layers",
     social,
     {apparel, none},
     10,
     5,
     20,
     acquisition,
     14000,
     {"Social Followers", "Trend Shoppers"},
     "Diego Alvarez",
     "product-launch"},
    {"Skin Reset",
     social,
     {beauty, none},
     9,
     14,
     20,
     acquisition,
     10000,
     {"Social Followers", "Trend Shoppers"},
     "Diego Alvarez",
     "product-launch"},
    {"Gadget Unboxing Week",
     social,
     {gadgets, none},
     11,
     3,
     14,
     acquisition,
     9000,
     {"Social Followers", "Trend Shoppers"},
     "Maya Chen",
     "countdown"},
    {"Sleep Better Month",
     social,
     {wellness, none},
     3,
     2,
     24,
     acquisition,
     8000,
     {"Social Followers", "Wellness Enthusiasts"},
     "Diego Alvarez",
     "education"},
    {"Resolution Fitness Creators",
     influencer,
     {wellness, none},
     1,
     12,
     24,
     acquisition,
     18000,
     {"Wellness Enthusiasts", nullptr},
     "Tom Becker",
     "new-year"},
    {"Campus Haul",
     influencer,
     {apparel, none},
     8,
     20,
     24,
     acquisition,
     16000,
     {"Students", nullptr},
     "Tom Becker",
     "back-to-school"},
    {"Beauty Shelfies",
     influencer,
     {beauty, none},
     5,
     11,
     20,
     acquisition,
     12000,
     {"Trend Shoppers", nullptr},
     "Tom Becker",
     "storytelling"},
    {"Summer Hike Creators",
     influencer,
     {outdoor, none},
     6,
     15,
     24,
     acquisition,
     15000,
     {"Outdoor Fans", nullptr},
     "Tom Becker",
     "storytelling"},
    {"Holiday Hosts",
     influencer,
     {home, none},
     11,
     16,
     20,
     awareness,
     14000,
     {"Social Followers", nullptr},
     "Tom Becker",
     "gifting"},
    {"Winter Immunity Webinar",
     webinar,
     {wellness, none},
     2,
     3,
     9,
     lead_generation,
     7000,
     {"Wellness Enthusiasts", nullptr},
     "Priya Nair",
     "education"},
    {"Skin Science Live",
     webinar,
     {beauty, none},
     10,
     12,
     9,
     lead_generation,
     6000,
     {"Trend Shoppers", nullptr},
     "Priya Nair",
     "education"},
    {"Home Office Ergonomics",
     webinar,
     {gadgets, none},
     9,
     21,
     9,
     lead_generation,
     5000,
     {"Prospects", nullptr},
     "Priya Nair",
     "education"},
    {"Trail Safety Class",
     webinar,
     {outdoor, none},
     5,
     18,
     9,
     lead_generation,
     5500,
     {"Outdoor Fans", nullptr},
     "Tom Becker",
     "education"},
    {"Winter Clearance Texts",
     sms,
     {apparel, none},
     2,
     12,
     4,
     clearance,
     5000,
     {"Deal Seekers", nullptr},
     "Aisha Khan",
     "flash-sale"},
    {"Summer Flash", sms, {outdoor, none}, 7, 17, 3, clearance, 4000, {"Deal Seekers", nullptr}, "Aisha Khan", "flash-sale"},
    {"Last Order Day", sms, {gadgets, beauty}, 12, 14, 4, revenue, 6000, {"Active Buyers", nullptr}, "Aisha Khan", "countdown"},
    {"Weekend Code", sms, {home, none}, 4, 3, 3, revenue, 3000, {"Deal Seekers", nullptr}, "Aisha Khan", "flash-sale"},
    {"App Back-to-Routine", push, {wellness, none}, 9, 1, 14, retention, 5000, {"App Users", nullptr}, "Aisha Khan", "loyalty"},
    {"Points Week", push, {apparel, none}, 6, 22, 14, retention, 7000, {"App Users", "Loyalty Members"}, "Aisha Khan", "loyalty"},
    {"Holiday Drops", push, {gadgets, none}, 11, 24, 14, revenue, 9000, {"App Users", nullptr}, "Aisha Khan", "countdown"},
    {"Cart Nudge", push, {beauty, none}, 3, 16, 28, revenue, 4000, {"App Users", nullptr}, "Aisha Khan", "reminder"},
    {"Backyard Festival",
     events,
     {outdoor, none},
     7,
     3,
     9,
     retention,
     17000,
     {"Outdoor Fans", nullptr},
     "Tom Becker",
     "community"},
    {"Holiday Pop-Up", events, {home, none}, 12, 4, 14, acquisition, 20000, {"Prospects", nullptr}, "Tom Becker", "gifting"},
    {"Run Club Spring",
     events,
     {wellness, none},
     4,
     6,
     20,
     acquisition,
     9000,
     {"Wellness Enthusiasts", nullptr},
     "Tom Becker",
     "community"},
    {"Mindful February",
     podcast,
     {wellness, none},
     2,
     2,
     24,
     acquisition,
     9000,
     {"Podcast Listeners", nullptr},
     "Priya Nair",
     "education"},
    {"Autumn Home Hour",
     podcast,
     {home, none},
     10,
     1,
     28,
     awareness,
     11000,
     {"Podcast Listeners", nullptr},
     "Priya Nair",
     "storytelling"},
    {"Design Stories",
     podcast,
     {home, none},
     5,
     4,
     21,
     awareness,
     7000,
     {"Podcast Listeners", nullptr},
     "Priya Nair",
     "storytelling"},
}};

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

template <class Column>
void fill_values(Column& column, const std::vector<std::string>& names) {
  for (const auto& name : names) column.values.intern(name);
}

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
    row.touches_per_week = plan.channel == email || plan.channel == social ? 3 : plan.channel == podcast ? 1 : 2;
    row.frequency_cap = 5;
    row.tags = {fmt::format("season:{}", season_tag(plan.month - 1)), fmt::format("theme:{}", plan.theme)};

    double performance = 1;
    for (const auto& planted : truth.performers)
      if (planted.campaign == row.id) performance = planted.factor;
    const double spend = std::round(row.budget.amount * (0.92 + 0.08 * draw.uniform()));
    row.actuals = outcome(draw, plan.channel, categories, plan.aim, row.start, row.end, spend, performance);
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const campaign& a, const campaign& b) { return std::tie(a.start, a.id) < std::tie(b.start, b.id); });
  return make_portfolio(rows);
}

portfolio simulate_portfolio(const portfolio_options& options) {
  core::check_options(options);
  const std::size_t n = options.campaigns;
  const auto& truth = planted_history();
  portfolio out;
  out.id.reserve(n, n * 10);
  out.name.reserve(n, n * 34);
  out.approved_hash.reserve(n, 0);

  // Every text that can occur is interned once; rows then hold codes, which are drawn.
  std::vector<std::string> names;
  for (const auto name : channels) names.emplace_back(name);
  fill_values(out.channel, names);
  names.clear();
  for (const auto& season : truth.seasons) names.push_back(season.category);
  fill_values(out.products, names);
  const std::size_t segments = std::clamp<std::size_t>(n / 20, 20, personas.size() * cities.size());
  for (std::size_t s = 0; s < segments; ++s)
    out.audience.values.intern(fmt::format("{} {}", personas[s % personas.size()], cities[s / personas.size() % cities.size()]));
  const std::size_t owners = std::max<std::size_t>(6, n / 40);
  for (std::size_t o = 0; o < owners; ++o) out.owner.values.intern(fmt::format("Owner {:04}", o + 1));
  fill_values(out.approver, {"Approver North", "Approver South", "Approver West"});
  for (const auto channel : channels) out.channel_manager.values.intern(fmt::format("{} Desk", channel));
  fill_values(out.region, {"National", "North", "South", "East", "West"});
  fill_values(out.group, {"A", "B"});
  fill_values(out.currency, {"USD"});
  fill_values(out.tags, {"season:winter", "season:spring", "season:summer", "season:autumn", "season:holiday"});
  const auto first_theme = static_cast<std::uint32_t>(out.tags.values.size());
  for (const auto theme : themes) out.tags.values.intern(fmt::format("theme:{}", theme));
  constexpr std::array<objective, 8> aims{acquisition, acquisition, revenue,         revenue,
                                          retention,   awareness,   lead_generation, reactivation};

  const date first = day(options.first_year, 1, 1), last = day(options.first_year + options.years, 1, 1) - std::chrono::days{1};
  const auto span = static_cast<std::uint64_t>((last - first).count()) + 1;
  const auto code = [](core::random_stream& draw, std::size_t of) { return static_cast<std::uint32_t>(draw.below(of)); };
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream draw(options.seed, i, portfolio_room);
    const int length = 3 + static_cast<int>(draw.below(40));
    const date start = first + std::chrono::days{draw.below(span - static_cast<std::uint64_t>(length) + 1)};
    const date end = start + std::chrono::days{length - 1};
    const auto channel = code(draw, channels.size());
    const auto category = code(draw, truth.seasons.size());
    const auto theme = code(draw, themes.size());
    const auto aim = aims[draw.below(aims.size())];
    const double budget = std::round(9000 * std::exp(0.7 * draw.normal()) / 50) * 50 + 50;

    out.id.push_back(fmt::format("P{:07}", i + 1));
    out.name.push_back(fmt::format("{} {} {:07}", truth.seasons[category].category, themes[theme], i + 1));
    out.start.push_back(start);
    out.end.push_back(end);
    out.budget.push_back(budget);
    out.currency.codes.push_back(0);
    out.channel.codes.push_back(channel);
    // A few segments are everyone's favourite: the square of a uniform draw leans towards the first.
    std::array<std::uint32_t, 3> chosen{};
    const std::size_t wanted = 1 + draw.below(3);
    std::size_t held = 0;
    for (std::size_t s = 0; s < wanted; ++s) {
      const double u = draw.uniform();
      const auto segment = static_cast<std::uint32_t>(u * u * static_cast<double>(segments));
      if (std::find(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(held), segment) ==
          chosen.begin() + static_cast<std::ptrdiff_t>(held))
        chosen[held++] = segment;
    }
    out.audience.codes.insert(out.audience.codes.end(), chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(held));
    out.audience.offsets.push_back(out.audience.codes.size());
    out.products.codes.push_back(category);
    out.products.offsets.push_back(out.products.codes.size());
    out.owner.codes.push_back(code(draw, owners));
    out.group.codes.push_back(code(draw, 2));
    out.objective.push_back(aim);
    out.region.codes.push_back(code(draw, 5));
    out.status.push_back(options.actuals ? status::finished : status::planned);
    out.approver.codes.push_back(code(draw, 3));
    out.channel_manager.codes.push_back(channel);
    out.touches_per_week.push_back(static_cast<double>(1 + draw.below(4)));
    out.frequency_cap.push_back(6);
    const std::string_view season = season_tag(month_of(start));
    out.tags.codes.push_back(season == "winter"   ? 0
                             : season == "spring" ? 1
                             : season == "summer" ? 2
                             : season == "autumn" ? 3
                                                  : 4);
    out.tags.codes.push_back(first_theme + theme);
    out.tags.offsets.push_back(out.tags.codes.size());
    const bool fixed = draw.chance(0.1);
    const auto slack = std::chrono::days{static_cast<int>(draw.below(15))};
    out.earliest_start.push_back(fixed ? std::nullopt : std::optional(start - slack));
    out.latest_end.push_back(fixed ? std::nullopt : std::optional(end + slack));
    out.fixed_dates.push_back(fixed);
    out.targets.offsets.push_back(0);
    out.approved_on.emplace_back();
    out.approved_hash.push_back({});
    actuals came_to;
    if (options.actuals) {
      const auto only = static_cast<category_code>(category);
      came_to = outcome(draw, static_cast<channel_code>(channel), {&only, 1}, aim, start, end,
                        std::round(budget * (0.92 + 0.08 * draw.uniform()) * 100) / 100, 1);
    }
    out.spend.push_back(came_to.spend);
    out.impressions.push_back(came_to.impressions);
    out.clicks.push_back(came_to.clicks);
    out.conversions.push_back(came_to.conversions);
    out.revenue.push_back(came_to.revenue);
    out.new_customers.push_back(came_to.new_customers);
    out.returns.push_back(came_to.returns);
  }
  return out;
}

}  // namespace clarion::schema
