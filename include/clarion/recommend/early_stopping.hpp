#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/core/sparse.hpp"
#include "clarion/recommend/scorer.hpp"

namespace clarion::recommend {

struct early_stopping_options {
  std::uint32_t k = 20;
  std::uint32_t patience = 2;

  static constexpr auto fields() {
    using self = early_stopping_options;
    return std::tuple{core::option("k", &self::k, "items a list, of which the NDCG is taken", {1, 65536}),
                      core::option("patience", &self::patience, "rounds without a better list before the fit ends", {1, 1e6})};
  }
};

/// Ends a fit of vectors where more rounds no longer help what was held out: after each round the NDCG at k of the lists of users
/// with held-out items, their training items left out of the lists. The vectors of the best round are kept.
class CLARION_API early_stopping {
public:
  /// Both users x items; copied. Throws std::invalid_argument where shapes differ, or nothing is held out.
  early_stopping(const core::sparse_view& train, const core::sparse_view& validation, const early_stopping_options& options = {});

  /// Takes the vectors of a round; false: the fit may end. O(users with held-out items x items x factors).
  bool goes_on(const factor_view& users, const factor_view& items, const run_options& run = {});

  const std::vector<double>& ndcg() const { return ndcg_; }  ///< after each round
  std::size_t best_round() const { return best_; }           ///< from 0
  const std::vector<float>& user_factors() const { return users_; }
  const std::vector<float>& item_factors() const { return items_; }

private:
  early_stopping_options options_;
  std::vector<std::uint32_t> rows_;  // users with held-out items
  core::sparse_rows seen_, held_out_;
  std::vector<double> ndcg_;
  std::size_t best_ = 0;
  std::vector<float> users_, items_;
};

}  // namespace clarion::recommend
