#include "clarion/segment/definition.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

constexpr const char* loyal = R"({
  "name": "loyal north", "version": "2", "description": "who comes often",
  "when": {"all": [
    {"field": "recency", "op": "<=", "value": 90},
    {"any": [{"field": "region", "op": "in", "value": ["N", "NE"]}, {"field": "since", "op": "<", "value": "2020-01-01"}]},
    {"not": {"field": "consent", "op": "==", "value": false}}]},
  "minimum_size": 100, "expected_response": 0.03, "precision": 0.01})";

customer_fields random_customers(std::size_t n, std::uint64_t seed) {
  core::random_stream random(seed);
  customer_field recency{.name = "recency"}, region{.name = "region", .kind = field_kind::text},
      since{.name = "since", .kind = field_kind::date}, consent{.name = "consent", .kind = field_kind::boolean};
  for (std::size_t i = 0; i < n; ++i) {
    recency.number.push_back(random.chance(.1) ? std::nan("") : static_cast<double>(random.below(200)));
    region.text.push_back(std::vector<std::string>{"N", "NE", "S", ""}[random.below(4)]);
    since.day.push_back(random.chance(.1) ? missing_day : static_cast<std::int32_t>(17500 + random.below(1500)));
    consent.flag.push_back(static_cast<std::uint8_t>(random.below(3)));
  }
  customer_fields out;
  for (auto* field : {&recency, &region, &since, &consent}) out.add(std::move(*field));
  return out;
}

std::string message_of(const std::string& json) {
  try {
    parse_definition(json);
  } catch (const error& problem) {
    return problem.what();
  }
  return "";
}

definition of(const std::string& when) { return parse_definition(R"({"name": "d", "when": )" + when + "}"); }

}  // namespace

TEST_CASE("a definition is read, told in words, and written again the same") {
  const auto segment = parse_definition(loyal);
  CHECK(segment.name == "loyal north");
  CHECK(segment.minimum_size == 100);
  CHECK(
      describe(segment.when) ==
      "recency is at most 90 and (region is one of \"N\" or \"NE\" or since is below \"2020-01-01\") and not (consent is false)");
  CHECK(parse_definition(to_json(segment)) == segment);
  CHECK(parse_definition(to_json(segment, -1)) == segment);
  CHECK(fields_of(segment.when) == std::vector<std::string>{"consent", "recency", "region", "since"});
  const auto several = parse_definitions("[" + std::string(loyal) + "]");
  CHECK(parse_definitions(to_json(several)) == several);
}

TEST_CASE("what holds is what a loop over customers says") {
  const auto customers = random_customers(10007, 3);
  const auto got = evaluate(parse_definition(loyal), customers, {.threads = 3});
  CHECK(got.words == evaluate(parse_definition(loyal), customers, {.threads = 1}).words);
  std::uint64_t count = 0;
  for (std::size_t r = 0; r < customers.rows; ++r) {
    const double recency = customers.fields[0].number[r];
    const auto region = customers.fields[1].text[r];
    const auto since = customers.fields[2].day[r];
    const bool expected = recency <= 90 && (region == "N" || region == "NE" || (since != missing_day && since < 18262)) &&
                          customers.fields[3].flag[r] != 0;
    REQUIRE(got[r] == expected);
    count += expected;
    if (r % 500 == 0) {
      const auto told = explain(parse_definition(loyal), customers, r);
      CHECK(told.holds == expected);
      REQUIRE(told.tests.size() == 4);
      CHECK(told.tests[1].place == "when.all[1].any[0]");
      CHECK(told.tests[0].holds == (recency <= 90));
      CHECK(told.tests[3].text == "consent is false");
    }
  }
  CHECK(got.count() == count);
}

TEST_CASE("every operator, and what is missing meets none of them but one") {
  customer_fields customers;
  customers.add({.name = "x", .kind = field_kind::number, .number = {1, 2, 3, std::nan("")}});
  customer_field t{.name = "t", .kind = field_kind::text};
  for (const char* text : {"a", "b", "", "c"}) t.text.push_back(text);
  customers.add(t);
  customers.add({.name = "d", .kind = field_kind::date, .day = {0, 1, missing_day, 3}});
  customers.add({.name = "b", .kind = field_kind::boolean, .flag = {0, 1, 2, 1}});
  const auto mask = [&](const std::string& test) { return evaluate(of("{" + test + "}"), customers).words[0]; };
  CHECK(mask(R"("field": "x", "op": "==", "value": 2)") == 0b0010);
  CHECK(mask(R"("field": "x", "op": "!=", "value": 2)") == 0b0101);
  CHECK(mask(R"("field": "x", "op": "<", "value": 2)") == 0b0001);
  CHECK(mask(R"("field": "x", "op": "<=", "value": 2)") == 0b0011);
  CHECK(mask(R"("field": "x", "op": ">", "value": 2)") == 0b0100);
  CHECK(mask(R"("field": "x", "op": ">=", "value": 2)") == 0b0110);
  CHECK(mask(R"("field": "x", "op": "in", "value": [3, 1])") == 0b0101);
  CHECK(mask(R"("field": "x", "op": "not in", "value": [3, 1])") == 0b0010);
  CHECK(mask(R"("field": "x", "op": "between", "value": [2, 9])") == 0b0110);
  CHECK(mask(R"("field": "x", "op": "is missing")") == 0b1000);
  CHECK(mask(R"("field": "t", "op": "==", "value": "b")") == 0b0010);
  CHECK(mask(R"("field": "t", "op": "not in", "value": ["b", "z"])") == 0b1001);
  CHECK(mask(R"("field": "t", "op": "is missing")") == 0b0100);
  CHECK(mask(R"("field": "d", "op": "between", "value": ["1970-01-01", "1970-01-02"])") == 0b0011);
  CHECK(mask(R"("field": "d", "op": "!=", "value": "1970-01-01")") == 0b1010);
  CHECK(mask(R"("field": "d", "op": "is missing")") == 0b0100);
  CHECK(mask(R"("field": "b", "op": "==", "value": true)") == 0b1010);
  CHECK(mask(R"("field": "b", "op": "!=", "value": true)") == 0b0001);
  CHECK(mask(R"("not": {"field": "x", "op": "==", "value": 2})") == 0b1101);
}

TEST_CASE("fields and values that do not fit are refused with their place") {
  const auto customers = random_customers(10, 1);
  const auto refused = [&](const char* when) {
    try {
      evaluate(of(when), customers);
    } catch (const std::invalid_argument& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  CHECK(refused(R"({"any": [{"field": "recency", "op": "<", "value": 1}, {"field": "recensy", "op": "<", "value": 1}]})")
            .starts_with("d: when.any[1].field: \"recensy\" is not allowed; give it to the customers, who have recency"));
  CHECK(refused(R"({"field": "region", "op": "<", "value": "N"})").find("when.op") != std::string::npos);
  CHECK(refused(R"({"field": "region", "op": "==", "value": 1})").find("region is a text: give a text") != std::string::npos);
  CHECK(refused(R"({"field": "recency", "op": "==", "value": "1"})").find("give a number") != std::string::npos);
  CHECK(refused(R"({"field": "since", "op": "==", "value": "soon"})").find("YYYY-MM-DD") != std::string::npos);
  CHECK(refused(R"({"field": "consent", "op": "==", "value": 1})").find("true or false") != std::string::npos);
  CHECK_THROWS_AS(explain(of(R"({"field": "recency", "op": "<", "value": 1})"), customers, 10), std::invalid_argument);
}

TEST_CASE("hostile JSON is refused with its place") {
  CHECK(message_of("").find("no JSON") != std::string::npos);
  CHECK(message_of("[]").find("is no object") != std::string::npos);
  CHECK(message_of(R"({"name": "x"})") == "definition: when: missing");
  CHECK(message_of(R"({"name": "", "when": {}})") == "definition: name: empty");
  CHECK(message_of(R"({"name": "x", "when": {}, "eval": "1"})").starts_with("definition: eval: no such key"));
  CHECK(message_of(R"({"name": "x", "name": "y", "when": {}})").find("twice") != std::string::npos);
  CHECK(message_of(R"({"name": "x", "when": {"all": []}})").find("when.all") != std::string::npos);
  CHECK(message_of(R"({"name": "x", "when": {"all": [{"field": "f", "op": "=~", "value": 1}]}})")
            .starts_with("definition: when.all[0].op: \"=~\" is no operator"));
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "in", "value": [1, "a"]}})").find("different types") !=
        std::string::npos);
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "between", "value": [2, 1]}})").find("above the second") !=
        std::string::npos);
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "==", "value": 1e999}})") != "");
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "==", "value": null}})").find("no number, text or boolean") !=
        std::string::npos);
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "is missing", "value": 1}})") != "");
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "is missing"}, "minimum_size": -1})") != "");
  CHECK(message_of(R"({"name": "x", "when": {"field": "f", "op": "is missing"}, "precision": 0.1})").find("expected_response") !=
        std::string::npos);
  CHECK(message_of("{\"name\": \"x\xff\", \"when\": {}}") != "");
  std::string deep = R"({"field": "f", "op": "is missing"})";
  for (int level = 0; level < 40; ++level) deep = R"({"not": )" + deep + "}";
  CHECK(message_of(R"({"name": "x", "when": )" + deep + "}").find("32 levels") != std::string::npos);
  CHECK(message_of(std::string(200000, '[')).find("deeper") != std::string::npos);
  CHECK(message_of(std::string(2000000, ' ')).find("1 MiB") != std::string::npos);
  std::string many;
  for (int t = 0; t < 1001; ++t) many += (t == 0 ? "" : ",") + std::string(R"({"field":"f","op":"is missing"})");
  CHECK(message_of(R"({"name": "x", "when": {"any": [)" + many + "]}}").find("1000 conditions") != std::string::npos);
  const std::string one = R"({"name": "x", "when": {"field": "f", "op": "is missing"}})";
  CHECK_THROWS_WITH_AS(parse_definitions("[" + one + "," + one + "]"), "definition: definitions[1].name: \"x\" is there already",
                       error);
  CHECK_THROWS_AS(parse_definitions(R"({"definitions": 3})"), error);
}

TEST_CASE("what changed between two versions") {
  const auto before = parse_definition(loyal);
  auto after = before;
  CHECK(difference(before, after).empty());
  std::swap(after.when.parts[0], after.when.parts[1]);
  CHECK(difference(before, after).empty());
  after.version = "3";
  after.when.parts[1].values = {60.0};
  after.when.parts.pop_back();
  after.precision = 0;
  const auto changes = difference(before, after);
  REQUIRE(changes.size() == 4);
  CHECK(changes[0].what == "version");
  CHECK(changes[1].kind == "removed");
  CHECK(changes[1].what == "precision");
  CHECK(changes[2].before == "recency is at most 90");
  CHECK(changes[2].after == "recency is at most 60");
  CHECK(changes[3].kind == "removed");
  CHECK(changes[3].before == "consent is false");
  auto joined = before;
  joined.when.join = condition_join::any;
  REQUIRE(difference(before, joined).size() == 1);
  CHECK(difference(before, joined)[0].what == "joining");
}
