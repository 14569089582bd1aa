#include "clarion/schema/read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "clarion/schema/detail/portfolio.hpp"
#include "clarion/schema/fields.hpp"
#include "clarion/schema/rules.hpp"
#include "clarion/schema/validate.hpp"
#include "schema/apart.hpp"
#include "schema/assemble.hpp"
#include "schema/cells.hpp"
#include "schema/checks.hpp"
#include "schema/describe.hpp"
#include "schema/find_issues.hpp"
#include "schema/portfolio_findings.hpp"
#include "schema/quarantine.hpp"
#include "schema/raw_columns.hpp"
#include "schema/remarks.hpp"
#include "schema/source_columns.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace {

using namespace detail;

class reader {
public:
  reader(ArrowArrayStream* stream, const policy& rules, const catalog* products, const read_options& options,
         const run_options& run)
      : rules_(rules), products_(products), options_(options), run_(run), source_(stream, run) {
    today_ = today_of(rules);
  }

  reading read() {
    columns_ = find_columns(source_, options_, about_);
    for (std::size_t f = 0; f < fields().size(); ++f) absent_[f] = !columns_.of_field[f];
    stage(0.05, 0.55);
    auto raw = read_columns(source_, columns_, options_, step_, about_);
    stage(0.55, 0.7);
    all_ = assemble(source_, columns_, raw, rules_, options_, step_);
    stage(0.7, 0.95);
    judge_rows(raw.issues, std::move(raw.flags));
    if (run_.progress) run_.progress(1.0);
    return std::move(out_);
  }

private:
  void stage(double from, double to) {
    step_ = run_;
    if (run_.progress) step_.progress = [this, from, to](double part) { run_.progress(from + part * (to - from)); };
  }

  void judge_rows(const std::vector<issue>& unread, std::vector<std::uint8_t> flags) {
    find_errors();
    check_context context{all_, rules_, products_};
    context.flags = std::move(flags);
    context.absent = absent_;
    context.history = options_.history;
    const auto by_row = [](const issue& a, const issue& b) {
      return std::tuple(a.row, a.code, a.field, a.other) < std::tuple(b.row, b.code, b.field, b.other);
    };
    auto issues = find_issues(context, step_);
    issues.insert(issues.end(), unread.begin(), unread.end());
    set_apart(source_, columns_, all_, context.flags, issues);
    if (!unread.empty() || !std::is_sorted(issues.begin(), issues.end(), by_row)) std::sort(issues.begin(), issues.end(), by_row);
    std::vector<bool> out_of(source_.rows);
    for (const auto& one : issues)
      if (!out_of[one.row] && quarantines(one)) out_of[one.row] = true;

    // Described before any row moves: an issue names rows of the whole table.
    auto rows = report(
        issues, context, [this](std::uint64_t row, std::size_t field) { return cell(row, field); }, options_.most_per_code);
    out_.quarantine = set_aside(source_, all_, !absent_[at_id] || !absent_[at_name], out_of, issues, rows.place,
                                [this](const issue& one) { return is_error(one.code) || quarantines(one); });
    keep(out_of);
    tell_all(std::move(rows.findings), issues);
  }

  // The findings: about the file, the portfolio, its lines, its rows.
  void tell_all(std::vector<finding> of_rows, const std::vector<issue>& issues) {
    auto& told = about_.counts;
    check_context kept{out_.accepted, rules_, products_};
    kept.absent = absent_;
    kept.history = options_.history;
    for (auto& one : portfolio_findings(kept)) {
      const auto rule = std::find_if(rules().begin(), rules().end(), [&](const auto& r) { return r.code == one.code; });
      ++told[static_cast<std::size_t>(rule - rules().begin())];
      about_.findings.push_back(std::move(one));
    }
    std::vector<std::uint32_t> line_places;
    for (const auto& line : options_.unreadable) {
      line_places.push_back(static_cast<std::uint32_t>(about_.findings.size()));
      auto& one = about_.tell(code::bad_line, fmt::format("Row {} cannot be cut into cells: {}.", line.row, line.reason));
      one.row = line.row;
      one.value = shortened(line.text, longest_value);
    }
    out_.findings = std::move(about_.findings);
    for (auto& place : out_.quarantine.findings) place += static_cast<std::uint32_t>(out_.findings.size());
    insert_lines(out_.quarantine, options_.unreadable, line_places);
    out_.findings.insert(out_.findings.end(), std::make_move_iterator(of_rows.begin()), std::make_move_iterator(of_rows.end()));

    const auto counts = count_by_code(issues);
    for (std::size_t c = 0; c < rule_count; ++c)
      if (const auto total = counts[c] + told[c]; total > 0) out_.counts.emplace_back(rules()[c].code, total);
    out_.columns = std::move(source_.names);
    out_.mapping = std::move(columns_.mapping);
    out_.rows_read = source_.rows + options_.unreadable.size();
  }

  std::pair<std::string, std::string> cell(std::uint64_t row, std::size_t field) const {
    const auto& column = columns_.of_field[field];
    if (!column) return {std::string(fields()[field].name), {}};
    return {source_.names[*column], source_.text(row, *column)};
  }

  // Which codes are errors under the policy.
  void find_errors() {
    for (std::size_t c = 0; c < rule_count; ++c) {
      const auto& rule = rules()[c];
      const auto changed = rules_.severities.find(std::string(rule.code));
      error_[c] = (changed != rules_.severities.end() ? changed->second : rule.severity) == severity::error;
      for (const auto& prefix : rules_.ignore)
        if (rule.code.starts_with(prefix)) error_[c] = false;
    }
  }

  bool is_error(code which) const { return error_[static_cast<std::size_t>(which)]; }

  bool quarantines(const issue& one) const {
    if (one.code == code::no_dates || one.code == code::blank_row || one.code == code::totals) return true;
    if (one.code == code::bad_date && (one.field == at_start || one.field == at_end)) return true;
    if (!is_error(one.code)) return false;
    for (const auto& accepted : rules_.accepted) {
      if (accepted.code != rule_at(one.code).code || (accepted.until && *accepted.until < today_)) continue;
      if (accepted.campaign.empty() || accepted.campaign == all_.id[one.row]) return false;
    }
    return true;
  }

  void keep(const std::vector<bool>& out_of) {
    std::vector<std::uint64_t> rows;
    rows.reserve(source_.rows);
    for (std::size_t row = 0; row < source_.rows; ++row)
      if (!out_of[row]) rows.push_back(row);
    if (rows.size() == source_.rows) {
      out_.accepted = std::move(all_);
      return;
    }
    auto& from = all_;
    auto& to = out_.accepted;
    std::vector<std::function<void()>> tasks;
    for_each_column([&](std::size_t, auto member) { tasks.push_back([&, member] { to.*member = taken(from.*member, rows); }); });
    tasks.push_back([&] { to.source_row = taken(from.source_row, rows); });
    to.extras.resize(from.extras.size());
    for (std::size_t e = 0; e < from.extras.size(); ++e) {
      to.extras[e].first = from.extras[e].first;
      tasks.push_back([&, e] { to.extras[e].second = taken(from.extras[e].second, rows); });
    }
    core::parallel_blocks(tasks.size(), step_, [&](std::size_t t) { tasks[t](); });
  }

  const policy& rules_;
  const catalog* products_;
  const read_options& options_;
  const run_options& run_;
  run_options step_;
  cell_table source_;
  source_columns columns_;
  std::array<bool, 64> absent_{};  // fields that no column holds
  std::array<bool, rule_count> error_{};
  date today_{};
  remarks about_;
  portfolio all_;
  reading out_;
};

}  // namespace

reading from_arrow(ArrowArrayStream* stream, const policy& policy, const catalog* products, const read_options& options,
                   const run_options& run) {
  return reader(stream, policy, products, options, run).read();
}

}  // namespace clarion::schema
