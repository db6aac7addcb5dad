// The program `bru`. SystemC wants its entry point sc_main; everything runs inside it.
#include <cstdlib>
#include <string>
#include <vector>

#include <systemc>

#include "base/interrupt.hpp"
#include "cli/command.hpp"

int sc_main(int argc, char* argv[]) {
    // A fatal report becomes an exception, which run_program turns into a message and a status.
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    // The kernel's own remarks ("Simulation stopped by user") are no results.
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    bru::catch_interrupts();
    return bru::run_main(
        [&] { return bru::run_program(bru::cli::bru_program(), std::vector<std::string>(argv + 1, argv + argc)); });
}

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return bru::run_main([&] { return sc_core::sc_elab_and_sim(argc, argv); });
}
