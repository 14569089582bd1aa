#include "stats/logistic_pass.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clarion/core/kernels.hpp"
#include "kernels/weighted_rows.hpp"
#include "stats/design_rows.hpp"

namespace clarion::stats::detail {

namespace {

constexpr std::size_t padded(std::size_t n) { return (n + 7) / 8 * 8; }

// Sums of parts are kept apart: many for balance, few where a Hessian is large.
std::size_t parts_of(std::size_t chunks, std::size_t stride) {
  const std::size_t most = std::clamp<std::size_t>((std::size_t{1} << 25) / (stride * stride + 1), 8, 64);
  return std::max<std::size_t>(1, std::min(chunks, most));
}

}  // namespace

rows_of_logistic::rows_of_logistic(const design_view& x, std::span<const std::uint8_t> y, std::span<const double> weights,
                                   bool intercept)
    : x_(x), y_(y), weights_(weights), intercept_(intercept) {
  scaled_.columns = x.columns + (intercept ? 1 : 0);
  scaled_.stride = padded(scaled_.columns);
}

void rows_of_logistic::weigh(double negative, double positive) {
  class_weight_[0] = negative;
  class_weight_[1] = positive;
  scaled_.weight = negative * (scaled_.weight - scaled_.positive) + positive * scaled_.positive;
  scaled_.positive *= positive;
}

double rows_of_logistic::memory(std::size_t rows, std::size_t columns) {
  const std::size_t stride = padded(columns), parts = parts_of((rows + chunk - 1) / chunk, stride);
  // Sums of the parts, and what is factorized and inverted.
  return 8.0 * static_cast<double>(stride) * static_cast<double>(stride) * static_cast<double>(parts + 5) +
         8.0 * static_cast<double>(stride * chunk);
}

// Rows in waves that end soon enough for a request to stop; body(part, first row, rows).
template <class Body>
void rows_of_logistic::over_chunks(std::size_t parts, std::size_t step, double work, const run_options& run, Body&& body) const {
  const std::size_t chunks = (x_.rows + chunk - 1) / chunk, used = (chunks + step - 1) / step;
  constexpr double most = 2e8;  // additions and multiplications of a block
  const std::size_t longest = (used + parts - 1) / parts;
  const auto wave = std::clamp<std::size_t>(static_cast<std::size_t>(most / (work * static_cast<double>(chunk))), 1,
                                            std::max<std::size_t>(1, longest));
  for (std::size_t from = 0; from < longest; from += wave) {
    const auto part_run = part_of(run, static_cast<double>(from) / static_cast<double>(longest),
                                  static_cast<double>(std::min(longest, from + wave)) / static_cast<double>(longest));
    core::parallel_blocks(parts, part_run, [&](std::size_t part) {
      const std::size_t begin = used * part / parts, end = used * (part + 1) / parts;
      for (std::size_t c = begin + from; c < std::min(end, begin + from + wave); ++c) {
        const std::size_t first = c * step * chunk;
        body(part, first, std::min(chunk, x_.rows - first));
      }
    });
  }
}

void rows_of_logistic::standardize(const run_options& run) {
  const std::size_t d = x_.columns, stride = padded(d), chunks = (x_.rows + chunk - 1) / chunk,
                    parts = std::max<std::size_t>(1, std::min<std::size_t>(chunks, 64));
  struct moments {
    double weight = 0, positive = 0;
    std::vector<double> mean, square;
  };
  std::vector<moments> sums(parts);
  for (auto& part : sums) part.mean.resize(d), part.square.resize(d);
  const std::vector<double> none(d, 0.0), one(d, 1.0);
  std::vector<std::vector<double>> blocks(parts);
  const auto summed = kernels::choose_row_sums(core::permitted_simd());
  // Means of a chunk are taken off before squares are summed, and chunks are put together as Chan, Golub and LeVeque do.
  over_chunks(parts, 1, static_cast<double>(d), run, [&](std::size_t part, std::size_t first, std::size_t rows) {
    auto& block = blocks[part];
    block.resize(chunk * stride + 2 * stride);
    load_rows(x_, first, rows, none.data(), one.data(), block.data(), stride);
    if (!all_fit(block.data(), stride, rows, d)) refuse_rows(x_, first, rows);
    double w[chunk], total = 0;
    auto& sum = sums[part];
    for (std::size_t r = 0; r < rows; ++r) {
      w[r] = weight(first + r);
      total += w[r];
      if (y_[first + r] != 0) sum.positive += w[r];
    }
    if (total == 0) return;
    double *mean = block.data() + chunk * stride, *square = mean + stride;
    std::fill_n(mean, 2 * stride, 0.0);
    summed(block.data(), stride, rows, stride, w, mean);
    for (std::size_t j = 0; j < d; ++j) mean[j] /= total;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t j = 0; j < d; ++j) {
        const double away = block[r * stride + j] - mean[j];
        square[j] += w[r] * away * away;
      }
    const double before = sum.weight;
    sum.weight += total;
    for (std::size_t j = 0; j < d; ++j) {
      const double apart = mean[j] - sum.mean[j];
      sum.mean[j] += apart * (total / sum.weight);
      sum.square[j] += square[j] + apart * apart * (before * total / sum.weight);
    }
  });
  for (std::size_t part = 1; part < parts; ++part) {
    auto &to = sums[0], &from = sums[part];
    if (from.weight == 0) continue;
    const double before = to.weight;
    to.weight += from.weight;
    to.positive += from.positive;
    for (std::size_t j = 0; j < d; ++j) {
      const double apart = from.mean[j] - to.mean[j];
      to.mean[j] += apart * (from.weight / to.weight);
      to.square[j] += from.square[j] + apart * apart * (before * from.weight / to.weight);
    }
  }
  auto& all = sums[0];
  scaled_.weight = all.weight;
  scaled_.positive = all.positive;
  scaled_.mean = all.mean;
  scaled_.shift.assign(d, 0);
  scaled_.scale.assign(d, 0);
  for (std::size_t j = 0; j < d; ++j) {
    const double mean = all.mean[j], variance = all.weight > 0 ? all.square[j] / all.weight : 0;
    // Rounding of equal values is no spread.
    const bool spread = variance > 1e-24 * mean * mean && variance > 1e-200;
    if (intercept_) {
      scaled_.shift[j] = mean;
      scaled_.scale[j] = spread ? 1 / std::sqrt(variance) : 0;
    } else {
      const double square = variance + mean * mean;
      scaled_.scale[j] = square > 1e-200 ? 1 / std::sqrt(square) : 0;
    }
  }
}

point rows_of_logistic::evaluate(std::span<const double> b, std::size_t step, const run_options& run) const {
  const std::size_t n = scaled_.columns, stride = scaled_.stride, chunks = (x_.rows + chunk - 1) / chunk;
  const std::size_t parts = parts_of((chunks + step - 1) / step, stride);
  std::vector<double> at(stride, 0.0);
  std::copy_n(b.begin(), n, at.begin());
  std::vector<point> sums(parts);
  std::vector<std::vector<double>> blocks(parts);
  const auto level = core::permitted_simd();
  const auto products = kernels::choose_row_products(level);
  const auto summed = kernels::choose_row_sums(level);
  const auto gram = kernels::choose_weighted_gram(level);
  const double work = 0.5 * static_cast<double>(stride) * static_cast<double>(stride + 16);
  over_chunks(parts, step, work, run, [&](std::size_t part, std::size_t first, std::size_t rows) {
    auto& sum = sums[part];
    auto& block = blocks[part];
    if (block.empty()) {
      sum.gradient.assign(stride, 0);
      sum.hessian.assign(stride * stride, 0);
      sum.margin = std::numeric_limits<double>::infinity();
      block.assign(chunk * stride, 0);
    }
    load_rows(x_, first, rows, scaled_.shift.data(), scaled_.scale.data(), block.data(), stride);
    if (intercept_)
      for (std::size_t r = 0; r < rows; ++r) block[r * stride + n - 1] = 1;
    double odds[chunk], pull[chunk], root[chunk];
    products(block.data(), stride, rows, stride, at.data(), odds);
    for (std::size_t r = 0; r < rows; ++r) {
      const double w = weight(first + r), e = std::exp(-std::abs(odds[r])), share = 1 / (1 + e);
      const bool positive = y_[first + r] != 0;
      const double margin = positive ? odds[r] : -odds[r];
      sum.weight += w;
      sum.loss += w * (std::log1p(e) + std::max(-margin, 0.0));
      pull[r] = w * ((odds[r] >= 0 ? share : e * share) - (positive ? 1.0 : 0.0));
      root[r] = std::sqrt(w * e) * share;
      if (w > 0) {
        sum.margin = std::min(sum.margin, margin);
        sum.farthest = std::max(sum.farthest, std::abs(margin));
      }
    }
    summed(block.data(), stride, rows, stride, pull, sum.gradient.data());
    gram(block.data(), stride, rows, stride, root, sum.hessian.data(), stride);
  });
  point out = std::move(sums[0]);
  for (std::size_t part = 1; part < parts; ++part) {
    const auto& from = sums[part];
    out.weight += from.weight;
    out.loss += from.loss;
    out.margin = std::min(out.margin, from.margin);
    out.farthest = std::max(out.farthest, from.farthest);
    for (std::size_t j = 0; j < stride; ++j) out.gradient[j] += from.gradient[j];
    for (std::size_t j = 0; j < stride * stride; ++j) out.hessian[j] += from.hessian[j];
  }
  out.gradient.resize(n);
  return out;
}

std::pair<double, double> rows_of_logistic::margins(std::span<const double> b, const run_options& run) const {
  const std::size_t n = scaled_.columns, stride = scaled_.stride, chunks = (x_.rows + chunk - 1) / chunk;
  const std::size_t parts = std::max<std::size_t>(1, std::min<std::size_t>(chunks, 64));
  std::vector<double> at(stride, 0.0);
  std::copy_n(b.begin(), n, at.begin());
  std::vector<std::pair<double, double>> ends(
      parts, {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()});
  std::vector<std::vector<double>> blocks(parts);
  const auto products = kernels::choose_row_products(core::permitted_simd());
  over_chunks(parts, 1, static_cast<double>(stride), run, [&](std::size_t part, std::size_t first, std::size_t rows) {
    auto& block = blocks[part];
    if (block.empty()) block.assign(chunk * stride, 0);
    load_rows(x_, first, rows, scaled_.shift.data(), scaled_.scale.data(), block.data(), stride);
    if (intercept_)
      for (std::size_t r = 0; r < rows; ++r) block[r * stride + n - 1] = 1;
    double odds[chunk];
    products(block.data(), stride, rows, stride, at.data(), odds);
    for (std::size_t r = 0; r < rows; ++r) {
      if (weight(first + r) == 0) continue;
      const double margin = y_[first + r] != 0 ? odds[r] : -odds[r];
      ends[part].first = std::min(ends[part].first, margin);
      ends[part].second = std::max(ends[part].second, margin);
    }
  });
  for (std::size_t part = 1; part < parts; ++part) {
    ends[0].first = std::min(ends[0].first, ends[part].first);
    ends[0].second = std::max(ends[0].second, ends[part].second);
  }
  return ends[0];
}

}  // namespace clarion::stats::detail
