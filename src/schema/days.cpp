#include "schema/days.hpp"

#include <array>
#include <cmath>
#include <string>

#include "clarion/schema/detail/parse.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

using core::arrow_type;

day_part read_days(const block& where, std::size_t column, bool day_first, std::int32_t* days) {
  const auto& cells = where.batch->columns()[column];
  day_part out;
  std::string scratch, scratch2;
  const bool typed = cells.type() == arrow_type::date || cells.type() == arrow_type::timestamp;
  for (std::size_t i = 0; i < where.rows; ++i) {
    const std::size_t row = where.first + i;
    auto& day = days[where.row + i];
    day = no_day;
    if (!cells.valid(row)) continue;
    const auto fail = [&] { out.bad.push_back(static_cast<std::uint32_t>(where.row + i)); };
    if (typed) {
      const auto number = cells.day(row);
      if (number >= -719162 && number <= 2932896)
        day = static_cast<std::int32_t>(number);
      else
        fail();
    } else if (cells.is_number()) {
      const double number = cells.number(row);
      if (std::isnan(number)) continue;
      day = day_of_number(number);
      if (day == no_day) fail();
    } else {
      const auto text = trim(cell_text(cells, row, scratch, scratch2));
      if (text.empty()) continue;
      const auto guess = parse_day(text);
      day = day_first ? guess.day_first : guess.month_first;
      if (!guess.certain() && guess.readable()) {
        if (guess.month_first == no_day)
          ++out.votes.day;
        else if (guess.day_first == no_day)
          ++out.votes.month;
        else
          ++out.votes.either;
        if (out.votes.mark == 0) out.votes.mark = guess.mark;
      }
      if (day == no_day && !(text.size() <= 4 && parse_number(text).blank)) fail();
    }
  }
  return out;
}

std::vector<day_order> day_orders(std::span<const day_votes> columns) {
  std::array<day_votes, 128> by_mark{};
  const auto pool_of = [&](const day_votes& votes) -> day_votes& {
    return by_mark[static_cast<unsigned char>(votes.mark) & 127];
  };
  for (const auto& own : columns) {
    pool_of(own).day += own.day;
    pool_of(own).month += own.month;
  }
  std::vector<day_order> out(columns.size());
  for (std::size_t f = 0; f < columns.size(); ++f) {
    const auto& own = columns[f];
    if (own.day + own.month + own.either == 0) continue;
    out[f] = {own.day >= own.month, false, own.either};
    if (own.day != 0 || own.month != 0) continue;
    const auto& pool = pool_of(own);
    const bool tied = pool.day == pool.month;
    out[f].day_first = tied ? own.mark != '/' : pool.day > pool.month;
    out[f].assumed = tied && own.mark != '.';
  }
  return out;
}

}  // namespace clarion::schema::detail
