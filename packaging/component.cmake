# The target bru::accelerator: the machine as a TLM-2.0 component in one static library, with the headers that a platform
# includes as <bru/...>; and bru::driver, the software that runs it. `cmake --install` installs both, find_package(bru) finds
# them, and add_subdirectory() of this project gives the same names. docs/component.md explains how to use them.

# Public headers lie flat below <bru/>. Inside the project they name layers ("machine/shape.hpp"), so a copy with other names
# is made: bru_public_header(<file below src>).
set(public_include ${PROJECT_BINARY_DIR}/include/public)
function(bru_public_header header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${header})
  file(READ ${PROJECT_SOURCE_DIR}/src/${header} text)
  string(REGEX REPLACE "#include \"[a-z_/]+/([a-z_]+\\.hpp)\"" "#include \"bru/\\1\"" text "${text}")
  cmake_path(GET header FILENAME name)
  file(CONFIGURE OUTPUT ${public_include}/bru/${name} CONTENT "${text}" @ONLY)
endfunction()
foreach(header accelerator/accelerator.hpp accelerator/memory_transport.hpp base/integers.hpp machine/crossing_timing.hpp
    machine/cycle.hpp machine/dma_registers.hpp machine/dma_timing.hpp machine/registers.hpp machine/shape.hpp
    model/number_formats.hpp tlm/axi_burst.hpp)
  bru_public_header(${header})
endforeach()

add_library(bru_component STATIC
  ${PROJECT_SOURCE_DIR}/src/base/simd_level.cpp
  ${PROJECT_SOURCE_DIR}/src/machine/memory_layout.cpp
  ${PROJECT_SOURCE_DIR}/src/machine/register_check.cpp
  $<TARGET_OBJECTS:bru_observe> $<TARGET_OBJECTS:bru_schedule> $<TARGET_OBJECTS:bru_modules> $<TARGET_OBJECTS:bru_accelerator>)
target_include_directories(bru_component
  PRIVATE ${PROJECT_BINARY_DIR}/include/bru_base ${PROJECT_BINARY_DIR}/include/bru_model ${PROJECT_BINARY_DIR}/include/bru_machine
  PUBLIC $<BUILD_INTERFACE:${public_include}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(bru_component PUBLIC cxx_std_17)
target_link_libraries(bru_component PRIVATE $<BUILD_INTERFACE:bru_options> PUBLIC PkgConfig::SYSTEMC)
set_target_properties(bru_component PROPERTIES OUTPUT_NAME bru_accelerator EXPORT_NAME accelerator)
add_library(bru::accelerator ALIAS bru_component)
set_target_properties(bru_driver PROPERTIES EXPORT_NAME driver)
add_library(bru::driver ALIAS bru_driver)

# bru::accelerator_rtl: the RTL as core of the accelerator, with every Verilated model and Verilator's runtime in one library.
set(bru_rtl_target "")
if(BRU_PROGRAMS AND BRU_RTL)
  bru_public_header(rtl_core/accelerator_rtl.hpp)
  get_property(verilated_models GLOBAL PROPERTY BRU_VERILATED_MODELS)
  list(TRANSFORM verilated_models REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE verilated_objects)
  add_library(bru_component_rtl STATIC $<TARGET_OBJECTS:bru_rtl_core> ${verilated_objects})
  set_target_properties(bru_component_rtl PROPERTIES OUTPUT_NAME bru_accelerator_rtl EXPORT_NAME accelerator_rtl LINKER_LANGUAGE CXX)
  target_link_libraries(bru_component_rtl PUBLIC bru_component)
  add_library(bru::accelerator_rtl ALIAS bru_component_rtl)
  set(bru_rtl_target bru_component_rtl)
endif()

set(bru_package ${CMAKE_INSTALL_LIBDIR}/cmake/bru)
install(DIRECTORY ${public_include}/bru DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT bru-dev)
install(FILES ${PROJECT_SOURCE_DIR}/driver/bru.h ${PROJECT_SOURCE_DIR}/driver/bru_registers.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bru/driver COMPONENT bru-dev)
install(TARGETS bru_component bru_driver ${bru_rtl_target} EXPORT bru_targets DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT bru-dev)
install(EXPORT bru_targets FILE bru-targets.cmake NAMESPACE bru:: DESTINATION ${bru_package} COMPONENT bru-dev)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bru-config-version.cmake COMPATIBILITY SameMinorVersion)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/bru-config.cmake CONTENT [=[
# find_package(bru): bru::accelerator and bru::driver, and bru::accelerator_rtl (COMPONENTS rtl) where the build had the RTL.
# SystemC is found as the library was built: by pkg-config.
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)
if(NOT TARGET PkgConfig::SYSTEMC)
  pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET GLOBAL systemc)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/bru-targets.cmake)
if(TARGET bru::accelerator_rtl)
  set(bru_rtl_FOUND TRUE)
elseif(bru_FIND_REQUIRED_rtl)
  set(bru_FOUND FALSE)
  set(bru_NOT_FOUND_MESSAGE "this installation has no RTL core; install a build with -DBRU_RTL=ON")
endif()
]=] @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/bru-config.cmake ${PROJECT_BINARY_DIR}/bru-config-version.cmake
  DESTINATION ${bru_package} COMPONENT bru-dev)
