#include <bit>
#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

// Counting bits is an instruction of that level alone.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/and_popcount.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

std::uint64_t and_popcount_simd(const std::uint64_t* a, const std::uint64_t* b, std::size_t words) {
  const hn::CappedTag<std::uint64_t, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  using vector = decltype(hn::Zero(d));
  vector total = hn::Zero(d);
  std::size_t w = 0;
#if HWY_TARGET > HWY_AVX3_DL
  // Without an instruction that counts bits, carry-save adders leave one vector in eight to count (Harley-Seal; Mula, Kurz,
  // Lemire, "Faster population counts using AVX2 instructions", 2018).
  const auto add = [](vector x, vector y, vector z, vector& carry) HWY_ATTR {
    const vector xy = hn::Xor(x, y);
    carry = hn::Or(hn::And(x, y), hn::And(xy, z));
    return hn::Xor(xy, z);
  };
  const auto both = [&](std::size_t at) HWY_ATTR { return hn::And(hn::LoadU(d, a + at), hn::LoadU(d, b + at)); };
  vector ones = hn::Zero(d), twos = hn::Zero(d), fours = hn::Zero(d);
  for (; w + 8 * lanes <= words; w += 8 * lanes) {
    vector two_a, two_b, four_a, four_b, eight;
    ones = add(ones, both(w), both(w + lanes), two_a);
    ones = add(ones, both(w + 2 * lanes), both(w + 3 * lanes), two_b);
    twos = add(twos, two_a, two_b, four_a);
    ones = add(ones, both(w + 4 * lanes), both(w + 5 * lanes), two_a);
    ones = add(ones, both(w + 6 * lanes), both(w + 7 * lanes), two_b);
    twos = add(twos, two_a, two_b, four_b);
    fours = add(fours, four_a, four_b, eight);
    total = hn::Add(total, hn::PopulationCount(eight));
  }
  total = hn::ShiftLeft<3>(total);
  total = hn::Add(total, hn::ShiftLeft<2>(hn::PopulationCount(fours)));
  total = hn::Add(total, hn::ShiftLeft<1>(hn::PopulationCount(twos)));
  total = hn::Add(total, hn::PopulationCount(ones));
#endif
  for (; w < words; w += lanes) total = hn::Add(total, hn::PopulationCount(hn::And(hn::LoadU(d, a + w), hn::LoadU(d, b + w))));
  return hn::GetLane(hn::SumOfLanes(d, total));
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(and_popcount_simd);

static std::uint64_t and_popcount_scalar(const std::uint64_t* a, const std::uint64_t* b, std::size_t words) {
  std::uint64_t total = 0;
  for (std::size_t w = 0; w < words; ++w) total += static_cast<std::uint64_t>(std::popcount(a[w] & b[w]));
  return total;
}

and_popcount choose_and_popcount(core::simd_level level) {
  if (level == core::simd_level::scalar) return &and_popcount_scalar;
  return HWY_DISPATCH_TABLE(and_popcount_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
