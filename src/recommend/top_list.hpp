#pragma once

// The best of what is offered to one list.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace clarion::recommend {

struct scored {
  float score;
  std::uint32_t item;
};

/// Higher scores first, equal ones in the order of items.
inline bool better(const scored& a, const scored& b) { return a.score != b.score ? a.score > b.score : a.item < b.item; }

/// Keeps the k best of what is offered, at most `quota` of a group. Under a quota what is offered is gathered and now and then
/// cut to the best: those that greed takes in order of score, as groups form a partition matroid.
class top_list {
public:
  top_list(std::size_t k, std::span<const std::uint32_t> group, std::uint32_t quota)
      : k_(k), group_(quota > 0 ? group : std::span<const std::uint32_t>{}), quota_(quota) {
    kept_.reserve(group_.empty() ? k : cut_at());
  }

  /// What is below this cannot enter, nor what is equal to it and comes after the items that were offered before.
  float least() const { return least_; }

  void offer(float score, std::uint32_t item) {
    const scored one{score, item};
    if (!group_.empty()) {
      kept_.push_back(one);
      if (kept_.size() >= cut_at()) cut();
      return;
    }
    // A heap whose first is the worst.
    if (kept_.size() == k_) {
      if (!better(one, kept_.front())) return;
      std::pop_heap(kept_.begin(), kept_.end(), better);
      kept_.back() = one;
    } else {
      kept_.push_back(one);
    }
    std::push_heap(kept_.begin(), kept_.end(), better);
    if (kept_.size() == k_) least_ = kept_.front().score;
  }

  /// The best, in order.
  const std::vector<scored>& finish() {
    if (!group_.empty()) cut();
    std::sort(kept_.begin(), kept_.end(), better);
    return kept_;
  }

private:
  std::size_t cut_at() const { return std::max<std::size_t>(4 * k_, 64); }

  void cut() {
    std::sort(kept_.begin(), kept_.end(), better);
    std::size_t kept = 0;
    for (const auto& each : kept_) {
      if (kept == k_) break;
      const auto same = std::count_if(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(kept),
                                      [&](const scored& other) { return group_[other.item] == group_[each.item]; });
      if (same < static_cast<std::ptrdiff_t>(quota_)) kept_[kept++] = each;
    }
    kept_.resize(kept);
    if (kept == k_) least_ = kept_.back().score;
  }

  std::size_t k_;
  std::span<const std::uint32_t> group_;
  std::uint32_t quota_;
  float least_ = -std::numeric_limits<float>::infinity();
  std::vector<scored> kept_;
};

}  // namespace clarion::recommend
