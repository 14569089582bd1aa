#include "schema/assemble.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clarion/schema/channel.hpp"
#include "clarion/schema/detail/parse.hpp"
#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"
#include "schema/numbers.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

using core::category_column;

std::optional<bool> parse_flag(std::string_view text) {
  const auto key = normal_key(text);
  for (const auto* word : {"true", "t", "yes", "y", "1", "x", "on", "fixed", "ja", "j", "wahr", "oui", "si"})
    if (key == word) return true;
  for (const auto* word : {"false", "f", "no", "n", "0", "off", "nein", "falsch", "non"})
    if (key == word) return false;
  return std::nullopt;
}

class assembler {
public:
  assembler(const cell_table& source, const source_columns& columns, raw_columns& raw, const policy& rules,
            const read_options& options)
      : source_(source), columns_(columns), raw_(raw), rules_(rules), options_(options), rows_(source.rows) {
    const auto& budget = columns.of_field[at_budget];
    currency_ = currency_of_header(budget ? source.names[*budget] : std::string(), options.currency).value_or(options.currency);
  }

  portfolio build(const run_options& run) {
    issues_.resize(fields().size());
    out_.extras.resize(columns_.extras.size());
    std::vector<std::function<void()>> tasks;
    for_each_column([&](std::size_t f, auto member) { tasks.push_back([this, f, member] { fill(f, out_.*member); }); });
    for (std::size_t e = 0; e < out_.extras.size(); ++e) {
      out_.extras[e].first = source_.names[columns_.extras[e]];
      tasks.push_back([this, e] { out_.extras[e].second = joined(raw_.extras[e], rows_); });
    }
    core::parallel_blocks(tasks.size(), run, [&](std::size_t t) { tasks[t](); });

    drop_empty_columns_without_a_name();
    check_targets();
    for (const auto& issues : issues_) raw_.issues.insert(raw_.issues.end(), issues.begin(), issues.end());
    fill_currency();
    fill_names();
    number_rows();
    return std::move(out_);
  }

private:
  bool read(std::size_t f) const { return columns_.of_field[f].has_value(); }

  // The spelling under which a text of a field is kept.
  std::string canonical(std::size_t f, const std::string& given) const {
    switch (f) {
      case at_currency:
        return currency_code(given, currency_);
      case at_channel: {
        const auto* known = find_channel(rules_.channels, given);
        return known != nullptr ? known->name : given;
      }
      case at_targets: {
        const auto target = parse_kpi_target(given);
        return target ? to_string(*target) : given;
      }
      default:
        return given;
    }
  }

  core::dictionary unify(std::size_t f, const auto& spelling) {
    run_options alone;
    alone.threads = 1;
    return unified(source_.blocks, raw_.names[f], raw_.codes[f], alone, spelling);
  }
  core::dictionary unify(std::size_t f) {
    return unify(f, [](const std::string& text) { return text; });
  }

  void fill(std::size_t f, core::text_column& into) {
    into = read(f) ? joined(raw_.texts[f], rows_) : core::text_column::adopt({}, std::vector<std::uint64_t>(rows_ + 1));
  }

  void fill(std::size_t f, category_column& into) {
    if (read(f))
      into.values = unify(f, [&](const std::string& text) { return canonical(f, text); });
    else
      raw_.codes[f].assign(rows_, category_column::none);
    into.codes = std::move(raw_.codes[f]);
  }

  void fill(std::size_t f, core::list_column& into) {
    if (!read(f)) {
      into.offsets.assign(rows_ + 1, 0);
      return;
    }
    const auto cells = unify(f);
    const auto separator = options_.list_separator.empty() ? list_separator_of(cells) : options_.list_separator;
    std::vector<std::vector<std::uint32_t>> items(cells.size());
    for (std::uint32_t i = 0; i < cells.size(); ++i)
      for (const auto& item : split(cells[i], separator)) items[i].push_back(into.values.intern(canonical(f, item)));
    into.offsets.reserve(rows_ + 1);
    for (const auto code : raw_.codes[f]) {
      if (code != category_column::none) into.codes.insert(into.codes.end(), items[code].begin(), items[code].end());
      into.offsets.push_back(into.codes.size());
    }
    raw_.codes[f] = {};
  }

  void fill(std::size_t f, std::vector<double>& into) {
    if (read(f))
      into = std::move(raw_.numbers[f]);
    else
      into.assign(rows_, missing);
  }

  void fill(std::size_t f, std::vector<date>& into) {
    into.reserve(rows_);
    for (const auto at : raw_.days[f]) into.push_back(core::from_day_number(at == no_day ? 0 : at));
  }

  void fill(std::size_t f, std::vector<std::optional<date>>& into) {
    into.resize(rows_);
    if (!read(f)) return;
    for (std::size_t row = 0; row < rows_; ++row)
      if (raw_.days[f][row] != no_day) into[row] = core::from_day_number(raw_.days[f][row]);
  }

  void fill(std::size_t f, std::vector<schema::objective>& into) { fill_words(f, into, parse_objective, objective::unspecified); }
  void fill(std::size_t f, std::vector<schema::status>& into) {
    fill_words(f, into, parse_status, options_.history ? status::finished : status::unspecified);
  }
  void fill(std::size_t f, std::vector<bool>& into) { fill_words(f, into, parse_flag, false); }

  template <class Words, class Word>
  void fill_words(std::size_t f, Words& into, std::optional<Word> (*parse)(std::string_view), Word otherwise) {
    into.assign(rows_, otherwise);
    if (!read(f)) return;
    const auto cells = unify(f);
    std::vector<std::optional<Word>> values;
    for (const auto& name : cells.names()) values.push_back(parse(name));
    for (std::size_t row = 0; row < rows_; ++row) {
      const auto code = raw_.codes[f][row];
      if (code == category_column::none) continue;
      if (values[code])
        into[row] = *values[code];
      else
        issues_[f].push_back({row, 0, code::bad_word, static_cast<std::uint8_t>(f)});
    }
    raw_.codes[f] = {};
  }

  // Exports that end each line in a delimiter have a last column without name or content.
  void drop_empty_columns_without_a_name() {
    std::size_t kept = 0;
    for (std::size_t e = 0; e < out_.extras.size(); ++e) {
      bool holds = !columns_.unnamed[columns_.extras[e]];
      for (std::size_t row = 0; row < rows_ && !holds; ++row) holds = !out_.extras[e].second[row].empty();
      if (!holds) continue;
      if (kept != e) out_.extras[kept] = std::move(out_.extras[e]);
      ++kept;
    }
    out_.extras.resize(kept);
  }

  void check_targets() {
    const auto& column = out_.targets;
    std::vector<bool> bad(column.values.size());
    for (std::uint32_t i = 0; i < bad.size(); ++i) bad[i] = !parse_kpi_target(column.values[i]);
    if (std::find(bad.begin(), bad.end(), true) == bad.end()) return;
    for (std::size_t row = 0; row < column.size(); ++row)
      for (const auto item : column[row])
        if (bad[item]) {
          issues_[at_targets].push_back({row, item, code::bad_criterion, at_targets});
          break;
        }
  }

  void fill_currency() {
    auto& column = out_.currency;
    const auto otherwise = currency_.empty() ? category_column::none : column.values.intern(currency_);
    for (const auto& [row, sign] : raw_.signs)
      if (column.codes[row] == category_column::none) column.codes[row] = column.values.intern(currency_code(sign, currency_));
    for (auto& code : column.codes)
      if (code == category_column::none) code = otherwise;
  }

  void fill_names() {
    if (!read(at_id) && !read(at_name)) {
      core::text_column made;
      for (std::size_t row = 0; row < rows_; ++row) made.push_back("row-" + std::to_string(row + 1));
      out_.id = made;
      out_.name = made;
    } else if (!read(at_id)) {
      out_.id = out_.name;
    } else if (!read(at_name)) {
      out_.name = out_.id;
    }
  }

  // Rows are counted with the lines among them that could not be cut into cells.
  void number_rows() {
    const auto& lines = options_.unreadable;
    out_.source_row.reserve(rows_);
    std::uint64_t number = 0;
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < rows_; ++i) {
      ++number;
      while (skipped < lines.size() && lines[skipped].row <= number) ++skipped, ++number;
      out_.source_row.push_back(number);
    }
  }

  const cell_table& source_;
  const source_columns& columns_;
  raw_columns& raw_;
  const policy& rules_;
  const read_options& options_;
  std::size_t rows_;
  std::string currency_;  // of amounts that name none
  std::vector<std::vector<issue>> issues_;
  portfolio out_;
};

}  // namespace

portfolio assemble(const cell_table& source, const source_columns& columns, raw_columns& raw, const policy& rules,
                   const read_options& options, const run_options& run) {
  return assembler(source, columns, raw, rules, options).build(run);
}

}  // namespace clarion::schema::detail
