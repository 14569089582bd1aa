#include "clarion/recommend/implicit_als.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::implicit_als;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, std::uint64_t seed, bool weighted) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    // Users of few items and of many, and one of none.
    const double density = u % 17 == 3 ? 0 : u % 10 == 0 ? 0.6 : 0.08;
    for (std::uint32_t i = 0; i < items; ++i)
      if (random.chance(density * ((i + u) % 3 == 0 ? 1.5 : 0.5))) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(0.5 + 2 * random.uniform()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

using matrix = Eigen::MatrixXd;
matrix dense(const std::vector<float>& of, std::size_t rows, std::size_t columns) {
  return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
             of.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns))
      .cast<double>();
}

// The objective as it is written, over every pair.
double objective(const matrix& x, const matrix& y, const core::sparse_view& by_user, const recommend::implicit_als_options& o) {
  const matrix scores = x * y.transpose();
  Eigen::VectorXd per_user = Eigen::VectorXd::Zero(x.rows()), per_item = Eigen::VectorXd::Zero(y.rows());
  double sum = o.unobserved_weight * scores.squaredNorm();
  for (std::size_t u = 0; u < by_user.rows; ++u)
    for (std::size_t e = 0; e < by_user.length(u); ++e) {
      const auto row = static_cast<Eigen::Index>(u);
      const auto item = static_cast<Eigen::Index>(by_user.indices(u)[e]);
      sum += (by_user.value == nullptr ? 1.0 : by_user.values(u)[e]) * std::pow(1 - scores(row, item), 2);
      ++per_user[row];
      ++per_item[item];
    }
  per_user.array() += o.unobserved_weight * static_cast<double>(y.rows());
  per_item.array() += o.unobserved_weight * static_cast<double>(x.rows());
  return sum + o.regularization * (per_user.dot(x.rowwise().squaredNorm()) + per_item.dot(y.rowwise().squaredNorm()));
}

// One side solved as the normal equations say, in double.
matrix solved(const matrix& fixed, const core::sparse_view& rows, const recommend::implicit_als_options& o) {
  matrix out = matrix::Zero(static_cast<Eigen::Index>(rows.rows), fixed.cols());
  const matrix everywhere = o.unobserved_weight * fixed.transpose() * fixed;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    matrix a = everywhere;
    Eigen::VectorXd b = Eigen::VectorXd::Zero(fixed.cols());
    a.diagonal().array() +=
        o.regularization * (static_cast<double>(rows.length(r)) + o.unobserved_weight * static_cast<double>(fixed.rows()));
    for (std::size_t e = 0; e < rows.length(r); ++e) {
      const double w = rows.value == nullptr ? 1.0 : rows.values(r)[e];
      const Eigen::VectorXd row = fixed.row(static_cast<Eigen::Index>(rows.indices(r)[e])).transpose();
      a += w * row * row.transpose();
      b += w * row;
    }
    out.row(static_cast<Eigen::Index>(r)) = a.llt().solve(b).transpose();
  }
  return out;
}

}  // namespace

TEST_CASE("a round is what the normal equations say") {
  for (const bool weighted : {false, true})
    for (const std::uint32_t factors : {1u, 5u, 16u, 24u}) {
      const auto rows = drawn(120, 70, 5, weighted);
      const auto columns = core::transposed(rows);
      recommend::implicit_als_options options{
          .factors = factors, .regularization = 0.01, .unobserved_weight = 0.2, .max_iter = 1};
      const auto first = implicit_als(rows, options);
      // From the vectors of that round, another one.
      const auto second = implicit_als(rows, options, {}, &first);
      const matrix y = dense(first.item_factors, 70, factors);
      const matrix x = solved(y, rows, options);
      const matrix scores = x * solved(x, columns, options).transpose();
      const matrix got = dense(second.user_factors, 120, factors) * dense(second.item_factors, 70, factors).transpose();
      CHECK((got - scores).cwiseAbs().maxCoeff() < 2e-4);
      CHECK(dense(second.user_factors, 120, factors).row(3).isZero());
    }
}

TEST_CASE("the loss is the objective, and falls") {
  for (const bool weighted : {false, true}) {
    const auto rows = drawn(150, 90, 7, weighted);
    const recommend::implicit_als_options options{
        .factors = 12, .regularization = 0.005, .unobserved_weight = 0.1, .max_iter = 8};
    const auto model = implicit_als(rows, options);
    REQUIRE(model.loss.size() == 8);
    for (std::size_t i = 1; i < 8; ++i) CHECK(model.loss[i] <= model.loss[i - 1] * (1 + 1e-6));
    const double whole = objective(dense(model.user_factors, 150, 12), dense(model.item_factors, 90, 12), rows, options);
    CHECK(model.loss.back() == doctest::Approx(whole).epsilon(1e-4));
    CHECK(recommend::implicit_als_loss(model, rows) == doctest::Approx(whole).epsilon(1e-5));
  }
}

TEST_CASE("approximate solvers end where the exact one does, and their loss is the objective") {
  const auto rows = drawn(900, 700, 3, true);
  recommend::implicit_als_options options{.factors = 72, .regularization = 0.005, .unobserved_weight = 0.1, .max_iter = 12};
  options.solver = "cholesky";
  const double exact = implicit_als(rows, options).loss.back();
  for (const char* solver : {"cg", "subspace", "auto"}) {
    options.solver = solver;
    const auto model = implicit_als(rows, options);
    for (std::size_t i = 1; i < model.loss.size(); ++i) CHECK(model.loss[i] <= model.loss[i - 1] * (1 + 1e-6));
    CHECK(model.loss.back() == doctest::Approx(exact).epsilon(1e-3));
    const double whole = objective(dense(model.user_factors, 900, 72), dense(model.item_factors, 700, 72), rows, options);
    CHECK(model.loss.back() == doctest::Approx(whole).epsilon(1e-4));
  }
  options.solver = "magic";
  CHECK_THROWS_AS(implicit_als(rows, options), std::invalid_argument);
}

TEST_CASE("contributions sum to the score of who is folded in") {
  const auto rows = drawn(150, 90, 7, true);
  const core::sparse_view by_user = rows;
  const auto model = implicit_als(rows, {.factors = 12, .max_iter = 5});
  const auto folded = recommend::fold_in_users(model, rows);
  for (const std::size_t u : {0u, 1u, 3u, 40u})
    for (const std::uint32_t item : {0u, 17u, 89u}) {
      const auto parts = recommend::implicit_als_contributions(model, by_user.indices(u), by_user.values(u), item);
      double sum = 0, score = 0;
      for (const float part : parts) sum += part;
      for (std::size_t k = 0; k < 12; ++k) score += double{folded[u * 12 + k]} * model.item_factors[item * 12 + k];
      CHECK(sum == doctest::Approx(score).epsilon(1e-3));
    }
  CHECK_THROWS_AS(recommend::implicit_als_contributions(model, {}, {}, 90), std::invalid_argument);
}

TEST_CASE("users and items that come later get the vectors that a round would give them") {
  const auto rows = drawn(150, 90, 7, true);
  const recommend::implicit_als_options options{.factors = 12, .max_iter = 5};
  const auto model = implicit_als(rows, options);
  const auto folded = dense(recommend::fold_in_users(model, rows), 150, 12);
  CHECK((folded - solved(dense(model.item_factors, 90, 12), rows, options)).cwiseAbs().maxCoeff() < 1e-3);
  const auto columns = core::transposed(rows);
  const auto items = dense(recommend::fold_in_items(model, columns), 90, 12);
  CHECK((items - solved(dense(model.user_factors, 150, 12), columns, options)).cwiseAbs().maxCoeff() < 1e-3);
  CHECK_THROWS_AS(recommend::fold_in_users(model, columns), std::invalid_argument);
}

TEST_CASE("the same bits for any number of threads, another seed another answer") {
  const auto rows = drawn(700, 300, 11, false);
  const recommend::implicit_als_options options{.factors = 20, .max_iter = 3};
  const auto one = implicit_als(rows, options, {.threads = 1});
  const auto four = implicit_als(rows, options, {.threads = 4});
  CHECK(one.user_factors == four.user_factors);
  CHECK(one.item_factors == four.item_factors);
  CHECK(one.loss == four.loss);
  CHECK(implicit_als(rows, {.factors = 20, .max_iter = 3, .seed = 1}).user_factors != one.user_factors);
}

TEST_CASE("nothing, one interaction and what is not allowed") {
  const core::sparse_rows none{3, 4, {0, 0, 0, 0}, {}, {}};
  const auto empty = implicit_als(none, {.factors = 2, .max_iter = 2});
  CHECK(empty.user_factors == std::vector<float>(6));
  CHECK(empty.item_factors == std::vector<float>(8));
  CHECK(implicit_als(core::sparse_rows{}, {.factors = 2}).user_factors.empty());
  const auto one = implicit_als(core::sparse_rows{1, 1, {0, 1}, {0}, {}}, {.factors = 2});
  CHECK(one.user_factors[0] * one.item_factors[0] + one.user_factors[1] * one.item_factors[1] > 0.5f);

  CHECK_THROWS_AS(implicit_als(none, {.factors = 0}), std::invalid_argument);
  CHECK_THROWS_AS(implicit_als(none, {.regularization = 0}), std::invalid_argument);
  CHECK_THROWS_AS(implicit_als(core::sparse_rows{1, 1, {0, 1}, {0}, {-1.0f}}), std::invalid_argument);
  CHECK_THROWS_AS(implicit_als(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  const auto start = implicit_als(core::sparse_rows{1, 2, {0, 1}, {0}, {}}, {.factors = 2});
  CHECK_THROWS_AS(implicit_als(none, {.factors = 2}, {}, &start), std::invalid_argument);
  auto short_of_vectors = start;
  short_of_vectors.item_factors.pop_back();
  const core::sparse_rows two{1, 2, {0, 1}, {0}, {}};
  CHECK_THROWS_AS(implicit_als(two, {.factors = 2}, {}, &short_of_vectors), std::invalid_argument);
  CHECK_THROWS_AS(recommend::fold_in_users(short_of_vectors, two), std::invalid_argument);
  CHECK_THROWS_AS(recommend::implicit_als_loss(short_of_vectors, two), std::invalid_argument);
  // Weights and counts of any size give numbers, or a reason why not.
  for (const double regularization : {1e-9, 1e9})
    for (const float weight : {1e-20f, 1e20f}) {
      core::sparse_rows same{40, 30, {0}, {}, {}};
      for (std::size_t u = 0; u < 40; ++u) {
        for (std::uint32_t i = 0; i < 30; ++i) same.index.push_back(i), same.value.push_back(weight);
        same.offsets.push_back(same.index.size());
      }
      try {
        const auto model =
            implicit_als(same, {.factors = 16, .regularization = regularization, .unobserved_weight = 0, .max_iter = 3});
        CHECK(std::isfinite(model.loss.back()));
        CHECK(std::all_of(model.user_factors.begin(), model.user_factors.end(), [](float v) { return std::isfinite(v); }));
      } catch (const error& e) {
        CHECK(std::string(e.what()).find("regularization") != std::string::npos);
      }
    }

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(implicit_als(drawn(100, 50, 1, false), {}, {.cancel = stop.get_token()}), cancelled);
}
