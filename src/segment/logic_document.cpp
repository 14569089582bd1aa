#include "segment/logic_document.hpp"

#include <cmath>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/segment/suppression.hpp"
#include "schema/wording.hpp"

namespace clarion::segment {

namespace detail {

document_writer::document_writer(bool html, const std::string& title) : html_(html) {
  if (html_)
    out_ = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + escaped(title) +
           "</title></head>\n<body>\n<h1>" + escaped(title) + "</h1>\n";
  else
    out_ = "# " + escaped(title) + "\n";
}

void document_writer::heading(const std::string& text) {
  out_ += html_ ? "<h2>" + escaped(text) + "</h2>\n" : "\n## " + escaped(text) + "\n";
}

void document_writer::sentence(const std::string& text) {
  out_ += html_ ? "<p>" + escaped(text) + "</p>\n" : "\n" + escaped(text) + "\n";
}

void document_writer::table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  const auto line = [&](const std::vector<std::string>& cells, const char* tag) {
    std::string of = html_ ? "<tr>" : "|";
    for (const auto& cell : cells)
      of += html_ ? std::string("<") + tag + ">" + escaped(cell) + "</" + tag + ">" : " " + escaped(cell) + " |";
    out_ += of + (html_ ? "</tr>\n" : "\n");
  };
  out_ += html_ ? "<table>\n" : "\n";
  line(head, "th");
  if (!html_) {
    out_ += "|";
    for (std::size_t c = 0; c < head.size(); ++c) out_ += "---|";
    out_ += "\n";
  }
  for (const auto& row : rows) line(row, "td");
  if (html_) out_ += "</table>\n";
}

std::string document_writer::done() {
  if (html_) out_ += "</body>\n</html>\n";
  return std::move(out_);
}

std::string document_writer::escaped(std::string_view text) const {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (html_ && c == '"')
      out += "&quot;";
    else if (html_ && c == '\'')
      out += "&#39;";
    else if (!html_ && (c == '|' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']' || c == '\\' || c == '#'))
      out += std::string("\\") + c;
    else if (c == '\n' || c == '\r' || c == '\t')
      out += ' ';
    else
      out += c;
  }
  return out;
}

}  // namespace detail

namespace {

std::string count(std::uint64_t n) { return wording::count(static_cast<double>(n)); }

std::string share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? "" : wording::percent(static_cast<double>(part) / static_cast<double>(of));
}

void describe_rules(detail::document_writer& out, const std::vector<definition>& rules) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t d = 0; d < rules.size(); ++d)
    rows.push_back({std::to_string(d + 1), rules[d].name, rules[d].version, describe(rules[d].when), rules[d].description});
  out.table({"Order", "Name", "Version", "Condition", "Description"}, rows);
}

void tell(detail::document_writer& out, const std::vector<schema::finding>& findings) {
  for (const auto& found : findings)
    out.sentence(std::string(to_string(found.severity)) + " " + found.code + ": " + found.message);
}

}  // namespace

std::string logic_document(const std::vector<definition>& segments, const segmentation& segmented,
                           const std::vector<definition>& rules, const suppression& suppressed, const document_options& options) {
  if (segmented.customers.size() != segments.size())
    reject("segmented", std::to_string(segmented.customers.size()) + " counts", "give the result of these segments");
  if (suppressed.first.size() != rules.size())
    reject("suppressed", std::to_string(suppressed.first.size()) + " counts", "give the result of these rules");
  detail::document_writer out(options.html, options.title);
  out.sentence("Version " + options.version + ", " + core::to_string(options.day) + ".");
  if (!segments.empty()) {
    const std::uint64_t all = segmented.segment.size();
    out.heading("Segments");
    out.sentence(
        "A customer is in the first segment whose condition holds. A field that is missing meets no condition but \"is "
        "missing\".");
    describe_rules(out, segments);
    out.heading("Customers by segment");
    std::vector<std::vector<std::string>> rows;
    for (std::size_t d = 0; d < segments.size(); ++d) {
      const double width = segmented.half_width[d];
      rows.push_back(
          {segments[d].name, count(segmented.customers[d]), share(segmented.customers[d], all), count(segmented.meeting[d]),
           segments[d].minimum_size > 0 ? count(segments[d].minimum_size) : "",
           std::isnan(width) ? "" : wording::percent(segments[d].expected_response) + " +- " + wording::percent(width)});
    }
    rows.push_back({"none", count(segmented.unassigned), share(segmented.unassigned, all), "", "", ""});
    out.table({"Segment", "Customers", "Share", "Meet the condition", "Minimum size", "Expected response"}, rows);
    tell(out, segmented.findings);
  }
  if (!rules.empty()) {
    out.heading("Suppression");
    out.sentence("A customer who meets a rule is left out; the first rule met is the first reason.");
    describe_rules(out, rules);
    out.heading("Customers by rule");
    std::vector<std::vector<std::string>> rows;
    for (std::size_t r = 0; r < rules.size(); ++r)
      rows.push_back({rules[r].name, count(suppressed.first[r]), share(suppressed.first[r], suppressed.customers),
                      count(suppressed.all[r])});
    rows.push_back({"remaining", count(suppressed.remaining), share(suppressed.remaining, suppressed.customers), ""});
    rows.push_back({"customers", count(suppressed.customers), share(suppressed.customers, suppressed.customers), ""});
    out.table({"Rule", "First reason", "Share", "Meet the rule"}, rows);
    tell(out, suppressed.findings);
  }
  return out.done();
}

}  // namespace clarion::segment
