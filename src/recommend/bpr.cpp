#include "clarion/recommend/bpr.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"
#include "clarion/core/random.hpp"
#include "kernels/bpr.hpp"
#include "recommend/check_interactions.hpp"
#include "recommend/factor_rows.hpp"
#include "recommend/fit_memory.hpp"

namespace clarion::recommend {

namespace {

// Rooms of random streams.
constexpr std::uint32_t of_users = 0x42505255, of_items = 0x42505249, of_order = 0x4250524f, of_draws = 0x42505244,
                        of_folding = 0x42505246;

std::uint64_t drawn_seed(std::uint64_t seed, std::uint64_t key, std::uint32_t room) {
  core::random_stream random(seed, key, room);
  const std::uint64_t high = random.bits();
  return (high << 32) | random.bits();
}

// Steps of an epoch: shorter from epoch to epoch, in a line towards 0.
kernels::bpr_step step_of(const bpr_options& options, std::uint32_t epoch) {
  kernels::bpr_step step;
  step.rate = static_cast<float>(options.learning_rate * (1 - static_cast<double>(epoch) / options.max_iter));
  step.user = static_cast<float>(options.user_regularization);
  step.positive = static_cast<float>(options.positive_regularization);
  step.negative = static_cast<float>(options.negative_regularization);
  step.bias = static_cast<float>(options.bias_regularization);
  step.candidates = options.candidates;
  return step;
}

// Items and their biases, in the order of an epoch.
struct placed_items {
  factor_rows vectors;
  std::vector<float> bias;
  std::vector<std::uint32_t> place, at;  // of an item; the item there

  placed_items(std::size_t rows, std::size_t factors) : vectors(rows, factors), bias(rows), place(rows), at(rows) {
    std::iota(place.begin(), place.end(), 0u);
    std::iota(at.begin(), at.end(), 0u);
  }

  // The next order (Durstenfeld, 1964).
  void shuffle(std::uint64_t seed, std::uint64_t epoch, const run_options& run) {
    core::random_stream random(seed, epoch, of_order);
    core::pulse pulse(run);
    for (std::size_t i = at.size(); i > 1; --i) {
      const std::size_t last = i - 1, other = random.below(i);
      if (i % 1024 == 0) pulse.beat(1 - static_cast<double>(i) / static_cast<double>(at.size()));
      if (last == other) continue;
      std::swap_ranges(vectors.row(last), vectors.row(last) + vectors.stride, vectors.row(other));
      std::swap(bias[last], bias[other]);
      std::swap(at[last], at[other]);
    }
    for (std::size_t p = 0; p < at.size(); ++p) place[at[p]] = static_cast<std::uint32_t>(p);
  }
};

// Users are cut into as many blocks as items. In stratum s of an epoch the pairs of user block b with item block b + s are
// stepped through; they share no row with those of other user blocks, which may run at the same time, in any order (Gemulla et
// al., KDD 2011). Items change places before each epoch, so that any two meet in a block in time.
struct strata {
  std::size_t n_items = 0, blocks = 1, block_items = 1;
  std::vector<std::size_t> first_user;    // of a block, and the end
  std::vector<std::uint32_t> user, item;  // of pairs by user block, item block and user; item: its place in the block
  std::vector<std::uint64_t> cell;        // user block x (blocks + 1): where the pairs with an item block begin

  strata() = default;
  strata(const core::sparse_view& by_user, std::size_t stride)
      : n_items(by_user.columns), user(by_user.size()), item(by_user.size()) {
    constexpr std::size_t least_items = 64, least_blocks = 16, most_blocks = 1024;
    constexpr std::size_t block_bytes = 512 << 10;  // of items: they stay in the second cache
    blocks = std::clamp(blocks_of(by_user.columns * stride * sizeof(float), block_bytes), least_blocks, most_blocks);
    blocks = std::max<std::size_t>(1, std::min({blocks, by_user.columns / least_items, by_user.rows}));
    block_items = std::max<std::size_t>(1, blocks_of(by_user.columns, blocks));
    // About as many pairs in each.
    first_user.push_back(0);
    for (std::size_t b = 1; b < blocks; ++b) {
      const std::uint64_t from = by_user.offsets[0] + by_user.size() * b / blocks;
      const auto* at = std::lower_bound(by_user.offsets + first_user.back(), by_user.offsets + by_user.rows, from);
      first_user.push_back(static_cast<std::size_t>(at - by_user.offsets));
    }
    first_user.push_back(by_user.rows);
    cell.resize(blocks * (blocks + 1));
  }

  std::size_t first_item(std::size_t block) const { return std::min(block * block_items, n_items); }

  // Cells of very many pairs are stepped through in parts: one is done before a stop is noticed.
  std::size_t parts_of_cells(const bpr_options& options) const {
    constexpr double most_work = 3e7;  // products
    const double work = static_cast<double>(user.size()) * options.candidates * static_cast<double>(padded(options.factors));
    return static_cast<std::size_t>(std::clamp(work / (static_cast<double>(blocks * blocks) * most_work), 0.0, 1e6)) + 1;
  }

  // Where a part of the pairs [first, last) begins: those of one user stay together.
  std::uint64_t edge_of_part(std::uint64_t first, std::uint64_t last, std::size_t part, std::size_t parts) const {
    std::uint64_t at = first + (last - first) * part / parts;
    while (part < parts && at > first && at < last && user[at] == user[at - 1]) ++at;
    return at;
  }

  void sort_pairs(const core::sparse_view& by_user, const std::vector<std::uint32_t>& place, const run_options& run) {
    core::parallel_blocks(blocks, run, [&](std::size_t b) {
      std::uint64_t* begin = cell.data() + b * (blocks + 1);
      std::fill_n(begin, blocks + 1, 0);
      const auto size = static_cast<std::uint32_t>(block_items);
      for (std::size_t u = first_user[b]; u < first_user[b + 1]; ++u)
        for (const auto i : by_user.indices(u)) ++begin[place[i] / size + 1];
      begin[0] = by_user.rows == 0 ? 0 : by_user.offsets[first_user[b]] - by_user.offsets[0];
      for (std::size_t j = 1; j <= blocks; ++j) begin[j] += begin[j - 1];
      std::vector<std::uint64_t> next(begin, begin + blocks);
      for (std::size_t u = first_user[b]; u < first_user[b + 1]; ++u)
        for (const auto i : by_user.indices(u)) {
          const std::uint32_t block = place[i] / size;
          const std::uint64_t at = next[block]++;
          user[at] = static_cast<std::uint32_t>(u);
          item[at] = place[i] - block * size;
        }
    });
  }
};

// A step for each interaction.
kernels::bpr_sums epoch_of(const strata& order, factor_rows& users, placed_items& items, std::vector<std::uint8_t>& seen,
                           const bpr_options& options, std::uint32_t epoch, const run_options& run) {
  const auto pass = kernels::choose_bpr(core::permitted_simd());
  const auto step = step_of(options, epoch);
  const std::size_t blocks = order.blocks, parts = order.parts_of_cells(options);
  std::vector<kernels::bpr_sums> sums(blocks * blocks * parts);
  std::vector<std::atomic<std::size_t>> done(blocks);  // parts of cells, by user block
  core::parallel_blocks(blocks * blocks * parts, run, [&](std::size_t at) {
    const std::size_t turn = at / blocks, stratum = turn / parts, b = at % blocks, other = (b + 1) % blocks,
                      j = (b + stratum) % blocks;
    // Who has these users, and had these items in the stratum before. Parts are handed out in order: those waited for are in
    // work.
    const auto wait_for = [&](std::size_t one, std::size_t turns) {
      for (auto n = done[one].load(std::memory_order_acquire); n < turns; n = done[one].load(std::memory_order_acquire))
        done[one].wait(n, std::memory_order_acquire);
    };
    wait_for(b, turn);
    wait_for(other, stratum * parts);
    const std::uint64_t* cell = order.cell.data() + b * (blocks + 1) + j;
    const std::size_t first = order.first_item(j);
    const auto from = order.edge_of_part(cell[0], cell[1], turn % parts, parts),
               to = order.edge_of_part(cell[0], cell[1], turn % parts + 1, parts);
    if (from < to)
      sums[at] = pass(users.data.data(), items.vectors.row(first), items.bias.data() + first, users.stride,
                      static_cast<std::uint32_t>(order.first_item(j + 1) - first), order.user.data() + from,
                      order.item.data() + from, static_cast<std::size_t>(to - from), seen.data() + first,
                      drawn_seed(options.seed, std::uint64_t{epoch} << 32 | at, of_draws), step);
    done[b].store(turn + 1, std::memory_order_release);
    done[b].notify_all();
  });
  kernels::bpr_sums all;
  for (const auto& sum : sums) {
    all.loss += sum.loss;
    all.steps += sum.steps;
  }
  return all;
}

// Rows with one number more.
template <class Row, class Last>
std::vector<float> packed(std::size_t rows, std::size_t factors, Row&& row, Last&& last) {
  std::vector<float> out(rows * (factors + 1));
  for (std::size_t r = 0; r < rows; ++r) *std::copy_n(row(r), factors, out.data() + r * (factors + 1)) = last(r);
  return out;
}

std::vector<float> packed_users(const factor_rows& users) {
  return packed(
      users.rows, users.factors, [&](std::size_t u) { return users.row(u); }, [](std::size_t) { return 1.0f; });
}

[[noreturn]] void diverged() {
  throw error("the steps led out of single precision: give a smaller learning_rate, or a regularization below 1 / learning_rate");
}

void check_finite(const std::vector<float>& values) {
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) diverged();
}

}  // namespace

double bpr_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const bpr_options& options,
                  const run_options&) {
  const fit_size of(n_users, n_items, n_interactions);
  const double d = options.factors, row = 4 * static_cast<double>(padded(options.factors));
  constexpr double cells = 1024.0 * 1024;
  // Vectors beside the pairs in their order; when these are let go, the result, one side after the other.
  return of.all() * (row + 16) +
         std::max(8 * of.entries + 32 * std::min(cells, of.items * of.items / 4096), 4 * (d + 1) * std::max(of.users, of.items));
}

bpr_model bpr(const core::sparse_view& by_user, const bpr_options& options, const run_options& run) {
  core::check_options(options);
  const std::size_t n_users = by_user.rows, n_items = by_user.columns;
  core::require_memory("factors of " + std::to_string(n_users) + " users and " + std::to_string(n_items) + " items",
                       bpr_memory(n_users, n_items, by_user.size(), options, run), "ask for fewer factors");
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));

  factor_rows users(n_users, options.factors);
  placed_items items(n_items, options.factors);
  users.draw(options.factors, options.seed, of_users, part_of(run, 0.02, 0.02));
  items.vectors.draw(options.factors, options.seed, of_items, part_of(run, 0.02, 0.02));
  for (std::size_t u = 0; u < n_users; ++u)
    if (by_user.length(u) == 0) std::fill_n(users.row(u), users.stride, 0.0f);
  strata order(by_user, users.stride);
  std::vector<std::uint8_t> seen(n_items);

  bpr_model out{n_users, n_items, options, {}, {}, {}};
  for (std::uint32_t epoch = 0; epoch < options.max_iter; ++epoch) {
    const auto part = [&](double from, double to) {
      const double at = 0.02 + 0.98 * epoch / options.max_iter, length = 0.98 / options.max_iter;
      return part_of(run, at + from * length, at + to * length);
    };
    items.shuffle(options.seed, epoch, part(0, 0.05));
    order.sort_pairs(by_user, items.place, part(0.05, 0.1));
    const auto sums = epoch_of(order, users, items, seen, options, epoch, part(0.1, 1));
    if (!std::isfinite(sums.loss)) diverged();
    out.loss.push_back(sums.steps > 0 ? sums.loss / static_cast<double>(sums.steps) : 0.0);
  }
  // Each is let go once it is not needed, so that packing takes no more than the fit.
  order = {};
  out.user_factors = packed_users(users);
  users = {};
  out.item_factors = packed(
      n_items, options.factors, [&](std::size_t i) { return items.vectors.row(items.place[i]); },
      [&](std::size_t i) { return items.bias[items.place[i]]; });
  check_finite(out.user_factors);
  check_finite(out.item_factors);
  return out;
}

std::vector<float> bpr_fold_in(const bpr_model& model, const core::sparse_view& rows, const run_options& run) {
  const auto& options = model.options;
  if (rows.columns != model.n_items)
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the " + std::to_string(model.n_items) + " items");
  check_interactions("rows", rows, part_of(run, 0, 0.05));
  const factor_rows with_bias(model.item_factors, model.n_items, options.factors + 1);
  placed_items items(model.n_items, options.factors);
  for (std::size_t i = 0; i < model.n_items; ++i) {
    std::copy_n(with_bias.row(i), options.factors, items.vectors.row(i));
    items.bias[i] = with_bias.row(i)[options.factors];
  }
  factor_rows users(rows.rows, options.factors);
  const auto pass = kernels::choose_bpr(core::permitted_simd());
  constexpr std::size_t block_rows = 64;
  core::parallel_blocks(blocks_of(rows.rows, block_rows), part_of(run, 0.05, 1), [&](std::size_t block) {
    std::vector<std::uint8_t> seen(model.n_items);
    std::vector<std::uint32_t> user;
    for (std::size_t r = block * block_rows; r < std::min(rows.rows, (block + 1) * block_rows); ++r) {
      const auto n = static_cast<std::size_t>(rows.length(r));
      user.assign(n, static_cast<std::uint32_t>(r));
      for (std::uint32_t epoch = 0; n > 0 && epoch < options.max_iter; ++epoch) {
        auto step = step_of(options, epoch);
        step.items_move = false;
        // The same draws for each row: its vector depends on its items alone.
        pass(users.data.data(), items.vectors.data.data(), items.bias.data(), users.stride,
             static_cast<std::uint32_t>(model.n_items), user.data(), rows.indices(r).data(), n, seen.data(),
             drawn_seed(options.seed, epoch, of_folding), step);
      }
    }
  });
  auto out = packed_users(users);
  check_finite(out);
  return out;
}

}  // namespace clarion::recommend
