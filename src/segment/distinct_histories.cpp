#include "segment/distinct_histories.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
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

struct triple {
  double x, recency, age;
  bool operator==(const triple&) const = default;
  std::uint64_t hash() const {
    const auto bits = [](double v) { return std::bit_cast<std::uint64_t>(v); };
    return mixed(bits(x) * 0x9e3779b97f4a7c15 ^ std::rotl(bits(recency) * 0xd6e8feb86659fd93, 21) ^
                 bits(age) * 0xa0761d6478bd642f);
  }
};

// Numbers of the distinct triples in the order in which they come, by open addressing.
class triple_table {
public:
  explicit triple_table(std::size_t rows) { grow(std::bit_ceil(std::clamp<std::size_t>(2 * rows, 64, 1 << 16))); }
  std::uint32_t number_of(const triple& key) {
    if (2 * keys_.size() >= slots_.size()) grow(4 * slots_.size());
    for (std::size_t at = key.hash() & mask_;; at = (at + 1) & mask_) {
      if (slots_[at] == empty) {
        slots_[at] = static_cast<std::uint32_t>(keys_.size());
        keys_.push_back(key);
        return slots_[at];
      }
      if (keys_[slots_[at]] == key) return slots_[at];
    }
  }
  const std::vector<triple>& keys() const { return keys_; }

private:
  static constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();
  void grow(std::size_t size) {
    slots_.assign(size, empty);
    mask_ = slots_.size() - 1;
    for (std::uint32_t k = 0; k < keys_.size(); ++k) {
      std::size_t at = keys_[k].hash() & mask_;
      while (slots_[at] != empty) at = (at + 1) & mask_;
      slots_[at] = k;
    }
  }
  std::vector<std::uint32_t> slots_;
  std::vector<triple> keys_;
  std::size_t mask_ = 0;
};

struct entry {
  std::array<double, 3> key;  // the last counts most
  std::uint32_t number;
};

// By radix, from the lowest digit of the least key up; of numbers that are not negative the bits are in the order of the values.
void sort(std::vector<entry>& entries) {
  constexpr unsigned digit = 11;
  std::vector<entry> other(entries.size());
  for (std::size_t k = 0; k < 3; ++k)
    for (unsigned shift = 0; shift < 64; shift += digit) {
      const auto of = [&](const entry& e) { return (std::bit_cast<std::uint64_t>(e.key[k]) >> shift) & ((1u << digit) - 1); };
      std::array<std::uint32_t, std::size_t{1} << digit> place{};
      for (const entry& e : entries) ++place[of(e)];
      if (entries.empty() || place[of(entries.front())] == entries.size()) continue;  // all alike
      std::uint32_t before = 0;
      for (auto& count : place) before += std::exchange(count, before);
      for (const entry& e : entries) other[place[of(e)]++] = e;
      entries.swap(other);
    }
}

void group_by_x(distinct_histories& rows) {
  rows.group.clear();
  rows.group_weight.clear();
  rows.customers = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows.x[i] != rows.x[i - 1]) {
      rows.group.push_back(i);
      rows.group_weight.push_back(0);
    }
    rows.group_weight.back() += rows.weight[i];
  }
  rows.group.push_back(rows.size());
  for (const double w : rows.group_weight) rows.customers += w;
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
  for (std::size_t i = 0; i < rows; ++i)
    if (!(values[i] >= 0) || std::isinf(values[i])) reject(name, at_row(values[i], i), "give finite numbers, 0 or more");
}

void check_whole(const std::string& name, std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != std::floor(values[i]) || values[i] > 9007199254740992.0)
      reject(name, at_row(values[i], i), "give whole numbers");
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
  std::vector<double> weight;
  distinct_histories out;
  if (numbered) out.of_row.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (i % 65536 == 0) pulse.beat(0);
    const double w = history.weight.empty() ? 1 : history.weight[i];
    if (w == 0 && !numbered) continue;
    // -0 is 0.
    const auto k = table.number_of({history.frequency[i] + 0.0, history.recency[i] + 0.0, history.age[i] + 0.0});
    if (k == weight.size()) weight.push_back(0);
    weight[k] += w;
    if (numbered) out.of_row[i] = k;
  }
  const auto& keys = table.keys();
  if (!numbered && keys.empty()) reject("weights", "0 in every row", "give at least one customer");
  std::vector<entry> order(keys.size());
  for (std::uint32_t k = 0; k < order.size(); ++k) order[k] = {{keys[k].recency, keys[k].age, keys[k].x}, k};
  sort(order);
  for (auto* column : {&out.x, &out.recency, &out.age, &out.weight}) column->resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    out.x[i] = order[i].key[2];
    out.recency[i] = order[i].key[0];
    out.age[i] = order[i].key[1];
    out.weight[i] = weight[order[i].number];
  }
  if (numbered) {
    std::vector<std::uint32_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i].number] = static_cast<std::uint32_t>(i);
    for (auto& k : out.of_row) k = place[k];
  }
  group_by_x(out);
  return out;
}

distinct_histories thinned(const distinct_histories& rows, std::size_t most) {
  const std::size_t run = (rows.size() + most - 1) / most;
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
