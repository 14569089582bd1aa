#include "clarion/stats/calibration.hpp"

#include <optional>

#include "convert.hpp"

namespace clarion::bindings {

void bind_calibration(py::module_& m) {
  m.def("reliability_options", &option_list<stats::reliability_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "isotonic",
      [](const array_in<double>& scores, const array_in<double>& y, const std::optional<array_in<double>>& weights) {
        auto curve = without_gil([&] { return stats::isotonic(span_of(scores), span_of(y), span_of(weights)); });
        return py::make_tuple(array_of(std::move(curve.score)), array_of(std::move(curve.value)));
      },
      py::arg("scores"), py::arg("y"), py::arg("weights") = py::none(), "(scores, values) of the curve's points.");
  m.def(
      "isotonic_values",
      [](const array_in<double>& score, const array_in<double>& value, const array_in<double>& at) {
        const auto x = span_of(score), y = span_of(value);
        if (x.size() != y.size()) throw py::value_error("score and value differ in length");
        const stats::isotonic_curve curve{{x.begin(), x.end()}, {y.begin(), y.end()}};
        return array_of(without_gil([&] { return curve(span_of(at)); }));
      },
      py::arg("score"), py::arg("value"), py::arg("at"), "The curve at other scores.");
  m.def(
      "platt",
      [](const array_in<double>& scores, const array_in<double>& y, const std::optional<array_in<double>>& weights) {
        const auto curve = without_gil([&] { return stats::platt(span_of(scores), span_of(y), span_of(weights)); });
        return py::make_tuple(curve.slope, curve.intercept, curve.converged);
      },
      py::arg("scores"), py::arg("y"), py::arg("weights") = py::none(), "(slope, intercept, converged)");
  m.def(
      "platt_values",
      [](double slope, double intercept, const array_in<double>& at) {
        const stats::platt_curve curve{slope, intercept, true};
        return array_of(without_gil([&] { return curve(span_of(at)); }));
      },
      py::arg("slope"), py::arg("intercept"), py::arg("at"), "The sigmoid at other scores.");
  m.def(
      "reliability",
      [](const array_in<double>& probabilities, const array_in<double>& y, const std::optional<array_in<double>>& weights,
         const py::kwargs& options) {
        const auto chosen = options_from<stats::reliability_options>(options);
        const auto found =
            without_gil([&] { return stats::reliability(span_of(probabilities), span_of(y), span_of(weights), chosen); });
        py::list bins;
        for (const auto& bin : found.bins)
          bins.append(py::make_tuple(bin.from, bin.to, bin.n, bin.weight, bin.predicted, bin.observed, bin.low, bin.high));
        py::dict out;
        out["bins"] = bins;
        out["brier"] = found.brier;
        out["miscalibration"] = found.miscalibration;
        out["resolution"] = found.resolution;
        out["uncertainty"] = found.uncertainty;
        out["within"] = found.within;
        out["expected_error"] = found.expected_error;
        out["largest_error"] = found.largest_error;
        return out;
      },
      py::arg("probabilities"), py::arg("y"), py::arg("weights") = py::none(),
      "Bins (from, to, n, weight, predicted, observed, low, high), the Brier score, its parts and the errors.");
}

}  // namespace clarion::bindings
