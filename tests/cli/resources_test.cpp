// Do `bru resources` and `bru inspect` say what a machine takes, and which is the largest?
#include "support/catch.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/traced.hpp"

using namespace bru::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("resources and inspect", "[cli]") {
    const TemporaryFolder folder;
    const Outcome resources = run_bru({"resources", "--model", kModel, "--json", folder / "r.json"});
    CHECK(resources.status == 0);
    CHECK(resources.err.empty());
    CHECK_THAT(resources.out, ContainsSubstring("weight_bram") && ContainsSubstring("fits              yes") &&
                                  ContainsSubstring("BRAM36"));
    const nlohmann::json json = nlohmann::json::parse(file_text(folder / "r.json"));
    std::int64_t lut = 0;
    for (const auto& block : json["blocks"]) lut += block["lut"].get<std::int64_t>();
    CHECK(lut == json["resources"]["lut"]["used"].get<std::int64_t>());
    const Outcome huge = run_bru({"resources", "--model", kModel, "--bru.lanes=1024"});
    CHECK(huge.status == 0);
    CHECK_THAT(huge.out, ContainsSubstring("fits              no"));
    CHECK_THAT(run_bru({"resources"}).err, ContainsSubstring("--model"));
    const Outcome devices = run_bru({"resources", "--model", kModel, "--device", "all", "--json", folder / "d.json"});
    CHECK(devices.status == 0);
    CHECK(nlohmann::json::parse(file_text(folder / "d.json"))["devices"].size() >= 4);
    CHECK(run_bru({"resources", "--device", "all", "--largest"}).status == 2);
    const Outcome named = run_bru({"resources", "--model", kModel, "--device", "xc7z045"});
    CHECK(named.status == 0);
    CHECK_THAT(named.out, ContainsSubstring("XC7Z045-2") && ContainsSubstring("LUT 0.8 %"));
    CHECK_THAT(run_bru({"resources", "--device", "xc7z45"}).err, ContainsSubstring("Did you mean 'xc7z045'"));
    CHECK_THAT(huge.out, ContainsSubstring("not known: the machine is outside of all that was synthesized") &&
                             ContainsSubstring("bru.lanes = 1024 (16 to 256)") && !ContainsSubstring("LUT 0.8 %"));
    for (const char* part : {"XC7Z010", "XC7Z020", "XC7Z045", "XCZU7EV"})
        CHECK_THAT(devices.out, ContainsSubstring(part));
    CHECK(run_bru({"resources", "--model", kModel, "--structure", folder / "s.json"}).status == 0);
    CHECK(nlohmann::json::parse(file_text(folder / "s.json"))["blocks"].size() > 5);
    const Outcome inspect = run_bru({"inspect", kModel});
    CHECK(inspect.status == 0);
    CHECK_THAT(inspect.out, ContainsSubstring("256") && ContainsSubstring("BRAM36"));
}

TEST_CASE("is a clock above what the device is good for told, for the core and for the DMA?") {
    const std::vector<std::string> fast = {"resources", "--model", kModel, "--bru.clock_mhz=180",
                                           "--dma.clock_mhz=180"};
    CHECK_THAT(run_bru(fast).err,
               ContainsSubstring("bru.clock_mhz = 180 is above the 150 MHz that XC7Z020-1 is expected to reach") &&
                   ContainsSubstring("dma.clock_mhz = 180 is above the 150 MHz up to which AXI DMA is characterized"));
    std::vector<std::string> faster_device = fast;
    faster_device.insert(faster_device.end(), {"--device", "xc7z045"});
    CHECK_THAT(run_bru(faster_device).err, !ContainsSubstring("is above"));
}

TEST_CASE("resources --largest names the machine, what limits it, and options that bru run takes") {
    const TemporaryFolder folder;
    const Outcome balanced = run_bru({"resources", "--largest"});
    CHECK(balanced.status == 0);
    CHECK(balanced.err.empty());
    CHECK_THAT(balanced.out, ContainsSubstring("multiply-accumulates per cycle") && ContainsSubstring("limited by") &&
                                 ContainsSubstring("DSP, which keeps out ") &&
                                 ContainsSubstring("fits              yes") &&
                                 ContainsSubstring("150 MHz (estimate)") && !ContainsSubstring("not met"));
    const Outcome largest = run_bru({"resources", "--largest", "--model", kModel, "--json", folder / "l.json"});
    CHECK(largest.status == 0);
    const nlohmann::json json = nlohmann::json::parse(file_text(folder / "l.json"));
    const nlohmann::json& search = json["largest"];
    CHECK(json["schema"] == "bru-resources-1");
    CHECK(json["fits"] == true);
    CHECK(search["found"] == true);
    CHECK(search["simulated"].get<int>() >= 1);
    CHECK(search["limits"].size() >= 1);
    // The options as they are printed.
    const std::size_t line = largest.out.find("options           ");
    REQUIRE(line != std::string::npos);
    std::istringstream words(largest.out.substr(line, largest.out.find('\n', line) - line));
    std::vector<std::string> run = {"run", "--model", kModel, "--json", folder / "run.json"};
    std::string word;
    words >> word;
    while (words >> word) run.push_back(word);
    CHECK(run.size() == 8);
    CHECK(run_bru(run).status == 0);
    const nlohmann::json ran = nlohmann::json::parse(file_text(folder / "run.json"));
    CHECK(ran["cycles"]["per_step"] == search["cycles_per_step"]);
    CHECK(ran["fits"] == true);
    CHECK(ran["timing"]["met"] == true);
    CHECK(ran["resources"] == json["resources"]);
}

TEST_CASE("resources --largest keeps what the command line gives, and says what is out of its range") {
    const Outcome narrow = run_bru({"resources", "--largest", "--model", kModel, "--bru.lane_width=8"});
    CHECK(narrow.status == 0);
    CHECK_THAT(narrow.out, ContainsSubstring("--bru.lane_width=8 "));
    const Outcome wide = run_bru({"resources", "--largest", "--model", kModel, "--bru.lanes=512"});
    CHECK(wide.status == 0);
    CHECK_THAT(wide.out, ContainsSubstring("DSP, which keeps out "));
    CHECK_THAT(wide.out, ContainsSubstring("512 lanes x 1 to 64, E up to 8"));
    const Outcome all = run_bru({"resources", "--largest"});
    CHECK_THAT(all.out, ContainsSubstring("4 to 1024 lanes x 1 to 64, E up to 8") &&
                            ContainsSubstring("larger shapes")); // whatever is searched, a limit of the device ends it
    const Outcome fast = run_bru({"resources", "--largest", "--model", kModel, "--bru.clock_mhz=800"});
    CHECK(fast.status == 0);
    CHECK_THAT(fast.out, ContainsSubstring("no shape of 8-bit activations fits XC7Z020-1 at 800 MHz") &&
                             ContainsSubstring("the clock, which keeps out 30,720 shapes"));
    CHECK(run_bru({"resources", "--largest", "--structure", "-"}).status == 2);
}
