#pragma once

// The other way round: the campaigns of each customer, slab by slab of a chunk, out of the campaign-wise sets.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clarion/schema/audiences.hpp"
#include "clarion/schema/detail/audiences_store.hpp"

namespace clarion::schema::detail {

/// Walks one chunk. Code is std::uint16_t or std::uint32_t and holds what number_of says of a campaign; rows list numbers in
/// ascending order. Keep the object and call open() again for the next chunk: buffers stay.
template <class Code>
class customer_rows {
public:
  static constexpr std::size_t slab_size = std::size_t{1} << 13;

  /// number_of: one entry a campaign; those below `limit` are distinct, and campaigns with others are left out.
  void open(const audiences& from, std::size_t chunk, std::span<const Code> number_of, std::size_t limit) {
    words_ = from.chunk_words(chunk);
    customers_left_ = std::min<std::size_t>(audiences::chunk_size, from.n_customers() - (chunk << audiences::chunk_bits));
    next_low_ = 0;
    sets_.clear();
    for (const audience_container& c : from.chunk(chunk))
      if (number_of[c.campaign()] < limit) sets_.push_back({number_of[c.campaign()], &c, 0, 0});
    std::ranges::sort(sets_, {}, &set::number);
  }

  /// Moves to the next slab; false after the last.
  bool next() {
    if (customers_left_ == 0) return false;
    n_ = std::min(slab_size, customers_left_);
    customers_left_ -= n_;
    low_ = next_low_;
    next_low_ += slab_size;
    begin_.fill(0);
    for (set& s : sets_) {
      if (s.container->is_bitmap()) {
        each_bit(s, [&](std::size_t k) { ++begin_[k + 1]; });
      } else {
        const std::uint16_t* list = s.container->list();
        s.from = s.to;
        s.to = static_cast<std::uint32_t>(end_of_slab(list, s.from, s.container->count()));
        for (std::uint32_t i = s.from; i < s.to; ++i) ++begin_[list[i] - low_ + 1];
      }
    }
    // begin_[k + 1] holds the length of row k; shifted by one place it becomes the place to write, and in the end the beginning.
    std::uint32_t sum = 0;
    for (std::size_t k = 0; k < n_; ++k) {
      const std::uint32_t length = begin_[k + 1];
      begin_[k + 1] = sum;
      sum += length;
    }
    if (codes_.size() < sum) codes_ = raw_array<Code>(sum + sum / 4);
    Code* codes = codes_.data();
    for (const set& s : sets_) {
      const Code number = s.number;
      if (s.container->is_bitmap()) {
        each_bit(s, [&](std::size_t k) { codes[begin_[k + 1]++] = number; });
      } else {
        const std::uint16_t* list = s.container->list();
        for (std::uint32_t i = s.from; i < s.to; ++i) codes[begin_[list[i] - low_ + 1]++] = number;
      }
    }
    return true;
  }

  std::size_t low() const { return low_; }  ///< first customer of the slab, counted inside the chunk
  std::size_t size() const { return n_; }   ///< customers of the slab
  std::span<const Code> row(std::size_t k) const { return {codes_.data() + begin_[k], codes_.data() + begin_[k + 1]}; }

private:
  struct set {
    Code number;
    const audience_container* container;
    std::uint32_t from, to;  // the part of a list that lies in the slab
  };

  std::size_t end_of_slab(const std::uint16_t* list, std::uint32_t from, std::uint32_t count) const {
    if (next_low_ >= audiences::chunk_size) return count;
    return static_cast<std::size_t>(std::lower_bound(list + from, list + count, static_cast<std::uint16_t>(next_low_)) - list);
  }

  template <class F>
  void each_bit(const set& s, F&& f) const {
    const std::uint64_t* bits = s.container->bits();
    const std::size_t end = std::min(words_, next_low_ / 64);
    for (std::size_t w = low_ / 64; w < end; ++w)
      for (std::uint64_t word = bits[w]; word; word &= word - 1)
        f(w * 64 - low_ + static_cast<std::size_t>(std::countr_zero(word)));
  }

  std::vector<set> sets_;
  std::array<std::uint32_t, slab_size + 1> begin_{};
  raw_array<Code> codes_;
  std::size_t words_ = 0, customers_left_ = 0, next_low_ = 0, low_ = 0, n_ = 0;
};

}  // namespace clarion::schema::detail
