#include "clarion/schema/validate.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "schema/checks.hpp"
#include "schema/describe.hpp"
#include "schema/find_issues.hpp"
#include "schema/portfolio_findings.hpp"

namespace clarion::schema {

std::vector<finding> validate(const portfolio& campaigns, const policy& policy, const catalog* products,
                              const validate_options& options, const run_options& run) {
  detail::check_context context{campaigns, policy, products};
  context.history = options.history;
  const auto empty = [](const core::text_column& column) {
    for (std::size_t row = 0; row < column.size(); ++row)
      if (!column[row].empty()) return false;
    return true;
  };
  const auto none = [](const core::category_column& column) {
    return std::all_of(column.codes.begin(), column.codes.end(), [](auto c) { return c == core::category_column::none; });
  };
  context.absent[detail::at_id] = empty(campaigns.id);
  context.absent[detail::at_name] = empty(campaigns.name);
  context.absent[detail::at_budget] =
      std::all_of(campaigns.budget.begin(), campaigns.budget.end(), [](double b) { return std::isnan(b); });
  context.absent[detail::at_channel] = none(campaigns.channel);
  context.absent[detail::at_owner] = none(campaigns.owner);

  auto out = detail::portfolio_findings(context);
  const auto issues = detail::find_issues(context, run);
  auto rows = detail::report(issues, context, detail::own_cells(campaigns), options.most_per_code);
  out.insert(out.end(), std::make_move_iterator(rows.findings.begin()), std::make_move_iterator(rows.findings.end()));
  return out;
}

}  // namespace clarion::schema
