#include "clarion/stats/random_effects.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"
#include "clarion/stats/distributions.hpp"
#include "stats/mixed_model.hpp"

using namespace clarion;
using doctest::Approx;
using stats::loading;

namespace {

// Restricted maximum likelihood and nothing else, to the last digit.
constexpr stats::random_effects_options plain{.iterations = 5000, .tolerance = 1e-12, .huber = 0, .interior = 0};

// Two crossed groupings of 5 and 4, slopes in the first, shares of a third, a covariate and weights: 40 rows drawn from the
// model.
struct example {
  static constexpr std::size_t n = 90;
  std::vector<double> y, weight, covariate, slope, share;
  std::vector<std::uint32_t> a, b, c, row;

  example() {
    core::random_stream random(24);
    double of_a[5], of_b[4], of_c[6], turn[5];
    for (auto& v : of_a) v = 0.6 * random.normal();
    for (auto& v : of_b) v = 0.4 * random.normal();
    for (auto& v : of_c) v = 0.5 * random.normal();
    for (auto& v : turn) v = 0.3 * random.normal();
    for (std::uint32_t i = 0; i < n; ++i) {
      a.push_back(static_cast<std::uint32_t>(random.below(5)));
      b.push_back(static_cast<std::uint32_t>(random.below(4)));
      covariate.push_back(5 + random.normal());
      slope.push_back(random.normal());
      weight.push_back(0.5 + random.uniform());
      double value = 2 + 0.7 * covariate[i] + of_a[a[i]] + of_b[b[i]] + turn[a[i]] * slope[i];
      const double first = random.uniform();
      for (const double part : {first, 1 - first}) {
        row.push_back(i);
        c.push_back(static_cast<std::uint32_t>(random.below(6)));
        share.push_back(part);
        value += part * of_c[c.back()];
      }
      y.push_back(value + 0.4 * random.normal() / std::sqrt(weight[i]));
    }
  }

  std::vector<stats::factor> factors() const {
    return {{.codes = a, .levels = 5},
            {.codes = b, .levels = 4, .prior_sd = 0.5, .prior_weight = 3},
            {.codes = c, .levels = 6, .values = share, .rows = row},
            {.codes = a, .levels = 5, .values = slope}};
  }

  // The design of the covariates and of the levels of each factor, as dense as it gets.
  Eigen::MatrixXd fixed() const {
    Eigen::MatrixXd x(n, 2);
    for (std::size_t i = 0; i < n; ++i) x.row(static_cast<Eigen::Index>(i)) << 1, covariate[i];
    return x;
  }
  std::vector<Eigen::MatrixXd> random() const {
    std::vector<Eigen::MatrixXd> out;
    for (const auto& f : factors()) {
      auto& z = out.emplace_back(Eigen::MatrixXd::Zero(n, static_cast<Eigen::Index>(f.levels)));
      for (std::size_t e = 0; e < f.codes.size(); ++e)
        z(static_cast<Eigen::Index>(f.rows.empty() ? e : f.rows[e]), f.codes[e]) += f.values.empty() ? 1.0 : f.values[e];
    }
    return out;
  }
};

// What the variances are chosen by, from its definition: -2 x is log|V| + log|X'V^-1 X| + y'Py, plus beliefs and the push
// inwards.
double criterion(const example& of, const std::vector<double>& log_variance, double interior) {
  const auto x = of.fixed();
  const auto z = of.random();
  const auto factors = of.factors();
  const Eigen::VectorXd y = Eigen::VectorXd::Map(of.y.data(), std::ssize(of.y));
  const Eigen::VectorXd w = Eigen::VectorXd::Map(of.weight.data(), std::ssize(of.weight));
  Eigen::MatrixXd v = (std::exp(log_variance.back()) * w.cwiseInverse()).asDiagonal();
  double out = 0;
  for (std::size_t k = 0; k < z.size(); ++k) {
    const double variance = std::exp(log_variance[k]);
    v += variance * z[k] * z[k].transpose();
    const auto& f = factors[k];
    out += -0.5 * f.prior_weight * (log_variance[k] + f.prior_sd * f.prior_sd / variance) + 0.5 * interior * log_variance[k];
  }
  const Eigen::MatrixXd inverse = v.inverse(), information = x.transpose() * inverse * x;
  const Eigen::VectorXd beta = information.inverse() * x.transpose() * inverse * y, away = y - x * beta;
  const auto log_determinant = [](const Eigen::MatrixXd& m) {
    return 2 * m.llt().matrixL().toDenseMatrix().diagonal().array().log().sum();
  };
  return out - 0.5 * (log_determinant(v) + log_determinant(information) + away.dot(inverse * away));
}

std::vector<double> logarithms(const stats::random_effects& fit) {
  std::vector<double> out;
  for (const double v : fit.variance) out.push_back(std::log(v));
  out.push_back(std::log(fit.residual_variance));
  return out;
}

}  // namespace

TEST_CASE("a balanced one-way layout has a closed form") {
  // Searle, Casella and McCulloch (1992), ch. 3: with a groups of m rows, MSA = m sum (group mean - mean)^2 / (a - 1),
  // residual variance = MSE, between = (MSA - MSE) / m, effect = between / (between + MSE / m) (group mean - mean).
  const std::vector<double> y = {6, 7, 8, 9, 12, 13, 14, 17, 4, 4, 6, 6, 10, 9, 12, 13};
  std::vector<std::uint32_t> group(16);
  double mean = 0, means[4] = {};
  for (std::size_t i = 0; i < 16; ++i) {
    group[i] = static_cast<std::uint32_t>(i / 4);
    means[i / 4] += y[i] / 4;
    mean += y[i] / 16;
  }
  double between = 0, within = 0;
  for (const double m : means) between += 4 * (m - mean) * (m - mean) / 3;
  for (std::size_t i = 0; i < 16; ++i) within += (y[i] - means[i / 4]) * (y[i] - means[i / 4]) / 12;
  const double expected = (between - within) / 4;

  const std::vector<double> ones(16, 1.0);
  const std::vector<stats::factor> factors = {{group, 4}};
  const auto fit = stats::fit_random_effects(y, ones, factors, plain);
  CHECK(fit.converged);
  CHECK_FALSE(stats::fit_random_effects(y, ones, factors, {.iterations = 2}).converged);
  CHECK(fit.mean == Approx(mean));
  CHECK(fit.residual_variance == Approx(within).epsilon(1e-6));
  CHECK(fit.variance[0] == Approx(expected).epsilon(1e-6));
  const double pull = expected / (expected + within / 4);
  for (std::size_t g = 0; g < 4; ++g) CHECK(fit.effect[0][g] == Approx(pull * (means[g] - mean)).epsilon(1e-6));
  const auto known = fit.predict(std::vector<std::uint32_t>{2});
  CHECK(known.value == Approx(mean + pull * (means[2] - mean)).epsilon(1e-6));
  const auto unknown = fit.predict(std::vector<std::uint32_t>{stats::no_level});
  CHECK(unknown.value == Approx(mean));
  CHECK(unknown.sd == Approx(std::sqrt(expected + (expected + within / 4) / 4)).epsilon(1e-6));
}

TEST_CASE("published variances come back: batches of dyestuff, and the slopes of the sleep study") {
  // Davies and Goldsmith (1972), table 6.1, 6 batches of 5; Bates et al. ("Fitting linear mixed-effects models using lme4", J.
  // Stat. Softw. 67, 2015) and its predecessors give 1764.05 and 2451.25, and 1527.5 with standard error 19.38.
  const std::vector<double> yield = {1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
                                     1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445};
  std::vector<std::uint32_t> batch(30);
  for (std::uint32_t i = 0; i < 30; ++i) batch[i] = i / 5;
  const std::vector<double> ones(30, 1.0);
  const std::vector<stats::factor> batches = {{batch, 6}};
  const auto dye = stats::fit_random_effects(yield, ones, batches, plain);
  CHECK(dye.variance[0] == Approx(1764.05).epsilon(1e-5));
  CHECK(dye.residual_variance == Approx(2451.25).epsilon(1e-5));
  CHECK(dye.mean == Approx(1527.5));
  CHECK(std::sqrt(dye.covariance[0]) == Approx(19.38).epsilon(1e-3));

  // Belenky et al. (J. Sleep Res. 12, 2003): reaction in ms on days 0 to 9, a subject a line. The model of independent intercepts
  // and slopes: standard deviations 25.051, 5.988 and 25.565; 251.405 + 10.467 a day (Bates et al., section 3.2.2).
  // clang-format off
  const std::vector<double> reaction = {
    249.56, 258.7047, 250.8006, 321.4398, 356.8519, 414.6901, 382.2038, 290.1486, 430.5853, 466.3535,
    222.7339, 205.2658, 202.9778, 204.707, 207.7161, 215.9618, 213.6303, 217.7272, 224.2957, 237.3142,
    199.0539, 194.3322, 234.32, 232.8416, 229.3074, 220.4579, 235.4208, 255.7511, 261.0125, 247.5153,
    321.5426, 300.4002, 283.8565, 285.133, 285.7973, 297.5855, 280.2396, 318.2613, 305.3495, 354.0487,
    287.6079, 285, 301.8206, 320.1153, 316.2773, 293.3187, 290.075, 334.8177, 293.7469, 371.5811,
    234.8606, 242.8118, 272.9613, 309.7688, 317.4629, 309.9976, 454.1619, 346.8311, 330.3003, 253.8644,
    283.8424, 289.555, 276.7693, 299.8097, 297.171, 338.1665, 332.0265, 348.8399, 333.36, 362.0428,
    265.4731, 276.2012, 243.3647, 254.6723, 279.0244, 284.1912, 305.5248, 331.5229, 335.7469, 377.299,
    241.6083, 273.9472, 254.4907, 270.8021, 251.4519, 254.6362, 245.4523, 235.311, 235.7541, 237.2466,
    312.3666, 313.8058, 291.6112, 346.1222, 365.7324, 391.8385, 404.2601, 416.6923, 455.8643, 458.9167,
    236.1032, 230.3167, 238.9256, 254.922, 250.7103, 269.7744, 281.5648, 308.102, 336.2806, 351.6451,
    256.2968, 243.4543, 256.2046, 255.5271, 268.9165, 329.7247, 379.4445, 362.9184, 394.4872, 389.0527,
    250.5265, 300.0576, 269.8939, 280.5891, 271.8274, 304.6336, 287.7466, 266.5955, 321.5418, 347.5655,
    221.6771, 298.1939, 326.8785, 346.8555, 348.7402, 352.8287, 354.4266, 360.4326, 375.6406, 388.5417,
    271.9235, 268.4369, 257.2424, 277.6566, 314.8222, 317.2135, 298.1353, 348.1229, 340.28, 366.5131,
    225.264, 234.5235, 238.9008, 240.473, 267.5373, 344.1937, 281.1481, 347.5855, 365.163, 372.2288,
    269.8804, 272.4428, 277.8989, 281.7895, 279.1705, 284.512, 259.2658, 304.6306, 350.7807, 369.4692,
    269.4117, 273.474, 297.5968, 310.6316, 287.1726, 329.6076, 334.4818, 343.2199, 369.1417, 364.1236};
  // clang-format on
  std::vector<double> day(180), equal(180, 1.0);
  std::vector<std::uint32_t> subject(180);
  for (std::uint32_t i = 0; i < 180; ++i) {
    subject[i] = i / 10;
    day[i] = i % 10;
  }
  const std::vector<stats::factor> subjects = {{.codes = subject, .levels = 18}, {.codes = subject, .levels = 18, .values = day}};
  const std::vector<std::span<const double>> days = {day};
  const auto sleep = stats::fit_random_effects(reaction, equal, subjects, plain, days);
  CHECK(std::sqrt(sleep.variance[0]) == Approx(25.051).epsilon(1e-4));
  CHECK(std::sqrt(sleep.variance[1]) == Approx(5.988).epsilon(1e-4));
  CHECK(std::sqrt(sleep.residual_variance) == Approx(25.565).epsilon(1e-4));
  CHECK(sleep.mean == Approx(251.405).epsilon(1e-5));
  CHECK(sleep.slope[0] == Approx(10.467).epsilon(1e-4));
}

TEST_CASE("variances, effects and their covariances are those of the definition") {
  const example of;
  const std::vector<std::span<const double>> covariates = {of.covariate};
  for (const double interior : {0.0, 1.0}) {
    auto options = plain;
    options.interior = interior;
    const auto fit = stats::fit_random_effects(of.y, of.weight, of.factors(), options, covariates);
    const auto best = logarithms(fit);
    const double at_best = criterion(of, best, interior);
    // Two hundredths either way is worse by about curvature x 0.0002, far above the rounding of a determinant.
    for (std::size_t k = 0; k < best.size(); ++k)
      for (const double step : {-0.02, 0.02}) {
        auto moved = best;
        moved[k] += step;
        CHECK(criterion(of, moved, interior) < at_best);
      }

    // The covariance of the logarithms is minus the inverse of the matrix of second derivatives.
    const auto k = static_cast<Eigen::Index>(best.size());
    Eigen::MatrixXd second(k, k);
    constexpr double h = 1e-3;
    const auto at = [&](Eigen::Index i, double by_i, Eigen::Index j, double by_j) {
      auto moved = best;
      moved[static_cast<std::size_t>(i)] += by_i;
      moved[static_cast<std::size_t>(j)] += by_j;
      return criterion(of, moved, interior);
    };
    for (Eigen::Index i = 0; i < k; ++i)
      for (Eigen::Index j = 0; j < k; ++j)
        second(i, j) = (at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)) / (4 * h * h);
    const Eigen::MatrixXd unsure = (-second).inverse();
    for (Eigen::Index i = 0; i < k; ++i)
      for (Eigen::Index j = 0; j < k; ++j)
        // Differences of a criterion that is right to 1e-13 leave 1e-7 over h^2.
        CHECK(fit.log_variance_covariance[static_cast<std::size_t>(i * k + j)] == Approx(unsure(i, j)).epsilon(1e-3).scale(1));

    // Henderson's equations, all of them, dense.
    const auto x = of.fixed();
    const auto z = of.random();
    Eigen::MatrixXd design(example::n, x.cols() + 5 + 4 + 6 + 5);
    design << x, z[0], z[1], z[2], z[3];
    const Eigen::Map<const Eigen::VectorXd> y(of.y.data(), example::n), w(of.weight.data(), example::n);
    Eigen::MatrixXd system = design.transpose() * w.asDiagonal() * design / fit.residual_variance;
    Eigen::Index column = x.cols();
    for (std::size_t f = 0; f < z.size(); ++f)
      for (Eigen::Index l = 0; l < z[f].cols(); ++l, ++column) system(column, column) += 1 / fit.variance[f];
    const Eigen::MatrixXd inverse = system.inverse();
    const Eigen::VectorXd solved = inverse * design.transpose() * w.asDiagonal() * y / fit.residual_variance;
    CHECK(fit.mean == Approx(solved[0]).epsilon(1e-7));
    CHECK(fit.slope[0] == Approx(solved[1]).epsilon(1e-7));
    CHECK(fit.effect[2][3] == Approx(solved[2 + 5 + 4 + 3]).epsilon(1e-7));
    const auto size = static_cast<std::size_t>(inverse.rows());
    for (std::size_t r = 0; r < size; ++r)
      for (std::size_t c = 0; c < size; ++c)
        CHECK(fit.covariance[r * size + c] ==
              Approx(inverse(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c))).epsilon(1e-6).scale(0.01));
    const Eigen::MatrixXd hat = design * inverse * design.transpose() * w.asDiagonal() / fit.residual_variance;
    for (std::size_t i = 0; i < example::n; ++i) {
      CHECK(fit.leverage[i] == Approx(hat(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(i))).epsilon(1e-6));
      CHECK(fit.residual[i] == Approx(of.y[i] - design.row(static_cast<Eigen::Index>(i)).dot(solved)).epsilon(1e-6));
    }
    CHECK(fit.degrees_of_freedom == Approx(example::n - hat.trace()).epsilon(1e-6));
  }
}

TEST_CASE("the equations of the coefficients and those of the observations agree") {
  const example of;
  stats::detail::mixed::problem problem;
  problem.y = Eigen::Map<const Eigen::VectorXd>(of.y.data(), example::n);
  problem.weight = Eigen::Map<const Eigen::VectorXd>(of.weight.data(), example::n);
  problem.weight[7] = 0;
  problem.x = of.fixed();
  for (const auto& f : of.factors()) {
    auto& term = problem.terms.emplace_back(stats::detail::mixed::term{f.levels, {}, f.prior_sd, f.prior_weight});
    for (std::uint32_t e = 0; e < f.codes.size(); ++e)
      term.entries.push_back({f.rows.empty() ? e : f.rows[e], f.codes[e], f.values.empty() ? 1.0 : f.values[e]});
  }
  problem.terms[1].prior_weight = std::numeric_limits<double>::infinity();
  for (const double huber : {0.0, 1.345})
    for (const double biweight : {0.0, 4.685}) {
      stats::detail::mixed::control how{.iterations = 500, .tolerance = 1e-11, .huber = huber, .biweight = biweight};
      how.space = stats::detail::mixed::space::coefficients;
      const auto a = stats::detail::mixed::solve(problem, how);
      how.space = stats::detail::mixed::space::observations;
      const auto b = stats::detail::mixed::solve(problem, how);
      CHECK(a.variance[1] == 0.25);
      CHECK(a.noise == Approx(b.noise).epsilon(1e-8));
      for (std::size_t t = 0; t < a.variance.size(); ++t) CHECK(a.variance[t] == Approx(b.variance[t]).epsilon(1e-7));
      for (Eigen::Index i = 0; i < a.residual.size(); ++i) {
        CHECK(a.residual[i] == Approx(b.residual[i]).epsilon(1e-7).scale(1));
        CHECK(a.leverage[i] == Approx(b.leverage[i]).epsilon(1e-6));
      }
      CHECK((a.uncertainty - b.uncertainty).cwiseAbs().maxCoeff() < 1e-6);
      for (std::size_t s = 0; s < a.column.size(); ++s)
        for (std::size_t l = 0; l < a.column[s].size(); ++l)
          for (std::size_t t = 0; t < a.column.size(); ++t)
            for (std::size_t m = 0; m < a.column[t].size(); ++m)
              CHECK(a.covariance(a.column[s][l], a.column[t][m]) ==
                    Approx(b.covariance(b.column[s][l], b.column[t][m])).epsilon(1e-6).scale(0.01));
    }
}

TEST_CASE("without factors an interval is Student's") {
  core::random_stream random(25);
  std::vector<double> y(9), ones(9, 1.0);
  for (auto& v : y) v = 3 + random.normal();
  const auto fit = stats::fit_random_effects(y, ones, {}, plain);
  const auto mean = fit.predict({});
  double middle = 0, squares = 0;
  for (const double v : y) middle += v / 9;
  for (const double v : y) squares += (v - middle) * (v - middle) / 8;
  CHECK(mean.value == Approx(middle));
  CHECK(mean.sd == Approx(std::sqrt(squares / 9)));
  CHECK(mean.degrees_of_freedom == Approx(8));
  const auto next = fit.combine({}, {}, 1);
  CHECK(next.sd == Approx(std::sqrt(squares * (1 + 1.0 / 9))));
  CHECK(next.degrees_of_freedom == Approx(8));
  CHECK(fit.combine({}, {}, 0, 0).value == 0);
}

TEST_CASE("few levels: variances that are kept from 0 give intervals that err on the safe side") {
  // 4 levels of 5 rows that differ by half of the noise: the likelihood is highest at a variance of 0 in a third of the worlds,
  // and intervals that take that for the truth are too short.
  std::array<double, 2> seen{}, zero{}, future{};
  constexpr int worlds = 1000;
  for (std::uint64_t world = 0; world < worlds; ++world) {
    core::random_stream random(26, world);
    double level[4];
    for (auto& v : level) v = 0.2 * random.normal();
    std::vector<double> y(20), w(20, 1.0);
    std::vector<std::uint32_t> group(20);
    for (std::uint32_t i = 0; i < 20; ++i) {
      group[i] = i % 4;
      y[i] = 1 + level[i % 4] + 0.4 * random.normal();
    }
    const double next = 1 + level[0] + 0.4 * random.normal();
    const std::vector<stats::factor> factors = {{group, 4}};
    for (const std::size_t interior : {0, 1}) {
      const auto fit = stats::fit_random_effects(y, w, factors, {.huber = 0, .interior = static_cast<double>(interior)});
      const auto holds = [](const stats::level_prediction& p, double truth) {
        return std::abs(p.value - truth) < stats::student_quantile(0.9, p.degrees_of_freedom) * p.sd;
      };
      for (std::uint32_t l = 0; l < 4; ++l)
        seen[interior] += holds(fit.predict(std::vector<std::uint32_t>{l}), 1 + level[l]) / (4.0 * worlds);
      future[interior] += holds(fit.combine(std::vector<loading>{{0, 0, 1}}, {}, 1), next) / double{worlds};
      zero[interior] += (fit.variance[0] < 1e-6) / double{worlds};
    }
  }
  MESSAGE("80% intervals of expectations hold ", seen[0], " by the likelihood alone, ", seen[1], " kept from 0; of new rows ",
          future[0], " and ", future[1], "; variances of 0: ", zero[0], " and ", zero[1]);
  // The standard error of 1,000 worlds is 0.013.
  CHECK(zero[0] > 0.25);
  CHECK(zero[1] == 0);
  CHECK(seen[0] < 0.76);
  CHECK(seen[1] > 0.79);
  CHECK(seen[1] < 0.86);
  CHECK(std::abs(future[0] - 0.8) < 0.03);
  CHECK(std::abs(future[1] - 0.8) < 0.03);
}

TEST_CASE("crossed effects come back, and predictions hold the truth as often as they say") {
  int held = 0, all = 0;
  for (std::uint64_t world = 0; world < 200; ++world) {
    core::random_stream random(21, world);
    double a[8], b[12];
    for (auto& v : a) v = 0.6 * random.normal();
    for (auto& v : b) v = 0.3 * random.normal();
    std::vector<double> y(120), w(120, 1.0);
    std::vector<std::uint32_t> fa(120), fb(120);
    for (std::size_t i = 0; i < 120; ++i) {
      fa[i] = static_cast<std::uint32_t>(random.below(8));
      fb[i] = static_cast<std::uint32_t>(random.below(12));
      y[i] = 1 + a[fa[i]] + b[fb[i]] + 0.4 * random.normal();
    }
    const std::vector<stats::factor> factors = {{fa, 8}, {fb, 12}};
    const auto fit = stats::fit_random_effects(y, w, factors);
    for (std::uint32_t l = 0; l < 8; ++l) {
      const auto p = fit.predict(std::vector<std::uint32_t>{l, l});
      const double truth = 1 + a[l] + b[l];
      held += std::abs(p.value - truth) < stats::student_quantile(0.9, p.degrees_of_freedom) * p.sd;
      ++all;
    }
  }
  const double coverage = held / static_cast<double>(all);
  MESSAGE("coverage of 80% intervals: ", coverage);
  // 1,600 predictions of 200 worlds; those of one world share its mean, so the standard error is about 0.013.
  CHECK(coverage > 0.77);
  CHECK(coverage < 0.83);
}

TEST_CASE("a wild row does not move its small group") {
  core::random_stream random(22);
  std::vector<double> y(60), w(60, 1.0);
  std::vector<std::uint32_t> group(60);
  for (std::size_t i = 0; i < 60; ++i) {
    group[i] = static_cast<std::uint32_t>(i % 10);
    y[i] = 0.1 * random.normal();
  }
  y[0] = 8;
  const std::vector<stats::factor> factors = {{group, 10}};
  const auto robust = stats::fit_random_effects(y, w, factors);
  const auto trusting = stats::fit_random_effects(y, w, factors, {.huber = 0});
  CHECK(std::abs(robust.mean + robust.effect[0][0]) < 0.15);
  CHECK(trusting.residual_variance > 10 * robust.residual_variance);
  CHECK(robust.row_weight[0] == 0);
}

TEST_CASE("weights are numbers of equal rows; a weight of zero is no row") {
  const std::vector<double> y = {1, 2, 4, 7, 3}, w = {2, 1, 1, 1, 0};
  const std::vector<std::uint32_t> g = {0, 0, 1, 1, 2};
  const std::vector<stats::factor> factors = {{g, 3}};
  const auto fit = stats::fit_random_effects(y, w, factors, {.huber = 0});
  CHECK(fit.effect[0][2] == 0);
  CHECK(fit.residual[4] == 0);
  const auto p = fit.predict(std::vector<std::uint32_t>{2});
  CHECK(p.sd * p.sd >= fit.variance[0]);
}

TEST_CASE("all equal, two rows, no factor") {
  const std::vector<double> same(9, 3.0), ones(9, 1.0);
  const std::vector<std::uint32_t> g = {0, 0, 0, 1, 1, 1, 2, 2, 2};
  const std::vector<stats::factor> factors = {{g, 3}};
  const auto fit = stats::fit_random_effects(same, ones, factors);
  CHECK(fit.mean == 3);
  CHECK(fit.residual_variance == 0);
  CHECK(fit.predict(std::vector<std::uint32_t>{1}).value == 3);
  const std::vector<double> two = {1, 3}, both = {1, 1};
  const auto pair = stats::fit_random_effects(two, both, {}, {.huber = 0});
  CHECK(pair.mean == Approx(2));
  CHECK(pair.residual_variance == Approx(2));
  CHECK(pair.predict({}).sd == Approx(1));
}

TEST_CASE("a belief about a factor's spread weighs as many levels as it is given") {
  core::random_stream random(23);
  std::vector<double> y(40), w(40, 1.0);
  std::vector<std::uint32_t> group(40);
  for (std::size_t i = 0; i < 40; ++i) {
    group[i] = static_cast<std::uint32_t>(i % 20);
    y[i] = random.normal();
  }
  const auto sd = [&](double weight) {
    const std::vector<stats::factor> factors = {{group, 20, 0.5, weight}};
    return std::sqrt(stats::fit_random_effects(y, w, factors, {.huber = 0}).variance[0]);
  };
  CHECK(std::abs(sd(1e6) - 0.5) < 1e-3);
  CHECK(std::abs(sd(20) - 0.5) < std::abs(sd(0) - 0.5) + 1e-9);
  const std::vector<stats::factor> wrong = {{group, 20, -1, 1}};
  CHECK_THROWS_AS(stats::fit_random_effects(y, w, wrong), std::invalid_argument);
}

TEST_CASE("bad input is refused by name") {
  const std::vector<double> y = {1, 2}, w = {1, 1};
  const std::vector<std::uint32_t> g = {0, 5};
  const std::vector<stats::factor> factors = {{g, 3}};
  CHECK_THROWS_WITH_AS(stats::fit_random_effects(y, w, factors), "factor: level 5 is not allowed; give codes below 3",
                       std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(y, std::vector<double>{1}, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(std::vector<double>{1, std::nan("")}, w, {}), std::invalid_argument);
  CHECK_THROWS_AS(stats::fit_random_effects(std::vector<double>{1}, std::vector<double>{1}, {}), std::invalid_argument);
  const std::vector<std::uint32_t> fine = {0, 1}, late = {0, 2};
  const std::vector<double> holed = {1, std::nan("")};
  const std::vector<stats::factor> far = {{.codes = fine, .levels = 2, .rows = late}};
  CHECK_THROWS_WITH_AS(stats::fit_random_effects(y, w, far), "rows: 2 is not allowed; give rows below 2", std::invalid_argument);
  const std::vector<stats::factor> nan = {{.codes = fine, .levels = 2, .values = holed}};
  CHECK_THROWS_AS(stats::fit_random_effects(y, w, nan), std::invalid_argument);
  const std::vector<std::span<const double>> covariates = {holed};
  CHECK_THROWS_AS(stats::fit_random_effects(y, w, {}, {}, covariates), std::invalid_argument);
  const auto fit = stats::fit_random_effects(y, w, {});
  CHECK_THROWS_AS(fit.predict(std::vector<std::uint32_t>{0}), std::invalid_argument);
  CHECK_THROWS_AS(fit.combine(std::vector<loading>{{0, 0, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(fit.combine({}, std::vector<double>{1}), std::invalid_argument);
}

TEST_CASE("a covariate that is constant or twice the same does no harm") {
  const example of;
  const std::vector<double> flat(example::n, 4.0);
  const std::vector<std::span<const double>> once = {of.covariate}, twice = {of.covariate, flat, of.covariate};
  const auto a = stats::fit_random_effects(of.y, of.weight, of.factors(), plain, once);
  const auto b = stats::fit_random_effects(of.y, of.weight, of.factors(), plain, twice);
  CHECK(b.slope[1] == Approx(0));
  // The two count as two when the residual variance is told by the rows that are left: everything else is the same.
  CHECK(b.slope[0] + b.slope[2] == Approx(a.slope[0]).epsilon(1e-2));
  const std::vector<loading> none;
  CHECK(b.combine(none, std::vector<double>{5, 4, 5}).value ==
        Approx(a.combine(none, std::vector<double>{5}).value).epsilon(1e-2));
}
