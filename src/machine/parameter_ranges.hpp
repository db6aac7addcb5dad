// The ranges of the parameters of the accelerator, said once: for configuration files (config/parameters.cpp) and for
// platforms that make the component themselves (accelerator/check_parameters.cpp).
#pragma once

#include <cstdint>

namespace bru {

struct ParameterRange {
    std::int64_t low = 0;
    std::int64_t high = 0;
};

namespace parameter_range {
inline constexpr ParameterRange kLanes{4, 1024}; ///< a multiple of 4
inline constexpr ParameterRange kLaneWidth{1, 64};
inline constexpr ParameterRange kUpdateWidth{1, 8}; ///< a power of two that divides lanes / 4
inline constexpr ParameterRange kActivationBits{1, 16};
inline constexpr ParameterRange kLutAddressBits{4, 14};
inline constexpr ParameterRange kScaleBits{2, 16};
inline constexpr ParameterRange kCellKinds{1, 2};
inline constexpr ParameterRange kStreams{1, 256};
inline constexpr ParameterRange kWeightWords{1, std::int64_t{1} << 22};
inline constexpr ParameterRange kMemoryWords{1, std::int64_t{1} << 20}; ///< of every other memory
inline constexpr ParameterRange kOutputFifoBeats{2, 65536};

inline constexpr ParameterRange kBurstBeats{1, 16};
inline constexpr ParameterRange kOutstandingBursts{1, 64};
inline constexpr ParameterRange kDmaFifoBeats{1, 65536}; ///< at least one burst
inline constexpr ParameterRange kDmaLatencyCycles{1, 100'000};
inline constexpr ParameterRange kLengthBits{8, 26};
inline constexpr ParameterRange kCrossingStages{2, 8};
inline constexpr ParameterRange kCrossingBeats{4, 32768};
} // namespace parameter_range

} // namespace bru
