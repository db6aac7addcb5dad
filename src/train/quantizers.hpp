// From the real weights that learn to the weights that the machine has. Gradients pass as if the rounding were not
// there (straight-through).
#pragma once

#include <ATen/ATen.h>

namespace bru::train {

/// scale * sign(latent), sign(0) = +1. latent [rows, columns], scale [rows, 1]. The gradient of a latent weight is that
/// of the binary one times the row's scale; the scale's is exact.
at::Tensor binarize(const at::Tensor& latent, const at::Tensor& scale);

/// The mean magnitude of each row, [rows, 1].
at::Tensor mean_magnitude(const at::Tensor& latent);

/// A row's scale that costs least where the loss has the curvature `curvature` >= 0 (LAB, Hou et al. 2017):
/// sum(curvature |latent|) / sum(curvature), [rows, 1].
at::Tensor loss_aware_scale(const at::Tensor& latent, const at::Tensor& curvature);

/// Integers of n bits, n = 2 to 8, and the scale of each row: floor(w / scale + 1/2), scale = max |w| / (2^(n-1) - 1),
/// as bru quantizes (docs/models.md).
struct IntegerRows {
    at::Tensor values; ///< [rows, columns] whole numbers
    at::Tensor scales; ///< [rows, 1]
};
IntegerRows integer_rows(const at::Tensor& weights, int bits);

/// The weights rounded to n bits, 1 to 8: 1 is binarize() with the mean magnitude.
at::Tensor round_to_bits(const at::Tensor& weights, int bits);

} // namespace bru::train
