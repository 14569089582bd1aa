#include "clarion/conflict/declared_overlap.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "portfolios.hpp"

using namespace clarion;
using namespace clarion::test;
using conflict::declare_audiences;
using conflict::declared_overlap;

TEST_CASE("segments are compared without case, blanks and repetition") {
  const auto declared =
      declare_audiences(make({{.audience = {"VIP", " vip ", "New"}}, {.audience = {"vip"}}, {.audience = {"", " "}}}));
  CHECK(declared.segments == std::vector<std::string>{"VIP", "New"});
  CHECK(declared[0].size() == 2);
  CHECK(declared[1].size() == 1);
  CHECK(declared.known(1));
  CHECK_FALSE(declared.known(2));
  const auto both = declared_overlap(declared, 0, 1);
  CHECK(both.jaccard == 0.5);
  CHECK(both.share_a == 0.5);
  CHECK(both.share_b == 1);
  CHECK(declared_overlap(declared, 0, 2).jaccard == 0);
}

TEST_CASE("everyone holds every segment") {
  const auto declared = declare_audiences(make({{.audience = {"Everyone"}},
                                                {.audience = {"A"}},
                                                {.audience = {"A", "B"}},
                                                {.audience = {"all customers", "C"}},
                                                {.audience = {"D"}}}));
  REQUIRE(declared.segments.size() == 4);  // A, B, C, D
  const auto some = declared_overlap(declared, 0, 2);
  CHECK(some.share_a == 0.5);
  CHECK(some.share_b == 1);
  CHECK(some.jaccard == 0.5);
  const auto all = declared_overlap(declared, 0, 3);
  CHECK(all.jaccard == 1);
  CHECK(all.share_a == 1);
  CHECK(all.share_b == 1);
}

TEST_CASE("segments of rows that were taken out are not segments of the portfolio") {
  const auto portfolio = make({{.audience = {"Everyone"}}, {.audience = {"A"}}, {.audience = {"B", "C", "D"}}});
  const auto declared = declare_audiences(portfolio.take(std::vector<std::uint64_t>{0, 1}));
  CHECK(declared.segments == std::vector<std::string>{"A"});
  CHECK(declared_overlap(declared, 0, 1).jaccard == 1);
}

TEST_CASE("it is set arithmetic on the lists of segments") {
  const auto portfolio = random_portfolio(40, 5);
  const auto declared = declare_audiences(portfolio);
  for (std::size_t a = 0; a < portfolio.size(); ++a)
    for (std::size_t b = 0; b < portfolio.size(); ++b) {
      if (declared.everyone[a] != 0 || declared.everyone[b] != 0) continue;
      const std::set<std::uint32_t> x(declared[a].begin(), declared[a].end()), y(declared[b].begin(), declared[b].end());
      double shared = 0;
      for (const auto segment : x) shared += static_cast<double>(y.count(segment));
      std::set<std::uint32_t> either = x;
      either.insert(y.begin(), y.end());
      const auto got = declared_overlap(declared, a, b);
      CHECK(got.jaccard == (x.empty() || y.empty() ? 0 : shared / static_cast<double>(either.size())));
      CHECK(got.share_a == (x.empty() || y.empty() ? 0 : shared / static_cast<double>(x.size())));
      const auto turned = declared_overlap(declared, b, a);
      CHECK(turned.share_a == got.share_b);
      CHECK(turned.jaccard == got.jaccard);
    }
}
