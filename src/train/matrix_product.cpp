#include "train/matrix_product.hpp"

#include <torch/csrc/autograd/custom_function.h>

#include "base/error.hpp"

namespace bru::train {
namespace {

Arithmetic& current() {
    static Arithmetic chosen = host_has_bfloat16() ? Arithmetic::bfloat16 : Arithmetic::single;
    return chosen;
}

at::Tensor borrowed(const float* data, std::int64_t rows, std::int64_t columns) {
    return at::from_blob(const_cast<float*>(data), {rows, columns}, at::kFloat);
}

class Linear : public torch::autograd::Function<Linear> {
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& weights,
                              const at::Tensor& bias) {
        const at::Tensor input = x.contiguous();
        context->save_for_backward({input, weights});
        at::Tensor result = bias.expand({x.size(0), x.size(1), bias.size(0)}).contiguous();
        MatrixProduct(weights, true)
            .multiply(x.size(0) * x.size(1), input.data_ptr<float>(), true, result.data_ptr<float>());
        return result;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const at::Tensor& x = saved[0];
        const at::Tensor& weights = saved[1];
        const at::Tensor dz = gradients[0].contiguous();
        const std::int64_t rows = x.size(0) * x.size(1);
        const at::Tensor dz2 = dz.view({rows, weights.size(0)});
        at::Tensor dx;
        if (context->needs_input_grad(0)) {
            dx = at::empty_like(x);
            MatrixProduct(weights, false).multiply(rows, dz.data_ptr<float>(), false, dx.data_ptr<float>());
        }
        return {dx, transposed_product(dz2, x.view({rows, weights.size(1)})), dz2.sum(0)};
    }
};

} // namespace

Arithmetic arithmetic() { return current(); }

void set_arithmetic(Arithmetic wanted) {
    if (wanted == Arithmetic::bfloat16 && !host_has_bfloat16())
        throw InputError("--arithmetic bfloat16: this processor has no AVX512_BF16; use --arithmetic single");
    current() = wanted;
}

MatrixProduct::MatrixProduct(const at::Tensor& matrix, bool transposed)
    : matrix_(transposed ? matrix.t() : matrix), bfloat16_(arithmetic() == Arithmetic::bfloat16) {
    if (bfloat16_)
        pack_matrix(matrix.data_ptr<float>(), matrix_.size(0), matrix_.size(1), matrix_.stride(0), matrix_.stride(1),
                    packed_);
}

void MatrixProduct::multiply(std::int64_t rows, const float* a, bool add, float* c) {
    if (bfloat16_) {
        scratch_.resize(scratch_size(rows, packed_.k));
        train::multiply(rows, a, packed_, add, c, scratch_.data());
        return;
    }
    at::Tensor result = borrowed(c, rows, matrix_.size(1));
    const at::Tensor left = borrowed(a, rows, matrix_.size(0));
    if (add)
        result.addmm_(left, matrix_);
    else
        at::mm_out(result, left, matrix_);
}

at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b) {
    if (arithmetic() == Arithmetic::single) return at::mm(a.t(), b);
    at::Tensor result = at::empty({a.size(1), b.size(1)}, a.options());
    multiply_transposed(a.size(0), a.size(1), b.size(1), a.data_ptr<float>(), b.data_ptr<float>(),
                        result.data_ptr<float>());
    return result;
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weights, const at::Tensor& bias) {
    return Linear::apply(x, weights.contiguous(), bias);
}

} // namespace bru::train
