#include "clarion/plan/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clarion/core/error.hpp"

namespace clarion::plan {

namespace {

using units = std::int64_t;

std::string number(double value) { return std::to_string(value); }

}  // namespace

allocation allocate(std::span<const stats::response_curve> curves, std::span<const double> low, std::span<const double> high,
                    double total, const allocation_options& options) {
  core::check_options(options);
  const std::size_t n = curves.size();
  if (low.size() != n) reject("low", std::to_string(low.size()) + " of them", "give one per curve, " + std::to_string(n));
  if (high.size() != n) reject("high", std::to_string(high.size()) + " of them", "give one per curve, " + std::to_string(n));
  const double most = 9e15 * options.unit;
  const auto in_range = [&](const char* field, double value) {
    if (!(value >= 0 && value <= most)) reject(field, number(value), "give amounts from 0 to " + number(most));
  };
  in_range("total", total);
  const auto whole = [&](double amount) { return static_cast<units>(std::llround(amount / options.unit)); };
  const units wanted = whole(total);
  std::vector<units> floor(n), ceiling(n), amount(n);
  units least = 0, largest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    in_range("low", low[i]);
    in_range("high", high[i]);
    floor[i] = whole(low[i]);
    ceiling[i] = whole(high[i]);
    if (ceiling[i] < floor[i])
      reject("high", number(high[i]) + " of curve " + std::to_string(i), "give at least low, " + number(low[i]));
    if (least > std::numeric_limits<units>::max() / 2 || largest > std::numeric_limits<units>::max() / 2)
      reject("high", "the sum of the bounds", "give bounds whose sum stays below " + number(most));
    least += floor[i];
    largest += ceiling[i];
  }
  const double unit = options.unit;
  if (wanted < least)
    reject("total", number(total), "the floors alone take " + number(static_cast<double>(least - wanted) * unit) + " more");
  if (wanted > largest)
    reject("total", number(total),
           "the ceilings leave " + number(static_cast<double>(wanted - largest) * unit) + " without a place");

  const auto at_price = [&](std::size_t i, double price) {
    const double spend = curves[i].spend_at(price) / unit;
    if (!(spend < static_cast<double>(ceiling[i]))) return ceiling[i];
    return std::max(floor[i], static_cast<units>(spend));
  };
  const auto spent = [&](double price) {
    units sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += at_price(i, price);
    return sum;
  };
  // A higher price buys less. Prices are searched by their logarithm, as slopes differ by orders of magnitude.
  double cheap = -700, dear = 700;
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (cheap + dear);
    (spent(std::exp(middle)) > wanted ? cheap : dear) = middle;
  }
  units left = wanted;
  for (std::size_t i = 0; i < n; ++i) left -= amount[i] = at_price(i, std::exp(dear));
  // What is left lies between both prices: curves that are straight there take it in turn, and rounding gave each curve up to one
  // unit too little. Steepest first, the earlier curve on a tie.
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto steepest_first = [&] {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return curves[a].slope(static_cast<double>(amount[a]) * unit) > curves[b].slope(static_cast<double>(amount[b]) * unit);
    });
  };
  steepest_first();
  for (const auto i : order) {
    const units more = std::min(left, std::max<units>(0, at_price(i, std::exp(cheap)) - amount[i]));
    amount[i] += more;
    left -= more;
  }
  while (left > 0) {
    steepest_first();
    bool given = false;
    for (const auto i : order) {
      if (left == 0) break;
      if (amount[i] == ceiling[i]) continue;
      // All of the rest may go to a curve without a slope; there is nothing better to do with it.
      const bool flat = !(curves[i].slope(static_cast<double>(amount[i]) * unit) > 0);
      const units more = flat ? std::min(left, ceiling[i] - amount[i]) : 1;
      amount[i] += more;
      left -= more;
      given = true;
    }
    if (!given) break;
  }

  allocation out;
  double price = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < n; ++i) {
    out.amount.push_back(static_cast<double>(amount[i]) * unit);
    out.marginal.push_back(curves[i].slope(out.amount.back()));
    out.value += curves[i].value(out.amount.back());
    if (amount[i] > floor[i] && amount[i] < ceiling[i])
      price = std::isnan(price) ? out.marginal.back() : std::max(price, out.marginal.back());
  }
  out.price = price;
  return out;
}

}  // namespace clarion::plan
