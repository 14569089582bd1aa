#pragma once

// What declared audience tags say about shared customers where there is no membership table: an estimate, never a count.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clarion/core/export.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::conflict {

/// The audience column made comparable: lower case, blanks trimmed, each segment once. Campaign c names segments
/// codes[offsets[c] .. offsets[c + 1]), ascending.
struct declared_audiences {
  std::vector<std::string> segments;  ///< as first written
  std::vector<std::uint32_t> codes;
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint8_t> everyone;  ///< 1 where a campaign names "all", "all customers" or "everyone" (not a segment then)

  std::size_t size() const { return everyone.size(); }
  std::span<const std::uint32_t> operator[](std::size_t c) const {
    return std::span(codes).subspan(offsets[c], offsets[c + 1] - offsets[c]);
  }
  /// False when campaign c says nothing about its audience.
  bool known(std::size_t c) const { return everyone[c] != 0 || offsets[c + 1] > offsets[c]; }
};

struct overlap_estimate {
  double jaccard = 0;  ///< shared segments / segments of either
  double share_a = 0;  ///< shared segments / segments of a
  double share_b = 0;  ///< shared segments / segments of b
};

CLARION_API declared_audiences declare_audiences(const schema::portfolio& portfolio);

/// Takes segments for disjoint groups of equal size: the overlap of two audiences is then that of their lists of segments. It
/// errs high where a segment is small beside the others of its list, and low where segments of different names hold the same
/// people. An audience of everyone holds every segment of the portfolio. All numbers are 0 when either audience is not
/// known. O(segments of both).
CLARION_API overlap_estimate declared_overlap(const declared_audiences& declared, std::size_t a, std::size_t b);

}  // namespace clarion::conflict
