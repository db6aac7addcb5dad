"""Random shapes within the limits that the estimate is made for (docs/resources.md): lanes 16-256, lane width 4-32,
1-16 bits, 1-8 units per cycle, at most 32,768 activation bits times lanes; depths from one block RAM to several."""

import random

LARGEST = 32768        # L*W*A
WEIGHT_BITS = 5 << 20  # of the weight memory: about what the Z7020 has


def random_shape(source):
    while True:
        lanes = 4 * source.choice([4, 5, 6, 8, 8, 10, 12, 16, 16, 16, 20, 24, 32, 32, 40, 48, 64, 64])
        width = source.choice(list(range(4, 33)) + [4, 8, 8, 16, 16, 32])
        bits = source.choice(list(range(1, 17)) + [1, 4, 8, 8])
        update = source.choice([1, 2, 2, 4, 8])
        if (lanes // 4) % update == 0 and lanes * width * bits <= LARGEST:
            break
    weight_words = source.choice([w for w in (512, 700, 1024, 2048, 3000, 4096) if w * lanes * width <= WEIGHT_BITS])
    return {
        "bru.lanes": lanes,
        "bru.lane_width": width,
        "bru.update_width": update,
        "bru.activation_bits": bits,
        "bru.lut_address_bits": source.choice([8, 10, 10, 10, 10, 12]),
        "bru.scale_bits": 16,
        "bru.weight_words": weight_words,
        "bru.scale_words": source.choice([128, 512, 1024, 2048]),
        "bru.bias_words": source.choice([64, 128, 512, 1024]),
        "bru.state_words": source.choice([64, 256, 512, 1024, 2048]),
        "bru.cell_words": source.choice([64, 256, 512, 1024]),
        "bru.input_words": source.choice([64, 256, 512, 1024]),
        "bru.output_fifo_beats": source.choice([16, 64, 512, 512, 1024]),
    }


def random_shapes(count, seed):
    source = random.Random(seed)
    return [random_shape(source) for _ in range(count)]
