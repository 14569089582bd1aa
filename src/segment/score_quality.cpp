#include "clarion/segment/score_quality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "clarion/core/error.hpp"
#include "clarion/stats/distributions.hpp"

namespace clarion::segment {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// Rows of one score.
struct tie {
  double score = 0;
  double weight[2] = {0, 0};   // of negatives and positives
  double squares[2] = {0, 0};  // of the weights
};

struct row {
  double score;
  std::uint32_t at;
};

std::vector<tie> ties_of(std::span<const double> scores, std::span<const double> labels, std::span<const double> weights,
                         score_quality_result& out) {
  if (labels.size() != scores.size())
    reject("y", std::to_string(labels.size()) + " labels", "give one a score, " + std::to_string(scores.size()));
  if (!weights.empty() && weights.size() != scores.size())
    reject("weights", std::to_string(weights.size()) + " weights", "give one a score, " + std::to_string(scores.size()));
  if (scores.size() > std::numeric_limits<std::uint32_t>::max())
    reject("scores", std::to_string(scores.size()) + " rows", "give fewer than 2^32");
  std::vector<row> rows;
  rows.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    if (!std::isfinite(scores[i]))
      reject("scores", std::to_string(scores[i]) + " in row " + std::to_string(i), "give finite numbers");
    if (labels[i] != 0 && labels[i] != 1) reject("y", std::to_string(labels[i]) + " in row " + std::to_string(i), "give 0 or 1");
    if (!(w >= 0) || std::isinf(w)) reject("weights", std::to_string(w), "give finite numbers, 0 or more");
    if (w == 0) continue;
    rows.push_back({scores[i], static_cast<std::uint32_t>(i)});
    ++out.n;
    out.positives += labels[i] == 1;
  }
  if (out.positives == 0 || out.positives == out.n)
    reject("y", "one class alone (among rows with a weight above 0)", "give rows of both classes");
  std::sort(rows.begin(), rows.end(),
            [](const row& a, const row& b) { return a.score != b.score ? a.score > b.score : a.at < b.at; });
  std::vector<tie> out_ties;
  for (const row& r : rows) {
    if (out_ties.empty() || out_ties.back().score != r.score) out_ties.push_back({r.score, {0, 0}, {0, 0}});
    const double w = weights.empty() ? 1 : weights[r.at];
    const auto kind = static_cast<std::size_t>(labels[r.at]);
    out_ties.back().weight[kind] += w;
    out_ties.back().squares[kind] += w * w;
  }
  return out_ties;
}

// Ties stand from the highest score down.
void measure_ranks(const std::vector<tie>& ties, const double (&total)[2], double level, score_quality_result& out) {
  double above[2] = {0, 0}, squares[2] = {0, 0}, wins = 0, precise = 0;
  out.ks = -1;
  for (const tie& t : ties) {
    wins += t.weight[0] * (above[1] + t.weight[1] / 2);
    for (int kind : {0, 1}) above[kind] += t.weight[kind], squares[kind] += t.squares[kind];
    precise += t.weight[1] * (above[1] / (above[0] + above[1]));
    const double apart = above[1] / total[1] - above[0] / total[0];
    if (apart > out.ks) out.ks = apart, out.ks_score = t.score;
  }
  out.average_precision = precise / total[1];
  out.auc = wins / total[0] / total[1];

  // For each row the share of the other class that it is in order with; the variance is that of these shares.
  double before[2] = {0, 0}, spread[2] = {0, 0};
  for (const tie& t : ties) {
    const double of_positive = (total[0] - before[0] - t.weight[0] / 2) / total[0],
                 of_negative = (before[1] + t.weight[1] / 2) / total[1];
    spread[1] += t.squares[1] * (of_positive - out.auc) * (of_positive - out.auc);
    spread[0] += t.squares[0] * (of_negative - out.auc) * (of_negative - out.auc);
    for (int kind : {0, 1}) before[kind] += t.weight[kind];
  }
  double variance = 0;
  for (int kind : {0, 1}) {
    const double rows = total[kind] * total[kind] / squares[kind];
    variance += rows > 1 ? spread[kind] / (total[kind] * total[kind]) * (rows / (rows - 1)) : nothing;
  }
  out.auc_sd = out.auc_low = out.auc_high = nothing;
  if (!(variance > 0) || out.auc <= 0 || out.auc >= 1) return;
  out.auc_sd = std::sqrt(variance);
  const double odds = std::log(out.auc / (1 - out.auc)),
               reach = stats::normal_quantile((1 + level) / 2) * out.auc_sd / (out.auc * (1 - out.auc));
  out.auc_low = 1 / (1 + std::exp(reach - odds));
  out.auc_high = 1 / (1 + std::exp(-reach - odds));
}

void fill_groups(const std::vector<tie>& ties, const double (&total)[2], std::uint32_t count, score_quality_result& out) {
  const double all = total[0] + total[1], size = all / count;
  out.groups.resize(std::min<std::size_t>(count, out.n));
  const double room_of_each = out.groups.size() == count ? size : all / static_cast<double>(out.groups.size());
  std::size_t g = 0;
  double room = room_of_each;
  for (const tie& t : ties) {
    const double whole = t.weight[0] + t.weight[1];
    double left = whole;
    while (left > 1e-12 * all) {
      // The last group takes what rounding left over.
      const double part = g + 1 == out.groups.size() ? left : std::min(left, room);
      auto& group = out.groups[g];
      group.weight += part;
      group.positives += t.weight[1] * (part / whole);
      group.mean_score += t.score * part;
      group.least_score = t.score;
      left -= part;
      room -= part;
      if (room <= 1e-12 * all && g + 1 < out.groups.size()) ++g, room = room_of_each;
    }
  }
  double passed = 0, found = 0;
  for (auto& group : out.groups) {
    passed += group.weight;
    found += group.positives;
    group.mean_score /= group.weight;
    group.rate = group.positives / group.weight;
    group.lift = group.rate / out.base_rate;
    group.depth = passed / all;
    group.gain = found / total[1];
    group.cumulative_lift = group.gain / group.depth;
  }
}

void draw_curve(const std::vector<tie>& ties, const double (&total)[2], std::uint32_t points, score_quality_result& out) {
  const double all = total[0] + total[1];
  out.curve.push_back({ties.front().score, 0, 0, 0, 1});
  double above[2] = {0, 0};
  // Steps of depth and of recall both, so that a rare class has its points.
  double last_depth = -1, last_found = -1;
  const double half = points / 2.0;
  for (std::size_t i = 0; i < ties.size(); ++i) {
    const tie& t = ties[i];
    for (int kind : {0, 1}) above[kind] += t.weight[kind];
    const double depth = (above[0] + above[1]) / all, found = above[1] / total[1];
    const double depth_step = std::floor(depth * half), found_step = std::floor(found * half);
    if (ties.size() > points && i + 1 < ties.size() && depth_step == last_depth && found_step == last_found) continue;
    last_depth = depth_step;
    last_found = found_step;
    out.curve.push_back({t.score, depth, found, above[0] / total[0], above[1] / (above[0] + above[1])});
  }
}

}  // namespace

score_quality_result score_quality(std::span<const double> scores, std::span<const double> labels,
                                   std::span<const double> weights, const score_quality_options& options) {
  core::check_options(options);
  score_quality_result out;
  const auto ties = ties_of(scores, labels, weights, out);
  double total[2] = {0, 0};
  for (const tie& t : ties)
    for (int kind : {0, 1}) total[kind] += t.weight[kind];
  out.weight = total[0] + total[1];
  out.base_rate = total[1] / out.weight;
  measure_ranks(ties, total, options.level, out);
  out.brier = out.log_loss = nothing;
  if (ties.front().score <= 1 && ties.back().score >= 0) {
    out.brier = out.log_loss = 0;
    constexpr double least = std::numeric_limits<double>::epsilon();
    for (const tie& t : ties) {
      const double p = t.score, held = std::clamp(p, least, 1 - least);
      out.brier += t.weight[1] * (1 - p) * (1 - p) + t.weight[0] * p * p;
      out.log_loss -= t.weight[1] * std::log(held) + t.weight[0] * std::log1p(-held);
    }
    out.brier /= out.weight;
    out.log_loss /= out.weight;
  }
  fill_groups(ties, total, options.groups, out);
  draw_curve(ties, total, options.curve_points, out);
  return out;
}

}  // namespace clarion::segment
