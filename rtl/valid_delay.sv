// A one-bit event that many cycles later; unlike `delay` it is cleared by reset.
module valid_delay #(
    parameter integer CYCLES = 1
) (
    input wire clk,
    input wire resetn,
    input wire in,
    output wire out
);
  generate
    if (CYCLES == 0) begin : g_wire
      assign out = in;
      wire unused_clk = &{1'b0, clk, resetn};
    end else begin : g_chain
      reg [CYCLES-1:0] chain;
      if (CYCLES == 1) begin : g_one
        always @(posedge clk) chain <= resetn & in;
      end else begin : g_more
        always @(posedge clk) chain <= resetn ? {chain[CYCLES-2:0], in} : {CYCLES{1'b0}};
      end
      assign out = chain[CYCLES-1];
    end
  endgenerate
endmodule
