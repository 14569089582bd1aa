#include "clarion/conflict/graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/sequential_vertex_coloring.hpp>
#include <boost/graph/smallest_last_ordering.hpp>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "clarion/conflict/reschedule.hpp"
#include "clarion/core/error.hpp"

namespace clarion::conflict {

namespace {

using node = std::uint32_t;
using boost_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

struct neighbours {
  std::vector<std::vector<node>> of;        // ascending
  std::vector<std::vector<double>> weight;  // of the edge to each

  explicit neighbours(std::size_t campaigns) : of(campaigns), weight(campaigns) {}
  /// Edges are ascending by (a, b): each list grows in order, first the smaller neighbours, then the larger.
  void add(const std::vector<conflict_edge>& edges) {
    for (const auto& e : edges) {
      of[e.b].push_back(e.a);
      weight[e.b].push_back(e.weight);
    }
    for (const auto& e : edges) {
      of[e.a].push_back(e.b);
      weight[e.a].push_back(e.weight);
    }
  }
};

void check(std::uint32_t campaigns, std::span<const conflict_edge> edges, std::span<const date> starts,
           std::span<const std::uint8_t> fixed) {
  const auto below = "give campaigns below " + std::to_string(campaigns);
  for (const auto& e : edges) {
    const auto pair = "pair " + std::to_string(e.a) + ", " + std::to_string(e.b);
    if (e.a >= campaigns || e.b >= campaigns) reject("edges", pair, below);
    if (e.a == e.b) reject("edges", pair, "give two different campaigns");
    if (!(e.weight > 0) || !std::isfinite(e.weight))
      reject("edges", "weight " + std::to_string(e.weight) + " of " + pair, "give a finite number above 0");
  }
  const auto one_each = [&](const char* field, std::size_t given) {
    if (given != 0 && given != campaigns)
      reject(field, std::to_string(given) + " entries",
             "give none, or one for each of the " + std::to_string(campaigns) + " campaigns");
  };
  one_each("starts", starts.size());
  one_each("fixed", fixed.size());
}

/// a < b, ascending, one a pair.
std::vector<conflict_edge> merge_parallel(std::span<const conflict_edge> edges, double min_weight) {
  std::vector<conflict_edge> out(edges.begin(), edges.end());
  for (auto& e : out)
    if (e.b < e.a) std::swap(e.a, e.b);
  const auto before = [](const auto& x, const auto& y) { return std::pair(x.a, x.b) < std::pair(y.a, y.b); };
  if (!std::is_sorted(out.begin(), out.end(), before)) std::stable_sort(out.begin(), out.end(), before);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < out.size();) {
    auto into = std::move(out[i]);
    for (++i; i < out.size() && out[i].a == into.a && out[i].b == into.b; ++i) {
      into.weight += out[i].weight;
      if (!out[i].reason.empty() && into.reason.find(out[i].reason) == std::string::npos)
        into.reason += (into.reason.empty() ? "" : ", ") + out[i].reason;
    }
    if (into.weight >= min_weight) out[kept++] = std::move(into);
  }
  out.resize(kept);
  return out;
}

/// Maximal cliques by Bron and Kerbosch: a root a campaign in degeneracy order, pivots below it.
class clique_search {
public:
  clique_search(const neighbours& around, const graph_options& options, const run_options& run)
      : around_(around), options_(options), pulse_(run) {}

  void run(const std::vector<node>& order) {
    std::vector<std::size_t> rank(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    for (const auto v : order) {
      std::vector<node> open, shut;
      for (const auto w : around_.of[v]) (rank[w] > rank[v] ? open : shut).push_back(w);
      chosen_ = {v};
      extend(std::move(open), std::move(shut));
      if (stopped_) return;
    }
  }

  std::vector<campaign_group> take() {
    cut();
    return std::move(found_);
  }
  bool truncated() const { return stopped_ || trimmed_; }
  std::size_t largest() const { return largest_; }

private:
  static constexpr std::uint64_t comparisons_of_a_step = 512;

  std::vector<node> common(const std::vector<node>& set, node v) {
    std::vector<node> out;
    std::set_intersection(set.begin(), set.end(), around_.of[v].begin(), around_.of[v].end(), std::back_inserter(out));
    compared(set.size() + around_.of[v].size());
    return out;
  }

  std::size_t count_common(const std::vector<node>& set, node v) {
    const auto& other = around_.of[v];
    std::size_t n = 0;
    for (auto x = set.begin(), y = other.begin(); x != set.end() && y != other.end();) {
      n += *x == *y;
      const bool step_x = *x <= *y, step_y = *y <= *x;
      x += step_x;
      y += step_y;
    }
    compared(set.size() + other.size());
    return n;
  }

  void compared(std::size_t n) {
    comparisons_ += n;
    const auto steps = steps_ + comparisons_ / comparisons_of_a_step;
    if (steps > options_.max_steps) stopped_ = true;
    if (steps < next_beat_) return;
    next_beat_ = steps + 16;
    pulse_.beat(std::min(1.0, static_cast<double>(steps) / static_cast<double>(options_.max_steps)));
  }

  /// The pivot with most neighbours among the open ones leaves the fewest branches.
  node pivot_of(const std::vector<node>& open, const std::vector<node>& shut) {
    node pivot = open[0];
    std::size_t most = 0;
    for (const auto* set : {&open, &shut})
      for (const auto v : *set) {
        const auto n = count_common(open, v) + 1;
        if (n > most) most = n, pivot = v;
        // No open campaign has more neighbours among the open ones, and no other leaves fewer branches.
        if (stopped_ || most > open.size() || (set == &open && most == open.size())) return pivot;
      }
    return pivot;
  }

  void extend(std::vector<node> open, std::vector<node> shut) {
    ++steps_;
    compared(0);
    if (stopped_) return;
    if (open.empty()) {
      if (shut.empty()) report();
      return;
    }
    const node pivot = pivot_of(open, shut);
    std::vector<node> branches;
    std::set_difference(open.begin(), open.end(), around_.of[pivot].begin(), around_.of[pivot].end(),
                        std::back_inserter(branches));
    for (const auto v : branches) {
      chosen_.push_back(v);
      extend(common(open, v), common(shut, v));
      chosen_.pop_back();
      if (stopped_) return;
      open.erase(std::lower_bound(open.begin(), open.end(), v));
      shut.insert(std::lower_bound(shut.begin(), shut.end(), v), v);
    }
  }

  void report() {
    largest_ = std::max(largest_, chosen_.size());
    if (chosen_.size() < options_.min_clique) return;
    campaign_group group;
    group.campaigns = chosen_;
    std::sort(group.campaigns.begin(), group.campaigns.end());
    for (std::size_t i = 0; i < group.campaigns.size(); ++i) {
      const auto& near = around_.of[group.campaigns[i]];
      auto at = near.begin();
      for (std::size_t j = i + 1; j < group.campaigns.size(); ++j) {
        at = std::lower_bound(at, near.end(), group.campaigns[j]);
        group.weight += around_.weight[group.campaigns[i]][static_cast<std::size_t>(at - near.begin())];
      }
      compared(group.campaigns.size() - i);
    }
    found_.push_back(std::move(group));
    if (found_.size() > 4 * options_.max_cliques + 64) cut();
  }

  void cut() {
    std::sort(found_.begin(), found_.end(), [](const auto& x, const auto& y) {
      return x.weight != y.weight ? x.weight > y.weight : x.campaigns < y.campaigns;
    });
    if (found_.size() > options_.max_cliques) {
      found_.resize(options_.max_cliques);
      trimmed_ = true;
    }
  }

  const neighbours& around_;
  const graph_options& options_;
  core::pulse pulse_;
  std::vector<node> chosen_;
  std::vector<campaign_group> found_;
  std::uint64_t steps_ = 0, comparisons_ = 0, next_beat_ = 0;
  std::size_t largest_ = 0;
  bool stopped_ = false, trimmed_ = false;
};

/// Colours by saturation (Brelaz, 1979): next is the campaign whose neighbours already show most colours.
std::vector<node> saturation_colours(const neighbours& around, const run_options& run) {
  const std::size_t n = around.of.size();
  core::pulse pulse(run);
  std::vector<std::set<node>> seen(n);
  std::vector<node> colour(n, node(-1)), taken(n + 1, node(-1));  // taken: by colour, the campaign that last saw it
  std::set<std::tuple<std::ptrdiff_t, std::ptrdiff_t, node>> queue;
  const auto entry = [&](node v) {
    return std::tuple{-static_cast<std::ptrdiff_t>(seen[v].size()), -static_cast<std::ptrdiff_t>(around.of[v].size()), v};
  };
  for (node v = 0; v < n; ++v) queue.insert(entry(v));
  while (!queue.empty()) {
    pulse.beat(1 - static_cast<double>(queue.size()) / static_cast<double>(n));
    const node v = std::get<2>(*queue.begin());
    queue.erase(queue.begin());
    for (const auto w : around.of[v])
      if (colour[w] != node(-1)) taken[colour[w]] = v;
    node c = 0;
    while (taken[c] == v) ++c;
    colour[v] = c;
    for (const auto w : around.of[v])
      if (colour[w] == node(-1) && !seen[w].contains(c)) {
        queue.erase(entry(w));
        seen[w].insert(c);
        queue.insert(entry(w));
      }
  }
  return colour;
}

/// Colours by Boost's sequential colouring in a given order.
std::vector<node> sequential_colours(const boost_graph& g, std::vector<node> order) {
  std::vector<node> colour(boost::num_vertices(g));
  const auto index = boost::get(boost::vertex_index, g);
  boost::sequential_vertex_coloring(g, boost::make_iterator_property_map(order.begin(), boost::identity_property_map()),
                                    boost::make_iterator_property_map(colour.begin(), index));
  return colour;
}

std::vector<node> smallest_last(const boost_graph& g) {
  const std::size_t n = boost::num_vertices(g);
  std::vector<node> order(n);
  std::vector<std::size_t> degree(n), marker(n);
  const auto index = boost::get(boost::vertex_index, g);
  boost::smallest_last_vertex_ordering(g, boost::make_iterator_property_map(order.begin(), boost::identity_property_map()),
                                       boost::make_iterator_property_map(degree.begin(), index),
                                       boost::make_iterator_property_map(marker.begin(), index));
  return order;
}

/// Campaigns whose going splits their component, by the low points of a depth-first search (Hopcroft and Tarjan, 1973): a subtree
/// that reaches no further back than v is a piece of its own without v, and what is above v is another.
std::vector<articulation> find_articulations(const neighbours& around, const conflict_graph& graph) {
  const std::size_t n = around.of.size();
  std::vector<node> found(n, 0), low(n, 0), size(n, 0), parts(n, 0), cut_off(n, 0), largest(n, 0);
  struct visit {
    node v, from;
    std::size_t next;
  };
  std::vector<visit> path;
  node clock = 0;
  const auto enter = [&](node v, node from) {
    found[v] = low[v] = ++clock;
    size[v] = 1;
    path.push_back({v, from, 0});
  };
  for (node root = 0; root < n; ++root) {
    if (found[root] != 0) continue;
    enter(root, root);
    while (!path.empty()) {
      auto& [v, from, next] = path.back();
      if (next < around.of[v].size()) {
        const node w = around.of[v][next++];
        if (found[w] == 0)
          enter(w, v);
        else if (w != from)
          low[v] = std::min(low[v], found[w]);
        continue;
      }
      const node child = v, parent = from;
      path.pop_back();
      if (path.empty()) break;
      low[parent] = std::min(low[parent], low[child]);
      size[parent] += size[child];
      if (low[child] < found[parent]) continue;
      ++parts[parent];
      cut_off[parent] += size[child];
      largest[parent] = std::max(largest[parent], size[child]);
    }
  }
  std::vector<articulation> out;
  for (node v = 0; v < n; ++v) {
    const auto whole = static_cast<node>(graph.components[graph.component[v]].campaigns.size());
    if (const node above = whole - 1 - cut_off[v]; above > 0) {
      ++parts[v];
      largest[v] = std::max(largest[v], above);
    }
    if (parts[v] > 1) out.push_back({.campaign = v, .freed = graph.strength[v], .parts = parts[v], .largest = largest[v]});
  }
  std::sort(out.begin(), out.end(),
            [](const auto& x, const auto& y) { return x.freed != y.freed ? x.freed > y.freed : x.campaign < y.campaign; });
  return out;
}

/// Waves in the order of their campaigns' mean start, or of their first campaign.
void number_waves(conflict_graph& graph, std::span<const date> starts) {
  std::vector<double> sum(graph.waves, 0), count(graph.waves, 0);
  std::vector<node> first(graph.waves, node(-1));
  for (node v = 0; v < graph.campaigns; ++v) {
    const auto w = graph.wave[v];
    if (!starts.empty()) sum[w] += core::day_number(starts[v]);
    count[w] += 1;
    first[w] = std::min(first[w], v);
  }
  std::vector<node> order(graph.waves), number(graph.waves);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](node x, node y) {
    const double mean_x = sum[x] / count[x], mean_y = sum[y] / count[y];
    return mean_x != mean_y ? mean_x < mean_y : first[x] < first[y];
  });
  for (node i = 0; i < order.size(); ++i) number[order[i]] = i;
  for (auto& w : graph.wave) w = number[w];
}

std::string reason_text(std::uint8_t reasons) {
  std::string out;
  for (const auto& [bit, name] :
       {std::pair{shares_audience, "audience"}, std::pair{shares_channel, "channel"}, std::pair{shares_products, "products"}})
    if (reasons & bit) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

/// Largest first, then heaviest; fills graph.component, too.
void find_components(conflict_graph& graph, const boost_graph& g) {
  std::vector<node> label(graph.campaigns);
  const auto pieces =
      boost::connected_components(g, boost::make_iterator_property_map(label.begin(), boost::get(boost::vertex_index, g)));
  std::vector<campaign_group> groups(static_cast<std::size_t>(pieces));
  for (node v = 0; v < graph.campaigns; ++v) groups[label[v]].campaigns.push_back(v);
  for (const auto& e : graph.edges) groups[label[e.a]].weight += e.weight;
  std::stable_sort(groups.begin(), groups.end(), [](const auto& x, const auto& y) {
    return x.campaigns.size() != y.campaigns.size() ? x.campaigns.size() > y.campaigns.size() : x.weight > y.weight;
  });
  graph.component.resize(graph.campaigns);
  for (node c = 0; c < groups.size(); ++c)
    for (const auto v : groups[c].campaigns) graph.component[v] = c;
  graph.components = std::move(groups);
}

}  // namespace

conflict_graph build_conflict_graph(std::uint32_t campaigns, std::span<const conflict_edge> edges, const graph_options& options,
                                    std::span<const date> starts, std::span<const std::uint8_t> fixed, const run_options& run) {
  core::check_options(options);
  check(campaigns, edges, starts, fixed);

  core::pulse pulse(run);
  conflict_graph out;
  out.campaigns = campaigns;
  out.edges = merge_parallel(edges, options.min_weight);
  pulse.beat(0);
  out.strength.assign(campaigns, 0.0);
  out.degree.assign(campaigns, 0);
  boost_graph g(campaigns);
  for (node i = 0; i < out.edges.size(); ++i) {
    const auto& e = out.edges[i];
    boost::add_edge(e.a, e.b, g);
    out.weight += e.weight;
    for (const auto v : {e.a, e.b}) {
      out.strength[v] += e.weight;
      ++out.degree[v];
    }
    if (!fixed.empty() && fixed[e.a] && fixed[e.b]) out.locked.push_back(i);
  }
  if (campaigns == 0) return out;
  neighbours around(campaigns);
  around.add(out.edges);
  pulse.beat(0);
  find_components(out, g);
  out.articulations = find_articulations(around, out);
  for (auto& a : out.articulations) a.fixed = !fixed.empty() && fixed[a.campaign];
  pulse.beat(0);

  // Boost gives the order of colouring: the last removed, which is the densest core, first. Degeneracy order is its reverse.
  auto order = smallest_last(g);
  pulse.beat(0);
  const auto searching = part_of(run, 0, 0.9);
  clique_search cliques(around, options, searching);
  cliques.run(std::vector<node>(order.rbegin(), order.rend()));
  out.cliques = cliques.take();
  out.cliques_truncated = cliques.truncated();
  out.waves_bound = static_cast<std::uint32_t>(std::max<std::size_t>(cliques.largest(), 1));

  std::vector<node> by_degree(campaigns);
  std::iota(by_degree.begin(), by_degree.end(), 0u);
  std::stable_sort(by_degree.begin(), by_degree.end(), [&](node x, node y) { return out.degree[x] > out.degree[y]; });
  const auto try_waves = [&](std::vector<node> wave) {
    if (const auto n = *std::max_element(wave.begin(), wave.end()) + 1; out.wave.empty() || n < out.waves) {
      out.wave = std::move(wave);
      out.waves = n;
    }
  };
  pulse.beat(0.9);
  try_waves(sequential_colours(g, order));
  pulse.beat(0.9);
  try_waves(sequential_colours(g, by_degree));
  try_waves(saturation_colours(around, part_of(run, 0.9, 1)));
  number_waves(out, starts);
  return out;
}

std::vector<conflict_edge> conflict_edges(const pair_table& pairs, bool per_day) {
  std::vector<conflict_edge> out;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double weight = per_day ? pairs.rate[i] : pairs.weight[i];
    if (weight > 0) out.push_back({pairs.a[i], pairs.b[i], weight, reason_text(pairs.reasons[i])});
  }
  return out;
}

conflict_graph build_conflict_graph(const schema::portfolio& portfolio, const pair_table& pairs, const schema::policy& policy,
                                    const graph_options& options, const run_options& run) {
  const auto campaigns = movable_campaigns(portfolio, policy);
  std::vector<std::uint8_t> fixed;
  for (const auto& c : campaigns) fixed.push_back(c.fixed);
  auto edges = conflict_edges(pairs);
  std::erase_if(edges, [&](const conflict_edge& e) { return campaigns.at(e.a).over || campaigns.at(e.b).over; });
  return build_conflict_graph(static_cast<std::uint32_t>(portfolio.size()), edges, options, portfolio.start, fixed, run);
}

}  // namespace clarion::conflict
