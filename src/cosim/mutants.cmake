# bru-cosim-mutants: bru-cosim with an RTL that holds all faults of tools/mutants.py, of which an environment variable chooses
# one (tools/mutate). What it links from here comes before the libraries, which have the same functions without faults.
find_package(Python3 COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  return()
endif()
set(faulty ${CMAKE_CURRENT_BINARY_DIR}/mutants)
file(GLOB rtl_sources ${PROJECT_SOURCE_DIR}/rtl/*.sv)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${rtl_sources} ${PROJECT_SOURCE_DIR}/tools/mutate
  ${PROJECT_SOURCE_DIR}/tools/mutant.py ${PROJECT_SOURCE_DIR}/tools/mutants.py ${PROJECT_SOURCE_DIR}/tools/unusual_mutants.py
  ${PROJECT_SOURCE_DIR}/tools/outside_mutants.py
  ${PROJECT_SOURCE_DIR}/src/machine/timing.hpp)
execute_process(COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/mutate --write-sources ${faulty}
  RESULT_VARIABLE failed ERROR_VARIABLE message)
if(NOT failed)
  execute_process(COMMAND verilator --lint-only -Wno-fatal -Wno-lint -Wno-style -I${faulty}/rtl ${faulty}/rtl/bru_top.v
    RESULT_VARIABLE failed ERROR_VARIABLE message)
endif()
if(failed)
  message(WARNING "${message}bru-cosim-mutants cannot be built") # everything else can; the test `mutants` fails
  set_property(GLOBAL PROPERTY bru_mutants_problem "${message}")
  return()
endif()

# Quick to compile, and together they have every branch of the RTL: both kinds of cells, one slice per group, a few and twenty,
# more lanes than share a control register, activations of one bit, of one byte and of two, slices of one output beat and of
# two, units that are padded in memory, chunks of several slices, slices of several chunks, chunks of several beats, words of several banks, tables in
# LUTs and in block RAM, and numbers of streams that are no power of two.
set(shapes l4w1 l8w5 l16w7 l16w32 l8a13 l8a9 l32w3 l80w1 k3 k5 k8 k256)
file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/shapes.txt lines REGEX "^[a-z]")
list(JOIN shapes "|" names)
list(FILTER lines INCLUDE REGEX "^(${names}) ")
include(${PROJECT_SOURCE_DIR}/src/rtl_core/verilated_table.cmake)
bru_verilated_table(${faulty}/verilated_shapes.cpp models ${faulty}/rtl mutants_ ${lines})

add_executable(bru-cosim-mutants EXCLUDE_FROM_ALL main.cpp ${faulty}/verilated_shapes.cpp
  ../rtl_core/pin_adapter.cpp ../rtl_core/rtl_core.cpp)
foreach(layer IN ITEMS modules schedule)
  get_target_property(sources bru_${layer} SOURCES)
  list(FILTER sources EXCLUDE REGEX "simd/")
  list(TRANSFORM sources PREPEND ${PROJECT_SOURCE_DIR}/src/${layer}/)
  target_sources(bru-cosim-mutants PRIVATE ${sources})
endforeach()
target_include_directories(bru-cosim-mutants BEFORE PRIVATE ${faulty}/include)
target_link_libraries(bru-cosim-mutants PRIVATE ${models} bru_chosen_mutant bru_cosim fmt::fmt bru_options)
