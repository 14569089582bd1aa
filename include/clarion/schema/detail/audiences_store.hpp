#pragma once

// What clarion::schema::audiences points to. Filled by the builders, constant afterwards.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "clarion/schema/audiences.hpp"

namespace clarion::schema::detail {

struct free_bytes {
  void operator()(void* p) const noexcept { std::free(p); }
};

/// Bytes on a cache-line boundary; many of them on large pages, which spares a page fault every 4 KiB.
void* allocate_lines(std::size_t bytes);

/// Uninitialised array on a cache-line boundary.
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

struct audience_chunk {
  raw_array<std::uint64_t> payload;  ///< bitmaps first, so that they stay on cache lines, then the lists
  std::vector<audience_container> containers;
};

struct audience_store {
  std::vector<std::string> labels;
  std::vector<std::uint32_t> by_label;  ///< campaign indices in the order of their labels
  std::vector<std::uint64_t> counts;
  std::uint64_t n_memberships = 0;
  std::size_t n_customers = 0;
  std::vector<audience_chunk> chunks;

  core::id_map customers;  ///< ids of the customers; of kind none and without a size where they were not kept
};

}  // namespace clarion::schema::detail
