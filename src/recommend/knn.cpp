#include "clarion/recommend/knn.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "recommend/co_occurrence.hpp"
#include "recommend/fit_memory.hpp"

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

// Values that the similarity compares, where they are others than those that were given; `columns` holds the fit.
core::sparse_rows weighed(kind of, const core::sparse_view& rows, const core::sparse_view& columns, double mean_length,
                          const knn_options& options) {
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
      const auto mean = means_of(rows);
      return valued(rows, [&](std::size_t row, std::uint64_t e) {
        const double x = value_at(rows, e), length = mean[row] * static_cast<double>(rows.length(row));
        const double norm = 1 - options.bm25_b + options.bm25_b * length / mean_length;
        return x * (options.bm25_k1 + 1) / (options.bm25_k1 * norm + x) * idf[rows.index[e]];
      });
    }
    default:
      return {};
  }
}

double mean_length_of(const core::sparse_view& rows) {
  double sum = 0;
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (auto e = rows.offsets[row]; e < rows.offsets[row + 1]; ++e) sum += value_at(rows, e);
  return sum / static_cast<double>(rows.rows);
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

// Who is compared: rows with others, which are `others` and by column `columns`.
struct sides {
  core::sparse_view rows, others, columns;
  bool same = true;
  bool turned = false;  // similarities are those of others with rows
};

template <class Shared, class Score>
core::sparse_rows shrunk(const sides& of, const knn_options& options, const Score& score, const run_options& run) {
  const nearest_options asked{options.k, options.min_support, options.normalize, of.same};
  if (options.shrinkage == 0) return nearest<Shared>(of.rows, of.columns, asked, score, run);
  const auto shrinkage = static_cast<float>(options.shrinkage);
  return nearest<Shared>(
      of.rows, of.columns, asked,
      [&](std::uint32_t i, std::uint32_t j, const Shared& shared) {
        const auto c = static_cast<float>(shared.count);
        return score(i, j, shared) * (c / (c + shrinkage));
      },
      run);
}

// sum * own[i] * other[j]: in single precision where sums are counts, as any weights may have been given otherwise.
core::sparse_rows by_products(const sides& of, const std::vector<double>& own, const std::vector<double>& other,
                              const knn_options& options, const run_options& run) {
  const auto products = [&]<class Shared, class Number>(Shared, Number) {
    const std::vector<Number> a(own.begin(), own.end()), b(other.begin(), other.end());
    return shrunk<Shared>(
        of, options,
        [&](std::uint32_t i, std::uint32_t j, const Shared& shared) {
          return static_cast<float>(static_cast<Number>(shared.sum()) * (a[i] * b[j]));
        },
        run);
  };
  const bool counts = of.rows.value == nullptr && of.columns.value == nullptr;
  return counts ? products(shared_count{}, float{}) : products(shared_sum{}, double{});
}

template <class To>
std::vector<double> of_each(const core::sparse_view& rows, To&& to) {
  std::vector<double> out(rows.rows);
  for (std::size_t row = 0; row < out.size(); ++row)
    if (rows.length(row) > 0) out[row] = to(row, static_cast<double>(rows.length(row)));
  return out;
}

// One over the length of each row.
std::vector<double> unit_of(const core::sparse_view& rows) {
  return of_each(rows, [&](std::size_t row, double) {
    double square = 0;
    for (auto e = rows.offsets[row]; e < rows.offsets[row + 1]; ++e) square += value_at(rows, e) * value_at(rows, e);
    return square > 0 ? 1 / std::sqrt(square) : 0;
  });
}

core::sparse_rows neighbours(sides of, const knn_options& options, const run_options& run) {
  const kind how = kind_of(options.similarity);
  const auto rest = part_of(run, 0.05, 1);
  core::sparse_rows rows, others, columns;  // what `of` shows, where values are not those that were given
  const auto counts_alone = [&] { of.rows.value = of.others.value = of.columns.value = nullptr; };
  switch (how) {
    case kind::adjusted_cosine:
    case kind::pearson:
    case kind::tfidf:
    case kind::bm25: {
      const double mean_length = mean_length_of(of.others);
      others = weighed(how, of.others, of.columns, mean_length, options);
      if (!of.same) rows = weighed(how, of.rows, of.columns, mean_length, options);
      columns = core::transposed(others, part_of(run, 0, 0.05));
      of = {of.same ? others : rows, others, columns, of.same, of.turned};
      break;
    }
    case kind::jaccard:
    case kind::conditional_probability:
    case kind::lift:
    case kind::log_likelihood:
      counts_alone();
      break;
    default:
      break;
  }
  switch (how) {
    case kind::cosine:
    case kind::adjusted_cosine:
    case kind::pearson:
    case kind::tfidf:
      return by_products(of, unit_of(of.rows), unit_of(of.others), options, rest);
    case kind::dot:
    case kind::bm25: {
      const auto one = [](const core::sparse_view& side) { return std::vector<double>(side.rows, 1.0); };
      return by_products(of, one(of.rows), one(of.others), options, rest);
    }
    case kind::conditional_probability: {
      const auto given = [](std::size_t, double n) { return 1 / n; };
      const auto damped = [&](std::size_t, double n) { return std::pow(n, -options.popularity_damping); };
      return of.turned ? by_products(of, of_each(of.rows, damped), of_each(of.others, given), options, rest)
                       : by_products(of, of_each(of.rows, given), of_each(of.others, damped), options, rest);
    }
    case kind::lift:
      return by_products(of, of_each(of.rows, [&](std::size_t, double n) { return static_cast<double>(of.rows.columns) / n; }),
                         of_each(of.others, [](std::size_t, double n) { return 1 / n; }), options, rest);
    case kind::jaccard:
      return shrunk<shared_count>(
          of, options,
          [&](std::uint32_t i, std::uint32_t j, const shared_count& shared) {
            const std::uint64_t together = of.rows.length(i) + of.others.length(j) - shared.count;
            return static_cast<float>(shared.count) / static_cast<float>(together);
          },
          rest);
    case kind::log_likelihood: {
      const auto all = static_cast<double>(of.rows.columns);
      const entropy h(of.rows.columns);
      const auto margins = [&](const core::sparse_view& side) {
        std::vector<double> out(side.rows);
        for (std::size_t i = 0; i < out.size(); ++i) {
          const auto n = static_cast<double>(side.length(i));
          out[i] = h(n) + h(all - n);
        }
        return out;
      };
      const auto own = margins(of.rows), other = margins(of.others);
      const double whole = h(all);
      return shrunk<shared_count>(
          of, options,
          [&](std::uint32_t i, std::uint32_t j, const shared_count& shared) {
            const double c = shared.count;
            const auto x = static_cast<double>(of.rows.length(i)), y = static_cast<double>(of.others.length(j));
            if (c * all <= x * y) return 0.0f;
            return static_cast<float>(2 * (h(c) + h(x - c) + h(y - c) + h(all - x - y + c) + whole - own[i] - other[j]));
          },
          rest);
    }
  }
  return {};
}

// The interactions by item, and twice more where the similarity compares other values.
double compared_memory(const fit_size& of, const knn_options& options) {
  switch (kind_of(options.similarity)) {
    case kind::adjusted_cosine:
    case kind::pearson:
    case kind::tfidf:
    case kind::bm25:
      return 3 * of.turned() + 24 * of.users;
    default:
      return of.turned();
  }
}

void require_neighbours(std::size_t rows, double bytes) {
  core::require_memory("the neighbours of " + std::to_string(rows) + " rows", bytes, "ask for fewer neighbours");
}

}  // namespace

double item_knn_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const knn_options& options,
                       const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  return compared_memory(of, options) + nearest_memory(of.items, of.items, options.k, run);
}

double user_knn_memory(std::size_t n_users, std::size_t n_items, std::uint64_t n_interactions, const knn_options& options,
                       const run_options& run) {
  const fit_size of(n_users, n_items, n_interactions);
  return compared_memory(of, options) + nearest_memory(of.users, of.users, options.k, run);
}

core::sparse_rows item_knn(const core::sparse_view& by_user, const knn_options& options, const run_options& run) {
  core::check_options(options);
  require_neighbours(by_user.columns, item_knn_memory(by_user.rows, by_user.columns, by_user.size(), options, run));
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  if (!options.by_target) return neighbours({by_item, by_item, by_user}, options, part_of(run, 0.05, 1));
  return core::transposed(neighbours({by_item, by_item, by_user, true, true}, options, part_of(run, 0.05, 0.98)),
                          part_of(run, 0.98, 1));
}

core::sparse_rows user_knn(const core::sparse_view& by_user, const knn_options& options, const run_options& run) {
  core::check_options(options);
  require_neighbours(by_user.rows, user_knn_memory(by_user.rows, by_user.columns, by_user.size(), options, run));
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));
  const auto by_item = core::transposed(by_user, part_of(run, 0.02, 0.05));
  return neighbours({by_user, by_user, by_item}, options, part_of(run, 0.05, 1));
}

core::sparse_rows fold_in_user_knn(const core::sparse_view& by_user, const core::sparse_view& rows, const knn_options& options,
                                   const run_options& run) {
  core::check_options(options);
  if (rows.columns != by_user.columns)
    reject("rows", std::to_string(rows.columns) + " columns",
           "give one for each of the " + std::to_string(by_user.columns) + " items");
  const fit_size of(by_user.rows, by_user.columns, by_user.size()), theirs(rows.rows, rows.columns, rows.size());
  require_neighbours(rows.rows, compared_memory(of, options) + compared_memory(theirs, options) +
                                    nearest_memory(theirs.users, of.users, options.k, run));
  check_interactions("interactions", by_user, part_of(run, 0, 0.02));
  check_interactions("rows", rows, part_of(run, 0.02, 0.03));
  const auto by_item = core::transposed(by_user, part_of(run, 0.03, 0.05));
  return neighbours({rows, by_user, by_item, false}, options, part_of(run, 0.05, 1));
}

}  // namespace clarion::recommend
