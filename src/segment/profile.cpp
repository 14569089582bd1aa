#include "clarion/segment/profile.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "clarion/core/error.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t least_rows = std::size_t{1} << 14, most_blocks = 64, most_segments = 1000;

std::size_t segments_of(const customer_fields& customers, std::span<const std::int32_t> segment, std::size_t given) {
  if (segment.size() != customers.rows)
    reject("segment", std::to_string(segment.size()) + " rows", "give as many as customers: " + std::to_string(customers.rows));
  std::int32_t most = -1;
  for (const auto s : segment) most = std::max(most, s);
  const auto needed = static_cast<std::size_t>(most + std::int64_t{1}), n = given == 0 ? needed : given;
  if (n > most_segments || needed > n)
    reject("segment", std::to_string(std::max<std::size_t>(n, needed)) + " segments",
           "give numbers from 0, below " + std::to_string(std::min(n, most_segments)));
  return n;
}

// Count, mean and sum of squares about it, which can be merged (Chan, Golub and LeVeque, 1979).
struct moments {
  double n = 0, mean = 0, squares = 0;

  void add(double value) {
    n += 1;
    const double from = value - mean;
    mean += from / n;
    squares += from * (value - mean);
  }
  void add(const moments& other) {
    if (other.n == 0) return;
    const double from = other.mean - mean, all = n + other.n;
    mean += from * other.n / all;
    squares += other.squares + from * from * n * other.n / all;
    n = all;
  }
  double variance() const { return n > 0 ? squares / n : 0; }
};

double standardized(double inside, double outside, double variance_in, double variance_out) {
  const double spread = std::sqrt((variance_in + variance_out) / 2);
  if (spread > 0) return (inside - outside) / spread;
  return inside == outside ? 0 : std::copysign(std::numeric_limits<double>::infinity(), inside - outside);
}

class profiler {
public:
  profiler(std::span<const std::int32_t> segment, std::size_t n_segments, const profile_options& options, const run_options& run)
      : segment_(segment), n_(n_segments), options_(options), run_(run), size_(n_segments + 1) {
    for (const auto s : segment_) ++size_[place(s)];
  }

  const std::vector<std::uint64_t>& sizes() const { return size_; }

  void compare(const customer_field& field, std::vector<std::vector<profile_difference>>& out) const {
    switch (field.kind) {
      case field_kind::number:
        return compare_values(
            field, [&](std::size_t r) { return field.number[r]; }, out);
      case field_kind::date:
        return compare_values(
            field, [&](std::size_t r) { return static_cast<double>(field.day[r]); }, out);
      case field_kind::boolean:
        return compare_levels(
            field, {"true"}, [&](std::size_t r) { return field.flag[r] == 1 ? 0u : 1u; }, out);
      case field_kind::text: {
        std::vector<std::uint64_t> count(field.text.values.size());
        for (const auto code : field.text.codes)
          if (code != core::category_column::none) ++count[code];
        std::vector<std::uint32_t> order(count.size());
        std::iota(order.begin(), order.end(), 0u);
        std::ranges::stable_sort(order, [&](auto a, auto b) { return count[a] > count[b]; });
        order.resize(std::min<std::size_t>(order.size(), options_.max_levels));
        std::vector<std::string> levels;
        std::vector<std::uint32_t> to(count.size(), static_cast<std::uint32_t>(order.size()));
        for (std::uint32_t l = 0; l < order.size(); ++l) {
          levels.push_back(field.text.values[order[l]]);
          to[order[l]] = l;
        }
        return compare_levels(
            field, levels, [&](std::size_t r) { return to[field.text.codes[r]]; }, out);
      }
    }
  }

private:
  std::size_t place(std::int32_t segment) const { return segment < 0 ? n_ : static_cast<std::size_t>(segment); }

  // Sums over blocks of customers, each block's put together in order.
  template <class T, class Add, class Merge>
  std::vector<T> summed(std::size_t width, const Add& add, const Merge& merge) const {
    const std::size_t block_rows = std::max(least_rows, (segment_.size() + most_blocks - 1) / most_blocks);
    const std::size_t blocks = (segment_.size() + block_rows - 1) / block_rows;
    std::vector<std::vector<T>> part(blocks);
    core::parallel_blocks(blocks, run_, [&](std::size_t b) {
      part[b].resize(width);
      const std::size_t end = std::min(segment_.size(), (b + 1) * block_rows);
      for (std::size_t r = b * block_rows; r < end; ++r) add(part[b], r);
    });
    std::vector<T> out(width);
    for (const auto& one : part)
      for (std::size_t k = 0; k < width; ++k) merge(out[k], one[k]);
    return out;
  }

  template <class Value>
  void compare_values(const customer_field& field, const Value& value, std::vector<std::vector<profile_difference>>& out) const {
    const auto of = summed<moments>(
        n_ + 1,
        [&](auto& into, std::size_t r) {
          if (!field.missing(r)) into[place(segment_[r])].add(value(r));
        },
        [](moments& into, const moments& more) { into.add(more); });
    for (std::size_t s = 0; s < n_; ++s) {
      moments others;
      for (std::size_t o = 0; o <= n_; ++o)
        if (o != s) others.add(of[o]);
      if (of[s].n == 0 || others.n == 0) continue;
      out[s].push_back({static_cast<std::int32_t>(s), field.name, "", of[s].mean, others.mean,
                        standardized(of[s].mean, others.mean, of[s].variance(), others.variance()), missing_share(s, of[s].n)});
    }
  }

  template <class Level>
  void compare_levels(const customer_field& field, const std::vector<std::string>& levels, const Level& level,
                      std::vector<std::vector<profile_difference>>& out) const {
    const std::size_t width = levels.size() + 1;  // the last one: all other values
    const auto of = summed<std::uint64_t>((n_ + 1) * width,
                                          [&](auto& into, std::size_t r) {
                                            if (!field.missing(r)) ++into[place(segment_[r]) * width + level(r)];
                                          },
                                          [](std::uint64_t& into, std::uint64_t more) { into += more; });
    std::vector<double> known(n_ + 1), total(width);
    double all = 0;
    for (std::size_t s = 0; s <= n_; ++s)
      for (std::size_t l = 0; l < width; ++l) {
        const auto n = static_cast<double>(of[s * width + l]);
        known[s] += n;
        total[l] += n;
        all += n;
      }
    for (std::size_t s = 0; s < n_; ++s) {
      if (known[s] == 0 || known[s] == all) continue;
      for (std::size_t l = 0; l < levels.size(); ++l) {
        const auto n = static_cast<double>(of[s * width + l]);
        const double in = n / known[s], rest = (total[l] - n) / (all - known[s]);
        out[s].push_back({static_cast<std::int32_t>(s), field.name, levels[l], in, rest,
                          standardized(in, rest, in * (1 - in), rest * (1 - rest)), missing_share(s, known[s])});
      }
    }
  }

  double missing_share(std::size_t s, double known) const { return 1 - known / static_cast<double>(size_[s]); }

  std::span<const std::int32_t> segment_;
  std::size_t n_;
  const profile_options& options_;
  const run_options& run_;
  std::vector<std::uint64_t> size_;
};

// A difference in words. Recency counts days since the last purchase, so that "high" would say the contrary of what is heard.
std::string words_of(const profile_difference& one, const customer_fields& customers) {
  const bool more = one.difference > 0;
  std::string words;
  if (!one.level.empty())
    words = (more ? "" : "not ") + one.field + (one.level == "true" ? "" : " " + one.level);
  else if (one.field == "recency")
    words = more ? "long unseen" : "recently seen";
  else if (customers.find(one.field)->kind == field_kind::date)
    words = (more ? "late " : "early ") + one.field;
  else
    words = (more ? "high " : "low ") + one.field;
  std::ranges::replace(words, '_', ' ');
  return words;
}

// The two largest differences in words, of different fields.
std::string name_of(const std::vector<profile_difference>& differences, const customer_fields& customers, double least) {
  std::string out, used;
  std::size_t n = 0;
  for (const auto& one : differences) {
    if (n == 2 || !(std::abs(one.difference) >= least) || one.difference == 0) break;
    if (n == 1 && one.field == used) continue;
    out += (out.empty() ? "" : ", ") + words_of(one, customers);
    used = one.field;
    ++n;
  }
  return out.empty() ? "average" : out;
}

}  // namespace

profile_result profile(const customer_fields& customers, std::span<const std::int32_t> segment, const profile_options& options,
                       std::size_t n_segments, const run_options& run) {
  core::check_options(options);
  const std::size_t n = segments_of(customers, segment, n_segments);
  const profiler work(segment, n, options, run);
  std::vector<std::vector<profile_difference>> differences(n);
  for (const auto& field : customers.fields) work.compare(field, differences);
  profile_result out;
  out.customers.assign(work.sizes().begin(), work.sizes().end() - 1);
  for (auto& of : differences) {
    // Of a level and its complement, which differ as much, the one that there is more of comes first.
    std::ranges::stable_sort(of, [](const auto& a, const auto& b) {
      return std::pair(std::abs(a.difference), a.difference) > std::pair(std::abs(b.difference), b.difference);
    });
    out.name.push_back(of.empty() ? "nobody" : name_of(of, customers, options.least_difference));
    if (of.size() > options.top) of.resize(options.top);
    std::ranges::move(of, std::back_inserter(out.differences));
  }
  return out;
}

level_counts count_levels(const customer_fields& customers, std::span<const std::int32_t> segment, const std::string& field,
                          std::size_t n_segments) {
  const std::size_t n = segments_of(customers, segment, n_segments);
  const customer_field* of = customers.find(field);
  if (of == nullptr) reject("field", '"' + field + '"', "there is no such field");
  if (of->kind != field_kind::text)
    reject("field", '"' + field + '"', "it is a " + std::string(to_string(of->kind)) + ": give a text");
  const std::size_t levels = of->text.values.size();
  std::vector<std::vector<std::uint64_t>> counts(n + 1, std::vector<std::uint64_t>(levels + 1));
  std::vector<std::uint64_t> total(levels + 1);
  for (std::size_t r = 0; r < customers.rows; ++r) {
    const std::size_t s = segment[r] < 0 ? n : static_cast<std::size_t>(segment[r]);
    const std::size_t l = std::min<std::size_t>(of->text.codes[r], levels);
    ++counts[s][l];
    ++total[l];
  }
  std::vector<std::size_t> order(levels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](auto a, auto b) { return total[a] > total[b]; });
  if (total[levels] > 0) order.push_back(levels);
  level_counts out;
  for (const auto l : order) out.levels.push_back(l == levels ? "missing" : of->text.values[static_cast<std::uint32_t>(l)]);
  for (const auto& row : counts) {
    std::vector<std::uint64_t> sorted;
    for (const auto l : order) sorted.push_back(row[l]);
    out.customers.push_back(std::move(sorted));
  }
  return out;
}

}  // namespace clarion::segment
