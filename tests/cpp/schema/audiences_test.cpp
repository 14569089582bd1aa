#include "clarion/schema/audiences.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"

using namespace clarion;
using schema::audience_options;
using schema::audiences;
using schema::build_audiences;
using schema::text_column;

namespace {

template <class T>
schema::id_column column(const std::vector<T>& values) {
  return std::span<const T>(values);
}

struct text_values {
  std::string bytes;
  std::vector<std::int64_t> offsets{0};
  explicit text_values(const std::vector<std::string>& values) {
    for (const auto& v : values) {
      bytes += v;
      offsets.push_back(static_cast<std::int64_t>(bytes.size()));
    }
  }
  schema::id_column column() const { return text_column{bytes.data(), offsets}; }
};

std::vector<std::string> names(std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back("c" + std::to_string(i));
  return out;
}

// Every query of the object against sets of ids.
void check_against_sets(const schema::audience_build& built, const std::vector<std::uint32_t>& codes,
                        const std::vector<std::int64_t>& customers, std::size_t n_campaigns) {
  std::vector<std::set<std::int64_t>> want(n_campaigns);
  std::set<std::int64_t> everyone;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    want[codes[i]].insert(customers[i]);
    everyone.insert(customers[i]);
  }
  const audiences& got = built.members;
  REQUIRE(got.size() == n_campaigns);
  REQUIRE(got.n_customers() == everyone.size());
  std::size_t index = 0, total = 0;
  for (const std::int64_t id : everyone) {
    REQUIRE(got.customer_id(index) == id);
    REQUIRE(got.find_customer(id) == index);
    ++index;
  }
  for (std::size_t c = 0; c < n_campaigns; ++c) {
    REQUIRE(got.count(c) == want[c].size());
    total += want[c].size();
    std::vector<std::int64_t> ids;
    for (const std::uint32_t m : got.members(c)) ids.push_back(got.customer_id(m));
    REQUIRE(std::ranges::equal(ids, want[c]));
    bool agree = true;
    for (std::size_t i = c % 7; i < got.n_customers(); i += 1 + got.n_customers() / 97)
      agree &= got.contains(c, i) == (want[c].count(got.customer_id(i)) == 1);
    REQUIRE(agree);
  }
  CHECK(got.n_memberships() == total);
  CHECK(built.report.rows_read == codes.size());
  CHECK(built.report.rows_accepted == codes.size());
  CHECK(built.report.duplicates == codes.size() - total);
}

void check_same(const audiences& a, const audiences& b) {
  REQUIRE(a.campaigns() == b.campaigns());
  REQUIRE(a.n_customers() == b.n_customers());
  REQUIRE(a.id_kind() == b.id_kind());
  for (std::size_t k = 0; k < a.n_chunks(); ++k) {
    const auto x = a.chunk(k), y = b.chunk(k);
    REQUIRE(x.size() == y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      REQUIRE(x[i].campaign() == y[i].campaign());
      REQUIRE(x[i].count() == y[i].count());
      REQUIRE(x[i].is_bitmap() == y[i].is_bitmap());
    }
  }
  for (std::size_t c = 0; c < a.size(); ++c) REQUIRE(a.members(c) == b.members(c));
}

}  // namespace

TEST_CASE("no rows, no campaigns, no customers") {
  const audiences none;
  CHECK(none.size() == 0);
  CHECK(none.n_customers() == 0);
  CHECK(none.n_chunks() == 0);
  CHECK_FALSE(none.find("x"));
  CHECK_FALSE(none.find_customer(std::int64_t{0}));
  CHECK_THROWS_AS(none.count(0), std::invalid_argument);

  const auto built = build_audiences(column(std::vector<std::int64_t>{}), column(std::vector<std::int64_t>{}));
  CHECK(built.members.size() == 0);
  CHECK(built.report.rows_read == 0);

  const auto labelled = build_audiences(column(std::vector<std::uint32_t>{}), column(std::vector<std::int32_t>{}),
                                        {.labels = {"spring", "autumn"}});
  CHECK(labelled.members.size() == 2);
  CHECK(labelled.members.count(1) == 0);
  CHECK(labelled.members.members(0).empty());

  CHECK(build_audiences(text_column{}, text_column{}).members.size() == 0);
}

TEST_CASE("ids of any value, in any density, against sets") {
  std::mt19937_64 random(3);
  const auto run = [&](std::size_t rows, std::size_t campaigns, auto&& customer) {
    std::vector<std::uint32_t> codes(rows);
    std::vector<std::int64_t> customers(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      // Squared, so that some audiences are large enough for bitmaps and others are lists.
      const double u = static_cast<double>(random() >> 11) / 9007199254740992.0;
      codes[i] = static_cast<std::uint32_t>(u * u * static_cast<double>(campaigns));
      customers[i] = customer();
    }
    const auto built = build_audiences(column(codes), column(customers), {.labels = names(campaigns)});
    check_against_sets(built, codes, customers, campaigns);
    return built;
  };
  SUBCASE("every id of a range") {
    run(400000, 7, [&] { return static_cast<std::int64_t>(random() % 70000); });
  }
  SUBCASE("a range with holes") {
    run(200000, 9, [&] { return static_cast<std::int64_t>(random() % 150000) * 7 - 400000; });
  }
  SUBCASE("a range with long gaps") {
    run(150000, 5, [&] { return static_cast<std::int64_t>(random() % 3 * 600000 + random() % 30000); });
  }
  SUBCASE("a few ids all over the 64 bits") {
    run(3000, 4, [&] { return static_cast<std::int64_t>(random()); });
  }
  SUBCASE("many ids all over the 64 bits, each several times") {
    run(300000, 12, [&] { return static_cast<std::int64_t>(random() % 60000 * 0x9e3779b97f4a7c15u); });
  }
  SUBCASE("the extremes") {
    run(100, 2, [&] {
      constexpr std::int64_t ids[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1,
                                      std::numeric_limits<std::int64_t>::max()};
      return ids[random() % 5];
    });
  }
  SUBCASE("nothing but duplicates") {
    const auto built = run(1000, 1, [] { return std::int64_t{-42}; });
    CHECK(built.members.n_memberships() == 1);
    CHECK(built.report.duplicates == 999);
  }
  SUBCASE("more campaigns than 19 bits count") {
    run(2000, 600000, [&] { return static_cast<std::int64_t>(random() % 500); });
  }
}

TEST_CASE("large sets are bitmaps, small ones lists, whichever is smaller") {
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> customers;
  for (std::int64_t i = 0; i < 140000; ++i) {
    codes.push_back(0);
    customers.push_back(i);
    if (i % 16 == 0) {  // exactly as large as a bitmap: stays a list
      codes.push_back(1);
      customers.push_back(i);
    }
    if (i % 15 == 0) {
      codes.push_back(2);
      customers.push_back(i);
    }
  }
  const auto got = build_audiences(column(codes), column(customers), {.labels = {"all", "thin", "thick"}}).members;
  REQUIRE(got.n_chunks() == 3);
  CHECK(got.chunk(0)[0].is_bitmap());
  CHECK_FALSE(got.chunk(0)[1].is_bitmap());
  CHECK(got.chunk(0)[2].is_bitmap());
  CHECK(got.chunk_words(2) == (140000 - 2 * 65536 + 63) / 64);
  CHECK(got.memory_bytes() < 140000 / 8 + 2 * 140000 / 16 + 140000 / 8 + 4096);
}

TEST_CASE("the same rows give the same object in any order, for any number of threads and any type") {
  std::mt19937_64 random(9);
  const std::size_t rows = 400000, campaigns = 40;
  std::vector<std::uint32_t> codes(rows);
  std::vector<std::int64_t> customers(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = static_cast<std::uint32_t>(random() % campaigns);
    customers[i] = static_cast<std::int64_t>(random() % 90000);
  }
  const audience_options options{.labels = names(campaigns)};
  const auto one = build_audiences(column(codes), column(customers), options, {.threads = 1});
  for (const unsigned threads : {2u, 5u})
    check_same(one.members, build_audiences(column(codes), column(customers), options, {.threads = threads}).members);

  std::vector<std::size_t> order(rows);
  for (std::size_t i = 0; i < rows; ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return codes[i]; });
  std::vector<std::int32_t> codes32(rows), customers32(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    codes32[i] = static_cast<std::int32_t>(codes[order[i]]);
    customers32[i] = static_cast<std::int32_t>(customers[order[i]]);
  }
  check_same(one.members, build_audiences(column(codes32), column(customers32), options).members);

  // Spread ids take the other path to the same dense indices.
  std::vector<std::int64_t> spread(rows);
  for (std::size_t i = 0; i < rows; ++i) spread[i] = customers[i] * 1000000007;
  const auto wide = build_audiences(column(codes), column(spread), options, {.threads = 3});
  for (std::size_t c = 0; c < campaigns; ++c) CHECK(wide.members.members(c) == one.members.members(c));
  check_same(wide.members, build_audiences(column(codes), column(spread), options, {.threads = 1}).members);
}

TEST_CASE("text ids on both sides") {
  const std::vector<std::string> campaign{"spring", "autumn", "spring", "", "spring", "autumn"};
  const std::vector<std::string> customer{"9b1d-x", "", "0a-y", "9b1d-x", "9b1d-x", "zz\xc3\xa9"};
  const text_values a(campaign), b(customer);
  const auto built = build_audiences(a.column(), b.column());
  const audiences& got = built.members;
  CHECK(got.campaigns() == std::vector<std::string>{"", "autumn", "spring"});
  CHECK(got.id_kind() == schema::customer_ids::text);
  CHECK(got.n_customers() == 4);
  CHECK(got.customer_text(0) == "");
  CHECK(got.customer_text(1) == "0a-y");
  CHECK(got.find_customer("9b1d-x") == 2u);
  CHECK_FALSE(got.find_customer("9b1d"));
  CHECK(got.find("autumn") == 1u);
  CHECK_FALSE(got.find("winter"));
  CHECK(got.members(2) == std::vector<std::uint32_t>{1, 2});
  CHECK(got.members(1) == std::vector<std::uint32_t>{0, 3});
  CHECK(built.report.duplicates == 1);
  CHECK_THROWS_AS(got.customer_id(0), std::invalid_argument);
}

TEST_CASE("text ids by the hundred thousand have the ranks of a sort") {
  std::mt19937_64 random(5);
  std::vector<std::string> customer;
  std::vector<std::int64_t> campaign;
  for (std::size_t i = 0; i < 300000; ++i) {
    customer.push_back("user-" + std::to_string(random() % 90000));
    campaign.push_back(static_cast<std::int64_t>(random() % 5) * 1000000000000 - 7);
  }
  const text_values text(customer);
  const auto got = build_audiences(column(campaign), text.column(), {}, {.threads = 3}).members;
  const std::set<std::string> sorted(customer.begin(), customer.end());
  REQUIRE(got.n_customers() == sorted.size());
  std::size_t index = 0;
  for (const auto& id : sorted) REQUIRE(got.customer_text(index++) == id);
  CHECK(got.campaigns() == std::vector<std::string>{"-7", "999999999993", "1999999999993", "2999999999993", "3999999999993"});
  std::map<std::string, std::set<std::string>> want;
  for (std::size_t i = 0; i < customer.size(); ++i) want[std::to_string(campaign[i])].insert(customer[i]);
  for (std::size_t c = 0; c < got.size(); ++c) CHECK(got.count(c) == want[got.campaigns()[c]].size());
}

TEST_CASE("campaign ids without labels come in numeric order") {
  const std::vector<std::int32_t> campaign{30, -2, 8, 30, 13};
  const std::vector<std::uint32_t> customer{4000000000u, 1, 2, 3, 4000000000u};
  const auto got = build_audiences(column(campaign), column(customer)).members;
  CHECK(got.campaigns() == std::vector<std::string>{"-2", "8", "13", "30"});
  CHECK(got.find("30") == 3u);
  CHECK(got.customer_id(3) == 4000000000);
  CHECK(got.count(3) == 2);
}

TEST_CASE("rows whose campaign has no label are quarantined and leave no customer") {
  std::vector<std::int32_t> campaign{0, 5, 1, -1, 0};
  const std::vector<std::int64_t> customer{10, 99, 11, 98, 11};
  const auto built = build_audiences(column(campaign), column(customer), {.labels = {"a", "b"}, .report_rows = 1});
  CHECK(built.report.rows_read == 5);
  CHECK(built.report.rows_accepted == 3);
  CHECK(built.report.rows_quarantined == 2);
  REQUIRE(built.report.quarantined.size() == 1);
  CHECK(built.report.quarantined[0].row == 1);
  CHECK(built.report.quarantined[0].reason == schema::audience_reason::unknown_campaign);
  CHECK(built.members.n_customers() == 2);
  CHECK_FALSE(built.members.find_customer(std::int64_t{99}));
}

TEST_CASE("bad arguments name the field") {
  const std::vector<std::int64_t> two{1, 2}, three{1, 2, 3};
  CHECK_THROWS_AS(build_audiences(column(two), column(three)), std::invalid_argument);
  CHECK_THROWS_AS(build_audiences(column(two), column(two), {.labels = {"a", "a"}}), std::invalid_argument);
  const text_values text({"x", "y"});
  CHECK_THROWS_AS(build_audiences(text.column(), column(two), {.labels = {"a"}}), std::invalid_argument);
}

TEST_CASE("a stop or a throwing progress callback ends the build") {
  const std::vector<std::int64_t> ids(300000, 1);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(build_audiences(column(ids), column(ids), {}, {.cancel = stop.get_token()}), cancelled);
  CHECK_THROWS_AS(build_audiences(column(ids), column(ids), {}, {.progress = [](double) { throw std::runtime_error("enough"); }}),
                  std::runtime_error);
}

TEST_CASE("scattered ids are ranked in steps that can be stopped") {
  std::mt19937_64 random(7);
  std::vector<std::int64_t> ids(600'000);
  for (auto& id : ids) id = static_cast<std::int64_t>(random());
  const std::vector<std::int64_t> one(ids.size(), 1);
  std::vector<double> told;
  const auto built = build_audiences(column(one), column(ids), {},
                                     {.threads = 2, .progress = [&](double fraction) { told.push_back(fraction); }});
  CHECK(std::ranges::is_sorted(told));
  // The ranks lie between the dealing and the placing: their sort is not one silent step.
  CHECK(std::ranges::count_if(told, [](double fraction) { return fraction > .6 && fraction < .66; }) >= 4);
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  REQUIRE(built.members.n_customers() == ids.size());
  bool same = true;
  for (std::size_t i = 0; i < ids.size(); ++i) same = same && built.members.customer_id(i) == ids[i];
  CHECK(same);
}

TEST_CASE("streams: batches, nulls, dictionaries and numbers of every kind") {
  using namespace clarion::tests;
  const std::vector<std::optional<std::string>> names{"spring", "autumn", std::nullopt};
  const auto batch = [&](const std::vector<std::uint8_t>& campaign, arrow_node customer) {
    auto coded = fixed_column<std::uint8_t>("campaign", "C", campaign);
    coded.dictionary = std::make_shared<arrow_node>(tests::text_column("", names));
    return std::vector<arrow_node>{fixed_column<double>("spend", "g", std::vector<double>(campaign.size())), coded,
                                   std::move(customer)};
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  arrow_table table({batch({1, 0, 2, 1}, fixed_column<double>("who", "g", {7, -7, 1, 2.5})),
                     batch({}, fixed_column<double>("who", "g", {})),
                     batch({0, 0, 1, 0}, fixed_column<double>("who", "g", {7, nan, 7, 1e19}, {true, true, true, true}))});
  auto stream = table.stream();
  const auto read = schema::read_audiences(&stream, {.campaign = "campaign", .customer = "who"}, {}, {.threads = 2});
  CHECK(read.report.rows_read == 8);
  CHECK(read.report.rows_accepted == 4);
  CHECK(read.report.rows_quarantined == 4);
  CHECK(read.report.duplicates == 1);
  std::vector<std::pair<std::uint64_t, schema::audience_reason>> why;
  for (const auto& q : read.report.quarantined) why.emplace_back(q.row, q.reason);
  using enum schema::audience_reason;
  CHECK(why == std::vector<std::pair<std::uint64_t, schema::audience_reason>>{
                   {2, null_campaign}, {3, bad_customer}, {5, null_customer}, {7, bad_customer}});
  CHECK(read.members.campaigns() == std::vector<std::string>{"autumn", "spring"});
  CHECK(read.members.customer_id(0) == -7);
  CHECK(read.members.members(1) == std::vector<std::uint32_t>{0, 1});
  CHECK(table.released == 1);
}

TEST_CASE("a stream and the arrays it came from give the same object") {
  using namespace clarion::tests;
  std::mt19937_64 random(12);
  std::vector<std::vector<arrow_node>> integers, texts;
  std::vector<std::int32_t> codes;
  std::vector<std::int64_t> customers;
  for (const std::size_t rows : {140000u, 1u, 0u, 300000u}) {
    std::vector<std::int32_t> some_codes;
    std::vector<std::int64_t> some_customers;
    std::vector<std::optional<std::string>> some_texts;
    for (std::size_t i = 0; i < rows; ++i) {
      some_codes.push_back(static_cast<std::int32_t>(random() % 9) - 4);
      some_customers.push_back(static_cast<std::int64_t>(random() % 50000) - 100);
      some_texts.emplace_back("id" + std::to_string(some_customers.back()));
    }
    integers.push_back({fixed_column("campaign", "i", some_codes), fixed_column("customer", "l", some_customers)});
    texts.push_back({fixed_column("campaign", "i", some_codes), tests::text_column("customer", some_texts)});
    codes.insert(codes.end(), some_codes.begin(), some_codes.end());
    customers.insert(customers.end(), some_customers.begin(), some_customers.end());
  }
  arrow_table table(integers), text_table(texts);
  auto stream = table.stream(), text_stream = text_table.stream();
  const auto want = build_audiences(column(codes), column(customers));
  const auto got = schema::read_audiences(&stream);
  check_same(want.members, got.members);
  CHECK(got.report.duplicates == want.report.duplicates);
  for (std::size_t i = 0; i < got.members.n_customers(); i += 997)
    CHECK(got.members.customer_id(i) == want.members.customer_id(i));

  const auto text = schema::read_audiences(&text_stream, {}, {}, {.threads = 3}).members;
  REQUIRE(text.n_customers() == want.members.n_customers());
  for (std::size_t c = 0; c < text.size(); ++c) {
    std::set<std::string> ids, same;
    for (const auto m : text.members(c)) ids.emplace(text.customer_text(m));
    for (const auto m : want.members.members(c)) same.insert("id" + std::to_string(want.members.customer_id(m)));
    CHECK(ids == same);
  }
}

TEST_CASE("a stream without the columns, or with columns of no ids, is refused") {
  using namespace clarion::tests;
  arrow_table table({{fixed_column<std::int32_t>("a", "i", {1}), fixed_column<std::int64_t>("b", "tDs", {1})}});
  auto stream = table.stream();
  CHECK_THROWS_WITH_AS(schema::read_audiences(&stream), "campaign: \"campaign\" is not allowed; name one of the columns: a, b",
                       std::invalid_argument);
  auto again = table.stream();
  CHECK_THROWS_AS(schema::read_audiences(&again, {.campaign = "a", .customer = "b"}), clarion::error);
}
