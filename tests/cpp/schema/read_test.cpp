#include "clarion/schema/read.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"
#include "clarion/schema/json.hpp"

using namespace clarion;
using namespace clarion::schema;
using clarion::tests::arrow_node;
using clarion::tests::arrow_table;
using clarion::tests::fixed_column;
using clarion::tests::text_column;

namespace {

using texts = std::vector<std::optional<std::string>>;
using columns = std::vector<std::pair<std::string, texts>>;

policy on(const char* day) {
  policy out;
  out.today = core::parse_iso_date(day);
  return out;
}

reading read(const columns& cells, const read_options& options = {}, const policy& rules = on("2026-01-01"),
             const catalog* products = nullptr, unsigned threads = 1) {
  std::vector<arrow_node> nodes;
  for (const auto& [name, column] : cells) nodes.push_back(text_column(name, column));
  arrow_table table({nodes});
  auto stream = table.stream();
  auto out = from_arrow(&stream, rules, products, options, {.threads = threads});
  CHECK(out.rows_read == out.accepted.size() + out.quarantine.size());
  for (std::size_t i = 0; i < out.quarantine.size(); ++i) CHECK_FALSE(out.quarantine.reasons[i].empty());
  return out;
}

columns good(std::size_t rows = 3) {
  columns out{{"id", {}}, {"name", {}}, {"start", {}}, {"end", {}}, {"budget", {}}, {"channel", {}}, {"owner", {}}};
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string n = std::string(1, static_cast<char>('a' + i));
    const std::string cells[] = {n, "Campaign " + n, "2026-03-01", "2026-03-10", "1000", "Email", "Ann"};
    for (std::size_t c = 0; c < 7; ++c) out[c].second.push_back(cells[c]);
  }
  return out;
}

texts& column(columns& cells, const std::string& name) {
  for (auto& [n, column] : cells)
    if (n == name) return column;
  cells.push_back({name, texts(cells.front().second.size())});
  return cells.back().second;
}

std::map<std::string, std::uint64_t> counts(const reading& r) { return {r.counts.begin(), r.counts.end()}; }
bool has(const reading& r, const std::string& code) { return counts(r).count(code) > 0; }
const finding& first(const reading& r, const std::string& code) {
  for (const auto& f : r.findings)
    if (f.code == code) return f;
  FAIL("no finding " << code);
  return r.findings.front();
}
std::string day(date d) { return core::to_string(d); }

}  // namespace

TEST_CASE("clean rows are accepted without a word") {
  const auto out = read(good());
  CHECK(out.findings.empty());
  CHECK(out.accepted.size() == 3);
  const auto one = out.accepted[1];
  CHECK(one.id == "b");
  CHECK(one.name == "Campaign b");
  CHECK(day(one.start) == "2026-03-01");
  CHECK(one.budget.amount == 1000);
  CHECK(one.budget.currency == "USD");
  CHECK(one.channel == "Email");
  CHECK(out.accepted.source_row == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("columns with other names are matched and the match is told") {
  const auto out = read({{"Campaign ID", {"1"}},
                         {"Campaign Name", {"Spring"}},
                         {"Start Date", {"27/11/2026"}},
                         {"End Date", {"28/11/2026"}},
                         {"Cost (EUR)", {"1.200,50"}},
                         {"Channel", {"email"}},
                         {"Responsible", {"Ann"}},
                         {"Mood", {" good "}}});
  REQUIRE(out.accepted.size() == 1);
  CHECK(out.accepted.id[0] == "1");
  CHECK(out.accepted.budget[0] == 1200.5);
  CHECK(out.accepted.currency[0] == "EUR");
  CHECK(out.accepted.channel[0] == "Email");
  CHECK(out.accepted.owner[0] == "Ann");
  REQUIRE(out.accepted.extras.size() == 1);
  CHECK(out.accepted.extras[0].first == "Mood");
  CHECK(out.accepted.extras[0].second[0] == " good ");
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S101", 1}});
  CHECK(first(out, "S101").message.find("\"Cost (EUR)\" as budget") != std::string::npos);
}

TEST_CASE("a mapping wins over names, and names fields and columns that exist") {
  auto cells = good(1);
  cells.push_back({"planned", {"77"}});
  const auto out = read(cells, {.columns = {{"budget", "planned"}}});
  CHECK(out.accepted.budget[0] == 77);
  CHECK(out.accepted.extras[0].first == "budget (2)");
  CHECK_THROWS_WITH_AS(read(cells, {.columns = {{"bugdet", "planned"}}}), doctest::Contains("did you mean \"budget\""),
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(read(cells, {.columns = {{"budget", "plannd"}}}), doctest::Contains("did you mean \"planned\""),
                       std::invalid_argument);
  CHECK_THROWS_AS(read(cells, {.columns = {{"budget", "planned"}, {"spend", "planned"}}}), std::invalid_argument);
  CHECK_THROWS_AS(read(cells, {.decimal = ';'}), std::invalid_argument);
}

TEST_CASE("a required column that is absent is one warning; an empty cell is an error of its row") {
  auto cells = good();
  cells.erase(cells.begin() + 6);
  cells.erase(cells.begin() + 4);
  auto out = read(cells);
  CHECK(out.accepted.size() == 3);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S102", 1}});
  CHECK(first(out, "S102").severity == severity::warning);
  CHECK(first(out, "S102").message.find("owner") != std::string::npos);

  for (const auto& [name, code] : std::map<std::string, std::string>{{"id", "S002"},
                                                                     {"name", "S003"},
                                                                     {"start", "S004"},
                                                                     {"end", "S004"},
                                                                     {"budget", "S005"},
                                                                     {"channel", "S006"},
                                                                     {"owner", "S007"}}) {
    CAPTURE(name);
    auto holes = good();
    column(holes, name)[1] = "  ";
    column(holes, name)[2] = std::nullopt;
    out = read(holes);
    CHECK(counts(out) == std::map<std::string, std::uint64_t>{{code, 2}});
    REQUIRE(out.quarantine.size() == 2);
    CHECK(out.quarantine.row == std::vector<std::uint64_t>{2, 3});
    CHECK(out.quarantine.reasons[0].starts_with(code));
    CHECK(out.findings[out.quarantine.findings[0]].row == 2);
    CHECK(out.findings[out.quarantine.findings[0]].column == name);
  }
  CHECK_THROWS_WITH_AS(read({{"id", {"1"}}, {"when", {"2026-01-01"}}}), doctest::Contains("the columns are id, when"), error);
  CHECK_THROWS_AS(read({}), error);
}

TEST_CASE("ids and names stand in for each other") {
  auto cells = good(2);
  cells.erase(cells.begin());
  auto out = read(cells);
  CHECK(out.accepted.id[1] == "Campaign b");
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S102", 1}});
  cells.erase(cells.begin());
  out = read(cells);
  CHECK(out.accepted.id[1] == "row-2");
}

TEST_CASE("day and month are told apart by the whole column") {
  auto cells = good(2);
  column(cells, "start") = {"03/04/2026", "13/04/2026"};
  column(cells, "end") = {"05/04/2026", "15/04/2026"};
  auto out = read(cells);
  CHECK(day(out.accepted.start[0]) == "2026-04-03");
  CHECK_FALSE(has(out, "S103"));

  column(cells, "start") = {"03/04/2026", "04/13/2026"};
  column(cells, "end") = {"03/05/2026", "04/14/2026"};
  out = read(cells);
  CHECK(day(out.accepted.start[0]) == "2026-03-04");

  column(cells, "end") = {"04/05/2026", "05/06/2026"};  // the other date column decides
  out = read(cells);
  CHECK(day(out.accepted.end[0]) == "2026-04-05");
  CHECK_FALSE(has(out, "S103"));

  column(cells, "start") = {"03/04/2026", "04/04/2026"};
  column(cells, "end") = {"04/05/2026", "05/06/2026"};
  out = read(cells);
  CHECK(counts(out)["S103"] == 2);
  CHECK(day(out.accepted.start[0]) == "2026-03-04");
  out = read(cells, {.dayfirst = true});
  CHECK_FALSE(has(out, "S103"));
  CHECK(day(out.accepted.start[0]) == "2026-04-03");

  column(cells, "start") = {"03.04.2026", "04.04.2026"};
  column(cells, "end") = {"04.05.2026", "05.06.2026"};
  out = read(cells);
  CHECK_FALSE(has(out, "S103"));
  CHECK(day(out.accepted.start[0]) == "2026-04-03");
}

TEST_CASE("dates that fit the column's form no longer are errors") {
  auto cells = good(4);
  column(cells, "start") = {"13/01/2026", "14/01/2026", "01/15/2026", "tomorrow"};
  column(cells, "end") = {"13/02/2026", "14/02/2026", "15/02/2026", "16/02/2026"};
  const auto out = read(cells);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S009", 2}});
  CHECK(out.accepted.size() == 2);
  CHECK(first(out, "S009").value == "01/15/2026");
  policy lenient = on("2026-01-01");
  lenient.ignore = {"S009"};
  CHECK(read(cells, {}, lenient).quarantine.size() == 2);  // without a start there is no campaign
}

TEST_CASE("the decimal mark is told by the column, then by the other columns") {
  auto cells = good(2);
  column(cells, "budget") = {"1.234", "2.500,50"};
  CHECK(read(cells).accepted.budget[0] == 1234);
  column(cells, "budget") = {"1,234", "2,500.50"};
  CHECK(read(cells).accepted.budget[0] == 1234);
  column(cells, "budget") = {"1,234", "2,500"};
  CHECK(read(cells).accepted.budget[0] == 1234);
  CHECK(read(cells).findings.empty());
  column(cells, "budget") = {"1.234", "2.500"};
  auto out = read(cells);
  CHECK(out.accepted.budget[0] == 1.234);
  CHECK(counts(out)["S104"] == 1);
  CHECK(read(cells, {.decimal = ','}).accepted.budget[0] == 1234);
  column(cells, "spend") = {"10,50", "20"};
  out = read(cells);
  CHECK(out.accepted.budget[0] == 1234);
  CHECK(out.accepted.spend[0] == 10.5);
  CHECK_FALSE(has(out, "S104"));
  cells.pop_back();
  column(cells, "impressions") = {"12.000", "9.500"};
  out = read(cells);
  CHECK(out.accepted.impressions[0] == 12000);
  CHECK(out.accepted.budget[0] == 1234);

  cells = good(2);  // who writes dates with points parts thousands with them
  column(cells, "budget") = {"1.234", "2.500"};
  column(cells, "start") = {"01.03.2026", "13.03.2026"};
  out = read(cells);
  CHECK(out.accepted.budget[0] == 1234);
  CHECK(first(out, "S104").message.find("the dates are written with points too") != std::string::npos);
}

TEST_CASE("numbers that cannot be read, infinite and huge ones are errors; blanks are missing") {
  for (const char* text : {"much", "inf", "1e300", "1e999", "12 34"}) {
    CAPTURE(text);
    auto cells = good(2);
    column(cells, "budget")[1] = text;
    const auto out = read(cells);
    CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S010", 1}});
    CHECK(first(out, "S010").value == text);
    CHECK(out.accepted.size() == 1);
  }
  auto cells = good(2);
  column(cells, "budget")[1] = "n/a";
  CHECK(counts(read(cells)) == std::map<std::string, std::uint64_t>{{"S005", 1}});
  column(cells, "spend") = {"-", "NaN"};
  CHECK(std::isnan(read(cells).accepted.spend[0]));

  std::vector<arrow_node> nodes;
  for (const auto& [name, values] : good(3))
    if (name != "budget") nodes.push_back(text_column(name, values));
  nodes.push_back(fixed_column<double>("budget", "g", {1, std::nan(""), HUGE_VAL}));
  arrow_table table({nodes});
  auto stream = table.stream();
  const auto typed = from_arrow(&stream, on("2026-01-01"));
  CHECK(counts(typed) == std::map<std::string, std::uint64_t>{{"S005", 1}, {"S010", 1}});
}

TEST_CASE("currencies come from signs, codes and columns") {
  auto cells = good(3);
  column(cells, "budget") = {
      "\xe2\x82\xac"
      "100",
      "$200", "300"};
  auto out = read(cells, {.currency = "CHF"});
  CHECK(out.accepted.currency[0] == "EUR");
  CHECK(out.accepted.currency[1] == "USD");
  CHECK(out.accepted.currency[2] == "CHF");
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S108", 1}});
  out = read(cells, {.currency = "CAD"});
  CHECK(out.accepted.currency[1] == "CAD");
  column(cells, "currency") = {"usd", "US$", std::nullopt};
  out = read(cells);
  CHECK(out.accepted.currency[0] == "USD");
  CHECK(counts(out).empty());
}

TEST_CASE("typed columns: dates, timestamps, excel days, integers, lists, dictionaries, booleans") {
  auto owner = fixed_column<std::int8_t>("owner", "c", {1, 0});
  owner.dictionary = std::make_shared<arrow_node>(text_column("", {"Ann", " Bob "}));
  arrow_node audience{"+l",
                      "audience",
                      2,
                      0,
                      0,
                      {{}, tests::bytes_of(std::vector<std::int32_t>{0, 2, 2})},
                      {text_column("item", {"a; b", "c"})},
                      nullptr};
  arrow_node fixed{"b", "fixed_dates", 2, 0, 0, {{}, tests::bits_of({true, false})}, {}, nullptr};
  arrow_table table({{fixed_column<std::int64_t>("id", "l", {7, 8}), text_column("name", {"x", "y"}),
                      fixed_column<std::int32_t>("start", "tdD", {20784, 20785}),
                      fixed_column<std::int64_t>("end", "tsu:UTC", {20784 * 86400000000 + 5, 20786 * 86400000000}),
                      fixed_column<float>("budget", "f", {1.5f, 2.5f}), text_column("channel", {"SMS", "SMS"}), owner, audience,
                      fixed, fixed_column<double>("earliest_start", "g", {46353, std::nan("")}),
                      fixed_column<std::int32_t>("latest_end", "i", {20261130, 20261201})}});
  auto stream = table.stream();
  const auto out = from_arrow(&stream, on("2026-01-01"));
  CHECK(out.findings.empty());
  REQUIRE(out.accepted.size() == 2);
  const auto one = out.accepted[0];
  CHECK(one.id == "7");
  CHECK(day(one.start) == "2026-11-27");
  CHECK(day(one.end) == "2026-11-27");
  CHECK(one.owner == "Bob");
  CHECK(one.audience == std::vector<std::string>{"a; b", "c"});
  CHECK(one.fixed_dates);
  CHECK(day(*one.earliest_start) == "2026-11-27");
  CHECK(day(*one.latest_end) == "2026-11-30");
  CHECK_FALSE(out.accepted[1].earliest_start.has_value());
  CHECK(out.accepted[1].audience.empty());
}

TEST_CASE("lists, words and criteria") {
  auto cells = good(3);
  column(cells, "audience") = {"new; loyal", "loyal ;; vip", "[\"a;b\", \"c\"]"};
  column(cells, "tags") = {"x, y", "", "z"};
  column(cells, "objective") = {"Lead Generation", "fame", ""};
  column(cells, "status") = {"Completed", "draft", "planned"};
  column(cells, "targets") = {"roas >= 3; cpa at most 12", "", "roas more than 3"};
  column(cells, "conversions") = {"1", "", ""};
  column(cells, "fixed_dates") = {"yes", "no", "perhaps"};
  const auto out = read(cells);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S011", 2}, {"S012", 1}, {"S023", 1}, {"S033", 1}});
  CHECK(out.accepted.size() == 2);
  CHECK(out.accepted[0].audience == std::vector<std::string>{"new", "loyal"});
  CHECK(out.accepted[1].audience == std::vector<std::string>{"loyal", "vip"});
  CHECK(out.accepted[0].tags == std::vector<std::string>{"x", "y"});
  CHECK(out.accepted[0].objective == objective::lead_generation);
  CHECK(out.accepted[1].objective == objective::unspecified);
  CHECK(out.accepted[0].targets.size() == 2);
  CHECK(out.accepted[0].fixed_dates);
  CHECK(first(out, "S011").message.find("lead_generation") != std::string::npos);
}

TEST_CASE("policies decide what quarantines") {
  auto cells = good(2);
  column(cells, "end")[1] = "2026-02-01";
  auto rules = on("2026-01-01");
  CHECK(read(cells, {}, rules).quarantine.size() == 1);
  rules.severities = {{"S001", severity::warning}};
  CHECK(read(cells, {}, rules).quarantine.size() == 0);
  rules.severities.clear();
  rules.ignore = {"S001"};
  CHECK(read(cells, {}, rules).quarantine.size() == 0);
  rules.ignore.clear();
  rules.accepted = {{.code = "S001", .campaign = "b"}};
  auto out = read(cells, {}, rules);
  CHECK(out.quarantine.size() == 0);
  CHECK(has(out, "S001"));
  rules.accepted = {{.code = "S001", .campaign = "a"}};
  CHECK(read(cells, {}, rules).quarantine.size() == 1);
  rules.accepted = {{.code = "S001", .campaign = "b", .until = core::parse_iso_date("2025-12-31")}};
  CHECK(read(cells, {}, rules).quarantine.size() == 1);
  rules.accepted.clear();
  column(cells, "end")[1] = "2026-03-05";
  column(cells, "channel")[1] = "Emial";
  CHECK(read(cells, {}, rules).quarantine.size() == 0);
  rules.severities = {{"S014", severity::error}};
  CHECK(read(cells, {}, rules).quarantine.size() == 1);
}

TEST_CASE("lines that could not be cut are counted in their place") {
  auto cells = good(3);
  column(cells, "budget")[1] = "?!";
  const auto out =
      read(cells, {.unreadable = {{1, "x;y", "2 cells where 7 are expected"}, {3, "z", "1 cell where 7 are expected"}}});
  CHECK(out.rows_read == 5);
  CHECK(out.accepted.source_row == std::vector<std::uint64_t>{2, 5});
  CHECK(out.quarantine.row == std::vector<std::uint64_t>{1, 3, 4});
  CHECK(out.quarantine.cells[0][0] == "x;y");
  CHECK(out.quarantine.cells[4][2] == "?!");
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(out.quarantine.offsets[i + 1] - out.quarantine.offsets[i] == 1);
    CHECK(out.findings[out.quarantine.findings[i]].row == out.quarantine.row[i]);
  }
}

TEST_CASE("blank rows are set aside with one reason") {
  auto cells = good(4);
  for (auto& [name, column] : cells) {
    column[1] = "";
    column[3] = std::nullopt;
  }
  const auto out = read(cells);
  CHECK(out.accepted.size() == 2);
  CHECK(out.quarantine.row == std::vector<std::uint64_t>{2, 4});
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S034", 2}});
  CHECK(first(out, "S034").severity == severity::info);
}

TEST_CASE("rows of totals are set aside with one reason, campaigns that are called so are not") {
  auto cells = good(6);
  for (auto& [name, column] : cells) {
    column[1] = name == "id" ? "Grand Total" : name == "budget" ? "9000" : "";
    column[3] = name == "budget" ? "4500" : name == "channel" ? "-" : "";
    column[5] = name == "name" ? "Summe: E-Mail" : name == "budget" ? "1,5" : "";
  }
  column(cells, "name")[0] = "Total Recall";
  column(cells, "name")[2] = "Total";
  const auto out = read(cells);
  CHECK(out.quarantine.row == std::vector<std::uint64_t>{2, 4, 6});
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S035", 3}});
  CHECK(first(out, "S035").message == "Row 2 is a row of totals (\"Grand Total\"); it is not counted as a campaign.");
  CHECK(first(out, "S035").severity == severity::info);
  CHECK(read({{"Campaign", {"Overall"}}, {"start", {"2026-03-01"}}, {"end", {"2026-03-02"}}}).quarantine.size() == 1);
}

TEST_CASE("a row whose cells ran together is one error, and no finding repeats its text") {
  auto cells = good(4);
  const std::string endless = std::string(4095, 'x') + "\xc3\xa9";
  column(cells, "name")[0] = std::string(4096, 'x');
  column(cells, "name")[1] = endless;
  column(cells, "start")[1] = "?";
  column(cells, "owner")[2] = endless;
  column(cells, "audience")[3] = "a; " + endless;
  const auto out = read(cells);
  CHECK(out.quarantine.row == std::vector<std::uint64_t>{2, 3, 4});
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S036", 3}});
  const auto& told = first(out, "S036");
  CHECK(told.message == "Row 2 holds 4,097 bytes in name.");
  CHECK(told.severity == severity::error);
  CHECK(told.campaigns.empty());
  CHECK(told.value == std::string(1000, 'x') + "...");

  auto lists = good(1);
  std::string many = "a";
  for (int i = 0; i < 2000; ++i) many += "; s" + std::to_string(i);
  column(lists, "tags")[0] = many;
  column(lists, "note")[0] = endless;
  CHECK(read(lists).quarantine.size() == 0);
  const auto line = read(good(1), {.unreadable = {{1, std::string(5000, 'y'), "1 cell where 7 are expected"}}});
  CHECK(first(line, "S013").value.size() == 1003);
}

TEST_CASE("lines above the header and zones whose rules are not at hand are told") {
  const std::string title = std::string(79, 'x') + "\xc3\xa4";  // cut between characters
  const auto out = read(good(2), {.skipped = {title}});
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S111", 1}});
  CHECK(first(out, "S111").message == "1 line above the header was skipped: \"" + std::string(79, 'x') + "...\".");
  CHECK(first(read(good(2), {.skipped = {"a", "b", "c", "d"}}), "S111").message ==
        "4 lines above the header were skipped: \"a\", \"b\", \"c\", ...");

  std::vector<arrow_node> nodes;
  for (const auto& [name, cells] : good(1))
    if (name != "start") nodes.push_back(text_column(name, cells));
  nodes.push_back(fixed_column<std::int64_t>("start", "tss:Europe/Berlin", {1772319600}));  // midnight there
  arrow_table table({nodes});
  auto stream = table.stream();
  const auto zoned = from_arrow(&stream, on("2026-01-01"));
  CHECK(day(zoned.accepted.start[0]) == "2026-02-28");
  CHECK(first(zoned, "S112").message.find("Europe/Berlin") != std::string::npos);
}

TEST_CASE("odd tables: no rows, double and missing names, broken texts, unreadable types") {
  auto out = read(good(0));
  CHECK(out.rows_read == 0);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S110", 1}});

  auto cells = good(2);
  cells.push_back({"name", {"q", "r"}});
  cells.push_back({"", {"", ""}});
  cells.push_back({"", {"x", ""}});
  cells.push_back({"note",
                   {"\xff"
                    "bad",
                    "\xc3\xa9"}});
  out = read(cells);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S106", 1}});
  REQUIRE(out.accepted.extras.size() == 3);
  CHECK(out.accepted.extras[0].first == "name (2)");
  CHECK(out.accepted.extras[1].first == "column 10");
  CHECK(out.accepted.extras[2].second[0] ==
        "\xef\xbf\xbd"
        "bad");
  CHECK(out.accepted.extras[2].second[1] == "\xc3\xa9");

  std::vector<arrow_node> nodes;
  for (const auto& [name, values] : good(2)) nodes.push_back(text_column(name, values));
  nodes.push_back(arrow_node{"+m", "odd", 2, 0, 0, {{}}, {}, nullptr});
  arrow_table table({nodes});
  auto stream = table.stream();
  out = from_arrow(&stream, on("2026-01-01"));
  CHECK(out.accepted.size() == 2);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S105", 1}});
}

TEST_CASE("findings beyond the limit are counted, and nothing else changes") {
  auto cells = good(20);
  for (auto& cell : column(cells, "owner")) cell = "";
  const auto out = read(cells, {.most_per_code = 5});
  CHECK(out.quarantine.size() == 20);
  CHECK(counts(out)["S007"] == 20);
  CHECK(out.findings.size() == 1 + 6);
  CHECK(out.findings.back().message.find("15 more rows") != std::string::npos);
  CHECK(read(cells, {.most_per_code = 0}).findings.size() == 1 + 20);
}

TEST_CASE("history needs no owner, name or budget, and its campaigns are finished") {
  columns cells{{"id", {"a", "b"}},
                {"start", {"2024-01-01", "2024-02-01"}},
                {"end", {"2024-01-10", "2024-02-10"}},
                {"channel", {"Email", "SMS"}},
                {"budget", {"", "10"}},
                {"spend", {"5", ""}},
                {"owner", {"", "Bob"}}};
  const auto out = read(cells, {.history = true});
  CHECK(out.accepted.size() == 2);
  CHECK(out.accepted.status[0] == status::finished);
  CHECK(counts(out) == std::map<std::string, std::uint64_t>{{"S029", 1}});
}

TEST_CASE("batches, blocks and threads change nothing") {
  const std::size_t rows = 100000;
  const auto make = [&](const std::vector<std::size_t>& cuts) {
    std::vector<std::vector<arrow_node>> batches;
    std::size_t at = 0;
    for (const auto size : cuts) {
      columns cells{{"id", {}},     {"name", {}},    {"start", {}}, {"end", {}},
                    {"budget", {}}, {"channel", {}}, {"owner", {}}, {"note", {}}};
      for (std::size_t i = at; i < at + size; ++i) {
        const auto start = core::from_day_number(static_cast<std::int32_t>(19000 + i % 900));
        cells[0].second.push_back(i % 5000 == 17 ? "dup" : "c" + std::to_string(i));
        cells[1].second.push_back("Name " + std::to_string(i % 70000));
        cells[2].second.push_back(core::to_string(start));
        cells[3].second.push_back(core::to_string(start + std::chrono::days{static_cast<int>(i % 40) - 1}));
        cells[4].second.push_back(i % 101 == 0 ? "oops" : std::to_string(i % 5000));
        cells[5].second.push_back(i % 3 ? "Email" : "SMS");
        cells[6].second.push_back(i % 997 ? "Owner " + std::to_string(i % 20) : "");
        cells[7].second.push_back(std::to_string(i));
      }
      at += size;
      std::vector<arrow_node> nodes;
      for (const auto& [name, column] : cells) nodes.push_back(text_column(name, column));
      batches.push_back(std::move(nodes));
    }
    return batches;
  };
  const auto run = [&](std::vector<std::vector<arrow_node>> batches, unsigned threads) {
    arrow_table table(std::move(batches));
    auto stream = table.stream();
    return from_arrow(&stream, on("2026-01-01"), nullptr, {}, {.threads = threads});
  };
  const auto one = run(make({rows}), 1);
  CHECK(one.rows_read == rows);
  CHECK(one.accepted.size() + one.quarantine.size() == rows);
  CHECK(counts(one)["S008"] == 19);
  CHECK(counts(one)["S010"] == 991);
  const auto json = to_json(one.accepted.take(std::vector<std::uint64_t>{0, 77, 5000}), -1);
  for (const auto& cuts : {std::vector<std::size_t>{rows}, std::vector<std::size_t>{1, 70000, 29999}}) {
    const auto other = run(make(cuts), 3);
    CHECK(other.counts == one.counts);
    CHECK(other.quarantine.row == one.quarantine.row);
    CHECK(other.accepted.source_row == one.accepted.source_row);
    CHECK(other.accepted.owner.codes == one.accepted.owner.codes);
    CHECK(other.findings.size() == one.findings.size());
    bool same = true;
    for (std::size_t i = 0; i < one.findings.size(); ++i) same &= one.findings[i].message == other.findings[i].message;
    CHECK(same);
    CHECK(to_json(other.accepted.take(std::vector<std::uint64_t>{0, 77, 5000}), -1) == json);
  }
}
