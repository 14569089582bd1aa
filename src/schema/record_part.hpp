#pragma once

// Accepted rows put together from blocks.

#include <cstdint>
#include <span>
#include <vector>

#include "clarion/schema/records.hpp"
#include "schema/record_block.hpp"
#include "schema/text_keys.hpp"

namespace clarion::schema::detail {

class record_part {
public:
  record_part(const record_layout& layout, const std::vector<core::arrow_reader::field>& columns);
  /// These rows of a block, ascending.
  void append(const record_block& rows, std::span<const std::uint32_t> chosen);
  /// The records; the part is empty again.
  records take();

private:
  const record_layout& layout_;
  records out_;
  std::vector<text_keys> keys_;  // by field
  std::vector<bool> whole_;
  std::vector<std::uint32_t> fresh_, given_;  // codes of a block that come up for the first time, and what they are here
};

}  // namespace clarion::schema::detail
