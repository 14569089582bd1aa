#include "clarion/plan/outcome.hpp"

namespace clarion::plan {

std::string_view to_string(outcome value) {
  switch (value) {
    case outcome::none:
      return "none";
    case outcome::revenue:
      return "revenue";
    case outcome::conversions:
      return "conversions";
    case outcome::new_customers:
      return "new_customers";
    case outcome::impressions:
      return "impressions";
  }
  return "none";
}

outcome outcome_of(schema::objective objective) {
  switch (objective) {
    case schema::objective::acquisition:
      return outcome::new_customers;
    case schema::objective::activation:
    case schema::objective::lead_generation:
      return outcome::conversions;
    case schema::objective::awareness:
      return outcome::impressions;
    case schema::objective::unspecified:
    case schema::objective::revenue:
    case schema::objective::retention:
    case schema::objective::reactivation:
    case schema::objective::clearance:
      return outcome::revenue;
  }
  return outcome::revenue;
}

std::span<const double> outcome_column(const schema::portfolio& history, outcome value) {
  switch (value) {
    case outcome::none:
      return {};
    case outcome::revenue:
      return history.revenue;
    case outcome::conversions:
      return history.conversions;
    case outcome::new_customers:
      return history.new_customers;
    case outcome::impressions:
      return history.impressions;
  }
  return {};
}

bool is_finished(const schema::portfolio& history, std::size_t row) {
  const auto status = history.status[row];
  return (status == schema::status::finished || status == schema::status::unspecified) && history.end[row] >= history.start[row];
}

}  // namespace clarion::plan
