#include "train/lstm_function.hpp"

#include <algorithm>

#include <torch/csrc/autograd/custom_function.h>

#include "train/kernels/kernels.hpp"
#include "train/matrix_product.hpp"

namespace bru::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Sizes {
    std::int64_t steps;
    std::int64_t batch;
    std::int64_t hidden;

    std::int64_t cells() const { return batch * hidden; }
    std::int64_t gates() const { return 4 * batch * hidden; }
};

void gather(const float* table, std::int64_t width, const std::int32_t* symbols, std::int64_t count, float* rows) {
    for (std::int64_t k = 0; k < count; ++k) std::copy_n(table + symbols[k] * width, width, rows + k * width);
}

at::Tensor scatter_sum(const at::Tensor& rows, const at::Tensor& symbols, std::int64_t symbol_count) {
    const std::int64_t width = rows.size(-1);
    at::Tensor table = at::zeros({symbol_count, width}, rows.options());
    const float* row = rows.data_ptr<float>();
    const std::int32_t* symbol = symbols.data_ptr<std::int32_t>();
    float* const sums = table.data_ptr<float>();
    for (std::int64_t k = 0; k < symbols.numel(); ++k, row += width) {
        float* __restrict sum = sums + symbol[k] * width;
        for (std::int64_t j = 0; j < width; ++j) sum[j] += row[j];
    }
    return table;
}

class LstmFunction : public torch::autograd::Function<LstmFunction> {
public:
    /// Returns h of all steps [steps, batch, hidden] and c after the last one.
    static variable_list forward(AutogradContext* context, bool gru, const at::Tensor& input_part,
                                 const at::Tensor& symbols, const at::Tensor& recurrent, const at::Tensor& h0,
                                 const at::Tensor& c0) {
        const bool one_hot = symbols.numel() > 0; // autograd takes no undefined tensor
        const at::Tensor& shape = one_hot ? symbols : input_part;
        const Sizes n{shape.size(0), shape.size(1), recurrent.size(1)};
        at::Tensor gates =
            one_hot ? at::empty({n.steps, n.batch, 4 * n.hidden}, input_part.options()) : input_part.clone();
        // Slot 0 is the state before the first step.
        at::Tensor h = at::empty({n.steps + 1, n.batch, n.hidden}, input_part.options());
        at::Tensor c = gru ? c0.unsqueeze(0) : at::empty_like(h);
        h.select(0, 0).copy_(h0);
        if (!gru) c.select(0, 0).copy_(c0);

        MatrixProduct product(recurrent, true);
        const at::Tensor table = input_part.contiguous();
        float* gate = gates.data_ptr<float>();
        float* state = h.data_ptr<float>();
        float* cell = c.data_ptr<float>();
        for (std::int64_t t = 0; t < n.steps; ++t) {
            if (one_hot)
                gather(table.data_ptr<float>(), 4 * n.hidden, symbols.data_ptr<std::int32_t>() + t * n.batch, n.batch,
                       gate);
            product.multiply(n.batch, state, true, gate);
            if (gru) {
                kernels().gru_forward(n.batch, n.hidden, gate, state, state + n.cells());
            } else {
                kernels().cells_forward(n.batch, n.hidden, gate, cell, cell + n.cells(), state + n.cells());
                cell += n.cells();
            }
            gate += n.gates();
            state += n.cells();
        }
        context->save_for_backward({gates, h, c, recurrent, symbols});
        context->saved_data["symbols"] = one_hot ? input_part.size(0) : 0;
        context->saved_data["gru"] = gru;
        context->set_materialize_grads(false);
        return {h.slice(0, 1).clone(), c.select(0, -1).clone()};
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto saved = context->get_saved_variables();
        at::Tensor gates = saved[0]; // becomes the gradient of the pre-activations: backward runs once
        const at::Tensor& h = saved[1];
        const at::Tensor& c = saved[2];
        const at::Tensor& recurrent = saved[3];
        const bool gru = context->saved_data["gru"].toBool();
        const Sizes n{gates.size(0), gates.size(1), recurrent.size(1)};
        const at::Tensor dout = gradients[0].contiguous();
        at::Tensor dc = at::zeros({n.batch, n.hidden}, h.options());
        at::Tensor dh = at::zeros_like(dc);
        MatrixProduct product(recurrent, false);
        for (std::int64_t t = n.steps - 1; t >= 0; --t) {
            const float* from_above = dout.data_ptr<float>() + t * n.cells();
            float* total = dh.data_ptr<float>();
            for (std::int64_t k = 0; k < n.cells(); ++k) total[k] += from_above[k];
            float* gate = gates.data_ptr<float>() + t * n.gates();
            if (gru)
                kernels().gru_backward(n.batch, n.hidden, gate, h.data_ptr<float>() + t * n.cells(), total);
            else
                kernels().cells_backward(n.batch, n.hidden, gate, c.data_ptr<float>() + t * n.cells(),
                                         c.data_ptr<float>() + (t + 1) * n.cells(), total, dc.data_ptr<float>());
            if (t > 0) product.multiply(n.batch, gate, gru, total); // of a GRU beside what went past the sums
        }
        const std::int64_t rows = n.steps * n.batch;
        const at::Tensor drecurrent =
            transposed_product(gates.view({rows, 4 * n.hidden}), h.slice(0, 0, n.steps).view({rows, n.hidden}));
        const std::int64_t symbol_count = context->saved_data["symbols"].toInt();
        at::Tensor dinput = symbol_count > 0 ? scatter_sum(gates, saved[4], symbol_count) : gates;
        return {at::Tensor(), dinput, at::Tensor(), drecurrent, at::Tensor(), at::Tensor()};
    }
};

LstmResult apply(CellKind cell, const at::Tensor& input_part, const at::Tensor& symbols, const at::Tensor& recurrent,
                 const LstmState& initial) {
    const at::Tensor& shape = symbols.numel() > 0 ? symbols : input_part;
    const auto zero = [&] { return at::zeros({shape.size(1), recurrent.size(1)}, recurrent.options()); };
    const variable_list result =
        LstmFunction::apply(cell == CellKind::gru, input_part, symbols, recurrent.contiguous(),
                            initial.h.defined() ? initial.h : zero(), initial.c.defined() ? initial.c : zero());
    return {result[0], {result[0].select(0, -1).detach(), result[1].detach()}};
}

} // namespace

LstmResult lstm(CellKind cell, const at::Tensor& input_part, const at::Tensor& recurrent, const LstmState& initial) {
    return apply(cell, input_part, at::empty({0}, at::kInt), recurrent, initial);
}

LstmResult lstm_of_symbols(CellKind cell, const at::Tensor& table, const at::Tensor& symbols,
                           const at::Tensor& recurrent, const LstmState& initial) {
    return apply(cell, table, symbols, recurrent, initial);
}

} // namespace bru::train
