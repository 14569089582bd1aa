#include "kmeans_lloyd.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "clarion/core/detail/lines.hpp"
#include "clarion/core/detail/scratch_pool.hpp"
#include "kernels/center_sums.hpp"
#include "kernels/label_margins.hpp"
#include "kmeans_rows.hpp"

namespace clarion::segment {

namespace {

// Rows are cut into groups, each with sums of its own, by the size of the data alone.
struct grouping {
  std::size_t count, rows;
};

std::size_t sums_bytes(std::size_t columns, std::size_t k) { return k * (16 * kernels::sums_stride(columns) + 25); }

grouping groups_of(std::size_t rows, std::size_t columns, std::size_t k) {
  const std::size_t most = std::clamp<std::size_t>((std::size_t{64} << 20) / sums_bytes(columns, k), 16, 256);
  const std::size_t least = std::clamp<std::size_t>(128 / std::max<std::size_t>(columns, 1), 4, 16);
  const std::size_t each = std::max<std::size_t>(least, (row_blocks(rows) + most - 1) / most) * row_block;
  return {(rows + each - 1) / each, each};
}

// What the rows of a group need while they are labelled: a list of the open ones, and the rest for a part of the list.
template <class T>
struct list_scratch {
  explicit list_scratch(std::size_t rows)
      : row(rows + kernels::label_margins_beyond),
        word(rows + kernels::label_margins_beyond),
        label(row_block),
        changed(row_block + kernels::label_margins_beyond),
        margin(row_block),
        moved(row_block),
        to(row_block),
        from(row_block),
        weight(row_block) {}

  core::detail::raw_array<std::uint32_t> row;
  core::detail::raw_array<kernels::label_margin<T>> word;  // so far
  std::vector<std::uint32_t> label, changed;
  std::vector<T> margin, work;
  std::vector<std::uint32_t> moved, to, from;  // rows that change their cluster
  std::vector<double> weight;
};

// What rows add up to, cluster by cluster; what has been added since it was last emptied where it is of a group.
struct cluster_sums {
  std::vector<double> high, low, mass_high, mass_low;
  std::vector<std::int64_t> count;  // rows with a weight above 0
  std::vector<std::uint8_t> touched;

  cluster_sums(std::size_t k, std::size_t stride)
      : high(k * stride), low(k * stride), mass_high(k), mass_low(k), count(k), touched(k) {}
};

template <class T>
T rounded_up(double v) {
  const auto near = static_cast<T>(v);
  return static_cast<double>(near) < v ? std::nextafter(near, std::numeric_limits<T>::infinity()) : near;
}

template <class T>
class fit {
public:
  fit(const points_view<T>& x, const lloyd_options<T>& options, kmeans_result<T>& out)
      : x_(x),
        options_(options),
        out_(out),
        k_(options.k),
        stride_(kernels::sums_stride(x.columns)),
        grouping_(groups_of(x.rows, x.columns, options.k)),
        open_(kernels::choose_open_rows(core::permitted_simd(), T{})),
        take_(kernels::choose_take_labels(core::permitted_simd(), T{})),
        add_(kernels::choose_center_sums(core::permitted_simd(), T{})),
        mask_(kernels::label_mask<T>(k_)),
        words_(x.rows),
        slack_(k_),
        slack_up_(k_),
        sums_(k_, stride_),
        groups_(grouping_.count, cluster_sums(k_, stride_)) {
    out_.columns = x.columns;
  }

  void run(const run_options& run) {
    bool settled = false;
    for (std::uint32_t i = 0; i < options_.max_iter && !settled; ++i) {
      const auto step = part_of(run, static_cast<double>(i) / options_.max_iter, (i + 0.9) / options_.max_iter);
      const bool changed = label_rows(true, step);
      const auto rest = part_of(run, (i + 0.9) / options_.max_iter, (i + 1.0) / options_.max_iter);
      merge(rest);
      const double moved = move_centers(rest);
      out_.n_iter = i + 1;
      settled = !changed;
      if (settled || moved <= options_.least_move) break;
    }
    if (!settled) label_rows(false, part_of(run, 1, 1));
    out_.labels.resize(x_.rows);
    core::parallel_blocks(groups_.size(), part_of(run, 1, 1), [&](std::size_t g) {
      for (std::size_t r = g * grouping_.rows; r < std::min(x_.rows, (g + 1) * grouping_.rows); ++r)
        out_.labels[r] = static_cast<std::int32_t>(label(r));
    });
  }

private:
  std::size_t label(std::size_t row) const { return label_of(words_[row]); }
  std::size_t label_of(kernels::label_margin<T> word) const { return static_cast<std::size_t>(word & mask_); }
  double weight(std::size_t row) const { return options_.weight == nullptr ? 1.0 : options_.weight[row]; }

  /// Whether a label changed. `sum`: the sums of the groups follow.
  bool label_rows(bool sum, const run_options& run) {
    const center_index<T> index(out_.centers.data(), k_, x_.columns, *options_.shift, direct_);
    std::vector<std::size_t> changed(groups_.size()), open(groups_.size()), seen(groups_.size());
    core::parallel_blocks(groups_.size(), run, [&](std::size_t g) {
      auto with = scratch_.take(grouping_.rows);
      const std::size_t begin = g * grouping_.rows, size = std::min(x_.rows - begin, grouping_.rows);
      std::uint32_t* rows = with->row.data();
      std::size_t count = size;
      if (begun_) {
        count = open_(words_.data() + begin, slack_up_.data(), k_, size, rows, with->word.data());
      } else {
        std::iota(rows, rows + size, 0u);
        std::fill_n(with->word.data(), size, 0u);
      }
      seen[g] = count;
      for (std::size_t at = 0; at < count; at += row_block) {
        const std::size_t some = std::min(count - at, row_block);
        open[g] += index.nearest(x_.row(begin), rows + at, some, count - at, with->work, with->label.data(), with->margin.data());
        std::size_t moved = take_(with->label.data(), with->margin.data(), rows + at, some, slack_up_.data(), k_,
                                  with->word.data() + at, words_.data() + begin, with->changed.data());
        if (!begun_) {
          moved = some;
          std::iota(with->changed.begin(), with->changed.begin() + static_cast<std::ptrdiff_t>(some), 0u);
        }
        changed[g] += moved;
        if (sum) move_rows(*with, begin, at, moved, groups_[g]);
      }
      scratch_.give(std::move(with));
    });
    begun_ = true;
    const auto total = [](const std::vector<std::size_t>& of) { return std::accumulate(of.begin(), of.end(), std::size_t{0}); };
    // Products leave much open where columns differ much in size.
    direct_ = direct_ || total(open) * 20 > total(seen);
    return total(changed) > 0;
  }

  // Rows from `begin` on that changed their label, `count` of them, from place `at` of the list, go to the sums of their
  // clusters.
  void move_rows(list_scratch<T>& with, std::size_t begin, std::size_t at, std::size_t count, cluster_sums& sums) {
    for (std::size_t m = 0; m < count; ++m) {
      const std::uint32_t i = with.changed[m];
      with.moved[m] = with.row[at + i];
      with.to[m] = with.label[i];
      with.from[m] = static_cast<std::uint32_t>(label_of(with.word[at + i]));
    }
    kernels::moves_in moves{with.moved.data(), with.to.data(), begun_ ? with.from.data() : nullptr, nullptr, count};
    if (options_.weight != nullptr) {
      for (std::size_t m = 0; m < count; ++m) with.weight[m] = weight(begin + with.moved[m]);
      moves.weight = with.weight.data();
    }
    add_(x_.row(begin), x_.columns, moves, sums.high.data(), sums.low.data());
    const auto count_in = [&](std::size_t cluster, double by) {
      sums.touched[cluster] = 1;
      sums.count[cluster] += by > 0 ? 1 : by < 0 ? -1 : 0;
      if (options_.weight != nullptr) kernels::add_exactly(by, sums.mass_high[cluster], sums.mass_low[cluster]);
    };
    for (std::size_t m = 0; m < count; ++m) {
      const double by = weight(begin + with.moved[m]);
      count_in(with.to[m], by);
      if (begun_) count_in(with.from[m], -by);
    }
  }

  void merge(const run_options& run) {
    constexpr std::size_t clusters = 32;
    core::parallel_blocks((k_ + clusters - 1) / clusters, run, [&](std::size_t b) {
      for (std::size_t c = b * clusters; c < std::min(k_, (b + 1) * clusters); ++c)
        for (auto& group : groups_) {
          if (!group.touched[c]) continue;
          group.touched[c] = 0;
          for (std::size_t j = c * stride_; j < (c + 1) * stride_; ++j)
            take(group.high[j], group.low[j], sums_.high[j], sums_.low[j]);
          take(group.mass_high[c], group.mass_low[c], sums_.mass_high[c], sums_.mass_low[c]);
          sums_.count[c] += group.count[c];
          group.count[c] = 0;
        }
    });
  }

  static void take(double& high, double& low, double& to_high, double& to_low) {
    kernels::add_exactly(high, to_high, to_low);
    to_low += low;
    high = low = 0;
  }

  /// The squared moves, summed.
  double move_centers(const run_options& run) {
    const std::size_t d = x_.columns;
    std::vector<double> total(k_ * d), mass(k_);
    std::vector<std::int64_t> count = sums_.count;
    std::vector<std::size_t> empty;
    for (std::size_t c = 0; c < k_; ++c) {
      if (count[c] == 0) {
        empty.push_back(c);
        continue;
      }
      mass[c] = options_.weight == nullptr ? static_cast<double>(count[c]) : sums_.mass_high[c] + sums_.mass_low[c];
      for (std::size_t j = 0; j < d; ++j) total[c * d + j] = sums_.high[c * stride_ + j] + sums_.low[c * stride_ + j];
    }
    if (!empty.empty()) fill(empty, total, mass, count, run);
    double all = 0, most = 0, next = 0;
    std::size_t farthest = 0;
    std::vector<double> moved(k_);
    for (std::size_t c = 0; c < k_; ++c) {
      if (count[c] == 0) continue;
      double square = 0;
      for (std::size_t j = 0; j < d; ++j) {
        T& to = out_.centers[c * d + j];
        const auto now = static_cast<T>(total[c * d + j] / mass[c]);
        const double apart = static_cast<double>(now) - static_cast<double>(to);
        square += apart * apart;
        to = now;
      }
      all += square;
      moved[c] = std::sqrt(square) * (1 + 1e-12);
      if (moved[c] > most) {
        next = most;
        most = moved[c];
        farthest = c;
      } else {
        next = std::max(next, moved[c]);
      }
    }
    for (std::size_t c = 0; c < k_; ++c) {
      slack_[c] = (slack_[c] + moved[c] + (c == farthest ? next : most)) * (1 + 1e-15);
      slack_up_[c] = rounded_up<T>(slack_[c]);
    }
    return all;
  }

  /// Gives each empty cluster the farthest row that is left.
  void fill(const std::vector<std::size_t>& empty, std::vector<double>& total, std::vector<double>& mass,
            std::vector<std::int64_t>& count, const run_options& run) {
    const std::size_t d = x_.columns;
    std::vector<double> distance(x_.rows);
    core::parallel_blocks(row_blocks(x_.rows), run, [&](std::size_t b) {
      for (std::size_t r = b * row_block; r < std::min(x_.rows, (b + 1) * row_block); ++r)
        distance[r] = squared_distance(x_.row(r), out_.centers.data() + label(r) * d, d);
    });
    std::vector<std::uint32_t> order;
    for (std::uint32_t r = 0; r < x_.rows; ++r)
      if (distance[r] > 0 && weight(r) > 0) order.push_back(r);
    const auto nearer = [&](std::uint32_t a, std::uint32_t b) {
      return distance[a] < distance[b] || (distance[a] == distance[b] && a > b);
    };
    std::make_heap(order.begin(), order.end(), nearer);
    for (const std::size_t c : empty) {
      for (; !order.empty() && count[label(order.front())] < 2; order.pop_back())
        std::pop_heap(order.begin(), order.end(), nearer);
      if (order.empty()) return;
      const std::size_t r = order.front(), from = label(r);
      std::pop_heap(order.begin(), order.end(), nearer);
      order.pop_back();
      const double w = weight(r);
      for (std::size_t j = 0; j < d; ++j) {
        const double v = w * static_cast<double>(x_.row(r)[j]);
        total[from * d + j] -= v;
        total[c * d + j] = v;
      }
      mass[from] -= w;
      mass[c] = w;
      --count[from];
      count[c] = 1;
    }
  }

  const points_view<T>& x_;
  const lloyd_options<T>& options_;
  kmeans_result<T>& out_;
  std::size_t k_, stride_;
  grouping grouping_;
  kernels::open_rows<T> open_;
  kernels::take_labels<T> take_;
  kernels::center_sums<T> add_;
  // A row keeps its label as long as its margin is above the slack of its cluster: the moves of its own center and the greatest
  // of the others', added up since the beginning; a margin is the distance to the second center less that to the own one, and
  // the slack when it was taken.
  kernels::label_margin<T> mask_;
  core::detail::raw_array<kernels::label_margin<T>> words_;
  core::detail::scratch_pool<list_scratch<T>> scratch_;
  std::vector<double> slack_;
  std::vector<T> slack_up_;
  cluster_sums sums_;
  std::vector<cluster_sums> groups_;
  bool begun_ = false, direct_ = false;
};

}  // namespace

template <class T>
void lloyd(const points_view<T>& x, const lloyd_options<T>& options, kmeans_result<T>& out, const run_options& run) {
  fit<T>(x, options, out).run(run);
}

double lloyd_memory(std::size_t rows, std::size_t columns, std::size_t k, std::size_t value_bytes) {
  const auto sums = static_cast<double>(sums_bytes(columns, k)) * static_cast<double>(groups_of(rows, columns, k).count + 1);
  return static_cast<double>(rows) * static_cast<double>(value_bytes) + sums +
         static_cast<double>(k) * static_cast<double>(columns) * 32;
}

template void lloyd(const points_view<float>&, const lloyd_options<float>&, kmeans_result<float>&, const run_options&);
template void lloyd(const points_view<double>&, const lloyd_options<double>&, kmeans_result<double>&, const run_options&);

}  // namespace clarion::segment
