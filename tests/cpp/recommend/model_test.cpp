// What the fits of all models have in common.

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/random.hpp"
#include "clarion/core/truncated_svd.hpp"
#include "clarion/recommend/baseline.hpp"
#include "clarion/recommend/bpr.hpp"
#include "clarion/recommend/ease.hpp"
#include "clarion/recommend/evaluate.hpp"
#include "clarion/recommend/explicit_mf.hpp"
#include "clarion/recommend/graph_filter.hpp"
#include "clarion/recommend/implicit_als.hpp"
#include "clarion/recommend/knn.hpp"
#include "clarion/recommend/rp3beta.hpp"
#include "clarion/recommend/slim.hpp"
#include "clarion/recommend/sufficiency.hpp"
#include "clarion/recommend/top_k.hpp"

using namespace clarion;
namespace rec = clarion::recommend;

namespace {

using numbers = std::vector<float>;
using view = core::sparse_view;

numbers both(numbers a, const numbers& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

numbers weights(const core::sparse_rows& of) {
  numbers out = of.value;
  for (const auto index : of.index) out.push_back(static_cast<float>(index));
  return out;
}

// A fit that gives its numbers, with options that make it last `longer` times as long where they can.
struct fit {
  std::string name;
  std::function<numbers(const view&, const run_options&, std::uint32_t longer)> learn;
  std::function<double(std::size_t, std::size_t, std::uint64_t)> memory;
};

std::vector<fit> fits() {
  const rec::knn_options bm25{.k = 20, .similarity = "bm25"}, cosine{.k = 20};
  const auto als = [](const view& x, const run_options& run, std::uint32_t longer, const char* solver) {
    const auto model = rec::implicit_als(x, {.factors = longer > 1 ? 64u : 8u, .max_iter = 2 * longer, .solver = solver}, run);
    return both(model.user_factors, model.item_factors);
  };
  const auto mf = [](const view& x, const run_options& run, std::uint32_t longer) {
    const auto model = rec::explicit_mf(x, {.factors = longer > 1 ? 64u : 8u, .max_iter = 2 * longer}, run);
    return both(model.user_factors, model.item_factors);
  };
  const auto pairs = [](const view& x, const run_options& run, std::uint32_t longer) {
    const auto model = rec::bpr(x, {.factors = 8, .max_iter = 5 * longer}, run);
    return both(model.user_factors, model.item_factors);
  };
  const auto filter = [](const view& x, const run_options& run, std::uint32_t longer) {
    const auto model = rec::graph_filter(x, {.rank = longer > 1 ? 128u : 12u}, run);
    return both(both(model.user_factors, model.item_factors), weights(model.normalized));
  };
  const auto of = [](auto&& memory) {
    return [memory](std::size_t users, std::size_t items, std::uint64_t n) { return memory(users, items, n, {}, {}); };
  };
  return {
      {"implicit_als", [=](auto& x, auto& run, auto longer) { return als(x, run, longer, "cholesky"); },
       of(rec::implicit_als_memory)},
      {"implicit_als by cg", [=](auto& x, auto& run, auto longer) { return als(x, run, 3 * longer, "cg"); },
       of(rec::implicit_als_memory)},
      {"explicit_mf", mf, of(rec::explicit_mf_memory)},
      {"bpr", pairs, of(rec::bpr_memory)},
      {"ease", [](auto& x, auto& run, auto) { return rec::ease(x, {}, run).weights; }, of(rec::ease_memory)},
      {"ease of neighbours",
       [](auto& x, auto& run, auto longer) {
         return weights(rec::ease(x, {.max_neighbors = longer > 1 ? 100u : 5u}, run).neighbors);
       },
       [](auto users, auto items, auto n) { return rec::ease_memory(users, items, n, {.max_neighbors = 50}); }},
      {"slim", [](auto& x, auto& run, auto) { return weights(rec::slim(x, {.l1_reg = 0.5, .l2_reg = 2}, run)); },
       of(rec::slim_memory)},
      {"item_knn", [=](auto& x, auto& run, auto) { return weights(rec::item_knn(x, cosine, run)); }, of(rec::item_knn_memory)},
      {"item_knn by bm25", [=](auto& x, auto& run, auto) { return weights(rec::item_knn(x, bm25, run)); },
       of(rec::item_knn_memory)},
      {"user_knn", [=](auto& x, auto& run, auto) { return weights(rec::user_knn(x, cosine, run)); }, of(rec::user_knn_memory)},
      {"user_knn by bm25", [=](auto& x, auto& run, auto) { return weights(rec::user_knn(x, bm25, run)); },
       of(rec::user_knn_memory)},
      {"rp3beta", [](auto& x, auto& run, auto) { return weights(rec::rp3beta(x, {.k = 20}, run)); }, of(rec::rp3beta_memory)},
      {"graph_filter", filter, of(rec::graph_filter_memory)},
  };
}

core::sparse_rows drawn(std::size_t users, std::size_t items, double density, bool weighted) {
  core::random_stream random(3);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    for (std::uint32_t i = 0; i < items; ++i)
      if (u % 13 != 5 && random.chance(density * (i % 3 == u % 3 ? 2 : 0.5))) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(0.5 + random.uniform()));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

// The same entries, the first of which has the number `from`.
struct shifted {
  std::vector<std::uint64_t> offsets;
  view matrix;

  shifted(const view& of, std::uint64_t from) : offsets(of.offsets, of.offsets + of.rows + 1), matrix(of) {
    for (auto& offset : offsets) offset += from;
    matrix.offsets = offsets.data();
    matrix.index = before(of.index, from);
    if (of.value != nullptr) matrix.value = before(of.value, from);
  }

private:
  template <class T>
  static const T* before(const T* at, std::uint64_t n) {
    return reinterpret_cast<const T*>(reinterpret_cast<std::uintptr_t>(at) - n * sizeof(T));
  }
};

constexpr std::uint64_t far[] = {1, (std::uint64_t{1} << 31) + 3, std::uint64_t{1} << 33};

}  // namespace

TEST_CASE("entries numbered beyond 2^31 and 2^32 are learned from alike") {
  for (const bool weighted : {false, true}) {
    const auto rows = drawn(90, 60, 0.15, weighted);
    for (const auto& one : fits()) {
      CAPTURE(one.name);
      const auto expected = one.learn(rows, {}, 1);
      REQUIRE_FALSE(expected.empty());
      for (const auto from : far) CHECK(one.learn(shifted(rows, from).matrix, {}, 1) == expected);
    }
  }
}

TEST_CASE("entries numbered beyond 2^31 and 2^32 are scored, folded in and judged alike") {
  const auto rows = drawn(90, 60, 0.15, true), others = drawn(90, 60, 0.4, false);
  const auto als = rec::implicit_als(rows, {.factors = 8, .max_iter = 3});
  const auto mf = rec::explicit_mf(rows, {.factors = 8, .max_iter = 3});
  const auto bpr = rec::bpr(rows, {.factors = 8, .max_iter = 3});
  const auto filter = rec::graph_filter(rows, {.rank = 8});
  const auto neighbours = rec::item_knn(rows, {.k = 10});
  const auto known = rec::user_knn(rows, {.k = 10});
  const rec::factor_view users{als.user_factors.data(), 90, 8}, items{als.item_factors.data(), 60, 8};
  const rec::item_index by_factors({.factors = items}), by_both({.factors = items, .weights = neighbours});

  const auto answers = [&](const view& x, const view& y, const view& w) {
    std::vector<numbers> out;
    const auto lists = [&](const rec::top_k_result& found) {
      out.push_back(found.scores);
      out.emplace_back(found.items.begin(), found.items.end());
      for (auto& score : out[out.size() - 2])
        if (std::isnan(score)) score = -1;
    };
    out.push_back(weights(core::transposed(x)));
    out.push_back(rec::fold_in_users(als, x));
    out.push_back(rec::explicit_mf_fold_in_users(mf, x));
    out.push_back(rec::bpr_fold_in(bpr, x));
    out.push_back(rec::graph_filter_factors(filter.basis, filter.factors, x));
    out.push_back(weights(rec::fold_in_user_knn(x, y, {.k = 10})));
    out.push_back({static_cast<float>(rec::implicit_als_loss(als, x))});
    out.push_back(core::truncated_svd(x, {.rank = 5}).values);
    lists(rec::top_k(by_factors, {.factors = users}, {.k = 7}, {.exclude = &x, .allow = &y}));
    lists(rec::top_k(by_factors, {.factors = users}, {.k = 7}, {.exclude = &x}));
    lists(rec::top_k(by_both, {.factors = users, .history = x}, {.k = 7}, {.exclude = &x, .allow = &y}));
    const rec::item_index by_weights({.weights = w});
    lists(rec::top_k(by_weights, {.history = x}, {.k = 7}, {.exclude = &x}));
    const auto ranks = rec::ranks(by_weights, {.history = x}, y, &x);
    out.emplace_back(ranks.begin(), ranks.end());
    const std::vector<std::uint32_t> user{3, 40}, item{7, 0};
    out.push_back(rec::score_pairs(by_weights, {.history = x}, user, item));
    const auto found = rec::top_k(by_factors, {.factors = users}, {.k = 7}, {.exclude = &x});
    const auto columns = core::transposed(x);
    const shifted turned(columns, x.offsets[0]);
    const std::vector<std::uint32_t> popularity(60, 5), groups(60, 1);
    const auto judged = rec::evaluate(found, y, {.k = {3, 7}},
                                      {.history = &x,
                                       .popularity = popularity,
                                       .n_users = 90,
                                       .by_item = &turned.matrix,
                                       .group = groups,
                                       .ahead = ranks,
                                       .candidates = std::vector<std::uint32_t>(90, 50)});
    numbers means;
    for (const auto& metric : judged.metrics) means.push_back(std::isnan(metric.mean) ? -1 : static_cast<float>(metric.mean));
    out.push_back(means);
    const auto enough = rec::sufficiency(x);
    out.push_back({static_cast<float>(enough.interactions), static_cast<float>(enough.median_co_occurrences)});
    return out;
  };
  const auto expected = answers(rows, others, neighbours);
  for (const auto from : far)
    CHECK(answers(shifted(rows, from).matrix, shifted(others, from).matrix, shifted(neighbours, from).matrix) == expected);
  CHECK_THROWS_AS(core::check_sparse("matrix", {(std::size_t{1} << 32) + 1, 1, nullptr, nullptr, nullptr}),
                  std::invalid_argument);
}

TEST_CASE("memory of a fit grows with every count and neither overflows nor wraps") {
  auto all = fits();
  all.push_back({"popular", {}, [](auto users, auto items, auto) { return rec::popular_memory(users, items, 3); }});
  all.push_back({"random", {}, [](auto users, auto items, auto) { return rec::random_scores_memory(users, items); }});
  for (const auto& one : all) {
    CAPTURE(one.name);
    CHECK(one.memory(0, 0, 0) >= 0);
    CHECK(one.memory(1000, 100, 10000) > 0);
    double before = 0;
    for (unsigned bits = 10; bits <= 40; ++bits) {
      const auto n = std::uint64_t{1} << bits;
      const double bytes = one.memory(n, n, n);
      CHECK(std::isfinite(bytes));
      // Twice of all, but for what does not depend on them: no more than four times, as squares grow.
      CHECK(bytes > before);
      if (bits > 31) CHECK(bytes > 1.9 * before);
      CHECK(bytes >= one.memory(n / 2, n, n));
      CHECK(bytes >= one.memory(n, n / 2, n));
      CHECK(bytes >= one.memory(n, n, n / 2));
      before = bytes;
    }
    CHECK(before > 1e12);
  }
}

TEST_CASE("a fit that memory cannot hold is refused before it reads anything") {
  for (const auto n : {std::uint64_t{1} << 33, std::uint64_t{1} << 40}) {
    const std::vector<std::uint64_t> offsets{n, 1024 * n};
    const view matrix{1, std::size_t{1} << 32, offsets.data(), nullptr, nullptr};
    for (const auto& one : fits()) {
      CAPTURE(one.name);
      try {
        one.learn(matrix, {}, 1);
        FAIL("was not refused");
      } catch (const error& e) {
        const std::string said = e.what();
        CHECK(said.find("GiB, more than") != std::string::npos);
        CHECK(said.find("; ") != std::string::npos);
      }
    }
    CHECK_THROWS_AS(rec::random_scores(n, 1), error);
  }
}

TEST_CASE("a requested stop ends every fit long before its end") {
  using clock = std::chrono::steady_clock;
  const auto seconds = [](clock::time_point since) { return std::chrono::duration<double>(clock::now() - since).count(); };
#ifdef __SANITIZE_ADDRESS__
  constexpr std::size_t users = 1500;  // which takes ten times as long for each
#else
  constexpr std::size_t users = 6000;
#endif
  const auto middle = drawn(users, 1500, 0.05, true), dense = drawn(users, 1500, 0.13, true),
             wide = drawn(users / 6, users / 2, 0.02, true), narrow = drawn(users / 2, 500, 0.05, true);
  for (const auto& one : fits()) {
    CAPTURE(one.name);
    const std::string& name = one.name;
    const core::sparse_rows& rows = name == "ease"                                                                 ? wide
                                    : name == "slim"                                                               ? narrow
                                    : name.find("knn") != name.npos || name == "rp3beta" || name == "graph_filter" ? dense
                                                                                                                   : middle;
    const auto begun = clock::now();
    one.learn(rows, {}, 5);
    const double whole = seconds(begun);
    if (whole < 0.3) continue;  // over before a thread has surely been given its turn
    std::stop_source stop;
    const auto started = clock::now();
    {
      const std::jthread other([&] {
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.1, whole / 8)));
        stop.request_stop();
      });
      CHECK_THROWS_AS(one.learn(rows, {.cancel = stop.get_token()}, 5), cancelled);
    }
    CHECK_MESSAGE(seconds(started) < whole / 2, seconds(started), " s of ", whole);
  }
}

TEST_CASE("weights beyond single precision give finite numbers, or a reason why not") {
  for (const float weight : {1e-44f, 1e-20f, 1e20f, 3e38f}) {
    auto rows = drawn(60, 40, 0.3, true);
    for (auto& value : rows.value) value = weight;
    for (const auto& one : fits()) {
      CAPTURE(one.name);
      CAPTURE(weight);
      try {
        for (const float x : one.learn(rows, {}, 1)) REQUIRE(std::isfinite(x));
      } catch (const error& e) {
        CHECK(std::string(e.what()).find("give ") != std::string::npos);
      }
    }
  }
  const auto rows = drawn(60, 40, 0.3, false);
  auto start = rec::implicit_als(rows, {.factors = 2, .max_iter = 1});
  start.item_factors[7] = std::nanf("");
  CHECK_THROWS_AS(rec::implicit_als(rows, {.factors = 2}, {}, &start), std::invalid_argument);
}

TEST_CASE("weights that are none are refused by every fit") {
  for (const float bad :
       {std::nanf(""), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), -1.0f, 0.0f, -0.0f}) {
    auto rows = drawn(40, 30, 0.2, true);
    rows.value[17] = bad;
    for (const auto& one : fits()) {
      CAPTURE(one.name);
      CAPTURE(bad);
      // Ratings may be any numbers.
      if (one.name == "explicit_mf" && std::isfinite(bad)) {
        CHECK_NOTHROW(one.learn(rows, {}, 1));
        continue;
      }
      try {
        one.learn(rows, {}, 1);
        FAIL("was not refused");
      } catch (const std::invalid_argument& e) {
        CHECK(std::string(e.what()).find("in row") != std::string::npos);
      }
    }
  }
}
