#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "clarion/conflict/graph.hpp"
#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "conflict/bounded.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using node = std::uint32_t;
using wording::evidence_list, wording::count, wording::number, wording::plural, wording::list;

/// Puts the graph into sentences, at most `most` of a code, the worst.
class graph_words {
public:
  graph_words(const conflict_graph& graph, std::span<const std::string> ids, std::span<const std::string> labels,
              std::size_t most)
      : graph_(graph), ids_(ids), labels_(labels), most_(most) {}

  std::vector<schema::finding> all() {
    tell("C501", graph_.cliques, [&](const campaign_group& group) { return clique(group); });
    std::vector<campaign_group> parts;
    std::copy_if(graph_.components.begin(), graph_.components.end(), std::back_inserter(parts),
                 [](const campaign_group& part) { return part.campaigns.size() >= 3; });
    tell("C502", parts, [&](const campaign_group& part) { return component(part); });
    tell("C503", graph_.articulations, [&](const articulation& a) { return holder(a); });
    if (!graph_.edges.empty()) out_.push_back(waves());
    if (graph_.cliques_truncated) out_.push_back(not_listed());
    auto locked = graph_.locked;
    std::stable_sort(locked.begin(), locked.end(),
                     [&](node x, node y) { return graph_.edges[x].weight > graph_.edges[y].weight; });
    tell("C506", locked, [&](node edge) { return stuck(graph_.edges[edge]); });
    for (const auto& [code, hidden] : hidden_) out_.push_back(not_shown(code, most_, hidden));
    return std::move(out_);
  }

private:
  template <class Item, class Word>
  void tell(const char* code, const std::vector<Item>& items, const Word& word) {
    for (std::size_t i = 0; i < std::min(items.size(), most_); ++i) out_.push_back(word(items[i]));
    if (items.size() > most_) hidden_.emplace_back(code, items.size() - most_);
  }

  const std::string& label(node v) const { return labels_.empty() ? ids_[v] : labels_[v]; }
  std::vector<std::string> labels(const std::vector<node>& rows) const {
    std::vector<std::string> out;
    for (const auto v : rows) out.push_back(label(v));
    return out;
  }
  std::vector<std::string> ids(const std::vector<node>& rows) const {
    std::vector<std::string> out;
    for (const auto v : rows) out.push_back(ids_[v]);
    return out;
  }

  schema::finding clique(const campaign_group& group) const {
    const auto n = static_cast<double>(group.campaigns.size());
    auto f = schema::make_finding(rule_of("C501"), ids(group.campaigns),
                                  fmt::format("{} all conflict with each other, {} in all: {}", plural(n, "campaign"),
                                              conflict(group.weight), list(labels(group.campaigns), 4)));
    f.evidence = evidence_list().add_count("n_campaigns", n, "campaigns").add("conflict", group.weight, "weighted days").done();
    f.why = "Every pair of them has a conflict, so each needs a time of its own.";
    f.expected_effect =
        fmt::format("Spread over {} separate times, they have no conflict: {} less.", count(n), conflict(group.weight));
    return f;
  }

  schema::finding component(const campaign_group& part) const {
    const auto n = static_cast<double>(part.campaigns.size());
    double pairs = 0;
    for (const auto v : part.campaigns) pairs += graph_.degree[v] / 2.0;
    auto f = schema::make_finding(rule_of("C502"), ids(part.campaigns),
                                  fmt::format("{} hang together through {}, {} in all: {}", plural(n, "campaign"),
                                              plural(pairs, "conflict"), conflict(part.weight), list(labels(part.campaigns), 4)));
    f.evidence = evidence_list()
                     .add_count("n_campaigns", n, "campaigns")
                     .add_count("n_conflicts", pairs, "pairs")
                     .add("conflict", part.weight, "weighted days")
                     .done();
    f.why = "Each is linked with the others by a chain of conflicts.";
    return f;
  }

  schema::finding holder(const articulation& a) const {
    auto f = schema::make_finding(
        rule_of("C503"), {ids_[a.campaign]},
        a.fixed ? fmt::format("{} holds {} groups of conflicting campaigns together, with {} of {}, and its dates stay",
                              label(a.campaign), count(a.parts), number(a.freed), conflict(graph_.weight))
                : fmt::format("{} holds {} groups of conflicting campaigns together; moving it away frees {} of {}",
                              label(a.campaign), count(a.parts), number(a.freed), conflict(graph_.weight)));
    f.evidence = evidence_list()
                     .add("conflict_freed", a.freed, "weighted days")
                     .add_count("n_parts", a.parts, "groups")
                     .add_count("largest_part", a.largest, "campaigns")
                     .done();
    f.why =
        fmt::format("Without it the {} that it is linked with fall into {} groups that do not conflict with each other.",
                    plural(static_cast<double>(graph_.components[graph_.component[a.campaign]].campaigns.size() - 1), "campaign"),
                    count(a.parts));
    if (a.fixed)
      f.suggestion = "Plan the groups around it, each for itself.";
    else
      f.expected_effect = fmt::format("{} less, and {} groups that can be planned apart.", conflict(a.freed), count(a.parts));
    return f;
  }

  schema::finding waves() const {
    std::vector<double> sizes(graph_.waves, 0);
    double n = 0;
    for (node v = 0; v < graph_.campaigns; ++v)
      if (graph_.degree[v] > 0) {
        ++sizes[graph_.wave[v]];
        ++n;
      }
    auto f = schema::make_finding(rule_of("C504"), {},
                                  fmt::format("{} that conflict with others fit into {} without any conflict",
                                              plural(n, "campaign"), plural(graph_.waves, "launch wave")));
    f.evidence = evidence_list()
                     .add_count("n_campaigns", n, "campaigns")
                     .add_count("n_waves", graph_.waves, "waves")
                     .add_count("least_waves", graph_.waves_bound, "waves")
                     .add("wave_sizes", sizes, "campaigns")
                     .done();
    f.why = graph_.waves == graph_.waves_bound
                ? fmt::format("{} conflict with each other all round, so fewer waves cannot do.",
                              plural(graph_.waves_bound, "campaign"))
                : fmt::format("Greedy colouring in three orders; at least {} are needed.", count(graph_.waves_bound));
    return f;
  }

  schema::finding not_listed() const {
    const auto listed = static_cast<double>(graph_.cliques.size());
    auto f = schema::make_finding(rule_of("C505"), {}, fmt::format("More pile-ups exist than the {} listed", count(listed)));
    f.evidence = evidence_list().add_count("n_listed", listed, "pile-ups").done();
    f.why = "The enumeration stopped at max_cliques or max_steps.";
    return f;
  }

  schema::finding stuck(const conflict_edge& e) const {
    auto f = schema::make_finding(
        rule_of("C506"), {ids_[e.a], ids_[e.b]},
        fmt::format("{} and {} conflict ({}) and neither can move", label(e.a), label(e.b), conflict(e.weight)));
    f.evidence = evidence_list().add("conflict", e.weight, "weighted days").add("reason", e.reason).done();
    f.why = "The dates of both stay: they are fixed, or the campaign has begun.";
    return f;
  }

  /// "12.5 weighted days of conflict"
  static std::string conflict(double weight) { return wording::plural_number(weight, "weighted day") + " of conflict"; }

  const conflict_graph& graph_;
  std::span<const std::string> ids_, labels_;
  std::size_t most_;
  std::vector<schema::finding> out_;
  std::vector<std::pair<const char*, std::uint64_t>> hidden_;
};

}  // namespace

std::vector<schema::finding> graph_findings(const conflict_graph& graph, std::span<const std::string> ids,
                                            std::uint32_t max_findings, std::span<const std::string> labels) {
  const auto one_each = [&](const char* field, std::size_t given) {
    if (given < graph.campaigns)
      reject(field, std::to_string(given) + " entries",
             "give one for each of the " + std::to_string(graph.campaigns) + " campaigns");
  };
  one_each("ids", ids.size());
  if (!labels.empty()) one_each("labels", labels.size());
  return graph_words(graph, ids, labels, max_findings).all();
}

}  // namespace clarion::conflict
