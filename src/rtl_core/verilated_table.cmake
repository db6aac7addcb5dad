# bru_verilated_table(<table> <libraries> <rtl> <prefix> <line>...): one Verilated model per line of rtl/shapes.txt, made of
# the RTL in the folder <rtl>, and the C++ source <table> that lists them. The variable <libraries> gets the names of their
# libraries. Where <prefix> is not empty, models and libraries carry it in their names, and are built only if needed.
function(bru_verilated_table table libraries rtl prefix)
  set(includes "")
  set(entries "")
  set(names "")
  foreach(line IN LISTS ARGN)
    bru_shape_fields("${line}")
    set(model V${prefix}bru_${name})
    set(library bru_${prefix}rtl_${name})
    # `default` is what bru-bench measures, with Verilator's fastest options; the others begin at random (PowerUpContext).
    set(initial unique)
    if(name STREQUAL "default")
      set(initial fast)
    endif()
    set(options -O3 --x-assign fast --x-initial ${initial} --noassert)
    if(prefix)
      add_library(${library} STATIC EXCLUDE_FROM_ALL)
      list(APPEND options -Wno-fatal -Wno-lint -Wno-style)
    else()
      add_library(${library} STATIC)
    endif()
    verilate(${library} SOURCES ${rtl}/waveform.vlt ${rtl}/bru_top.v TOP_MODULE bru_top PREFIX ${model}
      INCLUDE_DIRS ${rtl}
      VERILATOR_ARGS ${options} -GLANES=${L} -GLANE_WIDTH=${W} -GUPDATE_WIDTH=${E}
        -GACTIVATION_BITS=${A} -GLUT_ADDRESS_BITS=${N} -GSCALE_BITS=${S} -GCELL_KINDS=${kinds} -GSTREAMS=${streams} -GWEIGHT_WORDS=${weights} -GSCALE_WORDS=${scales}
        -GBIAS_WORDS=${biases} -GSTATE_WORDS=${state} -GCELL_WORDS=${cells} -GINPUT_WORDS=${inputs}
        -GOUTPUT_FIFO_BEATS=${beats}
      OPT_SLOW -O0) # what runs once
    target_compile_options(${library} PRIVATE -O3 -w -DVL_TIME_CONTEXT)
    bru_join_sources(${library} ${model})
    list(APPEND names ${library})
    string(APPEND includes "#include \"${model}.h\"\n#include \"${model}___024root.h\"\n")
    bru_shape_entry(entries "${line}" "VerilatedPins<${model}>")
  endforeach()
  bru_shape_table(${table} "${includes}" "${entries}")
  if(names)
    list(APPEND names bru_verilator_runtime)
  endif()
  set(${libraries} ${names} PARENT_SCOPE)
endfunction()

# Verilate() gives each model a copy of Verilator's runtime, and many small sources that run once; each reads Verilator's
# headers, which takes longer than the rest. Here the runtime is one library for all models, and what runs once one source.
function(bru_join_sources library model)
  get_target_property(sources ${library} SOURCES)
  set(runtime ${sources})
  list(FILTER runtime INCLUDE REGEX "/verilated[a-z_]*\\.cpp$")
  list(REMOVE_ITEM sources ${runtime})
  if(NOT TARGET bru_verilator_runtime)
    add_library(bru_verilator_runtime STATIC ${runtime})
    foreach(property IN ITEMS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS)
      set_target_properties(bru_verilator_runtime PROPERTIES ${property} "$<TARGET_PROPERTY:${library},${property}>")
    endforeach()
  endif()
  set(once ${sources})
  list(FILTER once INCLUDE REGEX "(__Slow|__Syms|__ConstPool_[0-9]+)\\.cpp$")
  set_source_files_properties(${once} PROPERTIES HEADER_FILE_ONLY ON)
  list(TRANSFORM once REPLACE "(.+)" "#include \"\\1\"\n" OUTPUT_VARIABLE includes)
  list(JOIN includes "" includes)
  set(joined ${CMAKE_CURRENT_BINARY_DIR}/${model}_once.cpp)
  file(CONFIGURE OUTPUT ${joined} CONTENT "// Generated: what ${model} runs once.\n@includes@" @ONLY)
  set_source_files_properties(${joined} PROPERTIES COMPILE_OPTIONS -O0 OBJECT_DEPENDS "${once}")
  set_target_properties(${library} PROPERTIES SOURCES "${sources};${joined}")
endfunction()

# Sets name, L, W, ... to the fields of a line of rtl/shapes.txt.
macro(bru_shape_fields line)
  string(REGEX REPLACE " +" ";" fields "${line}")
  list(POP_FRONT fields name L W E A N S kinds streams weights scales biases state cells inputs beats)
endmacro()

# Appends to the C++ text in <variable> the shape of a line and the class of its pins.
function(bru_shape_entry variable line pins)
  bru_shape_fields("${line}")
  set(${variable} "${${variable}}        add(\"${name}\", ${L}, ${W}, ${E}, ${A}, ${N}, ${S}, ${kinds}, ${streams}, ${weights}, ${scales}, ${biases}, ${state}, ${cells}, ${inputs}, ${beats}, [] { return std::unique_ptr<CorePins>(std::make_unique<${pins}>()); });\n" PARENT_SCOPE)
endfunction()

# Writes the C++ source <table>; <includes> are Verilator's headers, which come first: behind SystemC's they would take its
# sc_time_stamp().
function(bru_shape_table table includes entries)
  if(includes)
    string(APPEND includes "#include \"rtl_core/verilated_pins.hpp\"\n")
    set_source_files_properties(${table} PROPERTIES COMPILE_OPTIONS "-w;-DVL_TIME_CONTEXT")
  endif()
  set_source_files_properties(${table} PROPERTIES SKIP_PRECOMPILE_HEADERS ON) # as above: Verilator's headers come first
  string(APPEND includes "#include \"rtl_core/verilated_shapes.hpp\"\n")
  file(CONFIGURE OUTPUT ${table} CONTENT [=[// Generated from rtl/shapes.txt.
@includes@
namespace bru {

const std::vector<VerilatedShape>& verilated_shapes() {
    static const std::vector<VerilatedShape> shapes = [] {
        std::vector<VerilatedShape> result;
        [[maybe_unused]] const auto add = [&](const char* name, int lanes, int lane_width, int update_width, int activation_bits, int lut_address_bits, int scale_bits, int cell_kinds, int streams,
                             int weight_words, int scale_words, int bias_words, int state_words, int cell_words,
                             int input_words, int output_fifo_beats, std::function<std::unique_ptr<CorePins>()> make_pins) {
            Shape shape;
            shape.lanes = lanes;
            shape.lane_width = lane_width;
            shape.update_width = update_width;
            shape.activation_bits = activation_bits;
            shape.lut_address_bits = lut_address_bits;
            shape.scale_bits = scale_bits;
            shape.cell_kinds = cell_kinds;
            shape.streams = streams;
            shape.weight_words = weight_words;
            shape.scale_words = scale_words;
            shape.bias_words = bias_words;
            shape.state_words = state_words;
            shape.cell_words = cell_words;
            shape.input_words = input_words;
            shape.output_fifo_beats = output_fifo_beats;
            result.push_back({{name, shape}, std::move(make_pins)});
        };
@entries@        return result;
    }();
    return shapes;
}

} // namespace bru
]=] @ONLY)
endfunction()
