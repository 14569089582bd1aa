#include "clarion/version.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_audiences(py::module_& m);
void bind_baseline(py::module_& m);
void bind_bpr(py::module_& m);
void bind_calibration(py::module_& m);
void bind_catalog(py::module_& m);
void bind_choose_k(py::module_& m);
void bind_cluster_quality(py::module_& m);
void bind_conflict(py::module_& m);
void bind_contacts(py::module_& m);
void bind_drift(py::module_& m);
void bind_definition(py::module_& m);
void bind_engagement(py::module_& m);
void bind_evaluate(py::module_& m);
void bind_ease(py::module_& m);
void bind_explicit_mf(py::module_& m);
void bind_finding(py::module_& m);
void bind_gamma_gamma(py::module_& m);
void bind_graph(py::module_& m);
void bind_graph_filter(py::module_& m);
void bind_implicit_als(py::module_& m);
void bind_interaction_arrays(py::module_& m);
void bind_interactions(py::module_& m);
void bind_kmeans(py::module_& m);
void bind_knn(py::module_& m);
void bind_linkage(py::module_& m);
void bind_lifetime_value(py::module_& m);
void bind_load(py::module_& m);
void bind_logistic(py::module_& m);
void bind_mini_batch_kmeans(py::module_& m);
void bind_model_folder(py::module_& m);
void bind_plan(py::module_& m);
void bind_policy(py::module_& m);
void bind_preference(py::module_& m);
void bind_purchase_model(py::module_& m);
void bind_recommend(py::module_& m);
void bind_profile(py::module_& m);
void bind_purchases(py::module_& m);
void bind_purchase_holdout(py::module_& m);
void bind_rfm(py::module_& m);
void bind_records(py::module_& m);
void bind_rp3beta(py::module_& m);
void bind_sample(py::module_& m);
void bind_scaling(py::module_& m);
void bind_schema(py::module_& m);
void bind_shifted_beta_geo(py::module_& m);
void bind_score_quality(py::module_& m);
void bind_segment(py::module_& m);
void bind_slim(py::module_& m);
void bind_stability(py::module_& m);
void bind_top_k(py::module_& m);
void bind_tree_shap(py::module_& m);
void bind_truncated_svd(py::module_& m);

}  // namespace clarion::bindings

PYBIND11_MODULE(_core, m, py::mod_gil_not_used()) {
  using namespace clarion::bindings;
  m.doc() = "The compiled part of clarion; use the clarion package instead.";
  m.attr("__version__") = CLARION_VERSION;
  bind_finding(m);
  bind_model_folder(m);
  bind_policy(m);
  bind_catalog(m);  // a type before the functions that take it, so that their signatures name it
  bind_schema(m);
  bind_records(m);
  bind_audiences(m);
  bind_contacts(m);
  bind_load(m);
  bind_conflict(m);
  bind_graph(m);
  bind_truncated_svd(m);
  bind_interactions(m);
  bind_interaction_arrays(m);
  bind_top_k(m);
  bind_evaluate(m);
  bind_implicit_als(m);
  bind_kmeans(m);
  bind_mini_batch_kmeans(m);
  bind_knn(m);
  bind_rp3beta(m);
  bind_slim(m);
  bind_baseline(m);
  bind_bpr(m);
  bind_ease(m);
  bind_explicit_mf(m);
  bind_graph_filter(m);
  bind_recommend(m);
  bind_linkage(m);
  bind_choose_k(m);
  bind_cluster_quality(m);
  bind_drift(m);
  bind_scaling(m);
  bind_stability(m);
  bind_purchases(m);
  bind_purchase_holdout(m);
  bind_rfm(m);
  bind_segment(m);
  bind_definition(m);
  bind_engagement(m);
  bind_preference(m);
  bind_profile(m);
  bind_plan(m);
  bind_sample(m);
  bind_gamma_gamma(m);
  bind_lifetime_value(m);
  bind_purchase_model(m);
  bind_shifted_beta_geo(m);
  bind_calibration(m);
  bind_logistic(m);
  bind_score_quality(m);
  bind_tree_shap(m);
}
