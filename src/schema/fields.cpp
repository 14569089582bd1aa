#include "clarion/schema/fields.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>

#include "clarion/core/error.hpp"
#include "clarion/schema/channel.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace {

using names = std::string_view;
using namespace std::string_view_literals;

// Compared without blanks and punctuation, in lower case.
constexpr names id_names[] = {"campaignid",  "campaigncode", "campaignkey",  "campaignnumber", "campaignno",
                              "code",        "key",          "kampagnenid",  "kampagneid",     "kampagnennummer",
                              "identifiant", "idcampagne",   "iddecampagne", "idcampana",      "iddecampana",
                              "idcampanha",  "iddacampanha", "codice",       "idcampagna"};
constexpr names name_names[] = {
    "campaignname", "campaign",          "title",          "campaigntitle", "kampagne",        "nom",
    "nombre",       "kampagnenname",     "kampagnentitel", "bezeichnung",   "nomdelacampagne", "nomcampagne",
    "campagne",     "nombredelacampana", "nombrecampana",  "campana",       "campanha",        "nomedacampanha",
    "nomecampanha", "nomecampagna",      "campagna",       "naam"};
constexpr names start_names[] = {
    "startdate",      "campaignstart", "campaignstartdate", "startday",    "startson",   "begin",     "begindate",
    "begins",         "from",          "datefrom",          "fromdate",    "launchdate", "launch",    "golive",
    "livefrom",       "flightstart",   "startzeit",         "startdatum",  "firstday",   "starttime", "starts",
    "startingdate",   "beginn",        "startzeitpunkt",    "datededebut", "datedebut",  "debut",     "fechadeinicio",
    "fechainicio",    "inicio",        "datadeinicio",      "datainicio",  "datainizio", "inizio",    "begindatum",
    "startdag",       "laufzeitvon",

    "reportingstarts"};
constexpr names end_names[] = {"enddate",
                               "campaignend",
                               "campaignenddate",
                               "endday",
                               "endson",
                               "finish",
                               "finishdate",
                               "to",
                               "dateto",
                               "todate",
                               "until",
                               "stopdate",
                               "closedate",
                               "liveto",
                               "flightend",
                               "enddatum",
                               "lastday",
                               "endtime",
                               "stop",
                               "ends",
                               "endingdate",
                               "ende",
                               "datedefin",
                               "datefin",
                               "fin",
                               "fechadefin",
                               "fechafin",
                               "fechadefinalizacion",
                               "datadetermino",
                               "datatermino",
                               "datadefim",
                               "datafim",
                               "fim",
                               "datafine",
                               "fine",
                               "einddatum",
                               "laufzeitbis",
                               "reportingends"};
constexpr names budget_names[] = {"totalbudget", "campaignbudget", "plannedbudget", "budgetamount", "budgetusd",  "budgeteur",
                                  "budgetgbp",   "plannedspend",   "plannedcost",   "cost",         "totalcost",  "campaigncost",
                                  "amount",      "investment",     "budgetedcost",  "budgetcost",   "planbudget", "budgetprevu",
                                  "presupuesto", "orcamento",      "preventivo",    "kosten",       "betrag"};
constexpr names currency_names[] = {"currencycode", "ccy", "budgetcurrency", "cur"};
constexpr names channel_names[] = {"channelname", "marketingchannel", "channelused", "mediachannel", "medium",
                                   "media",       "platform",         "kanal",       "canal",        "canale",
                                   "kanaal",      "kanalname"};
constexpr names audience_names[] = {"audiences",        "targetaudience",  "segment",       "segments",    "audiencesegment",
                                    "audiencesegments", "customersegment", "targetsegment", "targetgroup", "zielgruppe",
                                    "publiccible",      "publicoobjetivo", "publicoalvo",   "audiencia",   "doelgroep"};
constexpr names product_names[] = {"product",         "productid", "productids", "sku",        "skus",
                                   "productcategory", "category",  "categories", "produkt",    "produkte",
                                   "produit",         "produits",  "producto",   "productos",  "produto",
                                   "produtos",        "prodotto",  "prodotti",   "warengruppe"};
constexpr names owner_names[] = {
    "campaignowner", "ownername",   "owneremail",   "responsible",       "campaignmanager", "manager",          "lead",
    "assignee",      "assignedto",  "accountowner", "verantwortlich",    "verantwortliche", "verantwortlicher", "zustandig",
    "responsable",   "responsavel", "responsabile", "verantwoordelijke", "eigenaar"};
constexpr names group_names[] = {"abgroup",   "testgroup", "experimentgroup", "variant", "arm",    "abtestgroup",
                                 "abvariant", "gruppe",    "groupeab",        "grupo",   "grupoab"};
constexpr names objective_names[] = {"campaignobjective", "goal",     "campaigngoal", "aim",       "purpose", "intent", "ziel",
                                     "kampagnenziel",     "objectif", "objetivo",     "obiettivo", "doel"};
constexpr names region_names[] = {"country",   "market",  "geo",  "geography", "location",
                                  "territory", "regions", "pays", "pais",      "paese"};
constexpr names status_names[] = {"campaignstatus", "state", "stage", "statut", "estado", "stato", "campaigndelivery"};
constexpr names approver_names[] = {"budgetapprover", "approvedby", "approvername"};
constexpr names channel_manager_names[] = {"channelowner", "channellead"};
constexpr names touches_names[] = {"touches",        "contactsperweek", "weeklytouches",
                                   "weeklycontacts", "sendsperweek",    "touchesweek"};
constexpr names cap_names[] = {"cap", "maxfrequency", "freqcap", "contactcap", "weeklycap"};
constexpr names tag_names[] = {"tag", "labels", "label", "keywords"};
constexpr names earliest_names[] = {"notbefore", "earliest", "windowstart", "earlieststartdate"};
constexpr names latest_names[] = {"notafter", "latest", "windowend", "latestenddate"};
constexpr names fixed_names[] = {"fixed", "fixeddate", "datefixed", "immovable"};
constexpr names target_names[] = {"kpitargets", "kpitarget", "successcriteria", "criteria"};
constexpr names approved_on_names[] = {"approvaldate", "approvedat", "approveddate", "dateapproved"};
constexpr names hash_names[] = {"criteriahash", "approvalhash"};
constexpr names spend_names[] = {"actualspend", "amountspent", "spent",     "actualcost", "costactual", "mediaspend",
                                 "adspend",     "totalspend",  "cost",      "ausgaben",   "istkosten",  "depenses",
                                 "gasto",       "gastos",      "gastoreal", "custo",      "spesa"};
constexpr names impression_names[] = {"impr",         "impression",  "totalimpressions", "views",
                                      "impressionen", "impresiones", "impressoes",       "impressioni"};
constexpr names click_names[] = {"click", "linkclicks", "totalclicks", "klicks", "clics", "cliques"};
constexpr names conversion_names[] = {"conv",         "conversion",   "totalconversions", "orders",      "purchases",
                                      "konversionen", "conversiones", "conversoes",       "conversioni", "bestellungen"};
constexpr names revenue_names[] = {
    "totalrevenue",         "sales", "conversionvalue", "revenueusd",       "income",   "turnover", "umsatz", "convvalue",
    "totalconversionvalue", "erlos", "einnahmen",       "chiffredaffaires", "ingresos", "receita",  "ricavi"};
constexpr names new_customer_names[] = {"acquiredcustomers", "newcustomer",     "customersacquired", "acquisitions", "newusers",
                                        "neukunden",         "nouveauxclients", "nuevosclientes",    "novosclientes"};
constexpr names return_names[] = {"returned", "returnedorders", "refunds", "return"};

constexpr std::array<field, 32> table{{
    {"id", field_kind::text, true, "identifies the campaign in every table", id_names},
    {"name", field_kind::text, true, "what people call it", name_names},
    {"start", field_kind::date, true, "first day", start_names},
    {"end", field_kind::date, true, "last day, included", end_names},
    {"budget", field_kind::number, true, "planned money", budget_names},
    {"currency", field_kind::category, false, "ISO 4217 code of the money", currency_names},
    {"channel", field_kind::category, true, "a name of the channel registry", channel_names},
    {"audience", field_kind::list, false, "named segments or tags", audience_names},
    {"products", field_kind::list, false, "product ids or categories", product_names},
    {"owner", field_kind::category, true, "who answers for the campaign", owner_names},
    {"group", field_kind::category, false, "A/B group", group_names},
    {"objective", field_kind::objective, false,
     "acquisition, activation, revenue, retention, reactivation, awareness, lead_generation or clearance", objective_names},
    {"region", field_kind::category, false, "where it runs", region_names},
    {"status", field_kind::status, false, "draft, planned, approved, running, finished or cancelled", status_names},
    {"approver", field_kind::category, false, "who approves the budget", approver_names},
    {"channel_manager", field_kind::category, false, "who runs the channel", channel_manager_names},
    {"touches_per_week", field_kind::number, false, "planned contacts per customer and week", touches_names},
    {"frequency_cap", field_kind::number, false, "most contacts a customer may get in a week", cap_names},
    {"tags", field_kind::list, false, "under the portfolio's naming standard", tag_names},
    {"earliest_start", field_kind::date, false, "first day to which it may be moved", earliest_names},
    {"latest_end", field_kind::date, false, "last day to which it may be moved", latest_names},
    {"fixed_dates", field_kind::flag, false, "must stay where it is", fixed_names},
    {"targets", field_kind::list, false, "success criteria such as \"roas >= 3\"", target_names},
    {"approved_on", field_kind::date, false, "day on which the criteria were frozen", approved_on_names},
    {"approved_hash", field_kind::text, false, "hash of the criteria on that day", hash_names},
    {"spend", field_kind::number, false, "money spent", spend_names},
    {"impressions", field_kind::number, false, "times shown", impression_names},
    {"clicks", field_kind::number, false, "clicks", click_names},
    {"conversions", field_kind::number, false, "conversions", conversion_names},
    {"revenue", field_kind::number, false, "revenue brought in", revenue_names},
    {"new_customers", field_kind::number, false, "customers won", new_customer_names},
    {"returns", field_kind::number, false, "orders sent back", return_names},
}};

// Letters and digits in lower case and without accents; what stands in parentheses or brackets is left out ("Budget (EUR)").
std::string squash(std::string_view text) {
  // U+00C0 to U+00FF, capitals and small letters alike.
  constexpr std::string_view plain = "aaaaaaaceeeeiiiidnooooo\0ouuuuytsaaaaaaaceeeeiiiidnooooo\0ouuuuyty"sv;
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '(' || c == '[') ++depth;
    if (depth == 0) {
      if (byte == 0xc3 && i + 1 < text.size()) {
        if (const char letter = plain[static_cast<unsigned char>(text[++i]) & 63]; letter != 0) out += letter;
        if (text[i] == '\x9f') out += 's';
      } else if (detail::is_wide_blank(text.substr(i, 3))) {
        i += 2;
      } else if ((detail::lower(c) >= 'a' && detail::lower(c) <= 'z') || detail::is_digit(c) || byte >= 0x80) {
        out += detail::lower(c);
      }
    }
    if ((c == ')' || c == ']') && depth > 0) --depth;
  }
  return out;
}

}  // namespace

std::string_view to_string(field_kind kind) {
  switch (kind) {
    case field_kind::text:
      return "text";
    case field_kind::category:
      return "category";
    case field_kind::list:
      return "list";
    case field_kind::date:
      return "date";
    case field_kind::number:
      return "number";
    case field_kind::objective:
      return "objective";
    case field_kind::status:
      return "status";
    case field_kind::flag:
      return "yes or no";
    case field_kind::key:
      return "id";
    case field_kind::time:
      return "day or time";
  }
  return "text";
}

std::span<const field> fields() { return table; }

std::optional<std::size_t> field_index(std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name) return i;
  return std::nullopt;
}

std::vector<std::optional<std::size_t>> match_columns(std::span<const std::string> columns,
                                                      std::span<const std::pair<std::string, std::string>> chosen, bool guess,
                                                      std::span<const field> of) {
  std::vector<std::string> names;
  for (const auto& one : of) names.emplace_back(one.name);
  const auto place_of = [](const std::vector<std::string>& all, std::string_view name) {
    return static_cast<std::size_t>(std::find(all.begin(), all.end(), name) - all.begin());
  };
  const auto hint = [](const std::vector<std::string>& known, const std::string& given) {
    const auto near = nearest_name(known, given);
    return near ? "did you mean \"" + *near + "\"? " : std::string();
  };
  const std::vector<std::string> all_columns(columns.begin(), columns.end());
  const std::size_t start = place_of(names, "start"), end = place_of(names, "end");
  std::vector<std::optional<std::size_t>> out(of.size());
  std::vector<bool> taken(columns.size());
  for (const auto& [name, column] : chosen) {
    const auto at = place_of(names, name), position = place_of(all_columns, column);
    if (at == names.size())
      reject("columns", "field \"" + name + "\"", hint(names, name) + "the fields are " + detail::listed(names));
    if (position == columns.size())
      reject("columns", "\"" + column + "\" for " + name,
             hint(all_columns, column) + "the columns are " + detail::listed(columns));
    // A send has one day: the same column may hold the start and the end.
    const bool one_day = (at == start && out[end] == position) || (at == end && out[start] == position);
    if ((taken[position] && !one_day) || out[at])
      reject("columns", "\"" + column + "\" for " + name, "give each field one column of its own");
    taken[position] = true;
    out[at] = position;
  }
  if (!guess) return out;

  std::unordered_map<std::string, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < columns.size(); ++i) by_name[squash(columns[i])].push_back(i);
  const auto claim = [&](std::size_t at, const std::string& key) {
    const auto found = by_name.find(key);
    if (found == by_name.end()) return;
    for (const auto position : found->second) {
      if (taken[position]) continue;
      taken[position] = true;
      out[at] = position;
      return;
    }
  };
  // A field's own name to the letter, then as people write it, then any other word: "cost" is the budget only where no column is
  // called budget.
  for (std::size_t at = 0; at < of.size(); ++at)
    if (const auto position = place_of(all_columns, names[at]); !out[at] && position < columns.size() && !taken[position]) {
      taken[position] = true;
      out[at] = position;
    }
  for (std::size_t at = 0; at < of.size(); ++at)
    if (!out[at]) claim(at, squash(of[at].name));
  for (std::size_t at = 0; at < of.size(); ++at)
    for (const auto other : of[at].also)
      if (!out[at]) claim(at, std::string(other));
  return out;
}

}  // namespace clarion::schema
