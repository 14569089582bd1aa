#include "clarion/segment/drift.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"
#include "segment/matching.hpp"

using namespace clarion;
using segment::drift;
using segment::drift_verdict;
using segment::no_cluster;
using labels = std::vector<std::uint32_t>;
using ids = std::vector<std::uint64_t>;

TEST_CASE("matchings are the cheapest of all") {
  core::random_stream random(5);
  for (std::size_t n = 1; n <= 6; ++n)
    for (std::size_t m = 1; m <= 6; ++m)
      for (int round = 0; round < 6; ++round) {
        std::vector<double> cost(n * m);
        // Ties, and costs below 0.
        for (double& c : cost) c = round % 2 == 0 ? random.normal() : static_cast<double>(random.below(3)) - 1;
        const auto found = segment::cheapest_matching(cost, n, m);
        double sum = 0;
        std::vector<int> taken(m);
        std::size_t matched = 0;
        for (std::size_t i = 0; i < n; ++i)
          if (found[i] != segment::no_column) {
            sum += cost[i * m + found[i]];
            ++taken[found[i]];
            ++matched;
          }
        CHECK(matched == std::min(n, m));
        CHECK(*std::max_element(taken.begin(), taken.end()) == 1);
        double best = 1e9;
        std::vector<std::size_t> order(std::max(n, m));
        std::iota(order.begin(), order.end(), 0u);
        do {
          double all = 0;
          for (std::size_t i = 0; i < std::min(n, m); ++i) all += n <= m ? cost[i * m + order[i]] : cost[order[i] * m + i];
          best = std::min(best, all);
        } while (std::next_permutation(order.begin(), order.end()));
        CHECK(sum == doctest::Approx(best));
      }
}

TEST_CASE("clusters that were numbered otherwise are found again") {
  const labels before{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, after{2, 2, 2, 2, 0, 0, 0, 1, 1, 0};
  const auto found = drift({.labels = before}, {.labels = after});
  REQUIRE(found.clusters.size() == 3);
  CHECK(found.clusters[0].after == 2);
  CHECK(found.clusters[0].jaccard == 1);
  CHECK(found.clusters[0].verdict == drift_verdict::held);
  CHECK(found.clusters[1].after == 0);
  CHECK(found.clusters[1].jaccard == doctest::Approx(0.75));
  CHECK(found.clusters[2].after == 1);
  CHECK(found.clusters[2].moved == 1);
  CHECK(found.clusters[2].verdict == drift_verdict::drifted);
  CHECK(found.common == 10);
  CHECK(found.transitions == std::vector<std::uint64_t>{0, 0, 4, 0, 3, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0});
  CHECK(found.clusters[0].sentence ==
        "Cluster 0 held, now Cluster 2: 40% of all, 40% before; of 4 members still known 100% stayed (Jaccard 1.00).");
  CHECK(std::isnan(found.clusters[0].distance));
}

TEST_CASE("members who come and go are told from those who move") {
  const labels before{0, 0, 0, 1, 1}, after{0, 0, 1, 3, 3};
  const ids first{10, 11, 12, 13, 14}, second{99, 10, 13, 98, 97};
  const auto found = drift({.labels = before, .ids = first}, {.labels = after, .ids = second});
  REQUIRE(found.clusters.size() == 3);
  CHECK(found.common == 2);
  const auto& a = found.clusters[0];
  CHECK(a.after == 0);
  CHECK(a.stayed == 1);
  CHECK(a.left == 2);
  CHECK(a.joined == 1);
  CHECK(a.jaccard == 1);
  const auto& b = found.clusters[1];
  CHECK(b.after == 1);
  CHECK(b.left == 1);
  const auto& c = found.clusters[2];
  CHECK(c.before == no_cluster);
  CHECK(c.after == 3);
  CHECK(c.joined == 2);
  CHECK(c.verdict == drift_verdict::appeared);
  CHECK(c.sentence == "Cluster 3 is new: 2 members, 40% of all.");
  // Rows: 0, 1, joined; columns: 0, 1, 2, 3, left.
  CHECK(found.transitions == std::vector<std::uint64_t>{1, 0, 0, 0, 2, 0, 1, 0, 0, 1, 1, 0, 0, 2, 0});
}

TEST_CASE("every way of matching is no better") {
  core::random_stream random(11);
  for (int round = 0; round < 30; ++round) {
    labels before(60), after(60);
    for (auto& v : before) v = static_cast<std::uint32_t>(random.below(4));
    for (std::size_t i = 0; i < 60; ++i)
      after[i] = random.chance(0.6) ? (before[i] + 1) % 4 : static_cast<std::uint32_t>(random.below(5));
    const auto jaccard = [&](std::uint32_t p, std::uint32_t q) {
      double both = 0, either = 0;
      for (std::size_t i = 0; i < 60; ++i) {
        both += before[i] == p && after[i] == q;
        either += before[i] == p || after[i] == q;
      }
      return either > 0 ? both / either : 0;
    };
    const auto found = drift({.labels = before}, {.labels = after});
    double sum = 0;
    for (const auto& c : found.clusters)
      if (c.before != no_cluster && c.after != no_cluster) {
        CHECK(c.jaccard == doctest::Approx(jaccard(c.before, c.after)));
        sum += c.jaccard;
      }
    std::vector<std::uint32_t> order{0, 1, 2, 3, 4};
    double best = 0;
    do {
      double all = 0;
      for (std::uint32_t p = 0; p < 4; ++p) all += jaccard(p, order[p]);
      best = std::max(best, all);
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(sum == doctest::Approx(best));
  }
}

TEST_CASE("centers match without members, and shifts are in standard deviations") {
  // Two clusters about 0 and 10 in the first column; the second column does not vary within a period.
  const std::vector<double> first{-1, 5, 1, 5, 9, 5, 11, 5}, second{10, 7, 12, 7, -1, 7, 1, 7, 0, 7};
  const labels before{0, 0, 1, 1}, after{0, 0, 1, 1, 1};
  const auto found = drift({.labels = before, .x = first}, {.labels = after, .x = second}, {.by = "centers"});
  REQUIRE(found.clusters.size() == 2);
  CHECK(found.clusters[0].after == 1);
  CHECK(found.clusters[1].after == 0);
  CHECK(found.common == 0);
  CHECK(std::isnan(found.rand));
  CHECK(std::isnan(found.clusters[0].jaccard));
  // 4 rows at 5 and 5 at 7: the sd of both together.
  const double sd = 2 * std::sqrt(4.0 * 5) / 9;
  CHECK(found.clusters[0].shift[0] == doctest::Approx(0));
  CHECK(found.clusters[0].shift[1] == doctest::Approx(2 / sd));
  CHECK(found.clusters[0].distance == doctest::Approx(2 / sd / std::sqrt(2.0)));
  CHECK(found.clusters[0].verdict == drift_verdict::changed);

  // A cluster less: the one that is farther from any is gone.
  const auto fewer =
      drift({.labels = before, .x = first}, {.labels = labels{0, 0}, .x = std::vector<double>{-1, 5, 1, 5}}, {.by = "centers"});
  CHECK(fewer.clusters[0].verdict == drift_verdict::held);
  CHECK(fewer.clusters[1].verdict == drift_verdict::vanished);
  CHECK(fewer.clusters[1].sentence == "Cluster 1 is gone; it had 2 members, 50% of all.");
}

TEST_CASE("what does not fit together is refused") {
  const labels two{0, 1};
  const std::vector<double> x{1, 2};
  CHECK_THROWS_AS(drift({.labels = {}}, {.labels = two}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two}, {.labels = labels{0}}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two}, {.labels = two}, {.by = "name"}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two}, {.labels = two}, {.by = "centers"}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(drift({.labels = two, .ids = ids{7, 7}}, {.labels = two, .ids = ids{1, 2}}), doctest::Contains("7 twice"),
                       std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two, .ids = ids{7}}, {.labels = two, .ids = ids{1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two, .ids = ids{7, 8}}, {.labels = two}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two, .x = x}, {.labels = two, .x = std::vector<double>{1, 2, 3, 4}}), std::invalid_argument);
  CHECK_THROWS_AS(drift({.labels = two, .x = std::vector<double>{1, 2, 3}}, {.labels = two}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(drift({.labels = two, .x = std::vector<double>{1, NAN}}, {.labels = two}), doctest::Contains("column 0"),
                       std::invalid_argument);
  // Nobody in common: nothing is matched by overlap.
  const auto strangers = drift({.labels = two, .ids = ids{1, 2}}, {.labels = two, .ids = ids{3, 4}});
  CHECK(strangers.clusters.size() == 4);
  CHECK(strangers.clusters[0].verdict == drift_verdict::vanished);
}
