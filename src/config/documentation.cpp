// docs/configuration.md from the table of parameters; a test holds the file equal to this.
#include <fmt/format.h>

#include "config/load_configuration.hpp"
#include "config/run_keys.hpp"

namespace bru {

namespace {

constexpr const char* kIntroduction = R"(# Configuration

This page is generated from the table in `src/config/parameters.cpp` (a test holds them equal).

A configuration is an INI file: `[section]` headers, `key = value` lines, `#` comments. What a file leaves out has the default below.
Every parameter is also an option of every subcommand that takes a configuration, and the command line wins:

    bru run --config configs/z7020.ini --bru.lanes=128 --ddr.latency_cycles=60 ...

An unknown key, a value out of range, a key given twice or a line that is none of the above is an error that names file and line.
`auto` for the depth of a memory means: what the network (and `max_sequence_steps`) needs, no more. `bru run` shows the depths it chose in the
report's manifest.

A device is looked for as a path, then as NAME.ini beside the configuration file, in `devices/` beside it, and among the device files that
come with the program (`configs/devices`). docs/resources.md says what a device file holds.
)";

constexpr const char* kRunKeys = R"(
They say what runs, not the machine that it runs on: each is the option of `bru run` with the same name (`-` for `_`), which wins, and stands in no
golden file's key. With model and trace, `bru run --config FILE` needs no other option; `bru-train` and `bru sweep` write such files.

)";

constexpr const char* kRules = R"(
Rules between parameters:

- `bru.update_width` divides `bru.lanes` / 4;
- `dma.fifo_beats` is at least `dma.burst_beats`;
- `ddr.refresh_cycles` is less than `ddr.refresh_interval_cycles`, unless that is 0.
)";

} // namespace

std::string configuration_markdown() {
    std::string text = kIntroduction;
    const Configuration defaults;
    std::string section;
    for (const Parameter& parameter : parameters()) {
        const auto dot = parameter.key.find('.');
        if (parameter.key.substr(0, dot) != section) {
            section = parameter.key.substr(0, dot);
            text += fmt::format("\n## [{}]\n\n| key | default | unit | allowed | meaning |\n|---|---|---|---|---|\n",
                                section);
        }
        text += fmt::format("| `{}` | {} | {} | {} | {} |\n", parameter.key.substr(dot + 1), parameter.get(defaults),
                            parameter.unit, parameter.range, parameter.help);
    }
    text += "\n## [run]\n\n| key | allowed | meaning |\n|---|---|---|\n";
    for (const RunKey& key : run_keys())
        text += fmt::format("| `{}` | {} | {} |\n", key.key().substr(key.key().find('.') + 1), key.allowed(), key.help);
    return text + kRunKeys + kRules;
}

} // namespace bru
