#pragma once

// How good lists of recommendations are: for the users they are for, for the catalogue, and for groups of users.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"
#include "clarion/recommend/top_k.hpp"

namespace clarion::recommend {

/// Lists that live elsewhere, laid out as those of top_k_result.
struct list_view {
  std::size_t rows = 0;
  std::uint32_t k = 0;
  const std::uint32_t* items = nullptr;    ///< rows x k, best first
  const std::uint32_t* lengths = nullptr;  ///< by row

  list_view() = default;
  list_view(std::size_t rows_, std::uint32_t k_, const std::uint32_t* items_, const std::uint32_t* lengths_)
      : rows(rows_), k(k_), items(items_), lengths(lengths_) {}
  list_view(const top_k_result& lists)  // NOLINT(google-explicit-constructor): a view of it
      : list_view(lists.rows, lists.k, lists.items.data(), lists.lengths.data()) {}
};

/// What some metrics need beside lists and relevant items. Empty members leave theirs out.
struct evaluate_inputs {
  std::size_t n_items = 0;                      ///< of the catalogue; 0: columns of `relevant`, which may be more
  const core::sparse_view* history = nullptr;   ///< rows x n_items, what each user had: serendipity, arp_ratio, miscalibration
  std::span<const std::uint32_t> popularity{};  ///< by item, its users in training: novelty, arp, serendipity, *_snips
  std::uint64_t n_users = 0;                    ///< that popularity counts among: novelty
  factor_view item_vectors{};                   ///< n_items x any number: diversity by their cosine
  const core::sparse_view* by_item = nullptr;   ///< n_items x users: diversity by cosine of these, where there are no vectors
  std::span<const std::uint32_t> group{};       ///< by item, its category, below 2^20: miscalibration
  /// Of each entry of `relevant`, how many items that its user may be shown come before it, as `ranks` counts them; not less than
  /// the user's candidates where the item may not be shown. `candidates`: by row, the items that may be shown. Both: auc.
  std::span<const std::uint32_t> ahead{};
  std::span<const std::uint32_t> candidates{};
  std::span<const std::uint32_t> segment{};  ///< by row, below 2^20; top_k_result::none: in no segment
};

struct evaluate_options {
  std::vector<std::uint32_t> k{10};
  std::vector<std::string> metrics{};
  std::string gains = "binary";
  double propensity_gamma = 1.5;

  static constexpr auto fields() {
    using o = evaluate_options;
    return std::tuple{
        core::option("k", &o::k, "lengths of list that are judged, from 1 to that of the lists"),
        core::option("metrics", &o::metrics, "which to compute; none: all that what is given allows"),
        core::option("gains", &o::gains, "of ndcg: binary, linear (the value of a relevant entry) or exponential (2^value - 1)"),
        core::option("propensity_gamma", &o::propensity_gamma,
                     "exponent of the power law of popularity, for metrics weighted by inverse propensity", {0, 10})};
  }
};

struct metric_info {
  std::string_view name;
  bool at_k = true;     ///< measured at each k
  bool by_user = true;  ///< has a value for each user
  bool higher = true;   ///< is better when higher
  std::string_view meaning;
};

/// Every metric, in the order of results.
CLARION_API std::span<const metric_info> metrics();

struct metric_result {
  std::string name;
  std::uint32_t k = 0;            ///< 0 for one that is not measured at a k
  double mean = 0;                ///< NaN where nobody has a value
  std::uint64_t users = 0;        ///< with a value
  std::vector<double> by_user{};  ///< by row, NaN without a value; empty for coverage and gini
  std::vector<double> by_segment{};
  std::vector<std::uint64_t> segment_users{};
};

struct evaluation {
  std::size_t rows = 0;
  std::uint64_t users = 0;             ///< with relevant items: the others are left out
  std::uint64_t without_relevant = 0;  ///< left out
  std::uint64_t without_list = 0;      ///< have relevant items and an empty list
  std::vector<metric_result> metrics;
};

/// Judges ranked lists by the items that are relevant to each row. docs/recommend/evaluate.md defines each metric; accuracy of a
/// row with an empty list is 0. A relevant item beyond n_items cannot be recommended and counts as missed. The same bits for any
/// number of threads. Memory: rows x metrics x k beside what is given. O(rows k log) for most; serendipity O(rows x history),
/// diversity O(rows k x vector).
///
/// Throws std::invalid_argument for a k beyond the lists' or 0, an unknown metric or one whose inputs are not given, a list with
/// an item twice or beyond n_items, gains that are negative or not finite, and shapes that do not fit; clarion::cancelled.
CLARION_API evaluation evaluate(const list_view& lists, const core::sparse_view& relevant, const evaluate_options& options = {},
                                const evaluate_inputs& inputs = {}, const run_options& run = {});

}  // namespace clarion::recommend
