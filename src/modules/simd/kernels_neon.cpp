// NEON kernels, for arm64, which always has NEON: masked sums by byte shuffles (kernels_bytes.ipp).
#include <cstring>

#include "modules/simd/kernels.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace bru::simd {
namespace {

#include "modules/simd/kernels_rows.ipp"

#include "modules/simd/kernels_bytes.ipp"

constexpr int kVectors = 4; ///< of 16 rows: what block_sums() keeps in registers

/// The 16 sums of four activations.
struct TableSums {
    uint16x8_t without_last; ///< entries 0 to 7
    uint16x8_t with_last;    ///< entries 8 to 15
};

/// An entry that holds an input adds the input's positive value; one that does not adds its negative value without
/// sign.
inline TableSums table_sums(const std::int16_t* activations) {
    alignas(16) static constexpr std::uint16_t kEntryNumbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const uint16x8_t entries = vld1q_u16(kEntryNumbers);
    const int16x4_t values = vld1_s16(activations);
    const uint16x4_t held = vreinterpret_u16_s16(vmax_s16(values, vdup_n_s16(0)));
    const uint16x4_t left_out = vreinterpret_u16_s16(vmax_s16(vneg_s16(values), vdup_n_s16(0)));
    const auto share = [&](std::uint16_t bit, uint16x8_t positive, uint16x8_t negative) {
        return vbslq_u16(vtstq_u16(entries, vdupq_n_u16(bit)), positive, negative);
    };
    uint16x8_t sums = share(1, vdupq_lane_u16(held, 0), vdupq_lane_u16(left_out, 0));
    sums = vaddq_u16(sums, share(2, vdupq_lane_u16(held, 1), vdupq_lane_u16(left_out, 1)));
    sums = vaddq_u16(sums, share(4, vdupq_lane_u16(held, 2), vdupq_lane_u16(left_out, 2)));
    return {vaddq_u16(sums, vdupq_lane_u16(left_out, 3)), vaddq_u16(sums, vdupq_lane_u16(held, 3))};
}

inline int build_table(const std::int16_t* activations, std::uint8_t* table) {
    const TableSums sums = table_sums(activations);
    const uint8x16_t low_bytes = vcombine_u8(vmovn_u16(sums.without_last), vmovn_u16(sums.with_last));
    vst1q_u8(table, vandq_u8(low_bytes, vdupq_n_u8((1 << kLowBits) - 1)));
    vst1q_u8(table + kEntries,
             vcombine_u8(vshrn_n_u16(sums.without_last, kLowBits), vshrn_n_u16(sums.with_last, kLowBits)));
    return vgetq_lane_u16(sums.without_last, 0);
}

/// 16-bit sums of 16 rows.
struct WordSums {
    uint16x8_t first;
    uint16x8_t second;
};

/// Adds sums of low and high bits in bytes.
inline void add_bytes(WordSums& words, uint8x16_t low, uint8x16_t high) {
    const uint8x16_t weight = vdupq_n_u8(1 << kLowBits);
    words.first = vmlal_u8(vaddw_u8(words.first, vget_low_u8(low)), vget_low_u8(high), vget_low_u8(weight));
    words.second = vmlal_high_u8(vaddw_high_u8(words.second, low), high, weight);
}

/// sums[0..7] (32 bits) = or += words.
inline void flush(uint16x8_t words, bool first, std::int32_t* sums) {
    const int16x8_t eight = vreinterpretq_s16_u16(words);
    if (first) {
        vst1q_s32(sums, vmovl_s16(vget_low_s16(eight)));
        vst1q_s32(sums + 4, vmovl_high_s16(eight));
    } else {
        vst1q_s32(sums, vaddw_s16(vld1q_s32(sums), vget_low_s16(eight)));
        vst1q_s32(sums + 4, vaddw_high_s16(vld1q_s32(sums + 4), eight));
    }
}

/// One block of 64 rows: their sums and the table's two registers stay in registers.
inline void block_sums(const std::uint8_t* index, const std::uint8_t* table, int count, bool first,
                       std::int32_t* sums) {
    const std::uint8_t* offset = table + static_cast<std::size_t>(count) * kTableBytes;
    const uint16x8_t too_much = vdupq_n_u16(*reinterpret_cast<const std::uint16_t*>(offset));
    const uint16x8_t start = vsubq_u16(vdupq_n_u16(0), too_much); // modulo 2^16, in which the sums fit
    WordSums words[kVectors] = {{start, start}, {start, start}, {start, start}, {start, start}};
    for (int left = count; left > 0; left -= kIndicesInBytes) {
        uint8x16_t low[kVectors] = {vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0), vdupq_n_u8(0)};
        uint8x16_t high[kVectors] = {low[0], low[0], low[0], low[0]};
        for (int k = left < kIndicesInBytes ? left : kIndicesInBytes; k > 0; --k) {
            const uint8x16_t low_table = vld1q_u8(table);
            const uint8x16_t high_table = vld1q_u8(table + kEntries);
#pragma GCC unroll 4
            for (int v = 0; v < kVectors; ++v) {
                const uint8x16_t rows = vld1q_u8(index + 16 * v);
                low[v] = vaddq_u8(low[v], vqtbl1q_u8(low_table, rows));
                high[v] = vaddq_u8(high[v], vqtbl1q_u8(high_table, rows));
            }
            index += kRowTile;
            table += kTableBytes;
        }
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) add_bytes(words[v], low[v], high[v]);
    }
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
        flush(words[v].first, first, sums + 16 * v);
        flush(words[v].second, first, sums + 16 * v + 8);
    }
}

/// What multiplies the mantissas: |operand| < 2^31, and 2m may pass that on the way, modulo 2^32.
struct Operands {
    int32x4_t doubling;
    int32x4_t activation_sum;

    Operands(const ScaleBiasArguments& a, int part)
        : doubling(vdupq_n_s32(a.masked_sum[part] ? 1 : 0)),
          activation_sum(vdupq_n_s32(a.masked_sum[part] ? a.activation_sums[part] : 0)) {}
    int32x4_t of(int32x4_t m) const { return vsubq_s32(vshlq_s32(m, doubling), activation_sum); }
};

/// Four sums of 64 bits.
struct LongSums {
    int64x2_t first;
    int64x2_t second;

    explicit LongSums(const std::int64_t* bias) : first(vld1q_s64(bias)), second(vld1q_s64(bias + 2)) {}
    void add_products(int32x4_t operands, int32x4_t mantissas) {
        first = vmlal_s32(first, vget_low_s32(operands), vget_low_s32(mantissas));
        second = vmlal_high_s32(second, operands, mantissas);
    }
    /// Shifted left by `shift` (negative: right) and saturated to 32 bits.
    int32x4_t shifted(int64x2_t shift) const {
        return vqmovn_high_s64(vqmovn_s64(vshlq_s64(first, shift)), vshlq_s64(second, shift));
    }
};

/// Any sums, narrow or not: the saturating moves bring 64 bits to 32 and 32 to 16.
void scale_bias_z(const ScaleBiasArguments& a, std::size_t begin, std::size_t end, std::int16_t* z) {
    const Operands operands[2] = {{a, 0}, {a, 1}};
    const int64x2_t shift = vdupq_n_s64(-a.shift);
    for (std::size_t row = begin; row < end; row += 8) {
        LongSums even(a.even_bias + row / 2);
        LongSums odd(a.odd_bias + row / 2);
#pragma GCC unroll 2
        for (int part = 0; part < 2; ++part) {
            const int32x4x2_t m = vld2q_s32(a.parts[part] + row); // even and odd rows apart
            const int32x4x2_t mantissas = vld2q_s32(a.mantissas[part] + row);
            even.add_products(operands[part].of(m.val[0]), mantissas.val[0]);
            odd.add_products(operands[part].of(m.val[1]), mantissas.val[1]);
        }
        const int16x4x2_t both = {{vqmovn_s32(even.shifted(shift)), vqmovn_s32(odd.shifted(shift))}};
        vst2_s16(z + row, both); // a macro in Clang, which would take the commas apart
    }
}

} // namespace

const Kernels& neon_kernels() {
    static const Kernels instance = [] {
        Kernels kernels = kernels_by_shuffles<build_table, block_sums>("neon");
        kernels.scale_bias_z = scale_bias_z;
        return kernels;
    }();
    return instance;
}

} // namespace bru::simd
#endif
