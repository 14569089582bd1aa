#pragma once

#include "schema/record_block.hpp"

namespace clarion::schema::detail {

/// Amounts, signs, currencies and kinds of transactions settled, and every rule that a row breaks by itself, as issues that
/// ascend by row.
void check_block(record_block& rows, const record_layout& layout);

}  // namespace clarion::schema::detail
