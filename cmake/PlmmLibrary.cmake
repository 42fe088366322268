# plmm_library and plmm_program are the only ways to add a target; every compiler flag stands here.
find_package(Threads REQUIRED)

add_library(plmm_flags INTERFACE)
# Contraction is off because the order of roundings is part of the contract.
target_compile_options(plmm_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
  -fno-omit-frame-pointer -ffp-contract=off)
if(PLMM_WERROR)
  # g++ 12 takes correct uses of std::string for these three where its header comes precompiled.
  target_compile_options(plmm_flags INTERFACE
    -Werror -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()
if(PLMM_SANITIZE)
  target_compile_options(plmm_flags INTERFACE
    -fsanitize=${PLMM_SANITIZE} -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS)
  if(PLMM_SANITIZE MATCHES undefined)
    # These stand at every access to a member and are a fifth of the build; what is read through a
    # null pointer stops the program without them too.
    target_compile_options(plmm_flags INTERFACE
      -fno-sanitize=null,vptr,object-size,nonnull-attribute,returns-nonnull-attribute)
  endif()
  target_link_options(plmm_flags INTERFACE -fsanitize=${PLMM_SANITIZE})
endif()
target_link_libraries(plmm_flags INTERFACE Threads::Threads)
if(PLMM_TESTS)
  if(CMAKE_CROSSCOMPILING)
    # Debian brings GoogleTest built for this processor, and its sources for any other.
    set(BUILD_GMOCK OFF)
    add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
  else()
    find_package(GTest REQUIRED)
  endif()
  include(GoogleTest)
  add_custom_target(optimised_tests)   # what ./run test needs of the optimised build
  # Undefined behaviour is looked for in what is shipped: checks of it in tests would take a third
  # of the time that a sanitizer build of them needs. (A target of its own, linked last: the last
  # of two options that contradict each other holds.)
  add_library(plmm_test_flags INTERFACE)
  target_link_libraries(plmm_test_flags INTERFACE plmm_flags)
  if(PLMM_SANITIZE MATCHES undefined)
    target_compile_options(plmm_test_flags INTERFACE -fno-sanitize=undefined)
  endif()
  # What most files include, parsed once for each kind of target. Without tests nothing is
  # precompiled; tools/check finds the includes that only this makes needless.
  set(headers <algorithm> <array> <charconv> <chrono> <cmath> <expected> <filesystem> <functional>
    <map> <memory> <optional> <set> <span> <string> <string_view> <unordered_map> <vector>)
  function(plmm_precompile name)
    add_library(${name} STATIC ${PROJECT_SOURCE_DIR}/tests/precompiled.cpp)
    target_link_libraries(${name} PRIVATE ${ARGN})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_precompile_headers(${name} PRIVATE ${headers})
  endfunction()
  plmm_precompile(plmm_headers plmm_flags)
  plmm_precompile(plmm_optimised_test_headers plmm_flags GTest::gtest plmm_test_flags)
  target_precompile_headers(plmm_optimised_test_headers PRIVATE <gtest/gtest.h>)
  # Tests are compiled without optimisation: they wait for the library, and most of a build would
  # go into making them fast.
  plmm_precompile(plmm_test_headers plmm_flags GTest::gtest plmm_test_flags)
  target_precompile_headers(plmm_test_headers PRIVATE <gtest/gtest.h>)
  target_compile_options(plmm_test_headers PRIVATE -O0)
endif()

# plmm_precompiled(target headers): uses what plmm_precompile made, where it made something.
function(plmm_precompiled target headers)
  if(TARGET ${headers})
    target_precompile_headers(${target} REUSE_FROM ${headers})
  endif()
endfunction()

# plmm_library(name SOURCES … DEPS <our libraries> PRIVATE_LIBS <third-party> TESTS … FUZZ …)
# One folder = one target plmm::name. DEPS are the only folders its files may include (tools/check
# reads them here). TESTS become one binary name_test (label unit); each FUZZ file becomes a binary
# of its own, run by ctest (label fuzz). OPTIMISED_TESTS: its tests compute much and hold
# what an optimiser could break; ./run test runs them (label unit-optimised) in both builds, the
# others where the sanitizers are.
function(plmm_library name)
  cmake_parse_arguments(ARG "OPTIMISED_TESTS" ""
    "SOURCES;DEPS;PRIVATE_LIBS;TESTS;TEST_DEPS;FUZZ" ${ARGN})
  add_library(plmm_${name} STATIC ${ARG_SOURCES})
  add_library(plmm::${name} ALIAS plmm_${name})
  target_include_directories(plmm_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(plmm_${name} PUBLIC plmm_flags PRIVATE ${ARG_PRIVATE_LIBS})
  foreach(dep ${ARG_DEPS})
    target_link_libraries(plmm_${name} PUBLIC plmm::${dep})
  endforeach()
  plmm_precompiled(plmm_${name} plmm_headers)
  if(NOT PLMM_TESTS)
    return()
  endif()
  if(ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE plmm::${name} GTest::gtest GTest::gtest_main)
    foreach(dep ${ARG_TEST_DEPS})
      target_link_libraries(${name}_test PRIVATE plmm::${dep})
    endforeach()
    target_link_libraries(${name}_test PRIVATE plmm_test_flags)
    set(label unit)
    if(ARG_OPTIMISED_TESTS)
      set(label unit-optimised)
      plmm_precompiled(${name}_test plmm_optimised_test_headers)
    else()
      target_compile_options(${name}_test PRIVATE -O0)
      plmm_precompiled(${name}_test plmm_test_headers)
    endif()
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    if(NOT folder MATCHES "^src/")
      set(label unit-optimised)   # the sanitizer build leaves the program and its benches out
    endif()
    if(label STREQUAL unit-optimised)
      add_dependencies(optimised_tests ${name}_test)
    endif()
    gtest_discover_tests(${name}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} PROPERTIES LABELS ${label} TIMEOUT 300)
  endif()
  foreach(file ${ARG_FUZZ})
    get_filename_component(stem ${file} NAME_WE)
    add_executable(${stem} ${file} ${PROJECT_SOURCE_DIR}/tests/fuzz/driver.cpp)
    target_include_directories(${stem} PRIVATE ${PROJECT_SOURCE_DIR}/tests)   # "fuzz/fuzz.h"
    target_link_libraries(${stem} PRIVATE plmm::${name})
    plmm_precompiled(${stem} plmm_headers)
    add_test(NAME fuzz.${stem} COMMAND ${stem} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(fuzz.${stem} PROPERTIES LABELS fuzz TIMEOUT 300)
  endforeach()
endfunction()

# plmm_program(name SOURCES … DEPS … PRIVATE_LIBS …): an executable at the top of the build folder.
function(plmm_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE plmm_flags ${ARG_PRIVATE_LIBS})
  foreach(dep ${ARG_DEPS})
    target_link_libraries(${name} PRIVATE plmm::${dep})
  endforeach()
  plmm_precompiled(${name} plmm_headers)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()
