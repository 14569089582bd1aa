#pragma once

// What sets each segment apart from the other customers.

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/core/options.hpp"
#include "clarion/core/parallel.hpp"
#include "clarion/segment/customer_fields.hpp"

namespace clarion::segment {

struct profile_options {
  std::uint64_t top = 5;          ///< differences of a segment that are told
  std::uint64_t max_levels = 50;  ///< of a text; the rarer ones are left out
  double least_difference = 0.2;  ///< below which a difference is in no name (Cohen calls 0.2 small)

  static constexpr auto fields() {
    using o = profile_options;
    return std::tuple{
        core::option("top", &o::top, "differences of a segment that are told", {1, 1e6}),
        core::option("max_levels", &o::max_levels, "levels of a text that are compared, the most frequent ones", {1, 1000}),
        core::option("least_difference", &o::least_difference, "below which a difference is in no name", {0, 1e6})};
  }
};

/// One field of one segment against everybody else, or one level of a text or a boolean.
struct profile_difference {
  std::int32_t segment = 0;
  std::string field{};
  std::string level{};  ///< of texts and booleans
  double inside = 0;    ///< mean (of dates: of days since 1970-01-01), or share of the level, where the field is not missing
  double outside = 0;
  double difference = 0;  ///< standardized: inside less outside over the root mean square of the two standard deviations
  double missing = 0;     ///< share inside without a value
};

struct profile_result {
  std::vector<std::uint64_t> customers;         ///< by segment
  std::vector<profile_difference> differences;  ///< by segment, the `top` largest in size first
  std::vector<std::string> name;  ///< suggested, by segment: "high monetary, recently seen"; "average" where nothing differs
};

/// `segment` holds the number of each customer's segment from 0, or a negative one: they are among the others. There
/// are `n_segments` of them; 0: one more than the largest number. A standardized
/// difference of a field that does not vary on either side is 0 where the means are equal, else infinite with the sign of the
/// difference; one side without values gives none. Means are summed by blocks: the same result for any number of threads. O(rows
/// x fields).
///
/// Source: Austin, "An introduction to propensity score methods" (2011), on standardized differences of means and shares.
///
/// Throws std::invalid_argument for segments of another number than customers, for 1,000 segments or more, and for a number
/// beyond n_segments.
CLARION_API profile_result profile(const customer_fields& customers, std::span<const std::int32_t> segment,
                                   const profile_options& options = {}, std::size_t n_segments = 0, const run_options& run = {});

/// Customers by segment (rows; those of none last) and by level of a text field, such as region or branch (columns, the most
/// frequent first).
struct level_counts {
  std::vector<std::string> levels;  ///< "missing" is the last where there are such customers
  std::vector<std::vector<std::uint64_t>> customers;
};
/// Throws std::invalid_argument for a field that is not there or no text.
CLARION_API level_counts count_levels(const customer_fields& customers, std::span<const std::int32_t> segment,
                                      const std::string& field, std::size_t n_segments = 0);

}  // namespace clarion::segment
