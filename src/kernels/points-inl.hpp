// Points (rows of a matrix) against a few centers: rows are turned so that a vector holds a column of several rows, and what is
// summed for each pair stays in registers. Included once for each CPU level.

#include <cstddef>
#include <cstdint>

#include "hwy/cache_control.h"
#include "hwy/highway.h"

#if defined(CLARION_KERNELS_POINTS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef CLARION_KERNELS_POINTS_INL
#undef CLARION_KERNELS_POINTS_INL
#else
#define CLARION_KERNELS_POINTS_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using lanes_of = hn::CappedTag<T, 64 / sizeof(T)>;
template <class T>
using vector_of = hn::Vec<lanes_of<T>>;
template <class T>
constexpr std::size_t width_of = hn::MaxLanes(lanes_of<T>{});

// Vectors of rows and centers of a tile: sixteen sums of thirty-two registers, or eight of sixteen.
constexpr std::size_t tile_vectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
constexpr std::size_t tile_centers = 4;
template <class T>
constexpr std::size_t tile_points = tile_vectors * width_of<T>;

#if HWY_TARGET != HWY_SCALAR
// Four floats, or two doubles, of each of the rows that `step` apart make a vector.
template <class T, std::size_t N>
HWY_INLINE hn::Vec<hn::CappedTag<T, N>> blocks_of(const T* const* row, std::size_t step, std::size_t column) {
  const hn::CappedTag<T, N> d;
  if constexpr (hn::MaxLanes(d) * sizeof(T) <= 16) {
    return hn::LoadU(d, row[0] + column);
  } else {
    constexpr std::size_t half = hn::MaxLanes(d) / 2;
    const std::size_t blocks = half * sizeof(T) / 16;
    const auto low = blocks_of<T, half>(row, step, column);
    const auto high = blocks_of<T, half>(row + blocks * step, step, column);
    return hn::Combine(d, high, low);
  }
}

HWY_INLINE void turn_columns(const float* const* row, std::size_t column, std::size_t stride, float* to) {
  const lanes_of<float> d;
  const hn::RepartitionToWide<lanes_of<float>> wide;
  constexpr std::size_t n = width_of<float>;
  const auto a = blocks_of<float, n>(row, 4, column), b = blocks_of<float, n>(row + 1, 4, column),
             c = blocks_of<float, n>(row + 2, 4, column), e = blocks_of<float, n>(row + 3, 4, column);
  const auto ab = hn::BitCast(wide, hn::InterleaveLower(d, a, b)), ce = hn::BitCast(wide, hn::InterleaveLower(d, c, e));
  const auto fg = hn::BitCast(wide, hn::InterleaveUpper(d, a, b)), hi = hn::BitCast(wide, hn::InterleaveUpper(d, c, e));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, ab, ce)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, ab, ce)), d, to + stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(wide, fg, hi)), d, to + 2 * stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(wide, fg, hi)), d, to + 3 * stride);
}

HWY_INLINE void turn_columns(const double* const* row, std::size_t column, std::size_t stride, double* to) {
  const lanes_of<double> d;
  constexpr std::size_t n = width_of<double>;
  const auto a = blocks_of<double, n>(row, 2, column), b = blocks_of<double, n>(row + 1, 2, column);
  hn::StoreU(hn::InterleaveLower(d, a, b), d, to);
  hn::StoreU(hn::InterleaveUpper(d, a, b), d, to + stride);
}

#endif

/// to[j * tile_points + r] = row[r][j] for the tile_points rows of a tile.
template <class T>
HWY_INLINE void turn(const T* const* row, std::size_t depth, T* HWY_RESTRICT to) {
  constexpr std::size_t columns = 16 / sizeof(T), stride = tile_points<T>;
  if (HWY_TARGET == HWY_SCALAR || depth < columns) {
    for (std::size_t r = 0; r < stride; ++r)
      for (std::size_t j = 0; j < depth; ++j) to[j * stride + r] = row[r][j];
    return;
  }
#if HWY_TARGET != HWY_SCALAR
  for (std::size_t v = 0; v < stride; v += width_of<T>) {
    std::size_t j = 0;
    for (; j + columns <= depth; j += columns) turn_columns(row + v, j, stride, to + j * stride + v);
    // The last columns reach back over some that are done.
    if (j < depth) turn_columns(row + v, depth - columns, stride, to + (depth - columns) * stride + v);
  }
#endif
}

/// Where the rows of a tile begin, the last again where there are fewer.
template <class T>
HWY_INLINE void find_rows(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t depth, const T** row) {
  constexpr std::size_t n = tile_points<T>;
  std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<std::uint64_t, 8> wide;
  const hn::Rebind<std::uint32_t, decltype(wide)> narrow;
  const hn::Repartition<std::uint32_t, decltype(wide)> halves;
  const auto step = hn::BitCast(halves, hn::Set(wide, depth * sizeof(T)));
  for (; depth * sizeof(T) < (std::size_t{1} << 32) && count >= n && i < n; i += hn::MaxLanes(wide)) {
    const auto at = hn::BitCast(halves, hn::PromoteTo(wide, hn::LoadU(narrow, rows + i)));
    const auto begin = hn::Set(wide, reinterpret_cast<std::uintptr_t>(points));
    hn::StoreU(hn::Add(begin, hn::MulEven(at, step)), wide, reinterpret_cast<std::uint64_t*>(row + i));
  }
#endif
  for (; i < n; ++i) row[i] = points + std::size_t{rows[i < count ? i : count - 1]} * depth;
}

/// Asks memory for `count` rows, of long ones for the beginning.
template <class T>
HWY_INLINE void fetch_rows(const T* const* row, std::size_t count, std::size_t depth) {
  constexpr std::size_t line = 64 / sizeof(T), most = 4 * line;
  for (std::size_t i = 0; i < count; ++i) {
    hwy::Prefetch(row[i]);
    for (std::size_t j = line; j < depth && j < most; j += line) hwy::Prefetch(row[i] + j);
  }
}

constexpr std::size_t center_tiles(std::size_t k) { return (k + tile_centers - 1) / tile_centers; }

/// Direct: the sum over j of (x_j - c_j)^2; else begin[c] - the sum of x_j c_j. For the turned rows of a tile and C centers;
/// take(v, sums) gets vector v of all C.
template <class T, bool Direct, std::size_t C, class Take>
HWY_INLINE void compare(const T* HWY_RESTRICT turned, std::size_t depth, const T* HWY_RESTRICT center,
                        const T* HWY_RESTRICT begin, Take&& take) {
  const lanes_of<T> d;
  vector_of<T> sum[C][tile_vectors];
  for (std::size_t c = 0; c < C; ++c)
    for (std::size_t v = 0; v < tile_vectors; ++v) sum[c][v] = Direct ? hn::Zero(d) : hn::Set(d, begin[c]);
  for (std::size_t j = 0; j < depth; ++j) {
    vector_of<T> x[tile_vectors];
    for (std::size_t v = 0; v < tile_vectors; ++v) x[v] = hn::LoadU(d, turned + j * tile_points<T> + v * width_of<T>);
    for (std::size_t c = 0; c < C; ++c) {
      const auto at = hn::Set(d, center[c * depth + j]);
      for (std::size_t v = 0; v < tile_vectors; ++v) {
        if constexpr (Direct) {
          const auto apart = hn::Sub(x[v], at);
          sum[c][v] = hn::MulAdd(apart, apart, sum[c][v]);
        } else {
          sum[c][v] = hn::NegMulAdd(x[v], at, sum[c][v]);
        }
      }
    }
  }
  for (std::size_t v = 0; v < tile_vectors; ++v) {
    vector_of<T> sums[C];
    for (std::size_t c = 0; c < C; ++c) sums[c] = sum[c][v];
    take(v, sums);
  }
}

/// The same for any number of centers, in center_tiles(k) tiles of about the same size; take(first, v, sums) with the number of
/// the first center, and before each tile between().
template <class T, bool Direct, class Take, class Between>
HWY_INLINE void compare_all(const T* HWY_RESTRICT turned, std::size_t depth, const T* HWY_RESTRICT center,
                            const T* HWY_RESTRICT begin, std::size_t k, Take&& take, Between&& between) {
  std::size_t tiles = center_tiles(k);
  for (std::size_t first = 0; first < k; --tiles) {
    between();
    const std::size_t some = (k - first + tiles - 1) / tiles;
    const T* at = center + first * depth;
    const T* from = Direct ? nullptr : begin + first;
    const auto shifted = [&](std::size_t v, const auto& sums) HWY_ATTR { take(first, v, sums); };
    switch (some) {
      case 1:
        compare<T, Direct, 1>(turned, depth, at, from, shifted);
        break;
      case 2:
        compare<T, Direct, 2>(turned, depth, at, from, shifted);
        break;
      case 3:
        compare<T, Direct, 3>(turned, depth, at, from, shifted);
        break;
      default:
        compare<T, Direct, 4>(turned, depth, at, from, shifted);
        break;
    }
    first += some;
  }
}

}  // namespace
}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
