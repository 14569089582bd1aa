#include "schema/numbers.hpp"

#include <cmath>

#include "clarion/schema/campaign.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

number_part read_numbers(const block& where, std::size_t column, bool comma, double* values) {
  const auto& cells = where.batch->columns()[column];
  number_part out;
  auto& votes = out.votes;
  std::string scratch, scratch2;
  const bool typed = cells.is_number() || cells.type() == core::arrow_type::boolean;
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    auto& value = values[where.row + i];
    value = missing;
    if (!cells.valid(row)) continue;
    const auto fail = [&] { out.bad.push_back(static_cast<std::uint32_t>(where.row + i)); };
    if (typed) {
      const double number = cells.number(row);
      if (std::isnan(number)) continue;
      if (std::abs(number) <= 1e15)
        value = number;
      else
        fail();
      continue;
    }
    const auto guess = parse_number(cell_text(cells, row, scratch, scratch2));
    if (guess.blank) continue;
    value = comma ? guess.comma : guess.point;
    if (std::isnan(guess.comma) != std::isnan(guess.point))
      ++(std::isnan(guess.comma) ? votes.point : votes.comma);
    else if (guess.point != guess.comma && !std::isnan(guess.point))
      ++(std::abs(guess.point) < std::abs(guess.comma) ? votes.either_point : votes.either_comma);
    if (!guess.currency.empty()) out.currencies.emplace_back(static_cast<std::uint32_t>(where.row + i), guess.currency);
    if (std::isnan(value)) fail();
  }
  return out;
}

std::vector<decimal_mark> decimal_marks(std::vector<number_votes> columns, const std::vector<bool>& counts, bool pointed_dates) {
  number_votes pool;
  for (std::size_t f = 0; f < columns.size(); ++f) {
    auto& own = columns[f];
    if (counts[f] && own.point == 0 && own.comma == 0 && (own.either_point == 0) != (own.either_comma == 0)) {
      own.comma = own.either_point;
      own.point = own.either_comma;
    }
    pool.point += own.point;
    pool.comma += own.comma;
  }
  std::vector<decimal_mark> out(columns.size());
  for (std::size_t f = 0; f < columns.size(); ++f) {
    const auto& own = columns[f];
    const auto either = own.either_point + own.either_comma;
    if (own.point + own.comma + either == 0) continue;
    out[f] = {own.comma > own.point, false, either};
    if (own.point != own.comma) continue;
    out[f].comma = pool.comma > pool.point;
    // A comma before three digits parts thousands nearly always; only of the point can nobody tell.
    out[f].assumed = pool.comma == pool.point && own.either_point > 0;
    if (out[f].assumed) out[f].comma = pointed_dates;
  }
  return out;
}

std::string currency_code(std::string_view text, std::string_view fallback) {
  if (text == "$") {
    for (const auto* other : {"CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
      if (fallback == other) return std::string(fallback);
    return "USD";
  }
  const std::string one = "1 " + std::string(text);
  if (const auto guess = parse_number(one); !guess.currency.empty() && !std::isnan(guess.point))
    return guess.currency == "$" ? currency_code("$", fallback) : std::string(guess.currency);
  std::string out(trim(text));
  for (auto& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::optional<std::string> currency_of_header(std::string_view name, std::string_view fallback) {
  const auto open = name.find_first_of("([");
  if (open == name.npos) return std::nullopt;
  const auto close = name.find_first_of(")]", open);
  if (close == name.npos) return std::nullopt;
  const auto inside = trim(name.substr(open + 1, close - open - 1));
  const std::string one = "1 " + std::string(inside);
  if (const auto guess = parse_number(one); !guess.currency.empty()) return currency_code(inside, fallback);
  return std::nullopt;
}

}  // namespace clarion::schema::detail
