#include "recommend/interaction_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <deque>
#include <numeric>
#include <optional>
#include <type_traits>

#include "clarion/core/date.hpp"
#include "clarion/core/detail/id_rank.hpp"
#include "clarion/core/error.hpp"
#include "core/text.hpp"

namespace clarion::recommend::detail {

namespace {

using core::arrow_column;
using core::arrow_type;
using core::text_cells;
using core::detail::id_dictionary;
using core::detail::id_form;
using core::detail::trim;
using reason = interaction_reason;

// Numbers of a piece from 0, by value where they lie close together and in the order of appearance elsewhere.
void number_integers(const std::vector<std::int64_t>& ids, id_piece& out) {
  out.codes.resize(ids.size());
  if (ids.empty()) return;
  const auto [low, high] = std::ranges::minmax(ids);
  const auto base = static_cast<std::uint64_t>(low);
  const std::uint64_t reach = static_cast<std::uint64_t>(high) - base;
  if (reach / 16 > ids.size()) {
    id_dictionary<std::int64_t> seen;
    // Where hardly an id comes twice, numbering the piece would only be done again for the whole.
    const std::size_t some = std::min<std::size_t>(ids.size(), 4096);
    for (std::size_t i = 0; i < some; ++i) seen.index(ids[i]);
    if (seen.keys().size() > some / 2) {
      std::iota(out.codes.begin(), out.codes.end(), 0u);
      out.integers = ids;
      return;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) out.codes[i] = seen.index(ids[i]);
    out.integers = seen.take_keys();
    return;
  }
  const std::size_t words = static_cast<std::size_t>(reach / 64) + 1;
  std::vector<std::uint64_t> present(words, 0);
  for (const std::int64_t id : ids) {
    const std::uint64_t key = static_cast<std::uint64_t>(id) - base;
    present[key / 64] |= std::uint64_t{1} << (key % 64);
  }
  std::vector<std::uint32_t> before(words);
  std::uint32_t count = 0;
  for (std::size_t w = 0; w < words; ++w) {
    before[w] = count;
    count += static_cast<std::uint32_t>(std::popcount(present[w]));
  }
  out.integers.reserve(count);
  for (std::size_t w = 0; w < words; ++w)
    for (std::uint64_t bits = present[w]; bits; bits &= bits - 1)
      out.integers.push_back(static_cast<std::int64_t>(base + w * 64 + static_cast<std::uint64_t>(std::countr_zero(bits))));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint64_t key = static_cast<std::uint64_t>(ids[i]) - base;
    const std::uint64_t below = (std::uint64_t{1} << (key % 64)) - 1;
    out.codes[i] = before[key / 64] + static_cast<std::uint32_t>(std::popcount(present[key / 64] & below));
  }
}

// Texts of a column of any type, each distinct one with a number.
class text_numbers {
public:
  explicit text_numbers(const arrow_column& column)
      : column_(column), entry_(column.is_dictionary() ? column.dictionary().size() : 0, none) {}

  std::uint32_t operator()(std::size_t row) {
    if (!column_.is_dictionary()) return number(column_, row);
    std::uint32_t& code = entry_[column_.index(row)];
    if (code == none) code = number(column_.dictionary(), column_.index(row));
    return code;
  }
  std::vector<std::string_view> take() { return seen_.take_keys(); }
  const std::vector<std::string_view>& texts() const { return seen_.keys(); }

private:
  static constexpr std::uint32_t none = 0xffffffffu;
  std::uint32_t number(const arrow_column& from, std::size_t row) {
    if (from.type() == arrow_type::text) return seen_.index(from.text(row));
    const std::string value = from.to_text(row);
    const std::uint64_t hash = core::detail::hash_id(std::string_view(value));
    if (const auto known = seen_.find(value, hash)) return *known;
    return seen_.index(made_.emplace_back(value), hash);
  }
  const arrow_column& column_;
  std::vector<std::uint32_t> entry_;
  std::deque<std::string> made_;  // texts that do not lie in the batch
  id_dictionary<std::string_view> seen_;
};

void keep_bytes(id_piece& out) {
  std::size_t size = 0;
  for (const auto text : out.texts) size += text.size();
  out.bytes.reserve(size);
  for (auto& text : out.texts) {
    const std::size_t at = out.bytes.size();
    out.bytes.insert(out.bytes.end(), text.begin(), text.end());
    text = {out.bytes.data() + at, text.size()};
  }
}

// The whole text as a number in C's form.
template <class T>
std::optional<T> read_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T out{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<double> number_in(std::string_view text) { return read_number<double>(trim(text)); }

// ISO 8601, a date or a date and a time of day, as seconds since 1970 in UTC; a time without an offset is UTC.
std::optional<std::int64_t> second_in(std::string_view text) {
  text = trim(text);
  const auto day = core::parse_iso_date(text);
  if (!day) return std::nullopt;
  std::int64_t out = core::day_number(*day) * std::int64_t{86400};
  text.remove_prefix(10);
  if (text.empty()) return out;
  if (text[0] != 'T' && text[0] != ' ') return std::nullopt;
  text.remove_prefix(1);
  // Takes two digits and the mark before them.
  const auto two = [&](std::string_view mark, int most) -> std::optional<int> {
    if (!text.starts_with(mark) || text.size() < mark.size() + 2) return std::nullopt;
    const std::string_view digits = text.substr(mark.size(), 2);
    if (digits[0] < '0' || digits[0] > '9') return std::nullopt;
    const auto value = read_number<int>(digits);
    if (!value || *value > most) return std::nullopt;
    text.remove_prefix(mark.size() + 2);
    return value;
  };
  const auto hour = two("", 23);
  const auto minute = hour ? two(":", 59) : std::nullopt;
  if (!minute) return std::nullopt;
  out += *hour * 3600 + *minute * 60;
  if (text.starts_with(':')) {
    const auto second = two(":", 60);
    if (!second) return std::nullopt;
    out += *second;
    if (text.starts_with('.')) {
      const auto digits = std::min(text.find_first_not_of("0123456789", 1), text.size());
      if (digits == 1) return std::nullopt;
      text.remove_prefix(digits);
    }
  }
  if (text.empty() || text == "Z") return out;
  const int ahead = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
  if (ahead == 0) return std::nullopt;
  const auto hours = two(text.substr(0, 1), 23);
  if (!hours) return std::nullopt;
  const auto minutes = text.empty() ? std::optional<int>(0) : two(text.starts_with(':') ? ":" : "", 59);
  if (!minutes || !text.empty()) return std::nullopt;
  return out - ahead * (*hours * 3600 + *minutes * 60);
}

}  // namespace

id_cells cells_of(const core::id_column& column) {
  return std::visit([](const auto& ids) -> id_cells { return ids; }, column);
}

core::id_kind kind_of(const id_cells& cells) {
  if (std::holds_alternative<text_cells>(cells)) return core::id_kind::text;
  if (const auto* arrow = std::get_if<arrow_ids>(&cells))
    return arrow->form == id_form::text ? core::id_kind::text : core::id_kind::integer;
  return core::id_kind::integer;
}

time_form time_form_of(const core::arrow_reader::field& field) {
  if (field.type == arrow_type::timestamp) return time_form::seconds;
  if (field.type == arrow_type::date) return time_form::days;
  if (is_integer(field.type) || field.type == arrow_type::null) return time_form::integer;
  if (field.type >= arrow_type::float16 && field.type <= arrow_type::float64) return time_form::real;
  if (field.type == arrow_type::text) return time_form::text;
  throw error("column " + field.name + ": times of Arrow type " + field.format +
              " cannot be read; cast them to timestamps, dates or whole numbers");
}

void check_ids(const id_cells& cells, std::size_t begin, row_reasons& reasons, reason null, reason bad) {
  const auto* arrow = std::get_if<arrow_ids>(&cells);
  if (arrow == nullptr) return;
  const arrow_column& column = *arrow->column;
  if (arrow->form == id_form::text) {
    if (column.all_valid()) return;
    for (std::size_t i = 0; i < reasons.size(); ++i)
      if (!column.valid(begin + i)) mark(reasons[i], null);
    return;
  }
  if (core::detail::plain_integers(column, [](auto) {})) return;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (core::detail::missing(column, begin + i, arrow->form))
      mark(reasons[i], null);
    else if (!core::detail::whole(column, begin + i, arrow->form))
      mark(reasons[i], bad);
  }
}

void number_ids(const id_cells& cells, const std::vector<std::uint64_t>& rows, std::vector<std::int64_t>& scratch,
                id_piece& out) {
  std::visit(
      [&](const auto& ids) {
        using type = std::decay_t<decltype(ids)>;
        if constexpr (std::is_same_v<type, text_cells>) {
          id_dictionary<std::string_view> seen;
          out.codes.resize(rows.size());
          for (std::size_t i = 0; i < rows.size(); ++i) out.codes[i] = seen.index(ids[rows[i]]);
          out.texts = seen.take_keys();
        } else if constexpr (std::is_same_v<type, arrow_ids>) {
          if (ids.form == id_form::text) {
            text_numbers number(*ids.column);
            out.codes.resize(rows.size());
            for (std::size_t i = 0; i < rows.size(); ++i) out.codes[i] = number(rows[i]);
            out.texts = number.take();
            keep_bytes(out);
            return;
          }
          scratch.resize(rows.size());
          const bool plain = core::detail::plain_integers(*ids.column, [&](auto t) {
            const auto values = ids.column->template values<decltype(t)>();
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = static_cast<std::int64_t>(values[rows[i]]);
          });
          if (!plain)
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = *core::detail::whole(*ids.column, rows[i], ids.form);
          number_integers(scratch, out);
        } else {
          scratch.resize(rows.size());
          for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = ids[rows[i]];
          number_integers(scratch, out);
        }
      },
      cells);
}

void read_weights(const weight_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<double>& weights) {
  std::visit(
      [&](const auto& column) {
        using type = std::decay_t<decltype(column)>;
        if constexpr (std::is_same_v<type, const arrow_column*>) {
          for (std::size_t i = 0; i < reasons.size(); ++i) {
            if (!column->valid(begin + i)) {
              mark(reasons[i], reason::null_weight);
            } else if (column->type() != arrow_type::text) {
              weights[i] = column->number(begin + i);
            } else if (const auto number = number_in(column->text(begin + i))) {
              weights[i] = *number;
            } else {
              mark(reasons[i], reason::bad_weight);
            }
          }
        } else if constexpr (!std::is_same_v<type, std::monostate>) {
          for (std::size_t i = 0; i < reasons.size(); ++i) weights[i] = static_cast<double>(column[begin + i]);
        }
      },
      cells);
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const double w = weights[i];
    if (std::isnan(w))
      mark(reasons[i], reason::null_weight);
    else if (w < 0)
      mark(reasons[i], reason::negative_weight);
    else if (std::isinf(w))
      mark(reasons[i], reason::infinite_weight);
    else if (w == 0)
      mark(reasons[i], reason::zero_weight);
  }
}

void read_times(const time_cells& cells, std::size_t begin, row_reasons& reasons, std::vector<std::int64_t>& times) {
  if (const auto* plain = std::get_if<std::span<const std::int64_t>>(&cells)) {
    std::copy_n(plain->begin() + static_cast<std::ptrdiff_t>(begin), times.size(), times.begin());
    return;
  }
  const auto* arrow = std::get_if<arrow_times>(&cells);
  if (arrow == nullptr) return;
  const arrow_column& column = *arrow->column;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (!column.valid(begin + i) || (arrow->form == time_form::real && std::isnan(column.number(begin + i)))) {
      mark(reasons[i], reason::null_time);
    } else if (arrow->form == time_form::seconds) {
      times[i] = column.second(begin + i);
    } else if (arrow->form == time_form::days) {
      times[i] = column.day(begin + i);
    } else if (arrow->form == time_form::text) {
      if (const auto t = second_in(column.text(begin + i)))
        times[i] = *t;
      else
        mark(reasons[i], reason::bad_time);
    } else if (const auto t =
                   core::detail::whole(column, begin + i, arrow->form == time_form::real ? id_form::real : id_form::integer)) {
      times[i] = *t;
    } else {
      mark(reasons[i], reason::bad_time);
    }
  }
}

std::string shown(double value) { return fmt::format("{}", value); }

std::string shown(const id_cells& cells, std::size_t row) {
  return std::visit(
      [&](const auto& ids) -> std::string {
        using type = std::decay_t<decltype(ids)>;
        if constexpr (std::is_same_v<type, text_cells>)
          return std::string(ids[row]);
        else if constexpr (std::is_same_v<type, arrow_ids>)
          return ids.column->to_text(row);
        else
          return std::to_string(ids[row]);
      },
      cells);
}

}  // namespace clarion::recommend::detail
