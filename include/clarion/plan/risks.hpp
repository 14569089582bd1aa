#pragma once

// The third layer: what collides, ranked by the money that is at stake.

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/conflict/find_conflicts.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

struct risks_options {
  double summary_share = 0.01;  ///< campaigns with a smaller share of all that is at stake are not named in the summary

  static constexpr auto fields() {
    return std::tuple{core::option("summary_share", &risks_options::summary_share,
                                   "share of all that is at stake from which the summary names a campaign", {0, 1})};
  }
};

/// What one campaign stands to lose.
struct campaign_stake {
  std::string campaign;
  double budget = 0;
  double at_stake = 0;             ///< at most the budget
  std::vector<std::string> codes;  ///< of the risks that name it, the one behind at_stake first
};

struct risks_plan {
  std::vector<schema::finding> findings;  ///< by expected loss, then severity; the summary (P301) last but for what is missing
  std::vector<campaign_stake> stakes;     ///< largest first; campaigns with nothing at stake are left out
  double expected_loss = 0;               ///< sum of the stakes: no money is counted twice
  std::vector<missing_input> missing;
};

/// Ranks the findings of the conflict room by their expected loss, whose formula each carries in its `why` and
/// docs/plan/risks.md lists. Findings of two or more campaigns that name the same ones become a single risk: the one that
/// loses most speaks, with the severity of the worst, and carries the evidence, reasons and suggestions of the others; its loss
/// is the largest of theirs, since they are about the same money.
///
/// Losses of different risks overlap, so they are not added. A risk's loss is divided among its campaigns in proportion to
/// their budgets; a campaign has the largest of its parts at stake, at most its budget; the expected loss of the plan is the sum
/// of those. Budgets in another currency than the portfolio's main one have no part in it. O(findings x campaigns they name).
/// Throws std::invalid_argument for an option outside its range.
CLARION_API risks_plan risks(const schema::portfolio& portfolio, std::vector<schema::finding> conflicts,
                             conflict::audience_source source = conflict::audience_source::membership,
                             const risks_options& options = {});

/// P3xx, ascending.
CLARION_API std::span<const schema::rule> risks_rules();

}  // namespace clarion::plan
