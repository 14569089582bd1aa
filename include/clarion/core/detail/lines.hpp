#pragma once

// Memory that starts on a cache line; much of it on large pages.

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::core::detail {

/// Uninitialised bytes on a cache-line boundary; from 8 MiB on large pages where the system has them: a page fault for every 2
/// MiB instead of 4 KiB, and a table that is read here and there finds its pages at once. std::free() gives them back.
CLARION_API void* allocate_lines(std::size_t bytes);

/// For vectors that are looked up at random.
template <class T>
struct line_allocator {
  using value_type = T;
  line_allocator() = default;
  template <class U>
  line_allocator(const line_allocator<U>&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(allocate_lines(n * sizeof(T))); }
  void deallocate(T* p, std::size_t) { std::free(p); }
  friend bool operator==(line_allocator, line_allocator) { return true; }
};
template <class T>
using line_vector = std::vector<T, line_allocator<T>>;

struct free_bytes {
  void operator()(void* p) const noexcept { std::free(p); }
};

/// Uninitialised array.
template <class T>
class raw_array {
public:
  raw_array() = default;
  explicit raw_array(std::size_t n) : size_(n) {
    if (n == 0) return;
    data_.reset(static_cast<T*>(allocate_lines(n * sizeof(T))));
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) const { return data_.get()[i]; }
  void reset() {
    data_.reset();
    size_ = 0;
  }

private:
  std::unique_ptr<T, free_bytes> data_;
  std::size_t size_ = 0;
};

}  // namespace clarion::core::detail
