#include "clarion/conflict/graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/biconnected_components.hpp>
#include <boost/graph/connected_components.hpp>
#include <boost/graph/sequential_vertex_coloring.hpp>
#include <boost/graph/smallest_last_ordering.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "clarion/conflict/reschedule.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "conflict/bounded.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using node = std::uint32_t;
using boost_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

struct neighbours {
  std::vector<std::vector<node>> of;  // ascending
  bool linked(node a, node b) const { return std::binary_search(of[a].begin(), of[a].end(), b); }
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

std::vector<conflict_edge> merge_parallel(std::span<const conflict_edge> edges, double min_weight) {
  std::map<std::pair<node, node>, conflict_edge> pairs;
  for (const auto& e : edges) {
    const std::pair<node, node> key{std::min(e.a, e.b), std::max(e.a, e.b)};
    auto& into = pairs.try_emplace(key, conflict_edge{key.first, key.second, 0, {}}).first->second;
    into.weight += e.weight;
    if (!e.reason.empty() && into.reason.find(e.reason) == std::string::npos)
      into.reason += (into.reason.empty() ? "" : ", ") + e.reason;
  }
  std::vector<conflict_edge> out;
  for (auto& [key, e] : pairs)
    if (e.weight >= min_weight) out.push_back(std::move(e));
  return out;
}

/// Maximal cliques by Bron and Kerbosch: a root a campaign in degeneracy order, pivots below it.
class clique_search {
public:
  clique_search(const neighbours& around, const graph_options& options, const std::map<std::pair<node, node>, double>& weight)
      : around_(around), options_(options), weight_(weight) {}

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
  std::vector<node> common(const std::vector<node>& set, node v) const {
    std::vector<node> out;
    std::set_intersection(set.begin(), set.end(), around_.of[v].begin(), around_.of[v].end(), std::back_inserter(out));
    return out;
  }

  void extend(std::vector<node> open, std::vector<node> shut) {
    if (++steps_ > options_.max_steps) stopped_ = true;
    if (stopped_) return;
    if (open.empty()) {
      if (shut.empty()) report();
      return;
    }
    // The pivot with most neighbours among the open ones leaves the fewest branches.
    node pivot = open[0];
    std::size_t most = 0;
    for (const auto* set : {&open, &shut})
      for (const auto v : *set)
        if (const auto n = common(open, v).size() + 1; n > most) most = n, pivot = v;
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
    for (std::size_t i = 0; i < group.campaigns.size(); ++i)
      for (std::size_t j = i + 1; j < group.campaigns.size(); ++j)
        group.weight += weight_.at({group.campaigns[i], group.campaigns[j]});
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
  const std::map<std::pair<node, node>, double>& weight_;
  std::vector<node> chosen_;
  std::vector<campaign_group> found_;
  std::uint64_t steps_ = 0;
  std::size_t largest_ = 0;
  bool stopped_ = false, trimmed_ = false;
};

/// Colours by saturation (Brelaz, 1979): next is the campaign whose neighbours already show most colours.
std::vector<node> saturation_colours(const neighbours& around) {
  const std::size_t n = around.of.size();
  std::vector<std::set<node>> seen(n);
  std::vector<node> colour(n, node(-1));
  std::set<std::tuple<std::ptrdiff_t, std::ptrdiff_t, node>> queue;
  const auto entry = [&](node v) {
    return std::tuple{-static_cast<std::ptrdiff_t>(seen[v].size()), -static_cast<std::ptrdiff_t>(around.of[v].size()), v};
  };
  for (node v = 0; v < n; ++v) queue.insert(entry(v));
  while (!queue.empty()) {
    const node v = std::get<2>(*queue.begin());
    queue.erase(queue.begin());
    node c = 0;
    while (seen[v].contains(c)) ++c;
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

/// Campaigns in the largest piece that is left when v goes.
node largest_piece(const neighbours& around, node v) {
  std::vector<char> seen(around.of.size(), 0);
  seen[v] = 1;
  node largest = 0;
  for (const auto root : around.of[v]) {
    if (seen[root]) continue;
    node size = 0;
    std::vector<node> stack{root};
    seen[root] = 1;
    while (!stack.empty()) {
      const node u = stack.back();
      stack.pop_back();
      ++size;
      for (const auto w : around.of[u])
        if (!seen[w]) seen[w] = 1, stack.push_back(w);
    }
    largest = std::max(largest, size);
  }
  return largest;
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

}  // namespace

conflict_graph build_conflict_graph(std::uint32_t campaigns, std::span<const conflict_edge> edges, const graph_options& options,
                                    std::span<const date> starts, std::span<const std::uint8_t> fixed) {
  core::check_options(options);
  check(campaigns, edges, starts, fixed);

  conflict_graph out;
  out.campaigns = campaigns;
  out.edges = merge_parallel(edges, options.min_weight);
  out.strength.assign(campaigns, 0.0);
  out.degree.assign(campaigns, 0);
  boost_graph g(campaigns);
  neighbours around{std::vector<std::vector<node>>(campaigns)};
  std::map<std::pair<node, node>, double> weight;
  for (node i = 0; i < out.edges.size(); ++i) {
    const auto& e = out.edges[i];
    boost::add_edge(e.a, e.b, g);
    around.of[e.a].push_back(e.b);
    around.of[e.b].push_back(e.a);
    weight.emplace(std::pair{e.a, e.b}, e.weight);
    out.weight += e.weight;
    for (const auto v : {e.a, e.b}) {
      out.strength[v] += e.weight;
      ++out.degree[v];
    }
    if (!fixed.empty() && fixed[e.a] && fixed[e.b]) out.locked.push_back(i);
  }
  for (auto& list : around.of) std::sort(list.begin(), list.end());
  if (campaigns == 0) return out;

  std::vector<node> label(campaigns);
  const auto pieces =
      boost::connected_components(g, boost::make_iterator_property_map(label.begin(), boost::get(boost::vertex_index, g)));
  std::vector<campaign_group> groups(static_cast<std::size_t>(pieces));
  for (node v = 0; v < campaigns; ++v) groups[label[v]].campaigns.push_back(v);
  for (const auto& e : out.edges) groups[label[e.a]].weight += e.weight;
  std::stable_sort(groups.begin(), groups.end(), [](const auto& x, const auto& y) {
    return x.campaigns.size() != y.campaigns.size() ? x.campaigns.size() > y.campaigns.size() : x.weight > y.weight;
  });
  out.component.resize(campaigns);
  for (node c = 0; c < groups.size(); ++c)
    for (const auto v : groups[c].campaigns) out.component[v] = c;
  out.components = std::move(groups);

  // Boost gives the order of colouring: the last removed, which is the densest core, first. Degeneracy order is its reverse.
  auto order = smallest_last(g);
  clique_search cliques(around, options, weight);
  cliques.run(std::vector<node>(order.rbegin(), order.rend()));
  out.cliques = cliques.take();
  out.cliques_truncated = cliques.truncated();
  out.waves_bound = static_cast<std::uint32_t>(std::max<std::size_t>(cliques.largest(), 1));

  std::vector<boost_graph::vertex_descriptor> cuts;
  boost::articulation_points(g, std::back_inserter(cuts));
  for (const auto v : cuts) {
    articulation a;
    a.campaign = static_cast<node>(v);
    a.freed = out.strength[v];
    a.largest = largest_piece(around, a.campaign);
    out.articulations.push_back(a);
  }
  // A campaign that goes leaves one piece for each biconnected block that it was in.
  std::map<boost_graph::edge_descriptor, std::size_t> block_of;
  boost::biconnected_components(g, boost::make_assoc_property_map(block_of));
  std::vector<std::set<std::size_t>> blocks(campaigns);
  for (const auto& [edge, b] : block_of)
    for (const auto v : {boost::source(edge, g), boost::target(edge, g)}) blocks[v].insert(b);
  for (auto& a : out.articulations) a.parts = static_cast<node>(blocks[a.campaign].size());
  std::sort(out.articulations.begin(), out.articulations.end(),
            [](const auto& x, const auto& y) { return x.freed != y.freed ? x.freed > y.freed : x.campaign < y.campaign; });

  std::vector<node> by_degree(campaigns);
  std::iota(by_degree.begin(), by_degree.end(), 0u);
  std::stable_sort(by_degree.begin(), by_degree.end(), [&](node x, node y) { return out.degree[x] > out.degree[y]; });
  const auto colours = [](const std::vector<node>& c) { return *std::max_element(c.begin(), c.end()) + 1; };
  for (auto& c : {sequential_colours(g, order), sequential_colours(g, by_degree), saturation_colours(around)})
    if (out.wave.empty() || colours(c) < out.waves) {
      out.wave = c;
      out.waves = colours(c);
    }
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
                                    const graph_options& options) {
  const auto campaigns = movable_campaigns(portfolio, policy);
  std::vector<std::uint8_t> fixed;
  for (const auto& c : campaigns) fixed.push_back(c.fixed);
  auto edges = conflict_edges(pairs);
  std::erase_if(edges, [&](const conflict_edge& e) { return campaigns.at(e.a).over || campaigns.at(e.b).over; });
  return build_conflict_graph(static_cast<std::uint32_t>(portfolio.size()), edges, options, portfolio.start, fixed);
}

std::vector<schema::finding> graph_findings(const conflict_graph& graph, std::span<const std::string> ids,
                                            std::uint32_t max_findings) {
  using namespace wording;
  if (ids.size() < graph.campaigns)
    reject("ids", std::to_string(ids.size()) + " entries",
           "give one for each of the " + std::to_string(graph.campaigns) + " campaigns");
  const auto names = [&](const std::vector<node>& rows) {
    std::vector<std::string> out;
    for (const auto v : rows) out.push_back(ids[v]);
    return out;
  };
  std::vector<schema::finding> out;
  for (const auto& c : graph.cliques) {
    const auto n = static_cast<double>(c.campaigns.size());
    auto f = schema::make_finding(rule_of("C501"), names(c.campaigns),
                                  fmt::format("{} all conflict with each other ({} of conflict): {}", plural(n, "campaign"),
                                              number(c.weight), list(names(c.campaigns), 4)));
    f.evidence = evidence_list().add_count("n_campaigns", n, "campaigns").add("conflict", c.weight, "weighted days").done();
    f.why = "Every pair of them has a conflict, so each needs a time of its own.";
    f.expected_effect = fmt::format("Spread over {} separate times, {} of conflict is gone.", count(n), number(c.weight));
    out.push_back(std::move(f));
  }
  for (const auto& c : graph.components) {
    if (c.campaigns.size() < 3) continue;
    const auto n = static_cast<double>(c.campaigns.size());
    double pairs = 0;
    for (const auto v : c.campaigns) pairs += graph.degree[v] / 2.0;
    auto f = schema::make_finding(rule_of("C502"), names(c.campaigns),
                                  fmt::format("{} hang together through {} ({} of conflict)", plural(n, "campaign"),
                                              plural(pairs, "conflict"), number(c.weight)));
    f.evidence = evidence_list()
                     .add_count("n_campaigns", n, "campaigns")
                     .add_count("n_conflicts", pairs, "pairs")
                     .add("conflict", c.weight, "weighted days")
                     .done();
    f.why = "Each is linked with the others by a chain of conflicts.";
    out.push_back(std::move(f));
  }
  for (const auto& a : graph.articulations) {
    auto f = schema::make_finding(
        rule_of("C503"), {ids[a.campaign]},
        fmt::format("{} holds {} apart groups of conflicting campaigns together; moving it away frees {} of {} conflict",
                    ids[a.campaign], count(a.parts), number(a.freed), number(graph.weight)));
    f.evidence = evidence_list()
                     .add("conflict_freed", a.freed, "weighted days")
                     .add_count("n_parts", a.parts, "groups")
                     .add_count("largest_part", a.largest, "campaigns")
                     .done();
    f.why =
        fmt::format("Without it the {} that it is linked with fall into {} groups that do not conflict with each other.",
                    plural(static_cast<double>(graph.components[graph.component[a.campaign]].campaigns.size() - 1), "campaign"),
                    count(a.parts));
    f.expected_effect =
        fmt::format("{} less conflict, and {} groups that can be planned apart.", number(a.freed), count(a.parts));
    out.push_back(std::move(f));
  }
  if (!graph.edges.empty()) {
    std::vector<double> sizes(graph.waves, 0);
    for (const auto w : graph.wave) ++sizes[w];
    auto f = schema::make_finding(rule_of("C504"), {},
                                  fmt::format("{} fit into {} without any conflict", plural(graph.campaigns, "campaign"),
                                              plural(graph.waves, "launch wave")));
    f.evidence = evidence_list()
                     .add_count("n_waves", graph.waves, "waves")
                     .add_count("least_waves", graph.waves_bound, "waves")
                     .add("wave_sizes", sizes, "campaigns")
                     .done();
    f.why = graph.waves == graph.waves_bound
                ? fmt::format("{} conflict with each other all round, so fewer waves cannot do.",
                              plural(graph.waves_bound, "campaign"))
                : fmt::format("Greedy colouring in three orders; at least {} are needed.", count(graph.waves_bound));
    out.push_back(std::move(f));
  }
  if (graph.cliques_truncated) {
    auto f = schema::make_finding(
        rule_of("C505"), {},
        fmt::format("More pile-ups exist than the {} listed", count(static_cast<double>(graph.cliques.size()))));
    f.evidence = evidence_list().add_count("n_listed", static_cast<double>(graph.cliques.size()), "pile-ups").done();
    f.why = "The enumeration stopped at max_cliques or max_steps.";
    out.push_back(std::move(f));
  }
  for (const auto i : graph.locked) {
    const auto& e = graph.edges[i];
    auto f =
        schema::make_finding(rule_of("C506"), {ids[e.a], ids[e.b]},
                             fmt::format("{} and {} conflict ({}) and neither can move", ids[e.a], ids[e.b], number(e.weight)));
    f.evidence = evidence_list().add("conflict", e.weight, "weighted days").add("reason", e.reason).done();
    f.why = "Both have fixed dates.";
    out.push_back(std::move(f));
  }
  keep_first(out, max_findings);
  return out;
}

}  // namespace clarion::conflict
