// CorePins of one Verilated model; included by the generated sources only.
#pragma once

#include <verilated.h>

#include "rtl_core/pin_adapter.hpp"

namespace bru {

template <typename Model>
class VerilatedPins : public CorePins {
public:
    VerilatedPins() : model_(&context_) {
        model_.aclk = 0;
        model_.s_axi_bready = 1;
        model_.s_axi_rready = 1;
    }

    void evaluate() override {
        model_.aresetn = aresetn;
        model_.s_axis_tdata = s_axis_tdata;
        model_.s_axis_tvalid = s_axis_tvalid;
        model_.s_axis_tlast = s_axis_tlast;
        model_.m_axis_tready = m_axis_tready;
        model_.s_axi_awaddr = static_cast<SData>(awaddr);
        model_.s_axi_wdata = wdata;
        model_.s_axi_awvalid = awvalid;
        model_.s_axi_wvalid = awvalid;
        model_.s_axi_araddr = static_cast<SData>(araddr);
        model_.s_axi_arvalid = arvalid;
        model_.eval();
        s_axis_tready = model_.s_axis_tready;
        m_axis_tdata = model_.m_axis_tdata;
        m_axis_tvalid = model_.m_axis_tvalid;
        m_axis_tlast = model_.m_axis_tlast;
        awready = model_.s_axi_awready;
        bvalid = model_.s_axi_bvalid;
        arready = model_.s_axi_arready;
        rdata = model_.s_axi_rdata;
        rvalid = model_.s_axi_rvalid;
        irq = model_.irq;
    }

    void edge() override {
        model_.aclk = 1;
        model_.eval();
        model_.aclk = 0;
    }

private:
    VerilatedContext context_;
    Model model_;
};

} // namespace bru
