#include "recommend/interaction_layout.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "clarion/core/error.hpp"

namespace clarion::recommend::detail {

namespace {

constexpr std::size_t block_rows = std::size_t{1} << 17;
constexpr std::size_t bucket_rows = std::size_t{1} << 16;
constexpr std::size_t most_buckets = 4096;

// Ascending by bits [low, low + count); what is equal there keeps its order.
void sort_by_bits(std::vector<std::uint64_t>& values, std::vector<std::uint64_t>& other, unsigned low, unsigned count) {
  other.resize(values.size());
  while (count > 0) {
    const unsigned width = std::min(count, 11u);
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    std::size_t next[std::size_t{1} << 11] = {};
    for (const std::uint64_t v : values) ++next[v >> low & mask];
    std::size_t sum = 0;
    for (std::size_t d = 0; d <= mask; ++d) sum += std::exchange(next[d], sum);
    for (const std::uint64_t v : values) other[next[v >> low & mask]++] = v;
    values.swap(other);
    low += width;
    count -= width;
  }
}

// What rows of one user and item come to.
struct merged {
  double weight;
  std::int64_t time;
};

class merging {
public:
  merging(duplicate_rule rule, bool timed) : rule_(rule), timed_(timed) {}

  merged first(double weight, std::int64_t time) const { return {rule_ == duplicate_rule::binary ? 1 : weight, time}; }
  // Rows come in their order.
  void add(merged& to, double weight, std::int64_t time) const {
    switch (rule_) {
      case duplicate_rule::sum:
        to.weight += weight;
        break;
      case duplicate_rule::max:
        to.weight = std::max(to.weight, weight);
        break;
      case duplicate_rule::last:
        if (!timed_ || time >= to.time) to.weight = weight;
        break;
      case duplicate_rule::first:
        if (timed_ && time < to.time) to.weight = weight;
        break;
      case duplicate_rule::binary:
        break;
    }
    to.time = rule_ == duplicate_rule::first ? std::min(to.time, time) : std::max(to.time, time);
  }

private:
  duplicate_rule rule_;
  bool timed_;
};

class layout {
public:
  layout(std::vector<row_piece>& pieces, duplicate_rule rule, const decay& ages, interaction_store& store)
      : pieces_(pieces), rule_(rule), ages_(ages), store_(store), merge_(rule, store.has_times) {
    std::size_t in_block = 0;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      rows_ += pieces[p].rows();
      in_block += pieces[p].rows();
      weighted_ |= !pieces[p].weight.empty() || pieces[p].scale > 0;
      if (in_block >= block_rows || p + 1 == pieces.size()) {
        block_.push_back(p + 1);
        in_block = 0;
      }
    }
    weighted_ = (weighted_ || ages.half_life > 0) && rule != duplicate_rule::binary;
    counted_ = !weighted_ && rule == duplicate_rule::sum;
    const std::size_t users = std::max<std::size_t>(store.by_user.rows, 1);
    const std::size_t wanted = std::clamp<std::size_t>(rows_ / bucket_rows, 1, most_buckets);
    while (((users - 1) >> shift_) + 1 > wanted) ++shift_;
    buckets_ = ((users - 1) >> shift_) + 1;
  }

  void run(const run_options& run) {
    count(part_of(run, 0, .15));
    scatter(part_of(run, .15, .5));
    core::parallel_blocks(buckets_, part_of(run, .5, 1), [&](std::size_t b) { merge_bucket(b); });
    compact();
  }

private:
  std::size_t first_piece(std::size_t block) const { return block == 0 ? 0 : block_[block - 1]; }

  void count(const run_options& run) {
    place_.assign(block_.size() * buckets_, 0);
    core::parallel_blocks(block_.size(), run, [&](std::size_t k) {
      std::uint64_t* counts = place_.data() + k * buckets_;
      for (std::size_t p = first_piece(k); p < block_[k]; ++p)
        for (const std::uint32_t user : pieces_[p].user.codes) ++counts[user >> shift_];
    });
    bucket_.assign(buckets_ + 1, 0);
    std::uint64_t sum = 0;
    for (std::size_t b = 0; b < buckets_; ++b) {
      bucket_[b] = sum;
      for (std::size_t k = 0; k < block_.size(); ++k) sum += std::exchange(place_[k * buckets_ + b], sum);
    }
    bucket_[buckets_] = sum;
  }

  // Rows go to the bucket of their user, in their order.
  void scatter(const run_options& run) {
    users_ = std::make_unique_for_overwrite<std::uint32_t[]>(rows_);
    items().resize(rows_);
    if (weighted_ || counted_) weights().resize(rows_);
    if (store_.has_times) store_.times.resize(rows_);
    core::parallel_blocks(block_.size(), run, [&](std::size_t k) {
      std::uint64_t* next = place_.data() + k * buckets_;
      for (std::size_t p = first_piece(k); p < block_[k]; ++p) {
        row_piece& piece = pieces_[p];
        for (std::size_t i = 0; i < piece.rows(); ++i) {
          const std::uint32_t user = piece.user.codes[i];
          const std::uint64_t to = next[user >> shift_]++;
          users_[to] = user;
          items()[to] = piece.item.codes[i];
          if (store_.has_times) store_.times[to] = piece.time[i];
          if (weighted_) weights()[to] = weight_of(piece, i);
        }
        piece = {};
      }
    });
  }

  float weight_of(const row_piece& piece, std::size_t row) const {
    const float given = piece.weight.empty() ? 1.0f : piece.weight[row];
    double factor = 1;
    if (piece.scale > 0)
      factor = static_cast<double>(piece.scale);
    else if (ages_.half_life > 0)
      factor = std::exp2(-std::max(0.0, static_cast<double>(ages_.reference) - static_cast<double>(piece.time[row])) /
                         ages_.half_life);
    else
      return given;
    return kept(static_cast<double>(given) * factor);
  }

  // Neither nothing nor infinite: an entry that is there stays there.
  static float kept(double weight) {
    constexpr double least = std::numeric_limits<float>::min(), most = std::numeric_limits<float>::max();
    return static_cast<float>(std::clamp(weight, least, most));
  }

  void merge_bucket(std::size_t b) {
    const std::uint64_t begin = bucket_[b], n = bucket_[b + 1] - begin;
    std::uint64_t* lengths = store_.by_user.offsets.data() + 1;
    if (n == 0) return;
    const auto low_user = static_cast<std::uint32_t>(b << shift_);
    const std::size_t most_item = std::max<std::size_t>(store_.by_user.columns, 2) - 1;
    const auto item_bits = static_cast<unsigned>(std::bit_width(most_item));
    const auto row_bits = static_cast<unsigned>(std::bit_width(n));
    // (user, item, row) in one number each, or the rows alone where that is too wide.
    std::vector<std::uint64_t> order(n), other;
    const bool packed = shift_ + item_bits + row_bits <= 64;
    if (packed) {
      for (std::uint64_t i = 0; i < n; ++i)
        order[i] = ((static_cast<std::uint64_t>(users_[begin + i] - low_user) << item_bits | items()[begin + i]) << row_bits) | i;
      if (n < 512)
        std::sort(order.begin(), order.end());
      else
        sort_by_bits(order, other, row_bits, item_bits + shift_);
      const std::uint64_t mask = (std::uint64_t{1} << row_bits) - 1;
      for (auto& o : order) o &= mask;
    } else {
      for (std::uint64_t i = 0; i < n; ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [&](std::uint64_t x, std::uint64_t y) {
        return std::tuple(users_[begin + x], items()[begin + x], x) < std::tuple(users_[begin + y], items()[begin + y], y);
      });
    }
    std::vector<std::uint32_t> item;
    std::vector<float> weight;
    std::vector<std::int64_t> time;
    item.reserve(n);
    const bool valued = weighted_ || counted_;
    if (valued) weight.reserve(n);
    if (store_.has_times) time.reserve(n);
    for (std::uint64_t i = 0; i < n;) {
      const std::uint32_t user = users_[begin + order[i]], of = items()[begin + order[i]];
      const auto weight_at = [&](std::uint64_t k) { return weighted_ ? static_cast<double>(weights()[begin + order[k]]) : 1.0; };
      const auto time_at = [&](std::uint64_t k) { return store_.has_times ? store_.times[begin + order[k]] : 0; };
      merged entry = merge_.first(weight_at(i), time_at(i));
      for (++i; i < n && users_[begin + order[i]] == user && items()[begin + order[i]] == of; ++i)
        merge_.add(entry, weight_at(i), time_at(i));
      item.push_back(of);
      if (valued) weight.push_back(kept(entry.weight));
      if (store_.has_times) time.push_back(entry.time);
      ++lengths[user];
    }
    std::ranges::copy(item, items().begin() + static_cast<std::ptrdiff_t>(begin));
    std::ranges::copy(weight, weights().begin() + static_cast<std::ptrdiff_t>(valued ? begin : 0));
    std::ranges::copy(time, store_.times.begin() + static_cast<std::ptrdiff_t>(store_.has_times ? begin : 0));
  }

  // Closes the gaps that merged rows left.
  void compact() {
    users_.reset();
    auto& offsets = store_.by_user.offsets;
    for (std::size_t u = 0; u < store_.by_user.rows; ++u) offsets[u + 1] += offsets[u];
    const std::uint64_t entries = offsets.back();
    if (entries == rows_) return;
    const auto close = [&](auto& values) {
      if (values.empty()) return;
      for (std::size_t b = 0; b < buckets_; ++b) {
        const std::uint64_t to = offsets[b << shift_];
        const std::uint64_t end = offsets[std::min<std::size_t>((b + 1) << shift_, store_.by_user.rows)];
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(bucket_[b]), end - to,
                    values.begin() + static_cast<std::ptrdiff_t>(to));
      }
      values.resize(entries);
      if (rows_ - entries > rows_ / 8) values.shrink_to_fit();
    };
    close(items());
    close(weights());
    close(store_.times);
  }

  std::vector<std::uint32_t>& items() { return store_.by_user.index; }
  std::vector<float>& weights() { return store_.by_user.value; }

  std::vector<row_piece>& pieces_;
  duplicate_rule rule_;
  decay ages_;
  interaction_store& store_;
  merging merge_;
  std::size_t rows_ = 0, buckets_ = 1;
  unsigned shift_ = 0;
  bool weighted_ = false;           // rows have weights
  bool counted_ = false;            // they have not, and sums count them
  std::vector<std::size_t> block_;  // the piece after the last one of each block
  std::vector<std::uint64_t> place_, bucket_;
  std::unique_ptr<std::uint32_t[]> users_;
};

}  // namespace

duplicate_rule duplicate_rule_of(const std::string& name) {
  if (name == "sum") return duplicate_rule::sum;
  if (name == "max") return duplicate_rule::max;
  if (name == "last") return duplicate_rule::last;
  if (name == "first") return duplicate_rule::first;
  if (name == "binary") return duplicate_rule::binary;
  reject("duplicates", '"' + name + '"', R"(give "sum", "max", "last", "first" or "binary")");
}

void lay_out(std::vector<row_piece>& pieces, duplicate_rule rule, const decay& ages, interaction_store& store,
             const run_options& run) {
  store.by_user.offsets.assign(store.by_user.rows + 1, 0);
  layout(pieces, rule, ages, store).run(run);
}

}  // namespace clarion::recommend::detail
