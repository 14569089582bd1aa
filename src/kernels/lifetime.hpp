#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// Sums over customers with weight w, given R = r + x purchases, D = ln((alpha + age) / (alpha + recency)) and the probability s,
/// of log odds e = odds + R D, of having been lost.
struct loss_sums {
  double log_likelihood = 0;  ///< w (ln(1 + e^e) - R ln(alpha + age))
  double by_r = 0;            ///< its derivative by r
  double by_alpha = 0;        ///< by alpha
  double lost = 0;            ///< w s: the derivative by a common part of the odds
  double by_shift = 0;        ///< w s x its share
  double share_squares = 0;   ///< w s x its square
  /// Second derivatives by r, alpha, the odds o and t, odds being o + t x share: rr, ra, aa, or, oa, oo, tr, ta, to, tt.
  double curve[10] = {};
};

/// x, recency, age, weight, odds and share are of n customers.
using loss_terms = loss_sums (*)(const double* x, const double* recency, const double* age, const double* weight,
                                 const double* odds, const double* share, std::size_t n, double r, double alpha);

/// Sums over customers with weight w and purchases of amount y in total, counts x: of w ln(y + v), w / (y + v), w / (y + v)^2,
/// and of x times each.
struct spend_sums {
  double log = 0, inverse = 0, square = 0, x_log = 0, x_inverse = 0, x_square = 0;
};
using spend_terms = spend_sums (*)(const double* x, const double* amount, const double* weight, std::size_t n, double v);

/// The version for this CPU at the given level.
CLARION_API loss_terms choose_loss_terms(core::simd_level level);
CLARION_API spend_terms choose_spend_terms(core::simd_level level);

}  // namespace clarion::kernels
