#include "clarion/recommend/graph_filter.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "clarion/recommend/scorer.hpp"

using namespace clarion;
using recommend::graph_filter;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, std::uint64_t seed, bool weighted) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    // Users of few items and of many, one of none, one of all; an item of nobody else.
    const double density = u % 17 == 3 ? 0 : u % 10 == 0 ? 0.6 : 0.1;
    for (std::uint32_t i = 0; i < items; ++i)
      if (u == 5 || (i % 9 != 4 && random.chance(density * ((i + u) % 3 == 0 ? 1.5 : 0.5)))) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(0.5 + 2 * random.uniform()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

using matrix = Eigen::MatrixXd;
constexpr auto at(std::size_t i) { return static_cast<Eigen::Index>(i); }

matrix dense(const core::sparse_view& of) {
  matrix out = matrix::Zero(at(of.rows), at(of.columns));
  for (std::size_t r = 0; r < of.rows; ++r)
    for (std::size_t e = 0; e < of.length(r); ++e) out(at(r), of.indices(r)[e]) = of.value == nullptr ? 1.0 : of.values(r)[e];
  return out;
}

matrix dense(const std::vector<float>& of, std::size_t rows, std::size_t columns) {
  return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(of.data(), at(rows), at(columns))
      .cast<double>();
}

matrix powers(const Eigen::VectorXd& sums, double exponent) {
  return sums.unaryExpr([&](double s) { return s > 0 ? std::pow(s, exponent) : 0.0; }).asDiagonal();
}

// The formula as it is written.
matrix expected(const matrix& x, const recommend::graph_filter_options& o) {
  const Eigen::VectorXd users = x.rowwise().sum(), items = x.colwise().sum().transpose();
  matrix r = powers(users, -o.user_exponent) * x * powers(items, -0.5);
  const Eigen::JacobiSVD<matrix> svd(r, Eigen::ComputeThinV);
  const matrix v = svd.matrixV().leftCols(std::min(at(o.rank), svd.singularValues().size()));
  r /= svd.singularValues()[0];
  const matrix p = r.transpose() * r;
  matrix blurred = x * p + o.ideal_weight * x * powers(items, -0.5) * v * v.transpose() * powers(items, 0.5), out = blurred;
  for (int n = 1; n < 5; ++n) {
    blurred = -o.sharpening / n * blurred * p;
    out += blurred;
  }
  return out;
}

// Every score that a model gives.
matrix scores(const recommend::graph_filter_model& model, const core::sparse_view& x) {
  const recommend::item_index items(
      {.factors = {model.item_factors.data(), model.n_items, model.factors}, .walks = {model.normalized, model.terms}});
  std::vector<std::uint32_t> user, item;
  for (std::uint32_t u = 0; u < model.n_users; ++u)
    for (std::uint32_t i = 0; i < model.n_items; ++i) {
      user.push_back(u);
      item.push_back(i);
    }
  return dense(recommend::score_pairs(items, {.factors = {model.user_factors.data(), model.n_users, model.factors}, .history = x},
                                      user, item),
               model.n_users, model.n_items);
}

}  // namespace

TEST_CASE("scores are the formula") {
  for (const bool weighted : {false, true})
    for (const auto& [users, items] : {std::pair{120, 70}, std::pair{60, 110}}) {
      const auto rows = drawn(static_cast<std::size_t>(users), static_cast<std::size_t>(items), 5, weighted);
      const matrix x = dense(core::sparse_view(rows));
      // All vectors: where the method is exact.
      for (const recommend::graph_filter_options& options :
           {recommend::graph_filter_options{},
            {.rank = 200, .ideal_weight = 0.3, .sharpening = 1.2, .user_exponent = 0.3},
            {.rank = 200, .ideal_weight = 0, .sharpening = 0, .user_exponent = 0.2}}) {
        const matrix whole = expected(x, options);
        CHECK((scores(graph_filter(rows, options), rows) - whole).cwiseAbs().maxCoeff() < 1e-3 * whole.cwiseAbs().maxCoeff());
      }
    }
}

TEST_CASE("beyond the leading vectors a quadratic is near the formula") {
  const auto rows = drawn(260, 200, 6, false);
  const matrix x = dense(core::sparse_view(rows));
  const recommend::graph_filter_options options{.rank = 30, .ideal_weight = 0};
  const auto model = graph_filter(rows, options);
  CHECK(model.terms.size() == 3);
  const matrix whole = expected(x, options);
  CHECK((scores(model, rows) - whole).cwiseAbs().maxCoeff() < 5e-3 * whole.cwiseAbs().maxCoeff());
}

TEST_CASE("a user that comes later gets what a user of the fit has") {
  const auto rows = drawn(90, 60, 7, true);
  const auto model = graph_filter(rows, {.rank = 20});
  CHECK(recommend::graph_filter_factors(model.basis, model.factors, rows) == model.user_factors);
  CHECK_THROWS_AS(recommend::graph_filter_factors(model.basis, model.factors, core::transposed(rows)), std::invalid_argument);
}

TEST_CASE("the same bits for any number of threads") {
  const auto rows = drawn(700, 300, 11, false);
  const auto one = graph_filter(rows, {.rank = 40}, {.threads = 1});
  const auto four = graph_filter(rows, {.rank = 40}, {.threads = 4});
  CHECK(one.user_factors == four.user_factors);
  CHECK(one.item_factors == four.item_factors);
  CHECK(one.normalized.value == four.normalized.value);
  CHECK(one.terms == four.terms);
}

TEST_CASE("nothing, one interaction, equal rows and what is not allowed") {
  const core::sparse_rows none{3, 4, {0, 0, 0, 0}, {}, {}};
  const auto empty = graph_filter(none);
  CHECK(empty.user_factors == std::vector<float>(3 * empty.factors));
  CHECK(scores(empty, none).isZero());
  CHECK(graph_filter(core::sparse_rows{}).user_factors.empty());

  const core::sparse_rows single{2, 3, {0, 1, 1}, {1}, {}};
  const matrix one = scores(graph_filter(single, {.ideal_weight = 0.2, .sharpening = 0.5}), single);
  CHECK(one(0, 1) == doctest::Approx(1.2 * std::exp(-0.5)).epsilon(1e-3));
  CHECK(one.row(1).isZero());

  core::sparse_rows same{40, 30, {0}, {}, {}};
  for (std::size_t u = 0; u < 40; ++u) {
    for (std::uint32_t i = 0; i < 30; ++i) same.index.push_back(i);
    same.offsets.push_back(same.index.size());
  }
  const matrix level = scores(graph_filter(same), same);
  CHECK(level.minCoeff() == doctest::Approx(level.maxCoeff()).epsilon(1e-4));
  CHECK((level - expected(dense(core::sparse_view(same)), {})).cwiseAbs().maxCoeff() < 1e-3 * level.maxCoeff());

  CHECK_THROWS_AS(graph_filter(none, {.rank = 0}), std::invalid_argument);
  CHECK_THROWS_AS(graph_filter(none, {.sharpening = -1}), std::invalid_argument);
  CHECK_THROWS_AS(graph_filter(core::sparse_rows{1, 1, {0, 1}, {0}, {-1.0f}}), std::invalid_argument);
  CHECK_THROWS_AS(graph_filter(core::sparse_rows{1, 1, {0, 1}, {0}, {std::nanf("")}}), std::invalid_argument);
  CHECK_THROWS_AS(graph_filter(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  const core::sparse_rows wide{1, 300'000'000'000, {0, 0}, {}, {}};
  CHECK_THROWS_AS(graph_filter(wide), error);

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(graph_filter(drawn(100, 50, 1, false), {}, {.cancel = stop.get_token()}), cancelled);
}
