#include "clarion/segment/preference.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <stop_token>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

constexpr std::uint32_t none = preference_rows::none;

struct table {
  std::vector<std::uint32_t> customer, level;
  std::vector<double> weight;
  std::size_t customers, levels;

  preference_rows rows(bool weighted = true) const {
    return {customer, level, weighted ? std::span<const double>(weight) : std::span<const double>{}, customers, levels};
  }
};

table random_table(std::size_t n, std::size_t customers, std::size_t levels, std::uint64_t seed) {
  core::random_stream random(seed);
  table out{{}, {}, {}, customers, levels};
  for (std::size_t i = 0; i < n; ++i) {
    const auto c = static_cast<std::uint32_t>(random.below(customers + 1)),
               l = static_cast<std::uint32_t>(random.below(levels + 1));
    out.customer.push_back(c == customers ? none : c);
    out.level.push_back(l == levels ? none : l);
    out.weight.push_back(static_cast<double>(random.below(40)) / 4 - 1);
  }
  return out;
}

}  // namespace

TEST_CASE("sums, shares and lifts are those of a map of maps") {
  for (const bool weighted : {true, false}) {
    CAPTURE(weighted);
    const table data = random_table(3000, 200, 7, 1);
    const auto got = preference(data.rows(weighted), {.prior = 3});
    std::map<std::uint32_t, std::map<std::uint32_t, double>> by;
    std::vector<double> sums(7);
    double all = 0;
    std::uint64_t used = 0;
    for (std::size_t i = 0; i < data.customer.size(); ++i) {
      const double w = weighted ? data.weight[i] : 1;
      if (data.customer[i] == none || data.level[i] == none || w <= 0) continue;
      by[data.customer[i]][data.level[i]] += w;
      sums[data.level[i]] += w;
      all += w;
      ++used;
    }
    CHECK(got.used == used);
    CHECK(got.used + got.no_customer + got.no_level + got.no_weight == data.customer.size());
    CHECK((got.no_weight > 0) == weighted);
    const double a = 3 * all / static_cast<double>(used);
    CHECK(got.prior_weight == doctest::Approx(a));
    const auto lifts = affinities(got);
    const std::vector<std::uint32_t> two{5, 1};
    const auto some = affinities(got, two);
    for (std::uint32_t c = 0; c < 200; ++c) {
      CAPTURE(c);
      double total = 0, entropy = 0;
      std::uint32_t best = none;
      for (const auto& [l, w] : by[c]) {
        total += w;
        if (best == none || w > by[c][best] || (w == by[c][best] && sums[l] > sums[best])) best = l;
      }
      for (const auto& [l, w] : by[c]) entropy -= w / total * std::log(w / total);
      CHECK(got.favourite[c] == best);
      CHECK(got.distinct[c] == by[c].size());
      CHECK(got.total[c] == doctest::Approx(total));
      CHECK(got.weights.offsets[c + 1] - got.weights.offsets[c] == by[c].size());
      if (best == none) {
        CHECK(std::isnan(got.share[c]));
        CHECK(lifts[c * 7] == 1);
        continue;
      }
      CHECK(got.share[c] == doctest::Approx(by[c][best] / total));
      CHECK(got.effective[c] == doctest::Approx(std::exp(entropy)));
      for (std::uint32_t l = 0; l < 7; ++l) {
        const double p = sums[l] / all, w = by[c].contains(l) ? by[c][l] : 0;
        CHECK(lifts[c * 7 + l] == doctest::Approx((w + a * p) / (total + a) / p));
      }
      CHECK(got.affinity[c] == doctest::Approx(lifts[c * 7 + best]));
      CHECK(some[c * 2] == lifts[c * 7 + 5]);
      CHECK(some[c * 2 + 1] == lifts[c * 7 + 1]);
    }
  }
}

TEST_CASE("the same bits for any number of threads") {
  table data = random_table(300000, 5000, 300, 2);
  core::random_stream random(3);
  for (auto& w : data.weight) w = random.uniform() * 1e6;
  const auto one = preference(data.rows(), {}, {.threads = 1});
  for (const unsigned threads : {2u, 5u}) {
    const auto got = preference(data.rows(), {}, {.threads = threads});
    CHECK(got.total == one.total);
    CHECK(got.favourite == one.favourite);
    CHECK(got.affinity == one.affinity);
    CHECK(got.effective == one.effective);
    CHECK(got.shares == one.shares);
    CHECK(got.weights.index == one.weights.index);
    CHECK(got.weights.value == one.weights.value);
    CHECK(affinities(got, {}, {.threads = threads}) == affinities(one, {}, {.threads = 1}));
  }
}

TEST_CASE("the unit of the weights does not matter") {
  table data = random_table(2000, 100, 5, 4);
  const auto euros = preference(data.rows());
  for (auto& w : data.weight) w *= 1024;
  const auto others = preference(data.rows());
  CHECK(others.favourite == euros.favourite);
  for (std::size_t c = 0; c < 100; ++c) CHECK(others.affinity[c] == doctest::Approx(euros.affinity[c]));
}

TEST_CASE("ties go to what is favoured overall, then to the lower code") {
  const std::vector<std::uint32_t> who{0, 0, 1, 1, 2, 2}, what{0, 2, 2, 2, 1, 0};
  const auto got = preference({who, what, {}, 3, 3});
  CHECK(got.favourite == std::vector<std::uint32_t>{2, 2, 0});  // levels have 2, 3 and 1 of 6 rows
  const std::vector<std::uint32_t> cents{0, 0, 0, 1}, of{0, 0, 1, 1};
  const std::vector<double> paid{.1, .2, .3, 1};  // .1 + .2 is more than .3 in its last digit
  CHECK(preference({cents, of, paid, 2, 2}).favourite[0] == 1);
  const std::vector<std::uint32_t> one{0, 0}, both{1, 0};
  CHECK(preference({one, both, {}, 1, 2}).favourite[0] == 0);
}

TEST_CASE("weights that count for nothing") {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::uint32_t> who(8, 0), what{0, 1, 1, 1, 1, 1, 1, 0};
  const std::vector<double> weight{2, 0, -3, nan, inf, -inf, 1e16, 5e-324};
  const auto got = preference({who, what, weight, 2, 2});
  CHECK(got.used == 2);
  CHECK(got.no_weight == 6);
  CHECK(got.favourite == std::vector{0u, none});
  CHECK(got.share[0] == 1);
  CHECK(got.affinity[0] == 1);
  CHECK(got.effective[0] == 1);
  CHECK(affinities(got) == std::vector<double>(4, 1.0));
  const std::vector<std::uint32_t> two{0, 1}, levels{0, 1};
  const std::vector<double> far{1e15, 5e-324};
  for (const double lift : affinities(preference({two, levels, far, 2, 2}, {.prior = 0}))) CHECK(std::isfinite(lift));
}

TEST_CASE("nothing, nobody, and one customer with everything") {
  const auto empty = preference({});
  CHECK(empty.total.empty());
  CHECK(affinities(empty).empty());
  const auto nobody = preference({{}, {}, {}, 3, 2});
  CHECK(nobody.favourite == std::vector(3, none));
  CHECK(nobody.shares == std::vector<double>{0, 0});
  CHECK(affinities(nobody) == std::vector<double>(6, 1.0));
  const std::vector<std::uint32_t> who(200000, 0);
  std::vector<std::uint32_t> what(200000);
  for (std::size_t i = 0; i < what.size(); ++i) what[i] = static_cast<std::uint32_t>(i % 4);
  const auto all = preference({who, what, {}, 1, 4});
  CHECK(all.effective[0] == doctest::Approx(4));
  CHECK(all.affinity[0] == doctest::Approx(1));
  CHECK(all.weights.value == std::vector<float>(4, 50000));
}

TEST_CASE("what cannot be asked is refused") {
  const std::vector<std::uint32_t> who{0, 1}, what{0, 1};
  const std::vector<double> one{1};
  CHECK_THROWS_AS(preference({who, std::span(what).first(1), {}, 2, 2}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, one, 2, 2}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, {}, 1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, {}, 2, 1}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, {}, 2, 2}, {.prior = -1}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, {}, 2, 2}, {.prior = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(preference({who, what, {}, std::size_t{1} << 44, 2}), error);
  const auto got = preference({who, what, {}, 2, 2});
  const std::vector<std::uint32_t> absent{2}, twice{1, 1};
  CHECK_THROWS_AS(affinities(got, absent), std::invalid_argument);
  CHECK_THROWS_AS(affinities(got, twice), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(preference({who, what, {}, 2, 2}, {}, {.cancel = stop.get_token()}), cancelled);
}
