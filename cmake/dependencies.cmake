# Every package is looked for before any is reported, so that one message names all that is missing and the line that installs it.

set(clarion_missing "")
macro(clarion_need package)
  find_package(${package} CONFIG QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    list(APPEND clarion_missing ${package})
  endif()
endmacro()

set(clarion_apt_Eigen3 libeigen3-dev)
set(clarion_apt_xtl xtl-dev)
set(clarion_apt_xtensor libxtensor-dev)
set(clarion_apt_Boost libboost-graph-dev)
set(clarion_apt_hwy libhwy-dev)
set(clarion_apt_nlohmann_json nlohmann-json3-dev)
set(clarion_apt_fmt libfmt-dev)
set(clarion_apt_Random123 librandom123-dev)
set(clarion_apt_date libhowardhinnant-date-dev)
set(clarion_apt_doctest doctest-dev)

find_package(Threads REQUIRED)
clarion_need(Eigen3 3.4)
clarion_need(xtl)
clarion_need(xtensor)
clarion_need(Boost 1.74)
clarion_need(hwy)
clarion_need(nlohmann_json 3.10)
clarion_need(fmt)
# These two are plain headers; not every distribution gives them a CMake package.
find_path(CLARION_RANDOM123_INCLUDE Random123/philox.h)
find_path(CLARION_DATE_INCLUDE date/date.h)
mark_as_advanced(CLARION_RANDOM123_INCLUDE CLARION_DATE_INCLUDE)
if(NOT CLARION_RANDOM123_INCLUDE)
  list(APPEND clarion_missing Random123)
endif()
if(NOT CLARION_DATE_INCLUDE)
  list(APPEND clarion_missing date)
endif()
if(CLARION_BUILD_TESTS)
  clarion_need(doctest)
endif()

if(clarion_missing)
  set(clarion_packages "")
  foreach(package IN LISTS clarion_missing)
    list(APPEND clarion_packages ${clarion_apt_${package}})
  endforeach()
  list(JOIN clarion_missing ", " clarion_missing)
  list(JOIN clarion_packages " " clarion_packages)
  message(FATAL_ERROR "clarion: headers are missing: ${clarion_missing}.\n"
    "On Debian or Ubuntu run\n"
    "  sudo apt-get install -y ${clarion_packages}\n"
    "or `make setup` in the checkout; elsewhere use environment.yml (conda) or vcpkg.json (vcpkg). Then run the same command again.")
endif()

# All of it is private: no public header includes any of these, so an installed clarion asks its consumer for none.
add_library(clarion_dependencies INTERFACE)
target_include_directories(clarion_dependencies SYSTEM INTERFACE ${CLARION_RANDOM123_INCLUDE} ${CLARION_DATE_INCLUDE})
foreach(target Eigen3::Eigen xtensor xtl Boost::headers nlohmann_json::nlohmann_json fmt::fmt-header-only hwy::hwy)
  target_include_directories(clarion_dependencies SYSTEM INTERFACE
    $<TARGET_PROPERTY:${target},INTERFACE_INCLUDE_DIRECTORIES>)
  target_compile_definitions(clarion_dependencies INTERFACE $<TARGET_PROPERTY:${target},INTERFACE_COMPILE_DEFINITIONS>)
endforeach()
# Highway is the only one with code to link.
set(clarion_private_libraries hwy::hwy)
