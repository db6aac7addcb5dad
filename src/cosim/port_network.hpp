// A network of a case at the pins: what the host would load, at any place of the memories, and with anything in the
// rows that pad a slice or a row group.
#pragma once

#include <cstdint>
#include <vector>

#include "cosim/prepared_case.hpp"
#include "cosim/script_draws.hpp"
#include "platform/network_image.hpp"

namespace bru {

class PortNetwork {
public:
    /// Throws InputError as prepare(). Everything random follows from `seed`. The padding is filled only where nobody
    /// looks inside the core. In a wild case shifts and biases are any: sums of every size.
    PortNetwork(const CosimCase& cosim_case, const std::vector<RtlShape>& shapes, std::uint64_t seed);

    const NetworkImage& image() const { return image_; }
    /// In place of the image's regions.
    const std::vector<LoadRegion>& loads() const { return loads_; }
    /// Sequences, or what else a run may end with.
    std::size_t sequences() const { return sequence_ends_.size(); }
    /// The beats of `count` sequences from `first` on; the last step ends the run.
    std::vector<std::uint64_t> steps(std::size_t first, std::size_t count) const;

private:
    void change_kind(const CosimCase& cosim_case, const Shape& built, ScriptDraws& draws);
    void mark_hidden(ScriptDraws& draws);
    void fill_upper_bits(ScriptDraws& draws);
    void place_regions(const Shape& built, ScriptDraws& draws);
    void move(LoadRegion& part, std::uint32_t to, bool splits, const std::vector<Descriptor>& before);
    void fill_biases(const PortTraffic& traffic, ScriptDraws& draws);
    void draw_shifts(ScriptDraws& draws);

    PreparedCase prepared_;
    NetworkImage image_;
    std::vector<LoadRegion> loads_;
    std::vector<std::size_t> sequence_ends_; ///< places in prepared_.steps where a run may end
};

} // namespace bru
