#include "clarion/schema/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "clarion/core/error.hpp"
#include "core/sha256.hpp"
#include "schema/text.hpp"

namespace clarion::schema {

namespace {

constexpr std::array<std::pair<std::string_view, objective>, 9> objectives{{{"", objective::unspecified},
                                                                            {"acquisition", objective::acquisition},
                                                                            {"activation", objective::activation},
                                                                            {"revenue", objective::revenue},
                                                                            {"retention", objective::retention},
                                                                            {"reactivation", objective::reactivation},
                                                                            {"awareness", objective::awareness},
                                                                            {"lead_generation", objective::lead_generation},
                                                                            {"clearance", objective::clearance}}};

constexpr std::array<std::pair<std::string_view, status>, 7> statuses{{{"", status::unspecified},
                                                                       {"draft", status::draft},
                                                                       {"planned", status::planned},
                                                                       {"approved", status::approved},
                                                                       {"running", status::running},
                                                                       {"finished", status::finished},
                                                                       {"cancelled", status::cancelled}}};

// Other words that exports use for the same thing.
constexpr std::array<std::pair<std::string_view, objective>, 11> objective_words{{{"unspecified", objective::unspecified},
                                                                                  {"lead_gen", objective::lead_generation},
                                                                                  {"leadgen", objective::lead_generation},
                                                                                  {"leads", objective::lead_generation},
                                                                                  {"sales", objective::revenue},
                                                                                  {"brand_awareness", objective::awareness},
                                                                                  {"branding", objective::awareness},
                                                                                  {"loyalty", objective::retention},
                                                                                  {"winback", objective::reactivation},
                                                                                  {"win_back", objective::reactivation},
                                                                                  {"onboarding", objective::activation}}};

constexpr std::array<std::pair<std::string_view, status>, 11> status_words{{{"unspecified", status::unspecified},
                                                                            {"canceled", status::cancelled},
                                                                            {"completed", status::finished},
                                                                            {"complete", status::finished},
                                                                            {"done", status::finished},
                                                                            {"ended", status::finished},
                                                                            {"active", status::running},
                                                                            {"live", status::running},
                                                                            {"in_progress", status::running},
                                                                            {"scheduled", status::planned},
                                                                            {"in_planning", status::draft}}};

template <class Names>
auto lookup(const Names& names, std::string_view key) -> std::optional<typename Names::value_type::second_type> {
  for (const auto& [name, value] : names)
    if (name == key) return value;
  return std::nullopt;
}

// Canonical spelling of a number: two texts of one value give the same hash.
std::string shortest(double value) {
  if (value == 0) value = 0;  // -0
  char buffer[40];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

}  // namespace

std::string_view to_string(objective value) {
  for (const auto& [name, of] : objectives)
    if (of == value) return name;
  return {};
}

std::string_view to_string(status value) {
  for (const auto& [name, of] : statuses)
    if (of == value) return name;
  return {};
}

std::optional<objective> parse_objective(std::string_view text) {
  const auto key = detail::normal_key(text);
  if (const auto found = lookup(objectives, key)) return found;
  return lookup(objective_words, key);
}

std::optional<status> parse_status(std::string_view text) {
  const auto key = detail::normal_key(text);
  if (const auto found = lookup(statuses, key)) return found;
  return lookup(status_words, key);
}

std::string to_string(const kpi_target& target) {
  return fmt::format("{} {} {}", target.kpi, target.at_least ? ">=" : "<=", shortest(target.value));
}

std::optional<kpi_target> parse_kpi_target(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, bool>, 6> relations{
      {{">=", true}, {"<=", false}, {" at least ", true}, {" at most ", false}, {"\u2265", true}, {"\u2264", false}}};
  const std::string lowered = detail::lower(text);
  for (const auto& [sign, at_least] : relations) {
    const auto at = lowered.find(sign);
    if (at == lowered.npos) continue;
    const auto kpi = detail::trim(text.substr(0, at));
    auto number = detail::trim(text.substr(at + sign.size()));
    const bool percent = number.ends_with('%');
    if (percent) number = detail::trim(number.substr(0, number.size() - 1));
    if (number.starts_with('+')) number.remove_prefix(1);
    double value = 0;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (kpi.empty() || code != std::errc{} || end != number.data() + number.size() || !std::isfinite(value)) return std::nullopt;
    return kpi_target{std::string(kpi), at_least, percent ? value / 100 : value};
  }
  return std::nullopt;
}

std::string criteria_hash(const std::vector<kpi_target>& targets) {
  std::vector<std::string> lines;
  lines.reserve(targets.size());
  for (const auto& target : targets) {
    // The length in front keeps a KPI whose name holds a line break from passing for two.
    const auto kpi = detail::normal_key(target.kpi);
    lines.push_back(fmt::format("{}:{} {} {}\n", kpi.size(), kpi, target.at_least ? ">=" : "<=", shortest(target.value)));
  }
  std::sort(lines.begin(), lines.end());
  std::string canonical = "clarion criteria 1\n";
  for (const auto& line : lines) canonical += line;
  return core::detail::sha256_of(canonical);
}

}  // namespace clarion::schema
