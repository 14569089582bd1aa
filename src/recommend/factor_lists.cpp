#include "recommend/factor_lists.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/candidates.hpp"
#include "recommend/item_layout.hpp"
#include "recommend/top_list.hpp"

namespace clarion::recommend {

namespace {

using kernels::candidate_panel;
using kernels::score_panel;

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr std::size_t block_users = 120;  // whole tiles of either kernel; with a panel they stay in the second level of cache

constexpr std::size_t blocks_of(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

// Places [first, last) of the order of items.
struct stretch {
  std::size_t first, last;
};

// The lists of a block of users, and what may enter them.
class block_lists {
public:
  block_lists(const factor_view& items, const factor_view& users, const top_k_filter& filter, std::size_t first, std::size_t n,
              std::vector<top_list>& lists)
      : items_(items), users_(users), filter_(filter), first_(first), lists_(lists) {
    for (std::size_t r = 0; r < n; ++r) {
      double square = 0;
      for (std::size_t k = 0; k < users.factors; ++k) square += double{row(r)[k]} * row(r)[k];
      norm_[r] = static_cast<float>(std::sqrt(square) * (1 + 1e-7));
    }
  }

  std::size_t factors() const { return items_.factors; }
  const float* row(std::size_t r) const { return users_.row(first_ + r); }
  float norm(std::size_t r) const { return norm_[r]; }
  float least(std::size_t r) const { return lists_[r].least(); }
  // How far a score in single precision may be from the product, in lengths of the two vectors.
  float rounding() const { return static_cast<float>(items_.factors) * 0x1p-23f + 1e-6f; }
  bool is_available(std::uint32_t item) const { return filter_.available.empty() || filter_.available[item] != 0; }
  std::span<const std::uint32_t> allowed(std::size_t r) const {
    return filter_.allow == nullptr ? std::span<const std::uint32_t>{} : filter_.allow->indices(first_ + r);
  }

  void offer(std::size_t r, std::uint32_t item, float score) {
    // Items do not come in their order: an equal score may still win.
    if (!(score >= least(r))) return;
    if (filter_.exclude != nullptr) {
      const auto out = filter_.exclude->indices(first_ + r);
      if (std::binary_search(out.begin(), out.end(), item)) return;
    }
    lists_[r].offer(score, item);
  }

  // Of a user who may have certain items alone.
  void offer_allowed(std::size_t r, kernels::score score) {
    std::vector<float> panel(factors() * score_panel);
    for (const auto item : allowed(r)) {
      if (!is_available(item)) continue;
      for (std::size_t k = 0; k < factors(); ++k) panel[k * score_panel] = items_.row(item)[k];
      float values[score_panel];
      std::uint32_t hit = 0;
      score(row(r), factors(), 1, panel.data(), factors(), nullptr, 0, &infinity, values, &hit);
      offer(r, item, values[0]);
    }
  }

private:
  const factor_view &items_, &users_;
  const top_k_filter& filter_;
  std::size_t first_;
  std::vector<top_list>& lists_;
  std::array<float, block_users> norm_{};
};

// Users who still look, side by side.
class seats {
public:
  explicit seats(const block_lists& lists, std::vector<std::size_t> users) : users_(std::move(users)) {
    for (std::size_t s = 0; s < users_.size(); ++s) {
      reach_[s] = lists.norm(users_[s]) * (1 + lists.rounding());
      least_[s] = lists.least(users_[s]);
    }
  }

  std::size_t size() const { return users_.size(); }
  std::size_t user(std::size_t s) const { return users_[s]; }
  const float* least() const { return least_.data(); }
  void set_least(std::size_t s, float least) { least_[s] = least; }

  // Whose list is full of better scores than any to come leaves the seat to the last.
  template <class Rows>
  void drop_done(float norm_to_come, Rows& rows) {
    int done = 0;
    for (std::size_t s = 0; s < size(); ++s) done += reach_[s] * norm_to_come < least_[s];
    for (std::size_t s = size(); done > 0 && s-- > 0;) {
      if (!(reach_[s] * norm_to_come < least_[s])) continue;
      const std::size_t last = size() - 1;
      rows.move(last, s);
      users_[s] = users_[last];
      reach_[s] = reach_[last];
      least_[s] = least_[last];
      users_.pop_back();
      --done;
    }
  }

  const std::vector<std::size_t>& users() const { return users_; }

private:
  std::vector<std::size_t> users_;
  std::array<float, block_users> reach_, least_;
};

struct float_rows {
  std::size_t factors;
  std::vector<float> values;

  float_rows(const block_lists& lists, const seats& of) : factors(lists.factors()), values(of.size() * factors) {
    for (std::size_t s = 0; s < of.size(); ++s) std::copy_n(lists.row(of.user(s)), factors, values.data() + s * factors);
  }
  void move(std::size_t from, std::size_t to) {
    std::copy_n(values.data() + from * factors, factors, values.data() + to * factors);
  }
};

void look_in_floats(block_lists& lists, seats& looking, const norm_order& order, const std::vector<float>& panels, stretch places,
                    kernels::score score) {
  float_rows rows(lists, looking);
  std::array<float, block_users> below;
  std::array<float, block_users * score_panel> values;
  std::array<std::uint32_t, block_users> hits;
  for (std::size_t first = places.first; first < places.last && looking.size() > 0; first += score_panel) {
    looking.drop_done(order.norm[first], rows);
    // Hits are above this; an equal score may win.
    for (std::size_t s = 0; s < looking.size(); ++s)
      below[s] = looking.least()[s] - std::abs(looking.least()[s]) * 0x1p-23f - 1e-37f;
    score(rows.values.data(), rows.factors, looking.size(), panels.data() + first * rows.factors, rows.factors, nullptr, 0,
          below.data(), values.data(), hits.data());
    for (std::size_t s = 0; s < looking.size(); ++s) {
      if (hits[s] == 0) continue;
      const std::size_t r = looking.user(s);
      for (auto bits = hits[s]; bits != 0; bits &= bits - 1) {
        const auto at = static_cast<std::size_t>(std::countr_zero(bits));
        if (first + at >= places.last) break;
        const auto item = order.item[first + at];
        if (lists.is_available(item)) lists.offer(r, item, values[s * score_panel + at]);
      }
      looking.set_least(s, lists.least(r));
    }
  }
}

// Rows in 8 bits. In units of a user's scale, x . y / scale = codes . y + error: an item of a panel of scale s can score above
// `least` only if its product of codes is above
//     least / scale / s - error * most_norm / s - norm * most_error / s.
struct code_rows {
  std::size_t depth;
  std::vector<std::int8_t> codes;
  std::array<float, block_users> per_scale, error, norm, offset;

  code_rows(const block_lists& lists, const seats& of, std::size_t depth_) : depth(depth_), codes(of.size() * depth_) {
    for (std::size_t s = 0; s < of.size(); ++s) {
      const float* row = lists.row(of.user(s));
      float most = 0;
      for (std::size_t k = 0; k < lists.factors(); ++k) most = std::max(most, std::abs(row[k]));
      const float scale = std::max(most / 127, std::numeric_limits<float>::min());
      per_scale[s] = 1 / scale;
      double errors = 0, squares = 0;
      int sum = 0;
      for (std::size_t k = 0; k < lists.factors(); ++k) {
        const int code = std::clamp(static_cast<int>(std::lrint(row[k] * per_scale[s])), -127, 127);
        codes[s * depth + k] = static_cast<std::int8_t>(code);
        const double off = row[k] / double{scale} - code;
        errors += off * off;
        squares += static_cast<double>(code) * code;
        sum += code;
      }
      // What single precision rounds away of a score adds to the error.
      const double rounding = double{lists.rounding()} * lists.norm(of.user(s)) / scale;
      error[s] = static_cast<float>((std::sqrt(errors) + rounding) * (1 + 1e-6));
      norm[s] = static_cast<float>(std::sqrt(squares) * (1 + 1e-6));
      offset[s] = 128.0f * static_cast<float>(sum);  // codes of items are 128 above what they mean
    }
  }

  void move(std::size_t from, std::size_t to) {
    std::copy_n(codes.data() + from * depth, depth, codes.data() + to * depth);
    for (auto* each : {&per_scale, &error, &norm, &offset}) (*each)[to] = (*each)[from];
  }

  // Bars of all seats, rounded down by more than they are rounded.
  void bars(const seats& of, const item_codes::panel& panel, float most_norm, std::int32_t* bar) const {
    const float per_panel = 1 / panel.scale, far = most_norm * per_panel, off = panel.most_error * per_panel;
    const float* least = of.least();
    for (std::size_t s = 0; s < of.size(); ++s) {
      const float exact = least[s] * per_scale[s] * per_panel, loose = error[s] * far + norm[s] * off;
      const float at = exact - loose + offset[s] - 2 - 1e-6f * (std::abs(exact) + loose + std::abs(offset[s]));
      bar[s] = static_cast<std::int32_t>(at > -2e9f ? std::min(at, 2e9f) : -2e9f);  // what is no number passes
    }
  }
};

void look_in_codes(block_lists& lists, seats& looking, const norm_order& order, const item_codes& codes, const float* items,
                   stretch places, kernels::candidates candidates, kernels::dots dots) {
  code_rows rows(lists, looking, codes.depth);
  std::array<std::int32_t, block_users> bar;
  std::array<std::uint64_t, block_users> hits;
  std::array<std::uint32_t, candidate_panel> chosen;
  std::array<float, candidate_panel> scores;
  for (std::size_t first = places.first; first < places.last && looking.size() > 0; first += candidate_panel) {
    looking.drop_done(order.norm[first], rows);
    rows.bars(looking, codes.panels[first / candidate_panel], order.norm[first], bar.data());
    candidates(rows.codes.data(), looking.size(), codes.codes.data() + first * codes.depth, codes.depth, bar.data(), hits.data());
    for (std::size_t s = 0; s < looking.size(); ++s) {
      if (hits[s] == 0) continue;
      const std::size_t r = looking.user(s);
      std::size_t n = 0;
      for (auto bits = hits[s]; bits != 0; bits &= bits - 1) {
        const std::size_t place = first + static_cast<std::size_t>(std::countr_zero(bits));
        if (place < places.last && lists.is_available(order.item[place])) chosen[n++] = order.item[place];
      }
      dots(lists.row(r), items, lists.factors(), chosen.data(), n, scores.data());
      for (std::size_t i = 0; i < n; ++i) lists.offer(r, chosen[i], scores[i]);
      looking.set_least(s, lists.least(r));
    }
  }
}

}  // namespace

void factor_lists(const item_index& index, const factor_view& users, const top_k_options& options, const top_k_filter& filter,
                  const run_options& run, top_k_result& out) {
  const auto level = core::permitted_simd();
  const auto score = kernels::choose_score(level);
  const auto candidates = kernels::choose_candidates(level);
  const auto dots = kernels::choose_dots(level);
  const factor_view& items = index.items().factors;
  const run_options begin = part_of(run, 0, 0.05);
  const auto& order = index.laid_out().order(items, begin);
  const auto* codes = candidates != nullptr ? &index.laid_out().codes(items, begin) : nullptr;
  // Lists fill up from the first items, of which codes would leave out little.
  const std::size_t head = item_index::layout::head;
  const auto& panels =
      codes == nullptr ? index.laid_out().ordered_panels(items, begin) : index.laid_out().head_panels(items, begin);

  // Few users are served by all threads, each with a part of the items.
  constexpr std::size_t least_part = 1 << 15;
  const std::size_t n = items.rows, blocks = blocks_of(users.rows, block_users);
  const std::size_t parts = blocks >= 8 ? 1 : std::clamp<std::size_t>(n / least_part, 1, 16);
  const auto edge = [&](std::size_t part) {
    return part == parts ? n : blocks_of(n, candidate_panel) * part / parts * candidate_panel;
  };
  std::vector<std::vector<top_list>> lists(blocks * parts);
  const auto write = [&](std::size_t r, top_list& list) {
    const auto& best = list.finish();
    out.lengths[r] = static_cast<std::uint32_t>(best.size());
    for (std::size_t i = 0; i < best.size(); ++i) {
      out.items[r * out.k + i] = best[i].item;
      out.scores[r * out.k + i] = best[i].score;
    }
  };
  core::parallel_blocks(blocks * parts, part_of(run, 0.05, 1), [&](std::size_t task) {
    const std::size_t first = task / parts * block_users, part = task % parts, count = std::min(block_users, users.rows - first);
    auto& own = lists[task];
    own.assign(count, top_list(options.k, filter.group, filter.group_quota));
    block_lists own_lists(items, users, filter, first, count, own);
    std::vector<std::size_t> open;
    for (std::size_t r = 0; r < count; ++r) {
      if (own_lists.allowed(r).empty())
        open.push_back(r);
      else if (part == 0)
        own_lists.offer_allowed(r, score);
    }
    seats looking(own_lists, std::move(open));
    const stretch places{edge(part), edge(part + 1)},
        begins{places.first, part == 0 ? std::min(head, places.last) : places.first};
    if (codes == nullptr) {
      look_in_floats(own_lists, looking, order, panels, places, score);
    } else {
      look_in_floats(own_lists, looking, order, panels, begins, score);
      look_in_codes(own_lists, looking, order, *codes, items.data, {begins.last, places.last}, candidates, dots);
    }
    if (parts > 1) return;
    for (std::size_t r = 0; r < count; ++r) write(first + r, own[r]);
    own = {};
  });
  for (std::size_t r = 0; parts > 1 && r < users.rows; ++r) {
    auto& list = lists[r / block_users * parts][r % block_users];
    for (std::size_t part = 1; part < parts; ++part)
      for (const auto& each : lists[r / block_users * parts + part][r % block_users].finish()) list.offer(each.score, each.item);
    write(r, list);
  }
}

}  // namespace clarion::recommend
