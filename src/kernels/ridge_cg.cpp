#include "kernels/ridge_cg.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ridge_cg.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/rows-inl.hpp"
#include "kernels/tiles-inl.hpp"

#ifndef CLARION_KERNELS_RIDGE_CG_SHAPE
#define CLARION_KERNELS_RIDGE_CG_SHAPE
namespace clarion::kernels {
namespace {

constexpr float enough = 1e-4f;  // of the objective, gained by a step, to take another

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

HWY_INLINE float dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t n) {
  const lanes d;
  floats sum = hn::Zero(d);
  for (std::size_t j = 0; j < n; j += width) sum = hn::MulAdd(hn::LoadU(d, a + j), hn::LoadU(d, b + j), sum);
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

// a += factor * b
HWY_INLINE void add(float* HWY_RESTRICT a, float factor, const float* HWY_RESTRICT b, std::size_t n) {
  const lanes d;
  const floats by = hn::Set(d, factor);
  for (std::size_t j = 0; j < n; j += width) hn::StoreU(hn::MulAdd(by, hn::LoadU(d, b + j), hn::LoadU(d, a + j)), d, a + j);
}

}  // namespace

// In units of the scale the system is (I + z'z) u = z' aim. `off` is aim - z u, and the residual z' off - u.
float ridge_cg_simd(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight, const float* target,
                    std::size_t n, std::size_t depth, const float* scale, std::size_t steps, bool from_zero, float* x,
                    float* work) {
  const lanes d;
  const std::size_t whole = (n + 15) / 16 * 16, kept = n < chunk_rows ? (n + 3) / 4 * 4 : chunk_rows;
  float *z = work, *u = z + kept * depth, *r = u + depth, *p = r + depth, *y = p + depth, *off = y + depth, *q = off + whole;
  std::size_t gathered = ~std::size_t{0};
  // Calls body(first, rows) with rows [first, first + rows) of z gathered, zeros up to a multiple of four.
  const auto each_chunk = [&](auto&& body) HWY_ATTR {
    for (std::size_t first = 0; first < n; first += chunk_rows) {
      const std::size_t rows = n - first < chunk_rows ? n - first : chunk_rows;
      if (gathered != first) {
        gather(f, stride, index + first, weight == nullptr ? nullptr : weight + first, rows, depth, scale, z);
        for (std::size_t j = rows * depth; j < (rows + 3) / 4 * 4 * depth; ++j) z[j] = 0;
        gathered = first;
      }
      body(first, rows);
    }
  };
  for (std::size_t j = 0; j < depth; j += width) {
    hn::StoreU(from_zero ? hn::Zero(d) : hn::Div(hn::LoadU(d, x + j), hn::LoadU(d, scale + j)), d, u + j);
    hn::StoreU(hn::Neg(hn::LoadU(d, u + j)), d, r + j);
  }
  for (std::size_t e = 0; e < whole; ++e) off[e] = e < n ? aim_of(weight, target, e) : 0.0f;
  each_chunk([&](std::size_t first, std::size_t rows) HWY_ATTR {
    if (!from_zero) {
      row_dots(z, (rows + 3) / 4 * 4, depth, u, q);
      for (std::size_t e = 0; e < rows; ++e) off[first + e] -= q[e];
    }
    strip<1, false>(off + first, 0, 1, z, depth, rows, r, depth, 0, depth);
  });
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::LoadU(d, r + j), d, p + j);
  float residual = dot(r, r, depth);
  for (std::size_t step = 0; step < steps && residual > 0; ++step) {
    const bool last = step + 1 == steps;
    for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::LoadU(d, p + j), d, y + j);
    for (std::size_t e = n / 16 * 16; e < whole; ++e) q[e] = 0;
    each_chunk([&](std::size_t first, std::size_t rows) HWY_ATTR {
      row_dots(z, (rows + 3) / 4 * 4, depth, p, q + first);
      if (!last) strip<1, false>(q + first, 0, 1, z, depth, rows, y, depth, 0, depth);
    });
    const float step_length = residual / (dot(p, p, depth) + dot(q, q, whole));
    add(u, step_length, p, depth);
    add(off, -step_length, q, whole);
    // The objective fell by this; another step would gain less.
    if (last || step_length * residual < enough * (dot(off, off, whole) + dot(u, u, depth))) break;
    add(r, -step_length, y, depth);
    const float before = residual;
    residual = dot(r, r, depth);
    const floats turn = hn::Set(d, residual / before);
    for (std::size_t j = 0; j < depth; j += width)
      hn::StoreU(hn::MulAdd(turn, hn::LoadU(d, p + j), hn::LoadU(d, r + j)), d, p + j);
  }
  for (std::size_t j = 0; j < depth; j += width) hn::StoreU(hn::Mul(hn::LoadU(d, u + j), hn::LoadU(d, scale + j)), d, x + j);
  return dot(off, off, whole) + dot(u, u, depth);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(ridge_cg_simd);

std::size_t ridge_cg_work(std::size_t n, std::size_t depth) {
  const std::size_t kept = n < chunk_rows ? (n + 3) / 4 * 4 : chunk_rows;
  return (kept + 4) * depth + 2 * ((n + 15) / 16 * 16);
}

static float ridge_cg_scalar(const float* f, std::size_t stride, const std::uint32_t* index, const float* weight,
                             const float* target, std::size_t n, std::size_t depth, const float* scale, std::size_t steps,
                             bool from_zero, float* x, float* work) {
  float *u = work, *r = u + depth, *p = r + depth, *y = p + depth, *off = y + depth, *q = off + n;
  const auto z = [&](std::size_t e, std::size_t j) { return root_of(weight, e) * scale[j] * f[index[e] * stride + j]; };
  for (std::size_t j = 0; j < depth; ++j) u[j] = from_zero ? 0.0f : x[j] / scale[j];
  for (std::size_t e = 0; e < n; ++e) {
    off[e] = aim_of(weight, target, e);
    for (std::size_t j = 0; j < depth; ++j) off[e] -= z(e, j) * u[j];
  }
  float residual = 0;
  for (std::size_t j = 0; j < depth; ++j) {
    r[j] = -u[j];
    for (std::size_t e = 0; e < n; ++e) r[j] += off[e] * z(e, j);
    p[j] = r[j];
    residual += r[j] * r[j];
  }
  for (std::size_t step = 0; step < steps && residual > 0; ++step) {
    float curvature = 0;
    for (std::size_t e = 0; e < n; ++e) {
      q[e] = 0;
      for (std::size_t j = 0; j < depth; ++j) q[e] += z(e, j) * p[j];
      curvature += q[e] * q[e];
    }
    for (std::size_t j = 0; j < depth; ++j) {
      y[j] = p[j];
      for (std::size_t e = 0; e < n; ++e) y[j] += q[e] * z(e, j);
      curvature += p[j] * p[j];
    }
    const float step_length = residual / curvature, before = residual;
    float now = 0;
    for (std::size_t e = 0; e < n; ++e) {
      off[e] -= step_length * q[e];
      now += off[e] * off[e];
    }
    residual = 0;
    for (std::size_t j = 0; j < depth; ++j) {
      u[j] += step_length * p[j];
      now += u[j] * u[j];
      r[j] -= step_length * y[j];
      residual += r[j] * r[j];
    }
    if (step_length * before < enough * now) break;
    for (std::size_t j = 0; j < depth; ++j) p[j] = r[j] + residual / before * p[j];
  }
  float objective = 0;
  for (std::size_t e = 0; e < n; ++e) objective += off[e] * off[e];
  for (std::size_t j = 0; j < depth; ++j) {
    objective += u[j] * u[j];
    x[j] = u[j] * scale[j];
  }
  return objective;
}

ridge_cg choose_ridge_cg(core::simd_level level) {
  if (level == core::simd_level::scalar) return &ridge_cg_scalar;
  return HWY_DISPATCH_TABLE(ridge_cg_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
