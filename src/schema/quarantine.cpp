#include "schema/quarantine.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "schema/describe.hpp"

namespace clarion::schema::detail {

namespace {

std::string named_rule(code of) {
  const auto& rule = rule_at(of);
  return std::string(rule.code) + " " + std::string(rule.title);
}

}  // namespace

quarantined_rows set_aside(const cell_table& source, const portfolio& all, bool named, const std::vector<bool>& out_of,
                           const std::vector<issue>& issues, const std::vector<std::uint32_t>& place,
                           const std::function<bool(const issue&)>& is_reason) {
  quarantined_rows out;
  out.cells.resize(source.names.size());
  for (std::size_t i = 0; i < issues.size();) {
    const auto row = issues[i].row;
    std::size_t end = i;
    while (end < issues.size() && issues[end].row == row) ++end;
    if (out_of[row]) {
      std::string reasons;
      for (std::size_t k = i; k < end; ++k) {
        const bool said = k > i && issues[k - 1].code == issues[k].code;
        if (!said && is_reason(issues[k])) reasons += (reasons.empty() ? "" : "; ") + named_rule(issues[k].code);
        if (place[k] != reported::none()) out.findings.push_back(place[k]);
      }
      out.row.push_back(all.source_row[row]);
      out.id.push_back(named ? all.id[row] : std::string_view{});
      out.reasons.push_back(reasons);
      for (std::size_t c = 0; c < out.cells.size(); ++c) out.cells[c].push_back(source.text(row, c));
      out.offsets.push_back(out.findings.size());
    }
    i = end;
  }
  return out;
}

void insert_lines(quarantined_rows& rows, const std::vector<unreadable_line>& lines, const std::vector<std::uint32_t>& findings) {
  if (lines.empty()) return;
  quarantined_rows merged;
  merged.cells.resize(std::max<std::size_t>(1, rows.cells.size()));
  std::size_t line = 0;
  const auto take_line = [&] {
    const auto& one = lines[line];
    std::string scratch;
    merged.row.push_back(one.row);
    merged.id.push_back({});
    merged.reasons.push_back(named_rule(code::bad_line) + ": " + one.reason);
    for (std::size_t c = 0; c < merged.cells.size(); ++c)
      merged.cells[c].push_back(c == 0 ? clean(one.text, scratch) : std::string_view{});
    merged.findings.push_back(findings[line]);
    merged.offsets.push_back(merged.findings.size());
    ++line;
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    while (line < lines.size() && lines[line].row < rows.row[i]) take_line();
    merged.row.push_back(rows.row[i]);
    merged.id.push_back(rows.id[i]);
    merged.reasons.push_back(rows.reasons[i]);
    for (std::size_t c = 0; c < rows.cells.size(); ++c) merged.cells[c].push_back(rows.cells[c][i]);
    for (auto k = rows.offsets[i]; k < rows.offsets[i + 1]; ++k) merged.findings.push_back(rows.findings[k]);
    merged.offsets.push_back(merged.findings.size());
  }
  while (line < lines.size()) take_line();
  rows = std::move(merged);
}

}  // namespace clarion::schema::detail
