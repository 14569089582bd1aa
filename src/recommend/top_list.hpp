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

/// Keeps the k best of what is offered, at most `quota` of a group. What is offered is gathered and now and then cut to the best.
/// Under a quota the best are those that greed takes in order of score, as groups form a partition matroid.
class top_list {
public:
  top_list(std::size_t k, std::span<const std::uint32_t> group, std::uint32_t quota)
      : k_(k),
        cut_at_(std::max<std::size_t>(4 * k, 64)),
        group_(quota > 0 ? group : std::span<const std::uint32_t>{}),
        quota_(quota) {
    offered_.reserve(cut_at_);
  }

  /// What is not above this cannot enter, if it comes after the items that were offered before.
  float least() const { return least_; }

  void offer(float score, std::uint32_t item) {
    offered_.push_back({score, item});
    if (offered_.size() >= cut_at_) cut();
  }

  /// The best, in order.
  const std::vector<scored>& finish() {
    cut();
    std::sort(offered_.begin(), offered_.end(), better);
    return offered_;
  }

private:
  void cut() {
    if (!group_.empty())
      take_by_quota();
    else if (offered_.size() > k_) {
      std::nth_element(offered_.begin(), offered_.begin() + static_cast<std::ptrdiff_t>(k_ - 1), offered_.end(), better);
      offered_.resize(k_);
    }
    if (offered_.size() == k_) least_ = std::max_element(offered_.begin(), offered_.end(), better)->score;
  }

  void take_by_quota() {
    std::sort(offered_.begin(), offered_.end(), better);
    std::size_t kept = 0;
    for (const auto& each : offered_) {
      if (kept == k_) break;
      const auto same = std::count_if(offered_.begin(), offered_.begin() + static_cast<std::ptrdiff_t>(kept),
                                      [&](const scored& other) { return group_[other.item] == group_[each.item]; });
      if (same < static_cast<std::ptrdiff_t>(quota_)) offered_[kept++] = each;
    }
    offered_.resize(kept);
  }

  std::size_t k_, cut_at_;
  std::span<const std::uint32_t> group_;
  std::uint32_t quota_;
  float least_ = -std::numeric_limits<float>::infinity();
  std::vector<scored> offered_;
};

}  // namespace clarion::recommend
