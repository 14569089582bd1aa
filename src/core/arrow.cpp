#include "clarion/core/arrow.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "clarion/core/error.hpp"

namespace clarion::core {

namespace {

constexpr int deepest = 8;
constexpr std::int64_t most_rows = std::int64_t{1} << 48;

[[noreturn]] void malformed(std::string_view column, std::string_view what) {
  throw error(fmt::format("Arrow column \"{}\": {}", column, what));
}

template <class T>
T load(const void* base, std::size_t at) {
  T value;
  std::memcpy(&value, static_cast<const char*>(base) + at * sizeof(T), sizeof(T));
  return value;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

double half_to_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double fraction = bits & 1023;
  double value;
  if (exponent == 0)
    value = std::ldexp(fraction, -24);
  else if (exponent == 31)
    value = fraction == 0 ? HUGE_VAL : std::nan("");
  else
    value = std::ldexp(fraction + 1024, exponent - 25);
  return (bits & 0x8000) ? -value : value;
}

// gcc and clang have 128 bits, ISO C++ has not.
__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

// A decimal as sign and 128-bit magnitude.
struct wide {
  bool negative = false;
  uint128 magnitude = 0;
};

wide load_decimal(const void* data, std::size_t at, std::uint8_t width) {
  int128 value = 0;
  if (width == 4)
    value = load<std::int32_t>(data, at);
  else if (width == 8)
    value = load<std::int64_t>(data, at);
  else
    value = load<int128>(data, at);
  const auto bits = static_cast<uint128>(value);
  return value < 0 ? wide{true, -bits} : wide{false, bits};
}

double to_double(const wide& value, int scale) {
  const double magnitude = static_cast<double>(static_cast<std::uint64_t>(value.magnitude >> 64)) * 0x1p64 +
                           static_cast<double>(static_cast<std::uint64_t>(value.magnitude));
  const double scaled = scale >= 0 ? magnitude / std::pow(10.0, scale) : magnitude * std::pow(10.0, -scale);
  return value.negative ? -scaled : scaled;
}

std::string to_text(const wide& value, int scale) {
  std::string digits;
  for (auto rest = value.magnitude; rest != 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + int(rest % 10)));
  if (digits.empty()) digits = "0";
  if (scale < 0 && digits != "0") digits.append(static_cast<std::size_t>(-scale), '0');
  if (scale > 0) {
    if (digits.size() <= static_cast<std::size_t>(scale))
      digits.insert(0, static_cast<std::size_t>(scale) + 1 - digits.size(), '0');
    digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  }
  return value.negative ? "-" + digits : digits;
}

std::string shortest(double value) {
  if (std::isnan(value)) return "nan";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

// What a format string says, apart from the schema's children.
struct shape {
  arrow_type type = arrow_type::unsupported;
  std::uint8_t width = 0;
  int scale = 0;
  std::int64_t per_day = 1;
  std::int64_t list_size = 0;
};

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

shape shape_of(std::string_view f) {
  using t = arrow_type;
  constexpr std::int64_t day_seconds = 86400;
  if (f.size() == 1) {
    switch (f[0]) {
      case 'n':
        return {t::null};
      case 'b':
        return {t::boolean};
      case 'c':
        return {t::int8, 1};
      case 'C':
        return {t::uint8, 1};
      case 's':
        return {t::int16, 2};
      case 'S':
        return {t::uint16, 2};
      case 'i':
        return {t::int32, 4};
      case 'I':
        return {t::uint32, 4};
      case 'l':
        return {t::int64, 8};
      case 'L':
        return {t::uint64, 8};
      case 'e':
        return {t::float16, 2};
      case 'f':
        return {t::float32, 4};
      case 'g':
        return {t::float64, 8};
      case 'u':
      case 'z':
        return {t::text, 4};
      case 'U':
      case 'Z':
        return {t::text, 8};
      default:
        return {};
    }
  }
  if (f == "vu" || f == "vz") return {t::text, 16};
  if (f == "tdD") return {t::date, 4};
  if (f == "tdm") return {.type = t::date, .width = 8, .per_day = day_seconds * 1000};
  if (f.starts_with("ts") && f.size() >= 4 && f[3] == ':') {
    const std::int64_t ticks = f[2] == 's' ? 1 : f[2] == 'm' ? 1000 : f[2] == 'u' ? 1000000 : f[2] == 'n' ? 1000000000 : 0;
    if (ticks == 0) return {};
    return {.type = t::timestamp, .width = 8, .per_day = day_seconds * ticks};
  }
  if (f == "w:16") return {t::uuid, 16};
  if (f.starts_with("d:")) {
    const auto comma = f.find(',');
    if (comma == f.npos) return {};
    auto rest = f.substr(comma + 1);
    std::int64_t bits = 128;
    if (const auto second = rest.find(','); second != rest.npos) {
      bits = integer_of(rest.substr(second + 1)).value_or(0);
      rest = rest.substr(0, second);
    }
    const auto scale = integer_of(rest);
    if (!scale || *scale < -100 || *scale > 100 || (bits != 32 && bits != 64 && bits != 128)) return {};
    return {.type = t::decimal, .width = static_cast<std::uint8_t>(bits / 8), .scale = static_cast<int>(*scale)};
  }
  if (f == "+l" || f == "+vl") return {t::list, 4};
  if (f == "+L" || f == "+vL") return {t::list, 8};
  if (f.starts_with("+w:")) {
    const auto size = integer_of(f.substr(3));
    if (!size || *size < 0 || *size > INT32_MAX) return {};
    return {.type = t::list, .list_size = *size};
  }
  return {};
}

std::string_view name_of(const ArrowSchema& schema) { return schema.name ? std::string_view(schema.name) : std::string_view{}; }

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

arrow_type declared_type(const ArrowSchema& schema, int depth = 0) {
  if (schema.format == nullptr) malformed(name_of(schema), "the schema has no format");
  if (depth > deepest) malformed(name_of(schema), "nested too deeply");
  if (schema.dictionary != nullptr) {
    const auto index = shape_of(schema.format).type;
    if (index < arrow_type::int8 || index > arrow_type::uint64)
      malformed(name_of(schema), fmt::format("dictionary index of format \"{}\" is no integer", schema.format));
    return declared_type(*schema.dictionary, depth + 1);
  }
  return shape_of(schema.format).type;
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

std::string_view to_string(arrow_type type) {
  switch (type) {
    case arrow_type::null:
      return "null";
    case arrow_type::boolean:
      return "boolean";
    case arrow_type::int8:
      return "int8";
    case arrow_type::int16:
      return "int16";
    case arrow_type::int32:
      return "int32";
    case arrow_type::int64:
      return "int64";
    case arrow_type::uint8:
      return "uint8";
    case arrow_type::uint16:
      return "uint16";
    case arrow_type::uint32:
      return "uint32";
    case arrow_type::uint64:
      return "uint64";
    case arrow_type::float16:
      return "float16";
    case arrow_type::float32:
      return "float32";
    case arrow_type::float64:
      return "float64";
    case arrow_type::decimal:
      return "decimal";
    case arrow_type::date:
      return "date";
    case arrow_type::timestamp:
      return "timestamp";
    case arrow_type::text:
      return "text";
    case arrow_type::uuid:
      return "uuid";
    case arrow_type::list:
      return "list";
    case arrow_type::unsupported:
      return "unsupported";
  }
  return "unsupported";
}

void arrow_column::refuse(const char* wanted) const {
  malformed(name_, fmt::format("holds {} (format \"{}\"), not {}", to_string(type_), format_, wanted));
}

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
    if (out.type_ < arrow_type::int8 || out.type_ > arrow_type::uint64)
      malformed(out.name_, fmt::format("dictionary index of format \"{}\" is no integer", out.format_));
    if (array.dictionary == nullptr) malformed(out.name_, "the array lacks its dictionary");
    buffers_needed(2);
    out.data_ = needed(array.buffers[1]);
    out.layout_ = layout::dictionary;
    out.signed_index_ = out.type_ <= arrow_type::int64;
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

std::size_t arrow_column::index(std::size_t row) const {
  require(layout_ == layout::dictionary, "a dictionary");
  const std::size_t at = row + offset_;
  std::uint64_t value = 0;
  switch (width_) {
    case 1:
      value = signed_index_ ? static_cast<std::uint64_t>(load<std::int8_t>(data_, at)) : load<std::uint8_t>(data_, at);
      break;
    case 2:
      value = signed_index_ ? static_cast<std::uint64_t>(load<std::int16_t>(data_, at)) : load<std::uint16_t>(data_, at);
      break;
    case 4:
      value = signed_index_ ? static_cast<std::uint64_t>(load<std::int32_t>(data_, at)) : load<std::uint32_t>(data_, at);
      break;
    default:
      value = load<std::uint64_t>(data_, at);
  }
  if (value >= child_->size_) malformed(name_, fmt::format("a dictionary index is outside its {} entries", child_->size_));
  return value;
}

const arrow_column& arrow_column::dictionary() const {
  require(layout_ == layout::dictionary, "a dictionary");
  return *child_;
}

std::string_view arrow_column::text(std::size_t row) const {
  const std::size_t at = row + offset_;
  const auto* bytes = static_cast<const char*>(data_);
  switch (layout_) {
    case layout::offsets32: {
      const auto* starts = static_cast<const std::int32_t*>(starts_) + at;
      return {bytes + starts[0], static_cast<std::size_t>(starts[1] - starts[0])};
    }
    case layout::offsets64: {
      const auto* starts = static_cast<const std::int64_t*>(starts_) + at;
      return {bytes + starts[0], static_cast<std::size_t>(starts[1] - starts[0])};
    }
    case layout::views: {
      const char* view = bytes + at * 16;
      const auto length = load<std::int32_t>(view, 0);
      if (length < 0) malformed(name_, "a text view has a negative length");
      if (length <= 12) return {view + 4, static_cast<std::size_t>(length)};
      const auto buffer = load<std::int32_t>(view, 2), start = load<std::int32_t>(view, 3);
      if (buffer < 0 || buffer >= pool_count_ || start < 0 || std::int64_t{start} + length > pool_sizes_[buffer] ||
          pool_[buffer] == nullptr)
        malformed(name_, "a text view reaches beyond its buffer");
      return {static_cast<const char*>(pool_[buffer]) + start, static_cast<std::size_t>(length)};
    }
    case layout::dictionary:
      return child_->text(index(row));
    default:
      refuse("text");
  }
}

double arrow_column::number(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->number(index(row));
  const std::size_t at = row + offset_;
  switch (type_) {
    case arrow_type::boolean:
      return boolean(row) ? 1 : 0;
    case arrow_type::int8:
      return load<std::int8_t>(data_, at);
    case arrow_type::int16:
      return load<std::int16_t>(data_, at);
    case arrow_type::int32:
      return load<std::int32_t>(data_, at);
    case arrow_type::int64:
      return static_cast<double>(load<std::int64_t>(data_, at));
    case arrow_type::uint8:
      return load<std::uint8_t>(data_, at);
    case arrow_type::uint16:
      return load<std::uint16_t>(data_, at);
    case arrow_type::uint32:
      return load<std::uint32_t>(data_, at);
    case arrow_type::uint64:
      return static_cast<double>(load<std::uint64_t>(data_, at));
    case arrow_type::float16:
      return half_to_double(load<std::uint16_t>(data_, at));
    case arrow_type::float32:
      return static_cast<double>(load<float>(data_, at));
    case arrow_type::float64:
      return load<double>(data_, at);
    case arrow_type::decimal:
      return to_double(load_decimal(data_, at, width_), scale_);
    default:
      refuse("a number");
  }
}

std::optional<std::int64_t> arrow_column::integer(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->integer(index(row));
  const std::size_t at = row + offset_;
  switch (type_) {
    case arrow_type::int8:
      return load<std::int8_t>(data_, at);
    case arrow_type::int16:
      return load<std::int16_t>(data_, at);
    case arrow_type::int32:
      return load<std::int32_t>(data_, at);
    case arrow_type::int64:
      return load<std::int64_t>(data_, at);
    case arrow_type::uint8:
      return load<std::uint8_t>(data_, at);
    case arrow_type::uint16:
      return load<std::uint16_t>(data_, at);
    case arrow_type::uint32:
      return load<std::uint32_t>(data_, at);
    case arrow_type::uint64: {
      const auto value = load<std::uint64_t>(data_, at);
      if (value > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      refuse("an integer");
  }
}

bool arrow_column::boolean(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->boolean(index(row));
  require(layout_ == layout::bits, "a boolean");
  const std::size_t bit = row + offset_;
  return ((static_cast<const std::uint8_t*>(data_)[bit >> 3] >> (bit & 7)) & 1u) != 0;
}

std::int64_t arrow_column::day(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->day(index(row));
  require(type_ == arrow_type::date || type_ == arrow_type::timestamp, "a date or a timestamp");
  const std::size_t at = row + offset_;
  if (width_ == 4) return load<std::int32_t>(data_, at);
  return floor_div(load<std::int64_t>(data_, at), per_day_);
}

std::span<const std::uint8_t, 16> arrow_column::uuid(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->uuid(index(row));
  require(type_ == arrow_type::uuid, "a 16-byte identifier");
  return std::span<const std::uint8_t, 16>(static_cast<const std::uint8_t*>(data_) + (row + offset_) * 16, 16);
}

arrow_column::extent arrow_column::list(std::size_t row) const {
  const std::size_t at = row + offset_;
  const auto view = [&](std::int64_t start, std::int64_t length) -> extent {
    if (start < 0 || length < 0 || start > most_rows || length > most_rows ||
        static_cast<std::size_t>(start + length) > child_->size_)
      malformed(name_, "a list view reaches beyond its items");
    return {static_cast<std::size_t>(start), static_cast<std::size_t>(start + length)};
  };
  switch (layout_) {
    case layout::list32: {
      const auto* starts = static_cast<const std::int32_t*>(starts_) + at;
      return {static_cast<std::size_t>(starts[0]), static_cast<std::size_t>(starts[1])};
    }
    case layout::list64: {
      const auto* starts = static_cast<const std::int64_t*>(starts_) + at;
      return {static_cast<std::size_t>(starts[0]), static_cast<std::size_t>(starts[1])};
    }
    case layout::view32:
      return view(load<std::int32_t>(starts_, at), load<std::int32_t>(sizes_, at));
    case layout::view64:
      return view(load<std::int64_t>(starts_, at), load<std::int64_t>(sizes_, at));
    case layout::fixed_list: {
      const auto size = static_cast<std::size_t>(list_size_);
      return {at * size, (at + 1) * size};
    }
    default:
      refuse("a list");
  }
}

const arrow_column& arrow_column::items() const {
  require(type_ == arrow_type::list && layout_ != layout::dictionary, "a list");
  return *child_;
}

std::string arrow_column::to_text(std::size_t row, std::string_view separator) const {
  if (!valid(row)) return {};
  if (layout_ == layout::dictionary) return child_->to_text(index(row), separator);
  const std::size_t at = row + offset_;
  switch (type_) {
    case arrow_type::null:
      return {};
    case arrow_type::boolean:
      return boolean(row) ? "true" : "false";
    case arrow_type::uint64:
      return std::to_string(load<std::uint64_t>(data_, at));
    case arrow_type::int8:
    case arrow_type::int16:
    case arrow_type::int32:
    case arrow_type::int64:
    case arrow_type::uint8:
    case arrow_type::uint16:
    case arrow_type::uint32:
      return std::to_string(*integer(row));
    case arrow_type::float32: {
      const float value = load<float>(data_, at);
      if (std::isnan(value)) return "nan";
      char buffer[40];
      return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
    }
    case arrow_type::float16:
    case arrow_type::float64:
      return shortest(number(row));
    case arrow_type::decimal:
      return core::to_text(load_decimal(data_, at, width_), scale_);
    case arrow_type::text:
      return std::string(text(row));
    case arrow_type::date:
    case arrow_type::timestamp: {
      const auto days = day(row);
      // Beyond the calendar's four-digit years the count of days says more than a wrapped date would.
      if (days < -719528 || days > 2932896) return fmt::format("day {}", days);
      std::string out = to_string(from_day_number(static_cast<std::int32_t>(days)));
      if (type_ == arrow_type::timestamp) {
        const auto ticks = load<std::int64_t>(data_, at) - days * per_day_;
        const auto per_second = per_day_ / 86400;
        const auto seconds = ticks / per_second;
        out += fmt::format("T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if (const auto rest = ticks % per_second; rest != 0)
          out += "." + fmt::format("{:0{}}", rest, static_cast<int>(std::lround(std::log10(static_cast<double>(per_second)))));
      }
      return out;
    }
    case arrow_type::uuid: {
      std::string out;
      for (const auto byte : uuid(row)) {
        if (out.size() == 8 || out.size() == 13 || out.size() == 18 || out.size() == 23) out += '-';
        out += fmt::format("{:02x}", byte);
      }
      return out;
    }
    case arrow_type::list: {
      std::string out;
      const auto [first, last] = list(row);
      for (std::size_t i = first; i < last; ++i) {
        if (i > first) out += separator;
        out += child_->to_text(i, separator);
      }
      return out;
    }
    case arrow_type::unsupported:
      break;
  }
  refuse("a type that clarion reads");
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
    fields_.push_back({std::string(name_of(column)), declared_type(column), std::string(column.format)});
  }
}

std::optional<arrow_batch> arrow_reader::next() {
  ArrowArray array{};
  if (const int code = stream_->get_next(stream_.get(), &array)) stream_failed(*stream_, "reading a batch", code);
  if (array.release == nullptr) return std::nullopt;
  return arrow_batch(schema_, owned(array));
}

}  // namespace clarion::core
