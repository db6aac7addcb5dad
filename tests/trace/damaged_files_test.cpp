// Whatever bytes a damaged file has, a reader either takes them or throws InputError: no crash, no hang, no other
// exception.
#include "support/catch.hpp"
#include <functional>
#include <random>

#include "base/error.hpp"
#include "files.hpp"
#include "trace/data_set.hpp"
#include "trace/golden_file.hpp"
#include "trace/step_sources.hpp"
#include "trace/trace_file.hpp"

using namespace bru;
using namespace bru::testing;

namespace {

constexpr int kRounds = 1500;

/// A few random edits: bytes changed, removed, doubled, or the rest cut off.
std::string damaged(std::string content, std::mt19937& random) {
    for (unsigned edit = 0; edit < 1 + random() % 4 && !content.empty(); ++edit) {
        const std::size_t place = random() % content.size();
        switch (random() % 5) {
        case 0: content[place] = static_cast<char>(random()); break;
        case 1: content.erase(place, 1 + random() % 8); break;
        case 2: content.insert(place, content.substr(place, 1 + random() % 40)); break;
        case 3: content[place] = "0123456789-=.,\n "[random() % 16]; break;
        default: content.resize(random() % 8 ? content.size() : place);
        }
    }
    return content;
}

/// Reads damaged copies of a good file; returns how many were refused.
int refused(const std::string& good, const std::function<void(const std::string& path)>& read) {
    const TemporaryFolder folder;
    std::mt19937 random(1);
    REQUIRE_NOTHROW(read(folder.write("good", good)));
    int count = 0;
    for (int round = 0; round < kRounds; ++round) {
        const std::string content = damaged(good, random);
        const std::string path = folder.write("bad", content);
        try {
            read(path);
        } catch (const InputError& error) {
            ++count;
            INFO(error.what());
            REQUIRE(std::string(error.what()).find("bad") != std::string::npos);
        }
    }
    return count;
}

void drain(StepSource& steps) {
    while (steps.next()) {
    }
}

} // namespace

TEST_CASE("damaged traces", "[damage]") {
    const std::string header = "bru trace 1\nmodel 0123456789abcdef model.onnx\n";
    CHECK(refused(header + "input onehot 5\narrival timed\nbegin\n0 F 1 =2\n1.5 - 2 =3\n2 L 4\n3 FL 0 =1\nend 4\n",
                  [](const std::string& path) {
                      TraceReader reader(path);
                      drain(reader);
                  }) > kRounds / 2);
    refused(header + "input vector 3\narrival back-to-back\ndivisor 255\nbegin\nF 1 2 3 =2\nL 0 128 -5.5e3\nend 2\n",
            [](const std::string& path) {
                TraceReader reader(path);
                drain(reader);
            });
}

TEST_CASE("damaged golden files", "[damage]") {
    const GoldenKey key{"0123456789abcdef", {}, {OutputKind::logits, OutputSteps::every}};
    const std::string good =
        "bru golden 1\ncycles 0123456789abcdef total=5 idle=2\noutputs " + key.text() +
        " 2 full\n0 0 1 -5\n0 1 7 0\nend 2\noutputs 0123456789abcdef A8 N10 S16 hidden every 2 digest\n"
        "0 0 8647a48495313d2c\nend 1\nend of golden\n";
    CHECK(refused(good, [&](const std::string& path) {
              golden_sections(path);
              if (const auto checker = GoldenChecker::open(path, key)) {
                  checker->check({0, 0, {1, -5}});
                  checker->finish();
              }
          }) > kRounds / 2);
}

TEST_CASE("damaged data", "[damage]") {
    const Network vectors = input_network(InputEncoding::vector, 2);
    Network characters = input_network(InputEncoding::one_hot, 3);
    characters.vocabulary = {"a", "\n", "\xc3\xa9"};
    refused("x,y\n1,2\n3.5,-4\n\n5e3,6\n", [&](const std::string& path) { drain(*open_csv(path, vectors)); });
    refused("aa\na\xc3\xa9\na", [&](const std::string& path) { drain(*open_text(path, characters)); });
    std::string array(
        "\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 2), }         \n", 80);
    array += std::string("\0\0\x80\x3f\0\0\0\x40\0\0\0\x3f\0\0\x80\xbf", 16);
    refused(array, [&](const std::string& path) { drain(*open_npy(path, vectors)); });
    refused(std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x02", 16) + "abcdefgh",
            [&](const std::string& path) { drain(*open_images(path, vectors)); });
    refused("3\n1\n2\n", [](const std::string& path) { read_integers(path, "index"); });
}
