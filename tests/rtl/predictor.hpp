// What the core must do in every cycle, predicted from docs/architecture.md: which chunk issues, when beats enter and
// leave and with what value, the interrupt, the counters. Plain code that moves cycle by cycle beside the RTL.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "random_network.hpp"

namespace rtl_test {

class Predictor {
public:
    using Cycle = std::int64_t;
    struct Beat {
        std::uint64_t data = 0;
        bool tlast = false;
        bool last_of_run = false;
        Cycle pushed = 0;
    };
    struct Settings {
        int slots = 1;
        std::uint32_t packet_vectors = 1;
    };

    Predictor(const Network& network, const Shape& shape, const Image& image, const Settings& settings);

    // What the core shows in the cycle under way.
    bool input_ready() const { return data_beats_left_ > 0 || slots_used_ < settings_.slots; }
    const Beat* output() const;
    bool interrupt() const { return interrupt_; }
    bool done() const { return done_; }
    bool running() const { return running_; }

    /// What happens in the cycle: a register write becomes effective, beats are transferred.
    struct Events {
        bool start = false, count = false, freeze = false;
        bool input_transferred = false;
        bool input_is_run = true; ///< LOAD_TARGET is 0
        const Step* header = nullptr; ///< the transferred beat is this step's header
        bool output_transferred = false;
    };
    void cycle(const Events& events);

    const std::array<std::uint64_t, 10>& counters() const { return counters_; }
    std::uint64_t outputs() const { return outputs_; }
    std::uint64_t last_class() const { return last_class_; }

private:
    struct StepState {
        const Step* step = nullptr;
        Cycle header = 0;
        std::vector<Cycle> chunks;
    };
    struct Slice {
        Cycle written = 0;
        std::vector<std::int64_t> values;
        bool ends_vector = false, last_of_run = false;
    };
    struct Vector {
        int descriptor = 0;
        std::size_t step = 0; ///< absolute
        bool first = false, leaves = false, last_of_run = false, ends_run = false, releases = false;
        int release_steps = 1;
        int group = 0, part = 0, plane = 0, chunk = 0;
    };

    const std::vector<std::uint32_t>& d(int index) const { return image_.descriptors[static_cast<std::size_t>(index)]; }
    bool header_known(std::size_t step) const { return step < steps_.size() && steps_[step].header + 3 <= now_; }
    bool open_vector();
    void describe_vector(int descriptor, std::size_t step, bool descriptor_done, bool end);
    void next_vector();
    int work(); ///< class of the cycle
    bool input_ok() const;
    bool state_ok() const;
    bool slices_written(int descriptor, int chunk, int size) const;
    int part_chunks() const { return static_cast<int>(d(vector_.descriptor)[vector_.part == 0 ? 3 : 6]); }
    int part_planes() const { return static_cast<int>(d(vector_.descriptor)[vector_.part == 0 ? 4 : 7]); }
    int leaving_slices() const;
    void issue();
    void compute_group();
    void advance();
    void serialize();

    const Network& network_;
    Shape shape_;
    const Image& image_;
    Settings settings_;
    int tree_stages_;
    std::size_t slice_fifo_;

    Cycle now_ = 0;
    std::vector<StepState> steps_;
    int data_beats_left_ = 0;
    int beats_per_chunk_;
    int beat_of_chunk_ = 0;
    int slots_used_ = 0;

    bool running_ = false, ever_started_ = false;
    Cycle start_ready_ = 0;
    bool vector_open_ = false;
    Vector vector_;
    int next_descriptor_ = 0;
    std::size_t sequence_first_ = 0;
    std::size_t sequence_last_ = 0;
    bool sequence_known_ = false;
    std::size_t next_step_ = 0;
    Cycle last_part_ = -1000;
    std::size_t reserved_ = 0;

    std::vector<std::vector<Cycle>> written_, writing_;       ///< per descriptor, slices of its latest vector
    std::vector<std::vector<std::vector<int>>> hidden_;       ///< per descriptor and step since the run's begin
    std::vector<std::vector<int>> cells_;

    std::deque<Slice> slices_;
    int turn_ = 0;
    std::vector<std::uint8_t> packed_;
    std::int64_t best_ = 0;
    std::uint64_t best_index_ = 0, row_ = 0;
    std::uint32_t packet_ = 0;
    std::deque<Beat> beats_;
    std::size_t fifo_level_ = 0; ///< pushed - transferred
    bool interrupt_ = false, done_ = false;

    bool counting_ = false;
    Cycle count_start_ = 0;
    std::array<std::uint64_t, 10> counters_{};
    std::uint64_t outputs_ = 0;
    std::uint64_t last_class_ = 0;
};

} // namespace rtl_test
