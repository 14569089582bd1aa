#include "clarion/schema/sample.hpp"

#include "clarion/schema/simulate_portfolio.hpp"
#include "clarion/schema/world.hpp"
#include "convert.hpp"

namespace clarion::bindings {

namespace {

using namespace schema;

py::array flags_of(const std::vector<bool>& values) {
  std::vector<std::uint8_t> bytes(values.begin(), values.end());
  return array_of(std::move(bytes)).attr("view")("bool");
}

// Calls a simulator of the world without the GIL.
template <class Table>
Table generate(Table (*simulate)(const world_options&, const run_options&), const py::dict& options, const py::object& n_jobs) {
  const auto chosen = options_from<world_options>(options);
  const auto run = run_from(n_jobs);
  const py::gil_scoped_release free;
  return simulate(chosen, run);
}

template <class Table>
void bind_table(py::module_& m, const char* name, Table (*simulate)(const world_options&, const run_options&),
                py::dict (*columns)(Table&&), const char* doc) {
  m.def(
      name,
      [simulate, columns](const py::object& n_jobs, const py::kwargs& options) {
        return columns(generate(simulate, options, n_jobs));
      },
      py::kw_only(), py::arg("n_jobs") = py::none(), doc);
}

py::dict customer_columns(world_customers&& of) {
  py::dict out;
  out["segments"] = array_of(std::move(of.segments));
  out["lifecycle"] = array_of(std::move(of.lifecycle));
  out["region"] = array_of(std::move(of.region));
  out["joined"] = array_of(of.joined);
  out["consent"] = array_of(std::move(of.consent));
  out["orders_per_year"] = array_of(std::move(of.orders_per_year));
  return out;
}

py::dict membership_columns(world_memberships&& of) {
  py::dict out;
  out["campaign"] = array_of(std::move(of.campaign));
  out["customer"] = array_of(std::move(of.customer));
  return out;
}

py::dict transaction_columns(world_transactions&& of) {
  py::dict out;
  out["order"] = array_of(std::move(of.order));
  out["customer"] = array_of(std::move(of.customer));
  out["product"] = array_of(std::move(of.product));
  out["day"] = array_of(of.day);
  out["quantity"] = array_of(std::move(of.quantity));
  out["amount"] = array_of(std::move(of.amount));
  out["returned"] = array_of(std::move(of.returned));
  return out;
}

py::dict interaction_columns(world_interactions&& of) {
  std::vector<std::uint8_t> kinds;
  kinds.reserve(of.kind.size());
  for (const auto kind : of.kind) kinds.push_back(static_cast<std::uint8_t>(kind));
  py::dict out;
  out["customer"] = array_of(std::move(of.customer));
  out["product"] = array_of(std::move(of.product));
  out["day"] = array_of(of.day);
  out["event"] = array_of(std::move(kinds));
  return out;
}

py::dict journey_columns(world_journeys&& of) {
  py::dict out;
  out["customer"] = array_of(std::move(of.customer));
  out["converted"] = flags_of(of.converted);
  out["value"] = array_of(std::move(of.value));
  out["touch_offsets"] = array_of(std::move(of.touch_offsets));
  out["channel"] = array_of(std::move(of.channel));
  out["day"] = array_of(of.day);
  out["removal_effect"] = array_of(std::move(of.removal_effect));
  return out;
}

py::dict experiment_columns(world_experiment&& of) {
  py::dict out;
  out["customer"] = array_of(std::move(of.customer));
  out["lifecycle"] = array_of(std::move(of.lifecycle));
  out["treated"] = flags_of(of.treated);
  out["exposures"] = array_of(std::move(of.exposures));
  out["pre_spend"] = array_of(std::move(of.pre_spend));
  out["spend"] = array_of(std::move(of.spend));
  out["converted"] = flags_of(of.converted);
  out["exposure_customer"] = array_of(std::move(of.exposure_customer));
  out["exposure_day"] = array_of(of.exposure_day);
  return out;
}

py::dict truth_dict() {
  using namespace py::literals;
  const auto& truth = planted_truth();
  py::list baskets, journeys, uplifts, responses, seasons, performers;
  for (const auto& rule : truth.baskets)
    baskets.append(py::dict("antecedent"_a = rule.antecedent, "consequent"_a = rule.consequent, "chance"_a = rule.chance));
  for (const auto& effect : truth.journeys)
    journeys.append(py::dict("channel"_a = effect.channel, "direct"_a = effect.direct, "assist"_a = effect.assist));
  for (const auto& uplift : truth.experiment.uplifts)
    uplifts.append(py::dict("segment"_a = uplift.segment, "spend"_a = uplift.spend, "conversion"_a = uplift.conversion));
  for (const auto& response : truth.history.responses)
    responses.append(py::dict("channel"_a = response.channel, "scale"_a = response.scale, "elasticity"_a = response.elasticity));
  for (const auto& season : truth.history.seasons)
    seasons.append(py::dict("category"_a = season.category, "index"_a = season.index, "order_value"_a = season.order_value,
                            "return_rate"_a = season.return_rate));
  for (const auto& performer : truth.history.performers)
    performers.append(py::dict("campaign"_a = performer.campaign, "factor"_a = performer.factor));
  const auto& plan = truth.portfolio;
  const auto& members = truth.memberships;
  const auto& buying = truth.purchases;
  const auto& test = truth.experiment;
  return py::dict(
      "portfolio"_a =
          py::dict("budget"_a = plan.budget, "black_friday"_a = plan.black_friday, "gift_guide"_a = plan.gift_guide,
                   "webinar"_a = plan.webinar, "flash_sale"_a = plan.flash_sale, "social"_a = plan.social,
                   "overloaded_owner"_a = plan.overloaded_owner, "empty_acquisition_category"_a = plan.empty_acquisition_category,
                   "empty_acquisition_months"_a = plan.empty_acquisition_months),
      "memberships"_a = py::dict("social_new_reach"_a = members.social_new_reach, "social_repeat"_a = members.social_repeat,
                                 "black_friday_share"_a = members.black_friday_share,
                                 "gift_guide_in_black_friday"_a = members.gift_guide_in_black_friday,
                                 "gift_guide_else"_a = members.gift_guide_else),
      "purchases"_a = py::dict("prospects"_a = buying.prospects, "r"_a = buying.r, "alpha"_a = buying.alpha, "a"_a = buying.a,
                               "b"_a = buying.b),
      "baskets"_a = baskets, "journeys"_a = py::dict("base"_a = truth.journey_base, "effects"_a = journeys),
      "experiment"_a =
          py::dict("campaign"_a = test.campaign, "treated"_a = test.treated, "participants"_a = test.participants,
                   "exposed"_a = test.exposed, "pre_slope"_a = test.pre_slope, "noise"_a = test.noise, "uplifts"_a = uplifts),
      "history"_a = py::dict("responses"_a = responses, "seasons"_a = seasons, "performers"_a = performers,
                             "noise"_a = truth.history.noise));
}

}  // namespace

void bind_sample(py::module_& m) {
  m.def("sample_portfolio", &sample_portfolio, "The 15 campaigns of the embedded sample.");
  m.def("sample_catalog", &sample_catalog, "The 48 products of the embedded sample.");
  m.def("sample_policy", &sample_policy, "The embedded sample's clarion.toml.");
  m.def(
      "simulate_history", [](const py::kwargs& options) { return simulate_history(options_from<history_options>(options)); },
      "Finished campaigns with actuals; keywords are the fields of history_options.");
  m.def(
      "simulate_portfolio",
      [](const py::object& n_jobs, const py::kwargs& options) {
        const auto chosen = options_from<portfolio_options>(options);
        const auto run = run_from(n_jobs);
        const py::gil_scoped_release free;
        return simulate_portfolio(chosen, run);
      },
      py::kw_only(), py::arg("n_jobs") = py::none(),
      "A clean portfolio of any size; keywords are the fields of portfolio_options.");
  m.def(
      "simulate_memberships",
      [](std::uint64_t customers, double mean_share, const py::object& n_jobs, const py::kwargs& options) {
        const auto chosen = options_from<portfolio_options>(options);
        const auto run = run_from(n_jobs);
        world_memberships out;
        {
          const py::gil_scoped_release free;
          out = simulate_memberships(chosen, customers, mean_share, run);
        }
        return membership_columns(std::move(out));
      },
      py::arg("customers"), py::arg("mean_share"), py::kw_only(), py::arg("n_jobs") = py::none(),
      "Audiences of simulate_portfolio() in long form: the row of the campaign, the customer.");
  m.def(
      "world_audiences",
      [](const py::object& n_jobs, const py::kwargs& options) { return generate(&simulate_audiences, options, n_jobs); },
      py::kw_only(), py::arg("n_jobs") = py::none(), "AudienceSets of the sample's campaigns.");

  bind_table<world_customers>(m, "world_customers", &simulate_customers, &customer_columns, "People, a row each.");
  bind_table<world_transactions>(m, "world_transactions", &simulate_transactions, &transaction_columns, "Order lines.");
  bind_table<world_interactions>(m, "world_interactions", &simulate_interactions, &interaction_columns, "Product events.");
  bind_table<world_journeys>(m, "world_journeys", &simulate_journeys, &journey_columns, "Paths and their touches.");
  bind_table<world_experiment>(m, "world_experiment", &simulate_experiment, &experiment_columns,
                               "A randomised test and its contacts.");
  m.def(
      "world_products",
      [] {
        std::vector<std::string> ids;
        for (const auto& item : sample_catalog().products) ids.push_back(item.id);
        return ids;
      },
      "Ids of the catalogue's products, by row.");
  m.def("world_segments", &world_segments, "Names of the segments, by bit.");
  m.def("world_regions", &world_regions, "Names of the regions, by code.");
  m.def("planted_truth", &truth_dict, "Parameters that the sample and its world were made from.");
}

}  // namespace clarion::bindings
