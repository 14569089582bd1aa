#include "kernels/lifetime.hpp"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/lifetime.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// After highway.h: it is read once for each CPU level.
#include "hwy/contrib/math/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using doubles = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});

HWY_INLINE double total(doubles v) { return hn::GetLane(hn::SumOfLanes(lanes{}, v)); }

struct loss_lanes {
  doubles log_likelihood, by_r, by_alpha, lost, by_shift;
};

HWY_INLINE void add(loss_lanes& sum, const double* HWY_RESTRICT x, const double* HWY_RESTRICT recency,
                    const double* HWY_RESTRICT age, const double* HWY_RESTRICT weight, const double* HWY_RESTRICT odds,
                    const double* HWY_RESTRICT share, double r, double alpha) {
  const lanes d;
  const doubles one = hn::Set(d, 1.0);
  const doubles w = hn::LoadU(d, weight);
  const doubles rate = hn::Add(hn::Set(d, r), hn::LoadU(d, x));
  const doubles last = hn::Add(hn::Set(d, alpha), hn::LoadU(d, recency)), end = hn::Add(hn::Set(d, alpha), hn::LoadU(d, age));
  // One division for both inverses.
  const doubles inverse = hn::Div(one, hn::Mul(end, last));
  const doubles inverse_end = hn::Mul(inverse, last), inverse_last = hn::Mul(inverse, end);
  const doubles silence = hn::Log(d, hn::Mul(end, inverse_last)), log_end = hn::Log(d, end);
  const doubles e = hn::MulAdd(rate, silence, hn::LoadU(d, odds));
  const doubles small = hn::Exp(d, hn::Neg(hn::Abs(e))), whole = hn::Add(one, small);
  const doubles chance = hn::Div(hn::IfThenElse(hn::Lt(e, hn::Zero(d)), small, one), whole);
  // Not log1p: what is lost is below the rounding of the sum.
  const doubles both = hn::Add(hn::Max(e, hn::Zero(d)), hn::Log(d, whole));
  sum.log_likelihood = hn::MulAdd(w, hn::NegMulAdd(rate, log_end, both), sum.log_likelihood);
  sum.by_r = hn::MulAdd(w, hn::MulSub(chance, silence, log_end), sum.by_r);
  // s (1 / end - 1 / last) - 1 / end
  const doubles pull = hn::MulSub(chance, hn::Sub(inverse_end, inverse_last), inverse_end);
  sum.by_alpha = hn::MulAdd(hn::Mul(w, rate), pull, sum.by_alpha);
  const doubles lost = hn::Mul(w, chance);
  sum.lost = hn::Add(sum.lost, lost);
  sum.by_shift = hn::MulAdd(lost, hn::LoadU(d, share), sum.by_shift);
}

}  // namespace

loss_sums loss_simd(const double* x, const double* recency, const double* age, const double* weight, const double* odds,
                    const double* share, std::size_t n, double r, double alpha) {
  const doubles zero = hn::Zero(lanes{});
  loss_lanes sum{zero, zero, zero, zero, zero};
  std::size_t i = 0;
  for (; i + width <= n; i += width) add(sum, x + i, recency + i, age + i, weight + i, odds + i, share + i, r, alpha);
  if (i < n) {
    // Rows of no weight fill the last vector.
    double rest[6][width];
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t at = i + k < n ? i + k : n - 1;
      rest[0][k] = x[at];
      rest[1][k] = recency[at];
      rest[2][k] = age[at];
      rest[3][k] = i + k < n ? weight[at] : 0;
      rest[4][k] = odds[at];
      rest[5][k] = share[at];
    }
    add(sum, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], r, alpha);
  }
  return {total(sum.log_likelihood), total(sum.by_r), total(sum.by_alpha), total(sum.lost), total(sum.by_shift)};
}

spend_sums spend_simd(const double* x, const double* amount, const double* weight, std::size_t n, double v) {
  const lanes d;
  const doubles zero = hn::Zero(d), one = hn::Set(d, 1.0), scale = hn::Set(d, v);
  doubles log = zero, x_log = zero, inverse = zero, x_inverse = zero;
  const auto add = [&](const double* HWY_RESTRICT count, const double* HWY_RESTRICT of,
                       const double* HWY_RESTRICT weigh) HWY_ATTR {
    const doubles w = hn::LoadU(d, weigh), wx = hn::Mul(w, hn::LoadU(d, count));
    const doubles all = hn::Add(hn::LoadU(d, of), scale), its_log = hn::Log(d, all), its_inverse = hn::Div(one, all);
    log = hn::MulAdd(w, its_log, log);
    x_log = hn::MulAdd(wx, its_log, x_log);
    inverse = hn::MulAdd(w, its_inverse, inverse);
    x_inverse = hn::MulAdd(wx, its_inverse, x_inverse);
  };
  std::size_t i = 0;
  for (; i + width <= n; i += width) add(x + i, amount + i, weight + i);
  if (i < n) {
    double rest[3][width];
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t at = i + k < n ? i + k : n - 1;
      rest[0][k] = x[at];
      rest[1][k] = amount[at];
      rest[2][k] = i + k < n ? weight[at] : 0;
    }
    add(rest[0], rest[1], rest[2]);
  }
  return {total(log), total(x_log), total(inverse), total(x_inverse)};
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(loss_simd);
HWY_EXPORT(spend_simd);

static loss_sums loss_scalar(const double* x, const double* recency, const double* age, const double* weight, const double* odds,
                             const double* share, std::size_t n, double r, double alpha) {
  loss_sums sum;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight[i], rate = r + x[i], last = alpha + recency[i], end = alpha + age[i];
    const double silence = std::log(end / last), log_end = std::log(end);
    const double e = rate * silence + odds[i], small = std::exp(-std::fabs(e));
    const double chance = (e < 0 ? small : 1) / (1 + small);
    sum.log_likelihood += w * ((e > 0 ? e : 0) + std::log1p(small) - rate * log_end);
    sum.by_r += w * (chance * silence - log_end);
    sum.by_alpha += w * rate * (chance * (1 / end - 1 / last) - 1 / end);
    sum.lost += w * chance;
    sum.by_shift += w * chance * share[i];
  }
  return sum;
}

static spend_sums spend_scalar(const double* x, const double* amount, const double* weight, std::size_t n, double v) {
  spend_sums sum;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight[i], all = amount[i] + v, log = std::log(all);
    sum.log += w * log;
    sum.x_log += w * x[i] * log;
    sum.inverse += w / all;
    sum.x_inverse += w * x[i] / all;
  }
  return sum;
}

loss_terms choose_loss_terms(core::simd_level level) {
  if (level == core::simd_level::scalar) return &loss_scalar;
  return HWY_DISPATCH_TABLE(loss_simd)[version_at(level)];
}

spend_terms choose_spend_terms(core::simd_level level) {
  if (level == core::simd_level::scalar) return &spend_scalar;
  return HWY_DISPATCH_TABLE(spend_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
