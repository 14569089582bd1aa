#pragma once

// Which schedules of a subproblem are worth anything: a depth-first search that tightens bounds as it goes, takes subproblems
// apart where nothing ties them, and keeps a cost-conflict frontier of each.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "conflict/reschedule_bound.hpp"
#include "conflict/reschedule_schedules.hpp"

namespace clarion::conflict::detail {

/// The points (cost, conflict) that are of use to whoever asked: below one of the corners, below all of the lines.
class allowance {
public:
  struct corner {
    double cost = 0, conflict = 0;
  };
  struct line {
    double price = 0, most = 0;  ///< cost + price * conflict may reach
  };
  std::vector<corner> corners;  ///< by ascending cost, descending conflict
  std::vector<line> lines;      ///< by ascending price
  corner least;                 ///< no point has less of either

  /// Makes corners of points in any order: those below another one go.
  void allow(std::vector<corner> points);
  bool below_corner(double cost, double conflict) const;
  bool admits(double cost, double conflict) const;
  /// The most that cost + price * conflict can be for points that have at least the cost and conflict of `from`; `conflict`,
  /// where it is.
  double most(double price, const corner& from, double* conflict = nullptr) const;
  /// Nothing that costs and conflicts at least as much is of use any more; a smaller cost is `step` less at least.
  void exclude(double cost, double conflict, double step);
};

/// What is looked for, and what was found: a frontier.
struct quest {
  struct found {
    double cost = 0, conflict = 0;
    std::vector<choice> at;
  };
  allowance allowed;
  std::vector<found> front;
};

class search {
public:
  /// `step`: a cost below another is that much less.
  search(const choices& c, double step, workbench& bench) : c_(c), step_(step), bench_(bench) {}

  /// Everything of use in a combination of subproblems that share nothing: each is searched for what the others leave it. `left`
  /// holds the nodes that each may still take, and is counted down. True when nothing of use can have been missed.
  bool combine(std::vector<tables> parts, quest& q, std::span<std::uint64_t> left);

private:
  struct label;
  void explore(tables t, quest& q);
  bool tighten(tables& t, quest& q);
  void branch(const tables& t, quest& q);
  void take_apart(const tables& t, std::span<const std::vector<std::uint32_t>> groups, quest& q);
  void combine(const tables& whole, std::vector<tables> parts, quest& q, std::span<std::uint64_t> left);
  void enumerate(const tables& t, quest& q);
  /// Makes room for a point in the front, if it is of use.
  bool of_use(quest& q, double cost, double conflict) const;
  void offer(quest& q, const tables& t, std::span<const std::uint32_t> at) const;
  bool out() const { return *left_ == 0 || bench_.halted(); }

  const choices& c_;
  double step_;
  workbench& bench_;
  std::uint64_t* left_ = nullptr;
  std::size_t held_ = 0;  ///< memory of the subproblems on the way down
};

}  // namespace clarion::conflict::detail
