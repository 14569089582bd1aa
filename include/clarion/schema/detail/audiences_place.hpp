#pragma once

// Between the readers of membership tables and the code that lays the sets out.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clarion/core/parallel.hpp"
#include "clarion/schema/detail/audiences_store.hpp"

namespace clarion::schema::detail {

inline constexpr std::uint32_t no_campaign = 0xffffffffu;  ///< code of a row to leave out

/// Rows of (campaign code, customer key), in any order. Read by several threads.
class membership_source {
public:
  virtual ~membership_source() = default;
  virtual std::size_t rows() const = 0;
  virtual void load(std::size_t begin, std::size_t n, std::uint32_t* codes, std::uint64_t* keys) const = 0;
  virtual void release(std::size_t /*begin*/, std::size_t /*n*/) {}  ///< rows that will not be read again; each is released once
};

/// Lays out the sets of store.labels.size() campaigns. Keys are below key_count; the customer of a key is the number of smaller
/// keys that occur, so it fills chunks, counts, n_memberships and n_customers. Returns the keys that occur, one bit each.
/// `accepted` receives the rows that were not left out.
std::vector<std::uint64_t> place_memberships(membership_source& source, std::uint64_t key_count, audience_store& store,
                                             std::uint64_t& accepted, const run_options& run);

}  // namespace clarion::schema::detail
