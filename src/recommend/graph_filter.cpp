#include "clarion/recommend/graph_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "clarion/core/detail/scratch_pool.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/truncated_svd.hpp"
#include "kernels/sparse_product.hpp"
#include "recommend/check_interactions.hpp"
#include "recommend/fit_memory.hpp"
#include "recommend/walks.hpp"

namespace clarion::recommend {

namespace {

constexpr std::size_t leading_vectors = 128;

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }
constexpr std::size_t padded(std::size_t n) { return blocks_of(n, 16) * 16; }

// Sums of rows to a power; 0 where there is nothing.
std::vector<double> powers(const core::sparse_view& of, double exponent) {
  std::vector<double> out(of.rows);
  for (std::size_t r = 0; r < of.rows; ++r) {
    const auto values = of.values(r);
    const double sum = values.empty() ? static_cast<double>(of.length(r)) : std::accumulate(values.begin(), values.end(), 0.0);
    out[r] = of.length(r) > 0 ? std::pow(sum, exponent) : 0;
  }
  return out;
}

core::sparse_rows scaled(const core::sparse_view& of, const std::vector<double>& rows, const std::vector<double>& columns) {
  core::sparse_rows out{of.rows, of.columns, {of.offsets, of.offsets + of.rows + 1}, {}, {}};
  out.index.assign(of.index + of.offsets[0], of.index + of.offsets[of.rows]);
  for (auto& offset : out.offsets) offset -= of.offsets[0];
  out.value.resize(out.index.size());
  for (std::size_t r = 0; r < of.rows; ++r)
    for (std::uint64_t e = out.offsets[r]; e < out.offsets[r + 1]; ++e) {
      const double value = of.value == nullptr ? 1.0 : double{of.value[of.offsets[0] + e]};
      out.value[e] = static_cast<float>(value * rows[r] * columns[out.index[e]]);
    }
  return out;
}

constexpr std::size_t step_terms = 5;

// Of what one Runge-Kutta step (the classic one of fourth order) of ds/dt = -P s makes of s: the first terms of exp(-size P).
std::array<double, step_terms> sharpening_terms(double size) {
  std::array<double, step_terms> out{1};
  for (std::size_t n = 1; n < step_terms; ++n) out[n] = out[n - 1] * -size / static_cast<double>(n);
  return out;
}

double polynomial(std::span<const double> terms, double at) {
  double out = 0;
  for (std::size_t n = terms.size(); n-- > 0;) out = out * at + terms[n];
  return out;
}

// The quadratic that meets a polynomial in the Chebyshev points of [0, most]: within a little of the best there.
std::vector<double> quadratic_of(std::span<const double> terms, double most) {
  std::array<double, 3> x{}, y{};
  for (std::size_t j = 0; j < 3; ++j) {
    x[j] = most / 2 * (1 + std::cos((2 * static_cast<double>(j) + 1) * std::numbers::pi / 6));
    y[j] = polynomial(terms, x[j]);
  }
  const double first = (y[1] - y[0]) / (x[1] - x[0]), next = (y[2] - y[1]) / (x[2] - x[1]);
  const double second = (next - first) / (x[2] - x[0]);
  return {y[0] - first * x[0] + second * x[0] * x[1], first - second * (x[0] + x[1]), second};
}

// Columns of `of`, rows x columns by row, sharpened: each times the polynomial of `terms` in r'r.
void sharpen(std::vector<float>& of, std::size_t columns, const core::sparse_view& by_user, const core::sparse_view& by_item,
             std::span<const double> terms, const run_options& run) {
  const std::vector<float> walked_terms(terms.begin() + 1, terms.end());
  const auto own = static_cast<float>(terms[0]);
  core::detail::scratch_pool<walker> pool;
  core::parallel_blocks(blocks_of(columns, walk_line::size), run, [&](std::size_t block) {
    const std::size_t first = block * walk_line::size, n = std::min(walk_line::size, columns - first);
    auto walk = pool.take(by_user, by_item, walked_terms);
    std::vector<walk_line> start(by_item.rows);
    for (std::size_t i = 0; i < start.size(); ++i) std::copy_n(of.data() + i * columns + first, n, start[i].of);
    const auto walked = walk->from(start);
    for (std::size_t i = 0; i < start.size(); ++i)
      for (std::size_t k = 0; k < n; ++k) of[i * columns + first + k] = own * start[i].of[k] + walked[i].of[k];
    pool.give(std::move(walk));
  });
}

// Those of the ideal filter and of the linear one's leading part.
struct vectors {
  std::size_t rank, leading;
};

vectors vectors_of(std::size_t n_users, std::size_t n_items, const graph_filter_options& options) {
  const std::size_t rank =
      std::min<std::size_t>({options.rank, std::max<std::size_t>(n_users, 1), std::max<std::size_t>(n_items, 1)});
  return {rank, options.sharpening > 0 ? std::min(rank, leading_vectors) : 0};
}

core::truncated_svd_options svd_options(std::size_t rank, const graph_filter_options& options) {
  return {.rank = static_cast<std::uint32_t>(rank), .passes = 12, .oversampling = 1.5, .seed = options.seed};
}

}  // namespace

double graph_filter_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                           const graph_filter_options& options, const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  const auto [rank, leading] = vectors_of(n_users, n_items, options);
  const auto factors = static_cast<double>(rank + leading);
  // Normalized interactions and those by item stay throughout; singular vectors are followed by factors.
  const double first = core::truncated_svd_memory(n_users, n_items, n_interactions, svd_options(rank, options));
  const double second = 4 * static_cast<double>(rank) * (of.all() + of.items) + 4 * factors * (of.users + of.items) +
                        of.turned() + 4 * (factors + 16) * of.items + most_threads(run) * 4 * walk_line::size * (2 * of.all());
  return of.turned() + 8 * of.entries + 32 * of.all() + 8 * factors * of.items + std::max(first, second);
}

graph_filter_model graph_filter(const core::sparse_view& by_user, const graph_filter_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n_users = by_user.rows, n_items = by_user.columns;
  const auto [rank, leading] = vectors_of(n_users, n_items, options);
  const std::size_t factors = rank + leading;
  core::require_memory("a graph filter of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       graph_filter_memory(n_users, n_items, by_user.size(), options, run), "ask for a lower rank");
  check_interactions("interactions", by_user, part_of(run, 0, 0.01));
  graph_filter_model out{.n_users = n_users, .n_items = n_items, .factors = factors, .options = options};
  const auto root = powers(core::transposed(by_user, part_of(run, 0.01, 0.02)), -0.5);
  out.normalized = scaled(by_user, powers(by_user, -options.user_exponent), root);
  const auto svd = core::truncated_svd(out.normalized, svd_options(rank, options), part_of(run, 0.02, 0.8));
  const float greatest = svd.rank > 0 ? svd.values[0] : 1;
  for (float& value : out.normalized.value) value /= greatest;
  const auto value = [&](std::size_t k) { return std::pow(double{svd.values[k]} / greatest, 2); };  // of P

  // The ideal filter, sharpened.
  std::vector<float> ideal(n_items * rank);
  for (std::size_t i = 0; i < n_items; ++i)
    for (std::size_t k = 0; k < svd.rank; ++k)
      ideal[i * rank + k] = root[i] > 0 ? static_cast<float>(svd.right[i * svd.rank + k] / root[i]) : 0.0f;
  const auto terms = sharpening_terms(options.sharpening);
  if (options.sharpening > 0)
    sharpen(ideal, rank, out.normalized, core::transposed(out.normalized, part_of(run, 0.8, 0.82)), terms,
            part_of(run, 0.82, 0.95));

  // The linear filter: a polynomial of few terms where P is small, and what that lacks on the vectors where it is not.
  const std::size_t found = std::min(leading, svd.rank);
  const auto rest = found > 0 ? quadratic_of(terms, value(found - 1)) : std::vector<double>{1};
  out.terms.assign(rest.begin(), rest.end());
  out.item_factors.resize(n_items * factors);
  out.basis.resize(n_items * factors);
  for (std::size_t i = 0; i < n_items; ++i) {
    std::copy_n(ideal.data() + i * rank, rank, out.item_factors.data() + i * factors);
    for (std::size_t k = 0; k < svd.rank; ++k) {
      const double v = svd.right[i * svd.rank + k];
      out.basis[i * factors + k] = static_cast<float>(options.ideal_weight * v * root[i]);
      if (k >= found) continue;
      out.item_factors[i * factors + rank + k] = static_cast<float>(v);
      out.basis[i * factors + rank + k] =
          static_cast<float>(value(k) * (polynomial(terms, value(k)) - polynomial(rest, value(k))) * v);
    }
  }
  out.user_factors = graph_filter_factors(out.basis, factors, by_user, part_of(run, 0.95, 1));
  for (const float x : out.user_factors)
    if (!std::isfinite(x)) throw error("factors beyond single precision: give smaller weights");
  return out;
}

std::vector<float> graph_filter_factors(const std::vector<float>& basis, std::size_t factors, const core::sparse_view& rows,
                                        const run_options& run) {
  if (basis.size() != rows.columns * factors)
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the items of " + std::to_string(basis.size()) + " numbers");
  check_interactions("interactions", rows, part_of(run, 0, 0.1));
  const std::size_t wide = padded(factors);
  std::vector<float> items(rows.columns * wide), out(rows.rows * factors);
  for (std::size_t i = 0; i < rows.columns; ++i) std::copy_n(basis.data() + i * factors, factors, items.data() + i * wide);
  const auto product = kernels::choose_sparse_product(core::permitted_simd());
  constexpr std::size_t block_rows = 128;
  core::parallel_blocks(blocks_of(rows.rows, block_rows), part_of(run, 0.1, 1), [&](std::size_t block) {
    const std::size_t first = block * block_rows, n = std::min(block_rows, rows.rows - first);
    std::vector<float> here(n * wide);
    product(rows.offsets + first, rows.index, rows.value, n, items.data(), wide, here.data(), wide, wide);
    for (std::size_t r = 0; r < n; ++r) std::copy_n(here.data() + r * wide, factors, out.data() + (first + r) * factors);
  });
  return out;
}

}  // namespace clarion::recommend
