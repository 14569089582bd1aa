#include "clarion/conflict/concentration.hpp"

#include <algorithm>
#include <array>
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

/// Adds up the budgets of one currency, dimension by dimension.
class budget_sums {
public:
  explicit budget_sums(const schema::portfolio& portfolio)
      : portfolio_(portfolio),
        declared_(declare_audiences(portfolio)),
        channels_(portfolio.channel.values),
        owners_(portfolio.owner.values),
        products_(portfolio.products.values) {}

  void add(std::uint32_t c) {
    const double amount = portfolio_.budget[c];
    add_category(channel, portfolio_.channel, channels_, c);
    add_category(owner, portfolio_.owner, owners_, c);
    const date start = portfolio_.start[c], end = portfolio_.end[c];
    for (auto m = core::month_number(start), last = core::month_number(end); m <= last; ++m) {
      const auto here = core::shared_days(start, end, month_start(m), month_start(m + 1) - std::chrono::days{1});
      month.add(month_key(m), amount * here / portfolio_.days(c), c);
    }
    std::vector<std::string> segments, products;
    for (const auto segment : declared_[c]) segments.push_back(declared_.segments[segment]);
    if (declared_.everyone[c] != 0) segments.emplace_back("(everyone)");
    add_equal_parts(audience, segments, c);
    for (const auto code : portfolio_.products[c]) products.push_back(products_[code]);
    std::sort(products.begin(), products.end());
    products.erase(std::unique(products.begin(), products.end()), products.end());
    add_equal_parts(product, products, c);
  }

  dimension_sum channel{"channel"}, month{"month"}, audience{"audience"}, product{"product"}, owner{"owner"};

private:
  void add_category(dimension_sum& to, const core::category_column& column, const spelling& names, std::uint32_t c) {
    if (const auto code = column.codes[c]; code != core::category_column::none)
      to.add(names[code], portfolio_.budget[c], c);
    else
      to.add_unassigned(portfolio_.budget[c]);
  }
  void add_equal_parts(dimension_sum& to, const std::vector<std::string>& keys, std::uint32_t c) {
    for (const auto& key : keys) to.add(key, portfolio_.budget[c] / static_cast<double>(keys.size()), c);
    if (keys.empty()) to.add_unassigned(portfolio_.budget[c]);
  }

  const schema::portfolio& portfolio_;
  declared_audiences declared_;
  spelling channels_, owners_, products_;
};

class judge {
public:
  judge(const schema::portfolio& portfolio, const concentration_options& options, concentration_result& out)
      : portfolio_(portfolio), options_(options), out_(out) {}

  void dimension(const dimension_concentration& dimension, const dimension_sum& sum);  // C301
  void single(std::uint32_t campaign);                                                 // C302
  void window(const std::vector<std::uint32_t>& rows);                                 // C305
  void without_budget(const std::vector<std::uint32_t>& bare, std::size_t campaigns);  // C303
  void foreign(const std::vector<std::uint32_t>& rows);                                // C304

private:
  std::string money(double amount) const { return wording::money(amount, out_.currency); }

  const schema::portfolio& portfolio_;
  const concentration_options& options_;
  concentration_result& out_;
};

void judge::dimension(const dimension_concentration& dimension, const dimension_sum& sum) {
  if (dimension.shares.empty()) return;
  const exposure& top = dimension.shares.front();
  if (dimension.hhi <= options_.high_hhi || dimension.normalised_hhi <= options_.spread_slack || top.share < options_.top_share)
    return;
  const auto n = static_cast<double>(dimension.shares.size());
  auto finding =
      schema::make_finding(rule_of("C301"), wording::ids(portfolio_, sum.holders(top.key)),
                           fmt::format("{}, {} of {}: the Herfindahl index by {} is {:.2f}, as if there were {} equal ones",
                                       held_by(dimension.dimension, top), money(top.amount), money(dimension.assigned),
                                       dimension.dimension, dimension.hhi, wording::number(dimension.effective)));
  const double excess = top.amount - options_.top_share * dimension.assigned;
  finding.why = fmt::format(
      "The sum of squared shares is above {:.2f} (highly concentrated), the index normalised for {} keys is {:.2f} (above "
      "{:.2f}), and the largest share is at least {}. Expected loss: what the largest key holds above that share.",
      options_.high_hhi, wording::count(n), dimension.normalised_hhi, options_.spread_slack,
      wording::percent(options_.top_share));
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
      .add("top_amount", top.amount, out_.currency)
      .add("largest", keys)
      .add("largest_shares", shares, "share")
      .add("largest_campaign", wording::id(portfolio_, top.largest))
      .add("largest_campaign_amount", top.largest_amount, out_.currency);
  // To the next key that holds less; half of the difference levels the two.
  const auto next = std::find_if(dimension.shares.begin(), dimension.shares.end(),
                                 [&](const exposure& key) { return key.amount < top.amount * (1 - 1e-9); });
  if (next != dimension.shares.end()) {
    const double level = (top.amount - next->amount) / 2, moved = excess > 0 ? std::min(excess, level) : level;
    const double x = (top.amount - moved) / dimension.assigned, y = (next->amount + moved) / dimension.assigned;
    const double after = dimension.hhi - top.share * top.share - next->share * next->share + x * x + y * y;
    evidence.add("move", moved, out_.currency).add("hhi_after_move", after);
    finding.expected_effect = fmt::format("Moving {} from {} to {} brings the index from {:.2f} to {:.2f}.", money(moved),
                                          top.key, next->key, dimension.hhi, after);
  }
  finding.evidence = evidence.done();
  finding.expected_loss = excess;
  out_.findings.push_back(std::move(finding));
}

void judge::single(std::uint32_t c) {
  const double budget = portfolio_.budget[c], share = budget / out_.total;
  if (share < options_.single_exposure) return;
  auto finding = schema::make_finding(rule_of("C302"), {wording::id(portfolio_, c)},
                                      fmt::format("{} holds {} of the budget, {} of {}", wording::label(portfolio_, c),
                                                  wording::percent(share), money(budget), money(out_.total)));
  finding.why = fmt::format("One campaign may hold less than {} of all budgets. Expected loss: what it holds above that share.",
                            wording::percent(options_.single_exposure));
  const double excess = budget - options_.single_exposure * out_.total;
  finding.evidence = evidence_list()
                         .add("share", share, "share")
                         .add("budget", budget, out_.currency)
                         .add("total", out_.total, out_.currency)
                         .add("above", excess, out_.currency)
                         .done();
  finding.expected_effect = fmt::format("Holding back {} until its first results are in brings it to {}.", money(excess),
                                        wording::percent(options_.single_exposure));
  finding.expected_loss = excess;
  out_.findings.push_back(std::move(finding));
}

void judge::window(const std::vector<std::uint32_t>& rows) {
  std::int32_t first = core::month_number(portfolio_.start[rows.front()]), last = first;
  for (const auto c : rows) {
    first = std::min(first, core::month_number(portfolio_.start[c]));
    last = std::max(last, core::month_number(portfolio_.end[c]));
  }
  const auto width = static_cast<std::int32_t>(options_.window_months);
  if (last - first + 1 < 3 * width) return;
  std::map<std::string, double> amounts;
  for (const auto& share : out_.dimensions[1].shares) amounts[share.key] = share.amount;
  const auto held_from = [&](std::int32_t from) {
    double sum = 0;
    for (std::int32_t m = from; m < from + width; ++m)
      if (const auto at = amounts.find(month_key(m)); at != amounts.end()) sum += at->second;
    return sum;
  };
  std::int32_t peak = first;
  for (std::int32_t m = first; m + width - 1 <= last; ++m)
    if (held_from(m) > held_from(peak)) peak = m;
  const double amount = held_from(peak), share = amount / out_.total;
  if (share < options_.window_share) return;

  const date from = month_start(peak), to = month_start(peak + width) - std::chrono::days{1};
  std::vector<held> holders;
  for (const auto c : rows) {
    const auto met = core::shared_days(portfolio_.start[c], portfolio_.end[c], from, to);
    if (met > 0 && portfolio_.budget[c] > 0) holders.push_back({portfolio_.budget[c] * met / portfolio_.days(c), c});
  }
  std::stable_sort(holders.begin(), holders.end(), [](const held& x, const held& y) { return x.amount > y.amount; });
  std::vector<std::uint32_t> campaigns;
  for (const auto& holder : holders) campaigns.push_back(holder.campaign);
  const double months = last - first + 1, even = width / months;
  auto finding = schema::make_finding(
      rule_of("C305"), wording::ids(portfolio_, campaigns),
      fmt::format("{} of the budget, {} of {}, falls into {}{}, where {} of {} {}", wording::percent(share), money(amount),
                  money(out_.total), month_key(peak), width == 1 ? "" : " to " + month_key(peak + width - 1), campaigns.size(),
                  wording::plural(rows.size(), "campaign"), campaigns.size() == 1 ? "runs" : "run"));
  const double excess = amount - options_.window_share * out_.total;
  finding.why = fmt::format(
      "Budgets were spread over the days of their campaigns; {} may hold less than {} of a plan of {} months. Expected loss: "
      "what is held above that share.",
      width == 1 ? "a month" : fmt::format("{} consecutive months", width), wording::percent(options_.window_share),
      wording::count(months));
  finding.evidence = evidence_list()
                         .add("first_month", month_key(peak))
                         .add("last_month", month_key(peak + width - 1))
                         .add("share", share, "share")
                         .add("amount", amount, out_.currency)
                         .add("total", out_.total, out_.currency)
                         .add_count("n_campaigns", static_cast<double>(campaigns.size()), "campaigns")
                         .add_count("plan_months", months, "months")
                         .add("even_share", even, "share")
                         .done();
  finding.expected_effect =
      fmt::format("Spread evenly, {} would hold {}; moving {} out of {} to {}.", width == 1 ? "the month" : "these months",
                  wording::percent(even), money(excess), width == 1 ? "it brings it" : "them brings them",
                  wording::percent(options_.window_share));
  finding.expected_loss = excess;
  out_.findings.push_back(std::move(finding));
}

void judge::without_budget(const std::vector<std::uint32_t>& bare, std::size_t campaigns) {
  if (bare.empty()) return;
  const auto n = static_cast<double>(bare.size()), all = static_cast<double>(campaigns);
  auto finding =
      schema::make_finding(rule_of("C303"), wording::ids(portfolio_, bare),
                           fmt::format("{} of {} {} no budget and {} not weighed", wording::count(n),
                                       wording::plural(all, "campaign"), n == 1 ? "has" : "have", n == 1 ? "is" : "are"));
  finding.why = "A budget that is missing, not a number or negative is left out of concentration and of expected losses.";
  finding.evidence =
      evidence_list().add_count("without_budget", n, "campaigns").add_count("n_campaigns", all, "campaigns").done();
  out_.findings.push_back(std::move(finding));
}

void judge::foreign(const std::vector<std::uint32_t>& rows) {
  if (rows.empty()) return;
  auto finding = schema::make_finding(
      rule_of("C304"), wording::ids(portfolio_, rows),
      fmt::format("{} budgeted in another currency than {} and left out of concentration and expected losses",
                  rows.size() == 1 ? "1 campaign is" : wording::plural(rows.size(), "campaign") + " are", out_.currency));
  finding.why =
      "Concentration and expected losses are told in the currency that most budgets use; there is no exchange rate to add "
      "others by.";
  std::map<std::string, double> uses{{out_.currency, out_.campaigns}};
  for (const auto c : rows) ++uses[std::string(portfolio_.currency[c])];
  std::vector<std::string> names;
  std::vector<double> campaigns;
  for (const auto& [currency, n] : uses) {
    names.push_back(currency);
    campaigns.push_back(n);
  }
  finding.evidence = evidence_list().add("currencies", names).add("campaigns_by_currency", campaigns, "campaigns").done();
  out_.findings.push_back(std::move(finding));
}

}  // namespace

concentration_result concentration(const schema::portfolio& portfolio, const concentration_options& options) {
  core::check_options(options);
  concentration_result out;
  out.currency = portfolio.main_currency();
  std::vector<std::uint32_t> rows, bare, foreign;
  for (std::uint32_t c = 0; c < portfolio.size(); ++c) {
    if (!counts(portfolio, c)) continue;
    const auto currency = portfolio.currency[c];
    if (!std::isfinite(portfolio.budget[c]) || portfolio.budget[c] < 0)
      bare.push_back(c);
    else
      (currency.empty() || currency == out.currency ? rows : foreign).push_back(c);
  }
  out.campaigns = static_cast<std::uint32_t>(rows.size());
  out.without_budget = static_cast<std::uint32_t>(bare.size());
  out.other_currency = static_cast<std::uint32_t>(foreign.size());

  budget_sums sums(portfolio);
  for (const auto c : rows) {
    out.total += portfolio.budget[c];
    sums.add(c);
  }
  for (auto* sum : {&sums.channel, &sums.month, &sums.audience, &sums.product, &sums.owner})
    out.dimensions.push_back(sum->done(options.high_hhi));

  judge judges(portfolio, options, out);
  if (out.campaigns >= options.min_campaigns && out.total > 0) {
    const std::array all{&sums.channel, &sums.month, &sums.audience, &sums.product, &sums.owner};
    for (std::size_t i = 0; i < all.size(); ++i) judges.dimension(out.dimensions[i], *all[i]);
    for (const auto c : rows) judges.single(c);
    judges.window(rows);
  }
  wording::worst_first(out.findings);
  judges.without_budget(bare, rows.size() + bare.size() + foreign.size());
  judges.foreign(foreign);
  return out;
}

}  // namespace clarion::conflict
