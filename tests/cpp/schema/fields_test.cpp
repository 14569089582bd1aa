#include "clarion/schema/fields.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace clarion::schema;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

std::string column_of(const std::vector<std::string>& columns, const char* field, const pairs& chosen = {}, bool guess = true) {
  const auto found = match_columns(columns, chosen, guess);
  const auto at = found[*field_index(field)];
  return at ? columns[*at] : "";
}

}  // namespace

TEST_CASE("fields are unique, and no other name is that of a field") {
  std::set<std::string_view> names;
  for (const auto& field : fields()) {
    CHECK(names.insert(field.name).second);
    CHECK_FALSE(field.meaning.empty());
    CHECK(&fields()[*field_index(field.name)] == &field);
  }
  for (const auto& field : fields())
    for (const auto other : field.also) CHECK(names.count(other) == 0);
  CHECK_FALSE(field_index("bugdet").has_value());
}

TEST_CASE("columns are matched whatever their case, blanks and units") {
  CHECK(column_of({"Campaign ID", "Campaign Name"}, "id") == "Campaign ID");
  CHECK(column_of({"Campaign ID", "Campaign Name"}, "name") == "Campaign Name");
  CHECK(column_of({"START_DATE"}, "start") == "START_DATE");
  CHECK(column_of({"startDate"}, "start") == "startDate");
  CHECK(column_of({"Budget (EUR)"}, "budget") == "Budget (EUR)");
  CHECK(column_of({"A/B group"}, "group") == "A/B group");
  CHECK(column_of({"mood"}, "owner").empty());
  CHECK(column_of({"Campaign ID"}, "id", {}, false).empty());
}

TEST_CASE("a field's own name comes first, and no column serves twice") {
  const std::vector<std::string> columns{"cost", "budget"};
  CHECK(column_of(columns, "budget") == "budget");
  CHECK(column_of(columns, "spend") == "cost");
  CHECK(column_of({"cost"}, "budget") == "cost");
  CHECK(column_of({"cost"}, "spend").empty());
  CHECK(column_of({"id", "id"}, "id") == "id");
}

TEST_CASE("a mapping wins and is checked") {
  const std::vector<std::string> columns{"budget", "planned"};
  CHECK(column_of(columns, "budget", {{"budget", "planned"}}) == "planned");
  CHECK_THROWS_AS(match_columns(columns, pairs{{"money", "planned"}}), std::invalid_argument);
  CHECK_THROWS_AS(match_columns(columns, pairs{{"budget", "other"}}), std::invalid_argument);
  CHECK_THROWS_AS(match_columns(columns, pairs{{"budget", "planned"}, {"spend", "planned"}}), std::invalid_argument);
  CHECK_THROWS_AS(match_columns(columns, pairs{{"budget", "planned"}, {"budget", "budget"}}), std::invalid_argument);
}
