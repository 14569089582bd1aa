#include "clarion/segment/engagement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

constexpr std::uint32_t none = engagement_rows::none;
constexpr std::int32_t no_day = std::numeric_limits<std::int32_t>::min();
using weights = std::vector<std::optional<double>>;

struct table {
  std::vector<std::uint32_t> customer, kind;
  std::vector<std::int32_t> day;
  std::size_t customers, kinds;

  engagement_rows rows(const weights& weight = {}) const { return {customer, day, kind, customers, kinds, weight}; }
};

table random_table(std::size_t n, std::size_t customers, std::size_t kinds, std::uint64_t seed) {
  core::random_stream random(seed);
  table out{{}, {}, {}, customers, kinds};
  for (std::size_t i = 0; i < n; ++i) {
    const auto c = static_cast<std::uint32_t>(random.below(customers + 1)),
               k = static_cast<std::uint32_t>(random.below(kinds + 1));
    out.customer.push_back(c == customers ? none : c);
    out.kind.push_back(k == kinds ? none : k);
    const auto day = static_cast<std::int32_t>(random.below(200));
    out.day.push_back(day == 0 ? no_day : 20000 + day);
  }
  return out;
}

}  // namespace

TEST_CASE("points are those of a loop over the events") {
  const table data = random_table(5000, 150, 4, 1);
  const weights weight{3., 0., std::nullopt, .5};
  const engagement_options options{.half_life = 14, .at = core::from_day_number(20150)};
  const auto got = engagement(data.rows(weight), options);
  std::vector<double> points(150);
  std::vector<std::uint32_t> events(150);
  std::vector<std::int32_t> since(150, -1);
  std::vector<std::uint64_t> kinds(4);
  std::uint64_t nobody = 0, undated = 0, future = 0, weightless = 0;
  for (std::size_t i = 0; i < data.day.size(); ++i) {
    const auto c = data.customer[i], k = data.kind[i];
    if (c == none) {
      ++nobody;
      continue;
    }
    if (data.day[i] == no_day) {
      ++undated;
      continue;
    }
    if (data.day[i] > 20150) {
      ++future;
      continue;
    }
    if (k != none) ++kinds[k];
    const double w = k == none ? 0 : weight[k].value_or(0);
    if (w == 0) {
      ++weightless;
      continue;
    }
    const int age = 20150 - data.day[i];
    points[c] += w * std::pow(2, -age / 14.0);
    ++events[c];
    since[c] = since[c] < 0 ? age : std::min(since[c], age);
  }
  for (std::size_t c = 0; c < 150; ++c) CHECK(got.points[c] == doctest::Approx(points[c]).epsilon(1e-12));
  CHECK(got.events == events);
  CHECK(got.days_since == since);
  CHECK(got.kinds == kinds);
  CHECK(got.no_customer == nobody);
  CHECK(got.no_day == undated);
  CHECK(got.future == future);
  CHECK(got.no_weight == weightless);
  CHECK(got.used == data.day.size() - nobody - undated - future - weightless);
}

TEST_CASE("without weights each event is 1, of whatever kind") {
  const table data = random_table(3000, 50, 3, 2);
  const auto got = engagement(data.rows(), {.half_life = 1e6});
  CHECK(got.at == core::from_day_number(20199));
  CHECK(got.no_weight == 0);
  CHECK(got.future == 0);
  const auto blind = engagement({data.customer, data.day, {}, 50, 0, {}}, {.half_life = 1e6});
  CHECK(blind.points == got.points);
  for (std::size_t c = 0; c < 50; ++c) CHECK(got.points[c] == doctest::Approx(got.events[c]).epsilon(1e-3));
}

TEST_CASE("the same bits for any number of threads") {
  const table data = random_table(400000, 7000, 5, 3);
  const weights weight{1., .1, 3., .7, .3};
  const auto one = engagement(data.rows(weight), {}, {.threads = 1});
  const auto scores = engagement_scores(one.points, {.threads = 1});
  for (const unsigned threads : {2u, 5u}) {
    const auto got = engagement(data.rows(weight), {}, {.threads = threads});
    CHECK(got.points == one.points);
    CHECK(got.events == one.events);
    CHECK(got.days_since == one.days_since);
    CHECK(got.kinds == one.kinds);
    CHECK(engagement_scores(got.points, {.threads = threads}) == scores);
  }
}

TEST_CASE("scores are mid-ranks") {
  CHECK(engagement_scores(std::vector<double>{0, 5, 0, 7}) == std::vector<double>{25, 62.5, 25, 87.5});
  CHECK(engagement_scores(std::vector<double>{3}) == std::vector<double>{50});
  CHECK(engagement_scores({}).empty());
  CHECK(engagement_scores(std::vector<double>{.1 + .2, .3, 1}) == std::vector<double>{100. / 3, 100. / 3, 250. / 3});
  core::random_stream random(4);
  std::vector<double> points(200000);
  for (auto& p : points) p = static_cast<double>(random.below(1000));
  const auto scores = engagement_scores(points);
  CHECK(std::accumulate(scores.begin(), scores.end(), 0.) / 200000 == doctest::Approx(50));
  const auto fewer = static_cast<double>(std::ranges::count_if(points, [&](double p) { return p < points[0]; }));
  const auto equal = static_cast<double>(std::ranges::count(points, points[0]));
  CHECK(scores[0] == doctest::Approx(100 * (fewer + equal / 2) / 200000));
  CHECK_THROWS_AS(engagement_scores(std::vector<double>{-1}), std::invalid_argument);
  CHECK_THROWS_AS(engagement_scores(std::vector<double>{std::nan("")}), std::invalid_argument);
}

TEST_CASE("nothing, days that are none, and far ones") {
  CHECK(engagement({}).points.empty());
  CHECK_FALSE(engagement({}).at);
  const std::vector<std::uint32_t> who{0, 0, 0};
  const std::vector<std::int32_t> none_of{no_day, std::numeric_limits<std::int32_t>::max(), no_day + 1};
  const auto undated = engagement({who, none_of, {}, 2, 0, {}});
  CHECK_FALSE(undated.at);
  CHECK(undated.no_day == 3);
  CHECK(undated.points == std::vector<double>{0, 0});
  CHECK(engagement_scores(undated.points) == std::vector<double>{50, 50});
  const std::vector<std::int32_t> far{-719162, 2932896, 0};
  const auto got = engagement({who, far, {}, 1, 0, {}});
  CHECK(got.points[0] == 1);  // the others are worth less than numbers can tell
  CHECK(got.events[0] == 3);
  CHECK(got.days_since[0] == 0);
  const auto before = engagement({who, far, {}, 1, 0, {}}, {.at = core::from_day_number(-719162)});
  CHECK(before.future == 2);
}

TEST_CASE("what cannot be asked is refused") {
  const std::vector<std::uint32_t> who{0, 1}, kind{0, 1};
  const std::vector<std::int32_t> day{1, 2};
  const engagement_rows good{who, day, kind, 2, 2, {}};
  auto rows = good;
  rows.day = std::span(day).first(1);
  CHECK_THROWS_AS(engagement(rows), std::invalid_argument);
  rows = good;
  rows.kind = std::span(kind).first(1);
  CHECK_THROWS_AS(engagement(rows), std::invalid_argument);
  rows = good;
  rows.customers = 1;
  CHECK_THROWS_AS(engagement(rows), std::invalid_argument);
  rows = good;
  rows.kinds = 1;
  CHECK_THROWS_AS(engagement(rows), std::invalid_argument);
  for (const double w : {-1., std::nan(""), std::numeric_limits<double>::infinity(), 1e16}) {
    const weights weight{w, 1.};
    CHECK_THROWS_AS(engagement({who, day, kind, 2, 2, weight}), std::invalid_argument);
  }
  const weights one{1.};
  CHECK_THROWS_AS(engagement({who, day, kind, 2, 2, one}), std::invalid_argument);
  for (const double half_life : {0., -1., std::nan("")})
    CHECK_THROWS_AS(engagement(good, {.half_life = half_life}), std::invalid_argument);
  CHECK_THROWS_AS(engagement(good, {.at = core::from_day_number(3000000)}), std::invalid_argument);
  CHECK_THROWS_AS(engagement({who, day, {}, std::size_t{1} << 44, 0, {}}), error);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(engagement(good, {}, {.cancel = stop.get_token()}), cancelled);
}
