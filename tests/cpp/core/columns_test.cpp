#include "clarion/core/columns.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace core = clarion::core;

TEST_CASE("texts come back as they went in, empty ones too") {
  core::text_column column;
  const std::vector<std::string> texts{"Black Friday Blitz", "", "Été à Paris", std::string("a\0b", 3), std::string(10'000, 'x')};
  for (const auto& text : texts) column.push_back(text);
  REQUIRE(column.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) CHECK(column[i] == texts[i]);

  const std::vector<std::uint64_t> rows{4, 0, 0, 1};
  const auto taken = column.take(rows);
  REQUIRE(taken.size() == 4);
  CHECK(taken[0] == texts[4]);
  CHECK(taken[1] == texts[0]);
  CHECK(taken[2] == texts[0]);
  CHECK(taken[3].empty());
}

TEST_CASE("a buffer is adopted") {
  const auto column = core::text_column::adopt("onethree", {0, 3, 3, 8});
  REQUIRE(column.size() == 3);
  CHECK(column[0] == "one");
  CHECK(column[1].empty());
  CHECK(column[2] == "three");
}

TEST_CASE("a dictionary numbers texts by first appearance") {
  core::dictionary names;
  CHECK(names.intern("Email") == 0);
  CHECK(names.intern("SMS") == 1);
  CHECK(names.intern("Email") == 0);
  CHECK(names.size() == 2);
  CHECK(names[1] == "SMS");
  CHECK(names.find("SMS") == 1u);
  CHECK_FALSE(names.find("sms").has_value());

  const auto copy = names;
  CHECK(copy.find("Email") == 0u);
}

TEST_CASE("a category that is empty is none") {
  core::category_column channel;
  channel.push_back("Email");
  channel.push_back("");
  channel.push_back("Email");
  CHECK(channel.size() == 3);
  CHECK(channel.values.size() == 1);
  CHECK(channel[0] == "Email");
  CHECK(channel[1].empty());
  CHECK(channel.codes[1] == core::category_column::none);

  const std::vector<std::uint64_t> rows{1, 2};
  const auto taken = channel.take(rows);
  CHECK(taken.size() == 2);
  CHECK(taken[0].empty());
  CHECK(taken[1] == "Email");
}

TEST_CASE("rows that are taken leave the names of the others behind") {
  core::category_column channel;
  for (const auto* name : {"Email", "SMS", "", "Podcast"}) channel.push_back(name);
  const auto few = channel.take(std::vector<std::uint64_t>{3, 2, 1});
  CHECK(few.values.names() == std::vector<std::string>{"Podcast", "SMS"});
  CHECK(few[0] == "Podcast");
  CHECK(few[1].empty());
  CHECK(few[2] == "SMS");

  core::list_column tags;
  tags.push_back(std::vector<std::string>{"vip", "new"});
  tags.push_back(std::vector<std::string>{"old", "new"});
  const auto one = tags.take(std::vector<std::uint64_t>{1});
  CHECK(one.values.names() == std::vector<std::string>{"old", "new"});
  CHECK(one.texts(0) == tags.texts(1));
}

TEST_CASE("lists keep order, repeats and emptiness") {
  core::list_column tags;
  tags.push_back(std::vector<std::string>{"vip", "new"});
  tags.push_back({});
  tags.push_back(std::vector<std::string>{"new", "new", "vip"});
  REQUIRE(tags.size() == 3);
  CHECK(tags.values.size() == 2);
  CHECK(tags.texts(0) == std::vector<std::string>{"vip", "new"});
  CHECK(tags[1].empty());
  CHECK(tags.texts(2) == std::vector<std::string>{"new", "new", "vip"});

  const std::vector<std::uint64_t> rows{2, 1, 0};
  const auto taken = tags.take(rows);
  REQUIRE(taken.size() == 3);
  CHECK(taken.texts(0) == tags.texts(2));
  CHECK(taken[1].empty());
  CHECK(taken.texts(2) == tags.texts(0));
}
