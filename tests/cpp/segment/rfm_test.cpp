#include "clarion/segment/rfm.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "../core/arrow_table.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::segment;

namespace {

purchases random_purchases(std::size_t n, std::uint64_t customers, std::int32_t days, std::uint64_t seed) {
  core::random_stream random(seed);
  std::vector<std::int64_t> who;
  std::vector<std::int32_t> day;
  std::vector<double> amount;
  for (std::size_t i = 0; i < n; ++i) {
    who.push_back(static_cast<std::int64_t>(random.below(customers)));
    day.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(days))));
    amount.push_back(static_cast<double>(random.below(400)) / 4 - 5);
  }
  return build_purchases({std::span(who), day, amount, {}}).data;
}

template <class T>
std::vector<int> fifths_by_counting(const std::vector<T>& values, bool more_is_worse) {
  std::vector<int> out;
  for (const T v : values) {
    const auto worse = std::ranges::count_if(values, [&](T w) { return more_is_worse ? w > v : w < v; });
    out.push_back(1 + static_cast<int>(5 * static_cast<std::size_t>(worse) / values.size()));
  }
  return out;
}

std::vector<int> ints(const std::vector<std::uint8_t>& scores) { return {scores.begin(), scores.end()}; }

}  // namespace

TEST_CASE("scores count who is worse, ties and all") {
  for (const std::size_t n : {3u, 20u, 700u, 4000u}) {
    CAPTURE(n);
    const auto data = random_purchases(n, n / 6 + 1, 40, n);
    const auto got = rfm(data);
    CHECK(ints(got.r) == fifths_by_counting(got.recency, true));
    CHECK(ints(got.f) == fifths_by_counting(got.frequency, false));
    CHECK(ints(got.m) == fifths_by_counting(got.monetary, false));
    // The boundaries that are told give the same scores again.
    const auto again = rfm(data, {.recency_boundaries = {got.recency_boundaries.begin(), got.recency_boundaries.end()}});
    CHECK(again.r == got.r);
    const auto segments = std::accumulate(got.segments.begin(), got.segments.end(), std::uint64_t{0});
    CHECK(segments == data.size());
    for (std::size_t c = 0; c < data.size(); ++c) {
      CHECK(got.tenure[c] >= got.recency[c]);
      CHECK(got.mean[c] * got.frequency[c] == doctest::Approx(got.monetary[c]));
      CHECK(got.segment[c] == rfm_segment_of(got.r[c], got.f[c]));
    }
  }
}

TEST_CASE("the grid holds every pair of scores") {
  const char* rows[5] = {"HHAAC", "HHAAC", "SSNLL", "PQQLL", "WQQ**"};
  const std::string letters = "*LQWPNSACH";
  for (int r = 1; r <= 5; ++r)
    for (int f = 1; f <= 5; ++f) CHECK(letters[static_cast<std::size_t>(rfm_segment_of(r, f))] == rows[r - 1][f - 1]);
  CHECK_THROWS_AS(rfm_segment_of(0, 1), std::invalid_argument);
  CHECK_THROWS_AS(rfm_segment_of(1, 6), std::invalid_argument);
  CHECK(to_string(rfm_segment::cannot_lose_them) == "Cannot Lose Them");
}

TEST_CASE("fixed boundaries") {
  const std::vector<std::int64_t> who{1, 1, 2, 3};
  const std::vector<std::int32_t> day{100, 90, 60, 0};
  const std::vector<double> amount{10, 20, 1e12, 5};
  const auto built = build_purchases({std::span(who), day, amount, {}});
  const auto got =
      rfm(built.data,
          {.recency_boundaries = {0, 30, 40, 90}, .frequency_boundaries = {1, 2, 3, 4}, .monetary_boundaries = {5, 29, 31, 1e9}});
  CHECK(ints(got.r) == std::vector{5, 3, 1});
  CHECK(ints(got.f) == std::vector{2, 1, 1});
  CHECK(ints(got.m) == std::vector{3, 5, 1});
  CHECK_THROWS_AS(rfm(built.data, {.recency_boundaries = {1, 2, 3}}), std::invalid_argument);
  CHECK_THROWS_AS(rfm(built.data, {.frequency_boundaries = {1, 2, 3, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(rfm(built.data, {.monetary_boundaries = {1, 2, 3, std::nan("")}}), std::invalid_argument);
}

TEST_CASE("the same for any number of threads, and nobody at all") {
  const auto data = random_purchases(200000, 70000, 300, 5);
  const auto one = rfm(data, {}, {.threads = 1}), four = rfm(data, {}, {.threads = 4});
  CHECK(one.m == four.m);
  CHECK(one.segment == four.segment);
  CHECK(one.monetary == four.monetary);
  const auto nobody = rfm(purchases());
  CHECK(nobody.recency.empty());
  CHECK(nobody.findings.empty());
  const auto alike = rfm(random_purchases(50, 1, 1, 2));
  CHECK(ints(alike.m) == std::vector{1});
}

TEST_CASE("everyone bought once") {
  std::vector<std::int64_t> who(100);
  std::iota(who.begin(), who.end(), 0);
  const std::vector<std::int32_t> day(100, 5);
  const auto built = build_purchases({std::span(who), day, {}, {}});
  const auto got = rfm(built.data);
  CHECK(std::ranges::all_of(got.f, [](auto s) { return s == 1; }));
  CHECK(std::ranges::all_of(got.m, [](auto s) { return s == 1; }));
  CHECK(std::isnan(got.monetary[0]));
  CHECK(got.findings.size() == 2);
  CHECK(got.findings[0].code == "G005");
}

TEST_CASE("a stream in one go, which keeps no purchases") {
  tests::arrow_table table(
      {{tests::fixed_column<std::int32_t>("customer", "i", {4, 4, 9}),
        tests::fixed_column<std::int32_t>("date", "tdD", {1, 5, 5}), tests::fixed_column<double>("amount", "g", {2, 3, 4})}});
  auto stream = table.stream();
  const auto built = rfm(&stream);
  CHECK(built.result.frequency == std::vector<std::uint32_t>{2, 1});
  CHECK(built.result.monetary == std::vector<double>{5, 4});
  CHECK(built.report.sales == 3);
  CHECK(built.data.of(0).day.empty());
  CHECK_THROWS_AS(purchase_summary(built.data), std::invalid_argument);
}

TEST_CASE("a summary of repeats") {
  const std::vector<std::int64_t> who{1, 1, 1, 1, 2};
  const std::vector<std::int32_t> day{0, 7, 7, 21, 14};
  const std::vector<double> amount{100, 1, 2, 6, 9};
  const auto built = build_purchases({std::span(who), day, amount, {}}, {.at = core::from_day_number(28)});
  const auto got = purchase_summary(built.data, {.unit = 7});
  CHECK(got.frequency == std::vector<double>{2, 0});
  CHECK(got.recency == std::vector<double>{3, 0});
  CHECK(got.T == std::vector<double>{4, 2});
  CHECK(got.monetary == std::vector<double>{4.5, 0});
  CHECK_THROWS_AS(purchase_summary(built.data, {.unit = 0}), std::invalid_argument);
}
