#include "clarion/recommend/slim.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::slim;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, bool weighted) {
  core::random_stream random(13);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    // Tastes, so that items predict each other.
    const std::size_t taste = random.below(4);
    for (std::uint32_t i = 0; i < items; ++i)
      if (u % 11 != 4 && random.chance(i % 4 == taste ? 0.5 : 0.07)) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(0.5 + random.uniform()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

using dense = std::vector<std::vector<double>>;
dense gram_of(const core::sparse_view& by_user) {
  dense out(by_user.columns, std::vector<double>(by_user.columns));
  for (std::size_t u = 0; u < by_user.rows; ++u)
    for (std::size_t a = 0; a < by_user.length(u); ++a)
      for (std::size_t b = 0; b < by_user.length(u); ++b)
        out[by_user.indices(u)[a]][by_user.indices(u)[b]] +=
            by_user.value == nullptr ? 1.0 : double{by_user.values(u)[a]} * by_user.values(u)[b];
  return out;
}

}  // namespace

TEST_CASE("a solution meets the conditions of the minimum") {
  for (const bool weighted : {false, true})
    for (const double l1 : {0.0, 1.0, 6.0}) {
      const std::size_t n = 60;
      const auto by_user = drawn(150, n, weighted);
      const auto gram = gram_of(by_user);
      const auto found = slim(by_user, {.l1_reg = l1, .l2_reg = 4, .max_iter = 10000, .tol = 1e-8});
      const core::sparse_view rows = found;
      CHECK_NOTHROW(core::check_sparse("weights", rows));
      dense w(n, std::vector<double>(n));
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t e = 0; e < rows.length(j); ++e) w[rows.indices(j)[e]][j] = rows.values(j)[e];
      std::size_t some = 0;
      for (std::size_t i = 0; i < n; ++i) {
        CHECK(w[i][i] == 0);
        for (std::size_t j = 0; j < n; ++j) {
          if (j == i) continue;
          double slope = l1 + 4 * w[i][j] - gram[j][i];
          for (std::size_t k = 0; k < n; ++k) slope += gram[j][k] * w[i][k];
          // Single precision of products that add up to about 100.
          CHECK(slope > -1e-3);
          if (w[i][j] > 0) {
            CHECK(std::abs(slope) < 1e-3);
            ++some;
          }
        }
      }
      CHECK(some > 50);
    }
}

TEST_CASE("candidates are those of the highest cosine") {
  const auto by_user = drawn(150, 60, false);
  const auto gram = gram_of(by_user);
  const auto found = slim(by_user, {.l1_reg = 0, .l2_reg = 1, .candidates = 6});
  const auto by_target = core::transposed(found);
  const core::sparse_view rows = by_target;
  for (std::size_t i = 0; i < 60; ++i) {
    std::vector<double> cosines;
    const auto cosine = [&](std::size_t j) { return gram[i][j] / std::sqrt(gram[i][i] * gram[j][j]); };
    for (std::size_t j = 0; j < 60; ++j)
      if (j != i) cosines.push_back(cosine(j));
    std::sort(cosines.begin(), cosines.end(), std::greater<>());
    CHECK(rows.length(i) <= 6);
    for (const auto j : rows.indices(i)) CHECK(cosine(j) > cosines[5] - 1e-6);
  }
  // No fewer than there are: the whole problem.
  const auto all = slim(by_user), capped = slim(by_user, {.candidates = 60});
  CHECK(all.index == capped.index);
  CHECK(all.value == capped.value);
}

TEST_CASE("the same bits for any number of threads") {
  const auto by_user = drawn(600, 200, true);
  const auto one = slim(by_user, {}, {.threads = 1}), four = slim(by_user, {}, {.threads = 4});
  CHECK(one.offsets == four.offsets);
  CHECK(one.index == four.index);
  CHECK(one.value == four.value);
}

TEST_CASE("nothing, one interaction and what is not allowed") {
  CHECK(slim(core::sparse_rows{}).offsets == std::vector<std::uint64_t>{0});
  CHECK(slim(core::sparse_rows{3, 4, {0, 0, 0, 0}, {}, {}}).offsets == std::vector<std::uint64_t>(5));
  const core::sparse_rows one{1, 1, {0, 1}, {0}, {}};
  CHECK(slim(one, {.l1_reg = 0}).index.empty());
  // Items that are all alike share the weight.
  core::sparse_rows same{30, 5, {0}, {}, {}};
  for (std::size_t u = 0; u < 30; ++u) {
    for (std::uint32_t i = 0; i < 5; ++i) same.index.push_back(i);
    same.offsets.push_back(same.index.size());
  }
  const auto alike = slim(same, {.l1_reg = 0, .l2_reg = 30, .max_iter = 1000, .tol = 1e-7});
  REQUIRE(alike.value.size() == 20);
  for (const float v : alike.value) CHECK(v == doctest::Approx(0.2).epsilon(1e-4));

  CHECK_THROWS_AS(slim(one, {.l1_reg = -1}), std::invalid_argument);
  CHECK_THROWS_AS(slim(one, {.l2_reg = 0}), std::invalid_argument);
  CHECK_THROWS_AS(slim(one, {.tol = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(slim(core::sparse_rows{1, 1, {0, 1}, {0}, {std::nanf("")}}), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(slim(drawn(100, 50, false), {}, {.cancel = stop.get_token()}), cancelled);
}
