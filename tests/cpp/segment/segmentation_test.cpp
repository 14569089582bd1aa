#include "clarion/segment/segmentation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

definition above(const std::string& name, double value) {
  definition out;
  out.name = name;
  out.when.join = condition_join::test;
  out.when.field = "x";
  out.when.op = comparison::more;
  out.when.values = {value};
  return out;
}

customer_fields numbers(std::size_t n) {
  customer_field x{.name = "x"};
  core::random_stream random(4);
  for (std::size_t i = 0; i < n; ++i) x.number.push_back(static_cast<double>(random.below(100)));
  customer_fields out;
  out.add(x);
  return out;
}

}  // namespace

TEST_CASE("the first definition that holds wins, and everybody is counted once") {
  const auto customers = numbers(20011);
  const std::vector segments{above("top", 89), above("middle", 49), above("same", 60)};
  const auto got = segment_customers(customers, segments, {.threads = 3});
  CHECK(got.segment == segment_customers(customers, segments, {.threads = 1}).segment);
  std::vector<std::uint64_t> expected(3), meeting(3);
  for (std::size_t r = 0; r < customers.rows; ++r) {
    const double x = customers.fields[0].number[r];
    const int first = x > 89 ? 0 : x > 49 ? 1 : -1;
    REQUIRE(got.segment[r] == first);
    if (first >= 0) ++expected[static_cast<std::size_t>(first)];
    meeting[0] += x > 89;
    meeting[1] += x > 49;
    meeting[2] += x > 60;
  }
  CHECK(got.customers == expected);
  CHECK(got.meeting == meeting);
  CHECK(std::accumulate(expected.begin(), expected.end(), got.unassigned) == customers.rows);
  REQUIRE(got.findings.size() == 1);
  CHECK(got.findings[0].code == "G101");
  CHECK(got.findings[0].value == "same");
}

TEST_CASE("segments too small for what is expected of them are flagged") {
  auto small = above("small", 49);
  small.minimum_size = 100000;
  small.expected_response = .1;
  small.precision = .01;
  const auto got = segment_customers(numbers(1000), {small});
  REQUIRE(got.findings.size() == 2);
  CHECK(got.findings[0].code == "G102");
  CHECK(got.findings[1].code == "G103");
  CHECK(std::get<std::int64_t>(*got.findings[1].find("customers_needed")) == 3458);  // .09 (1.96 / .01)^2
  CHECK(got.half_width[0] == doctest::Approx(1.96 * std::sqrt(.09 / static_cast<double>(got.customers[0]))).epsilon(.001));
}

TEST_CASE("nobody, no definitions, names twice, and the ready ones") {
  CHECK(segment_customers(numbers(0), {above("a", 1)}).findings.size() == 1);
  CHECK(segment_customers(numbers(5), {}).unassigned == 5);
  CHECK_THROWS_AS(segment_customers(numbers(5), {above("a", 1), above("a", 2)}), std::invalid_argument);
  const auto ready = ready_segments({.inactive_days = 90});
  REQUIRE(ready.size() == 3);
  CHECK(describe(ready[0].when) == "recency is above 90");
  CHECK(parse_definitions(to_json(ready)) == ready);
  CHECK_THROWS_AS(ready_segments({.counter_share = 2}), std::invalid_argument);
}
