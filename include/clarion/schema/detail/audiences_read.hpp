#pragma once

// Rows of a membership table as they come out of a stream, cleaned and made compact.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clarion/schema/detail/audiences_place.hpp"
#include "clarion/schema/detail/audiences_rank.hpp"

namespace clarion::schema::detail {

/// Accepted rows of a piece of a batch, and the rows that were not.
struct row_segment {
  std::uint64_t first_row = 0;
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> integers;  ///< customers, when they are numbers
  std::vector<char> bytes;             ///< customers, when they are text
  std::vector<std::int64_t> offsets;
  std::uint64_t quarantined = 0;
  std::vector<quarantined_membership> report;  ///< the first ones
};

/// Segments one after the other. `final_code` turns the codes of the reader into those of the store.
class segment_source final : public membership_source {
public:
  segment_source(std::vector<row_segment> segments, std::vector<std::uint32_t> final_code, std::int64_t low);
  std::size_t rows() const override { return first_.back(); }
  void load(std::size_t begin, std::size_t n, std::uint32_t* codes, std::uint64_t* keys) const override;
  void release(std::size_t begin, std::size_t n) override;

private:
  std::vector<row_segment> segments_;
  std::vector<std::uint32_t> final_code_;
  std::uint64_t low_;
  bool text_ = false;
  std::vector<std::size_t> first_;  // first row of each segment, and the end
  std::vector<std::atomic<std::size_t>> left_;
};

}  // namespace clarion::schema::detail
