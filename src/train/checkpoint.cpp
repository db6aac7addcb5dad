#include "train/checkpoint.hpp"

#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/output_file.hpp"

namespace bru::train {
namespace {

// magic, length of the JSON (8 bytes), JSON with the tensors' names and shapes, their values, checksum (8 bytes)
constexpr char kMagic[] = "bru-train checkpoint 1\n";
constexpr std::size_t kMagicSize = sizeof kMagic - 1;
constexpr std::size_t kWord = 8;

std::uint64_t checksum(const char* bytes, std::size_t count) {
    std::uint64_t sum = 0xcbf29ce484222325ULL; // FNV-1a, eight bytes at a time
    for (std::size_t at = 0; at < count; at += kWord) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + at, std::min(kWord, count - at));
        sum = (sum ^ word) * 0x100000001b3ULL;
        sum ^= sum >> 29;
    }
    return sum ^ count;
}

void append_word(std::string& bytes, std::uint64_t word) {
    char raw[kWord];
    std::memcpy(raw, &word, kWord);
    bytes.append(raw, kWord);
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw InputError(fmt::format(
        "{}: {}; it was left as it is. Start anew with another --out, or put a copy in its place", path, why));
}

} // namespace

at::Tensor Checkpoint::tensor(const std::string& name, at::IntArrayRef shape) const {
    for (const auto& [known, value] : tensors)
        if (known == name && value.sizes() == shape) return value;
    refuse(path, fmt::format("has no '{}' of the shape that its settings ask for", name));
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
    nlohmann::json header = {{"state", checkpoint.state}, {"tensors", nlohmann::json::array()}};
    for (const auto& [name, value] : checkpoint.tensors)
        header["tensors"].push_back({{"name", name}, {"shape", value.sizes().vec()}});
    const std::string json = header.dump();
    std::string bytes(kMagic);
    append_word(bytes, json.size());
    bytes += json;
    for (const auto& [name, value] : checkpoint.tensors) {
        const at::Tensor flat = value.detach().contiguous();
        bytes.append(reinterpret_cast<const char*>(flat.data_ptr<float>()),
                     static_cast<std::size_t>(flat.numel()) * sizeof(float));
    }
    append_word(bytes, checksum(bytes.data(), bytes.size()));
    OutputFile file(path);
    file.write(bytes);
    file.commit();
}

Checkpoint read_checkpoint(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw InputError(fmt::format("{}: cannot be read; give a folder that bru-train wrote", path));
    std::ostringstream stream;
    stream << file.rdbuf();
    const std::string bytes = stream.str();
    if (bytes.compare(0, kMagicSize, kMagic) != 0) refuse(path, "is no checkpoint of bru-train");
    std::uint64_t sum = 0;
    if (bytes.size() < kMagicSize + 2 * kWord) refuse(path, "is cut short");
    std::memcpy(&sum, bytes.data() + bytes.size() - kWord, kWord);
    if (sum != checksum(bytes.data(), bytes.size() - kWord))
        refuse(path, "is damaged or cut short (its checksum is wrong)");

    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data() + kMagicSize, kWord);
    Checkpoint checkpoint;
    checkpoint.path = path;
    // The checksum held: from here on the file is what write_checkpoint wrote.
    const nlohmann::json header = nlohmann::json::parse(bytes.substr(kMagicSize + kWord, length));
    checkpoint.state = header["state"];
    const char* at = bytes.data() + kMagicSize + kWord + length;
    for (const nlohmann::json& each : header["tensors"]) {
        at::Tensor value = at::empty(each["shape"].get<std::vector<std::int64_t>>(), at::kFloat);
        const std::size_t size = static_cast<std::size_t>(value.numel()) * sizeof(float);
        std::memcpy(value.data_ptr<float>(), at, size);
        at += size;
        checkpoint.tensors.emplace_back(each["name"].get<std::string>(), value);
    }
    return checkpoint;
}

} // namespace bru::train
