#include "clarion/recommend/ease.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::ease;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, double density, std::uint64_t seed, bool weighted) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    // Users of few items and of many, one of none and one of all; the last item has nobody else.
    const double chance = u % 17 == 3 ? 0 : u == 5 ? 1 : u % 10 == 0 ? 3 * density : density;
    for (std::uint32_t i = 0; i < items; ++i)
      if (random.chance((i + 1 == items && u != 5 ? 0 : chance) * ((i + u) % 3 == 0 ? 1.5 : 0.5)) || u == 5) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(0.5 + 2 * random.uniform()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

using matrix = Eigen::MatrixXd;

matrix dense(const core::sparse_view& of) {
  matrix out = matrix::Zero(static_cast<Eigen::Index>(of.rows), static_cast<Eigen::Index>(of.columns));
  for (std::size_t r = 0; r < of.rows; ++r)
    for (std::size_t e = 0; e < of.length(r); ++e)
      out(static_cast<Eigen::Index>(r), of.indices(r)[e]) = of.value == nullptr ? 1.0 : of.values(r)[e];
  return out;
}

matrix weights(const recommend::ease_model& model) {
  if (model.weights.empty()) return dense(model.neighbors);
  const auto n = static_cast<Eigen::Index>(model.n_items);
  return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(model.weights.data(), n, n)
      .cast<double>();
}

// X'X over users with their weights, and what is added to its diagonal.
struct normal_equations {
  matrix gram;
  Eigen::VectorXd ridge;

  normal_equations(const core::sparse_view& rows, const recommend::ease_options& o) {
    matrix x = dense(rows);
    for (std::size_t u = 0; u < rows.rows; ++u)
      if (rows.length(u) > 0) x.row(static_cast<Eigen::Index>(u)) *= std::pow(rows.length(u), -o.user_scaling / 2);
    gram = x.transpose() * x;
    ridge = Eigen::VectorXd::Constant(gram.rows(), o.regularization);
    for (Eigen::Index i = 0; i < gram.rows(); ++i)
      if (gram(i, i) > 0) ridge[i] *= std::pow(gram(i, i), o.item_scaling);
  }
};

// B = -P / diagonal of P, as the paper has it.
matrix by_inverse(const core::sparse_view& rows, const recommend::ease_options& o) {
  const normal_equations of(rows, o);
  const matrix p = (of.gram + matrix(of.ridge.asDiagonal())).inverse();
  matrix out = -p * p.diagonal().cwiseInverse().asDiagonal();
  out.diagonal().setZero();
  return out;
}

// A ridge regression for each item on its neighbours.
matrix by_regressions(const core::sparse_view& rows, const recommend::ease_options& o) {
  const normal_equations of(rows, o);
  matrix out = matrix::Zero(of.gram.rows(), of.gram.rows());
  for (Eigen::Index i = 0; i < of.gram.rows(); ++i) {
    std::vector<Eigen::Index> near;
    for (Eigen::Index j = 0; j < of.gram.rows(); ++j)
      if (j != i && of.gram(i, j) > 0) near.push_back(j);
    std::stable_sort(near.begin(), near.end(), [&](auto a, auto b) {
      // Equal up to rounding is equal.
      return of.gram(i, a) / std::sqrt(of.gram(a, a)) > of.gram(i, b) / std::sqrt(of.gram(b, b)) * (1 + 1e-6);
    });
    if (near.size() > o.max_neighbors) near.resize(o.max_neighbors);
    const auto m = static_cast<Eigen::Index>(near.size());
    matrix system(m, m);
    Eigen::VectorXd right(m);
    for (Eigen::Index a = 0; a < m; ++a) {
      const auto row = near[static_cast<std::size_t>(a)];
      for (Eigen::Index b = 0; b < m; ++b) system(a, b) = of.gram(row, near[static_cast<std::size_t>(b)]);
      system(a, a) += of.ridge[row];
      right[a] = of.gram(row, i);
    }
    const Eigen::VectorXd found = system.llt().solve(right);
    for (Eigen::Index a = 0; a < m; ++a) out(near[static_cast<std::size_t>(a)], i) = found[a];
  }
  return out;
}

const recommend::ease_options settings[] = {{.regularization = 3, .user_scaling = 0, .item_scaling = 0},
                                            {.regularization = 2, .user_scaling = 0.5, .item_scaling = 0.5},
                                            {.regularization = 1, .user_scaling = 0, .item_scaling = 1}};

}  // namespace

TEST_CASE("weights are those of the inverse") {
  for (auto options : settings)
    for (const bool weighted : {false, true})
      for (const std::size_t items : {1u, 2u, 30u, 70u, 300u}) {
        const auto rows = drawn(200, items, 0.1, items, weighted);
        const auto model = ease(rows, options);
        const matrix expected = by_inverse(rows, options);
        // Single precision, on systems whose condition is some hundred.
        CHECK((weights(model) - expected).cwiseAbs().maxCoeff() < 2e-5);
        CHECK(weights(model).diagonal().isZero());
        CHECK(model.neighbors.index.empty());
      }
}

TEST_CASE("with all neighbours the sparse form is the dense one") {
  for (auto options : settings)
    for (const bool weighted : {false, true}) {
      // Every pair of items has a user: user 5 has all.
      const auto rows = drawn(200, 60, 0.2, 1, weighted);
      const matrix all = weights(ease(rows, options));
      options.max_neighbors = 59;
      const auto model = ease(rows, options);
      CHECK(model.weights.empty());
      CHECK((weights(model) - all).cwiseAbs().maxCoeff() < 2e-5);
      options.max_neighbors = 4'000'000;
      CHECK(ease(rows, options).neighbors.value == model.neighbors.value);
    }
}

TEST_CASE("with few neighbours each item is regressed on them") {
  for (auto options : settings)
    for (const bool weighted : {false, true})
      for (const std::uint32_t m : {1u, 2u, 7u, 15u, 16u, 33u}) {
        auto rows = drawn(300, 90, 0.05, 2, weighted);
        options.max_neighbors = m;
        const auto model = ease(rows, options);
        core::check_sparse("weights", model.neighbors);
        const matrix expected = by_regressions(rows, options);
        CHECK((weights(model) - expected).cwiseAbs().maxCoeff() < 2e-5);
      }
}

TEST_CASE("the same bits for any number of threads") {
  const auto rows = drawn(600, 500, 0.03, 3, false);
  for (const std::uint32_t m : {0u, 20u}) {
    const auto one = ease(rows, {.max_neighbors = m}, {.threads = 1}), four = ease(rows, {.max_neighbors = m}, {.threads = 4});
    CHECK(one.weights == four.weights);
    CHECK(one.neighbors.offsets == four.neighbors.offsets);
    CHECK(one.neighbors.index == four.neighbors.index);
    CHECK(one.neighbors.value == four.neighbors.value);
  }
}

TEST_CASE("nothing, one interaction and what is not allowed") {
  for (const std::uint32_t m : {0u, 3u}) {
    const recommend::ease_options options{.max_neighbors = m};
    CHECK(weights(ease(core::sparse_rows{3, 4, {0, 0, 0, 0}, {}, {}}, options)).isZero());
    CHECK(ease(core::sparse_rows{}, options).n_items == 0);
    CHECK(weights(ease(core::sparse_rows{1, 1, {0, 1}, {0}, {}}, options)).isZero());
    // Items that everyone has share the explanation.
    core::sparse_rows same{50, 4, {0}, {}, {}};
    for (std::size_t u = 0; u < 50; ++u) {
      for (std::uint32_t i = 0; i < 4; ++i) same.index.push_back(i);
      same.offsets.push_back(same.index.size());
    }
    const matrix equal = weights(ease(same, {.regularization = 1, .user_scaling = 0, .item_scaling = 0, .max_neighbors = m}));
    for (Eigen::Index i = 0; i < 4; ++i)
      for (Eigen::Index j = 0; j < 4; ++j) CHECK(equal(i, j) == doctest::Approx(i == j ? 0 : 50.0 / 151).epsilon(1e-4));

    for (const float bad : {-1.0f, 0.0f, std::nanf("")})
      CHECK_THROWS_AS(ease(core::sparse_rows{1, 1, {0, 1}, {0}, {bad}}, options), std::invalid_argument);
    CHECK_THROWS_AS(ease(core::sparse_rows{1, 1, {0, 1}, {1}, {}}, options), std::invalid_argument);
    CHECK_THROWS_AS(ease(same, {.regularization = 0, .max_neighbors = m}), std::invalid_argument);

    // Values and regularization of any size give numbers, or a reason why not.
    for (const double regularization : {1e-9, 1e9})
      for (const float value : {1e-30f, 1e-20f, 1e20f}) {
        auto scaled = same;
        scaled.value.assign(scaled.index.size(), value);
        try {
          const auto model = ease(scaled, {.regularization = regularization, .max_neighbors = m});
          CHECK(weights(model).allFinite());
        } catch (const error& e) {
          CHECK(std::string(e.what()).find("regularization") != std::string::npos);
        }
      }

    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(ease(same, options, {.cancel = stop.get_token()}), cancelled);
  }
}

TEST_CASE("what memory cannot hold is refused before anything is done") {
  const std::vector<std::uint64_t> offsets(2);
  const core::sparse_view many{1, 3'000'000, offsets.data(), nullptr, nullptr};
  try {
    ease(many);
    FAIL("36 TB were not refused");
  } catch (const error& e) {
    CHECK(std::string(e.what()).find("max_neighbors") != std::string::npos);
  }
  CHECK_THROWS_AS(ease(many, {.max_neighbors = 1'000'000}), error);
}
