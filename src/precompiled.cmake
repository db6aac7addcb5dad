# Precompiled headers: the headers of libraries that most files include are compiled once. They hold no header of a layer.
# A build with -DBRU_PRECOMPILED_HEADERS=OFF compiles every file with its own includes alone, and so proves that no include
# is missing.
option(BRU_PRECOMPILED_HEADERS "Compile the headers of the standard library, fmt, SystemC, LibTorch and Catch2 once" ON)

set(standard_headers <algorithm> <array> <charconv> <cmath> <cstdint> <filesystem> <fstream> <functional> <limits> <map> <memory>
  <optional> <set> <sstream> <stdexcept> <string> <string_view> <utility> <vector> <fmt/format.h>)
set(systemc_headers <systemc> <tlm> <tlm_utils/simple_initiator_socket.h> <tlm_utils/simple_target_socket.h>)

# For what takes no part in a simulation (layers that prepare and report, tests): less optimisation, quicker to build.
set(light_optimization $<$<CONFIG:Release>:-O1>)

# bru_precompile(<name> <header>...): a library whose only purpose is the precompiled header that others take over. A compiler
# takes the header only where its options are the same, so light optimisation has headers of its own.
function(bru_precompile name)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Compiles the precompiled header.\n" @ONLY)
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE fmt::fmt bru_options)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()

# bru_precompiled_header(<target> standard|light|systemc|tests)
function(bru_precompiled_header target set)
  if(BRU_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM bru_precompiled_${set})
  endif()
endfunction()

if(NOT BRU_PRECOMPILED_HEADERS)
  return()
endif()
# ccache keeps what was compiled with a precompiled header only if it may ignore that header's macros and times of day. The
# header is often so new that ccache would distrust its times, too.
set(ccache_sloppiness pch_defines,time_macros,include_file_mtime,include_file_ctime)
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=${ccache_sloppiness} ${CMAKE_CXX_COMPILER_LAUNCHER})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
bru_precompile(bru_precompiled_standard ${standard_headers})
bru_precompile(bru_precompiled_light ${standard_headers})
target_compile_options(bru_precompiled_light PRIVATE ${light_optimization})
bru_precompile(bru_precompiled_systemc ${standard_headers} ${systemc_headers})
target_link_libraries(bru_precompiled_systemc PRIVATE PkgConfig::SYSTEMC)
