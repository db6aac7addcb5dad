// Small tasks for training tests: a text with a rule in it, and sequences that a network can tell apart.
#pragma once

#include <string>

#include "train/sequence_task.hpp"
#include "train/settings.hpp"
#include "train/text_task.hpp"

namespace bru::train {

/// `characters` of a made-up language: words of a few kinds in an order that a seed decides.
inline std::string made_up_text(std::int64_t characters, std::uint64_t seed = 7) {
    static const char* const words[] = {"lane ", "chunk ", "gate ", "state.\n", "h\xc3\xa4lt ", "beat, "};
    std::string text;
    for (std::uint64_t k = 0; static_cast<std::int64_t>(text.size()) < characters; ++k)
        text += words[drawn(seed, k, 6)];
    return text;
}

/// Class 1 where the last step's first value is larger than the first step's; `lengths` steps or more, by turns.
inline LabelledSequences made_up_sequences(int count, int features, const std::vector<std::int64_t>& lengths = {5, 6}) {
    LabelledSequences data;
    data.name = "made up";
    data.classes = 2;
    for (int k = 0; k < count; ++k) {
        const std::int64_t steps = lengths[static_cast<std::size_t>(k) % lengths.size()];
        at::Tensor sequence = at::empty({steps, features}, at::kFloat);
        for (std::int64_t j = 0; j < sequence.numel(); ++j)
            sequence.data_ptr<float>()[j] =
                static_cast<float>(drawn(99, static_cast<std::uint64_t>(k * 1000 + j), 2001)) / 1000.0F - 1.0F;
        data.labels.push_back(sequence.select(0, -1).data_ptr<float>()[0] > sequence.data_ptr<float>()[0] ? 1 : 0);
        data.sequences.push_back(sequence);
    }
    return data;
}

inline TextTask text_task(std::int64_t characters = 6000, std::int64_t batch = 8, std::int64_t window = 20) {
    return TextTask(text_from(made_up_text(characters), "made up"), {}, {batch, window, 1});
}

inline Settings small_settings(std::int64_t steps) {
    Settings settings;
    settings.task = "text";
    settings.steps = steps;
    settings.hidden = 16;
    settings.batch = 8;
    settings.window = 20;
    settings.dropout = 0.1;
    settings.schedule.peak = 0.02;
    settings.latent_rate = 2;
    settings.scale_rate = 0.5;
    return settings;
}

} // namespace bru::train
