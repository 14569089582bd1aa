#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/core/export.hpp"
#include "clarion/schema/channel.hpp"
#include "clarion/schema/finding.hpp"

namespace clarion::schema {

/// A finding that someone has looked at and lives with, until a day.
struct acceptance {
  std::string code{};
  std::string campaign{};  ///< id; empty accepts the code for every campaign
  std::string by{};
  std::string reason{};
  std::optional<date> until{};  ///< last day of the acceptance, included; without one it does not expire
};

/// A span of days in which nothing may run, or on which something always runs.
struct blackout {
  date start{};
  date end{};
  std::string name{};
  std::string channel{};  ///< empty: every channel
};

/// What a team has decided about its findings: the content of clarion.toml.
struct policy {
  std::vector<std::string> select{};             ///< codes or prefixes ("C1") to keep; empty keeps all
  std::vector<std::string> ignore{};             ///< codes or prefixes to drop; wins over select
  std::map<std::string, severity> severities{};  ///< by code
  std::vector<acceptance> accepted{};
  std::vector<blackout> blackouts{};
  std::vector<channel> channels = default_channels();
  std::string tag_pattern{};    ///< ECMAScript regular expression that each tag must match; empty: no standard
  std::optional<date> today{};  ///< the day of judgement; the caller's clock where not given
};

/// Findings after a policy: those that stand, and those that were accepted (in the same order each).
struct judged {
  std::vector<finding> open{};
  std::vector<finding> accepted{};
};

/// Applies select, ignore, severities and acceptances. An expired acceptance leaves its finding open and says so in the
/// finding's `why`. O(findings x acceptances).
CLARION_API judged judge(std::vector<finding> findings, const policy& policy);

}  // namespace clarion::schema
