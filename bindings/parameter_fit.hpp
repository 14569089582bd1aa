#pragma once

// Columns of customers and what fits say of themselves, in and out.

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clarion/segment/purchase_model.hpp"
#include "convert.hpp"

namespace clarion::bindings {

inline py::dict dict_of(segment::parameter_fit&& fit) {
  py::dict out;
  const std::size_t n = fit.value.size();
  out["name"] = fit.name;
  out["value"] = array_of(std::move(fit.value));
  out["sd"] = array_of(std::move(fit.sd));
  out["low"] = array_of(std::move(fit.low));
  out["high"] = array_of(std::move(fit.high));
  out["covariance"] = fit.covariance.empty() ? py::object(py::none()) : array_of(std::move(fit.covariance), n, n);
  out["log_likelihood"] = fit.log_likelihood;
  out["customers"] = fit.customers;
  out["distinct"] = fit.distinct;
  out["converged"] = fit.converged;
  out["reason"] = fit.reason;
  return out;
}

/// Parameters as a fit that predictions are made with.
inline segment::parameter_fit fit_from(const array_in<double>& parameters, const std::optional<array_in<double>>& covariance,
                                       double level) {
  segment::parameter_fit out;
  const auto value = span_of(parameters), spread = span_of(covariance);
  out.value.assign(value.begin(), value.end());
  out.covariance.assign(spread.begin(), spread.end());
  out.level = level;
  return out;
}

inline segment::purchase_model model_from(const std::string& family, const array_in<double>& parameters,
                                          const std::optional<array_in<double>>& covariance, double level) {
  for (const auto known : {segment::purchase_family::beta_geo, segment::purchase_family::modified_beta_geo,
                           segment::purchase_family::pareto_nbd, segment::purchase_family::beta_binomial})
    if (family == segment::to_string(known)) return {known, fit_from(parameters, covariance, level)};
  clarion::reject("family", '"' + family + '"', "give beta_geo, modified_beta_geo, pareto_nbd or beta_binomial");
}

using prediction_out = py::typing::Dict<py::str, py::array_t<double>>;

inline prediction_out dict_of(segment::prediction&& found) {
  prediction_out out;
  const bool wide = !found.sd.empty() || found.value.empty();
  out["value"] = array_of(std::move(found.value));
  if (!wide) return out;
  out["sd"] = array_of(std::move(found.sd));
  out["low"] = array_of(std::move(found.low));
  out["high"] = array_of(std::move(found.high));
  return out;
}

}  // namespace clarion::bindings
