#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace clarion::core::detail {

/// Buffers handed from one block of work to the next; never more than there are threads at work. A new one is made of what take
/// is given.
template <class T>
class scratch_pool {
public:
  template <class... Of>
  std::unique_ptr<T> take(Of&&... of) {
    {
      const std::scoped_lock lock(mutex_);
      if (!free_.empty()) {
        auto out = std::move(free_.back());
        free_.pop_back();
        return out;
      }
    }
    return std::make_unique<T>(std::forward<Of>(of)...);
  }
  void give(std::unique_ptr<T> scratch) {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(scratch));
  }
  const std::vector<std::unique_ptr<T>>& all() const { return free_; }  ///< when nobody is at work

private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace clarion::core::detail
