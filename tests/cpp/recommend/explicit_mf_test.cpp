#include "clarion/recommend/explicit_mf.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::explicit_mf;

namespace {

using matrix = Eigen::MatrixXd;

core::sparse_rows drawn(std::size_t users, std::size_t items, std::uint64_t seed) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    // Users of few ratings and of many, and one of none.
    const double density = u % 17 == 3 ? 0 : u % 10 == 0 ? 0.6 : 0.1;
    for (std::uint32_t i = 0; i < items; ++i)
      if (i != 5 && random.chance(density)) {
        out.index.push_back(i);
        out.value.push_back(static_cast<float>(1 + random.below(5)));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

// Vectors with the bias as last coordinate.
struct factors {
  matrix users, items;
};

factors of(const recommend::explicit_mf_model& model) {
  const auto d = static_cast<Eigen::Index>(model.options.factors);
  using rows = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const matrix users = rows(model.user_factors.data(), static_cast<Eigen::Index>(model.n_users), d + 2).cast<double>();
  const matrix items = rows(model.item_factors.data(), static_cast<Eigen::Index>(model.n_items), d + 2).cast<double>();
  CHECK((users.col(d + 1).array() == 1).all());
  CHECK((items.col(d).array() == 1).all());
  factors out{users.leftCols(d + 1), items.leftCols(d + 1)};
  out.users.col(d).array() -= model.mean;
  out.items.col(d) = items.col(d + 1);
  return out;
}

double score(const factors& f, double mean, Eigen::Index u, Eigen::Index i) {
  const Eigen::Index d = f.users.cols() - 1;
  return mean + f.users(u, d) + f.items(i, d) + f.users.row(u).head(d).dot(f.items.row(i).head(d));
}

double objective(const factors& f, double mean, const core::sparse_view& by_user, const recommend::explicit_mf_options& o) {
  double sum = 0;
  std::vector<double> per_item(by_user.columns);
  for (std::size_t u = 0; u < by_user.rows; ++u) {
    const auto row = static_cast<Eigen::Index>(u);
    for (std::size_t e = 0; e < by_user.length(u); ++e) {
      const auto i = by_user.indices(u)[e];
      sum += std::pow(by_user.values(u)[e] - score(f, mean, row, i), 2);
      ++per_item[i];
    }
    sum +=
        o.regularization * std::pow(static_cast<double>(by_user.length(u)), o.frequency_scaling) * f.users.row(row).squaredNorm();
  }
  for (std::size_t i = 0; i < per_item.size(); ++i)
    sum +=
        o.regularization * std::pow(per_item[i], o.frequency_scaling) * f.items.row(static_cast<Eigen::Index>(i)).squaredNorm();
  return sum;
}

// One side solved as the normal equations say, in double: the bias is the weight of a coordinate that is 1.
matrix solved(const matrix& fixed, double mean, const core::sparse_view& rows, const recommend::explicit_mf_options& o) {
  matrix out = matrix::Zero(static_cast<Eigen::Index>(rows.rows), fixed.cols());
  const Eigen::Index d = fixed.cols() - 1;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    matrix a =
        matrix::Identity(d + 1, d + 1) * o.regularization * std::pow(static_cast<double>(rows.length(r)), o.frequency_scaling);
    Eigen::VectorXd b = Eigen::VectorXd::Zero(d + 1);
    for (std::size_t e = 0; e < rows.length(r); ++e) {
      Eigen::VectorXd row = fixed.row(static_cast<Eigen::Index>(rows.indices(r)[e])).transpose();
      const double bias = row[d];
      row[d] = 1;
      a += row * row.transpose();
      b += (rows.values(r)[e] - mean - bias) * row;
    }
    if (rows.length(r) > 0) out.row(static_cast<Eigen::Index>(r)) = a.llt().solve(b).transpose();
  }
  return out;
}

}  // namespace

TEST_CASE("a round is what the normal equations say") {
  for (const double scaling : {0.0, 0.5, 1.0})
    for (const std::uint32_t factors : {1u, 5u, 16u, 30u}) {
      const auto rows = drawn(130, 70, 5);
      const auto columns = core::transposed(rows);
      recommend::explicit_mf_options options{
          .factors = factors, .regularization = scaling == 0 ? 2 : 0.3, .frequency_scaling = scaling, .max_iter = 1};
      const auto first = of(explicit_mf(rows, options));
      options.max_iter = 2;
      const auto model = explicit_mf(rows, options);
      const auto second = of(model);
      const matrix x = solved(first.items, model.mean, rows, options);
      const matrix y = solved(x, model.mean, columns, options);
      CHECK((second.users - x).cwiseAbs().maxCoeff() < 1e-3);
      CHECK((second.items - y).cwiseAbs().maxCoeff() < 1e-3);
      CHECK(second.users.row(3).norm() < 1e-6);
      CHECK(second.items.row(5).isZero());
    }
}

TEST_CASE("the loss is the objective, and falls; the mean is that of the ratings") {
  const auto rows = drawn(150, 90, 7);
  const recommend::explicit_mf_options options{.factors = 12, .regularization = 0.1, .max_iter = 8};
  const auto model = explicit_mf(rows, options);
  REQUIRE(model.loss.size() == 8);
  for (std::size_t i = 1; i < 8; ++i) CHECK(model.loss[i] <= model.loss[i - 1] * (1 + 1e-6));
  CHECK(model.loss.back() == doctest::Approx(objective(of(model), model.mean, rows, options)).epsilon(1e-4));
  double sum = 0;
  for (const float r : rows.value) sum += r;
  CHECK(model.mean == doctest::Approx(sum / static_cast<double>(rows.value.size())));
}

TEST_CASE("users and items that come later get the vectors that a round would give them") {
  const auto rows = drawn(150, 90, 7);
  const recommend::explicit_mf_options options{.factors = 12, .max_iter = 5};
  auto model = explicit_mf(rows, options);
  const auto f = of(model);
  const auto columns = core::transposed(rows);
  const auto users = recommend::explicit_mf_fold_in_users(model, rows);
  const auto items = recommend::explicit_mf_fold_in_items(model, columns);
  auto later = model;
  later.user_factors = users;
  later.item_factors = items;
  const auto got = of(later);
  CHECK((got.users - solved(f.items, model.mean, rows, options)).cwiseAbs().maxCoeff() < 1e-3);
  CHECK((got.items - solved(f.users, model.mean, columns, options)).cwiseAbs().maxCoeff() < 1e-3);
  CHECK_THROWS_AS(recommend::explicit_mf_fold_in_users(model, columns), std::invalid_argument);
  CHECK_THROWS_AS(recommend::explicit_mf_fold_in_items(model, rows), std::invalid_argument);
  model.item_factors.pop_back();
  CHECK_THROWS_AS(recommend::explicit_mf_fold_in_users(model, rows), std::invalid_argument);
}

TEST_CASE("the same bits for any number of threads, another seed another answer") {
  const auto rows = drawn(700, 300, 11);
  const recommend::explicit_mf_options options{.factors = 20, .max_iter = 3};
  const auto one = explicit_mf(rows, options, {.threads = 1});
  for (const unsigned threads : {2u, 5u}) {
    const auto many = explicit_mf(rows, options, {.threads = threads});
    CHECK(one.user_factors == many.user_factors);
    CHECK(one.item_factors == many.item_factors);
    CHECK(one.loss == many.loss);
  }
  CHECK(explicit_mf(rows, {.factors = 20, .max_iter = 3, .seed = 1}).user_factors != one.user_factors);
}

TEST_CASE("nothing, one rating, equal ratings and what is not allowed") {
  const core::sparse_rows none{3, 4, {0, 0, 0, 0}, {}, {}};
  const auto empty = explicit_mf(none, {.factors = 2, .max_iter = 2});
  CHECK(empty.mean == 0);
  CHECK(empty.loss.back() == 0);
  CHECK(empty.user_factors == std::vector<float>{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(explicit_mf(core::sparse_rows{}, {.factors = 2}).user_factors.empty());
  const auto one = explicit_mf(core::sparse_rows{1, 1, {0, 1}, {0}, {4.0f}}, {.factors = 2});
  CHECK(one.mean == 4);
  CHECK(one.loss.back() < 1e-9);
  // Nothing is left to explain: every expectation is the mean.
  core::sparse_rows same{40, 30, {0}, {}, {}};
  for (std::size_t u = 0; u < 40; ++u) {
    for (std::uint32_t i = 0; i < 30; ++i) same.index.push_back(i), same.value.push_back(3.0f);
    same.offsets.push_back(same.index.size());
  }
  CHECK(explicit_mf(same, {.factors = 3}).loss.back() < 1e-6);

  CHECK_THROWS_AS(explicit_mf(none, {.factors = 0}), std::invalid_argument);
  CHECK_THROWS_AS(explicit_mf(none, {.regularization = 0}), std::invalid_argument);
  CHECK_THROWS_AS(explicit_mf(none, {.frequency_scaling = 2}), std::invalid_argument);
  CHECK_THROWS_AS(explicit_mf(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(explicit_mf(core::sparse_rows{1, 1, {0, 1}, {0}, {std::numeric_limits<float>::quiet_NaN()}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(explicit_mf(core::sparse_rows{1, 5'000'000'000, {0, 0}, {}, {}}, {.factors = 4094}), error);
  // Ratings of any size give numbers, or a reason why not.
  for (const double regularization : {1e-9, 1e9})
    for (const float rating : {1e-20f, 1e20f, 1e30f}) {
      for (std::size_t e = 0; e < same.value.size(); ++e) same.value[e] = e % 2 ? rating : -rating;
      try {
        const auto model = explicit_mf(same, {.factors = 16, .regularization = regularization, .max_iter = 3});
        CHECK(std::isfinite(model.loss.back()));
      } catch (const error& e) {
        CHECK(std::string(e.what()).find("regularization") != std::string::npos);
      }
    }

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(explicit_mf(drawn(100, 50, 1), {}, {.cancel = stop.get_token()}), cancelled);
}
