#include "clarion/stats/logistic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;
using stats::design_view;
using stats::logistic_options;

namespace {

struct sample {
  std::size_t rows, columns;
  std::vector<double> x;
  std::vector<std::uint8_t> y;
  design_view view() const { return {rows, columns, x.data(), nullptr, static_cast<std::ptrdiff_t>(columns), 1}; }
};

// Columns of different size and place, with true coefficients 1, -1, 1/2, -1/2, ... of their standardized form.
sample drawn(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  sample out{rows, columns, {}, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    core::random_stream random(seed, i);
    double odds = -0.5, last = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      last = 0.4 * last + random.normal();
      odds += last * (j % 2 == 0 ? 1.0 : -1.0) / static_cast<double>(j / 2 + 1);
      out.x.push_back(static_cast<double>(j) + last * static_cast<double>(j + 1));
    }
    out.y.push_back(random.chance(1 / (1 + std::exp(-odds))));
  }
  return out;
}

double objective(const sample& s, const std::vector<double>& w, double b0, const std::vector<double>& b,
                 const logistic_options& o) {
  double sum = 0;
  for (std::size_t i = 0; i < s.rows; ++i) {
    double odds = b0;
    for (std::size_t j = 0; j < s.columns; ++j) odds += b[j] * s.x[i * s.columns + j];
    const double margin = s.y[i] ? odds : -odds;
    sum += (w.empty() ? 1 : w[i]) * (std::log1p(std::exp(-std::abs(margin))) + std::max(0.0, -margin));
  }
  const double share = o.penalty == "l1" ? 1 : o.penalty == "l2" ? 0 : o.l1_ratio;
  double penalty = 0;
  for (const double v : b) penalty += (1 - share) * v * v / 2 + share * std::abs(v);
  return sum + (o.penalty == "none" ? 0 : penalty / o.C);
}

}  // namespace

TEST_CASE("no coefficient can be moved to a lower objective, whatever the penalty and the weights") {
  const auto s = drawn(400, 6, 1);
  std::vector<double> weights;
  core::random_stream random(3);
  for (std::size_t i = 0; i < s.rows; ++i) weights.push_back(random.exponential());
  for (const bool weighted : {false, true})
    for (const bool intercept : {true, false})
      for (const char* penalty : {"none", "l2", "l1", "elasticnet"}) {
        CAPTURE(penalty);
        const std::vector<double> w = weighted ? weights : std::vector<double>();
        const logistic_options o{.penalty = penalty, .C = 0.05, .l1_ratio = 0.4, .fit_intercept = intercept, .tol = 1e-8};
        const auto fit = stats::logistic(s.view(), s.y, w, o);
        CHECK(fit.converged);
        CHECK(fit.aliased.empty());
        const double least = objective(s, w, fit.intercept, fit.coefficients, o);
        for (std::size_t j = 0; j <= s.columns; ++j)
          for (const double move : {-1e-3, 1e-3}) {
            auto b = fit.coefficients;
            double b0 = fit.intercept;
            (j < s.columns ? b[j] : b0) += move;
            if (j < s.columns || intercept) CHECK(objective(s, w, b0, b, o) > least);
          }
        if (o.penalty == "none") CHECK(-fit.log_likelihood == Approx(least).epsilon(1e-10));
        if (!intercept) CHECK(fit.intercept == 0);
      }
}

TEST_CASE("by one column the answer is known: log-odds of the groups, and their errors") {
  // 2 x 2 table: 30 of 50 where x = 1, 10 of 50 where x = 0.
  sample s{100, 1, {}, {}};
  for (int i = 0; i < 100; ++i) {
    s.x.push_back(i < 50);
    s.y.push_back(i < 50 ? i < 30 : i < 60);
  }
  const auto fit = stats::logistic(s.view(), s.y, {}, {.penalty = "none"});
  CHECK(fit.intercept == Approx(std::log(10.0 / 40)));
  CHECK(fit.coefficients[0] == Approx(std::log(30.0 / 20) - std::log(10.0 / 40)));
  CHECK(fit.standard_errors[0] == Approx(std::sqrt(1 / 30.0 + 1 / 20.0 + 1 / 10.0 + 1 / 40.0)).epsilon(1e-6));
  CHECK(fit.standard_errors[1] == Approx(std::sqrt(1 / 10.0 + 1 / 40.0)).epsilon(1e-6));
  CHECK(fit.z[0] == Approx(fit.coefficients[0] / fit.standard_errors[0]));
  CHECK(fit.p[0] == Approx(2 * 0.5 * std::erfc(fit.z[0] / std::sqrt(2.0))));
  CHECK(fit.high[0] - fit.low[0] == Approx(2 * 1.959963985 * fit.standard_errors[0]));
  CHECK(fit.null_log_likelihood == Approx(40 * std::log(0.4) + 60 * std::log(0.6)));
  CHECK(fit.log_likelihood == Approx(30 * std::log(0.6) + 20 * std::log(0.4) + 10 * std::log(0.2) + 40 * std::log(0.8)));
  // Rows twice are rows of weight 2.
  const std::vector<double> two(100, 2);
  const auto twice = stats::logistic(s.view(), s.y, two, {.penalty = "none"});
  CHECK(twice.standard_errors[0] == Approx(fit.standard_errors[0] / std::sqrt(2.0)));
  // With l1 there are none.
  CHECK(std::isnan(stats::logistic(s.view(), s.y, {}, {.penalty = "l1"}).standard_errors[0]));
}

TEST_CASE("balanced classes, layouts and precisions") {
  const auto s = drawn(300, 5, 9);
  std::vector<double> turned(s.x.size()), w(s.rows);
  std::vector<float> single(s.x.begin(), s.x.end());
  for (std::size_t i = 0; i < s.rows; ++i)
    for (std::size_t j = 0; j < 5; ++j) turned[j * s.rows + i] = s.x[i * 5 + j];
  const auto fit = stats::logistic(s.view(), s.y);
  const design_view by_column{s.rows, 5, turned.data(), nullptr, 1, static_cast<std::ptrdiff_t>(s.rows)};
  CHECK(stats::logistic(by_column, s.y).coefficients == fit.coefficients);
  const design_view floats{s.rows, 5, nullptr, single.data(), 5, 1};
  CHECK(stats::logistic(floats, s.y).coefficients[2] == Approx(fit.coefficients[2]).epsilon(1e-5));
  const auto ones = static_cast<double>(std::count(s.y.begin(), s.y.end(), 1));
  for (std::size_t i = 0; i < s.rows; ++i) w[i] = 150 / (s.y[i] ? ones : 300 - ones);
  const auto by_weight = stats::logistic(s.view(), s.y, w, {.tol = 1e-9});
  const auto balanced = stats::logistic(s.view(), s.y, {}, {.balanced = true, .tol = 1e-9});
  for (std::size_t j = 0; j < 5; ++j) CHECK(balanced.coefficients[j] == Approx(by_weight.coefficients[j]).epsilon(1e-8));
  const auto odds = stats::log_odds(s.view(), fit.coefficients, fit.intercept);
  const std::vector<double> means{0, 1, 2, 3, 4};
  const auto parts = stats::contributions(s.view(), fit.coefficients, means);
  double rest = fit.intercept;
  for (std::size_t j = 0; j < 5; ++j) rest += means[j] * fit.coefficients[j];
  for (const std::size_t i : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{299}}) {
    double sum = fit.intercept, added = rest;
    for (std::size_t j = 0; j < 5; ++j) sum += fit.coefficients[j] * s.x[i * 5 + j], added += parts[i * 5 + j];
    CHECK(odds[i] == Approx(sum));
    CHECK(added == Approx(sum));
  }
}

TEST_CASE("many rows: begun on a part of them, ended on all, the same bits for any number of threads") {
  const auto s = drawn(120000, 6, 4);
  const auto one = stats::logistic(s.view(), s.y, {}, {.tol = 1e-6}, {.threads = 1}),
             many = stats::logistic(s.view(), s.y, {}, {.tol = 1e-6}, {.threads = 5});
  CHECK(one.converged);
  CHECK(one.n_iter <= 4);
  CHECK(one.coefficients == many.coefficients);
  CHECK(one.standard_errors == many.standard_errors);
  CHECK(one.coefficients[0] == Approx(1).epsilon(0.03));
  const auto lasso = stats::logistic(s.view(), s.y, {}, {.penalty = "l1", .C = 2e-5}, {.threads = 1});
  CHECK(lasso.converged);
  CHECK(std::count(lasso.coefficients.begin(), lasso.coefficients.end(), 0.0) > 0);
  CHECK(lasso.coefficients == stats::logistic(s.view(), s.y, {}, {.penalty = "l1", .C = 2e-5}, {.threads = 3}).coefficients);
}

TEST_CASE("separated classes are said to be, and a penalty has an answer") {
  sample whole{40, 2, {}, {}}, some = whole;
  for (int i = 0; i < 40; ++i) {
    whole.x.insert(whole.x.end(), {i - 19.5, i % 7 * 1.0});
    whole.y.push_back(i >= 20);
    // The second column is 1 for some positives alone.
    some.x.insert(some.x.end(), {i % 5 * 1.0, i % 2 == 1 && i > 20 ? 1.0 : 0.0});
    some.y.push_back(i % 2 == 1);
  }
  for (const auto* s : {&whole, &some}) {
    const auto fit = stats::logistic(s->view(), s->y, {}, {.penalty = "none"});
    CHECK_FALSE(fit.converged);
    CHECK(fit.separated);
    CHECK(fit.reason.find("without a penalty") != std::string::npos);
    CHECK(std::isnan(fit.standard_errors[0]));
    CHECK(std::isfinite(fit.coefficients[1]));
    CHECK(stats::logistic(s->view(), s->y).converged);
  }
  CHECK(stats::logistic(whole.view(), whole.y).separated);
}

TEST_CASE("columns that are constant, equal, huge or tiny") {
  auto s = drawn(500, 5, 6);
  for (std::size_t i = 0; i < s.rows; ++i) {
    s.x[i * 5 + 1] = 0.1;
    s.x[i * 5 + 3] = 1e12 + 1e9 * s.x[i * 5 + 0];
    s.x[i * 5 + 4] = s.x[i * 5 + 2] * 1e-9;
  }
  const auto fit = stats::logistic(s.view(), s.y, {}, {.penalty = "none"});
  CHECK(fit.converged);
  CHECK(fit.aliased == std::vector<std::uint32_t>{1, 3, 4});
  for (const std::size_t j : {1u, 3u, 4u}) {
    CHECK(fit.coefficients[j] == 0);
    CHECK(std::isnan(fit.standard_errors[j]));
  }
  CHECK(std::isfinite(fit.standard_errors[0]));
  CHECK(std::isfinite(fit.standard_errors[5]));
  for (std::size_t i = 0; i < s.rows; ++i) s.x[i * 5 + 1] = i % 2 == 0 ? 0 : 1e-150;
  const auto tiny = stats::logistic(s.view(), s.y, {}, {.C = 1e-30});
  CHECK(tiny.converged);
  CHECK(tiny.coefficients[1] == 0);
  const auto held = stats::logistic(s.view(), s.y);
  CHECK(held.converged);
  CHECK(held.aliased == std::vector<std::uint32_t>{1});
  CHECK(held.coefficients[1] == 0);
}

TEST_CASE("what is refused, and what stops") {
  auto s = drawn(200, 3, 2);
  const auto fails = [&](const std::string& word, const auto& call) {
    try {
      call();
      FAIL("accepted: " << word);
    } catch (const std::invalid_argument& e) {
      CHECK_MESSAGE(std::string(e.what()).find(word) != std::string::npos, e.what());
    }
  };
  const std::vector<double> few(3, 1), negative(200, -1), none(200, 0);
  fails("penalty", [&] { stats::logistic(s.view(), s.y, {}, {.penalty = "l3"}); });
  fails("C", [&] { stats::logistic(s.view(), s.y, {}, {.C = 0}); });
  fails("weights", [&] { stats::logistic(s.view(), s.y, few); });
  fails("weights", [&] { stats::logistic(s.view(), s.y, negative); });
  fails("every weight is zero", [&] { stats::logistic(s.view(), s.y, none); });
  fails("one class alone", [&] { stats::logistic(s.view(), std::vector<std::uint8_t>(200, 1)); });
  fails("y", [&] { stats::logistic(s.view(), std::vector<std::uint8_t>(200, 2)); });
  fails("x", [&] { stats::logistic({}, {}); });
  fails("x", [&] { stats::log_odds(s.view(), few.empty() ? few : std::vector<double>(2), 0); });
  const std::vector<std::string> names{"age", "spend", "visits"};
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 1e200}) {
    auto broken = s;
    broken.x[3 * 150 + 1] = bad;
    auto view = broken.view();
    view.names = names;
    fails("column spend", [&] { stats::logistic(view, broken.y); });
    fails("column spend", [&] { stats::log_odds(view, std::vector<double>(3, 1), 0); });
    if (!(bad == 1e200))
      fails("column spend", [&] { stats::contributions(view, std::vector<double>(3, 1), std::vector<double>(3)); });
  }
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(stats::logistic(s.view(), s.y, {}, {}, {.cancel = stop.get_token()}), cancelled);
  double last = 0;
  bool rises = true;
  const auto many = drawn(80000, 8, 3);
  stats::logistic(many.view(), many.y, {}, {}, {.progress = [&](double f) { rises &= f >= last, last = f; }});
  CHECK(rises);
  CHECK(last == 1);
  const auto short_of = stats::logistic(s.view(), s.y, {}, {.tol = 1e-9, .max_iter = 1});
  CHECK_FALSE(short_of.converged);
  CHECK(short_of.reason.find("max_iter = 1") != std::string::npos);
}
