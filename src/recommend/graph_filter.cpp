#include "clarion/recommend/graph_filter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/truncated_svd.hpp"
#include "kernels/sparse_product.hpp"
#include "recommend/check_interactions.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

constexpr std::size_t sharpened_vectors = 64;

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

// Rows of the product of r' and r, each as long as its items have others in common, in blocks of about equal work.
class item_products {
public:
  item_products(const core::sparse_view& by_user, const core::sparse_view& by_item) : by_user_(by_user), by_item_(by_item) {
    constexpr std::size_t most_blocks = 256;
    std::vector<std::uint64_t> work(by_item.rows);
    for (std::size_t i = 0; i < by_item.rows; ++i)
      for (const auto u : by_item.indices(i)) work[i] += by_user.length(u);
    const auto all = std::accumulate(work.begin(), work.end(), std::uint64_t{0});
    std::uint64_t here = 0;
    for (std::size_t i = 0; i < by_item.rows; ++i) {
      here += work[i] + 1;
      if (here >= (all + by_item.rows) / most_blocks || i + 1 == by_item.rows) {
        edge_.push_back(i + 1);
        here = 0;
      }
    }
  }

  // r'r with a factor to each row and each column.
  core::sparse_rows product(const std::vector<double>& rows, const std::vector<double>& columns, const run_options& run) const {
    const std::size_t n = by_item_.rows;
    core::sparse_rows out{n, n, std::vector<std::uint64_t>(n + 1), {}, {}};
    const auto count = part_of(run, 0, 0.4);
    over_rows(count, [&](std::size_t item, std::vector<std::uint64_t>& met, std::vector<float>&) {
      for (const auto u : by_item_.indices(item))
        for (const auto other : by_user_.indices(u)) met[other / 64] |= std::uint64_t{1} << other % 64;
      for (auto& word : met) out.offsets[item + 1] += static_cast<std::uint64_t>(std::popcount(std::exchange(word, 0)));
    });
    std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
    core::require_memory("the weights of " + std::to_string(out.offsets[n]) + " pairs of items",
                         8.0 * static_cast<double>(out.offsets[n]), "leave out users who have very many items");
    out.index.resize(out.offsets[n]);
    out.value.resize(out.offsets[n]);
    const auto fill = part_of(run, 0.4, 1);
    over_rows(fill, [&](std::size_t item, std::vector<std::uint64_t>& met, std::vector<float>& sums) {
      const auto mine = by_item_.values(item);
      const auto users = by_item_.indices(item);
      for (std::size_t e = 0; e < users.size(); ++e) {
        const auto others = by_user_.indices(users[e]);
        const auto theirs = by_user_.values(users[e]);
        for (std::size_t o = 0; o < others.size(); ++o) {
          met[others[o] / 64] |= std::uint64_t{1} << others[o] % 64;
          sums[others[o]] += mine[e] * theirs[o];
        }
      }
      std::uint64_t at = out.offsets[item];
      for (std::size_t word = 0; word < met.size(); ++word)
        for (auto bits = std::exchange(met[word], 0); bits != 0; bits &= bits - 1) {
          const std::size_t other = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
          out.index[at] = static_cast<std::uint32_t>(other);
          out.value[at++] = static_cast<float>(rows[item] * columns[other] * std::exchange(sums[other], 0.0f));
        }
    });
    return out;
  }

private:
  template <class Body>
  void over_rows(const run_options& run, Body&& body) const {
    core::parallel_blocks(edge_.size() - 1, run, [&](std::size_t block) {
      std::vector<std::uint64_t> met(blocks_of(by_item_.rows, 64));
      std::vector<float> sums(by_item_.rows);
      for (std::size_t item = edge_[block]; item < edge_[block + 1]; ++item) body(item, met, sums);
    });
  }

  const core::sparse_view &by_user_, &by_item_;
  std::vector<std::size_t> edge_{0};
};

// Those of the ideal filter and of the sharpening.
struct vectors {
  std::size_t rank, sharpened;
};

vectors vectors_of(std::size_t n_users, std::size_t n_items, const graph_filter_options& options) {
  const std::size_t rank =
      std::min<std::size_t>({options.rank, std::max<std::size_t>(n_users, 1), std::max<std::size_t>(n_items, 1)});
  return {rank, options.sharpening > 0 ? std::min(rank, sharpened_vectors) : 0};
}

core::truncated_svd_options svd_options(std::size_t rank, const graph_filter_options& options) {
  return {.rank = static_cast<std::uint32_t>(rank), .passes = 12, .oversampling = 1.5, .seed = options.seed};
}

}  // namespace

double graph_filter_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions,
                           const graph_filter_options& options, const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  const auto [rank, sharpened] = vectors_of(n_users, n_items, options);
  const auto factors = static_cast<double>(rank + sharpened);
  const double pairs = std::min(of.items * of.items, 4 * of.entries * of.entries / std::max(1.0, of.users));
  // Normalized interactions and those by item stay throughout; singular vectors are followed by factors and weights.
  const double first = core::truncated_svd_memory(n_users, n_items, n_interactions, svd_options(rank, options));
  const double second = 4 * static_cast<double>(rank) * of.all() + 4 * factors * (of.users + of.items) + of.turned() +
                        std::max(4 * (factors + 16) * of.items, 8 * pairs + most_threads(run) * 5 * of.items);
  return of.turned() + 8 * of.entries + 32 * of.all() + 8 * factors * of.items + std::max(first, second);
}

graph_filter_model graph_filter(const core::sparse_view& by_user, const graph_filter_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n_users = by_user.rows, n_items = by_user.columns;
  const auto [rank, sharpened] = vectors_of(n_users, n_items, options);
  const std::size_t factors = rank + sharpened;
  core::require_memory("a graph filter of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       graph_filter_memory(n_users, n_items, by_user.size(), options, run),
                       "ask for a lower rank, or leave out users who have very many items");
  check_interactions("interactions", by_user, part_of(run, 0, 0.01));
  graph_filter_model out{
      n_users, n_items, factors, options, {}, std::vector<float>(n_items * factors), std::vector<float>(n_items * factors), {}};
  const auto columns = core::transposed(by_user, part_of(run, 0.01, 0.02));
  const auto sums = powers(columns, 1), root = powers(columns, -0.5);
  const auto normalized = scaled(by_user, powers(by_user, -options.user_exponent), root);
  const auto svd = core::truncated_svd(normalized, svd_options(rank, options), part_of(run, 0.02, 0.7));
  const double greatest = svd.rank > 0 ? std::pow(double{svd.values[0]}, 2) : 1;

  std::vector<double> to_item(n_items);  // from the symmetric filter to the power that was asked for
  for (std::size_t i = 0; i < n_items; ++i) to_item[i] = sums[i] > 0 ? std::pow(sums[i], 0.5 - options.item_exponent) : 0;
  for (std::size_t i = 0; i < n_items; ++i)
    for (std::size_t k = 0; k < svd.rank; ++k) {
      const double v = svd.right[i * svd.rank + k];
      out.item_factors[i * factors + k] = static_cast<float>(v * (root[i] > 0 ? 1 / root[i] : 0));
      out.basis[i * factors + k] = static_cast<float>(options.ideal_weight * v * root[i]);
      if (k >= sharpened) continue;
      const double blur = std::pow(double{svd.values[k]}, 2) / greatest;
      out.item_factors[i * factors + rank + k] = static_cast<float>(v * to_item[i]);
      out.basis[i * factors + rank + k] = static_cast<float>(-options.sharpening * blur * blur * v);
    }
  out.user_factors = graph_filter_factors(out.basis, factors, by_user, part_of(run, 0.7, 0.75));

  const auto normalized_by_item = core::transposed(normalized, part_of(run, 0.75, 0.77));
  for (auto& factor : to_item) factor /= greatest;
  const core::sparse_view users = normalized, items = normalized_by_item;
  out.weights = item_products(users, items).product(std::vector<double>(n_items, 1.0), to_item, part_of(run, 0.77, 1));
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
