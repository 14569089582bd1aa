#include "kernels/ridge.hpp"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "clarion/core/random.hpp"
#include "kernels/gemm.hpp"
#include "kernels/ridge_cg.hpp"
#include "kernels/ridge_subspace.hpp"
#include "kernels/syrk.hpp"

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

}  // namespace

TEST_CASE("gemm multiplies at every level, whatever the shape") {
  for (const auto level : levels)
    for (const std::size_t rows : {1u, 3u, 4u, 9u})
      for (const std::size_t depth : {1u, 7u, 48u})
        for (const std::size_t columns : {16u, 32u, 48u, 112u}) {
          const auto a = drawn(rows, depth, 1), b = drawn(depth, columns, 2);
          matrix c = drawn(rows, columns, 3);
          kernels::choose_gemm(level)(a.data(), depth, b.data(), columns, c.data(), columns, rows, depth, columns);
          CHECK((c - a * b).cwiseAbs().maxCoeff() < 1e-4f);
        }
}

TEST_CASE("syrk adds products of columns to the upper triangle at every level") {
  for (const auto level : levels)
    for (const std::size_t rows : {1u, 5u, 300u})
      for (const std::size_t columns : {16u, 48u, 128u}) {
        const auto z = drawn(rows, columns, 1);
        matrix c = matrix::Ones(static_cast<Eigen::Index>(columns), static_cast<Eigen::Index>(columns));
        kernels::choose_syrk(level)(z.data(), columns, c.data(), columns, rows, columns);
        const matrix expected = (z.transpose() * z).eval().array() + 1;
        const matrix away = (c - expected).triangularView<Eigen::Upper>();
        CHECK(away.cwiseAbs().maxCoeff() < 1e-3f);
      }
}

TEST_CASE("ridge solves weighted least squares in both forms at every level") {
  const std::size_t items = 600;
  for (const std::size_t depth : {16u, 48u, 64u, 128u}) {
    const auto f = drawn(items, depth, depth);
    core::random_stream random(9);
    std::vector<float> scale(depth);
    for (auto& s : scale) s = static_cast<float>(0.1 + random.uniform());
    for (const std::size_t n :
         {1u, 2u, 3u, 4u, 5u, 15u, 16u, 17u, 31u, 47u, 48u, 49u, 63u, 64u, 65u, 128u, 129u, 255u, 257u, 520u})
      for (const auto& [weighted, aimed] : {std::pair{false, false}, {true, false}, {false, true}, {true, true}}) {
        std::vector<std::uint32_t> index(n);
        std::vector<float> weight(n), target(n, 1.0f);
        for (auto& i : index) i = static_cast<std::uint32_t>(random.below(items));
        for (auto& w : weight) w = static_cast<float>(3 * random.uniform());
        if (aimed)
          for (auto& t : target) t = static_cast<float>(random.normal());
        Eigen::MatrixXd a = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(depth), static_cast<Eigen::Index>(depth));
        Eigen::VectorXd b = Eigen::VectorXd::Zero(a.rows());
        for (Eigen::Index j = 0; j < a.rows(); ++j) a(j, j) = 1 / std::pow(double{scale[static_cast<std::size_t>(j)]}, 2);
        for (std::size_t e = 0; e < n; ++e) {
          const Eigen::VectorXd row = f.row(index[e]).transpose().cast<double>();
          const double w = weighted ? weight[e] : 1.0;
          a += w * row * row.transpose();
          b += w * target[e] * row;
        }
        const Eigen::VectorXd expected = a.llt().solve(b);
        double minimum = -b.dot(expected);
        for (std::size_t e = 0; e < n; ++e) minimum += (weighted ? weight[e] : 1.0) * target[e] * target[e];
        for (const auto level : levels) {
          std::vector<float> x(depth, 7.0f), work(kernels::ridge_work(n, depth), std::nanf(""));
          const float least =
              kernels::choose_ridge(level)(f.data(), depth, index.data(), weighted ? weight.data() : nullptr,
                                           aimed ? target.data() : nullptr, n, depth, scale.data(), x.data(), work.data());
          const Eigen::VectorXd got = Eigen::Map<const Eigen::VectorXf>(x.data(), a.rows()).cast<double>();
          // Single precision, on systems whose condition is a few thousand.
          CHECK((got - expected).norm() < 2e-4 * (1 + expected.norm()));
          CHECK(least == doctest::Approx(minimum).epsilon(1e-3));
        }
      }
  }
}

TEST_CASE("conjugate gradients and blocks of coordinates go to the solution of ridge at every level") {
  const std::size_t items = 400;
  for (const std::size_t depth : {16u, 48u}) {
    const auto f = drawn(items, depth, depth);
    core::random_stream random(11);
    std::vector<float> scale(depth);
    for (auto& s : scale) s = static_cast<float>(0.05 + 0.1 * random.uniform());
    for (const std::size_t n : {1u, 4u, 7u, 16u, 63u, 257u})
      for (const bool weighted : {false, true}) {
        std::vector<std::uint32_t> index(n);
        std::vector<float> weight(n), target(n);
        for (auto& i : index) i = static_cast<std::uint32_t>(random.below(items));
        for (auto& w : weight) w = static_cast<float>(3 * random.uniform());
        for (auto& t : target) t = static_cast<float>(random.normal());
        const float* by = weighted ? weight.data() : nullptr;
        const float* aim = weighted ? target.data() : nullptr;
        std::vector<float> expected(depth), work(kernels::ridge_work(n, depth));
        const float least = kernels::choose_ridge(simd_level::scalar)(f.data(), depth, index.data(), by, aim, n, depth,
                                                                      scale.data(), expected.data(), work.data());
        const auto away = [&](const std::vector<float>& x) {
          return (Eigen::Map<const Eigen::VectorXf>(x.data(), static_cast<Eigen::Index>(depth)) -
                  Eigen::Map<const Eigen::VectorXf>(expected.data(), static_cast<Eigen::Index>(depth)))
                     .norm() /
                 (1 + Eigen::Map<const Eigen::VectorXf>(expected.data(), static_cast<Eigen::Index>(depth)).norm());
        };
        for (const auto level : levels) {
          CAPTURE(n);
          CAPTURE(depth);
          std::vector<float> x(depth), cg_work(kernels::ridge_cg_work(n, depth), std::nanf(""));
          // A few steps from 0, then again from there until a step gains nothing.
          float before = std::numeric_limits<float>::infinity();
          for (int pass = 0; pass < 40; ++pass) {
            const float now = kernels::choose_ridge_cg(level)(f.data(), depth, index.data(), by, aim, n, depth, scale.data(), 3,
                                                              pass == 0, x.data(), cg_work.data());
            CHECK(now <= before * (1 + 1e-5f));
            before = now;
          }
          CHECK(before == doctest::Approx(least).epsilon(1e-3));
          CHECK(away(x) < 2e-2f);  // it stops where a step gains a ten-thousandth
          for (const std::size_t block : {16u, 64u}) {
            std::vector<float> y(depth), block_work(kernels::ridge_subspace_work(n, depth, block), std::nanf(""));
            before = std::numeric_limits<float>::infinity();
            for (int pass = 0; pass < 40; ++pass) {
              const float now = kernels::choose_ridge_subspace(level)(
                  f.data(), depth, index.data(), by, aim, n, depth, scale.data(), block, pass == 0, y.data(), block_work.data());
              CHECK(now <= before * (1 + 1e-5f));
              before = now;
            }
            CHECK(before == doctest::Approx(least).epsilon(1e-3));
            CHECK(away(y) < 1e-3f);
          }
        }
      }
  }
}
