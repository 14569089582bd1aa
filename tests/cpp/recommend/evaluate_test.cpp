#include "clarion/recommend/evaluate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::evaluate;
using recommend::evaluate_inputs;
using recommend::evaluation;
using recommend::list_view;

namespace {

constexpr std::uint32_t none = recommend::top_k_result::none;

struct lists {
  std::uint32_t k = 0;
  std::vector<std::uint32_t> items, lengths;

  operator list_view() const { return {lengths.size(), k, items.data(), lengths.data()}; }
};

lists lists_of(const std::vector<std::vector<std::uint32_t>>& rows, std::uint32_t k) {
  lists out{k, {}, {}};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < k; ++i) out.items.push_back(i < row.size() ? row[i] : none);
    out.lengths.push_back(static_cast<std::uint32_t>(row.size()));
  }
  return out;
}

core::sparse_rows rows_of(const std::vector<std::vector<std::uint32_t>>& rows, std::size_t columns) {
  core::sparse_rows out{rows.size(), columns, {0}, {}, {}};
  for (auto row : rows) {
    std::sort(row.begin(), row.end());
    out.index.insert(out.index.end(), row.begin(), row.end());
    out.offsets.push_back(out.index.size());
  }
  return out;
}

const recommend::metric_result& of(const evaluation& found, const std::string& name, std::uint32_t k) {
  for (const auto& m : found.metrics)
    if (m.name == name && m.k == k) return m;
  FAIL("no metric " << name << " at " << k);
  return found.metrics.front();
}

double mean(const evaluation& found, const std::string& name, std::uint32_t k) { return of(found, name, k).mean; }

// 30 users who had, want and are shown items drawn at random.
struct world {
  static constexpr std::size_t n_users = 530, n_items = 40;
  static constexpr std::uint32_t k = 8;
  std::vector<std::vector<std::uint32_t>> had, wanted, shown;
  std::vector<std::uint32_t> popularity = std::vector<std::uint32_t>(n_items), group, segment, ahead, candidates;
  std::vector<float> vectors;
  core::sparse_rows history, relevant, by_item;
  lists shown_lists;
  evaluate_inputs inputs;

  world() {
    core::random_stream random(11);
    for (std::size_t u = 0; u < n_users; ++u) {
      std::vector<std::uint32_t> all(n_items);
      for (std::uint32_t i = 0; i < n_items; ++i) all[i] = i;
      for (std::size_t i = n_items - 1; i > 0; --i) std::swap(all[i], all[random.below(i + 1)]);
      const auto take = [&](std::size_t n) {
        std::vector<std::uint32_t> out(all.end() - static_cast<std::ptrdiff_t>(n), all.end());
        all.resize(all.size() - n);
        return out;
      };
      had.push_back(take(random.below(12)));
      auto order = all;  // as a model would rank what may be shown
      wanted.push_back(take(u % 9 == 4 ? 0 : 1 + random.below(7)));
      for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
      candidates.push_back(static_cast<std::uint32_t>(order.size()));
      auto sorted = wanted.back();
      std::sort(sorted.begin(), sorted.end());
      for (const auto item : sorted)
        ahead.push_back(static_cast<std::uint32_t>(std::find(order.begin(), order.end(), item) - order.begin()));
      order.resize(u % 13 == 5 ? 0 : u % 7 == 3 ? 3 : k);
      shown.push_back(order);
      for (const auto item : had.back()) ++popularity[item];
      segment.push_back(u % 5 == 0 ? none : static_cast<std::uint32_t>(u % 3));
    }
    for (std::uint32_t i = 0; i < n_items; ++i) group.push_back(i % 4);
    for (std::size_t i = 0; i < n_items * 5; ++i) vectors.push_back(static_cast<float>(random.normal()));
    history = rows_of(had, n_items);
    relevant = rows_of(wanted, n_items);
    by_item = core::transposed(history);
    shown_lists = lists_of(shown, k);
    history_view = history;
    by_item_view = by_item;
    inputs = {.history = &history_view,
              .popularity = popularity,
              .n_users = n_users,
              .by_item = &by_item_view,
              .group = group,
              .ahead = ahead,
              .candidates = candidates,
              .segment = segment};
  }
  core::sparse_view history_view, by_item_view;

  // The mean over users with relevant items of what `value` says; NaN is left out.
  double average(const std::function<double(std::size_t)>& value) const {
    double sum = 0, n = 0;
    for (std::size_t u = 0; u < n_users; ++u) {
      if (wanted[u].empty()) continue;
      const double v = value(u);
      if (std::isnan(v)) continue;
      sum += v;
      n += 1;
    }
    return sum / n;
  }
  bool wants(std::size_t u, std::uint32_t item) const {
    return std::find(wanted[u].begin(), wanted[u].end(), item) != wanted[u].end();
  }
  std::vector<std::uint32_t> first(std::size_t u, std::size_t n) const {
    auto out = shown[u];
    out.resize(std::min(n, out.size()));
    return out;
  }
};

double cosine(const core::sparse_rows& by_item, std::uint32_t a, std::uint32_t b) {
  const core::sparse_view view = by_item;
  const auto x = view.indices(a), y = view.indices(b);
  std::vector<std::uint32_t> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  const auto size = std::sqrt(static_cast<double>(x.size()) * static_cast<double>(y.size()));
  return size > 0 ? static_cast<double>(both.size()) / size : 0;
}

}  // namespace

TEST_CASE("a list worked by hand") {
  // Hits at ranks 2 and 4 of 5, three relevant items.
  const auto list = lists_of({{7, 1, 5, 3, 0}}, 5);
  const auto found = evaluate(list, rows_of({{1, 3, 9}}, 10), {.k = {1, 2, 5}});
  CHECK(mean(found, "recall", 5) == doctest::Approx(2.0 / 3));
  CHECK(mean(found, "recall", 2) == doctest::Approx(1.0 / 3));
  CHECK(mean(found, "recall_min", 2) == doctest::Approx(1.0 / 2));
  CHECK(mean(found, "precision", 5) == doctest::Approx(2.0 / 5));
  const double d2 = 1 / std::log2(3.0), d3 = 0.5, d4 = 1 / std::log2(5.0);
  CHECK(mean(found, "ndcg", 5) == doctest::Approx((d2 + d4) / (1 + d2 + d3)));
  CHECK(mean(found, "ndcg", 2) == doctest::Approx(d2 / (1 + d2)));
  CHECK(mean(found, "map", 5) == doctest::Approx((1.0 / 2 + 2.0 / 4) / 3));
  CHECK(mean(found, "map", 2) == doctest::Approx(1.0 / 2 / 2));
  CHECK(mean(found, "mrr", 5) == doctest::Approx(1.0 / 2));
  CHECK(mean(found, "mrr", 1) == 0);
  CHECK(mean(found, "hit_rate", 1) == 0);
  CHECK(mean(found, "hit_rate", 2) == 1);
  CHECK(mean(found, "coverage", 2) == doctest::Approx(0.2));
  CHECK(mean(found, "gini", 5) == doctest::Approx(0.5));  // five shown once and five never
}

TEST_CASE("graded gains") {
  auto relevant = rows_of({{0, 1, 2}}, 4);
  relevant.value = {3, 1, 2};
  const auto list = lists_of({{1, 0, 3}}, 3);
  const double d2 = 1 / std::log2(3.0), d3 = 0.5;
  CHECK(mean(evaluate(list, relevant, {.k = {3}, .gains = "linear"}), "ndcg", 3) ==
        doctest::Approx((1 + 3 * d2) / (3 + 2 * d2 + 1 * d3)));
  CHECK(mean(evaluate(list, relevant, {.k = {2}, .gains = "exponential"}), "ndcg", 2) ==
        doctest::Approx((1 + 7 * d2) / (7 + 3 * d2)));
  CHECK(mean(evaluate(list, relevant, {.k = {3}}), "ndcg", 3) == doctest::Approx((1 + d2) / (1 + d2 + d3)));
  relevant.value = {3, 1e6f, 2};
  CHECK_THROWS_AS(evaluate(list, relevant, {.k = {3}, .gains = "exponential"}), std::invalid_argument);
  relevant.value = {3, -1, 2};
  CHECK_THROWS_AS(evaluate(list, relevant, {.k = {3}, .gains = "linear"}), std::invalid_argument);
}

TEST_CASE("each metric is what its definition says, user by user") {
  const world w;
  const auto found = evaluate(w.shown_lists, w.relevant, {.k = {8, 3}}, w.inputs);
  CHECK(found.metrics.front().k == 3);
  std::vector<std::uint32_t> by_popularity(world::n_items);
  for (std::uint32_t i = 0; i < world::n_items; ++i) by_popularity[i] = i;
  std::stable_sort(by_popularity.begin(), by_popularity.end(), [&](auto a, auto b) { return w.popularity[a] > w.popularity[b]; });
  const auto weight = [&](std::uint32_t item) { return std::pow(std::max(1u, w.popularity[item]), -1.25); };
  const double nothing = std::numeric_limits<double>::quiet_NaN();

  for (const std::uint32_t k : {3u, 8u}) {
    CAPTURE(k);
    const auto same = [&](const char* name, const std::function<double(std::size_t)>& value) {
      CAPTURE(name);
      CHECK(mean(found, name, k) == doctest::Approx(w.average(value)).epsilon(1e-12));
    };
    const auto hits = [&](std::size_t u) {
      const auto list = w.first(u, k);
      return static_cast<double>(std::count_if(list.begin(), list.end(), [&](auto i) { return w.wants(u, i); }));
    };
    const auto n = [&](std::size_t u) { return static_cast<double>(w.wanted[u].size()); };
    same("recall", [&](auto u) { return hits(u) / n(u); });
    same("recall_min", [&](auto u) { return hits(u) / std::min<double>(k, n(u)); });
    same("precision", [&](auto u) { return hits(u) / k; });
    same("hit_rate", [&](auto u) { return hits(u) > 0; });
    same("ndcg", [&](auto u) {
      double sum = 0, best = 0;
      const auto list = w.first(u, k);
      for (std::size_t i = 0; i < list.size(); ++i) sum += w.wants(u, list[i]) ? 1 / std::log2(2.0 + static_cast<double>(i)) : 0;
      for (std::size_t i = 0; i < std::min<std::size_t>(k, w.wanted[u].size()); ++i)
        best += 1 / std::log2(2.0 + static_cast<double>(i));
      return sum / best;
    });
    same("map", [&](auto u) {
      double sum = 0, met = 0;
      const auto list = w.first(u, k);
      for (std::size_t i = 0; i < list.size(); ++i)
        if (w.wants(u, list[i])) sum += ++met / static_cast<double>(i + 1);
      return sum / std::min<double>(k, n(u));
    });
    same("mrr", [&](auto u) {
      const auto list = w.first(u, k);
      for (std::size_t i = 0; i < list.size(); ++i)
        if (w.wants(u, list[i])) return 1 / static_cast<double>(i + 1);
      return 0.0;
    });
    const auto snips = [&](std::size_t u, bool discounted) {
      double sum = 0, all = 0;
      const auto list = w.first(u, k);
      for (std::size_t i = 0; i < list.size(); ++i)
        if (w.wants(u, list[i])) sum += weight(list[i]) * (discounted ? 1 / std::log2(2.0 + static_cast<double>(i)) : 1);
      for (const auto item : w.wanted[u]) all += weight(item);
      return sum / all;
    };
    same("recall_snips", [&](auto u) { return snips(u, false); });
    same("dcg_snips", [&](auto u) { return snips(u, true); });
    const auto over_list = [&](std::size_t u, const std::function<double(std::uint32_t)>& value) {
      double sum = 0;
      for (const auto item : w.first(u, k)) sum += value(item);
      return sum / static_cast<double>(w.first(u, k).size());
    };
    same("novelty", [&](auto u) {
      return over_list(u,
                       [&](auto i) { return -std::log2(std::max(1u, w.popularity[i]) / static_cast<double>(world::n_users)); });
    });
    const auto arp = [&](std::size_t u) { return over_list(u, [&](auto i) { return w.popularity[i]; }); };
    same("arp", arp);
    same("arp_ratio", [&](auto u) {
      double sum = 0;
      for (const auto item : w.had[u]) sum += w.popularity[item];
      return arp(u) / (sum / static_cast<double>(w.had[u].size()));
    });
    same("serendipity", [&](auto u) {
      std::set<std::uint32_t> expected;
      for (const auto item : by_popularity)
        if (expected.size() < k && std::find(w.had[u].begin(), w.had[u].end(), item) == w.had[u].end()) expected.insert(item);
      double sum = 0;
      for (const auto item : w.first(u, k)) sum += w.wants(u, item) && !expected.contains(item);
      return sum / k;
    });
    const auto apart = [&](std::size_t u, const std::function<double(std::uint32_t, std::uint32_t)>& alike) {
      const auto list = w.first(u, k);
      double sum = 0, pairs = 0;
      for (std::size_t a = 0; a < list.size(); ++a)
        for (std::size_t b = a + 1; b < list.size(); ++b, ++pairs) sum += alike(list[a], list[b]);
      return pairs > 0 ? 1 - sum / pairs : nothing;
    };
    same("diversity", [&](auto u) { return apart(u, [&](auto a, auto b) { return cosine(w.by_item, a, b); }); });
    same("miscalibration", [&](auto u) {
      if (w.had[u].empty() || w.shown[u].empty()) return nothing;
      double sum = 0;
      for (std::uint32_t g = 0; g < 4; ++g) {
        const auto share = [&](const std::vector<std::uint32_t>& items) {
          return static_cast<double>(std::count_if(items.begin(), items.end(), [&](auto i) { return w.group[i] == g; })) /
                 static_cast<double>(items.size());
        };
        const double p = share(w.had[u]);
        if (p > 0) sum += p * std::log(p / (0.99 * share(w.first(u, k)) + 0.01 * p));
      }
      return sum;
    });
    {  // by vectors
      auto inputs = w.inputs;
      inputs.item_vectors = {w.vectors.data(), world::n_items, 5};
      const auto dot = [&](std::uint32_t a, std::uint32_t b) {
        double sum = 0;
        for (std::size_t f = 0; f < 5; ++f) sum += static_cast<double>(w.vectors[a * 5 + f]) * w.vectors[b * 5 + f];
        return sum;
      };
      const double expected = w.average(
          [&](auto u) { return apart(u, [&](auto a, auto b) { return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b)); }); });
      CHECK(mean(evaluate(w.shown_lists, w.relevant, {.k = {k}, .metrics = {"diversity"}}, inputs), "diversity", k) ==
            doctest::Approx(expected).epsilon(1e-12));
    }
    std::vector<double> shown(world::n_items, 0);
    for (std::size_t u = 0; u < world::n_users; ++u)
      if (!w.wanted[u].empty())
        for (const auto item : w.first(u, k)) shown[item] += 1;
    double between = 0, total = 0;
    for (const double x : shown) {
      total += x;
      for (const double y : shown) between += std::abs(x - y);
    }
    CHECK(mean(found, "gini", k) == doctest::Approx(between / (2 * world::n_items * total)));
    CHECK(mean(found, "coverage", k) ==
          doctest::Approx(static_cast<double>(std::count_if(shown.begin(), shown.end(), [](double x) { return x > 0; })) /
                          world::n_items));
  }

  // Ranks were of all that may be shown: count every pair.
  std::vector<std::size_t> starts{0};
  for (const auto& row : w.wanted) starts.push_back(starts.back() + row.size());
  const double pairs = w.average([&](auto u) {
    double right = 0, all = 0;
    const auto ahead = std::span(w.ahead).subspan(starts[u], w.wanted[u].size());
    for (const auto mine : ahead)
      for (std::uint32_t other = 0; other < w.candidates[u]; ++other) {
        if (std::find(ahead.begin(), ahead.end(), other) != ahead.end()) continue;
        right += mine < other;
        all += 1;
      }
    return all > 0 ? right / all : std::numeric_limits<double>::quiet_NaN();
  });
  CHECK(mean(found, "auc", 0) == doctest::Approx(pairs).epsilon(1e-12));
  CHECK(std::abs(mean(found, "auc", 0) - 0.5) < 0.05);  // lists are random

  CHECK(found.without_relevant ==
        static_cast<std::uint64_t>(std::count_if(w.wanted.begin(), w.wanted.end(), [](const auto& r) { return r.empty(); })));
  CHECK(found.users + found.without_relevant == world::n_users);
  CHECK(found.without_list > 0);
  CHECK(of(found, "recall", 3).users == found.users);
  CHECK(of(found, "novelty", 3).users == found.users - found.without_list);
}

TEST_CASE("segments are means of their users") {
  const world w;
  const auto found = evaluate(w.shown_lists, w.relevant, {.k = {8}}, w.inputs);
  const auto& recall = of(found, "recall", 8);
  REQUIRE(recall.by_segment.size() == 3);
  for (std::uint32_t s = 0; s < 3; ++s) {
    double sum = 0, n = 0;
    for (std::size_t u = 0; u < world::n_users; ++u)
      if (w.segment[u] == s && !w.wanted[u].empty()) {
        sum += recall.by_user[u];
        ++n;
      }
    CHECK(recall.by_segment[s] == doctest::Approx(sum / n));
    CHECK(recall.segment_users[s] == static_cast<std::uint64_t>(n));
  }
}

TEST_CASE("the same bits for any number of threads") {
  const world w;
  const auto one = evaluate(w.shown_lists, w.relevant, {.k = {3, 8}}, w.inputs, {.threads = 1});
  for (const unsigned threads : {2u, 5u}) {
    const auto many = evaluate(w.shown_lists, w.relevant, {.k = {3, 8}}, w.inputs, {.threads = threads});
    REQUIRE(one.metrics.size() == many.metrics.size());
    for (std::size_t m = 0; m < one.metrics.size(); ++m) {
      CHECK(one.metrics[m].mean == many.metrics[m].mean);
      CHECK(one.metrics[m].by_segment == many.metrics[m].by_segment);
    }
  }
}

TEST_CASE("metrics that were asked for, and those that inputs allow") {
  const auto list = lists_of({{0, 1}}, 2);
  const auto relevant = rows_of({{1}}, 3);
  const auto found = evaluate(list, relevant, {.k = {2, 2}, .metrics = {"ndcg", "recall", "ndcg"}});
  REQUIRE(found.metrics.size() == 2);
  CHECK(found.metrics[0].name == "recall");
  CHECK(evaluate(list, relevant, {.k = {2}}).metrics.size() == 9);
  CHECK(recommend::metrics().size() == 19);
}

TEST_CASE("edges: nobody, empty lists, items out of reach, everything relevant") {
  const auto nobody = evaluate(lists_of({}, 2), rows_of({}, 3), {.k = {2}});
  CHECK(nobody.users == 0);
  CHECK(std::isnan(mean(nobody, "recall", 2)));
  CHECK(std::isnan(mean(nobody, "gini", 2)));
  const auto none_relevant = evaluate(lists_of({{1}}, 2), rows_of({{}}, 3), {.k = {2}});
  CHECK(none_relevant.without_relevant == 1);
  CHECK(std::isnan(mean(none_relevant, "recall", 2)));
  CHECK(mean(none_relevant, "coverage", 2) == 0);
  const auto empty = evaluate(lists_of({{}}, 2), rows_of({{0}}, 3), {.k = {2}});
  CHECK(empty.without_list == 1);
  CHECK(mean(empty, "recall", 2) == 0);
  CHECK(mean(empty, "ndcg", 2) == 0);
  // Item 5 is not in the catalogue: nobody can recommend it, and it is missed.
  const auto beyond = evaluate(lists_of({{0}}, 2), rows_of({{0, 5}}, 6), {.k = {2}}, {.n_items = 3});
  CHECK(mean(beyond, "recall", 2) == 0.5);
  CHECK(mean(beyond, "coverage", 2) == doctest::Approx(1.0 / 3));
  const auto all = evaluate(lists_of({{2, 0, 1}}, 3), rows_of({{0, 1, 2}}, 3), {.k = {3}});
  CHECK(mean(all, "ndcg", 3) == doctest::Approx(1));
  CHECK(mean(all, "map", 3) == doctest::Approx(1));
  // Nothing is left to be ranked below, or the only relevant item cannot be shown.
  const std::vector<std::uint32_t> ahead{0}, hidden{none}, one{1}, two{2};
  const auto relevant = rows_of({{0}}, 3);
  CHECK(std::isnan(mean(evaluate(lists_of({{0}}, 1), relevant, {.k = {1}}, {.ahead = ahead, .candidates = one}), "auc", 0)));
  CHECK(mean(evaluate(lists_of({{0}}, 1), relevant, {.k = {1}}, {.ahead = hidden, .candidates = two}), "auc", 0) == 0);
}

TEST_CASE("what does not fit is refused, by name") {
  const auto list = lists_of({{0, 1}}, 2);
  const auto relevant = rows_of({{1}}, 3);
  const auto refused = [&](const lists& l, const core::sparse_rows& r, const recommend::evaluate_options& o,
                           const evaluate_inputs& in, const char* field) {
    CHECK_THROWS_WITH_AS(evaluate(l, r, o, in), doctest::Contains(field), std::invalid_argument);
  };
  refused(lists_of({{1, 1}}, 2), relevant, {.k = {2}}, {}, "twice");
  refused(lists_of({{1, 3}}, 2), relevant, {.k = {2}}, {}, "item 3");
  refused(list, relevant, {.k = {3}}, {}, "k");
  refused(list, relevant, {.k = {0}}, {}, "k");
  refused(list, relevant, {.k = {}}, {}, "k");
  refused(list, relevant, {.k = {2}, .metrics = {"accuracy"}}, {}, "accuracy");
  refused(list, relevant, {.k = {2}, .metrics = {"novelty"}}, {}, "popularity");
  refused(list, relevant, {.k = {2}, .gains = "cubic"}, {}, "gains");
  refused(list, relevant, {.k = {2}, .propensity_gamma = std::numeric_limits<double>::quiet_NaN()}, {}, "propensity_gamma");
  refused(list, rows_of({{1}, {0}}, 3), {.k = {2}}, {}, "relevant");
  refused(list, relevant, {.k = {2}}, {.n_items = 4}, "n_items");
  const std::vector<std::uint32_t> two{1, 2}, one{1}, nine{9}, same{0, 0};
  refused(list, relevant, {.k = {2}}, {.popularity = two}, "popularity");
  refused(list, relevant, {.k = {2}}, {.group = two}, "group");
  refused(list, relevant, {.k = {2}}, {.segment = two}, "segment");
  const std::vector<std::uint32_t> far{0, 1, 1u << 30};
  refused(list, relevant, {.k = {2}}, {.group = far}, "group");
  refused(list, relevant, {.k = {2}}, {.ahead = two, .candidates = one}, "ahead");
  refused(list, relevant, {.k = {2}}, {.ahead = one, .candidates = two}, "candidates");
  refused(lists_of({{0, 1}}, 2), rows_of({{0, 1}}, 3), {.k = {2}}, {.ahead = same, .candidates = nine}, "different ranks");
  auto long_list = list;
  long_list.lengths[0] = 3;
  refused(long_list, relevant, {.k = {2}}, {}, "length 3");
  auto wrong = relevant;
  wrong.value = {std::numeric_limits<float>::quiet_NaN()};
  refused(list, wrong, {.k = {2}}, {}, "relevant");
  const std::vector<float> vectors{1, 2, std::numeric_limits<float>::infinity()};
  refused(list, relevant, {.k = {2}}, {.item_vectors = {vectors.data(), 3, 1}}, "item_vectors");
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(evaluate(list, relevant, {.k = {2}}, {}, {.cancel = stop.get_token()}), cancelled);
}
