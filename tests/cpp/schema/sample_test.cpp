#include "clarion/schema/sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

using namespace clarion;
using namespace clarion::schema;

TEST_CASE("the sample is 15 campaigns for exactly $212,000 over all default channels") {
  const auto plan = sample_portfolio();
  REQUIRE(plan.size() == 15);
  double total = 0;
  std::set<std::string> ids, used;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    total += plan.budget[i];
    ids.emplace(plan.id[i]);
    used.emplace(plan.channel[i]);
    CHECK(plan.start[i] <= plan.end[i]);
    CHECK(plan.currency[i] == "USD");
    CHECK_FALSE(plan.owner[i].empty());
    CHECK_FALSE(plan.approver[i].empty());
    CHECK_FALSE(plan.channel_manager[i].empty());
    CHECK_FALSE(plan.audience[i].empty());
    CHECK_FALSE(plan.products[i].empty());
  }
  CHECK(total == 212000.0);
  CHECK(ids.size() == 15);
  CHECK_FALSE(plan.has_actuals());
  std::set<std::string> channels;
  for (const auto& channel : default_channels()) channels.insert(channel.name);
  CHECK(used == channels);
}

TEST_CASE("group A acquires and group B earns, so the groups are confounded with the objective") {
  const auto plan = sample_portfolio();
  std::map<std::string, std::set<objective>> objectives;
  for (std::size_t i = 0; i < plan.size(); ++i) objectives[std::string(plan.group[i])].insert(plan.objective[i]);
  REQUIRE(objectives.size() == 2);
  CHECK(objectives["A"] == std::set{objective::acquisition, objective::lead_generation});
  CHECK(objectives["B"] == std::set{objective::revenue, objective::retention, objective::clearance});
}

TEST_CASE("the planned year leaves January and February without acquisition") {
  const auto plan = sample_portfolio();
  const auto january = *core::parse_iso_date("2027-01-01"), february_end = *core::parse_iso_date("2027-02-28");
  for (std::size_t i = 0; i < plan.size(); ++i)
    if (plan.group[i] == "A") CHECK(core::shared_days(plan.start[i], plan.end[i], january, february_end) == 0);
}

TEST_CASE("the named campaigns are as documented") {
  const auto plan = sample_portfolio();
  const auto named = [&](std::string_view name) {
    for (std::size_t i = 0; i < plan.size(); ++i)
      if (plan.name[i] == name) return plan[i];
    FAIL("no campaign named " << name);
    return campaign{};
  };
  const auto black_friday = named("Black Friday Blitz"), gifts = named("Holiday Gift Guide");
  CHECK(black_friday.budget.amount == 30000);
  CHECK(black_friday.fixed_dates);
  CHECK(black_friday.group == "B");
  CHECK(black_friday.start <= *core::parse_iso_date("2026-11-27"));
  CHECK(black_friday.end >= *core::parse_iso_date("2026-11-27"));
  CHECK(gifts.budget.amount == 25000);
  CHECK(gifts.group == "B");
  CHECK_FALSE(gifts.fixed_dates);
  CHECK(core::shared_days(black_friday.start, black_friday.end, gifts.start, gifts.end) == 7);
  CHECK(black_friday.touches_per_week + gifts.touches_per_week > black_friday.frequency_cap);

  const auto flash = named("Winter Clearance Flash Sale");
  CHECK(flash.budget.amount == 5000);
  CHECK(flash.channel == "SMS");
  CHECK((flash.end - flash.start).count() + 1 == 3);
  CHECK(named("Healthy Habits Webinar").objective == objective::lead_generation);

  int social = 0;
  const auto quarter = core::quarter_number(*core::parse_iso_date("2026-10-01"));
  for (std::size_t i = 0; i < plan.size(); ++i)
    social += plan.channel[i] == "Social Media" && core::quarter_number(plan.start[i]) == quarter;
  CHECK(social == 5);
}

TEST_CASE("approved criteria are frozen and unchanged") {
  const auto plan = sample_portfolio();
  int frozen = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto row = plan[i];
    CHECK(row.approved_on.has_value() == (row.status == status::approved));
    if (!row.approved_on) continue;
    ++frozen;
    CHECK_FALSE(row.targets.empty());
    CHECK(row.approved_hash == criteria_hash(row.targets));
    CHECK(*row.approved_on <= *sample_policy().today);
  }
  CHECK(frozen == 4);
}

TEST_CASE("campaigns, windows, tags and products agree with the catalogue and the policy") {
  const auto plan = sample_portfolio();
  const auto shop = sample_catalog();
  const auto rules = sample_policy();
  REQUIRE(rules.today);
  const std::regex standard(rules.tag_pattern);
  std::set<std::string> categories;
  for (const auto& item : shop.products) categories.insert(item.category);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto row = plan[i];
    CHECK(row.start > *rules.today);
    if (row.earliest_start) CHECK(*row.earliest_start <= row.start);
    if (row.latest_end) CHECK(*row.latest_end >= row.end);
    for (const auto& tag : row.tags) CHECK(std::regex_match(tag, standard));
    for (const auto& entry : row.products) {
      CHECK(categories.contains(shop.category_of(entry)));
      if (const auto* item = shop.find(entry)) CHECK(*item->launch <= row.earliest_start.value_or(row.start));
    }
    for (const auto& blackout : rules.blackouts) CHECK(core::shared_days(row.start, row.end, blackout.start, blackout.end) == 0);
  }
}

TEST_CASE("the catalogue has 48 products in six categories, each sold above its cost") {
  const auto shop = sample_catalog();
  REQUIRE(shop.products.size() == 48);
  std::map<std::string, int> per_category;
  std::set<std::string> ids;
  for (const auto& item : shop.products) {
    ++per_category[item.category];
    ids.insert(item.id);
    CHECK(item.price > item.cost);
    CHECK(item.cost > 0);
    CHECK(item.stock > 0);
    CHECK(item.launch.has_value());
  }
  CHECK(ids.size() == 48);
  CHECK(per_category.size() == 6);
  for (const auto& [category, count] : per_category) CHECK(count == 8);
}

TEST_CASE("no campaign asks more of its channel than a customer takes") {
  const auto plan = sample_portfolio();
  const auto channels = default_channels();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto* of = find_channel(channels, plan.channel[i]);
    REQUIRE(of);
    CAPTURE(plan.id[i]);
    CHECK(plan.touches_per_week[i] <= of->capacity);
  }
}
