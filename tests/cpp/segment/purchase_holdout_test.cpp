#include "clarion/segment/purchase_holdout.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

TEST_CASE("a holdout counts what came after the cut, by customers who were there before") {
  core::random_stream random(3);
  constexpr std::int32_t end = 300, cut = 180;
  std::vector<std::int64_t> customer;
  std::vector<std::int32_t> day;
  std::vector<double> amount;
  for (int i = 0; i < 8000; ++i) {
    customer.push_back(static_cast<std::int64_t>(random.below(700)));
    day.push_back(static_cast<std::int32_t>(random.below(end + 1)));
    amount.push_back(std::floor(random.uniform() * 100) - 5);
  }
  day[0] = end;
  amount[0] = 1;
  const purchase_columns columns{std::span<const std::int64_t>(customer), day, amount};
  const auto all = build_purchases(columns).data;
  const auto got = purchase_holdout(all, core::from_day_number(cut), {.unit = 7}, {.threads = 2});
  CHECK(got.T == doctest::Approx((end - cut) / 7.0));
  const auto learned = purchase_summary(build_purchases(columns, {.at = core::from_day_number(cut)}).data, {.unit = 7});
  CHECK(got.learned.frequency == learned.frequency);
  CHECK(got.learned.recency == learned.recency);
  CHECK(got.learned.T == learned.T);
  CHECK(got.learned.monetary == learned.monetary);
  REQUIRE(got.frequency.size() == got.before.size());
  std::size_t later = 0;
  for (std::size_t c = 0; c < got.before.size(); ++c) {
    const auto number = all.customers().find(got.before.customers().integer(c));
    const auto whole = all.of(*number);
    double n = 0, sum = 0;
    for (std::size_t i = 0; i < whole.day.size(); ++i)
      if (whole.day[i] > cut) {
        ++n;
        sum += whole.amount[i];
      }
    REQUIRE(got.frequency[c] == n);
    REQUIRE(got.monetary[c] == doctest::Approx(n > 0 ? sum / n : 0));
    later += n > 0;
  }
  CHECK(later > 100);
  CHECK_THROWS_WITH_AS(purchase_holdout(all, all.at()), doctest::Contains("cut:"), std::invalid_argument);
}

TEST_CASE("forecast and truth by purchases before") {
  const std::vector<double> expected{0.5, 1.5, 2, 7}, seen{0, 2, 2, 9}, frequency{0, 1, 1, 30};
  const auto got = holdout_quality(expected, seen, frequency, 2);
  CHECK(got.seen == 13);
  CHECK(got.expected == 11);
  CHECK(got.mean_absolute_error == doctest::Approx((.5 + .5 + 0 + 2) / 4));
  CHECK(got.root_mean_square_error == doctest::Approx(std::sqrt((.25 + .25 + 4) / 4)));
  CHECK(got.customers == std::vector<std::uint64_t>{1, 2, 0, 1});
  CHECK(got.mean_seen[1] == 2);
  CHECK(got.mean_expected[1] == 1.75);
  CHECK(std::isnan(got.mean_seen[2]));
  CHECK(got.mean_expected[3] == 7);
  CHECK_THROWS_WITH_AS(holdout_quality({}, {}, {}), doctest::Contains("expected"), std::invalid_argument);
  CHECK_THROWS_WITH_AS(holdout_quality(expected, std::vector<double>{1}, frequency), doctest::Contains("seen"),
                       std::invalid_argument);
  for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_WITH_AS(holdout_quality(expected, std::vector<double>{0, bad, 0, 0}, frequency), doctest::Contains("row 1"),
                         std::invalid_argument);
}
