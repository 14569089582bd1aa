#include "clarion/segment/engagement.hpp"

#include <optional>
#include <span>
#include <vector>

#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

using namespace segment;

void bind_engagement(py::module_& m) {
  m.def(
      "engagement_options", [] { return option_list<engagement_options>(); },
      "Options of how engaged customers are: (name, default, meaning, low, high).");
  m.def(
      "engagement",
      [](const index_in& customer, const py::array_t<std::int32_t, py::array::c_style>& day, const std::optional<index_in>& kind,
         std::size_t customers, std::size_t kinds, const std::optional<std::vector<std::optional<double>>>& weights,
         const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<engagement_options>(options);
        const run_options run = run_from(n_jobs, progress);
        engagement_rows rows{span_of(customer), span_of(day), span_of(kind), customers, kinds, {}};
        // Weights of no kind at all are still weights.
        static const std::optional<double> no_weight;
        if (weights && kinds == 0) {
          rows.kinds = 1;
          rows.weight = {&no_weight, 1};
        } else if (weights) {
          rows.weight = *weights;
        }
        auto result = without_gil([&] { return engagement(rows, chosen, run); });
        result.kinds.resize(kinds);
        py::dict out;
        out["points"] = array_of(std::move(result.points));
        out["events"] = array_of(std::move(result.events));
        out["days_since"] = array_of(std::move(result.days_since));
        out["at"] = result.at;
        out["kinds"] = array_of(std::move(result.kinds));
        out["used"] = result.used;
        out["no_customer"] = result.no_customer;
        out["no_day"] = result.no_day;
        out["future"] = result.future;
        out["no_weight"] = result.no_weight;
        return out;
      },
      py::arg("customer"), py::arg("day"), py::arg("kind").none(true), py::arg("customers"), py::arg("kinds"),
      py::arg("weights") = py::none(), py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(), "Points, events and days since the last one by customer, of coded columns.");
  m.def(
      "engagement_scores",
      [](const array_in<double>& points, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return array_of(without_gil([&] { return engagement_scores(span_of(points), run); }));
      },
      py::arg("points"), py::arg("n_jobs") = py::none(), "Mid-rank percentiles from 0 to 100.");
}

}  // namespace clarion::bindings
