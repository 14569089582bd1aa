#include "core/id_numbers.hpp"

#include <algorithm>
#include <bit>
#include <deque>
#include <numeric>
#include <type_traits>

#include "clarion/core/detail/id_rank.hpp"

namespace clarion::core::detail {

namespace {

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
    const std::uint64_t hash = hash_id(std::string_view(value));
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

}  // namespace

id_cells cells_of(const id_column& column) {
  return std::visit([](const auto& ids) -> id_cells { return ids; }, column);
}

id_kind kind_of(const id_cells& cells) {
  if (std::holds_alternative<text_cells>(cells)) return id_kind::text;
  if (const auto* arrow = std::get_if<arrow_ids>(&cells)) return arrow->form == id_form::text ? id_kind::text : id_kind::integer;
  return id_kind::integer;
}

void check_ids(const id_cells& cells, std::size_t begin, std::span<std::uint8_t> reasons, std::uint8_t null, std::uint8_t bad) {
  const auto* arrow = std::get_if<arrow_ids>(&cells);
  if (arrow == nullptr) return;
  const arrow_column& column = *arrow->column;
  if (arrow->form == id_form::text) {
    if (column.all_valid()) return;
    for (std::size_t i = 0; i < reasons.size(); ++i)
      if (!column.valid(begin + i)) mark(reasons[i], null);
    return;
  }
  if (plain_integers(column, [](auto) {})) return;
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (missing(column, begin + i, arrow->form))
      mark(reasons[i], null);
    else if (!whole(column, begin + i, arrow->form))
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
          const bool plain = plain_integers(*ids.column, [&](auto t) {
            const auto values = ids.column->template values<decltype(t)>();
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = static_cast<std::int64_t>(values[rows[i]]);
          });
          if (!plain)
            for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = *whole(*ids.column, rows[i], ids.form);
          number_integers(scratch, out);
        } else {
          scratch.resize(rows.size());
          for (std::size_t i = 0; i < rows.size(); ++i) scratch[i] = ids[rows[i]];
          number_integers(scratch, out);
        }
      },
      cells);
}

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

}  // namespace clarion::core::detail
