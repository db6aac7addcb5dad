// Is data read as it stands, and bad data refused with its place?
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "catch_and_torch.hpp"

#include "base/error.hpp"
#include "tasks.hpp"
#include "trace/files.hpp"
#include "train/plot.hpp"
#include "train/plot_file.hpp"

using namespace bru::train;
using bru::testing::TemporaryFolder;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a text's characters, UTF-8 and all") {
    const Text text = text_from("ba\xc3\xa4"
                                "b",
                                "t");
    CHECK(text.vocabulary == std::vector<std::string>{"a", "b", "\xc3\xa4"});
    CHECK(text.symbols == std::vector<std::int32_t>{1, 0, 2, 1});
}

TEST_CASE("bad texts are refused") {
    const TemporaryFolder folder;
    CHECK_THROWS_WITH(read_text(folder.write("empty.txt", "")),
                      ContainsSubstring("empty.txt") && ContainsSubstring("is empty"));
    CHECK_THROWS_WITH(read_text(folder.write("one.txt", std::string(5000, 'a'))),
                      ContainsSubstring("one kind of character"));
    CHECK_THROWS_WITH(read_text(folder.write("latin1.txt", "abc\nh\xe4lt\n")),
                      ContainsSubstring("line 2, byte 2") && ContainsSubstring("0xe4") && ContainsSubstring("UTF-8"));
    CHECK_THROWS_WITH(read_text(folder.write("cut.txt", "abc\xc3")), ContainsSubstring("line 1, byte 4"));
    CHECK_THROWS_WITH(read_text(folder.write("surrogate.txt", "ab\xed\xa0\x80")), ContainsSubstring("0xed"));
    CHECK_THROWS_WITH(read_text(folder / "absent.txt"),
                      ContainsSubstring("cannot be read") && ContainsSubstring("no such file"));
    CHECK_THROWS_WITH(read_text(folder.write("a.gz", "\x1f\x8b\x08 and more")),
                      ContainsSubstring("gzip") && !ContainsSubstring("iconv"));
    CHECK_THROWS_WITH(read_text(folder / ""), ContainsSubstring("folder"));
    CHECK_THROWS_WITH(TextTask(text_from("abcabc", "t.txt"), {}, {}),
                      ContainsSubstring("t.txt: has 6 characters; at least 1000"));
}

TEST_CASE("a text's batches follow each other, place by place") {
    TextTask task = text_task(6000, 8, 20);
    const Text text = text_from(made_up_text(6000), "made up");
    const Batch first = task.batch(0);
    const Batch second = task.batch(1);
    CHECK_FALSE(first.continues);
    CHECK(second.continues);
    CHECK_FALSE(task.batch(task.steps_per_epoch()).continues);
    REQUIRE(first.inputs.sizes() == at::IntArrayRef({20, 8}));
    // The label of a window's last step is the first input of the next window.
    for (std::int64_t place = 0; place < 8; ++place)
        CHECK(first.labels.data_ptr<std::int32_t>()[19 * 8 + place] == second.inputs.data_ptr<std::int32_t>()[place]);
    CHECK(at::equal(task.batch(0).inputs, first.inputs));
}

TEST_CASE("training never sees the held-out text") {
    TextTask task = text_task(6000, 8, 20);
    CHECK(task.begin(Split::validation) == 4 * task.size() / 5);
    CHECK(task.end(Split::validation) == task.begin(Split::test));
    CHECK(task.end(Split::test) == task.size());
}

TEST_CASE("short texts get fewer places and shorter windows") {
    TextTask task(text_from(made_up_text(1200), "t"), {}, {64, 100, 1});
    CHECK(task.batches().window <= 60);
    CHECK(task.steps_per_epoch() >= 1);
    CHECK_NOTHROW(task.batch(3));
    CHECK_THAT(task.remark(), ContainsSubstring(fmt::format("{} places of {} characters, not 64 of 100",
                                                            task.batches().batch, task.batches().window)));
    CHECK(text_task(6000, 8, 20).remark().empty());
}

TEST_CASE("labelled CSV") {
    const TemporaryFolder folder;
    const LabelledSequences data =
        read_labelled_csv(folder.write("good.csv", "id,label,x,y\na,1,0.5,-1\na,1,2,3\n\nb,0,1e-3,4\n"));
    REQUIRE(data.sequences.size() == 2);
    CHECK(data.labels == std::vector<std::int32_t>{1, 0});
    CHECK(data.classes == 2);
    CHECK(at::equal(data.sequences[0], at::tensor({0.5F, -1.0F, 2.0F, 3.0F}).view({2, 2})));

    // A spreadsheet's byte order mark is no part of the first sequence's name, nor of a line of names.
    for (const char* const marked : {"\xef\xbb\xbf"
                                     "a,1,0.5\na,1,2\nb,0,1\n",
                                     "\xef\xbb\xbf"
                                     "id,label,x\na,1,0.5\na,1,2\nb,0,1\n"})
        CHECK(read_labelled_csv(folder.write("marked.csv", marked)).labels == data.labels);
    CHECK_THROWS_WITH(read_labelled_csv(folder / "absent.csv"), ContainsSubstring("no such file"));
    CHECK_THROWS_WITH(read_labelled_csv(folder / ""), ContainsSubstring("is a folder"));

    const auto refusal = [&](const std::string& content) {
        try {
            SequenceTask(read_labelled_csv(folder.write("bad.csv", content)), {});
        } catch (const bru::InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(refusal(""), ContainsSubstring("no rows"));
    CHECK_THAT(refusal("a,1,0.5,1\nb,0,2\n"),
               ContainsSubstring("line 2") && ContainsSubstring("1 values where the rows before have 2"));
    CHECK_THAT(refusal("a,1,0.5,1\nb,-3,2,2\n"),
               ContainsSubstring("line 2") && ContainsSubstring("'-3'") && ContainsSubstring("0 to 4095"));
    CHECK_THAT(refusal("a,1,0.5\nb,5000,2\n"), ContainsSubstring("'5000'"));
    CHECK_THAT(refusal("a,1,0.5\nb,0,nan\n"), ContainsSubstring("line 2") && ContainsSubstring("finite"));
    CHECK_THAT(refusal("a,1,0.5\na,0,1\n"), ContainsSubstring("one label"));
    CHECK_THAT(refusal("a,1,0.5\nb,0,1\na,1,2\n"), ContainsSubstring("line 3") && ContainsSubstring("stand together"));
    CHECK_THAT(refusal("a,1\n"), ContainsSubstring("fewer than three fields"));
    CHECK_THAT(refusal("a;1;2\n"), ContainsSubstring("with commas in between"));
    CHECK_THAT(refusal(std::string("\0\0\x08\x03", 4)), ContainsSubstring("IDX file of images"));
    CHECK_THAT(refusal("id,label,x\n"), ContainsSubstring("no rows"));
    // A bad first row is no line of names: none is passed over in silence.
    CHECK_THAT(refusal("id,label,x\na,-1,2\n"), ContainsSubstring("line 2") && ContainsSubstring("'-1'"));
    CHECK_THAT(refusal("a,100000,2\nb,0,2\n"), ContainsSubstring("line 1") && ContainsSubstring("'100000'"));
    CHECK_THAT(refusal("id,label,x\nid,label,x\n"), ContainsSubstring("line 2") && ContainsSubstring("'label'"));
    CHECK_THAT(refusal("a,,2\n"), ContainsSubstring("line 1") && ContainsSubstring("label ''"));
    CHECK_THAT(refusal("a,0,1\nb,4,1\n"),
               ContainsSubstring("label 4 of sequence 2") && ContainsSubstring("from 0 to 1"));
    CHECK_THAT(refusal("a,0,1\nb,3,1\n"), ContainsSubstring("at least 10")); // half the classes may be absent
    CHECK_THAT(refusal("a,1,0.5\nb,0,1\n"), ContainsSubstring("at least 10"));
    for (const char* const value : {"1e-30", "3e38"}) {
        std::string far;
        for (int k = 0; k < 12; ++k) far += fmt::format("{},{},{}\n", k, k % 2, value);
        CHECK_THAT(refusal(far),
                   ContainsSubstring("bad.csv: the largest value") && ContainsSubstring("2^-32 and 2^32"));
    }
    std::string one_class;
    for (int k = 0; k < 12; ++k) one_class += std::to_string(k) + ",3,1\n";
    CHECK_THAT(refusal(one_class), ContainsSubstring("one class only"));
}

TEST_CASE("IDX images and their labels") {
    const TemporaryFolder folder;
    const auto idx = [](unsigned char type, int count, const std::string& rest, const std::string& values) {
        std::string bytes{0, 0, 8, static_cast<char>(type), 0, 0, 0, static_cast<char>(count)};
        return bytes + rest + values;
    };
    const std::string sides{0, 0, 0, 2, 0, 0, 0, 3};
    const std::string images = folder.write(
        "images.idx", idx(3, 2, sides, std::string("\x00\xff\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", 12)));
    const LabelledSequences data =
        read_images(images, folder.write("labels.idx", idx(1, 2, "", std::string("\x01\x00", 2))));
    REQUIRE(data.sequences.size() == 2);
    CHECK(data.sequences[0].sizes() == at::IntArrayRef({2, 3}));
    CHECK(data.sequences[0].data_ptr<float>()[1] == Approx(1));
    CHECK(data.labels == std::vector<std::int32_t>{1, 0});
    CHECK(read_images(folder / "", "").labels == data.labels); // a folder with both
    // Other labels for the images of a folder.
    CHECK(read_images(folder / "", folder.write("other.txt", "0\n1\n")).labels == std::vector<std::int32_t>{0, 1});
    CHECK_THROWS_WITH(read_images(folder / "labels.idx", images), ContainsSubstring("is an IDX file of labels"));
    CHECK_THROWS_WITH(read_images(images, images), ContainsSubstring("is no file of label numbers"));
    CHECK_THROWS_WITH(read_images(images, folder.write("three.txt", "1\n2\n3\n")),
                      ContainsSubstring("3 labels for the 2 images"));
    CHECK_THROWS_WITH(read_images(images, folder.write("large.txt", "1\n5000\n")),
                      ContainsSubstring("label 5000 of sequence 2 is out of range"));
    CHECK_THROWS_WITH(read_images(images, folder.write("stray.idx", idx(1, 2, "", std::string("\x01\xff", 2)))),
                      ContainsSubstring("label 255 of sequence 2 is out of range") && ContainsSubstring("from 0 to 1"));
    CHECK_THROWS_WITH(read_images(images, ""), ContainsSubstring("--labels"));
    CHECK_THROWS_WITH(read_images(folder.write("short.idx", "abc"), ""), ContainsSubstring("short.idx"));
    CHECK_THROWS_AS(read_images(folder.write("cut.idx", idx(3, 2, sides, "123")), ""), bru::InputError);
    CHECK_THROWS_WITH(read_images(folder / "absent", ""), ContainsSubstring("get-mnist"));
}

TEST_CASE("sequences are split by a fixed seed, without overlap") {
    SequenceTask one(made_up_sequences(100, 2), {10, 0, 1});
    SequenceTask two(made_up_sequences(100, 2), {10, 0, 2});
    CHECK(one.test_sequences() == two.test_sequences());
    CHECK(one.test_sequences().size() == 10);
    // An epoch shows every training sequence once.
    std::int64_t seen = 0;
    for (std::int64_t step = 0; step < one.steps_per_epoch(); ++step) seen += one.batch(step).labels.numel();
    CHECK(seen == 80);
    CHECK(at::equal(one.batch(3).inputs, one.batch(3).inputs));
}

TEST_CASE("a plot has a line and marks for every series, whatever stands in the names") {
    const TemporaryFolder folder;
    const std::string csv = folder.write(
        "bits.csv", "series,weight_bits,nats\n<full>,1000,1.5\n<full>,10000,1.25\nbinarized, 6 bits,100,1.75\n");
    CHECK(plot_weight_bits(csv, "") == folder / "bits.svg");
    const std::string picture = folder.read("bits.svg");
    CHECK_THAT(picture, ContainsSubstring("<svg") && ContainsSubstring("&lt;full&gt;") &&
                            ContainsSubstring("binarized, 6 bits") && ContainsSubstring("</svg>"));
    CHECK_THROWS_WITH(plot_weight_bits(folder.write("bad.csv", "series,weight_bits,nats\na,b,c\n"), ""),
                      ContainsSubstring("line 2") && ContainsSubstring("'b'"));
    CHECK_THROWS_WITH(plot_weight_bits(folder / "absent.csv", ""), ContainsSubstring("cannot be read"));
    CHECK_THROWS_WITH(plot_weight_bits(folder.write("none.csv", "series,weight_bits,nats\n"), ""),
                      ContainsSubstring("none.csv: has no networks"));
    CHECK_THROWS_WITH(plot_weight_bits(folder.write("zero.csv", "series,weight_bits,nats\na,0,1\n"), ""),
                      ContainsSubstring("line 2: 0 weight bits") && ContainsSubstring("above 0"));
    CHECK_FALSE(std::filesystem::exists(folder / "zero.svg"));
    CHECK_THAT(svg({}), ContainsSubstring("</svg>")); // nothing to draw is no error
}
