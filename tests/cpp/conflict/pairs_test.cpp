#include "clarion/conflict/pairs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>

#include "clarion/conflict/declared_overlap.hpp"
#include "clarion/conflict/load.hpp"
#include "clarion/schema/audiences.hpp"
#include "clarion/schema/catalog.hpp"
#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::pair_options;
using conflict::pair_table;

namespace {

bool same(double x, double y) { return (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-15; }

/// Every pair of rows, one by one.
pair_table brute_force(const schema::portfolio& portfolio, const schema::audiences* audiences, const pair_options& options) {
  const auto declared = conflict::declare_audiences(portfolio);
  pair_table out;
  for (std::uint32_t a = 0; a < portfolio.size(); ++a)
    for (std::uint32_t b = a + 1; b < portfolio.size(); ++b) {
      if (!conflict::counts(portfolio, a) || !conflict::counts(portfolio, b)) continue;
      const auto together = core::shared_days(portfolio.start[a], portfolio.end[a], portfolio.start[b], portfolio.end[b]);
      const auto apart = together > 0 ? 0
                                      : static_cast<std::int32_t>(std::max((portfolio.start[b] - portfolio.end[a]).count(),
                                                                           (portfolio.start[a] - portfolio.end[b]).count()));
      if (apart > options.within_days) continue;
      double shared = schema::missing, jaccard = schema::missing, share_a = schema::missing, share_b = schema::missing;
      std::uint8_t reasons = 0;
      const auto x = audiences != nullptr ? audiences->find(portfolio.id[a]) : std::nullopt;
      const auto y = audiences != nullptr ? audiences->find(portfolio.id[b]) : std::nullopt;
      if (x && y) {
        const auto m = audiences->members(*x), k = audiences->members(*y);
        std::vector<std::uint32_t> both;
        std::set_intersection(m.begin(), m.end(), k.begin(), k.end(), std::back_inserter(both));
        shared = static_cast<double>(both.size());
        const auto in_a = static_cast<double>(m.size()), in_b = static_cast<double>(k.size());
        jaccard = shared > 0 ? shared / (in_a + in_b - shared) : 0;
        share_a = shared > 0 ? shared / in_a : 0;
        share_b = shared > 0 ? shared / in_b : 0;
      } else if (declared.known(a) && declared.known(b)) {
        const auto estimate = conflict::declared_overlap(declared, a, b);
        jaccard = estimate.jaccard;
        share_a = estimate.share_a;
        share_b = estimate.share_b;
        reasons |= conflict::estimated;
      }
      const auto plain = [](std::string_view channel) {
        return channel == "email " ? std::string("Email") : std::string(channel);
      };
      const std::string channel_a = plain(portfolio.channel[a]), channel_b = plain(portfolio.channel[b]);
      const bool same_channel = !channel_a.empty() && channel_a == channel_b;
      const auto products_a = portfolio.products.texts(a), products_b = portfolio.products.texts(b);
      const bool same_products = std::any_of(products_a.begin(), products_a.end(), [&](const std::string& p) {
        return std::find(products_b.begin(), products_b.end(), p) != products_b.end();
      });
      if (jaccard > 0) reasons |= conflict::shares_audience;
      if (same_channel) reasons |= conflict::shares_channel;
      if (same_products) reasons |= conflict::shares_products;
      if (!(jaccard > 0) && !(same_channel && same_products)) continue;
      const double containment = std::max(share_a, share_b);
      const double rate = jaccard > 0 ? containment * (same_channel ? 1 : options.cross_channel) *
                                            (same_products ? 1 + options.product_weight : 1)
                                      : 0;
      out.a.push_back(a);
      out.b.push_back(b);
      out.shared_days.push_back(together);
      out.days_apart.push_back(apart);
      out.shared.push_back(shared);
      out.jaccard.push_back(jaccard);
      out.share_a.push_back(share_a);
      out.share_b.push_back(share_b);
      out.containment.push_back(containment);
      out.rate.push_back(rate);
      out.weight.push_back(rate * together);
      out.reasons.push_back(reasons);
    }
  return out;
}

void check_equal(const pair_table& got, const pair_table& want) {
  REQUIRE(got.a == want.a);
  REQUIRE(got.b == want.b);
  CHECK(got.shared_days == want.shared_days);
  CHECK(got.days_apart == want.days_apart);
  CHECK(got.reasons == want.reasons);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(same(got.shared[i], want.shared[i]));
    CHECK(same(got.jaccard[i], want.jaccard[i]));
    CHECK(same(got.share_a[i], want.share_a[i]));
    CHECK(same(got.share_b[i], want.share_b[i]));
    CHECK(same(got.containment[i], want.containment[i]));
    CHECK(same(got.rate[i], want.rate[i]));
    CHECK(same(got.weight[i], want.weight[i]));
  }
}

}  // namespace

TEST_CASE("declared audiences: equal to looking at every pair") {
  for (std::uint64_t seed = 0; seed < 6; ++seed)
    for (const std::int32_t within : {0, 7, 400}) {
      const auto portfolio = random_portfolio(60, seed, seed % 2 == 0 ? 200 : 3);
      const pair_options options{.cross_channel = 0.25, .product_weight = 2, .within_days = within};
      const auto want = brute_force(portfolio, nullptr, options);
      REQUIRE(want.size() > 50);
      check_equal(conflict::pairs(portfolio, nullptr, options), want);
    }
}

TEST_CASE("memberships win over declared audiences, for the campaigns that have them") {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto portfolio = random_portfolio(50, 100 + seed);
    auto members = random_members(40, 300, seed);  // the last ten campaigns have none
    members[3].clear();
    const auto audiences = make_audiences(portfolio, members);
    const pair_options options{.within_days = 14};
    const auto want = brute_force(portfolio, &audiences, options);
    const auto got = conflict::pairs(portfolio, &audiences, options);
    check_equal(got, want);
    CHECK(std::any_of(got.reasons.begin(), got.reasons.end(), [](auto r) { return (r & conflict::estimated) != 0; }));
    CHECK(std::any_of(got.shared.begin(), got.shared.end(), [](double s) { return s > 0; }));
  }
}

TEST_CASE("audiences that no campaign of the portfolio has are passed over") {
  const auto portfolio = make({{}, {}});
  const auto wider = make({{}, {}, {}, {}});
  const auto audiences = make_audiences(wider, {{1, 2, 3}, {3, 4}, {1, 2, 3}, {1, 2, 3}});
  const auto got = conflict::pairs(portfolio, &audiences);
  REQUIRE(got.size() == 1);
  CHECK(got.shared[0] == 1);
  CHECK(got.containment[0] == 0.5);
}

TEST_CASE("only the heaviest pairs are kept, whatever the batches") {
  const auto portfolio = random_portfolio(120, 77, 30);
  const auto all = conflict::pairs(portfolio, nullptr);
  std::vector<std::size_t> order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return all.weight[x] > all.weight[y]; });
  for (const std::uint64_t most : {1u, 10u, 200u}) {
    const auto got = conflict::pairs(portfolio, nullptr, {.max_pairs = most});
    REQUIRE(got.size() == most);
    CHECK(got.left_out == all.size() - most);
    std::set<std::pair<std::uint32_t, std::uint32_t>> want, have;
    for (std::size_t i = 0; i < most; ++i) want.emplace(all.a[order[i]], all.b[order[i]]);
    for (std::size_t i = 0; i < most; ++i) have.emplace(got.a[i], got.b[i]);
    CHECK(have == want);
  }
}

TEST_CASE("thousands that all run together keep to the limit") {
  // 4.5 million pairs in blocks and batches; those kept are the heaviest whatever the cut.
  std::vector<brief_campaign> rows(3000, {.days = 3, .audience = {"A"}});
  for (std::size_t i = 0; i < 40; ++i) rows[i * 70].days = 30;
  const auto portfolio = make(rows);
  const auto got = conflict::pairs(portfolio, nullptr, {.max_pairs = 780});
  CHECK(got.size() == 780);  // those of the long ones among themselves
  CHECK(got.left_out == 3000ull * 2999 / 2 - 780);
  for (const auto days : got.shared_days) CHECK(days == 30);
}

TEST_CASE("the same for any number of threads") {
  const auto portfolio = random_portfolio(400, 9);
  const auto audiences = make_audiences(portfolio, random_members(300, 500, 4));
  const auto one = conflict::pairs(portfolio, &audiences, {.within_days = 7, .max_pairs = 900}, {.threads = 1});
  const auto five = conflict::pairs(portfolio, &audiences, {.within_days = 7, .max_pairs = 900}, {.threads = 5});
  check_equal(five, one);
}

TEST_CASE("with a catalogue, a product and its category are common; two products of a category are not") {
  const auto portfolio = make({{.channel = "SMS", .products = {"AP-1"}},
                               {.channel = "sms ", .products = {"apparel"}},
                               {.channel = "SMS", .products = {"Wool Hat"}},
                               {.channel = "SMS", .products = {"AP-1"}},
                               {.channel = "Email", .products = {"Apparel"}}});
  schema::catalog catalog;
  catalog.products = {{.id = "ap-1", .name = "Tee", .category = "Apparel"},
                      {.id = "AP-2", .name = "Wool Hat", .category = "Apparel"}};
  const auto among = [&](const schema::catalog* known) {
    const auto table = conflict::pairs(portfolio, nullptr, {.catalog = known});
    std::set<std::pair<std::uint32_t, std::uint32_t>> out;
    for (std::size_t i = 0; i < table.size(); ++i) {
      CHECK(table.reasons[i] == (conflict::shares_channel | conflict::shares_products));
      out.emplace(table.a[i], table.b[i]);
    }
    return out;
  };
  using found = std::set<std::pair<std::uint32_t, std::uint32_t>>;
  CHECK(among(nullptr) == found{{0, 3}});
  CHECK(among(&catalog) == found{{0, 1}, {0, 3}, {1, 2}, {1, 3}});
}

TEST_CASE("runs that only touch do not run together") {
  const auto portfolio =
      make({{.start = day(2026, 3, 1), .days = 5, .audience = {"A"}}, {.start = day(2026, 3, 6), .days = 5, .audience = {"A"}}});
  CHECK(conflict::pairs(portfolio, nullptr).size() == 0);
  const auto near = conflict::pairs(portfolio, nullptr, {.within_days = 1});
  REQUIRE(near.size() == 1);
  CHECK(near.shared_days[0] == 0);
  CHECK(near.days_apart[0] == 1);
  CHECK(near.weight[0] == 0);
  CHECK(near.rate[0] == 1);
}

TEST_CASE("empty, one campaign, repeated ids, bad options") {
  CHECK(conflict::pairs({}, nullptr).size() == 0);
  CHECK(conflict::pairs(make({{.audience = {"A"}}}), nullptr).size() == 0);
  const schema::audiences none;
  CHECK(conflict::pairs(make({{}}), &none).size() == 0);

  auto twice = make({{}, {}});
  schema::portfolio repeated;
  for (std::size_t i = 0; i < 2; ++i) {
    auto row = twice[i];
    row.id = "C0";
    repeated.push_back(row);
  }
  const auto audiences = make_audiences(twice, {{1, 2}, {1, 2}});
  CHECK(conflict::audience_rows(repeated, audiences) == std::vector<std::uint32_t>{0, conflict::no_audience});
  CHECK(conflict::pairs(repeated, &audiences).size() == 0);

  CHECK_THROWS_AS(conflict::pairs({}, nullptr, {.cross_channel = 2}), std::invalid_argument);
  CHECK_THROWS_AS(conflict::pairs({}, nullptr, {.max_pairs = 0}), std::invalid_argument);
}
