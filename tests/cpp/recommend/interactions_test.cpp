#include "clarion/recommend/interactions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::append;
using recommend::build_interactions;
using recommend::interaction_build;
using recommend::interaction_columns;
using recommend::interaction_names;
using recommend::interaction_options;
using recommend::interaction_reason;
using recommend::interactions;
using recommend::read_interactions;
using tests::arrow_node;
using tests::arrow_table;
using tests::bytes_of;
using tests::fixed_column;

namespace {

struct event {
  std::int64_t user, item;
  double weight = 1;
  std::int64_t time = 0;
};

struct table {
  std::vector<std::int64_t> user, item, time;
  std::vector<double> weight;

  explicit table(const std::vector<event>& events) {
    for (const auto& e : events) {
      user.push_back(e.user);
      item.push_back(e.item);
      weight.push_back(e.weight);
      time.push_back(e.time);
    }
  }
  interaction_columns columns(bool weighted = true, bool timed = true) const {
    interaction_columns out{std::span<const std::int64_t>(user), std::span<const std::int64_t>(item), {}, {}, {}};
    if (weighted) out.weight = std::span<const double>(weight);
    if (timed) out.time = time;
    return out;
  }
};

using entries = std::map<std::pair<std::string, std::string>, std::pair<float, std::int64_t>>;

entries entries_of(const interactions& data) {
  entries out;
  const auto rows = data.by_user();
  for (std::size_t u = 0; u < rows.rows; ++u)
    for (std::uint64_t e = rows.offsets[u]; e < rows.offsets[u + 1]; ++e)
      out[{data.users().label(u), data.items().label(rows.index[e])}] = {rows.value == nullptr ? 1.0f : rows.value[e],
                                                                         data.has_times() ? data.times()[e] : 0};
  return out;
}

// The same by the simplest means.
entries expected(const std::vector<event>& events, const std::string& rule, bool timed = true) {
  struct cell {
    double weight;
    std::int64_t time;
  };
  std::map<std::pair<std::string, std::string>, cell> cells;
  for (const auto& e : events) {
    const std::pair key{std::to_string(e.user), std::to_string(e.item)};
    const std::int64_t time = timed ? e.time : 0;
    const auto [at, is_new] = cells.try_emplace(key, cell{rule == "binary" ? 1 : e.weight, time});
    if (is_new) continue;
    cell& c = at->second;
    if (rule == "sum") c.weight += e.weight;
    if (rule == "max") c.weight = std::max(c.weight, e.weight);
    if (rule == "last" && time >= c.time) c.weight = e.weight;
    if (rule == "first" && time < c.time) c.weight = e.weight;
    c.time = rule == "first" ? std::min(c.time, time) : std::max(c.time, time);
  }
  entries out;
  for (const auto& [key, c] : cells) out[key] = {static_cast<float>(c.weight), c.time};
  return out;
}

void check_whole(const interactions& data) {
  const auto rows = data.by_user(), turned = data.by_item();
  core::check_sparse("by_user", rows);
  core::check_sparse("by_item", turned);
  CHECK(rows.rows == data.n_users());
  CHECK(rows.columns == data.n_items());
  CHECK(data.users().size() == data.n_users());
  CHECK(data.items().size() == data.n_items());
  CHECK(turned.rows == data.n_items());
  CHECK(turned.columns == data.n_users());
  CHECK(rows.size() == data.size());
  CHECK(turned.size() == data.size());
  CHECK(data.times().size() == (data.has_times() ? data.size() : 0));
  const core::sparse_rows again = core::transposed(rows);
  CHECK(std::equal(again.index.begin(), again.index.end(), turned.index));
  CHECK((turned.value == nullptr) == (rows.value == nullptr));
  if (turned.value != nullptr) CHECK(std::equal(again.value.begin(), again.value.end(), turned.value));
  for (std::size_t u = 0; u < data.n_users(); ++u)
    for (const float w : rows.values(u)) CHECK(w > 0);
}

void check_sums(const interaction_build& built) {
  const auto& r = built.report;
  CHECK(r.rows_read == r.interactions + r.merged + r.filtered + r.set_aside);
  CHECK(std::accumulate(r.by_reason.begin(), r.by_reason.end(), std::uint64_t{0}) == r.set_aside);
}

std::vector<event> random_events(std::size_t n, std::int64_t users, std::int64_t items, std::uint64_t seed,
                                 std::int64_t stride = 1) {
  core::random_stream random(seed);
  std::vector<event> out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back({(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(users))) - users / 2) * stride,
                   static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(items))) * stride,
                   // Weights that add up exactly in any order.
                   static_cast<double>(1 + random.below(8)) / 4, static_cast<std::int64_t>(random.below(50)) - 20});
  return out;
}

bool same_bits(const interactions& a, const interactions& b) {
  const auto x = a.by_user(), y = b.by_user();
  return a.users() == b.users() && a.items() == b.items() && x.rows == y.rows && x.size() == y.size() &&
         std::equal(x.offsets, x.offsets + x.rows + 1, y.offsets) && std::equal(x.index, x.index + x.size(), y.index) &&
         (x.value == nullptr) == (y.value == nullptr) &&
         (x.value == nullptr || std::equal(x.value, x.value + x.size(), y.value)) && std::ranges::equal(a.times(), b.times());
}

}  // namespace

TEST_CASE("interactions equal the simplest count of them, by every rule") {
  for (const std::int64_t stride : {std::int64_t{1}, std::int64_t{1} << 40}) {
    const auto events = random_events(3000, 60, 40, 7, stride);
    const table rows(events);
    for (const std::string rule : {"sum", "max", "last", "first", "binary"})
      for (const bool timed : {true, false}) {
        CAPTURE(rule);
        const auto built = build_interactions(rows.columns(true, timed), {.duplicates = rule});
        CHECK(entries_of(built.data) == expected(events, rule, timed));
        check_whole(built.data);
        check_sums(built);
        CHECK(built.report.set_aside == 0);
        CHECK(built.report.merged == events.size() - built.data.size());
      }
  }
}

TEST_CASE("many rows over many pieces and buckets, the same for any number of threads") {
  const auto events = random_events(400'000, 3000, 900, 3, std::int64_t{1} << 33);
  const table rows(events);
  const auto one = build_interactions(rows.columns(), {.half_life = 0.0001}, {.threads = 1});
  check_whole(one.data);
  check_sums(one);
  for (const unsigned threads : {2u, 5u}) {
    const auto many = build_interactions(rows.columns(), {.half_life = 0.0001}, {.threads = threads});
    CHECK(same_bits(one.data, many.data));
  }
  CHECK(entries_of(build_interactions(rows.columns()).data) == expected(events, "sum"));
}

TEST_CASE("few users with many rows each") {
  const auto events = random_events(200'000, 2, 70'000, 11);
  CHECK(entries_of(build_interactions(table(events).columns()).data) == expected(events, "sum"));
}

TEST_CASE("weights that are all 1 are not stored, and plain rows are counted") {
  const table once({{1, 5}, {2, 5}, {2, 6}});
  CHECK(build_interactions(once.columns(true, false)).data.by_user().value == nullptr);
  const table twice({{1, 5}, {1, 5}, {2, 6}});
  const auto counted = build_interactions(twice.columns(false, false)).data;
  CHECK(counted.by_user().value != nullptr);
  CHECK(counted.by_user().values(0)[0] == 2);
  CHECK(build_interactions(twice.columns(false, false), {.duplicates = "binary"}).data.by_user().value == nullptr);
}

TEST_CASE("no rows, and one") {
  const auto none = build_interactions(table({}).columns());
  CHECK(none.data.size() == 0);
  CHECK(none.data.n_users() == 0);
  CHECK(none.report.rows_read == 0);
  check_whole(none.data);
  check_whole(interactions());
  const auto one = build_interactions(table({{-3, 8, 2.5, 7}}).columns());
  CHECK(one.data.size() == 1);
  CHECK(one.data.users().integer(0) == -3);
  CHECK(one.data.by_user().values(0)[0] == 2.5f);
  CHECK(one.data.times()[0] == 7);
  check_whole(one.data);
}

TEST_CASE("rows that are all the same") {
  const auto built = build_interactions(table(std::vector<event>(300'000, {4, 9, .5, 1})).columns());
  CHECK(built.data.size() == 1);
  CHECK(built.data.by_user().values(0)[0] == 150'000);
  CHECK(built.report.merged == 299'999);
  check_sums(built);
}

TEST_CASE("bad weights are set aside by reason, and their ids are not there") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  const table rows(
      {{1, 1}, {2, 1, nan}, {3, 1, -2}, {4, 1, infinite}, {5, 1, 0}, {6, 1, -infinite}, {7, 2, 1e39}, {1, 3, 1e-60}});
  const auto built = build_interactions(rows.columns());
  check_sums(built);
  check_whole(built.data);
  CHECK(built.data.n_users() == 1);
  CHECK(built.data.n_items() == 2);
  const auto count = [&](interaction_reason why) { return built.report.by_reason[static_cast<std::size_t>(why)]; };
  CHECK(count(interaction_reason::null_weight) == 1);
  CHECK(count(interaction_reason::negative_weight) == 2);
  CHECK(count(interaction_reason::infinite_weight) == 2);
  CHECK(count(interaction_reason::zero_weight) == 1);
  REQUIRE(built.report.faults.size() == 6);
  CHECK(built.report.faults[1].row == 2);
  CHECK(built.report.faults[1].value == "-2");
  CHECK(build_interactions(rows.columns(), {.report_rows = 2}).report.faults.size() == 2);
}

TEST_CASE("types of events weigh, unknown ones are set aside or refused") {
  const std::string bytes = "viewcartbuyviewgift";
  const std::vector<std::int64_t> offsets{0, 4, 8, 11, 15, 19};
  const table rows({{1, 1}, {1, 1}, {1, 2}, {2, 2}, {2, 3}});
  auto columns = rows.columns(false, false);
  columns.event = core::text_cells{bytes.data(), offsets};
  interaction_options options{.event_weights = {{"view", 1}, {"cart", 3}, {"buy", 5}}};
  const auto built = build_interactions(columns, options);
  check_sums(built);
  CHECK(entries_of(built.data) == entries{{{"1", "1"}, {4.0f, 0}}, {{"1", "2"}, {5.0f, 0}}, {{"2", "2"}, {1.0f, 0}}});
  REQUIRE(built.report.faults.size() == 1);
  CHECK(built.report.faults[0].reason == interaction_reason::unknown_event);
  CHECK(built.report.faults[0].value == "gift");
  options.allow_unknown_events = false;
  CHECK_THROWS_WITH_AS(build_interactions(columns, options),
                       "event: \"gift\" is not allowed; give it a weight in event_weights (known: buy, cart, view)",
                       std::invalid_argument);
  options = {.event_weights = {{"view", 0}, {"cart", 3}, {"buy", 5}, {"gift", 2}}};
  CHECK(build_interactions(columns, options).data.size() == 3);

  const std::vector<std::int32_t> kinds{7, 7, 8, 8, 8};
  columns.event = std::span<const std::int32_t>(kinds);
  CHECK(build_interactions(columns, {.event_weights = {{"7", 2}, {"8", 1}}}).data.by_user().values(0)[0] == 4);
  CHECK_THROWS_AS(build_interactions(columns), std::invalid_argument);
  CHECK_THROWS_AS(build_interactions(columns, {.event_weights = {{"7", -1}}}), std::invalid_argument);
  CHECK_THROWS_AS(build_interactions(rows.columns(), {.event_weights = {{"7", 1}}}), std::invalid_argument);
}

TEST_CASE("weights halve with age") {
  constexpr std::int64_t day = 86400;
  const table rows({{1, 1, 8, 0}, {1, 2, 8, 10 * day}, {1, 3, 8, 20 * day}});
  const auto latest = build_interactions(rows.columns(), {.half_life = 10}).data;
  CHECK(latest.by_user().values(0)[0] == 2);
  CHECK(latest.by_user().values(0)[1] == 4);
  CHECK(latest.by_user().values(0)[2] == 8);
  // From the end of day 9, later events are not older than new.
  const auto given = build_interactions(rows.columns(), {.half_life = 10, .reference = core::from_day_number(9)}).data;
  CHECK(given.by_user().values(0)[0] == 4);
  CHECK(given.by_user().values(0)[2] == 8);
  // What is old beyond a float stays an interaction.
  const auto old = build_interactions(rows.columns(), {.half_life = .01}).data;
  CHECK(old.size() == 3);
  CHECK(old.by_user().values(0)[0] > 0);

  const table days({{1, 1, 8, 100}, {1, 2, 8, 110}});
  const auto by_day = build_interactions(days.columns(), {.half_life = 10, .unit = "days"}).data;
  CHECK(by_day.unit() == recommend::time_unit::days);
  CHECK(by_day.by_user().values(0)[0] == 4);
  CHECK_THROWS_AS(build_interactions(rows.columns(true, false), {.half_life = 1}), std::invalid_argument);
}

TEST_CASE("a core holds only users and items with enough of each other, and is the largest such") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto events = random_events(400, 60, 50, seed);
    for (const auto& [k, l] : {std::pair<std::uint64_t, std::uint64_t>{3, 4}, {5, 5}, {0, 6}, {7, 0}, {100, 1}}) {
      const auto built = build_interactions(table(events).columns(), {.min_user_count = k, .min_item_count = l});
      check_sums(built);
      check_whole(built.data);
      entries want = expected(events, "sum");
      for (bool changed = true; changed;) {
        std::map<std::string, std::uint64_t> users, items;
        for (const auto& [key, value] : want) {
          ++users[key.first];
          ++items[key.second];
        }
        const std::size_t before = want.size();
        std::erase_if(want, [&](const auto& e) { return users[e.first.first] < k || items[e.first.second] < l; });
        changed = want.size() != before;
      }
      CHECK(entries_of(built.data) == want);
      std::set<std::string> users;
      for (const auto& [key, value] : want) users.insert(key.first);
      CHECK(built.data.n_users() == users.size());
    }
  }
}

TEST_CASE("rows of a stream give what columns give, in any batches") {
  const auto events = random_events(5000, 70, 60, 5);
  const table rows(events);
  const auto want = build_interactions(rows.columns());
  for (const std::size_t batch : {std::size_t{5000}, std::size_t{999}, std::size_t{7}}) {
    std::vector<std::vector<tests::arrow_node>> batches;
    for (std::size_t b = 0; b < events.size(); b += batch) {
      const auto slice = [&](const auto& values) {
        return std::decay_t<decltype(values)>(values.begin() + static_cast<std::ptrdiff_t>(b),
                                              values.begin() + static_cast<std::ptrdiff_t>(std::min(events.size(), b + batch)));
      };
      batches.push_back({fixed_column("w", "g", slice(rows.weight)), fixed_column("u", "l", slice(rows.user)),
                         fixed_column("i", "l", slice(rows.item)), fixed_column("t", "l", slice(rows.time))});
    }
    arrow_table source(batches);
    auto stream = source.stream();
    const auto built = read_interactions(&stream, {.user = "u", .item = "i", .weight = "w", .time = "t"});
    CHECK(same_bits(want.data, built.data));
    CHECK(source.released == 1);
    check_sums(built);
  }
}

TEST_CASE("nulls, fractions and times of every form") {
  const std::vector<bool> valid{true, false, true, true, true};
  arrow_table source({{fixed_column<double>("user", "g", {1, 2, 2.5, 4, std::numeric_limits<double>::quiet_NaN()}),
                       tests::text_column("item", {"a", "b", "c", std::nullopt, "e"}),
                       fixed_column<std::int64_t>("time", "tsm:", {86'400'500, -1, 0, 0, 0})}});
  auto stream = source.stream();
  const auto built = read_interactions(&stream, {.time = "time"});
  check_sums(built);
  CHECK(built.report.set_aside == 3);
  CHECK(built.report.by_reason[static_cast<std::size_t>(interaction_reason::bad_user)] == 1);
  CHECK(built.report.by_reason[static_cast<std::size_t>(interaction_reason::null_user)] == 1);
  CHECK(built.report.by_reason[static_cast<std::size_t>(interaction_reason::null_item)] == 1);
  CHECK(built.report.faults[0].value == "2.5");
  CHECK(entries_of(built.data) == entries{{{"1", "a"}, {1.0f, 86'400}}, {{"2", "b"}, {1.0f, -1}}});

  arrow_table dates(
      {{fixed_column<std::int64_t>("user", "l", {1, 2, 3, 4, 5}, valid), fixed_column<std::int32_t>("item", "i", {1, 2, 3, 4, 5}),
        fixed_column<std::int32_t>("time", "tdD", {10, 11, 12, 13, 14}, {true, true, true, false, true})}});
  auto again = dates.stream();
  const auto days = read_interactions(&again, {.time = "time"});
  CHECK(days.data.unit() == recommend::time_unit::days);
  CHECK(days.data.size() == 3);
  CHECK(days.report.by_reason[static_cast<std::size_t>(interaction_reason::null_time)] == 1);
  CHECK(std::ranges::equal(days.data.times(), std::vector<std::int64_t>{10, 12, 14}));
}

TEST_CASE("numbers and times in texts are read, and what is neither is set aside") {
  const auto seconds = [](const std::string& text) -> std::optional<std::int64_t> {
    arrow_table source({{fixed_column<std::int64_t>("user", "l", {1}), fixed_column<std::int64_t>("item", "l", {1}),
                         tests::text_column("time", {text})}});
    auto stream = source.stream();
    const auto built = read_interactions(&stream, {.time = "time"});
    check_sums(built);
    CHECK(built.report.by_reason[static_cast<std::size_t>(interaction_reason::bad_time)] == built.report.set_aside);
    return built.data.size() == 0 ? std::nullopt : std::optional(built.data.times()[0]);
  };
  CHECK(seconds("1970-01-02") == 86'400);
  CHECK(seconds(" 1970-01-01T00:01 ") == 60);
  CHECK(seconds("\xc2\xa0 1970-01-01T00:01\t\xe2\x80\xaf\xef\xbb\xbf") == 60);  // no-break spaces, a byte order mark
  CHECK(seconds("1970-01-01 23:59:59.25") == 86'399);
  CHECK(seconds("1970-01-01T00:00:00Z") == 0);
  CHECK(seconds("1970-01-01T02:00:00+02:00") == 0);
  CHECK(seconds("1970-01-01T00:00-0130") == 5400);
  CHECK(seconds("1969-12-31T23:00:00+01") == -7200);
  for (const char* wrong :
       {"", "x", "1970-13-01", "1970-01-01T", "1970-01-01T1:00", "1970-01-01T24:00", "1970-01-01T00:60", "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00+", "1970-01-01T00:00x", "1970-01-01T00:00+01:0", "1970-01-01T-1:00", "1970-01-01T00:00+01:00Z"})
    CHECK_FALSE(seconds(wrong));

  arrow_node coded{"c", "weight", 7, 0, 0, {{}, bytes_of(std::vector<std::int8_t>{0, 1, 2, 3, 4, 5, 0})}, {}, nullptr};
  coded.dictionary = std::make_shared<arrow_node>(tests::text_column("", {" +2.5\xc2\xa0",
                                                                          "\xe2\x80\x89"
                                                                          "1e1",
                                                                          "n/a", "-3", "nan", "1,5"}));
  arrow_table source({{fixed_column<std::int64_t>("user", "l", {1, 2, 3, 4, 5, 6, 7}),
                       fixed_column<std::int64_t>("item", "l", {1, 1, 1, 1, 1, 1, 1}), coded}});
  auto stream = source.stream();
  const auto built = read_interactions(&stream, {.weight = "weight"});
  check_sums(built);
  CHECK(entries_of(built.data) == entries{{{"1", "1"}, {2.5f, 0}}, {{"2", "1"}, {10.0f, 0}}, {{"7", "1"}, {2.5f, 0}}});
  CHECK(built.report.by_reason[static_cast<std::size_t>(interaction_reason::bad_weight)] == 2);
  CHECK(built.report.faults[0].value == "n/a");
  CHECK(built.report.faults[1].value == "-3");
}

TEST_CASE("columns that do not fit are refused") {
  const auto refuse = [](std::vector<tests::arrow_node> columns, const recommend::interaction_names& names,
                         const interaction_options& options = {}) {
    arrow_table source({std::move(columns)});
    auto stream = source.stream();
    read_interactions(&stream, names, options);
  };
  const auto ids = fixed_column<std::int64_t>("user", "l", {1}), items = fixed_column<std::int64_t>("item", "l", {1});
  CHECK_THROWS_AS(refuse({ids, items}, {.user = "who"}), std::invalid_argument);
  const auto day = fixed_column<std::int32_t>("day", "tdD", {1});
  CHECK_THROWS_AS(refuse({ids, items, day}, {.weight = "day"}), error);
  arrow_node span = fixed_column<std::int64_t>("span", "tDs", {1});
  for (const char* option : {"user", "weight", "time", "event"}) {
    interaction_names names{.user = "user", .item = "item"};
    (option[0] == 'u' ? names.user : option[0] == 'w' ? names.weight : option[0] == 't' ? names.time : names.event) = "span";
    CHECK_THROWS_AS(refuse({ids, items, span}, names, {.event_weights = {{"1", 1}}}), error);
  }
  CHECK_THROWS_AS(refuse({ids, items}, {}, {.duplicates = "mean"}), std::invalid_argument);
  CHECK_THROWS_AS(refuse({ids, items}, {}, {.unit = "weeks"}), std::invalid_argument);
  CHECK_THROWS_AS(refuse({ids, items}, {}, {.half_life = -1}), std::invalid_argument);
  const table rows({{1, 1}, {2, 2}});
  auto columns = rows.columns();
  const std::vector<double> three(3, 1.0);
  columns.weight = std::span<const double>(three);
  CHECK_THROWS_AS(build_interactions(columns), std::invalid_argument);
}

TEST_CASE("what cannot fit is refused before it is touched") {
  const std::int64_t one = 1;
  const std::span<const std::int64_t> endless(&one, std::size_t{1} << 44);
  CHECK_THROWS_AS(build_interactions({endless, endless, {}, {}, {}}), error);
  const std::uint64_t offsets[2] = {0, std::uint64_t{1} << 44};
  const std::uint32_t index = 0;
  CHECK_THROWS_AS(build_interactions(core::sparse_view{1, 1, offsets, &index, nullptr}), error);
}

TEST_CASE("a matrix keeps its rows and columns") {
  const std::vector<std::uint64_t> offsets{0, 3, 3, 6};
  const std::vector<std::uint32_t> index{4, 0, 4, 1, 2, 3};
  const std::vector<float> value{1, 2, 3, 0, -1, 5};
  const core::sparse_view matrix{3, 6, offsets.data(), index.data(), value.data()};
  const auto built = build_interactions(matrix);
  check_sums(built);
  check_whole(built.data);
  CHECK(built.data.n_users() == 3);
  CHECK(built.data.n_items() == 6);
  CHECK(built.report.set_aside == 2);
  CHECK(built.report.faults[0].row == 3);
  CHECK(entries_of(built.data) == entries{{{"0", "0"}, {2.0f, 0}}, {{"0", "4"}, {4.0f, 0}}, {{"2", "3"}, {5.0f, 0}}});
  const auto named = build_interactions(matrix, {}, core::id_map::integers({30, 10, 20}));
  CHECK(named.data.users().find(std::int64_t{20}) == 2u);
  CHECK_THROWS_AS(build_interactions(matrix, {}, core::id_map::integers({30, 10})), std::invalid_argument);
  const core::sparse_view narrow{3, 4, offsets.data(), index.data(), value.data()};
  CHECK_THROWS_AS(build_interactions(narrow), std::invalid_argument);
  const std::vector<std::uint64_t> falling{0, 3, 2, 6};
  CHECK_THROWS_AS(build_interactions(core::sparse_view{3, 6, falling.data(), index.data(), value.data()}), std::invalid_argument);
}

TEST_CASE("rows that come later join as if they had been there, and numbers stay") {
  for (const std::string rule : {"sum", "max", "last", "first", "binary"}) {
    const auto first = random_events(600, 40, 30, 21), second = random_events(500, 60, 45, 22);
    std::vector<event> both = first;
    both.insert(both.end(), second.begin(), second.end());
    const interaction_options options{.duplicates = rule};
    const auto before = build_interactions(table(first).columns(), options).data;
    const auto after = append(before, table(second).columns(), options);
    CHECK(entries_of(after.data) == expected(both, rule));
    check_whole(after.data);
    check_sums(after);
    CHECK(after.data.size() == before.size() + after.report.interactions);
    for (std::uint32_t u = 0; u < before.n_users(); ++u) CHECK(after.data.users().integer(u) == before.users().integer(u));
    for (std::uint32_t i = 0; i < before.n_items(); ++i) CHECK(after.data.items().integer(i) == before.items().integer(i));
    CHECK(same_bits(append(interactions(), table(both).columns(), options).data,
                    build_interactions(table(both).columns(), options).data));
    CHECK(same_bits(append(before, table({}).columns(), options).data, before));
  }
}

TEST_CASE("what is there ages when rows come later") {
  constexpr std::int64_t day = 86400;
  const auto early = build_interactions(table({{1, 1, 8, 0}, {1, 2, 8, 10 * day}}).columns(), {.half_life = 10}).data;
  const auto later = append(early, table({{1, 3, 8, 20 * day}, {2, 1, 8, 0}}).columns(), {.half_life = 10}).data;
  CHECK(
      entries_of(later) ==
      entries{{{"1", "1"}, {2.0f, 0}}, {{"1", "2"}, {4.0f, 10 * day}}, {{"1", "3"}, {8.0f, 20 * day}}, {{"2", "1"}, {2.0f, 0}}});
  const auto older = append(early, table({{1, 3, 8, 0}}).columns(), {.half_life = 10}).data;
  CHECK(entries_of(older)[{"1", "3"}].first == 4.0f);
  CHECK(entries_of(older)[{"1", "2"}].first == 8.0f);
}

TEST_CASE("rows that do not go with those that are there are refused") {
  const auto data = build_interactions(table({{1, 1}}).columns()).data;
  CHECK_THROWS_AS(append(data, table({{1, 1}}).columns(true, false)), std::invalid_argument);
  CHECK_THROWS_AS(append(data, table({{1, 1}}).columns(), {.unit = "days"}), std::invalid_argument);
  arrow_table source({{tests::text_column("user", {"x"}), fixed_column<std::int64_t>("item", "l", {1}),
                       fixed_column<std::int64_t>("time", "l", {1})}});
  auto stream = source.stream();
  CHECK_THROWS_AS(append(data, &stream, {.time = "time"}), std::invalid_argument);
}

TEST_CASE("a requested stop ends the building") {
  const auto events = random_events(300'000, 1000, 1000, 9);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(build_interactions(table(events).columns(), {}, {.cancel = stop.get_token()}), cancelled);
}
