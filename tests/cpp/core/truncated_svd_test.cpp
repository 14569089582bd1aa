#include "clarion/core/truncated_svd.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using core::truncated_svd;

namespace {

using matrix = Eigen::MatrixXd;
constexpr auto at(std::size_t i) { return static_cast<Eigen::Index>(i); }

core::sparse_rows drawn(std::size_t rows, std::size_t columns, double density, std::uint64_t seed) {
  core::random_stream random(seed);
  core::sparse_rows out{rows, columns, {0}, {}, {}};
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < columns; ++c)
      if (r % 13 != 5 && c % 11 != 7 && random.chance(density)) {
        out.index.push_back(c);
        out.value.push_back(static_cast<float>(random.normal() + static_cast<double>((r + c) % 4)));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

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

void check_orthonormal(const matrix& of) {
  if (of.cols() > 0) CHECK((of.transpose() * of - matrix::Identity(of.cols(), of.cols())).cwiseAbs().maxCoeff() < 2e-4);
}

}  // namespace

TEST_CASE("values and vectors are those of the dense decomposition") {
  for (const auto& [rows, columns] : {std::pair{300, 120}, std::pair{90, 260}, std::pair{40, 40}, std::pair{7, 500}}) {
    const auto given = drawn(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), 0.2, 3);
    const matrix whole = dense(given);
    const Eigen::JacobiSVD<matrix> oracle(whole, Eigen::ComputeThinU | Eigen::ComputeThinV);
    for (const std::uint32_t rank : {1u, 5u, 30u}) {
      const auto got = truncated_svd(given, {.rank = rank, .passes = 12});
      CAPTURE(rows);
      CAPTURE(rank);
      REQUIRE(got.rank == std::min<std::size_t>(rank, static_cast<std::size_t>(std::min(rows, columns)) -
                                                          static_cast<std::size_t>(rows == 7 ? 1 : 0)));
      const matrix left = dense(got.left, static_cast<std::size_t>(rows), got.rank);
      const matrix right = dense(got.right, static_cast<std::size_t>(columns), got.rank);
      check_orthonormal(left);
      check_orthonormal(right);
      const double greatest = oracle.singularValues()[0];
      for (std::size_t j = 0; j < got.rank; ++j) {
        // A random matrix has close values at the end: they are what the method approximates.
        CHECK(std::abs(got.values[j] - oracle.singularValues()[at(j)]) < (j < got.rank / 2 ? 1e-5 : 2e-3) * greatest);
        Eigen::Index most = 0;
        right.col(at(j)).cwiseAbs().maxCoeff(&most);
        CHECK(right(most, at(j)) > 0);
      }
      const double first = std::abs(right.col(0).dot(oracle.matrixV().col(0)));
      CHECK(first == doctest::Approx(1).epsilon(1e-4));
      // As near to the matrix as anything of this rank.
      const Eigen::VectorXd values = Eigen::Map<const Eigen::VectorXf>(got.values.data(), at(got.rank)).cast<double>();
      const double rest = (whole - left * values.asDiagonal() * right.transpose()).norm();
      const double least = oracle.singularValues().tail(oracle.singularValues().size() - at(got.rank)).norm();
      CHECK(rest < least * (1 + 1e-3) + 1e-4 * greatest);
    }
  }
}

TEST_CASE("a matrix of low rank has no more than its rank") {
  core::sparse_rows same{50, 30, {0}, {}, {}};
  for (std::size_t r = 0; r < 50; ++r) {
    for (std::uint32_t c = 0; c < 30; ++c) same.index.push_back(c);
    same.offsets.push_back(same.index.size());
  }
  const auto one = truncated_svd(same, {.rank = 10});
  REQUIRE(one.rank == 1);
  CHECK(one.values[0] == doctest::Approx(std::sqrt(1500.0)));
  CHECK(one.left[7] == doctest::Approx(1 / std::sqrt(50.0)));
  CHECK(one.right[7] == doctest::Approx(1 / std::sqrt(30.0)));

  // Two blocks of ones.
  core::sparse_rows two{6, 5, {0}, {}, {}};
  for (std::size_t r = 0; r < 6; ++r) {
    for (const std::uint32_t c : r < 4 ? std::vector<std::uint32_t>{0, 1, 2} : std::vector<std::uint32_t>{3, 4})
      two.index.push_back(c);
    two.offsets.push_back(two.index.size());
  }
  const auto both = truncated_svd(two, {.rank = 5});
  REQUIRE(both.rank == 2);
  CHECK(both.values[0] == doctest::Approx(std::sqrt(12.0)));
  CHECK(both.values[1] == doctest::Approx(2.0));
}

TEST_CASE("the same bits for any number of threads, another seed another start") {
  const auto given = drawn(900, 700, 0.05, 9);
  const auto one = truncated_svd(given, {.rank = 24}, {.threads = 1});
  const auto four = truncated_svd(given, {.rank = 24}, {.threads = 4});
  CHECK(one.values == four.values);
  CHECK(one.left == four.left);
  CHECK(one.right == four.right);
  CHECK(truncated_svd(given, {.rank = 24, .seed = 1}).right != one.right);
}

TEST_CASE("nothing, one entry, extreme values and what is not allowed") {
  CHECK(truncated_svd(core::sparse_rows{}).rank == 0);
  CHECK(truncated_svd(core::sparse_rows{3, 4, {0, 0, 0, 0}, {}, {}}).rank == 0);
  CHECK(truncated_svd(core::sparse_rows{2, 2, {0, 1, 2}, {0, 1}, {0.0f, 0.0f}}).rank == 0);
  const auto one = truncated_svd(core::sparse_rows{1, 3, {0, 1}, {1}, {-2.0f}});
  REQUIRE(one.rank == 1);
  CHECK(one.values[0] == doctest::Approx(2));
  CHECK(one.left == std::vector<float>{-1});
  CHECK(one.right == std::vector<float>{0, 1, 0});

  CHECK_THROWS_AS(truncated_svd(core::sparse_rows{}, {.rank = 0}), std::invalid_argument);
  CHECK_THROWS_AS(truncated_svd(core::sparse_rows{}, {.passes = 1}), std::invalid_argument);
  CHECK_THROWS_AS(truncated_svd(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(truncated_svd(core::sparse_rows{1, 1, {0, 1}, {0}, {std::nanf("")}}), std::invalid_argument);
  auto huge = drawn(40, 30, 0.3, 1);
  for (auto& v : huge.value) v *= 1e30f;
  CHECK_THROWS_AS(truncated_svd(huge, {.rank = 3}), error);

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(truncated_svd(drawn(100, 50, 0.2, 1), {}, {.cancel = stop.get_token()}), cancelled);
}
