#include "segment/purchase_parts.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "clarion/core/detail/id_rank.hpp"

namespace clarion::segment::detail {

namespace {

constexpr unsigned wide_digit = 13, digit = 11;

std::size_t rows_of(const part_frame& frame, std::size_t part) {
  std::size_t n = 0;
  for (const auto& piece : frame.pieces)
    if (!piece.rows.empty()) n += piece.begin[part + 1] - piece.begin[part];
  return n;
}

// Calls visit(piece, first, end) for the rows of the part, in the order read.
template <class Visit>
void for_each_run(const part_frame& frame, std::size_t part, const Visit& visit) {
  for (const auto& piece : frame.pieces)
    if (!piece.rows.empty() && piece.begin[part] < piece.begin[part + 1]) visit(piece, piece.begin[part], piece.begin[part + 1]);
}

void starts_of(std::vector<std::uint32_t>& counts) {
  std::uint32_t at = 0;
  for (auto& count : counts) {
    const std::uint32_t n = count;
    count = at;
    at += n;
  }
}

template <class Row>
Row made(std::uint32_t code, const purchase_row& row, std::uint32_t invoice) {
  if constexpr (std::is_same_v<Row, part_scratch::row>)
    return {code, row.day, row.amount, invoice};
  else
    return {code, row.day, row.amount};
}

// The rows of the part by code and day, equal ones in the order read: counting sort by day, then by code. `by_code` ends as the
// ends of the codes. Returns where the rows lie.
template <class Row>
Row* sorted_rows(const part_frame& frame, std::size_t part, std::size_t n, part_scratch& s, std::vector<Row>& a,
                 std::vector<Row>& b) {
  if (a.size() < n) a.resize(n);
  if (b.size() < n) b.resize(n);
  const auto span = static_cast<std::uint32_t>(frame.last_day - frame.first_day);
  const bool one_digit = span < (1u << wide_digit);
  const std::uint32_t low_mask = one_digit ? ~0u : (1u << digit) - 1;
  s.by_day.assign(one_digit ? span + 1 : 1u << digit, 0);
  if (!one_digit) s.by_late_day.assign((span >> digit) + 1, 0);

  // Codes: the place of the high bits, or the order of appearance.
  s.ids.clear();
  if (frame.dense) {
    s.by_code.assign(frame.highs, 0);
  } else {
    core::detail::id_dictionary<std::int64_t> seen;
    if (s.code.size() < n) s.code.resize(n);
    std::size_t at = 0;
    for_each_run(frame, part, [&](const purchase_piece& piece, std::uint32_t first, std::uint32_t end) {
      for (std::uint32_t r = first; r < end; ++r) s.code[at++] = seen.index(piece.id(piece.rows[r].customer));
    });
    s.ids = seen.take_keys();
    s.by_code.assign(s.ids.size(), 0);
  }
  std::size_t at = 0;
  const auto for_each_row = [&](const auto& visit) {
    at = 0;
    for_each_run(frame, part, [&](const purchase_piece& piece, std::uint32_t first, std::uint32_t end) {
      if (!frame.dense) {
        for (std::uint32_t r = first; r < end; ++r) visit(piece, r, s.code[at++]);
      } else if (piece.ids.empty()) {
        const auto base = static_cast<std::uint64_t>(piece.base);
        for (std::uint32_t r = first; r < end; ++r)
          visit(piece, r,
                static_cast<std::uint32_t>(
                    (static_cast<std::uint64_t>(static_cast<std::int64_t>(base + piece.rows[r].customer)) >> part_bits) -
                    frame.first_high));
      } else {
        for (std::uint32_t r = first; r < end; ++r)
          visit(piece, r, static_cast<std::uint32_t>(high_of(piece.ids[piece.rows[r].customer]) - frame.first_high));
      }
    });
  };
  for_each_row([&](const purchase_piece& piece, std::uint32_t r, std::uint32_t code) {
    const auto day = static_cast<std::uint32_t>(piece.rows[r].day - frame.first_day);
    ++s.by_day[day & low_mask];
    if (!one_digit) ++s.by_late_day[day >> digit];
    ++s.by_code[code];
  });
  starts_of(s.by_day);
  starts_of(s.by_code);
  for_each_row([&](const purchase_piece& piece, std::uint32_t r, std::uint32_t code) {
    const auto day = static_cast<std::uint32_t>(piece.rows[r].day - frame.first_day);
    a[s.by_day[day & low_mask]++] = made<Row>(code, piece.rows[r], piece.invoice.empty() ? 0 : piece.invoice[r]);
  });
  Row* from = a.data();
  Row* to = b.data();
  if (!one_digit) {
    starts_of(s.by_late_day);
    for (std::size_t i = 0; i < n; ++i)
      to[s.by_late_day[static_cast<std::uint32_t>(from[i].day - frame.first_day) >> digit]++] = from[i];
    std::swap(from, to);
  }
  for (std::size_t i = 0; i < n; ++i) to[s.by_code[from[i].code]++] = from[i];
  return to;
}

struct purchase_sink {
  std::int32_t* day;
  double* amount;
  std::uint32_t n = 0;
  void add(std::int32_t d, double a) {
    if (day != nullptr) {
      day[n] = d;
      amount[n] = a;
    }
    ++n;
  }
};

// Invoices of one customer, by day: the day of an invoice is its first.
void by_invoice(const part_scratch::row* begin, const part_scratch::row* end, std::vector<part_scratch::row>& rows) {
  rows.clear();
  for (const auto* r = begin; r != end; ++r)
    if (!std::signbit(r->amount)) rows.push_back(*r);
  std::ranges::stable_sort(rows, {}, &part_scratch::row::invoice);
  std::size_t n = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (n > 0 && rows[n - 1].invoice == rows[i].invoice)
      rows[n - 1].amount += rows[i].amount;
    else
      rows[n++] = rows[i];
  }
  rows.resize(n);
  std::ranges::stable_sort(rows, {}, &part_scratch::row::day);
}

template <class Row>
purchase_part collect(const part_frame& frame, std::size_t part, const Row* rows, std::size_t n, part_scratch& s,
                      std::int32_t* day, double* amount, std::vector<std::uint8_t>& without) {
  purchase_part out;
  purchase_sink sink{day, amount};
  std::vector<part_scratch::row> invoices;
  const std::size_t most = frame.dense ? std::min(n, s.by_code.size()) : s.ids.size();
  out.id.reserve(most);
  out.count.reserve(most);
  out.start.reserve(most);
  out.first.reserve(most);
  out.last.reserve(most);
  out.bought.reserve(most);
  out.returned.reserve(most);
  for (std::size_t i = 0; i < n;) {
    const std::uint32_t code = rows[i].code;
    const std::size_t end = s.by_code[code], begin = i;
    const std::uint32_t start = sink.n;
    double bought = 0, returned = 0;
    std::uint32_t n_returns = 0;
    const std::size_t before = out.came_back.size();
    std::int32_t first = 0, last = 0;
    const auto take_off = [&](const Row& row) {
      returned += row.amount;
      ++n_returns;
      if (day != nullptr) out.came_back.push_back({static_cast<std::uint32_t>(out.id.size()), row.day, row.amount});
    };
    const auto add = [&](std::int32_t d, double a) {
      if (sink.n == start) first = d;
      last = d;
      bought += a;
      sink.add(d, a);
    };
    if constexpr (std::is_same_v<Row, part_scratch::row>) {
      by_invoice(rows + begin, rows + end, invoices);
      for (const auto& one : invoices) add(one.day, one.amount);
      for (; i < end; ++i)
        if (std::signbit(rows[i].amount)) take_off(rows[i]);
    } else if (frame.unit == purchase_unit::rows) {
      for (; i < end; ++i) {
        if (std::signbit(rows[i].amount))
          take_off(rows[i]);
        else
          add(rows[i].day, rows[i].amount);
      }
    } else {
      while (i < end) {
        const std::int32_t d = rows[i].day;
        double sum = 0;
        bool sale = false;
        for (; i < end && rows[i].day == d; ++i) {
          if (std::signbit(rows[i].amount)) {
            take_off(rows[i]);
          } else {
            sum += rows[i].amount;
            sale = true;
          }
        }
        if (sale) add(d, sum);
      }
    }
    if (sink.n == start) {
      if (without.empty()) without.assign(s.by_code.size(), 0);
      without[code] = 1;
      out.came_back.resize(before);
      continue;
    }
    out.id.push_back(frame.dense ? id_of(frame.first_high + code, part) : s.ids[code]);
    out.count.push_back(sink.n - start);
    out.start.push_back(start);
    out.first.push_back(first);
    out.last.push_back(last);
    out.bought.push_back(bought);
    out.returned.push_back(returned);
    out.returns += n_returns;
    out.sales += end - begin - n_returns;
  }
  out.purchases = sink.n;
  return out;
}

// Where in the table the returns of customers without a purchase stood.
void find_orphans(const part_frame& frame, std::size_t part, const part_scratch& s, const std::vector<std::uint8_t>& without,
                  purchase_part& out) {
  std::size_t at = 0;
  for_each_run(frame, part, [&](const purchase_piece& piece, std::uint32_t first, std::uint32_t end) {
    auto known = std::ranges::lower_bound(piece.returns, first, {}, &std::pair<std::uint32_t, std::uint32_t>::first);
    for (std::uint32_t r = first; r < end; ++r, ++at) {
      if (known == piece.returns.end() || known->first != r) continue;
      const std::uint32_t code =
          frame.dense ? static_cast<std::uint32_t>(high_of(piece.id(piece.rows[r].customer)) - frame.first_high) : s.code[at];
      if (without[code] != 0) out.orphans.push_back(piece.first_row + known->second);
      ++known;
    }
  });
}

}  // namespace

purchase_part make_part(const part_frame& frame, std::size_t part, part_scratch& scratch, std::int32_t* day, double* amount) {
  const std::size_t n = rows_of(frame, part);
  if (n == 0) return {};
  std::vector<std::uint8_t> without;
  purchase_part out;
  if (frame.unit == purchase_unit::invoices) {
    const auto* rows = sorted_rows(frame, part, n, scratch, scratch.full, scratch.other_full);
    out = collect(frame, part, rows, n, scratch, day, amount, without);
  } else {
    const auto* rows = sorted_rows(frame, part, n, scratch, scratch.plain, scratch.other_plain);
    out = collect(frame, part, rows, n, scratch, day, amount, without);
  }
  if (!without.empty()) find_orphans(frame, part, scratch, without, out);
  return out;
}

}  // namespace clarion::segment::detail
