// The fault that the environment variable BRU_MUTANT chooses (tools/mutate). Without it there is none.
#include <cstdlib>

extern "C" int bru_mutant() {
    static const char* const chosen = std::getenv("BRU_MUTANT");
    return chosen == nullptr ? 0 : std::atoi(chosen);
}
