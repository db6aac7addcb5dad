// Do the interrupt controller and the UART of the board behave as the firmware expects?
#include "support/catch.hpp"

#include <limits>
#include <string>

#include "virtual_board/peripherals.hpp"

using namespace bru;

TEST_CASE("the controller shows lines, and interrupts for those that are enabled and not being served", "[board]") {
    InterruptController controller;
    controller.set_line(61, true);
    CHECK_FALSE(controller.asserted());
    CHECK(controller.read_distributor(0x204) == 1U << 29);
    controller.write_distributor(0x104, 1U << 29);
    CHECK(controller.asserted());
    CHECK(controller.read_interface(0x0C) == 61);
    CHECK_FALSE(controller.asserted());
    CHECK(controller.read_interface(0x0C) == 1023);
    controller.write_interface(0x10, 61);
    CHECK(controller.asserted()); // the line is still high
    controller.write_distributor(0x184, 1U << 29);
    CHECK_FALSE(controller.asserted());
}

TEST_CASE("characters leave the UART at the baud rate, and the interrupt comes with the last one", "[board]") {
    std::string text;
    Uart uart(1e6, [&](char character) { text += character; }); // 10 us per character
    uart.write(0x30, 'a', 0);
    uart.write(0x30, 'b', 0);
    CHECK(uart.next_interrupt_ns() == std::numeric_limits<double>::infinity());
    uart.write(0x08, 8, 0);
    CHECK(uart.next_interrupt_ns() == 20'000);
    CHECK_FALSE(uart.interrupt(9'999));
    CHECK(text.empty());
    CHECK_FALSE(uart.interrupt(10'000));
    CHECK(text == "a");
    CHECK_FALSE(uart.interrupt(19'999));
    CHECK(uart.interrupt(20'000));
    CHECK(text == "ab");
    uart.write(0x0C, 8, 20'001);
    CHECK_FALSE(uart.interrupt(30'000));
}

TEST_CASE("the FIFO of the UART tells when it is full, and loses what does not fit", "[board]") {
    std::string text;
    Uart uart(1e6, [&](char character) { text += character; });
    for (int k = 0; k < 70; ++k) uart.write(0x30, 'x', 0);
    CHECK((uart.read(0x2C, 0) & 16) != 0);
    CHECK((uart.read(0x2C, 640'000) & 8) != 0);
    CHECK(text.size() == 64);
}
