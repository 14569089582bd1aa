#pragma once

#include <cstddef>

#include "clarion/core/kernels.hpp"

namespace clarion::kernels {

/// A matrix packed for products holds 16 of its rows a panel, depth after depth: entry (i, k) is at
/// [i / 16 * panel + k * 16 + i % 16]. One packed matrix serves on either side of a product.
constexpr std::size_t panel_rows = 16;

/// What becomes of the product.
enum class product_into : unsigned char { assign, add, subtract };

/// c = a b', c += a b' or c -= a b' for packed a and b: entry (i, j) of c is at [i * c_row + j / 16 * c_panel + j % 16], so that
/// c_panel = 16 is a plain matrix and c_row = 16 a packed one. Panels are whole; what they hold behind the last row or column
/// does not matter, nor does alignment. `lower`: entries above the diagonal are scratch, some are not computed. Sums run over
/// depth in order.
using panel_product = void (*)(const float* a, std::size_t a_panel, const float* b, std::size_t b_panel, std::size_t depth,
                               float* c, std::size_t c_row, std::size_t c_panel, std::size_t rows, std::size_t columns,
                               product_into into, bool lower);

/// The version for this CPU at the given level.
CLARION_API panel_product choose_panel_product(core::simd_level level);

}  // namespace clarion::kernels
