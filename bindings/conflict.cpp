#include <array>

#include "clarion/conflict/concentration.hpp"
#include "clarion/conflict/find_conflicts.hpp"
#include "clarion/conflict/load_cube.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/conflict/saturation.hpp"
#include "clarion/conflict/timing.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using namespace conflict;
using schema::audiences;
using schema::blackout;
using schema::catalog;
using schema::policy;
using schema::portfolio;

template <class T>
bool has_option(const std::string& name) {
  bool found = false;
  core::for_each_option<T>([&](const auto& field) { found = found || field.name == name; });
  return found;
}

// Keywords dealt out to several structs by their lists of fields; a name in two of them goes to both.
template <class... T>
std::tuple<T...> deal(const py::dict& keywords) {
  std::tuple<py::dict, std::conditional_t<true, py::dict, T>...> hands;
  for (const std::pair<py::handle, py::handle> item : keywords) {
    const auto name = py::str(item.first).cast<std::string>();
    bool known = false;
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      ((has_option<T>(name) ? (std::get<i + 1>(hands)[item.first] = item.second, known = true) : false), ...);
    }(std::index_sequence_for<T...>{});
    if (!known) {
      std::string names;
      const auto add = [&](const auto& field) {
        if (names.find(std::string(field.name)) == std::string::npos)
          names += (names.empty() ? "" : ", ") + std::string(field.name);
      };
      (core::for_each_option<T>(add), ...);
      throw py::type_error("unknown option " + name + "; the options are " + names);
    }
  }
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return std::tuple<T...>{options_from<T>(std::get<i + 1>(hands))...};
  }(std::index_sequence_for<T...>{});
}

// A view of a vector that lives as long as its owner.
template <class T>
py::array view_of(const std::vector<T>& values, const py::object& owner) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data(), owner);
}

py::typing::List<date> days_of(const std::vector<date>& days) {
  py::list out;
  for (const date day : days) out.append(day);
  return out;
}

py::dict columns_of(saturation_result&& from) {
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

py::dict columns_of(concentration_result&& from) {
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

py::dict columns_of(taken_days_table&& from) {
  py::dict out;
  out["campaign"] = array_of(std::move(from.campaign));
  out["days"] = array_of(std::move(from.days));
  out["first"] = days_of(from.first);
  out["name"] = std::move(from.name);
  out["holiday"] = array_of(std::move(from.holiday)).attr("view")("bool");
  return out;
}

void bind_values(py::module_& m) {
  py::class_<pair_table>(m, "PairTable", "Pairs of campaigns that touch each other.")
      .def("__len__", &pair_table::size)
      .def_readonly("left_out", &pair_table::left_out, "Pairs that max_pairs left out.")
      .def(
          "columns",
          [](const py::object& self) {
            const auto& table = self.cast<const pair_table&>();
            py::dict out;
            out["a"] = view_of(table.a, self);
            out["b"] = view_of(table.b, self);
            out["shared_days"] = view_of(table.shared_days, self);
            out["days_apart"] = view_of(table.days_apart, self);
            out["shared"] = view_of(table.shared, self);
            out["jaccard"] = view_of(table.jaccard, self);
            out["share_a"] = view_of(table.share_a, self);
            out["share_b"] = view_of(table.share_b, self);
            out["containment"] = view_of(table.containment, self);
            out["rate"] = view_of(table.rate, self);
            out["weight"] = view_of(table.weight, self);
            out["reasons"] = view_of(table.reasons, self);
            return out;
          },
          "Columns by name, without a copy; a and b are rows of the portfolio.");

  py::enum_<load_measure>(m, "LoadMeasure", "What a cube of weekly load holds.")
      .value("contacts", load_measure::contacts)
      .value("spend", load_measure::spend);
  py::class_<weekly_load>(m, "WeeklyLoad", "Weekly load and spend of each campaign.")
      .def("__len__", &weekly_load::size)
      .def_property_readonly(
          "weeks", [](const weekly_load& self) { return days_of(self.weeks); }, "Mondays.")
      .def_readonly("channels", &weekly_load::channels, "Names, registered ones first.")
      .def_property_readonly(
          "capacity", [](const py::object& self) { return view_of(self.cast<const weekly_load&>().capacity, self); },
          "By channel, contacts that a customer takes a week; NaN when not registered.")
      .def(
          "columns",
          [](const py::object& self) {
            const auto& load = self.cast<const weekly_load&>();
            py::dict out;
            out["channel"] = view_of(load.channel, self);
            out["first_week"] = view_of(load.first_week, self);
            out["offsets"] = view_of(load.offsets, self);
            out["load"] = view_of(load.load, self);
            out["spend"] = view_of(load.spend, self);
            return out;
          },
          "Runs of weekly values: those of campaign c are [offsets[c], offsets[c + 1]).")
      .def(
          "cube",
          [](const weekly_load& self, load_measure measure, std::size_t max_bytes) {
            auto* cube = new core::cube(load_cube(self, measure, max_bytes));
            const py::capsule keeper(cube, [](void* held) { delete static_cast<core::cube*>(held); });
            const std::array<std::size_t, 3> shape{cube->shape(0), cube->shape(1), cube->shape(2)};
            return py::array_t<double>(shape, cube->data(), keeper);
          },
          py::arg("measure") = load_measure::contacts, py::arg("max_bytes") = std::size_t{1} << 30,
          "campaign x channel x week; ClarionError when it would take more than max_bytes.");
}

}  // namespace

void bind_conflict(py::module_& m) {
  bind_values(m);
  m.def(
      "conflict_rules", [] { return std::vector<schema::rule>(rules().begin(), rules().end()); },
      "The rules of the conflict room.");

  m.def(
      "weekly_load",
      [](const portfolio& plan, const policy& by, const py::kwargs& options) {
        const auto chosen = options_from<load_options>(options);
        const py::gil_scoped_release free;
        return load(plan, by, chosen);
      },
      py::arg("portfolio"), py::arg("policy"), "Weekly load and spend of each campaign.");
  m.def(
      "find_pairs",
      [](const portfolio& plan, const audiences* members, const catalog* products, const py::object& n_jobs,
         const py::object& progress, const py::kwargs& options) {
        auto chosen = options_from<pair_options>(options);
        chosen.catalog = products;
        const auto run = run_from(n_jobs, progress);
        const py::gil_scoped_release free;
        return pairs(plan, members, chosen, run);
      },
      py::arg("portfolio"), py::arg("audiences") = py::none(), py::arg("catalog") = py::none(), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "Pairs of campaigns that touch each other.");
  m.def(
      "saturation",
      [](const portfolio& plan, const audiences* members, const policy& by, const py::object& n_jobs, const py::object& progress,
         const py::kwargs& options) {
        const auto [loads, chosen] = deal<load_options, saturation_options>(options);
        const auto run = run_from(n_jobs, progress);
        weekly_load weeks;
        saturation_result result;
        {
          const py::gil_scoped_release free;
          weeks = load(plan, by, loads);
          result = saturation(plan, members, weeks, chosen, run);
        }
        return py::make_tuple(columns_of(std::move(result)), std::move(weeks));
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("policy"), py::kw_only(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "(columns, WeeklyLoad): load against capacity, new reach, findings.");
  m.def(
      "concentration",
      [](const portfolio& plan, const py::kwargs& options) {
        const auto chosen = options_from<concentration_options>(options);
        concentration_result result;
        {
          const py::gil_scoped_release free;
          result = concentration(plan, chosen);
        }
        return columns_of(std::move(result));
      },
      py::arg("portfolio"), "Herfindahl index, shares and findings by dimension.");
  m.def(
      "timing",
      [](const portfolio& plan, const audiences* members, const catalog* products, const policy& by,
         const std::vector<blackout>& holidays, const py::object& n_jobs, const py::object& progress, const py::kwargs& options) {
        auto [choice, chosen] = deal<pair_options, timing_options>(options);
        choice.catalog = products;
        choice.within_days = std::max(choice.within_days, chosen.rest_days);
        const auto run = run_from(n_jobs, progress);
        timing_result result;
        {
          const py::gil_scoped_release free;
          result = timing(plan, pairs(plan, members, choice, run), by, holidays, chosen);
        }
        return py::make_tuple(std::move(result.findings), columns_of(std::move(result.taken)));
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("holidays"), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "(findings, days that are taken)");
  m.def(
      "find_conflicts",
      [](const portfolio& plan, const audiences* members, const catalog* products, const policy& by,
         const std::vector<blackout>& holidays, const py::object& n_jobs, const py::object& progress, const py::kwargs& options) {
        conflict_options chosen;
        std::tie(chosen, chosen.load, chosen.pairs, chosen.saturation, chosen.concentration, chosen.timing) =
            deal<conflict_options, load_options, pair_options, saturation_options, concentration_options, timing_options>(
                options);
        chosen.pairs.catalog = products;
        const auto run = run_from(n_jobs, progress);
        conflicts result;
        {
          const py::gil_scoped_release free;
          result = find_conflicts(plan, members, by, holidays, chosen, run);
        }
        py::dict out;
        out["findings"] = std::move(result.findings);
        out["pairs"] = std::move(result.pairs);
        out["load"] = std::move(result.load);
        out["saturation"] = columns_of(std::move(result.saturation));
        out["concentration"] = columns_of(std::move(result.concentration));
        out["taken"] = columns_of(std::move(result.taken));
        out["source"] = std::string(to_string(result.source));
        out["campaigns"] = result.campaigns;
        return out;
      },
      py::arg("portfolio"), py::arg("audiences"), py::arg("catalog"), py::arg("policy"), py::arg("holidays"), py::kw_only(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(), "Every detector over one portfolio.");
}

}  // namespace clarion::bindings
