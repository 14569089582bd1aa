#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/parallel.hpp"

namespace clarion::segment {

/// A split sends values up to `threshold` to the left, others to the right, and NaN where missing_left says.
struct tree_node {
  std::uint32_t left = 0, right = 0;  ///< places in tree_ensemble::nodes, behind this one; both 0: a leaf
  std::uint32_t feature = 0;
  double threshold = 0;
  bool missing_left = false;
  double value = 0;  ///< of a leaf
  double cover = 0;  ///< rows, or their weight, that came here in the fit

  bool leaf() const { return left == 0 && right == 0; }
};

/// Trees whose leaves are summed, boosted ones for example.
struct tree_ensemble {
  std::size_t columns = 0;
  double base = 0;
  std::vector<tree_node> nodes;      ///< tree after tree
  std::vector<std::uint32_t> roots;  ///< where each tree begins
};

/// Throws std::invalid_argument for a child that is not behind its parent or not there, a feature that is no column, a split
/// without cover, a number that is not finite.
CLARION_API void check_trees(const tree_ensemble& trees);

/// base + the sum of the leaves that each row falls into. `x` has rows x columns numbers, row by row; NaN is a value that is
/// missing.
CLARION_API std::vector<double> tree_scores(const tree_ensemble& trees, std::span<const double> x, const run_options& run = {});

struct tree_shap_result {
  double expected = 0;         ///< mean score of the rows of the fit, by cover
  std::vector<double> values;  ///< rows x columns: what each column adds to the row's score; with `expected` they sum to it
};

/// Shapley values of the columns in the game in which columns that are not known are averaged over along the paths of the trees,
/// by the cover of their branches: path-dependent TreeSHAP (Lundberg, Erion and Lee, "Consistent individualized feature
/// attribution for tree ensembles", 2018). Exact in that game. Columns that go together share what they say. O(rows x trees x
/// leaves x depth^2). The same bits for any number of threads. Throws std::invalid_argument as check_trees does and where x is
/// not whole rows, clarion::error where memory is short, clarion::cancelled.
CLARION_API tree_shap_result tree_shap(const tree_ensemble& trees, std::span<const double> x, const run_options& run = {});

}  // namespace clarion::segment
