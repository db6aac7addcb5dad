// The program `bru-train`.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/interrupt.hpp"
#include "train/command_line.hpp"
#include "train/host.hpp"
#include "train/progress.hpp"

int main(int argc, char* argv[]) {
    bru::catch_interrupts();
    const int status = bru::run_main([&] {
        bru::train::prepare_host();
        return bru::run_program(bru::train::training_program(), std::vector<std::string>(argv + 1, argv + argc));
    });
    // Everything is written. Where memory was short, what LibTorch takes down at the end of main() can fault.
    std::fflush(nullptr);
    std::_Exit(status);
}
