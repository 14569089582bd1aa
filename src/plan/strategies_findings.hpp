#pragma once

// What the strategies layer says of its numbers: P101 to P106.

#include "clarion/plan/strategies.hpp"
#include "clarion/schema/finding.hpp"
#include "plan/reallocation.hpp"

namespace clarion::plan {

/// P101: what a campaign can be expected to bring, with the finished campaigns that are most like it.
schema::finding say_expectation(const strategy_context& c, const plan_row& p, const expected_outcome& e);
/// P102 or P103; `chance`: that it stands so.
schema::finding say_standing(const strategy_context& c, const plan_row& p, const expected_outcome& e, double chance);
/// P104: the same money would return more elsewhere.
schema::finding say_move(const strategy_context& c, const reallocation& moved);
/// P105: a budget beyond what history has seen.
schema::finding say_range(const strategy_context& c, const plan_row& p, const expected_outcome& e);
/// P106: no finished campaign is similar enough; `best` is the similarity of the most similar one.
schema::finding say_no_precedent(const strategy_context& c, const plan_row& p, const expected_outcome& e, double best);

}  // namespace clarion::plan
