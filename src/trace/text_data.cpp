// --text: UTF-8 characters of the model's vocabulary, read in blocks, one character ahead for the label.
#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/integers.hpp"
#include "trace/data_set.hpp"

namespace bru {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;
constexpr std::uint32_t kNoCharacter = 0xffffffff;
constexpr std::size_t kAsciiCharacters = 128;

/// Takes one UTF-8 character off the front; kNoCharacter where the bytes are not UTF-8 (overlong forms,
/// surrogates and numbers above 10FFFF included).
struct Decoded {
    std::uint32_t character;
    std::size_t bytes;
};
Decoded decode_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                               : (lead & 0xf0) == 0xe0       ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || text.size() < length) return {kNoCharacter, 1};
    std::uint32_t character = lead & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {kNoCharacter, 1};
        character = character << 6 | (byte(i) & 0x3f);
    }
    const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
    if (overlong || character > 0x10ffff || (character >= 0xd800 && character < 0xe000)) return {kNoCharacter, 1};
    return {character, length};
}

/// From characters to symbols.
class Vocabulary {
public:
    explicit Vocabulary(const Network& network) {
        const auto fail = [&](const std::string& why) {
            throw InputError(fmt::format(
                "{}: {}; --text needs a model with one-hot inputs (metadata input_encoding=onehot) and a "
                "vocabulary of single characters, one per input; vectors come from --csv, --npy, --images or "
                "--wav",
                network.name, why));
        };
        if (network.input_encoding != InputEncoding::one_hot) fail("its inputs are vectors");
        if (network.vocabulary.size() != narrow<std::size_t>(network.input_size()))
            fail(fmt::format("its vocabulary has {} names for {} inputs", network.vocabulary.size(),
                             network.input_size()));
        ascii_.fill(kNoLabel);
        for (std::size_t symbol = 0; symbol < network.vocabulary.size(); ++symbol) {
            const std::string& name = network.vocabulary[symbol];
            const Decoded decoded = name.empty() ? Decoded{kNoCharacter, 0} : decode_utf8(name);
            if (decoded.character == kNoCharacter || decoded.bytes != name.size())
                fail(fmt::format("entry {} of its vocabulary, \"{}\", is not one character", symbol, name));
            add(decoded.character, narrow<std::int32_t>(symbol));
        }
    }

    /// kNoLabel for a character that it does not have.
    std::int32_t symbol(std::uint32_t character) const {
        if (character < kAsciiCharacters) return ascii_[character];
        const auto found = others_.find(character);
        return found == others_.end() ? kNoLabel : found->second;
    }

private:
    void add(std::uint32_t character, std::int32_t symbol) {
        if (character < kAsciiCharacters)
            ascii_[character] = symbol;
        else
            others_[character] = symbol;
    }

    std::array<std::int32_t, kAsciiCharacters> ascii_{};
    std::unordered_map<std::uint32_t, std::int32_t> others_;
};

class TextData : public DataSet {
public:
    TextData(const std::string& path, const Network& network)
        : file_(path), network_name_(network.name), vocabulary_(network) {}

    std::uint64_t sequence_count() override { return 1; }

    std::uint64_t step_count() override {
        if (!counted_) {
            seek(0);
            counted_ = 0;
            while (next()) ++*counted_;
            seek(0);
        }
        return *counted_;
    }

    void seek(std::uint64_t) override {
        block_.clear();
        position_ = 0;
        block_offset_ = 0;
        line_ = column_ = 1;
        started_ = false;
    }

    const Step* next() override {
        step_.first = !started_;
        if (!started_) ahead_ = read_symbol();
        started_ = true;
        if (ahead_ == kNoLabel) return nullptr;
        step_.symbol = ahead_;
        ahead_ = read_symbol();
        step_.label = ahead_;
        step_.last = ahead_ == kNoLabel;
        return &step_;
    }

private:
    static constexpr std::size_t kLongestCharacter = 4;

    /// The next symbol of the text, kNoLabel at its end.
    std::int32_t read_symbol() {
        if (block_.size() - position_ < kLongestCharacter) refill();
        if (position_ == block_.size()) return kNoLabel;
        const Decoded decoded = decode_utf8({block_.data() + position_, block_.size() - position_});
        if (decoded.character == kNoCharacter)
            throw InputError(
                fmt::format("{}:{}:{}: byte 0x{:02x} is not valid UTF-8; convert the text (iconv -t UTF-8)",
                            file_.path(), line_, column_, static_cast<unsigned char>(block_[position_])));
        const std::int32_t symbol = vocabulary_.symbol(decoded.character);
        if (symbol == kNoLabel) throw unknown(decoded);
        position_ += decoded.bytes;
        column_ = decoded.character == '\n' ? 1 : column_ + 1;
        line_ += decoded.character == '\n' ? 1 : 0;
        return symbol;
    }

    InputError unknown(const Decoded& decoded) const {
        const std::string shown = decoded.character < 32 || decoded.character == 127
                                      ? ""
                                      : " '" + block_.substr(position_, decoded.bytes) + "'";
        const char* hint = decoded.character == '\r'     ? " (a Windows line end: dos2unix removes them)"
                           : decoded.character == 0xfeff ? " (a byte order mark)"
                                                         : "";
        return InputError(
            fmt::format("{}:{}:{}: the character U+{:04X}{}{} is not in the vocabulary of {}; remove or replace it "
                        "(`bru inspect` lists the vocabulary){}",
                        file_.path(), line_, column_, decoded.character, shown, hint, network_name_,
                        file_kind_remark(file_.path(), "text")));
    }

    void refill() {
        block_.erase(0, position_);
        position_ = 0;
        const std::uint64_t at = block_offset_;
        const std::size_t count = std::min<std::uint64_t>(kBlockBytes, file_.size() - at);
        const auto bytes = file_.read(at, count);
        block_.append(bytes.begin(), bytes.end());
        block_offset_ += count;
    }

    BinaryFile file_;
    std::string network_name_;
    Vocabulary vocabulary_;
    std::string block_;
    std::size_t position_ = 0;       ///< in the block
    std::uint64_t block_offset_ = 0; ///< file offset behind the block
    std::uint64_t line_ = 1;
    std::uint64_t column_ = 1; ///< in characters
    bool started_ = false;
    std::int32_t ahead_ = kNoLabel;
    Step step_;
    std::optional<std::uint64_t> counted_;
};

} // namespace

std::unique_ptr<DataSet> open_text(const std::string& path, const Network& network) {
    return std::make_unique<TextData>(path, network);
}

} // namespace bru
