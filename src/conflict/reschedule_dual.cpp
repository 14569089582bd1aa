#include "conflict/reschedule_dual.hpp"

#include <algorithm>
#include <cmath>

namespace clarion::conflict::detail {

namespace {

/// Entries of all tables together.
constexpr double most_entries = 8e6;

}  // namespace

dual::dual(const task& t, schedules& seen, std::vector<std::uint64_t>& spent, kernels::min_plus kernel, watch& clock)
    : t_(t), seen_(seen), spent_(spent), kernel_(kernel), clock_(clock), bound_(seen.least_cost) {}

void dual::raise_bound(double to) {
  if (t_.step > 0 && std::isfinite(to)) to = std::ceil(to / t_.step - 1e-6) * t_.step;
  bound_ = std::max(bound_, to);
}

double dual::saving() const { return t_.step > 0 ? t_.step - rounding(seen_.cost) : 1e-7 * (1 + std::abs(seen_.cost)); }

bool dual::open() const { return bound_ < seen_.cost - rounding(seen_.cost) && !clock_.stop(); }

bool dual::climbing() const { return open() && *std::max_element(spent_.begin(), spent_.end()) < t_.max_nodes / 2; }

/// What a bound has to gain to be worth another round.
double dual::fine(double bound) const { return std::max(.1 * t_.step, 2e-4 * std::abs(bound)); }

std::size_t dual::room_for(std::size_t group) const {
  const auto links_of = [&](const std::vector<std::uint32_t>& members) {
    double links = 1;
    for (const auto m : members) links += static_cast<double>(t_.all.campaigns[m].links.size());
    return links;
  };
  double all = 0;
  for (const auto& members : t_.groups) all += links_of(members);
  return static_cast<std::size_t>(most_entries * links_of(t_.groups[group]) / all);
}

double dual::bound_at(double price, int rounds) {
  auto read = seen_.best;
  clock_.each(groups_.size(), t_.little(), [&](std::size_t j) {
    workbench bench(kernel_, [this] { return clock_.stop(); });
    auto& t = groups_[j];
    if (price > 2 * t.price || price < t.price / 2)
      renew(t_.all, t, price);
    else if (price != t.price)
      reprice(t_.all, t, price);
    for (int round = 0; round < rounds; ++round) level(t, bench);
    spent_[j] += bench.work();
    const auto at = decode(t);
    for (const auto& d : t.decided) read[d.campaign] = d.value;
    for (std::size_t v = 0; v < at.size(); ++v) read[t.variables[v].campaign] = t.value[t.variables[v].first + at[v]];
  });
  price_ = price;
  if (clock_.stop()) return -infinity;
  seen_.consider(read);
  double bound = -price * t_.most_conflict();
  for (const auto& t : groups_) bound += t.floor;
  raise_bound(bound);
  return bound;
}

void dual::climb() {
  price_ = seen_.promising_price();
  for (std::size_t j = 0; j < t_.groups.size(); ++j) groups_.emplace_back(t_.all, t_.groups[j], price_, room_for(j));
  double bound = bound_at(price_, 6);
  // Cutting planes over the single multiplier (Kelley, 1960): each price shows schedules that move the next one.
  bool stalls = false;
  for (int turn = 0; turn < 12 && climbing(); ++turn) {
    narrow();
    const double next = seen_.promising_price(), before = bound;
    const bool there = std::abs(next / price_ - 1) < .01;
    if (!climbing() || (there && stalls)) break;
    bound = bound_at(there ? price_ : next, 4);
    stalls = there && bound < before + fine(bound);
  }
  // Where tables are far from settled the schedules that they point at mislead: steps up and down, that grow smaller.
  for (double factor = 1.5; factor > 1.03 && climbing() && seen_.modelled(seen_.promising_price()) > bound + 2 * fine(bound);) {
    const auto start = groups_;
    const double from = price_;
    bound = bound_at(from, 4);
    auto best = groups_;
    bool stays = true;
    for (const double by : {factor, 1 / factor}) {
      groups_ = start;
      if (const double other = bound_at(from * by, 4); other > bound) {
        bound = other;
        best = groups_;
        stays = false;
      }
    }
    groups_ = std::move(best);
    price_ = groups_[0].price;
    if (climbing()) narrow();
    if (stays) factor = std::sqrt(factor);
  }
  for (int turn = 0; turn < 20 && climbing(); ++turn) {
    const double before = bound;
    bound = bound_at(price_, 2);
    if (bound < before + fine(bound)) break;
  }
  if (open()) narrow();
  if (clock_.stop()) groups_.clear();
}

void dual::narrow() {
  const double most = seen_.cost - saving() + price_ * t_.most_conflict();
  double floor = 0;
  for (const auto& t : groups_) floor += t.floor;
  std::vector<double> edge;
  for (const auto& t : groups_) edge.push_back(most - floor + t.floor + rounding(most));
  std::vector<char> possible(groups_.size(), 1);
  clock_.each(groups_.size(), t_.little(), [&](std::size_t j) {
    workbench bench(kernel_, [this] { return clock_.stop(); });
    possible[j] = tighten_once(t_.all, groups_[j], edge[j], bench);
    spent_[j] += bench.work();
  });
  if (std::find(possible.begin(), possible.end(), 0) != possible.end()) bound_ = seen_.cost;
}

}  // namespace clarion::conflict::detail
