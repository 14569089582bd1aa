#pragma once

// Small portfolios for the tests of this room: campaigns in one line each, and random ones with every kind of gap.

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clarion/core/date.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/campaign.hpp"
#include "clarion/schema/portfolio.hpp"

namespace clarion::test {

inline date day(int year, unsigned month, unsigned of_month) {
  return date{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{of_month}};
}

struct brief_campaign {
  std::string channel = "Email";
  date start = day(2026, 3, 2);
  int days = 7;
  std::vector<std::string> audience = {};
  std::vector<std::string> products = {};
  double budget = 1000;
  double touches = schema::missing;
  std::string owner = "Ada";
};

inline schema::campaign full(std::string id, const brief_campaign& given) {
  schema::campaign out;
  out.id = std::move(id);
  out.channel = given.channel;
  out.start = given.start;
  out.end = given.start + std::chrono::days{given.days - 1};
  out.audience = given.audience;
  out.products = given.products;
  out.budget.amount = given.budget;
  out.touches_per_week = given.touches;
  out.owner = given.owner;
  return out;
}

/// Ids C0, C1, ...
inline schema::portfolio make(const std::vector<brief_campaign>& rows) {
  schema::portfolio out;
  for (const auto& row : rows) out.push_back(full("C" + std::to_string(out.size()), row));
  return out;
}

/// Campaigns of any length from a day to a year, some cancelled or reversed, without channel, audience, products or budget.
inline schema::portfolio random_portfolio(std::size_t n, std::uint64_t seed, int horizon = 200) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  static const std::array<std::string, 5> channels{"Email", "email ", "SMS", "Social Media", "Billboard"};
  static const std::array<std::string, 7> segments{"New", "Loyal", "loyal", "VIP", "Lapsed", "everyone", "Students"};
  static const std::array<std::string, 4> products{"Shoes", "Bags", "Hats", "Socks"};
  schema::portfolio out;
  for (std::size_t c = 0; c < n; ++c) {
    brief_campaign row;
    row.channel = below(8) == 0 ? "" : channels[below(channels.size())];
    row.start = day(2026, 1, 1) + std::chrono::days{static_cast<int>(below(static_cast<std::uint64_t>(horizon)))};
    row.days = below(10) == 0 ? 365 : static_cast<int>(1 + below(30));
    for (std::uint64_t k = below(4); k > 0; --k) row.audience.push_back(segments[below(segments.size())]);
    for (std::uint64_t k = below(3); k > 0; --k) row.products.push_back(products[below(products.size())]);
    row.budget = below(6) == 0 ? schema::missing : static_cast<double>(below(5000));
    if (below(2) == 0) row.touches = static_cast<double>(below(5));
    auto campaign = full("C" + std::to_string(c), row);
    if (below(12) == 0) campaign.status = schema::status::cancelled;
    if (below(15) == 0) campaign.end = campaign.start - std::chrono::days{1};
    out.push_back(campaign);
  }
  return out;
}

/// Members of each campaign by id, from pairs (campaign row, customer).
inline schema::audiences make_audiences(const schema::portfolio& portfolio,
                                        const std::vector<std::vector<std::int64_t>>& members) {
  std::vector<std::uint32_t> codes;
  std::vector<std::int64_t> customers;
  schema::audience_options options;
  for (std::uint32_t c = 0; c < members.size(); ++c) {
    options.labels.push_back(std::string(portfolio.id[c]));
    for (const auto customer : members[c]) {
      codes.push_back(c);
      customers.push_back(customer);
    }
  }
  return schema::build_audiences(std::span<const std::uint32_t>(codes), std::span<const std::int64_t>(customers), options)
      .members;
}

inline std::vector<std::vector<std::int64_t>> random_members(std::size_t campaigns, std::int64_t customers, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::vector<std::int64_t>> out(campaigns);
  for (auto& members : out) {
    const auto one_in = 1 + random() % 5;
    for (std::int64_t i = 0; i < customers; ++i)
      if (random() % one_in == 0) members.push_back(i);
  }
  return out;
}

}  // namespace clarion::test
