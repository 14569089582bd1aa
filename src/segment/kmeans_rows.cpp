#include "kmeans_rows.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"

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

}  // namespace

template <class T>
column_moments moments_of(const char* name, const points_view<T>& x, bool variance, const run_options& run) {
  const std::size_t n = x.rows, columns = x.columns, blocks = row_blocks(n);
  if (n == 0) reject(name, "no rows", "give at least one");
  if (columns == 0) reject(name, "no columns", "give at least one");
  if (n > std::numeric_limits<std::int32_t>::max()) reject(name, std::to_string(n) + " rows", "give at most 2147483647");
  // Squares of sums of two differences, summed over columns, have to fit.
  const auto most =
      static_cast<T>(std::sqrt(static_cast<double>(std::numeric_limits<T>::max()) / (64.0 * static_cast<double>(columns))));
  // Mean and squares of a block, then of all (Chan, Golub and LeVeque, 1979): rows come from memory once.
  std::vector<double> means(blocks * columns), squares(variance ? blocks * columns : 0);
  std::vector<std::size_t> bad(blocks, n);
  core::parallel_blocks(blocks, run, [&](std::size_t b) {
    const std::size_t first = b * row_block, end = std::min(n, first + row_block);
    double* mean = means.data() + b * columns;
    std::uint32_t wrong = 0;
    for (const T* v = x.row(first); v != x.row(end); ++v) wrong |= !(std::abs(*v) <= most);  // NaN is
    if (wrong != 0) bad[b] = first;
    add_rows(x.row(first), end - first, columns, mean, [](double v, std::size_t) { return v; });
    for (std::size_t j = 0; j < columns; ++j) mean[j] /= static_cast<double>(end - first);
    if (!variance) return;
    const std::size_t several = rows_at_once(columns);
    std::vector<double> repeated(several * columns);
    for (std::size_t i = 0; i < repeated.size(); ++i) repeated[i] = mean[i % columns];
    const double* from = repeated.data();
    add_rows(x.row(first), end - first, columns, squares.data() + b * columns, [from](double v, std::size_t at) {
      const double apart = v - from[at];
      return apart * apart;
    });
  });
  for (const std::size_t first : bad)
    for (std::size_t r = first; r < std::min(n, first + row_block); ++r)
      for (std::size_t j = 0; j < columns; ++j) {
        const auto v = static_cast<double>(x.row(r)[j]);
        if (std::abs(v) <= static_cast<double>(most)) continue;
        const std::string where = " in row " + std::to_string(r) + " of column " + std::to_string(j);
        if (std::isnan(v)) reject(name, "NaN" + where, "leave such rows out or fill them in");
        if (std::isinf(v)) reject(name, "inf" + where, "leave such rows out or fill them in");
        reject(name, std::to_string(v) + where, "its square is out of range: scale the column, or give float64");
      }

  const auto rows_of = [&](std::size_t b) { return static_cast<double>(std::min(n, (b + 1) * row_block) - b * row_block); };
  column_moments out;
  out.mean.resize(columns);
  for (std::size_t b = 0; b < blocks; ++b)
    for (std::size_t j = 0; j < columns; ++j) out.mean[j] += means[b * columns + j] * rows_of(b);
  for (double& m : out.mean) m /= static_cast<double>(n);
  if (!variance) return out;
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
  if (direct || columns < products_from) {
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
std::size_t center_index<T>::nearest(const T* points, const std::uint32_t* rows, std::size_t count, std::vector<T>& work,
                                     std::uint32_t* label, T* margin) const {
  work.resize(kernels::nearest_work(columns_));
  kernel_(points, rows, count, in_, work.data(), label, margin);
  std::size_t open = 0;
  std::vector<double> exact;
  for (std::size_t i = 0; i < count; ++i) {
    if (margin[i] > 0) continue;
    ++open;
    exact.resize(k_);
    distances(points + std::size_t{rows[i]} * columns_, exact.data());
    label[i] = static_cast<std::uint32_t>(std::min_element(exact.begin(), exact.end()) - exact.begin());
    margin[i] = 0;
  }
  return open;
}

template column_moments moments_of(const char*, const points_view<float>&, bool, const run_options&);
template column_moments moments_of(const char*, const points_view<double>&, bool, const run_options&);
template class center_index<float>;
template class center_index<double>;

}  // namespace clarion::segment
