#include "clarion/recommend/rules.hpp"
#include "clarion/recommend/sufficiency.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_recommend(py::module_& m) {
  using namespace recommend;

  m.def(
      "recommend_rules", [] { return std::vector<schema::rule>(rules().begin(), rules().end()); },
      "The rules of the recommender.");

  m.def(
      "sufficiency",
      [](const interactions& data, const py::kwargs& options) {
        const auto chosen = options_from<sufficiency_options>(options);
        sufficiency_result result = without_gil([&] { return sufficiency(data, chosen); });
        py::dict out;
        out["interactions"] = result.interactions;
        out["users"] = result.users;
        out["items"] = result.items;
        out["median_co_occurrences"] = result.median_co_occurrences;
        out["items_below"] = result.items_below;
        out["users_with_one"] = result.users_with_one;
        out["enough_for_users"] = result.enough_for_users;
        out["enough_for_items"] = result.enough_for_items;
        out["findings"] = std::move(result.findings);
        return out;
      },
      py::arg("data"), "Whether there is enough to learn from.");
}

}  // namespace clarion::bindings
