#include "clarion/plan/kpi_table.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "clarion/core/error.hpp"
#include "schema/text.hpp"

namespace clarion::plan {

namespace {

using json = nlohmann::json;
using enum schema::objective;

std::vector<kpi_definition> definitions() {
  // id, name, formula, unit, higher is better, numerator, denominator, what to record, days after the end
  return {
      {"cpa", "Cost per acquisition", "spend / conversions", "money", false, "spend", "conversions",
       "spend and conversions of each campaign", 0},
      {"cac", "Customer acquisition cost", "spend / new customers", "money", false, "spend", "new_customers",
       "spend and first-time buyers of each campaign", 0},
      {"roas", "Return on advertising spend", "revenue / spend", "ratio", true, "revenue", "spend",
       "spend and revenue of each campaign", 0},
      {"iroas", "Incremental return on advertising spend", "incremental revenue / spend", "ratio", true, "incremental_revenue",
       "spend", "revenue of the treated above that of a randomised hold-out, as column incremental_revenue", 14},
      {"clv", "Customer lifetime value", "discounted future margin of a won customer", "money", true, "clv", "",
       "orders of the won customers, and from them a lifetime value, as column clv", 90},
      {"aov", "Average order value", "revenue / orders", "money", true, "revenue", "orders|conversions",
       "revenue and orders of each campaign", 0},
      {"conversion", "Conversion rate", "conversions / clicks", "share", true, "conversions", "clicks",
       "clicks and conversions of each campaign", 0},
      {"ctr", "Click-through rate", "clicks / impressions", "share", true, "clicks", "impressions",
       "impressions and clicks of each campaign", 0},
      {"new_users", "New users", "first-time customers or registrations", "count", true, "new_users|new_customers", "",
       "first-time customers or registrations of each campaign", 0},
      {"installs", "App installs", "installs attributed to the campaign", "count", true, "installs", "",
       "installs from the app store or an attribution service, as column installs", 0},
      {"reach", "Reach", "different people who saw the campaign", "count", true, "reach", "",
       "different people reached (not impressions), as column reach", 0},
      {"cost_per_lead", "Cost per lead", "spend / leads", "money", false, "spend", "leads|conversions",
       "spend and qualified leads", 0},
      {"leads", "Leads", "qualified leads", "count", true, "leads|conversions", "", "qualified leads of each campaign", 0},
      {"open_rate", "Open rate", "opens / delivered", "share", true, "opens", "delivered",
       "messages delivered and opened, as columns", 0},
      {"attendance", "Attendance rate", "attendees / registrations", "share", true, "attendees", "registrations",
       "registrations and attendees, as columns", 1},
      {"unsubscribe_rate", "Unsubscribe rate", "unsubscribes / delivered", "share", false, "unsubscribes", "delivered",
       "messages delivered and unsubscribes, as columns", 0},
      {"return_rate", "Return rate", "orders sent back / orders", "share", false, "returns", "orders|conversions",
       "orders sent back of each campaign", 14},
      {"nps", "Net promoter score", "share of promoters - share of detractors, x 100", "score", true, "nps", "",
       "answers to 'would you recommend us' after the campaign, as column nps", 7},
      {"sell_through", "Sell-through", "units sold / units at the start", "share", true, "units_sold", "units_available",
       "stock at the start and units sold, as columns units_available and units_sold", 0},
      {"repeat_rate", "Repeat purchase rate", "customers who buy again within 60 days / customers", "share", true,
       "repeat_customers", "customers", "customers of the campaign who buy again, as columns repeat_customers and customers", 60},
      {"rpau", "Revenue per active user", "revenue / active users", "money", true, "revenue", "active_users",
       "users active during the campaign, as column active_users", 0},
      {"revenue", "Revenue", "revenue attributed to the campaign", "money", true, "revenue", "", "revenue of each campaign", 0},
  };
}

std::vector<kpi_intent> intents() {
  const auto primary = kpi_role::primary, secondary = kpi_role::secondary, guardrail = kpi_role::guardrail;
  return {
      {acquisition, "", primary, {"cac", "new_users"}},
      {acquisition, "", secondary, {"clv", "conversion", "roas"}},
      {acquisition, "", guardrail, {"return_rate"}},
      {activation, "", primary, {"conversion", "cpa"}},
      {activation, "", secondary, {"repeat_rate", "rpau"}},
      {activation, "", guardrail, {"return_rate"}},
      {revenue, "", primary, {"roas", "iroas"}},
      {revenue, "", secondary, {"aov", "conversion", "revenue"}},
      {revenue, "", guardrail, {"return_rate"}},
      {retention, "", primary, {"repeat_rate", "roas"}},
      {retention, "", secondary, {"clv", "rpau", "aov"}},
      {retention, "", guardrail, {"nps"}},
      {reactivation, "", primary, {"conversion", "cpa"}},
      {reactivation, "", secondary, {"repeat_rate", "roas"}},
      {reactivation, "", guardrail, {"return_rate"}},
      {awareness, "", primary, {"reach"}},
      {awareness, "", secondary, {"ctr", "new_users"}},
      {awareness, "", guardrail, {"nps"}},
      {lead_generation, "", primary, {"cost_per_lead", "leads"}},
      {lead_generation, "", secondary, {"conversion", "ctr"}},
      {lead_generation, "", guardrail, {"nps"}},
      {clearance, "", primary, {"sell_through"}},
      {clearance, "", secondary, {"revenue", "conversion", "roas"}},
      {clearance, "", guardrail, {"return_rate", "aov"}},
      {unspecified, "", primary, {"roas"}},
      {unspecified, "", secondary, {"conversion", "cpa", "aov"}},
      {unspecified, "", guardrail, {"return_rate"}},
      // What a channel shows besides, whatever the intent.
      {unspecified, "Email", secondary, {"open_rate", "ctr"}},
      {unspecified, "Email", guardrail, {"unsubscribe_rate"}},
      {unspecified, "SMS", secondary, {"ctr"}},
      {unspecified, "SMS", guardrail, {"unsubscribe_rate"}},
      {unspecified, "Push Notifications", secondary, {"open_rate", "rpau"}},
      {unspecified, "Push Notifications", guardrail, {"unsubscribe_rate"}},
      {unspecified, "Social Media", secondary, {"reach", "ctr"}},
      {unspecified, "Influencer", secondary, {"reach", "installs"}},
      {unspecified, "Webinar", secondary, {"attendance"}},
      {unspecified, "Webinar", guardrail, {"nps"}},
      {unspecified, "Events", secondary, {"attendance", "reach"}},
      {unspecified, "Events", guardrail, {"nps"}},
      {unspecified, "Podcast", secondary, {"reach"}},
      // Where objective and channel together ask for something of their own.
      {lead_generation, "Webinar", primary, {"cost_per_lead", "leads"}},
      {lead_generation, "Webinar", secondary, {"attendance", "conversion"}},
      {retention, "Events", primary, {"attendance", "repeat_rate"}},
      {activation, "Push Notifications", primary, {"conversion", "rpau"}},
      {acquisition, "Social Media", secondary, {"reach", "ctr", "clv", "installs"}},
  };
}

[[noreturn]] void refuse(const std::string& where, const std::string& what) { throw error("KPI table, " + where + ": " + what); }

std::optional<kpi_role> parse_role(std::string_view text) {
  for (const auto role : {kpi_role::primary, kpi_role::secondary, kpi_role::guardrail})
    if (text == to_string(role)) return role;
  return std::nullopt;
}

std::string text_of(const json& value, const std::string& where) {
  if (!value.is_string()) refuse(where, "a text is wanted, not " + value.dump());
  return value.get<std::string>();
}

void read_definition(const std::string& id, const json& from, std::vector<kpi_definition>& into) {
  if (id.empty()) refuse("kpis", "a KPI without a name");
  if (!from.is_object()) refuse("kpis." + id, "an object is wanted, not " + from.dump());
  auto found = std::find_if(into.begin(), into.end(), [&](const auto& d) { return d.id == id; });
  if (found == into.end()) {
    kpi_definition fresh;
    fresh.id = fresh.name = id;
    fresh.unit = "ratio";
    into.push_back(std::move(fresh));
    found = into.end() - 1;
  }
  for (const auto& [member, value] : from.items()) {
    const std::string where = "kpis." + id + "." + member;
    if (member == "name")
      found->name = text_of(value, where);
    else if (member == "formula")
      found->formula = text_of(value, where);
    else if (member == "unit")
      found->unit = text_of(value, where);
    else if (member == "numerator")
      found->numerator = text_of(value, where);
    else if (member == "denominator")
      found->denominator = text_of(value, where);
    else if (member == "measure")
      found->measure = text_of(value, where);
    else if (member == "direction") {
      const auto direction = text_of(value, where);
      if (direction != "up" && direction != "down") refuse(where, "\"up\" or \"down\" is wanted, not \"" + direction + "\"");
      found->higher_is_better = direction == "up";
    } else if (member == "look_after_end") {
      if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > 3650)
        refuse(where, "a whole number of days from 0 to 3650 is wanted, not " + value.dump());
      found->look_after_end = value.get<std::int32_t>();
    } else {
      refuse(where,
             "no such member; there are name, formula, unit, direction, numerator, denominator, measure and look_after_end");
    }
  }
  if (found->numerator.empty()) found->numerator = id;
  if (found->formula.empty())
    found->formula = found->denominator.empty() ? found->numerator : found->numerator + " / " + found->denominator;
  if (found->measure.empty())
    found->measure =
        found->numerator + (found->denominator.empty() ? "" : " and " + found->denominator) + " of each campaign, as columns";
}

void read_intent(std::size_t at, const json& from, std::vector<kpi_intent>& into) {
  const std::string where = "intents[" + std::to_string(at) + "]";
  if (!from.is_object()) refuse(where, "an object is wanted, not " + from.dump());
  kpi_intent intent;
  bool has_role = false, has_kpis = false;
  for (const auto& [member, value] : from.items()) {
    const std::string place = where + "." + member;
    if (member == "objective") {
      const auto name = text_of(value, place);
      const auto aim = name.empty() ? std::optional(unspecified) : schema::parse_objective(name);
      if (!aim) refuse(place, "there is no objective \"" + name + "\"");
      intent.objective = *aim;
    } else if (member == "channel") {
      intent.channel = text_of(value, place);
    } else if (member == "role") {
      const auto role = parse_role(text_of(value, place));
      if (!role) refuse(place, "\"primary\", \"secondary\" or \"guardrail\" is wanted, not " + value.dump());
      intent.role = *role;
      has_role = true;
    } else if (member == "kpis") {
      if (!value.is_array()) refuse(place, "a list of KPIs is wanted, not " + value.dump());
      for (const auto& kpi : value) intent.kpis.push_back(text_of(kpi, place));
      has_kpis = true;
    } else {
      refuse(place, "no such member; there are objective, channel, role and kpis");
    }
  }
  if (!has_role) refuse(where, "role is missing");
  if (!has_kpis) refuse(where, "kpis is missing");
  const auto same = std::find_if(into.begin(), into.end(), [&](const kpi_intent& i) {
    return i.objective == intent.objective && schema::detail::lower(i.channel) == schema::detail::lower(intent.channel) &&
           i.role == intent.role;
  });
  if (same == into.end())
    into.push_back(std::move(intent));
  else
    *same = std::move(intent);
}

}  // namespace

std::string_view to_string(kpi_role role) {
  switch (role) {
    case kpi_role::primary:
      return "primary";
    case kpi_role::secondary:
      return "secondary";
    case kpi_role::guardrail:
      return "guardrail";
  }
  return "primary";
}

const kpi_table& default_kpi_table() {
  static const kpi_table table{definitions(), intents()};
  return table;
}

kpi_table parse_kpi_table(std::string_view text, const kpi_table& base) {
  const json root = json::parse(text, nullptr, false);
  if (root.is_discarded()) throw error("KPI table: the text is not JSON");
  if (!root.is_object()) throw error("KPI table: an object with kpis and intents is wanted");
  kpi_table out = base;
  for (const auto& [member, value] : root.items()) {
    if (member == "kpis") {
      if (!value.is_object()) refuse("kpis", "an object of KPIs by id is wanted");
      for (const auto& [id, definition] : value.items()) read_definition(id, definition, out.definitions);
    } else if (member == "intents") {
      if (!value.is_array()) refuse("intents", "a list is wanted");
      std::size_t at = 0;
      for (const auto& intent : value) read_intent(at++, intent, out.intents);
    } else {
      refuse(member, "no such member; there are kpis and intents");
    }
  }
  for (const auto& intent : out.intents)
    for (const auto& kpi : intent.kpis)
      if (std::none_of(out.definitions.begin(), out.definitions.end(), [&](const auto& d) { return d.id == kpi; }))
        refuse("intents", "there is no definition of \"" + kpi + "\"");
  return out;
}

std::string to_json(const kpi_table& table) {
  nlohmann::ordered_json out;
  out["kpis"] = nlohmann::ordered_json::object();
  for (const auto& d : table.definitions)
    out["kpis"][d.id] = {{"name", d.name},           {"formula", d.formula},
                         {"unit", d.unit},           {"direction", d.higher_is_better ? "up" : "down"},
                         {"numerator", d.numerator}, {"denominator", d.denominator},
                         {"measure", d.measure},     {"look_after_end", d.look_after_end}};
  out["intents"] = nlohmann::ordered_json::array();
  for (const auto& i : table.intents) {
    nlohmann::ordered_json intent;
    if (i.objective != unspecified) intent["objective"] = schema::to_string(i.objective);
    if (!i.channel.empty()) intent["channel"] = i.channel;
    intent["role"] = to_string(i.role);
    intent["kpis"] = i.kpis;
    out["intents"].push_back(std::move(intent));
  }
  // A name may hold bytes that are not UTF-8; they must not stop the table from being written.
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<kpi_choice> framework_of(const kpi_table& table, schema::objective objective, std::string_view channel) {
  const std::string name = schema::detail::lower(channel);
  const auto find = [&](schema::objective aim, std::string_view of, kpi_role role) -> const kpi_intent* {
    for (const auto& i : table.intents)
      if (i.objective == aim && i.role == role && schema::detail::lower(i.channel) == of) return &i;
    return nullptr;
  };
  std::vector<kpi_choice> out;
  const auto add = [&](const kpi_intent* intent) {
    if (!intent) return;
    for (const auto& kpi : intent->kpis) {
      const auto d = static_cast<std::size_t>(
          std::find_if(table.definitions.begin(), table.definitions.end(), [&](const auto& x) { return x.id == kpi; }) -
          table.definitions.begin());
      if (d == table.definitions.size()) continue;
      if (std::none_of(out.begin(), out.end(), [&](const kpi_choice& c) { return c.definition == d; }))
        out.push_back({d, intent->role});
    }
  };
  for (const auto role : {kpi_role::primary, kpi_role::secondary, kpi_role::guardrail}) {
    const kpi_intent* particular = name.empty() || objective == unspecified ? nullptr : find(objective, name, role);
    if (!particular) particular = find(objective, "", role);
    if (!particular) particular = find(unspecified, "", role);
    add(particular);
    if (!name.empty()) add(find(unspecified, name, role));
  }
  return out;
}

}  // namespace clarion::plan
