#include "clarion/schema/customer.hpp"

#include <array>

#include "clarion/core/error.hpp"

namespace clarion::schema {

namespace {

using names = std::string_view;

constexpr names id_names[] = {"customerid",   "customer",     "customerkey", "customernumber", "customerno", "client",
                              "clientid",     "household",    "householdid", "user",           "userid",     "member",
                              "memberid",     "cardid",       "account",     "accountid",      "kunde",      "kundenid",
                              "kundennummer", "numeroclient", "cliente",     "idcliente",      "clienteid"};
constexpr names joined_names[] = {"joindate",         "joinedon",   "since",       "membersince",      "customersince",
                                  "signup",           "signupdate", "registered",  "registrationdate", "created",
                                  "createdat",        "firstseen",  "kundeseit",   "eintritt",         "beitritt",
                                  "datedinscription", "fechaalta",  "datacadastro"};
constexpr names birth_names[] = {"yearofbirth",      "birthyear",     "yob",           "geburtsjahr",  "jahrgang",
                                 "anneedenaissance", "anonacimiento", "anonascimento", "annodinascita"};
constexpr names band_names[] = {"age",   "agegroup",    "agerange",  "ageclass",   "altersgruppe",
                                "alter", "tranchedage", "grupoedad", "faixaetaria"};
constexpr names region_names[] = {"state", "county",    "province", "country", "bundesland",
                                  "pays",  "provincia", "regiao",   "regione"};
constexpr names branch_names[] = {"branchid", "homebranch", "store", "storeid", "homestore", "filiale", "agence", "sucursal"};
constexpr names email_consent[] = {"emailconsent", "emailoptin", "optinemail", "newsletter", "consentemail"};
constexpr names sms_consent[] = {"smsconsent", "smsoptin", "optinsms"};
constexpr names phone_consent[] = {"phoneconsent", "phoneoptin", "optinphone", "callconsent"};
constexpr names post_consent[] = {"postconsent", "mailconsent", "postoptin", "optinpost", "directmail"};
constexpr names push_consent[] = {"pushconsent", "pushoptin", "optinpush"};
constexpr names email_names[] = {"emailpresent", "emailknown", "hatemail"};
constexpr names phone_names[] = {"phonepresent", "phoneknown", "hatphone", "hastelephone"};
constexpr names test_names[] = {"istest", "testcustomer", "testaccount", "internal", "testkunde"};

constexpr std::array<field, 14> table{{
    {"id", field_kind::key, true, "identifies the customer in every table", id_names},
    {"joined", field_kind::date, false, "first day as a customer", joined_names},
    {"birth_year", field_kind::number, false, "year of birth", birth_names},
    {"age_band", field_kind::category, false, "such as 25-34", band_names},
    {"region", field_kind::category, false, "where they live", region_names},
    {"branch", field_kind::key, false, "the branch that looks after them", branch_names},
    {"consent_email", field_kind::flag, false, "may be mailed", email_consent},
    {"consent_sms", field_kind::flag, false, "may be texted", sms_consent},
    {"consent_phone", field_kind::flag, false, "may be called", phone_consent},
    {"consent_post", field_kind::flag, false, "may be written to", post_consent},
    {"consent_push", field_kind::flag, false, "may be sent notices in the app", push_consent},
    {"has_email", field_kind::flag, false, "an address is known", email_names},
    {"has_phone", field_kind::flag, false, "a number is known", phone_names},
    {"test", field_kind::flag, false, "no customer but a test", test_names},
}};

}  // namespace

std::span<const field> customer_fields() { return table; }

customer_view customers_of(const records& from) {
  if (from.kind != record_kind::customers) reject("table", std::string(to_string(from.kind)), "give records of customers");
  return {.id = from["id"].codes,
          .joined = from["joined"].days,
          .birth_year = from["birth_year"].numbers,
          .age_band = from["age_band"].codes,
          .region = from["region"].codes,
          .branch = from["branch"].codes,
          .consent_email = from["consent_email"].flags,
          .consent_sms = from["consent_sms"].flags,
          .consent_phone = from["consent_phone"].flags,
          .consent_post = from["consent_post"].flags,
          .consent_push = from["consent_push"].flags,
          .has_email = from["has_email"].flags,
          .has_phone = from["has_phone"].flags};
}

}  // namespace clarion::schema
