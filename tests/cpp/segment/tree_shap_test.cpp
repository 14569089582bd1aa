#include "clarion/segment/tree_shap.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clarion/core/random.hpp"

using namespace clarion;
using doctest::Approx;
using segment::tree_ensemble;
using segment::tree_node;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// A random tree below `cover` rows; features come again along a path.
std::uint32_t grow(tree_ensemble& trees, core::random_stream& random, double cover, int depth) {
  const auto place = static_cast<std::uint32_t>(trees.nodes.size());
  trees.nodes.push_back({});
  tree_node node;
  node.cover = cover;
  if (depth == 0 || cover < 2 || random.chance(0.15)) {
    node.value = random.normal();
  } else {
    node.feature = static_cast<std::uint32_t>(random.below(trees.columns));
    node.threshold = random.normal();
    node.missing_left = random.chance(0.5);
    const double left = std::floor(cover * random.uniform());  // 0 at times: a branch that no row took
    node.left = grow(trees, random, left, depth - 1);
    node.right = grow(trees, random, cover - left, depth - 1);
  }
  trees.nodes[place] = node;
  return place;
}

tree_ensemble forest(std::size_t columns, int count, int depth, std::uint64_t seed) {
  core::random_stream random(seed);
  tree_ensemble out;
  out.columns = columns;
  out.base = 0.3;
  for (int t = 0; t < count; ++t) out.roots.push_back(grow(out, random, 100, depth));
  return out;
}

// The mean score where the features of `known` are the row's.
double mean_given(const tree_ensemble& trees, std::uint32_t at, const double* row, unsigned known) {
  const tree_node& node = trees.nodes[at];
  if (node.leaf()) return node.value;
  if (known >> node.feature & 1u) {
    const double value = row[node.feature];
    const bool left = std::isnan(value) ? node.missing_left : value <= node.threshold;
    return mean_given(trees, left ? node.left : node.right, row, known);
  }
  double sum = 0;
  for (const std::uint32_t child : {node.left, node.right})
    sum += trees.nodes[child].cover / node.cover * mean_given(trees, child, row, known);
  return sum;
}

}  // namespace

TEST_CASE("values are Shapley's, by all subsets of the columns") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const std::size_t columns = 5;
    const auto trees = forest(columns, 4, 7, seed);
    core::random_stream random(seed, 1);
    std::vector<double> row(columns);
    for (auto& v : row) v = random.chance(0.2) ? missing : random.normal();
    const auto found = segment::tree_shap(trees, row);
    const auto game = [&](unsigned known) {
      double sum = trees.base;
      for (const auto root : trees.roots) sum += mean_given(trees, root, row.data(), known);
      return sum;
    };
    CHECK(found.expected == Approx(game(0)));
    for (std::size_t j = 0; j < columns; ++j) {
      double value = 0;
      for (unsigned set = 0; set < 32; ++set) {
        if (set >> j & 1u) continue;
        const double size = __builtin_popcount(set);
        value += std::tgamma(size + 1) * std::tgamma(5 - size) / std::tgamma(6.0) * (game(set | 1u << j) - game(set));
      }
      CHECK(found.values[j] == Approx(value).epsilon(1e-9));
    }
  }
}

TEST_CASE("values and the expected score sum to the score, on any number of threads") {
  const auto trees = forest(20, 30, 12, 5);
  core::random_stream random(9);
  std::vector<double> x(20 * 200);
  for (auto& v : x) v = random.chance(0.1) ? missing : random.normal();
  const auto found = segment::tree_shap(trees, x, {.threads = 1});
  const auto scores = segment::tree_scores(trees, x);
  for (std::size_t i = 0; i < 200; ++i) {
    double sum = found.expected;
    for (std::size_t j = 0; j < 20; ++j) sum += found.values[i * 20 + j];
    CHECK(sum == Approx(scores[i]).epsilon(1e-9));
  }
  CHECK(segment::tree_shap(trees, x, {.threads = 4}).values == found.values);
}

TEST_CASE("no rows, a tree of one leaf, no tree") {
  tree_ensemble none{3, 2.5, {}, {}};
  CHECK(segment::tree_shap(none, {}).values.empty());
  const std::vector<double> row{1, 2, 3};
  CHECK(segment::tree_scores(none, row) == std::vector<double>{2.5});
  tree_ensemble leaf{3, 0, {tree_node{.value = 4, .cover = 10}}, {0}};
  const auto found = segment::tree_shap(leaf, row);
  CHECK(found.expected == 4);
  CHECK(found.values == std::vector<double>(3, 0.0));
}

TEST_CASE("trees that are none are refused") {
  const auto good = forest(4, 2, 4, 2);
  const std::vector<double> row(4, 0.0), part(3, 0.0);
  CHECK_THROWS_AS(segment::tree_shap(good, part), std::invalid_argument);
  const auto refused = [&](const auto& change) {
    auto bad = good;
    change(bad);
    CHECK_THROWS_AS(segment::tree_shap(bad, row), std::invalid_argument);
  };
  std::size_t split = 0;
  while (good.nodes[split].leaf()) ++split;
  refused([&](auto& t) { t.nodes[split].left = static_cast<std::uint32_t>(split); });  // a circle
  refused([&](auto& t) { t.nodes[split].right = 1u << 30; });
  refused([&](auto& t) { t.nodes[split].feature = 4; });
  refused([&](auto& t) { t.nodes[split].cover = 0; });
  refused([&](auto& t) { t.nodes[split].cover *= 2; });
  refused([&](auto& t) { t.nodes[split].threshold = missing; });
  refused([&](auto& t) { t.roots[0] = 1u << 30; });
  refused([&](auto& t) { t.base = missing; });
}
