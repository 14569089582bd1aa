#include "clarion/segment/score_quality.hpp"

#include <optional>

#include "convert.hpp"

namespace clarion::bindings {

namespace {

template <class Row>
py::array column(const std::vector<Row>& rows, double Row::*member) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(row.*member);
  return array_of(std::move(out));
}

}  // namespace

void bind_score_quality(py::module_& m) {
  m.def("score_quality_options", &option_list<segment::score_quality_options>, "[(name, default, meaning, low, high)]");
  m.def(
      "score_quality",
      [](const array_in<double>& scores, const array_in<double>& y, const std::optional<array_in<double>>& weights,
         const py::kwargs& options) {
        const auto chosen = options_from<segment::score_quality_options>(options);
        const auto w = weights ? span_of(*weights) : std::span<const double>();
        const auto found = without_gil([&] { return segment::score_quality(span_of(scores), span_of(y), w, chosen); });
        py::dict out, groups, curve;
        out["n"] = found.n;
        out["positives"] = found.positives;
        out["weight"] = found.weight;
        out["base_rate"] = found.base_rate;
        out["auc"] = found.auc;
        out["auc_sd"] = found.auc_sd;
        out["auc_low"] = found.auc_low;
        out["auc_high"] = found.auc_high;
        out["average_precision"] = found.average_precision;
        out["ks"] = found.ks;
        out["ks_score"] = found.ks_score;
        out["brier"] = found.brier;
        out["log_loss"] = found.log_loss;
        using group = segment::score_group;
        groups["weight"] = column(found.groups, &group::weight);
        groups["depth"] = column(found.groups, &group::depth);
        groups["mean_score"] = column(found.groups, &group::mean_score);
        groups["least_score"] = column(found.groups, &group::least_score);
        groups["positives"] = column(found.groups, &group::positives);
        groups["rate"] = column(found.groups, &group::rate);
        groups["lift"] = column(found.groups, &group::lift);
        groups["gain"] = column(found.groups, &group::gain);
        groups["cumulative_lift"] = column(found.groups, &group::cumulative_lift);
        out["groups"] = groups;
        using threshold = segment::score_threshold;
        curve["score"] = column(found.curve, &threshold::score);
        curve["depth"] = column(found.curve, &threshold::depth);
        curve["true_positive_rate"] = column(found.curve, &threshold::true_positive_rate);
        curve["false_positive_rate"] = column(found.curve, &threshold::false_positive_rate);
        curve["precision"] = column(found.curve, &threshold::precision);
        out["curve"] = curve;
        return out;
      },
      py::arg("scores"), py::arg("y"), py::arg("weights") = py::none(), "Figures by name, groups and curve by column.");
}

}  // namespace clarion::bindings
