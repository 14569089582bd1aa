#include "segment/distance_chain.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "clarion/core/memory.hpp"
#include "segment/cluster_distances.hpp"

namespace clarion::segment {

namespace {

void require_room(const distinct_points& points, std::size_t left) {
  core::require_memory("the distances of " + std::to_string(points.n) + " points",
                       distance_chain_memory(points.n, points.columns, left),
                       "use method ward or single, which keep no distances, or cluster a sample or the centres of k-means");
}

class joining {
public:
  joining(const distinct_points& points, chain_method method, const run_options& run)
      : all_(points.n), run_(run), alone_(silent(run)) {
    out_.reserve(all_);
    alone_.threads = 1;
    require_room(points, (all_ + 1) / 2);
    const auto first = part_of(run, 0, 0.1), second = part_of(run, 0.1, begun);
    auto nearest = nearest_points(points, first);
    auto pairs = mutual(nearest.at);
    require_room(points, all_ - pairs.size());
    for (auto& pair : pairs) {
      pair.height = std::sqrt(nearest.square[pair.kept]);
      out_.push_back({pair.kept, pair.gone, pair.height});
    }
    nearest = {};
    between_ = std::make_unique<cluster_distances>(points, pairs, method, second);
  }

  std::vector<cluster_merge> operator()() {
    core::pulse pulse(run_);
    while (between_->alive() > 1) {
      pulse.beat(done(between_->alive()));
      // A round reads the whole matrix, a step of a chain a few rows and columns: the round is worth it for many pairs.
      constexpr std::size_t worth = 32;
      auto pairs = mutual(between_->nearest());
      if (pairs.size() * worth < between_->alive()) {
        pairs.clear();
        chain(pulse);
      }
      for (auto& pair : pairs) note(pair);
      // A team of threads takes longer to gather than small work.
      constexpr std::size_t small = 500;
      const auto part = part_of(run_, done(between_->alive()), done(between_->alive() - pairs.size()));
      between_->join_and_pack(pairs, between_->alive() < small ? alone_ : part);
    }
    return std::move(out_);
  }

private:
  static constexpr double begun = 0.3;

  double done(std::size_t alive) const {
    const double share = static_cast<double>(alive) / static_cast<double>(all_);
    return 1 - (1 - begun) * share * share;
  }

  void note(join_of_places& pair) {
    pair.height = between_->height(pair.kept, pair.gone);
    out_.push_back({between_->name(pair.kept), between_->name(pair.gone), pair.height});
  }

  // Follows nearest neighbours to pairs until a quarter of the clusters has merged.
  void chain(core::pulse& pulse) {
    std::vector<std::uint32_t> links;
    std::uint32_t start = 0;
    const std::size_t until = between_->alive() - std::max<std::size_t>(1, between_->alive() / 4);
    while (between_->alive() > until) {
      if (links.empty()) {
        while (!between_->holds(start)) ++start;
        links.push_back(start);
      }
      const std::uint32_t tip = links.back();
      const bool came = links.size() > 1;
      const std::uint32_t last = came ? links[links.size() - 2] : 0;
      std::uint32_t next = between_->search(tip);
      // Of equals the one that the chain came from, or it would never end.
      if (came && between_->as_near(tip, last, next)) next = last;
      if (!came || next != last) {
        // It is on the chain already where rounding brought a new cluster nearer than what it is made of.
        if (const auto seen = std::find(links.begin(), links.end(), next); seen != links.end())
          links.erase(seen + 1, links.end());
        else
          links.push_back(next);
        continue;
      }
      links.resize(links.size() - 2);
      join_of_places pair{std::min(tip, next), std::max(tip, next), 0};
      note(pair);
      between_->join(pair);
      pulse.beat(done(between_->alive()));
    }
  }

  std::size_t all_;
  const run_options& run_;
  run_options alone_;  // without progress
  std::unique_ptr<cluster_distances> between_;
  std::vector<cluster_merge> out_;
};

}  // namespace

std::vector<cluster_merge> distance_chain(const distinct_points& points, chain_method method, const run_options& run) {
  return joining(points, method, run)();
}

double distance_chain_memory(std::size_t n, std::size_t columns, std::size_t left) {
  const auto rows = static_cast<double>(n), kept = static_cast<double>(left);
  return 8 * kept * kept + rows * (8 * static_cast<double>(columns) + 64);
}

}  // namespace clarion::segment
