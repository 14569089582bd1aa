#include "kernels/pareto.hpp"

#include <cmath>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pareto.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// After highway.h: it is read once for each CPU level.
#include "hwy/contrib/math/math-inl.h"

// The integral is over y = ln((c + u) / (c + recency)), c the lesser of alpha and beta: the nearest singularity is pi away, and
// panels are as wide as the integrand is smooth. Up to e^-most of its start it counts.

#ifndef CLARION_PARETO_PANELS
#define CLARION_PARETO_PANELS
namespace clarion::kernels {
namespace {

constexpr std::size_t nodes = 10;
constexpr double widest = 1, steepest = 4, most = 40;
// Gauss and Legendre's rule on [0, 1].
constexpr double place[nodes] = {0.01304673574141414, 0.067468316655507745, 0.16029521585048780, 0.28330230293537640,
                                 0.42556283050918439, 0.57443716949081561,  0.71669769706462360, 0.83970478414951220,
                                 0.93253168334449226, 0.98695326425858586};
constexpr double share[nodes] = {0.033335672154344069, 0.074725674575290296, 0.10954318125799102, 0.13463335965499818,
                                 0.14776211235737644,  0.14776211235737644,  0.13463335965499818, 0.10954318125799102,
                                 0.074725674575290296, 0.033335672154344069};

}  // namespace
}  // namespace clarion::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace clarion::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using lanes = hn::CappedTag<double, 8>;
using doubles = hn::Vec<lanes>;
constexpr std::size_t width = hn::MaxLanes(lanes{});

struct slope_lanes {
  doubles value, by[14];
};

// Means over the integrand, with past = u - recency, of ln(1 + past / a) and past / (a + past), a = alpha + recency, and the same
// of b = beta + recency; and of their products, a lower triangle. Its slopes are linear in them, and as these start at 0,
// variances keep their digits where alpha or beta is large.
struct moments {
  doubles log_sum, mean[4], product[10];
};

HWY_INLINE moments moments_of(doubles rate, doubles a, doubles b, doubles s, doubles silence, bool by_alpha) {
  const lanes d;
  const doubles zero = hn::Zero(d), one = hn::Set(d, 1.0);
  const doubles base = by_alpha ? a : b, to_a = hn::Sub(a, base), to_b = hn::Sub(b, base);
  const doubles per_far = hn::Div(one, by_alpha ? b : a);
  doubles length = hn::Log1p(d, hn::Div(silence, base)), from = zero, sum = zero;
  moments m{zero, {zero, zero, zero, zero}, {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero}};
  for (auto busy = hn::Lt(from, length); !hn::AllFalse(d, busy); busy = hn::Lt(from, length)) {
    const doubles start = hn::Mul(base, hn::Exp(d, from));
    const doubles steep = hn::Mul(start, hn::Add(hn::Div(rate, hn::Add(to_a, start)), hn::Div(s, hn::Add(to_b, start))));
    const doubles step = hn::Min(hn::Set(d, widest), hn::Div(hn::Set(d, steepest), steep));
    const doubles to = hn::IfThenElse(busy, hn::Min(length, hn::Add(from, step)), from), wide = hn::Sub(to, from);
    doubles exponent = zero;
    for (std::size_t k = 0; k < nodes; ++k) {
      const doubles y = hn::MulAdd(wide, hn::Set(d, place[k]), from), past = hn::Mul(base, hn::Expm1(d, y));
      const doubles far = hn::Log1p(d, hn::Mul(past, per_far)), y_a = by_alpha ? y : far, y_b = by_alpha ? far : y;
      const doubles in_a = hn::Add(a, past), in_b = hn::Add(b, past), inverse = hn::Div(one, hn::Mul(in_a, in_b));
      const doubles per_b = hn::Mul(inverse, in_a);
      const doubles of[4] = {y_a, hn::Mul(past, hn::Mul(inverse, in_b)), y_b, hn::Mul(past, per_b)};
      exponent = hn::MulAdd(rate, y_a, hn::Mul(s, y_b));
      const doubles measure = hn::Mul(hn::Mul(wide, hn::Set(d, share[k])), hn::Mul(hn::Add(base, past), per_b));
      const doubles w = hn::Mul(measure, hn::Exp(d, hn::Neg(exponent)));
      sum = hn::Add(sum, w);
      for (std::size_t i = 0, j = 0; i < 4; ++i) {
        const doubles w_of = hn::Mul(w, of[i]);
        m.mean[i] = hn::Add(m.mean[i], w_of);
        for (std::size_t l = 0; l <= i; ++l, ++j) m.product[j] = hn::MulAdd(w_of, of[l], m.product[j]);
      }
    }
    // The last node is close to the end of the panel.
    from = to;
    length = hn::IfThenElse(hn::Gt(exponent, hn::Set(d, most)), zero, length);
  }
  const auto some = hn::Gt(sum, zero);
  const doubles per_sum = hn::Div(one, hn::IfThenElse(some, sum, one));
  m.log_sum = hn::IfThenElse(some, hn::Log(d, hn::IfThenElse(some, sum, one)), hn::Set(d, -1e300));
  for (doubles& mean : m.mean) mean = hn::Mul(mean, per_sum);
  for (doubles& product : m.product) product = hn::Mul(product, per_sum);
  return m;
}

HWY_INLINE void add(slope_lanes& sum, const double* HWY_RESTRICT x, const double* HWY_RESTRICT recency,
                    const double* HWY_RESTRICT age, const double* HWY_RESTRICT weight, const pareto_parameters& p) {
  const lanes d;
  const doubles one = hn::Set(d, 1.0), w = hn::LoadU(d, weight), rate = hn::Add(hn::Set(d, p.r), hn::LoadU(d, x));
  const doubles alpha = hn::Set(d, p.alpha), s = hn::Set(d, p.s), beta = hn::Set(d, p.beta);
  const doubles last = hn::LoadU(d, recency), end = hn::LoadU(d, age), silence = hn::Sub(end, last);
  const doubles a = hn::Add(alpha, last), b = hn::Add(beta, last), end_a = hn::Add(alpha, end), end_b = hn::Add(beta, end);
  const doubles log_a = hn::Log1p(d, hn::Div(silence, a)), log_b = hn::Log1p(d, hn::Div(silence, b));
  const auto m = moments_of(rate, a, b, s, silence, p.alpha < p.beta);
  const doubles e = hn::Add(hn::Add(hn::Set(d, std::log(p.s)), m.log_sum), hn::MulAdd(rate, log_a, hn::Mul(s, log_b)));

  const doubles small = hn::Exp(d, hn::Neg(hn::Abs(e))), part = hn::Div(one, hn::Add(one, small));
  const doubles chance = hn::IfThenElse(hn::Lt(e, hn::Zero(d)), hn::Mul(small, part), part);
  const doubles rest = hn::Sub(one, chance);
  const doubles per_end_a = hn::Div(one, end_a), per_end_b = hn::Div(one, end_b);
  const doubles per_a = hn::Div(one, a), per_b = hn::Div(one, b), gone_a = hn::Mul(silence, per_end_a);
  const doubles gone_b = hn::Mul(silence, per_end_b);
  const doubles in_a = hn::Log(d, end_a), in_b = hn::Log1p(d, hn::Div(end, beta));
  const doubles both = hn::Add(hn::Max(e, hn::Zero(d)), hn::Log1p(d, small));
  sum.value = hn::MulAdd(w, hn::Sub(both, hn::MulAdd(rate, in_a, hn::Mul(s, in_b))), sum.value);

  // Slopes of the logarithm of the integrand, their means, and how they change.
  const doubles per_s = hn::Div(one, s), per_beta = hn::Div(one, beta), fall = hn::Mul(end, hn::Mul(per_end_b, per_beta));
  const doubles factor[4] = {hn::Set(d, -1.0), hn::Mul(rate, per_a), hn::Set(d, -1.0), hn::Mul(hn::Add(s, one), per_b)};
  const doubles top[4] = {log_a, hn::Neg(hn::Mul(factor[1], gone_a)), hn::Add(per_s, log_b),
                          hn::Neg(hn::Mul(hn::MulAdd(s, gone_b, one), per_b))};
  const doubles alive[4] = {in_a, hn::Mul(rate, per_end_a), in_b, hn::Neg(hn::Mul(s, fall))};
  doubles slope[4];
  for (std::size_t i = 0; i < 4; ++i) {
    slope[i] = hn::MulAdd(factor[i], m.mean[i], top[i]);
    sum.by[i] = hn::MulAdd(w, hn::MulSub(chance, slope[i], alive[i]), sum.by[i]);
  }
  doubles curve[10];
  for (std::size_t i = 0, j = 0; i < 4; ++i)
    for (std::size_t l = 0; l <= i; ++l, ++j)
      curve[j] = hn::MulAdd(hn::Mul(factor[i], factor[l]), hn::NegMulAdd(m.mean[i], m.mean[l], m.product[j]),
                            hn::Mul(rest, hn::Mul(slope[i], slope[l])));
  const doubles two = hn::Set(d, 2.0), more_a = hn::Sub(m.mean[1], gone_a), more_b = hn::Sub(m.mean[3], gone_b);
  const doubles bend_a = hn::NegMulAdd(two, more_a, hn::NegMulAdd(gone_a, gone_a, m.product[2]));
  const doubles bend_b = hn::NegMulAdd(two, more_b, hn::NegMulAdd(gone_b, gone_b, m.product[9]));
  const doubles last_b = hn::Add(hn::NegMulAdd(two, m.mean[3], one), m.product[9]);
  curve[1] = hn::MulAdd(more_a, per_a, curve[1]);
  curve[2] = hn::MulAdd(hn::Mul(factor[1], per_a), bend_a, curve[2]);
  curve[5] = hn::NegMulAdd(per_s, per_s, curve[5]);
  curve[8] = hn::MulAdd(more_b, per_b, curve[8]);
  curve[9] = hn::MulAdd(hn::Mul(per_b, per_b), hn::MulAdd(s, bend_b, last_b), curve[9]);
  const doubles w_chance = hn::Mul(w, chance);
  for (std::size_t j = 0; j < 10; ++j) sum.by[4 + j] = hn::MulAdd(w_chance, curve[j], sum.by[4 + j]);
  // Those of -R ln(alpha + age) - s ln(1 + age / beta).
  sum.by[5] = hn::NegMulAdd(w, per_end_a, sum.by[5]);
  sum.by[6] = hn::MulAdd(w, hn::Mul(rate, hn::Mul(per_end_a, per_end_a)), sum.by[6]);
  sum.by[12] = hn::MulAdd(w, fall, sum.by[12]);
  sum.by[13] = hn::NegMulAdd(w, hn::Mul(s, hn::Mul(fall, hn::Add(per_end_b, per_beta))), sum.by[13]);
}

}  // namespace

pareto_slopes pareto_simd(const double* x, const double* recency, const double* age, const double* weight, std::size_t n,
                          const pareto_parameters& p) {
  const lanes d;
  slope_lanes sum;
  sum.value = hn::Zero(d);
  for (doubles& by : sum.by) by = hn::Zero(d);
  std::size_t i = 0;
  for (; i + width <= n; i += width) add(sum, x + i, recency + i, age + i, weight + i, p);
  if (i < n) {
    // Rows of no weight fill the last vector.
    double rest[4][width];
    for (std::size_t k = 0; k < width; ++k) {
      const std::size_t at = i + k < n ? i + k : n - 1;
      rest[0][k] = x[at];
      rest[1][k] = recency[at];
      rest[2][k] = age[at];
      rest[3][k] = i + k < n ? weight[at] : 0;
    }
    add(sum, rest[0], rest[1], rest[2], rest[3], p);
  }
  pareto_slopes out;
  out.value = hn::GetLane(hn::SumOfLanes(d, sum.value));
  for (std::size_t j = 0; j < 14; ++j) out.by[j] = hn::GetLane(hn::SumOfLanes(d, sum.by[j]));
  return out;
}

}  // namespace clarion::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "kernels/dispatch.hpp"

namespace clarion::kernels {

HWY_EXPORT(pareto_simd);

pareto_slopes pareto_odds(const pareto_parameters& p, double x, double recency, double age) {
  pareto_slopes out;
  out.value = -HUGE_VAL;
  if (!(age > recency)) return out;
  const double rate = p.r + x, a = p.alpha + recency, b = p.beta + recency, base = a < b ? a : b;
  const double gone_a = (age - recency) / (p.alpha + age), gone_b = (age - recency) / (p.beta + age);
  const double length = std::log1p((age - recency) / base);
  const double log_a = std::log1p((age - recency) / a), log_b = std::log1p((age - recency) / b);
  const double factor[4] = {-1, rate / a, -1, (p.s + 1) / b};
  const double top[4] = {log_a, -rate / a * gone_a, 1 / p.s + log_b, -(p.s * gone_b + 1) / b};
  double sum = 0, mean[4] = {}, product[10] = {}, exponent = 0;
  for (double from = 0; from < length && exponent <= most;) {
    const double start = base * std::exp(from), steep = rate * start / (a - base + start) + p.s * start / (b - base + start);
    const double step = steepest / steep < widest ? steepest / steep : widest, to = from + step < length ? from + step : length;
    for (std::size_t k = 0; k < nodes; ++k) {
      const double y = from + (to - from) * place[k], past = base * std::expm1(y), in_a = a + past, in_b = b + past;
      const double of[4] = {a < b ? y : std::log1p(past / a), past / in_a, a < b ? std::log1p(past / b) : y, past / in_b};
      exponent = rate * of[0] + p.s * of[2];
      const double w = (to - from) * share[k] * std::exp(-exponent) * (base + past) / in_b;
      sum += w;
      for (std::size_t i = 0, j = 0; i < 4; ++i) {
        mean[i] += w * of[i];
        for (std::size_t l = 0; l <= i; ++l, ++j) product[j] += w * of[i] * of[l];
      }
    }
    from = to;
  }
  out.value = std::log(p.s) + rate * log_a + p.s * log_b + std::log(sum);
  for (std::size_t i = 0, j = 0; i < 4; ++i) {
    mean[i] /= sum;
    out.by[i] = top[i] + factor[i] * mean[i];
    for (std::size_t l = 0; l <= i; ++l, ++j) {
      product[j] /= sum;
      out.by[4 + j] = factor[i] * factor[l] * (product[j] - mean[i] * mean[l]);
    }
  }
  const double more_a = mean[1] - gone_a, more_b = mean[3] - gone_b;
  out.by[5] += more_a / a;
  out.by[6] += rate / (a * a) * (product[2] - gone_a * gone_a - 2 * more_a);
  out.by[9] -= 1 / (p.s * p.s);
  out.by[12] += more_b / b;
  out.by[13] += (p.s * (product[9] - gone_b * gone_b - 2 * more_b) + 1 - 2 * mean[3] + product[9]) / (b * b);
  return out;
}

static pareto_slopes pareto_scalar(const double* x, const double* recency, const double* age, const double* weight, std::size_t n,
                                   const pareto_parameters& p) {
  pareto_slopes sum;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = weight[i], rate = p.r + x[i], end_a = p.alpha + age[i], end_b = p.beta + age[i];
    const double log_a = std::log(end_a), log_b = std::log1p(age[i] / p.beta), fall = age[i] / (end_b * p.beta);
    const auto lost = pareto_odds(p, x[i], recency[i], age[i]);
    const double small = std::exp(-std::fabs(lost.value)), chance = (lost.value < 0 ? small : 1) / (1 + small);
    sum.value += w * ((lost.value > 0 ? lost.value : 0) + std::log1p(small) - rate * log_a - p.s * log_b);
    for (std::size_t a = 0, j = 4; a < 4; ++a) {
      sum.by[a] += w * chance * lost.by[a];
      for (std::size_t b = 0; b <= a; ++b, ++j) sum.by[j] += w * chance * (lost.by[j] + (1 - chance) * lost.by[a] * lost.by[b]);
    }
    sum.by[0] -= w * log_a;
    sum.by[1] -= w * rate / end_a;
    sum.by[2] -= w * log_b;
    sum.by[3] += w * p.s * fall;
    sum.by[5] -= w / end_a;
    sum.by[6] += w * rate / (end_a * end_a);
    sum.by[12] += w * fall;
    sum.by[13] -= w * p.s * fall * (1 / end_b + 1 / p.beta);
  }
  return sum;
}

pareto_terms choose_pareto_terms(core::simd_level level) {
  if (level == core::simd_level::scalar) return &pareto_scalar;
  return HWY_DISPATCH_TABLE(pareto_simd)[version_at(level)];
}

}  // namespace clarion::kernels
#endif
