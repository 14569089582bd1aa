#include "core/arrow_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>

#include "core/arrow_format.hpp"

namespace clarion::core {

namespace detail {

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

}  // namespace detail

using namespace detail;

namespace {

// f of the cell of a column of integers, in its own type.
auto with_integer(arrow_type type, const void* data, std::size_t at, const auto& f) {
  switch (type) {
    case arrow_type::int8:
      return f(load<std::int8_t>(data, at));
    case arrow_type::int16:
      return f(load<std::int16_t>(data, at));
    case arrow_type::int32:
      return f(load<std::int32_t>(data, at));
    case arrow_type::int64:
      return f(load<std::int64_t>(data, at));
    case arrow_type::uint8:
      return f(load<std::uint8_t>(data, at));
    case arrow_type::uint16:
      return f(load<std::uint16_t>(data, at));
    case arrow_type::uint32:
      return f(load<std::uint32_t>(data, at));
    default:
      return f(load<std::uint64_t>(data, at));
  }
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

// As to_chars has it: a float is shorter than the double that it becomes.
std::string shortest(std::floating_point auto value) {
  if (std::isnan(value)) return "nan";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

}  // namespace

void arrow_column::refuse(const char* wanted) const {
  malformed(name_, fmt::format("holds {} (format \"{}\"), not {}", to_string(type_), format_, wanted));
}

std::size_t arrow_column::index(std::size_t row) const {
  require(layout_ == layout::dictionary, "a dictionary");
  // A negative index becomes one beyond every dictionary.
  const auto value = with_integer(index_type_, data_, row + offset_, [](auto at) { return static_cast<std::uint64_t>(at); });
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
    case arrow_type::float16:
      return half_to_double(load<std::uint16_t>(data_, at));
    case arrow_type::float32:
      return static_cast<double>(load<float>(data_, at));
    case arrow_type::float64:
      return load<double>(data_, at);
    case arrow_type::decimal:
      return to_double(load_decimal(data_, at, width_), scale_);
    default:
      require(is_integer(type_), "a number");
      return with_integer(type_, data_, at, [](auto value) { return static_cast<double>(value); });
  }
}

std::optional<std::int64_t> arrow_column::integer(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->integer(index(row));
  require(is_integer(type_), "an integer");
  return with_integer(type_, data_, row + offset_, [](auto value) {
    return std::in_range<std::int64_t>(value) ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
  });
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
  return floor_div(load<std::int64_t>(data_, at) + ahead_, per_day_);
}

namespace {

constexpr std::int32_t held(std::int64_t days) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(days, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

// A divisor that the compiler knows costs a multiplication.
template <std::int64_t PerDay>
void divide_days(const void* data, std::size_t at, std::int64_t ahead, std::span<std::int32_t> out) {
  // What stands for a null may be any number: sums wrap.
  const auto local = [&](std::int64_t ticks) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(ticks) + static_cast<std::uint64_t>(ahead));
  };
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = held(floor_div(local(load<std::int64_t>(data, at + i)), PerDay));
}

}  // namespace

void arrow_column::days(std::size_t begin, std::span<std::int32_t> out) const {
  require(type_ == arrow_type::date || type_ == arrow_type::timestamp, "a date or a timestamp");
  if (layout_ == layout::dictionary) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = valid(begin + i) ? held(day(begin + i)) : 0;
    return;
  }
  const std::size_t at = begin + offset_;
  if (width_ == 4) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = load<std::int32_t>(data_, at + i);
    return;
  }
  switch (per_day_) {
    case 86400:
      return divide_days<86400>(data_, at, ahead_, out);
    case 86400000:
      return divide_days<86400000>(data_, at, ahead_, out);
    case 86400000000:
      return divide_days<86400000000>(data_, at, ahead_, out);
    case 86400000000000:
      return divide_days<86400000000000>(data_, at, ahead_, out);
    default:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = valid(begin + i) ? held(day(begin + i)) : 0;
  }
}

std::int64_t arrow_column::second(std::size_t row) const {
  if (layout_ == layout::dictionary) return child_->second(index(row));
  require(type_ == arrow_type::date || type_ == arrow_type::timestamp, "a date or a timestamp");
  const std::size_t at = row + offset_;
  if (width_ == 4) return load<std::int32_t>(data_, at) * std::int64_t{86400};
  return floor_div(load<std::int64_t>(data_, at), per_day_ / 86400);
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
    case arrow_type::int8:
    case arrow_type::int16:
    case arrow_type::int32:
    case arrow_type::int64:
    case arrow_type::uint8:
    case arrow_type::uint16:
    case arrow_type::uint32:
    case arrow_type::uint64:
      return with_integer(type_, data_, at, [](auto value) { return std::to_string(value); });
    case arrow_type::float32:
      return shortest(load<float>(data_, at));
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
        const auto ticks = load<std::int64_t>(data_, at) + ahead_ - days * per_day_;
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
}  // namespace clarion::core
