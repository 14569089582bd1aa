#pragma once

// What history says about the months: by category, objective and channel.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clarion/core/columns.hpp"
#include "clarion/plan/roadmap.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/portfolio.hpp"
#include "clarion/stats/seasonality.hpp"

namespace clarion::plan {

inline constexpr std::uint32_t unseen = stats::seasonality::any;
inline constexpr std::size_t objectives = 9;

/// Categories by product entry of one portfolio, on codes of a shared dictionary.
class categories {
public:
  categories(const schema::catalog* catalog, core::dictionary& names) : names_(names) {
    if (catalog == nullptr) return;
    for (const auto& product : catalog->products)
      if (!product.name.empty()) by_product_.emplace(product.name, product.category);
    for (const auto& product : catalog->products) by_product_.insert_or_assign(product.id, product.category);
  }

  /// Distinct category codes of each row, ascending.
  std::vector<std::vector<std::uint32_t>> of(const schema::portfolio& portfolio);

private:
  core::dictionary& names_;
  std::unordered_map<std::string, std::string> by_product_;
};

/// Seasons of history, and what they rest on.
struct history_seasons {
  core::dictionary categories, channels;
  stats::seasonality fit;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> pairs;  ///< (category, objective) -> code
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> pair_weight;   ///< campaigns
  std::array<std::vector<double>, objectives> rates;                       ///< result per unit of money
  std::vector<double> category_weight;                                     ///< campaigns by category
  std::size_t finished = 0, used = 0, with_category = 0;
  bool fitted = false;
  mutable std::map<std::array<std::uint32_t, 4>, stats::seasonal_index> asked;

  /// Of a category, objective or channel (`unseen`: any), asked for once each. A category by itself has the mixture of
  /// objectives that history gave it.
  stats::seasonal_index of(std::uint32_t month, std::uint32_t category, std::uint32_t objective, std::uint32_t channel) const;
};

history_seasons read_seasons(const schema::portfolio& history, const schema::catalog* catalog, const roadmap_options& options);

/// A mean of indices over months, its interval as if they erred together.
struct season_of_months {
  double index = 1, low = 1, high = 1, campaigns = 0;
};

template <class Season>
bool is_strong(const Season& season, const roadmap_options& options) {
  return season.low > 1 && season.index >= options.strong_index;
}

template <class Cell>
season_of_months over(std::span<const std::int32_t> months, Cell&& cell) {
  double index = 0, low = 0, high = 0;
  season_of_months out;
  for (const auto m : months) {
    const stats::seasonal_index at = cell(static_cast<std::uint32_t>(m % 12));
    index += std::log(at.index);
    low += std::log(at.low);
    high += std::log(at.high);
    out.campaigns += at.weight;
  }
  const auto n = static_cast<double>(months.size());
  out.index = std::exp(index / n);
  out.low = std::exp(low / n);
  out.high = std::exp(high / n);
  return out;
}

}  // namespace clarion::plan
