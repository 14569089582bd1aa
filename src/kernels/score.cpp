#include "kernels/score.hpp"

#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/score.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

// Two vectors a row leave room for the most rows, and so the fewest loads a product.
constexpr std::size_t score_vectors = 2;
constexpr std::size_t score_rows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;

template <std::size_t R>
HWY_INLINE void score_tiles(const float* HWY_RESTRICT rows, std::size_t stride, const float* HWY_RESTRICT panel,
                            std::size_t depth, const float* HWY_RESTRICT start, std::size_t start_stride,
                            const float* HWY_RESTRICT least, float* HWY_RESTRICT scores, std::uint32_t* HWY_RESTRICT hits) {
  const lanes d;
  constexpr std::size_t step = score_vectors * width;
  for (std::size_t r = 0; r < R; ++r) hits[r] = 0;
  for (std::size_t j = 0; j < score_panel; j += step) {
    floats sum[R][score_vectors];
    for (std::size_t r = 0; r < R; ++r)
      for (std::size_t v = 0; v < score_vectors; ++v)
        sum[r][v] = start == nullptr ? hn::Zero(d) : hn::LoadU(d, start + r * start_stride + j + v * width);
    for (std::size_t k = 0; k < depth; ++k) {
      floats item[score_vectors];
      for (std::size_t v = 0; v < score_vectors; ++v) item[v] = hn::LoadU(d, panel + k * score_panel + j + v * width);
      for (std::size_t r = 0; r < R; ++r) {
        const floats factor = hn::Set(d, rows[r * stride + k]);
        for (std::size_t v = 0; v < score_vectors; ++v) sum[r][v] = hn::MulAdd(factor, item[v], sum[r][v]);
      }
    }
    for (std::size_t r = 0; r < R; ++r) {
      const floats bar = hn::Set(d, least[r]);
      for (std::size_t v = 0; v < score_vectors; ++v) {
        const std::size_t at = j + v * width;
        hn::StoreU(sum[r][v], d, scores + r * score_panel + at);
        std::uint8_t bits[8] = {};
        hn::StoreMaskBits(d, hn::Gt(sum[r][v], bar), bits);
        const std::uint32_t above = bits[0] | (width > 8 ? static_cast<std::uint32_t>(bits[1]) << 8 : 0u);
        hits[r] |= above << at;
      }
    }
  }
}

}  // namespace

void score_simd(const float* rows, std::size_t stride, std::size_t n_rows, const float* panel, std::size_t depth,
                const float* start, std::size_t start_stride, const float* least, float* scores, std::uint32_t* hits) {
  const auto from = [&](std::size_t r) HWY_ATTR { return start == nullptr ? nullptr : start + r * start_stride; };
  std::size_t r = 0;
  for (; r + score_rows <= n_rows; r += score_rows)
    score_tiles<score_rows>(rows + r * stride, stride, panel, depth, from(r), start_stride, least + r, scores + r * score_panel,
                            hits + r);
  for (; r < n_rows; ++r)
    score_tiles<1>(rows + r * stride, stride, panel, depth, from(r), start_stride, least + r, scores + r * score_panel, hits + r);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(score_simd);

static void score_scalar(const float* rows, std::size_t stride, std::size_t n_rows, const float* panel, std::size_t depth,
                         const float* start, std::size_t start_stride, const float* least, float* scores, std::uint32_t* hits) {
  for (std::size_t r = 0; r < n_rows; ++r) {
    hits[r] = 0;
    for (std::size_t i = 0; i < score_panel; ++i) {
      float sum = start == nullptr ? 0.0f : start[r * start_stride + i];
      for (std::size_t k = 0; k < depth; ++k) sum += rows[r * stride + k] * panel[k * score_panel + i];
      scores[r * score_panel + i] = sum;
      hits[r] |= static_cast<std::uint32_t>(sum > least[r]) << i;
    }
  }
}

score choose_score(core::simd_level level) {
  if (level == core::simd_level::scalar) return &score_scalar;
  return HWY_DISPATCH_TABLE(score_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
