// dot_product_lanes: L lanes, each W activations per cycle: masked adder tree, accumulator over the chunks and
// planes of a part. Timing: kMemoryReadCycles for weights and activations, tree_stages(W) registers in the
// tree, kAccumulateCycles, kPartCaptureCycles; one chunk per cycle.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/timing.hpp"
#include "modules/simd/row_layout.hpp"
#include "modules/simd/weight_image.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class DotProductLanes : public sc_core::sc_module {
public:
    DotProductLanes(const sc_core::sc_module_name& name, const CoreShape& shape);

    /// From the issue of a part's last chunk to its first slice's entry into scale_bias.
    int latency_cycles() const {
        return kMemoryReadCycles + tree_stages(shape_.lane_width) + kAccumulateCycles + kPartCaptureCycles;
    }

    RunTargetSocket run_socket;             ///< from sequencer
    MemoryInitiatorSocket weight_socket;    ///< to weight_bram
    ActivationInitiatorSocket input_socket; ///< to stream_input
    ActivationInitiatorSocket state_socket; ///< to state_registers
    RunInitiatorSocket part_socket;         ///< to scale_bias

private:
    /// Weights of a descriptor as the kernels read them, decoded anew after a load and after a write of the descriptor.
    struct DescriptorImage {
        std::uint64_t generation = 0; ///< of the weights
        Descriptor descriptor;
        RowLayout layout;
        WeightImage parts[2];
    };

    void process(RowGroupRun& run);
    const DescriptorImage& image(const RowGroupRun& run);
    void one_hot_part(const WeightImage& part, const RowRanges& ranges, std::uint32_t index, RowGroupRun& run,
                      std::int32_t* sums) const;
    void vector_part(const WeightImage& part, int part_index, const RowRanges& ranges, const std::int16_t* activations,
                     RowGroupRun& run, std::int32_t* sums);
    void plane_sums(const WeightImage& part, int plane, const RowRanges& ranges, std::int32_t* sums);
    std::uint32_t one_hot_column(const Descriptor& descriptor, const ActivationRead& input) const;
    const std::int16_t* x_from_state(const RowGroupRun& run);

    CoreShape shape_;
    std::array<DescriptorImage, kMaxDescriptors> images_;
    AlignedBuffer<std::int32_t> sums_[2];
    AlignedBuffer<std::int32_t> plane_sums_;
    AlignedBuffer<std::int32_t> low_sums_;
    AlignedBuffer<std::uint8_t> tables_;
    AlignedBuffer<std::uint8_t> low_tables_;
    std::vector<std::int16_t> gathered_;
    std::vector<std::int16_t> high_;
    std::vector<std::int16_t> low_;
};

} // namespace bru
