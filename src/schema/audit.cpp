#include "clarion/schema/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "clarion/core/error.hpp"
#include "schema/checks.hpp"
#include "schema/drift.hpp"
#include "schema/wording.hpp"

namespace clarion::schema {

namespace {

using namespace detail;

constexpr std::size_t most_listed = 20;

// The numbers that there are, ascending.
std::vector<double> sorted_numbers(const record_column& column) {
  std::vector<double> out;
  out.reserve(column.numbers.size());
  for (const double value : column.numbers)
    if (!std::isnan(value)) out.push_back(value);
  std::sort(out.begin(), out.end());
  return out;
}

// Records by value, those without one last.
std::vector<double> value_counts(const record_column& column) {
  std::vector<double> out(column.values.size() + 1);
  for (const auto code : column.codes) ++out[code == record_column::none ? column.values.size() : code];
  return out;
}

std::string value_text(const field_audit& one) {
  return one.column.empty() || one.column == one.field ? one.field : fmt::format("{} (\"{}\")", one.field, one.column);
}

class auditor {
public:
  auditor(const record_reading& now, const record_reading* before, date today, const audit_options& options,
          const run_options& run)
      : now_(now), before_(before), today_(today), options_(options), run_(run) {}

  audit_report audit() {
    out_.table = now_.accepted.kind;
    out_.rows_read = now_.rows_read;
    out_.accepted = now_.accepted.rows;
    out_.quarantined = now_.rows_read - now_.accepted.rows;
    for (const auto& [code, n] : now_.counts)
      if (code == rule_at(code::repeated_row).code || code == rule_at(code::repeated_id).code) out_.repeated += n;
    const auto all = record_fields(now_.accepted.kind);
    std::vector<field_audit> found(all.size());
    core::parallel_blocks(all.size(), run_, [&](std::size_t f) { found[f] = look_at(f); });
    for (std::size_t f = 0; f < all.size(); ++f)
      if (!column(now_, f).empty()) out_.fields.push_back(std::move(found[f]));
    tell_rows();
    tell_fields();
    if (before_ != nullptr) {
      out_.previous_rows = before_->rows_read;
      tell_columns();
      tell_drift();
    }
    wording::worst_first(out_.findings);
    return std::move(out_);
  }

private:
  // Records that nobody read have no columns at all.
  static const record_column& column(const record_reading& reading, std::size_t f) {
    static const record_column absent;
    return f < reading.accepted.columns.size() ? reading.accepted.columns[f] : absent;
  }

  static std::string column_of(const record_reading& reading, std::string_view field) {
    for (const auto& [name, column] : reading.mapping)
      if (name == field) return column;
    return {};
  }

  field_audit look_at(std::size_t f) const {
    const auto& held = column(now_, f);
    const auto& known = record_fields(now_.accepted.kind)[f];
    field_audit out;
    out.field = known.name;
    out.column = column_of(now_, known.name);
    if (held.empty()) return out;
    const auto* old = before_ != nullptr && !column(*before_, f).empty() ? &column(*before_, f) : nullptr;
    if (!held.codes.empty())
      look_at_values(held, old, out);
    else if (!held.numbers.empty())
      look_at_numbers(held, old, out);
    else if (!held.days.empty())
      look_at_days(held, out);
    else
      look_at_flags(held, old, out);
    out.complete = static_cast<double>(out.values) / static_cast<double>(now_.accepted.rows);
    return out;
  }

  void look_at_values(const record_column& column, const record_column* old, field_audit& out) const {
    const auto counts = value_counts(column);
    out.values = column.codes.size() - static_cast<std::uint64_t>(counts.back());
    out.distinct = static_cast<std::uint64_t>(std::count_if(counts.begin(), counts.end() - 1, [](double n) { return n > 0; }));
    // Who comes changes with every cycle; what and where should not.
    const bool person = out.field == "id" || out.field == "customer" || out.field == "cookie";
    if (old == nullptr || person || column.values.size() > static_cast<std::size_t>(options_.most_values) ||
        old->values.size() > static_cast<std::size_t>(options_.most_values))
      return;
    const auto old_counts = value_counts(*old);
    std::unordered_map<std::string_view, std::size_t> place;
    std::vector<double> now, before;
    for (std::size_t v = 0; v < column.values.size(); ++v) {
      place.emplace(column.values[v], v);
      now.push_back(counts[v]);
    }
    before.resize(now.size());
    std::vector<std::size_t> gone;
    for (std::size_t v = 0; v < old->values.size(); ++v) {
      const auto at = place.find(old->values[v]);
      if (at != place.end()) {
        before[at->second] += old_counts[v];
        if (old_counts[v] > 0 && counts[at->second] == 0) gone.push_back(v);
      } else if (old_counts[v] > 0) {
        gone.push_back(v);
        now.push_back(0);
        before.push_back(old_counts[v]);
      }
    }
    std::vector<std::size_t> added;
    for (std::size_t v = 0; v < column.values.size(); ++v)
      if (before[v] == 0 && counts[v] > 0) added.push_back(v);
    now.push_back(counts.back());
    before.push_back(old_counts.back());
    out.psi = stability_index(now, before);
    out.n_added = added.size();
    out.n_vanished = gone.size();
    out.added = named(column, counts, std::move(added));
    out.vanished = named(*old, old_counts, std::move(gone));
  }

  static std::vector<std::string> named(const record_column& column, const std::vector<double>& counts,
                                        std::vector<std::size_t> which) {
    std::stable_sort(which.begin(), which.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    std::vector<std::string> out;
    for (std::size_t i = 0; i < std::min(which.size(), most_listed); ++i) out.emplace_back(column.values[which[i]]);
    return out;
  }

  void look_at_numbers(const record_column& column, const record_column* old, field_audit& out) const {
    const auto sorted = sorted_numbers(column);
    out.values = sorted.size();
    if (!sorted.empty()) {
      out.low = sorted.front();
      out.median = sorted[sorted.size() / 2];
      out.high = sorted.back();
    }
    if (old == nullptr) return;
    const auto before = sorted_numbers(*old);
    std::vector<double> now_counts, before_counts;
    decile_counts(sorted, before, now_counts, before_counts);
    now_counts.push_back(static_cast<double>(column.numbers.size() - sorted.size()));
    before_counts.push_back(static_cast<double>(old->numbers.size() - before.size()));
    out.psi = stability_index(now_counts, before_counts);
    if (sorted.empty() || before.empty()) return;
    const auto apart = kolmogorov_smirnov(sorted, before);
    out.ks = apart.d;
    out.ks_p = apart.p;
  }

  void look_at_days(const record_column& column, field_audit& out) const {
    for (const auto day : column.days) {
      if (day == record_column::no_day) continue;
      ++out.values;
      const auto at = core::from_day_number(day);
      if (!out.first || at < *out.first) out.first = at;
      if (!out.last || at > *out.last) out.last = at;
    }
  }

  static void look_at_flags(const record_column& column, const record_column* old, field_audit& out) {
    const auto counted = [](const record_column& from) {
      std::vector<double> counts(3);
      for (const auto flag : from.flags) ++counts[static_cast<std::size_t>(flag + 1)];
      return counts;
    };
    const auto now = counted(column);
    out.values = static_cast<std::uint64_t>(now[1] + now[2]);
    out.distinct = static_cast<std::uint64_t>((now[1] > 0) + (now[2] > 0));
    if (old != nullptr) out.psi = stability_index(now, counted(*old));
  }

  finding& tell(code which, std::string message, std::vector<evidence> items, std::string column = {}) {
    auto& one = out_.findings.emplace_back(make_finding(rule_at(which), {}, std::move(message)));
    one.evidence = std::move(items);
    one.why = rule_at(which).explanation;
    one.column = std::move(column);
    return one;
  }

  void tell_rows() {
    if (out_.rows_read == 0) return;
    const double share = static_cast<double>(out_.quarantined) / static_cast<double>(out_.rows_read);
    if (share > options_.refused) {
      std::string reasons;
      std::vector<std::pair<std::uint64_t, std::string>> by_number;
      for (const auto& [code, n] : now_.counts)
        if (code.starts_with("S0") || code.starts_with("S2")) by_number.emplace_back(n, code);
      std::sort(by_number.rbegin(), by_number.rend());
      for (std::size_t i = 0; i < by_number.size() && i < 3; ++i)
        reasons += fmt::format("{}{} ({})", i > 0 ? ", " : "", by_number[i].second,
                               wording::count(static_cast<double>(by_number[i].first)));
      tell(code::many_refused,
           fmt::format("{} of {} are in quarantine ({}); the codes met most are {}",
                       wording::count(static_cast<double>(out_.quarantined)), wording::plural(out_.rows_read, "row"),
                       wording::percent(share), reasons),
           {{"share", share, "share"}, {"rows", static_cast<std::int64_t>(out_.quarantined), "rows"}});
    }
    if (out_.repeated > 0)
      tell(
          code::repeats,
          fmt::format("{} an earlier one and were left out",
                      out_.repeated == 1 ? "1 row repeats" : wording::count(static_cast<double>(out_.repeated)) + " rows repeat"),
          {{"rows", static_cast<std::int64_t>(out_.repeated), "rows"}});
  }

  void tell_fields() {
    std::optional<date> last;
    for (const auto& one : out_.fields) {
      const auto& known = *std::find_if(record_fields(out_.table).begin(), record_fields(out_.table).end(),
                                        [&](const field& f) { return f.name == one.field; });
      const bool when = known.required && (known.kind == field_kind::time || known.kind == field_kind::date);
      if (when && one.last && (!last || *one.last > *last)) last = one.last;
      // Amounts may bear the sign of a currency; where none does, there is no such field.
      if (one.values == 0 && one.column.empty()) continue;
      if (out_.accepted > 0 && one.complete < options_.complete && one.field != "closed" && one.field != "responded_at")
        tell(code::incomplete,
             fmt::format("{} is empty in {} of the records", value_text(one), wording::percent(1 - one.complete)),
             {{"complete", one.complete, "share"}, {"limit", options_.complete, "share"}}, one.column);
    }
    if (!last) return;
    out_.days_since_last = (today_ - *last).count();
    if (out_.days_since_last > options_.stale_days)
      tell(code::stale,
           fmt::format("The last record is of {}, {} before {}", core::to_string(*last),
                       wording::plural(out_.days_since_last, "day"), core::to_string(today_)),
           {{"last", core::to_string(*last), "date"}, {"days", out_.days_since_last, "days"}});
  }

  // Columns of the source that came or went, and ids that changed what they are.
  void tell_columns() {
    const std::set<std::string> now(now_.columns.begin(), now_.columns.end()),
        before(before_->columns.begin(), before_->columns.end());
    const auto all = record_fields(out_.table);
    for (std::size_t f = 0; f < all.size(); ++f) {
      const auto &here = column(now_, f), &there = column(*before_, f);
      const std::string name(all[f].name);
      if (here.empty() && !there.empty() && before_->accepted.rows > 0 && out_.accepted > 0)
        tell(code::field_gone,
             fmt::format("No column holds {} any more; the cycle before had \"{}\"", name, column_of(*before_, name)),
             {{"field", name, ""}}, column_of(*before_, name));
      if (!here.codes.empty() && !there.codes.empty() && here.whole != there.whole)
        tell(code::other_type,
             fmt::format("{} is {} now and was {} before: ids do not match, and leading zeros may be lost", name,
                         here.whole ? "a column of integers" : "text", there.whole ? "a column of integers" : "text"),
             {{"field", name, ""}}, column_of(now_, name));
    }
    std::vector<std::string> added, gone;
    std::set_difference(now.begin(), now.end(), before.begin(), before.end(), std::back_inserter(added));
    std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(gone));
    if (!added.empty() || !gone.empty())
      tell(code::columns_changed,
           fmt::format("The source's columns changed{}{}", added.empty() ? "" : "; new: " + wording::list(added),
                       gone.empty() ? "" : "; gone: " + wording::list(gone)),
           {{"added", added, ""}, {"gone", gone, ""}});
  }

  void tell_drift() {
    if (out_.previous_rows > 0) {
      const double change = static_cast<double>(out_.rows_read) / static_cast<double>(out_.previous_rows) - 1;
      if (std::abs(change) > options_.volume)
        tell(
            code::volume_changed,
            fmt::format("{} were read, {} in the cycle before ({}{})", wording::plural(out_.rows_read, "row"),
                        wording::count(static_cast<double>(out_.previous_rows)), change > 0 ? "+" : "", wording::percent(change)),
            {{"rows", static_cast<std::int64_t>(out_.rows_read), "rows"},
             {"before", static_cast<std::int64_t>(out_.previous_rows), "rows"}});
    }
    if (out_.accepted == 0 || before_->accepted.rows == 0) return;
    for (const auto& one : out_.fields) {
      const bool stable = !(one.psi >= options_.psi), near = !(one.ks >= options_.ks);
      if (!stable || !near) {
        std::vector<evidence> items{{"psi", one.psi, ""}};
        if (!std::isnan(one.ks)) {
          items.push_back({"ks", one.ks, ""});
          items.push_back({"ks_p", one.ks_p, ""});
        }
        tell(code::drift,
             fmt::format("{} has moved since the cycle before: {}{}", value_text(one),
                         stable ? "" : fmt::format("PSI {:.2f}", one.psi),
                         near ? "" : fmt::format("{}Kolmogorov-Smirnov distance {:.2f}", stable ? "" : ", ", one.ks)),
             std::move(items), one.column);
      }
      if (one.n_added > 0)
        tell(code::values_added,
             fmt::format("{} has {}: {}", value_text(one), wording::plural(one.n_added, "new value"), wording::list(one.added)),
             {{"values", one.added, ""}, {"count", static_cast<std::int64_t>(one.n_added), ""}}, one.column);
      if (one.n_vanished > 0)
        tell(code::values_gone,
             fmt::format("{} has lost {}: {}", value_text(one), wording::plural(one.n_vanished, "value"),
                         wording::list(one.vanished)),
             {{"values", one.vanished, ""}, {"count", static_cast<std::int64_t>(one.n_vanished), ""}}, one.column);
    }
  }

  const record_reading& now_;
  const record_reading* before_;
  date today_;
  const audit_options& options_;
  const run_options& run_;
  audit_report out_;
};

}  // namespace

audit_report audit(const record_reading& now, const record_reading* previous, date today, const audit_options& options,
                   const run_options& run) {
  core::check_options(options);
  if (previous != nullptr && previous->accepted.kind != now.accepted.kind)
    reject("previous", std::string(to_string(previous->accepted.kind)),
           "give the " + std::string(to_string(now.accepted.kind)) + " of the cycle before");
  if (today == date{}) today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  return auditor(now, previous, today, options, run).audit();
}

}  // namespace clarion::schema
