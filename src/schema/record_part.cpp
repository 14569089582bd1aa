#include "schema/record_part.hpp"

#include <string_view>
#include <utility>

#include "clarion/schema/campaign.hpp"

namespace clarion::schema::detail {

record_part::record_part(const record_layout& layout, const std::vector<core::arrow_reader::field>& columns)
    : layout_(layout), keys_(layout.fields.size()), whole_(layout.fields.size()) {
  out_.kind = layout.kind;
  out_.columns.resize(layout.fields.size());
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    const auto& from = layout.of[f];
    const auto& rule = from.rule;
    const bool plain = rule.strip_prefix.empty() && rule.strip_suffix.empty() && rule.values.empty();
    whole_[f] = from.column && plain && core::is_integer(columns[*from.column].type) &&
                layout.fields[f].kind == field_kind::key && columns[*from.column].type != core::arrow_type::uint64;
  }
}

void record_part::append(const record_block& rows, std::span<const std::uint32_t> chosen) {
  constexpr auto none = record_column::none;
  constexpr std::uint32_t unseen = none - 1;
  for (std::size_t f = 0; f < keys_.size(); ++f) {
    const auto& from = rows.of[f];
    auto& to = out_.columns[f];
    const auto take = [&](const auto& source, auto& into, auto fill) {
      if (source.empty()) {
        if (!into.empty()) into.resize(into.size() + chosen.size(), fill);
        return;
      }
      if (into.empty()) into.resize(out_.rows, fill);  // a currency that only later rows name
      for (const auto row : chosen) into.push_back(source[row]);
    };
    take(from.days, to.days, no_day);
    if (layout_.of[f].timed) take(from.seconds, to.seconds, -1);
    take(from.flags, to.flags, std::int8_t{-1});
    take(from.numbers, to.numbers, missing);
    if (from.codes.empty()) {
      if (!to.codes.empty()) to.codes.resize(to.codes.size() + chosen.size(), none);
      continue;
    }
    if (to.codes.empty()) to.codes.resize(out_.rows, none);
    if (layout_.kind == record_kind::transactions && layout_.fields[f].name == "kind" && keys_[f].size() == 0)
      for (const auto& name : from.meant) keys_[f].code(name);  // in the order of transaction_kind, whatever comes first
    std::vector<std::uint32_t> code_of(from.meant.size(), unseen);
    fresh_.clear();
    for (const auto row : chosen) {
      const auto code = from.codes[row];
      if (code == none || code_of[code] != unseen) continue;
      code_of[code] = none;
      if (!from.meant[code].empty()) fresh_.push_back(code);
    }
    given_.resize(fresh_.size());
    keys_[f].codes(
        fresh_.size(), [&](std::size_t i) { return std::string_view(from.meant[fresh_[i]]); }, given_.data());
    for (std::size_t i = 0; i < fresh_.size(); ++i) code_of[fresh_[i]] = given_[i];
    for (const auto row : chosen) {
      const auto code = from.codes[row];
      to.codes.push_back(code == none ? none : code_of[code]);
    }
  }
  out_.rows += chosen.size();
}

records record_part::take() {
  const bool sells = layout_.kind == record_kind::transactions;
  for (std::size_t f = 0; f < keys_.size(); ++f) {
    auto& column = out_.columns[f];
    column.values = keys_[f].take();
    column.whole = whole_[f];
    column.given = layout_.of[f].given() || !column.empty() ||
                   (sells && (f == layout_.at("amount") || f == layout_.at("kind") ||
                              (f == layout_.at("currency") && (layout_.signs || !layout_.currency.empty()))));
  }
  records out = std::move(out_);
  out_ = {};
  out_.kind = layout_.kind;
  out_.columns.resize(layout_.fields.size());
  return out;
}

}  // namespace clarion::schema::detail
