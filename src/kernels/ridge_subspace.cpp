#include "kernels/ridge_subspace.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ridge_subspace.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/rows-inl.hpp"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

// In units of the scale a block of coordinates moves by the v of (I + z'z) v = z' off - u, for z the block's columns and `off`
// what all coordinates leave of the aim.
float ridge_subspace_simd(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                          const float* target, std::size_t n, std::size_t depth, const float* scale, std::size_t block,
                          bool from_zero, float* x, float* work) {
  const std::size_t c_stride = system_stride(block);
  float *u = work, *off = u + depth, *z = off + rounded(n, 4), *c = z + chunk_rows * block, *v = c + block * c_stride,
        *q = v + c_stride, *right = q + chunk_rows;
  std::size_t gathered = ~std::size_t{0};
  // Calls body(first, rows) with rows [first, first + rows) of the columns of a block gathered.
  const auto each_chunk = [&](std::size_t from, std::size_t columns, auto&& body) HWY_ATTR {
    gathered = n <= chunk_rows ? gathered : ~std::size_t{0};
    for (std::size_t first = 0; first < n; first += chunk_rows) {
      const std::size_t rows = n - first < chunk_rows ? n - first : chunk_rows;
      if (gathered != from) {
        gather(f + from, stride, index + first, weight == nullptr ? nullptr : weight + first, rows, columns, scale + from, z);
        clear(z + rows * columns, (rounded(rows, 4) - rows) * columns);
        if (n <= chunk_rows) gathered = from;
      }
      body(first, rows);
    }
  };
  const auto take_off = [&](std::size_t from, std::size_t columns, const float* by) HWY_ATTR {
    each_chunk(from, columns, [&](std::size_t first, std::size_t rows) HWY_ATTR {
      row_dots(z, rounded(rows, 4), columns, by, q);
      for (std::size_t e = 0; e < rows; ++e) off[first + e] -= q[e];
    });
  };
  for (std::size_t j = 0; j < depth; ++j) u[j] = from_zero ? 0.0f : x[j] / scale[j];
  for (std::size_t e = 0; e < n; ++e) off[e] = aim_of(weight, target, e);
  for (std::size_t from = 0; from < depth && !from_zero; from += block)
    take_off(from, depth - from < block ? depth - from : block, u + from);
  for (std::size_t from = 0; from < depth; from += block) {
    const std::size_t columns = depth - from < block ? depth - from : block;
    clear(c, block * c_stride);
    for (std::size_t j = 0; j < columns; ++j) right[j] = -u[from + j];
    each_chunk(from, columns, [&](std::size_t first, std::size_t rows) HWY_ATTR {
      add_column_products(z, columns, rows, columns, c, c_stride);
      strip<1, false>(off + first, 0, 1, z, columns, rows, right, columns, 0, columns);
    });
    for (std::size_t j = 0; j < columns; ++j) {
      // Before its diagonal a row holds scratch, and behind its last column the right-hand side.
      c[j * c_stride + j] += 1;
      for (std::size_t k = columns; k < c_stride; ++k) c[j * c_stride + k] = 0;
      c[j * c_stride + columns] = right[j];
    }
    factor(c, columns, c_stride);
    substitute_back(c, columns, c_stride, v);
    for (std::size_t j = 0; j < columns; ++j) u[from + j] += v[j];
    take_off(from, columns, v);
  }
  float objective = 0;
  for (std::size_t e = 0; e < n; ++e) objective += off[e] * off[e];
  for (std::size_t j = 0; j < depth; ++j) {
    objective += u[j] * u[j];
    x[j] = u[j] * scale[j];
  }
  return objective;
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(ridge_subspace_simd);

std::size_t ridge_subspace_work(std::size_t n, std::size_t depth, std::size_t block) {
  return depth + rounded(n, 4) + chunk_rows * block + (block + 1) * system_stride(block) + chunk_rows + block;
}

static float ridge_subspace_scalar(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                                   const float* target, std::size_t n, std::size_t depth, const float* scale, std::size_t block,
                                   bool from_zero, float* x, float* work) {
  float *u = work, *off = u + depth, *c = off + n;
  const auto z = [&](std::size_t e, std::size_t j) { return root_of(weight, e) * scale[j] * f[index[e] * stride + j]; };
  for (std::size_t j = 0; j < depth; ++j) u[j] = from_zero ? 0.0f : x[j] / scale[j];
  for (std::size_t e = 0; e < n; ++e) {
    off[e] = aim_of(weight, target, e);
    for (std::size_t j = 0; j < depth; ++j) off[e] -= z(e, j) * u[j];
  }
  for (std::size_t from = 0; from < depth; from += block) {
    const std::size_t columns = depth - from < block ? depth - from : block, c_stride = columns + 1;
    for (std::size_t i = 0; i < columns; ++i) {
      for (std::size_t j = i; j < columns; ++j) {
        c[i * c_stride + j] = i == j ? 1.0f : 0.0f;
        for (std::size_t e = 0; e < n; ++e) c[i * c_stride + j] += z(e, from + i) * z(e, from + j);
      }
      c[i * c_stride + columns] = -u[from + i];
      for (std::size_t e = 0; e < n; ++e) c[i * c_stride + columns] += off[e] * z(e, from + i);
    }
    solve_scalar(c, columns, c_stride);
    for (std::size_t j = 0; j < columns; ++j) {
      u[from + j] += c[j * c_stride + columns];
      for (std::size_t e = 0; e < n; ++e) off[e] -= z(e, from + j) * c[j * c_stride + columns];
    }
  }
  float objective = 0;
  for (std::size_t e = 0; e < n; ++e) objective += off[e] * off[e];
  for (std::size_t j = 0; j < depth; ++j) {
    objective += u[j] * u[j];
    x[j] = u[j] * scale[j];
  }
  return objective;
}

ridge_subspace choose_ridge_subspace(core::simd_level level) {
  if (level == core::simd_level::scalar) return &ridge_subspace_scalar;
  return HWY_DISPATCH_TABLE(ridge_subspace_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
