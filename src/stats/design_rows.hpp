#pragma once

// Rows of a design, block by block, as doubles that are shifted and scaled.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/stats/logistic.hpp"

namespace clarion::stats::detail {

inline std::string column_name(const design_view& x, std::size_t j) {
  return j < x.names.size() ? "column " + x.names[j] : "column " + std::to_string(j);
}

template <class T>
void load_rows(const T* data, const design_view& x, std::size_t first, std::size_t rows, const double* shift, const double* scale,
               double* out, std::size_t stride) {
  const T* from = data + static_cast<std::ptrdiff_t>(first) * x.row_stride;
  if (x.column_stride == 1) {
    for (std::size_t r = 0; r < rows; ++r) {
      const T* row = from + static_cast<std::ptrdiff_t>(r) * x.row_stride;
      double* to = out + r * stride;
      for (std::size_t j = 0; j < x.columns; ++j) to[j] = (static_cast<double>(row[j]) - shift[j]) * scale[j];
    }
    return;
  }
  // Eight columns at a time, so that what is written is a line of the cache.
  for (std::size_t j0 = 0; j0 < x.columns; j0 += 8) {
    const std::size_t some = std::min<std::size_t>(8, x.columns - j0);
    const T* columns = from + static_cast<std::ptrdiff_t>(j0) * x.column_stride;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < some; ++j)
        out[r * stride + j0 + j] =
            (static_cast<double>(
                 columns[static_cast<std::ptrdiff_t>(r) * x.row_stride + static_cast<std::ptrdiff_t>(j) * x.column_stride]) -
             shift[j0 + j]) *
            scale[j0 + j];
  }
}

/// out[r, j] = (x[first + r, j] - shift[j]) scale[j]; what lies behind the last column stays as it is.
inline void load_rows(const design_view& x, std::size_t first, std::size_t rows, const double* shift, const double* scale,
                      double* out, std::size_t stride) {
  if (x.doubles != nullptr)
    load_rows(x.doubles, x, first, rows, shift, scale, out, stride);
  else
    load_rows(x.floats, x, first, rows, shift, scale, out, stride);
}

/// Throws for the first entry of these rows that is NaN, infinite or beyond what can be squared.
inline void refuse_rows(const design_view& x, std::size_t first, std::size_t rows) {
  for (std::size_t r = first; r < first + rows; ++r)
    for (std::size_t j = 0; j < x.columns; ++j) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(r) * x.row_stride + static_cast<std::ptrdiff_t>(j) * x.column_stride;
      const double value = x.doubles != nullptr ? x.doubles[at] : static_cast<double>(x.floats[at]);
      if (std::abs(value) < 1e140) continue;
      const std::string what = std::isnan(value) ? "NaN" : std::isinf(value) ? "infinity (inf)" : std::to_string(value);
      reject(column_name(x, j), what + " in row " + std::to_string(r), "give finite numbers below 1e140");
    }
}

inline bool all_fit(const double* block, std::size_t stride, std::size_t rows, std::size_t columns) {
  bool fit = true;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < columns; ++j) fit &= std::abs(block[r * stride + j]) < 1e140;
  return fit;
}

}  // namespace clarion::stats::detail
