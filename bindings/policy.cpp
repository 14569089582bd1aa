#include "clarion/schema/policy.hpp"

#include <map>

#include "clarion/core/error.hpp"
#include "convert.hpp"

namespace clarion::bindings {

void bind_policy(py::module_& m) {
  using namespace schema;

  py::class_<channel>(m, "Channel", "A way to reach customers.")
      .def(py::init([](std::string name, double capacity, double touches_per_week, double cost_per_contact, double effort_days) {
             return channel{std::move(name), capacity, touches_per_week, cost_per_contact, effort_days};
           }),
           py::arg("name"), py::arg("capacity"), py::arg("touches_per_week") = 1.0, py::arg("cost_per_contact") = 0.0,
           py::arg("effort_days") = 5.0)
      .def_readwrite("name", &channel::name)
      .def_readwrite("capacity", &channel::capacity, "Contacts that one customer takes a week.")
      .def_readwrite("touches_per_week", &channel::touches_per_week,
                     "Contacts per customer and week where a campaign does not say.")
      .def_readwrite("cost_per_contact", &channel::cost_per_contact, "Typical, in the portfolio's currency.")
      .def_readwrite("effort_days", &channel::effort_days, "Person-days to set up a typical campaign.");

  py::class_<acceptance>(m, "Acceptance", "A finding that someone lives with, until a day.")
      .def(py::init([](std::string code, std::string campaign, std::string by, std::string reason, std::optional<date> until) {
             return acceptance{std::move(code), std::move(campaign), std::move(by), std::move(reason), until};
           }),
           py::arg("code"), py::arg("campaign") = "", py::arg("by") = "", py::arg("reason") = "", py::arg("until") = py::none())
      .def_readwrite("code", &acceptance::code)
      .def_readwrite("campaign", &acceptance::campaign)
      .def_readwrite("by", &acceptance::by)
      .def_readwrite("reason", &acceptance::reason)
      .def_readwrite("until", &acceptance::until);

  py::class_<blackout>(m, "Blackout", "Days in which nothing may run.")
      .def(py::init([](date start, date end, std::string name, std::string on_channel) {
             return blackout{start, end, std::move(name), std::move(on_channel)};
           }),
           py::arg("start"), py::arg("end"), py::arg("name") = "", py::arg("channel") = "")
      .def_readwrite("start", &blackout::start)
      .def_readwrite("end", &blackout::end)
      .def_readwrite("name", &blackout::name)
      .def_readwrite("channel", &blackout::channel);
  m.def("default_channels", &default_channels, "The eight channels that clarion knows.");
  py::class_<policy>(m, "Policy", "What a team has decided about its findings.")
      .def(py::init<>())
      .def_readwrite("select", &policy::select)
      .def_readwrite("ignore", &policy::ignore)
      .def_property(
          "severities",
          [](const policy& p) {
            py::dict out;
            for (const auto& [code, level] : p.severities) out[py::str(code)] = std::string(to_string(level));
            return out;
          },
          [](policy& p, const std::map<std::string, std::string>& levels) {
            p.severities.clear();
            for (const auto& [code, text] : levels) {
              const auto level = parse_severity(text);
              if (!level) clarion::reject("severity." + code, "'" + text + "'", "give 'error', 'warning' or 'info'");
              p.severities[code] = *level;
            }
          })
      .def_readwrite("accepted", &policy::accepted)
      .def_readwrite("blackouts", &policy::blackouts)
      .def_readwrite("channels", &policy::channels)
      .def_readwrite("tag_pattern", &policy::tag_pattern)
      .def_readwrite("today", &policy::today);
  m.def(
      "judge",
      [](std::vector<finding> findings, const policy& by) {
        judged result;
        {
          const py::gil_scoped_release free;
          result = judge(std::move(findings), by);
        }
        return py::make_tuple(std::move(result.open), std::move(result.accepted));
      },
      py::arg("findings"), py::arg("policy"), "(open, accepted): the findings after the policy.");
}

}  // namespace clarion::bindings
