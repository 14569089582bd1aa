#include "clarion/plan/missing.hpp"

namespace clarion::plan {

const schema::rule& missing_rule() {
  static constexpr schema::rule rule{
      "P001", "A layer lacked data", schema::severity::info,
      "Part of a layer could not be computed from what was given. Nothing was guessed in its place.",
      "Supply the data that the finding names and run the brief again."};
  return rule;
}

schema::finding to_finding(const missing_input& missing) {
  auto out = schema::make_finding(missing_rule(), {}, missing.what);
  out.evidence.push_back({"layer", missing.layer, ""});
  out.why = "The layer needs data that was not given, and leaves the part out rather than guess it.";
  out.suggestion = "Supply " + missing.supply + ".";
  return out;
}

}  // namespace clarion::plan
