#pragma once

// Results of the conflict room as dicts of columns.

#include <cstdint>
#include <utility>
#include <vector>

#include "clarion/conflict/concentration.hpp"
#include "clarion/conflict/saturation.hpp"
#include "clarion/conflict/timing.hpp"
#include "convert.hpp"

namespace clarion::bindings {

/// Days as a list of datetime.date.
inline py::typing::List<date> days_of(const std::vector<date>& days) {
  py::list out;
  for (const date day : days) out.append(day);
  return out;
}

inline py::dict columns_of(conflict::saturation_result&& from) {
  py::dict channels, segments, reach, out;
  channels["channel"] = array_of(std::move(from.channels.channel));
  channels["week"] = array_of(std::move(from.channels.week));
  channels["load"] = array_of(std::move(from.channels.load));
  channels["peak"] = array_of(std::move(from.channels.peak));
  channels["capacity"] = array_of(std::move(from.channels.capacity));
  channels["customers"] = array_of(std::move(from.channels.customers));
  channels["over"] = array_of(std::move(from.channels.over));
  channels["spend"] = array_of(std::move(from.channels.spend));
  channels["saturated"] = array_of(std::move(from.channels.saturated)).attr("view")("bool");
  channels["estimated"] = array_of(std::move(from.channels.estimated)).attr("view")("bool");
  segments["channel"] = array_of(std::move(from.segment_loads.channel));
  segments["segment"] = array_of(std::move(from.segment_loads.segment));
  segments["week"] = array_of(std::move(from.segment_loads.week));
  segments["load"] = array_of(std::move(from.segment_loads.load));
  segments["capacity"] = array_of(std::move(from.segment_loads.capacity));
  reach["campaign"] = array_of(std::move(from.reach.campaign));
  reach["channel"] = array_of(std::move(from.reach.channel));
  reach["quarter"] = array_of(std::move(from.reach.quarter));
  reach["order"] = array_of(std::move(from.reach.order));
  reach["audience"] = array_of(std::move(from.reach.audience));
  reach["new_reach"] = array_of(std::move(from.reach.new_reach));
  reach["new_share"] = array_of(std::move(from.reach.new_share));
  reach["reached"] = array_of(std::move(from.reach.reached));
  reach["estimated"] = array_of(std::move(from.reach.estimated)).attr("view")("bool");
  out["segments"] = std::move(from.segments);
  out["channel_loads"] = channels;
  out["segment_loads"] = segments;
  out["reach"] = reach;
  out["findings"] = std::move(from.findings);
  return out;
}

inline py::dict columns_of(conflict::concentration_result&& from) {
  py::list dimensions;
  for (const auto& each : from.dimensions) {
    py::list keys;
    std::vector<double> amount, share, largest_amount;
    std::vector<std::uint32_t> campaigns, largest;
    for (const auto& held : each.shares) {
      keys.append(held.key);
      amount.push_back(held.amount);
      share.push_back(held.share);
      campaigns.push_back(held.campaigns);
      largest.push_back(held.largest);
      largest_amount.push_back(held.largest_amount);
    }
    py::dict row;
    row["dimension"] = each.dimension;
    row["hhi"] = each.hhi;
    row["normalised_hhi"] = each.normalised_hhi;
    row["effective"] = each.effective;
    row["threshold"] = each.threshold;
    row["assigned"] = each.assigned;
    row["unassigned"] = each.unassigned;
    row["key"] = keys;
    row["amount"] = array_of(std::move(amount));
    row["share"] = array_of(std::move(share));
    row["campaigns"] = array_of(std::move(campaigns));
    row["largest"] = array_of(std::move(largest));
    row["largest_amount"] = array_of(std::move(largest_amount));
    dimensions.append(row);
  }
  py::dict out;
  out["currency"] = from.currency;
  out["total"] = from.total;
  out["campaigns"] = from.campaigns;
  out["without_budget"] = from.without_budget;
  out["other_currency"] = from.other_currency;
  out["dimensions"] = dimensions;
  out["findings"] = std::move(from.findings);
  return out;
}

inline py::dict columns_of(conflict::taken_days_table&& from) {
  py::dict out;
  out["campaign"] = array_of(std::move(from.campaign));
  out["days"] = array_of(std::move(from.days));
  out["first"] = days_of(from.first);
  out["name"] = std::move(from.name);
  out["holiday"] = array_of(std::move(from.holiday)).attr("view")("bool");
  return out;
}

}  // namespace clarion::bindings
