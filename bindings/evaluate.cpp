#include "clarion/recommend/evaluate.hpp"

#include <optional>
#include <tuple>
#include <utility>

#include "clarion/stats/bootstrap.hpp"
#include "clarion/stats/paired_test.hpp"
#include "convert.hpp"
#include "sparse.hpp"

namespace clarion::bindings {

namespace {

using csr_in = std::pair<offsets_in, index_in>;

}  // namespace

void bind_evaluate(py::module_& m) {
  m.def(
      "metric_list",
      [] {
        std::vector<std::tuple<std::string, bool, bool, bool, std::string>> out;
        for (const auto& metric : recommend::metrics())
          out.emplace_back(std::string(metric.name), metric.at_k, metric.by_user, metric.higher, std::string(metric.meaning));
        return out;
      },
      "The metrics as (name, measured at each k, has a value for each user, better when higher, meaning).");

  m.def(
      "evaluate",
      [](const index_in& items, const index_in& lengths, const csr_in& relevant, const py::object& gains, std::size_t columns,
         const py::dict& options, std::size_t n_items, const std::optional<csr_in>& history,
         const std::optional<array_in<std::uint32_t>>& popularity, std::uint64_t n_users,
         const std::optional<array_in<float>>& item_vectors, const std::optional<csr_in>& by_item, std::size_t by_item_columns,
         const std::optional<array_in<std::uint32_t>>& group, const std::optional<array_in<std::uint32_t>>& ahead,
         const std::optional<array_in<std::uint32_t>>& candidates, const std::optional<array_in<std::uint32_t>>& segment,
         const py::object& n_jobs, const py::object& progress) {
        if (items.ndim() != 2 || lengths.ndim() != 1 || lengths.shape(0) != items.shape(0))
          reject("lists", std::to_string(items.ndim()) + " dimensions", "give rows x k items and a length for each row");
        const recommend::list_view lists(static_cast<std::size_t>(items.shape(0)), static_cast<std::uint32_t>(items.shape(1)),
                                         items.data(), lengths.data());
        const auto chosen = options_from<recommend::evaluate_options>(options);
        const auto wanted = csr_of(relevant.first, relevant.second, gains, columns);
        recommend::evaluate_inputs in{.n_items = n_items,
                                      .popularity = span_of(popularity),
                                      .n_users = n_users,
                                      .group = span_of(group),
                                      .ahead = span_of(ahead),
                                      .candidates = span_of(candidates),
                                      .segment = span_of(segment)};
        std::optional<csr_arrays> had, others;
        if (history) in.history = &had.emplace(csr_of(history->first, history->second, py::none(), n_items)).view;
        if (by_item) in.by_item = &others.emplace(csr_of(by_item->first, by_item->second, py::none(), by_item_columns)).view;
        if (item_vectors) {
          if (item_vectors->ndim() != 2)
            reject("item_vectors", std::to_string(item_vectors->ndim()) + " dimensions", "give items x factors");
          in.item_vectors = {item_vectors->data(), static_cast<std::size_t>(item_vectors->shape(0)),
                             static_cast<std::size_t>(item_vectors->shape(1))};
        }
        const auto run = run_from(n_jobs, progress);
        recommend::evaluation found;
        {
          const py::gil_scoped_release free;
          found = recommend::evaluate(lists, wanted.view, chosen, in, run);
        }
        py::list metrics;
        for (auto& metric : found.metrics)
          metrics.append(py::make_tuple(metric.name, metric.k, metric.mean, metric.users, array_of(std::move(metric.by_user)),
                                        array_of(std::move(metric.by_segment)), array_of(std::move(metric.segment_users))));
        py::dict out;
        out["users"] = found.users;
        out["without_relevant"] = found.without_relevant;
        out["without_list"] = found.without_list;
        out["metrics"] = metrics;
        return out;
      },
      py::arg("items"), py::arg("lengths"), py::arg("relevant"), py::arg("gains"), py::arg("columns"), py::arg("options"),
      py::kw_only(), py::arg("n_items"), py::arg("history") = py::none(), py::arg("popularity") = py::none(),
      py::arg("n_users") = 0, py::arg("item_vectors") = py::none(), py::arg("by_item") = py::none(),
      py::arg("by_item_columns") = 0, py::arg("group") = py::none(), py::arg("ahead") = py::none(),
      py::arg("candidates") = py::none(), py::arg("segment") = py::none(), py::arg("n_jobs") = py::none(),
      py::arg("progress") = py::none(),
      "Counts of users, and metrics as (name, k, mean, users, by user, by segment, users by segment).");

  m.def(
      "bootstrap_means",
      [](const array_in<double>& columns, const py::object& n_jobs, const py::kwargs& options) {
        if (columns.ndim() != 2) reject("columns", std::to_string(columns.ndim()) + " dimensions", "give columns x rows");
        const auto chosen = options_from<stats::bootstrap_options>(options);
        const auto run = run_from(n_jobs);
        const auto n = static_cast<std::size_t>(columns.size());
        std::vector<stats::bootstrap_interval> found;
        {
          const py::gil_scoped_release free;
          found = stats::bootstrap_means({columns.data(), n}, static_cast<std::size_t>(columns.shape(1)), chosen, run);
        }
        std::vector<std::tuple<std::uint64_t, double, double, double, double>> out;
        for (const auto& of : found) out.emplace_back(of.n, of.mean, of.sd, of.low, of.high);
        return out;
      },
      py::arg("columns"), py::kw_only(), py::arg("n_jobs") = py::none(),
      "Of each column (columns x rows, NaN left out): number of values, mean, its standard deviation, and its interval.");

  m.def(
      "paired_test",
      [](const array_in<double>& a, const array_in<double>& b, const py::object& n_jobs, const py::kwargs& options) {
        const auto chosen = options_from<stats::paired_options>(options);
        const auto run = run_from(n_jobs);
        stats::paired_result found;
        {
          const py::gil_scoped_release free;
          found = stats::paired_test(span_of(a), span_of(b), chosen, run);
        }
        py::dict out;
        out["n"] = found.n;
        out["difference"] = found.difference;
        out["sd"] = found.sd;
        out["low"] = found.low;
        out["high"] = found.high;
        out["t"] = found.t;
        out["p_t"] = found.p_t;
        out["p_sign_flip"] = found.p_sign_flip;
        out["exact"] = found.exact;
        return out;
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("n_jobs") = py::none(),
      "Whether two columns of the same units have the same mean: paired t test and permutation of signs.");

  m.def(
      "holm", [](const array_in<double>& p) { return array_of(stats::holm(span_of(p))); }, py::arg("p"),
      "p-values adjusted for their number.");
}

}  // namespace clarion::bindings
