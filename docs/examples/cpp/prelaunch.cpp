// Reads a portfolio, prints what collides and the cheapest way out of it.
//
//   prelaunch [portfolio.json]      without a file: the embedded sample, written to JSON and read back

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "clarion/clarion.hpp"

namespace {

std::string text_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw clarion::error(std::string("cannot open ") + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void print(const clarion::schema::finding& finding) {
  std::printf("%-7s %s  %s\n", std::string(to_string(finding.severity)).c_str(), finding.code.c_str(), finding.message.c_str());
  if (!finding.suggestion.empty()) std::printf("              %s\n", finding.suggestion.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  namespace schema = clarion::schema;
  namespace conflict = clarion::conflict;
  try {
    const schema::policy policy = schema::sample_policy();
    const std::string json = argc > 1 ? text_of(argv[1]) : schema::to_json(schema::sample_portfolio());
    const schema::reading read = schema::read_json(json, policy);
    for (const auto& finding : schema::judge(read.findings, policy).open) print(finding);
    std::printf("%zu of %llu rows accepted\n\n", read.accepted.size(), static_cast<unsigned long long>(read.rows_read));

    const conflict::conflicts found = conflict::find_conflicts(read.accepted, nullptr, policy);
    for (const auto& finding : schema::judge(found.findings, policy).open) print(finding);

    const auto campaigns = conflict::movable_campaigns(read.accepted, policy);
    const auto rates = conflict::conflict_rates(read.accepted, nullptr, campaigns);
    const conflict::reschedule_result plan = conflict::reschedule(campaigns, rates);
    std::printf("\n");
    for (const auto& finding : conflict::reschedule_findings(plan, campaigns)) print(finding);
    std::printf("%zu campaigns, %zu moves, conflict %.3g to %.3g, cost %.3g (%s)\n", read.accepted.size(), plan.moves.size(),
                plan.conflict_before, plan.conflict_after, plan.cost, plan.proved ? "proved least" : "not proved");
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "prelaunch: %s\n", problem.what());
    return 1;
  }
  return 0;
}
