#include "clarion/segment/choose_k.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <utility>

#include "clarion/core/error.hpp"
#include "schema/wording.hpp"
#include "segment/gap.hpp"
#include "segment/quality.hpp"

namespace clarion::segment {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::uint32_t> checked_k(std::span<const std::uint32_t> k, std::size_t rows) {
  if (k.empty()) reject("k", "an empty list", "give numbers of clusters, such as 2 to 10");
  std::vector<std::uint32_t> out(k.begin(), k.end());
  std::sort(out.begin(), out.end());
  if (out.front() < 2) reject("k", std::to_string(out.front()), "give numbers from 2 on");
  if (out.back() > rows) reject("k", std::to_string(out.back()), "give at most the number of rows, " + std::to_string(rows));
  if (const auto twice = std::adjacent_find(out.begin(), out.end()); twice != out.end())
    reject("k", std::to_string(*twice) + " twice", "give each number once");
  return out;
}

// The k whose value is greatest, the first of equals; none where no value is known or all k found one cluster.
template <class Value>
std::optional<std::uint32_t> greatest(std::span<const k_quality> tried, Value&& value) {
  std::optional<std::uint32_t> out;
  double best = 0;
  for (const k_quality& each : tried) {
    const double v = value(each);
    if (each.clusters < each.k || std::isnan(v) || (out && v <= best)) continue;
    best = v;
    out = each.k;
  }
  return out;
}

std::optional<std::uint32_t> by_gap(std::span<const double> gap, std::span<const double> error,
                                    std::span<const std::uint32_t> k) {
  for (std::size_t i = 0; i + 1 < gap.size(); ++i)
    if (std::isfinite(gap[i]) && gap[i] >= gap[i + 1] - error[i + 1]) return i == 0 ? 1 : k[i - 1];
  return std::nullopt;
}

// The fall from one cluster to two is part of the curve.
std::optional<std::uint32_t> by_elbow(const k_choice& of) {
  std::vector<double> x, y;
  if (of.tried.front().k == 2) {
    x.push_back(1);
    y.push_back(of.inertia_of_one);
  }
  for (const k_quality& each : of.tried) {
    x.push_back(each.k);
    y.push_back(each.inertia);
  }
  const auto at = elbow(x, y);
  return at ? std::optional(static_cast<std::uint32_t>(x[*at])) : std::nullopt;
}

struct vote {
  const char* name;
  std::optional<std::uint32_t> k;
};

std::vector<vote> votes_of(const k_choice& of) {
  return {{"the silhouette", of.by_silhouette},
          {"Calinski-Harabasz", of.by_calinski_harabasz},
          {"Davies-Bouldin", of.by_davies_bouldin},
          {"the gap statistic", of.by_gap},
          {"the elbow of the inertia", of.by_elbow}};
}

const k_quality& quality_at(const k_choice& of, std::uint32_t k) {
  return *std::find_if(of.tried.begin(), of.tried.end(), [&](const k_quality& each) { return each.k == k; });
}

void recommend(k_choice& of) {
  const auto votes = votes_of(of);
  std::size_t most = 0;
  of.best = 1;
  for (const k_quality& each : of.tried) {
    const auto named =
        static_cast<std::size_t>(std::count_if(votes.begin(), votes.end(), [&](const vote& v) { return v.k == each.k; }));
    const bool better = named > most || (named == most && named > 0 && each.silhouette > quality_at(of, of.best).silhouette);
    if (named == 0 || !better) continue;
    most = named;
    of.best = each.k;
  }
  of.agreed = of.best > 1;
  for (const vote& v : votes)
    if (v.k && v.k != of.best) of.agreed = false;
}

std::string sentence(std::string text) {
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text + ".";
}

std::string reason_of(const k_choice& of) {
  if (of.best == 1) return "No number of clusters stands out: the rows are equal, or no index has an answer.";
  const auto votes = votes_of(of);
  const k_quality& best = quality_at(of, of.best);
  std::vector<std::string> agree;
  std::vector<std::pair<std::uint32_t, std::vector<std::string>>> others;
  std::size_t answers = 0;
  for (const vote& v : votes) {
    if (!v.k) continue;
    ++answers;
    if (*v.k == of.best) {
      agree.push_back(agree.empty() && v.k == of.by_silhouette ? fmt::format("{} ({:.2f})", v.name, best.silhouette) : v.name);
      continue;
    }
    const auto at = std::find_if(others.begin(), others.end(), [&](const auto& each) { return each.first == *v.k; });
    if (at == others.end())
      others.push_back({*v.k, {v.name}});
    else
      at->second.push_back(v.name);
  }
  std::string out = fmt::format("{} clusters: {} {} it ({} of {} {} with an answer).", of.best, wording::list(agree),
                                agree.size() == 1 ? "names" : "name", agree.size(), answers, answers == 1 ? "index" : "indices");
  std::vector<std::string> disagreement;
  for (const auto& [k, names] : others)
    if (k != 1) disagreement.push_back(fmt::format("{} {} {}", wording::list(names), names.size() == 1 ? "names" : "name", k));
  if (!disagreement.empty()) out += " " + sentence(fmt::format("{}", fmt::join(disagreement, ", ")));
  if (agree.size() * 2 <= answers) out += " That is no majority: look at the candidates yourself.";
  if (of.by_gap == 1u) out += " The gap statistic sees no clusters at all: the rows may be one cloud that is cut into parts.";
  if (best.silhouette < 0.25)
    out += fmt::format(" The silhouette of {:.2f} says that clusters are hardly apart.", best.silhouette);
  // Of sampled rows: who is as good within two standard errors.
  std::vector<std::string> close;
  for (const k_quality& each : of.tried)
    if (each.k != of.best && best.silhouette_se > 0 &&
        std::abs(each.silhouette - best.silhouette) < 2 * std::hypot(each.silhouette_se, best.silhouette_se))
      close.push_back(std::to_string(each.k));
  if (!close.empty()) out += fmt::format(" By the silhouettes of sampled rows it cannot be told from {}.", wording::list(close));
  if (of.tried.size() > 1 && of.best == of.tried.back().k) out += " It is the most that was tried: try more.";
  return out;
}

}  // namespace

std::optional<std::size_t> elbow(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) reject("y", std::to_string(y.size()) + " values", "give one for each x");
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!std::isfinite(x[i]) || !std::isfinite(y[i]) || (i > 0 && x[i] <= x[i - 1]))
      reject("x", "a value that is not finite or not above the one before", "give a curve from left to right");
  if (x.size() < 3) return std::nullopt;
  const auto [least, most] = std::minmax_element(y.begin(), y.end());
  if (*least == *most) return std::nullopt;
  // The falling curve turned over, in a unit square, less the diagonal.
  std::vector<double> difference(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    difference[i] = (*most - y[i]) / (*most - *least) - (x[i] - x.front()) / (x.back() - x.front());
  const double step = 1 / static_cast<double>(x.size() - 1);  // the mean distance of neighbours
  std::optional<std::size_t> at;
  double threshold = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (at && difference[i] < threshold) return at;
    if (i + 1 < x.size() && difference[i] > difference[i - 1] && difference[i] >= difference[i + 1]) {
      at = i;
      threshold = difference[i] - step;
    }
  }
  return std::nullopt;
}

k_clustering by_kmeans(const kmeans_options& options, const run_options& run) {
  return [options, run](std::span<const double> x, std::size_t columns, std::uint32_t k) {
    const points_view<double> rows{x.data(), x.size() / columns, columns};
    kmeans_options chosen = options;
    chosen.n_clusters = static_cast<std::uint32_t>(std::min<std::size_t>(k, rows.rows));
    const auto found = kmeans(rows, chosen, {}, run);
    return std::vector<std::uint32_t>(found.labels.begin(), found.labels.end());
  };
}

k_choice choose_k(std::span<const double> x, std::size_t columns, std::span<const std::uint32_t> k, const k_clustering& method,
                  const choose_k_options& options, const run_options& run) {
  core::check_options(options);
  const point_rows of = checked_points(x, columns, run);
  const auto tries = checked_k(k, of.rows);

  k_choice out;
  const double share = options.n_references > 0 ? 0.5 : 1;  // of the work, for progress
  core::pulse pulse(run);
  for (std::size_t i = 0; i < tries.size(); ++i) {
    const double from = share * static_cast<double>(i) / static_cast<double>(tries.size());
    pulse.beat(from);
    auto labels = method(x, columns, tries[i]);
    cluster_sizes("the labels of the method", labels, of.rows);
    const auto found = quality_of(of, labels, {.sample = options.sample, .seed = options.seed}, part_of(run, from, from));
    k_quality each{.k = tries[i], .clusters = found.clusters, .smallest = of.rows, .inertia = found.inertia};
    for (const std::uint64_t size : found.size)
      if (size > 0) each.smallest = std::min(each.smallest, size);
    each.silhouette = found.silhouette;
    each.silhouette_se = found.silhouette_se;
    each.calinski_harabasz = found.calinski_harabasz;
    each.davies_bouldin = found.davies_bouldin;
    each.gap = each.gap_se = nan;
    out.tried.push_back(each);
    out.labels.push_back(std::move(labels));
  }

  const std::uint64_t whole[] = {of.rows};
  out.inertia_of_one = sums_of_clusters(of, std::vector<std::uint32_t>(of.rows), whole, silent(run)).within();
  out.gap_of_one = out.gap_of_one_se = nan;
  if (options.n_references > 0) {
    std::vector<double> some;
    point_rows judged = of;
    std::vector<std::uint32_t> within(tries);
    if (options.sample > 0 && options.sample < of.rows) {
      for (const std::uint32_t row : drawn_rows(of.rows, options.sample, options.seed, 1))
        some.insert(some.end(), of.row(row), of.row(row) + columns);
      judged = {some.data(), some.size() / columns, columns};
      while (!within.empty() && within.back() > judged.rows) within.pop_back();
    }
    const auto found = gaps(judged, within, method, options, part_of(run, share, 1));
    out.gap_of_one = found.gap[0];
    out.gap_of_one_se = found.error[0];
    for (std::size_t i = 0; i < within.size(); ++i) {
      out.tried[i].gap = found.gap[i + 1];
      out.tried[i].gap_se = found.error[i + 1];
    }
    out.by_gap = by_gap(found.gap, found.error, within);
  }
  out.by_silhouette = greatest(out.tried, [](const k_quality& each) { return each.silhouette; });
  out.by_calinski_harabasz = greatest(out.tried, [](const k_quality& each) { return each.calinski_harabasz; });
  out.by_davies_bouldin = greatest(out.tried, [](const k_quality& each) { return -each.davies_bouldin; });
  out.by_elbow = by_elbow(out);
  recommend(out);
  out.reason = reason_of(out);
  if (run.progress) run.progress(1);
  return out;
}

}  // namespace clarion::segment
