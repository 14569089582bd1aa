#pragma once

// Two portfolios in the codes of the model of outcomes.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clarion/schema/catalog.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/stats/random_effects.hpp"

namespace clarion::plan {

enum model_factor : std::uint32_t { by_channel, by_objective, by_category, by_month, by_category_season, model_factors };

/// The levels of a factor that each campaign is in, with its share in each: a campaign that ran in two months for two categories
/// is in four seasons. A level of stats::no_level: not told.
class parts {
public:
  struct part {
    std::uint32_t level = stats::no_level;
    double share = 1;
  };

  std::span<const part> operator[](std::size_t row) const {
    return std::span(list_).subspan(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  void add(std::uint32_t level, double share) { list_.push_back({level, share}); }
  void end_row() { offsets_.push_back(list_.size()); }

private:
  std::vector<std::size_t> offsets_{0};
  std::vector<part> list_;
};

struct coded {
  std::array<parts, model_factors> in;
  std::vector<std::uint32_t> channel;  ///< stats::no_level where a campaign does not say
  std::vector<double> money;           ///< history: spend, else budget; planned: budget; NaN where that is not positive
};

struct coding {
  coded planned, history;
  std::array<std::size_t, model_factors> levels{};
  std::vector<std::string> channels;
  std::string currency;  ///< of most planned campaigns, else of most finished ones; other currencies take no part
  std::vector<bool> planned_in_currency, history_in_currency;
};

/// Codes both portfolios alike. Channels are told apart ignoring case; beyond the 24 categories that are most frequent in history
/// a category is not told; a category's own season is told by two months at a time, January with February.
coding encode(const schema::portfolio& planned, const schema::portfolio& history, const schema::catalog* catalog);

}  // namespace clarion::plan
