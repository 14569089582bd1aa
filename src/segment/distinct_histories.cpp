#include "segment/distinct_histories.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"

namespace clarion::segment {

namespace {

std::uint64_t mixed(std::uint64_t x) {  // SplitMix64's finalizer
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

struct triple {
  double x, age, recency, weight;
  std::uint64_t hash() const {
    return mixed(bits_of(x) * 0x9e3779b97f4a7c15 ^ std::rotl(bits_of(recency) * 0xd6e8feb86659fd93, 21) ^
                 bits_of(age) * 0xa0761d6478bd642f);
  }
  bool like(const triple& other) const {
    return ((bits_of(x) ^ bits_of(other.x)) | (bits_of(age) ^ bits_of(other.age)) |
            (bits_of(recency) ^ bits_of(other.recency))) == 0;
  }
  bool before(const triple& other) const { return std::tie(x, age, recency) < std::tie(other.x, other.age, other.recency); }
};

// Distinct triples with their weights in the order in which they come, by open addressing.
class triple_table {
public:
  explicit triple_table(std::size_t rows) { grow(std::bit_ceil(std::clamp<std::size_t>(rows, 64, 1 << 16))); }
  /// Adds the weight, and gives the number of the triple.
  std::uint32_t add(const triple& row) {
    if (2 * rows_.size() >= slots_.size()) grow(4 * slots_.size());
    std::size_t at = row.hash() & mask_;
    while (slots_[at] != empty && !rows_[slots_[at]].like(row)) at = (at + 1) & mask_;
    const std::uint32_t number = slots_[at];
    if (number != empty) {
      rows_[number].weight += row.weight;
      return number;
    }
    rows_.push_back(row);
    return slots_[at] = static_cast<std::uint32_t>(rows_.size() - 1);
  }
  const std::vector<triple>& rows() const { return rows_; }

private:
  static constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();
  void grow(std::size_t size) {
    slots_.assign(size, empty);
    rows_.reserve(size / 2);
    mask_ = slots_.size() - 1;
    for (std::uint32_t k = 0; k < rows_.size(); ++k) {
      std::size_t at = rows_[k].hash() & mask_;
      while (slots_[at] != empty) at = (at + 1) & mask_;
      slots_[at] = k;
    }
  }
  std::vector<std::uint32_t> slots_;
  std::vector<triple> rows_;
  std::size_t mask_ = 0;
};

struct entry {
  std::uint64_t key = 0;
  std::uint32_t number = 0;
};

// Codes of at most 21 bits that ascend with the numbers of a column, none of them negative: their bits do, from the least above 0
// on. Low bits that are 0 in all numbers are left out, and those for which there is no room.
class column_code {
public:
  void see(double value) {
    const std::uint64_t bits = bits_of(value);
    before_ = std::min(before_, bits - 1);  // 0 is past the end
    most_ = std::max(most_, bits);
    any_ |= bits;
  }
  void settle() {
    if (most_ == 0) return;
    const auto length = [](std::uint64_t of) { return static_cast<int>(std::bit_width(of)); };
    shift_ = std::max(std::countr_zero(any_), length(most_ - before_ - 1) - 20);
    width_ = length(of(most_));
  }
  void append(std::uint64_t& key, double value) const { key = key << width_ | of(bits_of(value)); }

private:
  std::uint64_t of(std::uint64_t bits) const { return bits == 0 ? 0 : ((bits - before_ - 1) >> shift_) + 1; }
  std::uint64_t before_ = ~std::uint64_t{0}, most_ = 0, any_ = 0;
  int shift_ = 0, width_ = 0;
};

// The numbers of the rows by x, age, recency: by radix, then what had no room in the keys.
std::vector<entry> sorted(const std::vector<triple>& rows) {
  std::vector<entry> entries(rows.size()), other(rows.size());
  column_code x, age, recency;
  for (const triple& row : rows) {
    x.see(row.x);
    age.see(row.age);
    recency.see(row.recency);
  }
  for (auto* code : {&x, &age, &recency}) code->settle();
  for (std::uint32_t k = 0; k < rows.size(); ++k) {
    entries[k].number = k;
    x.append(entries[k].key, rows[k].x);
    age.append(entries[k].key, rows[k].age);
    recency.append(entries[k].key, rows[k].recency);
  }
  constexpr unsigned digit = 11;
  for (unsigned shift = 0; shift < 64 && !entries.empty(); shift += digit) {
    const auto of = [&](const entry& e) { return (e.key >> shift) & ((1u << digit) - 1); };
    std::array<std::uint32_t, std::size_t{1} << digit> place{};
    for (const entry& e : entries) ++place[of(e)];
    if (place[of(entries.front())] == entries.size()) continue;  // all alike
    std::uint32_t before = 0;
    for (auto& count : place) before += std::exchange(count, before);
    for (const entry& e : entries) other[place[of(e)]++] = e;
    entries.swap(other);
  }
  for (auto first = entries.begin(), last = first; first != entries.end(); first = last) {
    last = std::find_if(first, entries.end(), [&](const entry& e) { return e.key != first->key; });
    std::sort(first, last, [&](const entry& a, const entry& b) { return rows[a.number].before(rows[b.number]); });
  }
  return entries;
}

void group_by_x(distinct_histories& rows) {
  rows.group.clear();
  rows.group_weight.clear();
  rows.customers = 0;
  for (std::size_t i = 0; i < rows.size();) {
    const std::size_t first = i;
    double weight = 0;
    for (; i < rows.size() && rows.x[i] == rows.x[first]; ++i) weight += rows.weight[i];
    rows.group.push_back(first);
    rows.group_weight.push_back(weight);
  }
  rows.group.push_back(rows.size());
  for (const double w : rows.group_weight) rows.customers += w;
}

// One row of each run of neighbours with the same x, with its weight.
distinct_histories one_of_each(const distinct_histories& rows, std::size_t run) {
  distinct_histories out;
  for (std::size_t g = 0; g < rows.groups(); ++g)
    for (std::size_t first = rows.group[g]; first < rows.group[g + 1]; first += run) {
      const std::size_t last = std::min(first + run, rows.group[g + 1]), middle = first + (last - first) / 2;
      out.x.push_back(rows.x[middle]);
      out.recency.push_back(rows.recency[middle]);
      out.age.push_back(rows.age[middle]);
      double weight = 0;
      for (std::size_t i = first; i < last; ++i) weight += rows.weight[i];
      out.weight.push_back(weight);
    }
  group_by_x(out);
  return out;
}

}  // namespace

std::string at_row(double value, std::size_t row) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end) + " at row " + std::to_string(row);
}

void check_column(const std::string& name, std::span<const double> values, std::size_t rows) {
  if (values.size() != rows)
    reject(name, std::to_string(values.size()) + " rows", "give one for each of the " + std::to_string(rows) + " customers");
  constexpr double most = std::numeric_limits<double>::max();
  const std::size_t i = first_wrong(rows, [v = values.data()](std::size_t row) { return !(v[row] >= 0) | !(v[row] <= most); });
  if (i < rows) reject(name, at_row(values[i], i), "give finite numbers, 0 or more");
}

void check_whole(const std::string& name, std::span<const double> values) {
  // Next to 2^52 there are no fractions.
  constexpr double whole = 4503599627370496.0;
  const std::size_t i = first_wrong(values.size(), [v = values.data()](std::size_t row) {
    return ((v[row] < whole) & ((v[row] + whole) - whole != v[row])) | (v[row] > 2 * whole);
  });
  if (i < values.size()) reject(name, at_row(values[i], i), "give whole numbers");
}

distinct_histories collapsed(const purchase_history& history, bool numbered, const run_options& run) {
  const std::size_t n = history.size();
  if (n == 0) reject("frequency", "no rows", "give at least one customer");
  if (n >= std::numeric_limits<std::uint32_t>::max())
    reject("frequency", std::to_string(n) + " rows", "give fewer than 2^32 - 1");
  core::require_memory("collapsing " + std::to_string(n) + " customers", 160.0 * static_cast<double>(n),
                       "give equal customers as one row with a weight");
  core::pulse pulse(run);
  triple_table table(n);
  distinct_histories out;
  if (numbered) out.of_row.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 65536 == 0) pulse.beat(0);
    const double w = history.weight.empty() ? 1 : history.weight[i];
    if (w == 0 && !numbered) continue;
    // -0 is 0.
    const double age = history.age.empty() ? 0 : history.age[i] + 0.0;
    const auto number = table.add({history.frequency[i] + 0.0, age, history.recency[i] + 0.0, w});
    if (numbered) out.of_row[i] = number;
  }
  const auto& rows = table.rows();
  if (!numbered && rows.empty()) reject("weights", "0 in every row", "give at least one customer");
  const auto order = sorted(rows);
  for (auto* column : {&out.x, &out.recency, &out.age, &out.weight}) column->resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const triple& row = rows[order[i].number];
    out.x[i] = row.x;
    out.recency[i] = row.recency;
    out.age[i] = row.age;
    out.weight[i] = row.weight;
  }
  if (numbered) {
    std::vector<std::uint32_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i].number] = static_cast<std::uint32_t>(i);
    for (auto& k : out.of_row) k = place[k];
  }
  group_by_x(out);
  return out;
}

std::vector<distinct_histories> thinned(const distinct_histories& rows) {
  std::vector<distinct_histories> samples;
  if (rows.size() > 1024) samples.push_back(one_of_each(rows, (rows.size() + 511) / 512));
  if (rows.size() > 8192) samples.push_back(one_of_each(rows, 8));
  return samples;
}

double purchases_of(const distinct_histories& rows) {
  double sum = 0;
  for (std::size_t g = 0; g < rows.groups(); ++g) sum += rows.group_weight[g] * rows.x[rows.group[g]];
  return sum;
}

double time_of(const distinct_histories& rows) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) sum += rows.weight[i] * rows.age[i];
  return sum;
}

void rescale(distinct_histories& rows, double unit) {
  for (double& t : rows.age) t /= unit;
  for (double& t : rows.recency) t /= unit;
}

}  // namespace clarion::segment
