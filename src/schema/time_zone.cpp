#include "schema/time_zone.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"
#include "schema/day_format.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

constexpr std::int64_t day_seconds = 86400;

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

// Counts of a header: UTC indicators, standard indicators, leap seconds, changes, types, letters.
struct header {
  std::size_t counts[6];
  std::size_t body(std::size_t time_width) const {
    return counts[3] * (time_width + 1) + counts[4] * 6 + counts[5] + counts[2] * (time_width + 4) + counts[1] + counts[0];
  }
};

int year_of(std::int64_t utc) {
  return int{std::chrono::year_month_day{
      std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{
          utc}})}.year()};
}

}  // namespace

time_zone::time_zone(const std::string& name) {
  if (name.empty() || name == "UTC" || name == "Z") return;
  if (name.front() == '+' || name.front() == '-') {
    // As it stands behind a time of day.
    const auto offset = clock_of("00:00" + name).offset;
    if (!offset || name.size() > 6) reject("time_zone", '"' + shortened(name, 60) + '"', "write an offset as \"+02:00\"");
    before_ = standard_ = *offset;
    return;
  }
  const auto fits = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '+' || c == '/';
  };
  std::string bytes;
  if (name.size() <= 64 && name.front() != '/' && std::all_of(name.begin(), name.end(), fits)) {
    const char* folder = std::getenv("TZDIR");
    std::ifstream file(std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") + "/" + name, std::ios::binary);
    if (file) bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  if (bytes.empty())
    reject("time_zone", '"' + shortened(name, 60) + '"',
           "write an offset such as \"+02:00\", or the name of a zone that this machine has, such as \"Europe/Berlin\"");
  read_file(bytes, name);
}

void time_zone::read_file(const std::string& bytes, const std::string& name) {
  const auto damaged = [&] { throw error("the file of the time zone " + name + " is damaged"); };
  const auto header_at = [&](std::size_t at) {
    if (at > bytes.size() || bytes.size() - at < 44 || bytes.compare(at, 4, "TZif") != 0) damaged();
    header out{};
    for (std::size_t i = 0; i < 6; ++i) {
      const auto count = big_endian(bytes, at + 20 + 4 * i, 4);
      if (count < 0 || count > (1 << 20)) damaged();
      out.counts[i] = static_cast<std::size_t>(count);
    }
    return out;
  };
  auto head = header_at(0);
  std::size_t at = 44, width = 4;
  if (bytes[4] >= '2') {  // the same again in 64 bits, and a rule for the time after it
    at += head.body(4);
    head = header_at(at);
    at += 44;
    width = 8;
  }
  const std::size_t changes = head.counts[3], types = head.counts[4];
  if (types == 0 || at + head.body(width) > bytes.size()) damaged();
  const std::size_t index = at + changes * width, table = index + changes;
  const auto ahead_of = [&](std::size_t type) {
    if (type >= types) damaged();
    return static_cast<std::int32_t>(big_endian(bytes, table + 6 * type, 4));
  };
  before_ = standard_ = ahead_of(0);
  for (std::size_t i = 0; i < changes; ++i) {
    from_.push_back(big_endian(bytes, at + i * width, width));
    ahead_.push_back(ahead_of(static_cast<unsigned char>(bytes[index + i])));
  }
  if (!std::is_sorted(from_.begin(), from_.end())) damaged();
  if (!ahead_.empty()) standard_ = ahead_.back();
  if (width == 8) {
    const std::size_t rule = at + head.body(8);
    if (rule < bytes.size() && bytes[rule] == '\n') read_rule(bytes.substr(rule + 1, bytes.find('\n', rule + 1) - rule - 1));
  }
}

// "CET-1CEST,M3.5.0,M10.5.0/3": offsets are west of Greenwich. Other kinds of rules leave the last offset as it is.
void time_zone::read_rule(const std::string& text) {
  std::size_t at = 0;
  const auto name = [&] {
    if (at < text.size() && text[at] == '<')
      at = std::min(text.find('>', at), text.size() - 1) + 1;
    else
      while (at < text.size() && lower(text[at]) >= 'a' && lower(text[at]) <= 'z') ++at;
  };
  const auto number = [&] {
    int value = 0;
    for (int n = 0; n < 4 && at < text.size() && is_digit(text[at]); ++n) value = value * 10 + (text[at++] - '0');
    return value;
  };
  const auto clock = [&] {
    std::int64_t sign = 1;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) sign = text[at++] == '-' ? -1 : 1;
    std::int64_t value = number() * 3600;
    for (const int unit : {60, 1})
      if (at < text.size() && text[at] == ':') {
        ++at;
        value += number() * unit;
      }
    return sign * value;
  };
  name();
  if (at >= text.size()) return;
  const auto standard = static_cast<std::int32_t>(-clock());
  auto summer = standard + 3600;
  name();
  if (at < text.size() && text[at] != ',') summer = static_cast<std::int32_t>(-clock());
  std::optional<clock_change> both[2];
  for (auto& one : both) {
    if (text.compare(at, 2, ",M") != 0) break;
    at += 2;
    one.emplace();
    one->month = number();
    ++at;
    one->week = number();
    ++at;
    one->weekday = number();
    if (at < text.size() && text[at] == '/') {
      ++at;
      one->second = clock();
    }
    if (one->month < 1 || one->month > 12 || one->week < 1 || one->week > 5 || one->weekday > 6) return;
  }
  if (both[0].has_value() != both[1].has_value()) return;
  if (at == text.size()) {
    standard_ = standard;
    summer_ = summer;
    to_summer_ = both[0];
    to_standard_ = both[1];
  }
}

std::int64_t clock_change::of_year(int year) const {
  using namespace std::chrono;
  const auto m = std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(this->month)};
  const std::chrono::weekday wanted{static_cast<unsigned>(this->weekday)};
  const sys_days day = week == 5 ? sys_days{m / wanted[last]} : sys_days{m / wanted[static_cast<unsigned>(week)]};
  return day.time_since_epoch().count() * day_seconds + second;
}

std::int32_t time_zone::ahead(std::int64_t utc) const {
  if (from_.empty() || utc < from_.front()) {
    if (!from_.empty()) return before_;
  } else if (utc < from_.back()) {
    const auto after = std::upper_bound(from_.begin(), from_.end(), utc);
    return ahead_[static_cast<std::size_t>(after - from_.begin()) - 1];
  }
  if (!to_summer_) return standard_;
  const int year = year_of(utc + standard_);
  const std::int64_t begin = to_summer_->of_year(year) - standard_, end = to_standard_->of_year(year) - summer_;
  const bool summer = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  return summer ? summer_ : standard_;
}

}  // namespace clarion::schema::detail
