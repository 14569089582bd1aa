#include "clarion/schema/json.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "clarion/core/detail/arrow_abi.hpp"
#include "clarion/schema/detail/json_table.hpp"
#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"

namespace clarion::schema {

namespace {

using json = nlohmann::ordered_json;

// A cell as JSON: null where there is nothing to write.
json text_or_null(std::string_view text) { return text.empty() ? json() : json(text); }
json value_of(const core::text_column& column, std::size_t row) { return text_or_null(column[row]); }
json value_of(const core::category_column& column, std::size_t row) { return text_or_null(column[row]); }
json value_of(const core::list_column& column, std::size_t row) { return column[row].empty() ? json() : json(column.texts(row)); }
json value_of(const std::vector<double>& column, std::size_t row) { return std::isnan(column[row]) ? json() : json(column[row]); }
json value_of(const std::vector<date>& column, std::size_t row) { return core::to_string(column[row]); }
json value_of(const std::vector<std::optional<date>>& column, std::size_t row) {
  return column[row] ? json(core::to_string(*column[row])) : json();
}
json value_of(const std::vector<objective>& column, std::size_t row) { return text_or_null(to_string(column[row])); }
json value_of(const std::vector<status>& column, std::size_t row) { return text_or_null(to_string(column[row])); }
json value_of(const std::vector<bool>& column, std::size_t row) { return column[row] ? json(true) : json(); }

}  // namespace

reading read_json(std::string_view text, const policy& policy, const catalog* products, const read_options& options,
                  const run_options& run) {
  auto table = detail::parse_records(text);
  auto settings = options;
  if (table.own || (table.rows == 0 && table.unreadable.empty()))
    for (const auto& field : fields()) table.ensure(std::string(field.name));
  if (table.own) {
    settings.guess_columns = false;
    for (const auto& field : fields())
      if (std::none_of(settings.columns.begin(), settings.columns.end(),
                       [&](const auto& pair) { return pair.first == field.name; }))
        settings.columns.emplace_back(field.name, field.name);
  }
  settings.unreadable.insert(settings.unreadable.end(), std::make_move_iterator(table.unreadable.begin()),
                             std::make_move_iterator(table.unreadable.end()));
  auto stream = table.stream();
  return from_arrow(&stream, policy, products, settings, run);
}

std::string to_json(const portfolio& campaigns, int indent) {
  json out{{"format", 1}, {"campaigns", json::array()}};
  for (std::size_t row = 0; row < campaigns.size(); ++row) {
    json one;
    detail::for_each_column([&](std::size_t f, auto member) {
      if (auto value = value_of(campaigns.*member, row); !value.is_null()) one[std::string(fields()[f].name)] = std::move(value);
    });
    for (const auto& [column, texts] : campaigns.extras)
      if (!texts[row].empty()) one["extras"][column] = std::string(texts[row]);
    out["campaigns"].push_back(std::move(one));
  }
  return out.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace clarion::schema
