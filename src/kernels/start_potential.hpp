#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// A step of a k-means++ start on `count` rows of points. closest[i] becomes the least of itself and the squared distance of
/// row i to centers[0]; potential[t], for the `trials` rows of centers behind it, the sum over i of weight[i] (null: 1) times the
/// least of closest[i] and the squared distance to trial t. work: nearest_work(depth) numbers.
template <class T>
using start_potential = void (*)(const T* points, std::size_t depth, std::size_t count, const T* centers, std::size_t trials,
                                 const double* weight, T* closest, double* potential, T* work);

/// The version for this CPU at the given level.
CLARION_API start_potential<float> choose_start_potential(core::simd_level level, float);
CLARION_API start_potential<double> choose_start_potential(core::simd_level level, double);

}  // namespace clarion::kernels
