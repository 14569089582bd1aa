#include "schema/record_window.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "clarion/core/error.hpp"
#include "schema/hash.hpp"
#include "schema/numbers.hpp"
#include "schema/record_binding.hpp"
#include "schema/record_checks.hpp"

namespace clarion::schema::detail {

namespace {

constexpr double out_of_proportion = 1e6;                  // times the median
constexpr std::size_t window_rows = std::size_t{1} << 17;  // read at a time, beside as many that are looked at

bool has_clock(const block& where, std::size_t column) {
  const auto& cells = where.batch->columns()[column];
  if (cells.type() == core::arrow_type::timestamp) return true;
  if (cells.type() != core::arrow_type::text) return false;
  for (std::size_t row = where.first; row < where.first + where.rows; ++row)
    if (cells.valid(row) && clock_of(cells.text(row)).second >= 0) return true;
  return false;
}

}  // namespace

record_window::record_window(ArrowArrayStream* stream, const mapping& map, const policy& rules, const record_options& options,
                             const run_options& run)
    : reader_(stream), map_(map), run_(run), alone_(silent(run)) {
  for (const auto& column : reader_.fields()) names.push_back(column.name);
  layout = bind_columns(names, reader_.fields(), map, rules, options, about, used);
  follows = layout.kind == record_kind::transactions && (!map.cancellations.empty() || layout.of[layout.at("kind")].given());
}

// The next rows of the stream, at most block_rows and within one batch.
std::optional<parsed_block> record_window::carve(std::size_t most) {
  while (!batch_ || batch_at_ == batch_->rows()) {
    if (run_.cancel.stop_requested()) throw cancelled();
    auto next = reader_.next();
    if (!next) return std::nullopt;
    batch_ = std::make_shared<const core::arrow_batch>(std::move(*next));
    batch_at_ = 0;
  }
  parsed_block out;
  out.batch = batch_;
  out.where = {batch_.get(), batch_at_, std::min({block_rows, most, batch_->rows() - batch_at_}), 0};
  batch_at_ += out.where.rows;
  return out;
}

void record_window::settle() {
  settled_ = true;
  for (std::size_t rows = 0; rows < settling_rows;) {
    auto one = carve(settling_rows - rows);
    if (!one) break;
    rows += one->where.rows;
    first_.push_back(std::move(*one));
  }
  if (first_.empty()) return;
  std::vector<block> blocks;
  for (const auto& one : first_) blocks.push_back(one.where);
  settle_forms(blocks, names, map_, layout, about, alone_);
  settle_proportion();
  settle_clocks();
}

// The median of the amounts that the source begins with, as it writes them.
void record_window::settle_proportion() {
  if (layout.kind != record_kind::transactions) return;
  const bool whole = layout.of[layout.at("amount")].given();
  const auto& amount = layout.of[layout.at(whole ? "amount" : "price")];
  const auto& times = layout.of[layout.at("quantity")];
  std::vector<std::vector<double>> parts(first_.size());
  core::parallel_blocks(first_.size(), alone_, [&](std::size_t b) {
    auto& sizes = parts[b];
    const auto& where = first_[b].where;
    sizes.resize(where.rows);
    read_numbers(where, *amount.column, amount.comma, sizes.data());
    std::vector<double> units(whole || !times.column ? 0 : where.rows);
    if (!units.empty()) read_numbers(where, *times.column, times.comma, units.data());
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      sizes[i] = std::abs(sizes[i] * amount.rule.scale);
      if (!units.empty()) sizes[i] *= std::abs(units[i] * times.rule.scale);
    }
    std::erase_if(sizes, [](double size) { return !(size > 0); });
  });
  std::vector<double> sizes;
  for (const auto& part : parts) sizes.insert(sizes.end(), part.begin(), part.end());
  if (sizes.empty()) return;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  double rate = 1;
  for (const auto& [currency, worth] : layout.rates) rate = std::max(rate, worth);
  layout.largest = *middle * out_of_proportion * rate;
}

// Whether the first times have a time of day: all parts have it then, or none.
void record_window::settle_clocks() {
  for (std::size_t f = 0; f < layout.fields.size(); ++f) {
    auto& from = layout.of[f];
    if (!from.column || layout.fields[f].kind != field_kind::time) continue;
    std::vector<std::uint8_t> found(first_.size());
    core::parallel_blocks(first_.size(), alone_, [&](std::size_t b) { found[b] = has_clock(first_[b].where, *from.column); });
    from.timed = std::find(found.begin(), found.end(), 1) != found.end();
  }
}

bool record_window::read_on(const std::function<void()>& beside) {
  if (!settled_) settle();
  std::vector<parsed_block> next;
  std::size_t rows = 0;
  for (const auto& one : ready_) rows += one.where.rows - one.next;
  // Where parts are small, what is read would only wait.
  for (const std::size_t most = rows < 2 * window_rows ? rows + window_rows : 0; rows < most && !ended_;) {
    std::optional<parsed_block> one;
    if (first_.empty()) {
      one = carve(most - rows);
      ended_ = !one;
      if (ended_) break;
    } else {
      one = std::move(first_.front());
      first_.pop_front();
    }
    rows += one->where.rows;
    next.push_back(std::move(*one));
  }
  core::parallel_blocks(next.size() + 1, alone_, [&](std::size_t b) {
    if (b == 0) {
      beside();
      return;
    }
    auto& one = next[b - 1];
    one.rows = read_block(one.where, layout);
    check_block(one.rows, layout);
    if (!follows) return;
    for (const auto& text : one.rows.of[layout.at("customer")].meant) one.customers.push_back(hash_of(text, 1));
    for (const auto& text : one.rows.of[layout.at("product")].meant) one.products.push_back(hash_of(text, 2));
  });
  std::move(next.begin(), next.end(), std::back_inserter(ready_));
  return !ended_ || !ready_.empty();
}

}  // namespace clarion::schema::detail
