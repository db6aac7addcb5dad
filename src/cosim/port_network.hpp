// A network of a case at the pins: what the host would load, at any place of the memories, and with anything in the
// rows that pad a slice or a row group.
#pragma once

#include <cstdint>
#include <vector>

#include "cosim/draws.hpp"
#include "cosim/prepared_case.hpp"
#include "platform/network_image.hpp"

namespace bru {

class PortNetwork {
public:
    /// Throws InputError as prepare(). Everything random follows from `seed`. The padding is filled only where nobody
    /// looks inside the core. In a wild case shifts and biases are any: sums of every size.
    PortNetwork(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes, std::uint64_t seed);

    /// Most shifts become any, many of them the least or the greatest, where shifted bits come from the ends of the
    /// sum: for a wild case.
    void draw_shifts(Draws& draws);
    const NetworkImage& image() const { return image_; }
    /// In place of the image's regions.
    const std::vector<LoadRegion>& loads() const { return loads_; }
    /// Sequences, or what else a run may end with.
    std::size_t sequences() const { return sequence_ends_.size(); }
    /// In steps. Of one stream.
    int longest_sequence() const;
    /// The beats of `count` sequences from `first` on; the last step ends the run.
    std::vector<std::uint64_t> steps(std::size_t first, std::size_t count) const;

private:
    void change_kind(const CosimCase& cosim_case, const Shape& built, Draws& draws);
    void mark_hidden(Draws& draws);
    void fill_upper_bits(Draws& draws);
    void place_regions(const Shape& built, Draws& draws);
    void move(LoadRegion& part, std::uint32_t to, bool splits, const std::vector<Descriptor>& before);
    void fill_biases(const PortTraffic& traffic, Draws& draws);

    PreparedCase prepared_;
    NetworkImage image_;
    std::vector<LoadRegion> loads_;
    std::vector<std::size_t> sequence_ends_; ///< places in prepared_.steps where a run may end
};

} // namespace bru
