#include "clarion/schema/json.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/schema/sample.hpp"

using namespace clarion;
using namespace clarion::schema;

namespace {

policy today() {
  policy out;
  out.today = core::parse_iso_date("2026-01-01");
  return out;
}

}  // namespace

TEST_CASE("a portfolio comes back from JSON as it was") {
  auto plan = sample_portfolio();
  auto full = plan[0];
  full.id = "full";
  full.name = "Tout \xc3\xa0 moiti\xc3\xa9 prix \xf0\x9f\x8e\x81 <script>";
  full.audience = {"a; b", "c|d", "\"q\""};
  full.products = {"p1"};
  full.budget = {1234.567, "EUR"};
  full.fixed_dates = true;
  full.earliest_start = full.start;
  full.latest_end = full.end;
  full.targets = {{"roas", true, 3.125}, {"cpa", false, 0.1}};
  full.approved_on = core::parse_iso_date("2025-12-31");
  full.approved_hash = criteria_hash(full.targets);
  full.actuals = {1.234, 1e6, 2, 3, 0.1 + 0.2, 1, 1};
  full.status = status::finished;
  plan.push_back(full);
  core::text_column extra;
  for (std::size_t i = 0; i < plan.size(); ++i) extra.push_back(i == 3 ? " cost 1,5 " : "");
  plan.extras = {{"cost", extra}};

  const auto text = to_json(plan);
  const auto back = read_json(text, today());
  REQUIRE(back.accepted.size() == plan.size());
  CHECK(to_json(back.accepted) == text);
  CHECK(to_json(back.accepted, -1).find('\n') == std::string::npos);
  CHECK(back.accepted.extras[0].second[3] == " cost 1,5 ");
  CHECK(back.accepted[plan.size() - 1].audience == full.audience);
}

TEST_CASE("JSON of strangers: other keys, nested money, lists, numbers as texts") {
  const auto out = read_json(R"([
    {"campaign_id": 7, "title": "x", "start_date": "01.03.2026", "end_date": "31.03.2026", "budget": {"amount": 1.125, "currency": "EUR"},
     "channel": "email", "owner": "Ann", "audience": ["a", "b"], "actuals": {"clicks": 1, "impressions": 10}, "mood": {"deep": [1]}},
    "oops", {"campaign_id": 8, "start_date": null}])",
                             today());
  CHECK(out.rows_read == 3);
  REQUIRE(out.accepted.size() == 1);
  CHECK(out.accepted[0].id == "7");
  CHECK(out.accepted[0].budget.amount == 1.125);
  CHECK(out.accepted[0].budget.currency == "EUR");
  CHECK(out.accepted[0].audience == std::vector<std::string>{"a", "b"});
  CHECK(out.accepted[0].actuals.impressions == 10);
  CHECK(out.accepted.extras[0].second[0] == "{\"deep\":[1]}");
  CHECK(out.quarantine.row == std::vector<std::uint64_t>{2, 3});
}

TEST_CASE("a field's own name wins, and what is left over never takes the name of a field") {
  auto rules = today();
  rules.ignore = {"S"};
  const auto out = read_json(R"([{"start": "2026-01-01", "end": "2026-01-02", "oWner": "Ann"},
                                 {"start": "2026-01-01", "end": "2026-01-02", "owner": "Bo"}])",
                             rules);
  CHECK(out.accepted[0].owner.empty());
  CHECK(out.accepted[1].owner == "Bo");
  REQUIRE(out.accepted.extras.size() == 1);
  CHECK(out.accepted.extras[0].first == "oWner");
  CHECK(to_json(read_json(to_json(out.accepted), rules).accepted) == to_json(out.accepted));

  read_options chosen;
  chosen.columns = {{"owner", "lead"}};
  const auto other =
      read_json(R"([{"start": "2026-01-01", "end": "2026-01-02", "owner": "Ann", "lead": ""}])", rules, nullptr, chosen);
  CHECK(other.accepted[0].owner.empty());
  REQUIRE(other.accepted.extras.size() == 1);
  CHECK(other.accepted.extras[0].first == "owner (2)");
  CHECK(other.accepted.extras[0].second[0] == "Ann");
  CHECK(to_json(read_json(to_json(other.accepted), rules).accepted) == to_json(other.accepted));
}

TEST_CASE("what is no portfolio is refused with a reason") {
  for (const char* text : {"", "{", "[1, 2", "\x01\x02", "{\"a\": 1}", "7", "\"x\"", "[{\"id\": 1}]", "nul"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(read_json(text, today()), error);
  }
  CHECK(read_json("[]", today()).rows_read == 0);
  CHECK(read_json("{\"campaigns\": []}", today()).accepted.empty());
  std::string deep(100000, '[');
  CHECK_THROWS_AS(read_json(deep, today()), error);
}
