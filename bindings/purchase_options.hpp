#pragma once

// Options and report of reading transactions, and the columns that models take of them.

#include <map>
#include <string>
#include <vector>

#include "clarion/segment/purchases.hpp"
#include "clarion/segment/rfm.hpp"
#include "convert.hpp"
#include "id_columns.hpp"

namespace clarion::bindings {

inline segment::purchase_names purchase_names_of(const std::map<std::string, std::string>& columns) {
  segment::purchase_names names{"", "", "", "", "", ""};
  for (const auto& [key, column] : columns) {
    if (key == "customer") names.customer = column;
    if (key == "date") names.date = column;
    if (key == "amount") names.amount = column;
    if (key == "invoice") names.invoice = column;
    if (key == "kind") names.kind = column;
    if (key == "currency") names.currency = column;
  }
  return names;
}

inline py::dict summary_dict(segment::purchase_summary_result&& result) {
  py::dict out;
  out["frequency"] = array_of(std::move(result.frequency));
  out["recency"] = array_of(std::move(result.recency));
  out["T"] = array_of(std::move(result.T));
  out["monetary"] = array_of(std::move(result.monetary));
  return out;
}

inline py::dict purchase_report_dict(segment::purchase_report&& report) {
  py::dict reasons, out;
  for (std::size_t r = 0; r < report.by_reason.size(); ++r)
    if (report.by_reason[r] != 0) reasons[describe(static_cast<segment::purchase_reason>(r))] = report.by_reason[r];
  py::list names, values;
  for (std::size_t r = 0; r < segment::n_purchase_reasons; ++r) names.append(describe(static_cast<segment::purchase_reason>(r)));
  for (const auto& value : report.value) values.append(text_of(value));
  std::vector<std::uint8_t> codes;
  for (const auto why : report.reason) codes.push_back(static_cast<std::uint8_t>(why));
  out["rows_read"] = report.rows_read;
  out["sales"] = report.sales;
  out["returns"] = report.returns;
  out["set_aside"] = report.set_aside;
  out["by_reason"] = reasons;
  out["rows"] = array_of(std::move(report.row));
  out["reasons"] = array_of(std::move(codes));
  out["reason_names"] = names;
  out["values"] = values;
  out["findings"] = std::move(report.findings);
  return out;
}

}  // namespace clarion::bindings
