#include "segment/cluster_distances.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "clarion/core/detail/scratch_pool.hpp"

namespace clarion::segment {

namespace {

constexpr double far = std::numeric_limits<double>::infinity();
constexpr auto nobody = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t rows_together = 16;

struct folding_row {
  double* row;
  const double* other;
  double* to;
  const double* next;
};

std::vector<double> columns_of(const distinct_points& points) {
  std::vector<double> out(points.n * points.columns);
  for (std::size_t i = 0; i < points.n; ++i)
    for (std::size_t k = 0; k < points.columns; ++k) out[k * points.n + i] = points.values[i * points.columns + k];
  return out;
}

}  // namespace

nearest_of_points nearest_points(const distinct_points& points, const run_options& run) {
  const std::size_t n = points.n, d = points.columns;
  nearest_of_points out{std::vector<std::uint32_t>(n), std::vector<double>(n, far)};
  const auto columns = columns_of(points);
  const auto search = kernels::choose_nearest_points(core::permitted_simd());
  constexpr std::size_t some = kernels::nearest_queries;
  core::parallel_blocks((n + rows_together - 1) / rows_together, run, [&](std::size_t block) {
    const std::size_t begin = block * rows_together, end = std::min(n, begin + rows_together);
    for (std::size_t first = begin; first < end; first += some) {
      const std::size_t count = std::min(some, end - first);
      std::vector<double> queries(some * d), best(some, far);
      std::vector<std::uint32_t> at(some);
      std::copy_n(points.values.data() + first * d, count * d, queries.data());
      search(columns.data(), n, first, d, queries.data(), 0, best.data(), at.data());
      // Among themselves.
      for (std::size_t q = 0; q < count; ++q)
        for (std::size_t i = first; i < first + count; ++i) {
          double sum = 0;
          for (std::size_t k = 0; k < d; ++k) {
            const double apart = queries[q * d + k] - columns[k * n + i];
            sum += apart * apart;
          }
          if (i != first + q && sum < best[q]) {
            best[q] = sum;
            at[q] = static_cast<std::uint32_t>(i);
          }
        }
      const std::size_t next = first + count;
      search(columns.data() + next, n, n - next, d, queries.data(), static_cast<std::uint32_t>(next), best.data(), at.data());
      std::copy_n(best.begin(), count, out.square.begin() + static_cast<std::ptrdiff_t>(first));
      std::copy_n(at.begin(), count, out.at.begin() + static_cast<std::ptrdiff_t>(first));
    }
  });
  return out;
}

std::vector<join_of_places> mutual(const std::vector<std::uint32_t>& nearest) {
  std::vector<join_of_places> out;
  for (std::uint32_t i = 0; i < nearest.size(); ++i)
    if (nearest[i] > i && nearest[nearest[i]] == i) out.push_back({i, nearest[i], 0});
  return out;
}

struct cluster_distances::plan {
  std::size_t width = 0;                      // before
  std::vector<std::uint32_t> from, taken_in;  // by new place: the place before, and of whom it takes in, or nobody
  std::vector<std::uint8_t> keep;             // a bit for each place before
  std::vector<join_of_places> joins;          // by place before
};

cluster_distances::plan cluster_distances::plan_of(const std::vector<join_of_places>& joins) {
  plan out{width_, {}, {}, std::vector<std::uint8_t>((width_ + 7) / 8), joins};
  std::vector<std::uint32_t> other(width_, nobody);
  for (const auto& [kept, gone, height] : joins) {
    other[kept] = gone;
    height_[kept] = height;
    size_[kept] += size_[gone];
    size_[gone] = 0;
  }
  for (std::uint32_t i = 0; i < width_; ++i) {
    if (size_[i] == 0) continue;
    const std::size_t to = out.from.size();
    size_[to] = size_[i];
    weight_[to] = 1 / size_[to];
    height_[to] = height_[i];
    name_[to] = name_[i];
    out.keep[i / 8] = static_cast<std::uint8_t>(out.keep[i / 8] | 1u << i % 8);
    out.from.push_back(i);
    out.taken_in.push_back(other[i]);
  }
  width_ = alive_ = out.from.size();
  size_.resize(width_);
  weight_.resize(width_);
  height_.resize(width_);
  name_.resize(width_);
  return out;
}

// Rows of points, measured a few at a time for a few columns at a time, while those are at hand.
class cluster_distances::measured_rows {
public:
  struct scratch {
    std::vector<double> crossed, rows;
  };

  measured_rows(const distinct_points& points, const plan& of, bool sums, double* to)
      : points_(points), of_(of), columns_(columns_of(points)), to_(to) {
    weighted_ = sums && std::any_of(points.size.begin(), points.size.end(), [](std::uint32_t size) { return size != 1; });
  }

  folding_row operator()(std::size_t i, scratch& at) const {
    const std::size_t n = points_.n, width = of_.from.size(), place = i % some;
    if (place == 0) measure(i, std::min(some, width - i), at.rows);
    double* row = at.rows.data() + 2 * place * n;
    return {row, of_.taken_in[i] == nobody ? nullptr : row + n, to_ + i * width, nullptr};
  }

private:
  static constexpr std::size_t some = 4, columns_together = 512;
  static_assert(rows_together % some == 0);

  void measure(std::size_t first, std::size_t count, std::vector<double>& rows) const {
    const std::size_t n = points_.n;
    rows.resize(2 * some * n);
    for (std::size_t begin = 0; begin < n; begin += columns_together)
      for (std::size_t i = 0; i < count; ++i) {
        measure(of_.from[first + i], begin, rows.data() + 2 * i * n);
        if (of_.taken_in[first + i] != nobody) measure(of_.taken_in[first + i], begin, rows.data() + (2 * i + 1) * n);
      }
  }

  void measure(std::uint32_t point, std::size_t begin, double* row) const {
    const std::size_t n = points_.n, d = points_.columns, end = std::min(n, begin + columns_together);
    distances_(columns_.data() + begin, n, end - begin, d, points_.values.data() + point * d, row + begin);
    if (!weighted_) return;
    const double size = points_.size[point];
    for (std::size_t i = begin; i < end; ++i) row[i] *= size * points_.size[i];
  }

  const distinct_points& points_;
  const plan& of_;
  std::vector<double> columns_;
  double* to_;
  bool weighted_;
  kernels::point_distances distances_ = kernels::choose_point_distances(core::permitted_simd());
};

// Rows of the matrix, which stay where the first of two was.
class cluster_distances::rows_in_place {
public:
  struct scratch {
    std::vector<double> crossed;
  };

  rows_in_place(const std::vector<double*>& rows, const plan& of) : rows_(rows), of_(of) {}

  folding_row operator()(std::size_t i, scratch&) const {
    double* row = rows_[of_.from[i]];
    return {row, of_.taken_in[i] == nobody ? nullptr : rows_[of_.taken_in[i]], row,
            i + 1 < of_.from.size() ? rows_[of_.from[i + 1]] : nullptr};
  }

private:
  const std::vector<double*>& rows_;
  const plan& of_;
};

// A row takes in another, or none, and columns take in columns. Where both happen the four distances are added crosswise: the
// same from either side.
template <class Join>
void cluster_distances::fold_row(const plan& of, double* row, const double* other, double* crossed, Join&& join) const {
  const std::size_t n = of.joins.size();
  const join_of_places* pairs = of.joins.data();
  if (!other) {
    for (std::size_t i = 0; i < n; ++i) row[pairs[i].kept] = join(row[pairs[i].kept], row[pairs[i].gone]);
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t kept = pairs[i].kept, gone = pairs[i].gone;
    crossed[i] = join(join(row[kept], other[gone]), join(row[gone], other[kept]));
  }
  join_rows_(row, other, of.width);
  for (std::size_t i = 0; i < n; ++i) row[pairs[i].kept] = crossed[i];
}

// rows(place, scratch) gives a row, whom it takes in, where it goes, and the row after it.
template <class Rows>
void cluster_distances::fold(const plan& of, const Rows& rows, const run_options& run) {
  nearest_.resize(width_);
  core::detail::scratch_pool<typename Rows::scratch> pool;
  core::parallel_blocks((width_ + rows_together - 1) / rows_together, run, [&](std::size_t block) {
    auto scratch = pool.take();
    scratch->crossed.resize(of.joins.size());
    for (std::size_t i = block * rows_together; i < std::min(width_, (block + 1) * rows_together); ++i) {
      const folding_row at = rows(i, *scratch);
      if (sums_)
        fold_row(of, at.row, at.other, scratch->crossed.data(), [](double a, double b) { return a + b; });
      else
        fold_row(of, at.row, at.other, scratch->crossed.data(), [](double a, double b) { return a < b ? b : a; });
      pack_row_(at.row, of.keep.data(), of.width, at.next, at.to, width_);
      at.to[i] = far;
      row_[i] = at.to;
      nearest_[i] = search(i);
    }
    pool.give(std::move(scratch));
  });
}

cluster_distances::cluster_distances(const distinct_points& points, const std::vector<join_of_places>& joins, chain_method method,
                                     const run_options& run)
    : sums_(method == chain_method::average),
      join_rows_(sums_ ? kernels::choose_add_rows(core::permitted_simd()) : kernels::choose_max_rows(core::permitted_simd())),
      pack_row_(kernels::choose_pack_row(core::permitted_simd())),
      least_(kernels::choose_first_least(core::permitted_simd())),
      least_weighted_(kernels::choose_first_least_weighted(core::permitted_simd())),
      width_(points.n),
      size_(points.size.begin(), points.size.end()),
      weight_(points.n),
      height_(points.n),
      name_(points.n) {
  std::iota(name_.begin(), name_.end(), 0u);
  const auto of = plan_of(joins);
  held_ = core::detail::raw_array<double>(width_ * width_);
  row_.resize(width_);
  fold(of, measured_rows(points, of, sums_, held_.data()), run);
}

void cluster_distances::join_and_pack(const std::vector<join_of_places>& joins, const run_options& run) {
  const auto before = row_;
  const auto of = plan_of(joins);
  fold(of, rows_in_place(before, of), run);
}

void cluster_distances::join(const join_of_places& pair) {
  const auto& [kept, gone, height] = pair;
  double* row = row_[kept];
  join_rows_(row, row_[gone], width_);
  size_[kept] += size_[gone];
  weight_[kept] = 1 / size_[kept];
  height_[kept] = height;
  size_[gone] = 0;
  --alive_;
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < width_; ++i) {
    if (const std::size_t next = i + ahead; next < width_ && size_[next] > 0) {
      __builtin_prefetch(row_[next] + kept, 1);
      __builtin_prefetch(row_[next] + gone, 1);
    }
    if (size_[i] == 0 || i == kept) continue;
    row_[i][kept] = row[i];
    row_[i][gone] = far;
  }
}

double cluster_distances::height(std::size_t i, std::size_t j) const {
  const double apart = sums_ ? row_[i][j] / (size_[i] * size_[j]) : row_[i][j];
  return std::max({apart, height_[i], height_[j]});  // rounding may bring it below those of the parts
}

bool cluster_distances::as_near(std::size_t i, std::size_t j, std::size_t as) const {
  return sums_ ? row_[i][j] * (weight_[i] * weight_[j]) <= row_[i][as] * (weight_[i] * weight_[as]) : row_[i][j] <= row_[i][as];
}

std::uint32_t cluster_distances::search(std::size_t place) const {
  return static_cast<std::uint32_t>(sums_ ? least_weighted_(row_[place], weight_.data(), weight_[place], width_)
                                          : least_(row_[place], width_));
}

}  // namespace clarion::segment
