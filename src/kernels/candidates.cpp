#include "kernels/candidates.hpp"

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>

#include <cstring>

namespace clarion::kernels {

// Highway has no product of bytes that adds four at once.
#define CLARION_VNNI __attribute__((target("avx512f,avx512bw,avx512vnni")))

template <std::size_t R>
CLARION_VNNI static inline void candidate_tile(const std::int8_t* rows, const std::uint8_t* panel, std::size_t depth,
                                               const std::int32_t* bar, std::uint64_t* hits) {
  constexpr std::size_t vectors = candidate_panel / 16;
  __m512i sum[R][vectors];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < vectors; ++v) sum[r][v] = _mm512_setzero_si512();
  for (std::size_t k = 0; k < depth; k += 4) {
    __m512i items[vectors];
    for (std::size_t v = 0; v < vectors; ++v) items[v] = _mm512_loadu_si512(panel + k * candidate_panel + v * 64);
    for (std::size_t r = 0; r < R; ++r) {
      std::int32_t four;
      std::memcpy(&four, rows + r * depth + k, 4);
      const __m512i row = _mm512_set1_epi32(four);
      // In place, which the intrinsic leaves to the compiler, and that moves registers about instead.
      for (std::size_t v = 0; v < vectors; ++v) asm("vpdpbusd %2, %1, %0" : "+v"(sum[r][v]) : "v"(items[v]), "v"(row));
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    const __m512i least = _mm512_set1_epi32(bar[r]);
    hits[r] = 0;
    for (std::size_t v = 0; v < vectors; ++v)
      hits[r] |= static_cast<std::uint64_t>(_mm512_cmpgt_epi32_mask(sum[r][v], least)) << v * 16;
  }
}

CLARION_VNNI static void candidates_vnni(const std::int8_t* rows, std::size_t n_rows, const std::uint8_t* panel,
                                         std::size_t depth, const std::int32_t* bar, std::uint64_t* hits) {
  constexpr std::size_t high = 6;  // accumulators and items fill the registers
  std::size_t r = 0;
  for (; r + high <= n_rows; r += high) candidate_tile<high>(rows + r * depth, panel, depth, bar + r, hits + r);
  for (; r < n_rows; ++r) candidate_tile<1>(rows + r * depth, panel, depth, bar + r, hits + r);
}

#undef CLARION_VNNI

// Several sums side by side hide that each waits for its last product.
template <std::size_t N>
__attribute__((target("fma"))) static inline void dots_of(const float* row, const float* items, std::size_t depth,
                                                          const std::uint32_t* index, float* out) {
  const float* item[N];
  float sum[N];
  for (std::size_t i = 0; i < N; ++i) {
    item[i] = items + index[i] * depth;
    sum[i] = 0;
  }
  for (std::size_t k = 0; k < depth; ++k)
    for (std::size_t i = 0; i < N; ++i) sum[i] = __builtin_fmaf(row[k], item[i][k], sum[i]);
  for (std::size_t i = 0; i < N; ++i) out[i] = sum[i];
}

__attribute__((target("fma"))) static void dots_fma(const float* row, const float* items, std::size_t depth,
                                                    const std::uint32_t* index, std::size_t n, float* out) {
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) dots_of<8>(row, items, depth, index + i, out + i);
  for (; i < n; ++i) dots_of<1>(row, items, depth, index + i, out + i);
}

static bool can(core::simd_level level) {
  return level == core::simd_level::avx512 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("fma");
}

candidates choose_candidates(core::simd_level level) { return can(level) ? &candidates_vnni : nullptr; }
dots choose_dots(core::simd_level level) { return can(level) ? &dots_fma : nullptr; }

}  // namespace clarion::kernels
#else
namespace clarion::kernels {

candidates choose_candidates(core::simd_level) { return nullptr; }
dots choose_dots(core::simd_level) { return nullptr; }

}  // namespace clarion::kernels
#endif
