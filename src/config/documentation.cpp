// docs/configuration.md from the table of parameters; a test holds the file equal to this.
#include <fmt/format.h>

#include "config/load_configuration.hpp"
#include "config/run_keys.hpp"

namespace bru {

namespace {

constexpr const char* kIntroduction = R"(# Configuration

The program writes this page from its own tables: parameters from `src/config/parameters.cpp`, and
keys of `[run]` from `src/config/run_keys.cpp`. A test compares the page with the tables.

A configuration is an INI file. It has `[section]` headers, `key = value` lines and `#` comments. If
the file does not give a key, the key has the default of this page. Every parameter is also a
command-line option of every subcommand that takes a configuration. If both give a value, the option
wins:

```
build/bru run --config configs/z7020.ini --bru.lanes=128 --ddr.latency_ns=300 \
    --model models/warpeace_h256.onnx --trace traces/warpeace.trace
```

A value may stand in double quotes, and must if it has a `#`, a comma or a line end in it, blanks at
its ends, or a quote in front: `model = "run #2/a, b.onnx"`. In quotes, `\\` is a backslash, `\"`
a quote, `\n`, `\r` and `\t` are a line end, a carriage return and a tab, and `\xHH` is the byte
with that hexadecimal number. Of a list in a sweep file, each item may be quoted; it then means
itself and no range. What the program writes (`--best`, `bru-train`) has quotes where it needs them.
Files may begin with a byte order mark of UTF-8.

The program refuses an unknown key, a value out of range, a key that is given twice, and any line
that is not one of the three kinds above. The message names the file and the line.

Every input of the programs may come through a pipe, for example `--config <(make-config)` or
`--trace /dev/stdin`. It is read once. Paths in such a configuration start from the current folder.
The inputs of a sweep must be files, since a sweep may be continued.

The depth of a memory may be `auto`. Then the memory is exactly as deep as the network and
`max_sequence_steps` need. `bru run --json` lists the resolved depths under `manifest`.

The program looks for a device file in four places, in this order: the given path; NAME.ini beside
the configuration file; NAME.ini in the folder `devices/` beside the configuration file; the device
files of the program (`configs/devices`). [resources.md](resources.md) describes device files.

The symbols L, W, U, E, A and N are those of [architecture.md](architecture.md).
)";

constexpr const char* kRunKeys = R"(
The keys of `[run]` say what runs. They do not describe the machine, so they do not change which
recorded cycles of a golden file apply ([traces.md](traces.md)). Each key is the option of `bru run`
with the same name (with `-` for `_`), and the option wins. If a file names a model and a trace,
`bru run --config FILE` needs no other option. `bru-train` and `bru sweep --best` write such files.

)";

constexpr const char* kRules = R"(
## Rules between parameters

- `bru.update_width` divides `bru.lanes` / 4.
- `dma.fifo_beats` is at least `dma.burst_beats`.
- `ddr.refresh_ns` is less than `ddr.refresh_interval_ns` in whole cycles of `dma.clock_mhz`,
  unless the interval is 0.
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
