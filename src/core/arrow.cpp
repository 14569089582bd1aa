#include "clarion/core/arrow.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "clarion/core/error.hpp"
#include "core/arrow_cells.hpp"
#include "core/arrow_format.hpp"

namespace clarion::core {

using namespace detail;

namespace {

const ArrowSchema& child_of(const ArrowSchema& schema, std::int64_t i) {
  if (i >= schema.n_children || schema.children == nullptr || schema.children[i] == nullptr)
    malformed(name_of(schema), fmt::format("the schema lacks its child {}", i));
  return *schema.children[i];
}

const ArrowArray& child_of(const ArrowArray& array, std::int64_t i, std::string_view name) {
  if (i >= array.n_children || array.children == nullptr || array.children[i] == nullptr)
    malformed(name, fmt::format("the array lacks its child {}", i));
  return *array.children[i];
}

template <class Offset>
std::pair<std::int64_t, std::int64_t> check_offsets(const void* starts, std::size_t first, std::size_t rows,
                                                    std::string_view name) {
  const auto* offsets = static_cast<const Offset*>(starts) + first;
  if (offsets[0] < 0) malformed(name, "an offset is negative");
  bool falls = false;
  for (std::size_t i = 0; i < rows; ++i) falls |= offsets[i + 1] < offsets[i];
  if (falls) malformed(name, "an offset is less than the one before");
  return {offsets[0], offsets[rows]};
}

}  // namespace

arrow_column arrow_column::open(const ArrowSchema& schema, const ArrowArray& array, std::size_t first, std::size_t rows,
                                int depth) {
  arrow_column out;
  out.name_ = name_of(schema);
  if (schema.format == nullptr) malformed(out.name_, "the schema has no format");
  if (depth > deepest) malformed(out.name_, "nested too deeply");
  out.format_ = schema.format;
  if (array.length < 0 || array.offset < 0 || array.length > most_rows || array.offset > most_rows)
    malformed(out.name_, fmt::format("length {} and offset {} are out of range", array.length, array.offset));
  if (first + rows > static_cast<std::size_t>(array.length))
    malformed(out.name_, fmt::format("has {} rows where {} are needed", array.length, first + rows));
  out.size_ = rows;
  out.offset_ = first + static_cast<std::size_t>(array.offset);

  const auto shape = shape_of(out.format_);
  out.type_ = shape.type;
  out.width_ = shape.width;
  out.scale_ = shape.scale;
  out.per_day_ = shape.per_day;
  out.ahead_ = shape.ahead;
  out.list_size_ = shape.list_size;
  if (out.type_ == arrow_type::unsupported || out.type_ == arrow_type::null) {
    if (schema.dictionary != nullptr) malformed(out.name_, "dictionary index is no integer");
    return out;
  }

  const auto buffers_needed = [&](std::int64_t count) {
    if (array.n_buffers < count || (array.buffers == nullptr && count > 0))
      malformed(out.name_, fmt::format("has {} buffers where its format \"{}\" needs {}", array.n_buffers, out.format_, count));
  };
  const auto needed = [&](const void* buffer) {
    if (buffer == nullptr && rows > 0) malformed(out.name_, "lacks a buffer");
    return buffer;
  };
  buffers_needed(1);
  if (array.null_count != 0) out.validity_ = static_cast<const std::uint8_t*>(array.buffers[0]);
  if (array.null_count > 0 && out.validity_ == nullptr && rows > 0)
    malformed(out.name_, "says that cells are null but has no validity bitmap");

  if (schema.dictionary != nullptr) {
    if (!is_integer(out.type_)) malformed(out.name_, fmt::format("dictionary index of format \"{}\" is no integer", out.format_));
    if (array.dictionary == nullptr) malformed(out.name_, "the array lacks its dictionary");
    buffers_needed(2);
    out.data_ = needed(array.buffers[1]);
    out.layout_ = layout::dictionary;
    out.index_type_ = out.type_;
    const auto entries = array.dictionary->length;
    if (entries < 0) malformed(out.name_, "the dictionary has a negative length");
    out.child_ = std::make_shared<const arrow_column>(
        open(*schema.dictionary, *array.dictionary, 0, static_cast<std::size_t>(entries), depth + 1));
    out.type_ = out.child_->type_;
    return out;
  }

  switch (out.type_) {
    case arrow_type::boolean:
      buffers_needed(2);
      out.layout_ = layout::bits;
      out.data_ = needed(array.buffers[1]);
      break;
    case arrow_type::text:
      if (shape.width == 16) {
        buffers_needed(3);
        out.layout_ = layout::views;
        out.data_ = needed(array.buffers[1]);
        out.pool_ = array.buffers + 2;
        out.pool_count_ = array.n_buffers - 3;
        out.pool_sizes_ = static_cast<const std::int64_t*>(array.buffers[array.n_buffers - 1]);
        if (out.pool_count_ > 0 && out.pool_sizes_ == nullptr) malformed(out.name_, "lacks the sizes of its text buffers");
      } else {
        buffers_needed(3);
        out.starts_ = needed(array.buffers[1]);
        out.data_ = array.buffers[2];
        out.layout_ = shape.width == 4 ? layout::offsets32 : layout::offsets64;
        if (rows > 0) {
          const auto [low, high] = shape.width == 4 ? check_offsets<std::int32_t>(out.starts_, out.offset_, rows, out.name_)
                                                    : check_offsets<std::int64_t>(out.starts_, out.offset_, rows, out.name_);
          if (high > low && out.data_ == nullptr) malformed(out.name_, "lacks the bytes of its texts");
        }
      }
      break;
    case arrow_type::list: {
      const auto& item_schema = child_of(schema, 0);
      const auto& items = child_of(array, 0, out.name_);
      if (items.length < 0) malformed(out.name_, "its items have a negative length");
      const auto count = static_cast<std::size_t>(items.length);
      if (out.format_.starts_with("+w:")) {
        out.layout_ = layout::fixed_list;
        const auto last = static_cast<uint128>(out.offset_ + rows) * static_cast<uint128>(out.list_size_);
        if (last > count) malformed(out.name_, "has too few items for its fixed-size lists");
      } else if (out.format_.starts_with("+v")) {
        buffers_needed(3);
        out.layout_ = shape.width == 4 ? layout::view32 : layout::view64;
        out.starts_ = needed(array.buffers[1]);
        out.sizes_ = needed(array.buffers[2]);
      } else {
        buffers_needed(2);
        out.layout_ = shape.width == 4 ? layout::list32 : layout::list64;
        out.starts_ = needed(array.buffers[1]);
        if (rows > 0) {
          const auto last = (shape.width == 4 ? check_offsets<std::int32_t>(out.starts_, out.offset_, rows, out.name_)
                                              : check_offsets<std::int64_t>(out.starts_, out.offset_, rows, out.name_))
                                .second;
          if (static_cast<std::uint64_t>(last) > count) malformed(out.name_, "its lists reach beyond their items");
        }
      }
      out.child_ = std::make_shared<const arrow_column>(open(item_schema, items, 0, count, depth + 1));
      break;
    }
    default:
      buffers_needed(2);
      out.layout_ = layout::fixed;
      out.data_ = needed(array.buffers[1]);
  }
  return out;
}

arrow_batch::arrow_batch(std::shared_ptr<ArrowSchema> schema, std::shared_ptr<ArrowArray> array)
    : schema_(std::move(schema)), array_(std::move(array)) {
  if (array_->length < 0 || array_->offset < 0 || array_->length > most_rows || array_->offset > most_rows)
    throw error(fmt::format("Arrow batch: length {} and offset {} are out of range", array_->length, array_->offset));
  if (array_->n_children != schema_->n_children)
    throw error(fmt::format("Arrow batch: {} columns where the schema names {}", array_->n_children, schema_->n_children));
  rows_ = static_cast<std::size_t>(array_->length);
  columns_.reserve(static_cast<std::size_t>(array_->n_children));
  for (std::int64_t i = 0; i < array_->n_children; ++i) {
    const auto& column = child_of(*schema_, i);
    columns_.push_back(
        arrow_column::open(column, child_of(*array_, i, name_of(column)), static_cast<std::size_t>(array_->offset), rows_, 0));
  }
}

const arrow_column* arrow_batch::find(std::string_view name) const {
  for (const auto& column : columns_)
    if (column.name() == name) return &column;
  return nullptr;
}

namespace {

template <class T>
std::shared_ptr<T> owned(T moved) {
  return std::shared_ptr<T>(new T(moved), [](T* held) {
    if (held->release != nullptr) held->release(held);
    delete held;
  });
}

[[noreturn]] void stream_failed(ArrowArrayStream& stream, const char* doing, int code) {
  const char* text = stream.get_last_error != nullptr ? stream.get_last_error(&stream) : nullptr;
  throw error(fmt::format("Arrow stream: {} failed: {}", doing, text != nullptr ? text : std::strerror(code)));
}

}  // namespace

arrow_reader::arrow_reader(ArrowArrayStream* stream) {
  if (stream == nullptr || stream->release == nullptr) throw error("Arrow stream: it was released already");
  stream_ = owned(*stream);
  stream->release = nullptr;
  if (stream_->get_schema == nullptr || stream_->get_next == nullptr) throw error("Arrow stream: it has no functions to read it");

  ArrowSchema schema{};
  if (const int code = stream_->get_schema(stream_.get(), &schema)) stream_failed(*stream_, "reading the schema", code);
  if (schema.release == nullptr) throw error("Arrow stream: it gave no schema");
  schema_ = owned(schema);
  if (schema_->format == nullptr || std::string_view(schema_->format) != "+s")
    throw error(fmt::format("Arrow stream: it holds format \"{}\", not record batches; pass a table, not a single column",
                            schema_->format != nullptr ? schema_->format : ""));
  if (schema_->n_children < 0) throw error("Arrow stream: the schema has a negative number of columns");
  fields_.reserve(static_cast<std::size_t>(schema_->n_children));
  for (std::int64_t i = 0; i < schema_->n_children; ++i) {
    const auto& column = child_of(*schema_, i);
    fields_.push_back(
        {std::string(name_of(column)), declared_type(column), std::string(column.format), std::string(zone_of(column))});
  }
}

std::optional<arrow_batch> arrow_reader::next() {
  ArrowArray array{};
  if (const int code = stream_->get_next(stream_.get(), &array)) stream_failed(*stream_, "reading a batch", code);
  if (array.release == nullptr) return std::nullopt;
  return arrow_batch(schema_, owned(array));
}

}  // namespace clarion::core
