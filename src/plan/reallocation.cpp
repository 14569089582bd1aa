#include "plan/reallocation.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "clarion/core/random.hpp"
#include "clarion/plan/allocation.hpp"
#include "clarion/stats/quantile.hpp"

namespace clarion::plan {

namespace {

// Independent draws of what the model does not know, the same for every campaign that shares a level.
class uncertainty {
public:
  explicit uncertainty(const outcome_model& model) : model_(model) {
    Eigen::Index next = 1;
    for (const auto& effect : model.effects.effect) {
      first_.push_back(next);
      next += static_cast<Eigen::Index>(effect.size());
    }
    const auto size = static_cast<Eigen::Index>(std::llround(std::sqrt(static_cast<double>(model.effects.covariance.size()))));
    Eigen::MatrixXd covariance = Eigen::Map<const Eigen::MatrixXd>(model.effects.covariance.data(), size, size);
    covariance.diagonal().array() += 1e-12 + 1e-9 * covariance.diagonal().maxCoeff();
    root_ = covariance.llt().matrixL();
  }

  Eigen::VectorXd draw(core::random_stream& random) const {
    Eigen::VectorXd noise(root_.rows());
    for (auto& z : noise) z = random.normal();
    return root_.triangularView<Eigen::Lower>() * noise;
  }

  // Where a draw moves the logarithm of a campaign's level at a spend, and what no other campaign shares.
  struct direction {
    std::vector<std::pair<Eigen::Index, double>> cells;
    double own_sd = 0;

    double along(const Eigen::VectorXd& effect, double own) const {
      double out = effect[0] + own_sd * own;
      for (const auto& [at, value] : cells) out += value * effect[at];
      return out;
    }
  };
  direction of(const coded& planned, std::size_t row, double spend) const {
    direction out;
    double own = model_.shared * model_.effects.residual_variance;
    for (const auto& at : model_.loadings(planned, row, spend)) {
      if (at.level < model_.effects.effect[at.factor].size())
        out.cells.emplace_back(first_[at.factor] + static_cast<Eigen::Index>(at.level), at.value);
      else
        own += at.value * at.value * model_.effects.variance[at.factor];
    }
    out.own_sd = std::sqrt(own);
    return out;
  }

private:
  const outcome_model& model_;
  std::vector<Eigen::Index> first_;
  Eigen::MatrixXd root_;
};

std::uint32_t channel_of(const strategy_context& c, const plan_row& row) { return c.codes.planned.channel[row.row]; }

std::vector<double> interval_of_change(const strategy_context& c, std::span<const plan_row> rows, const reallocation& moved,
                                       const run_options& run) {
  const outcome_model& model = *rows.front().model;
  const uncertainty unknown(model);
  struct mover {
    double before = 0, after = 0;  // logarithms of the mean outcome
    uncertainty::direction of_before, of_after;
  };
  std::vector<mover> movers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& at = moved.rows[i];
    if (at.before == at.after) continue;
    const auto& expectation = rows[i].expectation;
    const double base = expectation.log_median + 0.5 * expectation.scatter_sd * expectation.scatter_sd -
                        model.log_response(channel_of(c, rows[i]), at.before);
    auto& m = movers.emplace_back();
    const auto look = [&](double spend, double& mean, uncertainty::direction& direction) {
      mean = spend > 0 ? base + model.log_response(channel_of(c, rows[i]), spend) : -std::numeric_limits<double>::infinity();
      if (spend > 0) direction = unknown.of(c.codes.planned, rows[i].row, spend);
    };
    look(at.before, m.before, m.of_before);
    look(at.after, m.after, m.of_after);
  }
  constexpr std::size_t draws = 400, per_block = 20;
  std::vector<double> change(draws);
  core::parallel_blocks(draws / per_block, run, [&](std::size_t block) {
    for (std::size_t d = block * per_block; d < (block + 1) * per_block; ++d) {
      core::random_stream random(c.options.seed, d);
      const auto effect = unknown.draw(random);
      double sum = 0;
      for (const auto& m : movers) {
        const double own = random.normal();
        sum += std::exp(m.after + m.of_after.along(effect, own)) - std::exp(m.before + m.of_before.along(effect, own));
      }
      change[d] = sum;
    }
  });
  const double tail = 0.5 - c.options.level / 2;
  return stats::quantiles(change, std::array{tail, 1 - tail});
}

}  // namespace

std::optional<reallocation> reallocate(const strategy_context& c, const std::vector<plan_row>& rows, const run_options& run) {
  reallocation out;
  out.outcome = rows.front().model->of;
  out.currency = c.codes.currency;
  std::vector<stats::response_curve> curves;
  std::vector<double> low, high;
  std::size_t movable = 0;
  const double unit = c.options.unit;
  const auto whole = [&](double amount) { return std::round(amount / unit) * unit; };
  for (const auto& row : rows) {
    const auto& seen = row.model->shape_of(channel_of(c, row));
    reallocation_row r;
    r.campaign = c.planned.id[row.row];
    r.channel = c.planned.channel[row.row];
    r.before = whole(c.planned.budget[row.row]);
    const auto& keep = c.options.keep;
    r.kept = seen.rows == 0 || c.planned.status[row.row] == schema::status::running ||
             std::find(keep.begin(), keep.end(), r.campaign) != keep.end();
    // A bound is rounded towards the budget, so that no campaign moves further than was allowed.
    r.floor = r.kept ? r.before : std::ceil(r.before * (1 - c.options.largest_cut) / unit - 1e-9) * unit;
    r.ceiling = r.kept ? r.before : std::floor(r.before * (1 + c.options.largest_raise) / unit + 1e-9) * unit;
    movable += !r.kept;
    low.push_back(r.floor);
    high.push_back(r.ceiling);
    curves.push_back(row.curve);
    out.budget += r.before;
    out.rows.push_back(std::move(r));
  }
  if (movable < 2) return std::nullopt;
  const auto best = allocate(curves, low, high, out.budget, {.unit = unit});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& r = out.rows[i];
    r.after = r.kept ? r.before : best.amount[i];
    r.expected_before = curves[i].value(r.before);
    r.expected_after = curves[i].value(r.after);
    r.marginal_before = curves[i].slope(r.before);
    r.marginal_after = curves[i].slope(r.after);
    r.extrapolated = beyond(rows[i].model->shape_of(channel_of(c, rows[i])), r.after);
    out.expected_before += r.expected_before;
    out.expected_after += r.expected_after;
  }
  out.change = out.expected_after - out.expected_before;
  const auto interval = interval_of_change(c, rows, out, run);
  out.low = interval[0];
  out.high = interval[1];
  return out;
}

}  // namespace clarion::plan
