#include "clarion/schema/detail/parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <utility>

#include "clarion/core/date.hpp"
#include "schema/text.hpp"

namespace clarion::schema::detail {

namespace {

std::int32_t make_day(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return no_day;
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  return ymd.ok() ? core::day_number(date{ymd}) : no_day;
}

int digits_at(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool is_letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// English, with the German, French, Spanish, Portuguese, Italian, Dutch and Swedish beginnings that differ from it.
int month_of(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, int>, 40> beginnings{{{"jan", 1},
                                                                                {"ene", 1},
                                                                                {"gen", 1},
                                                                                {"feb", 2},
                                                                                {"f\xc3\xa9v", 2},
                                                                                {"fev", 2},
                                                                                {"mar", 3},
                                                                                {"m\xc3\xa4r", 3},
                                                                                {"mrz", 3},
                                                                                {"mrt", 3},
                                                                                {"maa", 3},
                                                                                {"apr", 4},
                                                                                {"avr", 4},
                                                                                {"abr", 4},
                                                                                {"may", 5},
                                                                                {"mai", 5},
                                                                                {"mag", 5},
                                                                                {"mei", 5},
                                                                                {"maj", 5},
                                                                                {"juin", 6},
                                                                                {"jun", 6},
                                                                                {"giu", 6},
                                                                                {"juil", 7},
                                                                                {"jul", 7},
                                                                                {"lug", 7},
                                                                                {"aug", 8},
                                                                                {"ao\xc3\xbb", 8},
                                                                                {"aou", 8},
                                                                                {"ago", 8},
                                                                                {"sep", 9},
                                                                                {"set", 9},
                                                                                {"oct", 10},
                                                                                {"okt", 10},
                                                                                {"ott", 10},
                                                                                {"out", 10},
                                                                                {"nov", 11},
                                                                                {"dec", 12},
                                                                                {"dez", 12},
                                                                                {"d\xc3\xa9"
                                                                                 "c",
                                                                                 12},
                                                                                {"dic", 12}}};
  const auto key = lower(word.substr(0, 12));
  for (const auto& [beginning, month] : beginnings)
    if (key.starts_with(beginning)) return month;
  return 0;
}

bool is_weekday(std::string_view word) {
  const auto key = lower(word.substr(0, 3));
  for (const auto* name :
       {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo",  "di",  "mi",  "do",  "fr",  "sa",  "so",  "die",
        "mit", "don", "fre", "sam", "son", "lun", "mer", "mie", "jeu", "jue", "ven", "vie", "dom", "gio", "sab"})
    if (key == name) return true;
  return false;
}

// What stands behind a day's number: "27th Nov 2026", "27 de noviembre de 2026", "1er mars 2026".
bool is_ordinal(std::string_view word) {
  for (const auto* ending : {"st", "nd", "rd", "th", "de", "er", "\xc2\xba"})
    if (word == ending) return true;
  return false;
}

bool is_time(std::string_view rest) {
  if (rest.empty()) return true;
  if (rest.front() != ' ' && rest.front() != 'T' && rest.front() != ',') return false;
  bool colon = false;
  for (const char c : rest.substr(1)) {
    colon |= c == ':';
    if (!is_digit(c) && std::string_view(" :.+-,ZAPMapmUTCGT").find(c) == std::string_view::npos) return false;
  }
  return colon || trim(rest).empty() || trim(rest) == ",";
}

struct token {
  std::string_view text{};
  bool word = false;
  int number = 0;
};

int full_year(const token& t) {
  if (t.text.size() == 4) return t.number;
  if (t.text.size() == 2) return t.number < 70 ? 2000 + t.number : 1900 + t.number;
  return -1;
}

}  // namespace

std::int32_t day_of_number(double value) {
  // Day 1 of Excel is 1900-01-01, and its 1900 has a 29 February; counted from 1899-12-30, every day after that is right.
  constexpr std::int32_t excel_epoch = -25569;
  if (value != std::floor(value)) return no_day;
  if (value >= 20000 && value <= 90000) return excel_epoch + static_cast<std::int32_t>(value);
  if (value >= 10000101 && value <= 99991231) {
    const auto number = static_cast<std::int32_t>(value);
    return make_day(number / 10000, number / 100 % 100, number % 100);
  }
  // Seconds and milliseconds since 1970 from March 1973 on: below lie the numbers that are written as year, month and day.
  constexpr double day_seconds = 86400, first = 1e8, last = 4102444800;  // the end of 2099
  if (value >= first && value < last) return static_cast<std::int32_t>(value / day_seconds);
  if (value >= first * 1e3 && value < last * 1e3) return static_cast<std::int32_t>(value / (day_seconds * 1e3));
  return no_day;
}

day_guess parse_day(std::string_view text) {
  text = trim(text);
  if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
    const auto day = make_day(digits_at(text, 0, 4), digits_at(text, 5, 2), digits_at(text, 8, 2));
    if (day != no_day && (text.size() == 10 || is_time(text.substr(10)))) return {day, day, '-'};
    if (text.size() == 10) return {};
  }
  if (text.size() < 5 || text.size() > 64) return {};
  if (text.find_first_not_of("0123456789.") == text.npos && std::count(text.begin(), text.end(), '.') <= 1) {
    double number = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto day = code == std::errc{} && stop == text.data() + text.size() ? day_of_number(number) : no_day;
    return {day, day, 0};
  }

  std::array<token, 3> tokens;
  std::size_t count = 0, at = 0;
  char mark = 0;
  while (count < 3 && at < text.size()) {
    const std::size_t begin = at;
    token next;
    if (is_digit(text[at])) {
      while (at < text.size() && is_digit(text[at])) ++at;
      next.text = text.substr(begin, at - begin);
      if (next.text.size() > 8) return {};
      next.number = digits_at(next.text, 0, next.text.size());
    } else if (is_letter(text[at])) {
      while (at < text.size() && is_letter(text[at])) ++at;
      next.text = text.substr(begin, at - begin);
      next.word = true;
    } else {
      return {};
    }
    std::size_t gap = at;
    while (gap < text.size() && std::string_view("-/., ").find(text[gap]) != std::string_view::npos) ++gap;
    if (next.word && count == 0 && is_weekday(next.text) && month_of(next.text) == 0) {
      at = gap;
      continue;
    }
    if (next.word && (count == 2 || (count == 1 && month_of(next.text) == 0))) {
      if (!is_ordinal(next.text)) return {};
      at = gap;
      continue;
    }
    tokens[count++] = next;
    if (count == 3) break;
    if (mark == 0 && gap > at) mark = text[at];
    at = gap;
  }
  if (count != 3 || !is_time(text.substr(at))) return {};

  const auto& [a, b, c] = tokens;
  if (a.word) {
    const auto day = c.word ? no_day : make_day(full_year(c), month_of(a.text), b.number);
    return {day, day, mark};
  }
  if (b.word) {
    const auto day =
        a.text.size() == 4 ? make_day(a.number, month_of(b.text), c.number) : make_day(full_year(c), month_of(b.text), a.number);
    return {day, day, mark};
  }
  if (c.word || mark == 0) return {};
  if (a.text.size() == 4) {
    const auto day = make_day(a.number, b.number, c.number);
    return {day, day, mark};
  }
  if (a.text.size() > 2 || b.text.size() > 2) return {};
  const int year = full_year(c);
  if (year < 0) return {};
  return {make_day(year, b.number, a.number), make_day(year, a.number, b.number), mark};
}

namespace {

struct currency_sign {
  std::string_view sign, code;
};

// Longer signs before the ones they begin or end with.
constexpr std::array<currency_sign, 43> signs{{{"US$", "USD"},
                                               {"CA$", "CAD"},
                                               {"AU$", "AUD"},
                                               {"NZ$", "NZD"},
                                               {"HK$", "HKD"},
                                               {"NT$", "TWD"},
                                               {"MX$", "MXN"},
                                               {"R$", "BRL"},
                                               {"C$", "CAD"},
                                               {"A$", "AUD"},
                                               {"S$", "SGD"},
                                               {"$", "$"},
                                               {"\xe2\x82\xac", "EUR"},
                                               {"\xc2\xa3", "GBP"},
                                               {"\xc2\xa5", "JPY"},
                                               {"\xef\xbf\xa5", "JPY"},
                                               {"\xe5\x86\x86", "JPY"},
                                               {"\xe5\x85\x83", "CNY"},
                                               {"\xe2\x82\xb9", "INR"},
                                               {"\xe2\x82\xbd", "RUB"},
                                               {"\xe2\x82\xba", "TRY"},
                                               {"\xe2\x82\xa9", "KRW"},
                                               {"\xe2\x82\xaa", "ILS"},
                                               {"\xe2\x82\xab", "VND"},
                                               {"\xe2\x82\xb1", "PHP"},
                                               {"\xe2\x82\xb4", "UAH"},
                                               {"\xe0\xb8\xbf", "THB"},
                                               {"Rs.", "INR"},
                                               {"Rs", "INR"},
                                               {"Rp.", "IDR"},
                                               {"Rp", "IDR"},
                                               {"RM", "MYR"},
                                               {"SFr.", "CHF"},
                                               {"SFr", "CHF"},
                                               {"Fr.", "CHF"},
                                               {"K\xc4\x8d", "CZK"},
                                               {"Ft", "HUF"},
                                               {"lei", "RON"},
                                               {"TL", "TRY"},
                                               {"z\xc5\x82", "PLN"},
                                               {"\x80", "EUR"},
                                               {"kr.", ""},
                                               {"kr", ""}}};
constexpr std::array<std::string_view, 55> codes{"USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "NZD", "SEK",
                                                 "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "RUB", "UAH", "ILS",
                                                 "AED", "SAR", "ZAR", "BRL", "MXN", "ARS", "CLP", "COP", "KRW", "SGD", "HKD",
                                                 "THB", "VND", "IDR", "MYR", "PHP", "TWD", "ISK", "RSD", "EGP", "MAD", "NGN",
                                                 "KES", "GHS", "QAR", "KWD", "BHD", "PKR", "BDT", "LKR", "PEN", "UYU", "KZT"};

bool take_currency_front(std::string_view& text, std::string_view& code) {
  if (text.empty() || is_digit(text.front())) return false;
  for (const auto& one : signs)
    if (text.starts_with(one.sign)) {
      code = one.code;
      text = trim(text.substr(one.sign.size()));
      return true;
    }
  for (const auto one : codes)
    if (text.size() > 3 && equal_ignoring_case(text.substr(0, 3), one)) {
      code = one;
      text = trim(text.substr(3));
      return true;
    }
  return false;
}

bool take_currency_back(std::string_view& text, std::string_view& code) {
  if (text.empty() || is_digit(text.back())) return false;
  for (const auto& one : signs)
    if (text.ends_with(one.sign)) {
      code = one.code;
      text = trim(text.substr(0, text.size() - one.sign.size()));
      return true;
    }
  for (const auto one : codes)
    if (text.size() > 3 && equal_ignoring_case(text.substr(text.size() - 3), one)) {
      code = one;
      text = trim(text.substr(0, text.size() - 3));
      return true;
    }
  return false;
}

// "1'000.-", "1.000,--": dashes behind a decimal mark stand for no decimals. Gives the mark, 0 where there is none.
char take_empty_decimals(std::string_view& text) {
  auto rest = text;
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view dash : {"-", "\xe2\x80\x93", "\xe2\x80\x94"})
      if (rest.ends_with(dash)) {
        rest.remove_suffix(dash.size());
        more = true;
      }
  }
  if (rest.size() == text.size() || rest.size() < 2 || !is_digit(rest[rest.size() - 2])) return 0;
  const char mark = rest.back();
  if (mark != '.' && mark != ',') return 0;
  text = rest.substr(0, rest.size() - 1);
  return mark;
}

bool take_sign(std::string_view& text, bool& negative) {
  if (text.starts_with('-'))
    negative = !negative;
  else if (text.starts_with("\xe2\x88\x92")) {
    negative = !negative;
    text = trim(text.substr(3));
    return true;
  } else if (!text.starts_with('+')) {
    return false;
  }
  text = trim(text.substr(1));
  return true;
}

bool is_blank_word(std::string_view text) {
  if (text.size() > 4) return false;
  const auto key = lower(text);
  for (const auto* word :
       {"", "-", "--", "\xe2\x80\x93", "\xe2\x80\x94", "na", "n/a", "n.a.", "nan", "#n/a", "null", "none", "nil", "tbd", "?"})
    if (key == word) return true;
  return false;
}

constexpr double largest = 1e15;

double finish(const char* begin, const char* end, double scale, bool negative) {
  double value = 0;
  const auto [stop, code] = std::from_chars(begin, end, value);
  if (code != std::errc{} || stop != end) return std::nan("");
  value *= scale;
  if (!(value <= largest)) return std::nan("");
  return negative ? -value : value;
}

}  // namespace

number_guess parse_number(std::string_view text) {
  text = trim(text);
  number_guess out;
  if (text.empty()) {
    out.blank = true;
    return out;
  }
  // Most cells of most files: digits alone, or with a point that cannot be anything but a decimal mark.
  if (is_digit(text.front()) && is_digit(text.back()) && text.size() <= 24) {
    std::size_t point = text.size();
    bool plain = true;
    for (std::size_t i = 0; i < text.size() && plain; ++i) {
      if (is_digit(text[i])) continue;
      plain = text[i] == '.' && point == text.size();
      point = i;
    }
    const std::size_t after = point == text.size() ? 0 : text.size() - point - 1;
    if (plain && after != 3) {
      const double value = finish(text.data(), text.data() + text.size(), 1, false);
      return {value, after == 0 ? value : std::nan(""), {}, false};
    }
  }
  if (is_blank_word(text)) {
    out.blank = true;
    return out;
  }
  if (text.size() > 64) return out;

  bool negative = false;
  // An apostrophe in front tells a spreadsheet that the cell is text.
  if (text.front() == '\'' && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  if (text.front() == '(' && text.back() == ')') {
    negative = true;
    text = trim(text.substr(1, text.size() - 2));
  }
  take_sign(text, negative);
  if (take_currency_front(text, out.currency)) take_sign(text, negative);
  if (out.currency.empty()) take_currency_back(text, out.currency);
  const char decimal_mark = take_empty_decimals(text);
  double scale = 1;
  if (text.ends_with('%')) {
    scale = 0.01;
    text = trim(text.substr(0, text.size() - 1));
  } else if (text.size() > 1 && (text.ends_with('k') || text.ends_with('K'))) {
    scale = 1e3;
    text = trim(text.substr(0, text.size() - 1));
  } else if (text.size() > 1 && text.ends_with('M')) {
    // A small m may be a thousand (Roman), a thousandth or a million: not read.
    scale = 1e6;
    text = trim(text.substr(0, text.size() - 1));
  } else if (text.size() > 3 && equal_ignoring_case(text.substr(text.size() - 3), "mio")) {
    scale = 1e6;
    text = trim(text.substr(0, text.size() - 3));
  }
  if (out.currency.empty()) take_currency_back(text, out.currency);
  if (text.size() > 1 && text.ends_with('-')) {
    negative = !negative;
    text = trim(text.substr(0, text.size() - 1));
  }
  if (text.empty() || (!is_digit(text.front()) && text.front() != '.' && text.front() != ',')) return out;

  // The digits, with the groups' marks taken out; where the points and commas stood is kept as counts of digits before them.
  std::array<char, 72> digits{};
  std::size_t length = 0, points = 0, commas = 0, last_point = 0, last_comma = 0, last_mark = 0, exponent = 0;
  bool groups_fit = true;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_digit(c)) {
      digits[length++] = c;
    } else if (c == '.' || c == ',') {
      if (points + commas > 0 && (length - last_mark < 2 || length - last_mark > 3)) groups_fit = false;
      (c == '.' ? points : commas)++;
      (c == '.' ? last_point : last_comma) = length;
      last_mark = length;
    } else if (c == ' ' || c == '\'' || c == '_' || text.substr(at).starts_with("\xc2\xa0") ||
               text.substr(at).starts_with("\xe2\x80\xaf") || text.substr(at).starts_with("\xe2\x80\x89") ||
               text.substr(at).starts_with("\xe2\x80\x87") || text.substr(at).starts_with("\xe2\x80\x99")) {
      const std::size_t width = static_cast<unsigned char>(c) < 0x80 ? 1 : c == '\xc2' ? 2 : 3;
      std::size_t run = 0;
      while (at + width + run < text.size() && is_digit(text[at + width + run])) ++run;
      if (run != 3 || length == 0) return out;
      at += width - 1;
    } else if ((c == 'e' || c == 'E') && length > 0) {
      exponent = at;
      break;
    } else {
      return out;
    }
  }
  if (length == 0) return out;
  std::string_view power = exponent > 0 ? text.substr(exponent + 1) : std::string_view{};
  if (exponent > 0) {
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto magnitude = power.starts_with('-') ? power.substr(1) : power;
    if (magnitude.empty() || magnitude.size() > 4) return out;
    for (const char c : magnitude)
      if (!is_digit(c)) return out;
  }

  const auto value = [&](std::size_t decimal) {  // decimal: digits before the decimal mark
    std::array<char, 96> buffer{};
    std::size_t n = 0;
    if (decimal == 0) buffer[n++] = '0';
    for (std::size_t i = 0; i < length; ++i) {
      if (i == decimal) buffer[n++] = '.';
      buffer[n++] = digits[i];
    }
    if (exponent > 0) {
      buffer[n++] = 'e';
      for (const char c : power) buffer[n++] = c;
    }
    return finish(buffer.data(), buffer.data() + n, scale, negative);
  };
  const double whole = value(length);
  if (points == 0 && commas == 0) {
    out.point = out.comma = whole;
  } else if (points > 0 && commas > 0) {
    const bool point_last = last_point > last_comma;
    if (groups_fit && (point_last ? points : commas) == 1)
      (point_last ? out.point : out.comma) = value(point_last ? last_point : last_comma);
  } else {
    const std::size_t marks = points + commas, last = points > 0 ? last_point : last_comma;
    auto& as_decimal = points > 0 ? out.point : out.comma;
    auto& as_group = points > 0 ? out.comma : out.point;
    if (marks == 1) as_decimal = value(last);
    const bool grouped = length - last == 3 && groups_fit && last >= 1 && (marks > 1 || (last <= 3 && digits[0] != '0'));
    if (grouped && exponent == 0) as_group = whole;
  }
  if (decimal_mark == '.') out.comma = std::nan("");
  if (decimal_mark == ',') out.point = std::nan("");
  return out;
}

}  // namespace clarion::schema::detail
