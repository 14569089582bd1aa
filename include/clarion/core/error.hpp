#pragma once

#include <stdexcept>
#include <string>

#include "clarion/core/export.hpp"

namespace clarion {

/// Root of the library's own exceptions: input that cannot be read, a limit of the machine, a broken file.
/// Bad arguments are std::invalid_argument instead, and bad records are findings, never exceptions.
class CLARION_API error : public std::runtime_error {
public:
  explicit error(const std::string& what);
  ~error() override;
};

/// Thrown when run_options::cancel asked to stop; whatever was under way is left undone.
class CLARION_API cancelled : public error {
public:
  cancelled();
  ~cancelled() override;
};

/// Throws std::invalid_argument saying "<field>: <value> is not allowed; <remedy>".
[[noreturn]] CLARION_API void reject(const std::string& field, const std::string& value, const std::string& remedy);

}  // namespace clarion
