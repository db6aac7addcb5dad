// Puts a protocol checker on both sockets of every system that a test program makes.
#include "support/checked_sockets.hpp"

#include <memory>

#include "platform/socket_taps.hpp"
#include "support/catch.hpp"
#include "support/protocol_checker.hpp"

namespace bru::test {

namespace {

std::uint64_t checked = 0;

template <unsigned Width>
struct CountedChecker : ProtocolChecker<Width> {
    explicit CountedChecker(const char* socket)
        : ProtocolChecker<Width>(sc_core::sc_gen_unique_name("protocol_checker"), [socket](const std::string& text) {
              FAIL_CHECK("base protocol, socket " << socket << ": " << text);
          }) {}
    ~CountedChecker() override { checked += this->rules.transactions(); }
};

template <unsigned Width>
SocketTap<Width> checking_tap(const char* socket) {
    return [socket](auto& initiator, auto& target) {
        auto checker = std::make_shared<CountedChecker<Width>>(socket);
        initiator.bind(checker->from_initiator);
        checker->to_target.bind(target);
        return checker;
    };
}

const bool tapped = [] {
    socket_taps() = {checking_tap<32>("control"), checking_tap<64>("memory")};
    return true;
}();

} // namespace

std::uint64_t checked_transactions() { return tapped ? checked : 0; }

} // namespace bru::test
