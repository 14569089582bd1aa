#include "clarion/plan/outcome.hpp"

#include <doctest/doctest.h>

using namespace clarion;
using plan::outcome;
using schema::objective;

TEST_CASE("each objective is held to a number of the actuals") {
  CHECK(plan::outcome_of(objective::revenue) == outcome::revenue);
  CHECK(plan::outcome_of(objective::unspecified) == outcome::revenue);
  CHECK(plan::outcome_of(objective::acquisition) == outcome::new_customers);
  CHECK(plan::outcome_of(objective::lead_generation) == outcome::conversions);
  CHECK(plan::outcome_of(objective::awareness) == outcome::impressions);
  schema::campaign row;
  row.actuals = {.spend = 1, .impressions = 2, .clicks = 3, .conversions = 4, .revenue = 5, .new_customers = 6};
  const auto history = schema::make_portfolio({row});
  CHECK(plan::outcome_column(history, outcome::revenue)[0] == 5);
  CHECK(plan::outcome_column(history, outcome::impressions)[0] == 2);
  CHECK(plan::outcome_column(history, outcome::new_customers)[0] == 6);
  CHECK(plan::outcome_column(history, outcome::conversions)[0] == 4);
  CHECK(plan::outcome_column(history, outcome::none).empty());
  CHECK(plan::to_string(outcome::new_customers) == "new_customers");
}

TEST_CASE("only what is over is history") {
  for (const auto& [status, over] : {std::pair{schema::status::finished, true},
                                     {schema::status::unspecified, true},
                                     {schema::status::running, false},
                                     {schema::status::planned, false},
                                     {schema::status::cancelled, false},
                                     {schema::status::draft, false}}) {
    schema::campaign row;
    row.status = status;
    CHECK(plan::is_finished(schema::make_portfolio({row}), 0) == over);
  }
  schema::campaign reversed;
  reversed.start = core::from_day_number(10);
  CHECK_FALSE(plan::is_finished(schema::make_portfolio({reversed}), 0));
}
