#pragma once

// The only version number of the project: CMake and pyproject.toml read it from here.
#define CLARION_VERSION_MAJOR 0
#define CLARION_VERSION_MINOR 1
#define CLARION_VERSION_PATCH 0
#define CLARION_VERSION "0.1.0"
