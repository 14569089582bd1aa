#include "clarion/segment/profile.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

TEST_CASE("differences are those of the formula") {
  customer_fields customers;
  customers.add({.name = "x", .kind = field_kind::number, .number = {1, 3, 10, 12, std::nan("")}});
  customer_field region{.name = "region", .kind = field_kind::text};
  for (const char* r : {"N", "N", "S", "", "N"}) region.text.push_back(r);
  customers.add(region);
  customers.add({.name = "flag", .kind = field_kind::boolean, .flag = {1, 1, 0, 0, 2}});
  const std::vector<std::int32_t> segment{0, 0, 1, 1, -1};
  const auto got = profile(customers, segment, {.top = 10});
  CHECK(got.customers == std::vector<std::uint64_t>{2, 2});
  REQUIRE(got.differences.size() == 8);
  const auto find = [&](std::int32_t s, const std::string& field, const std::string& level) {
    for (const auto& one : got.differences)
      if (one.segment == s && one.field == field && one.level == level) return one;
    return profile_difference{};
  };
  const auto x = find(0, "x", "");
  CHECK(x.inside == 2);
  CHECK(x.outside == 11);
  CHECK(x.difference == doctest::Approx(-9));  // both variances are 1
  CHECK(find(1, "region", "S").inside == 1);
  CHECK(find(1, "region", "S").missing == .5);
  CHECK(std::isinf(find(0, "flag", "true").difference));
  CHECK(find(0, "region", "N").difference == doctest::Approx((1 - .5) / std::sqrt(.125)));
  CHECK(got.name[0] == "flag, low x");

  const auto counts = count_levels(customers, segment, "region");
  CHECK(counts.levels == std::vector<std::string>{"N", "S", "missing"});
  CHECK(counts.customers == std::vector<std::vector<std::uint64_t>>{{2, 0, 0}, {0, 1, 1}, {1, 0, 0}});
}

TEST_CASE("names say what fields mean: recency counts days that have gone by, dates are late or early") {
  customer_fields customers;
  customers.add({.name = "recency", .kind = field_kind::number, .number = {1, 3, 100, 120}});
  customers.add({.name = "first_seen", .kind = field_kind::date, .day = {10, 10, 50, 40}});
  const auto got = profile(customers, std::vector<std::int32_t>{0, 0, 1, 1});
  CHECK(got.name == std::vector<std::string>{"recently seen, early first seen", "long unseen, late first seen"});
}

TEST_CASE("the same for any number of threads, and what does not fit is refused") {
  core::random_stream random(1);
  customer_field x{.name = "x"};
  std::vector<std::int32_t> segment;
  for (int r = 0; r < 60000; ++r) {
    x.number.push_back(std::exp(20 * random.uniform()));
    segment.push_back(static_cast<std::int32_t>(random.below(5)) - 1);
  }
  customer_fields customers;
  customers.add(x);
  const auto one = profile(customers, segment, {}, 0, {.threads = 1}), many = profile(customers, segment, {}, 4, {.threads = 4});
  REQUIRE(one.differences.size() == 4);
  for (std::size_t d = 0; d < 4; ++d) CHECK(one.differences[d].difference == many.differences[d].difference);
  CHECK(one.name[0] == "average");
  CHECK_THROWS_AS(profile(customers, std::span(segment).first(3)), std::invalid_argument);
  CHECK_THROWS_AS(count_levels(customers, segment, "x"), std::invalid_argument);
  CHECK_THROWS_AS(count_levels(customers, segment, "y"), std::invalid_argument);
  segment[0] = 1000;
  CHECK_THROWS_AS(profile(customers, segment), std::invalid_argument);
  CHECK(profile({}, {}).name.empty());
  CHECK(profile({}, {}, {}, 2).name == std::vector<std::string>{"nobody", "nobody"});
  segment[0] = 3;
  CHECK_THROWS_AS(profile(customers, segment, {}, 3), std::invalid_argument);
}
