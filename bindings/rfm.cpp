#include "clarion/segment/rfm.hpp"

#include "purchase_options.hpp"

namespace clarion::bindings {

namespace {

using namespace segment;

py::dict result_dict(rfm_result&& result) {
  py::dict out;
  out["recency"] = array_of(std::move(result.recency));
  out["frequency"] = array_of(std::move(result.frequency));
  out["monetary"] = array_of(std::move(result.monetary));
  out["mean"] = array_of(std::move(result.mean));
  out["tenure"] = array_of(std::move(result.tenure));
  out["r"] = array_of(std::move(result.r));
  out["f"] = array_of(std::move(result.f));
  out["m"] = array_of(std::move(result.m));
  std::vector<std::uint8_t> codes(result.segment.size());
  for (std::size_t c = 0; c < codes.size(); ++c) codes[c] = static_cast<std::uint8_t>(result.segment[c]);
  out["codes"] = array_of(std::move(codes));
  out["grid"] = result.grid;
  py::dict segments;
  for (std::size_t s = 0; s < n_rfm_segments; ++s)
    segments[py::str(std::string(to_string(static_cast<rfm_segment>(s))))] = result.segments[s];
  out["counts"] = segments;
  out["recency_boundaries"] = result.recency_boundaries;
  out["frequency_boundaries"] = result.frequency_boundaries;
  out["monetary_boundaries"] = result.monetary_boundaries;
  out["findings"] = std::move(result.findings);
  return out;
}

}  // namespace

void bind_rfm(py::module_& m) {
  m.def(
      "rfm_segment_of",
      [](int recency_score, int frequency_score) {
        return std::string(to_string(rfm_segment_of(recency_score, frequency_score)));
      },
      py::arg("recency_score"), py::arg("frequency_score"), "The segment of two scores.");
  m.def(
      "rfm",
      [](const purchases& data, const py::dict& options, const py::object& n_jobs, const py::object& progress) {
        const auto chosen = options_from<rfm_options>(options);
        const run_options run = run_from(n_jobs, progress);
        return result_dict(without_gil([&] { return rfm(data, chosen, run); }));
      },
      py::arg("data"), py::arg("options") = py::dict(), py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "Measures, scores and segments of purchases.");
  m.def(
      "read_rfm",
      [](const py::object& source, const std::map<std::string, std::string>& columns, const py::dict& reading,
         const py::dict& options, const py::object& n_jobs,
         const py::object& progress) -> py::typing::Tuple<purchases, py::dict, py::dict> {
        const auto read_as = options_from<purchase_options>(reading);
        const auto chosen = options_from<rfm_options>(options);
        const arrow_stream stream = stream_of(source);
        const run_options run = run_from(n_jobs, progress);
        auto built = without_gil([&] { return rfm(stream.stream, purchase_names_of(columns), read_as, chosen, run); });
        return py::make_tuple(std::move(built.data), result_dict(std::move(built.result)),
                              purchase_report_dict(std::move(built.report)));
      },
      py::arg("source"), py::arg("columns"), py::arg("reading") = py::dict(), py::arg("options") = py::dict(),
      py::arg("n_jobs") = py::none(), py::arg("progress") = py::none(),
      "(PurchaseData, result, report) of an object that exports an Arrow stream.");
  m.def(
      "purchase_summary",
      [](const purchases& data, double unit, const py::object& n_jobs) {
        const run_options run = run_from(n_jobs);
        return summary_dict(without_gil([&] { return purchase_summary(data, {.unit = unit}, run); }));
      },
      py::arg("data"), py::arg("unit") = 1.0, py::arg("n_jobs") = py::none(), "Repeat purchases, recency, T and mean spend.");
}

}  // namespace clarion::bindings
