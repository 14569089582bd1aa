#include "clarion/core/arrow.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arrow_table.hpp"
#include "clarion/core/error.hpp"

using namespace clarion;
using namespace clarion::core;
using namespace clarion::tests;

namespace {

arrow_batch only_batch(arrow_table& table) {
  auto stream = table.stream();
  arrow_reader reader(&stream);
  auto batch = reader.next();
  REQUIRE(batch.has_value());
  CHECK_FALSE(reader.next().has_value());
  return std::move(*batch);
}

arrow_batch read(arrow_node column) {
  arrow_table table({{std::move(column)}});
  // The nodes live in the table, which must outlive the batch.
  static std::vector<std::unique_ptr<arrow_table>> keep;
  keep.push_back(std::make_unique<arrow_table>(std::move(table)));
  return only_batch(*keep.back());
}

}  // namespace

TEST_CASE("texts of every layout read alike") {
  const std::vector<std::optional<std::string>> cells{"a", std::nullopt, "", "a text that is longer than twelve bytes", "ü"};
  arrow_node views{"vu", "v", 5, 1, 0, {}, {}, nullptr};
  {
    std::vector<std::uint8_t> fixed(5 * 16), pool;
    std::vector<bool> valid;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      valid.push_back(cells[i].has_value());
      const std::string text = cells[i].value_or("");
      const auto length = static_cast<std::int32_t>(text.size());
      std::memcpy(&fixed[i * 16], &length, 4);
      if (length <= 12) {
        std::memcpy(&fixed[i * 16 + 4], text.data(), text.size());
      } else {
        const std::int32_t where[2] = {0, static_cast<std::int32_t>(pool.size())};
        std::memcpy(&fixed[i * 16 + 8], where, 8);
        pool.insert(pool.end(), text.begin(), text.end());
      }
    }
    const std::vector<std::int64_t> sizes{static_cast<std::int64_t>(pool.size())};
    views.buffers = {bits_of(valid), fixed, pool, bytes_of(sizes)};
  }
  auto coded = fixed_column<std::uint8_t>("d", "C", {0, 3, 1, 2, 3}, {true, false, true, true, true});
  coded.dictionary = std::make_shared<arrow_node>(text_column("", {"a", "", cells[3], "ü"}));

  for (const auto& column : {text_column("t", cells), text_column<std::int64_t>("t", cells), views, coded}) {
    CAPTURE(column.format);
    const auto batch = read(column);
    const auto& c = batch.columns()[0];
    CHECK(c.type() == arrow_type::text);
    CHECK_FALSE(c.all_valid());
    REQUIRE(c.size() == cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      CHECK(c.valid(i) == cells[i].has_value());
      if (cells[i]) CHECK(c.text(i) == *cells[i]);
      CHECK(c.to_text(i) == cells[i].value_or(""));
    }
  }
}

TEST_CASE("numbers of every width read alike, and whole buffers come without a copy") {
  const auto check = [](const arrow_node& column, auto example) {
    const auto batch = read(column);
    const auto& c = batch.columns()[0];
    CHECK(c.is_number());
    CHECK(c.number(0) == 1);
    CHECK_FALSE(c.valid(1));
    CHECK(c.number(2) == 3);
    const auto values = c.template values<decltype(example)>();
    REQUIRE(values.size() == 3);
    CHECK(values[2] == decltype(example){3});
    CHECK(c.to_text(2) == "3");
  };
  const std::vector<bool> valid{true, false, true};
  check(fixed_column<std::int8_t>("x", "c", {1, 2, 3}, valid), std::int8_t{});
  check(fixed_column<std::uint8_t>("x", "C", {1, 2, 3}, valid), std::uint8_t{});
  check(fixed_column<std::int16_t>("x", "s", {1, 2, 3}, valid), std::int16_t{});
  check(fixed_column<std::uint16_t>("x", "S", {1, 2, 3}, valid), std::uint16_t{});
  check(fixed_column<std::int32_t>("x", "i", {1, 2, 3}, valid), std::int32_t{});
  check(fixed_column<std::uint32_t>("x", "I", {1, 2, 3}, valid), std::uint32_t{});
  check(fixed_column<std::int64_t>("x", "l", {1, 2, 3}, valid), std::int64_t{});
  check(fixed_column<std::uint64_t>("x", "L", {1, 2, 3}, valid), std::uint64_t{});
  check(fixed_column<float>("x", "f", {1, 2, 3}, valid), float{});
  check(fixed_column<double>("x", "g", {1, 2, 3}, valid), double{});

  const auto big = read(fixed_column<std::uint64_t>("x", "L", {UINT64_MAX, 7}));
  CHECK_FALSE(big.columns()[0].integer(0).has_value());
  CHECK(big.columns()[0].integer(1) == 7);
  CHECK(big.columns()[0].to_text(0) == "18446744073709551615");
  CHECK_THROWS_AS(big.columns()[0].values<std::int64_t>(), error);

  const auto half = read(fixed_column<std::uint16_t>("x", "e", {0x3c00, 0xc000, 0x0001, 0x7c00}));
  CHECK(half.columns()[0].number(0) == 1.0);
  CHECK(half.columns()[0].number(1) == -2.0);
  CHECK(half.columns()[0].number(2) == 0x1p-24);
  CHECK(half.columns()[0].number(3) == HUGE_VAL);
}

TEST_CASE("decimals keep their digits") {
  std::vector<std::int64_t> words{123450, 0, -5, -1, 0, 0};
  arrow_node column{"d:20,2", "x", 3, 0, 0, {{}, bytes_of(words)}, {}, nullptr};
  const auto batch = read(column);
  const auto& c = batch.columns()[0];
  CHECK(c.type() == arrow_type::decimal);
  CHECK(c.number(0) == 1234.5);
  CHECK(c.to_text(0) == "1234.50");
  CHECK(c.number(1) == -0.05);
  CHECK(c.to_text(1) == "-0.05");
  CHECK(c.to_text(2) == "0.00");
}

TEST_CASE("dates and timestamps come as days, in UTC and rounded down") {
  const auto day = [](const arrow_node& column, std::size_t row = 0) { return read(column).columns()[0].day(row); };
  CHECK(day(fixed_column<std::int32_t>("x", "tdD", {20784})) == 20784);
  CHECK(day(fixed_column<std::int64_t>("x", "tdm", {-1})) == -1);
  CHECK(day(fixed_column<std::int64_t>("x", "tss:", {86399, 86400}), 1) == 1);
  CHECK(day(fixed_column<std::int64_t>("x", "tsm:Europe/Berlin", {86399999})) == 0);
  CHECK(day(fixed_column<std::int64_t>("x", "tsu:", {-1})) == -1);
  CHECK(day(fixed_column<std::int64_t>("x", "tsn:", {86400000000000})) == 1);
  CHECK(read(fixed_column<std::int32_t>("x", "tdD", {20784})).columns()[0].to_text(0) == "2026-11-27");
  CHECK(read(fixed_column<std::int64_t>("x", "tsm:", {1001})).columns()[0].to_text(0) == "1970-01-01T00:00:01.001");
  CHECK(read(fixed_column<std::int32_t>("x", "tdD", {INT32_MAX})).columns()[0].to_text(0) == "day 2147483647");
}

TEST_CASE("days of a column come at once") {
  const auto same = [](const arrow_node& column) {
    const auto batch = read(column);
    const auto& c = batch.columns()[0];
    std::vector<std::int32_t> days(c.size());
    c.days(0, days);
    for (std::size_t row = 0; row < c.size(); ++row)
      if (c.valid(row)) CHECK(days[row] == c.day(row));
  };
  same(fixed_column<std::int32_t>("x", "tdD", {20784, -5}));
  same(fixed_column<std::int64_t>("x", "tdm", {-1, 86400000}));
  same(fixed_column<std::int64_t>("x", "tss:", {86399, 86400, -86401}));
  same(fixed_column<std::int64_t>("x", "tsm:+02:00", {79200000, 79199999}));
  same(fixed_column<std::int64_t>("x", "tsu:", {-1, INT64_MAX}, {true, false}));
  same(fixed_column<std::int64_t>("x", "tsn:", {86400000000000, INT64_MIN}, {true, false}));
  std::vector<std::int32_t> days(1);
  const auto far = read(fixed_column<std::int64_t>("x", "tss:", {INT64_MAX}));
  far.columns()[0].days(0, days);
  CHECK(days[0] == INT32_MAX);
  CHECK_THROWS_AS(read(fixed_column<std::int64_t>("x", "l", {1})).columns()[0].days(0, days), error);
}

TEST_CASE("dates and timestamps come as seconds, rounded down") {
  const auto second = [](const arrow_node& column) { return read(column).columns()[0].second(0); };
  CHECK(second(fixed_column<std::int32_t>("x", "tdD", {20784})) == 20784 * std::int64_t{86400});
  CHECK(second(fixed_column<std::int64_t>("x", "tdm", {86400000})) == 86400);
  CHECK(second(fixed_column<std::int64_t>("x", "tss:", {-7})) == -7);
  CHECK(second(fixed_column<std::int64_t>("x", "tsm:+02:00", {1999})) == 1);
  CHECK(second(fixed_column<std::int64_t>("x", "tsu:", {-1})) == -1);
  CHECK(second(fixed_column<std::int64_t>("x", "tsn:", {3000000000})) == 3);
  CHECK_THROWS_AS(second(fixed_column<std::int64_t>("x", "l", {1})), clarion::error);
}

TEST_CASE("lists, list views and fixed-size lists") {
  const auto items = text_column("item", {"a", "b", "c", "d"});
  arrow_node lists{"+l", "x", 3, 0, 0, {{}, bytes_of(std::vector<std::int32_t>{0, 2, 2, 4})}, {items}, nullptr};
  arrow_node large{"+L", "x", 3, 0, 0, {{}, bytes_of(std::vector<std::int64_t>{0, 2, 2, 4})}, {items}, nullptr};
  arrow_node views{
      "+vl",   "x",    3, 0, 0, {{}, bytes_of(std::vector<std::int32_t>{0, 0, 2}), bytes_of(std::vector<std::int32_t>{2, 0, 2})},
      {items}, nullptr};
  for (const auto& column : {lists, large, views}) {
    const auto batch = read(column);
    const auto& c = batch.columns()[0];
    CHECK(c.to_text(0) == "a; b");
    CHECK(c.to_text(1).empty());
    CHECK(c.list(2).last - c.list(2).first == 2);
    CHECK(c.items().text(c.list(2).first) == "c");
  }
  arrow_node fixed{"+w:2", "x", 2, 0, 0, {{}}, {items}, nullptr};
  CHECK(read(fixed).columns()[0].to_text(1) == "c; d");
}

TEST_CASE("booleans, nulls, uuids and slices") {
  arrow_node flags{"b", "x", 3, 1, 0, {bits_of({true, true, false}), bits_of({true, false, true})}, {}, nullptr};
  const auto batch = read(flags);
  CHECK(batch.columns()[0].boolean(0));
  CHECK_FALSE(batch.columns()[0].boolean(1));
  CHECK(batch.columns()[0].to_text(2).empty());

  CHECK_FALSE(read(arrow_node{"n", "x", 2, 2, 0, {}, {}, nullptr}).columns()[0].valid(1));

  std::vector<std::uint8_t> id(16);
  for (std::uint8_t i = 0; i < 16; ++i) id[i] = i;
  CHECK(read(arrow_node{"w:16", "x", 1, 0, 0, {{}, id}, {}, nullptr}).columns()[0].to_text(0) ==
        "00010203-0405-0607-0809-0a0b0c0d0e0f");

  auto slice = text_column("x", {"a", std::nullopt, "c", "d"});
  slice.offset = 1;
  slice.length = 3;
  const auto sliced = read(slice);
  CHECK(sliced.rows() == 3);
  CHECK_FALSE(sliced.columns()[0].valid(0));
  CHECK(sliced.columns()[0].text(2) == "d");
}

TEST_CASE("batches follow one another and the stream is released once") {
  arrow_table table({{text_column("a", {"1"}), fixed_column<std::int32_t>("b", "i", {1})},
                     {text_column("a", {"2", "3"}), fixed_column<std::int32_t>("b", "i", {2, 3})}});
  auto stream = table.stream();
  {
    arrow_reader reader(&stream);
    const bool taken = stream.release == nullptr;
    CHECK(taken);
    REQUIRE(reader.fields().size() == 2);
    CHECK(reader.fields()[1].name == "b");
    CHECK(reader.fields()[1].type == arrow_type::int32);
    CHECK(reader.next()->find("a")->text(0) == "1");
    const auto second = reader.next();
    CHECK(second->rows() == 2);
    CHECK(second->find("b")->values<std::int32_t>()[1] == 3);
    CHECK(second->find("c") == nullptr);
    CHECK_FALSE(reader.next().has_value());
  }
  CHECK(table.released == 1);
  CHECK_THROWS_AS(arrow_reader{&stream}, error);
}

TEST_CASE("unknown formats are named, and only reading their cells is refused") {
  const auto batch = read(arrow_node{"+m", "map", 1, 0, 0, {{}}, {}, nullptr});
  const auto& c = batch.columns()[0];
  CHECK(c.type() == arrow_type::unsupported);
  CHECK_THROWS_WITH_AS(c.to_text(0), doctest::Contains("\"map\""), error);
  CHECK_THROWS_AS(c.number(0), error);
}

TEST_CASE("malformed schemas and arrays are refused") {
  const auto refused = [](arrow_node column, const char* why) {
    CAPTURE(why);
    arrow_table table({{column}});
    auto stream = table.stream();
    CHECK_THROWS_AS(
        {
          arrow_reader reader(&stream);
          auto batch = reader.next();
          for (std::size_t i = 0; i < batch->rows(); ++i) (void)batch->columns()[0].to_text(i);
        },
        error);
    CHECK(table.released == 1);
  };
  auto text = text_column("x", {"a", "b"});
  auto broken = text;
  broken.buffers.pop_back();
  refused(broken, "too few buffers");
  broken = text;
  broken.buffers[1] = bytes_of(std::vector<std::int32_t>{0, 5, 2});
  refused(broken, "falling offsets");
  broken.buffers[1] = bytes_of(std::vector<std::int32_t>{-4, 1, 2});
  refused(broken, "negative offset");
  broken = text;
  broken.buffers[2].clear();
  refused(broken, "no bytes");
  broken = text;
  broken.null_count = 1;
  broken.buffers[0].clear();
  refused(broken, "nulls without a bitmap");
  broken = text;
  broken.length = -1;
  refused(broken, "negative length");
  broken = text;
  broken.offset = INT64_MAX;
  refused(broken, "offset beyond reason");

  auto coded = fixed_column<std::int8_t>("x", "c", {0, -1});
  coded.dictionary = std::make_shared<arrow_node>(text_column("", {"a"}));
  refused(coded, "negative dictionary index");
  coded = fixed_column<std::int8_t>("x", "c", {0, 1});
  coded.dictionary = std::make_shared<arrow_node>(text_column("", {"a"}));
  refused(coded, "dictionary index past the end");
  auto decimal_index = fixed_column<double>("x", "g", {0});
  decimal_index.dictionary = std::make_shared<arrow_node>(text_column("", {"a"}));
  refused(decimal_index, "dictionary index that is no integer");

  arrow_node lists{"+l", "x", 1, 0, 0, {{}, bytes_of(std::vector<std::int32_t>{0, 9})}, {text}, nullptr};
  refused(lists, "list beyond its items");
  lists.children.clear();
  refused(lists, "list without items");
  arrow_node views{"+vl",  "x",    1, 0, 0, {{}, bytes_of(std::vector<std::int32_t>{1}), bytes_of(std::vector<std::int32_t>{5})},
                   {text}, nullptr};
  refused(views, "list view beyond its items");

  std::vector<std::uint8_t> view(16);
  view[0] = 100;
  arrow_node texts{"vu", "x", 1, 0, 0, {{}, view, bytes_of(std::vector<std::int64_t>{})}, {}, nullptr};
  refused(texts, "text view into no buffer");

  arrow_node deep = text;
  for (int i = 0; i < 20; ++i) deep = {"+l", "x", 1, 0, 0, {{}, bytes_of(std::vector<std::int32_t>{0, 1})}, {deep}, nullptr};
  refused(deep, "nested without end");

  auto short_column = text_column("y", {"a"});
  arrow_table uneven({{text, short_column}});
  auto stream = uneven.stream();
  arrow_reader reader(&stream);
  CHECK_THROWS_AS(reader.next(), error);

  arrow_table single({{text}}, "u");
  auto column_stream = single.stream();
  CHECK_THROWS_WITH_AS(arrow_reader{&column_stream}, doctest::Contains("pass a table"), error);
}

TEST_CASE("a failing stream says why") {
  ArrowArrayStream stream{};
  stream.get_schema = [](ArrowArrayStream*, ArrowSchema*) { return 5; };
  stream.get_next = [](ArrowArrayStream*, ArrowArray*) { return 5; };
  stream.get_last_error = [](ArrowArrayStream*) { return "the disk is gone"; };
  stream.release = [](ArrowArrayStream* s) { s->release = nullptr; };
  CHECK_THROWS_WITH_AS(arrow_reader{&stream}, doctest::Contains("the disk is gone"), error);
}
