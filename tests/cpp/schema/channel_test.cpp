#include "clarion/schema/channel.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace clarion::schema;

TEST_CASE("the eight channels are there with numbers that make sense") {
  const auto channels = default_channels();
  std::vector<std::string> names;
  for (const auto& channel : channels) {
    names.push_back(channel.name);
    CHECK(channel.capacity > 0);
    CHECK(channel.touches_per_week > 0);
    CHECK(channel.touches_per_week <= channel.capacity);
    CHECK(channel.cost_per_contact > 0);
    CHECK(channel.effort_days > 0);
  }
  CHECK(names == std::vector<std::string>{"Email", "Social Media", "Influencer", "Webinar", "SMS", "Push Notifications", "Events",
                                          "Podcast"});
}

TEST_CASE("channels are found by name, whatever the case") {
  const auto channels = default_channels();
  REQUIRE(find_channel(channels, "  social media ") != nullptr);
  CHECK(find_channel(channels, "SMS")->name == "SMS");
  CHECK(find_channel(channels, "Carrier pigeon") == nullptr);
  CHECK(find_channel({}, "SMS") == nullptr);
  CHECK(find_channel(channels, "e-mail")->name == "Email");
  CHECK(find_channel(channels, "SocialMedia")->name == "Social Media");
  CHECK(find_channel(channels, "--") == nullptr);
  CHECK(find_channel(channels, "") == nullptr);
}

TEST_CASE("a slip finds the name that was meant, another word finds none") {
  std::vector<std::string> names;
  for (const auto& channel : default_channels()) names.push_back(channel.name);
  CHECK(nearest_name(names, "Emial") == "Email");
  CHECK(nearest_name(names, "e-mail") == "Email");
  CHECK(nearest_name(names, "socialmedia") == "Social Media");
  CHECK(nearest_name(names, "SSM") == "SMS");
  CHECK(nearest_name(names, "Push") == "Push Notifications");
  CHECK(nearest_name(names, "Influencer Marketing") == "Influencer");
  CHECK(nearest_name(names, "Event") == "Events");
  CHECK_FALSE(nearest_name(names, "TV").has_value());
  CHECK_FALSE(nearest_name(names, "Billboard").has_value());
  CHECK_FALSE(nearest_name(names, "").has_value());
  CHECK_FALSE(nearest_name({}, "Email").has_value());
}
