#include "clarion/recommend/knn.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "recommend/co_occurrence.hpp"

namespace clarion::recommend {

namespace {

enum class kind { cosine, adjusted_cosine, pearson, jaccard, dot, bm25, tfidf, conditional_probability, lift, log_likelihood };

kind kind_of(const std::string& name) {
  constexpr std::array<std::string_view, 10> names{"cosine", "adjusted_cosine",         "pearson", "jaccard",       "dot", "bm25",
                                                   "tfidf",  "conditional_probability", "lift",    "log_likelihood"};
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) return static_cast<kind>(i);
    known += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
  }
  reject("similarity", '"' + name + '"', "give " + known);
}

double value_at(const core::sparse_view& of, std::uint64_t entry) { return of.value == nullptr ? 1.0 : double{of.value[entry]}; }

std::vector<double> means_of(const core::sparse_view& of) {
  std::vector<double> out(of.rows);
  for (std::size_t row = 0; row < of.rows; ++row) {
    for (auto e = of.offsets[row]; e < of.offsets[row + 1]; ++e) out[row] += value_at(of, e);
    if (of.length(row) > 0) out[row] /= static_cast<double>(of.length(row));
  }
  return out;
}

// The entries of `of` with other values: to(row, entry).
template <class To>
core::sparse_rows valued(const core::sparse_view& of, To&& to) {
  core::sparse_rows out{of.rows, of.columns, {of.offsets, of.offsets + of.rows + 1}, {}, {}};
  const auto first = of.offsets[0];
  out.index.assign(of.index + first, of.index + of.offsets[of.rows]);
  out.value.resize(out.index.size());
  for (std::size_t row = 0; row < of.rows; ++row)
    for (auto e = of.offsets[row]; e < of.offsets[row + 1]; ++e) out.value[e - first] = static_cast<float>(to(row, e));
  for (auto& offset : out.offsets) offset -= first;
  return out;
}

// What a column says of a row that has it: little, where most rows do.
std::vector<double> idf_of(const core::sparse_view& columns) {
  std::vector<double> out(columns.rows);
  for (std::size_t c = 0; c < out.size(); ++c)
    out[c] = std::log(static_cast<double>(columns.columns)) - std::log1p(static_cast<double>(columns.length(c)));
  return out;
}

// Values that the similarity compares, where they are others than those that were given.
core::sparse_rows weighed(kind of, const core::sparse_view& rows, const core::sparse_view& columns, const knn_options& options) {
  switch (of) {
    case kind::adjusted_cosine: {
      const auto mean = means_of(columns);
      return valued(rows, [&](std::size_t, std::uint64_t e) { return value_at(rows, e) - mean[rows.index[e]]; });
    }
    case kind::pearson: {
      const auto mean = means_of(rows);
      return valued(rows, [&](std::size_t row, std::uint64_t e) { return value_at(rows, e) - mean[row]; });
    }
    case kind::tfidf: {
      const auto idf = idf_of(columns);
      return valued(rows, [&](std::size_t, std::uint64_t e) { return std::sqrt(value_at(rows, e)) * idf[rows.index[e]]; });
    }
    case kind::bm25: {
      const auto idf = idf_of(columns);
      auto length = means_of(rows);
      for (std::size_t row = 0; row < rows.rows; ++row) length[row] *= static_cast<double>(rows.length(row));
      const double mean = std::accumulate(length.begin(), length.end(), 0.0) / static_cast<double>(rows.rows);
      return valued(rows, [&](std::size_t row, std::uint64_t e) {
        const double x = value_at(rows, e), norm = 1 - options.bm25_b + options.bm25_b * length[row] / mean;
        return x * (options.bm25_k1 + 1) / (options.bm25_k1 * norm + x) * idf[rows.index[e]];
      });
    }
    default:
      return {};
  }
}

// x log x of counts, from a table where they are small.
class entropy {
public:
  explicit entropy(std::size_t most) : table_(std::min<std::size_t>(most + 1, 1 << 16)) {
    for (std::size_t n = 0; n < table_.size(); ++n) table_[n] = exact(static_cast<double>(n));
  }
  double operator()(double n) const {
    return n < static_cast<double>(table_.size()) ? table_[static_cast<std::size_t>(n)] : exact(n);
  }

private:
  static double exact(double n) { return n > 0 ? n * std::log(n) : 0; }
  std::vector<double> table_;
};

// How far a similarity of this support is believed.
struct belief {
  float shrinkage;
  float operator()(float value, std::uint32_t count) const {
    const auto c = static_cast<float>(count);
    return value * (c / (c + shrinkage));
  }
};

template <class Shared, class Score>
core::sparse_rows shrunk(const core::sparse_view& rows, const core::sparse_view& columns, const knn_options& options,
                         const Score& score, const run_options& run) {
  const nearest_options asked{options.k, options.min_support, options.normalize};
  if (options.shrinkage == 0) return nearest<Shared>(rows, columns, asked, score, run);
  const belief believed{static_cast<float>(options.shrinkage)};
  return nearest<Shared>(
      rows, columns, asked,
      [&](std::uint32_t i, std::uint32_t j, const Shared& shared) { return believed(score(i, j, shared), shared.count); }, run);
}

// sum * own[i] * other[j]
core::sparse_rows by_products(const core::sparse_view& rows, const core::sparse_view& columns, const std::vector<float>& own,
                              const std::vector<float>& other, const knn_options& options, const run_options& run) {
  const auto run_with = [&]<class Shared>(Shared) {
    return shrunk<Shared>(
        rows, columns, options,
        [&](std::uint32_t i, std::uint32_t j, const Shared& shared) {
          return static_cast<float>(shared.sum()) * (own[i] * other[j]);
        },
        run);
  };
  return rows.value == nullptr ? run_with(shared_count{}) : run_with(shared_sum{});
}

// The k most similar rows of each row; `columns` is the transpose of `rows`.
core::sparse_rows neighbours(core::sparse_view rows, core::sparse_view columns, const knn_options& options,
                             const run_options& run) {
  const kind of = kind_of(options.similarity);
  const std::size_t n = rows.rows;
  std::vector<float> one(n, 1.0f), own(n), other(n);
  const auto count = [&](std::size_t i) { return static_cast<double>(rows.length(i)); };
  switch (of) {
    case kind::jaccard:
    case kind::conditional_probability:
    case kind::lift:
    case kind::log_likelihood:
      rows.value = columns.value = nullptr;
      break;
    default:
      break;
  }
  core::sparse_rows values, values_by_column;
  if (of == kind::adjusted_cosine || of == kind::pearson || of == kind::tfidf || of == kind::bm25) {
    values = weighed(of, rows, columns, options);
    values_by_column = core::transposed(values, part_of(run, 0, 0.05));
    rows = values;
    columns = values_by_column;
    // No entries, no values: a view of nothing that still has none.
  }
  const auto rest = part_of(run, 0.05, 1);
  switch (of) {
    case kind::cosine:
    case kind::adjusted_cosine:
    case kind::pearson:
    case kind::tfidf:
      for (std::size_t i = 0; i < n; ++i) {
        double square = 0;
        for (auto e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e) square += value_at(rows, e) * value_at(rows, e);
        own[i] = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0;
      }
      return by_products(rows, columns, own, own, options, rest);
    case kind::dot:
    case kind::bm25:
      return by_products(rows, columns, one, one, options, rest);
    case kind::conditional_probability:
    case kind::lift: {
      const bool lift = of == kind::lift;
      for (std::size_t i = 0; i < n; ++i) {
        if (rows.length(i) == 0) continue;
        own[i] = static_cast<float>((lift ? static_cast<double>(rows.columns) : 1.0) / count(i));
        other[i] = static_cast<float>(std::pow(count(i), lift ? -1.0 : -options.popularity_damping));
      }
      return by_products(rows, columns, own, other, options, rest);
    }
    case kind::jaccard:
      for (std::size_t i = 0; i < n; ++i) own[i] = static_cast<float>(count(i));
      return shrunk<shared_count>(
          rows, columns, options,
          [&](std::uint32_t i, std::uint32_t j, const shared_count& shared) {
            const auto c = static_cast<float>(shared.count);
            return c / (own[i] + own[j] - c);
          },
          rest);
    case kind::log_likelihood: {
      const auto all = static_cast<double>(rows.columns);
      const entropy h(rows.columns);
      std::vector<double> margin(n);  // of a row: what it has, and what it has not
      for (std::size_t i = 0; i < n; ++i) margin[i] = h(count(i)) + h(all - count(i));
      const double whole = h(all);
      return shrunk<shared_count>(
          rows, columns, options,
          [&](std::uint32_t i, std::uint32_t j, const shared_count& shared) {
            const double c = shared.count, x = count(i), y = count(j);
            if (c * all <= x * y) return 0.0f;
            return static_cast<float>(2 * (h(c) + h(x - c) + h(y - c) + h(all - x - y + c) + whole - margin[i] - margin[j]));
          },
          rest);
    }
  }
  return {};
}

}  // namespace

core::sparse_rows item_knn(const core::sparse_view& by_user, const knn_options& options, const run_options& run) {
  core::check_options(options);
  check_interactions(by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  return neighbours(by_item, by_user, options, part_of(run, 0.05, 1));
}

core::sparse_rows user_knn(const core::sparse_view& by_user, const knn_options& options, const run_options& run) {
  core::check_options(options);
  check_interactions(by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  return neighbours(by_user, by_item, options, part_of(run, 0.05, 1));
}

}  // namespace clarion::recommend
