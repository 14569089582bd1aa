#include "clarion/recommend/ease.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "clarion/core/cholesky.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "kernels/cholesky.hpp"
#include "recommend/check_interactions.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

constexpr std::size_t row_block = 32;  // rows of the dense form
constexpr std::size_t item_block = 2;  // regressions of the sparse form

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

void check_memory(const core::sparse_view& rows, const ease_options& options, const run_options& run) {
  const double bytes = ease_memory(rows.rows, rows.columns, rows.size(), options, run);
  const std::string items = std::to_string(rows.columns) + " items";
  if (options.max_neighbors == 0)
    core::require_memory("the square of weights of " + items, bytes,
                         "set max_neighbors, to keep the strongest weights of each item alone");
  else
    core::require_memory("up to " + std::to_string(options.max_neighbors) + " weights for each of " + items, bytes,
                         "set a smaller max_neighbors");
}

// Users x items both ways. In what follows X has its rows scaled by the roots of the weights of users.
struct problem {
  core::sparse_view by_user;
  core::sparse_rows turned;
  core::sparse_view by_item;
  std::vector<float> weight;  // of a user
  std::vector<float> square;  // of an item: its place on the diagonal of X'X
  std::vector<float> ridge;   // what is added to it

  problem(const core::sparse_view& rows, const ease_options& options, const run_options& run)
      : by_user(rows),
        turned(core::transposed(rows, run)),
        by_item(turned),
        weight(rows.rows, 1.0f),
        square(rows.columns),
        ridge(rows.columns) {
    if (options.user_scaling != 0)
      for (std::size_t u = 0; u < rows.rows; ++u)
        if (rows.length(u) > 0)
          weight[u] = static_cast<float>(std::pow(static_cast<double>(rows.length(u)), -options.user_scaling));
    for (std::size_t i = 0; i < rows.columns; ++i) {
      double sum = 0;
      for (std::size_t e = 0; e < by_item.length(i); ++e) {
        const double x = by_item.value == nullptr ? 1.0 : by_item.values(i)[e];
        sum += weight[by_item.indices(i)[e]] * x * x;
      }
      square[i] = static_cast<float>(sum);
      ridge[i] = static_cast<float>(options.regularization * (sum > 0 ? std::pow(sum, options.item_scaling) : 1));
    }
  }
  problem(const problem&) = delete;
  problem& operator=(const problem&) = delete;

  std::size_t items() const { return by_item.rows; }

  // Calls add(i, x) for what item j and each item i < limit have in common, user by user.
  template <class Add>
  void products(std::size_t j, std::size_t limit, Add&& add) const {
    for (std::size_t e = 0; e < by_item.length(j); ++e) {
      const auto u = by_item.indices(j)[e];
      const auto items = by_user.indices(u);
      if (by_user.value == nullptr) {
        for (std::size_t c = 0; c < items.size() && items[c] < limit; ++c) add(items[c], weight[u]);
      } else {
        const auto values = by_user.values(u);
        const float x = weight[u] * by_item.values(j)[e];
        for (std::size_t c = 0; c < items.size() && items[c] < limit; ++c) add(items[c], x * values[c]);
      }
    }
  }
};

[[noreturn]] void no_solution() {
  throw error("the weights have no solution in single precision: give a larger regularization, or smaller values");
}

// P = (X'X + ridge)^-1 and the weights -P[j, i] / P[i, i], all in one place.
std::vector<float> dense(const problem& of, const run_options& run) {
  const std::size_t n = of.items();
  std::vector<float> out(n * n);
  const auto by_rows = [&](const run_options& part, auto&& body) {
    core::parallel_blocks(blocks_of(n, row_block), part, [&](std::size_t block) {
      for (std::size_t j = block * row_block; j < std::min(n, (block + 1) * row_block); ++j) body(j, out.data() + j * n);
    });
  };
  by_rows(part_of(run, 0, 0.1), [&](std::size_t j, float* row) {
    of.products(j, j + 1, [&](std::uint32_t i, float x) { row[i] += x; });
    row[j] += of.ridge[j];
  });
  try {
    core::spd_inverse(out, n, part_of(run, 0.1, 0.95));
  } catch (const cancelled&) {
    throw;
  } catch (const error&) {
    no_solution();
  }
  std::vector<float> scale(n);
  for (std::size_t i = 0; i < n; ++i) scale[i] = -1 / out[i * n + i];
  by_rows(part_of(run, 0.95, 1), [&](std::size_t j, float* row) {
    for (std::size_t i = 0; i < n; ++i) row[i] *= scale[i];
    row[j] = 0;
  });
  return out;
}

// Of the rows of some items.
struct weights_of_items {
  std::vector<std::uint64_t> lengths;
  std::vector<std::uint32_t> index;
  std::vector<float> value;
};

// Regressions of items on their neighbours, one after the other.
class regression {
public:
  regression(const problem& of, std::size_t most)
      : of_(of), most_(most), products_(of.items()), count_(of.by_user.rows), begin_(of.by_user.rows) {}

  // Adds the weights that the neighbours of item i have in its score.
  void solve(std::size_t i, weights_of_items& to) {
    find_neighbors(i);
    const std::size_t m = neighbors_.size(), stride = (m + 1 + 15) / 16 * 16;
    system_.assign(m * stride, 0.0f);
    add_products(stride);
    least_.resize(m);
    for (std::size_t a = 0; a < m; ++a) {
      float* row = system_.data() + a * stride;
      row[a] += of_.ridge[neighbors_[a]];
      row[m] = products_[neighbors_[a]];
      least_[a] = row[a] * std::numeric_limits<float>::epsilon();
    }
    for (const auto j : met_) products_[j] = 0;
    if (cholesky_(system_.data(), m, stride, m + 1, least_.data()) != m) no_solution();
    substitute_back(m, stride);
    order_.resize(m);
    for (std::uint32_t a = 0; a < m; ++a) order_[a] = a;
    std::sort(order_.begin(), order_.end(), [&](auto a, auto b) { return neighbors_[a] < neighbors_[b]; });
    for (const auto a : order_) {
      if (!std::isfinite(solution_[a])) no_solution();
      to.index.push_back(neighbors_[a]);
      to.value.push_back(solution_[a]);
    }
    to.lengths.push_back(m);
  }

private:
  // The items of highest cosine with item i, those of many users first: what is written most in the system is then close
  // together.
  void find_neighbors(std::size_t i) {
    met_.clear();
    of_.products(i, of_.items(), [&](std::uint32_t j, float x) {
      if (x == 0) return;  // of numbers too small to multiply
      if (products_[j] == 0) met_.push_back(j);
      products_[j] += x;
    });
    ranked_.clear();
    for (const auto j : met_)
      if (j != i) ranked_.emplace_back(products_[j] / std::sqrt(of_.square[j]), j);
    if (most_ < ranked_.size()) {
      std::nth_element(
          ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(most_), ranked_.end(),
          [](const auto& a, const auto& b) { return a.first > b.first || (a.first == b.first && a.second < b.second); });
      ranked_.resize(most_);
    }
    neighbors_.clear();
    for (const auto& [cosine, j] : ranked_) neighbors_.push_back(j);
    std::sort(neighbors_.begin(), neighbors_.end(), [&](auto a, auto b) {
      return of_.by_item.length(a) > of_.by_item.length(b) || (of_.by_item.length(a) == of_.by_item.length(b) && a < b);
    });
  }

  // The upper triangle of X'X for the neighbours, user by user: each has few of them.
  void add_products(std::size_t stride) {
    users_.clear();
    std::uint64_t all = 0;
    for (const auto j : neighbors_) {
      for (const auto u : of_.by_item.indices(j))
        if (count_[u]++ == 0) users_.push_back(u);
      all += of_.by_item.length(j);
    }
    place_.resize(all);
    if (of_.by_item.value != nullptr) value_.resize(all);
    std::uint64_t at = 0;
    for (const auto u : users_) {
      begin_[u] = at;
      at += count_[u];
      count_[u] = 0;
    }
    for (std::uint32_t a = 0; a < neighbors_.size(); ++a) {
      const auto users = of_.by_item.indices(neighbors_[a]);
      const auto values = of_.by_item.values(neighbors_[a]);
      for (std::size_t e = 0; e < users.size(); ++e) {
        const auto to = begin_[users[e]] + count_[users[e]]++;
        place_[to] = a;
        if (!values.empty()) value_[to] = values[e];
      }
    }
    for (const auto u : users_) {
      const std::size_t n = count_[u];
      count_[u] = 0;
      const std::uint32_t* place = place_.data() + begin_[u];
      const float weight = of_.weight[u];
      for (std::size_t a = 0; a < n; ++a) {
        float* row = system_.data() + place[a] * stride;
        if (of_.by_item.value == nullptr) {
          for (std::size_t b = a; b < n; ++b) row[place[b]] += weight;
        } else {
          const float* value = value_.data() + begin_[u];
          for (std::size_t b = a; b < n; ++b) row[place[b]] += weight * value[a] * value[b];
        }
      }
    }
  }

  void substitute_back(std::size_t m, std::size_t stride) {
    constexpr std::size_t lanes = 16;
    solution_.assign(stride, 0.0f);
    for (std::size_t a = m; a-- > 0;) {
      float* row = system_.data() + a * stride;
      const float right = row[m];
      // What stands left of the diagonal is not of the factor, and the solution is 0 there; it must be a number.
      const std::size_t from = a / lanes * lanes;
      std::fill(row + from, row + a, 0.0f);
      std::fill(row + m, row + stride, 0.0f);
      float sum[lanes] = {};
      for (std::size_t b = from; b < stride; b += lanes)
        for (std::size_t l = 0; l < lanes; ++l) sum[l] += row[b + l] * solution_[b + l];
      for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) sum[l] += sum[l + half];
      solution_[a] = (right - sum[0]) / row[a];
    }
  }

  const problem& of_;
  std::size_t most_;
  std::vector<float> products_;  // of the item with every other, 0 outside solve
  std::vector<std::uint32_t> met_;
  std::vector<std::pair<float, std::uint32_t>> ranked_;
  std::vector<std::uint32_t> neighbors_, order_;
  std::vector<std::uint32_t> users_, count_;  // who has a neighbour, and how many; 0 outside add_products
  std::vector<std::uint64_t> begin_;
  std::vector<std::uint32_t> place_;  // of a user's neighbours among neighbors_, ascending
  std::vector<float> value_, system_, least_, solution_;
  kernels::cholesky cholesky_ = kernels::choose_cholesky(core::permitted_simd());
};

// What one block leaves behind serves another: as many are made as there are threads.
template <class T>
class pool {
public:
  template <class Make>
  std::unique_ptr<T> take(Make&& make) {
    {
      const std::scoped_lock hold(lock_);
      if (!idle_.empty()) {
        auto out = std::move(idle_.back());
        idle_.pop_back();
        return out;
      }
    }
    return make();
  }
  void give_back(std::unique_ptr<T> one) {
    const std::scoped_lock hold(lock_);
    idle_.push_back(std::move(one));
  }

private:
  std::mutex lock_;
  std::vector<std::unique_ptr<T>> idle_;
};

core::sparse_rows sparse(const problem& of, std::size_t most, const run_options& run) {
  const std::size_t n = of.items();
  std::vector<weights_of_items> parts(blocks_of(n, item_block));
  pool<regression> idle;
  core::parallel_blocks(parts.size(), part_of(run, 0, 0.95), [&](std::size_t block) {
    auto here = idle.take([&] { return std::make_unique<regression>(of, most); });
    for (std::size_t i = block * item_block; i < std::min(n, (block + 1) * item_block); ++i) here->solve(i, parts[block]);
    idle.give_back(std::move(here));
    parts[block].index.shrink_to_fit();
    parts[block].value.shrink_to_fit();
  });
  core::sparse_rows by_target{n, n, {0}, {}, {}};
  std::uint64_t size = 0;
  for (const auto& part : parts) size += part.index.size();
  by_target.index.reserve(size);
  by_target.value.reserve(size);
  for (auto& part : parts) {
    by_target.index.insert(by_target.index.end(), part.index.begin(), part.index.end());
    by_target.value.insert(by_target.value.end(), part.value.begin(), part.value.end());
    for (const auto length : part.lengths) by_target.offsets.push_back(by_target.offsets.back() + length);
    part = {};
  }
  auto out = core::transposed(by_target, part_of(run, 0.95, 1));
  // Values that are none would mean ones.
  if (size == 0) out.value.clear();
  return out;
}

}  // namespace

double ease_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const ease_options& options,
                   const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  const double n = of.items, m = std::min(n, static_cast<double>(options.max_neighbors)), threads = most_threads(run);
  const double both_ways = of.turned() + 4 * of.users + 8 * n;
  // The panel that a sweep subtracts is n x 240.
  if (options.max_neighbors == 0) return both_ways + 4 * n * n + 1024 * n + 300e3 * threads;
  // Weights by target and by source, and a regression a thread with the users of its neighbours.
  return both_ways + 16 * n * m + 20 * n +
         threads * (4 * m * (m + 32) + 20 * n + 16 * of.users + 8 * std::min(of.entries, m * of.users));
}

ease_model ease(const core::sparse_view& by_user, const ease_options& options, const run_options& run) {
  core::check_options(options);
  check_memory(by_user, options, run);
  check_interactions("interactions", by_user, part_of(run, 0, 0.01));
  const problem of(by_user, options, part_of(run, 0.01, 0.02));
  ease_model out{by_user.columns, options, {}, {}};
  if (options.max_neighbors == 0)
    out.weights = dense(of, part_of(run, 0.02, 1));
  else
    out.neighbors = sparse(of, options.max_neighbors, part_of(run, 0.02, 1));
  return out;
}

}  // namespace clarion::recommend
