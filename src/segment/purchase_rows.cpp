#include "segment/purchase_rows.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

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
    return mixed(bits(x) + 3 * mixed(bits(recency) + 5 * mixed(bits(age))));
  }
};

// Numbers of the distinct triples in the order in which they come, by open addressing.
class triple_table {
public:
  std::uint32_t number_of(const triple& key) {
    if (2 * keys_.size() >= slots_.size()) grow();
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
  void grow() {
    slots_.assign(std::max<std::size_t>(1024, 4 * slots_.size()), empty);
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

void group_by_x(purchase_rows& rows) {
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

purchase_rows collapsed(const purchase_history& history, bool numbered, const run_options& run) {
  const std::size_t n = history.size();
  if (n == 0) reject("frequency", "no rows", "give at least one customer");
  if (n >= std::numeric_limits<std::uint32_t>::max())
    reject("frequency", std::to_string(n) + " rows", "give fewer than 2^32 - 1");
  core::require_memory("collapsing " + std::to_string(n) + " customers", 96.0 * static_cast<double>(n),
                       "give equal customers as one row with a weight");
  core::pulse pulse(run);
  triple_table table;
  std::vector<double> weight;
  purchase_rows out;
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
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const triple &one = keys[a], &other = keys[b];
    return one.x != other.x ? one.x < other.x : one.age != other.age ? one.age < other.age : one.recency < other.recency;
  });
  const auto take = [&](auto&& of) {
    std::vector<double> column(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) column[i] = of(order[i]);
    return column;
  };
  out.x = take([&](std::uint32_t k) { return keys[k].x; });
  out.recency = take([&](std::uint32_t k) { return keys[k].recency; });
  out.age = take([&](std::uint32_t k) { return keys[k].age; });
  out.weight = take([&](std::uint32_t k) { return weight[k]; });
  if (numbered) {
    std::vector<std::uint32_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::uint32_t>(i);
    for (auto& k : out.of_row) k = place[k];
  }
  group_by_x(out);
  return out;
}

purchase_rows thinned(const purchase_rows& rows, std::size_t most) {
  const std::size_t run = (rows.size() + most - 1) / most;
  purchase_rows out;
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

double purchases_of(const purchase_rows& rows) {
  double sum = 0;
  for (std::size_t g = 0; g < rows.groups(); ++g) sum += rows.group_weight[g] * rows.x[rows.group[g]];
  return sum;
}

double time_of(const purchase_rows& rows) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) sum += rows.weight[i] * rows.age[i];
  return sum;
}

void rescale(purchase_rows& rows, double unit) {
  for (double& t : rows.age) t /= unit;
  for (double& t : rows.recency) t /= unit;
}

}  // namespace clarion::segment
