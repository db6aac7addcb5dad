// Shapes for drawing cases in tests, whether or not their RTL is built.
#pragma once

#include <vector>

#include "rtl_core/rtl_core.hpp"

namespace bru::test {

inline RtlShape rtl_shape(const char* name, int lanes, int lane_width, int update_width, int activation_bits) {
    RtlShape shape;
    shape.name = name;
    shape.shape.lanes = lanes;
    shape.shape.lane_width = lane_width;
    shape.shape.update_width = update_width;
    shape.shape.activation_bits = activation_bits;
    shape.shape.lut_address_bits = 8;
    shape.shape.cell_kinds = 1;
    shape.shape.weight_words = 8192;
    shape.shape.scale_words = 2048;
    shape.shape.bias_words = 1024;
    shape.shape.state_words = 2048;
    shape.shape.cell_words = 1024;
    shape.shape.input_words = 128;
    shape.shape.output_fifo_beats = 8;
    return shape;
}

inline std::vector<RtlShape> some_shapes() {
    std::vector<RtlShape> shapes = {rtl_shape("small", 4, 3, 1, 6), rtl_shape("wide", 16, 4, 2, 8),
                                    rtl_shape("bits", 16, 7, 4, 1)};
    shapes[1].shape.cell_kinds = 2; // its cases have GRU layers, too
    return shapes;
}

} // namespace bru::test
