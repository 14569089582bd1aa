#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/schema/catalog.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::plan {

/// The parts of a similarity, in the order of `similar::parts`.
inline constexpr std::array<std::string_view, 6> similarity_parts = {"channel",  "objective", "audience",
                                                                     "category", "season",    "budget"};

struct similarity_options {
  std::uint32_t neighbours = 5;
  double channel = 3;
  double objective = 3;
  double audience = 2;
  double category = 2;
  double season = 1;
  double budget = 1;

  static constexpr auto fields() {
    using o = similarity_options;
    return std::tuple{
        core::option("neighbours", &o::neighbours, "most similar finished campaigns to keep", {1, 1000}),
        core::option("channel", &o::channel, "weight of the same channel", {0, 1e6}),
        core::option("objective", &o::objective, "weight of the same objective", {0, 1e6}),
        core::option("audience", &o::audience, "weight of the Jaccard similarity of the audiences", {0, 1e6}),
        core::option("category", &o::category, "weight of the Jaccard similarity of the product categories", {0, 1e6}),
        core::option("season", &o::season, "weight of the nearness within the year", {0, 1e6}),
        core::option("budget", &o::budget, "weight of the ratio of the budgets", {0, 1e6})};
  }
};

/// One finished campaign and how it resembles the one asked about.
struct similar {
  std::uint32_t row = 0;          ///< in history
  double similarity = 0;          ///< in [0, 1]: weighted mean of the parts that both campaigns have
  std::array<double, 6> parts{};  ///< each in [0, 1], NaN where one of the two does not say
};

/// The most similar finished campaigns of each planned one, best first (ties: the earlier row). Row i has
/// rows[offsets[i] .. offsets[i + 1]).
struct neighbour_lists {
  std::vector<std::uint64_t> offsets{0};
  std::vector<similar> rows;

  std::size_t size() const { return offsets.size() - 1; }
  std::span<const similar> operator[](std::size_t i) const {
    return std::span(rows).subspan(offsets[i], offsets[i + 1] - offsets[i]);
  }
};

/// Gower's general coefficient of similarity (Biometrics 27, 1971): equality for channel and objective, Jaccard for audience and
/// category, 1 - d / 182.6 for the days d between the middles of both campaigns around the year, the smaller budget over the
/// larger (spend where a finished campaign has it); a part that one side lacks is left out of the mean.
/// Only finished rows of history are neighbours. A campaign that stands in history under its own id is not its own neighbour.
/// Without a catalogue the product entries themselves are the categories. O(planned x history) time in parallel.
/// Throws std::invalid_argument for options out of range or when every weight is 0.
CLARION_API neighbour_lists most_similar(const schema::portfolio& planned, const schema::portfolio& history,
                                         const schema::catalog* catalog = nullptr, const similarity_options& options = {},
                                         const run_options& run = {});

}  // namespace clarion::plan
