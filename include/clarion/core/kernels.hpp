#pragma once

// The hot loops on raw pointers, in one version a CPU level, chosen at run time.

#include <cstddef>
#include <cstdint>

#include "clarion/core/export.hpp"

namespace clarion::core {

/// How wide a kernel may compute. The answer of a kernel does not depend on it, its time does.
enum class simd_level : std::uint8_t {
  scalar,  ///< plain C++ at the baseline of the build
  avx2,    ///< vectors of at most 256 bits (on other processors than x86: whatever the build targets)
  avx512   ///< everything that the CPU has
};

/// The highest level that CLARION_SIMD (scalar, avx2 or avx512; unset or empty: avx512) permits. Read at each call. What the
/// CPU lacks is not used either way. Throws std::invalid_argument for another value.
CLARION_API simd_level permitted_simd();

}  // namespace clarion::core

namespace clarion::kernels {

/// Number of bits set in both a and b; `words` is a multiple of 8, alignment does not matter.
using and_popcount = std::uint64_t (*)(const std::uint64_t* a, const std::uint64_t* b, std::size_t words);

/// The version for this CPU at the given level.
CLARION_API and_popcount choose_and_popcount(core::simd_level level);

/// out[r, c] = min over k of x[r, k] + y[k, c]: rows x columns, rows of y and columns of x are `inner`, all dense and row-major.
/// No size is 0; nothing overlaps.
using min_plus = void (*)(const double* x, std::size_t rows, std::size_t inner, const double* y, std::size_t columns,
                          double* out);

/// The version for this CPU at the given level.
CLARION_API min_plus choose_min_plus(core::simd_level level);

}  // namespace clarion::kernels
