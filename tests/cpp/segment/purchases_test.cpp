#include "clarion/segment/purchases.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;
using clarion::tests::arrow_table;
using clarion::tests::fixed_column;
using clarion::tests::text_column;

namespace {

struct rows {
  std::vector<std::int64_t> customer;
  std::vector<std::int32_t> day;
  std::vector<double> amount;
  std::vector<std::int64_t> invoice;
  purchase_columns columns() const {
    return {std::span(customer), day, amount, core::id_column(std::span<const std::int64_t>(invoice))};
  }
};

rows random_rows(std::size_t n, std::int64_t low, std::uint64_t customers, std::int32_t days, std::uint64_t seed,
                 std::int64_t step = 1) {
  core::random_stream random(seed);
  rows out;
  for (std::size_t i = 0; i < n; ++i) {
    out.customer.push_back(low + step * static_cast<std::int64_t>(random.below(customers)));
    out.day.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(days))) - 300);
    // Quarters add up exactly, so that the order of sums does not matter here.
    out.amount.push_back(static_cast<double>(random.below(400)) / 4 - 10);
    out.invoice.push_back(static_cast<std::int64_t>(random.below(n / 3 + 1)));
  }
  return out;
}

struct expected {
  std::map<std::int64_t, double> by_day;  // by day, or by invoice
  std::map<std::int64_t, std::int32_t> day;
  double returned = 0;
  std::uint64_t sales = 0, returns = 0;
};

void check_against_maps(const rows& data, const std::string& unit) {
  std::map<std::int64_t, expected> by_customer;
  for (std::size_t i = 0; i < data.customer.size(); ++i) {
    auto& of = by_customer[data.customer[i]];
    if (data.amount[i] < 0) {
      of.returned += data.amount[i];
      ++of.returns;
      continue;
    }
    const std::int64_t key = unit == "days" ? data.day[i] : unit == "invoices" ? data.invoice[i] : static_cast<std::int64_t>(i);
    of.by_day[key] += data.amount[i];
    const auto [at, added] = of.day.try_emplace(key, data.day[i]);
    if (!added) at->second = std::min(at->second, data.day[i]);
    ++of.sales;
  }
  std::uint64_t orphans = 0, sales = 0, returns = 0;
  for (auto it = by_customer.begin(); it != by_customer.end();) {
    if (it->second.by_day.empty()) {
      orphans += it->second.returns;
      it = by_customer.erase(it);
    } else {
      sales += it->second.sales;
      returns += it->second.returns;
      ++it;
    }
  }
  const auto built = build_purchases(data.columns(), {.purchase = unit});
  const auto& got = built.data;
  REQUIRE(got.size() == by_customer.size());
  CHECK(built.report.sales == sales);
  CHECK(built.report.returns == returns);
  CHECK(built.report.set_aside == orphans);
  CHECK(built.report.rows_read == sales + returns + orphans);
  CHECK(std::ranges::is_sorted(built.report.row));
  for (const auto row : built.report.row) CHECK(data.amount[row] < 0);
  std::size_t c = 0;
  std::uint64_t total = 0;
  for (const auto& [id, of] : by_customer) {
    REQUIRE(got.customers().integer(c) == id);
    const auto history = got.of(c);
    REQUIRE(history.day.size() == of.by_day.size());
    CHECK(std::ranges::is_sorted(history.day));
    std::vector<std::pair<std::int32_t, double>> ours, theirs;
    double sum = 0;
    for (std::size_t k = 0; k < history.day.size(); ++k) {
      ours.emplace_back(history.day[k], history.amount[k]);
      sum += history.amount[k];
    }
    for (const auto& [key, amount] : of.by_day) theirs.emplace_back(of.day.at(key), amount);
    std::ranges::sort(ours);
    std::ranges::sort(theirs);
    CHECK(ours == theirs);
    CHECK(got.bought()[c] == sum);
    CHECK(got.returned()[c] == of.returned);
    CHECK(got.count()[c] == history.day.size());
    CHECK(got.first_day()[c] == history.day.front());
    CHECK(got.last_day()[c] == history.day.back());
    total += history.day.size();
    ++c;
  }
  CHECK(got.n_purchases() == total);
}

std::vector<double> everything(const purchases& data) {
  std::vector<double> out;
  for (std::size_t c = 0; c < data.size(); ++c) {
    out.push_back(static_cast<double>(data.customers().integer(c)));
    for (const auto d : data.of(c).day) out.push_back(d);
    for (const auto a : data.of(c).amount) out.push_back(a);
    out.push_back(data.bought()[c]);
    out.push_back(data.returned()[c]);
  }
  return out;
}

}  // namespace

TEST_CASE("purchases are those of maps, wherever ids lie") {
  for (const std::string unit : {"days", "invoices", "rows"}) {
    CAPTURE(unit);
    check_against_maps(random_rows(3000, 1, 400, 60, 1), unit);
    check_against_maps(random_rows(3000, -150, 400, 60, 2), unit);
    check_against_maps(random_rows(2000, -5000000000, 300, 20, 3, 77777777), unit);
    check_against_maps(random_rows(2000, std::numeric_limits<std::int64_t>::min(), 300, 20, 4, 1000000007), unit);
    check_against_maps(random_rows(70000, 5, 900, 20000, 5), unit);
    check_against_maps(random_rows(40, 5, 30, 3, 6), unit);
  }
}

TEST_CASE("the same bits for any number of threads and any batches") {
  auto data = random_rows(150000, 10, 2000, 900, 9);
  for (auto& amount : data.amount) amount = amount * 1.1 + .003;
  const auto one = build_purchases(data.columns(), {}, {.threads = 1});
  const auto many = build_purchases(data.columns(), {}, {.threads = 5});
  CHECK(everything(one.data) == everything(many.data));
  std::vector<std::vector<tests::arrow_node>> batches;
  for (std::size_t from = 0; from < data.day.size(); from += 37001) {
    const std::size_t to = std::min(data.day.size(), from + 37001);
    const auto part = [&](const auto& v) {
      return std::vector(v.begin() + static_cast<std::ptrdiff_t>(from), v.begin() + static_cast<std::ptrdiff_t>(to));
    };
    batches.push_back({fixed_column("customer", "l", part(data.customer)), fixed_column("date", "tdD", part(data.day)),
                       fixed_column("amount", "g", part(data.amount))});
  }
  arrow_table table(std::move(batches));
  auto stream = table.stream();
  const auto read = read_purchases(&stream, {}, {}, {.threads = 2});
  CHECK(everything(read.data) == everything(one.data));
  CHECK(table.released == 1);
}

TEST_CASE("every row set aside has its reason") {
  const double inf = std::numeric_limits<double>::infinity();
  arrow_table table({{text_column("customer", {"a", std::nullopt, "b", "a", "a", "c", "a", " ", "b", "b"}),
                      text_column("date", {"2026-01-05", "2026-01-05", "soon", "2026-03-01", std::nullopt, "2026-01-07",
                                           "2026-01-06", "2026-01-06", "2026-01-08T10:00:00", "2026-02-30"}),
                      text_column("amount", {"10", "1", "1", "1", "1", "-5", "x", "1", "2.5", "1"})}});
  auto stream = table.stream();
  const auto built = read_purchases(&stream, {}, {.at = core::parse_iso_date("2026-02-01")});
  const auto& report = built.report;
  CHECK(report.rows_read == 10);
  CHECK(report.sales == 2);
  CHECK(report.returns == 0);
  CHECK(report.set_aside == 8);
  CHECK(report.row == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 9});
  using enum purchase_reason;
  CHECK(report.reason == std::vector{null_customer, bad_date, future_date, null_date, return_without_purchase, bad_amount,
                                     null_customer, bad_date});
  CHECK(report.value == std::vector<std::string>{"", "soon", "2026-03-01", "", "", "x", "", "2026-02-30"});
  CHECK(built.data.size() == 2);
  CHECK(built.data.customers().text(1) == "b");
  CHECK(built.data.at() == *core::parse_iso_date("2026-02-01"));
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].code == "G002");

  const std::vector<std::int64_t> who{1, 1, 1, 1, 1};
  const std::vector<std::int32_t> day{0, 1, 2, 3, 99999999};
  const std::vector<double> amount{1e12, inf, -inf, std::nan(""), 1};
  const auto wild = build_purchases({std::span(who), day, amount, {}});
  CHECK(wild.report.reason == std::vector{huge_amount, huge_amount, null_amount, bad_date});
  CHECK(wild.data.bought()[0] == 1e12);
  CHECK(wild.data.at() == core::from_day_number(0));
}

TEST_CASE("kinds say what is a return, whatever the sign") {
  arrow_table table(
      {{fixed_column<std::int32_t>("customer", "i", {1, 1, 1, 2}),
        fixed_column<std::int64_t>("date", "l", {20260101, 20260102, 20260103, 20454}),
        fixed_column<float>("amount", "f", {10, 4, 0, 8}), text_column("kind", {"sale", "return", "refund", std::nullopt})}});
  auto stream = table.stream();
  const auto built = read_purchases(&stream, {.kind = "kind"});
  CHECK(built.report.sales == 2);
  CHECK(built.report.returns == 2);
  CHECK(built.data.bought()[0] == 10);
  CHECK(built.data.returned()[0] == -4);
  CHECK(built.data.count()[0] == 1);
  CHECK(built.data.first_day()[1] == 20454);
}

TEST_CASE("currencies are not summed up together") {
  const auto make = [] {
    return arrow_table(
        {{fixed_column<std::int32_t>("customer", "i", {1, 1, 2}), fixed_column<std::int32_t>("date", "tdD", {1, 2, 3}),
          fixed_column<double>("amount", "g", {1, 2, 3}), text_column("currency", {"EUR", "USD", std::nullopt})}});
  };
  auto table = make();
  auto stream = table.stream();
  CHECK_THROWS_WITH_AS(
      read_purchases(&stream, {.currency = "currency"}),
      "currency: EUR, USD is not allowed; amounts of several currencies have no sum: choose one, or convert them beforehand",
      std::invalid_argument);
  auto again = make();
  stream = again.stream();
  const auto built = read_purchases(&stream, {.currency = "currency"}, {.currency = "EUR"});
  CHECK(built.report.reason == std::vector{purchase_reason::other_currency, purchase_reason::null_currency});
  CHECK(built.data.bought()[0] == 1);
}

TEST_CASE("nothing, one row, and returns alone") {
  CHECK(purchases().size() == 0);
  const auto empty = build_purchases({std::span<const std::int64_t>{}, {}, {}, {}});
  CHECK(empty.data.size() == 0);
  CHECK(empty.report.findings.at(0).code == "G001");
  const std::vector<std::int64_t> who{7};
  const std::vector<std::int32_t> day{10};
  const std::vector<double> sale{5}, back{-5};
  const auto one = build_purchases({std::span(who), day, sale, {}});
  CHECK(one.data.size() == 1);
  CHECK(one.report.findings.at(0).code == "G004");
  const auto alone = build_purchases({std::span(who), day, back, {}});
  CHECK(alone.data.size() == 0);
  CHECK(alone.report.reason == std::vector{purchase_reason::return_without_purchase});
  const auto without = build_purchases({std::span(who), day, {}, {}});
  CHECK_FALSE(without.data.has_amounts());
  CHECK(without.data.of(0).amount.empty());
}

TEST_CASE("what cannot be asked is refused") {
  const std::vector<std::int64_t> who{7, 8};
  const std::vector<std::int32_t> day{10, 11};
  CHECK_THROWS_AS(build_purchases({std::span(who), std::span(day).first(1), {}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(build_purchases({std::span(who), day, {}, {}}, {.purchase = "months"}), std::invalid_argument);
  CHECK_THROWS_AS(build_purchases({std::span(who), day, {}, {}}, {.purchase = "invoices"}), std::invalid_argument);
  CHECK_THROWS_AS(build_purchases({std::span(who), day, {}, {}}, {.currency = "EUR"}), std::invalid_argument);
  arrow_table table({{fixed_column<std::int32_t>("customer", "i", {1}), fixed_column<std::int32_t>("date", "tdD", {1})}});
  auto stream = table.stream();
  CHECK_THROWS_AS(read_purchases(&stream), std::invalid_argument);  // no amount
  stream = table.stream();
  CHECK_THROWS_AS(read_purchases(&stream, {.date = "customer", .amount = "date"}), error);
  std::stop_source stop;
  stop.request_stop();
  const auto data = random_rows(100000, 0, 50, 10, 1);
  CHECK_THROWS_AS(build_purchases(data.columns(), {}, {.cancel = stop.get_token()}), cancelled);
}

namespace {

// What purchases_until says is what is read with the rows until then.
void check_until(const rows& data, const std::string& unit, bool amounts) {
  CAPTURE(unit);
  purchase_columns columns = data.columns();
  if (!amounts) columns.amount = {};
  const purchase_options options{.purchase = unit};
  const auto all = build_purchases(columns, options).data;
  for (const std::int32_t day : {-301, -300, -250, -100, 0, core::day_number(all.at())}) {
    CAPTURE(day);
    purchase_options early = options;
    early.at = core::from_day_number(day);
    const auto expected = build_purchases(columns, early).data;
    for (const unsigned threads : {1u, 3u}) {
      const auto got = purchases_until(all, *early.at, {.threads = threads});
      REQUIRE(got.at() == expected.at());
      REQUIRE((got.customers() == expected.customers()));
      CHECK(got.n_purchases() == expected.n_purchases());
      const auto same = [](auto a, auto b) { return std::ranges::equal(a, b); };
      CHECK(same(got.count(), expected.count()));
      CHECK(same(got.first_day(), expected.first_day()));
      CHECK(same(got.last_day(), expected.last_day()));
      CHECK(same(got.bought(), expected.bought()));
      CHECK(same(got.returned(), expected.returned()));
      for (std::size_t c = 0; c < got.size(); ++c) {
        REQUIRE(same(got.of(c).day, expected.of(c).day));
        REQUIRE(same(got.of(c).amount, expected.of(c).amount));
      }
      // And so on: what was cut may be cut again.
      const auto again = purchases_until(purchases_until(all, std::min(all.at(), core::from_day_number(day + 20))), *early.at);
      CHECK(same(again.bought(), expected.bought()));
      CHECK(same(again.returned(), expected.returned()));
    }
  }
}

}  // namespace

TEST_CASE("purchases until a day are those that are read until it") {
  for (const std::int64_t step : {1, 1'000'003}) {
    rows data = random_rows(20'000, -50, 3'000, 400, 5, step);
    for (std::size_t i = 0; i < data.amount.size(); ++i) data.amount[i] *= 1 + 1e-3 * static_cast<double>(i % 7);  // sums round
    for (const char* unit : {"days", "rows"}) check_until(data, unit, true);
    check_until(data, "days", false);
  }
}

TEST_CASE("a day until which there are no purchases, a later one, and sums alone") {
  const rows data = random_rows(500, 0, 50, 400, 6);
  const auto all = build_purchases(data.columns()).data;
  CHECK(purchases_until(all, all.at()).n_purchases() == all.n_purchases());
  CHECK(purchases_until(all, core::from_day_number(-1000)).size() == 0);
  CHECK(purchases_until({}, core::from_day_number(-1)).size() == 0);
  CHECK_THROWS_WITH_AS(purchases_until(all, all.at() + std::chrono::days{1}), doctest::Contains("at:"), std::invalid_argument);
}

TEST_CASE("an invoice counts whole on its first day") {
  const rows data{{7, 7, 7}, {1, 5, 9}, {10, 20, 40}, {1, 1, 2}};
  const auto all = build_purchases(data.columns(), {.purchase = "invoices"}).data;
  const auto early = purchases_until(all, core::from_day_number(3));
  CHECK(early.count()[0] == 1);
  CHECK(early.bought()[0] == 30);
}
