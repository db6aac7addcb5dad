// Drives the Verilated core with random networks, steps and stalls, and holds every cycle against the predictor:
// TREADY, TVALID, data, TLAST, the interrupt, and in the end all counters. One program for one static shape, which
// comes as macros.   test_rtl [CASES] [SEED]
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "Vbru_core.h"
#include "predictor.hpp"
#ifdef TRACE
#include "Vbru_core___024root.h"
#include "verilated_vcd_c.h"
#endif

namespace rtl_test {

constexpr Shape kShape{LANES, LANE_WIDTH, UPDATE_WIDTH, ACTIVATION_BITS, LUT_ADDRESS_BITS, WEIGHT_WORDS, SCALE_WORDS,
                       BIAS_WORDS, STATE_WORDS, CELL_WORDS, INPUT_WORDS, OUTPUT_FIFO_BEATS};

class Bench {
public:
    Bench(VerilatedContext& context, Vbru_core& core, Random& random) : context_(context), core_(core), random_(random) {
#ifdef TRACE
        context_.traceEverOn(true);
        core_.trace(&vcd_, 99);
        vcd_.open("test_rtl.vcd");
#endif
    }

    /// One random case; false and a message on standard output where core and prediction part.
    bool run();

private:
    void tick();
    void write(std::uint32_t address, std::uint32_t data);
    std::uint32_t read(std::uint32_t address);
    void load(const Image::Load& load);
    bool stream(const Network& network, const std::vector<Step>& steps);
    std::vector<std::uint64_t> step_beats(const Network& network, const Step& step) const;
    void check(bool ok, const char* what, std::uint64_t expected, std::uint64_t got);

    VerilatedContext& context_;
    Vbru_core& core_;
    Random& random_;
    Predictor* predictor_ = nullptr;
    Predictor::Events events_;
    bool failed_ = false;
    std::uint64_t cycle_ = 0;
#ifdef TRACE
    VerilatedVcdC vcd_;
#endif
};

void Bench::check(bool ok, const char* what, std::uint64_t expected, std::uint64_t got) {
    if (ok || failed_) return;
    failed_ = true;
    std::printf("cycle %llu: %s: expected %llx, got %llx\n", static_cast<unsigned long long>(cycle_), what,
                static_cast<unsigned long long>(expected), static_cast<unsigned long long>(got));
}

/// One clock: the inputs are set; handshakes are sampled before the edge.
void Bench::tick() {
    core_.aclk = 0;
    core_.eval();
#ifdef TRACE
    vcd_.dump(context_.time());
#endif
    context_.timeInc(1);
    if (predictor_ != nullptr) {
        if (events_.input_is_run) check(core_.s_axis_tready == predictor_->input_ready(), "s_axis_tready", predictor_->input_ready(), core_.s_axis_tready);
        else check(core_.s_axis_tready == 1, "s_axis_tready in a load", 1, core_.s_axis_tready);
        const Predictor::Beat* beat = predictor_->output();
        check(core_.m_axis_tvalid == (beat != nullptr), "m_axis_tvalid", beat != nullptr, core_.m_axis_tvalid);
        if (beat != nullptr && core_.m_axis_tvalid) {
            check(core_.m_axis_tdata == beat->data, "m_axis_tdata", beat->data, core_.m_axis_tdata);
            check(core_.m_axis_tlast == beat->tlast, "m_axis_tlast", beat->tlast, core_.m_axis_tlast);
        }
        check(core_.irq == predictor_->interrupt(), "irq", predictor_->interrupt(), core_.irq);
        events_.input_transferred = core_.s_axis_tvalid && core_.s_axis_tready;
        if (!events_.input_transferred) events_.header = nullptr;
        events_.output_transferred = core_.m_axis_tvalid && core_.m_axis_tready;
        predictor_->cycle(events_);
#ifdef TRACE // with every signal public: the class too
        const auto cycle_class = static_cast<std::uint64_t>(core_.rootp->bru_core__DOT__cycle_class);
        check(cycle_class == predictor_->last_class(), "class", predictor_->last_class(), cycle_class);
#endif
    }
    ++cycle_;
    core_.aclk = 1;
    core_.eval();
#ifdef TRACE
    vcd_.dump(context_.time());
#endif
    context_.timeInc(1);
}

void Bench::write(std::uint32_t address, std::uint32_t data) {
    core_.s_axi_awaddr = static_cast<std::uint16_t>(address);
    core_.s_axi_awvalid = 1;
    core_.s_axi_wdata = data;
    core_.s_axi_wvalid = 1;
    core_.s_axi_bready = 1;
    events_.start = address == 0 && (data & 1) != 0;
    events_.count = address == 0 && (data & 2) != 0;
    events_.freeze = address == 0 && (data & 4) != 0;
    tick();
    events_.start = events_.count = events_.freeze = false;
    core_.s_axi_awvalid = 0;
    core_.s_axi_wvalid = 0;
    if (address == 0x10) events_.input_is_run = data == 0;
    tick();
}

std::uint32_t Bench::read(std::uint32_t address) {
    core_.s_axi_araddr = static_cast<std::uint16_t>(address);
    core_.s_axi_arvalid = 1;
    core_.s_axi_rready = 1;
    tick();
    core_.s_axi_arvalid = 0;
    const std::uint32_t data = core_.s_axi_rdata;
    tick();
    return data;
}

void Bench::load(const Image::Load& load) {
    write(0x14, static_cast<std::uint32_t>(load.address));
    write(0x10, static_cast<std::uint32_t>(load.target));
    const bool gaps = uniform(random_, 0, 3) == 0;
    for (const std::uint64_t beat : load.beats) {
        core_.s_axis_tvalid = 0;
        while (gaps && uniform(random_, 0, 3) == 0) tick();
        core_.s_axis_tvalid = 1;
        core_.s_axis_tdata = beat;
        tick();
    }
    core_.s_axis_tvalid = 0;
    write(0x10, 0);
}

std::vector<std::uint64_t> Bench::step_beats(const Network& network, const Step& step) const {
    const int width = kShape.lane_width, bits = kShape.activation_bits;
    std::vector<std::uint64_t> beats;
    std::uint64_t header = (step.first ? 1U : 0U) | (step.last ? 2U : 0U) | (step.end ? 4U : 0U);
    if (network.one_hot)
        header |= static_cast<std::uint64_t>(step.symbol / width) << 16 | static_cast<std::uint64_t>(step.symbol % width) << 32;
    beats.push_back(header);
    if (network.one_hot) return beats;
    const int per_chunk = divide_up(width * bits, 64);
    for (int chunk = 0; chunk < divide_up(network.input_size, width); ++chunk) {
        std::vector<std::uint64_t> word(static_cast<std::size_t>(per_chunk), bits == 1 ? ~std::uint64_t{0} : 0);
        for (int column = 0; column < width && chunk * width + column < network.input_size; ++column) {
            const int value = step.values[static_cast<std::size_t>(chunk * width + column)];
            for (int i = 0; i < bits; ++i) {
                const int at = column * bits + i;
                const std::uint64_t mask = std::uint64_t{1} << (at % 64);
                const bool bit = bits == 1 ? value > 0 : (value >> i & 1) != 0;
                if (bit) word[static_cast<std::size_t>(at / 64)] |= mask;
                else word[static_cast<std::size_t>(at / 64)] &= ~mask;
            }
        }
        beats.insert(beats.end(), word.begin(), word.end());
    }
    return beats;
}

/// All steps through the core, with random gaps and a random receiver; start is written somewhere on the way.
bool Bench::stream(const Network& network, const std::vector<Step>& steps) {
    const int gap = uniform(random_, 0, 2) == 0 ? 0 : uniform(random_, 1, 98);         // per cent of idle cycles
    const int busy = uniform(random_, 0, 2) == 0 ? 0 : uniform(random_, 1, 99);        // of cycles without TREADY
    const bool bursts = uniform(random_, 0, 3) == 0; // the receiver sleeps for long
    int asleep = 0;
    const int start_after = uniform(random_, 0, 1) == 0 ? 0 : uniform(random_, 0, 200);
    bool started = false;
    std::size_t step = 0, beat = 0;
    std::vector<std::uint64_t> beats = step_beats(network, steps[0]);
    std::uint64_t quiet = 0, outputs = 0;
    for (int t = 0; !failed_; ++t) {
        if (core_.s_axis_tvalid == 0 && step < steps.size() && uniform(random_, 0, 99) >= gap) {
            core_.s_axis_tvalid = 1;
            core_.s_axis_tdata = beats[beat];
        }
        if (asleep > 0) --asleep;
        else if (bursts && uniform(random_, 0, 199) == 0) asleep = uniform(random_, 1, 3000);
        core_.m_axis_tready = asleep == 0 && uniform(random_, 0, 99) >= busy;
        events_.header = core_.s_axis_tvalid && beat == 0 ? &steps[step] : nullptr;
        if (!started && t >= start_after) {
            started = true;
            core_.s_axi_awaddr = 0;
            core_.s_axi_wdata = 1;
            core_.s_axi_awvalid = core_.s_axi_wvalid = 1;
            events_.start = true;
        }
        tick();
        core_.s_axi_awvalid = core_.s_axi_wvalid = 0;
        events_.start = false;
        if (events_.input_transferred) {
            core_.s_axis_tvalid = 0;
            if (++beat == beats.size()) {
                beat = 0;
                if (++step < steps.size()) beats = step_beats(network, steps[step]);
            }
        }
        if (started && predictor_->done() && !predictor_->running()) break;
        quiet = predictor_->outputs() == outputs ? quiet + 1 : 0;
        outputs = predictor_->outputs();
        check(quiet < 100000, "output stopped", 0, 1);
    }
    core_.m_axis_tready = 0;
    events_.header = nullptr;
    return !failed_;
}

bool Bench::run() {
    constexpr int kLongest = 6;
    Network network;
    Image image;
    do {
        network = random_network(random_, kShape);
        image = Image{};
    } while (!place(network, kShape, kLongest, image));
    const int chunks = network.one_hot ? 1 : divide_up(network.input_size, kShape.lane_width);
    const int most = kShape.input_words / chunks;
    Predictor::Settings settings;
    if (network.sequence_mode && most < kLongest) return true;
    settings.slots = uniform(random_, network.sequence_mode ? kLongest : 1, most);
    settings.packet_vectors = static_cast<std::uint32_t>(uniform(random_, 1, 5));
    Predictor predictor(network, kShape, image, settings);

    predictor_ = nullptr;
    core_.aresetn = 0;
    core_.s_axis_tvalid = core_.m_axis_tready = core_.s_axi_awvalid = core_.s_axi_wvalid = core_.s_axi_arvalid = 0;
    tick();
    tick();
    core_.aresetn = 1;
    events_ = Predictor::Events{};
    cycle_ = 0;
    write(0x24, static_cast<std::uint32_t>(settings.slots));
    predictor_ = &predictor;
    write(0x0, 2);
    for (const Image::Load& load_of : image.loads) load(load_of);
    for (std::size_t index = 0; index < image.descriptors.size(); ++index)
        for (std::uint32_t field = 0; field < 22; ++field)
            write(0x1000 + 0x80 * static_cast<std::uint32_t>(index) + 4 * field, image.descriptors[index][field]);
    write(0x18, static_cast<std::uint32_t>(image.descriptors.size()));
    write(0x1C, (network.sequence_mode ? 1U : 0U) | static_cast<std::uint32_t>(network.output_kind) << 4 | static_cast<std::uint32_t>(network.output_steps) << 8);
    write(0x20, static_cast<std::uint32_t>(network.one_hot ? 0 : chunks) | (network.one_hot ? 1U << 31 : 0U));
    write(0x28, settings.packet_vectors);
    write(0x08, 1);
    const int runs = uniform(random_, 1, 2);
    std::vector<std::vector<Step>> all;
    for (int i = 0; i < runs; ++i) all.push_back(random_steps(random_, kShape, network, uniform(random_, 1, uniform(random_, 0, 3) == 0 ? 60 : 8), kLongest));
    for (int i = 0; i < runs && !failed_; ++i) {
        stream(network, all[static_cast<std::size_t>(i)]);
        const bool stop_early = uniform(random_, 0, 3) == 0; // counters of a piece only
        if (stop_early) write(0x0, 4);
    }
    write(0x0, 4);
    tick();
    for (std::uint32_t k = 0; k < 10; ++k) {
        const std::uint64_t low = read(0x80 + 8 * k);
        const std::uint64_t value = low | static_cast<std::uint64_t>(read(0x84 + 8 * k)) << 32;
        const std::string name = "counter " + std::to_string(k);
        check(value == predictor.counters()[k], name.c_str(), predictor.counters()[k], value);
    }
    check((read(0x04) & 3) == 2, "status", 2, read(0x04) & 3);
    if (failed_) {
        std::printf("  one_hot %d input %d sequence %d kind %d steps %d slots %d:", network.one_hot, network.input_size, network.sequence_mode, network.output_kind, network.output_steps, settings.slots);
        for (const Rows* rows : image.rows)
            std::printf(" [%s%d layer %d planes %d,%d shift %d]", rows->dense ? "dense " : rows->reverse ? "reverse " : "", rows->size, rows->layer, rows->parts[0].planes, rows->dense ? 0 : rows->parts[1].planes, rows->shift);
        std::printf("\n");
    }
    return !failed_;
}

} // namespace rtl_test

int main(int argc, char** argv) {
    const long cases = argc > 1 ? std::atol(argv[1]) : 20;
    const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(static_cast<int>(seed) + 1);
    Vbru_core core{&context};
    for (long i = 0; i < cases; ++i) {
        rtl_test::Random random(seed + static_cast<unsigned long long>(i));
        rtl_test::Bench bench(context, core, random);
        if (!bench.run()) {
            std::printf("case %ld of seed %llu fails; repeat with: %s 1 %llu\n", i, seed, argv[0], seed + static_cast<unsigned long long>(i));
            return 1;
        }
    }
    std::printf("cases=%ld mismatches=0\n", cases);
    return 0;
}
