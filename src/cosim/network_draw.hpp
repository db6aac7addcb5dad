// The network of a case, as random as the shape of the machine permits.
#pragma once

#include <cstdint>
#include <vector>

#include "cosim/cosim_case.hpp"
#include "cosim/draws.hpp"
#include "rtl_core/rtl_core.hpp"

namespace bru {

class NetworkDraw : protected Draws {
protected:
    /// As many vectors may be under way before a stream has its turn again.
    static constexpr int kSeveralStreams = 4;

    /// Draws one of the shapes, too. There is at least one.
    NetworkDraw(std::uint64_t seed, const std::vector<RtlShape>& shapes);

    int between(int low, int high) { return narrow<int>(Draws::between(low, high)); }
    void draw_network(CosimCase& c);
    /// From now on, layers are smaller.
    void smaller_layers();

    const RtlShape& shape_;
    bool pressure_ = false;               ///< a receiver so slow that beat FIFO and slice FIFO run full
    bool many_runs_ = false;              ///< of tiny networks, so that they are short
    int& (*grows_)(CosimCase&) = nullptr; ///< the size that becomes as large as it can; nullptr: none does
    bool all_extreme_ = false;            ///< weights and inputs

private:
    /// One that meets a rule of the core which others hardly meet; false: none.
    bool draw_special(CosimCase& c);
    /// The shortest vectors there are, of so many streams in turns that a stream's h is just being written when its
    /// next step wants it.
    void draw_short_round(CosimCase& c);
    /// Sequences of one step, or of two, whose headers may come in cycle after cycle, to a core that is as fast: a
    /// sequence ends as others arrive.
    void draw_following_sequences(CosimCase& c);
    /// A layer of two wide directions; the dense one reads the h of both directions' last steps.
    void draw_wide_directions(CosimCase& c);
    /// Sums that need the uppermost bit of a part, in the first of one or two small layers.
    void draw_large_sums(CosimCase& c);
    /// A wide layer for a few steps: another layer or a dense one reads its h, or nothing but its own next step.
    void draw_wide_layer(CosimCase& c);
    /// More than half of those that the core has, often all: layers of one direction or two, with a dense one or
    /// without.
    void draw_many_descriptors(CosimCase& c);
    /// A small network, of which one size then grows, so that counters, addresses and sums meet their upper bits.
    void draw_lopsided(CosimCase& c);
    /// One to three layers, or many, of any size or tiny.
    void draw_stack(CosimCase& c);
    /// LSTMs alone, GRUs alone, or, in most cases, any mixture.
    void draw_cells(CosimCase& c);
    /// A size around a boundary of the shape (a group, a chunk, a slice), or any.
    int size();
    int tiny_size(); ///< a few units, or one group
    int planes();
    bool several_streams() const;

    int largest_;
};

} // namespace bru
