#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "clarion/core/export.hpp"

namespace clarion::schema {

enum class severity : std::uint8_t { info, warning, error };

CLARION_API std::string_view to_string(severity level);
CLARION_API std::optional<severity> parse_severity(std::string_view text);

using evidence_value = std::variant<double, std::int64_t, std::string, std::vector<double>, std::vector<std::string>>;

/// One named number (or text, or list) that a statement rests on.
struct evidence {
  std::string name{};  ///< snake_case, stable: code may rely on it
  evidence_value value{};
  std::string unit{};  ///< "USD", "customers", "days", "share", ...; empty for plain numbers
};

/// A statement that carries its evidence: what validation, the conflict detectors and every layer of a plan answer with.
struct finding {
  std::string code{};  ///< stable; explained by rules()
  schema::severity severity = severity::info;
  std::vector<std::string> campaigns{};  ///< ids, the most concerned first; empty when the whole portfolio is meant
  std::string message{};                 ///< one sentence with its numbers
  std::vector<schema::evidence> evidence{};
  std::string why{};              ///< how the statement follows from the evidence
  std::string suggestion{};       ///< what to do about it
  std::string expected_effect{};  ///< what doing it would change, in numbers where they are known
  double expected_loss = 0;       ///< money at stake in the portfolio's currency, 0 when not estimated; ranks risks

  // Where a finding about input was read.
  std::optional<std::uint64_t> row{};  ///< 1-based row of data in the source (a header is not counted)
  std::string column{};                ///< column in the source
  std::string value{};                 ///< the text found there

  /// The evidence of this name, or null.
  const evidence_value* find(std::string_view name) const {
    for (const auto& item : evidence)
      if (item.name == name) return &item.value;
    return nullptr;
  }
};

/// What a code means: the row of its documentation page.
struct rule {
  std::string_view code;
  std::string_view title;
  schema::severity severity;     ///< unless the policy says otherwise
  std::string_view explanation;  ///< when it fires and why that matters
  std::string_view remedy;       ///< what usually resolves it
};

/// A finding of this rule, ready to be filled. Every message is a sentence: the full stop is set where it is missing.
inline finding make_finding(const rule& of, std::vector<std::string> campaigns, std::string message) {
  finding out;
  out.code = of.code;
  out.severity = of.severity;
  out.campaigns = std::move(campaigns);
  out.message = std::move(message);
  if (!out.message.empty() && out.message.back() != '.') out.message += '.';
  out.suggestion = of.remedy;
  return out;
}

}  // namespace clarion::schema
