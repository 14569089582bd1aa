# One test program a room, from tests/cpp/<room>/*.cpp, and one ctest entry a file: `ctest -R overlap`. doctest's main is compiled once.

add_library(clarion_test_main OBJECT tests/cpp/main.cpp)
target_link_libraries(clarion_test_main PUBLIC doctest::doctest)
target_compile_features(clarion_test_main PUBLIC cxx_std_20)

# An archive, so that a test links what it uses: a room's tests run while another room is being written.
add_library(clarion_archive STATIC $<TARGET_OBJECTS:clarion_objects>)

file(GLOB clarion_test_rooms RELATIVE ${PROJECT_SOURCE_DIR}/tests/cpp CONFIGURE_DEPENDS LIST_DIRECTORIES true tests/cpp/*)
foreach(room IN LISTS clarion_test_rooms)
  file(GLOB sources CONFIGURE_DEPENDS tests/cpp/${room}/*.cpp)
  if(sources)
    add_executable(clarion_test_${room} ${sources})
    clarion_compile(clarion_test_${room})
    target_include_directories(clarion_test_${room} PRIVATE src)
    target_link_libraries(clarion_test_${room} PRIVATE clarion_test_main clarion_archive ${clarion_private_libraries})
  endif()
  foreach(source IN LISTS sources)
    get_filename_component(thing ${source} NAME_WE)
    string(REGEX REPLACE "_test$" "" thing ${thing})
    add_test(NAME ${room}/${thing} COMMAND clarion_test_${room} --no-colors --source-file=*${room}/${thing}_test.cpp)
    # A filter that matches nothing would pass.
    set_tests_properties(${room}/${thing} PROPERTIES TIMEOUT 600 FAIL_REGULAR_EXPRESSION "test cases: +0 ")
  endforeach()
endforeach()
