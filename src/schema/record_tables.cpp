#include "schema/record_tables.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/schema/customer.hpp"
#include "clarion/schema/records.hpp"
#include "clarion/schema/transaction.hpp"

namespace clarion::schema {

namespace detail {

namespace {

using names = std::string_view;

constexpr names branch_id[] = {"branchid", "branch",       "branchcode", "store",    "storeid", "shop", "shopid", "outlet",
                               "filiale",  "filialnummer", "agence",     "sucursal", "tienda",  "loja", "negozio"};
constexpr names branch_name[] = {"branchname", "storename", "shopname", "filialname", "bezeichnung", "nom", "nombre", "nome"};
constexpr names branch_region[] = {"state", "county", "province", "country", "city", "bundesland", "pays", "provincia"};
constexpr names branch_channel[] = {"format", "storetype", "branchtype", "kanal", "canal"};
constexpr names branch_opened[] = {"openingdate", "opendate", "openedon", "eroffnung", "ouverture", "apertura"};
constexpr names branch_closed[] = {"closingdate", "closedate", "closedon", "schliessung", "fermeture", "cierre"};
constexpr std::array<field, 6> branches{{
    {"id", field_kind::key, true, "identifies the branch in every table", branch_id},
    {"name", field_kind::category, false, "what people call it", branch_name},
    {"region", field_kind::category, false, "where it is", branch_region},
    {"channel", field_kind::category, false, "what kind of branch", branch_channel},
    {"opened", field_kind::date, false, "first day", branch_opened},
    {"closed", field_kind::date, false, "last day", branch_closed},
}};

constexpr names campaign_names[] = {"campaignid", "campaignkey", "campaigncode", "kampagne", "kampagnenid",
                                    "campagne",   "campana",     "campanha",     "campagna"};
constexpr names customer_names[] = {"customerid", "customerkey",  "household", "householdid", "user",
                                    "userid",     "member",       "memberid",  "client",      "clientid",
                                    "kunde",      "kundennummer", "cliente",   "idcliente"};
constexpr names contacted_names[] = {"contacted", "contactdate", "contactedon", "sent",
                                     "sentat",    "senddate",    "exposedat",   "kontaktiertam"};
constexpr names responded_names[] = {"responded",      "responsedate", "respondedon", "redeemedat",
                                     "redemptiondate", "convertedat",  "reaktionam"};
constexpr names outcome_names[] = {"response", "result", "status", "reaction", "ergebnis", "resultat", "resultado"};
constexpr names value_names[] = {"amount", "revenue", "spend", "ordervalue", "betrag", "umsatz", "montant", "valor"};
constexpr std::array<field, 6> responses{{
    {"campaign", field_kind::key, true, "id of the campaign", campaign_names},
    {"customer", field_kind::key, true, "id of the customer", customer_names},
    {"contacted_at", field_kind::time, false, "when the campaign reached them", contacted_names},
    {"responded_at", field_kind::time, false, "when they answered; empty where they did not", responded_names},
    {"outcome", field_kind::category, false, "what came of it", outcome_names},
    {"value", field_kind::number, false, "money that it brought", value_names},
}};

constexpr names cookie_names[] = {"cookieid", "visitor",     "visitorid", "device",
                                  "deviceid", "anonymousid", "session",   "sessionid"};
constexpr names time_names[] = {"timestamp", "datetime", "eventtime", "date", "at", "occurredat", "zeit", "zeitpunkt", "fecha"};
constexpr names kind_names[] = {"event", "eventtype", "eventname", "type", "action", "ereignis", "evento"};
constexpr names page_names[] = {"url", "path", "pageurl", "screen", "seite"};
constexpr names product_names[] = {"productid", "sku",     "item",    "itemid",  "stockcode",
                                   "artikel",   "produkt", "produit", "producto"};
constexpr std::array<field, 6> events{{
    {"customer", field_kind::key, false, "id of the customer; a row names them or a cookie", customer_names},
    {"cookie", field_kind::key, false, "who, where the customer is not known", cookie_names},
    {"time", field_kind::time, true, "when", time_names},
    {"kind", field_kind::category, false, "view, cart, search, ...", kind_names},
    {"page", field_kind::category, false, "where on the site", page_names},
    {"product", field_kind::key, false, "what was looked at", product_names},
}};

}  // namespace

std::span<const field> branch_fields() { return branches; }
std::span<const field> response_fields() { return responses; }
std::span<const field> event_fields() { return events; }

}  // namespace detail

std::span<const field> record_fields(record_kind kind) {
  switch (kind) {
    case record_kind::transactions:
      return transaction_fields();
    case record_kind::customers:
      return customer_fields();
    case record_kind::branches:
      return detail::branch_fields();
    case record_kind::responses:
      return detail::response_fields();
    case record_kind::events:
      return detail::event_fields();
  }
  return transaction_fields();
}

const record_column& records::operator[](std::string_view name) const {
  const auto all = record_fields(kind);
  for (std::size_t f = 0; f < all.size(); ++f)
    if (all[f].name == name) {
      static const record_column absent;
      return f < columns.size() ? columns[f] : absent;
    }
  std::string known;
  for (const auto& one : all) known += (known.empty() ? "" : ", ") + std::string(one.name);
  reject("field", '"' + std::string(name) + '"', "the fields of " + std::string(to_string(kind)) + " are " + known);
}

std::uint64_t records::source_row(std::size_t i) const {
  // Row r was accepted as number r - first_row - (rows left out before it): the first r with r >= that.
  std::size_t low = 0, high = left_out.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (left_out[middle] - first_row - middle <= i)
      low = middle + 1;
    else
      high = middle;
  }
  return first_row + i + low;
}

}  // namespace clarion::schema
