// Does the protocol checker see every rule of the base protocol broken, by an initiator or by a target, and nothing
// where both keep the rules?
#include "support/catch.hpp"

#include <functional>
#include <string>
#include <vector>

#include <sysc/kernel/sc_dynamic_processes.h> // sc_spawn, which <systemc> leaves out

#include "support/protocol_checker.hpp"
#include "support/test_kernel.hpp"

using namespace bru::test;
using sc_core::sc_time;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

namespace {

const sc_time kNow = sc_core::SC_ZERO_TIME;
const sc_time kSoon(10, sc_core::SC_NS);

/// A read of a word, held once.
struct Request : tlm::tlm_generic_payload, private tlm::tlm_mm_interface {
    Request() : tlm_generic_payload(this) {
        set_command(tlm::TLM_READ_COMMAND);
        set_data_ptr(word);
        set_data_length(sizeof word);
        set_streaming_width(sizeof word);
        acquire();
    }
    unsigned char word[4] = {};

private:
    void free(tlm::tlm_generic_payload*) override {}
};

/// An initiator and a target that do what a test tells them, with the checker between.
struct Bench : sc_core::sc_module, private tlm::tlm_fw_transport_if<>, private tlm::tlm_bw_transport_if<> {
    using Payload = tlm::tlm_generic_payload;
    explicit Bench(const sc_core::sc_module_name& name)
        : sc_module(name), initiator("initiator"), target("target"),
          checker("checker", [this](const std::string& text) { violations.push_back(text); }) {
        initiator.bind(*static_cast<tlm::tlm_bw_transport_if<>*>(this));
        target.bind(*static_cast<tlm::tlm_fw_transport_if<>*>(this));
        initiator.bind(checker.from_initiator);
        checker.to_target.bind(target);
    }
    void b_transport(Payload& payload, sc_time& delay) override { on_blocking(payload, delay); }
    tlm_sync_enum nb_transport_fw(Payload& payload, tlm_phase& phase, sc_time& delay) override {
        return on_forward(payload, phase, delay);
    }
    tlm_sync_enum nb_transport_bw(Payload& payload, tlm_phase& phase, sc_time& delay) override {
        return on_backward(payload, phase, delay);
    }
    bool get_direct_mem_ptr(Payload&, tlm::tlm_dmi& dmi) override { return on_direct_access(dmi); }
    unsigned transport_dbg(Payload&) override { return debug_bytes; }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

    // Calls of the initiator and of the target.
    void block(Payload& payload, sc_time delay = kNow) { initiator->b_transport(payload, delay); }
    tlm_sync_enum send(Payload& payload, tlm_phase phase, sc_time delay = kNow) {
        return initiator->nb_transport_fw(payload, phase, delay);
    }
    tlm_sync_enum answer(Payload& payload, tlm_phase phase, sc_time delay = kNow) {
        return target->nb_transport_bw(payload, phase, delay);
    }
    void respond(Payload& payload, const sc_time& delay = kNow) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
        answer(payload, tlm::BEGIN_RESP, delay);
    }

    tlm::tlm_initiator_socket<32> initiator;
    tlm::tlm_target_socket<32> target;
    std::vector<std::string> violations;
    ProtocolChecker<32> checker;
    std::function<void(Payload&, sc_time&)> on_blocking = [](Payload& payload, sc_time&) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    using Phase = std::function<tlm_sync_enum(Payload&, tlm_phase&, sc_time&)>;
    Phase on_forward = [](Payload&, tlm_phase&, sc_time&) { return tlm::TLM_ACCEPTED; };
    Phase on_backward = [](Payload&, tlm_phase&, sc_time&) { return tlm::TLM_ACCEPTED; };
    std::function<bool(tlm::tlm_dmi&)> on_direct_access = [](tlm::tlm_dmi&) { return false; };
    unsigned debug_bytes = 0;
};

using Script = std::function<void(Bench&, Request& first, Request& second)>;

/// What the checker says, in a process of the kernel.
std::vector<std::string> violations_of(const Script& script) {
    const TestKernel kernel;
    Request first;
    Request second;
    Bench bench("bench");
    bool finished = false;
    sc_core::sc_spawn([&] {
        script(bench, first, second);
        finished = true;
    });
    sc_core::sc_start(sc_time(1, sc_core::SC_US));
    CHECK(finished);
    return bench.violations;
}

struct BrokenRule {
    const char* text;
    Script script;
};

const std::vector<BrokenRule>& broken_requests() {
    static const std::vector<BrokenRule> rules = {
        {"a request whose response status is not INCOMPLETE",
         [](Bench& bench, Request& first, Request&) {
             first.set_response_status(tlm::TLM_OK_RESPONSE);
             bench.block(first);
         }},
        {"a request with the hint that direct access is allowed",
         [](Bench& bench, Request& first, Request&) {
             first.set_dmi_allowed(true);
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"a request without data",
         [](Bench& bench, Request& first, Request&) {
             first.set_data_length(0);
             bench.block(first);
         }},
        {"a request with streaming width 0",
         [](Bench& bench, Request& first, Request&) {
             first.set_streaming_width(0);
             bench.block(first);
         }},
        {"a request with byte enables of length 0",
         [](Bench& bench, Request& first, Request&) {
             first.set_byte_enable_ptr(first.word);
             bench.block(first);
         }},
        {"b_transport with a payload that is under way",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.block(first);
         }},
        {"b_transport with a payload that nobody holds",
         [](Bench& bench, Request& first, Request&) {
             first.release();
             bench.block(first); // NOLINT(clang-analyzer-unix.Malloc): its manager keeps what nobody holds
         }},
        {"nb_transport with a payload that nobody holds",
         [](Bench& bench, Request& first, Request&) {
             first.release();
             bench.send(first, tlm::BEGIN_REQ); // NOLINT(clang-analyzer-unix.Malloc): as above
         }},
        {"nb_transport with a payload without memory management",
         [](Bench& bench, Request& first, Request&) {
             first.set_mm(nullptr);
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"BEGIN_REQ of a payload that is under way",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::END_REQ);
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"BEGIN_REQ before the end of the request before it",
         [](Bench& bench, Request& first, Request& second) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.send(second, tlm::BEGIN_REQ);
         }},
        {"BEGIN_REQ before the time of the END_REQ before it",
         [](Bench& bench, Request& first, Request& second) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::END_REQ, kSoon);
             bench.send(second, tlm::BEGIN_REQ);
         }},
        {"the initiator sends a phase of the target",
         [](Bench& bench, Request& first, Request&) { bench.send(first, tlm::BEGIN_RESP); }},
        {"END_RESP without BEGIN_RESP",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.send(first, tlm::END_RESP);
         }},
        {"a phase of a payload that is not under way",
         [](Bench& bench, Request& first, Request&) { bench.send(first, tlm::END_RESP); }},
        {"the initiator changes the response status",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.respond(first);
             first.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
             bench.send(first, tlm::END_RESP);
         }},
        {"an attribute of the payload changes while it is under way",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             first.set_address(4);
             bench.answer(first, tlm::END_REQ);
         }},
        {"a phase before the time of the one before it",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ, kSoon);
             bench.answer(first, tlm::END_REQ);
         }},
        {"the initiator ends a transaction without a response",
         [](Bench& bench, Request& first, Request&) {
             bench.on_backward = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::END_REQ);
         }},
        {"the initiator answers BEGIN_RESP with another phase than END_RESP",
         [](Bench& bench, Request& first, Request&) {
             bench.on_backward = [](auto&, auto&, auto&) { return tlm::TLM_UPDATED; };
             bench.send(first, tlm::BEGIN_REQ);
             bench.respond(first);
         }},
    };
    return rules;
}

const std::vector<BrokenRule>& broken_answers() {
    static const std::vector<BrokenRule> rules = {
        {"b_transport returns with an INCOMPLETE response status",
         [](Bench& bench, Request& first, Request&) {
             bench.on_blocking = [](auto&, auto&) {};
             bench.block(first);
         }},
        {"b_transport returns a time before that of its call",
         [](Bench& bench, Request& first, Request&) {
             bench.on_blocking = [](auto& payload, auto& delay) {
                 payload.set_response_status(tlm::TLM_OK_RESPONSE);
                 delay = kNow;
             };
             bench.block(first, kSoon);
         }},
        {"the data of a write changes while it is under way",
         [](Bench& bench, Request& first, Request&) {
             first.set_command(tlm::TLM_WRITE_COMMAND);
             bench.on_blocking = [](auto& payload, auto&) {
                 payload.set_response_status(tlm::TLM_OK_RESPONSE);
                 payload.get_data_ptr()[0] = 1;
             };
             bench.block(first);
         }},
        {"the target sends a phase of the initiator",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::END_RESP);
         }},
        {"the target sends a phase out of order",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::END_REQ);
             bench.answer(first, tlm::END_REQ);
         }},
        {"BEGIN_RESP with an INCOMPLETE response status",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.answer(first, tlm::BEGIN_RESP);
         }},
        {"BEGIN_RESP before the end of the response before it",
         [](Bench& bench, Request& first, Request& second) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.respond(first);
             bench.send(second, tlm::BEGIN_REQ);
             bench.respond(second);
         }},
        {"BEGIN_RESP before the time of the END_RESP before it",
         [](Bench& bench, Request& first, Request& second) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.respond(first);
             bench.send(first, tlm::END_RESP, kSoon);
             bench.send(second, tlm::BEGIN_REQ);
             bench.respond(second);
         }},
        {"TLM_COMPLETED with an INCOMPLETE response status",
         [](Bench& bench, Request& first, Request&) {
             bench.on_forward = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"TLM_COMPLETED before the time of its request",
         [](Bench& bench, Request& first, Request&) {
             bench.on_forward = [](auto& payload, auto&, auto& delay) {
                 payload.set_response_status(tlm::TLM_OK_RESPONSE);
                 delay = kNow;
                 return tlm::TLM_COMPLETED;
             };
             bench.send(first, tlm::BEGIN_REQ, kSoon);
         }},
        {"TLM_COMPLETED of a transaction that has gone on by phases",
         [](Bench& bench, Request& first, Request&) {
             bench.on_forward = [&bench](auto& payload, auto&, auto&) {
                 bench.respond(payload);
                 return tlm::TLM_COMPLETED;
             };
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"TLM_ACCEPTED with another phase or delay",
         [](Bench& bench, Request& first, Request&) {
             bench.on_forward = [](auto&, auto&, auto& delay) {
                 delay = kSoon;
                 return tlm::TLM_ACCEPTED;
             };
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"the target answers END_RESP with a phase",
         [](Bench& bench, Request& first, Request&) {
             bench.send(first, tlm::BEGIN_REQ);
             bench.respond(first);
             bench.on_forward = [](auto&, auto&, auto&) { return tlm::TLM_UPDATED; };
             bench.send(first, tlm::END_RESP);
         }},
        {"nb_transport waits",
         [](Bench& bench, Request& first, Request&) {
             bench.on_forward = [](auto&, auto&, auto&) {
                 sc_core::wait(kSoon);
                 return tlm::TLM_ACCEPTED;
             };
             bench.send(first, tlm::BEGIN_REQ);
         }},
        {"direct access is granted without a pointer",
         [](Bench& bench, Request& first, Request&) {
             bench.on_direct_access = [](auto& dmi) {
                 dmi.allow_read();
                 return true;
             };
             tlm::tlm_dmi dmi;
             bench.initiator->get_direct_mem_ptr(first, dmi);
         }},
        {"direct access is granted for another command",
         [](Bench& bench, Request& first, Request&) {
             bench.on_direct_access = [&first](auto& dmi) {
                 dmi.set_dmi_ptr(first.word);
                 dmi.allow_write();
                 return true;
             };
             tlm::tlm_dmi dmi;
             bench.initiator->get_direct_mem_ptr(first, dmi);
         }},
        {"direct access is granted for another address",
         [](Bench& bench, Request& first, Request&) {
             bench.on_direct_access = [&first](auto& dmi) {
                 dmi.set_dmi_ptr(first.word);
                 dmi.allow_read();
                 dmi.set_start_address(8);
                 return true;
             };
             tlm::tlm_dmi dmi;
             bench.initiator->get_direct_mem_ptr(first, dmi);
         }},
        {"a range of direct access that is taken back ends before it begins",
         [](Bench& bench, Request&, Request&) { bench.target->invalidate_direct_mem_ptr(8, 4); }},
        {"transport_dbg returns more bytes than there are",
         [](Bench& bench, Request& first, Request&) {
             bench.debug_bytes = 5;
             bench.initiator->transport_dbg(first);
         }},
    };
    return rules;
}

/// No initiator or target that keeps the rules is blamed.
const std::vector<Script>& kept_rules() {
    static const std::vector<Script> scripts = {
        [](Bench& bench, Request& first, Request& second) { // b_transport, also where it waits, and without a command
            bench.on_blocking = [](auto& payload, auto& delay) {
                sc_core::wait(delay + kSoon);
                delay = kNow;
                payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
            };
            bench.block(first, kSoon);
            second.set_command(tlm::TLM_IGNORE_COMMAND);
            second.set_data_ptr(nullptr);
            second.set_data_length(0);
            bench.block(second);
        },
        [](Bench& bench, Request& first, Request& second) { // four phases, two transactions overlap, out of order
            bench.send(first, tlm::BEGIN_REQ);
            bench.answer(first, tlm::END_REQ);
            bench.send(second, tlm::BEGIN_REQ);
            bench.respond(second);
            bench.send(second, tlm::END_RESP, kSoon);
            bench.respond(first, kSoon);
            bench.send(first, tlm::END_RESP, kSoon);
        },
        [](Bench& bench, Request& first, Request& second) { // phases on the return path, and early completion
            bench.on_forward = [](auto& payload, auto& phase, auto& delay) {
                payload.set_response_status(tlm::TLM_OK_RESPONSE);
                phase = tlm::BEGIN_RESP;
                delay += kSoon;
                return tlm::TLM_UPDATED;
            };
            bench.send(first, tlm::BEGIN_REQ);
            bench.on_forward = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
            bench.send(first, tlm::END_RESP, kSoon);
            bench.on_forward = [](auto& payload, auto&, auto&) {
                payload.set_response_status(tlm::TLM_OK_RESPONSE);
                return tlm::TLM_COMPLETED;
            };
            bench.send(second, tlm::BEGIN_REQ, kSoon);
            second.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            bench.send(second, tlm::BEGIN_REQ, kSoon);
        },
        [](Bench& bench, Request& first, Request&) { // the initiator completes in the call of the response
            bench.on_backward = [](auto&, auto& phase, auto&) {
                phase = tlm::END_RESP;
                return tlm::TLM_UPDATED;
            };
            bench.send(first, tlm::BEGIN_REQ);
            bench.respond(first);
            first.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            bench.send(first, tlm::BEGIN_REQ);
        },
    };
    return scripts;
}

} // namespace

TEST_CASE("the protocol checker sees every rule that an initiator breaks") {
    for (const BrokenRule& rule : broken_requests()) {
        CAPTURE(rule.text);
        const std::vector<std::string> found = violations_of(rule.script);
        REQUIRE_FALSE(found.empty());
        CHECK(found.front() == rule.text);
    }
}

TEST_CASE("the protocol checker sees every rule that a target breaks") {
    for (const BrokenRule& rule : broken_answers()) {
        CAPTURE(rule.text);
        const std::vector<std::string> found = violations_of(rule.script);
        REQUIRE_FALSE(found.empty());
        CHECK(found.front() == rule.text);
    }
}

TEST_CASE("the protocol checker blames nobody who keeps the rules") {
    for (const Script& script : kept_rules()) CHECK(violations_of(script) == std::vector<std::string>());
}
