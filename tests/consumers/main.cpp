// What a stranger's program does first: calls in, gets a value back, and catches what the library throws.
#include <cstdio>
#include <stdexcept>
#include <string>

#include "clarion/clarion.hpp"

int main() {
  if (clarion::core::available_cpus() < 1) return 1;
  try {
    clarion::reject("budget", "-1", "give 0 or more");
  } catch (const std::invalid_argument& problem) {
    if (std::string(problem.what()).find("budget") == std::string::npos) return 2;
  }
  // An exception type of the library must be one type on both sides of the boundary.
  try {
    std::stop_source stop;
    stop.request_stop();
    clarion::core::parallel_blocks(1000, {.cancel = stop.get_token()}, [](std::size_t) {});
    return 3;
  } catch (const clarion::cancelled&) {
    std::printf("clarion %s\n", CLARION_VERSION);
  }
  return 0;
}
