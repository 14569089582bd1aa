#include "clarion/recommend/rp3beta.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::rp3beta;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, bool weighted) {
  core::random_stream random(7);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    for (std::uint32_t i = 0; i < items; ++i)
      if (u % 11 != 4 && random.chance(i % 4 == 0 ? 0.4 : 0.1)) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(1 + random.below(5)));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

}  // namespace

TEST_CASE("weights are the walks written out") {
  for (const bool weighted : {false, true})
    for (const double alpha : {1.0, 0.6})
      for (const double beta : {0.0, 0.7}) {
        const auto by_user = drawn(80, 50, weighted);
        const core::sparse_view view = by_user;
        std::vector<std::vector<double>> x(80, std::vector<double>(50));
        std::vector<double> of_user(80), of_item(50), count(50);
        for (std::size_t u = 0; u < 80; ++u)
          for (std::size_t e = 0; e < view.length(u); ++e) {
            const auto i = view.indices(u)[e];
            x[u][i] = weighted ? view.values(u)[e] : 1.0;
            of_user[u] += x[u][i];
            of_item[i] += x[u][i];
            ++count[i];
          }
        for (const std::uint32_t k : {5u, 1000u}) {
          const auto found = rp3beta(by_user, {.k = k, .alpha = alpha, .beta = beta});
          const core::sparse_view rows = found;
          CHECK_NOTHROW(core::check_sparse("weights", rows));
          for (std::size_t j = 0; j < 50; ++j) {
            std::vector<double> expected(50);
            for (std::size_t i = 0; i < 50; ++i) {
              if (i == j || count[j] == 0 || count[i] == 0) continue;
              for (std::size_t u = 0; u < 80; ++u)
                if (x[u][i] > 0 && x[u][j] > 0)
                  expected[i] += std::pow(x[u][j] / of_item[j], alpha) * std::pow(x[u][i] / of_user[u], alpha);
              expected[i] /= std::pow(count[i], beta);
            }
            auto best = expected;
            std::sort(best.begin(), best.end(), std::greater<>());
            for (std::size_t e = 0; e < rows.length(j); ++e) {
              CHECK(rows.values(j)[e] == doctest::Approx(expected[rows.indices(j)[e]]).epsilon(1e-5));
              CHECK(rows.values(j)[e] > best[std::min<std::size_t>(k, 49)] * (1 - 1e-5));
            }
            const auto above = std::count_if(best.begin(), best.end(), [](double v) { return v > 0; });
            CHECK(rows.length(j) == std::min<std::size_t>(k, static_cast<std::size_t>(above)));
          }
        }
      }
}

TEST_CASE("weights of an item add up to 1 where that is asked, and are the same for any number of threads") {
  const auto by_user = drawn(500, 200, true);
  const auto one = rp3beta(by_user, {.k = 9, .normalize = true}, {.threads = 1});
  const auto four = rp3beta(by_user, {.k = 9, .normalize = true}, {.threads = 4});
  CHECK(one.index == four.index);
  CHECK(one.value == four.value);
  const core::sparse_view rows = one;
  for (std::size_t j = 0; j < rows.rows; ++j) {
    double sum = 0;
    for (const float v : rows.values(j)) sum += v;
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
  }
}

TEST_CASE("nothing, one interaction and what is not allowed") {
  CHECK(rp3beta(core::sparse_rows{}).index.empty());
  CHECK(rp3beta(core::sparse_rows{3, 4, {0, 0, 0, 0}, {}, {}}).offsets == std::vector<std::uint64_t>(5));
  const core::sparse_rows one{1, 1, {0, 1}, {0}, {}};
  CHECK(rp3beta(one).index.empty());
  CHECK_THROWS_AS(rp3beta(one, {.alpha = -1}), std::invalid_argument);
  CHECK_THROWS_AS(rp3beta(one, {.beta = std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(rp3beta(core::sparse_rows{1, 1, {0, 1}, {0}, {-1.0f}}), std::invalid_argument);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(rp3beta(drawn(100, 50, false), {}, {.cancel = stop.get_token()}), cancelled);
}
