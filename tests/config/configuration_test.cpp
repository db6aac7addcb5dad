// Is every parameter readable, writable, limited and documented, and does a wrong one say where and why?
#include "support/catch.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/ini_value.hpp"
#include "base/nearest.hpp"
#include "config/ini_file.hpp"
#include "config/load_configuration.hpp"
#include "config/renamed_keys.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A file in a folder of its own that goes away with the test.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content, const std::string& name = "test.ini") {
        char pattern[] = "/tmp/bru_config_XXXXXX";
        folder_ = mkdtemp(pattern);
        path = folder_ + "/" + name;
        std::ofstream(path, std::ios::binary) << content;
    }
    ~TemporaryFile() { std::filesystem::remove_all(folder_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    std::string path;

private:
    std::string folder_;
};

std::string error_of(const std::string& content) {
    const TemporaryFile file(content);
    try {
        resolve_configuration(file.path, {});
    } catch (const InputError& error) {
        return std::string(error.what()).substr(file.path.size() - std::string("test.ini").size());
    }
    return "";
}

std::string override_error(const std::string& key, const std::string& value) {
    try {
        resolve_configuration("", {{key, value}});
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

const Parameter& parameter(const std::string& key) {
    for (const Parameter& each : parameters()) {
        if (each.key == key) return each;
    }
    throw std::logic_error(key);
}

/// A value that the parameter may have, and has not by default.
std::string other_value(const Parameter& parameter) {
    if (parameter.key == "bru.device") return "other";
    if (parameter.key == "host.software") return "linux";
    if (parameter.key == "bru.cell_kinds") return "2";
    if (parameter.key == "ddr.refresh_interval_ns") return "100";
    if (parameter.key == "dma.length_bits") return "8";
    return parameter.get(Configuration()) == "4" ? "8" : "4";
}

} // namespace

TEST_CASE("every parameter reads back what it wrote", "[config]") {
    for (const Parameter& each : parameters()) {
        CAPTURE(each.key);
        Configuration configuration;
        const std::string value = each.get(configuration);
        each.set(configuration, value);
        CHECK(each.get(configuration) == value);
        CHECK_FALSE(each.help.empty());
        CHECK_FALSE(each.range.empty());
        CHECK_THROWS_AS(each.set(configuration, ""), InputError);
    }
}

TEST_CASE("no two parameters share a member", "[config]") {
    const Configuration defaults;
    for (const Parameter& each : parameters()) {
        if (each.key == "bru.device" || each.unit == "MHz") continue;
        Configuration changed;
        each.set(changed, other_value(each));
        int differences = 0;
        for (const Parameter& other : parameters()) differences += other.get(changed) != other.get(defaults);
        CAPTURE(each.key);
        CHECK(differences == 1);
    }
}

TEST_CASE("does every key of a file reach its parameter?", "[config]") {
    for (const Parameter& each : parameters()) {
        const Configuration defaults;
        const auto dot = each.key.find('.');
        const std::string value = other_value(each);
        const TemporaryFile file("[" + each.key.substr(0, dot) + "]\n" + each.key.substr(dot + 1) + " = " + value +
                                 "\n");
        CAPTURE(each.key);
        CHECK(each.get(load_configuration(file.path)) == value);
        CHECK(each.get(with_overrides(defaults, {{each.key, value}})) == value);
    }
}

TEST_CASE("are the limits tight on both sides?", "[config]") {
    struct Limit {
        const char* key;
        std::vector<std::string> good;
        std::vector<std::string> bad;
    };
    const std::vector<Limit> limits = {
        {"bru.lanes",
         {"4", "1024"},
         {"0", "2", "1028", "66", "-4", "64.0", "64x", "0x40", " 64", "auto", "99999999999999999999"}},
        {"bru.lane_width", {"1", "64"}, {"0", "65", "99"}},
        {"bru.update_width", {"1", "2", "4", "8"}, {"0", "3", "16"}},
        {"bru.activation_bits", {"1", "16"}, {"0", "17"}},
        {"bru.lut_address_bits", {"4", "14"}, {"3", "15"}},
        {"bru.scale_bits", {"2", "16"}, {"1", "17"}},
        {"bru.cell_kinds", {"auto", "1", "2"}, {"0", "3"}},
        {"bru.weight_words", {"auto", "1", "4194304"}, {"0", "4194305", "Auto"}},
        {"bru.max_sequence_steps", {"1", "65536"}, {"0", "65537", "auto"}},
        {"bru.clock_mhz", {"1", "2000", "166.6"}, {"0.9", "2001", "nan", "inf", "-200", "200 MHz"}},
        {"dma.clock_mhz", {"1", "2000", "133.3"}, {"0.9", "2001", "auto"}},
        {"dma.crossing_stages", {"2", "8"}, {"1", "9"}},
        {"dma.crossing_beats", {"4", "32768"}, {"3", "32769"}},
        {"ddr.refresh_interval_ns", {"0", "50"}, {"49", "1000000001"}},
        {"dma.burst_beats", {"1", "16"}, {"0", "17"}},
    };
    for (const Limit& limit : limits) {
        Configuration configuration;
        for (const std::string& value : limit.good) {
            CAPTURE(limit.key, value);
            CHECK_NOTHROW(parameter(limit.key).set(configuration, value));
        }
        for (const std::string& value : limit.bad) {
            CAPTURE(limit.key, value);
            CHECK_THROWS_WITH(parameter(limit.key).set(configuration, value),
                              ContainsSubstring(limit.key) && ContainsSubstring(value) &&
                                  ContainsSubstring(parameter(limit.key).range));
        }
    }
}

TEST_CASE("do rules between parameters hold?", "[config]") {
    CHECK_THAT(override_error("bru.lanes", "4"), ContainsSubstring("must divide") && ContainsSubstring("update_width"));
    CHECK(override_error("bru.lanes", "8").empty());
    CHECK_THAT(override_error("dma.fifo_beats", "15"), ContainsSubstring("must hold a burst"));
    CHECK(override_error("dma.fifo_beats", "16").empty());
    CHECK_THAT(override_error("ddr.refresh_ns", "7800"), ContainsSubstring("less than"));
    CHECK(override_error("ddr.refresh_ns", "7793").empty());
    CHECK_THAT(override_error("ddr.refresh_ns", "7794"), ContainsSubstring("1170 of 1170 cycles"));
    Configuration assembled;
    assembled.shape.lanes = 0;
    CHECK_THROWS_AS(check_shape(assembled), InputError);
}

TEST_CASE("does a key of before name its successor?", "[config]") {
    for (const RenamedKey& each : renamed_keys()) {
        CAPTURE(each.old_key);
        CHECK(parameter(each.key).key == each.key); // there is one
        const auto dot = each.old_key.find('.');
        CHECK_THAT(error_of("[" + each.old_key.substr(0, dot) + "]\n" + each.old_key.substr(dot + 1) + " = 30\n"),
                   ContainsSubstring("test.ini:2:") && ContainsSubstring("is now '" + each.key + "'"));
        CHECK_THAT(override_error(each.old_key, "30"), ContainsSubstring("is now '" + each.key + "'"));
    }
}

TEST_CASE("how many cycles are so many ns?", "[config]") {
    CHECK(cycles_in(150, 200) == 30);
    CHECK(cycles_in(151, 200) == 31);
    CHECK(cycles_in(150, 50) == 8);
    CHECK(cycles_in(1, 1) == 1);
    CHECK(cycles_in(0, 200) == 0);
    CHECK(cycles_in(3, 1000.0 / 3) == 1);
    CHECK(cycles_in(1'000'000'000, 2000) == 2'000'000'000);
    CHECK(refresh_cycles({}, 200).interval == 1560);
    CHECK(refresh_cycles({}, 133.333333).interval == 1040); // 1039.99...
    CHECK(refresh_cycles({}, 133.333333).refresh == 22);    // 21.33
    CHECK(refresh_cycles({150, 1200, 0, 160}, 200).interval == 0);
}

TEST_CASE("the command line wins over the file, the later option over the earlier", "[config]") {
    const TemporaryFile file("[bru]\nlanes = 128\nlane_width = 8\n");
    const Configuration configuration =
        resolve_configuration(file.path, {{"bru.lanes", "32"}, {"bru.lanes", "256"}, {"ddr.latency_ns", "7"}});
    CHECK(configuration.shape.lanes == 256);
    CHECK(configuration.shape.lane_width == 8);
    CHECK(configuration.shape.update_width == 2);
    CHECK(configuration.ddr.latency_ns == 7);
    CHECK_THAT(override_error("bru.lane", "64"), ContainsSubstring("Did you mean 'bru.lanes'"));
    CHECK_THAT(override_error("bru.lanes", "zero"), ContainsSubstring("command line: --bru.lanes = zero"));
}

TEST_CASE("does a faulty file say line and remedy?", "[config]") {
    CHECK_THAT(error_of("[bru]\n\nlane = 64\n"),
               ContainsSubstring("test.ini:3:") && ContainsSubstring("Did you mean 'bru.lanes'"));
    CHECK_THAT(error_of("[bru]\nlanes = 0\n"),
               ContainsSubstring("test.ini:2:") && ContainsSubstring("4 to 1024, a multiple of 4"));
    CHECK_THAT(error_of("[bru]\nlane_width = 99\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("1 to 64"));
    CHECK_THAT(error_of("[bru]\nlanes = 64\nlanes = 32\n"),
               ContainsSubstring("test.ini:3:") && ContainsSubstring("line 2"));
    CHECK_THAT(error_of("[bru\nlanes = 64\n"), ContainsSubstring("test.ini:1:") && ContainsSubstring("closing"));
    CHECK_THAT(error_of("[brew]\nlanes = 64\n"),
               ContainsSubstring("test.ini:1:") && ContainsSubstring("unknown section [brew]"));
    CHECK_THAT(error_of("[bru]\nlanes\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("neither"));
    CHECK_THAT(error_of("[bru]\nlanes =\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("no value"));
    CHECK_THAT(error_of("[bru]\nlanes = # 64\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("no value"));
    CHECK_THAT(error_of("[bru]\n= 64\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("no key"));
    CHECK_THAT(error_of("lanes = 64\n"), ContainsSubstring("test.ini:1:") && ContainsSubstring("under [bru]"));
    CHECK_THAT(error_of("[dma]\nlanes = 64\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("under [bru]"));
    CHECK_THAT(error_of("[bru]\nupdate_width = 8\nlanes = 16\n"), ContainsSubstring("must divide"));
    CHECK_THAT(error_of(std::string("[bru]\n\0\1\2", 9)),
               ContainsSubstring("test.ini:2:") && ContainsSubstring("not a text file"));
    CHECK_THAT(error_of(std::string(2'000'000, '#')), ContainsSubstring("no INI file"));
    for (const char* empty : {"", "\n", " \r\n\t\n"})
        CHECK_THAT(error_of(empty), ContainsSubstring("test.ini: is empty"));
    CHECK(error_of("# every key has its default\n").empty());
    CHECK(error_of("# nothing\r\n[bru]\r\nlanes = 64 # as ever\r\n").empty());
    CHECK(error_of("[bru]\nlanes=64").empty());
    CHECK_THROWS_WITH(load_configuration("/nowhere/at_all.ini"),
                      ContainsSubstring("/nowhere/at_all.ini") && ContainsSubstring("there is no folder /nowhere"));
    CHECK_THROWS_WITH(load_configuration("/tmp"), ContainsSubstring("is a folder"));
}

TEST_CASE("is a value what was written, whatever its characters?", "[config]") {
    std::mt19937_64 random(1);
    const std::string alphabet = "#,\"\\ \t\n\r[]=;ab0.\x7f\x01\xc3\xa4\xff$'x";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t left = random() % 12; left > 0; --left)
            text += random() % 8 == 0 ? static_cast<char>(1 + random() % 255) : alphabet[random() % alphabet.size()];
        CAPTURE(round, text);
        const std::string file = "[device]\nname = " + ini_value(text) + "   # a comment, \"quoted\"\n[run]\n";
        const std::vector<IniEntry> entries = read_ini_text(file, "written.ini", {"device.name", "run.x"});
        REQUIRE(entries.size() == 1);
        CHECK(entries[0].value == text);
        const std::vector<IniItem> items = ini_items(ini_value(text) + " , b," + ini_value(text));
        REQUIRE(items.size() == 3);
        CHECK((items[0].text == text && items[1].text == "b" && items[2].text == text));
    }
}

TEST_CASE("does a comment of another kind say what a comment is here?", "[config]") {
    for (const char* line : {"lanes = 64 ; as ever", "lanes = 64\t; as ever", "device = \"a\" ; b", "; lanes = 64"})
        CHECK_THAT(error_of(fmt::format("[bru]\n{}\n", line)),
                   ContainsSubstring("test.ini:2:") && ContainsSubstring("a comment begins with # here, not with ;"));
    CHECK_THAT(error_of("[bru]\nlanes = 64 // as ever\n"), ContainsSubstring("bru.lanes = 64 // as ever"));
    const TemporaryFile quoted("[bru]\ndevice = \"a ; b\"\n");
    CHECK(load_configuration(quoted.path).device == "a ; b");
    const TemporaryFile glued("[bru]\ndevice = a;b\n");
    CHECK(load_configuration(glued.path).device == "a;b");
}

TEST_CASE("does a value with a unit say which unit the number has?", "[config]") {
    for (const char* value : {"200 MHz", "200MHz", "0.2 GHz", "200 Hz"})
        CHECK_THAT(override_error("bru.clock_mhz", value),
                   ContainsSubstring(value) && ContainsSubstring("from 1 to 2000; give the number alone") &&
                       ContainsSubstring("its unit is MHz"));
    CHECK_THAT(error_of("[ddr]\nlatency_ns = 150 ns\n"),
               ContainsSubstring("test.ini:2:") && ContainsSubstring("give the number alone, 150: its unit is ns"));
    CHECK_THAT(override_error("ddr.bandwidth_mb_per_s", "1200 MB/s"), ContainsSubstring("1200: its unit is MB/s"));
    CHECK_THAT(override_error("bru.lanes", "64\xc2\xa0"), ContainsSubstring("blank U+00A0 is of another kind"));
    CHECK_THAT(override_error("bru.lanes", "64\xc3\xa4"),
               ContainsSubstring("characters beyond ASCII") && ContainsSubstring("type the value anew"));
    for (const char* value : {"many", "64\xc2\xa0", "12 34", "0x40", "-", "64,"}) {
        CAPTURE(value);
        CHECK_THAT(override_error("bru.lanes", value), !ContainsSubstring("its unit is"));
    }
}

TEST_CASE("are line ends of old kinds refused at their line?", "[config]") {
    CHECK_THAT(error_of("[bru]\rlanes = 64\r"),
               ContainsSubstring("test.ini:1:") && ContainsSubstring("save the file with line ends LF or CR LF"));
    CHECK_THAT(error_of("[bru]\nlanes = 64\rlane_width = 8\n"), ContainsSubstring("test.ini:2:"));
    CHECK(error_of("[bru]\r\nlanes = 64\r\n").empty());
}

TEST_CASE("do quotes that are none say what is wrong?", "[config]") {
    CHECK_THAT(error_of("[bru]\ndevice = \"abc\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("no end"));
    CHECK_THAT(error_of("[bru]\ndevice = \"a\"b\n"), ContainsSubstring("test.ini:2:") && ContainsSubstring("follow"));
    CHECK_THAT(error_of("[bru]\ndevice = \"C:\\dir\"\n"), ContainsSubstring("\\\\ is a backslash"));
    CHECK_THAT(error_of("[bru]\ndevice = \"\\x00\"\n"), ContainsSubstring("not 00"));
    CHECK_THAT(error_of("[bru]\ndevice = a#b\n"),
               ContainsSubstring("test.ini:2:") && ContainsSubstring("double quotes"));
    CHECK_THAT(error_of(std::string("\xFF\xFE[\0b\0r\0u\0", 10)),
               ContainsSubstring("test.ini:1:") && ContainsSubstring("UTF-16"));
    CHECK(error_of("\xEF\xBB\xBF[bru]\nlanes = 32\n").empty());
    const TemporaryFile marked("\xEF\xBB\xBF[bru]\nlanes = 32\ndevice = \"a#b, c\" # comment\n");
    CHECK(load_configuration(marked.path).shape.lanes == 32);
    CHECK(load_configuration(marked.path).device == "a#b, c");
    CHECK(configuration_text(load_configuration(marked.path)).find("bru.device = \"a#b, c\"\n") != std::string::npos);
}

TEST_CASE("does every truncation and every garbled byte of a file end well?", "[config]") {
    const std::string text = file_text(BRU_SOURCE_DIR "/configs/z7020.ini");
    std::vector<std::string> keys;
    for (const Parameter& each : parameters()) keys.push_back(each.key);
    REQUIRE(text.size() > 1000);
    const auto read = [&keys](const std::string& garbled) {
        try {
            Configuration configuration;
            for (const IniEntry& entry : read_ini_text(garbled, "garbled.ini", keys))
                parameter(entry.key).set(configuration, entry.value);
        } catch (const InputError&) {
        }
    };
    for (std::size_t size = 0; size < text.size(); size += 3) read(text.substr(0, size));
    std::mt19937 random(1);
    for (int trial = 0; trial < 500; ++trial) {
        std::string garbled = text;
        for (int change = 0; change < 3; ++change)
            garbled[random() % garbled.size()] = static_cast<char>(random() % 256);
        read(garbled);
    }
    SUCCEED("no crash, nothing but InputError");
}

TEST_CASE("the shipped configuration has every key, its default, a comment and the unit", "[config]") {
    const std::string path = BRU_SOURCE_DIR "/configs/z7020.ini";
    CHECK(configuration_text(load_configuration(path)) == configuration_text(Configuration{}));
    const std::string text = file_text(path);
    for (const Parameter& each : parameters()) {
        CAPTURE(each.key);
        const auto start = text.find("\n" + each.key.substr(each.key.find('.') + 1) + " = ");
        REQUIRE(start != std::string::npos);
        const std::string line = text.substr(start + 1, text.find('\n', start + 1) - start - 1);
        CHECK_THAT(line, ContainsSubstring("# "));
        if (!each.unit.empty()) CHECK_THAT(line, Catch::Matchers::EndsWith("[" + each.unit + "]"));
    }
}

TEST_CASE("docs/configuration.md is what the table says", "[config]") {
    INFO("write it with: build/test_config \"write docs/configuration.md\"");
    CHECK(file_text(BRU_SOURCE_DIR "/docs/configuration.md") == configuration_markdown());
}

TEST_CASE("write docs/configuration.md", "[.write-docs]") {
    std::ofstream(BRU_SOURCE_DIR "/docs/configuration.md") << configuration_markdown();
}

TEST_CASE("the manifest can be read back", "[config]") {
    const Configuration configuration = resolve_configuration("", {{"bru.lanes", "128"}, {"bru.clock_mhz", "166.5"}});
    std::string text;
    std::istringstream lines(configuration_text(configuration));
    for (std::string line; std::getline(lines, line);) text += line + "\n";
    const TemporaryFile file(text);
    CHECK(configuration_text(load_configuration(file.path)) == configuration_text(configuration));
}

TEST_CASE("a file may name model and trace, as paths from its folder", "[config]") {
    const TemporaryFile file("[run]\nmodel = nets/a.onnx # beside\ntrace = /traces/a.trace\n[bru]\nlanes = 32\n");
    const Configuration configuration = resolve_configuration(file.path, {});
    CHECK(configuration.run.at("model") == std::filesystem::path(file.path).parent_path() / "nets/a.onnx");
    CHECK(configuration.run.at("trace") == "/traces/a.trace");
    CHECK(configuration.shape.lanes == 32);
    // What runs is no part of the machine.
    CHECK(configuration_text(configuration) == configuration_text(resolve_configuration("", {{"bru.lanes", "32"}})));
    CHECK(resolve_configuration("", {}).run.empty());
    CHECK_THAT(error_of("[run]\nmodel =\n"), ContainsSubstring("test.ini:2") && ContainsSubstring("run.model"));
    CHECK_THAT(error_of("[run]\nmodle = a\n"), ContainsSubstring("test.ini:2") && ContainsSubstring("run.model"));
    CHECK_THAT(override_error("run.model", "a"), ContainsSubstring("unknown parameter"));
}

TEST_CASE("a file may say how what runs is read", "[config]") {
    const TemporaryFile file("[run]\noutput = hidden\noutput_steps = last\nlstm_weight_bits = 2\nsteps = 100\n");
    const Configuration configuration = load_configuration(file.path);
    CHECK(configuration.run ==
          std::map<std::string, std::string>{
              {"output", "hidden"}, {"output-steps", "last"}, {"lstm-weight-bits", "2"}, {"steps", "100"}});
    CHECK_THAT(error_of("[run]\noutput = all\n"), ContainsSubstring("test.ini:2") &&
                                                      ContainsSubstring("run.output = all") &&
                                                      ContainsSubstring("hidden, logits, argmax"));
    CHECK_THAT(error_of("[run]\ndense_weight_bits = 9\n"),
               ContainsSubstring("run.dense_weight_bits = 9") && ContainsSubstring("1 to 8"));
    CHECK_THAT(error_of("[run]\nsteps = 0\n"),
               ContainsSubstring("run.steps = 0") && ContainsSubstring("a whole number, 1 or more"));
    CHECK_THAT(error_of("[run]\nsteps = 9x\n"), ContainsSubstring("run.steps = 9x"));
}

TEST_CASE("where is a device file found?", "[config]") {
    const TemporaryFile file("[device]\n", "odd.ini");
    const std::string folder = std::filesystem::path(file.path).parent_path().string();
    CHECK(find_device_file("odd", folder) == file.path);
    CHECK(find_device_file("odd.ini", folder) == file.path);
    CHECK(find_device_file(file.path, "") == file.path);
    CHECK_THAT(find_device_file("xc7z020", ""), Catch::Matchers::EndsWith("configs/devices/xc7z020.ini"));
    CHECK_THROWS_WITH(find_device_file("xc7z20", folder), ContainsSubstring("Did you mean 'xc7z020'"));
    CHECK_THROWS_AS(find_device_file("odd", ""), InputError);
}

TEST_CASE("is the nearest name the one meant?", "[config]") {
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("ab", "ba") == 1);
    const std::vector<std::string> names = {"lanes", "lane_width", "latency"};
    CHECK(nearest_name("lane", names) == "lanes");
    CHECK(nearest_name("lanewidth", names) == "lane_width");
    CHECK(nearest_name("voltage", names).empty());
    CHECK(nearest_name("", names).empty());
    CHECK(nearest_name(std::string(100000, 'a'), names).empty());
}
