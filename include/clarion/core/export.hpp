#pragma once

// Symbols are hidden unless marked: a caller sees the contract headers and nothing else.
#if defined(CLARION_STATIC)
#define CLARION_API
#elif defined(_WIN32)
#if defined(CLARION_BUILDING)
#define CLARION_API __declspec(dllexport)
#else
#define CLARION_API __declspec(dllimport)
#endif
#else
#define CLARION_API __attribute__((visibility("default")))
#endif
