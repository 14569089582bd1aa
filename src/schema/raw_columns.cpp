#include "schema/raw_columns.hpp"

#include <fmt/format.h>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "clarion/schema/fields.hpp"
#include "schema/days.hpp"
#include "schema/numbers.hpp"

namespace clarion::schema::detail {

namespace {

class column_reader {
public:
  column_reader(const cell_table& source, const source_columns& columns, const read_options& options, const run_options& run,
                remarks& about)
      : source_(source), columns_(columns), options_(options), run_(run), about_(about) {}

  raw_columns read() {
    if (options_.decimal != 0 && options_.decimal != '.' && options_.decimal != ',')
      reject("decimal", std::string(1, options_.decimal), "give \".\" or \",\"");
    make_room();
    core::parallel_blocks(source_.blocks.size(), run_, [&](std::size_t b) { read_block(b); });
    settle_days();
    settle_numbers();
    note_unread();
    return std::move(out_);
  }

private:
  void make_room() {
    const auto all = fields();
    const std::size_t n = source_.rows, blocks = source_.blocks.size();
    out_.texts.resize(all.size());
    out_.codes.resize(all.size());
    out_.names.resize(all.size());
    out_.days.resize(all.size());
    out_.numbers.resize(all.size());
    day_parts_.resize(all.size());
    number_parts_.resize(all.size());
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (!columns_.of_field[f]) continue;
      switch (all[f].kind) {
        case field_kind::text:
          out_.texts[f].resize(blocks);
          break;
        case field_kind::date:
          out_.days[f].resize(n);
          day_parts_[f].resize(blocks);
          break;
        case field_kind::number:
          out_.numbers[f].resize(n);
          number_parts_[f].resize(blocks);
          break;
        default:
          out_.codes[f].resize(n);
          out_.names[f].resize(blocks);
      }
    }
    out_.extras.assign(columns_.extras.size(), std::vector<text_part>(blocks));
  }

  void read_block(std::size_t b) {
    const auto& block = source_.blocks[b];
    const auto all = fields();
    for (std::size_t f = 0; f < all.size(); ++f) {
      if (!columns_.of_field[f]) continue;
      const std::size_t column = *columns_.of_field[f];
      switch (all[f].kind) {
        case field_kind::text:
          out_.texts[f][b] = read_texts(block, column, true);
          break;
        case field_kind::date:
          day_parts_[f][b] = read_days(block, column, options_.dayfirst.value_or(true), out_.days[f].data());
          break;
        case field_kind::number:
          number_parts_[f][b] = read_numbers(block, column, options_.decimal == ',', out_.numbers[f].data());
          break;
        default:
          out_.names[f][b] = read_categories(block, column, out_.codes[f].data());
      }
    }
    for (std::size_t e = 0; e < columns_.extras.size(); ++e) out_.extras[e][b] = read_texts(block, columns_.extras[e], false);
  }

  const std::string& column_name(std::size_t field) const { return source_.names[*columns_.of_field[field]]; }

  void settle_days() {
    std::vector<day_votes> votes(day_parts_.size());
    for (std::size_t f = 0; f < votes.size(); ++f) {
      for (const auto& part : day_parts_[f]) votes[f] += part.votes;
      pointed_dates_ |= votes[f].mark == '.';
    }
    if (options_.dayfirst) return;
    const auto orders = day_orders(votes);
    for (std::size_t f = 0; f < orders.size(); ++f) {
      const auto& order = orders[f];
      if (order.assumed)
        about_.tell(
            code::day_month,
            fmt::format("Every date of \"{}\" can be read with the day first and with the month first; {} first was taken.",
                        column_name(f), order.day_first ? "the day" : "the month"),
            {{"cells", static_cast<std::int64_t>(order.doubtful), "cells"},
             {"dayfirst", std::string(order.day_first ? "true" : "false"), ""}},
            column_name(f));
      if (!order.day_first)
        core::parallel_blocks(source_.blocks.size(), run_, [&](std::size_t b) {
          day_parts_[f][b] = read_days(source_.blocks[b], *columns_.of_field[f], false, out_.days[f].data());
        });
    }
  }

  void settle_numbers() {
    if (options_.decimal != 0) return;
    std::vector<number_votes> votes(number_parts_.size());
    std::vector<bool> counts(votes.size());
    for (const auto f : {at_impressions, at_clicks, at_conversions, at_new_customers, at_returns}) counts[f] = true;
    for (std::size_t f = 0; f < votes.size(); ++f)
      for (const auto& part : number_parts_[f]) votes[f] += part.votes;
    const auto marks = decimal_marks(std::move(votes), counts, pointed_dates_);
    for (std::size_t f = 0; f < marks.size(); ++f) {
      if (marks[f].assumed)
        about_.tell(
            code::decimal_mark,
            fmt::format("The numbers of \"{}\" do not tell whether their mark parts thousands or decimals; {}.", column_name(f),
                        marks[f].comma ? "it was taken to part thousands, as the dates are written with points too"
                                       : "the point was taken as the decimal mark"),
            {{"cells", static_cast<std::int64_t>(marks[f].doubtful), "cells"}}, column_name(f));
      if (marks[f].comma)
        core::parallel_blocks(source_.blocks.size(), run_, [&](std::size_t b) {
          number_parts_[f][b] = read_numbers(source_.blocks[b], *columns_.of_field[f], true, out_.numbers[f].data());
        });
    }
  }

  void note_unread() {
    const std::size_t n = source_.rows;
    for (std::size_t f = 0; f < fields().size(); ++f) {
      const auto field = static_cast<std::uint8_t>(f);
      for (const auto& part : day_parts_[f])
        for (const auto row : part.bad) out_.issues.push_back({row, 0, code::bad_date, field});
      for (const auto& part : number_parts_[f])
        for (const auto row : part.bad) out_.issues.push_back({row, 0, code::bad_number, field});
    }
    out_.flags.assign(n, 0);
    for (const auto& one : out_.issues) {
      if (one.field == at_budget) out_.flags[one.row] |= budget_unread;
      if (one.field >= at_spend) out_.flags[one.row] |= result_unread;
    }
    for (const auto f : {at_start, at_end}) {
      const std::uint8_t flag = f == at_start ? start_unknown : end_unknown;
      const auto& days = out_.days[f];
      std::vector<bool> bad(n);
      for (const auto& part : day_parts_[f])
        for (const auto row : part.bad) bad[row] = true;
      for (std::size_t row = 0; row < n; ++row) {
        if (days[row] != no_day) continue;
        out_.flags[row] |= flag;
        if (!bad[row]) out_.issues.push_back({row, 0, code::no_dates, f});
      }
    }
    for (const auto& part : number_parts_[at_budget])
      out_.signs.insert(out_.signs.end(), part.currencies.begin(), part.currencies.end());
  }

  const cell_table& source_;
  const source_columns& columns_;
  const read_options& options_;
  const run_options& run_;
  remarks& about_;
  std::vector<std::vector<day_part>> day_parts_;
  std::vector<std::vector<number_part>> number_parts_;
  bool pointed_dates_ = false;  // 27.11.2026
  raw_columns out_;
};

}  // namespace

raw_columns read_columns(const cell_table& source, const source_columns& columns, const read_options& options,
                         const run_options& run, remarks& about) {
  return column_reader(source, columns, options, run, about).read();
}

}  // namespace clarion::schema::detail
