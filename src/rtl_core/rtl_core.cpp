#include "rtl_core/rtl_core.hpp"

#include <fmt/format.h>

#include "model/error.hpp"
#include "rtl_core/pin_adapter.hpp"
#include "rtl_core/verilated_shapes.hpp"

namespace bru {

namespace {

std::string describe(const Shape& shape) {
    return fmt::format(
        "lanes {}, lane_width {}, update_width {}, activation_bits {}, lut_address_bits {}, scale_bits {}, "
        "output_fifo_beats {}; weight_words {}, scale_words {}, bias_words {}, state_words {}, cell_words {}, "
        "input_words {}",
        shape.lanes, shape.lane_width, shape.update_width, shape.activation_bits, shape.lut_address_bits,
        shape.scale_bits, shape.output_fifo_beats, shape.weight_words, shape.scale_words, shape.bias_words,
        shape.state_words, shape.cell_words, shape.input_words);
}

} // namespace

bool rtl_serves(const Shape& built, const Shape& wanted) {
    return built.lanes == wanted.lanes && built.lane_width == wanted.lane_width &&
           built.update_width == wanted.update_width && built.activation_bits == wanted.activation_bits &&
           built.lut_address_bits == wanted.lut_address_bits && built.output_fifo_beats == wanted.output_fifo_beats &&
           built.scale_bits >= wanted.scale_bits && // mantissas are unsigned: a narrower one is a smaller number
           built.weight_words >= wanted.weight_words && built.scale_words >= wanted.scale_words &&
           built.bias_words >= wanted.bias_words && built.state_words >= wanted.state_words &&
           built.cell_words >= wanted.cell_words && built.input_words >= wanted.input_words;
}

const std::vector<RtlShape>& rtl_shapes() {
    static const std::vector<RtlShape> shapes = [] {
        std::vector<RtlShape> result;
        for (const VerilatedShape& built : verilated_shapes()) result.push_back(built.rtl);
        return result;
    }();
    return shapes;
}

std::unique_ptr<Core> make_rtl_core(const char* name, const CoreShape& shape) {
    for (const VerilatedShape& built : verilated_shapes())
        if (rtl_serves(built.rtl.shape, shape.shape))
            return std::make_unique<RtlCore>(name, built.make_pins(), shape.activation_bits);
    if (verilated_shapes().empty())
        throw InputError("this program was built without the RTL core; use --core systemc, or install Verilator and "
                         "build again with -DBRU_RTL=ON");
    std::string list;
    for (const RtlShape& built : rtl_shapes()) list += fmt::format("\n  {}: {}", built.name, describe(built.shape));
    throw InputError(fmt::format("no RTL core was built for the shape\n  {}\nBuilt are, with memories that may be "
                                 "deeper than needed:{}\nUse --core systemc, change the shape, or add it to "
                                 "rtl/shapes.txt and build again",
                                 describe(shape.shape), list));
}

} // namespace bru
