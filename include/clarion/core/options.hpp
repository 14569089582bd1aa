#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "clarion/core/error.hpp"

namespace clarion::core {

/// The values that a numeric option may take, both ends included.
struct range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// One option: its name in every language, where it lives, what it may be and what it means.
template <class Struct, class Member>
struct option_field {
  std::string_view name;
  Member Struct::*member;
  std::string_view meaning;
  range allowed;
};

/// A struct of options lists its fields once:
///     struct overlap_options {
///       std::uint64_t min_shared = 0;
///       static constexpr auto fields() {
///         return std::tuple{core::option("min_shared", &overlap_options::min_shared, "customers a pair must share")};
///       }
///     };
/// The list drives validation here, and keyword arguments, clarion.toml tables and the documentation in Python.
template <class Struct, class Member>
constexpr option_field<Struct, Member> option(std::string_view name, Member Struct::*member, std::string_view meaning,
                                              range allowed = {}) {
  return {name, member, meaning, allowed};
}

template <class T>
concept options_struct = requires { T::fields(); };

/// Calls visit(field) for each field of the options struct, in the order of its list.
template <options_struct T, class Visit>
constexpr void for_each_option(Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field), ...); }, T::fields());
}

/// Throws std::invalid_argument naming the first numeric option that is NaN or outside its range.
template <options_struct T>
void check_options(const T& options) {
  for_each_option<T>([&](const auto& field) {
    using member = std::remove_cvref_t<decltype(options.*field.member)>;
    if constexpr (std::is_arithmetic_v<member> && !std::same_as<member, bool>) {
      const auto value = static_cast<double>(options.*field.member);
      if (std::isnan(value) || value < field.allowed.low || value > field.allowed.high) {
        const auto number = [](double x) {
          std::string text = std::to_string(x);
          if (text.find('.') != std::string::npos) {
            text.erase(text.find_last_not_of('0') + 1);
            if (text.back() == '.') text.pop_back();
          }
          return text;
        };
        reject(std::string(field.name), number(value),
               "give a number from " + number(field.allowed.low) + " to " + number(field.allowed.high));
      }
    }
  });
}

}  // namespace clarion::core
