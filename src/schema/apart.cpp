#include "schema/apart.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// No word for totals begins otherwise; most texts are told apart here.
bool may_be_total(std::string_view text) {
  if (text.size() < 3 || text.size() > 64) return false;
  if (static_cast<unsigned char>(text.front()) >= 0x80) return true;
  const char start[] = {lower(text[0]), lower(text[1]), lower(text[2])};
  for (const std::string_view word :
       {"tot", "sub", "gra", "ove", "sum", "som", "gen", "ges", "zwi", "ins", "end", "ein", "top", "raz", "i a"})
    if (std::string_view(start, 3) == word) return true;
  return false;
}

}  // namespace

total_word total_word_of(std::string_view text) {
  text = trim(text);
  if (text.size() > 64) return total_word::none;
  const std::string low = lower(text);
  std::string words, first, last;
  for (std::size_t i = 0; i < low.size();) {
    while (i < low.size() && !is_letter(low[i]) && !is_digit(low[i])) ++i;
    const std::size_t begin = i;
    while (i < low.size() && (is_letter(low[i]) || is_digit(low[i]))) ++i;
    if (i == begin) break;
    last = low.substr(begin, i - begin);
    if (first.empty()) first = last;
    words += (words.empty() ? "" : " ") + last;
  }
  for (const std::string_view whole : {"total",
                                       "totals",
                                       "grand total",
                                       "sub total",
                                       "subtotal",
                                       "overall",
                                       "overall total",
                                       "sum",
                                       "total general",
                                       "total g\xc3\xa9n\xc3\xa9ral",
                                       "total geral",
                                       "totale",
                                       "totale generale",
                                       "totali",
                                       "totaux",
                                       "sous total",
                                       "somme",
                                       "suma",
                                       "suma total",
                                       "soma",
                                       "summe",
                                       "endsumme",
                                       "gesamt",
                                       "gesamtsumme",
                                       "gesamtergebnis",
                                       "zwischensumme",
                                       "insgesamt",
                                       "totaal",
                                       "eindtotaal",
                                       "summa",
                                       "i alt",
                                       "toplam",
                                       "razem",
                                       "\xd0\xb8\xd1\x82\xd0\xbe\xd0\xb3\xd0\xbe",
                                       "\xd0\xb2\xd1\x81\xd0\xb5\xd0\xb3\xd0\xbe",
                                       "\xe5\x90\x88\xe8\xae\xa1",
                                       "\xe5\x90\x88\xe8\xa8\x88",
                                       "\xe6\x80\xbb\xe8\xae\xa1"})
    if (words == whole) return total_word::whole;
  if (first == last) return total_word::none;
  const char behind = text.size() > first.size() ? text[first.size()] : '\0';
  for (const std::string_view word : {"total", "totals", "subtotal", "summe", "gesamt", "totale"})
    if (last == word || (first == word && behind == ':')) return total_word::part;
  return last == "ergebnis" ? total_word::part : total_word::none;
}

namespace {

class row_judge {
public:
  row_judge(const cell_table& source, const source_columns& columns, const portfolio& all, const std::vector<std::uint8_t>& flags)
      : source_(source), columns_(columns), all_(all), flags_(flags), field_of_(source.names.size()) {
    for (std::size_t f = 0; f < columns.of_field.size(); ++f)
      if (columns.of_field[f]) field_of_[*columns.of_field[f]] = static_cast<std::uint8_t>(f);
    for_each_column([&](std::size_t f, auto member) { find_long(static_cast<std::uint8_t>(f), all.*member); });
  }

  // What the row is, where it is no campaign.
  std::optional<issue> operator()(std::size_t row) const {
    if (const auto found = endless_.find(row); found != endless_.end()) return issue{row, 0, code::too_long, found->second};
    constexpr std::uint8_t undated = start_unknown | end_unknown;
    if ((flags_[row] & undated) == undated) return judge_undated(row);
    // With dates it is a campaign, whatever it is called, unless its name is all there is.
    const bool by_id = has(at_id) && !all_.id[row].empty();
    const auto name = by_id ? all_.id[row] : has(at_name) ? all_.name[row] : std::string_view{};
    if (!may_be_total(name) || total_word_of(name) != total_word::whole || says_where_and_who(row)) return std::nullopt;
    return issue{row, 0, code::totals, by_id ? at_id : at_name};
  }

private:
  void find_long(std::uint8_t, const auto&) {}  // numbers, days and words
  void find_long(std::uint8_t f, const core::text_column& column) {
    for (std::size_t row = 0; row < column.size(); ++row)
      if (column[row].size() > longest_text) endless_.try_emplace(row, f);
  }
  void find_long(std::uint8_t f, const core::category_column& column) {
    const auto endless = long_names(column.values);
    for (std::size_t row = 0; row < column.size() && !endless.empty(); ++row)
      if (const auto code = column.codes[row]; code != core::category_column::none && endless[code]) endless_.try_emplace(row, f);
  }
  void find_long(std::uint8_t f, const core::list_column& column) {
    const auto endless = long_names(column.values);
    for (std::size_t row = 0; row < column.size() && !endless.empty(); ++row)
      for (const auto code : column[row])
        if (endless[code]) endless_.try_emplace(row, f);
  }

  // Which names are too long; empty where none is.
  static std::vector<bool> long_names(const core::dictionary& values) {
    std::vector<bool> out;
    for (std::uint32_t i = 0; i < values.size(); ++i)
      if (values[i].size() > longest_text) {
        out.resize(values.size());
        out[i] = true;
      }
    return out;
  }

  std::optional<issue> judge_undated(std::size_t row) const {
    bool blank = true, numbers = false, texts = false;
    for (std::size_t c = 0; c < source_.names.size(); ++c) {
      const auto text = source_.text(row, c);
      if (trim(text).empty()) continue;
      const auto field = field_of_[c];
      const bool number = field && fields()[*field].kind == field_kind::number;
      const bool tells = field && fields()[*field].required && !number;
      if ((blank || tells) && total_word_of(text) != total_word::none)
        return issue{row, 0, code::totals, field.value_or(at_budget)};
      numbers |= number && std::any_of(text.begin(), text.end(), is_digit);
      texts |= tells && !is_dash(text);
      blank = false;
    }
    if (blank) return issue{row, 0, code::blank_row, at_id};
    return numbers && !texts ? std::optional(issue{row, 0, code::totals, at_budget}) : std::nullopt;
  }

  bool has(std::size_t field) const { return columns_.of_field[field].has_value(); }

  bool says_where_and_who(std::size_t row) const {
    return has(at_channel) && has(at_owner) && !all_.channel[row].empty() && !all_.owner[row].empty();
  }

  // Dashes stand for cells without a value.
  static bool is_dash(std::string_view text) {
    text = trim(text);
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || c == ' '; });
  }

  const cell_table& source_;
  const source_columns& columns_;
  const portfolio& all_;
  const std::vector<std::uint8_t>& flags_;
  std::vector<std::optional<std::uint8_t>> field_of_;      // by column
  std::unordered_map<std::size_t, std::uint8_t> endless_;  // rows with a text that is too long, and its field
};

}  // namespace

void set_apart(const cell_table& source, const source_columns& columns, const portfolio& all,
               const std::vector<std::uint8_t>& flags, std::vector<issue>& issues) {
  const row_judge judge(source, columns, all, flags);
  std::vector<bool> apart(source.rows);
  std::vector<issue> found;
  for (std::size_t row = 0; row < source.rows; ++row)
    if (auto one = judge(row)) {
      apart[row] = true;
      found.push_back(*one);
    }
  if (found.empty()) return;
  std::erase_if(issues, [&](const issue& one) { return apart[one.row]; });
  issues.insert(issues.end(), found.begin(), found.end());
}

}  // namespace clarion::schema::detail
