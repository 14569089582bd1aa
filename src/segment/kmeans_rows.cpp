#include "kmeans_rows.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "kernels/center_sums.hpp"

namespace clarion::segment {

namespace {

// Differences cost two operations a column, products one, and some more a row.
constexpr std::size_t products_from = 16;

// Of rows that are short, so many are added up side by side that loops are long.
std::size_t rows_at_once(std::size_t columns) { return (63 + columns) / columns; }

/// sum[j] += the sum over rows of f(value, place), place counting on over rows_at_once rows.
template <class T, class F>
void add_rows(const T* x, std::size_t rows, std::size_t columns, double* sum, F&& f) {
  const std::size_t several = rows_at_once(columns), span = several * columns;
  std::vector<double> side(span);
  std::size_t r = 0;
  for (; r + several <= rows; r += several) {
    const T* at = x + r * columns;
    for (std::size_t i = 0; i < span; ++i) side[i] += f(static_cast<double>(at[i]), i);
  }
  for (std::size_t i = 0; i < span; ++i) sum[i % columns] += side[i];
  for (; r < rows; ++r)
    for (std::size_t j = 0; j < columns; ++j) sum[j] += f(static_cast<double>(x[r * columns + j]), j);
}

// The greatest number that is fit: squares of sums of two differences, summed over columns, have to fit.
template <class T>
T greatest_of(std::size_t columns) {
  return static_cast<T>(std::sqrt(static_cast<double>(std::numeric_limits<T>::max()) / (64.0 * static_cast<double>(columns))));
}

template <class T>
bool fit_for(const points_view<T>& x, std::size_t first, std::size_t end, T most) {
  std::uint32_t wrong = 0;
  for (const T* v = x.row(first); v != x.row(end); ++v) wrong |= !(std::abs(*v) <= most);  // NaN is
  return wrong == 0;
}

// Rows first to end hold what is not fit, if any do.
template <class T>
void reject_rows(const char* name, const points_view<T>& x, std::size_t first, std::size_t end) {
  const auto most = static_cast<double>(greatest_of<T>(x.columns));
  for (std::size_t r = first; r < end; ++r)
    for (std::size_t j = 0; j < x.columns; ++j) {
      const auto v = static_cast<double>(x.row(r)[j]);
      if (std::abs(v) <= most) continue;
      const std::string where = " in row " + std::to_string(r) + " of column " + std::to_string(j);
      if (std::isnan(v)) reject(name, "NaN" + where, "leave such rows out or fill them in");
      if (std::isinf(v)) reject(name, "inf" + where, "leave such rows out or fill them in");
      reject(name, std::to_string(v) + where, "its square is out of range: scale the column, or give float64");
    }
}

// Calls each(block, first, end) after a look at the numbers; throws for the first that is not fit.
template <class T, class F>
void checked_blocks(const char* name, const points_view<T>& x, const run_options& run, F&& each) {
  if (x.rows == 0) reject(name, "no rows", "give at least one");
  if (x.columns == 0) reject(name, "no columns", "give at least one");
  if (x.rows > std::numeric_limits<std::int32_t>::max())
    reject(name, std::to_string(x.rows) + " rows", "give at most 2147483647");
  const auto most = greatest_of<T>(x.columns);
  std::vector<std::uint8_t> bad(row_blocks(x.rows));
  core::parallel_blocks(bad.size(), run, [&](std::size_t b) {
    const std::size_t first = b * row_block, end = std::min(x.rows, first + row_block);
    bad[b] = !fit_for(x, first, end, most);
    each(b, first, end);
  });
  for (std::size_t b = 0; b < bad.size(); ++b)
    if (bad[b]) reject_rows(name, x, b * row_block, std::min(x.rows, (b + 1) * row_block));
}

}  // namespace

bool by_products(std::size_t columns) { return columns >= products_from; }

template <class T>
void check_rows(const char* name, const points_view<T>& x, const run_options& run) {
  checked_blocks(name, x, run, [](std::size_t, std::size_t, std::size_t) {});
}

template <class T>
column_moments moments_of(const char* name, const points_view<T>& x, const run_options& run) {
  const std::size_t n = x.rows, columns = x.columns, blocks = row_blocks(n);
  // Mean and squares of a block, then of all (Chan, Golub and LeVeque, 1979): rows come from memory once.
  std::vector<double> means(blocks * columns), squares(blocks * columns);
  checked_blocks(name, x, run, [&](std::size_t b, std::size_t first, std::size_t end) {
    double* mean = means.data() + b * columns;
    add_rows(x.row(first), end - first, columns, mean, [](double v, std::size_t) { return v; });
    for (std::size_t j = 0; j < columns; ++j) mean[j] /= static_cast<double>(end - first);
    const std::size_t several = rows_at_once(columns);
    std::vector<double> repeated(several * columns);
    for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = mean[i % columns];
    const double* from = repeated.data();
    add_rows(x.row(first), end - first, columns, squares.data() + b * columns, [from](double v, std::size_t at) {
      const double apart = v - from[at];
      return apart * apart;
    });
  });
  const auto rows_of = [&](std::size_t b) { return static_cast<double>(std::min(n, (b + 1) * row_block) - b * row_block); };
  column_moments out;
  out.mean.resize(columns);
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t j = 0; j < columns; ++j) out.mean[j] += means[b * columns + j] * rows_of(b);
  for (double& m : out.mean) m /= static_cast<double>(n);
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t j = 0; j < columns; ++j) {
      const double apart = means[b * columns + j] - out.mean[j];
      out.variance += squares[b * columns + j] + rows_of(b) * apart * apart;
    }
  out.variance /= static_cast<double>(n) * static_cast<double>(columns);
  return out;
}

void check_clusters(std::uint32_t n_clusters, std::size_t rows) {
  if (n_clusters > rows)
    reject("n_clusters", std::to_string(n_clusters) + " with n_samples=" + std::to_string(rows),
           "give no more clusters than there are rows");
}

std::uint32_t clusters_in(const std::vector<std::int32_t>& labels, std::size_t k) {
  std::vector<std::uint8_t> found(k);
  for (const std::int32_t label : labels) found[static_cast<std::size_t>(label)] = 1;
  return static_cast<std::uint32_t>(std::count(found.begin(), found.end(), 1));
}

double total_weight(const double* weight, std::size_t rows) {
  if (weight == nullptr) return static_cast<double>(rows);
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    if (!(weight[r] >= 0 && weight[r] <= std::numeric_limits<double>::max()))
      reject("weight", std::to_string(weight[r]) + " in row " + std::to_string(r), "give numbers that are at least 0");
    sum += weight[r];
  }
  if (!(sum > 0)) reject("weight", "zero in all rows", "give some above 0");
  if (!(sum <= std::numeric_limits<double>::max())) reject("weight", "a sum that is not finite", "give smaller ones");
  return sum;
}

template <class T>
center_index<T>::center_index(const T* centers, std::size_t k, std::size_t columns, const std::vector<T>& shift, bool direct)
    : k_(k), columns_(columns), by_column_(k * columns) {
  for (std::size_t c = 0; c < k; ++c)
    for (std::size_t j = 0; j < columns; ++j) by_column_[j * k + c] = centers[c * columns + j];
  in_.k = k;
  in_.depth = columns;
  kernel_ = kernels::choose_nearest_center(core::permitted_simd(), T{});
  if (direct || !by_products(columns)) {
    moved_.assign(centers, centers + k * columns);
    in_.center = moved_.data();
    return;
  }
  moved_.resize(k * columns);
  half_square_.resize(k);
  double reach = 0;
  for (std::size_t c = 0; c < k; ++c) {
    double square = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const T v = centers[c * columns + j] - shift[j];
      moved_[c * columns + j] = v;
      square += static_cast<double>(v) * static_cast<double>(v);
    }
    half_square_[c] = static_cast<T>(square / 2);
    reach = std::max(reach, square);
  }
  in_.center = moved_.data();
  in_.half_square = half_square_.data();
  in_.shift = shift.data();
  in_.reach = static_cast<T>(std::sqrt(reach) * (1 + 1e-6));
}

template <class T>
void center_index<T>::distances(const T* x, double* to) const {
  std::fill_n(to, k_, 0.0);
  for (std::size_t j = 0; j < columns_; ++j) {
    const double v = x[j];
    const double* at = by_column_.data() + j * k_;
    for (std::size_t c = 0; c < k_; ++c) {
      const double apart = v - at[c];
      to[c] += apart * apart;
    }
  }
}

template <class T>
std::size_t center_index<T>::nearest(const T* points, const std::uint32_t* rows, std::size_t count, std::size_t known,
                                     std::vector<T>& work, std::uint32_t* label, T* margin) const {
  work.resize(kernels::nearest_work(columns_));
  const std::size_t open = kernel_(points, rows, count, known, in_, work.data(), label, margin);
  if (open == 0) return 0;
  std::vector<double> exact(k_);
  for (std::size_t i = 0; i < count; ++i) {
    if (margin[i] > 0) continue;
    distances(points + std::size_t{rows[i]} * columns_, exact.data());
    label[i] = static_cast<std::uint32_t>(std::min_element(exact.begin(), exact.end()) - exact.begin());
    margin[i] = 0;
  }
  return open;
}

template <class T>
std::vector<std::int32_t> nearest_labels(const points_view<T>& x, const T* centers, std::size_t k, const run_options& run) {
  std::vector<T> shift(x.columns);
  for (std::size_t j = 0; j < x.columns; ++j) {
    double sum = 0;
    for (std::size_t c = 0; c < k; ++c) sum += static_cast<double>(centers[c * x.columns + j]);
    shift[j] = static_cast<T>(sum / static_cast<double>(k));
  }
  const center_index<T> index(centers, k, x.columns, shift, false);
  std::vector<std::int32_t> out(x.rows);
  core::parallel_blocks(row_blocks(x.rows), run, [&](std::size_t b) {
    const std::size_t first = b * row_block, size = std::min(x.rows - first, row_block);
    std::vector<std::uint32_t> rows(size), label(size);
    std::vector<T> work, margin(size);
    std::iota(rows.begin(), rows.end(), 0u);
    index.nearest(x.row(first), rows.data(), size, size, work, label.data(), margin.data());
    std::copy(label.begin(), label.end(), out.begin() + static_cast<std::ptrdiff_t>(first));
  });
  return out;
}

template <class T>
double inertia_of(const points_view<T>& x, const T* centers, const std::vector<std::int32_t>& labels, const double* weight,
                  const run_options& run) {
  const auto squares = kernels::choose_center_squares(core::permitted_simd(), T{});
  std::vector<double> part(row_blocks(x.rows));
  core::parallel_blocks(part.size(), run, [&](std::size_t b) {
    const std::size_t first = b * row_block, size = std::min(x.rows - first, row_block);
    part[b] =
        squares(x.row(first), size, x.columns, centers, labels.data() + first, weight == nullptr ? nullptr : weight + first);
  });
  double sum = 0;
  for (const double p : part) sum += p;
  return sum;
}

template void check_rows(const char*, const points_view<float>&, const run_options&);
template void check_rows(const char*, const points_view<double>&, const run_options&);
template column_moments moments_of(const char*, const points_view<float>&, const run_options&);
template column_moments moments_of(const char*, const points_view<double>&, const run_options&);
template std::vector<std::int32_t> nearest_labels(const points_view<float>&, const float*, std::size_t, const run_options&);
template std::vector<std::int32_t> nearest_labels(const points_view<double>&, const double*, std::size_t, const run_options&);
template double inertia_of(const points_view<float>&, const float*, const std::vector<std::int32_t>&, const double*,
                           const run_options&);
template double inertia_of(const points_view<double>&, const double*, const std::vector<std::int32_t>&, const double*,
                           const run_options&);
template class center_index<float>;
template class center_index<double>;

}  // namespace clarion::segment
