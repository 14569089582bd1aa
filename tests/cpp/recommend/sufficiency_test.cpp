#include "clarion/recommend/sufficiency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::sufficiency;

namespace {

core::sparse_rows random_rows(std::size_t users, std::uint32_t items, double density, std::uint64_t seed) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    for (std::uint32_t i = 0; i < items; ++i)
      if (random.chance(density)) out.index.push_back(i);
    out.offsets.push_back(out.index.size());
  }
  return out;
}

std::vector<std::string> codes(const recommend::sufficiency_result& result) {
  std::vector<std::string> out;
  for (const auto& f : result.findings) out.push_back(f.code);
  return out;
}

}  // namespace

TEST_CASE("co-occurrences are counted as by hand") {
  const auto rows = random_rows(60, 25, .12, 3);
  std::vector<std::uint64_t> together(25);
  for (std::size_t u = 0; u < rows.rows; ++u)
    for (std::uint64_t a = rows.offsets[u]; a < rows.offsets[u + 1]; ++a)
      for (std::uint64_t b = rows.offsets[u]; b < rows.offsets[u + 1]; ++b) together[rows.index[a]] += a != b;
  const auto result = sufficiency(rows, {.min_co_occurrences = 20});
  CHECK(result.items == 25);
  CHECK(result.items_below == static_cast<std::uint64_t>(std::ranges::count_if(together, [](auto n) { return n < 20; })));
  std::ranges::sort(together);
  CHECK(result.median_co_occurrences == static_cast<double>(together[12]));
}

TEST_CASE("plenty says nothing") {
  const auto result = sufficiency(random_rows(500, 60, .5, 1));
  CHECK(result.enough_for_users);
  CHECK(result.enough_for_items);
  CHECK(result.findings.empty());
}

TEST_CASE("little is called noise") {
  const auto result = sufficiency(random_rows(30, 20, .2, 1));
  CHECK_FALSE(result.enough_for_users);
  CHECK_FALSE(result.enough_for_items);
  CHECK(codes(result) == std::vector<std::string>{"R002", "R003"});
  for (const auto& f : result.findings) {
    CHECK(f.message.ends_with('.'));
    CHECK(f.severity == schema::severity::warning);
    CHECK_FALSE(f.evidence.empty());
    CHECK_FALSE(f.why.empty());
  }
}

TEST_CASE("many interactions of one each are not enough for either") {
  core::sparse_rows rows{5000, 10, {0}, {}, {}};
  for (std::size_t u = 0; u < rows.rows; ++u) {
    rows.index.push_back(static_cast<std::uint32_t>(u % 10));
    rows.offsets.push_back(rows.index.size());
  }
  const auto result = sufficiency(rows);
  CHECK(result.enough_for_users);
  CHECK(result.users_with_one == 5000);
  CHECK(codes(result) == std::vector<std::string>{"R003", "R004"});
}

TEST_CASE("nothing at all, and one") {
  CHECK(codes(sufficiency(recommend::interactions())) == std::vector<std::string>{"R001"});
  CHECK(codes(sufficiency(core::sparse_rows{3, 4, {0, 0, 0, 0}, {}, {}})) == std::vector<std::string>{"R001"});
  CHECK(codes(sufficiency(core::sparse_rows{1, 1, {0, 1}, {0}, {}})) == std::vector<std::string>{"R002", "R003", "R004"});
  CHECK_THROWS_AS(sufficiency(recommend::interactions(), {.min_co_occurrences = -1}), std::invalid_argument);
}
