#include "kernels/start_potential.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "clarion/core/random.hpp"
#include "kernels/nearest_center.hpp"

using namespace clarion;
using core::simd_level;

namespace {

template <class T>
void check(std::size_t count, std::size_t depth, std::size_t trials, bool weighted) {
  CAPTURE(count);
  CAPTURE(depth);
  CAPTURE(trials);
  core::random_stream random(count + depth);
  std::vector<T> points(count * depth), centers((1 + trials) * depth), work(kernels::nearest_work(depth));
  for (auto& v : points) v = static_cast<T>(random.normal());
  for (auto& v : centers) v = static_cast<T>(random.normal());
  std::vector<double> weight(count);
  for (auto& w : weight) w = weighted ? random.uniform() : 1.0;
  const auto squared = [&](std::size_t i, std::size_t c) {
    double sum = 0;
    for (std::size_t j = 0; j < depth; ++j)
      sum += std::pow(static_cast<double>(points[i * depth + j]) - static_cast<double>(centers[c * depth + j]), 2);
    return sum;
  };
  for (const auto level : {simd_level::scalar, simd_level::avx2, simd_level::avx512}) {
    std::vector<T> closest(count + 1, std::numeric_limits<T>::infinity());
    for (std::size_t i = 0; i < count; i += 3) closest[i] = T{1} / 2;
    const std::vector<T> before = closest;
    std::vector<double> potential(trials + 1, -1), expected(trials);
    kernels::choose_start_potential(level, T{})(points.data(), depth, count, centers.data(), trials,
                                                weighted ? weight.data() : nullptr, closest.data(), potential.data(),
                                                work.data());
    CHECK(closest[count] == std::numeric_limits<T>::infinity());
    CHECK(potential[trials] == -1);
    for (std::size_t i = 0; i < count; ++i) {
      const double least = std::min(static_cast<double>(before[i]), squared(i, 0));
      REQUIRE(closest[i] == doctest::Approx(least).epsilon(1e-5));
      for (std::size_t t = 0; t < trials; ++t) expected[t] += weight[i] * std::min(least, squared(i, 1 + t));
    }
    for (std::size_t t = 0; t < trials; ++t) CHECK(potential[t] == doctest::Approx(expected[t]).epsilon(1e-5));
  }
}

}  // namespace

TEST_CASE("potentials of trials and the closest so far, at every level") {
  for (const std::size_t depth : {1u, 3u, 8u, 21u})
    for (const std::size_t count : {1u, 63u, 64u, 130u})
      for (const std::size_t trials : {0u, 1u, 4u, 19u})
        for (const bool weighted : {false, true}) {
          check<float>(count, depth, trials, weighted);
          check<double>(count, depth, trials, weighted);
        }
}
