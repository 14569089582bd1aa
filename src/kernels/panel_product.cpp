#include "kernels/panel_product.hpp"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/panel_product.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<float, 16>;
using floats = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});
// Sums of a tile stay in registers: twenty-four of thirty-two, or eight of sixteen.
constexpr bool wide = HWY_TARGET <= HWY_AVX3;
constexpr std::size_t tile_rows = wide ? 8 : 4;
constexpr std::size_t tile_columns = wide ? 48 : width == 8 ? 16 : 8;

HWY_INLINE floats merged(floats sum, const float* c, product_into into) {
  const lanes d;
  if (into == product_into::assign) return sum;
  const floats before = hn::LoadU(d, c);
  return into == product_into::add ? hn::Add(before, sum) : hn::Sub(before, sum);
}

// tile_rows rows of a by V vectors of columns from `column`.
template <std::size_t V>
HWY_INLINE void tile(const float* a, const float* b, std::size_t b_panel, std::size_t column, std::size_t depth, float* c,
                     std::size_t c_row, std::size_t c_panel, product_into into) {
  const lanes d;
  const float* right[V];
  float* to[V];
  for (std::size_t v = 0; v < V; ++v) {
    const std::size_t j = column + v * width;
    right[v] = b + j / panel_rows * b_panel + j % panel_rows;
    to[v] = c + j / panel_rows * c_panel + j % panel_rows;
  }
  // c comes from memory while the sums are under way.
  if (into != product_into::assign)
    for (std::size_t i = 0; i < tile_rows; ++i)
      for (std::size_t v = 0; v < V; ++v) hwy::Prefetch(to[v] + i * c_row);
  floats sum[tile_rows][V];
  for (std::size_t i = 0; i < tile_rows; ++i)
    for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::Zero(d);
  for (std::size_t k = 0; k < depth; ++k) {
    floats row[V];
    for (std::size_t v = 0; v < V; ++v) row[v] = hn::LoadU(d, right[v] + k * panel_rows);
    for (std::size_t i = 0; i < tile_rows; ++i) {
      const floats factor = hn::Set(d, a[k * panel_rows + i]);
      for (std::size_t v = 0; v < V; ++v) sum[i][v] = hn::MulAdd(factor, row[v], sum[i][v]);
    }
  }
  for (std::size_t i = 0; i < tile_rows; ++i)
    for (std::size_t v = 0; v < V; ++v) hn::StoreU(merged(sum[i][v], to[v] + i * c_row, into), d, to[v] + i * c_row);
}

// A tile of which c holds a part.
HWY_NOINLINE void edge_tile(const float* a, const float* b, std::size_t b_panel, std::size_t column, std::size_t depth, float* c,
                            std::size_t c_row, std::size_t c_panel, product_into into, std::size_t rows, std::size_t columns) {
  float part[tile_rows * panel_rows];
  for (std::size_t from = column; from < column + columns; from += width) {
    tile<1>(a, b, b_panel, from, depth, part, panel_rows, 0, product_into::assign);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = from; j < from + width && j < column + columns; ++j) {
        float& to = c[i * c_row + j / panel_rows * c_panel + j % panel_rows];
        const float sum = part[i * panel_rows + j % panel_rows];
        to = into == product_into::assign ? sum : into == product_into::add ? to + sum : to - sum;
      }
  }
}

}  // namespace

void panel_product_simd(const float* a, std::size_t a_panel, const float* b, std::size_t b_panel, std::size_t depth, float* c,
                        std::size_t c_row, std::size_t c_panel, std::size_t rows, std::size_t columns, product_into into,
                        bool lower) {
  for (std::size_t j = 0; j < columns; j += tile_columns) {
    const std::size_t left = columns - j;
    for (std::size_t i = lower ? j / tile_rows * tile_rows : 0; i < rows; i += tile_rows) {
      const float* from = a + i / panel_rows * a_panel + i % panel_rows;
      float* to = c + i * c_row;
      if (rows - i >= tile_rows && left >= tile_columns)
        tile<tile_columns / width>(from, b, b_panel, j, depth, to, c_row, c_panel, into);
      else
        edge_tile(from, b, b_panel, j, depth, to, c_row, c_panel, into, rows - i < tile_rows ? rows - i : tile_rows,
                  left < tile_columns ? left : tile_columns);
    }
  }
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(panel_product_simd);

static void panel_product_scalar(const float* a, std::size_t a_panel, const float* b, std::size_t b_panel, std::size_t depth,
                                 float* c, std::size_t c_row, std::size_t c_panel, std::size_t rows, std::size_t columns,
                                 product_into into, bool lower) {
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns && (!lower || j <= i); ++j) {
      const float* left = a + i / panel_rows * a_panel + i % panel_rows;
      const float* right = b + j / panel_rows * b_panel + j % panel_rows;
      float sum = 0;
      for (std::size_t k = 0; k < depth; ++k) sum += left[k * panel_rows] * right[k * panel_rows];
      float& to = c[i * c_row + j / panel_rows * c_panel + j % panel_rows];
      to = into == product_into::assign ? sum : into == product_into::add ? to + sum : to - sum;
    }
}

panel_product choose_panel_product(core::simd_level level) {
  if (level == core::simd_level::scalar) return &panel_product_scalar;
  return HWY_DISPATCH_TABLE(panel_product_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
