#include "clarion/segment/score_quality.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;
using segment::score_quality;

namespace {

struct drawn {
  std::vector<double> scores, labels, weights;
};

drawn make(std::size_t n, std::uint64_t seed, double levels) {
  drawn out;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(seed, i);
    const bool yes = random.chance(0.3);
    out.scores.push_back(std::floor((random.normal() + yes) * levels) / levels);
    out.labels.push_back(yes);
    out.weights.push_back(static_cast<double>(random.below(4)));
  }
  return out;
}

}  // namespace

TEST_CASE("the area and its variance are those of all pairs, ties half, weights as counted rows") {
  for (const bool weighted : {false, true}) {
    const auto d = make(300, 3, 4);
    std::vector<double> up, down;  // scores of positives and negatives, rows as often as their weight
    for (std::size_t i = 0; i < d.scores.size(); ++i)
      for (int copy = 0; copy < (weighted ? static_cast<int>(d.weights[i]) : 1); ++copy)
        (d.labels[i] == 1 ? up : down).push_back(d.scores[i]);
    double auc = 0;
    std::vector<double> of_up(up.size()), of_down(down.size());
    for (std::size_t i = 0; i < up.size(); ++i)
      for (std::size_t j = 0; j < down.size(); ++j) {
        const double win = up[i] > down[j] ? 1 : up[i] == down[j] ? 0.5 : 0;
        auc += win;
        of_up[i] += win / static_cast<double>(down.size());
        of_down[j] += win / static_cast<double>(up.size());
      }
    auc /= static_cast<double>(up.size() * down.size());
    const auto found = score_quality(d.scores, d.labels, weighted ? d.weights : std::vector<double>());
    CHECK(found.auc == Approx(auc).epsilon(1e-12));
    double variance = 0;
    for (const auto* part : {&of_up, &of_down}) {
      double square = 0;
      for (const double v : *part) square += (v - auc) * (v - auc);
      variance += square / static_cast<double>(part->size()) / static_cast<double>(part->size() - 1);
    }
    if (!weighted) CHECK(found.auc_sd == Approx(std::sqrt(variance)).epsilon(1e-9));
    // Rows counted several times are not as many rows.
    if (weighted) CHECK(found.auc_sd > std::sqrt(variance));
    CHECK(found.auc_low < auc);
    CHECK(found.auc_high > auc);
    CHECK(found.weight == Approx(static_cast<double>(up.size() + down.size())));
    CHECK(std::isnan(found.brier));
  }
}

TEST_CASE("intervals of the area hold the truth as often as they say") {
  // Normal scores one apart: the area is Phi(1 / sqrt 2).
  const double truth = 0.5 * std::erfc(-0.5);
  int held = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto d = make(150, 1000 + seed, 1e9);
    const auto found = score_quality(d.scores, d.labels, {}, {.level = 0.9});
    held += found.auc_low <= truth && truth <= found.auc_high;
  }
  MESSAGE("coverage of 90% intervals: ", held / 400.0);
  CHECK(held > 340);  // 360, less and more three standard errors of 6
  CHECK(held < 380);
}

TEST_CASE("figures of a small case by hand") {
  const std::vector<double> scores{0.9, 0.8, 0.8, 0.4, 0.3}, labels{1, 0, 1, 0, 1};
  const auto found = score_quality(scores, labels, {}, {.groups = 5});
  CHECK(found.auc == Approx((2 + 1.5 + 0) / 6));
  // Distinct thresholds: 0.9 (1 of 1), 0.8 (2 of 3), 0.4, 0.3 (3 of 5).
  CHECK(found.average_precision == Approx((1.0 + 2.0 / 3 + 3.0 / 5) / 3));
  CHECK(found.ks == Approx(1.0 / 3));
  CHECK(found.ks_score == 0.9);
  CHECK(found.brier == Approx((0.01 + 0.64 + 0.04 + 0.16 + 0.49) / 5));
  CHECK(found.log_loss == Approx(-(std::log(0.9) + std::log(0.2) + std::log(0.8) + std::log(0.6) + std::log(0.3)) / 5));
  REQUIRE(found.groups.size() == 5);
  CHECK(found.groups[0].rate == 1);
  CHECK(found.groups[1].positives == Approx(0.5));  // of the two of 0.8 each gets a half
  CHECK(found.groups[2].positives == Approx(0.5));
  CHECK(found.groups[2].gain == Approx(2.0 / 3));
  CHECK(found.groups[0].lift == Approx(1 / 0.6));
  CHECK(found.groups[4].cumulative_lift == Approx(1));
  REQUIRE(found.curve.size() == 5);
  CHECK(found.curve[0].depth == 0);
  CHECK(found.curve[2].precision == Approx(2.0 / 3));
  CHECK(found.curve[4].false_positive_rate == 1);
}

TEST_CASE("groups and curves of many rows") {
  const auto d = make(50000, 5, 1e9);
  const auto found = score_quality(d.scores, d.labels, {}, {.curve_points = 200});
  double weight = 0, positives = 0;
  for (const auto& group : found.groups) {
    CHECK(group.weight == Approx(5000));
    weight += group.weight, positives += group.positives;
  }
  CHECK(weight == Approx(50000));
  CHECK(positives == Approx(static_cast<double>(found.positives)));
  CHECK(found.groups[0].lift > found.groups[9].lift);
  CHECK(found.curve.size() < 210);
  CHECK(found.curve.size() > 100);
  CHECK(found.curve.back().true_positive_rate == 1);
}

TEST_CASE("scores that say nothing, everything, and rows that are few") {
  const std::vector<double> same(4, 0.5), labels{0, 1, 0, 1}, right{0, 1, 0, 1}, tiny{0.2, 0.1}, pair{1, 0};
  const auto none = score_quality(same, labels);
  CHECK(none.auc == 0.5);
  CHECK(none.ks == 0);
  CHECK(none.average_precision == 0.5);
  CHECK(none.groups.size() == 4);
  CHECK(none.groups[0].lift == Approx(1));
  const auto all = score_quality(right, labels);
  CHECK(all.auc == 1);
  CHECK(std::isnan(all.auc_low));
  CHECK(all.ks == 1);
  CHECK(all.brier == 0);
  CHECK(std::isfinite(all.log_loss));
  CHECK(score_quality(tiny, pair).auc == 1);
  const std::vector<double> huge{1e300, -1e300, 1e12, 0};
  CHECK(score_quality(huge, labels).auc == 0);
}

TEST_CASE("what is refused") {
  const std::vector<double> two{0.1, 0.2}, labels{0, 1}, ones{1, 1}, odd{0, 2}, broken{0.1, std::nan("")}, one{1},
      negative{1, -1}, half{1, 0};
  CHECK_THROWS_AS(score_quality({}, {}), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, ones), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, odd), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, one), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(broken, labels), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, labels, negative), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, labels, half), std::invalid_argument);
  CHECK_THROWS_AS(score_quality(two, labels, {}, {.groups = 0}), std::invalid_argument);
}
