#include "core/arrow_format.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>

#include "clarion/core/error.hpp"

namespace clarion::core {

namespace detail {

[[noreturn]] void malformed(std::string_view column, std::string_view what) {
  throw error(fmt::format("Arrow column \"{}\": {}", column, what));
}

std::string_view name_of(const ArrowSchema& schema) { return schema.name ? std::string_view(schema.name) : std::string_view{}; }

namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Of zones that are an offset: "", "UTC", "+02:00", "-0530".
std::optional<std::int64_t> seconds_ahead(std::string_view zone) {
  for (const std::string_view utc : {"", "UTC", "Etc/UTC", "GMT", "Z", "Zulu", "Universal"})
    if (zone == utc) return 0;
  if (zone.size() < 5 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  const auto hours = integer_of(zone.substr(1, 2)), minutes = integer_of(zone.substr(zone[3] == ':' ? 4 : 3));
  if (!hours || !minutes || *hours < 0 || *hours > 15 || *minutes < 0 || *minutes > 59) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

}  // namespace

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
    const auto zone = f.substr(4);
    const auto ahead = seconds_ahead(zone);
    return {.type = t::timestamp,
            .width = 8,
            .per_day = day_seconds * ticks,
            .ahead = ahead.value_or(0) * ticks,
            .zone = ahead ? std::string_view{} : zone};
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

namespace {

std::int32_t int32_at(const char*& at) {
  std::int32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  at += sizeof value;
  return value;
}

// Whether the cells are pandas' own: the count of a period or an interval is no number that anyone else could read.
bool of_pandas(const char* metadata) {
  if (metadata == nullptr) return false;
  const auto pairs = int32_at(metadata);
  for (std::int32_t i = 0; i < pairs; ++i) {
    std::array<std::string_view, 2> pair;
    for (auto& text : pair) {
      const auto size = int32_at(metadata);
      if (size < 0) return false;
      text = {metadata, static_cast<std::size_t>(size)};
      metadata += size;
    }
    if (pair[0] == "ARROW:extension:name" && pair[1].starts_with("pandas.")) return true;
  }
  return false;
}

}  // namespace

arrow_type declared_type(const ArrowSchema& schema, int depth) {
  if (schema.format == nullptr) malformed(name_of(schema), "the schema has no format");
  if (depth > deepest) malformed(name_of(schema), "nested too deeply");
  if (schema.dictionary != nullptr) {
    const auto index = shape_of(schema.format).type;
    if (!is_integer(index))
      malformed(name_of(schema), fmt::format("dictionary index of format \"{}\" is no integer", schema.format));
    return declared_type(*schema.dictionary, depth + 1);
  }
  return of_pandas(schema.metadata) ? arrow_type::unsupported : shape_of(schema.format).type;
}

std::string_view zone_of(const ArrowSchema& schema) {
  const auto& cells = schema.dictionary != nullptr ? *schema.dictionary : schema;
  return cells.format != nullptr ? shape_of(cells.format).zone : std::string_view{};
}

}  // namespace detail

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
}  // namespace clarion::core
