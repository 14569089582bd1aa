#include "clarion/recommend/slim.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "recommend/co_occurrence.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

// The problem of one item at a time.
template <class Shared>
class descent {
public:
  explicit descent(std::size_t n) : product_(n), place_(n) {
    for (std::size_t i = 0; i < n; ++i) forget(static_cast<std::uint32_t>(i));
  }

  /// Items and weights of the solution for item `of`, by item.
  void solve(const core::sparse_view& by_item, const core::sparse_view& by_user, const std::vector<double>& square,
             std::uint32_t of, const slim_options& options, kernels::select select, row_block& out) {
    choose(by_item, by_user, square, of, options, select);
    std::uint32_t rounds = 0;
    while (rounds < options.max_iter && enter(by_item, by_user, square, options)) {
      rounds += settle(square, options, options.max_iter - rounds);
      subtract();
    }
    std::size_t n = 0;
    for (std::size_t a = 0; a < active_.size(); ++a) target_[active_[a]] = static_cast<float>(weight_[a]);
    for (std::size_t c = 0; c < item_.size(); ++c) {
      forget(item_[c]);
      if (at_[c] == 0 || !(target_[c] > 0)) continue;
      out.index.push_back(item_[c]);
      out.value.push_back(target_[c]);
      ++n;
    }
    out.length.push_back(static_cast<std::uint32_t>(n));
  }

private:
  // Places that products with what is no candidate go to: many, as sums in one place wait for each other.
  static constexpr std::uint32_t aside = 64;
  void forget(std::uint32_t item) { place_[item] = item % aside; }

  // Candidates: what is not above l1_reg at the start never is, as all products are positive.
  void choose(const core::sparse_view& by_item, const core::sparse_view& by_user, const std::vector<double>& square,
              std::uint32_t of, const slim_options& options, kernels::select select) {
    item_.clear();
    target_.clear();
    active_.clear();
    weight_.clear();
    system_.clear();
    stride_ = 0;
    const std::size_t met = product_.multiply(by_item, of, by_user);
    auto& [shared, touched, scores, work, positions, marks, sum] = product_;
    shared[of] = {};
    std::size_t n = 0;
    for (std::size_t t = 0; t < met; ++t) {
      const auto other = touched[t];
      const double here = std::exchange(shared[other], {}).sum();
      sum[other] = static_cast<float>(here);
      touched[n] = other;
      scores[n] = static_cast<float>(here * here / square[other]);
      n += here > options.l1_reg;
    }
    product_.best(n, options.candidates == 0 ? n : options.candidates, select, [&](std::size_t at) { marks.set(touched[at]); });
    marks.drain([&](std::uint32_t other) {
      place_[other] = aside + static_cast<std::uint32_t>(item_.size());
      item_.push_back(other);
      target_.push_back(sum[other]);
    });
    rest_ = target_;
    at_.assign(item_.size(), 0);
  }

  // Lets in the candidates that gain most by a weight; false where none would have one above tol.
  bool enter(const core::sparse_view& by_item, const core::sparse_view& by_user, const std::vector<double>& square,
             const slim_options& options) {
    entering_.clear();
    for (std::size_t c = 0; c < item_.size(); ++c) {
      if (at_[c] != 0) continue;
      const double above = double{rest_[c]} - options.l1_reg, bend = square[item_[c]] + options.l2_reg;
      if (above > options.tol * bend) entering_.emplace_back(above * above / bend, static_cast<std::uint32_t>(c));
    }
    if (entering_.empty()) return false;
    const std::size_t most = std::max<std::size_t>(16, active_.size() / 2);
    const auto first = [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; };
    if (entering_.size() > most) {
      std::nth_element(entering_.begin(), entering_.begin() + static_cast<std::ptrdiff_t>(most), entering_.end(), first);
      entering_.resize(most);
    }
    std::sort(entering_.begin(), entering_.end(), first);
    const std::size_t before = active_.size(), size = before + entering_.size();
    if (gram_.size() < size) gram_.resize(size);
    for (const auto& [gain, candidate] : entering_) {
      sum_row(by_item, by_user, item_[candidate], gram_[active_.size()]);
      active_.push_back(candidate);
      at_[candidate] = 1;
      weight_.push_back(0);
    }
    if (size > stride_) {
      std::vector<double> wider(4 * size * size);
      for (std::size_t a = 0; a < before; ++a) std::copy_n(system_.data() + a * stride_, before, wider.data() + a * 2 * size);
      system_.swap(wider);
      stride_ = 2 * size;
    }
    for (std::size_t a = before; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b)
        system_[a * stride_ + b] = system_[b * stride_ + a] = double{gram_[a][aside + active_[b]]};
    return true;
  }

  // Products of an item with the candidates.
  void sum_row(const core::sparse_view& by_item, const core::sparse_view& by_user, std::uint32_t item, std::vector<float>& to) {
    to.assign(aside + item_.size(), 0.0f);
    const auto users = by_item.indices(item);
    const auto values = by_item.values(item);
    for (std::size_t e = 0; e < users.size(); ++e) {
      if (e + 2 < users.size()) __builtin_prefetch(by_user.index + by_user.offsets[users[e + 2]]);
      const auto last = by_user.offsets[users[e] + 1];
      for (auto at = by_user.offsets[users[e]]; at < last; ++at) {
        auto& here = to[place_[by_user.index[at]]];
        if constexpr (std::is_same_v<Shared, shared_count>)
          here += 1;
        else
          here += values[e] * by_user.value[at];
      }
    }
  }

  // Rounds over the active weights until they stand; gives their number.
  std::uint32_t settle(const std::vector<double>& square, const slim_options& options, std::uint32_t most) {
    const std::size_t n = active_.size();
    left_.resize(n);
    for (std::size_t a = 0; a < n; ++a) {
      left_[a] = target_[active_[a]];
      for (std::size_t b = 0; b < n; ++b) left_[a] -= system_[a * stride_ + b] * weight_[b];
    }
    for (std::uint32_t round = 1;; ++round) {
      double change = 0;
      for (std::size_t a = 0; a < n; ++a) {
        const double own = square[item_[active_[a]]];
        const double next = std::max(0.0, (left_[a] + own * weight_[a] - options.l1_reg) / (own + options.l2_reg));
        const double step = next - weight_[a];
        if (step == 0) continue;
        weight_[a] = next;
        const double* row = system_.data() + a * stride_;
        for (std::size_t b = 0; b < n; ++b) left_[b] -= step * row[b];
        change = std::max(change, std::abs(step));
      }
      if (change <= options.tol || round >= most) return round;
    }
  }

  // What the weights leave of the products with each candidate.
  void subtract() {
    rest_ = target_;
    for (std::size_t a = 0; a < active_.size(); ++a) {
      if (weight_[a] == 0) continue;
      const auto w = static_cast<float>(weight_[a]);
      const float* row = gram_[a].data() + aside;
      for (std::size_t c = 0; c < rest_.size(); ++c) rest_[c] -= w * row[c];
    }
  }

  row_product<Shared> product_;
  std::vector<std::uint32_t> place_;  // by item: `aside` + its number among the candidates; less: it is none
  std::vector<std::uint32_t> item_;   // by candidate, ascending
  std::vector<float> target_, rest_;  // by candidate: its product with the item, and what the weights leave of it
  std::vector<std::uint8_t> at_;      // by candidate: whether it is active
  std::vector<std::uint32_t> active_;
  std::vector<std::pair<double, std::uint32_t>> entering_;
  std::vector<std::vector<float>> gram_;  // by active: products, by place
  std::vector<double> system_;            // active x active, rows stride_ apart
  std::vector<double> weight_, left_;     // by active: left_ as rest_
  std::size_t stride_ = 0;
};

template <class Shared>
core::sparse_rows solved(const core::sparse_view& by_item, const core::sparse_view& by_user, const slim_options& options,
                         const run_options& run) {
  const std::size_t n = by_item.rows;
  std::vector<double> square(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (by_item.value == nullptr) square[i] = static_cast<double>(by_item.length(i));
    for (const float v : by_item.values(i)) square[i] += double{v} * v;
    // No product of two items is above the greater of their squares.
    if (!std::isfinite(static_cast<float>(square[i]))) throw error("products beyond single precision: give smaller weights");
  }
  const auto edge = product_blocks(by_item, by_user, 4096);
  const std::size_t n_blocks = edge.size() - 1;
  const auto select = kernels::choose_select(core::permitted_simd());
  core::detail::scratch_pool<descent<Shared>> pool;
  std::vector<row_block> blocks(n_blocks);
  core::parallel_blocks(n_blocks, part_of(run, 0, 0.98), [&](std::size_t b) {
    auto scratch = pool.take(n);
    for (std::size_t i = edge[b]; i < edge[b + 1]; ++i)
      scratch->solve(by_item, by_user, square, static_cast<std::uint32_t>(i), options, select, blocks[b]);
    blocks[b].index.shrink_to_fit();
    blocks[b].value.shrink_to_fit();
    pool.give(std::move(scratch));
  });
  return core::transposed(joined(blocks, n), part_of(run, 0.98, 1));
}

}  // namespace

double slim_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const slim_options& options,
                   const run_options& run) {
  constexpr double usual = 512;  // weights of an item, where nothing limits them
  const fit_size of(n_users, n_items, n_interactions);
  const double n = of.items, candidates = options.candidates == 0 ? n : std::min<double>(n, options.candidates);
  const double kept = std::min({n, candidates, options.candidates == 0 ? usual : candidates});
  // Weights by target and by source; a thread's sums, and its products of those that have weight with the candidates.
  return of.turned() + 16 * n * kept + 40 * n +
         most_threads(run) * (row_product<shared_sum>::bytes(n) + 36 * n + 4 * kept * (candidates + 64) + 48 * kept * kept);
}

core::sparse_rows slim(const core::sparse_view& by_user, const slim_options& options, const run_options& run) {
  core::check_options(options);
  core::require_memory("the weights of " + std::to_string(by_user.columns) + " items",
                       slim_memory(by_user.rows, by_user.columns, by_user.size(), options, run),
                       options.candidates == 0 ? "set candidates, or leave out rare items" : "set fewer candidates");
  check_interactions("interactions", by_user, part_of(run, 0, 0.01));
  const auto by_item = core::transposed(by_user, part_of(run, 0.01, 0.02));
  const auto rest = part_of(run, 0.02, 1);
  return by_user.value == nullptr ? solved<shared_count>(by_item, by_user, options, rest)
                                  : solved<shared_sum>(by_item, by_user, options, rest);
}

}  // namespace clarion::recommend
