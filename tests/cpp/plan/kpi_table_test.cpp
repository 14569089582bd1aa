#include "clarion/plan/kpi_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "clarion/core/error.hpp"

using namespace clarion;
using plan::kpi_role;
using schema::objective;

namespace {

std::set<std::string> kpis_of(const plan::kpi_table& table, objective aim, std::string_view channel, kpi_role role) {
  std::set<std::string> out;
  for (const auto& choice : plan::framework_of(table, aim, channel))
    if (choice.role == role) out.insert(table.definitions[choice.definition].id);
  return out;
}

}  // namespace

TEST_CASE("the default table covers what marketing is measured by, each with a way to measure it") {
  const auto& table = plan::default_kpi_table();
  std::set<std::string> ids;
  for (const auto& d : table.definitions) {
    CHECK(ids.insert(d.id).second);
    for (const auto* text : {&d.name, &d.formula, &d.unit, &d.numerator, &d.measure}) CHECK(!text->empty());
  }
  for (const auto* id :
       {"cpa",       "cac",          "roas",        "iroas",         "clv",       "aov",        "conversion",       "ctr",
        "new_users", "installs",     "reach",       "cost_per_lead", "open_rate", "attendance", "unsubscribe_rate", "return_rate",
        "nps",       "sell_through", "repeat_rate", "rpau"})
    CHECK(ids.contains(id));
  std::set<std::string> used;
  for (const auto& intent : table.intents)
    for (const auto& kpi : intent.kpis) {
      CHECK(ids.contains(kpi));
      used.insert(kpi);
    }
  CHECK(used == ids);
}

TEST_CASE("every objective has a primary KPI and a guardrail on every channel") {
  for (int aim = 0; aim <= static_cast<int>(objective::clearance); ++aim)
    for (const auto* channel : {"", "Email", "SMS", "Webinar", "Podcast", "Billboard"}) {
      CHECK(!kpis_of(plan::default_kpi_table(), static_cast<objective>(aim), channel, kpi_role::primary).empty());
      CHECK(!kpis_of(plan::default_kpi_table(), static_cast<objective>(aim), channel, kpi_role::guardrail).empty());
    }
}

TEST_CASE("a lead-generation webinar and a clearance SMS have nothing primary in common") {
  const auto& table = plan::default_kpi_table();
  CHECK(kpis_of(table, objective::lead_generation, "Webinar", kpi_role::primary) ==
        std::set<std::string>{"cost_per_lead", "leads"});
  CHECK(kpis_of(table, objective::lead_generation, "webinar", kpi_role::secondary).contains("attendance"));
  CHECK(kpis_of(table, objective::clearance, "SMS", kpi_role::primary) == std::set<std::string>{"sell_through"});
  CHECK(kpis_of(table, objective::clearance, "SMS", kpi_role::guardrail).contains("unsubscribe_rate"));
}

TEST_CASE("a table of one's own is laid over the default, member by member") {
  const auto table = plan::parse_kpi_table(R"({
    "kpis": {"roas": {"name": "Our ROAS"}, "store_visits": {"numerator": "visits", "unit": "count", "direction": "up", "look_after_end": 3}},
    "intents": [{"objective": "awareness", "role": "primary", "kpis": ["store_visits"]},
                {"channel": "sms", "role": "guardrail", "kpis": ["nps"]}]})");
  const auto find = [&](const std::string& id) {
    return *std::find_if(table.definitions.begin(), table.definitions.end(), [&](const auto& d) { return d.id == id; });
  };
  CHECK(find("roas").name == "Our ROAS");
  CHECK(find("roas").denominator == "spend");
  CHECK(find("store_visits").formula == "visits");
  CHECK(find("store_visits").look_after_end == 3);
  CHECK(find("store_visits").measure.find("visits") != std::string::npos);
  CHECK(kpis_of(table, objective::awareness, "Podcast", kpi_role::primary) == std::set<std::string>{"store_visits"});
  CHECK_FALSE(kpis_of(table, objective::clearance, "SMS", kpi_role::guardrail).contains("unsubscribe_rate"));
  CHECK(table.intents.size() == plan::default_kpi_table().intents.size());
}

TEST_CASE("writing and reading gives the same table") {
  const auto& table = plan::default_kpi_table();
  const std::string text = plan::to_json(table);
  const auto again = plan::parse_kpi_table(text, {});
  CHECK(again.definitions.size() == table.definitions.size());
  CHECK(again.intents.size() == table.intents.size());
  CHECK(plan::to_json(plan::parse_kpi_table(text)) == text);
  for (const auto& d : table.definitions) {
    const auto same =
        std::find_if(again.definitions.begin(), again.definitions.end(), [&](const auto& x) { return x.id == d.id; });
    REQUIRE(same != again.definitions.end());
    CHECK(same->higher_is_better == d.higher_is_better);
    CHECK(same->measure == d.measure);
  }
}

TEST_CASE("what is wrong with a table is said with its place") {
  const auto says = [](const char* text, const std::string& what) {
    try {
      plan::parse_kpi_table(text);
      FAIL("accepted ", text);
    } catch (const error& e) {
      INFO(e.what());
      CHECK(std::string(e.what()).find(what) != std::string::npos);
    }
  };
  says("{", "not JSON");
  says("[]", "an object");
  says(R"({"kpi": {}})", "no such member");
  says(R"({"kpis": {"roas": {"direction": "left"}}})", "kpis.roas.direction");
  says(R"({"kpis": {"roas": {"look_after_end": -1}}})", "kpis.roas.look_after_end");
  says(R"({"kpis": {"roas": {"colour": "red"}}})", "kpis.roas.colour");
  says(R"({"kpis": {"roas": 3}})", "kpis.roas");
  says(R"({"intents": [{"role": "first", "kpis": []}]})", "intents[0].role");
  says(R"({"intents": [{"role": "primary"}]})", "kpis is missing");
  says(R"({"intents": [{"objective": "fame", "role": "primary", "kpis": []}]})", "fame");
  says(R"({"intents": [{"role": "primary", "kpis": ["fame"]}]})", "no definition of \"fame\"");
}
