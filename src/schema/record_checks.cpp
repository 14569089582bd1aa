#include "schema/record_checks.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "clarion/core/columns.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/transaction.hpp"
#include "schema/numbers.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

constexpr auto none = core::category_column::none;

bool holds(const row_condition& asked, std::string_view text) {
  if (text.empty()) return false;
  if (!asked.equals.empty() && std::find(asked.equals.begin(), asked.equals.end(), text) == asked.equals.end()) return false;
  return text.starts_with(asked.prefix) && text.ends_with(asked.suffix) && text.find(asked.contains) != text.npos;
}

class block_checker {
public:
  block_checker(record_block& rows, const record_layout& layout)
      : rows_(rows), layout_(layout), unread_(layout.fields.size()), any_unread_(rows.rows) {
    for (const auto& one : rows.issues) {
      auto& of_field = unread_[one.field];
      if (of_field.empty()) of_field.resize(rows.rows);
      of_field[one.row] = any_unread_[one.row] = true;
    }
  }

  void check() {
    // Before kinds and amounts become what they mean: conditions are about the source.
    for (const auto& one : layout_.tests) each_where(one, [&](std::size_t row) { note(row, code::test_customer, one.field); });
    switch (layout_.kind) {
      case record_kind::transactions:
        transactions();
        break;
      case record_kind::customers:
        customers();
        break;
      case record_kind::branches:
        require("id", code::no_record_id);
        branches();
        break;
      case record_kind::responses:
        require("campaign", code::no_campaign);
        require("customer", code::no_customer);
        responses();
        break;
      case record_kind::events:
        events();
        break;
    }
    for (std::size_t f = 0; f < layout_.fields.size(); ++f)
      if (layout_.fields[f].kind == field_kind::time || layout_.fields[f].kind == field_kind::date) days(f);
    blank_rows();
    std::stable_sort(rows_.issues.begin(), rows_.issues.end(),
                     [](const issue& a, const issue& b) { return a.row != b.row ? a.row < b.row : a.code < b.code; });
    // Two conditions may mark the same test.
    rows_.issues.erase(
        std::unique(rows_.issues.begin(), rows_.issues.end(),
                    [](const issue& a, const issue& b) { return a.row == b.row && a.code == b.code && a.field == b.field; }),
        rows_.issues.end());
  }

private:
  block_column& of(std::string_view field) { return rows_.of[layout_.at(field)]; }
  bool given(std::string_view field) const { return layout_.of[layout_.at(field)].given(); }

  void note(std::size_t row, code which, std::size_t field, std::uint32_t other = 0) {
    rows_.issues.push_back({row, other, which, static_cast<std::uint8_t>(field)});
  }

  bool unread(std::size_t row, std::size_t field) const { return !unread_[field].empty() && unread_[field][row]; }

  // Texts that a field must have.
  void require(std::string_view field, code which) {
    const auto f = layout_.at(field);
    const auto& column = rows_.of[f];
    for (std::size_t row = 0; row < rows_.rows; ++row)
      if (column.codes.empty() || column.codes[row] == none || column.meant[column.codes[row]].empty()) note(row, which, f);
  }

  template <class Visit>
  void each_where(const bound_condition& one, Visit&& visit) {
    const auto& column = rows_.of[one.field];
    if (one.condition.below) {
      for (std::size_t row = 0; row < column.numbers.size(); ++row)
        if (column.numbers[row] < *one.condition.below) visit(row);
      return;
    }
    std::vector<bool> meant;
    for (const auto& name : column.told()) meant.push_back(holds(one.condition, name));
    for (std::size_t row = 0; row < column.codes.size(); ++row)
      if (column.codes[row] != none && meant[column.codes[row]]) visit(row);
  }

  void settle_kinds() {
    constexpr auto sale = static_cast<std::uint32_t>(transaction_kind::sale);
    constexpr auto back = static_cast<std::uint32_t>(transaction_kind::return_);
    constexpr auto undone = static_cast<std::uint32_t>(transaction_kind::cancellation);
    const auto f = layout_.at("kind");
    auto& column = rows_.of[f];
    std::vector<std::uint32_t> kinds(rows_.rows, sale);
    std::vector<std::uint32_t> of_name;
    for (const auto& text : column.meant) {
      const auto key = normal_key(text);
      of_name.push_back(key == "sale" || key.empty() ? sale : key == "return" ? back : key == "cancellation" ? undone : none);
    }
    for (std::size_t row = 0; row < column.codes.size(); ++row) {
      if (column.codes[row] == none) continue;
      kinds[row] = of_name[column.codes[row]];
      if (kinds[row] == none) note(row, code::unknown_kind, f);
    }
    for (const auto& one : layout_.returns) each_where(one, [&](std::size_t row) { kinds[row] = back; });
    for (const auto& one : layout_.cancellations) each_where(one, [&](std::size_t row) { kinds[row] = undone; });
    column.codes = std::move(kinds);
    column.names.clear();
    column.meant.clear();
    for (const auto kind : {transaction_kind::sale, transaction_kind::return_, transaction_kind::cancellation})
      column.meant.emplace_back(to_string(kind));
  }

  void settle_amounts() {
    const auto f = layout_.at("amount");
    auto& amounts = rows_.of[f].numbers;
    auto& quantities = of("quantity").numbers;
    if (amounts.empty()) {
      amounts = of("price").numbers;
      if (amounts.empty()) amounts.assign(rows_.rows, missing);
      for (std::size_t row = 0; row < quantities.size(); ++row) amounts[row] *= quantities[row];
    }
    auto& money = of("currency");
    std::vector<double> rates;
    for (auto& name : money.meant) {
      name = currency_code(name, layout_.currency);
      rates.push_back(rate_of(name));
    }
    const double own_rate = rate_of(layout_.currency);
    const auto& kinds = of("kind").codes;
    for (std::size_t row = 0; row < rows_.rows; ++row) {
      double& amount = amounts[row];
      if (kinds[row] != 0 && kinds[row] != none) {
        amount = -std::abs(amount) + 0.0;
        if (!quantities.empty()) quantities[row] = -std::abs(quantities[row]) + 0.0;
      }
      if (!layout_.convert_to.empty()) {
        const bool named = !money.codes.empty() && money.codes[row] != none;
        const double rate = named ? rates[money.codes[row]] : own_rate;
        if (!(rate > 0))
          note(row, code::no_rate, layout_.at("currency"));
        else
          amount *= rate;
      }
    }
    if (!layout_.convert_to.empty()) {
      money.codes.assign(rows_.rows, 0);
      money.names.clear();
      money.meant = {layout_.convert_to};
    } else if (!layout_.currency.empty()) {
      // The currency of amounts that name none.
      if (money.codes.empty()) money.codes.assign(rows_.rows, none);
      const auto at = static_cast<std::uint32_t>(money.meant.size());
      money.meant.push_back(layout_.currency);
      for (auto& c : money.codes)
        if (c == none) c = at;
    }
  }

  double rate_of(const std::string& currency) const {
    if (layout_.convert_to.empty() || currency == layout_.convert_to) return 1;
    const auto at = layout_.rates.find(currency);
    return at == layout_.rates.end() ? 0 : at->second;
  }

  void transactions() {
    settle_kinds();
    settle_amounts();
    require("customer", code::no_customer);
    const auto f = layout_.at("amount");
    const auto& amounts = rows_.of[f].numbers;
    const auto& kinds = of("kind").codes;
    const bool made = !given("amount");
    for (std::size_t row = 0; row < rows_.rows; ++row) {
      const double amount = amounts[row];
      if (std::isnan(amount)) {
        const bool said = made ? unread(row, layout_.at("price")) || unread(row, layout_.at("quantity")) : unread(row, f);
        if (!said) note(row, code::no_amount, f);
      } else if (layout_.largest > 0 && std::abs(amount) > layout_.largest) {
        note(row, code::implausible_amount, f);
      } else if (kinds[row] == 0 && amount <= 0) {
        note(row, amount < 0 ? code::negative_sale : code::zero_sale, f);
      }
    }
  }

  void customers() {
    require("id", code::no_record_id);
    const auto f = layout_.at("birth_year");
    const auto& years = rows_.of[f].numbers;
    const int now = year_of(core::from_day_number(layout_.today));
    for (std::size_t row = 0; row < years.size(); ++row)
      if (years[row] > now || years[row] < now - 120) note(row, code::implausible_birth, f);
    const auto t = layout_.at("test");
    const auto& tests = rows_.of[t].flags;
    for (std::size_t row = 0; row < tests.size(); ++row)
      if (tests[row] == 1) note(row, code::test_customer, t);
  }

  void branches() {
    const auto& opened = of("opened").days;
    const auto& closed = of("closed").days;
    if (opened.empty() || closed.empty()) return;
    for (std::size_t row = 0; row < rows_.rows; ++row)
      if (opened[row] != no_day && closed[row] != no_day && closed[row] < opened[row])
        note(row, code::closed_early, layout_.at("closed"));
  }

  void responses() {
    const auto& sent = of("contacted_at");
    const auto& back = of("responded_at");
    if (sent.days.empty() || back.days.empty()) return;
    for (std::size_t row = 0; row < rows_.rows; ++row) {
      if (sent.days[row] == no_day || back.days[row] == no_day) continue;
      const bool clocks = sent.seconds[row] >= 0 && back.seconds[row] >= 0;
      if (back.days[row] < sent.days[row] ||
          (clocks && back.days[row] == sent.days[row] && back.seconds[row] < sent.seconds[row]))
        note(row, code::early_response, layout_.at("responded_at"));
    }
  }

  void events() {
    const auto& customers = of("customer");
    const auto& cookies = of("cookie");
    const auto names = [](const block_column& column, std::size_t row) {
      return !column.codes.empty() && column.codes[row] != none && !column.meant[column.codes[row]].empty();
    };
    for (std::size_t row = 0; row < rows_.rows; ++row)
      if (!names(customers, row) && !names(cookies, row)) note(row, code::nobody_named, layout_.at("customer"));
  }

  void days(std::size_t f) {
    const auto& days = rows_.of[f].days;
    const bool required = layout_.fields[f].required;
    for (std::size_t row = 0; row < days.size(); ++row) {
      if (days[row] == no_day) {
        if (required && !unread(row, f)) note(row, code::day_missing, f);
      } else if (days[row] > layout_.today && layout_.fields[f].name != "closed") {
        note(row, code::future_date, f);
      } else if (days[row] <= 0) {
        note(row, code::placeholder_date, f);
      }
    }
  }

  // A row without a value in any field that could have one is a line of delimiters: that it is blank is all there is to say.
  void blank_rows() {
    std::vector<std::uint8_t> lacks(rows_.rows, 0);
    for (const auto& one : rows_.issues) lacks[one.row] |= 1;
    bool any = false;
    for (std::size_t row = 0; row < rows_.rows; ++row) {
      if (lacks[row] == 0) continue;
      bool blank = true;
      for (std::size_t f = 0; f < rows_.of.size() && blank; ++f) {
        if (!layout_.of[f].column) continue;
        const auto& column = rows_.of[f];
        blank = (column.codes.empty() || layout_.fields[f].name == "kind" || layout_.fields[f].name == "currency" ||
                 column.codes[row] == none) &&
                (column.days.empty() || column.days[row] == no_day) &&
                (column.numbers.empty() || std::isnan(column.numbers[row])) && (column.flags.empty() || column.flags[row] < 0);
      }
      if (!blank || any_unread_[row]) continue;
      lacks[row] = 2;
      any = true;
    }
    if (!any) return;
    std::erase_if(rows_.issues, [&](const issue& one) { return lacks[one.row] == 2; });
    for (std::size_t row = 0; row < rows_.rows; ++row)
      if (lacks[row] == 2) note(row, code::blank_row, 0);
  }

  record_block& rows_;
  const record_layout& layout_;
  std::vector<std::vector<bool>> unread_;  // by field and row: the cell holds what cannot be read
  std::vector<bool> any_unread_;
};

}  // namespace

void check_block(record_block& rows, const record_layout& layout) { block_checker(rows, layout).check(); }

}  // namespace clarion::schema::detail
