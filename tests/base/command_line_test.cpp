// The option table: parsing with its messages, help within 80 columns, manual pages, completion files.
#include <sstream>

#include "base/command_line/option_table.hpp"
#include "base/error.hpp"
#include "base/text_layout.hpp"
#include "support/catch.hpp"

using namespace bru;
using Catch::Matchers::ContainsSubstring;

namespace {

Program demonstration() {
    Command boil;
    boil.name = "boil";
    boil.summary = "heat until it boils";
    boil.usage = "FILE [options]";
    boil.details = "First paragraph, which\nis one.\n\n.Second paragraph, it's quoted";
    boil.example = "cook boil water";
    boil.positional = {"FILE", {Completion::Files::any}};
    boil.options = {flag("lid", "with a lid; a help text that is long enough to take more than one line of the table"),
                    value("minutes", "N", "how long"), choice("heat", {"low", "high"}, "how hot"),
                    value("herb", "NAME", "what goes in; may be given several times")};
    boil.options.back().repeats = true;
    boil.options = join({boil.options, needing("minutes", {flag("gently", "for so many minutes")})});
    Option parameter = value("pot.size", "VALUE", "size");
    parameter.standard = "3";
    boil.parameters = {parameter};
    boil.renamed = {{"pot.width", "'pot.width' is now 'pot.size'"}};
    Program program;
    program.name = "cook";
    program.summary = "cooks";
    Command bake;
    bake.name = "bake";
    bake.options = {value("tray", "N", "where")};
    program.commands = {boil, bake};
    program.parameters_title = "Parameters";
    program.statuses = {{"0", "good"}};
    return program;
}

Arguments parse(const std::vector<std::string>& words) {
    const Program program = demonstration();
    return parse_arguments(program, program.commands.front(), words);
}

std::string message(const std::vector<std::string>& words) {
    try {
        parse(words);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::size_t longest_line(const std::string& text) {
    std::size_t longest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    return longest;
}

} // namespace

TEST_CASE("an option that needs another one is refused without it", "[command_line]") {
    CHECK(message({"--gently"}) ==
          "cook boil: --gently has no effect without --minutes; give --minutes N, too, or leave "
          "--gently out");
    CHECK(message({"--gently", "--minutes", "3"}).empty());
    CHECK(message({"--minutes", "3"}).empty());
}

TEST_CASE("an option without its section, or of before, names the one that is meant", "[command_line]") {
    CHECK_THAT(message({"--size", "7"}), ContainsSubstring("unknown option '--size'. Did you mean '--pot.size'?"));
    CHECK_THAT(message({"--sizes=7"}), ContainsSubstring("unknown option '--sizes'. Did you mean '--pot.size'?"));
    CHECK_THAT(message({"--pot.width=7"}), ContainsSubstring("'pot.width' is now 'pot.size'"));
    CHECK_THAT(message({"--pot.width", "7"}), ContainsSubstring("'pot.width' is now 'pot.size'"));
    CHECK_THAT(message({"--pot.s=7"}), ContainsSubstring("unknown option '--pot.s'. Did you mean '--pot.size'?"));
    CHECK_THAT(message({"--min=7"}), ContainsSubstring("unknown option '--min'. Did you mean '--minutes'?"));
    CHECK_THAT(message({"--stove.minutes=7"}), ContainsSubstring("Did you mean '--minutes'?"));
    CHECK_THAT(message({"--colour", "7"}), !ContainsSubstring("Did you mean"));
}

TEST_CASE("wrong arguments say what was meant", "[command_line]") {
    CHECK_THAT(message({"--minutes"}), ContainsSubstring("--minutes needs a value, --minutes N: how long"));
    CHECK_THAT(message({"--minutes="}), ContainsSubstring("--minutes needs a value, --minutes N: how long"));
    CHECK_THAT(message({"--lid=yes"}), ContainsSubstring("--lid is a switch and takes no value"));
    CHECK_THAT(message({"--heat", "medium"}), ContainsSubstring("allowed is low, high"));
    try {
        parse({}).required("minutes");
        FAIL("a value that is required was not missed");
    } catch (const InputError& error) {
        CHECK_THAT(error.what(), ContainsSubstring("--minutes is required; --minutes N: how long"));
    }
}

TEST_CASE("a command line becomes arguments, and an option may repeat where it says so", "[command_line]") {
    const Arguments arguments =
        parse({"--herb", "dill", "soup", "--minutes=4", "--lid", "--pot.size=7", "--herb=basil"});
    CHECK(arguments.positional == "soup");
    CHECK(arguments.has("lid"));
    CHECK_FALSE(arguments.has("heat"));
    CHECK(arguments.integer("minutes", 0, 10) == 4);
    CHECK(arguments.all("herb") == std::vector<std::string>{"dill", "basil"});
    REQUIRE(arguments.overrides.size() == 1);
    CHECK(arguments.overrides[0].key == "pot.size");
    CHECK(arguments.overrides[0].value == "7");
    CHECK_THROWS_WITH(arguments.integer("minutes", 5, 10),
                      ContainsSubstring("--minutes 4") && ContainsSubstring("5 to 10"));
    CHECK_THROWS_WITH(arguments.required("heat"), ContainsSubstring("--heat is required"));
}

TEST_CASE("wrong use names the option, what is allowed and the nearest name", "[command_line]") {
    CHECK_THAT(message({"--lidd"}), ContainsSubstring("cook boil: unknown option '--lidd'") &&
                                        ContainsSubstring("Did you mean '--lid'") &&
                                        ContainsSubstring("cook boil --help"));
    CHECK_THAT(message({"--min", "3"}), ContainsSubstring("unknown option")); // no abbreviations
    CHECK_THAT(message({"--heat", "hihg"}), ContainsSubstring("low, high") && ContainsSubstring("Did you mean 'high'"));
    CHECK_THAT(message({"--minutes"}), ContainsSubstring("minutes") && ContainsSubstring("--help"));
    CHECK_THAT(message({"soup", "stew"}), ContainsSubstring("'stew' is one FILE too many"));
    CHECK_THAT(message({""}), ContainsSubstring("empty name"));
}

TEST_CASE("an option that is given twice is refused with both values", "[command_line]") {
    CHECK_THAT(message({"--minutes", "3", "--minutes=4"}),
               ContainsSubstring("--minutes is given twice, with 3 and with 4"));
    CHECK_THAT(message({"--pot.size=3", "--pot.size", "4"}),
               ContainsSubstring("--pot.size is given twice, with 3 and with 4"));
    CHECK_THAT(message({"--lid", "--lid"}), ContainsSubstring("--lid is given twice"));
}

TEST_CASE("an option of another subcommand says whose it is, and a letter which options it may be", "[command_line]") {
    CHECK_THAT(message({"--tray", "2"}), ContainsSubstring("unknown option '--tray'; it is an option of cook bake"));
    CHECK_THAT(message({"soup", "-l"}), ContainsSubstring("'-l'"));
}

TEST_CASE("texts break between words, and paragraphs stay apart", "[command_line]") {
    CHECK(paragraphs("a b\nc\n\n  d\n\n\n") == std::vector<std::string>{"a b c", "d"});
    CHECK(wrapped("aaa bbb", 2) == "  aaa bbb\n");
    CHECK(wrapped(std::string(60, 'a') + " " + std::string(30, 'b')) ==
          std::string(60, 'a') + "\n" + std::string(30, 'b') + "\n");
    CHECK(wrapped(std::string(100, 'a')) == std::string(100, 'a') + "\n");
    CHECK(table_row("--a", "help") == "  --a                       help\n");
    CHECK(table_row("--a-name-that-is-rather-long", "help") ==
          "  --a-name-that-is-rather-long\n                            help\n");
}

TEST_CASE("help lists every option within 80 columns", "[command_line]") {
    const Program program = demonstration();
    const std::string text = help_text(program, program.commands.front());
    for (const char* part : {"Usage: cook boil FILE", "--lid", "--minutes N", "--heat low|high", "--pot.size=3",
                             "First paragraph, which is one.", "cook boil water"})
        CHECK_THAT(text, ContainsSubstring(part));
    CHECK(longest_line(text) <= kTextColumns);
    CHECK(longest_line(help_text(program)) <= kTextColumns);
}

TEST_CASE("a manual page takes texts literally", "[command_line]") {
    const Program program = demonstration();
    const std::string page = manual_page(program, program.commands.front());
    CHECK_THAT(page, ContainsSubstring(".TH COOK\\-BOIL 1") && ContainsSubstring("\n\\&.Second paragraph") &&
                         ContainsSubstring("\\fB\\-\\-minutes\\fR \\fIN\\fR") && ContainsSubstring(".BR cook (1)"));
}

TEST_CASE("completion files know subcommands, options and choices", "[command_line]") {
    const Program program = demonstration();
    for (const std::string& text : {bash_completion(program), zsh_completion(program), fish_completion(program)}) {
        CHECK_THAT(text, ContainsSubstring("boil") && ContainsSubstring("minutes") && ContainsSubstring("low high") &&
                             ContainsSubstring("pot.size"));
    }
}
