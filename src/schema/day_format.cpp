#include "schema/day_format.hpp"

#include <chrono>

#include "clarion/core/date.hpp"
#include "clarion/core/error.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

class cursor {
public:
  explicit cursor(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip(std::size_t n = 1) { at_ += n; }
  void blanks() {
    while (peek() == ' ' || peek() == '\t') skip();
  }
  // A number of at most so many digits; -1 where none stands here.
  int number(int most) {
    int value = 0, n = 0;
    while (n < most && is_digit(peek())) {
      value = value * 10 + (peek() - '0');
      skip();
      ++n;
    }
    return n == 0 ? -1 : value;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    while ((lower(peek()) >= 'a' && lower(peek()) <= 'z') || static_cast<unsigned char>(peek()) >= 0x80) skip();
    return text_.substr(begin, at_ - begin);
  }
  // "Z", "+01:00", "-0530", "+01".
  std::optional<std::int32_t> offset() {
    if (peek() == 'Z' || peek() == 'z') {
      skip();
      return 0;
    }
    if (peek() != '+' && peek() != '-') return std::nullopt;
    const int sign = peek() == '-' ? -1 : 1;
    skip();
    const int hours = number(2);
    if (peek() == ':') skip();
    const int minutes = is_digit(peek()) ? number(2) : 0;
    if (hours < 0 || hours > 15 || minutes > 59) return std::nullopt;
    return sign * (hours * 3600 + minutes * 60);
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::int32_t day_of(int year, int month, int day) {
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  return year >= 1 && year <= 9999 && ymd.ok() ? core::day_number(date{ymd}) : no_day;
}

// The month that a word names in any of the languages that parse_day() reads.
int month_named(std::string_view word) {
  if (word.empty()) return -1;
  const auto guess = parse_day("1 " + std::string(word) + " 2000");
  if (!guess.certain()) return -1;
  return static_cast<int>(unsigned{std::chrono::year_month_day{core::from_day_number(guess.day_first)}.month()});
}

}  // namespace

void day_format::check(const std::string& format) {
  bool year = false, month = false, day = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char what = ++i < format.size() ? format[i] : '\0';
    if (what == '\0' || std::string_view("YymdbHIMSpz%").find(what) == std::string_view::npos)
      reject("date_format", '"' + shortened(format, 60) + '"', "the parts are %Y %y %m %d %b %H %I %M %S %p %z and %%");
    year |= what == 'Y' || what == 'y';
    month |= what == 'm' || what == 'b';
    day |= what == 'd';
  }
  if (!year || !month || !day)
    reject("date_format", '"' + shortened(format, 60) + '"', "give year, month and day, as in \"%d.%m.%Y\"");
}

std::optional<moment> day_format::read(std::string_view text) const {
  cursor at(trim(text));
  int year = -1, month = -1, day = -1, hour = -1, minute = 0, second = 0, half = -1;
  bool twelve = false;
  moment out;
  for (std::size_t i = 0; i < format_.size(); ++i) {
    if (format_[i] == ' ') {
      at.blanks();
      continue;
    }
    if (format_[i] != '%' || format_[++i] == '%') {
      if (at.peek() != format_[i] || at.done()) return std::nullopt;
      at.skip();
      continue;
    }
    int* into = nullptr;
    int digits = 2;
    switch (format_[i]) {
      case 'Y':
        into = &year;
        digits = 4;
        break;
      case 'm':
        into = &month;
        break;
      case 'd':
        into = &day;
        break;
      case 'I':
        twelve = true;
        [[fallthrough]];
      case 'H':
        into = &hour;
        break;
      case 'M':
        into = &minute;
        break;
      case 'S':
        into = &second;
        break;
      case 'y':
        year = at.number(2);
        if (year < 0) return std::nullopt;
        year += year < 70 ? 2000 : 1900;
        continue;
      case 'b':
        month = month_named(at.word());
        if (month < 0) return std::nullopt;
        continue;
      case 'p': {
        const auto word = lower(at.word());
        if (word != "am" && word != "pm") return std::nullopt;
        half = word == "pm";
        continue;
      }
      default:
        out.offset = at.offset();
        if (!out.offset) return std::nullopt;
        continue;
    }
    if ((*into = at.number(digits)) < 0) return std::nullopt;
  }
  if (!at.done() || hour > 23 || minute > 59 || second > 60 || (twelve && (hour < 1 || hour > 12))) return std::nullopt;
  if (half >= 0) hour = hour % 12 + 12 * half;
  out.day = day_of(year, month, day);
  if (out.day == no_day) return std::nullopt;
  if (hour >= 0) out.second = hour * 3600 + minute * 60 + (second < 60 ? second : 59);
  return out;
}

moment clock_of(std::string_view text) {
  moment out;
  const auto colon = text.find(':');
  if (colon == text.npos || colon == 0 || !is_digit(text[colon - 1])) return out;
  const std::size_t begin = colon >= 2 && is_digit(text[colon - 2]) ? colon - 2 : colon - 1;
  cursor at(text.substr(begin));
  int hour = at.number(2), second = 0;
  at.skip();
  const int minute = at.number(2);
  if (at.peek() == ':') {
    at.skip();
    second = at.number(2);
  }
  if (at.peek() == '.' || at.peek() == ',') {
    at.skip();
    while (is_digit(at.peek())) at.skip();
  }
  at.blanks();
  if ((lower(at.peek()) == 'a' || lower(at.peek()) == 'p') && lower(at.peek(1)) == 'm' && hour >= 1 && hour <= 12) {
    hour = hour % 12 + (lower(at.peek()) == 'p' ? 12 : 0);
    at.skip(2);
    at.blanks();
  }
  if (hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return out;
  out.second = hour * 3600 + minute * 60 + (second < 60 ? second : 59);
  out.offset = at.offset();
  return out;
}

}  // namespace clarion::schema::detail
