#include "clarion/schema/transaction.hpp"

#include <array>

#include "clarion/core/error.hpp"

namespace clarion::schema {

namespace {

using names = std::string_view;

// Compared as the columns of campaigns are: see fields.cpp.
constexpr names id_names[] = {"transactionid", "transaction", "invoice",   "invoiceno",   "invoiceid",       "invoicenumber",
                              "order",         "orderid",     "orderno",   "ordernumber", "basket",          "basketid",
                              "receipt",       "receiptid",   "receiptno", "ticket",      "ticketid",        "belegnummer",
                              "beleg",         "bonnummer",   "rechnung",  "bestellung",  "rechnungsnummer", "facture",
                              "numerofacture", "factura",     "pedido",    "fattura",     "scontrino"};
constexpr names customer_names[] = {"customerid", "customerkey",  "customernumber", "customerno", "client",    "clientid",
                                    "household",  "householdid",  "householdkey",   "user",       "userid",    "member",
                                    "memberid",   "cardid",       "cardnumber",     "account",    "accountid", "kunde",
                                    "kundenid",   "kundennummer", "numeroclient",   "idcliente",  "cliente",   "clienteid"};
constexpr names date_names[] = {
    "datetime",    "timestamp", "time",          "transactiondate", "transactiontime", "transactiontimestamp",
    "invoicedate", "orderdate", "purchasedate",  "saledate",        "bookingdate",     "postingdate",
    "day",         "datum",     "buchungsdatum", "kaufdatum",       "rechnungsdatum",  "belegdatum",
    "fecha",       "data"};
constexpr names amount_names[] = {"salesvalue",   "value",       "total",   "totalamount", "totalprice",  "linetotal", "revenue",
                                  "sales",        "dollarvalue", "spend",   "netamount",   "grossamount", "betrag",    "umsatz",
                                  "gesamtbetrag", "montant",     "importe", "valor",       "importo",     "bedrag"};
constexpr names currency_names[] = {"currencycode", "ccy", "cur", "waehrung", "wahrung", "devise", "moneda", "moeda", "valuta"};
constexpr names quantity_names[] = {"qty",   "units", "items",    "pieces",   "count",      "numberofcds", "anzahl",
                                    "menge", "stuck", "quantite", "cantidad", "quantidade", "quantita",    "aantal"};
constexpr names price_names[] = {"unitprice",    "itemprice", "priceperunit",   "preis", "einzelpreis",   "stuckpreis", "prix",
                                 "prixunitaire", "precio",    "preciounitario", "preco", "precounitario", "prezzo"};
constexpr names product_names[] = {"productid", "productcode", "stockcode", "sku",           "item",    "itemid",
                                   "article",   "articleid",   "artikel",   "artikelnummer", "produkt", "produktid",
                                   "produit",   "producto",    "produto",   "prodotto"};
constexpr names branch_names[] = {"branchid", "branchcode",   "store",   "storeid", "shop",     "shopid", "outlet", "till",
                                  "filiale",  "filialnummer", "magasin", "agence",  "sucursal", "tienda", "loja",   "negozio"};
constexpr names channel_names[] = {"channelname", "saleschannel", "orderchannel", "kanal", "vertriebskanal", "canal", "canale"};
constexpr names kind_names[] = {"type", "transactiontype", "transactionkind", "status", "art", "typ", "buchungsart", "tipo"};

constexpr std::array<field, 11> table{{
    {"id", field_kind::key, false, "the transaction; lines of one basket may share it", id_names},
    {"customer", field_kind::key, true, "who bought", customer_names},
    {"date", field_kind::time, true, "when", date_names},
    {"amount", field_kind::number, true, "money of the row; price x quantity where no column holds it", amount_names},
    {"currency", field_kind::category, false, "ISO 4217 code of the amount", currency_names},
    {"quantity", field_kind::number, false, "units", quantity_names},
    {"price", field_kind::number, false, "of one unit", price_names},
    {"product", field_kind::key, false, "what was bought", product_names},
    {"branch", field_kind::key, false, "where", branch_names},
    {"channel", field_kind::category, false, "how: store, web, phone, ...", channel_names},
    {"kind", field_kind::category, false, "sale, return or cancellation", kind_names},
}};

}  // namespace

std::string_view to_string(transaction_kind kind) {
  switch (kind) {
    case transaction_kind::sale:
      return "sale";
    case transaction_kind::return_:
      return "return";
    case transaction_kind::cancellation:
      return "cancellation";
  }
  return "sale";
}

std::span<const field> transaction_fields() { return table; }

transaction_view transactions_of(const records& from) {
  if (from.kind != record_kind::transactions) reject("table", std::string(to_string(from.kind)), "give records of transactions");
  const auto& date = from["date"];
  return {.id = from["id"].codes,
          .customer = from["customer"].codes,
          .date = date.days,
          .second = date.seconds,
          .amount = from["amount"].numbers,
          .quantity = from["quantity"].numbers,
          .currency = from["currency"].codes,
          .product = from["product"].codes,
          .branch = from["branch"].codes,
          .channel = from["channel"].codes,
          .kind = from["kind"].codes};
}

}  // namespace clarion::schema
