# How every translation unit of clarion is compiled.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(clarion_alignment EIGEN_MAX_ALIGN_BYTES=64 EIGEN_MAX_STATIC_ALIGN_BYTES=16)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CLARION_CCACHE ccache)
  mark_as_advanced(CLARION_CCACHE)
  if(CLARION_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CLARION_CCACHE})
  endif()
endif()

add_library(clarion_flags INTERFACE)
target_compile_features(clarion_flags INTERFACE cxx_std_20)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  # Designated initializers leave the rest at their defaults on purpose.
  target_compile_options(clarion_flags INTERFACE -Wno-missing-field-initializers)
  # No contraction: a fused multiply-add where the compiler likes one would make answers differ between CPU levels.
  target_compile_options(clarion_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off
                         $<$<BOOL:${CLARION_WERROR}>:-Werror>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # At -O3 g++ 12 sees overlaps in std::string that cannot be (GCC bug 105651).
    target_compile_options(clarion_flags INTERFACE -Wno-restrict)
  endif()
  target_link_options(clarion_flags INTERFACE $<$<PLATFORM_ID:Linux>:-Wl,--as-needed>)
endif()
if(CLARION_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=address,undefined)
endif()

function(clarion_compile target)
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include)
  target_compile_definitions(${target} PRIVATE ${clarion_alignment})
  target_link_libraries(${target} PRIVATE clarion_flags clarion_dependencies Threads::Threads)
endfunction()
