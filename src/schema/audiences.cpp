#include "clarion/schema/audiences.hpp"

#include <algorithm>
#include <bit>

#include "clarion/core/error.hpp"
#include "clarion/schema/detail/audiences_store.hpp"

namespace clarion::schema {

namespace {

const std::shared_ptr<const detail::audience_store>& empty_store() {
  static const auto store = std::make_shared<const detail::audience_store>();
  return store;
}

const audience_container* find_container(std::span<const audience_container> chunk, std::size_t campaign) {
  const auto at = std::ranges::lower_bound(chunk, campaign, {}, &audience_container::campaign);
  return at != chunk.end() && at->campaign() == campaign ? &*at : nullptr;
}

void check_index(const char* field, std::size_t index, std::size_t size) {
  if (index >= size) reject(field, std::to_string(index), "use an index below " + std::to_string(size));
}

}  // namespace

audiences::audiences() : store_(empty_store()) {}
audiences::audiences(std::shared_ptr<const detail::audience_store> store) : store_(std::move(store)) {}

std::size_t audiences::size() const { return store_->labels.size(); }
std::size_t audiences::n_customers() const { return store_->n_customers; }
std::uint64_t audiences::n_memberships() const { return store_->n_memberships; }
const std::vector<std::string>& audiences::campaigns() const { return store_->labels; }

std::optional<std::uint32_t> audiences::find(std::string_view campaign) const {
  const auto& order = store_->by_label;
  const auto at =
      std::ranges::lower_bound(order, campaign, {}, [&](std::uint32_t i) { return std::string_view(store_->labels[i]); });
  if (at == order.end() || store_->labels[*at] != campaign) return std::nullopt;
  return *at;
}

std::uint64_t audiences::count(std::size_t campaign) const {
  check_index("campaign", campaign, size());
  return store_->counts[campaign];
}

bool audiences::contains(std::size_t campaign, std::size_t customer) const {
  check_index("campaign", campaign, size());
  check_index("customer", customer, n_customers());
  const audience_container* c = find_container(chunk(customer >> chunk_bits), campaign);
  if (!c) return false;
  const auto low = static_cast<std::uint16_t>(customer & (chunk_size - 1));
  if (c->is_bitmap()) return c->bits()[low >> 6] >> (low & 63) & 1;
  return std::binary_search(c->list(), c->list() + c->count(), low);
}

std::vector<std::uint32_t> audiences::members(std::size_t campaign) const {
  check_index("campaign", campaign, size());
  std::vector<std::uint32_t> out;
  out.reserve(store_->counts[campaign]);
  for (std::size_t k = 0; k < n_chunks(); ++k) {
    const audience_container* c = find_container(chunk(k), campaign);
    if (!c) continue;
    const auto base = static_cast<std::uint32_t>(k << chunk_bits);
    if (c->is_bitmap()) {
      for (std::size_t w = 0; w < chunk_words(k); ++w)
        for (std::uint64_t bits = c->bits()[w]; bits; bits &= bits - 1)
          out.push_back(base + static_cast<std::uint32_t>(w * 64) + static_cast<std::uint32_t>(std::countr_zero(bits)));
    } else {
      for (std::uint32_t i = 0; i < c->count(); ++i) out.push_back(base + c->list()[i]);
    }
  }
  return out;
}

customer_ids audiences::id_kind() const { return store_->customers.kind(); }

std::int64_t audiences::customer_id(std::size_t customer) const {
  check_index("customer", customer, n_customers());
  if (id_kind() == customer_ids::text)
    reject("customer", std::to_string(customer), "ids of these audiences are text: use customer_text");
  if (id_kind() == customer_ids::none) return static_cast<std::int64_t>(customer);
  return store_->customers.integer(customer);
}

std::string_view audiences::customer_text(std::size_t customer) const {
  check_index("customer", customer, n_customers());
  if (id_kind() != customer_ids::text)
    reject("customer", std::to_string(customer), "ids of these audiences are not text: use customer_id");
  return store_->customers.text(customer);
}

std::optional<std::uint32_t> audiences::find_customer(std::int64_t id) const {
  if (id_kind() != customer_ids::none) return store_->customers.find(id);
  if (id < 0 || static_cast<std::uint64_t>(id) >= n_customers()) return std::nullopt;
  return static_cast<std::uint32_t>(id);
}

std::optional<std::uint32_t> audiences::find_customer(std::string_view id) const { return store_->customers.find(id); }

std::size_t audiences::memory_bytes() const {
  const auto& s = *store_;
  std::size_t bytes = sizeof s + s.counts.capacity() * sizeof s.counts[0] + s.by_label.capacity() * sizeof s.by_label[0] +
                      s.customers.memory_bytes() + s.labels.capacity() * sizeof(std::string) +
                      s.chunks.capacity() * sizeof(detail::audience_chunk);
  for (const auto& label : s.labels) bytes += label.capacity() > 15 ? label.capacity() + 1 : 0;
  for (const auto& c : s.chunks)
    bytes += c.payload.size() * sizeof(std::uint64_t) + c.containers.capacity() * sizeof(audience_container);
  return bytes;
}

std::size_t audiences::n_chunks() const { return store_->chunks.size(); }

std::size_t audiences::chunk_words(std::size_t chunk) const {
  const std::size_t customers = std::min<std::size_t>(chunk_size, n_customers() - (chunk << chunk_bits));
  return (customers + 63) / 64;
}

std::span<const audience_container> audiences::chunk(std::size_t chunk) const { return store_->chunks[chunk].containers; }

const char* describe(audience_reason reason) {
  switch (reason) {
    case audience_reason::null_campaign:
      return "the campaign is missing";
    case audience_reason::null_customer:
      return "the customer is missing";
    case audience_reason::bad_campaign:
      return "the campaign is not a whole number of 64 bits";
    case audience_reason::bad_customer:
      return "the customer is not a whole number of 64 bits";
    case audience_reason::unknown_campaign:
      return "the campaign index has no label";
  }
  return "unknown reason";
}

}  // namespace clarion::schema
