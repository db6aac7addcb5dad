# bru-cosim-netlist: bru-cosim with netlists in place of the RTL. tools/netlist makes one with Yosys of each of these shapes,
# Verilator compiles it with the models of its primitives. Built only if asked for: it takes minutes, and needs Yosys.
# l8w5: both kinds of cells, block RAMs of several widths, LUT RAM, shift registers, DSPs; widths that do not divide each other.
set(shapes l8w5)

set(folder ${CMAKE_CURRENT_BINARY_DIR}/netlists)
file(GLOB rtl_sources ${PROJECT_SOURCE_DIR}/rtl/*.sv ${PROJECT_SOURCE_DIR}/rtl/timing.svh ${PROJECT_SOURCE_DIR}/rtl/netlist/*.v)
file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/shapes.txt lines REGEX "^[a-z]")
set(parts 12) # that the generated C++ is compiled in, each of many files: it has one large header
set(includes "")
set(entries "")
set(libraries "")
foreach(shape IN LISTS shapes)
  set(line ${lines})
  list(FILTER line INCLUDE REGEX "^${shape} ")
  set(model Vnetlist_${shape})
  set(sources "")
  foreach(part RANGE 1 ${parts})
    list(APPEND sources ${folder}/${model}/part_${part}.cpp)
  endforeach()
  add_custom_command(OUTPUT ${folder}/${shape}.v
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/netlist ${shape} ${folder}/${shape}.v
    DEPENDS ${rtl_sources} ${PROJECT_SOURCE_DIR}/rtl/shapes.txt ${PROJECT_SOURCE_DIR}/tools/netlist
      ${PROJECT_SOURCE_DIR}/tools/mutants.py ${PROJECT_SOURCE_DIR}/tools/synthesis/yosys.py
    COMMENT "Synthesizing the shape ${shape}")
  add_custom_command(OUTPUT ${sources}
    COMMAND ${CMAKE_COMMAND} -DVERILATOR=${VERILATOR_BIN} -DNETLIST=${folder}/${shape}.v -DMODEL=${model} -DFOLDER=${folder}/${model}
      -DPARTS=${parts} -P ${CMAKE_CURRENT_SOURCE_DIR}/verilate_netlist.cmake
    DEPENDS ${folder}/${shape}.v ${CMAKE_CURRENT_SOURCE_DIR}/verilate_netlist.cmake)
  add_library(bru_netlist_${shape} STATIC EXCLUDE_FROM_ALL ${sources})
  target_include_directories(bru_netlist_${shape} SYSTEM PUBLIC ${folder}/${model} ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_options(bru_netlist_${shape} PRIVATE -O1 -w -DVL_TIME_CONTEXT)
  list(APPEND libraries bru_netlist_${shape})
  string(APPEND includes "#include \"${model}.h\"\n")
  bru_shape_entry(entries "${line}" "VerilatedPorts<${model}>")
endforeach()
bru_shape_table(${folder}/verilated_shapes.cpp "${includes}" "${entries}")
add_executable(bru-cosim-netlist EXCLUDE_FROM_ALL main.cpp ${folder}/verilated_shapes.cpp)
target_link_libraries(bru-cosim-netlist PRIVATE ${libraries} bru_chosen_mutant bru_cosim fmt::fmt bru_options)
