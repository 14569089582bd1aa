#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "clarion/core/export.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

/// What a campaign is held to: the number of its actuals that its objective asks for.
enum class outcome : std::uint8_t { none, revenue, conversions, new_customers, impressions };

/// "revenue", "conversions", "new_customers", "impressions"; "none" otherwise.
CLARION_API std::string_view to_string(outcome value);

/// Revenue for revenue, retention, reactivation and clearance; new customers for acquisition; conversions for activation and
/// lead generation; impressions for awareness; revenue where no objective was given.
CLARION_API outcome outcome_of(schema::objective objective);

/// The column of actuals; empty for none.
CLARION_API std::span<const double> outcome_column(const schema::portfolio& history, outcome value);

/// True for a row of history that is over: its status is finished or was not given, and it ended no earlier than it began.
CLARION_API bool is_finished(const schema::portfolio& history, std::size_t row);

}  // namespace clarion::plan
