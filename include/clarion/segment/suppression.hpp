#pragma once

// Who is left out of a campaign and why, and the document that says so.

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/segment/definition.hpp"
#include "clarion/segment/segmentation.hpp"

namespace clarion::segment {

struct suppression {
  static constexpr std::int32_t kept = -1;

  std::vector<std::int32_t> rule;    ///< by customer: the first rule that suppresses, or kept
  std::vector<std::uint64_t> first;  ///< by rule: customers for whom it is the first reason
  std::vector<std::uint64_t> all;    ///< by rule: customers who meet it at all
  std::uint64_t customers = 0;
  std::uint64_t remaining = 0;            ///< customers = remaining + the sum of first
  std::vector<schema::finding> findings;  ///< G104, G105
};

/// A rule is a definition; whoever meets it is suppressed. Rules apply in their order, which decides the first reason and not who
/// is left. Throws as evaluate does, and for two rules of one name. Same result for any number of threads. O(customers x rules).
CLARION_API suppression suppress(const customer_fields& customers, const std::vector<definition>& rules,
                                 const run_options& run = {});

struct ready_suppression_options {
  double low_value = 0;            ///< monetary value up to which a contact does not pay
  double high_risk = 0.8;          ///< risk from which customers are left out
  double recent_contact_days = 7;  ///< days since the last contact below which customers are left in peace

  static constexpr auto fields() {
    using o = ready_suppression_options;
    return std::tuple{core::option("low_value", &o::low_value, "monetary value up to which a contact does not pay"),
                      core::option("high_risk", &o::high_risk, "risk from which customers are left out"),
                      core::option("recent_contact_days", &o::recent_contact_days,
                                   "days since the last contact below which customers are left in peace", {0, 1e6})};
  }
};

/// No consent (field consent: false, or missing), high risk (risk), recent contact (days_since_contact) and low value (monetary),
/// in this order. Copy them and make them yours.
CLARION_API std::vector<definition> ready_suppression(const ready_suppression_options& options = {});

struct document_options {
  std::string title = "Segment and suppression logic";
  std::string version = "1";
  date day{};         ///< of the run
  bool html = false;  ///< Markdown otherwise
};

/// The logic for audit, from the rules themselves: version, day, each condition in words, the order, and the counts of a run,
/// with its findings. Either part may have no rules. Names and texts are escaped. Throws std::invalid_argument where counts and
/// rules differ in number.
CLARION_API std::string logic_document(const std::vector<definition>& segments, const segmentation& segmented,
                                       const std::vector<definition>& rules, const suppression& suppressed,
                                       const document_options& options);

}  // namespace clarion::segment
