#include "clarion/core/ids.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

#include "clarion/core/error.hpp"

namespace clarion::core {

struct id_map::storage {
  id_kind kind = id_kind::none;
  std::size_t size = 0;
  std::int64_t first = 0;              // consecutive numbers: the first one, and `integers` is empty
  std::vector<std::int64_t> integers;  // by number
  std::vector<char> bytes;
  std::vector<std::uint64_t> offsets;   // size + 1, for texts
  std::vector<std::uint32_t> by_value;  // numbers in the order of their ids; empty where the ids ascend

  std::string_view text(std::size_t number) const {
    return {bytes.data() + offsets[number], static_cast<std::size_t>(offsets[number + 1] - offsets[number])};
  }
  std::size_t number_at(std::size_t place) const { return by_value.empty() ? place : by_value[place]; }

  template <class Id, class At>
  std::optional<std::uint32_t> search(const Id& id, At&& at) const {
    std::size_t low = 0, high = size;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (at(number_at(middle)) < id)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == size || at(number_at(low)) != id) return std::nullopt;
    return static_cast<std::uint32_t>(number_at(low));
  }
};

namespace {

constexpr std::size_t most_ids = std::numeric_limits<std::uint32_t>::max() - 1;

void check_size(const char* field, std::size_t size) {
  if (size > most_ids) reject(field, std::to_string(size) + " distinct ids", "use fewer than 2^32 - 1");
}

// Puts down the order of the ids where it is not that of their numbers, and refuses an id that occurs twice.
template <class At>
void order_by_value(std::vector<std::uint32_t>& by_value, std::size_t size, const char* field, At&& at) {
  bool ascending = true;
  for (std::size_t i = 1; i < size && ascending; ++i) ascending = at(i - 1) < at(i);
  if (ascending) return;
  by_value.resize(size);
  std::iota(by_value.begin(), by_value.end(), 0u);
  std::ranges::sort(by_value, [&](std::uint32_t a, std::uint32_t b) { return at(a) < at(b); });
  for (std::size_t i = 1; i < size; ++i)
    if (at(by_value[i - 1]) == at(by_value[i])) {
      std::string id;
      if constexpr (std::is_same_v<std::decay_t<decltype(at(0))>, std::string_view>)
        id = '"' + std::string(at(by_value[i])) + '"';
      else
        id = std::to_string(at(by_value[i]));
      reject(field, id + " twice", "give distinct ids");
    }
}

}  // namespace

id_map::id_map() {
  static const auto nothing = std::make_shared<const storage>();
  ids_ = nothing;
}
id_map::id_map(std::shared_ptr<const storage> ids) : ids_(std::move(ids)) {}

id_map id_map::none(std::size_t size) {
  check_size("ids", size);
  auto out = std::make_shared<storage>();
  out->size = size;
  return id_map(std::move(out));
}

id_map id_map::integers(std::int64_t first, std::size_t size) {
  check_size("ids", size);
  if (size > 0 &&
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - static_cast<std::uint64_t>(first) < size - 1)
    reject("first", std::to_string(first), "leave room for " + std::to_string(size) + " ids");
  auto out = std::make_shared<storage>();
  out->kind = id_kind::integer;
  out->size = size;
  out->first = first;
  return id_map(std::move(out));
}

id_map id_map::integers(std::vector<std::int64_t> ids, const char* field) {
  check_size(field, ids.size());
  auto out = std::make_shared<storage>();
  out->kind = id_kind::integer;
  out->size = ids.size();
  order_by_value(out->by_value, ids.size(), field, [&](std::size_t i) { return ids[i]; });
  if (!ids.empty()) {
    out->first = ids.front();
    const std::uint64_t reach = static_cast<std::uint64_t>(ids.back()) - static_cast<std::uint64_t>(ids.front());
    if (out->by_value.empty() && reach == ids.size() - 1) return id_map(std::move(out));
  }
  out->integers = std::move(ids);
  return id_map(std::move(out));
}

id_map id_map::texts(std::vector<char> bytes, std::vector<std::uint64_t> offsets, const char* field) {
  if (offsets.empty()) offsets.push_back(0);
  check_size(field, offsets.size() - 1);
  if (!std::ranges::is_sorted(offsets) || offsets.back() > bytes.size())
    reject(field, "offsets of texts that fall or leave the bytes", "give ascending offsets up to the number of bytes");
  auto out = std::make_shared<storage>();
  out->kind = id_kind::text;
  out->size = offsets.size() - 1;
  out->bytes = std::move(bytes);
  out->offsets = std::move(offsets);
  order_by_value(out->by_value, out->size, field, [&](std::size_t i) { return out->text(i); });
  return id_map(std::move(out));
}

std::size_t id_map::size() const { return ids_->size; }
id_kind id_map::kind() const { return ids_->kind; }

std::int64_t id_map::integer(std::size_t number) const {
  if (ids_->kind == id_kind::text) reject("id", "a number", "these ids are texts: use text()");
  if (number >= ids_->size) reject("number", std::to_string(number), "use one below " + std::to_string(ids_->size));
  if (ids_->kind == id_kind::none) return static_cast<std::int64_t>(number);
  if (ids_->integers.empty()) return static_cast<std::int64_t>(static_cast<std::uint64_t>(ids_->first) + number);
  return ids_->integers[number];
}

std::string_view id_map::text(std::size_t number) const {
  if (ids_->kind != id_kind::text) reject("id", "a text", "these ids are numbers: use integer()");
  if (number >= ids_->size) reject("number", std::to_string(number), "use one below " + std::to_string(ids_->size));
  return ids_->text(number);
}

std::string id_map::label(std::size_t number) const {
  return ids_->kind == id_kind::text ? std::string(text(number)) : std::to_string(integer(number));
}

std::optional<std::uint32_t> id_map::find(std::int64_t id) const {
  if (ids_->kind == id_kind::text) return std::nullopt;
  if (ids_->integers.empty()) {
    const std::int64_t first = ids_->kind == id_kind::none ? 0 : ids_->first;
    const std::uint64_t number = static_cast<std::uint64_t>(id) - static_cast<std::uint64_t>(first);
    if (id < first || number >= ids_->size) return std::nullopt;
    return static_cast<std::uint32_t>(number);
  }
  return ids_->search(id, [&](std::size_t i) { return ids_->integers[i]; });
}

std::optional<std::uint32_t> id_map::find(std::string_view id) const {
  if (ids_->kind != id_kind::text) return std::nullopt;
  return ids_->search(id, [&](std::size_t i) { return ids_->text(i); });
}

id_map id_map::take(std::span<const std::uint32_t> numbers) const {
  if (ids_->kind != id_kind::text) {
    std::vector<std::int64_t> ids;
    ids.reserve(numbers.size());
    for (const std::uint32_t i : numbers) ids.push_back(integer(i));
    return integers(std::move(ids));
  }
  std::vector<char> bytes;
  std::vector<std::uint64_t> offsets{0};
  offsets.reserve(numbers.size() + 1);
  for (const std::uint32_t i : numbers) {
    const std::string_view id = text(i);
    bytes.insert(bytes.end(), id.begin(), id.end());
    offsets.push_back(bytes.size());
  }
  return texts(std::move(bytes), std::move(offsets));
}

id_map id_map::extended(const id_map& more, std::vector<std::uint32_t>& number_of, const char* field) const {
  number_of.assign(more.size(), 0);
  const bool texts_here = kind() == id_kind::text, texts_there = more.kind() == id_kind::text;
  if (size() > 0 && more.size() > 0 && texts_here != texts_there)
    reject(field, texts_there ? "texts beside numbers" : "numbers beside texts", "give ids of the kind that is there");
  std::vector<std::uint32_t> added;
  for (std::size_t i = 0; i < more.size(); ++i) {
    const auto known = texts_there ? find(more.text(i)) : find(more.integer(i));
    if (known) {
      number_of[i] = *known;
    } else {
      number_of[i] = static_cast<std::uint32_t>(size() + added.size());
      added.push_back(static_cast<std::uint32_t>(i));
    }
  }
  check_size(field, size() + added.size());
  if (size() == 0) return more;
  if (added.empty()) return *this;
  if (!texts_here) {
    std::vector<std::int64_t> ids;
    ids.reserve(size() + added.size());
    for (std::size_t i = 0; i < size(); ++i) ids.push_back(integer(i));
    for (const std::uint32_t i : added) ids.push_back(more.integer(i));
    return integers(std::move(ids), field);
  }
  std::vector<char> bytes = ids_->bytes;
  std::vector<std::uint64_t> offsets = ids_->offsets;
  for (const std::uint32_t i : added) {
    const std::string_view id = more.text(i);
    bytes.insert(bytes.end(), id.begin(), id.end());
    offsets.push_back(bytes.size());
  }
  return texts(std::move(bytes), std::move(offsets), field);
}

std::size_t id_map::memory_bytes() const {
  const storage& s = *ids_;
  return sizeof s + s.integers.capacity() * sizeof(std::int64_t) + s.bytes.capacity() +
         s.offsets.capacity() * sizeof(std::uint64_t) + s.by_value.capacity() * sizeof(std::uint32_t);
}

bool id_map::same(const id_map& other) const {
  const storage &a = *ids_, &b = *other.ids_;
  return &a == &b || (a.kind == b.kind && a.size == b.size && (a.kind == id_kind::none || a.size == 0 || a.first == b.first) &&
                      a.integers == b.integers && a.offsets == b.offsets && a.bytes == b.bytes);
}

}  // namespace clarion::core
