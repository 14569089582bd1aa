#pragma once

// Each customer in one segment: the first of the definitions that holds.

#include <cstdint>
#include <string>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/finding.hpp"
#include "clarion/segment/definition.hpp"

namespace clarion::segment {

struct segmentation {
  static constexpr std::int32_t none = -1;

  std::vector<std::int32_t> segment;     ///< by customer: the place of the definition, or none
  std::vector<std::uint64_t> customers;  ///< by definition: those who are in it
  std::vector<std::uint64_t> meeting;    ///< by definition: those who meet it, whatever came before
  std::uint64_t unassigned = 0;
  std::vector<double> half_width;  ///< by definition: of the 95% interval of the expected response; NaN where none is expected
  std::vector<schema::finding> findings;  ///< G101 to G103
};

/// The order of the definitions is their priority. A definition with a minimum size, or an expected response and a precision, is
/// checked against the customers in it: the normal interval of a share p of n customers is p +- 1.96 sqrt(p (1 - p) / n), so that
/// a precision d takes n >= p (1 - p) (1.96 / d)^2. Throws as evaluate does, and for two definitions of one name. Same result for
/// any number of threads. O(customers x tests).
CLARION_API segmentation segment_customers(const customer_fields& customers, const std::vector<definition>& segments,
                                           const run_options& run = {});

struct ready_options {
  double inactive_days = 180;   ///< without a purchase
  double counter_share = 0.5;   ///< of what is spent, over the counter
  double high_value_score = 5;  ///< score of monetary value, from

  static constexpr auto fields() {
    using o = ready_options;
    return std::tuple{core::option("inactive_days", &o::inactive_days, "days without a purchase that make inactive", {0, 1e6}),
                      core::option("counter_share", &o::counter_share, "share spent over the counter that makes OTC", {0, 1}),
                      core::option("high_value_score", &o::high_value_score, "monetary score from which value is high", {1, 5})};
  }
};

/// The business segments of a bank or a pharmacy chain, in their order: inactive (field recency), high-value (m) and OTC, over
/// the counter (counter_share). Copy them and make them yours.
CLARION_API std::vector<definition> ready_segments(const ready_options& options = {});

}  // namespace clarion::segment
