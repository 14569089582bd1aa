#include "clarion/segment/scaling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "clarion/core/error.hpp"
#include "clarion/segment/rules.hpp"
#include "schema/wording.hpp"
#include "segment/point_rows.hpp"
#include "segment/yeo_johnson.hpp"

namespace clarion::segment {

namespace {

constexpr std::size_t rows_together = 8192;

enum class kind : std::uint8_t { standard, robust, minmax, log1p, yeo_johnson };

kind kind_of(const std::string& method) {
  constexpr std::array<std::string_view, 5> names{"standard", "robust", "minmax", "log1p", "yeo_johnson"};
  const auto at = std::find(names.begin(), names.end(), method);
  if (at == names.end()) reject("method", '"' + method + '"', "give standard, robust, minmax, log1p or yeo_johnson");
  return static_cast<kind>(at - names.begin());
}

double transformed(kind how, double x, double power) {
  if (how == kind::log1p) return std::copysign(std::log1p(std::abs(x)), x);
  return how == kind::yeo_johnson ? yeo_johnson(x, power) : x;
}

double restored(kind how, double y, double power) {
  if (how == kind::log1p) return std::copysign(std::expm1(std::abs(y)), y);
  return how == kind::yeo_johnson ? yeo_johnson_inverse(y, power) : y;
}

struct spread {
  double mean = 0, deviation = 0;
};

// In blocks of rows, about the first value: equal values have exactly their mean.
spread spread_of(std::span<const double> values, const run_options& run) {
  const std::size_t blocks = (values.size() + rows_together - 1) / rows_together;
  std::vector<double> parts(blocks);
  const auto added = [&](auto&& term) {
    core::parallel_blocks(blocks, run, [&](std::size_t block) {
      double sum = 0;
      for (const double v : values.subspan(block * rows_together, std::min(rows_together, values.size() - block * rows_together)))
        sum += term(v);
      parts[block] = sum;
    });
    double sum = 0;
    for (const double part : parts) sum += part;
    return sum / static_cast<double>(values.size());
  };
  spread out;
  out.mean = values[0] + added([&](double v) { return v - values[0]; });
  out.deviation = std::sqrt(added([&](double v) { return (v - out.mean) * (v - out.mean); }));
  return out;
}

// The type 7 quantile of values that it leaves in another order.
double quantile_within(std::span<double> values, double p) {
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), middle, values.end());
  if (below + 1 >= values.size()) return *middle;
  const double next = *std::min_element(middle + 1, values.end());
  return *middle + (at - static_cast<double>(below)) * (next - *middle);
}

void fit_column(kind how, std::span<double> values, std::uint32_t column, scaling& out, const run_options& run) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double least = *low, most = *high;
  const double rounding = 16 * std::numeric_limits<double>::epsilon() * std::max(std::abs(least), std::abs(most));
  const bool varies = most - least > rounding;
  if (!varies) out.constant.push_back(column);

  double& center = out.center[column];
  double& scale = out.scale[column];
  if (how == kind::yeo_johnson && varies) out.power[column] = fitted_power(values, run);
  if (how == kind::log1p || how == kind::yeo_johnson)
    for (double& v : values) v = transformed(how, v, how == kind::yeo_johnson ? out.power[column] : 0);

  const spread found = how == kind::minmax && varies ? spread{} : spread_of(values, run);
  center = how == kind::minmax && varies ? least : found.mean;
  scale = !varies ? 1 : how == kind::minmax ? most - least : found.deviation;
  if (how == kind::robust && varies) {
    center = quantile_within(values, 0.5);
    const double range = quantile_within(values, 0.75) - quantile_within(values, 0.25);
    if (range > rounding)
      scale = range;
    else
      out.collapsed.push_back(column);
  }
  if (scale == 0) {  // the squares are below the smallest number there is
    out.constant.push_back(column);
    scale = 1;
  }
  if (!std::isfinite(center) || !std::isfinite(scale))
    reject("x", fmt::format("values from {:g} to {:g} of column {}", least, most, column),
           "give values whose squares are finite");
}

template <class Each>
std::vector<double> each_value(const scaling& by, std::span<const double> x, const run_options& run, Each&& each) {
  const std::size_t columns = by.columns();
  if (columns == 0) reject("scaling", "without columns", "fit it first");
  std::vector<double> out(x.size());
  if (x.empty()) return out;
  const point_rows of = checked_points(x, columns, run);
  core::parallel_blocks((of.rows + rows_together - 1) / rows_together, run, [&](std::size_t block) {
    for (std::size_t i = block * rows_together; i < std::min(of.rows, (block + 1) * rows_together); ++i)
      for (std::size_t c = 0; c < columns; ++c) out[i * columns + c] = each(of.row(i)[c], c);
  });
  return out;
}

}  // namespace

scaling fit_scaling(std::span<const double> x, std::size_t columns, const scaling_options& options, const run_options& run) {
  const kind how = kind_of(options.method);
  const point_rows of = checked_points(x, columns, run);
  scaling out{.method = options.method, .center = std::vector<double>(columns), .scale = std::vector<double>(columns, 1.0)};
  if (how == kind::yeo_johnson) out.power.assign(columns, 1.0);
  std::vector<double> values(of.rows);
  for (std::uint32_t c = 0; c < columns; ++c) {
    const double from = c / static_cast<double>(columns);
    const run_options here = part_of(run, from, from);
    for (std::size_t i = 0; i < of.rows; ++i) values[i] = of.row(i)[c];
    fit_column(how, values, c, out, here);
  }
  if (run.progress) run.progress(1);
  return out;
}

std::vector<double> scaled(const scaling& by, std::span<const double> x, const run_options& run) {
  const kind how = kind_of(by.method);
  return each_value(by, x, run, [&](double v, std::size_t c) {
    return (transformed(how, v, by.power.empty() ? 1 : by.power[c]) - by.center[c]) / by.scale[c];
  });
}

std::vector<double> unscaled(const scaling& by, std::span<const double> x, const run_options& run) {
  const kind how = kind_of(by.method);
  return each_value(by, x, run, [&](double v, std::size_t c) {
    return restored(how, v * by.scale[c] + by.center[c], by.power.empty() ? 1 : by.power[c]);
  });
}

std::vector<schema::finding> scaling_findings(const scaling& of, std::span<const std::string> names) {
  const auto named = [&](std::uint32_t c) { return c < names.size() ? names[c] : std::to_string(c); };
  std::vector<schema::finding> out;
  const auto say = [&](std::string_view code, std::span<const std::uint32_t> columns, const char* what) {
    if (columns.empty()) return;
    std::vector<std::string> which;
    for (const std::uint32_t c : columns) which.push_back(named(c));
    auto finding = schema::make_finding(rule_of(code), {},
                                        fmt::format("{} {} {} {}", which.size() == 1 ? "Column" : "Columns", wording::list(which),
                                                    which.size() == 1 ? "is" : "are", what));
    if (which.size() == 1) finding.column = which.front();
    finding.evidence = wording::evidence_list().add("columns", std::move(which)).done();
    out.push_back(std::move(finding));
  };
  say("G301", of.constant, "the same in every row: not scaled");
  say("G302", of.collapsed, "mostly one value: scaled by the standard deviation, as the quartiles are equal");
  return out;
}

}  // namespace clarion::segment
