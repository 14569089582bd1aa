# libFuzzer targets, one a parser or loader: tests/fuzz/<thing>_fuzz.cpp. They need clang:
#   cmake --preset fuzz && cmake --build --preset fuzz && build/fuzz/<thing>_fuzz -max_total_time=60

if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
  message(FATAL_ERROR "CLARION_FUZZ needs clang (-DCMAKE_CXX_COMPILER=clang++-16): gcc has no libFuzzer.")
endif()
# What strangers send is read in segment and below: the rooms above are not compiled for this.
set(clarion_fuzz_sources ${clarion_sources})
list(FILTER clarion_fuzz_sources INCLUDE REGEX "/src/(kernels|core|stats|schema|segment)/")
add_library(clarion_fuzz_objects OBJECT EXCLUDE_FROM_ALL ${clarion_fuzz_sources})
clarion_compile(clarion_fuzz_objects)
target_compile_definitions(clarion_fuzz_objects PRIVATE CLARION_BUILDING)
target_include_directories(clarion_fuzz_objects PRIVATE src)
target_compile_options(clarion_fuzz_objects PRIVATE -fsanitize=fuzzer-no-link)

add_custom_target(fuzzers)
file(GLOB clarion_fuzzers CONFIGURE_DEPENDS tests/fuzz/*_fuzz.cpp)
foreach(source IN LISTS clarion_fuzzers)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} EXCLUDE_FROM_ALL ${source})
  clarion_compile(${name})
  target_include_directories(${name} PRIVATE src)
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE clarion_fuzz_objects ${clarion_private_libraries})
  add_dependencies(fuzzers ${name})
endforeach()
