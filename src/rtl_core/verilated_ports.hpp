// The ports of a Verilated core, by the names that the core has; included by the generated sources only.
#pragma once

#include <cstdint>
#include <stdexcept>

#include <verilated.h>

#include "rtl_core/core_pins.hpp"

namespace bru {

/// Registers and memories of shapes verilated with --x-initial unique begin at random, as after power-up: what reset
/// and loads leave out must not matter. The same bits each time, so that a run repeats.
class PowerUpContext : public VerilatedContext {
public:
    PowerUpContext() {
        randReset(2);
        randSeed(1);
    }
};

template <typename Model>
class VerilatedPorts : public CorePins {
public:
    VerilatedPorts() : model_(&context_) { model_.aclk = 0; }

    void evaluate() override {
        model_.aresetn = aresetn;
        model_.s_axis_tdata = s_axis_tdata;
        model_.s_axis_tvalid = s_axis_tvalid;
        model_.s_axis_tlast = s_axis_tlast;
        model_.m_axis_tready = m_axis_tready;
        model_.s_axi_awaddr = static_cast<SData>(awaddr);
        model_.s_axi_wdata = wdata;
        model_.s_axi_awvalid = awvalid;
        model_.s_axi_wvalid = wvalid;
        model_.s_axi_bready = bready;
        model_.s_axi_araddr = static_cast<SData>(araddr);
        model_.s_axi_arvalid = arvalid;
        model_.s_axi_rready = rready;
        model_.eval();
        s_axis_tready = model_.s_axis_tready;
        m_axis_tdata = model_.m_axis_tdata;
        m_axis_tvalid = model_.m_axis_tvalid;
        m_axis_tlast = model_.m_axis_tlast;
        awready = model_.s_axi_awready;
        wready = model_.s_axi_wready;
        arready = model_.s_axi_arready;
        read_registers();
    }

    void edge() override {
        model_.aclk = 1;
        model_.eval();
        model_.aclk = 0;
        read_registers();
    }

    bool opaque() const override { return true; }
    void preset_counters(const CounterPreset&) override { throw std::logic_error("the core shows its pins alone"); }
    void sample(SignalTrace&, Cycle, int) override { throw std::logic_error("the core shows its pins alone"); }

private:
    /// Outputs that no input changes within a cycle.
    void read_registers() {
        bvalid = model_.s_axi_bvalid;
        bresp = model_.s_axi_bresp;
        rdata = model_.s_axi_rdata;
        rvalid = model_.s_axi_rvalid;
        rresp = model_.s_axi_rresp;
        irq = model_.irq;
    }

protected:
    PowerUpContext context_;
    Model model_;
};

} // namespace bru
