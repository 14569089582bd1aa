#pragma once

#include <cstddef>
#include <span>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::core {

/// The inverse of a symmetric positive definite matrix, in its own place: `matrix` holds n x n numbers, of which the lower
/// triangle is read (row by row: entry (i, j) at i n + j, j <= i); both triangles of the inverse are written. One sweep of blocks
/// (Bientinesi, Gunter, van de Geijn, "Families of algorithms related to the inversion of a symmetric positive definite matrix",
/// ACM Transactions on Mathematical Software 35, 2008): n^3 additions and multiplications in all, half of what a general inverse
/// takes or less, and 1 KiB a row beside the matrix. The relative error is about the condition of the matrix times 1e-7.
/// The same bits for any number of threads. Throws std::invalid_argument unless there are n^2 numbers, clarion::error where the
/// matrix is not positive definite in single precision, or holds NaN, clarion::cancelled; the matrix is then lost.
CLARION_API void spd_inverse(std::span<float> matrix, std::size_t n, const run_options& run = {});

}  // namespace clarion::core
