#include "kernels/bpr.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/bpr.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "kernels/tiles-inl.hpp"

#ifndef CLARION_KERNELS_BPR_SHAPE
#define CLARION_KERNELS_BPR_SHAPE
namespace clarion::kernels {
namespace {

// Item `which` of the draws of a stream: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), scaled to [0, n).
inline std::uint32_t drawn(std::uint64_t seed, std::uint64_t which, std::uint32_t n) {
  std::uint64_t x = seed + (which + 1) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return static_cast<std::uint32_t>(((x >> 32) * n) >> 32);
}

// The next that is not the user's own. Where items are in an order of chance this favours none.
inline std::uint32_t unseen(const std::uint8_t* seen, std::uint32_t at, std::uint32_t n) {
  while (seen[at]) at = at + 1 < n ? at + 1 : 0;
  return at;
}

// Products of probabilities, and one logarithm for eight of them: each is above 1e-39.
struct log_sum {
  double product = 1, sum = 0;
  unsigned held = 0;
  void add(float probability) {
    product *= static_cast<double>(probability);
    if (++held == 8) close();
  }
  void close() {
    sum -= std::log(product);
    product = 1;
    held = 0;
  }
};

inline float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-(x < -80.0f ? -80.0f : x))); }

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

template <std::size_t Depth>
HWY_INLINE float product(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t any_depth) {
  const lanes d;
  const std::size_t depth = Depth ? Depth : any_depth;
  floats even = hn::Zero(d), odd = hn::Zero(d);
  std::size_t k = 0;
  for (; k + 2 * width <= depth; k += 2 * width) {
    even = hn::MulAdd(hn::LoadU(d, a + k), hn::LoadU(d, b + k), even);
    odd = hn::MulAdd(hn::LoadU(d, a + k + width), hn::LoadU(d, b + k + width), odd);
  }
  for (; k < depth; k += width) even = hn::MulAdd(hn::LoadU(d, a + k), hn::LoadU(d, b + k), even);
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
}

template <std::size_t Depth>
HWY_INLINE bpr_sums bpr_pass(float* HWY_RESTRICT users, float* HWY_RESTRICT items, float* HWY_RESTRICT bias,
                             std::size_t any_depth, std::uint32_t n_items, const std::uint32_t* HWY_RESTRICT user,
                             const std::uint32_t* HWY_RESTRICT item, std::size_t n, std::uint8_t* HWY_RESTRICT seen,
                             std::uint64_t seed, const bpr_step& step) {
  const lanes d;
  const std::size_t depth = Depth ? Depth : any_depth;
  const std::uint32_t m = step.candidates;
  const floats keep_user = hn::Set(d, 1 - step.rate * step.user), keep_positive = hn::Set(d, 1 - step.rate * step.positive),
               keep_negative = hn::Set(d, 1 - step.rate * step.negative);
  const float keep_bias = 1 - step.rate * step.bias;
  // Draws of the steps to come, fetched before they are wanted.
  constexpr std::size_t ahead = 2;
  std::uint32_t draws[ahead][bpr_most_candidates];
  const auto draw = [&](std::size_t e) HWY_ATTR {
    std::uint32_t* to = draws[e % ahead];
    for (std::uint32_t c = 0; c < m; ++c) {
      to[c] = drawn(seed, e * m + c, n_items);
      for (std::size_t k = 0; k < depth; k += 16) hwy::Prefetch(items + to[c] * depth + k);
    }
    for (std::size_t k = 0; k < depth; k += 16) hwy::Prefetch(items + item[e] * depth + k);
  };
  for (std::size_t e = 0; e < ahead && e < n; ++e) draw(e);

  bpr_sums out;
  log_sum loss;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    for (; last < n && user[last] == user[first]; ++last) seen[item[last]] = 1;
    const bool any = last - first < n_items;
    float* HWY_RESTRICT x = users + user[first] * depth;
    for (std::size_t e = first; e < last; ++e) {
      const std::uint32_t* candidates = draws[e % ahead];
      if (!any) {
        if (e + ahead < n) draw(e + ahead);
        continue;
      }
      std::uint32_t negative = unseen(seen, candidates[0], n_items);
      float* HWY_RESTRICT p = items + item[e] * depth;
      float score = product<Depth>(x, items + negative * depth, depth) + bias[negative];
      for (std::uint32_t c = 1; c < m; ++c) {
        const std::uint32_t other = unseen(seen, candidates[c], n_items);
        const float its = product<Depth>(x, items + other * depth, depth) + bias[other];
        negative = its > score ? other : negative;
        score = its > score ? its : score;
      }
      if (e + ahead < n) draw(e + ahead);
      float* HWY_RESTRICT q = items + negative * depth;
      const float right = sigmoid(product<Depth>(x, p, depth) + bias[item[e]] - score);
      loss.add(right);
      ++out.steps;
      const float pull = step.rate * (1 - right);
      const floats by = hn::Set(d, pull);
      if (step.items_move) {
        for (std::size_t k = 0; k < depth; k += width) {
          const floats a = hn::LoadU(d, x + k), b = hn::LoadU(d, p + k), c = hn::LoadU(d, q + k);
          hn::StoreU(hn::MulAdd(by, hn::Sub(b, c), hn::Mul(keep_user, a)), d, x + k);
          hn::StoreU(hn::MulAdd(by, a, hn::Mul(keep_positive, b)), d, p + k);
          hn::StoreU(hn::NegMulAdd(by, a, hn::Mul(keep_negative, c)), d, q + k);
        }
        bias[item[e]] = keep_bias * bias[item[e]] + pull;
        bias[negative] = keep_bias * bias[negative] - pull;
      } else {
        for (std::size_t k = 0; k < depth; k += width)
          hn::StoreU(hn::MulAdd(by, hn::Sub(hn::LoadU(d, p + k), hn::LoadU(d, q + k)), hn::Mul(keep_user, hn::LoadU(d, x + k))),
                     d, x + k);
      }
    }
    for (; first < last; ++first) seen[item[first]] = 0;
  }
  loss.close();
  out.loss = loss.sum;
  return out;
}

}  // namespace

bpr_sums bpr_simd(float* users, float* items, float* bias, std::size_t depth, std::uint32_t n_items, const std::uint32_t* user,
                  const std::uint32_t* item, std::size_t n, std::uint8_t* seen, std::uint64_t seed, const bpr_step& step) {
  const auto pass = depth == 64 ? &bpr_pass<64> : depth == 128 ? &bpr_pass<128> : &bpr_pass<0>;
  return pass(users, items, bias, depth, n_items, user, item, n, seen, seed, step);
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(bpr_simd);

static bpr_sums bpr_scalar(float* users, float* items, float* bias, std::size_t depth, std::uint32_t n_items,
                           const std::uint32_t* user, const std::uint32_t* item, std::size_t n, std::uint8_t* seen,
                           std::uint64_t seed, const bpr_step& step) {
  bpr_sums out;
  log_sum loss;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    for (; last < n && user[last] == user[first]; ++last) seen[item[last]] = 1;
    float* x = users + user[first] * depth;
    const auto score = [&](std::uint32_t of) {
      float sum = bias[of];
      for (std::size_t k = 0; k < depth; ++k) sum += x[k] * items[of * depth + k];
      return sum;
    };
    for (std::size_t e = first; e < last && last - first < n_items; ++e) {
      std::uint32_t negative = 0;
      float best = 0;
      for (std::uint32_t c = 0; c < step.candidates; ++c) {
        const std::uint32_t other = unseen(seen, drawn(seed, e * step.candidates + c, n_items), n_items);
        const float its = score(other);
        if (c > 0 && !(its > best)) continue;
        negative = other;
        best = its;
      }
      float *p = items + item[e] * depth, *q = items + negative * depth;
      const float right = sigmoid(score(item[e]) - best), pull = step.rate * (1 - right);
      loss.add(right);
      ++out.steps;
      for (std::size_t k = 0; k < depth; ++k) {
        const float a = x[k];
        x[k] = (1 - step.rate * step.user) * a + pull * (p[k] - q[k]);
        if (!step.items_move) continue;
        p[k] = (1 - step.rate * step.positive) * p[k] + pull * a;
        q[k] = (1 - step.rate * step.negative) * q[k] - pull * a;
      }
      if (!step.items_move) continue;
      bias[item[e]] = (1 - step.rate * step.bias) * bias[item[e]] + pull;
      bias[negative] = (1 - step.rate * step.bias) * bias[negative] - pull;
    }
    for (; first < last; ++first) seen[item[first]] = 0;
  }
  loss.close();
  out.loss = loss.sum;
  return out;
}

bpr choose_bpr(core::simd_level level) {
  if (level == core::simd_level::scalar) return &bpr_scalar;
  return HWY_DISPATCH_TABLE(bpr_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
