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
  doubles log_likelihood, by_r, by_alpha, lost, by_shift, share_squares, curve[10];
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
  const doubles part = hn::Div(one, whole), chance = hn::IfThenElse(hn::Lt(e, hn::Zero(d)), hn::Mul(small, part), part);
  // Not log1p: what is lost is below the rounding of the sum.
  const doubles both = hn::Add(hn::Max(e, hn::Zero(d)), hn::Log(d, whole));
  sum.log_likelihood = hn::MulAdd(w, hn::NegMulAdd(rate, log_end, both), sum.log_likelihood);
  sum.by_r = hn::MulAdd(w, hn::MulSub(chance, silence, log_end), sum.by_r);
  // s (1 / end - 1 / last) - 1 / end
  const doubles fall = hn::Sub(inverse_end, inverse_last), pull = hn::MulSub(chance, fall, inverse_end);
  const doubles w_rate = hn::Mul(w, rate), lost = hn::Mul(w, chance), k = hn::LoadU(d, share), lost_k = hn::Mul(lost, k);
  sum.by_alpha = hn::MulAdd(w_rate, pull, sum.by_alpha);
  sum.lost = hn::Add(sum.lost, lost);
  sum.by_shift = hn::Add(sum.by_shift, lost_k);
  sum.share_squares = hn::MulAdd(lost_k, k, sum.share_squares);
  // s (1 - s) x the products of the slopes of e, by r, alpha, o and t: silence, rate x fall, 1 and k; and s x its curvature.
  const doubles spread = hn::Mul(hn::Mul(w, small), hn::Mul(part, part));
  const doubles steep = hn::Mul(rate, fall), by_silence = hn::Mul(spread, silence), by_steep = hn::Mul(spread, steep);
  const doubles by_k = hn::Mul(spread, k);
  sum.curve[0] = hn::MulAdd(by_silence, silence, sum.curve[0]);
  sum.curve[1] = hn::MulAdd(w, pull, hn::MulAdd(by_silence, steep, sum.curve[1]));
  const doubles bend = hn::MulAdd(chance, hn::Sub(hn::Mul(inverse_last, inverse_last), hn::Mul(inverse_end, inverse_end)),
                                  hn::Mul(inverse_end, inverse_end));
  sum.curve[2] = hn::MulAdd(w_rate, bend, hn::MulAdd(by_steep, steep, sum.curve[2]));
  sum.curve[3] = hn::Add(sum.curve[3], by_silence);
  sum.curve[4] = hn::Add(sum.curve[4], by_steep);
  sum.curve[5] = hn::Add(sum.curve[5], spread);
  sum.curve[6] = hn::MulAdd(by_silence, k, sum.curve[6]);
  sum.curve[7] = hn::MulAdd(by_steep, k, sum.curve[7]);
  sum.curve[8] = hn::Add(sum.curve[8], by_k);
  sum.curve[9] = hn::MulAdd(by_k, k, sum.curve[9]);
}

}  // namespace

loss_sums loss_simd(const double* x, const double* recency, const double* age, const double* weight, const double* odds,
                    const double* share, std::size_t n, double r, double alpha) {
  const doubles zero = hn::Zero(lanes{});
  loss_lanes sum{zero, zero, zero, zero, zero, zero, {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero}};
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
  loss_sums out{total(sum.log_likelihood),
                total(sum.by_r),
                total(sum.by_alpha),
                total(sum.lost),
                total(sum.by_shift),
                total(sum.share_squares),
                {}};
  for (std::size_t j = 0; j < 10; ++j) out.curve[j] = total(sum.curve[j]);
  return out;
}

spend_sums spend_simd(const double* x, const double* amount, const double* weight, std::size_t n, double v) {
  const lanes d;
  const doubles zero = hn::Zero(d), one = hn::Set(d, 1.0), scale = hn::Set(d, v);
  doubles log = zero, inverse = zero, square = zero, x_log = zero, x_inverse = zero, x_square = zero;
  const auto add = [&](const double* HWY_RESTRICT count, const double* HWY_RESTRICT of,
                       const double* HWY_RESTRICT weigh) HWY_ATTR {
    const doubles w = hn::LoadU(d, weigh), wx = hn::Mul(w, hn::LoadU(d, count));
    const doubles all = hn::Add(hn::LoadU(d, of), scale), its_log = hn::Log(d, all), its_inverse = hn::Div(one, all);
    const doubles its_square = hn::Mul(its_inverse, its_inverse);
    log = hn::MulAdd(w, its_log, log);
    inverse = hn::MulAdd(w, its_inverse, inverse);
    square = hn::MulAdd(w, its_square, square);
    x_log = hn::MulAdd(wx, its_log, x_log);
    x_inverse = hn::MulAdd(wx, its_inverse, x_inverse);
    x_square = hn::MulAdd(wx, its_square, x_square);
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
  return {total(log), total(inverse), total(square), total(x_log), total(x_inverse), total(x_square)};
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
    const double chance = (e < 0 ? small : 1) / (1 + small), k = share[i];
    sum.log_likelihood += w * ((e > 0 ? e : 0) + std::log1p(small) - rate * log_end);
    sum.by_r += w * (chance * silence - log_end);
    const double fall = 1 / end - 1 / last, pull = chance * fall - 1 / end;
    sum.by_alpha += w * rate * pull;
    sum.lost += w * chance;
    sum.by_shift += w * chance * k;
    sum.share_squares += w * chance * k * k;
    const double spread = w * small / ((1 + small) * (1 + small)), slope[4] = {silence, rate * fall, 1, k};
    for (std::size_t a = 0, j = 0; a < 4; ++a)
      for (std::size_t b = 0; b <= a; ++b, ++j) sum.curve[j] += spread * slope[a] * slope[b];
    sum.curve[1] += w * pull;
    sum.curve[2] += w * rate * (chance * (1 / (last * last) - 1 / (end * end)) + 1 / (end * end));
  }
  return sum;
}

static spend_sums spend_scalar(const double* x, const double* amount, const double* weight, std::size_t n, double v) {
  spend_sums sum;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight[i], all = amount[i] + v, log = std::log(all);
    sum.log += w * log;
    sum.inverse += w / all;
    sum.square += w / (all * all);
    sum.x_log += w * x[i] * log;
    sum.x_inverse += w * x[i] / all;
    sum.x_square += w * x[i] / (all * all);
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
