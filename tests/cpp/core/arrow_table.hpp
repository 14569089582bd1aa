#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/arrow.hpp"

namespace clarion::tests {

/// A node of an Arrow schema and array pair whose memory it owns. Tests build columns out of it, sound ones and broken ones.
struct arrow_node {
  std::string format, name;
  std::int64_t length = 0, null_count = 0, offset = 0;
  std::vector<std::vector<std::uint8_t>> buffers;  // an empty vector stands for a null pointer
  std::vector<arrow_node> children;
  std::shared_ptr<arrow_node> dictionary;
};

template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> out(values.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

inline std::vector<std::uint8_t> bits_of(const std::vector<bool>& values) {
  std::vector<std::uint8_t> out((values.size() + 7) / 8);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i]) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (1u << (i % 8)));
  return out;
}

template <class T>
arrow_node fixed_column(std::string name, std::string format, const std::vector<T>& values, const std::vector<bool>& valid = {}) {
  arrow_node out{std::move(format), std::move(name), static_cast<std::int64_t>(values.size()), 0, 0, {}, {}, nullptr};
  for (const bool v : valid) out.null_count += !v;
  out.buffers = {bits_of(valid), bytes_of(values)};
  return out;
}

template <class Offset = std::int32_t>
arrow_node text_column(std::string name, const std::vector<std::optional<std::string>>& cells) {
  std::vector<Offset> offsets{0};
  std::vector<std::uint8_t> bytes;
  std::vector<bool> valid;
  arrow_node out;
  for (const auto& cell : cells) {
    if (cell) bytes.insert(bytes.end(), cell->begin(), cell->end());
    offsets.push_back(static_cast<Offset>(bytes.size()));
    valid.push_back(cell.has_value());
    out.null_count += !cell;
  }
  out.format = sizeof(Offset) == 4 ? "u" : "U";
  out.name = std::move(name);
  out.length = static_cast<std::int64_t>(cells.size());
  out.buffers = {bits_of(valid), bytes_of(offsets), bytes};
  return out;
}

/// A stream of batches; each batch is a list of columns, and the schema is that of the first.
class arrow_table {
public:
  explicit arrow_table(std::vector<std::vector<arrow_node>> batches, std::string root_format = "+s")
      : batches_(std::move(batches)), root_format_(std::move(root_format)) {}

  ArrowArrayStream stream() {
    next_ = 0;
    ArrowArrayStream out{};
    out.private_data = this;
    out.get_schema = [](ArrowArrayStream* s, ArrowSchema* schema) {
      auto* self = static_cast<arrow_table*>(s->private_data);
      self->fill(*schema, self->root(self->batches_.front()));
      return 0;
    };
    out.get_next = [](ArrowArrayStream* s, ArrowArray* array) {
      auto* self = static_cast<arrow_table*>(s->private_data);
      *array = {};
      if (self->next_ < self->batches_.size()) self->fill(*array, self->root(self->batches_[self->next_++]));
      return 0;
    };
    out.get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
    out.release = [](ArrowArrayStream* s) {
      ++static_cast<arrow_table*>(s->private_data)->released;
      s->release = nullptr;
    };
    return out;
  }
  int released = 0;

private:
  arrow_node& root(std::vector<arrow_node>& columns) {
    auto& out = roots_.emplace_back();
    out.format = root_format_;
    out.length = columns.empty() ? 0 : columns.front().length;
    out.buffers = {{}};
    out.children = columns;
    return out;
  }

  void fill(ArrowSchema& out, arrow_node& node) {
    out = {};
    out.format = node.format.c_str();
    out.name = node.name.c_str();
    out.flags = ARROW_FLAG_NULLABLE;
    out.n_children = static_cast<std::int64_t>(node.children.size());
    auto& pointers = schema_pointers_.emplace_back();
    for (auto& child : node.children) {
      auto& slot = schemas_.emplace_back();
      fill(slot, child);
      pointers.push_back(&slot);
    }
    out.children = pointers.empty() ? nullptr : pointers.data();
    if (node.dictionary) {
      auto& slot = schemas_.emplace_back();
      fill(slot, *node.dictionary);
      out.dictionary = &slot;
    }
    out.release = [](ArrowSchema* s) { s->release = nullptr; };
  }

  void fill(ArrowArray& out, arrow_node& node) {
    out = {};
    out.length = node.length;
    out.null_count = node.null_count;
    out.offset = node.offset;
    auto& buffers = buffer_pointers_.emplace_back();
    for (auto& buffer : node.buffers) buffers.push_back(buffer.empty() ? nullptr : buffer.data());
    out.n_buffers = static_cast<std::int64_t>(buffers.size());
    out.buffers = buffers.data();
    auto& pointers = array_pointers_.emplace_back();
    for (auto& child : node.children) {
      auto& slot = arrays_.emplace_back();
      fill(slot, child);
      pointers.push_back(&slot);
    }
    out.n_children = static_cast<std::int64_t>(pointers.size());
    out.children = pointers.empty() ? nullptr : pointers.data();
    if (node.dictionary) {
      auto& slot = arrays_.emplace_back();
      fill(slot, *node.dictionary);
      out.dictionary = &slot;
    }
    out.release = [](ArrowArray* a) { a->release = nullptr; };
  }

  std::vector<std::vector<arrow_node>> batches_;
  std::string root_format_;
  std::size_t next_ = 0;
  std::deque<arrow_node> roots_;
  std::deque<ArrowSchema> schemas_;
  std::deque<ArrowArray> arrays_;
  std::deque<std::vector<ArrowSchema*>> schema_pointers_;
  std::deque<std::vector<ArrowArray*>> array_pointers_;
  std::deque<std::vector<const void*>> buffer_pointers_;
};

}  // namespace clarion::tests
