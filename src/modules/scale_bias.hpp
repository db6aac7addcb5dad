// scale_bias: z (Q3.12) or a logit = bias + sum of mantissa * part, shifted and saturated; 4E rows per cycle.
// Timing: kScaleBiasCycles from a slice's entry to its result, a slice per cycle; parts begin at
// least max(D, kScaleBiasTurnaround) cycles apart, out of two part registers; the sequencer counts on it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <systemc>

#include "machine/core_shape.hpp"
#include "machine/descriptor.hpp"
#include "machine/timing.hpp"
#include "modules/simd/row_layout.hpp"
#include "modules/weight_bram.hpp"
#include "observe/observer.hpp"
#include "tlm/core_transactions.hpp"

namespace bru {

class ScaleBias : public sc_core::sc_module {
public:
    ScaleBias(const sc_core::sc_module_name& name, const CoreShape& shape);

    void observe(Observer& observer) { observers_.add(observer); }
    int latency_cycles() const { return kScaleBiasCycles; } ///< from a slice's entry to its result

    /// z and logits at the limits of their formats so far.
    std::uint64_t saturated_sums() const { return saturated_sums_; }
    std::uint64_t saturated_logits() const { return saturated_logits_; }

    RunTargetSocket part_socket;          ///< from dot_product_lanes
    MemoryTargetSocket scale_load_socket; ///< from stream_input
    MemoryTargetSocket bias_load_socket;
    RunInitiatorSocket z_socket;     ///< to activation_lut
    RunInitiatorSocket logit_socket; ///< to stream_output

private:
    /// Mantissas and biases of a descriptor in array order, decoded anew after a load and after a write of the
    /// descriptor.
    struct DescriptorImage {
        std::uint64_t scale_generation = 0;
        std::uint64_t bias_generation = 0;
        Descriptor descriptor;
        RowLayout layout;
        std::vector<std::int32_t> mantissas[2];
        std::vector<std::int64_t> bias; ///< dense: row after row; else rows 0, 2, ..., then rows 1, 3, ...
        bool narrow = false;            ///< simd::ScaleBiasArguments
    };

    void process(RowGroupRun& run);
    const DescriptorImage& image(const RowGroupRun& run);
    void decode(const Descriptor& descriptor, DescriptorImage& result) const;
    bool sums_are_narrow(const Descriptor& descriptor, const DescriptorImage& decoded) const;

    CoreShape shape_;
    Observers observers_;
    LoadedMemory scales_;
    LoadedMemory biases_;
    std::array<DescriptorImage, kMaxDescriptors> images_;
    AlignedBuffer<std::int16_t> z_;
    AlignedBuffer<std::int32_t> logits_;
    std::uint64_t saturated_sums_ = 0;
    std::uint64_t saturated_logits_ = 0;
};

} // namespace bru
