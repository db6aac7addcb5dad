// libsystemc.so wants an sc_main in every executable; the Catch2 session runs inside it.
#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"
#include <systemc>

int sc_main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }

int main(int argc, char* argv[]) {
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
