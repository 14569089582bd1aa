#include "clarion/stats/seasonality.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "clarion/core/random.hpp"

using namespace clarion;

namespace {

struct rows {
  std::vector<double> log_rate;
  std::vector<std::uint8_t> month;
  std::vector<std::uint32_t> channel, category;

  stats::seasonal_data view() const {
    return {.log_rate = log_rate,
            .covariates = {},
            .observation = {},
            .share = {},
            .month = month,
            .levels = {channel},
            .seasons = {category}};
  }
};

// Category 1 has effect `season` in January and February; channels differ by up to 2 on the log scale.
rows simulate(std::size_t n, double season, double noise, std::uint64_t seed) {
  rows out;
  for (std::size_t i = 0; i < n; ++i) {
    core::random_stream random(seed, i);
    const auto m = static_cast<std::uint8_t>(random.below(12));
    const auto channel = static_cast<std::uint32_t>(random.below(4));
    const auto category = static_cast<std::uint32_t>(random.below(5));
    const double effect = category == 1 && m < 2 ? season : 0;
    out.log_rate.push_back(-3 + 0.5 * channel + 0.3 * category + effect + noise * random.normal());
    out.month.push_back(m);
    out.channel.push_back(channel);
    out.category.push_back(category);
  }
  return out;
}

}  // namespace

TEST_CASE("a planted season is found in its category and month and nowhere else") {
  const auto data = simulate(360, std::log(1.6), 0.15, 1);
  const auto fit = stats::fit_seasonality(data.view());
  for (std::uint32_t category = 0; category < 5; ++category)
    for (unsigned m = 0; m < 12; ++m) {
      const std::array codes{category};
      const auto cell = fit.of(m, codes);
      CAPTURE(category);
      CAPTURE(m);
      CHECK(cell.low < cell.index);
      CHECK(cell.index < cell.high);
      if (category == 1 && m < 2) {
        // Relative to the category's own average month: 1.6 / 1.6^(2/12) = 1.48.
        CHECK(cell.index == doctest::Approx(1.48).epsilon(0.12));
        CHECK(cell.low > 1.1);
      } else {
        CHECK(cell.low < 1.1);
      }
    }
  CHECK(fit.noise_sd() == doctest::Approx(0.15).epsilon(0.2));
}

TEST_CASE("levels do not pass for seasons") {
  // Channel 3 earns e^1.5 times channel 0 and runs in July alone beside an even spread of everything else.
  auto data = simulate(400, 0, 0.15, 2);
  for (std::size_t i = 0; i < 60; ++i) {
    core::random_stream random(7, i);
    data.log_rate.push_back(-3 + 1.5 + 0.15 * random.normal());
    data.month.push_back(6);
    data.channel.push_back(3);
    data.category.push_back(0);
  }
  const auto fit = stats::fit_seasonality(data.view());
  CHECK(std::abs(std::log(fit.overall(6).index)) < 0.1);
  CHECK(fit.overall(6).low < 1);
}

TEST_CASE("nine intervals in ten hold the truth, and none is far too wide") {
  std::size_t held = 0, cells = 0;
  double width = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    // Truth drawn from the model: months and category months normal with sd 0.15 and 0.2.
    std::array<double, 12> month{};
    std::array<std::array<double, 12>, 4> season{};
    core::random_stream truth(seed, 0, 1);
    for (auto& m : month) m = 0.15 * truth.normal();
    for (auto& category : season)
      for (auto& m : category) m = 0.2 * truth.normal();
    rows data;
    for (std::size_t i = 0; i < 160; ++i) {
      core::random_stream random(seed, i + 1);
      const auto m = static_cast<std::uint8_t>(random.below(12));
      const auto category = static_cast<std::uint32_t>(random.below(4));
      data.log_rate.push_back(1 + month[m] + season[category][m] + 0.25 * random.normal());
      data.month.push_back(m);
      data.channel.push_back(0);
      data.category.push_back(category);
    }
    const auto fit = stats::fit_seasonality(data.view());
    for (std::uint32_t category = 0; category < 4; ++category) {
      double average = 0;
      for (unsigned m = 0; m < 12; ++m) average += (month[m] + season[category][m]) / 12;
      for (unsigned m = 0; m < 12; ++m) {
        const std::array codes{category};
        const auto cell = fit.of(m, codes);
        const double truth_here = std::exp(month[m] + season[category][m] - average);
        held += cell.low <= truth_here && truth_here <= cell.high;
        width += std::log(cell.high / cell.low);
        ++cells;
      }
    }
  }
  const double coverage = static_cast<double>(held) / static_cast<double>(cells);
  MESSAGE("coverage of 90% intervals: ", coverage);
  // 1,440 cells of 30 worlds that share their months and variances: a standard error of about 0.015.
  CHECK(coverage > 0.87);
  CHECK(coverage < 0.95);
  CHECK(width / static_cast<double>(cells) < 0.9);
}

TEST_CASE("a cell with fewer rows is drawn further toward its group") {
  rows data;
  const auto add = [&](std::size_t count, unsigned month, std::uint32_t category, double value) {
    for (std::size_t i = 0; i < count; ++i) {
      data.log_rate.push_back(value + (i % 2 ? 0.2 : -0.2));
      data.month.push_back(static_cast<std::uint8_t>(month));
      data.channel.push_back(0);
      data.category.push_back(category);
    }
  };
  for (unsigned m = 0; m < 12; ++m)
    for (std::uint32_t category = 0; category < 3; ++category) add(4, m, category, m == 3 && category == 0 ? 0.8 : 0.0);
  const auto many = stats::fit_seasonality(data.view());
  // The same, with a single row pair in the strong cell.
  rows few;
  for (std::size_t i = 0, kept = 0; i < data.log_rate.size(); ++i) {
    if (data.month[i] == 3 && data.category[i] == 0 && kept++ >= 2) continue;
    few.log_rate.push_back(data.log_rate[i]);
    few.month.push_back(data.month[i]);
    few.channel.push_back(0);
    few.category.push_back(data.category[i]);
  }
  const auto sparse = stats::fit_seasonality(few.view());
  const std::array codes{0u};
  CHECK(many.of(3, codes).index > sparse.of(3, codes).index);
  CHECK(sparse.of(3, codes).index > 1);
  CHECK(many.of(3, codes).weight == 4);
  CHECK(sparse.of(3, codes).weight == 2);
}

TEST_CASE("the order of rows, and whole against split rows, do not matter") {
  const auto data = simulate(200, 0.4, 0.2, 5);
  rows reversed = data;
  std::ranges::reverse(reversed.log_rate);
  std::ranges::reverse(reversed.month);
  std::ranges::reverse(reversed.channel);
  std::ranges::reverse(reversed.category);
  rows halves;
  for (std::size_t i = 0; i < 200; ++i)
    for (int half = 0; half < 2; ++half) {
      halves.log_rate.push_back(data.log_rate[i]);
      halves.month.push_back(data.month[i]);
      halves.channel.push_back(data.channel[i]);
      halves.category.push_back(data.category[i]);
    }
  const std::vector<double> half(400, 0.5);
  std::vector<std::uint32_t> observation(400);
  for (std::uint32_t e = 0; e < 400; ++e) observation[e] = e / 2;
  auto split = halves.view();
  split.log_rate = data.log_rate;
  split.observation = observation;
  split.share = half;
  const auto a = stats::fit_seasonality(data.view());
  const auto b = stats::fit_seasonality(reversed.view());
  const auto c = stats::fit_seasonality(split);
  const std::array codes{1u};
  for (unsigned m = 0; m < 12; ++m) {
    CHECK(a.of(m, codes).index == doctest::Approx(b.of(m, codes).index).epsilon(1e-6));
    CHECK(a.of(m, codes).index == doctest::Approx(c.of(m, codes).index).epsilon(1e-6));
  }
}

TEST_CASE("no rows, one row and equal rows give indices of 1") {
  const auto none = stats::fit_seasonality({});
  CHECK(none.overall(0).index == 1);
  CHECK(none.overall(0).low < 1);
  const std::vector<double> rate{0.5};
  const std::vector<std::uint8_t> month{4};
  const auto one = stats::fit_seasonality({.log_rate = rate, .month = month});
  CHECK(one.overall(4).index == doctest::Approx(1));
  const std::vector<double> rates(48, 0.5);
  std::vector<std::uint8_t> months(48);
  for (std::size_t i = 0; i < 48; ++i) months[i] = static_cast<std::uint8_t>(i % 12);
  const auto equal = stats::fit_seasonality({.log_rate = rates, .month = months});
  for (unsigned m = 0; m < 12; ++m) CHECK(equal.overall(m).index == doctest::Approx(1));
  const std::vector<std::uint32_t> code(1, 3);
  const auto unseen = stats::fit_seasonality({.log_rate = rate, .month = month, .seasons = {code}});
  const std::array never{99u};
  CHECK(unseen.of(4, never).index == doctest::Approx(1));
}

TEST_CASE("arguments are checked") {
  const std::vector<double> rate{0.5, 0.2}, bad{0.5, std::nan("")}, zero{1, 0};
  const std::vector<std::uint8_t> month{4, 5}, late{4, 12}, shorter{4};
  const auto plain = [&](std::span<const double> rates, std::span<const std::uint8_t> months) {
    return stats::seasonal_data{.log_rate = rates, .month = months};
  };
  const std::vector<std::uint32_t> first{0, 0}, beyond{0, 2};
  CHECK_THROWS_AS(stats::fit_seasonality(plain(rate, shorter)), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_seasonality(plain(bad, month)), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_seasonality(plain(rate, late)), std::invalid_argument);
  auto data = plain(rate, month);
  data.share = zero;
  CHECK_THROWS_AS(stats::fit_seasonality(data), std::invalid_argument);
  data = plain(rate, month);
  data.observation = first;
  CHECK_THROWS_AS(stats::fit_seasonality(data), std::invalid_argument);
  data.observation = beyond;
  CHECK_THROWS_AS(stats::fit_seasonality(data), std::invalid_argument);
  data = plain(rate, month);
  data.covariates = {std::span<const double>(bad)};
  CHECK_THROWS_AS(stats::fit_seasonality(data), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_seasonality(plain(rate, month), {.coverage = 1.5}), std::invalid_argument);
  const auto fit = stats::fit_seasonality({.log_rate = rate, .month = month});
  CHECK_THROWS_AS(fit.overall(12), std::invalid_argument);
  const std::array code{0u};
  CHECK_THROWS_AS(fit.of(1, code), std::invalid_argument);
}

TEST_CASE("a mixture of groups lies between them, and has the weight of its first") {
  const auto data = simulate(300, std::log(1.6), 0.15, 8);
  auto view = data.view();
  view.seasons = {data.category, data.channel};
  const auto fit = stats::fit_seasonality(view);
  const std::array one{1u, 0u};
  const std::array<stats::seasonal_share, 2> both{{{1, 0, 1}, {0, 1, 1}}};
  CHECK(fit.of(0, both).index == fit.of(0, one).index);
  CHECK(fit.of(0, both).high == fit.of(0, one).high);
  CHECK(fit.of(0, both).weight == fit.of(0, one).weight);
  const std::array strong{1u}, weak{3u};
  const std::array<stats::seasonal_share, 2> halves{{{0, 1, 0.5}, {0, 3, 0.5}}};
  const auto mixed = fit.of(0, halves);
  CHECK(std::log(mixed.index) == doctest::Approx(0.5 * std::log(fit.of(0, strong).index * fit.of(0, weak).index)));
  CHECK(mixed.high / mixed.low < fit.of(0, strong).high / fit.of(0, strong).low);
  const std::array<stats::seasonal_share, 1> beyond{{{2, 0, 1}}};
  CHECK_THROWS_AS(fit.of(0, beyond), std::invalid_argument);
}

TEST_CASE("a slope and a few wild observations do not pass for a season") {
  auto data = simulate(300, std::log(1.6), 0.1, 9);
  std::vector<double> spend;
  for (std::size_t i = 0; i < data.log_rate.size(); ++i) {
    core::random_stream random(11, i);
    // Larger spends in the second half of the year, and diminishing returns.
    spend.push_back(0.5 * random.normal() + (data.month[i] >= 6 ? 0.8 : 0.0));
    data.log_rate[i] -= 0.5 * spend.back();
    if (i % 30 == 0) data.log_rate[i] += i % 60 ? 0.9 : -0.9;
  }
  auto view = data.view();
  view.covariates = {std::span<const double>(spend)};
  const auto fit = stats::fit_seasonality(view);
  const std::array wellness{1u}, other{3u};
  CHECK(fit.of(0, wellness).low > 1);
  CHECK(fit.of(1, wellness).low > 1);
  CHECK(fit.of(0, wellness).index > 1.1);
  std::size_t strong = 0;
  for (unsigned m = 0; m < 12; ++m) strong += fit.of(m, other).low > 1;
  CHECK(strong <= 1);
}
