#include "clarion/core/error.hpp"

namespace clarion {

error::error(const std::string& what) : std::runtime_error(what) {}
error::~error() = default;

cancelled::cancelled() : error("cancelled by the caller") {}
cancelled::~cancelled() = default;

void reject(const std::string& field, const std::string& value, const std::string& remedy) {
  throw std::invalid_argument(field + ": " + value + " is not allowed; " + remedy);
}

}  // namespace clarion
