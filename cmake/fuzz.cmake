# libFuzzer targets, one a parser or loader: tests/fuzz/<thing>_fuzz.cpp. They need clang:
#   cmake --preset fuzz && cmake --build build/fuzz && build/fuzz/<thing>_fuzz -max_total_time=60

if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
  message(FATAL_ERROR "CLARION_FUZZ needs clang (-DCMAKE_CXX_COMPILER=clang++-16): gcc has no libFuzzer.")
endif()
target_compile_options(clarion_objects PRIVATE -fsanitize=fuzzer-no-link)
file(GLOB clarion_fuzzers CONFIGURE_DEPENDS tests/fuzz/*_fuzz.cpp)
foreach(source IN LISTS clarion_fuzzers)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  clarion_compile(${name})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE clarion_objects ${clarion_private_libraries})
endforeach()
