#include "clarion/segment/tree_shap.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t block_rows = 32;

bool goes_left(const tree_node& node, const double* row) {
  const double value = row[node.feature];
  return std::isnan(value) ? node.missing_left : value <= node.threshold;
}

// A split on the way: shares of known and unknown subsets that follow it, and the summed weights of subsets by size.
struct step {
  std::size_t feature;
  double unknown, known, weight;
};

// The way from the root, `size` steps; the first stands for no feature.
class way {
public:
  way(step* steps, std::size_t size) : m_(steps), size_(size) {}

  void extend(double unknown, double known, std::size_t feature) {
    const auto l = static_cast<double>(size_ + 1);
    m_[size_] = {feature, unknown, known, size_ == 0 ? 1.0 : 0.0};
    for (std::size_t i = size_; i-- > 0;) {
      m_[i + 1].weight += known * m_[i].weight * static_cast<double>(i + 1) / l;
      m_[i].weight = unknown * m_[i].weight * static_cast<double>(size_ - i) / l;
    }
    ++size_;
  }

  // Undoes the extension by step k, which need not be the last.
  void unwind(std::size_t k) {
    const std::size_t last = size_ - 1;
    const double l = static_cast<double>(size_), unknown = m_[k].unknown, known = m_[k].known;
    double next = m_[last].weight;
    for (std::size_t j = last; j-- > 0;) {
      if (known != 0) {
        const double before = m_[j].weight;
        m_[j].weight = next * l / (static_cast<double>(j + 1) * known);
        next = before - m_[j].weight * unknown * static_cast<double>(last - j) / l;
      } else {
        m_[j].weight *= l / (unknown * static_cast<double>(last - j));
      }
    }
    for (std::size_t j = k; j < last; ++j) {
      m_[j].feature = m_[j + 1].feature;
      m_[j].unknown = m_[j + 1].unknown;
      m_[j].known = m_[j + 1].known;
    }
    --size_;
  }

  // The sum of the weights that would be left without step k.
  double without(std::size_t k) const {
    const std::size_t last = size_ - 1;
    const double l = static_cast<double>(size_), unknown = m_[k].unknown, known = m_[k].known;
    double next = m_[last].weight, sum = 0;
    for (std::size_t j = last; j-- > 0;) {
      if (known != 0) {
        const double part = next * l / (static_cast<double>(j + 1) * known);
        sum += part;
        next = m_[j].weight - part * unknown * static_cast<double>(last - j) / l;
      } else {
        sum += m_[j].weight * l / (unknown * static_cast<double>(last - j));
      }
    }
    return sum;
  }

  step* data() { return m_; }
  std::size_t size() const { return size_; }

private:
  step* m_;
  std::size_t size_;
};

class walker {
public:
  walker(const tree_ensemble& trees, std::size_t depth) : trees_(trees), steps_((depth + 2) * (depth + 3) / 2 + depth + 2) {}

  void add(std::uint32_t root, const double* row, double* out) {
    row_ = row;
    out_ = out;
    follow(trees_.nodes[root], way(steps_.data(), 0), 1, 1, 0);
  }

private:
  void follow(const tree_node& node, way here, double unknown, double known, std::size_t feature) {
    here.extend(unknown, known, feature);
    if (node.leaf()) {
      for (std::size_t i = 1; i < here.size(); ++i) {
        const step& s = here.data()[i];
        out_[s.feature] += here.without(i) * (s.known - s.unknown) * node.value;
      }
      return;
    }
    double by_unknown = 1, by_known = 1;
    for (std::size_t k = 1; k < here.size(); ++k)
      if (here.data()[k].feature == node.feature) {
        by_unknown = here.data()[k].unknown;
        by_known = here.data()[k].known;
        here.unwind(k);
        break;
      }
    const bool left = goes_left(node, row_);
    for (const bool own : {true, false}) {
      const tree_node& child = trees_.nodes[own == left ? node.left : node.right];
      const double share = by_unknown * child.cover / node.cover, follows = own ? by_known : 0;
      if (share == 0 && follows == 0) continue;  // no subset comes here
      step* copy = here.data() + here.size() + 1;
      std::copy_n(here.data(), here.size(), copy);
      follow(child, way(copy, here.size()), share, follows, node.feature);
    }
  }

  const tree_ensemble& trees_;
  std::vector<step> steps_;
  const double* row_ = nullptr;
  double* out_ = nullptr;
};

std::size_t rows_of(const tree_ensemble& trees, std::span<const double> x) {
  if (trees.columns == 0 || x.size() % trees.columns != 0)
    reject("x", std::to_string(x.size()) + " numbers", "give whole rows of " + std::to_string(trees.columns));
  return x.size() / trees.columns;
}

double mean_of(const tree_ensemble& trees, std::uint32_t root, std::size_t depth, std::size_t& deepest) {
  const tree_node& node = trees.nodes[root];
  deepest = std::max(deepest, depth);
  if (node.leaf()) return node.value;
  const tree_node &l = trees.nodes[node.left], &r = trees.nodes[node.right];
  return (l.cover * mean_of(trees, node.left, depth + 1, deepest) + r.cover * mean_of(trees, node.right, depth + 1, deepest)) /
         node.cover;
}

}  // namespace

void check_trees(const tree_ensemble& trees) {
  const auto bad = [](std::size_t node, const std::string& what) {
    reject("trees", "node " + std::to_string(node) + ": " + what, "give trees as they were fitted");
  };
  const auto& nodes = trees.nodes;
  std::vector<std::uint32_t> depth(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const tree_node& node = nodes[i];
    if (!std::isfinite(node.cover) || node.cover < 0) bad(i, "a cover that is no number of rows");
    if (node.leaf()) {
      if (!std::isfinite(node.value)) bad(i, "a value that is not finite");
      continue;
    }
    for (const std::uint32_t child : {node.left, node.right}) {
      if (child <= i || child >= nodes.size()) bad(i, "a child that is not behind it");
      if (depth[i] >= 1000) bad(i, "deeper than 1,000");
      depth[child] = std::max(depth[child], depth[i] + 1);
    }
    if (node.feature >= trees.columns) bad(i, "feature " + std::to_string(node.feature) + " of " + std::to_string(trees.columns));
    if (std::isnan(node.threshold)) bad(i, "a threshold that is NaN");
    const double parts = nodes[node.left].cover + nodes[node.right].cover;
    if (!(node.cover > 0) || std::abs(parts - node.cover) > 1e-6 * node.cover) bad(i, "a cover that is not that of its children");
  }
  for (const std::uint32_t root : trees.roots)
    if (root >= nodes.size()) reject("trees", "root " + std::to_string(root), "give trees as they were fitted");
  if (!std::isfinite(trees.base)) reject("trees", "a base that is not finite", "give trees as they were fitted");
}

std::vector<double> tree_scores(const tree_ensemble& trees, std::span<const double> x, const run_options& run) {
  check_trees(trees);
  const std::size_t rows = rows_of(trees, x);
  std::vector<double> out(rows, trees.base);
  core::parallel_blocks((rows + block_rows - 1) / block_rows, run, [&](std::size_t block) {
    for (std::size_t r = block * block_rows; r < std::min(rows, (block + 1) * block_rows); ++r)
      for (const std::uint32_t root : trees.roots) {
        const tree_node* node = &trees.nodes[root];
        while (!node->leaf()) node = &trees.nodes[goes_left(*node, x.data() + r * trees.columns) ? node->left : node->right];
        out[r] += node->value;
      }
  });
  return out;
}

tree_shap_result tree_shap(const tree_ensemble& trees, std::span<const double> x, const run_options& run) {
  check_trees(trees);
  const std::size_t rows = rows_of(trees, x);
  core::require_memory("what " + std::to_string(trees.columns) + " columns add to " + std::to_string(rows) + " scores",
                       8.0 * static_cast<double>(x.size()), "explain fewer rows at a time");
  tree_shap_result out;
  std::size_t depth = 0;
  out.expected = trees.base;
  for (const std::uint32_t root : trees.roots) out.expected += mean_of(trees, root, 0, depth);
  out.values.assign(x.size(), 0);
  core::parallel_blocks((rows + block_rows - 1) / block_rows, run, [&](std::size_t block) {
    walker walk(trees, depth);
    for (std::size_t r = block * block_rows; r < std::min(rows, (block + 1) * block_rows); ++r)
      for (const std::uint32_t root : trees.roots)
        walk.add(root, x.data() + r * trees.columns, out.values.data() + r * trees.columns);
  });
  return out;
}

}  // namespace clarion::segment
