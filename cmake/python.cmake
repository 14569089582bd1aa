# The extension module clarion._core: one translation unit a room, linked with the same objects as the library.

if(NOT SKBUILD AND NOT Python_EXECUTABLE)
  # The environment that is active, else the checkout's own; a linked git worktree shares that of the main one.
  set(clarion_environments "$ENV{VIRTUAL_ENV}" "${PROJECT_SOURCE_DIR}/.venv")
  execute_process(COMMAND git rev-parse --path-format=absolute --git-common-dir WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                  OUTPUT_VARIABLE clarion_git OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(clarion_git)
    list(APPEND clarion_environments "${clarion_git}/../.venv")
  endif()
  foreach(environment IN LISTS clarion_environments)
    if(environment AND EXISTS "${environment}/bin/python")
      set(Python_EXECUTABLE "${environment}/bin/python" CACHE FILEPATH "")
      break()
    endif()
  endforeach()
endif()
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
if(NOT pybind11_DIR)
  execute_process(COMMAND ${Python_EXECUTABLE} -m pybind11 --cmakedir OUTPUT_VARIABLE pybind11_DIR
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
find_package(pybind11 3.0 CONFIG QUIET)
if(NOT pybind11_FOUND)
  message(FATAL_ERROR "clarion: ${Python_EXECUTABLE} has no pybind11 >= 3.\nRun `make setup` in the checkout, or\n"
                      "  ${Python_EXECUTABLE} -m pip install 'pybind11>=3'")
endif()

file(GLOB clarion_bindings CONFIGURE_DEPENDS bindings/*.cpp)
pybind11_add_module(_core MODULE NO_EXTRAS ${clarion_bindings})
clarion_compile(_core)
target_link_libraries(_core PRIVATE clarion_objects ${clarion_private_libraries})
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
  # Only the module's entry point is visible: a process may load libclarion beside it.
  file(WRITE ${PROJECT_BINARY_DIR}/core.map "{ global: PyInit__core; local: *; };\n")
  target_link_options(_core PRIVATE -Wl,--version-script=${PROJECT_BINARY_DIR}/core.map)
endif()
if(CLARION_PYTHON_INPLACE)
  set_target_properties(_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_SOURCE_DIR}/python/clarion)
endif()
if(SKBUILD)
  install(TARGETS _core LIBRARY DESTINATION clarion)
endif()
