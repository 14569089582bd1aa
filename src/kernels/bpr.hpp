#pragma once

#include <cstddef>
#include <cstdint>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

struct bpr_step {
  float rate = 0;
  float user = 0, positive = 0, negative = 0, bias = 0;  ///< regularization of what a step moves
  std::uint32_t candidates = 1;                          ///< negatives drawn a step, the one with the highest score is taken
  bool items_move = true;                                ///< false: users alone
};

constexpr std::uint32_t bpr_most_candidates = 64;

struct bpr_sums {
  double loss = 0;          ///< - ln sigma(score of the positive - score of the negative), before each step
  std::uint64_t steps = 0;  ///< less than n where users have every item
};

/// One stochastic gradient step of Bayesian personalized ranking for each pair (user[e], item[e]), in order, pairs of one user
/// together: against an item of [0, n_items) that is none of the user's, drawn by a counter-based stream of `seed`. Vectors of
/// users and items are depth floats, a multiple of 16; `seen` is n_items zeros, before and after.
using bpr = bpr_sums (*)(float* users, float* items, float* bias, std::size_t depth, std::uint32_t n_items,
                         const std::uint32_t* user, const std::uint32_t* item, std::size_t n, std::uint8_t* seen,
                         std::uint64_t seed, const bpr_step& step);

/// The version for this CPU at the given level.
CLARION_API bpr choose_bpr(core::simd_level level);

}  // namespace clarion::kernels
