#include "clarion/plan/rules.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "clarion/conflict/rules.hpp"
#include "clarion/core/error.hpp"
#include "clarion/plan/kpis.hpp"
#include "clarion/plan/missing.hpp"
#include "clarion/plan/risks.hpp"
#include "clarion/plan/roadmap.hpp"
#include "clarion/plan/strategies.hpp"
#include "clarion/plan/team.hpp"
#include "clarion/plan/worked.hpp"
#include "clarion/recommend/rules.hpp"
#include "clarion/schema/channel.hpp"
#include "clarion/schema/rules.hpp"

namespace clarion::plan {

namespace {

std::vector<schema::rule> join() {
  std::vector<schema::rule> out{missing_rule()};
  for (const auto part : {schema::rules(), conflict::rules(), recommend::rules(), strategies_rules(), worked_rules(),
                          kpis_rules(), risks_rules(), roadmap_rules(), team_rules()})
    out.insert(out.end(), part.begin(), part.end());
  std::ranges::stable_sort(out, {}, &schema::rule::code);
  const auto twice = std::ranges::unique(out, {}, &schema::rule::code);
  out.erase(twice.begin(), twice.end());
  return out;
}

}  // namespace

std::span<const schema::rule> rules() {
  static const std::vector<schema::rule> all = join();
  return all;
}

const schema::rule& explain(std::string_view code) {
  std::string wanted(code);
  for (auto& c : wanted)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  std::vector<std::string> codes;
  for (const auto& rule : rules()) {
    if (rule.code == wanted) return rule;
    codes.emplace_back(rule.code);
  }
  const auto near = schema::nearest_name(codes, wanted);
  reject("code", std::string(code),
         near ? "did you mean " + *near + "?" : "codes are those of the findings, such as " + codes.front());
}

}  // namespace clarion::plan
