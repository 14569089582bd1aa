#pragma once

// The only door to xtensor: N-dimensional cubes with named reductions. No other header of clarion includes it, the umbrella
// does not include this one, so that a program needs xtensor only when it asks for a cube.

#include <array>
#include <cstddef>
#include <span>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

namespace clarion::core {

/// Owning row-major arrays: table(row, column), cube(first, second, third).
using table = xt::xtensor<double, 2>;
using cube = xt::xtensor<double, 3>;

/// A row-major rows x columns view of values that live elsewhere; values.size() must be rows * columns.
inline auto view(std::span<const double> values, std::size_t rows, std::size_t columns) {
  return xt::adapt(values.data(), values.size(), xt::no_ownership(), std::array<std::size_t, 2>{rows, columns});
}

}  // namespace clarion::core
