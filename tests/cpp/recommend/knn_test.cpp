#include "clarion/recommend/knn.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <vector>

#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using recommend::item_knn;
using recommend::knn_options;
using recommend::user_knn;

namespace {

core::sparse_rows drawn(std::size_t users, std::size_t items, std::uint64_t seed, bool weighted) {
  core::random_stream random(seed);
  core::sparse_rows out{users, items, {0}, {}, {}};
  for (std::size_t u = 0; u < users; ++u) {
    const double density = u % 17 == 3 ? 0 : u % 10 == 0 ? 0.6 : 0.08;
    for (std::uint32_t i = 0; i < items; ++i)
      if (random.chance(density * (i % 3 == 0 ? 1.5 : 0.5))) {
        out.index.push_back(i);
        if (weighted) out.value.push_back(static_cast<float>(1 + random.below(5)));
      }
    out.offsets.push_back(out.index.size());
  }
  return out;
}

using dense = std::vector<std::vector<double>>;
dense dense_of(const core::sparse_view& of) {
  dense out(of.rows, std::vector<double>(of.columns));
  for (std::size_t r = 0; r < of.rows; ++r)
    for (std::size_t e = 0; e < of.length(r); ++e) out[r][of.indices(r)[e]] = of.value == nullptr ? 1.0 : of.values(r)[e];
  return out;
}

double x_log_x(double n) { return n > 0 ? n * std::log(n) : 0; }

// As the contract says it, row by row and pair by pair.
dense similarities(const dense& x, const knn_options& o) {
  const std::size_t n = x.size(), columns = n == 0 ? 0 : x[0].size();
  dense y = x;
  std::vector<double> of_column(columns), column_count(columns), of_row(n), row_count(n);
  double whole = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < columns; ++c) {
      of_column[c] += x[i][c];
      column_count[c] += x[i][c] > 0;
      of_row[i] += x[i][c];
      row_count[i] += x[i][c] > 0;
      whole += x[i][c];
    }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < columns; ++c) {
      if (x[i][c] == 0) continue;
      const double idf = std::log(static_cast<double>(n)) - std::log1p(column_count[c]);
      if (o.similarity == "adjusted_cosine") y[i][c] -= of_column[c] / column_count[c];
      if (o.similarity == "pearson") y[i][c] -= of_row[i] / row_count[i];
      if (o.similarity == "tfidf") y[i][c] = std::sqrt(x[i][c]) * idf;
      if (o.similarity == "bm25") {
        const double norm = 1 - o.bm25_b + o.bm25_b * of_row[i] / (whole / static_cast<double>(n));
        y[i][c] = x[i][c] * (o.bm25_k1 + 1) / (o.bm25_k1 * norm + x[i][c]) * idf;
      }
    }
  dense out(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double dot = 0, own = 0, other = 0, shared = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        dot += y[i][c] * y[j][c];
        own += y[i][c] * y[i][c];
        other += y[j][c] * y[j][c];
        shared += x[i][c] > 0 && x[j][c] > 0;
      }
      if (i == j || shared < o.min_support) continue;
      const double a = row_count[i], b = row_count[j], all = static_cast<double>(columns);
      double s = dot / std::sqrt(own * other);
      if (o.similarity == "dot" || o.similarity == "bm25") s = dot;
      if (o.similarity == "jaccard") s = shared / (a + b - shared);
      if (o.similarity == "conditional_probability") s = shared / (a * std::pow(b, o.popularity_damping));
      if (o.similarity == "lift") s = shared * all / (a * b);
      if (o.similarity == "log_likelihood") {
        s = 2 * (x_log_x(shared) + x_log_x(a - shared) + x_log_x(b - shared) + x_log_x(all - a - b + shared) + x_log_x(all) -
                 x_log_x(a) - x_log_x(all - a) - x_log_x(b) - x_log_x(all - b));
        if (shared * all <= a * b) s = 0;
      }
      if (std::isfinite(s)) out[i][j] = s * shared / (shared + o.shrinkage);
    }
  return out;
}

// Neighbours are the best, their weights the similarities, and nothing better is left out.
void check_rows(const core::sparse_rows& got, const dense& expected, std::size_t k, bool normalized) {
  REQUIRE(got.rows == expected.size());
  const core::sparse_view view = got;
  CHECK_NOTHROW(core::check_sparse("neighbours", view));
  for (std::size_t i = 0; i < got.rows; ++i) {
    std::vector<double> best;
    for (const double s : expected[i])
      if (s > 1e-7) best.push_back(s);
    std::sort(best.begin(), best.end(), std::greater<>());
    best.resize(std::min(best.size(), k));
    double sum = 0;
    for (const double s : best) sum += s;
    std::vector<double> found;
    for (std::size_t e = 0; e < view.length(i); ++e) {
      const double weight = view.values(i)[e] * (normalized ? sum : 1.0);
      CHECK(weight == doctest::Approx(expected[i][view.indices(i)[e]]).epsilon(1e-5));
      if (weight > 1e-7) found.push_back(weight);
    }
    std::sort(found.begin(), found.end(), std::greater<>());
    REQUIRE(found.size() == best.size());
    for (std::size_t e = 0; e < best.size(); ++e) CHECK(found[e] == doctest::Approx(best[e]).epsilon(1e-5));
  }
}

}  // namespace

TEST_CASE("neighbours are those of every pair, by every similarity") {
  for (const bool weighted : {false, true}) {
    const auto by_user = drawn(90, 60, 5, weighted);
    const auto by_item = core::transposed(by_user);
    for (const char* similarity : {"cosine", "adjusted_cosine", "pearson", "jaccard", "dot", "bm25", "tfidf",
                                   "conditional_probability", "lift", "log_likelihood"})
      for (const knn_options& options : {knn_options{.k = 7, .similarity = similarity},
                                         {.k = 1000, .similarity = similarity, .shrinkage = 3, .popularity_damping = 0.3},
                                         {.k = 12, .similarity = similarity, .min_support = 3, .normalize = true}}) {
        CAPTURE(similarity);
        check_rows(item_knn(by_user, options), similarities(dense_of(by_item), options), options.k, options.normalize);
        check_rows(user_knn(by_user, options), similarities(dense_of(by_user), options), options.k, options.normalize);
      }
  }
}

TEST_CASE("neighbours of the item that is scored stand in its column") {
  const auto by_user = drawn(90, 60, 5, true);
  for (const char* similarity : {"cosine", "conditional_probability"}) {
    const knn_options options{.k = 7, .similarity = similarity, .by_target = true, .popularity_damping = 0.3};
    auto expected = similarities(dense_of(core::transposed(by_user)), options);
    for (std::size_t i = 0; i < expected.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) std::swap(expected[i][j], expected[j][i]);
    check_rows(core::transposed(item_knn(by_user, options)), expected, 7, false);
  }
}

TEST_CASE("of equal similarities the first by number are taken") {
  core::sparse_rows same{5, 40, {0}, {}, {}};
  for (std::size_t u = 0; u < 5; ++u) {
    for (std::uint32_t i = 0; i < 40; ++i) same.index.push_back(i);
    same.offsets.push_back(same.index.size());
  }
  const auto found = item_knn(same, {.k = 3});
  CHECK(std::vector<std::uint32_t>(found.index.begin(), found.index.begin() + 3) == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(std::vector<std::uint32_t>(found.index.end() - 3, found.index.end()) == std::vector<std::uint32_t>{0, 1, 2});
  for (const float v : found.value) CHECK(v == doctest::Approx(1));
}

TEST_CASE("the same bits for any number of threads") {
  const auto by_user = drawn(900, 400, 11, true);
  for (const char* similarity : {"cosine", "jaccard", "bm25"}) {
    const auto one = item_knn(by_user, {.k = 20, .similarity = similarity}, {.threads = 1});
    const auto four = item_knn(by_user, {.k = 20, .similarity = similarity}, {.threads = 4});
    CHECK(one.offsets == four.offsets);
    CHECK(one.index == four.index);
    CHECK(one.value == four.value);
  }
}

TEST_CASE("other users find their neighbours among those of the fit") {
  for (const bool weighted : {false, true}) {
    const auto by_user = drawn(90, 60, 5, weighted);
    const core::sparse_view all = by_user;
    for (const char* similarity : {"cosine", "tfidf", "bm25", "jaccard", "log_likelihood", "conditional_probability"}) {
      const knn_options options{.k = 1000, .similarity = similarity};
      const auto within = user_knn(by_user, options);
      // Users of the fit as strangers: the same, and themselves.
      const core::sparse_view some{20, all.columns, all.offsets + 30, all.index, all.value};
      const auto strangers = recommend::fold_in_user_knn(by_user, some, options);
      CHECK(strangers.rows == 20);
      CHECK(strangers.columns == 90);
      for (std::size_t r = 0; r < 20; ++r) {
        const auto row_of = [](const core::sparse_view& of, std::size_t row) {
          std::map<std::uint32_t, float> out;
          for (std::size_t e = 0; e < of.length(row); ++e) out[of.indices(row)[e]] = of.values(row)[e];
          return out;
        };
        auto got = row_of(strangers, r);
        if (all.length(30 + r) > 0) CHECK(got.count(static_cast<std::uint32_t>(30 + r)) == 1);
        got.erase(static_cast<std::uint32_t>(30 + r));
        CHECK(got == row_of(within, 30 + r));
      }
    }
  }
  CHECK_THROWS_AS(recommend::fold_in_user_knn(drawn(5, 6, 1, false), drawn(5, 7, 1, false)), std::invalid_argument);
}

TEST_CASE("nothing, one interaction and what is not allowed") {
  for (const char* similarity : {"cosine", "pearson", "bm25", "tfidf", "log_likelihood", "lift"}) {
    const knn_options options{.similarity = similarity};
    CHECK(item_knn(core::sparse_rows{}, options).offsets == std::vector<std::uint64_t>{0});
    const core::sparse_rows none{3, 4, {0, 0, 0, 0}, {}, {}};
    CHECK(item_knn(none, options).offsets == std::vector<std::uint64_t>(5));
    CHECK(user_knn(none, options).offsets == std::vector<std::uint64_t>(4));
    CHECK(item_knn(core::sparse_rows{1, 1, {0, 1}, {0}, {}}, options).index.empty());
    CHECK(item_knn(core::sparse_rows{1, 3, {0, 3}, {0, 1, 2}, {1.0f, 2.0f, 2.0f}}, {.k = 4294967295u}).index.size() == 6);
  }
  const core::sparse_rows one{1, 2, {0, 2}, {0, 1}, {}};
  CHECK_THROWS_WITH_AS(item_knn(one, {.similarity = "magic"}), doctest::Contains("similarity: \"magic\""), std::invalid_argument);
  CHECK_THROWS_AS(item_knn(one, {.k = 0}), std::invalid_argument);
  CHECK_THROWS_AS(item_knn(one, {.shrinkage = -1}), std::invalid_argument);
  CHECK_THROWS_AS(item_knn(one, {.min_support = 0}), std::invalid_argument);
  CHECK_THROWS_AS(item_knn(core::sparse_rows{1, 1, {0, 1}, {1}, {}}), std::invalid_argument);
  for (const float bad : {-1.0f, 0.0f, std::nanf(""), std::numeric_limits<float>::infinity()})
    CHECK_THROWS_AS(item_knn(core::sparse_rows{1, 2, {0, 2}, {0, 1}, {1.0f, bad}}), std::invalid_argument);
  CHECK_THROWS_AS(item_knn(core::sparse_rows{1, 2, {0, 2}, {0, 1}, {3e38f, 3e38f}}, {.similarity = "dot"}), error);
  CHECK(item_knn(core::sparse_rows{1, 2, {0, 2}, {0, 1}, {3e38f, 3e38f}}).value == std::vector<float>{1, 1});

  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(item_knn(drawn(100, 50, 1, false), {}, {.cancel = stop.get_token()}), cancelled);
}
