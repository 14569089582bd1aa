#include "clarion/conflict/graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/bron_kerbosch_all_cliques.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "clarion/core/random.hpp"

using namespace clarion;
using namespace clarion::conflict;

namespace {

std::vector<conflict_edge> random_edges(std::uint64_t seed, std::uint32_t n, double density) {
  core::random_stream random(seed);
  std::vector<conflict_edge> out;
  for (std::uint32_t a = 0; a < n; ++a)
    for (std::uint32_t b = a + 1; b < n; ++b)
      if (random.chance(density)) out.push_back({a, b, 0.1 + random.uniform(), "audience"});
  return out;
}

std::vector<std::string> names(std::uint32_t n) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < n; ++i) out.push_back("c" + std::to_string(i));
  return out;
}

using boost_graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS>;

struct collect {
  std::set<std::vector<std::uint32_t>>* found;
  template <class Clique>
  void clique(const Clique& c, const boost_graph&) {
    std::vector<std::uint32_t> members;
    for (const auto v : c) members.push_back(static_cast<std::uint32_t>(v));
    std::sort(members.begin(), members.end());
    found->insert(members);
  }
};

std::uint32_t pieces_without(std::uint32_t n, const std::vector<conflict_edge>& edges, std::uint32_t gone,
                             const std::vector<std::uint32_t>& among) {
  std::set<std::uint32_t> left(among.begin(), among.end());
  left.erase(gone);
  std::uint32_t count = 0;
  while (!left.empty()) {
    ++count;
    std::vector<std::uint32_t> stack{*left.begin()};
    left.erase(left.begin());
    while (!stack.empty()) {
      const auto v = stack.back();
      stack.pop_back();
      for (const auto& e : edges)
        for (const auto& [from, to] : {std::pair{e.a, e.b}, std::pair{e.b, e.a}})
          if (from == v && left.erase(to)) stack.push_back(to);
    }
  }
  CHECK(n > gone);
  return count;
}

std::uint32_t largest_without(std::uint32_t n, std::vector<conflict_edge> edges, std::uint32_t gone,
                              const std::vector<std::uint32_t>& among) {
  std::erase_if(edges, [&](const conflict_edge& e) { return e.a == gone || e.b == gone; });
  std::size_t largest = 0;
  for (const auto& part : build_conflict_graph(n, edges).components)
    if (std::find(among.begin(), among.end(), part.campaigns.front()) != among.end() && part.campaigns.front() != gone)
      largest = std::max(largest, part.campaigns.size());
  return static_cast<std::uint32_t>(largest);
}

}  // namespace

TEST_CASE("a bow tie and a pair: components, cliques, the knot, waves") {
  // 0-1-2 and 2-3-4 are triangles that share 2; 5-6 is apart, 7 conflicts with nobody.
  const std::vector<conflict_edge> edges{{0, 1, 1, "channel"},  {1, 2, 2, "audience"}, {0, 2, 3, "audience"},
                                         {2, 3, 4, "audience"}, {3, 4, 5, "audience"}, {2, 4, 6, "audience"},
                                         {6, 5, 7, "products"}};
  const auto g = build_conflict_graph(8, edges);
  CHECK(g.weight == 28);
  REQUIRE(g.components.size() == 3);
  CHECK(g.components[0].campaigns == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(g.components[0].weight == 21);
  CHECK(g.components[1].campaigns == std::vector<std::uint32_t>{5, 6});
  CHECK(g.component[7] == 2);
  CHECK(g.strength[2] == 15);
  CHECK(g.degree[2] == 4);
  REQUIRE(g.cliques.size() == 2);
  CHECK(g.cliques[0].campaigns == std::vector<std::uint32_t>{2, 3, 4});
  CHECK(g.cliques[0].weight == 15);
  CHECK_FALSE(g.cliques_truncated);
  REQUIRE(g.articulations.size() == 1);
  CHECK(g.articulations[0].campaign == 2);
  CHECK(g.articulations[0].freed == 15);
  CHECK(g.articulations[0].parts == 2);
  CHECK(g.articulations[0].largest == 2);
  CHECK(g.waves == 3);
  CHECK(g.waves_bound == 3);
}

TEST_CASE("parallel edges are added up and light ones left out") {
  const std::vector<conflict_edge> edges{{0, 1, 1, "audience"}, {1, 0, 2, "channel"}, {1, 2, .5, "channel"}};
  const auto g = build_conflict_graph(3, edges, {.min_weight = 1});
  REQUIRE(g.edges.size() == 1);
  CHECK(g.edges[0].weight == 3);
  CHECK(g.edges[0].reason == "audience, channel");
}

TEST_CASE("random graphs: cliques as Boost finds them, waves without conflict, articulation by removal") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    const std::uint32_t n = 4 + static_cast<std::uint32_t>(seed % 17);
    const auto edges = random_edges(seed, n, .1 + .013 * static_cast<double>(seed));
    const auto g = build_conflict_graph(n, edges, {.min_clique = 2, .max_cliques = 100'000});

    boost_graph reference(n);
    for (const auto& e : edges) boost::add_edge(e.a, e.b, reference);
    std::set<std::vector<std::uint32_t>> expected, found;
    boost::bron_kerbosch_all_cliques(reference, collect{&expected}, 2);
    for (const auto& c : g.cliques) found.insert(c.campaigns);
    CHECK(found == expected);

    for (const auto& e : edges) CHECK(g.wave[e.a] != g.wave[e.b]);
    CHECK(*std::max_element(g.wave.begin(), g.wave.end()) + 1 == g.waves);
    CHECK(g.waves >= g.waves_bound);

    std::set<std::uint32_t> cuts;
    for (const auto& a : g.articulations) cuts.insert(a.campaign);
    for (std::uint32_t v = 0; v < n; ++v) {
      const auto& around = g.components[g.component[v]].campaigns;
      const auto pieces = around.size() == 1 ? 0 : pieces_without(n, edges, v, around);
      CHECK((pieces > 1) == cuts.contains(v));
      for (const auto& a : g.articulations)
        if (a.campaign == v) {
          CHECK(a.parts == pieces);
          CHECK(a.largest == largest_without(n, edges, v, around));
        }
    }
  }
}

TEST_CASE("enumeration stops at its limits and says so") {
  const auto edges = random_edges(3, 40, .6);
  const auto all = build_conflict_graph(40, edges, {.max_cliques = 1'000'000});
  CHECK_FALSE(all.cliques_truncated);
  const auto few = build_conflict_graph(40, edges, {.max_cliques = 5});
  CHECK(few.cliques_truncated);
  REQUIRE(few.cliques.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(few.cliques[i].campaigns == all.cliques[i].campaigns);
  CHECK(build_conflict_graph(40, edges, {.max_steps = 10}).cliques_truncated);
}

TEST_CASE("a chain of 200,000 campaigns, every one but the ends holding two parts together") {
  constexpr std::uint32_t n = 200'000;
  std::vector<conflict_edge> edges;
  for (std::uint32_t i = 0; i + 1 < n; ++i) edges.push_back({i, i + 1, 1, ""});
  const auto g = build_conflict_graph(n, edges);
  CHECK(g.articulations.size() == n - 2);
  CHECK(g.articulations.front().largest == n - 2);
  CHECK(g.waves == 2);
  CHECK(g.cliques.empty());
}

TEST_CASE("dense graphs end within their steps, and when they are asked to") {
  // Everything with everything but its neighbour: cliques without end, and no pivot that saves much.
  constexpr std::uint32_t n = 1200;
  std::vector<conflict_edge> edges;
  for (std::uint32_t a = 0; a < n; ++a)
    for (std::uint32_t b = a + 1; b < n; ++b)
      if (b / 2 != a / 2) edges.push_back({a, b, 1, ""});
  const auto g = build_conflict_graph(n, edges, {.max_steps = 2000});
  CHECK(g.cliques_truncated);
  double told = 0;
  struct enough {};
  const run_options stop{.progress = [&](double fraction) {
    told = fraction;
    throw enough{};
  }};
  CHECK_THROWS_AS(build_conflict_graph(n, edges, {.max_steps = 1'000'000'000}, {}, {}, stop), enough);
  CHECK(told >= 0);
  std::vector<double> fractions;
  build_conflict_graph(n, edges, {.max_steps = 20'000}, {}, {}, {.progress = [&](double f) { fractions.push_back(f); }});
  CHECK(std::is_sorted(fractions.begin(), fractions.end()));
  std::stop_source source;
  source.request_stop();
  CHECK_THROWS_AS(build_conflict_graph(n, edges, {}, {}, {}, {.cancel = source.get_token()}), cancelled);
}

TEST_CASE("waves follow the mean start; fixed dates lock their conflicts") {
  const std::vector<conflict_edge> edges{{0, 1, 1, ""}, {1, 2, 1, ""}};
  const auto at = [](int day) { return core::from_day_number(day); };
  const std::vector<date> late_middle{at(10), at(100), at(20)}, early_middle{at(50), at(1), at(60)};
  CHECK(build_conflict_graph(3, edges, {}, late_middle).wave == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(build_conflict_graph(3, edges, {}, early_middle).wave == std::vector<std::uint32_t>{1, 0, 1});
  const std::vector<std::uint8_t> fixed{0, 1, 1};
  const auto g = build_conflict_graph(3, edges, {}, {}, fixed);
  REQUIRE(g.locked.size() == 1);
  CHECK(g.edges[g.locked[0]].a == 1);
}

TEST_CASE("nothing, one campaign, no edges") {
  CHECK(build_conflict_graph(0, {}).components.empty());
  const auto g = build_conflict_graph(3, {});
  CHECK(g.components.size() == 3);
  CHECK(g.waves == 1);
  CHECK(graph_findings(g, names(3)).empty());
}

TEST_CASE("edges that cannot be are refused") {
  const auto build = [](conflict_edge e) { return build_conflict_graph(2, std::vector{e}); };
  CHECK_THROWS_AS(build({0, 2, 1, ""}), std::invalid_argument);
  CHECK_THROWS_AS(build({1, 1, 1, ""}), std::invalid_argument);
  for (const double weight : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(build({0, 1, weight, ""}), std::invalid_argument);
  CHECK_THROWS_AS(build_conflict_graph(2, {}, {.min_clique = 1}), std::invalid_argument);
  const std::vector<std::uint8_t> one{1};
  CHECK_THROWS_AS(build_conflict_graph(2, {}, {}, {}, one), std::invalid_argument);
}

TEST_CASE("findings name campaigns, carry numbers and keep to their limit") {
  const auto edges = random_edges(11, 12, .4);
  const auto g = build_conflict_graph(12, edges);
  const auto ids = names(12);
  const auto all = graph_findings(g, ids);
  std::set<std::string> codes;
  for (const auto& f : all) {
    codes.insert(f.code);
    CHECK_FALSE(f.why.empty());
    CHECK_FALSE(f.evidence.empty());
    CHECK_FALSE(f.suggestion.empty());
    for (const auto& c : f.campaigns) CHECK(std::find(ids.begin(), ids.end(), c) != ids.end());
  }
  CHECK(codes.contains("C501"));
  CHECK(codes.contains("C502"));
  CHECK(codes.contains("C504"));
  const auto cut = graph_findings(g, ids, 1);
  CHECK(std::count_if(cut.begin(), cut.end(), [](const auto& f) { return f.code == "C501"; }) == 1);
  CHECK(cut.back().code == "C001");
  CHECK_THROWS_AS(graph_findings(g, names(3)), std::invalid_argument);
  CHECK_THROWS_AS(graph_findings(g, ids, 50, names(3)), std::invalid_argument);
}

TEST_CASE("sentences use names, and count those that conflict") {
  const std::vector<conflict_edge> edges{{0, 1, 1, "audience"}, {0, 2, 2.5, "channel"}};
  const auto g = build_conflict_graph(5, edges);  // the last two conflict with nothing
  const std::vector<std::string> labels{"Spring", "Easter", "Sale", "Done", "Cancelled"};
  std::map<std::string, std::string> said;
  for (const auto& f : graph_findings(g, names(5), 50, labels)) said[f.code] = f.message;
  CHECK(said["C502"] ==
        "3 campaigns hang together through 2 conflicts, 3.5 weighted days of conflict in all: Spring, Easter and Sale.");
  CHECK(said["C503"] ==
        "Spring holds 2 groups of conflicting campaigns together; moving it away frees 3.5 of 3.5 weighted days of conflict.");
  CHECK(said["C504"] == "3 campaigns that conflict with others fit into 2 launch waves without any conflict.");
  // The worst of those that cannot move are told.
  const auto held = build_conflict_graph(3, edges, {}, {}, std::vector<std::uint8_t>{1, 1, 1});
  for (const auto& f : graph_findings(held, names(3), 1))
    if (f.code == "C503") {
      CHECK(
          f.message ==
          "c0 holds 2 groups of conflicting campaigns together, with 3.5 of 3.5 weighted days of conflict, and its dates stay.");
      CHECK(f.suggestion == "Plan the groups around it, each for itself.");
    } else if (f.code == "C506")
      CHECK(f.message == "c0 and c2 conflict (2.5 weighted days of conflict) and neither can move.");
}

TEST_CASE("pairs become edges by all of their conflict or by that of a shared day") {
  pair_table pairs;
  pairs.a = {0, 0};
  pairs.b = {1, 2};
  pairs.rate = {.5, .25};
  pairs.weight = {5, 0};
  pairs.reasons = {shares_audience | shares_channel, shares_audience | estimated};
  const auto now = conflict_edges(pairs);
  REQUIRE(now.size() == 1);
  CHECK(now[0].weight == 5);
  CHECK(now[0].reason == "audience, channel");
  const auto ever = conflict_edges(pairs, true);
  REQUIRE(ever.size() == 2);
  CHECK(ever[1].weight == .25);
}
