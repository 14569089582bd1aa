#include "clarion/stats/logistic.hpp"

#include <optional>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

using labels_in = array_in<std::uint8_t>;

stats::design_view design_of(const py::array& x, const std::vector<std::string>& names) {
  if (x.ndim() != 2) throw py::type_error("x: give rows and columns");
  const bool single = py::isinstance<py::array_t<float>>(x);
  if (!single && !py::isinstance<py::array_t<double>>(x)) throw py::type_error("x: give float64 or float32");
  const auto size = static_cast<py::ssize_t>(single ? sizeof(float) : sizeof(double));
  if (x.strides(0) % size != 0 || x.strides(1) % size != 0) throw py::type_error("x: give whole strides");
  stats::design_view out;
  out.rows = static_cast<std::size_t>(x.shape(0));
  out.columns = static_cast<std::size_t>(x.shape(1));
  out.row_stride = x.strides(0) / size;
  out.column_stride = x.strides(1) / size;
  if (single)
    out.floats = static_cast<const float*>(x.data());
  else
    out.doubles = static_cast<const double*>(x.data());
  out.names = names;
  return out;
}

}  // namespace

void bind_logistic(py::module_& m) {
  m.def("logistic_options", &option_list<stats::logistic_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "logistic",
      [](const py::array& x, const labels_in& y, const std::optional<array_in<double>>& weights, const py::dict& options,
         const std::vector<std::string>& names, const py::object& n_jobs, const py::object& progress) {
        const auto view = design_of(x, names);
        const auto chosen = options_from<stats::logistic_options>(options);
        const auto run = run_from(n_jobs, progress);
        const auto w = weights ? span_of(*weights) : std::span<const double>();
        const std::span<const std::uint8_t> labels(y.data(), static_cast<std::size_t>(y.size()));
        auto fit = without_gil([&] { return stats::logistic(view, labels, w, chosen, run); });
        py::dict out;
        out["coefficients"] = array_of(std::move(fit.coefficients));
        out["intercept"] = fit.intercept;
        out["standard_errors"] = array_of(std::move(fit.standard_errors));
        out["z"] = array_of(std::move(fit.z));
        out["p"] = array_of(std::move(fit.p));
        out["low"] = array_of(std::move(fit.low));
        out["high"] = array_of(std::move(fit.high));
        out["n_iter"] = fit.n_iter;
        out["converged"] = fit.converged;
        out["separated"] = fit.separated;
        out["reason"] = fit.reason;
        out["aliased"] = fit.aliased;
        out["log_likelihood"] = fit.log_likelihood;
        out["null_log_likelihood"] = fit.null_log_likelihood;
        return out;
      },
      py::arg("x"), py::arg("y"), py::arg("weights"), py::arg("options"), py::arg("names") = std::vector<std::string>(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "A logistic regression, as clarion::stats::logistic_fit.");
  m.def(
      "log_odds",
      [](const py::array& x, const array_in<double>& coefficients, double intercept, const std::vector<std::string>& names,
         const py::object& n_jobs) {
        const auto view = design_of(x, names);
        const auto run = run_from(n_jobs);
        return array_of(without_gil([&] { return stats::log_odds(view, span_of(coefficients), intercept, run); }));
      },
      py::arg("x"), py::arg("coefficients"), py::arg("intercept"), py::arg("names") = std::vector<std::string>(),
      py::arg("n_jobs") = py::none(), "intercept + x b for each row.");
  m.def(
      "contributions",
      [](const py::array& x, const array_in<double>& coefficients, const array_in<double>& means,
         const std::vector<std::string>& names, const py::object& n_jobs) {
        const auto view = design_of(x, names);
        const auto run = run_from(n_jobs);
        return array_of(without_gil([&] { return stats::contributions(view, span_of(coefficients), span_of(means), run); }),
                        view.rows, view.columns);
      },
      py::arg("x"), py::arg("coefficients"), py::arg("means"), py::arg("names") = std::vector<std::string>(),
      py::arg("n_jobs") = py::none(), "(x - mean) b, rows x columns.");
}

}  // namespace clarion::bindings
