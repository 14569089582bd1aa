#include "clarion/schema/simulate_portfolio.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "clarion/schema/sample.hpp"
#include "clarion/schema/world.hpp"

using namespace clarion;
using namespace clarion::schema;

namespace {

double season_of(const campaign& row) {
  double sum = 0;
  for (const auto& category : row.products)
    for (const auto& season : planted_history().seasons)
      if (season.category == category)
        for (date at = row.start; at <= row.end; at += std::chrono::days{1})
          sum += season.index[unsigned{std::chrono::year_month_day{at}.month()} - 1];
  return sum / (static_cast<double>((row.end - row.start).count() + 1) * static_cast<double>(row.products.size()));
}

bool planted_outlier(std::string_view id) {
  for (const auto& planted : planted_history().performers)
    if (planted.campaign == id) return true;
  return false;
}

}  // namespace

TEST_CASE("the history is 80 finished campaigns of two years with actuals, in order of their start") {
  const auto history = simulate_history();
  REQUIRE(history.size() == 80);
  std::set<std::string> ids;
  std::set<std::string_view> channels;
  const std::regex standard(sample_policy().tag_pattern);
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto row = history[i];
    ids.insert(row.id);
    channels.insert(history.channel[i]);
    CHECK(row.status == status::finished);
    CHECK(row.start >= world_first_day());
    CHECK(row.end <= world_last_day());
    if (i) CHECK(history.start[i - 1] <= row.start);
    CHECK(row.actuals.spend > 0);
    CHECK(row.actuals.spend <= row.budget.amount);
    CHECK(row.actuals.impressions > row.actuals.clicks);
    CHECK(row.actuals.clicks > row.actuals.conversions);
    CHECK(row.actuals.conversions >= row.actuals.new_customers);
    CHECK(row.actuals.conversions >= row.actuals.returns);
    CHECK(row.actuals.revenue > 0);
    for (const auto& tag : row.tags) CHECK(std::regex_match(tag, standard));
    for (const auto& segment : row.audience) CHECK(std::count(world_segments().begin(), world_segments().end(), segment) == 1);
  }
  CHECK(ids.size() == 80);
  CHECK(channels.size() == 8);
}

TEST_CASE("a longer history keeps the records of a shorter one") {
  const auto two_years = simulate_history(), three_years = simulate_history({.campaigns = 120});
  REQUIRE(three_years.size() == 120);
  for (std::size_t i = 0; i < two_years.size(); ++i) {
    const auto at = three_years.find(two_years.id[i]);
    REQUIRE(at);
    CHECK(three_years.spend[*at] == two_years.spend[i]);
    CHECK(three_years.conversions[*at] == two_years.conversions[i]);
  }
  CHECK(simulate_history({.seed = 8}).conversions != two_years.conversions);
}

TEST_CASE("a log-log fit of a long history recovers the response curve of every channel") {
  const auto history = simulate_history({.campaigns = 3000});
  for (const auto& response : planted_history().responses) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, sse = 0;
    std::vector<std::pair<double, double>> points;
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (history.channel[i] != response.channel || planted_outlier(history.id[i])) continue;
      const double x = std::log(history.spend[i] / 1000), y = std::log(history.conversions[i] / season_of(history[i]));
      points.emplace_back(x, y);
      n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    const double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx), level = (sy - slope * sx) / n;
    for (const auto& [x, y] : points) sse += (y - level - slope * x) * (y - level - slope * x);
    const double noise = std::sqrt(sse / (n - 2)), se = noise / std::sqrt(sxx - sx * sx / n);
    CAPTURE(response.channel);
    CHECK(std::abs(slope - response.elasticity) < 4 * se);
    CHECK(se < 0.03);
    // At the centre of the data, where the fitted level does not depend on the fitted slope.
    CHECK(std::exp(sy / n) == doctest::Approx(response.scale * std::exp(response.elasticity * sx / n)).epsilon(0.03));
    CHECK(noise == doctest::Approx(planted_history().noise).epsilon(0.25));
  }
}

TEST_CASE("health and wellness acquires best in January and February, gift categories sell best at the end of the year") {
  const auto history = simulate_history({.campaigns = 2000});
  std::map<std::string, std::array<double, 12>> level, count;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto row = history[i];
    if (row.products.size() != 1 || planted_outlier(row.id)) continue;
    for (const auto& response : planted_history().responses)
      if (response.channel == row.channel) {
        const unsigned month = unsigned{std::chrono::year_month_day{row.start}.month()} - 1;
        level[row.products[0]][month] +=
            row.actuals.conversions / (response.scale * std::pow(row.actuals.spend / 1000, response.elasticity));
        count[row.products[0]][month] += 1;
      }
  }
  for (const auto& season : planted_history().seasons)
    for (unsigned m : {0u, 1u, 8u, 10u})
      if (count[season.category][m] > 0) {
        CAPTURE(season.category);
        CAPTURE(m);
        // A run may reach into the next month, whose index is nearer to 1.
        CHECK(level[season.category][m] / count[season.category][m] == doctest::Approx(season.index[m]).epsilon(0.1));
      }
  const auto wellness = [&](unsigned m) { return level["Health & Wellness"][m] / count["Health & Wellness"][m]; };
  CHECK(wellness(0) > 1.5);
  CHECK(wellness(1) > 1.35);
  CHECK(wellness(8) < 1.2);
}

TEST_CASE("planted performers stand out of the default history and nothing else does") {
  const auto history = simulate_history();
  std::map<std::string, double> factors;
  for (const auto& planted : planted_history().performers) factors[planted.campaign] = planted.factor;
  CHECK(factors.size() == 6);
  std::size_t met = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto row = history[i];
    for (const auto& response : planted_history().responses)
      if (response.channel == row.channel) {
        const double expected = response.scale * std::pow(row.actuals.spend / 1000, response.elasticity) * season_of(row);
        const double ratio = row.actuals.conversions / expected;
        CAPTURE(row.name);
        if (const auto planted = factors.find(row.id); planted != factors.end()) {
          ++met;
          CHECK(ratio == doctest::Approx(planted->second).epsilon(0.35));
        } else {
          CHECK(std::abs(std::log(ratio)) < 0.4);  // four standard deviations of the noise
        }
      }
  }
  CHECK(met == 6);
}

TEST_CASE("a simulated portfolio is clean at any size") {
  for (const bool finished : {false, true}) {
    const auto plan = simulate_portfolio({.campaigns = 3000, .first_year = 2026, .years = 2, .actuals = finished});
    REQUIRE(plan.size() == 3000);
    std::set<std::string_view> ids, names;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      ids.insert(plan.id[i]);
      names.insert(plan.name[i]);
      CHECK(plan.start[i] <= plan.end[i]);
      CHECK(plan.start[i] >= *core::parse_iso_date("2026-01-01"));
      CHECK(plan.end[i] <= *core::parse_iso_date("2027-12-31"));
      CHECK(plan.budget[i] > 0);
    }
    CHECK(ids.size() == 3000);
    CHECK(names.size() == 3000);
    CHECK(plan.has_actuals() == finished);
    CHECK(plan.audience.values.size() == 150);
    const auto row = plan[2999];
    CHECK_FALSE(row.audience.empty());
    CHECK_FALSE(row.tags.empty());
    CHECK_FALSE(row.owner.empty());
    CHECK(row.products.size() == 1);
    CHECK(row.region != "");
    CHECK(plan.take(std::vector<std::uint64_t>{5, 7})[1].name == plan[7].name);
  }
}

TEST_CASE("a simulated portfolio is the same for any number of threads") {
  const portfolio_options options{.campaigns = 20000, .actuals = true};
  const auto alone = simulate_portfolio(options, {.threads = 1}), team = simulate_portfolio(options, {.threads = 3});
  CHECK(alone.start == team.start);
  CHECK(alone.budget == team.budget);
  CHECK(alone.audience.codes == team.audience.codes);
  CHECK(alone.conversions == team.conversions);
}

TEST_CASE("sizes and years outside their range are refused by name") {
  CHECK_THROWS_WITH_AS(simulate_portfolio({.years = 0}), doctest::Contains("years"), std::invalid_argument);
  CHECK_THROWS_WITH_AS(simulate_history({.campaigns = 3001}), doctest::Contains("campaigns"), std::invalid_argument);
  CHECK(simulate_portfolio({.campaigns = 0}).empty());
  CHECK(simulate_history({.campaigns = 0}).empty());
}
