// A virtual platform of a user's own around bru::Accelerator: a memory, an interrupt controller, and a processor that
// runs the driver of BRU. It loads a network image, streams the steps of a file, and compares every output with a
// golden file. docs/component.md explains it.
//   virtual_platform IMAGE STEPS GOLDEN "argmax final"
#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include <bru/accelerator.hpp>
#include <bru/driver/bru.h>

using sc_core::sc_time;

namespace {

constexpr std::uint64_t kDmaRegisters = 0x10000;
constexpr std::size_t kMemoryBytes = 32U << 20;
constexpr std::size_t kBufferBytes = 1U << 20;
constexpr unsigned kLengthBits = 23;

/// Memory that answers every burst 150 ns after its request.
struct Memory : sc_core::sc_module {
    explicit Memory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket"), bytes(kMemoryBytes) {
        socket.register_b_transport(this, &Memory::b_transport);
    }
    void b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
        const std::uint64_t address = payload.get_address();
        const std::size_t length = payload.get_data_length();
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        if (address > bytes.size() || length > bytes.size() - address) return;
        if (payload.is_read()) std::memcpy(payload.get_data_ptr(), &bytes[address], length);
        if (payload.is_write()) std::memcpy(&bytes[address], payload.get_data_ptr(), length);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        delay += sc_time(150, sc_core::SC_NS);
    }

    tlm_utils::simple_target_socket<Memory, 64> socket;
    std::vector<unsigned char> bytes;
};

/// Three lines in, one out: the processor asks which one it is.
struct InterruptController : sc_core::sc_module {
    SC_HAS_PROCESS(InterruptController);
    explicit InterruptController(const sc_core::sc_module_name& name)
        : sc_module(name), core("core"), mm2s("mm2s"), s2mm("s2mm"), request("request") {
        SC_METHOD(update);
        sensitive << core << mm2s << s2mm;
    }
    void update() { request.write(pending() != 0); }
    std::uint32_t pending() const {
        return (s2mm.read() ? unsigned{BRU_LINE_S2MM} : 0U) | (mm2s.read() ? unsigned{BRU_LINE_MM2S} : 0U) |
               (core.read() ? unsigned{BRU_LINE_CORE} : 0U);
    }

    sc_core::sc_in<bool> core, mm2s, s2mm;
    sc_core::sc_out<bool> request;
};

/// A processor, decoupled from the kernel by up to 10 us. It is the port of the driver.
struct Processor : sc_core::sc_module {
    SC_HAS_PROCESS(Processor);
    Processor(const sc_core::sc_module_name& name, Memory& m, InterruptController& c, std::function<void(bru_port&)> p)
        : sc_module(name), socket("socket"), interrupt("interrupt"), memory(m), controller(c), program(std::move(p)) {
        tlm_utils::tlm_quantumkeeper::set_global_quantum(sc_time(10, sc_core::SC_US));
        SC_THREAD(run);
    }
    void run() {
        keeper.reset();
        bru_port port = {};
        port.context = this;
        port.ticks_per_s = 1'000'000'000;
        port.read32 = [](void* self, std::uintptr_t address) {
            return static_cast<Processor*>(self)->access(tlm::TLM_READ_COMMAND, address, 0);
        };
        port.write32 = [](void* self, std::uintptr_t address, std::uint32_t value) {
            static_cast<Processor*>(self)->access(tlm::TLM_WRITE_COMMAND, address, value);
        };
        port.clean = [](void*, const bru_buffer*, std::size_t) {}; // no caches: buffers lie in the memory
        port.invalidate = port.clean;
        port.pending = [](void* self) { return static_cast<Processor*>(self)->lines(); };
        port.wait = [](void* self, std::uint64_t deadline) { return static_cast<Processor*>(self)->sleep(deadline); };
        port.now = [](void* self) { return static_cast<Processor*>(self)->now(); };
        program(port);
        sc_core::sc_stop();
    }
    std::uint64_t now() const { return static_cast<std::uint64_t>(keeper.get_current_time().to_seconds() * 1e9); }
    std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value) {
        keeper.inc(sc_time(100, sc_core::SC_NS)); // instructions and interconnect
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
        payload.set_data_length(sizeof value);
        payload.set_streaming_width(sizeof value);
        sc_time delay = keeper.get_local_time();
        socket->b_transport(payload, delay);
        keeper.set(delay);
        if (keeper.need_sync()) keeper.sync();
        if (payload.is_response_error()) throw std::runtime_error("bus error: " + payload.get_response_string());
        return value;
    }
    /// Lines as they are at the processor's own time.
    std::uint32_t lines() {
        keeper.sync();
        return controller.pending();
    }
    std::uint32_t sleep(std::uint64_t deadline) {
        keeper.sync();
        while (controller.pending() == 0 && now() < deadline) {
            if (deadline == BRU_FOREVER)
                wait(interrupt.posedge_event());
            else
                wait(sc_time(static_cast<double>(deadline - now()), sc_core::SC_NS), interrupt.posedge_event());
        }
        keeper.reset();
        return now() < deadline ? controller.pending() : 0;
    }

    tlm_utils::simple_initiator_socket<Processor, 32> socket;
    sc_core::sc_in<bool> interrupt;
    Memory& memory;
    InterruptController& controller;
    std::function<void(bru_port&)> program;
    tlm_utils::tlm_quantumkeeper keeper;
};

/// The file in memory, at a multiple of 8.
std::vector<std::uint64_t> file_words(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::vector<std::uint64_t> words((static_cast<std::size_t>(file.tellg()) + 7) / 8);
    const std::streamoff size = file.tellg();
    file.seekg(0).read(reinterpret_cast<char*>(words.data()), size);
    return words;
}
std::size_t file_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    return static_cast<std::size_t>(file.tellg());
}

/// The values of all outputs, from the section of the golden file whose key has the mode ("argmax final").
std::vector<std::int32_t> golden_values(const std::string& path, const std::string& mode) {
    std::ifstream file(path);
    std::vector<std::int32_t> values;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("outputs ", 0) == 0) inside = line.find(' ' + mode + ' ') != std::string::npos;
        std::istringstream fields(line);
        std::int64_t sequence = 0, step = 0;
        if (!inside || !(fields >> sequence >> step)) continue;
        for (std::int32_t value = 0; fields >> value;) values.push_back(value);
    }
    if (values.empty()) throw std::runtime_error(path + ": has no values of " + mode);
    return values;
}

bru::AcceleratorParameters parameters_for(const bru_image& image) {
    bru::AcceleratorParameters parameters;
    bru::Shape& shape = parameters.shape;
    std::int64_t* const fields[BRU_SHAPE_REGISTERS] = {
        &shape.lanes,           &shape.lane_width,       &shape.update_width,
        &shape.activation_bits, &shape.lut_address_bits, &shape.weight_words,
        &shape.scale_words,     &shape.bias_words,       &shape.state_words,
        &shape.cell_words,      &shape.input_words,      &shape.output_fifo_beats,
        &shape.streams,         &shape.cell_kinds};
    for (std::size_t field = 0; field < BRU_SHAPE_REGISTERS; ++field) *fields[field] = image.shape[field];
    parameters.dma.length_bits = kLengthBits;
    return parameters;
}

void expect(enum bru_result result) {
    if (result != BRU_OK) throw std::runtime_error(bru_result_text(result));
}

/// What the processor runs: all steps through the network.
struct Application {
    const bru_image& image;
    bru_steps steps;
    Memory& memory;
    std::size_t sent_beats = 0;
    std::vector<std::int32_t> values = {};

    bru_buffer buffer(std::size_t number) const {
        return {memory.bytes.data() + number * kBufferBytes, number * kBufferBytes, kBufferBytes};
    }
    void run(bru_port& port) {
        bru_device device = {};
        bru_network network = {};
        bru_initialise(&device, &port, {0, kDmaRegisters, kLengthBits});
        expect(bru_identify(&device));
        bru_enable(&device);
        const bru_buffer staging = buffer(0);
        expect(bru_load(&device, &network, &image, &staging));
        bru_select(&device, &network, bru_packet_vectors(&device, &image, 16));
        bru_stream stream = {this,       take_steps, take_outputs, {buffer(1), buffer(2)}, {buffer(3), buffer(4)},
                             BRU_FOREVER};
        expect(bru_run(&device, &network, &stream));
    }
    static std::size_t take_steps(void* context, std::uint64_t* beats, std::size_t most_bytes) {
        auto& self = *static_cast<Application*>(context);
        const std::size_t left = std::size_t{self.steps.steps} * self.steps.step_beats - self.sent_beats;
        const std::size_t most = most_bytes / 8 / self.steps.step_beats * self.steps.step_beats;
        const std::size_t count = std::min(left, most);
        std::memcpy(beats, self.steps.beats + self.sent_beats, 8 * count);
        self.sent_beats += count;
        return 8 * count;
    }
    static void take_outputs(void* context, const std::uint64_t* beats, std::size_t bytes) {
        auto& self = *static_cast<Application*>(context);
        std::vector<std::int32_t> vector(self.image.vector_values);
        for (std::size_t beat = 0; beat < bytes / 8; beat += self.image.vector_beats) {
            bru_decode_vector(&self.image, beats + beat, vector.data());
            self.values.insert(self.values.end(), vector.begin(), vector.end());
        }
    }
};

int run_platform(const std::string& image_path, const std::string& steps_path,
                 const std::vector<std::int32_t>& golden) {
    const std::vector<std::uint64_t> image_words = file_words(image_path);
    const std::vector<std::uint64_t> step_words = file_words(steps_path);
    bru_image image = {};
    bru_steps steps = {};
    expect(bru_read_image(image_words.data(), file_bytes(image_path), &image));
    expect(bru_read_steps(step_words.data(), file_bytes(steps_path), &steps));

    Memory memory("memory");
    InterruptController controller("controller");
    Application application{image, steps, memory};
    Processor processor("processor", memory, controller, [&](bru_port& port) { application.run(port); });
    bru::Accelerator accelerator("accelerator", parameters_for(image));
    sc_core::sc_signal<bool> core_line("core_line"), mm2s_line("mm2s_line"), s2mm_line("s2mm_line"), request("request");
    processor.socket.bind(accelerator.control);
    accelerator.memory.bind(memory.socket);
    accelerator.core_interrupt(core_line);
    accelerator.mm2s_interrupt(mm2s_line);
    accelerator.s2mm_interrupt(s2mm_line);
    controller.core(core_line);
    controller.mm2s(mm2s_line);
    controller.s2mm(s2mm_line);
    controller.request(request);
    processor.interrupt(request);
    sc_core::sc_start();

    const bool good = application.values == golden;
    std::cout << application.values.size() << " values in " << sc_core::sc_time_stamp() << ": "
              << (good ? "all as in the golden file" : "NOT as in the golden file") << '\n';
    return good ? 0 : 1;
}

} // namespace

int sc_main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: virtual_platform IMAGE STEPS GOLDEN \"argmax final\"\n";
        return 2;
    }
    try {
        return run_platform(argv[1], argv[2], golden_values(argv[3], argv[4]));
    } catch (const std::exception& error) {
        std::cerr << "virtual_platform: " << error.what() << '\n';
        return 2;
    }
}
