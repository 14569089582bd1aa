#include "clarion/recommend/evaluate.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

#include "clarion/core/error.hpp"
#include "clarion/core/memory.hpp"

namespace clarion::recommend {

namespace {

constexpr std::uint32_t none = top_k_result::none;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t block_rows = 256;
constexpr std::uint32_t most_codes = 1u << 20;  // of segments and groups, which are counted in arrays
constexpr double smoothing = 0.01;  // Steck's alpha: how much of history is mixed into a list so that no category is impossible

enum metric : std::size_t {
  recall,
  recall_min,
  precision,
  ndcg,
  map,
  mrr,
  hit_rate,
  auc,
  recall_snips,
  dcg_snips,
  auc_snips,
  novelty,
  arp,
  arp_ratio,
  serendipity,
  diversity,
  miscalibration,
  coverage,
  gini,
  n_metrics
};

constexpr std::array<metric_info, n_metrics> known{{
    {"recall", true, true, true, "share of a user's relevant items that the list holds"},
    {"recall_min", true, true, true, "the same, of as many as the list could hold: hits / min(k, relevant)"},
    {"precision", true, true, true, "hits / k"},
    {"ndcg", true, true, true, "discounted gain, of that of the best list"},
    {"map", true, true, true, "mean of the precision at each hit: sum / min(k, relevant)"},
    {"mrr", true, true, true, "1 / rank of the first hit"},
    {"hit_rate", true, true, true, "whether there is a hit"},
    {"auc", false, true, true, "share of pairs (relevant, other) in the right order"},
    {"recall_snips", true, true, true, "recall with each relevant item weighted by 1 / propensity"},
    {"dcg_snips", true, true, true, "discounted gain of a hit, the same weights"},
    {"auc_snips", false, true, true, "auc, the same weights"},
    {"novelty", true, true, true, "mean self-information of the items, in bits"},
    {"arp", true, true, false, "mean popularity of the items: users in training"},
    {"arp_ratio", true, true, false, "arp of the list / arp of the user's history"},
    {"serendipity", true, true, true, "hits that the most popular items would not have brought / k"},
    {"diversity", true, true, true, "1 - mean cosine of the pairs of items in the list"},
    {"miscalibration", true, true, false, "divergence of the list's categories from the history's"},
    {"coverage", true, false, true, "share of the catalogue that is in any list"},
    {"gini", true, false, false, "inequality of how often items are shown: 0 all alike, 1 one item alone"},
}};

struct judge {
  const list_view& lists;
  const core::sparse_view& relevant;
  const evaluate_inputs& in;
  const evaluate_options& options;
  std::size_t n_items, n_groups = 0;
  std::vector<std::uint32_t> cutoffs;                            // ascending
  std::array<bool, n_metrics> wanted{};                          // to be computed
  std::array<std::vector<metric_result*>, n_metrics> results{};  // by cutoff

  std::vector<double> discount;  // 1 / log2(rank + 1), by rank from 0
  std::vector<double> ideal;     // sums of the first of them
  std::vector<std::uint32_t> popularity_rank;
  std::vector<double> weight;           // 1 / propensity, by item
  std::vector<double> inverse_length;   // of the vectors of diversity
  std::vector<std::uint32_t> exposure;  // cutoffs x items: how often between the cutoff before and this one

  double popularity(std::uint32_t item) const { return static_cast<double>(in.popularity[item]); }
};

std::string names() {
  std::string out;
  for (const auto& m : known) out += (out.empty() ? "" : ", ") + std::string(m.name);
  return out;
}

// What is missing for a metric; empty where nothing is.
const char* lacks(metric of, const evaluate_inputs& in) {
  switch (of) {
    case novelty:
      return in.popularity.empty() ? "popularity" : in.n_users == 0 ? "n_users" : "";
    case arp:
    case recall_snips:
    case dcg_snips:
      return in.popularity.empty() ? "popularity" : "";
    case arp_ratio:
    case serendipity:
      return in.popularity.empty() ? "popularity" : in.history == nullptr ? "history" : "";
    case diversity:
      return in.item_vectors.data == nullptr && in.by_item == nullptr ? "item_vectors or by_item" : "";
    case miscalibration:
      return in.group.empty() ? "group" : in.history == nullptr ? "history" : "";
    case auc:
      return in.candidates.empty() ? "ahead and candidates" : "";
    case auc_snips:
      return in.candidates.empty() ? "ahead and candidates" : in.popularity.empty() ? "popularity" : "";
    default:
      return "";
  }
}

void check(const list_view& lists, const core::sparse_view& relevant, const evaluate_inputs& in, std::size_t n_items,
           const run_options& run) {
  core::check_sparse("relevant", relevant, run);
  if (relevant.rows != lists.rows)
    reject("relevant", std::to_string(relevant.rows) + " rows",
           "give one for each of the " + std::to_string(lists.rows) + " lists");
  if (n_items > relevant.columns)
    reject("n_items", std::to_string(n_items), "give at most the columns of relevant: " + std::to_string(relevant.columns));
  const auto sized = [](const char* field, std::size_t size, std::size_t wanted, const char* each) {
    if (size != wanted)
      reject(field, std::to_string(size) + " entries", "give one for each of the " + std::to_string(wanted) + " " + each);
  };
  if (!in.popularity.empty()) sized("popularity", in.popularity.size(), n_items, "items");
  if (!in.group.empty()) sized("group", in.group.size(), n_items, "items");
  if (!in.segment.empty()) sized("segment", in.segment.size(), lists.rows, "lists");
  if (!in.candidates.empty()) {
    sized("candidates", in.candidates.size(), lists.rows, "lists");
    sized("ahead", in.ahead.size(), relevant.size(), "relevant items");
  }
  const auto shaped = [&](const char* field, const core::sparse_view* matrix, std::size_t rows, std::size_t columns) {
    if (matrix == nullptr) return;
    if (matrix->rows != rows || (columns > 0 && matrix->columns != columns))
      reject(field, std::to_string(matrix->rows) + " x " + std::to_string(matrix->columns),
             "give " + std::to_string(rows) + " rows" + (columns > 0 ? " x " + std::to_string(columns) + " items" : ""));
    core::check_sparse(field, *matrix, run);
  };
  shaped("history", in.history, lists.rows, n_items);
  shaped("by_item", in.by_item, n_items, 0);
  if (in.item_vectors.data != nullptr) {
    sized("item_vectors", in.item_vectors.rows, n_items, "items");
    for (std::size_t i = 0; i < in.item_vectors.rows * in.item_vectors.factors; ++i)
      if (!std::isfinite(in.item_vectors.data[i]))
        reject("item_vectors", std::to_string(in.item_vectors.data[i]), "give finite numbers");
  }
  for (const auto s : in.segment)
    if (s != none && s >= most_codes) reject("segment", std::to_string(s), "give numbers below 1048576, or none");
  for (const auto g : in.group)
    if (g >= most_codes) reject("group", std::to_string(g), "give numbers below 1048576");
}

void choose(judge& j) {
  if (j.options.gains != "binary" && j.options.gains != "linear" && j.options.gains != "exponential")
    reject("gains", j.options.gains, "give binary, linear or exponential");
  j.cutoffs = j.options.k;
  if (j.cutoffs.empty()) reject("k", "no number", "give one or more");
  std::sort(j.cutoffs.begin(), j.cutoffs.end());
  j.cutoffs.erase(std::unique(j.cutoffs.begin(), j.cutoffs.end()), j.cutoffs.end());
  for (const auto k : j.cutoffs)
    if (k == 0 || k > j.lists.k)
      reject("k", std::to_string(k), "give numbers from 1 to the length of the lists: " + std::to_string(j.lists.k));
  if (j.options.metrics.empty())
    for (std::size_t m = 0; m < n_metrics; ++m) j.wanted[m] = *lacks(static_cast<metric>(m), j.in) == 0;
  for (const auto& name : j.options.metrics) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& m) { return m.name == name; });
    if (found == known.end()) reject("metrics", name, "known are " + names());
    const auto m = static_cast<metric>(found - known.begin());
    if (const char* missing = lacks(m, j.in); *missing != 0) reject("metrics", name, std::string("it needs ") + missing);
    j.wanted[m] = true;
  }
}

void prepare(judge& j) {
  const std::size_t longest = j.cutoffs.back();
  j.discount.resize(longest);
  j.ideal.assign(longest + 1, 0);
  for (std::size_t i = 0; i < longest; ++i) {
    j.discount[i] = 1 / std::log2(static_cast<double>(i) + 2);
    j.ideal[i + 1] = j.ideal[i] + j.discount[i];
  }
  if (j.wanted[serendipity]) {
    std::vector<std::uint32_t> order(j.n_items);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return j.in.popularity[a] > j.in.popularity[b]; });
    j.popularity_rank.resize(j.n_items);
    for (std::uint32_t i = 0; i < j.n_items; ++i) j.popularity_rank[order[i]] = i;
  }
  if (j.wanted[recall_snips] || j.wanted[dcg_snips] || j.wanted[auc_snips]) {
    // Of an item that cannot be recommended as if one user had had it.
    j.weight.assign(j.relevant.columns, 1);
    for (std::size_t i = 0; i < j.n_items; ++i)
      j.weight[i] = std::pow(std::max(1.0, j.popularity(static_cast<std::uint32_t>(i))), -(j.options.propensity_gamma + 1) / 2);
  }
  if (j.wanted[diversity]) {
    j.inverse_length.assign(j.n_items, 0);
    for (std::size_t i = 0; i < j.n_items; ++i) {
      double square = 0;
      if (const auto& v = j.in.item_vectors; v.data != nullptr) {
        for (std::size_t f = 0; f < v.factors; ++f)
          square += static_cast<double>(v.data[i * v.factors + f]) * v.data[i * v.factors + f];
      } else if (j.in.by_item->value == nullptr) {
        square = static_cast<double>(j.in.by_item->length(i));
      } else {
        for (const float x : j.in.by_item->values(i)) square += static_cast<double>(x) * x;
      }
      if (square > 0) j.inverse_length[i] = 1 / std::sqrt(square);
    }
  }
  for (const auto g : j.in.group) j.n_groups = std::max<std::size_t>(j.n_groups, g + std::size_t{1});
  if (j.wanted[coverage] || j.wanted[gini]) j.exposure.assign(j.cutoffs.size() * j.n_items, 0);
}

// One block's memory, and one row at a time.
class row_judge {
public:
  explicit row_judge(judge& j) : j_(j), hits_(j.cutoffs.back()), relevant_at_(j.cutoffs.back()) {
    if (j_.wanted[diversity])
      sum_.assign(j_.in.item_vectors.data != nullptr ? j_.in.item_vectors.factors : j_.in.by_item->columns, 0);
    if (j_.wanted[miscalibration]) {
      had_.assign(j_.n_groups, 0);
      shown_.assign(j_.n_groups, 0);
    }
  }

  // What a list is must hold of every one, whether it is judged or not.
  void check_list(std::size_t row) {
    if (j_.lists.lengths[row] > j_.lists.k)
      reject("lists", "length " + std::to_string(j_.lists.lengths[row]), "give at most " + std::to_string(j_.lists.k));
    const auto list = list_of(row, j_.lists.k);
    sorted_.assign(list.begin(), list.end());
    std::sort(sorted_.begin(), sorted_.end());
    if (!sorted_.empty() && sorted_.back() >= j_.n_items)
      reject("lists", "item " + std::to_string(sorted_.back()) + " of row " + std::to_string(row),
             "give numbers below " + std::to_string(j_.n_items));
    if (const auto twice = std::adjacent_find(sorted_.begin(), sorted_.end()); twice != sorted_.end())
      reject("lists", "item " + std::to_string(*twice) + " twice in row " + std::to_string(row), "give each item once");
  }

  void judge_row(std::size_t row) {
    const auto list = list_of(row, j_.cutoffs.back());
    accuracy(row, list);
    if (j_.wanted[auc] || j_.wanted[auc_snips]) order(row);
    if (!j_.exposure.empty()) count(list);
    if (list.empty()) return;
    if (j_.wanted[novelty] || j_.wanted[arp] || j_.wanted[arp_ratio]) popular(row, list);
    if (j_.wanted[diversity]) diverse(row, list);
    if (j_.wanted[miscalibration]) calibrated(row, list);
  }

private:
  std::span<const std::uint32_t> list_of(std::size_t row, std::size_t most) const {
    return {j_.lists.items + row * j_.lists.k, std::min<std::size_t>(j_.lists.lengths[row], most)};
  }

  void put(metric of, std::size_t cutoff, std::size_t row, double value) {
    if (j_.wanted[of]) j_.results[of][cutoff]->by_user[row] = value;
  }

  double gain(float value) const {
    return j_.options.gains == "linear" ? static_cast<double>(value) : std::exp2(static_cast<double>(value)) - 1;
  }

  void accuracy(std::size_t row, std::span<const std::uint32_t> list) {
    const auto relevant = j_.relevant.indices(row);
    const auto values = j_.relevant.values(row);
    const bool graded = j_.options.gains != "binary" && !values.empty();
    const auto n = static_cast<double>(relevant.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto at = std::lower_bound(relevant.begin(), relevant.end(), list[i]);
      hits_[i] = at != relevant.end() && *at == list[i];
      relevant_at_[i] = static_cast<std::size_t>(at - relevant.begin());
    }
    gains_.clear();
    if (graded && j_.wanted[ndcg]) {
      for (const float v : values) {
        gains_.push_back(gain(v));
        if (v < 0 || !std::isfinite(gains_.back()))
          reject("relevant", std::to_string(v), "give gains of 0 or more that are finite");
      }
      std::sort(gains_.begin(), gains_.end(), std::greater<>{});
    }
    double weights = 0;
    if (!j_.weight.empty())
      for (const auto item : relevant) weights += j_.weight[item];
    if (j_.wanted[serendipity]) unpopular(row, list);

    double found = 0, dcg = 0, precisions = 0, first = 0, weighted = 0, discounted = 0;
    std::size_t at = 0;
    for (std::size_t c = 0; c < j_.cutoffs.size(); ++c) {
      const std::size_t k = j_.cutoffs[c];
      for (; at < std::min(k, list.size()); ++at) {
        if (!hits_[at]) continue;
        found += 1;
        if (first == 0) first = 1 / static_cast<double>(at + 1);
        precisions += found / static_cast<double>(at + 1);
        dcg += j_.discount[at] * (graded ? gain(values[relevant_at_[at]]) : 1);
        if (!j_.weight.empty()) {
          weighted += j_.weight[list[at]];
          discounted += j_.weight[list[at]] * j_.discount[at];
        }
      }
      const auto places = static_cast<double>(k);
      const std::size_t reachable = std::min(k, relevant.size());
      double best = j_.ideal[reachable];
      if (graded) {
        best = 0;
        for (std::size_t i = 0; i < std::min(reachable, gains_.size()); ++i) best += gains_[i] * j_.discount[i];
      }
      put(recall, c, row, found / n);
      put(recall_min, c, row, found / static_cast<double>(reachable));
      put(precision, c, row, found / places);
      put(ndcg, c, row, best > 0 ? dcg / best : nan);
      put(map, c, row, precisions / static_cast<double>(reachable));
      put(mrr, c, row, first);
      put(hit_rate, c, row, found > 0 ? 1 : 0);
      put(recall_snips, c, row, weighted / weights);
      put(dcg_snips, c, row, discounted / weights);
      if (j_.wanted[serendipity]) {
        double surprising = 0;
        for (std::size_t i = 0; i < std::min(k, list.size()); ++i) surprising += hits_[i] && popular_at_[i] >= k;
        put(serendipity, c, row, surprising / places);
      }
    }
  }

  // The place of each hit in the list of the most popular items that its user has not had.
  void unpopular(std::size_t row, std::span<const std::uint32_t> list) {
    const auto had = j_.in.history->indices(row);
    popular_at_.assign(list.size(), 0);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!hits_[i]) continue;
      const std::size_t rank = j_.popularity_rank[list[i]];
      popular_at_[i] = rank;
      // Enough in front even if the user had as many of them as there are.
      if (rank >= j_.cutoffs.back() + had.size()) continue;
      for (const auto item : had) popular_at_[i] -= j_.popularity_rank[item] < rank;
    }
  }

  void order(std::size_t row) {
    const auto relevant = j_.relevant.indices(row);
    const auto ahead = j_.in.ahead.subspan(j_.relevant.offsets[row] - j_.relevant.offsets[0], relevant.size());
    order_.clear();
    double weights = 0;
    for (std::size_t i = 0; i < relevant.size(); ++i) {
      if (!j_.weight.empty()) weights += j_.weight[relevant[i]];
      if (ahead[i] < j_.in.candidates[row]) order_.emplace_back(ahead[i], relevant[i]);
    }
    if (order_.size() >= j_.in.candidates[row]) return;  // nothing that is not relevant
    const auto others = static_cast<double>(j_.in.candidates[row] - order_.size());
    std::sort(order_.begin(), order_.end());
    double plain = 0, weighted = 0;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (order_[i].first < i) reject("ahead", std::to_string(order_[i].first), "give different ranks to the items of a row");
      const double right = 1 - static_cast<double>(order_[i].first - i) / others;
      plain += right;
      if (!j_.weight.empty()) weighted += right * j_.weight[order_[i].second];
    }
    put(auc, 0, row, plain / static_cast<double>(relevant.size()));
    put(auc_snips, 0, row, weighted / weights);
  }

  void count(std::span<const std::uint32_t> list) {
    std::size_t c = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      while (i >= j_.cutoffs[c]) ++c;
      std::atomic_ref(j_.exposure[c * j_.n_items + list[i]]).fetch_add(1, std::memory_order_relaxed);
    }
  }

  // At each cutoff, with the number of items until there.
  template <class Add, class Tell>
  void along(std::span<const std::uint32_t> list, Add&& add, Tell&& tell) {
    std::size_t at = 0;
    for (std::size_t c = 0; c < j_.cutoffs.size(); ++c) {
      for (; at < std::min<std::size_t>(j_.cutoffs[c], list.size()); ++at) add(list[at]);
      tell(c, static_cast<double>(at));
    }
  }

  void popular(std::size_t row, std::span<const std::uint32_t> list) {
    double of_history = 0;
    if (j_.wanted[arp_ratio] && j_.in.history->length(row) > 0) {
      for (const auto item : j_.in.history->indices(row)) of_history += j_.popularity(item);
      of_history /= static_cast<double>(j_.in.history->length(row));
    }
    double users = 0, bits = 0;
    along(
        list,
        [&](std::uint32_t item) {
          users += j_.popularity(item);
          // Of an item that nobody had as if one user had had it.
          if (j_.wanted[novelty]) bits -= std::log2(std::max(1.0, j_.popularity(item)) / static_cast<double>(j_.in.n_users));
        },
        [&](std::size_t c, double n) {
          put(novelty, c, row, bits / n);
          put(arp, c, row, users / n);
          if (of_history > 0) put(arp_ratio, c, row, users / n / of_history);
        });
  }

  // Cosines of an item with all before it are its product with the sum of their directions.
  void diverse(std::size_t row, std::span<const std::uint32_t> list) {
    const auto& v = j_.in.item_vectors;
    const auto each = [&](std::uint32_t item, auto&& visit) {
      const double scale = j_.inverse_length[item];
      if (scale == 0) return;
      if (v.data != nullptr) {
        for (std::size_t f = 0; f < v.factors; ++f) visit(f, scale * static_cast<double>(v.data[item * v.factors + f]));
        return;
      }
      const auto users = j_.in.by_item->indices(item);
      const auto values = j_.in.by_item->values(item);
      for (std::size_t i = 0; i < users.size(); ++i)
        visit(users[i], values.empty() ? scale : scale * static_cast<double>(values[i]));
    };
    double cosines = 0;
    along(
        list,
        [&](std::uint32_t item) {
          each(item, [&](std::size_t f, double x) {
            cosines += x * sum_[f];
            sum_[f] += x;
          });
        },
        [&](std::size_t c, double n) {
          if (n > 1) put(diversity, c, row, 1 - 2 * cosines / (n * (n - 1)));
        });
    for (const auto item : list) each(item, [&](std::size_t f, double) { sum_[f] = 0; });
  }

  void calibrated(std::size_t row, std::span<const std::uint32_t> list) {
    const auto had = j_.in.history->indices(row);
    if (had.empty()) return;
    for (const auto item : had) had_[j_.in.group[item]] += 1;
    along(
        list, [&](std::uint32_t item) { shown_[j_.in.group[item]] += 1; },
        [&](std::size_t c, double n) {
          double divergence = 0;
          for (const auto item : had) {  // each entry its share of its category
            const double p = had_[j_.in.group[item]] / static_cast<double>(had.size());
            const double q = (1 - smoothing) * shown_[j_.in.group[item]] / n + smoothing * p;
            divergence += std::log(p / q) / static_cast<double>(had.size());
          }
          put(miscalibration, c, row, std::max(0.0, divergence));
        });
    for (const auto item : had) had_[j_.in.group[item]] = 0;
    for (const auto item : list) shown_[j_.in.group[item]] = 0;
  }

  judge& j_;
  std::vector<std::uint32_t> sorted_;
  std::vector<std::uint8_t> hits_;
  std::vector<std::size_t> relevant_at_, popular_at_;
  std::vector<double> gains_, sum_, had_, shown_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order_;
};

void of_all_lists(judge& j) {
  std::vector<std::uint32_t> shown(j.n_items, 0);
  for (std::size_t c = 0; c < j.cutoffs.size(); ++c) {
    for (std::size_t i = 0; i < j.n_items; ++i) shown[i] += j.exposure[c * j.n_items + i];
    auto sorted = shown;
    std::sort(sorted.begin(), sorted.end());
    const auto n = static_cast<double>(j.n_items);
    double total = 0, ranked = 0, any = 0;
    for (std::size_t i = 0; i < j.n_items; ++i) {
      const auto x = static_cast<double>(sorted[i]);
      total += x;
      any += x > 0;
      ranked += (2 * static_cast<double>(i + 1) - n - 1) * x;
    }
    if (j.wanted[coverage]) j.results[coverage][c]->mean = any / n;
    if (j.wanted[gini]) j.results[gini][c]->mean = ranked / (n * total);
  }
}

void average(metric_result& of, std::span<const std::uint32_t> segment) {
  double sum = 0;
  for (const double v : of.by_user)
    if (!std::isnan(v)) {
      sum += v;
      ++of.users;
    }
  of.mean = sum / static_cast<double>(of.users);
  if (segment.empty()) return;
  std::size_t n = 0;
  for (const auto s : segment)
    if (s != none) n = std::max<std::size_t>(n, s + std::size_t{1});
  of.by_segment.assign(n, 0);
  of.segment_users.assign(n, 0);
  for (std::size_t row = 0; row < segment.size(); ++row)
    if (segment[row] != none && !std::isnan(of.by_user[row])) {
      of.by_segment[segment[row]] += of.by_user[row];
      ++of.segment_users[segment[row]];
    }
  for (std::size_t s = 0; s < n; ++s) of.by_segment[s] /= static_cast<double>(of.segment_users[s]);
}

}  // namespace

std::span<const metric_info> metrics() { return known; }

evaluation evaluate(const list_view& lists, const core::sparse_view& relevant, const evaluate_options& options,
                    const evaluate_inputs& inputs, const run_options& run) {
  core::check_options(options);
  judge j{lists, relevant, inputs, options, inputs.n_items > 0 ? inputs.n_items : relevant.columns};
  check(lists, relevant, inputs, j.n_items, {.threads = run.threads, .cancel = run.cancel});
  choose(j);

  evaluation out{.rows = lists.rows};
  std::size_t columns = 0;
  for (std::size_t m = 0; m < n_metrics; ++m)
    if (j.wanted[m]) columns += known[m].at_k ? j.cutoffs.size() : 1;
  core::require_memory("an evaluation of " + std::to_string(lists.rows) + " users",
                       8.0 * static_cast<double>(columns) * static_cast<double>(lists.rows), "ask for fewer metrics");
  out.metrics.reserve(columns);
  for (std::size_t m = 0; m < n_metrics; ++m) {
    if (!j.wanted[m]) continue;
    for (std::size_t c = 0; c < (known[m].at_k ? j.cutoffs.size() : 1); ++c) {
      auto& result = out.metrics.emplace_back(metric_result{std::string(known[m].name), known[m].at_k ? j.cutoffs[c] : 0, nan});
      if (known[m].by_user) result.by_user.assign(lists.rows, nan);
      j.results[m].push_back(&result);
    }
  }
  prepare(j);

  core::parallel_blocks((lists.rows + block_rows - 1) / block_rows, run, [&](std::size_t block) {
    row_judge judged(j);
    for (std::size_t row = block * block_rows; row < std::min(lists.rows, (block + 1) * block_rows); ++row) {
      judged.check_list(row);
      if (relevant.length(row) > 0) judged.judge_row(row);
    }
  });
  for (std::size_t row = 0; row < lists.rows; ++row) {
    const bool judged = relevant.length(row) > 0;
    out.users += judged;
    out.without_relevant += !judged;
    out.without_list += judged && lists.lengths[row] == 0;
  }
  if (!j.exposure.empty()) of_all_lists(j);
  for (auto& result : out.metrics) {
    if (!result.by_user.empty())
      average(result, inputs.segment);
    else if (result.name == "coverage" || result.name == "gini")
      result.users = out.users;
  }
  return out;
}

}  // namespace clarion::recommend
