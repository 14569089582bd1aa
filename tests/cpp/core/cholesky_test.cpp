#include "clarion/core/cholesky.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"
#include "kernels/cholesky.hpp"
#include "kernels/panel_product.hpp"

using namespace clarion;
using core::simd_level;

namespace {

constexpr simd_level levels[] = {simd_level::scalar, simd_level::avx2, simd_level::avx512};
using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

matrix drawn(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  core::random_stream random(seed);
  matrix out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(random.normal());
  return out;
}

// Symmetric, its condition below about 100.
matrix definite(std::size_t n, std::uint64_t seed) {
  const matrix x = drawn(n, n, seed);
  matrix out = x * x.transpose() / static_cast<float>(n);
  out.diagonal().array() += 0.05f;
  return out;
}

std::vector<float> packed(const matrix& x) {
  const auto panels = (static_cast<std::size_t>(x.rows()) + 15) / 16;
  std::vector<float> out(panels * 16 * static_cast<std::size_t>(x.cols()), std::nanf(""));
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index k = 0; k < x.cols(); ++k) out[static_cast<std::size_t>(i / 16 * 16 * x.cols() + k * 16 + i % 16)] = x(i, k);
  return out;
}

std::vector<float> inverse(const matrix& of, unsigned threads = 0) {
  const auto n = static_cast<std::size_t>(of.rows());
  std::vector<float> out(of.data(), of.data() + of.size());
  // The upper triangle is not read.
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) out[i * n + j] = std::nanf("");
  core::spd_inverse(out, n, {.threads = threads});
  return out;
}

}  // namespace

TEST_CASE("products of packed matrices at every level, whatever the shape") {
  for (const auto level : levels)
    for (const std::size_t rows : {1u, 4u, 7u, 8u, 16u, 19u, 50u})
      for (const std::size_t columns : {1u, 8u, 15u, 16u, 33u, 48u, 50u, 97u})
        for (const std::size_t depth : {1u, 5u, 48u}) {
          const auto a = drawn(rows, depth, 1), b = drawn(columns, depth, 2), before = drawn(rows, columns, 3);
          const matrix product = a * b.transpose();
          const auto left = packed(a), right = packed(b);
          for (const auto into : {kernels::product_into::assign, kernels::product_into::add, kernels::product_into::subtract}) {
            matrix c = before;
            kernels::choose_panel_product(level)(left.data(), 16 * depth, right.data(), 16 * depth, depth, c.data(), columns, 16,
                                                 rows, columns, into, false);
            const matrix expected = into == kernels::product_into::assign ? product
                                    : into == kernels::product_into::add  ? matrix(before + product)
                                                                          : matrix(before - product);
            CHECK((c - expected).cwiseAbs().maxCoeff() < 1e-4f);
          }
          matrix c = before;
          kernels::choose_panel_product(level)(left.data(), 16 * depth, right.data(), 16 * depth, depth, c.data(), columns, 16,
                                               rows, columns, kernels::product_into::assign, true);
          const matrix away = matrix(c - product).triangularView<Eigen::Lower>();
          CHECK(away.cwiseAbs().maxCoeff() < 1e-4f);
        }
}

TEST_CASE("factors, eliminated right-hand sides and inverse factors at every level") {
  for (const auto level : levels)
    for (const std::size_t n : {1u, 3u, 7u, 8u, 9u, 16u, 31u, 47u, 48u, 64u, 100u, 130u}) {
      const auto a = definite(n, n);
      const auto size = static_cast<Eigen::Index>(n);
      const Eigen::MatrixXd l = a.cast<double>().llt().matrixL();
      const std::size_t stride = (n + 3 + 15) / 16 * 16;
      const auto b = drawn(n, 3, 5);
      std::vector<float> c(n * stride, std::nanf("")), out(n * stride), least(n);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i; j < n; ++j) c[i * stride + j] = a.data()[i * n + j];
        for (std::size_t j = 0; j < 3; ++j) c[i * stride + n + j] = b.data()[i * 3 + j];
      }
      REQUIRE(kernels::choose_cholesky(level)(c.data(), n, stride, n + 3, least.data()) == n);
      kernels::choose_invert_triangle(level)(c.data(), n, stride, out.data());
      const Eigen::MatrixXd solved = l.triangularView<Eigen::Lower>().solve(b.cast<double>());
      const Eigen::MatrixXd inverted = l.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(size, size));
      double worst = 0;
      for (Eigen::Index i = 0; i < size; ++i) {
        const float *row = c.data() + static_cast<std::size_t>(i) * stride,
                    *low = out.data() + static_cast<std::size_t>(i) * stride;
        for (Eigen::Index j = i; j < size; ++j) worst = std::max(worst, std::abs(row[j] - l(j, i)));
        for (Eigen::Index j = 0; j < 3; ++j) worst = std::max(worst, std::abs(row[size + j] - solved(i, j)));
        for (Eigen::Index j = 0; j < size; ++j) worst = std::max(worst, std::abs(low[j] - inverted(i, j)));
      }
      CHECK(worst < 1e-4);
      // A pivot that is too small is named.
      if (n < 3) continue;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i; j < n; ++j) c[i * stride + j] = i == j ? (i == n - 2 ? 0.0f : 1.0f) : 0.0f;
      CHECK(kernels::choose_cholesky(level)(c.data(), n, stride, n, least.data()) == n - 2);
    }
}

TEST_CASE("the inverse is that of double precision, at every level") {
  for (const char* level : {"scalar", "avx2", "avx512"}) {
    setenv("CLARION_SIMD", level, 1);
    for (const std::size_t n : {1u, 2u, 15u, 16u, 17u, 48u, 100u, 239u, 240u, 241u, 256u, 480u, 500u, 723u}) {
      const auto a = definite(n, 7 * n);
      const Eigen::MatrixXd expected = a.cast<double>().inverse();
      const auto got = inverse(a);
      const Eigen::Map<const matrix> seen(got.data(), a.rows(), a.cols());
      // Single precision on a condition of some hundred.
      CHECK((seen.cast<double>() - expected).norm() < 2e-5 * expected.norm());
      CHECK(seen == seen.transpose());
    }
  }
  unsetenv("CLARION_SIMD");
}

TEST_CASE("the same bits for any number of threads") {
  const auto a = definite(700, 3);
  const auto one = inverse(a, 1);
  CHECK(one == inverse(a, 2));
  CHECK(one == inverse(a, 5));
}

TEST_CASE("what is not positive definite is an error") {
  const auto row_of = [](const matrix& a) -> std::string {
    try {
      inverse(a);
    } catch (const error& e) {
      return e.what();
    }
    return "";
  };
  for (const Eigen::Index n : {3, 300, 600}) {
    matrix a = matrix::Identity(n, n);
    for (const float bad : {0.0f, -1.0f, std::nanf("")}) {
      a(n - 2, n - 2) = bad;
      CHECK(row_of(a).find("positive definite in single precision (row " + std::to_string(n - 2) + ")") != std::string::npos);
    }
    // Two rows the same: what is left of the second is rounding error.
    CHECK_FALSE(row_of(matrix::Ones(n, n)).empty());
    a(n - 2, n - 2) = 1;
    a(n - 1, 0) = std::nanf("");
    CHECK_FALSE(row_of(a).empty());
  }
  std::vector<float> some(5);
  CHECK_THROWS_AS(core::spd_inverse(some, 2), std::invalid_argument);
  core::spd_inverse({}, 0);

  std::stop_source stop;
  stop.request_stop();
  std::vector<float> one{1};
  CHECK_THROWS_AS(core::spd_inverse(one, 1, {.cancel = stop.get_token()}), cancelled);
}
