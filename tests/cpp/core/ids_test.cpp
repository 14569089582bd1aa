#include "clarion/core/ids.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace clarion;
using core::id_kind;
using core::id_map;

namespace {

id_map texts(const std::vector<std::string>& ids) {
  std::vector<char> bytes;
  std::vector<std::uint64_t> offsets{0};
  for (const auto& id : ids) {
    bytes.insert(bytes.end(), id.begin(), id.end());
    offsets.push_back(bytes.size());
  }
  return id_map::texts(std::move(bytes), std::move(offsets), "texts");
}

}  // namespace

TEST_CASE("numbers find their ids and ids their numbers") {
  const std::vector<std::int64_t> ids{-7, 0, 3, std::numeric_limits<std::int64_t>::max()};
  for (const auto& map : {id_map::integers(ids), id_map::integers({ids[2], ids[0], ids[3], ids[1]})}) {
    CHECK(map.size() == 4);
    CHECK(map.kind() == id_kind::integer);
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(map.find(map.integer(i)) == i);
      CHECK(map.label(i) == std::to_string(map.integer(i)));
    }
    CHECK_FALSE(map.find(std::int64_t{1}));
    CHECK_FALSE(map.find(std::numeric_limits<std::int64_t>::min()));
    CHECK_FALSE(map.find(std::string_view("3")));
    CHECK_THROWS_AS(map.text(0), std::invalid_argument);
    CHECK_THROWS_AS(map.integer(4), std::invalid_argument);
  }
  CHECK(id_map::integers({3, -7}).integer(0) == 3);
}

TEST_CASE("texts too, in any order") {
  for (const auto& map : {texts({"", "a", "ab", "b"}), texts({"b", "", "ab", "a"})}) {
    CHECK(map.kind() == id_kind::text);
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(map.find(map.text(i)) == i);
      CHECK(map.label(i) == map.text(i));
    }
    CHECK_FALSE(map.find(std::string_view("aa")));
    CHECK_FALSE(map.find(std::int64_t{0}));
    CHECK_THROWS_AS(map.integer(0), std::invalid_argument);
    CHECK_THROWS_AS(map.text(4), std::invalid_argument);
  }
}

TEST_CASE("consecutive numbers take no memory") {
  std::vector<std::int64_t> many(100'000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int64_t>(i) - 5;
  const auto map = id_map::integers(many);
  CHECK(map.memory_bytes() < 1000);
  CHECK(map == id_map::integers(-5, many.size()));
  CHECK(map.find(std::int64_t{-5}) == 0u);
  CHECK(map.find(std::int64_t{99'994}) == 99'999u);
  CHECK_FALSE(map.find(std::int64_t{99'995}));
  CHECK_FALSE(map.find(std::int64_t{-6}));
  const auto whole = id_map::integers({std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()});
  CHECK(whole.integer(1) == std::numeric_limits<std::int64_t>::max());
  CHECK_THROWS_AS(id_map::integers(std::numeric_limits<std::int64_t>::max(), 2), std::invalid_argument);
}

TEST_CASE("an id that occurs twice is refused") {
  CHECK_THROWS_WITH_AS(id_map::integers({4, 2, 4}, "users"), "users: 4 twice is not allowed; give distinct ids",
                       std::invalid_argument);
  CHECK_THROWS_AS(id_map::integers({4, 4}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(texts({"b", "a", "b"}), "texts: \"b\" twice is not allowed; give distinct ids", std::invalid_argument);
  CHECK_THROWS_AS(id_map::texts({'a'}, {0, 2}), std::invalid_argument);
  CHECK_THROWS_AS(id_map::texts({'a', 'b'}, {0, 2, 1}), std::invalid_argument);
}

TEST_CASE("without ids the numbers stand for themselves") {
  const auto map = id_map::none(3);
  CHECK(map.kind() == id_kind::none);
  CHECK(map.integer(2) == 2);
  CHECK(map.find(std::int64_t{2}) == 2u);
  CHECK_FALSE(map.find(std::int64_t{3}));
  CHECK(id_map().size() == 0);
  CHECK_FALSE(id_map().find(std::int64_t{0}));
}

TEST_CASE("ids that come later take the numbers after") {
  std::vector<std::uint32_t> number_of;
  const auto some = id_map::integers({10, 20, 30});
  const auto all = some.extended(id_map::integers({5, 20, 25}), number_of);
  CHECK(number_of == std::vector<std::uint32_t>{3, 1, 4});
  CHECK(all.size() == 5);
  CHECK(all.integer(3) == 5);
  CHECK(all.find(std::int64_t{25}) == 4u);
  CHECK(all.find(std::int64_t{10}) == 0u);
  CHECK(some.extended(id_map::integers({30}), number_of) == some);
  CHECK(id_map().extended(some, number_of) == some);
  CHECK(number_of == std::vector<std::uint32_t>{0, 1, 2});

  const auto words = texts({"m", "x"}).extended(texts({"a", "x"}), number_of);
  CHECK(number_of == std::vector<std::uint32_t>{2, 1});
  CHECK(words.text(2) == "a");
  CHECK(words.find(std::string_view("a")) == 2u);
  CHECK_THROWS_AS(words.extended(some, number_of, "users"), std::invalid_argument);
}

TEST_CASE("a part of the ids") {
  const std::vector<std::uint32_t> numbers{2, 0};
  CHECK(id_map::integers({1, 5, 9}).take(numbers) == id_map::integers({9, 1}));
  CHECK(texts({"a", "b", "c"}).take(numbers) == texts({"c", "a"}));
  CHECK(id_map::none(3).take(numbers).find(std::int64_t{0}) == 1u);
}
