// The program `bru-train`.
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "train/command_line.hpp"
#include "train/host.hpp"
#include "train/progress.hpp"

int main(int argc, char* argv[]) {
    bru::catch_interrupts();
    return bru::run_main([&] {
        bru::train::prepare_host();
        return bru::run_program(bru::train::training_program(), std::vector<std::string>(argv + 1, argv + argc));
    });
}
