#include "clarion/conflict/concentration.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/conflict/rules.hpp"
#include "schema/text.hpp"
#include "schema/wording.hpp"

namespace clarion::conflict {

namespace {

using wording::evidence_list;

struct held {
  double amount;
  std::uint32_t campaign;
};

/// Adds up one dimension and remembers who holds what.
class dimension_sum {
public:
  explicit dimension_sum(std::string name) { out_.dimension = std::move(name); }

  void add(const std::string& key, double amount, std::uint32_t campaign) {
    keys_[key].push_back({amount, campaign});
    out_.assigned += amount;
  }
  void add_unassigned(double amount) { out_.unassigned += amount; }

  dimension_concentration done(double threshold) {
    out_.threshold = threshold;
    for (auto& [key, holders] : keys_) {
      std::stable_sort(holders.begin(), holders.end(), [](const held& x, const held& y) { return x.amount > y.amount; });
      exposure at;
      at.key = key;
      for (const auto& holder : holders) at.amount += holder.amount;
      at.share = out_.assigned > 0 ? at.amount / out_.assigned : 0;
      at.campaigns = static_cast<std::uint32_t>(holders.size());
      at.largest = holders.front().campaign;
      at.largest_amount = holders.front().amount;
      out_.hhi += at.share * at.share;
      out_.shares.push_back(std::move(at));
    }
    std::stable_sort(out_.shares.begin(), out_.shares.end(),
                     [](const exposure& x, const exposure& y) { return x.amount > y.amount; });
    const auto n = static_cast<double>(out_.shares.size());
    if (out_.hhi > 0) out_.effective = 1 / out_.hhi;
    if (n > 1 && out_.hhi > 0) out_.normalised_hhi = std::max(0.0, (out_.hhi - 1 / n) / (1 - 1 / n));
    return std::move(out_);
  }

  /// Campaigns on this key, the largest amount first.
  std::vector<std::uint32_t> holders(const std::string& key) const {
    std::vector<std::uint32_t> out;
    for (const auto& holder : keys_.at(key)) out.push_back(holder.campaign);
    return out;
  }

private:
  std::map<std::string, std::vector<held>> keys_;
  dimension_concentration out_;
};

std::string month_key(std::int32_t month) {
  const std::int32_t year = month >= 0 ? month / 12 : -((11 - month) / 12);
  return fmt::format("{:04}-{:02}", year, month - year * 12 + 1);
}

date month_start(std::int32_t month) {
  const std::int32_t year = month >= 0 ? month / 12 : -((11 - month) / 12);
  return date{std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month - year * 12 + 1)} / std::chrono::day{1}};
}

/// "Email" and "EMAIL " are one key, written as first met.
class spelling {
public:
  explicit spelling(const core::dictionary& values) : values_(values), first_(schema::detail::comparable_codes(values)) {}
  const std::string& operator[](std::uint32_t code) const { return values_[first_[code]]; }

private:
  const core::dictionary& values_;
  std::vector<std::uint32_t> first_;
};

/// "43% of the budget is on Email", by dimension.
std::string held_by(const std::string& dimension, const exposure& top) {
  const std::string share = wording::percent(top.share) + " of the budget ";
  if (dimension == "month") return share + "falls into " + top.key;
  if (dimension == "audience") return share + "is aimed at " + top.key;
  if (dimension == "product") return share + "is for " + top.key;
  if (dimension == "owner") return share + "is in the hands of " + top.key;
  return share + "is on " + top.key;
}

/// C305: the consecutive months that hold most.
void judge_window(const schema::portfolio& portfolio, const std::vector<std::uint32_t>& rows,
                  const concentration_options& options, concentration_result& out) {
  std::int32_t first = core::month_number(portfolio.start[rows.front()]), last = first;
  for (const auto c : rows) {
    first = std::min(first, core::month_number(portfolio.start[c]));
    last = std::max(last, core::month_number(portfolio.end[c]));
  }
  const auto width = static_cast<std::int32_t>(options.window_months);
  if (last - first + 1 < 3 * width) return;
  std::map<std::string, double> amounts;
  for (const auto& share : out.dimensions[1].shares) amounts[share.key] = share.amount;
  const auto held_from = [&](std::int32_t from) {
    double sum = 0;
    for (std::int32_t m = from; m < from + width; ++m)
      if (const auto at = amounts.find(month_key(m)); at != amounts.end()) sum += at->second;
    return sum;
  };
  std::int32_t peak = first;
  for (std::int32_t m = first; m + width - 1 <= last; ++m)
    if (held_from(m) > held_from(peak)) peak = m;
  const double amount = held_from(peak), share = amount / out.total;
  if (share < options.window_share) return;

  const date from = month_start(peak), to = month_start(peak + width) - std::chrono::days{1};
  std::vector<held> holders;
  for (const auto c : rows) {
    const auto met = core::shared_days(portfolio.start[c], portfolio.end[c], from, to);
    if (met > 0 && portfolio.budget[c] > 0) holders.push_back({portfolio.budget[c] * met / portfolio.days(c), c});
  }
  std::stable_sort(holders.begin(), holders.end(), [](const held& x, const held& y) { return x.amount > y.amount; });
  std::vector<std::uint32_t> campaigns;
  for (const auto& holder : holders) campaigns.push_back(holder.campaign);
  const double months = last - first + 1, even = width / months;
  auto finding = schema::make_finding(
      rule_of("C305"), wording::ids(portfolio, campaigns),
      fmt::format("{} of the budget, {} of {}, falls into {} to {}, where {} of {} campaigns run", wording::percent(share),
                  wording::money(amount, out.currency), wording::money(out.total, out.currency), month_key(peak),
                  month_key(peak + width - 1), campaigns.size(), rows.size()));
  const double excess = amount - options.window_share * out.total;
  finding.why = fmt::format(
      "Budgets were spread over the days of their campaigns; {} consecutive months may hold less than {} of a plan of {} months. "
      "Expected loss: what they hold above that share.",
      width, wording::percent(options.window_share), wording::count(months));
  finding.evidence = evidence_list()
                         .add("first_month", month_key(peak))
                         .add("last_month", month_key(peak + width - 1))
                         .add("share", share, "share")
                         .add("amount", amount, out.currency)
                         .add("total", out.total, out.currency)
                         .add_count("n_campaigns", static_cast<double>(campaigns.size()), "campaigns")
                         .add_count("plan_months", months, "months")
                         .add("even_share", even, "share")
                         .done();
  finding.expected_effect =
      fmt::format("Spread evenly, these months would hold {}; moving {} out of them brings them to {}.", wording::percent(even),
                  wording::money(excess, out.currency), wording::percent(options.window_share));
  finding.expected_loss = excess;
  out.findings.push_back(std::move(finding));
}

}  // namespace

concentration_result concentration(const schema::portfolio& portfolio, const concentration_options& options) {
  core::check_options(options);
  concentration_result out;

  std::map<std::string, std::uint32_t> currencies;
  std::vector<std::uint32_t> bare, rows;
  for (std::uint32_t c = 0; c < portfolio.size(); ++c) {
    if (!counts(portfolio, c)) continue;
    if (std::isfinite(portfolio.budget[c]) && portfolio.budget[c] >= 0) {
      rows.push_back(c);
      ++currencies[std::string(portfolio.currency[c])];
    } else {
      bare.push_back(c);
    }
  }
  std::uint32_t most = 0;
  for (const auto& [currency, campaigns] : currencies)
    if (campaigns > most) {
      most = campaigns;
      out.currency = currency;
    }
  std::vector<std::uint32_t> foreign;
  std::erase_if(rows, [&](std::uint32_t c) {
    const bool other = portfolio.currency[c] != out.currency;
    if (other) foreign.push_back(c);
    return other;
  });
  out.campaigns = static_cast<std::uint32_t>(rows.size());
  out.without_budget = static_cast<std::uint32_t>(bare.size());
  out.other_currency = static_cast<std::uint32_t>(foreign.size());

  const declared_audiences declared = declare_audiences(portfolio);
  const spelling channels(portfolio.channel.values), owners(portfolio.owner.values), products(portfolio.products.values);
  dimension_sum channel("channel"), month("month"), audience("audience"), product("product"), owner("owner");
  std::vector<std::string> entries;
  for (const auto c : rows) {
    const double amount = portfolio.budget[c];
    out.total += amount;

    if (const auto code = portfolio.channel.codes[c]; code != core::category_column::none)
      channel.add(channels[code], amount, c);
    else
      channel.add_unassigned(amount);
    if (const auto code = portfolio.owner.codes[c]; code != core::category_column::none)
      owner.add(owners[code], amount, c);
    else
      owner.add_unassigned(amount);

    const double days = portfolio.days(c);
    const date start = portfolio.start[c], end = portfolio.end[c];
    for (auto m = core::month_number(start), last = core::month_number(end); m <= last; ++m) {
      const auto here = core::shared_days(start, end, month_start(m), month_start(m + 1) - std::chrono::days{1});
      month.add(month_key(m), amount * here / days, c);
    }

    entries.clear();
    for (const auto segment : declared[c]) entries.push_back(declared.segments[segment]);
    if (declared.everyone[c] != 0) entries.emplace_back("(everyone)");
    for (const auto& entry : entries) audience.add(entry, amount / static_cast<double>(entries.size()), c);
    if (entries.empty()) audience.add_unassigned(amount);

    entries.clear();
    for (const auto code : portfolio.products[c]) entries.push_back(products[code]);
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    for (const auto& entry : entries) product.add(entry, amount / static_cast<double>(entries.size()), c);
    if (entries.empty()) product.add_unassigned(amount);
  }
  const bool judged = out.campaigns >= options.min_campaigns && out.total > 0;
  for (auto* sum : {&channel, &month, &audience, &product, &owner}) {
    const auto& dimension = out.dimensions.emplace_back(sum->done(options.high_hhi));
    if (!judged || dimension.shares.empty()) continue;
    const exposure& top = dimension.shares.front();
    const auto n = static_cast<double>(dimension.shares.size());
    if (dimension.hhi <= options.high_hhi || dimension.normalised_hhi <= options.spread_slack || top.share < options.top_share)
      continue;
    auto finding =
        schema::make_finding(rule_of("C301"), wording::ids(portfolio, sum->holders(top.key)),
                             fmt::format("{}, {} of {}: the Herfindahl index by {} is {:.2f}, as if there were {} equal ones",
                                         held_by(dimension.dimension, top), wording::money(top.amount, out.currency),
                                         wording::money(dimension.assigned, out.currency), dimension.dimension, dimension.hhi,
                                         wording::number(dimension.effective)));
    const double excess = top.amount - options.top_share * dimension.assigned;
    finding.why = fmt::format(
        "The sum of squared shares is above {:.2f} (highly concentrated), the index normalised for {} keys is {:.2f} (above "
        "{:.2f}), and the "
        "largest share is at least {}. Expected loss: what the largest key holds above that share.",
        options.high_hhi, wording::count(n), dimension.normalised_hhi, options.spread_slack, wording::percent(options.top_share));
    evidence_list evidence;
    std::vector<double> shares;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < std::min<std::size_t>(5, dimension.shares.size()); ++i) {
      keys.push_back(dimension.shares[i].key);
      shares.push_back(dimension.shares[i].share);
    }
    evidence.add("dimension", dimension.dimension)
        .add("hhi", dimension.hhi)
        .add("normalised_hhi", dimension.normalised_hhi)
        .add("effective_keys", dimension.effective)
        .add_count("keys", n, "keys")
        .add("top", top.key)
        .add("top_share", top.share, "share")
        .add("top_amount", top.amount, out.currency)
        .add("largest", keys)
        .add("largest_shares", shares, "share")
        .add("largest_campaign", wording::id(portfolio, top.largest))
        .add("largest_campaign_amount", top.largest_amount, out.currency);
    if (dimension.shares.size() > 1) {
      // Half of the difference levels the two largest.
      const exposure& second = dimension.shares[1];
      const double level = (top.amount - second.amount) / 2, moved = excess > 0 ? std::min(excess, level) : level;
      const double x = (top.amount - moved) / dimension.assigned, y = (second.amount + moved) / dimension.assigned;
      const double after = dimension.hhi - top.share * top.share - second.share * second.share + x * x + y * y;
      evidence.add("move", moved, out.currency).add("hhi_after_move", after);
      finding.expected_effect = fmt::format("Moving {} from {} to {} brings the index from {:.2f} to {:.2f}.",
                                            wording::money(moved, out.currency), top.key, second.key, dimension.hhi, after);
    }
    finding.evidence = evidence.done();
    finding.expected_loss = excess;
    out.findings.push_back(std::move(finding));
  }

  if (judged) {
    for (const auto c : rows) {
      const double share = portfolio.budget[c] / out.total;
      if (share < options.single_exposure) continue;
      auto finding = schema::make_finding(
          rule_of("C302"), {wording::id(portfolio, c)},
          fmt::format("{} holds {} of the budget, {} of {}", wording::label(portfolio, c), wording::percent(share),
                      wording::money(portfolio.budget[c], out.currency), wording::money(out.total, out.currency)));
      finding.why =
          fmt::format("One campaign may hold less than {} of all budgets. Expected loss: what it holds above that share.",
                      wording::percent(options.single_exposure));
      const double excess = portfolio.budget[c] - options.single_exposure * out.total;
      finding.evidence = evidence_list()
                             .add("share", share, "share")
                             .add("budget", portfolio.budget[c], out.currency)
                             .add("total", out.total, out.currency)
                             .add("above", excess, out.currency)
                             .done();
      finding.expected_effect = fmt::format("Holding back {} until its first results are in brings it to {}.",
                                            wording::money(excess, out.currency), wording::percent(options.single_exposure));
      finding.expected_loss = excess;
      out.findings.push_back(std::move(finding));
    }
  }
  if (judged) judge_window(portfolio, rows, options, out);
  wording::worst_first(out.findings);

  if (!bare.empty()) {
    const double n = static_cast<double>(bare.size() + rows.size() + foreign.size());
    auto finding = schema::make_finding(
        rule_of("C303"), wording::ids(portfolio, bare),
        fmt::format("{} of {} have no budget and are not weighed", bare.size(), wording::plural(n, "campaign")));
    finding.why = "A budget that is missing, not a number or negative is left out of concentration and of expected losses.";
    finding.evidence = evidence_list()
                           .add_count("without_budget", static_cast<double>(bare.size()), "campaigns")
                           .add_count("n_campaigns", n, "campaigns")
                           .done();
    out.findings.push_back(std::move(finding));
  }
  if (!foreign.empty()) {
    auto finding =
        schema::make_finding(rule_of("C304"), wording::ids(portfolio, foreign),
                             fmt::format("{} budgeted in another currency than {} and left out of concentration",
                                         foreign.size() == 1 ? "1 campaign is" : fmt::format("{} campaigns are", foreign.size()),
                                         out.currency.empty() ? "that of most" : out.currency));
    finding.why =
        "Concentration was judged for the currency that most campaigns use; there is no exchange rate to add others by.";
    std::vector<std::string> names;
    std::vector<double> amounts;
    for (const auto& [currency, campaigns] : currencies) {
      names.push_back(currency);
      amounts.push_back(campaigns);
    }
    finding.evidence = evidence_list().add("currencies", names).add("campaigns_by_currency", amounts, "campaigns").done();
    out.findings.push_back(std::move(finding));
  }
  return out;
}

}  // namespace clarion::conflict
